//! How a list of contacts looks on its way, stage by stage, and its keys.

use iced::Center;
use iced::keyboard::key::Named;
use iced::widget::Row;
use shared::offices::contacts::{ContactEffect, RegisteredContacts};

use super::super::everyone::{self, Everyone};
use super::super::intake::look::Look;
use super::super::intake::{Intake, Message, STAY, Stage, TEXT, Trouble};
use super::question;
use crate::language::{grouped, spoken};
use crate::say;
use crate::screen::failed;
use crate::ui::area::area;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::Tone;
use crate::ui::dialog::{Behind, over};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, field, page, text};

mod look;

/// How many offices of one line can be chosen from by a digit.
const DIGITS: usize = 9;

pub(super) fn view(intake: &Intake) -> Element<'_, Message> {
    let page = match &intake.stage {
        Stage::Write(trouble) => write(intake, trouble.as_ref()),
        Stage::Names(names) => fetching(names),
        Stage::Read | Stage::Check(_) => waiting(say!("contacts.intake.checking")),
        Stage::Register(_) => waiting(say!("contacts.intake.registering")),
        Stage::Look(look) => look::view(intake, look),
        Stage::Done(counts) => done(*counts),
    };
    let front = match &intake.stage {
        _ if intake.leaving => Some(question(
            say!("contacts.leave.title"),
            vec![say!("contacts.leave.what")],
            [
                stay(say!("contacts.leave.stay")),
                button::danger(say!("contacts.leave.throw_away"))
                    .on_press(Message::ThrowAwayPressed)
                    .into(),
            ],
        )),
        Stage::Look(look) if look.asking => Some(confirm(look)),
        _ => None,
    };
    over(page, front, Behind::Dimmed).into()
}

fn stay<'a>(words: String) -> Element<'a, Message> {
    let button = button::keyed(words, "Esc").id(STAY);
    button.on_press(Message::StayPressed).into()
}

fn write<'a>(intake: &'a Intake, trouble: Option<&Trouble>) -> Element<'a, Message> {
    let text_field = area(say!("contacts.intake.text"), &intake.text, Message::Edited)
        .example(say!("contacts.intake.text_example"))
        .id(TEXT);
    let path = field::field(say!("contacts.intake.path"), &intake.path)
        .on_input(Message::PathTyped)
        .on_submit(Message::TryPressed)
        .example(say!("contacts.intake.path_example"))
        .hint(say!("contacts.intake.path_hint"));
    let end = Row::new()
        .push(
            button::primary_keyed(say!("contacts.intake.try"), "Ctrl+Enter")
                .on_press(Message::TryPressed),
        )
        .push(button::keyed(say!("contacts.intake.choose"), "F2").on_press(Message::ChoosePressed))
        .push(button::keyed(say!("contacts.back"), "Esc").on_press(Message::BackPressed))
        .spacing(space::M)
        .align_y(Center);
    page::form([
        text::title(say!("contacts.intake.title")).into(),
        text::body(say!("contacts.intake.what")).into(),
        page::slot(trouble.map(|trouble| why(trouble).into())),
        text_field.into(),
        path.into(),
        end.wrap().vertical_spacing(space::S).into(),
    ])
}

fn why<'a>(trouble: &Trouble) -> Banner<'a, Message> {
    let (title, line) = match trouble {
        Trouble::Nothing => (
            say!("contacts.trouble.nothing"),
            say!("contacts.trouble.nothing_why"),
        ),
        Trouble::NoneChosen => (
            say!("contacts.trouble.none_chosen"),
            say!("contacts.trouble.none_chosen_why"),
        ),
        Trouble::Missing(path) => (
            say!("contacts.trouble.missing", path = path),
            say!("contacts.trouble.missing_why"),
        ),
        Trouble::NoList(error) => (say!("contacts.trouble.no_list"), error.sentence(spoken())),
        Trouble::TooMany(count) => (
            say!("contacts.trouble.too_many", count = grouped(*count as u64)),
            say!("contacts.trouble.too_many_why"),
        ),
        Trouble::Busy => (
            say!("contacts.trouble.busy"),
            say!("contacts.trouble.busy_why"),
        ),
    };
    banner(Tone::Warning, title).line(line)
}

fn waiting<'a>(words: String) -> Element<'a, Message> {
    page::form([
        text::title(say!("contacts.intake.title")).into(),
        text::body(words).into(),
    ])
}

