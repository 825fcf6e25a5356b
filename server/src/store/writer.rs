//! The writer: gathers the writes of many callers into one commit, because a commit costs a disk
//! flush and a write does not.
//!
//! On SQLite there is one lane, as there is one write lock. It has a thread of its own: its
//! statements run where they are asked for, and flush to the disk. PostgreSQL has a few lanes, so
//! that a long write (the commit of an import) does not stop the others; each lane gathers too,
//! because every commit there queues for the head of the audit chain.
//!
//! A write of a batch that is refused leaves no trace and does not hurt the others. Answers, audit
//! entries and counters of all are written together at the end, and nobody is answered before the
//! commit.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::id::IdempotencyKey;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::audit::Act;
use super::sql::{Connection, Pool};
use super::{Dialect, Error, Store, Tx};
use crate::clock::Clock;

const LANES_POSTGRES: u32 = 4;
const BATCH: usize = 256;
const QUEUE: usize = 4096;
/// How often a batch is tried that PostgreSQL gave up for another's sake.
const ATTEMPTS: u32 = 6;
/// How long a lane waits for the callers it has just answered to come back: a fraction of the
/// flush that is saved when they share the next one.
const LINGER: Duration = Duration::from_millis(1);
/// A commit that takes no longer is not worth waiting for everybody: half of the callers come
/// back while the other half is written.
const QUICK: Duration = Duration::from_micros(500);
/// How long the thread that writes to SQLite sleeps between two looks at the queue.
const NAP: Duration = Duration::from_micros(30);
/// How long SQLite is written to without a break. The lock is let go between two batches, but for
/// too short a moment: another process, that of the command line, might never come to write.
const UNBROKEN: Duration = Duration::from_millis(300);
/// How long a break lasts: a few looks of a process that waits for the lock.
const BREAK: Duration = Duration::from_millis(3);

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    stop: CancellationToken,
    lanes: TaskTracker,
}

impl Writer {
    /// How many connections write at once.
    pub(super) fn lanes(dialect: Dialect) -> u32 {
        match dialect {
            Dialect::Sqlite => 1,
            Dialect::Postgres => LANES_POSTGRES,
        }
    }

    /// # Errors
    /// [`Error::Thread`] when the thread that writes to SQLite cannot be started.
    pub(super) fn start(
        pool: &Pool,
        dialect: Dialect,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let stop = CancellationToken::new();
        let lanes = TaskTracker::new();
        for _ in 0..Self::lanes(dialect) {
            let lane = Lane {
                pool: pool.clone(),
                idle: None,
                dialect,
                clock: Arc::clone(clock),
                last: 0,
                about: 0,
                commit: Duration::ZERO,
                free_since: Instant::now(),
                last_break: Instant::now(),
            };
            let run = lane.run(Arc::clone(&jobs), stop.clone());
            match dialect {
                Dialect::Sqlite => on_a_thread(lanes.track_future(run))?,
                Dialect::Postgres => drop(lanes.spawn(run)),
            }
        }
        lanes.close();
        Ok(Self { queue, stop, lanes })
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.lanes.wait().await;
    }
}

/// Runs a lane on a thread of its own, which ends with it.
fn on_a_thread(lane: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let thread = |error| Error::Thread(Arc::new(error));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(thread)?;
    std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || runtime.block_on(lane))
        .map_err(thread)?;
    Ok(())
}

impl Store {
    /// Runs `write` in a transaction and gives its answer once that is durable.
    ///
    /// `input` is handed to `write` by reference, because it may run more than once: when
    /// PostgreSQL asks for another attempt, nothing of the first remains. With a receipt in
    /// `act`, a repeat gives the first answer again and `write` does not run.
    ///
    /// # Errors
    /// Whatever `write` fails with (nothing of it remains); [`Error::KeyReused`];
    /// [`Error::Database`] when the commit failed; [`Error::Closing`].
    pub async fn write<I, T, W>(&self, act: Act, input: I, write: W) -> Result<T, Error>
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        W: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T, Error>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Queued {
            act,
            input,
            write,
            answer: None,
            reply,
        });
        let sent = self.writer.queue.send(job).await;
        sent.map_err(|_| Error::Closing)?;
        answer.await.map_err(|_| Error::Closing)?
    }
}

