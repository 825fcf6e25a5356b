//! What is always there: office and terminal, the line, the certificate, the
//! person; and the list of keys.

use iced::widget::{Column, Row, container, scrollable, space as gap};
use iced::{Center, Fill};
use jiff::Timestamp;
use shared::ProblemCode;
use shared::enrolment::Terminal;

use super::{Message, work};
use crate::api::Line;
use crate::say;
use crate::ui::chip::{Tone, chip};
use crate::ui::keys::Binding;
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, page, text};

/// How this terminal stands.
pub(super) struct Standing<'a> {
    pub(super) terminal: &'a Terminal,
    pub(super) line: Line,
    pub(super) now: Timestamp,
    /// How much was typed that the server does not have yet.
    pub(super) unsaved: usize,
}

/// The name of the button that closes the list of keys.
pub(super) const CLOSE: &str = "frame.close";

/// The name of the button that goes back to what is not saved.
pub(super) const STAY: &str = "frame.stay";

/// From how many days left a certificate is worth a warning.
const FEW_DAYS: i64 = 30;

/// A screen before anybody has logged in.
pub(super) fn outside<'a>(
    standing: Option<Standing<'a>>,
    content: Element<'a, Message>,
) -> Element<'a, Message> {
    let settings = Row::new()
        .push(button::quiet(say!("frame.other_language")).on_press(Message::LanguageTurned))
        .push(button::quiet(say!("frame.appearance")).on_press(Message::AppearanceTurned));
    Column::new()
        .push(bar(standing, settings.into()))
        .push(content)
        .into()
}

/// The bar on top; `right` stands at its end.
pub(super) fn bar<'a>(
    standing: Option<Standing<'a>>,
    right: Element<'a, Message>,
) -> Element<'a, Message> {
    let mut row = Row::new()
        .push(one_line(text::section(say!("frame.name"))))
        .spacing(space::M)
        .align_y(Center);
    if let Some(standing) = standing {
        let terminal = say!("frame.terminal", id = standing.terminal.terminal.short());
        let office = Row::new()
            .push(one_line(text::strong(
                standing.terminal.office_name.as_str(),
            )))
            .push(one_line(text::hint(terminal)))
            .spacing(space::M)
            .align_y(Center);
        // A long name gives way; what stands at the right is never pushed out.
        row = row
            .push(container(office).width(Fill).clip(true))
            .push(line(standing.line, standing.unsaved));
        // The days of a certificate that is refused are of no use to anybody.
        if !is_refused(standing.line) {
            row = row.push(certificate(standing.terminal.expires_at, standing.now));
        }
    } else {
        row = row.push(gap::horizontal());
    }
    let row = row.push(right);
    Column::new()
        .push(page::raised(row.padding([space::XS, space::L])).width(Fill))
        .push(page::line())
        .into()
}

fn one_line(words: text::Words<'_>) -> text::Words<'_> {
    words.wrapping(iced::widget::text::Wrapping::None)
}

fn line<'a>(line: Line, unsaved: usize) -> Element<'a, Message> {
    let (tone, words) = match line {
        Line::Untried => (Tone::Plain, say!("frame.line.untried")),
        Line::Connected => (Tone::Success, say!("frame.line.connected")),
        Line::Cut => (Tone::Warning, say!("frame.line.cut")),
        Line::Refused(_) | Line::Distrusted => (Tone::Error, say!("frame.line.refused")),
    };
    if unsaved == 0 {
        return chip(tone, words);
    }
    chip(
        tone,
        say!("frame.line.unsaved", line = words, count = unsaved),
    )
}

/// Whether this terminal, and not only a session, is let in no longer.
fn is_refused(line: Line) -> bool {
    match line {
        Line::Refused(code) => code != ProblemCode::NotLoggedIn,
        Line::Distrusted => true,
        Line::Untried | Line::Connected | Line::Cut => false,
    }
}

/// While the keystore is asked, or a new certificate is fetched.
pub(super) fn waiting<'a>(renewing: bool) -> Element<'a, Message> {
    if !renewing {
        return page::form([
            text::body(say!("frame.opening")).into(),
            text::hint(say!("enrolment.keyring_may_ask")).into(),
        ]);
    }
    page::form([
        text::title(say!("frame.renewing")).into(),
        text::body(say!("frame.renewing_why")).into(),
        Row::new()
            .push(button::secondary(say!("frame.skip_renewal")).on_press(Message::RenewalSkipped))
            .into(),
    ])
}

/// Asks before what is not saved is left behind: thrown away, or kept on this terminal.
pub(super) fn question<'a>(unsaved: usize, kept: bool, leave: String) -> Element<'a, Message> {
    let why = match kept {
        true => say!("frame.unsaved_kept"),
        false => say!("frame.unsaved_why"),
    };
    dialog::card(
        Column::new()
            .push(text::title(say!("frame.unsaved", count = unsaved)))
            .push(text::body(why))
            .push(
                Row::new()
                    .push(
                        button::primary(say!("frame.stay"))
                            .id(STAY)
                            .on_press(Message::Work(work::Message::StayPressed)),
                    )
                    .push(
                        button::secondary(leave)
                            .on_press(Message::Work(work::Message::LeavePressed)),
                    )
                    .spacing(space::M)
                    .wrap(),
            )
            .spacing(space::L),
    )
}

fn certificate<'a>(expires_at: Timestamp, now: Timestamp) -> Element<'a, Message> {
    let days = expires_at.duration_since(now).as_hours() / 24;
    if expires_at <= now {
        chip(Tone::Error, say!("frame.certificate.expired"))
    } else if days < FEW_DAYS {
        chip(Tone::Warning, say!("frame.certificate.days", days = days))
    } else {
        one_line(text::hint(say!("frame.certificate.days", days = days))).into()
    }
}

/// The list of keys, in front of everything.
pub(super) fn help<'a>(bindings: &[Binding<Message>]) -> Element<'a, Message> {
    let mut shown = Vec::new();
    let mut list = Column::new().spacing(space::S);
    for binding in bindings {
        if shown.contains(&binding.words) {
            continue;
        }
        shown.push(binding.words.clone());
        list = list.push(key_and_words(binding.shortcut.name(), &binding.words));
    }
    for (key, words) in [
        ("Tab", say!("frame.keys.tab")),
        ("Shift+Tab", say!("frame.keys.shift_tab")),
        ("Enter", say!("frame.keys.enter")),
        ("↑ ↓", say!("frame.keys.arrows")),
    ] {
        list = list.push(key_and_words(key, &words));
    }
    dialog::card(
        Column::new()
            .push(text::title(say!("frame.help")))
            .push(scrollable(container(list).padding(space::S)).height(Fill))
            .push(
                button::primary(say!("frame.help_close"))
                    .id(CLOSE)
                    .on_press(Message::HelpToggled),
            )
            .spacing(space::L),
    )
}

fn key_and_words<'a>(key: &str, words: &str) -> Element<'a, Message> {
    Row::new()
        .push(text::strong(key).width(120))
        .push(text::body(words).width(Fill))
        .spacing(space::M)
        .into()
}

/// Who is logged in, at the end of the bar.
pub(super) fn person<'a>(name: &str) -> Element<'a, Message> {
    Row::new()
        .push(one_line(text::body(name)))
        .push(
            button::quiet(say!("frame.log_out"))
                .on_press(Message::Work(work::Message::LogOutPressed)),
        )
        .spacing(space::S)
        .align_y(Center)
        .into()
}
