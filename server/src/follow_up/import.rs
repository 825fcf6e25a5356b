//! Taking in a quarantine station's list: staged in chunks, checked, and taken in whole or not at
//! all (M-10).

use std::collections::{HashMap, HashSet};

use serde_json::json;
use shared::contract::Done;
use shared::follow_up::import::{
    Alike, AlikePerson, CHUNK_ROWS, CancelImport, CheckImport, CommitImport, ForeignRow,
    ImportFindings, ImportQuery, ImportResult, ImportToCommit, Likeness, MOST_IMPORT_ROWS,
    NewImport, OpenImport, StageChunk, Staged, StagedChunk,
};
use shared::id::ReturneeId;
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::returnee::named;
use super::{Scope, note_look};
use crate::app::{App, Caller};
use crate::store::follow_up::import::{
    self as rows, ByKey, KnownImport, Resembled, RowToStage, StagedRow, resembled,
};
use crate::store::follow_up::returnee::known_origins;
use crate::store::{self, Dialect};

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
                unfinished(rows::find_to_change(tx, *id).await?, *office)?;
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

/// Says what taking the staged rows in would do.
///
/// # Errors
/// `import-not-ready` while rows are missing; `not-found`.
pub async fn check_import(
    server: &App,
    caller: &Caller,
    request: ImportQuery,
) -> Result<ImportFindings, Problem> {
    let scope = Scope::of(server, caller).await?;
    let dialect = server.store.dialect();
    let own = caller.terminal.office_number;
    let store = server.store.clone();
    let sorting = async move {
        let mut reader = store.reader().await?;
        complete(unfinished(rows::find(&mut reader, request.id).await?, own)?)?;
        let staged = rows::staged(&mut reader, request.id).await?;
        sort(&mut reader, dialect, &scope, &staged.rows()?).await
    };
    // Comparing a long list takes a part of a second: not on a thread that serves everybody.
    let runtime = Handle::current();
    let sorted = spawn_blocking(move || runtime.block_on(sorting))
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

/// The staged rows that are not simply new, each with its place in the list.
#[derive(Default)]
struct Sorted {
    new: usize,
    repeats: Vec<(usize, u32)>,
    elsewhere: Vec<u32>,
    alike: Vec<(usize, Alike)>,
    foreign: Vec<(usize, ForeignRow)>,
}

async fn sort(
    sql: &mut store::Connection,
    dialect: Dialect,
    scope: &Scope,
    staged: &[StagedRow<'_>],
) -> Result<Sorted, store::Error> {
    let there = There::look(sql, dialect, scope, staged).await?;
    compare(staged, &there, scope)
}

/// Whom the store holds already of those a list may mean.
struct There {
    origins: HashMap<String, i64>,
    by_passport: ByKey,
    by_likeness: ByKey,
}

impl There {
    async fn look(
        sql: &mut store::Connection,
        dialect: Dialect,
        scope: &Scope,
        staged: &[StagedRow<'_>],
    ) -> Result<Self, store::Error> {
        let own = || staged.iter().filter(|row| row.foreign.is_none());
        let origins: Vec<&str> = own().map(|row| row.origin).collect();
        let passports: Vec<&str> = own().filter_map(StagedRow::passport_number).collect();
        let likenesses: Vec<&str> = own().filter_map(StagedRow::likeness).collect();
        let centres = &scope.numbers;
        let (passport, reading) = (Likeness::PassportNumber, Likeness::ReadingAndBirthDate);
        Ok(Self {
            origins: known_origins(sql, dialect, &origins).await?,
            by_passport: resembled(sql, dialect, passport, &passports, centres).await?,
            by_likeness: resembled(sql, dialect, reading, &likenesses, centres).await?,
        })
    }
}

/// Compares each row with who is there and with the rows above it.
fn compare(staged: &[StagedRow<'_>], there: &There, scope: &Scope) -> Result<Sorted, store::Error> {
    let mut sorted = Sorted::default();
    let mut origins: HashSet<&str> = HashSet::with_capacity(staged.len());
    let mut above: HashMap<(Likeness, &str), &StagedRow> = HashMap::with_capacity(staged.len());
    for (place, row) in staged.iter().enumerate() {
        if let Some(code) = row.foreign {
            let health_centre = code.parse().map_err(corrupt)?;
            let row = row.row;
            sorted
                .foreign
                .push((place, ForeignRow { row, health_centre }));
            continue;
        }
        let centre = there.origins.get(row.origin);
        if centre.is_some_and(|centre| !scope.holds(*centre)) {
            sorted.elsewhere.push(row.row);
        }
        if centre.is_some() || !origins.insert(row.origin) {
            sorted.repeats.push((place, row.row));
            continue;
        }
        let ways = [
            (
                Likeness::PassportNumber,
                row.passport_number(),
                &there.by_passport,
            ),
            (
                Likeness::ReadingAndBirthDate,
                row.likeness(),
                &there.by_likeness,
            ),
        ];
        let mut found = None;
        for (because, text, there) in ways {
            let Some(text) = text else { continue };
            let earlier = above.get(&(because, text)).copied();
            if found.is_none() {
                found = match (there.get(text), earlier) {
                    (Some(other), _) => Some((because, kept(other))),
                    (None, Some(other)) => Some((because, staged_above(other)?)),
                    (None, None) => None,
                };
            }
            above.entry((because, text)).or_insert(row);
        }
        match found {
            None => sorted.new += 1,
            Some((because, other)) => {
                let row = row.row;
                sorted.alike.push((
                    place,
                    Alike {
                        row,
                        because,
                        other,
                    },
                ));
            }
        }
    }
    Ok(sorted)
}

fn kept(other: &Resembled) -> AlikePerson {
    AlikePerson {
        id: Some(other.id),
        row: None,
        name: other.name.clone(),
        birth_date: other.birth_date,
        entry_date: other.entry_date,
    }
}

fn staged_above(other: &StagedRow) -> Result<AlikePerson, store::Error> {
    let birth_date = other.birth_date().map(str::parse).transpose();
    Ok(AlikePerson {
        id: None,
        row: Some(other.row),
        name: other.name().parse().map_err(corrupt)?,
        birth_date: birth_date.map_err(corrupt)?,
        entry_date: other.entry_date().parse().map_err(corrupt)?,
    })
}

fn corrupt<E>(_: E) -> store::Error {
    store::Error::Corrupt("column content".into())
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
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
    let scope = Scope::of(server, caller).await?;
    let by = caller.person()?.person.id;
    let own = caller.terminal.office_number;
    let act = caller.act::<CommitImport>(&request);
    let result = server
        .store
        .write(
            act,
            (request, scope, by, own),
            |tx, (request, scope, by, own)| {
                Box::pin(async move {
                    let dialect = tx.dialect();
                    let import = rows::find_to_change(tx, request.id).await?;
                    complete(unfinished(import, *own)?)?;
                    let staged = rows::staged(tx.sql(), request.id).await?;
                    let staged = staged.rows()?;
                    // Sorted once more, within the transaction: someone may have been entered
                    // since the findings were shown.
                    let sorted = sort(tx.sql(), dialect, scope, &staged).await?;
                    let add: HashSet<u32> = request.add.iter().copied().collect();
                    let (wanted, left): (Vec<_>, Vec<_>) = sorted
                        .alike
                        .iter()
                        .partition(|(_, alike)| add.contains(&alike.row));
                    let left_out: HashSet<usize> = (sorted.repeats.iter().map(|(place, _)| *place))
                        .chain(left.iter().map(|(place, _)| *place))
                        .collect();
                    let taken: Vec<&StagedRow> = (staged.iter().enumerate())
                        .filter(|(place, _)| !left_out.contains(place))
                        .map(|(_, row)| row)
                        .collect();
                    let added = rows::take_in(tx, &taken, *by).await?;
                    let added = u32::try_from(added).unwrap_or(u32::MAX);
                    rows::close(tx, request.id).await?;
                    let result = ImportResult {
                        added,
                        repeats: count(sorted.repeats.len() + sorted.new + wanted.len()) - added,
                        left_out: count(left.len() + sorted.foreign.len()),
                    };
                    tx.record(request.id.0, &super::as_json(&result));
                    Ok(result)
                })
            },
        )
        .await?;
    Ok(result)
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
