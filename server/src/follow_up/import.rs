//! Taking in a quarantine station's list: staged in chunks, checked, and taken in whole or not at
//! all (M-10).

mod compare;
mod deciding;
mod reading;
mod taking_in;

use serde_json::json;
use shared::contract::Done;
use shared::follow_up::import::{
    CHUNK_ROWS, CancelImport, CheckImport, ImportFindings, ImportQuery, MOST_IMPORT_ROWS,
    NewImport, OpenImport, StageChunk, Staged, StagedChunk,
};
use shared::id::{ImportId, ReturneeId};
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::returnee::named;
use super::{Scope, note_look};
use crate::app::{App, Caller};
use crate::store::follow_up::import::{self as rows, KnownImport, RowToStage};
use crate::store::{self, Store};
use compare::Sorted;
use reading::compare_staged;
pub use taking_in::commit_import;

/// Opens an import.
///
/// # Errors
/// `invalid-field` for no rows or too many; `import-not-ready` when there is one with this id.
pub async fn open_import(
    server: &App,
    caller: &Caller,
    request: NewImport,
) -> Result<Staged, Problem> {
    Scope::of(server, caller).await?;
    if !(1..=MOST_IMPORT_ROWS).contains(&request.rows) {
        return Err(Problem::refused("rows", Refused::new("import_rows")));
    }
    let office = caller.terminal.office_number;
    let act = caller.act::<OpenImport>(&request);
    let opened = server
        .store
        .write(act, (request, office), |tx, (request, office)| {
            Box::pin(async move {
                rows::open(tx, request, *office).await?;
                tx.record(request.id.0, &json!({ "rows": request.rows }));
                Ok(Staged {
                    staged: 0,
                    rows: request.rows,
                })
            })
        })
        .await;
    match opened {
        Err(error) if error.is_unique_violation() => Err(Problem::new(ProblemCode::ImportNotReady)),
        opened => Ok(opened?),
    }
}

/// The import, if it is the caller's office's and was not taken in yet.
fn unfinished(found: Option<KnownImport>, office: i64) -> Result<KnownImport, store::Error> {
    match found {
        Some(import) if import.office == office && !import.committed => Ok(import),
        Some(import) if import.office == office => Err(ProblemCode::ImportNotReady.into()),
        _ => Err(ProblemCode::NotFound.into()),
    }
}

/// Whether every row that was announced is staged.
fn complete(import: KnownImport) -> Result<(), store::Error> {
    match import.staged == import.rows {
        true => Ok(()),
        false => Err(ProblemCode::ImportNotReady.into()),
    }
}

/// Stages rows of an import; the same chunk again replaces itself.
///
/// # Errors
/// `invalid-field` for a row whose days cannot be; `import-not-ready` for more rows than were
/// announced; `not-found`.
pub async fn stage_chunk(
    server: &App,
    caller: &Caller,
    request: StagedChunk,
) -> Result<Staged, Problem> {
    if request.rows.is_empty() || request.rows.len() > CHUNK_ROWS {
        return Err(Problem::refused("rows", Refused::new("import_rows")));
    }
    let today = server.today();
    for (at, row) in request.rows.iter().enumerate() {
        row.details.check_dates(today).map_err(|(field, refused)| {
            Problem::refused(format!("rows[{at}].details.{field}"), refused)
        })?;
    }
    let scope = Scope::of(server, caller).await?;
    let office = caller.terminal.office_number;
    let act = caller.act::<StageChunk>(&request);
    let id = request.id;
    let rows: Vec<RowToStage> = request
        .rows
        .into_iter()
        .map(|row| {
            let health_centre = match &row.details.health_centre {
                None => Ok(office),
                Some(code) => named(&scope, code).ok_or_else(|| code.clone()),
            };
            RowToStage {
                id: ReturneeId(server.new_id()),
                row: row.row,
                health_centre,
                details: row.details,
            }
        })
        .collect();
    let chunk = rows::Chunk::new(request.number.0, &rows);
    let staged = server
        .store
        .write(act, (id, chunk, office), |tx, (id, chunk, office)| {
            Box::pin(async move {
                let import = unfinished(rows::find_to_change(tx, *id).await?, *office)?;
                if import.arriving {
                    return Err(ProblemCode::ImportNotReady.into());
                }
                rows::stage(tx, *id, chunk).await?;
                let import = unfinished(rows::find(tx.sql(), *id).await?, *office)?;
                if import.staged > import.rows {
                    return Err(ProblemCode::ImportNotReady.into());
                }
                tx.record(id.0, &json!({ "chunk": chunk.number, "rows": chunk.rows }));
                Ok(Staged {
                    staged: import.staged,
                    rows: import.rows,
                })
            })
        })
        .await?;
    Ok(staged)
}

/// How many lists are checked at once. One of the longest takes some 200 MB until it is done.
static CHECKS: Semaphore = Semaphore::const_new(2);

/// Says what taking the staged rows in would do.
///
/// # Errors
/// `import-not-ready` while rows are missing, or when it was changed meanwhile; `not-found`.
pub async fn check_import(
    server: &App,
    caller: &Caller,
    request: ImportQuery,
) -> Result<ImportFindings, Problem> {
    let scope = Scope::of(server, caller).await?;
    let own = caller.terminal.office_number;
    let store = server.store.clone();
    let turn = CHECKS.acquire().await;
    // Comparing a long list takes a part of a second: not on a thread that serves everybody. It ends
    // its turn itself, also when the caller has hung up.
    let runtime = Handle::current();
    let sorted = spawn_blocking(move || {
        let _turn = turn;
        runtime.block_on(sort(&store, request.id, &scope, own))
    })
    .await
    .unwrap_or(Err(store::Error::Panicked))?;
    let shown: Vec<ReturneeId> = sorted
        .alike
        .iter()
        .filter_map(|(_, alike)| alike.other.id)
        .collect();
    let detail = json!({ "import": request.id, "shown": shown });
    note_look::<CheckImport>(server, caller, None, detail).await?;
    Ok(ImportFindings {
        new: count(sorted.new),
        elsewhere: sorted.elsewhere,
        repeats: sorted.repeats.into_iter().map(|(_, row)| row).collect(),
        alike: sorted.alike.into_iter().map(|(_, alike)| alike).collect(),
        foreign: sorted.foreign.into_iter().map(|(_, row)| row).collect(),
    })
}

async fn sort(
    store: &Store,
    id: ImportId,
    scope: &Scope,
    office: i64,
) -> Result<Sorted, store::Error> {
    let found = {
        let mut reader = store.reader().await?;
        rows::find(&mut reader, id).await?
    };
    let import = unfinished(found, office)?;
    complete(import)?;
    let mut sorted = Sorted::default();
    compare_staged(store, id, import.rows, scope, async |_, _, part| {
        sorted.append(part);
        Ok(())
    })
    .await?;
    Ok(sorted)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Drops an import and everything staged for it.
///
/// # Errors
/// `import-not-ready` when it was taken in already; `not-found`.
pub async fn cancel_import(
    server: &App,
    caller: &Caller,
    request: ImportQuery,
) -> Result<Done, Problem> {
    let office = caller.terminal.office_number;
    let act = caller.act::<CancelImport>(&request);
    let done = server
        .store
        .write(act, (request, office), |tx, (request, office)| {
            Box::pin(async move {
                unfinished(rows::find_to_change(tx, request.id).await?, *office)?;
                rows::cancel(tx, request.id).await?;
                tx.record(request.id.0, &json!({}));
                Ok(Done {})
            })
        })
        .await?;
    Ok(done)
}
