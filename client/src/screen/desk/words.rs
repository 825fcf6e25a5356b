//! The words in which the desk speaks of offices, links, certificates and what happened.

use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::desk::FoundBy;
use shared::enrolment::standing::{CertificateState, LinkState, Standing};
use shared::enrolment::timeline::{ActedBy, TimelineEvent};
use shared::offices::OfficeKind;
use shared::text::fold_width;
use shared::{Problem, ProblemCode};

use crate::language;
pub(super) use crate::language::moment;
use crate::say;
use crate::ui::chip::Tone;

/// The words under a key that is put together.
pub(super) fn said(key: &str) -> String {
    say!(key)
}

/// How it stands with an office, with its tone.
fn standing(standing: Standing) -> (Tone, String) {
    let key = |word: &str| said(&format!("desk.standing.{word}"));
    match standing {
        Standing::NotInvited => (Tone::Plain, key("not_invited")),
        Standing::Invited { days_left } => {
            (Tone::Info, say!("desk.standing.invited", days = days_left))
        }
        Standing::Enrolled => (Tone::Success, key("enrolled")),
        Standing::Expired => (Tone::Warning, key("expired")),
        Standing::Cancelled => (Tone::Error, key("cancelled")),
        Standing::Locked => (Tone::Urgent, key("locked")),
        Standing::Replaced { days_left } => {
            (Tone::Info, say!("desk.standing.replaced", days = days_left))
        }
    }
}

/// How it stands with an office that is open or closed: once closed, nothing else counts.
pub(super) fn standing_of(open: bool, standing: Standing) -> (Tone, String) {
    match open {
        true => self::standing(standing),
        false => (Tone::Error, say!("desk.page.closed")),
    }
}

/// How it stands with a link.
pub(super) fn link_state(state: LinkState) -> (Tone, String) {
    let (tone, word) = match state {
        LinkState::Open => (Tone::Info, "open"),
        LinkState::Used => (Tone::Success, "used"),
        LinkState::Locked => (Tone::Urgent, "locked"),
        LinkState::Cancelled => (Tone::Error, "cancelled"),
        LinkState::Expired => (Tone::Warning, "expired"),
    };
    (tone, said(&format!("desk.link_state.{word}")))
}

/// How it stands with a certificate.
pub(super) fn certificate_state(state: CertificateState) -> (Tone, String) {
    let (tone, word) = match state {
        CertificateState::Issued => (Tone::Info, "issued"),
        CertificateState::Live => (Tone::Success, "live"),
        CertificateState::Superseded => (Tone::Plain, "superseded"),
        CertificateState::Revoked => (Tone::Error, "revoked"),
        CertificateState::Expired => (Tone::Warning, "expired"),
    };
    (tone, said(&format!("desk.certificate_state.{word}")))
}

/// What an office is.
pub(super) fn office_kind(kind: OfficeKind) -> String {
    said(&format!("desk.office_kind.{}", key(kind.as_str())))
}

/// By what an office was found.
pub(super) fn found_by(by: FoundBy) -> String {
    let word = match by {
        FoundBy::Office => "office",
        FoundBy::Serial => "serial",
        FoundBy::Link => "link",
        FoundBy::Error => "error",
        FoundBy::Asked => "asked",
    };
    said(&format!("desk.found_by.{word}"))
}

/// How a caller was identified.
pub(super) fn identification(way: Identification) -> String {
    said(&format!("desk.identified.{}", key(way.as_str())))
}

/// What became of a terminal.
pub(super) fn cause(cause: ReissueCause) -> String {
    said(&format!("desk.cause.{}", cause.as_str()))
}

/// What happened.
pub(super) fn event(event: TimelineEvent) -> String {
    said(&format!("desk.event.{}", key(event.as_str())))
}

/// Who did it.
pub(super) fn acted_by(by: &ActedBy) -> String {
    match by {
        ActedBy::Person { name, office } => say!("desk.by.person", name = name, office = office),
        ActedBy::Terminal => say!("desk.by.terminal"),
        ActedBy::Operator => say!("desk.by.operator"),
        ActedBy::Time => say!("desk.by.time"),
    }
}

/// A problem as the office sees it: what happened, and what to do.
pub(super) fn problem(code: ProblemCode) -> (String, String) {
    let document = Problem::new(code).document(language::spoken());
    // Facts that only the moment knew, such as seconds to wait, are not known here.
    let detail = match document.detail.contains("%{") {
        true => String::new(),
        false => document.detail,
    };
    (document.title, detail)
}

/// What the error means whose code was typed, in any width and case: that of a server, or one
/// that a terminal shows when it reaches no server.
pub(super) fn meaning(typed: &str) -> Option<(String, String)> {
    let typed = fold_width(typed).trim().to_lowercase();
    let mut known = ProblemCode::ALL.iter().copied();
    if let Some(code) = known.find(|code| code.as_str() == typed) {
        return Some(problem(code));
    }
    let word = match typed.as_str() {
        "line-cut" => "cut",
        "handshake-refused" => "handshake",
        "timed-out" => "timed_out",
        "answer-unreadable" => "unreadable",
        _ => return None,
    };
    let part = |part: &str| said(&format!("failure.{word}.{part}"));
    Some((part("title"), part("advice")))
}

fn key(word: &str) -> String {
    word.replace('-', "_")
}