fn fetching(names: &Everyone) -> Element<'_, Message> {
    let count = grouped(names.contacts().len() as u64);
    let failure = names.failure().map(|failure| {
        let again = button::keyed(say!("contacts.again"), "F5")
            .on_press(Message::Names(everyone::Message::AgainPressed));
        Element::from(failed(failure).action(again))
    });
    page::form([
        text::title(say!("contacts.intake.title")).into(),
        text::body(say!("contacts.fetching", count = count)).into(),
        page::slot(failure),
        button::keyed(say!("contacts.stop"), "Esc")
            .on_press(Message::BackPressed)
            .into(),
    ])
}

fn confirm(look: &Look) -> Element<'_, Message> {
    let number = |count: usize| grouped(count as u64);
    let mut lines = vec![say!(
        "contacts.confirm.what",
        new = number(look.count(ContactEffect::New)),
        changed = number(look.count(ContactEffect::Changed))
    )];
    if look.dropped() > 0 {
        lines.push(say!(
            "contacts.confirm.dropped",
            count = number(look.dropped())
        ));
    }
    if look.left_out() > 0 {
        lines.push(say!(
            "contacts.confirm.left_out",
            count = number(look.left_out())
        ));
    }
    lines.push(say!("contacts.confirm.no_undo"));
    let yes = button::primary_keyed(say!("contacts.confirm.yes"), "F10");
    question(
        say!("contacts.confirm.title", count = number(look.to_register())),
        lines,
        [
            stay(say!("contacts.confirm.stay")),
            yes.on_press(Message::ConfirmPressed).into(),
        ],
    )
}

fn done<'a>(counts: RegisteredContacts) -> Element<'a, Message> {
    let sentence = say!(
        "contacts.done.what",
        new = grouped(u64::from(counts.new)),
        changed = grouped(u64::from(counts.changed)),
        unchanged = grouped(u64::from(counts.unchanged))
    );
    page::form([
        text::title(say!("contacts.intake.title")).into(),
        banner(Tone::Success, say!("contacts.done.title"))
            .line(sentence)
            .into(),
        button::primary_keyed(say!("contacts.done.to_list"), "Enter")
            .on_press(Message::BackPressed)
            .into(),
    ])
}

pub(super) fn bindings(intake: &Intake) -> Vec<Binding<Message>> {
    let named = |key, words: String, message| binding(Shortcut::named(key), words, message);
    let proceed = Shortcut::command_named(Named::Enter);
    if intake.leaving {
        return vec![named(
            Named::Escape,
            say!("contacts.leave.stay"),
            Message::StayPressed,
        )];
    }
    match &intake.stage {
        Stage::Write(_) => vec![
            binding(proceed, say!("contacts.intake.try"), Message::TryPressed),
            named(
                Named::F2,
                say!("contacts.intake.choose"),
                Message::ChoosePressed,
            ),
            named(Named::Escape, say!("contacts.back"), Message::BackPressed),
        ],
        Stage::Names(_) => vec![
            named(Named::F5, say!("contacts.again"), Message::AgainPressed),
            named(Named::Escape, say!("contacts.stop"), Message::BackPressed),
        ],
        Stage::Read | Stage::Check(_) => {
            vec![named(
                Named::Escape,
                say!("contacts.stop"),
                Message::BackPressed,
            )]
        }
        Stage::Register(_) => Vec::new(),
        Stage::Look(look) if look.asking => vec![
            named(
                Named::F10,
                say!("contacts.confirm.yes"),
                Message::ConfirmPressed,
            ),
            named(
                Named::Escape,
                say!("contacts.confirm.stay"),
                Message::StayPressed,
            ),
        ],
        Stage::Look(look) => {
            let mut bindings = vec![
                binding(
                    proceed,
                    say!("contacts.look.register_key"),
                    Message::RegisterPressed,
                ),
                named(Named::F3, say!("contacts.look.next"), Message::NextIssue),
                named(
                    Named::Delete,
                    say!("contacts.look.take_back"),
                    Message::DecisionTakenBack,
                ),
                named(
                    Named::Escape,
                    say!("contacts.look.correct"),
                    Message::BackPressed,
                ),
            ];
            if look.failure.is_some() {
                bindings.push(named(
                    Named::F5,
                    say!("contacts.again"),
                    Message::AgainPressed,
                ));
            }
            let choices = look.marked().map_or(0, |row| row.of_list.choices().len());
            bindings.extend((0..choices.min(DIGITS)).map(|nth| {
                let key = Shortcut::character(&(nth + 1).to_string());
                binding(
                    key,
                    say!("contacts.look.decide", nth = nth + 1),
                    Message::Decided(nth),
                )
            }));
            bindings
        }
        Stage::Done(_) => vec![
            named(
                Named::Enter,
                say!("contacts.done.to_list"),
                Message::BackPressed,
            ),
            named(
                Named::Escape,
                say!("contacts.done.to_list"),
                Message::BackPressed,
            ),
        ],
    }
}
