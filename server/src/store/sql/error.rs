//! What a statement can fail with.

use rusqlite::ffi;

/// A failure of the database itself. Its text names no value: errors reach the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, or could not be reached.
    #[error(transparent)]
    Postgres(#[from] sqlx::Error),
    /// A statement that always gives a row gave none.
    #[error("a row that must be there is not")]
    NoRow,
    /// A row has no such column, or it holds another type.
    #[error("column {0} is missing or holds another type")]
    Column(String),
    /// All connections were in use for too long.
    #[error("no connection to the database became free in time")]
    NoneFree,
    /// The store was closed.
    #[error("the database was closed")]
    Closed,
    /// The thread of a long read is gone.
    #[error("a read was broken off")]
    BrokenOff,
}

impl Error {
    /// Whether a row with the same key exists already.
    pub(in crate::store) fn is_unique_violation(&self) -> bool {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) => matches!(
                failure.extended_code,
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ),
            Self::Postgres(sqlx::Error::Database(error)) => error.is_unique_violation(),
            _ => false,
        }
    }

    /// The SQLSTATE with which PostgreSQL refused.
    pub(in crate::store) fn state(&self) -> Option<String> {
        match self {
            Self::Postgres(sqlx::Error::Database(error)) => {
                error.code().map(|code| code.into_owned())
            }
            _ => None,
        }
    }
}
