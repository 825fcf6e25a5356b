//! The facts the helpdesk asks for, ready to copy (M-12).

use iced::widget::{Column, Row};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use shared::Day;
use shared::enrolment::Terminal;

use crate::say;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

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
            Day::in_japan(terminal.expires_at).to_string(),
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

/// The facts on a card with a button that copies them.
pub fn card<'a, Message: Clone + 'a>(
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
                .push(text::hint(name).width(iced::FillPortion(1)))
                .push(text::body(value).width(iced::FillPortion(3)))
                .spacing(space::M),
        );
    }
    page::card(column.push(button::secondary(label).on_press(on_copy)))
}

/// A moment as it is said in Japan, to the minute.
pub(super) fn moment(now: Timestamp) -> String {
    let japan = TimeZone::fixed(Offset::constant(9));
    now.to_zoned(japan).strftime("%Y-%m-%d %H:%M").to_string()
}