/// One write in the queue.
trait Job: Send {
    /// Runs it; whatever went wrong is also kept for [`Job::reply`].
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), Error>>;
    fn act(&self) -> &Act;
    /// Answers the caller, now that the transaction ended as `committed` says.
    fn reply(self: Box<Self>, committed: Result<(), Error>);
}

struct Queued<I, T, W> {
    act: Act,
    input: I,
    write: W,
    answer: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<I, T, W> Queued<I, T, W>
where
    I: Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    W: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T, Error>> + Send + Sync + 'static,
{
    async fn outcome(&self, tx: &mut Tx) -> Result<T, Error> {
        let Some(receipt) = self.act.receipt() else {
            return (self.write)(tx, &self.input).await;
        };
        if let Some(answer) = receipt.answer(tx)? {
            tx.answered_again(&answer);
            return Ok(answer);
        }
        let answer = (self.write)(tx, &self.input).await?;
        tx.give(receipt.with(&answer)?);
        Ok(answer)
    }
}

impl<I, T, W> Job for Queued<I, T, W>
where
    I: Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    W: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T, Error>> + Send + Sync + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(async move {
            let outcome = AssertUnwindSafe(self.outcome(tx))
                .catch_unwind()
                .await
                .unwrap_or(Err(Error::Panicked));
            let result = outcome.as_ref().map(|_| ()).map_err(Error::clone);
            self.answer = Some(outcome);
            result
        })
    }

    fn act(&self) -> &Act {
        &self.act
    }

    fn reply(self: Box<Self>, committed: Result<(), Error>) {
        let answer = match (self.answer, committed) {
            // Refused on its own account: that holds whatever became of the others.
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(answer)), Ok(())) => Ok(answer),
            (None, Ok(())) => Err(Error::Closing),
        };
        // A caller that hung up no longer wants the answer; the receipt keeps it.
        let _ = self.reply.send(answer);
    }
}

/// One connection that writes, and the task that owns it.
struct Lane {
    pool: Pool,
    idle: Option<Connection>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    /// How many writes the last batch held.
    last: usize,
    /// How many callers write at the moment: of late in a batch and queued behind it.
    about: usize,
    /// How long the last commit took.
    commit: Duration,
    /// Since when the lane has held no lock.
    free_since: Instant,
    /// When it last held none for as long as a break.
    last_break: Instant,
}

impl Lane {
    async fn run(
        mut self,
        jobs: Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>,
        stop: CancellationToken,
    ) {
        loop {
            let mut batch = {
                let mut jobs = jobs.lock().await;
                let fewer = self.about - self.about.div_ceil(4);
                self.about = fewer.max(self.last + jobs.len());
                let mut batch = Vec::new();
                let received = tokio::select! {
                    received = jobs.recv_many(&mut batch, BATCH) => received,
                    () = stop.cancelled() => {
                        // Nothing new is taken; what already waits is still written.
                        jobs.close();
                        jobs.recv_many(&mut batch, BATCH).await
                    }
                };
                if received == 0 {
                    return;
                }
                match self.dialect {
                    Dialect::Sqlite => self.nap_until_worthwhile(&mut jobs, &mut batch),
                    Dialect::Postgres => gather(&mut jobs, &mut batch, self.last).await,
                }
                batch
            };
            if self.dialect == Dialect::Sqlite {
                self.let_others_write();
            }
            self.last = batch.len();
            let outcome = self.settle(&mut batch).await;
            self.free_since = Instant::now();
            if let Err(error) = &outcome {
                tracing::error!(%error, writes = batch.len(), "a batch of writes was not committed");
            }
            for job in batch {
                job.reply(outcome.clone());
            }
        }
    }

