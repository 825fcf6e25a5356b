//! SQLite, by way of rusqlite.
//!
//! A statement runs on the thread that asks for it. Reads are asked for by the threads that serve
//! everybody, so one that takes longer than [`MOMENT`] is interrupted and asked again on a thread
//! for long work; that is safe, because a read has no effect. Nobody needs to know beforehand
//! which reads are long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, Statement, ToSql};
use sqlx::SqlStr;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinHandle, spawn_blocking};

use super::pool::File;
use super::row::{Cell, Names};
use super::{Error, Query, Row, Value, checkpoint};

/// How long a read may keep the thread that asks.
const MOMENT: Duration = Duration::from_millis(1);
/// After how many steps of SQLite's machine the time is looked at: some ten microseconds.
const STEPS: i32 = 1000;
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;
/// A statement that took longer is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);

/// How long to wait between two looks at a lock that another process holds. SQLite's own patience
/// looks only ten times a second, and so misses the short moments in which a busy writer lets go.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// How often to look before giving up: for some ten seconds.
const LOOKS: i32 = 10_000;

/// What every connection to SQLite is set to. FULL: what was answered survives a power cut, not
/// only a crash. No memory mapping: through one, a failing disk would end the program.
pub(super) const SETTINGS: &str = "PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;";
/// 64 MiB of pages for the one that writes.
const WRITING: &str = "PRAGMA cache_size = -65536;";
/// 16 MiB of pages for each that reads, and nothing else is possible on it.
const READING: &str = "PRAGMA cache_size = -16384; PRAGMA query_only = ON;";

/// An open file.
pub(super) struct Open {
    connection: Box<rusqlite::Connection>,
    /// How long its statements may take; nothing for one that writes.
    limit: Option<Arc<Limit>>,
}

impl Open {
    /// # Errors
    /// [`Error::Sqlite`] when the file is none of SQLite's or cannot be opened.
    pub(super) fn new(file: &File) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Box::new(rusqlite::Connection::open_with_flags(&file.path, flags)?);
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_handler(Some(wait_for_lock))?;
        connection.execute_batch(SETTINGS)?;
        if !file.reading {
            connection.execute_batch(WRITING)?;
            checkpoint::leave_to_another(&connection);
            return Ok(Self {
                connection,
                limit: None,
            });
        }
        connection.execute_batch(READING)?;
        let limit = Arc::new(Limit::none());
        let looked_at = Arc::clone(&limit);
        connection.progress_handler(STEPS, Some(move || looked_at.is_over()))?;
        Ok(Self {
            connection,
            limit: Some(limit),
        })
    }

    fn execute(&self, text: &SqlStr, values: &[Value], persistent: bool) -> Result<u64, Error> {
        let began = Instant::now();
        let done = self.with(text, values, persistent, |it| it.raw_execute());
        note_slow(text, began);
        Ok(done? as u64)
    }

    fn execute_each<'v>(
        &self,
        text: &SqlStr,
        rows: impl Iterator<Item = Vec<Value<'v>>>,
    ) -> Result<u64, Error> {
        let began = Instant::now();
        let order = order(text.as_str());
        let mut statement = self.connection.prepare_cached(text.as_str())?;
        let mut done = 0;
        for values in rows {
            bind_in(&order, &mut statement, &values)?;
            done += statement.raw_execute()?;
        }
        note_slow(text, began);
        Ok(done as u64)
    }

    fn rows(
        &self,
        text: &SqlStr,
        values: &[Value],
        persistent: bool,
        most: usize,
    ) -> Result<Vec<Row>, Error> {
        let began = Instant::now();
        let rows = self.with(text, values, persistent, |statement| {
            let columns = statement.column_count();
            let names = Names::of(statement.column_names().into_iter());
            let mut found = statement.raw_query();
            let mut rows = Vec::new();
            while rows.len() < most
                && let Some(row) = found.next()?
            {
                let mut cells = Vec::with_capacity(columns);
                for place in 0..columns {
                    cells.push(cell(row.get_ref(place)?));
                }
                rows.push(Row {
                    cells,
                    names: Arc::clone(&names),
                });
            }
            Ok(rows)
        });
        note_slow(text, began);
        Ok(rows?)
    }

    /// Prepares the statement, binds the values and runs it.
    fn with<T>(
        &self,
        text: &SqlStr,
        values: &[Value],
        persistent: bool,
        run: impl FnOnce(&mut Statement) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let text = text.as_str();
        if persistent {
            let mut statement = self.connection.prepare_cached(text)?;
            bind(&mut statement, text, values)?;
            run(&mut statement)
        } else {
            let mut statement = self.connection.prepare(text)?;
            bind(&mut statement, text, values)?;
            run(&mut statement)
        }
    }
}

