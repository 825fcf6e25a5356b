//! Takes the staged rows of a list in, all of them or none (M-10).
//!
//! On PostgreSQL in one transaction, which stands in nobody's way. On SQLite that would keep
//! everybody else from writing for a second and more, so the people are written slice by slice,
//! unseen, then in the same way the keys by which they will be known again, and one small write at
//! the end lets them be seen; see [`crate::store::follow_up::import`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::follow_up::import::{CommitImport, ImportResult, ImportToCommit};
use shared::id::{ImportId, UserId};
use shared::{Problem, ProblemCode};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::super::{Scope, as_json};
use super::compare::{Sorted, sort};
use super::{complete, count, unfinished};
use crate::app::{App, Caller};
use crate::store::audit::Act;
use crate::store::follow_up::import::{self as rows, Keys, Newcomer, Staged, StagedRow, Turn};
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
struct Asked {
    import: ImportId,
    /// The rows that are added although they are alike to someone.
    add: HashSet<u32>,
    scope: Scope,
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

/// What becomes of each row.
struct Decided {
    /// For each row in the order of the file, whether it is entered.
    entered: Vec<bool>,
    repeats: usize,
    left_out: usize,
}

impl Decided {
    fn of(sorted: &Sorted, rows: usize, add: &HashSet<u32>) -> Self {
        let alike = sorted.alike.iter();
        let left = alike.filter(|(_, alike)| !add.contains(&alike.row));
        let left: Vec<usize> = left.map(|(place, _)| *place).collect();
        let foreign = sorted.foreign.iter().map(|(place, _)| *place);
        let left_out = left.len() + sorted.foreign.len();
        let mut entered = vec![true; rows];
        let repeats = sorted.repeats.iter().map(|(place, _)| *place);
        for place in left.into_iter().chain(foreign).chain(repeats) {
            entered[place] = false;
        }
        Self {
            entered,
            repeats: sorted.repeats.len(),
            left_out,
        }
    }

    /// Of those to enter, so many were found to be `repeats` or to be `left_out` after all.
    fn result(&self, repeats: usize, left_out: usize) -> ImportResult {
        ImportResult {
            added: count(self.to_enter() - repeats - left_out),
            repeats: count(self.repeats + repeats),
            left_out: count(self.left_out + left_out),
        }
    }

    fn to_enter(&self) -> usize {
        self.entered.iter().filter(|entered| **entered).count()
    }
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
    let staged = rows::staged(tx.sql(), asked.import).await?;
    let staged = staged.rows()?;
    // Sorted once more, within the transaction: someone may have been entered since the findings
    // were shown.
    let sorted = sort(tx.sql(), dialect, &asked.scope, &staged).await?;
    let decided = Decided::of(&sorted, staged.len(), &asked.add);
    let entered = staged.iter().zip(&decided.entered);
    let entered: Vec<&StagedRow> = entered
        .filter(|(_, entered)| **entered)
        .map(|(row, _)| row)
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
    staged: Staged,
    decided: Decided,
    /// The number of the first row of the file.
    lowest: i64,
}

async fn write_unseen(store: &Store, asked: &Arc<Asked>) -> Result<Arc<Written>, store::Error> {
    let act = || Act::housekeeping("write a list");
    // Before anybody is compared: whoever is entered from now on stands above these numbers.
    let lowest = store
        .write(act(), Arc::clone(asked), |tx, asked| {
            Box::pin(set_aside(tx, asked))
        })
        .await?;
    let (staged, decided) = decide(store, asked).await?;
    let places = staged.places()?;
    let written = Arc::new(Written {
        staged,
        decided,
        lowest,
    });
    // Put in order while the people are written.
    let keys = spawn_blocking({
        let written = Arc::clone(&written);
        move || written.keys()
    });
    let mut slices = Slices::of(places.len(), CHUNKS);
    while let Some(chunks) = slices.next() {
        let slice = Slice {
            asked: Arc::clone(asked),
            written: Arc::clone(&written),
            place: places[chunks.start],
            chunks,
        };
        store
            .write(act(), slice, |tx, slice| Box::pin(write_slice(tx, slice)))
            .await?;
    }
    let keys = Arc::new(keys.await.unwrap_or(Err(store::Error::Panicked))?);
    let mut slices = Slices::of(keys.len(), KEYS);
    while let Some(part) = slices.next() {
        let slice = (asked.import, Arc::clone(&keys), part);
        store
            .write(act(), slice, |tx, (import, keys, part)| {
                Box::pin(rows::write_keys(tx, *import, keys, part.clone()))
            })
            .await?;
    }
    Ok(written)
}

/// How large slices are.
#[derive(Clone, Copy)]
struct Measure {
    first: usize,
    most: usize,
}

/// Parts of something, one after the other, each as large as its time allows.
struct Slices {
    next: usize,
    end: usize,
    at_once: usize,
    most: usize,
    began: Option<Instant>,
}

impl Slices {
    fn of(length: usize, measure: Measure) -> Self {
        Self {
            next: 0,
            end: length,
            at_once: measure.first,
            most: measure.most,
            began: None,
        }
    }

