//! Takes the staged rows of a list in, all of them or none (M-10).
//!
//! On PostgreSQL in one transaction, which stands in nobody's way. On SQLite that would keep
//! everybody else from writing for a second and more, so the people are written slice by slice,
//! unseen, as it is decided who they are; then in the same way the keys by which they will be known
//! again, and one small write at the end lets them be seen; see
//! [`crate::store::follow_up::import`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::follow_up::import::{CommitImport, ImportResult, ImportToCommit};
use shared::id::{ImportId, UserId};
use shared::{Problem, ProblemCode};

use super::super::{Scope, as_json};
use super::compare::sort;
use super::deciding::{Decided, Deciding, Part, numbered};
use super::{complete, unfinished};
use crate::app::{App, Caller};
use crate::store::audit::Act;
use crate::store::follow_up::import::{self as rows, Newcomer, Staged, StagedRow, Turn};
use crate::store::{self, Dialect, Store, Tx};

/// How long one slice may take: others wait about twice as long, for the slice that is being
/// written and for the one that shares their commit.
const SLICE: Duration = Duration::from_millis(60);
/// How many chunks the first slice has, and a later one at most.
const CHUNKS: Measure = Measure { first: 4, most: 24 };
/// The same of keys.
const KEYS: Measure = Measure {
    first: 10_000,
    most: 60_000,
};

/// What is asked for, and by whom.
pub(super) struct Asked {
    pub(super) import: ImportId,
    /// The rows that are added although they are alike to someone.
    pub(super) add: HashSet<u32>,
    pub(super) scope: Scope,
    by: UserId,
    office: i64,
}

/// Takes the rows in, all or none. Rows alike to someone are added only where the request says
/// so; repeats and foreign rows never.
///
/// # Errors
/// `import-not-ready` while rows are missing or when it was taken in already; `not-found`.
pub async fn commit_import(
    server: &App,
    caller: &Caller,
    request: ImportToCommit,
) -> Result<ImportResult, Problem> {
    let act = caller.act::<CommitImport>(&request);
    let asked = Asked {
        import: request.id,
        add: request.add.into_iter().collect(),
        scope: Scope::of(server, caller).await?,
        by: caller.person()?.person.id,
        office: caller.terminal.office_number,
    };
    let store = server.store.clone();
    let result = match store.dialect() {
        Dialect::Postgres => at_once(&store, act, asked).await,
        // A task of its own comes to its end when the caller has hung up, too.
        Dialect::Sqlite => tokio::spawn(in_slices(store, act, asked))
            .await
            .unwrap_or(Err(store::Error::Panicked)),
    };
    Ok(result?)
}

/// Ends an import, and notes what came of it.
async fn end(
    tx: &mut Tx,
    asked: &Asked,
    result: ImportResult,
) -> Result<ImportResult, store::Error> {
    rows::close(tx, asked.import).await?;
    tx.record(asked.import.0, &as_json(&result));
    Ok(result)
}

async fn at_once(store: &Store, act: Act, asked: Asked) -> Result<ImportResult, store::Error> {
    store
        .write(act, asked, |tx, asked| Box::pin(all_at_once(tx, asked)))
        .await
}

async fn all_at_once(tx: &mut Tx, asked: &Asked) -> Result<ImportResult, store::Error> {
    let dialect = tx.dialect();
    complete(unfinished(
        rows::find_to_change(tx, asked.import).await?,
        asked.office,
    )?)?;
    let outline = rows::outline(tx.sql(), asked.import).await?;
    let staged = rows::staged(tx.sql(), asked.import, &outline).await?;
    let staged: Vec<StagedRow> = staged.rows().collect();
    // Sorted once more, within the transaction: someone may have been entered since the findings
    // were shown.
    let sorted = sort(tx.sql(), dialect, &asked.scope, &staged).await?;
    let decided = Decided::of(&sorted, 0..staged.len(), &asked.add);
    let entered = staged.iter().enumerate();
    let entered: Vec<&StagedRow> = entered
        .filter(|(place, _)| decided.is_entered(*place))
        .map(|(_, row)| row)
        .collect();
    let written = rows::take_in(tx, &entered, asked.by).await?;
    let repeats = entered.len() - usize::try_from(written).unwrap_or(usize::MAX);
    end(tx, asked, decided.result(repeats, 0)).await
}

