//! The keys of the whole window.

use iced::keyboard::key::Named;

use super::{App, Message, Stage, Wait};
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

impl App {
    /// The keys of what is in the window at present.
    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        match &self.stage {
            Stage::Opening(Wait::Keystore) => Vec::new(),
            Stage::Opening(Wait::Renewal { .. }) => vec![binding(
                escape(),
                say!("frame.skip_renewal"),
                Message::RenewalSkipped,
            )],
            Stage::Enrolment(screen) => map(screen.bindings(), Message::Enrolment),
            Stage::LogIn(entrance) => map(entrance.screen.bindings(), Message::LogIn),
            Stage::FirstPassword(first) => map(first.dialog.bindings(), Message::FirstPassword),
            Stage::Work(work) => map(work.bindings(), Message::Work),
        }
    }

    /// The keys that every screen has.
    pub(super) fn always() -> Vec<Binding<Message>> {
        let f1 = Shortcut::named(Named::F1);
        vec![
            binding(f1, say!("frame.help"), Message::HelpToggled),
            binding(
                Shortcut::command("+"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            // The plus of most keyboards is above `=` or `;`.
            binding(
                Shortcut::command("="),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command(";"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command("-"),
                say!("frame.smaller"),
                Message::ZoomedOut,
            ),
            binding(
                Shortcut::command("0"),
                say!("frame.normal_size"),
                Message::ZoomReset,
            ),
        ]
    }
}

fn map<M: 'static>(
    bindings: Vec<Binding<M>>,
    into: impl Fn(M) -> Message + Copy,
) -> Vec<Binding<Message>> {
    bindings
        .into_iter()
        .map(|binding| binding.map(into))
        .collect()
}

pub(super) fn escape() -> Shortcut {
    Shortcut::named(Named::Escape)
}
