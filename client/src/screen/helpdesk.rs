//! The facts the helpdesk asks for, ready to copy (M-12).

use iced::widget::{Column, Row};
use jiff::Timestamp;
use shared::Day;
use shared::enrolment::Terminal;
use shared::helpdesk::Answering;

use crate::language::{self, moment};
use crate::say;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};
use crate::world::World;

/// The facts, one a line, in words for a telephone call or a mail.
pub fn facts(
    terminal: Option<&Terminal>,
    code: Option<&str>,
    now: Timestamp,
) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if let Some(terminal) = terminal {
        facts.push((
            say!("helpdesk.office"),
            format!("{} ({})", terminal.office_name, terminal.office),
        ));
        facts.push((say!("helpdesk.terminal"), terminal.terminal.to_string()));
        facts.push((say!("helpdesk.serial"), terminal.serial.to_string()));
        facts.push((
            say!("helpdesk.expires"),
            language::day(Day::in_japan(terminal.expires_at)),
        ));
    }
    if let Some(code) = code {
        facts.push((say!("helpdesk.code"), code.to_owned()));
    }
    facts.push((say!("helpdesk.when"), moment(now)));
    facts
}

/// The same as one text, for the clipboard.
pub fn as_text(facts: &[(String, String)]) -> String {
    facts
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect()
}

/// The facts on a card with a button that copies them, and how the helpdesk is reached.
pub fn card<'a, Message: Clone + 'a>(
    world: &World,
    facts: Vec<(String, String)>,
    copied: bool,
    on_copy: Message,
) -> Element<'a, Message> {
    let label = if copied {
        say!("helpdesk.copied")
    } else {
        say!("helpdesk.copy")
    };
    let mut column = Column::new()
        .push(text::strong(say!("helpdesk.title")))
        .push(text::hint(say!("helpdesk.how")))
        .spacing(space::S);
    for (name, value) in facts {
        column = column.push(
            Row::new()
                .push(text::label(name).width(iced::FillPortion(1)))
                .push(text::body(value).width(iced::FillPortion(3)))
                .spacing(space::M),
        );
    }
    let copy = Row::new().push(button::secondary(label).on_press(on_copy));
    page::card(column.push(copy).push(page::line()).push(reach(world)))
}

/// How the helpdesk is reached, and whether by phone at this moment.
pub fn reach<'a, Message: Clone + 'a>(world: &World) -> Element<'a, Message> {
    let lines = ways(world).into_iter();
    let mut column = Column::new().spacing(space::XS);
    for (nth, line) in lines.enumerate() {
        column = column.push(match nth {
            0 => text::strong(line),
            _ => text::body(line),
        });
    }
    column.into()
}

/// The same as sentences: whether somebody answers now first, then by which ways. Where the server
/// never said it, where else it stands.
pub fn ways(world: &World) -> Vec<String> {
    let helpdesk = world.help.last().unwrap_or_default();
    let phone = helpdesk.phone.as_ref();
    let mail = helpdesk.mail.as_ref();
    if phone.is_none() && mail.is_none() {
        return vec![say!("helpdesk.unknown")];
    }
    let now = match helpdesk.answering(world.now()) {
        Answering::PhoneAndMail { until } => Some(say!("helpdesk.now_phone", until = until)),
        Answering::MailOnly {
            again: Some((day, time)),
        } => Some(say!(
            "helpdesk.now_mail",
            day = language::short_day(day),
            time = time
        )),
        Answering::MailOnly { again: None } => Some(say!("helpdesk.now_mail_only")),
        Answering::Unknown => None,
    };
    let phone = phone.map(|phone| match helpdesk.hours {
        Some(hours) => say!(
            "helpdesk.phone_hours",
            phone = phone,
            opens = hours.opens,
            closes = hours.closes
        ),
        None => say!("helpdesk.phone", phone = phone),
    });
    let mail = mail.map(|mail| say!("helpdesk.mail", mail = mail));
    now.into_iter().chain(phone).chain(mail).collect()
}
