//! What each line of a list would do, before it is registered.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length, Padding};
use shared::offices::contact_list::Says;
use shared::offices::contacts::ContactEffect;

use super::super::super::intake::look::{Look, LookRow};
use super::super::super::intake::{Intake, Message, ROWS};
use super::{DIGITS, why};
use crate::language::{grouped, spoken};
use crate::say;
use crate::screen::failed;
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, page, table, text};

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

/// What each line would do.
pub(super) fn view<'a>(intake: &'a Intake, look: &'a Look) -> Element<'a, Message> {
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
