//! The keys of each stage of the taking in.

use iced::keyboard::key::Named;

use super::import::Step;
use super::{Happened, Message, Stage, columns, import, on_import};
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

/// The keys of a stage.
pub(super) fn bindings(stage: &Stage) -> Vec<Binding<Message>> {
    let named =
        |key, words: &str, message| binding(Shortcut::named(key), say!(words), Message(message));
    let sending = |words: &str, message| {
        let shortcut = Shortcut::command_named(Named::Enter);
        binding(shortcut, say!(words), Message(message))
    };
    let choose = || {
        named(
            Named::F2,
            "quarantine_list.choose.button",
            Happened::ChoosePressed,
        )
    };
    let save = || {
        let shortcut = Shortcut::command("s");
        binding(
            shortcut,
            say!("quarantine_list.bad.save"),
            Message(Happened::SavePressed),
        )
    };
    let back = |words: &str| named(Named::Escape, words, Happened::BackPressed);
    match stage {
        Stage::Choose(_) => vec![choose(), back("quarantine_list.key.to_list")],
        Stage::Read(_) => vec![back("quarantine_list.key.stop")],
        Stage::Look(_) => vec![
            named(
                Named::Enter,
                "quarantine_list.look.proceed",
                Happened::ImportPressed,
            ),
            save(),
            named(
                Named::F8,
                "quarantine_list.bad.elsewhere",
                Happened::SaveElsewherePressed,
            ),
            named(
                Named::F3,
                "quarantine_list.columns.button",
                Happened::ColumnsPressed,
            ),
            choose(),
            back("quarantine_list.key.another"),
        ],
        Stage::Columns(columns) => {
            let of = |key, words: &str, message| named(key, words, Happened::Column(message));
            let mut bindings = vec![back("quarantine_list.key.undo")];
            if columns.choosing.is_none() {
                bindings.extend([
                    sending("quarantine_list.columns.done", Happened::ColumnsDone),
                    of(
                        Named::Delete,
                        "quarantine_list.columns.clear",
                        columns::Message::Cleared,
                    ),
                    of(
                        Named::F7,
                        "quarantine_list.columns.up",
                        columns::Message::HeadingsUp,
                    ),
                    of(
                        Named::F8,
                        "quarantine_list.columns.down",
                        columns::Message::HeadingsDown,
                    ),
                ]);
            }
            bindings
        }
        Stage::Import(import) if import.asking => vec![
            named(
                Named::Escape,
                "quarantine_list.ask.stay",
                Happened::StayPressed,
            ),
            named(
                Named::F8,
                "quarantine_list.ask.give_up",
                Happened::GiveUpPressed,
            ),
        ],
        Stage::Import(import) => {
            let of =
                |shortcut, words: &str, message| binding(shortcut, say!(words), on_import(message));
            let mut bindings = vec![back("quarantine_list.key.give_up")];
            if import.failure.is_some() {
                let retry = import::Message::RetryPressed;
                let f5 = Shortcut::named(Named::F5);
                bindings.push(of(f5, "quarantine_list.import.retry", retry));
            } else if import.step == Step::Deciding {
                let decide = import::Message::DecidedHere;
                let commit = import::Message::CommitPressed;
                let letter = Shortcut::character;
                bindings.extend([
                    of(
                        Shortcut::command_named(Named::Enter),
                        "quarantine_list.decide.commit",
                        commit.clone(),
                    ),
                    of(letter("a"), "quarantine_list.decide.add", decide(true)),
                    of(letter("s"), "quarantine_list.decide.leave", decide(false)),
                ]);
                // A hasty Enter must not pass over what nobody has looked at.
                if import.undecided() == 0 {
                    let enter = Shortcut::named(Named::Enter);
                    bindings.push(of(enter, "quarantine_list.decide.commit", commit));
                }
            }
            bindings
        }
        Stage::Finished(..) => vec![
            named(
                Named::Enter,
                "quarantine_list.key.to_list",
                Happened::ClosePressed,
            ),
            save(),
            choose(),
            back("quarantine_list.key.to_list"),
        ],
    }
}
