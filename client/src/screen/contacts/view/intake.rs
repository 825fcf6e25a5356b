//! How a list of contacts looks on its way, stage by stage, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length, Padding};
use shared::offices::contact_list::Says;
use shared::offices::contacts::{ContactEffect, RegisteredContacts};

use super::super::everyone::{self, Everyone};
use super::super::intake::look::{Look, LookRow};
use super::super::intake::{Intake, Message, ROWS, STAY, Stage, TEXT, Trouble};
use super::question;
use crate::language::{grouped, spoken};
use crate::say;
use crate::screen::failed;
use crate::ui::area::area;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, over};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, field, page, table, text};

/// How many offices of one line can be chosen from by a digit.
const DIGITS: usize = 9;

pub(super) fn view(intake: &Intake) -> Element<'_, Message> {
    let page = match &intake.stage {
        Stage::Write(trouble) => write(intake, trouble.as_ref()),
        Stage::Names(names) => fetching(names),
        Stage::Read | Stage::Check(_) => waiting(say!("contacts.intake.checking")),
        Stage::Register(_) => waiting(say!("contacts.intake.registering")),
        Stage::Look(look) => look_at(intake, look),
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

fn sums(look: &Look) -> Element<'_, Message> {
    let number = |count: usize| grouped(count as u64);
    let sum = |tone, key: &str, count: usize| {
        (count > 0).then(|| chip(tone, say!(key, count = number(count))))
    };
    Row::new()
        .push(sum(
            Tone::Success,
            "contacts.look.new",
            look.count(ContactEffect::New),
        ))
        .push(sum(
            Tone::Info,
            "contacts.look.changed",
            look.count(ContactEffect::Changed),
        ))
        .push(sum(
            Tone::Plain,
            "contacts.look.unchanged",
            look.count(ContactEffect::Unchanged),
        ))
        .push(sum(Tone::Warning, "contacts.look.dropped", look.dropped()))
        .push(sum(Tone::Error, "contacts.look.left_out", look.left_out()))
        .spacing(space::S)
        .wrap()
        .vertical_spacing(space::XS)
        .into()
}

