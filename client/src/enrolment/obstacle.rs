//! Why a terminal was not let in, in words for the person before it.

use shared::ProblemCode;

use super::Step;
use crate::api::{Failure, Trouble, Unreachable};
use crate::keystore::Fault;
use crate::language::spoken;
use crate::say;

/// What stood in the way, and at which step.
#[derive(Debug, Clone, PartialEq)]
pub struct Obstacle {
    /// The step that did not work.
    pub step: Step,
    /// Why.
    pub cause: Cause,
}

/// Why a step did not work.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// The keystore did not do it.
    Keystore(Fault),
    /// The server did not.
    Server(Trouble),
    /// The person stopped it.
    Cancelled,
}

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Self {
        Self::Keystore(fault)
    }
}

impl From<Trouble> for Cause {
    fn from(trouble: Trouble) -> Self {
        Self::Server(trouble)
    }
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self::Server(match failure {
            Failure::Unreachable(why) => Trouble::Unreachable(why),
            Failure::Refused(problem) => Trouble::Refused(problem),
            Failure::Unreadable => Trouble::Unreadable,
        })
    }
}

impl Obstacle {
    /// An obstacle at this step.
    pub fn new(step: Step, cause: impl Into<Cause>) -> Self {
        Self {
            step,
            cause: cause.into(),
        }
    }

    /// A stable word for the helpdesk.
    pub fn code(&self) -> &'static str {
        match &self.cause {
            Cause::Keystore(fault) => fault.code(),
            Cause::Server(Trouble::Refused(problem)) => problem.code.as_str(),
            Cause::Server(Trouble::Unreachable(Unreachable::Cut)) => "line-cut",
            Cause::Server(Trouble::Unreachable(Unreachable::Handshake)) => "handshake-refused",
            Cause::Server(Trouble::Unreachable(Unreachable::TimedOut)) => "timed-out",
            Cause::Server(Trouble::Stranger) => "wrong-server",
            Cause::Server(Trouble::Unreadable) => "answer-unreadable",
            Cause::Cancelled => "cancelled",
        }
    }

    /// What happened.
    pub fn title(&self) -> String {
        match &self.cause {
            Cause::Server(Trouble::Refused(problem)) => problem.title_in(spoken()),
            _ => say!(format!("obstacle.{}.title", self.code())),
        }
    }

    /// What to do.
    pub fn advice(&self) -> String {
        match &self.cause {
            Cause::Server(Trouble::Refused(problem)) => problem.detail_in(spoken()),
            _ => say!(format!("obstacle.{}.advice", self.code())),
        }
    }

    /// Whether the password has to be typed again.
    pub fn wants_the_password(&self) -> bool {
        matches!(&self.cause, Cause::Server(Trouble::Refused(problem))
            if problem.code == ProblemCode::LinkRefused)
    }

    /// Whether this link will never work again.
    pub fn is_the_end_of_the_link(&self) -> bool {
        use ProblemCode::{LinkCancelled, LinkExpired, LinkLocked, LinkUsed};
        matches!(&self.cause, Cause::Server(Trouble::Refused(problem))
            if matches!(problem.code, LinkLocked | LinkUsed | LinkExpired | LinkCancelled))
    }
}
