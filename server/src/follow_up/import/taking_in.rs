//! Takes the staged rows of a list in, all of them or none (M-10).
//!
//! On PostgreSQL in one transaction, which stands in nobody's way. On SQLite that would keep
//! everybody else from writing for a second and more, so the people are written slice by slice,
//! unseen, and one small write at the end lets them be seen; see [`crate::store::follow_up::import`].

use std::collections::HashSet;
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
use crate::store::follow_up::import::{self as rows, Newcomer, Staged, StagedRow, Turn};
use crate::store::{self, Dialect, Store, Tx};

/// How long one slice may take: others wait about twice as long, for the slice that is being
/// written and for the one that shares their commit.
const SLICE: Duration = Duration::from_millis(150);
/// How many chunks the first slice has, and a later one at most.
const FIRST_SLICE: usize = 8;
const LARGEST_SLICE: usize = 32;

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

    /// `written` of those to enter were new indeed, of which some were `taken_back`.
    fn result(&self, written: u64, taken_back: u64) -> ImportResult {
        let [written, taken_back] =
            [written, taken_back].map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
        let to_enter = self.entered.iter().filter(|entered| **entered).count();
        ImportResult {
            added: count(written - taken_back),
            repeats: count(self.repeats + to_enter - written),
            left_out: count(self.left_out + taken_back),
        }
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
    end(tx, asked, decided.result(written, 0)).await
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

/// Gives also how many people were written.
async fn write_unseen(
    store: &Store,
    asked: &Arc<Asked>,
) -> Result<(Arc<Written>, u64), store::Error> {
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
    let (mut chunk, mut at_once, mut entered) = (0, FIRST_SLICE, 0);
    while chunk < places.len() {
        let end = places.len().min(chunk + at_once);
        let slice = Slice {
            asked: Arc::clone(asked),
            written: Arc::clone(&written),
            place: places[chunk],
            chunks: (chunk, end),
        };
        let began = Instant::now();
        entered += store
            .write(act(), slice, |tx, slice| Box::pin(write_slice(tx, slice)))
            .await?;
        at_once = match began.elapsed() {
            took if took > SLICE => at_once.div_ceil(2),
            took if took < SLICE / 2 => LARGEST_SLICE.min(at_once * 2),
            _ => at_once,
        };
        chunk = end;
    }
    Ok((written, entered))
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
    chunks: (usize, usize),
}

async fn write_slice(tx: &mut Tx, slice: &Slice) -> Result<u64, store::Error> {
    let Slice { asked, written, .. } = slice;
    let staged = written.staged.rows_of(slice.chunks.0..slice.chunks.1)?;
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
    written: Option<(Arc<Written>, u64)>,
) -> Result<ImportResult, store::Error> {
    store
        .write(act, (asked, written), |tx, (asked, written)| {
            Box::pin(async move {
                let import = rows::find_to_change(tx, asked.import).await?;
                complete(unfinished(import, asked.office)?)?;
                let (written, entered) = written.as_ref().ok_or(ProblemCode::Busy)?;
                let newcomers = rows::entered_meanwhile(tx, asked.import).await?;
                let unwanted = written.unwanted(asked, &newcomers)?;
                let taken_back = rows::let_in(tx, &unwanted).await?;
                let result = written.decided.result(*entered, taken_back);
                end(tx, asked, result).await
            })
        })
        .await
}

impl Written {
    fn number(&self, place: usize) -> i64 {
        self.lowest + i64::try_from(place).expect("a list has at most some hundred thousand rows")
    }

    /// The numbers of those who are alike to someone entered while the list was being written.
    /// They were shown to nobody for a decision, so they are left out as undecided.
    fn unwanted(&self, asked: &Asked, newcomers: &[Newcomer]) -> Result<Vec<i64>, store::Error> {
        let seen = || {
            newcomers
                .iter()
                .filter(|it| asked.scope.holds(it.health_centre))
        };
        let passports: HashSet<&str> = seen()
            .filter_map(|it| it.passport_number.as_deref())
            .collect();
        let likenesses: HashSet<&str> = seen().filter_map(|it| it.likeness.as_deref()).collect();
        if passports.is_empty() && likenesses.is_empty() {
            return Ok(Vec::new());
        }
        let is_alike = |row: &StagedRow| {
            let passport = row
                .passport_number()
                .is_some_and(|it| passports.contains(it));
            passport || row.likeness().is_some_and(|it| likenesses.contains(it))
        };
        let rows = self.staged.rows()?;
        let unwanted = rows.iter().enumerate().filter(|(place, row)| {
            self.decided.entered[*place] && !asked.add.contains(&row.row) && is_alike(row)
        });
        Ok(unwanted.map(|(place, _)| self.number(place)).collect())
    }
}
