//! Copies of a whole database, each of a moment that existed, and databases made from them.
//!
//! Taken while a server writes. SQLite copies its pages within one reading transaction, which keeps
//! nobody from writing; PostgreSQL is asked by its own `pg_dump` and `pg_restore`, which know more
//! of it than we do.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use rusqlite::OpenFlags;
use rusqlite::backup::Backup;

use super::dialect::Address;
use super::sql::{self, Pool};
use super::{Location, create_private};

/// Why a database was not copied, or not made from a copy.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// SQLite refused.
    #[error("the database cannot be copied: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The system refused.
    #[error("{path}: {error}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// In the system's words.
        error: io::Error,
    },
    /// There is something already where the database is to be made.
    #[error("{0} holds data already; a copy is only put where there is nothing")]
    NotEmpty(String),
    /// PostgreSQL's own program is missing.
    #[error(
        "{program} cannot be started ({error}): install PostgreSQL's client programs of the \
         server's version or later (Debian: apt-get install postgresql-client)"
    )]
    NoProgram {
        /// Which.
        program: &'static str,
        /// In the system's words.
        error: io::Error,
    },
    /// PostgreSQL's own program refused.
    #[error("{program} failed ({status}): {words}")]
    Program {
        /// Which.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        words: String,
    },
    /// The password stands where it cannot be told from the rest of the address.
    #[error(
        "the password of the database must stand before the @ of its address, and nowhere else"
    )]
    Password,
    /// The database cannot be reached.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl Failed {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

/// Copies the database at `location` to the new file `to`, readable by its owner only and synced.
///
/// # Errors
/// See [`Failed`]; a file begun is left where it is.
pub fn copy(location: &Location, to: &Path) -> Result<(), Failed> {
    create_private(to)?;
    match location {
        Location::Sqlite(from) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let from = rusqlite::Connection::open_with_flags(from, flags)?;
            let mut copy = rusqlite::Connection::open_with_flags(to, flags)?;
            // In one step: between two of them somebody may write, and all would begin anew.
            Backup::new(&from, &mut copy)?.step(-1)?;
            // The pages say that there is a log beside them. A copy has none.
            copy.pragma_update(None, "journal_mode", "DELETE")?;
        }
        Location::Postgres(url) => {
            let mut dump = program("pg_dump", url)?;
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]);
            run("pg_dump", dump.arg(to))?;
        }
    }
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(Failed::file(to))
}

/// Refuses a place where there is a database already.
///
/// # Errors
/// [`Failed::NotEmpty`]; [`Failed::Database`] when it cannot be asked.
pub async fn check_empty(location: &Location) -> Result<(), Failed> {
    let is_empty = match location {
        Location::Sqlite(path) => !path.try_exists().map_err(Failed::file(path))?,
        Location::Postgres(_) => {
            let pool = Pool::new(location, 1, true)
                .await
                .map_err(super::Error::from)?;
            let mut connection = pool.acquire().await.map_err(super::Error::from)?;
            let tables = "SELECT count(*) FROM information_schema.tables
                          WHERE table_schema = current_schema()";
            let row = sql::query(tables).fetch_one(&mut connection).await;
            let tables: i64 = row
                .and_then(|row| row.try_get(0))
                .map_err(super::Error::from)?;
            drop(connection);
            pool.close().await;
            tables == 0
        }
    };
    match is_empty {
        true => Ok(()),
        false => Err(Failed::NotEmpty(format!("{location:?}"))),
    }
}

/// Makes the database at `location`, where there is none, from a copy: all of it or nothing.
///
/// # Errors
/// See [`Failed`].
pub fn restore(from: &Path, location: &Location) -> Result<(), Failed> {
    match location {
        Location::Sqlite(path) => {
            let new = path.with_extension("restoring");
            let _ = fs::remove_file(&new);
            create_private(&new)?;
            fs::copy(from, &new).map_err(Failed::file(&new))?;
            File::open(&new)
                .and_then(|file| file.sync_all())
                .map_err(Failed::file(&new))?;
            fs::rename(&new, path).map_err(Failed::file(path))
        }
        Location::Postgres(url) => {
            let mut restore = program("pg_restore", url)?;
            restore.args(["--single-transaction", "--exit-on-error", "--no-owner"]);
            run("pg_restore", restore.args(["--no-privileges"]).arg(from))
        }
    }
}

/// One of PostgreSQL's programs for this database. The password travels in the environment: what
/// stands on a command line can be read by everybody on the machine.
fn program(name: &str, url: &str) -> Result<Command, Failed> {
    let (url, password) = Address::without_password(url).ok_or(Failed::Password)?;
    let mut command = Command::new(name);
    command.arg("--no-password").arg("--dbname").arg(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password.as_str());
    }
    Ok(command)
}

fn run(program: &'static str, command: &mut Command) -> Result<(), Failed> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failed::NoProgram { program, error })?;
    if done.status.success() {
        return Ok(());
    }
    Err(Failed::Program {
        program,
        status: done.status,
        words: String::from_utf8_lossy(&done.stderr).trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_whole_and_stands_without_the_log_of_what_it_was_copied_from() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let writing = rusqlite::Connection::open(&source).unwrap();
        let made = "PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1);";
        writing.execute_batch(made).unwrap();
        copy(&Location::Sqlite(source), &target).unwrap();
        writing.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        let read = rusqlite::Connection::open_with_flags(&target, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let sum: i64 = read
            .unwrap()
            .query_row("SELECT sum(n) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sum, 1);
        let files = fs::read_dir(folder.path()).unwrap();
        let beside = files.filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("b.db-")
        });
        assert_eq!(beside.count(), 0);
    }

    #[tokio::test]
    async fn nothing_is_put_where_there_is_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("a.db");
        fs::write(&there, "").unwrap();
        let refused = check_empty(&Location::Sqlite(there)).await;
        assert!(matches!(refused, Err(Failed::NotEmpty(_))));
        let free = Location::Sqlite(folder.path().join("b.db"));
        check_empty(&free).await.unwrap();
    }
}
