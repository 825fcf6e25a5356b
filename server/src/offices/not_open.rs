//! An office that a command names by its code and that is not there, or closed: said in one way,
//! whatever was to be done.

use serde::{Deserialize, Serialize};
use shared::offices::OfficeCode;

use crate::store::offices::KnownOffice;

/// Why nothing is done to an office. For the command line; the sentences are for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotOpen {
    /// There is no office with this code.
    #[error("there is no office with the code {0}: `office list` shows them")]
    Unknown(OfficeCode),
    /// It is closed.
    #[error(
        "the office {0} is closed: nothing was done to it; `office reopen --code {0} --reason …` \
         opens it again"
    )]
    Closed(OfficeCode),
}

impl NotOpen {
    /// The office that was found under `code`, if it is open.
    ///
    /// # Errors
    /// Which of the two it is not.
    pub(crate) fn check(
        found: Option<KnownOffice>,
        code: &OfficeCode,
    ) -> Result<KnownOffice, Self> {
        match found {
            None => Err(Self::Unknown(code.clone())),
            Some(known) if !known.open => Err(Self::Closed(code.clone())),
            Some(known) => Ok(known),
        }
    }

    /// Why, as one word for the log.
    #[must_use]
    pub fn refusal(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "no-such-office",
            Self::Closed(_) => "office-closed",
        }
    }

    /// The office, where there is one: what was refused stands in its log.
    #[must_use]
    pub fn known(&self) -> Option<&OfficeCode> {
        match self {
            Self::Unknown(_) => None,
            Self::Closed(code) => Some(code),
        }
    }
}
