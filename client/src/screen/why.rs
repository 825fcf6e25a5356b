//! Why what stands in a field cannot be taken. Part of the screens that have fields.

use shared::problem::ProblemDocument;
use shared::text::Refused;

use crate::language::spoken;
use crate::say;

/// What is said below a field until it is typed into again. It holds no sentence, so that it
/// follows the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Its type refuses it.
    Refused(Refused),
    /// The server does.
    Problem(Box<ProblemDocument>),
    /// The screen does; the key of its words.
    Said(&'static str),
}

impl Why {
    /// What is expected, in the language spoken.
    pub fn words(&self) -> String {
        match self {
            Self::Refused(refused) => refused.sentence(spoken()),
            Self::Problem(problem) => problem.detail_in(spoken()),
            Self::Said(key) => say!(*key),
        }
    }
}
