//! What the store can fail with. Handlers turn it into a problem for the caller; the cause goes
//! to the log only.

use std::sync::Arc;

use shared::{Problem, ProblemCode};

use super::sql;

/// A failure of the store. Cheap to clone, because one failed commit answers many writers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database has been changed by a newer program.
    #[error(
        "the database is at step {found}, but this program knows only {known} steps: \
         start the newer program, or restore a backup made with this one"
    )]
    NewerThanProgram {
        /// The step found in the database.
        found: i64,
        /// The newest step this program knows.
        known: i64,
    },
    /// The database was made by another program of this name: a step of it read otherwise.
    #[error(
        "step {number} of the database was not made by this program: \
         start the program that made it, or begin with an empty database"
    )]
    OtherSteps {
        /// The first step that differs.
        number: i64,
    },
    /// The database file cannot be created or opened.
    #[error("the database file cannot be opened: {0}")]
    File(Arc<std::io::Error>),
    /// The thread that writes cannot be started.
    #[error("the thread that writes to the database cannot be started: {0}")]
    Thread(Arc<std::io::Error>),
    /// The database refused or could not be reached.
    #[error(transparent)]
    Database(Arc<sql::Error>),
    /// The write was refused for a reason that the caller shall hear; nothing of it remains.
    #[error("refused: {}", .0.code.as_str())]
    Refused(Box<Problem>),
    /// The same idempotency key was used before for another request.
    #[error("this idempotency key already belongs to another request")]
    KeyReused,
    /// Another server did the same at the same moment; the transaction is run again.
    #[error("another server was faster")]
    Overtaken,
    /// The writer has stopped: the server is shutting down.
    #[error("the store is closing")]
    Closing,
    /// A stored value cannot be read back: the database was changed by hand or is damaged.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The work itself panicked; a write was taken back.
    #[error("the work panicked and was taken back")]
    Panicked,
}

impl From<sql::Error> for Error {
    fn from(error: sql::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<ProblemCode> for Error {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<Error> for Problem {
    /// What the caller hears; the cause is kept for the log.
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Refused(problem) => return (**problem).clone(),
            Error::KeyReused => ProblemCode::KeyReused,
            Error::Closing | Error::Overtaken => ProblemCode::Busy,
            Error::Database(_)
            | Error::File(_)
            | Error::Thread(_)
            | Error::NewerThanProgram { .. }
            | Error::OtherSteps { .. } => ProblemCode::StoreUnavailable,
            Error::Corrupt(_) | Error::Panicked => ProblemCode::Internal,
        };
        Problem::new(code).because(error)
    }
}

impl Error {
    /// Whether the same transaction may succeed when it is run again: PostgreSQL gave up one of
    /// two that stood in each other's way.
    pub(super) fn is_transient(&self) -> bool {
        // 40001 serialisation failure, 40P01 deadlock.
        matches!(self, Self::Overtaken)
            || matches!(self.state().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether a row with the same key exists already.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_unique_violation())
    }

    /// The SQLSTATE with which PostgreSQL refused.
    fn state(&self) -> Option<String> {
        match self {
            Self::Database(error) => error.state(),
            _ => None,
        }
    }
}
