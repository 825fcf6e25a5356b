//! The cards of an office's page: link, certificate, how it is reached, what it was refused.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill};
use jiff::Timestamp;
use shared::Day;
use shared::day::days_left;
use shared::enrolment::desk::{CertificateSeen, Enrolment, RecentRefusal, RefusedWhat};
use shared::enrolment::standing::{CertificateState, LinkState};
use shared::mail::PasswordWay;

use super::super::words::{self, moment};
use super::Message;
use crate::language;
use crate::say;
use crate::ui::chip::{Tone, chip};
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// The width of the names of facts.
const NAME: f32 = 140.0;

fn fact<'a>(name: String, value: impl Into<String>) -> Element<'a, Message> {
    Row::new()
        .push(text::hint(name).width(NAME))
        .push(text::lines(value).width(Fill))
        .spacing(space::S)
        .into()
}

fn card<'a>(
    title: String,
    mark: Option<Element<'a, Message>>,
    content: Vec<Element<'a, Message>>,
) -> Element<'a, Message> {
    let head = Row::new()
        .push(text::strong(title))
        .push(mark)
        .spacing(space::M)
        .align_y(Center);
    let column = Column::new()
        .push(head)
        .push(Column::with_children(content).spacing(space::XS))
        .spacing(space::S);
    page::card(column)
}

/// The link that counts.
pub(super) fn link<'a>(seen: &'a Enrolment, copied: bool) -> Element<'a, Message> {
    let title = say!("desk.link.title");
    let Some(link) = &seen.link else {
        return card(title, None, vec![text::hint(say!("desk.link.none")).into()]);
    };
    let (tone, words) = words::link_state(link.state);
    let mut content = vec![
        fact(say!("desk.link.id"), link.id.short()),
        fact(say!("desk.link.issued"), moment(link.issued_at)),
        fact(say!("desk.link.expires"), moment(link.expires_at)),
    ];
    if let (Some(at), LinkState::Used | LinkState::Locked | LinkState::Cancelled) =
        (link.ended_at, link.state)
    {
        content.push(fact(words.clone(), moment(at)));
    }
    content.push(fact(
        say!("desk.link.wrong_passwords"),
        say!("desk.link.of_five", count = link.wrong_passwords),
    ));
    content.push(fact(
        say!("desk.link.handed_out"),
        say!("desk.times", count = link.handed_out),
    ));
    let way = match link.password_by {
        Some(PasswordWay::Mail) => say!("desk.link.by_mail"),
        Some(PasswordWay::Letter) => say!("desk.link.by_letter"),
        Some(PasswordWay::Phone) => say!("desk.link.by_phone"),
        None => say!("desk.link.by_command"),
    };
    content.push(fact(say!("desk.link.password"), way));
    if link.url.is_some() {
        let label = match copied {
            true => say!("desk.link.copied"),
            false => say!("desk.link.copy"),
        };
        let copy = button::keyed(label, "C").on_press(Message::CopyPressed);
        content.push(container(copy).padding([space::XS, 0.0]).into());
    }
    card(title, Some(chip(tone, words)), content)
}

/// The certificate that counts.
pub(super) fn certificate<'a>(seen: &'a Enrolment, now: Timestamp) -> Element<'a, Message> {
    let title = say!("desk.certificate.title");
    let Some(certificate) = &seen.certificate else {
        let none = text::hint(say!("desk.certificate.none")).into();
        return card(title, None, vec![none]);
    };
    let (mut tone, mut words) = words::certificate_state(certificate.state);
    let mut good = matches!(
        certificate.state,
        CertificateState::Issued | CertificateState::Live
    );
    // A closed office's certificate is as it was, and lets nobody in all the same.
    if good && !seen.open {
        (tone, words) = (Tone::Error, say!("desk.certificate.closed"));
        good = false;
    }
    let day = language::day(Day::in_japan(certificate.expires_at));
    let expires = match good {
        true => say!(
            "desk.certificate.days_left",
            day = day,
            days = days_left(now, certificate.expires_at)
        ),
        false => day,
    };
    let mut content = vec![
        fact(
            say!("desk.certificate.serial"),
            certificate.serial.to_string(),
        ),
        fact(
            say!("desk.certificate.terminal"),
            certificate.terminal.short(),
        ),
        fact(
            say!("desk.certificate.issued"),
            moment(certificate.issued_at),
        ),
        fact(say!("desk.certificate.expires"), expires),
        fact(
            say!("desk.certificate.first_used"),
            certificate.first_used_at.map_or_else(never, moment),
        ),
        fact(say!("desk.certificate.seen"), last_contact(certificate)),
    ];
    if let (Some(at), CertificateState::Revoked | CertificateState::Superseded) =
        (certificate.ended_at, certificate.state)
    {
        content.push(fact(words.clone(), moment(at)));
    }
    card(title, Some(chip(tone, words)), content)
}

/// When the terminal was last in contact. That is written down once a minute; until then the first
/// use is the last that is known.
pub(in super::super) fn last_contact(certificate: &CertificateSeen) -> String {
    match (certificate.seen_at, certificate.first_used_at) {
        (Some(at), _) => moment(at),
        (None, Some(at)) => say!("desk.certificate.seen_first", at = moment(at)),
        (None, None) => never(),
    }
}

fn never() -> String {
    say!("desk.certificate.never")
}

/// How the office is reached.
pub(super) fn office<'a>(seen: &'a Enrolment) -> Element<'a, Message> {
    let missing = || say!("desk.contact.missing");
    let told = |value: Option<String>| value.unwrap_or_else(missing);
    let particulars = &seen.particulars;
    let content = vec![
        fact(
            say!("desk.contact.phone"),
            told(particulars.phone.as_ref().map(ToString::to_string)),
        ),
        fact(
            say!("desk.contact.mail"),
            told(seen.contact.mail.as_ref().map(ToString::to_string)),
        ),
        fact(
            say!("desk.contact.password_mail"),
            told(seen.contact.password_mail.as_ref().map(ToString::to_string)),
        ),
        fact(
            say!("desk.contact.address"),
            told(particulars.address.as_ref().map(ToString::to_string)),
        ),
    ];
    card(say!("desk.contact.title"), None, content)
}

/// What links and terminals were refused of late, in the words that the office saw.
pub(super) fn refusals<'a>(seen: &'a Enrolment) -> Element<'a, Message> {
    let content = match &seen.refusals[..] {
        [] => vec![text::hint(say!("desk.refusals.none")).into()],
        some => some.iter().map(refusal).collect(),
    };
    card(say!("desk.refusals.title"), None, content)
}

fn refusal<'a>(refusal: &RecentRefusal) -> Element<'a, Message> {
    let (title, what) = words::problem(refusal.code);
    let whose = match refusal.what {
        RefusedWhat::Link => say!("desk.refusals.link"),
        RefusedWhat::Terminal => say!("desk.refusals.terminal"),
    };
    let when = say!(
        "desk.refusals.when",
        whose = whose,
        count = refusal.count,
        last = moment(refusal.last_at),
        code = refusal.code.as_str()
    );
    // What is over must not catch the eye of whoever looks for what is wrong now.
    if refusal.past {
        return Column::new()
            .push(text::hint(say!("desk.refusals.past", title = title)))
            .push(text::hint(when))
            .into();
    }
    let what = (!what.is_empty()).then(|| text::hint(what));
    Column::new()
        .push(text::body(title))
        .push(text::hint(when))
        .push(what)
        .into()
}