    /// Waits a moment, on this thread, for more callers. They are not waited for one by one: being
    /// woken for each would cost more than its write.
    fn nap_until_worthwhile(
        &self,
        jobs: &mut mpsc::Receiver<Box<dyn Job>>,
        batch: &mut Vec<Box<dyn Job>>,
    ) {
        let worthwhile = match self.commit {
            quick if quick <= QUICK => self.about.div_ceil(2),
            _ => self.about,
        };
        let began = Instant::now();
        while batch.len() + jobs.len() < worthwhile.min(BATCH) && began.elapsed() < LINGER {
            std::thread::sleep(NAP);
        }
        while batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
    }

    /// Takes a break, on this thread, when there has been none for too long.
    fn let_others_write(&mut self) {
        let free = self.free_since.elapsed();
        if free < BREAK {
            if self.last_break.elapsed() < UNBROKEN {
                return;
            }
            std::thread::sleep(BREAK - free);
        }
        self.last_break = Instant::now();
    }

    /// Commits the batch. First without savepoints, since nearly every write succeeds; when one
    /// fails, everything is taken back and run again with them, so that it alone has no effect.
    async fn settle(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), Error> {
        let mut careful = false;
        for attempt in 1.. {
            match self.commit(batch, careful).await {
                Ok(Committed::Yes) => return Ok(()),
                Ok(Committed::OneFailed) => careful = true,
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn commit(
        &mut self,
        batch: &mut [Box<dyn Job>],
        careful: bool,
    ) -> Result<Committed, Error> {
        let mut tx = self.begin().await?;
        let keys: Vec<IdempotencyKey> = batch
            .iter()
            .filter_map(|job| job.act().receipt())
            .map(|receipt| receipt.key())
            .collect();
        tx.look_up(&keys).await?;
        let alone = batch.len() == 1;
        for job in batch {
            // The same request may run on another server at this moment, and refuse this one as
            // a stranger's; run again, it is seen to have been answered.
            let certain =
                alone && (self.dialect == Dialect::Sqlite || job.act().receipt().is_none());
            if careful {
                attempt(&mut tx, &mut **job).await?;
                continue;
            }
            let mark = tx.start(job.act());
            match job.run(&mut tx).await {
                Ok(()) => tx.finish(mark),
                Err(error) if error.is_transient() => return Err(error),
                Err(_) => {
                    self.idle = tx.roll_back().await?;
                    return Ok(if certain {
                        Committed::Yes
                    } else {
                        Committed::OneFailed
                    });
                }
            }
        }
        let began = Instant::now();
        self.idle = tx.commit().await?;
        self.commit = began.elapsed();
        Ok(Committed::Yes)
    }

    async fn begin(&mut self) -> Result<Tx, Error> {
        let connection = match self.idle.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        match Tx::begin(connection, self.dialect, self.clock.now()).await {
            Ok(tx) => Ok(tx),
            // The connection may have died while it lay idle: one fresh one is tried.
            Err(_) => {
                let connection = self.pool.acquire().await?;
                Tx::begin(connection, self.dialect, self.clock.now()).await
            }
        }
    }
}

/// How a batch went.
enum Committed {
    /// All that can be is durable.
    Yes,
    /// A write failed among others, and everything was taken back.
    OneFailed,
}

/// Waits a moment for as many writes as came `last` time.
async fn gather(
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    batch: &mut Vec<Box<dyn Job>>,
    last: usize,
) {
    let expected = last.min(BATCH);
    let more = async {
        while batch.len() < expected {
            let room = BATCH - batch.len();
            if jobs.recv_many(batch, room).await == 0 {
                break;
            }
        }
    };
    // Running out of time is the ordinary end: a batch is then as large as it is.
    let _ = tokio::time::timeout(LINGER, more).await;
}

/// Runs one write of several, so that its failure takes back that write alone.
async fn attempt(tx: &mut Tx, job: &mut dyn Job) -> Result<(), Error> {
    tx.statement("SAVEPOINT one_write").await?;
    let mark = tx.start(job.act());
    match job.run(tx).await {
        Ok(()) => tx.finish(mark),
        Err(error) if error.is_transient() => return Err(error),
        Err(_) => {
            tx.forget(mark);
            tx.statement("ROLLBACK TO SAVEPOINT one_write").await?;
        }
    }
    tx.statement("RELEASE SAVEPOINT one_write").await
}