/// Waits for another process, which has kept a lock for so many `looks`; gives up by `false`.
fn wait_for_lock(looks: i32) -> bool {
    std::thread::sleep(LOOK_AGAIN);
    looks < LOOKS
}

fn note_slow(text: &SqlStr, began: Instant) {
    let took = began.elapsed();
    if took > SLOW {
        tracing::warn!(statement = text.as_str(), ?took, "a slow statement");
    }
}

/// Binds `$1` and so on.
fn bind(statement: &mut Statement, text: &str, values: &[Value]) -> rusqlite::Result<()> {
    bind_in(&order(text), statement, values)
}

/// The numbers after a `$`, each once, in the order of their first appearance. To SQLite these are
/// names, which it numbers as they come up in the text.
fn order(text: &str) -> Vec<usize> {
    let mut bound = Bound::default();
    numbers(text)
        .filter(|number| bound.is_new(*number))
        .collect()
}

fn bind_in(order: &[usize], statement: &mut Statement, values: &[Value]) -> rusqlite::Result<()> {
    for (place, number) in (1..).zip(order) {
        let value = values.get(number.wrapping_sub(1));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(
            values.len(),
            *number,
        ))?;
        statement.raw_bind_parameter(place, value)?;
    }
    // A value that no place names was meant for something.
    match statement.parameter_count() {
        count if count == order.len() && count == values.len() => Ok(()),
        count => Err(rusqlite::Error::InvalidParameterCount(values.len(), count)),
    }
}

/// The numbers after a `$` in their order, repeats included.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split('$').skip(1).filter_map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse().ok()
    })
}

/// Which numbers came up already. Nearly always they come in their order, so that the highest
/// tells; the others are few.
#[derive(Default)]
struct Bound {
    /// Every number up to this one came up.
    up_to: usize,
    beyond: Vec<usize>,
}

impl Bound {
    fn is_new(&mut self, number: usize) -> bool {
        if number <= self.up_to || self.beyond.contains(&number) {
            return false;
        }
        if number > self.up_to + 1 {
            self.beyond.push(number);
            return true;
        }
        self.up_to = number;
        while let Some(next) = self.beyond.iter().position(|it| *it == self.up_to + 1) {
            self.beyond.swap_remove(next);
            self.up_to += 1;
        }
        true
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Number(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Number(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

fn cell(value: ValueRef) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Cell::Text(text.into()),
            Err(_) => Cell::Other,
        },
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.into()),
        ValueRef::Real(_) => Cell::Other,
    }
}

/// Until when a statement may run, as SQLite asks while it runs.
struct Limit {
    start: Instant,
    /// Nanoseconds after `start`.
    until: AtomicU64,
}

impl Limit {
    fn none() -> Self {
        Self {
            start: Instant::now(),
            until: AtomicU64::new(u64::MAX),
        }
    }

    fn is_over(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        until != u64::MAX && self.start.elapsed() >= Duration::from_nanos(until)
    }

