//! What becomes of each row of a list that is taken in: decided part by part on a thread of its own,
//! so that on SQLite one part is written while the next is decided.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use shared::follow_up::import::ImportResult;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::compare::{Comparison, Sorted};
use super::count;
use super::taking_in::Asked;
use crate::store::follow_up::import::{Keys, Staged, StagedRow};
use crate::store::{self, Connection, Store};

/// How many chunks are decided at once: as many as are written at once, at most.
const CHUNKS_A_PART: usize = 24;
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
    /// Its first chunk.
    first: usize,
    /// The place in the file of the first row of each chunk.
    places: Vec<usize>,
    pub(super) decided: Decided,
}

impl Part {
    /// Its chunks.
    pub(super) fn chunks(&self) -> Range<usize> {
        self.first..self.first + self.places.len()
    }

    /// The place in the file of the first row of this chunk, which is one of the part's.
    pub(super) fn place_of(&self, chunk: usize) -> usize {
        self.places[chunk - self.first]
    }

    /// Whether the row at this place of the file, which is in the part, is entered.
    pub(super) fn is_entered(&self, place: usize) -> bool {
        self.decided.is_entered(place - self.places[0])
    }
}

/// A list that is being decided.
pub(super) struct Deciding {
    parts: mpsc::Receiver<Part>,
    thread: JoinHandle<Result<Keys, store::Error>>,
}

impl Deciding {
    /// Begins, with what `reader` sees from now on; `lowest` is the number of the first row.
    pub(super) fn begin(
        store: &Store,
        reader: Connection,
        asked: &Arc<Asked>,
        staged: &Arc<Staged>,
        lowest: i64,
    ) -> Self {
        let (decided, parts) = mpsc::channel(WAITING);
        let (store, asked, staged) = (store.clone(), Arc::clone(asked), Arc::clone(staged));
        let runtime = Handle::current();
        let thread = spawn_blocking(move || {
            runtime.block_on(decide(reader, &store, &asked, &staged, lowest, decided))
        });
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
    mut reader: Connection,
    store: &Store,
    asked: &Asked,
    staged: &Staged,
    lowest: i64,
    decided: mpsc::Sender<Part>,
) -> Result<Keys, store::Error> {
    let places = staged.places()?;
    let parts: Vec<&[usize]> = places.chunks(CHUNKS_A_PART).collect();
    // What is compared later is compared with what was read before.
    let read: Vec<OnceCell<Vec<StagedRow>>> = parts.iter().map(|_| OnceCell::new()).collect();
    let mut comparison = Comparison::of(staged.count()?);
    let mut keys = Keys::default();
    let mut first = 0;
    for (places, read) in parts.into_iter().zip(&read) {
        let part = staged.rows_of(first..first + places.len())?;
        let rows = read.get_or_init(|| part);
        let sorted = comparison
            .sort(&mut reader, store.dialect(), &asked.scope, rows)
            .await?;
        let within = places[0]..places[0] + rows.len();
        let part = Part {
            first,
            places: places.to_vec(),
            decided: Decided::of(&sorted, within.clone(), &asked.add),
        };
        for (place, row) in within.zip(rows) {
            if part.is_entered(place) {
                row.add_keys(numbered(lowest, place), &mut keys);
            }
        }
        first = part.chunks().end;
        if decided.send(part).await.is_err() {
            // Nobody writes any more.
            return Err(store::Error::Closing);
        }
    }
    drop(decided);
    keys.sort();
    Ok(keys)
}

/// The number of the row at this place of a file whose first has the `lowest`.
pub(super) fn numbered(lowest: i64, place: usize) -> i64 {
    lowest + i64::try_from(place).expect("a list has at most some hundred thousand rows")
}
