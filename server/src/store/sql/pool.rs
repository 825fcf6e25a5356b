//! Connections that are kept open, a bounded number of them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use tokio::sync::Semaphore;

use super::checkpoint::Checkpointer;
use super::sqlite::{Lent, Open};
use super::{Connection, Engine, Error};
use crate::store::Location;

/// How long somebody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to one database. All clones share them.
#[derive(Clone)]
pub(in crate::store) struct Pool(Source);

#[derive(Clone)]
enum Source {
    Sqlite(Arc<File>),
    Postgres(PgPool),
}

/// A SQLite file and the connections to it that nobody uses at the moment.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) reading: bool,
    pub(super) idle: Mutex<Vec<Open>>,
    /// Sees to the log of what is written; nobody until there is much of it.
    checkpointer: Mutex<Option<Checkpointer>>,
    permits: Arc<Semaphore>,
    most: u32,
}

impl Pool {
    /// Up to `most` connections to `location`; on SQLite `reading` ones refuse to write.
    ///
    /// # Errors
    /// [`Error::Postgres`] when PostgreSQL cannot be reached.
    pub(in crate::store) async fn new(
        location: &Location,
        most: u32,
        reading: bool,
    ) -> Result<Self, Error> {
        Ok(Self(match location {
            Location::Sqlite(path) => Source::Sqlite(Arc::new(File {
                path: path.clone(),
                reading,
                idle: Mutex::default(),
                checkpointer: Mutex::default(),
                permits: Arc::new(Semaphore::new(most as usize)),
                most,
            })),
            Location::Postgres(url) => {
                // Why it cannot be reached is said by a first connection; a pool says only that it
                // waited.
                let first = tokio::time::timeout(PATIENCE, PgConnection::connect(url));
                first.await.map_err(|_| Error::NoneFree)??.close().await?;
                let options = PgPoolOptions::new()
                    .max_connections(most)
                    .acquire_timeout(PATIENCE);
                Source::Postgres(options.connect(url).await?)
            }
        }))
    }

    /// A connection, as soon as one is free.
    ///
    /// # Errors
    /// [`Error::NoneFree`], [`Error::Closed`], or why it cannot be opened.
    pub(in crate::store) async fn acquire(&self) -> Result<Connection, Error> {
        Ok(Connection(match &self.0 {
            Source::Sqlite(file) => Engine::Sqlite(borrow(file).await?),
            Source::Postgres(pool) => Engine::Postgres(pool.acquire().await?),
        }))
    }

    /// Waits until all connections came back, and closes them.
    pub(in crate::store) async fn close(&self) {
        match &self.0 {
            Source::Sqlite(file) => {
                // Nothing but closing it makes this fail.
                let _all = file.permits.acquire_many(file.most).await;
                file.permits.close();
                drop(checkpointer(file).take());
                idle(file).clear();
            }
            Source::Postgres(pool) => pool.close().await,
        }
    }
}

impl File {
    /// Has the pages of the log put into the file, beside whoever writes.
    pub(super) fn checkpoint(&self) {
        let mut present = checkpointer(self);
        if present.is_none() {
            match Checkpointer::start(&self.path) {
                Ok(started) => *present = Some(started),
                // Whoever writes does it when it is overdue.
                Err(error) => tracing::warn!(%error, "no thread for the log"),
            }
        }
        if let Some(present) = &*present {
            present.ask();
        }
    }
}

fn checkpointer(file: &File) -> std::sync::MutexGuard<'_, Option<Checkpointer>> {
    let lock = file.checkpointer.lock();
    lock.unwrap_or_else(PoisonError::into_inner)
}

async fn borrow(file: &Arc<File>) -> Result<Lent, Error> {
    let permit = match Arc::clone(&file.permits).try_acquire_owned() {
        Ok(permit) => permit,
        Err(_) => {
            let permit = Arc::clone(&file.permits).acquire_owned();
            tokio::time::timeout(PATIENCE, permit)
                .await
                .map_err(|_| Error::NoneFree)?
                .map_err(|_| Error::Closed)?
        }
    };
    let waiting = idle(file).pop();
    let open = match waiting {
        Some(open) => open,
        None => Open::new(file)?,
    };
    Ok(Lent::new(open, Arc::clone(file), permit))
}

fn idle(file: &File) -> std::sync::MutexGuard<'_, Vec<Open>> {
    file.idle.lock().unwrap_or_else(PoisonError::into_inner)
}
