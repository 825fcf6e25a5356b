//! What becomes of each row of a list that is taken in: decided part by part on a thread of its own,
//! so that on SQLite one part is written while the next is decided.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use shared::follow_up::import::ImportResult;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::compare::Sorted;
use super::count;
use super::reading::compare_staged;
use super::taking_in::Asked;
use crate::store::follow_up::import::{Keys, Staged};
use crate::store::{self, Store};

/// How many parts may wait to be written.
const WAITING: usize = 4;

/// What becomes of the rows of a list, or of a part of it.
#[derive(Default)]
pub(super) struct Decided {
    /// For each row in the order of the file, whether it is entered.
    entered: Vec<bool>,
    repeats: usize,
    left_out: usize,
}

impl Decided {
    /// What becomes of the rows at these places: of those alike to someone, the ones in `add` are
    /// entered, repeats and foreign ones never.
    pub(super) fn of(sorted: &Sorted, places: Range<usize>, add: &HashSet<u32>) -> Self {
        let alike = sorted.alike.iter();
        let left = alike.filter(|(_, alike)| !add.contains(&alike.row));
        let left: Vec<usize> = left.map(|(place, _)| *place).collect();
        let foreign = sorted.foreign.iter().map(|(place, _)| *place);
        let left_out = left.len() + sorted.foreign.len();
        let mut entered = vec![true; places.len()];
        let repeats = sorted.repeats.iter().map(|(place, _)| *place);
        for place in left.into_iter().chain(foreign).chain(repeats) {
            entered[place - places.start] = false;
        }
        Self {
            entered,
            repeats: sorted.repeats.len(),
            left_out,
        }
    }

    /// Adds what becomes of the rows that follow.
    pub(super) fn append(&mut self, next: &Self) {
        self.entered.extend(&next.entered);
        self.repeats += next.repeats;
        self.left_out += next.left_out;
    }

    pub(super) fn is_entered(&self, place: usize) -> bool {
        self.entered[place]
    }

    /// Of those to enter, so many were found to be `repeats` or to be `left_out` after all.
    pub(super) fn result(&self, repeats: usize, left_out: usize) -> ImportResult {
        let to_enter = self.entered.iter().filter(|entered| **entered).count();
        ImportResult {
            added: count(to_enter - repeats - left_out),
            repeats: count(self.repeats + repeats),
            left_out: count(self.left_out + left_out),
        }
    }
}

/// A part of a list that is decided.
pub(super) struct Part {
    pub(super) staged: Arc<Staged>,
    pub(super) decided: Decided,
}

impl Part {
    /// Whether the row at this place of the file, which is in the part, is entered.
    pub(super) fn is_entered(&self, place: usize) -> bool {
        self.decided.is_entered(place - self.staged.place_of(0))
    }
}

/// A list that is being decided.
pub(super) struct Deciding {
    parts: mpsc::Receiver<Part>,
    thread: JoinHandle<Result<Keys, store::Error>>,
}

impl Deciding {
    /// Begins with a list of so many rows; `lowest` is the number of the first.
    pub(super) fn begin(store: &Store, asked: &Arc<Asked>, rows: u32, lowest: i64) -> Self {
        let (decided, parts) = mpsc::channel(WAITING);
        let (store, asked, runtime) = (store.clone(), Arc::clone(asked), Handle::current());
        let thread =
            spawn_blocking(move || runtime.block_on(decide(&store, &asked, rows, lowest, decided)));
        Self { parts, thread }
    }

    /// The next part; nothing after the last, and nothing more when something went wrong, which
    /// [`Self::keys`] then says.
    pub(super) async fn next(&mut self) -> Option<Part> {
        self.parts.recv().await
    }

    /// By what those will be known again who are entered.
    pub(super) async fn keys(self) -> Result<Keys, store::Error> {
        self.thread.await.unwrap_or(Err(store::Error::Panicked))
    }
}

async fn decide(
    store: &Store,
    asked: &Asked,
    rows: u32,
    lowest: i64,
    decided: mpsc::Sender<Part>,
) -> Result<Keys, store::Error> {
    let mut keys = Keys::default();
    compare_staged(
        store,
        asked.import,
        rows,
        &asked.scope,
        async |staged, rows, sorted| {
            let first = staged.place_of(0);
            let within = first..first + rows.len();
            let part = Part {
                staged,
                decided: Decided::of(&sorted, within.clone(), &asked.add),
            };
            for (place, row) in within.zip(rows) {
                if part.is_entered(place) {
                    row.add_keys(numbered(lowest, place), &mut keys);
                }
            }
            // Where it fails, nobody writes any more.
            decided.send(part).await.map_err(|_| store::Error::Closing)
        },
    )
    .await?;
    drop(decided);
    keys.sort();
    Ok(keys)
}

/// The number of the row at this place of a file whose first has the `lowest`.
pub(super) fn numbered(lowest: i64, place: usize) -> i64 {
    lowest + i64::try_from(place).expect("a list has at most some hundred thousand rows")
}