    /// The next part, asked for when the one before it is written.
    fn next(&mut self) -> Option<Range<usize>> {
        if let Some(began) = self.began {
            self.at_once = match began.elapsed() {
                took if took > SLICE => self.at_once.div_ceil(2),
                took if took < SLICE / 2 => self.most.min(self.at_once * 2),
                _ => self.at_once,
            };
        }
        self.began = Some(Instant::now());
        let part = self.next..self.end.min(self.next + self.at_once);
        self.next = part.end;
        (!part.is_empty()).then_some(part)
    }
}

async fn set_aside(tx: &mut Tx, asked: &Arc<Asked>) -> Result<i64, store::Error> {
    let import = unfinished(rows::find_to_change(tx, asked.import).await?, asked.office)?;
    complete(import)?;
    rows::set_aside(tx, asked.import, import.rows).await
}

async fn decide(store: &Store, asked: &Arc<Asked>) -> Result<(Staged, Decided), store::Error> {
    let (store, asked) = (store.clone(), Arc::clone(asked));
    let deciding = async move {
        let mut reader = store.reader().await?;
        let staged = rows::staged(&mut reader, asked.import).await?;
        let list = staged.rows()?;
        let sorted = sort(&mut reader, store.dialect(), &asked.scope, &list).await?;
        let decided = Decided::of(&sorted, list.len(), &asked.add);
        drop(list);
        Ok((staged, decided))
    };
    // Not on a thread that serves everybody.
    let runtime = Handle::current();
    spawn_blocking(move || runtime.block_on(deciding))
        .await
        .unwrap_or(Err(store::Error::Panicked))
}

/// Some chunks of a list.
struct Slice {
    asked: Arc<Asked>,
    written: Arc<Written>,
    /// The place of its first row in the file.
    place: usize,
    chunks: Range<usize>,
}

async fn write_slice(tx: &mut Tx, slice: &Slice) -> Result<(), store::Error> {
    let Slice { asked, written, .. } = slice;
    let staged = written.staged.rows_of(slice.chunks.clone())?;
    let numbered: Vec<(i64, &StagedRow)> = (slice.place..)
        .zip(&staged)
        .filter(|(place, _)| written.decided.entered[*place])
        .map(|(place, row)| (written.number(place), row))
        .collect();
    rows::write_slice(tx, asked.import, &numbered, asked.by).await
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
                let Unwanted { repeats, alike } = written.unwanted(asked, &newcomers)?;
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
        self.lowest + i64::try_from(place).expect("a list has at most some hundred thousand rows")
    }

    /// By what those will be known again who are entered.
    fn keys(&self) -> Result<Keys, store::Error> {
        let staged = self.staged.rows()?;
        let numbered = staged.iter().enumerate();
        let entered = numbered.filter(|(place, _)| self.decided.entered[*place]);
        Ok(rows::keys(
            entered.map(|(place, row)| (self.number(place), row)),
        ))
    }

    /// Those who are the same as, or alike to, someone entered while the list was being written.
    fn unwanted(&self, asked: &Asked, newcomers: &[Newcomer]) -> Result<Unwanted, store::Error> {
        let mut unwanted = Unwanted::default();
        if newcomers.is_empty() {
            return Ok(unwanted);
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
        for (place, row) in self.staged.rows()?.iter().enumerate() {
            if !self.decided.entered[place] {
                continue;
            }
            if origins.contains(row.origin) {
                unwanted.repeats.push(self.number(place));
            } else if !asked.add.contains(&row.row) && is_alike(row) {
                unwanted.alike.push(self.number(place));
            }
        }
        Ok(unwanted)
    }
}
