//! What is always there: office and terminal, the line, the certificate, the person.

use iced::widget::{Column, Row, container, responsive, space as gap};
use iced::{Center, Fill, Shrink};
use jiff::Timestamp;
use shared::ProblemCode;
use shared::day::days_left;
use shared::enrolment::Terminal;

use super::{Message, work};
use crate::api::Line;
use crate::say;
use crate::ui::chip::{Tone, chip};
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// How this terminal stands.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) terminal: &'a Terminal,
    pub(super) line: Line,
    pub(super) now: Timestamp,
    /// How much was typed that the server does not have yet.
    pub(super) unsaved: usize,
}

/// The key that logs out, as it is printed.
const LOG_OUT: &str = "F12";

/// From how many days left a certificate is worth a warning.
const FEW_DAYS: u32 = 30;

/// Below this width the bar has two lines.
const TWO_LINES: f32 = 900.0;

/// A screen before anybody has logged in.
pub(super) fn outside<'a>(
    standing: Option<Standing<'a>>,
    content: Element<'a, Message>,
) -> Element<'a, Message> {
    Column::new()
        .push(bar(standing, settings))
        .push(content)
        .into()
}

/// Language and colours, for whoever is not logged in yet.
fn settings<'a>() -> Element<'a, Message> {
    Row::new()
        .push(button::quiet(say!("frame.other_language")).on_press(Message::LanguageTurned))
        .push(button::quiet(say!("frame.appearance")).on_press(Message::AppearanceTurned))
        .into()
}

/// The bar on top; what `right` makes stands at its end.
pub(super) fn bar<'a>(
    standing: Option<Standing<'a>>,
    right: impl Fn() -> Element<'a, Message> + 'a,
) -> Element<'a, Message> {
    let bar = responsive(move |size| {
        let mut first = line_of_bar().push(one_line(text::section(say!("frame.name"))));
        let Some(standing) = standing else {
            return first.push(gap::horizontal()).push(right()).into();
        };
        // A long name gives way; what stands at the right is never pushed out.
        let give_way = |content: Element<'a, Message>| container(content).width(Fill).clip(true);
        let office = one_line(text::strong(standing.terminal.office_name.as_str()));
        let terminal = say!("frame.terminal", id = standing.terminal.terminal.short());
        let terminal = one_line(text::hint(terminal));
        if size.width < TWO_LINES {
            first = first.push(give_way(office.into())).push(right());
            let second = line_of_bar().push(give_way(terminal.into()));
            let second = second
                .push(state(standing))
                .padding(iced::Padding::ZERO.bottom(space::XS));
            return Column::new().push(first).push(second).into();
        }
        let office = line_of_bar().push(office).push(terminal);
        first
            .push(give_way(office.into()))
            .push(state(standing))
            .push(right())
            .into()
    });
    let bar = container(bar.height(Shrink)).padding([space::XS, space::L]);
    Column::new()
        .push(page::raised(bar).width(Fill))
        .push(page::line())
        .into()
}

fn line_of_bar<'a>() -> Row<'a, Message, crate::ui::theme::Theme> {
    Row::new().spacing(space::M).align_y(Center)
}

/// The line and the certificate.
fn state<'a>(standing: Standing<'_>) -> Element<'a, Message> {
    let row = line_of_bar().push(line(standing.line, standing.unsaved));
    if is_refused(standing.line) {
        // The days of a certificate that is refused are of no use to anybody.
        return row.into();
    }
    row.push(certificate(standing.terminal.expires_at, standing.now))
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
    // However good the line is: what is not saved wants to be looked at.
    let tone = match tone {
        Tone::Plain | Tone::Info | Tone::Success => Tone::Warning,
        worse => worse,
    };
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

fn certificate<'a>(expires_at: Timestamp, now: Timestamp) -> Element<'a, Message> {
    let days = days_left(now, expires_at);
    if expires_at <= now {
        chip(Tone::Error, say!("frame.certificate.expired"))
    } else if days <= FEW_DAYS {
        chip(Tone::Warning, say!("frame.certificate.days", days = days))
    } else {
        one_line(text::hint(say!("frame.certificate.days", days = days))).into()
    }
}

/// Who is logged in, at the end of the bar.
pub(super) fn person<'a>(name: &str) -> Element<'a, Message> {
    Row::new()
        .push(button::quiet(name).on_press(Message::Work(work::Message::PasswordPressed)))
        .push(
            button::quiet_keyed(say!("frame.log_out"), LOG_OUT)
                .on_press(Message::Work(work::Message::LogOutPressed)),
        )
        .spacing(space::S)
        .align_y(Center)
        .into()
}
