//! Taking in a quarantine station's list: staged in chunks, checked, and taken in whole or not at
//! all (M-10).

use std::collections::{HashMap, HashSet};

use serde_json::json;
use shared::contract::Done;
use shared::follow_up::import::{
    Alike, AlikePerson, CHUNK_ROWS, CancelImport, CheckImport, CommitImport, ForeignRow,
    ImportFindings, ImportQuery, ImportResult, ImportRow, ImportToCommit, Likeness,
    MOST_IMPORT_ROWS, NewImport, OpenImport, StageChunk, Staged, StagedChunk,
};
use shared::id::{ImportId, ReturneeId};
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use sqlx::AnyConnection;

use super::returnee::named;
use super::{Scope, note_look};
use crate::app::{App, Caller};
use crate::clock::new_id;
use crate::store::follow_up::import::{self as rows, ByKey, KnownImport, resembled};
use crate::store::follow_up::returnee::{self, NewRow, known_origins};
use crate::store::follow_up::{likeness, origin};
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

/// The caller's office's import that was not taken in yet.
async fn unfinished(
    sql: &mut AnyConnection,
    id: ImportId,
    office: i64,
) -> Result<KnownImport, store::Error> {
    match rows::find(sql, id).await? {
        Some(import) if import.office == office && !import.committed => Ok(import),
        Some(import) if import.office == office => Err(ProblemCode::ImportNotReady.into()),
        _ => Err(ProblemCode::NotFound.into()),
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
    let office = caller.terminal.office_number;
    let act = caller.act::<StageChunk>(&request);
    let content = serde_json::to_string(&request.rows).map_err(Problem::internal)?;
    let (id, number, count) = (request.id, request.number.0, request.rows.len());
    let staged = server
        .store
        .write(
            act,
            (id, number, count, content, office),
            |tx, (id, number, count, content, office)| {
                Box::pin(async move {
                    unfinished(tx.sql(), *id, *office).await?;
                    rows::stage(tx, *id, *number, *count, content).await?;
                    let import = unfinished(tx.sql(), *id, *office).await?;
                    if import.staged > import.rows {
                        return Err(ProblemCode::ImportNotReady.into());
                    }
                    tx.record(id.0, &json!({ "chunk": number, "rows": count }));
                    Ok(Staged {
                        staged: import.staged,
                        rows: import.rows,
                    })
                })
            },
        )
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
    let sorted = {
        let mut reader = server.store.reader().await?;
        sort(&mut reader, dialect, &scope, own, request.id).await?
    };
    let shown: Vec<ReturneeId> = sorted
        .alike
        .iter()
        .filter_map(|(alike, _)| alike.other.id)
        .collect();
    let detail = json!({ "import": request.id, "shown": shown });
    note_look::<CheckImport>(server, caller, None, detail).await?;
    Ok(ImportFindings {
        new: u32::try_from(sorted.new.len()).unwrap_or(u32::MAX),
        repeats: sorted.repeats,
        alike: sorted.alike.into_iter().map(|(alike, _)| alike).collect(),
        foreign: sorted.foreign,
    })
}

/// A staged row with what was derived from it.
struct Candidate {
    row: ImportRow,
    health_centre: i64,
    origin: String,
    likeness: Option<String>,
}

/// The staged rows, each in its place.
struct Sorted {
    new: Vec<Candidate>,
    repeats: Vec<u32>,
    alike: Vec<(Alike, Candidate)>,
    foreign: Vec<ForeignRow>,
}

async fn sort(
    sql: &mut AnyConnection,
    dialect: Dialect,
    scope: &Scope,
    own: i64,
    id: ImportId,
) -> Result<Sorted, store::Error> {
    let import = unfinished(sql, id, own).await?;
    if import.staged != import.rows {
        return Err(ProblemCode::ImportNotReady.into());
    }
    let mut sorted = Sorted {
        new: Vec::new(),
        repeats: Vec::new(),
        alike: Vec::new(),
        foreign: Vec::new(),
    };
    let mut candidates = Vec::new();
    for row in rows::staged_rows(sql, id).await? {
        let health_centre = match &row.details.health_centre {
            None => own,
            Some(code) => match named(scope, code) {
                Some(number) => number,
                None => {
                    let health_centre = code.clone();
                    let row = row.row;
                    sorted.foreign.push(ForeignRow { row, health_centre });
                    continue;
                }
            },
        };
        candidates.push(Candidate {
            health_centre,
            origin: origin(&row.details),
            likeness: likeness(&row.details),
            row,
        });
    }
    let there = There::look(sql, dialect, scope, &candidates).await?;
    place(candidates, &there, &mut sorted);
    Ok(sorted)
}

/// Whom the store holds already of those a list may mean.
struct There {
    origins: HashSet<String>,
    by_passport: ByKey,
    by_likeness: ByKey,
}

impl There {
    async fn look(
        sql: &mut AnyConnection,
        dialect: Dialect,
        scope: &Scope,
        candidates: &[Candidate],
    ) -> Result<Self, store::Error> {
        let origins: Vec<String> = candidates.iter().map(|it| it.origin.clone()).collect();
        let likenesses: Vec<String> = candidates
            .iter()
            .filter_map(|it| it.likeness.clone())
            .collect();
        let passports: Vec<String> = candidates
            .iter()
            .filter_map(|it| it.row.details.passport_number.as_ref())
            .map(|number| number.to_string())
            .collect();
        let centres = &scope.numbers;
        Ok(Self {
            origins: known_origins(sql, dialect, &origins)
                .await?
                .into_iter()
                .collect(),
            by_passport: resembled(sql, dialect, Likeness::PassportNumber, &passports, centres)
                .await?,
            by_likeness: resembled(
                sql,
                dialect,
                Likeness::ReadingAndBirthDate,
                &likenesses,
                centres,
            )
            .await?,
        })
    }
}

/// Puts each row where it belongs, comparing it with who is there and with the rows above it.
fn place(candidates: Vec<Candidate>, there: &There, sorted: &mut Sorted) {
    let mut origins = HashSet::new();
    let mut above: HashMap<(Likeness, String), AlikePerson> = HashMap::new();
    for candidate in candidates {
        if there.origins.contains(&candidate.origin) || !origins.insert(candidate.origin.clone()) {
            sorted.repeats.push(candidate.row.row);
            continue;
        }
        let passport = candidate.row.details.passport_number.as_ref();
        let keys = [
            (
                Likeness::PassportNumber,
                passport.map(|number| number.to_string()),
                &there.by_passport,
            ),
            (
                Likeness::ReadingAndBirthDate,
                candidate.likeness.clone(),
                &there.by_likeness,
            ),
        ];
        let mut found = None;
        for (because, key, there) in keys {
            let Some(key) = key else { continue };
            let kept = there.get(&key).map(|other| AlikePerson {
                id: Some(other.id),
                row: None,
                name: other.name.clone(),
                birth_date: other.birth_date,
                entry_date: other.entry_date,
            });
            let other = kept.or_else(|| above.get(&(because, key.clone())).cloned());
            if found.is_none() {
                found = other.map(|other| (because, other));
            }
            above.entry((because, key)).or_insert_with(|| AlikePerson {
                id: None,
                row: Some(candidate.row.row),
                name: candidate.row.details.name.clone(),
                birth_date: candidate.row.details.birth_date,
                entry_date: candidate.row.details.entry_date,
            });
        }
        match found {
            None => sorted.new.push(candidate),
            Some((because, other)) => {
                let row = candidate.row.row;
                let alike = Alike {
                    row,
                    because,
                    other,
                };
                sorted.alike.push((alike, candidate));
            }
        }
    }
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
    let tools = (server.clock.clone(), server.rng.clone());
    let result = server
        .store
        .write(
            act,
            (request, scope, by, own, tools),
            |tx, (request, scope, by, own, tools)| {
                Box::pin(async move {
                    let dialect = tx.dialect();
                    // Sorted once more, within the transaction: someone may have been entered
                    // since the findings were shown.
                    let sorted = sort(tx.sql(), dialect, scope, *own, request.id).await?;
                    let add: HashSet<u32> = request.add.iter().copied().collect();
                    let (wanted, left): (Vec<_>, Vec<_>) = sorted
                        .alike
                        .into_iter()
                        .partition(|(alike, _)| add.contains(&alike.row));
                    let new: Vec<NewRow> = sorted
                        .new
                        .into_iter()
                        .chain(wanted.into_iter().map(|(_, candidate)| candidate))
                        .map(|candidate| NewRow {
                            id: ReturneeId(new_id(&*tools.0, &*tools.1)),
                            health_centre: candidate.health_centre,
                            details: candidate.row.details,
                            origin: Some(candidate.origin),
                        })
                        .collect();
                    let added = returnee::insert(tx, &new, *by).await?;
                    rows::close(tx, request.id).await?;
                    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
                    let result = ImportResult {
                        added: count(added),
                        repeats: count(sorted.repeats.len() + new.len() - added),
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
                unfinished(tx.sql(), request.id, *office).await?;
                rows::cancel(tx, request.id).await?;
                tx.record(request.id.0, &json!({}));
                Ok(Done {})
            })
        })
        .await?;
    Ok(done)
}
