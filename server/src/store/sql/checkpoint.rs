//! Puts the pages of SQLite's log (`-wal`) into the file, on a thread of its own: done by the one
//! that writes, as SQLite would by itself, it would keep waiting whoever is next, for as long as
//! the disk takes to read, write and flush some thousand pages.

use std::cell::Cell;
use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags};

use super::sqlite::SETTINGS;

/// From so many pages in the log on they are put into the file. Not from 1000, as SQLite has it:
/// many are written again by then, and are copied once. The log stays around 16 MiB for that.
const DUE: c_int = 4000;
/// From so many on whoever writes puts them there. Only when nobody writes can the log begin anew;
/// where that never happens, as while a long list is taken in, this keeps it below some 64 MiB.
const OVERDUE: c_int = 16_000;

/// How long to wait after a failure.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

thread_local! {
    /// How many pages were in the log after the last commit on this thread, if that has not been
    /// asked for yet.
    static PAGES: Cell<Option<c_int>> = const { Cell::new(None) };
}

/// Lets this connection, which writes, leave its log to a [`Checkpointer`].
pub(super) fn leave_to_another(connection: &Connection) {
    connection.wal_hook(Some(committed));
}

fn committed(wal: &Wal, pages: c_int) -> rusqlite::Result<()> {
    PAGES.set(Some(pages));
    if pages >= OVERDUE {
        // Somebody else may be at it, and a disk in trouble is noticed by the next write: as where
        // SQLite does this by itself, the commit stands in any case.
        let _ = wal.checkpoint();
    }
    Ok(())
}

/// Whether a commit on this thread has just left so much in the log that a [`Checkpointer`] should
/// see to it. Not where it is overdue: only one at a time can, and it would be in the way of whoever
/// writes.
pub(super) fn is_due() -> bool {
    let pages = PAGES.take();
    pages.is_some_and(|pages| (DUE..OVERDUE).contains(&pages))
}

/// The thread that does it. Dropped, it ends after what it is at.
pub(super) struct Checkpointer {
    /// Here until it is dropped.
    due: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts it for the file at this path.
    pub(super) fn start(path: &Path) -> std::io::Result<Self> {
        let (due, asked) = sync_channel(1);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(path, asked))?;
        Ok(Self {
            due: Some(due),
            thread: Some(thread),
        })
    }

    /// Asks for it to be done soon; one that was asked for and has not begun does for all.
    pub(super) fn ask(&self) {
        if let Some(due) = &self.due {
            let _ = due.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.due = None;
        if let Some(thread) = self.thread.take() {
            // It logs what goes wrong and does not panic.
            let _ = thread.join();
        }
    }
}

fn run(path: PathBuf, asked: Receiver<()>) {
    let mut open = None;
    while asked.recv().is_ok() {
        let done = match open.take() {
            Some(connection) => Ok(connection),
            None => connect(&path),
        };
        let done = done.and_then(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))?;
            Ok(connection)
        });
        match done {
            Ok(connection) => open = Some(connection),
            Err(error) => {
                tracing::warn!(%error, "the log was not put into the file");
                // Every commit asks again; a disk in trouble is not told of each time.
                std::thread::sleep(AFTER_TROUBLE);
            }
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_log_is_put_into_the_file_by_the_thread_and_by_nobody_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch(SETTINGS).unwrap();
        leave_to_another(&writer);
        writer.execute_batch("CREATE TABLE t (b TEXT)").unwrap();
        let megabyte =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 256)
            INSERT INTO t SELECT hex(randomblob(1900)) FROM n";
        let length = || std::fs::metadata(&path).unwrap().len() >> 20;
        let mut asked = 0;
        while asked == 0 {
            writer.execute(megabyte, ()).unwrap();
            asked += u32::from(is_due());
            assert_eq!(length(), 0, "whoever writes leaves it in the log");
        }
        let thread = Checkpointer::start(&path).unwrap();
        thread.ask();
        let began = Instant::now();
        while length() < 12 {
            assert!(began.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(thread);
        writer.execute(megabyte, ()).unwrap();
        assert!(!is_due(), "the log began anew");
    }
}
