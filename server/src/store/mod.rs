//! Keeps the data: SQLite or PostgreSQL behind one SQL text. The only place that speaks SQL.
//!
//! Reading takes a connection of its own ([`Store::reader`]). Every change goes through
//! [`Store::write`], so that the change, its audit entry and the answer to its idempotency key
//! are one transaction.

pub mod accounts;
pub mod audit;
mod columns;
mod dialect;
pub mod enrolment;
mod error;
pub mod follow_up;
mod migrate;
pub mod offices;
mod receipt;
pub mod session;
#[cfg(test)]
pub(crate) mod story;
mod tx;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Row as _};

/// A connection to either database, as [`Store::reader`] and [`Tx::sql`] lend it.
pub use sqlx::AnyConnection as Connection;

pub use dialect::{Dialect, Location, UnknownLocation};
pub use error::Error;
pub use migrate::NEWEST;
pub use receipt::{Receipt, forget_receipts};
pub use tx::{Noun, Tx};

use crate::clock::Clock;
use writer::Writer;

/// How long a statement waits for another process (the command line) to finish its write.
const BUSY: Duration = Duration::from_secs(10);

/// How many reads run at once.
const READERS: u32 = 8;
/// What every connection to SQLite is set to. FULL: what was answered survives a power cut, not
/// only a crash. No memory mapping: through one, a failing disk would end the program.
const SETTINGS: &str = "PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;";
/// 64 MiB of pages for the one that writes.
const WRITING: &str = "PRAGMA cache_size = -65536;";
/// 16 MiB of pages for each that reads, and nothing else is possible on it.
const READING: &str = "PRAGMA cache_size = -16384; PRAGMA query_only = ON;";

/// An open database. Cheap to clone; all clones share connections and writer.
#[derive(Clone)]
pub struct Store {
    dialect: Dialect,
    readers: AnyPool,
    writer: Writer,
}

impl Store {
    /// Opens the database at `location`, creating and migrating it as needed.
    ///
    /// # Errors
    /// [`Error::NewerThanProgram`] when a newer program has changed it; [`Error::Database`] when
    /// it cannot be reached or written.
    pub async fn open(location: &Location, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        if let Some(file) = location.file() {
            create_private(file)?;
        }
        let dialect = location.dialect();
        let writers = pool(location, false).await?;
        {
            let connection = writers.acquire().await?;
            let mut tx = Tx::begin(connection, dialect, clock.now()).await?;
            migrate::run(tx.sql(), dialect, clock.now().as_millisecond()).await?;
            tx.commit().await?;
        }
        let readers = pool(location, true).await?;
        Ok(Self {
            dialect,
            readers,
            writer: Writer::start(writers, dialect, clock),
        })
    }

    /// A connection for reading. On SQLite it refuses to write.
    ///
    /// # Errors
    /// [`Error::Database`] when none can be had within the time limit.
    pub async fn reader(&self) -> Result<PoolConnection<Any>, Error> {
        Ok(self.readers.acquire().await?)
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How often `noun` has been changed, by any process. A running server compares it with the
    /// last value to notice what the command line or another server did.
    ///
    /// # Errors
    /// [`Error::Database`] when the store cannot be reached; the caller must then refuse, since
    /// it cannot know what was revoked.
    pub async fn changes(&self, noun: Noun) -> Result<i64, Error> {
        let mut reader = self.reader().await?;
        let row = sqlx::query("SELECT counter FROM change WHERE noun = $1")
            .bind(noun.name())
            .fetch_optional(&mut *reader)
            .await?;
        Ok(match row {
            Some(row) => row.try_get(0)?,
            None => 0,
        })
    }

    /// Waits for writes under way, then closes every connection.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
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

async fn pool(location: &Location, reading: bool) -> Result<AnyPool, Error> {
    let dialect = location.dialect();
    let connections = match (dialect, reading) {
        (Dialect::Sqlite, false) => 1,
        (Dialect::Postgres, false) => writer::LANES_POSTGRES,
        (_, true) => READERS,
    };
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY)
        // A connection to a file does not break while it lies in the pool.
        .test_before_acquire(dialect == Dialect::Postgres)
        .after_connect(move |connection, _| {
            let settings = if reading { READING } else { WRITING };
            Box::pin(async move {
                if dialect == Dialect::Sqlite {
                    sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
                    sqlx::raw_sql(settings).execute(connection).await?;
                }
                Ok(())
            })
        });
    Ok(options.connect(&location.url()).await?)
}