async fn in_slices(store: Store, act: Act, asked: Asked) -> Result<ImportResult, store::Error> {
    let turn = store.turn_to_take_in().await;
    rows::sweep(&store, &turn).await?;
    let asked = Arc::new(asked);
    let written = match write_unseen(&store, &asked).await {
        Ok(written) => Ok(Some(written)),
        // Whoever asks again for what was done already hears what they were answered then.
        Err(store::Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let outcome = match written {
        Ok(written) => let_be_seen(&store, act, asked, written).await,
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        sweep(&store, &turn).await;
    }
    outcome
}

async fn sweep(store: &Store, turn: &Turn) {
    if let Err(error) = rows::sweep(store, turn).await {
        tracing::warn!(%error, "what was written of a list is removed later");
    }
}

/// What was written of a list, and nobody sees yet.
struct Written {
    staged: Vec<Arc<Staged>>,
    decided: Decided,
    /// The number of the first row of the file.
    lowest: i64,
}

async fn write_unseen(store: &Store, asked: &Arc<Asked>) -> Result<Arc<Written>, store::Error> {
    let act = || Act::housekeeping("write a list");
    // Before anybody is compared: whoever is entered from now on stands above these numbers.
    let (lowest, count) = store
        .write(act(), Arc::clone(asked), |tx, asked| {
            Box::pin(set_aside(tx, asked))
        })
        .await?;
    let mut deciding = Deciding::begin(store, asked, count, lowest);
    let mut staged = Vec::new();
    let mut decided = Decided::default();
    let mut slices = Slices::of(CHUNKS);
    while let Some(part) = deciding.next().await {
        let part = Arc::new(part);
        let mut left = 0..part.staged.chunks();
        while let Some(chunks) = slices.cut(&mut left) {
            let slice = Slice {
                asked: Arc::clone(asked),
                part: Arc::clone(&part),
                chunks,
                lowest,
            };
            let written = store.write(act(), slice, |tx, slice| Box::pin(write_slice(tx, slice)));
            slices.timed(written).await?;
        }
        decided.append(&part.decided);
        staged.push(Arc::clone(&part.staged));
    }
    let keys = Arc::new(deciding.keys().await?);
    let mut left = 0..keys.len();
    let mut slices = Slices::of(KEYS);
    while let Some(part) = slices.cut(&mut left) {
        let slice = (asked.import, Arc::clone(&keys), part);
        let written = store.write(act(), slice, |tx, (import, keys, part)| {
            Box::pin(rows::write_keys(tx, *import, keys, part.clone()))
        });
        slices.timed(written).await?;
    }
    Ok(Arc::new(Written {
        staged,
        decided,
        lowest,
    }))
}

/// How large slices are.
#[derive(Clone, Copy)]
struct Measure {
    first: usize,
    most: usize,
}

/// Slices of something, each as large as its time allows.
struct Slices {
    at_once: usize,
    most: usize,
}

impl Slices {
    fn of(measure: Measure) -> Self {
        Self {
            at_once: measure.first,
            most: measure.most,
        }
    }

    /// Cuts the next slice off what is left.
    fn cut(&self, left: &mut Range<usize>) -> Option<Range<usize>> {
        let slice = left.start..left.end.min(left.start + self.at_once);
        left.start = slice.end;
        (!slice.is_empty()).then_some(slice)
    }

    /// Writes a slice, and learns from the time it takes.
    async fn timed<T>(&mut self, write: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let written = write.await;
        self.at_once = match began.elapsed() {
            took if took > SLICE => self.at_once.div_ceil(2),
            took if took < SLICE / 2 => self.most.min(self.at_once * 2),
            _ => self.at_once,
        };
        written
    }
}

/// Gives the number of the first row, and how many there are.
async fn set_aside(tx: &mut Tx, asked: &Arc<Asked>) -> Result<(i64, u32), store::Error> {
    let import = unfinished(rows::find_to_change(tx, asked.import).await?, asked.office)?;
    complete(import)?;
    let lowest = rows::set_aside(tx, asked.import, import.rows).await?;
    Ok((lowest, import.rows))
}

/// Some chunks of a part that is decided.
struct Slice {
    asked: Arc<Asked>,
    part: Arc<Part>,
    chunks: Range<usize>,
    /// The number of the first row of the file.
    lowest: i64,
}

async fn write_slice(tx: &mut Tx, slice: &Slice) -> Result<(), store::Error> {
    let Slice {
        asked,
        part,
        lowest,
        ..
    } = slice;
    let entered: Vec<(i64, StagedRow)> = (part.staged.place_of(slice.chunks.start)..)
        .zip(part.staged.rows_of(slice.chunks.clone()))
        .filter(|(place, _)| part.is_entered(*place))
        .map(|(place, row)| (numbered(*lowest, place), row))
        .collect();
    rows::write_slice(tx, asked.import, &entered, asked.by).await
}

async fn let_be_seen(
    store: &Store,
    act: Act,
    asked: Arc<Asked>,
    written: Option<Arc<Written>>,
) -> Result<ImportResult, store::Error> {
    store
        .write(act, (asked, written), |tx, (asked, written)| {
            Box::pin(async move {
                let import = rows::find_to_change(tx, asked.import).await?;
                complete(unfinished(import, asked.office)?)?;
                let written = written.as_ref().ok_or(ProblemCode::Busy)?;
                let newcomers = rows::entered_meanwhile(tx, asked.import).await?;
                let Unwanted { repeats, alike } = written.unwanted(asked, &newcomers);
                rows::let_in(tx, repeats.iter().chain(&alike).copied()).await?;
                let result = written.decided.result(repeats.len(), alike.len());
                end(tx, asked, result).await
            })
        })
        .await
}

/// The numbers of those who were written and shall not be seen.
#[derive(Default)]
struct Unwanted {
    repeats: Vec<i64>,
    /// They were shown to nobody for a decision, so they are left out as undecided.
    alike: Vec<i64>,
}

impl Written {
    fn number(&self, place: usize) -> i64 {
        numbered(self.lowest, place)
    }

    /// Those who are the same as, or alike to, someone entered while the list was being written.
    fn unwanted(&self, asked: &Asked, newcomers: &[Newcomer]) -> Unwanted {
        let mut unwanted = Unwanted::default();
        if newcomers.is_empty() {
            return unwanted;
        }
        let origins: HashSet<&str> = newcomers
            .iter()
            .filter_map(|it| it.origin.as_deref())
            .collect();
        let seen = || {
            newcomers
                .iter()
                .filter(|it| asked.scope.holds(it.health_centre))
        };
        let passports: HashSet<&str> = seen()
            .filter_map(|it| it.passport_number.as_deref())
            .collect();
        let likenesses: HashSet<&str> = seen().filter_map(|it| it.likeness.as_deref()).collect();
        let is_alike = |row: &StagedRow| {
            let passport = row
                .passport_number()
                .is_some_and(|it| passports.contains(it));
            passport || row.likeness().is_some_and(|it| likenesses.contains(it))
        };
        let rows = self.staged.iter().flat_map(|part| part.rows());
        for (place, row) in rows.enumerate() {
            if !self.decided.is_entered(place) {
                continue;
            }
            if origins.contains(row.origin) {
                unwanted.repeats.push(self.number(place));
            } else if !asked.add.contains(&row.row) && is_alike(&row) {
                unwanted.alike.push(self.number(place));
            }
        }
        unwanted
    }
}
