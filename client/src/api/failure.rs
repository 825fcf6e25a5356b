//! Why a call did not do what was asked, in words for the person who asked.

use shared::contract::Endpoint;
use shared::problem::ProblemDocument;
use shared::{Problem, ProblemCode};

use super::Answer;
use crate::language;
use crate::say;

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// No connection could be made: line, name or address.
    Cut,
    /// The server closed the handshake: it does not take this certificate, or
    /// this terminal does not take the server's.
    Handshake,
    /// The answer did not come in time.
    TimedOut,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// No answer came; whether the call arrived is not known.
    Unreachable(Unreachable),
    /// The server said no, and why.
    Refused(Box<ProblemDocument>),
    /// The answer is not one that this program knows.
    Unreadable,
}

impl Failure {
    /// The server's refusal for this reason, as it words it.
    pub(super) fn refused(code: ProblemCode) -> Self {
        let problem = Problem::new(code).document(language::spoken());
        Self::Refused(Box::new(problem))
    }

    /// What happened, in a few words.
    pub fn title(&self) -> String {
        match self {
            Self::Unreachable(Unreachable::Cut) => say!("failure.cut.title"),
            Self::Unreachable(Unreachable::Handshake) => say!("failure.handshake.title"),
            Self::Unreachable(Unreachable::TimedOut) => say!("failure.timed_out.title"),
            Self::Refused(problem) => problem.title_in(language::spoken()),
            Self::Unreadable => say!("failure.unreadable.title"),
        }
    }

    /// What it means and what to do.
    pub fn advice(&self) -> String {
        match self {
            Self::Unreachable(Unreachable::Cut) => say!("failure.cut.advice"),
            Self::Unreachable(Unreachable::Handshake) => say!("failure.handshake.advice"),
            Self::Unreachable(Unreachable::TimedOut) => say!("failure.timed_out.advice"),
            Self::Refused(problem) => problem.detail_in(language::spoken()),
            Self::Unreadable => say!("failure.unreadable.advice"),
        }
    }

    /// A stable word for the helpdesk.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(Unreachable::Cut) => "line-cut",
            Self::Unreachable(Unreachable::Handshake) => "handshake-refused",
            Self::Unreachable(Unreachable::TimedOut) => "timed-out",
            Self::Refused(problem) => problem.code.as_str(),
            Self::Unreadable => "answer-unreadable",
        }
    }

    /// The problem's code, if the server sent one.
    pub fn problem(&self) -> Option<ProblemCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the server does not take this terminal's certificate: only another enrolment link
    /// lets it in again. A closed handshake counts, because it may be about the certificate.
    pub fn refuses_the_terminal(&self) -> bool {
        match self {
            Self::Unreachable(why) => *why == Unreachable::Handshake,
            Self::Refused(problem) => {
                ends_the_work(problem.code) && problem.code != ProblemCode::NotLoggedIn
            }
            Self::Unreadable => false,
        }
    }

    /// Whether it says that the office is closed: of all refusals of a terminal the one that passes.
    pub fn is_closing(&self) -> bool {
        self.problem() == Some(ProblemCode::OfficeClosed)
    }

    /// Whether it would have been done, had the session not ended; what a password that was handed
    /// over cannot do yet counts too.
    pub(super) fn wants_a_session(&self) -> bool {
        matches!(
            self.problem(),
            Some(ProblemCode::NotLoggedIn | ProblemCode::PasswordToChange)
        )
    }

    /// Whether the same call may work later without anything being changed.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused(problem) => {
                matches!(
                    problem.code,
                    ProblemCode::Busy
                        | ProblemCode::StoreUnavailable
                        | ProblemCode::AuthorityUnavailable
                )
            }
            Self::Unreadable => false,
        }
    }
}

/// Whether nothing more can be done in this session, or on this terminal.
pub(super) fn ends_the_work(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::NotLoggedIn
            | ProblemCode::TerminalRevoked
            | ProblemCode::TerminalSuperseded
            | ProblemCode::TerminalUnknown
            | ProblemCode::TerminalExpired
            | ProblemCode::OfficeClosed
    )
}

pub(super) fn read<E: Endpoint>(answer: Answer) -> Result<E::Response, Failure> {
    if (200..300).contains(&answer.status) {
        return serde_json::from_value(answer.body).map_err(|_| Failure::Unreadable);
    }
    match serde_json::from_value(answer.body) {
        Ok(problem) => Err(Failure::Refused(Box::new(problem))),
        Err(_) => Err(Failure::Unreadable),
    }
}