    fn set(&self, time: Option<Duration>) {
        let until = time.and_then(|time| (self.start.elapsed() + time).as_nanos().try_into().ok());
        self.until
            .store(until.unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// An open file, lent by the pool. It is away while a long read runs on another thread.
pub(super) struct Lent(Option<Borrowed>);

struct Borrowed {
    /// Here until it is given back.
    open: Option<Open>,
    /// Whether it goes back to the others.
    good: bool,
    home: Arc<File>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    pub(super) fn new(open: Open, home: Arc<File>, permit: OwnedSemaphorePermit) -> Self {
        Self(Some(Borrowed {
            open: Some(open),
            good: true,
            home,
            _permit: permit,
        }))
    }

    pub(super) fn close_on_drop(&mut self) {
        if let Some(borrowed) = &mut self.0 {
            borrowed.good = false;
        }
    }

    pub(super) fn script(&self, text: &str) -> Result<(), Error> {
        Ok(self.open()?.connection.execute_batch(text)?)
    }

    pub(super) async fn execute(&mut self, query: Query<'_>) -> Result<u64, Error> {
        let Query {
            text,
            values,
            persistent,
        } = query;
        let now = |open: &Open| open.execute(&text, &values, persistent);
        if let Some(done) = self.here(now)? {
            self.checkpoint_if_due();
            return Ok(done);
        }
        let values = owned(values);
        self.elsewhere(move |open| open.execute(&text, &values, persistent))
            .await
    }

    /// On this thread, however long it takes.
    pub(super) fn execute_each<'v>(
        &mut self,
        text: &SqlStr,
        rows: impl Iterator<Item = Vec<Value<'v>>>,
    ) -> Result<u64, Error> {
        let done = self.open()?.execute_each(text, rows)?;
        self.checkpoint_if_due();
        Ok(done)
    }

    fn checkpoint_if_due(&self) {
        if checkpoint::is_due()
            && let Some(borrowed) = &self.0
        {
            borrowed.home.checkpoint();
        }
    }

    pub(super) async fn rows(&mut self, query: Query<'_>, most: usize) -> Result<Vec<Row>, Error> {
        let Query {
            text,
            values,
            persistent,
        } = query;
        let now = |open: &Open| open.rows(&text, &values, persistent, most);
        if let Some(rows) = self.here(now)? {
            return Ok(rows);
        }
        let values = owned(values);
        self.elsewhere(move |open| open.rows(&text, &values, persistent, most))
            .await
    }

    fn open(&self) -> Result<&Open, Error> {
        let borrowed = self.0.as_ref().ok_or(Error::BrokenOff)?;
        borrowed.open.as_ref().ok_or(Error::BrokenOff)
    }

    /// Runs a statement on this thread. Gives nothing when it took too long for that.
    fn here<T>(&self, run: impl FnOnce(&Open) -> Result<T, Error>) -> Result<Option<T>, Error> {
        let open = self.open()?;
        let Some(limit) = &open.limit else {
            return run(open).map(Some);
        };
        limit.set(Some(MOMENT));
        let outcome = run(open);
        // However it says that it was interrupted. A failure of its own will show again.
        let interrupted = outcome.is_err() && limit.is_over();
        limit.set(None);
        if interrupted {
            return Ok(None);
        }
        outcome.map(Some)
    }

    /// Runs a statement on a thread for long work, however long it takes. Whoever stops waiting
    /// stops the statement.
    async fn elsewhere<T: Send + 'static>(
        &mut self,
        run: impl FnOnce(&Open) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let limit = self.open()?.limit.clone();
        let borrowed = self.0.take().ok_or(Error::BrokenOff)?;
        let mut waiting = Waiting {
            limit,
            work: spawn_blocking(move || {
                let outcome = match &borrowed.open {
                    Some(open) => run(open),
                    None => Err(Error::BrokenOff),
                };
                (borrowed, outcome)
            }),
        };
        let (borrowed, outcome) = (&mut waiting.work).await.map_err(|_| Error::BrokenOff)?;
        waiting.limit = None;
        self.0 = Some(borrowed);
        outcome
    }
}

fn owned(values: Vec<Value>) -> Vec<Value<'static>> {
    values.into_iter().map(Value::into_owned).collect()
}

/// Somebody waiting for work on another thread. Dropped, it stops that work, and only then lets go
/// of it: afterwards the connection may be somebody else's.
struct Waiting<W> {
    limit: Option<Arc<Limit>>,
    work: JoinHandle<W>,
}

impl<W> Drop for Waiting<W> {
    fn drop(&mut self) {
        if let Some(limit) = &self.limit {
            limit.set(Some(Duration::ZERO));
        }
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        // In the middle of a transaction it is closed, which takes that back.
        if self.good && open.connection.is_autocommit() {
            if let Some(limit) = &open.limit {
                limit.set(None);
            }
            let mut idle = self
                .home
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            idle.push(open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_by_its_first_appearance() {
        assert_eq!(order("a = $1 AND b = $2 OR c = $1"), [1, 2]);
        assert_eq!(order("($1, $4 + 1, $2, $3, $4, $2)"), [1, 4, 2, 3]);
        assert_eq!(order("$12, $1, $12"), [12, 1]);
        assert_eq!(order("json ->> '$.a' = $1"), [1]);
    }
}