fn look_at<'a>(intake: &'a Intake, look: &'a Look) -> Element<'a, Message> {
    let failure = look.failure.as_ref().map(|failure| {
        let lost = look
            .may_be_registered()
            .then(|| say!("contacts.look.not_known"));
        let again = button::keyed(say!("contacts.again"), "F5").on_press(Message::AgainPressed);
        let mut banner = failed(failure);
        if let Some(lost) = lost {
            banner = banner.line(lost);
        }
        Element::from(banner.action(again))
    });
    let trouble = look
        .trouble
        .as_ref()
        .map(|trouble| Element::from(why(trouble)));
    let top = Column::new()
        .push(text::title(say!("contacts.look.title")))
        .push((!look.may_be_registered()).then(|| text::hint(say!("contacts.look.nothing_yet"))))
        .push(sums(look))
        .push(page::slot(failure.or(trouble)))
        .spacing(space::XS);
    let headings = columns().map(|(name, width)| {
        let key = format!("contacts.look.column.{name}");
        (say!(key.as_str()), width)
    });
    let rows = list(
        look.rows.len(),
        Some(look.cursor),
        move |at| row(intake, &look.rows[at]),
        Message::Moved,
    )
    .id(ROWS);
    let table: Element<'_, Message> = match look.rows.is_empty() {
        true => container(Element::from(
            banner(Tone::Warning, say!("contacts.look.empty"))
                .line(say!("contacts.look.empty_why")),
        ))
        .padding(space::L)
        .into(),
        false => Column::new()
            .push(table::header(headings))
            .push(rows)
            .into(),
    };
    let count = look.to_register();
    let end = Row::new()
        .push(
            button::primary_keyed(
                say!("contacts.look.register", count = grouped(count as u64)),
                "Ctrl+Enter",
            )
            .on_press_maybe((count > 0).then_some(Message::RegisterPressed)),
        )
        .push(button::keyed(say!("contacts.look.next"), "F3").on_press(Message::NextIssue))
        .push(button::keyed(say!("contacts.look.correct"), "Esc").on_press(Message::BackPressed))
        .spacing(space::M)
        .align_y(Center);
    // What went wrong comes first, and in a low window needs the place.
    let marked = look.marked().filter(|_| look.failure.is_none());
    let below = Column::new()
        .push(page::line())
        .push(marked.map(|row| detail(intake, row)))
        .push(end.wrap().vertical_spacing(space::S))
        .spacing(space::S);
    Column::new()
        .push(container(top).padding(Padding::from([0.0, space::L]).top(space::M)))
        .push(container(table).height(Fill))
        .push(container(below).padding(Padding::from([0.0, space::L]).bottom(space::S)))
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn columns() -> [(&'static str, Length); 4] {
    [
        ("line", Length::Fixed(64.0)),
        ("effect", Length::Fixed(150.0)),
        ("office", Length::FillPortion(3)),
        ("says", Length::FillPortion(6)),
    ]
}

/// What becomes of a line, in a word.
fn effect(row: &LookRow) -> (Tone, String) {
    match (&row.of_list.says, row.effect) {
        (Says::Dropped { .. }, _) => (Tone::Warning, say!("contacts.effect.dropped")),
        (Says::Contact(_), Some(ContactEffect::New)) => {
            (Tone::Success, say!("contacts.effect.new"))
        }
        (Says::Contact(_), Some(ContactEffect::Changed)) => {
            (Tone::Info, say!("contacts.effect.changed"))
        }
        (Says::Contact(_), Some(ContactEffect::Unchanged)) => {
            (Tone::Plain, say!("contacts.effect.unchanged"))
        }
        (Says::Contact(_), None) => (Tone::Plain, say!("contacts.effect.unknown")),
        _ if !row.of_list.choices().is_empty() => (Tone::Warning, say!("contacts.effect.decide")),
        _ => (Tone::Error, say!("contacts.effect.left_out")),
    }
}

fn row<'a>(intake: &'a Intake, row: &'a LookRow) -> Element<'a, Message> {
    let (tone, word) = effect(row);
    let office = row.office().map_or("", |code| intake.name_of(code));
    let word = text::cell(format!("{} {word}", tone.sign())).style(
        move |theme: &crate::ui::theme::Theme| iced::widget::text::Style {
            color: Some(tone.ink(&theme.roles)),
        },
    );
    let [line, effect, name, says] = columns().map(|(_, width)| width);
    table::row([
        (text::cell(grouped(u64::from(row.line))).into(), line),
        (word.into(), effect),
        (text::cell(office).into(), name),
        (text::cell(sentences(row).join("　")).into(), says),
    ])
}

/// What is to be said about a line.
fn sentences(row: &LookRow) -> Vec<String> {
    let mut said = Vec::new();
    let addresses = |mails: &[shared::text::MailAddress]| {
        let mails: Vec<String> = mails.iter().map(ToString::to_string).collect();
        mails.join(", ")
    };
    match &row.of_list.says {
        Says::Contact(contact) => {
            let present = row.present.as_ref();
            match present
                .and_then(|it| it.mail.as_ref())
                .filter(|it| **it != contact.mail)
            {
                Some(before) => said.push(say!(
                    "contacts.says.instead",
                    after = contact.mail.to_string(),
                    before = before.to_string()
                )),
                None => said.push(contact.mail.to_string()),
            }
            if let Some(password) = &contact.password_mail {
                said.push(say!("contacts.says.password", mail = password.to_string()));
            }
            if !contact.dropped.is_empty() {
                said.push(say!(
                    "contacts.says.dropped",
                    mails = addresses(&contact.dropped)
                ));
            }
            if let Some(line) = contact.shared_with {
                said.push(say!("contacts.says.shared", line = line));
            }
            let refused = row.effect.and_then(ContactEffect::refused);
            said.extend(refused.map(|refused| refused.sentence(spoken())));
        }
        Says::Dropped { mails, first, .. } => {
            said.push(say!(
                "contacts.says.first",
                line = first,
                mails = addresses(mails)
            ));
        }
        Says::Problem(problem) => said.push(problem.sentence(spoken())),
        Says::Name(_) | Says::Prose => {}
    }
    said
}

/// The marked line with nothing cut off, and the offices that may be meant.
fn detail<'a>(intake: &'a Intake, row: &'a LookRow) -> Element<'a, Message> {
    let place = say!("contacts.look.line", count = grouped(u64::from(row.line)));
    let stands = Row::new()
        .push(text::strong(place))
        .push(text::body(row.of_list.text.replace('\t', "  ")))
        .spacing(space::L);
    let said = sentences(row)
        .into_iter()
        .map(|line| text::body(line).into());
    let choices = row.of_list.choices().iter().take(DIGITS).enumerate();
    let choices = choices.map(|(nth, code)| {
        let words = format!("{} {code}", intake.name_of(code));
        button::keyed(words, (nth + 1).to_string())
            .on_press(Message::Decided(nth))
            .into()
    });
    let choose =
        (!row.of_list.choices().is_empty()).then(|| text::hint(say!("contacts.look.choose")));
    let decided = intake.decision(row.line).map(|code| {
        let words = say!(
            "contacts.look.decided",
            office = format!("{} {code}", intake.name_of(code))
        );
        Row::new()
            .push(text::body(words))
            .push(
                button::keyed(say!("contacts.look.take_back"), "Delete")
                    .on_press(Message::DecisionTakenBack),
            )
            .spacing(space::M)
            .align_y(Center)
    });
    Column::new()
        .push(stands.wrap())
        .push(Column::with_children(said))
        .push(choose)
        .push(
            Row::with_children(choices)
                .spacing(space::S)
                .wrap()
                .vertical_spacing(space::S),
        )
        .push(decided)
        .spacing(space::XS)
        .into()
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
