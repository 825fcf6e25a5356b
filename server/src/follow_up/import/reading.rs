//! The staged rows of a list, read part by part on a thread of its own, so that one part is compared
//! while the next is read.

use std::cell::OnceCell;
use std::sync::Arc;

use shared::ProblemCode;
use shared::id::ImportId;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::super::Scope;
use super::compare::{Comparison, Sorted};
use crate::store::follow_up::import::{self as rows, Outline, Staged, StagedRow};
use crate::store::{self, Store};

/// How many chunks are read and compared at once: as many as are written at once, at most. In tests
/// so few that a list need not be long to have several parts.
const CHUNKS_A_PART: usize = if cfg!(test) { 2 } else { 24 };
/// How many parts may wait to be compared.
const WAITING: usize = 2;

/// Reads all that is staged for an import of so many rows, compares it part by part as the ones
/// responsible for `scope` see it, and hands on each part with its rows and what they turned out to
/// be. Some 400 octets a row are held besides the rows themselves until the end, so few may do it at
/// once; and nobody holds a connection while waiting for another.
///
/// # Errors
/// `import-not-ready` when other rows are staged than these, or other than when it began to read;
/// [`store::Error::Database`]; what `each` gives.
pub(super) async fn compare_staged(
    store: &Store,
    import: ImportId,
    rows: u32,
    scope: &Scope,
    mut each: impl AsyncFnMut(Arc<Staged>, &[StagedRow<'_>], Sorted) -> Result<(), store::Error>,
) -> Result<(), store::Error> {
    let outline = rows::outline(&mut store.reader().await?, import).await?;
    let count = outline.len().div_ceil(CHUNKS_A_PART);
    let outlined = outline.iter().map(Outline::rows).sum();
    if u32::try_from(outlined) != Ok(rows) {
        return Err(ProblemCode::ImportNotReady.into());
    }
    // What is compared later is compared with what was read before.
    let staged: Vec<OnceCell<Arc<Staged>>> = (0..count).map(|_| OnceCell::new()).collect();
    let read: Vec<OnceCell<Vec<StagedRow>>> = (0..count).map(|_| OnceCell::new()).collect();
    let mut comparison = Comparison::of(outlined);
    let mut reading = Reading::begin(store, import, outline);
    for (staged, read) in staged.iter().zip(&read) {
        let part = reading.next().await?;
        let part = staged.get_or_init(|| part);
        let rows = read.get_or_init(|| part.rows().collect());
        let sorted = {
            let mut reader = store.reader().await?;
            comparison
                .sort(&mut reader, store.dialect(), scope, rows)
                .await?
        };
        each(Arc::clone(part), rows, sorted).await?;
    }
    Ok(())
}

/// A list that is being read.
struct Reading {
    parts: mpsc::Receiver<Arc<Staged>>,
    thread: JoinHandle<Result<(), store::Error>>,
}

impl Reading {
    fn begin(store: &Store, import: ImportId, outline: Vec<Outline>) -> Self {
        let (read, parts) = mpsc::channel(WAITING);
        let (store, runtime) = (store.clone(), Handle::current());
        let reading = async move {
            for chunks in outline.chunks(CHUNKS_A_PART) {
                let part = rows::staged(&mut store.reader().await?, import, chunks).await?;
                if read.send(Arc::new(part)).await.is_err() {
                    // Nobody compares any more.
                    return Err(store::Error::Closing);
                }
            }
            Ok(())
        };
        let thread = spawn_blocking(move || runtime.block_on(reading));
        Self { parts, thread }
    }

    /// The next part, which must be there.
    async fn next(&mut self) -> Result<Arc<Staged>, store::Error> {
        match self.parts.recv().await {
            Some(part) => Ok(part),
            None => match (&mut self.thread).await {
                Ok(Err(error)) => Err(error),
                // It ends early only by an error.
                Ok(Ok(())) | Err(_) => Err(store::Error::Panicked),
            },
        }
    }
}
