//! Keeps the data: SQLite or PostgreSQL behind one SQL text. The only place that speaks SQL.
//!
//! Reading takes a connection of its own ([`Store::reader`]). Every change goes through
//! [`Store::write`], so that the change, its audit entry and the answer to its idempotency key
//! are one transaction.

pub mod accounts;
pub mod audit;
pub mod backup;
mod change;
mod columns;
mod dialect;
pub mod enrolment;
mod error;
pub mod follow_up;
pub mod mail;
mod migrate;
pub mod offices;
mod receipt;
pub mod session;
pub(crate) mod sql;
#[cfg(test)]
pub(crate) mod story;
mod tx;
mod writer;

use std::sync::Arc;

/// A connection to either database, as [`Store::reader`] and [`Tx::sql`] lend it.
pub use sql::{Connection, Error as DatabaseError};

pub use change::{Noun, changes, offices_changed};
pub use dialect::{Dialect, Location, UnknownLocation};
pub use error::Error;
pub use migrate::NEWEST;
pub use receipt::{Receipt, forget_receipts};
pub use tx::Tx;

use crate::clock::Clock;
use sql::Pool;
use writer::Writer;

/// How many reads run at once.
const READERS: u32 = 8;
/// Nobody but the one who watches for changes reads through these.
const WATCHERS: u32 = 1;

/// An open database. Cheap to clone; all clones share connections and writer.
#[derive(Clone)]
pub struct Store {
    dialect: Dialect,
    readers: Pool,
    watchers: Pool,
    writer: Writer,
    /// Held by the one whose list is being taken in.
    taking_in: Arc<tokio::sync::Mutex<()>>,
}

impl Store {
    /// Opens the database at `location`, creating and migrating it as needed.
    ///
    /// # Errors
    /// [`Error::NewerThanProgram`] when a newer program has changed it; [`Error::Database`] when
    /// it cannot be reached or written.
    pub async fn open(location: &Location, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if let Some(file) = location.file() {
            create_private(file)?;
        }
        let dialect = location.dialect();
        let writers = Pool::new(location, Writer::lanes(dialect), false).await?;
        {
            let mut connection = writers.acquire().await?;
            // Nearly always there is nothing to do, and the write lock of a busy server is dear.
            if !migrate::is_at_newest(&mut connection, dialect).await? {
                let mut tx = Tx::begin(connection, dialect, clock.now()).await?;
                migrate::run(tx.sql(), dialect, clock.now().as_millisecond()).await?;
                tx.commit().await?;
            }
        }
        let readers = Pool::new(location, READERS, true).await?;
        Ok(Self {
            dialect,
            readers,
            watchers: Pool::new(location, WATCHERS, true).await?,
            writer: Writer::start(&writers, dialect, &clock)?,
            taking_in: Arc::default(),
        })
    }

    /// A connection for reading. On SQLite it refuses to write.
    ///
    /// # Errors
    /// [`Error::Database`] when none can be had within the time limit.
    pub async fn reader(&self) -> Result<Connection, Error> {
        Ok(self.readers.acquire().await?)
    }

    /// The connection for reading what lets people in, apart from all others: however many long
    /// reads there are, what was revoked is noticed. Nothing else may be read through it.
    ///
    /// # Errors
    /// [`Error::Database`] when it cannot be had within the time limit.
    pub async fn watcher(&self) -> Result<Connection, Error> {
        Ok(self.watchers.acquire().await?)
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Waits for writes under way, then closes every connection.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
        self.watchers.close().await;
    }
}

/// The file holds personal data: no one but the server's own user may read it. SQLite gives its
/// companion files (`-wal`, `-shm`) the same mode.
fn create_private(file: &std::path::Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(file)
        .map(drop)
        .map_err(|error| Error::File(Arc::new(error)))
}
