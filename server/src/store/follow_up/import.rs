//! Imports as rows: announced, staged in chunks, and gone once they are taken in.

use std::collections::{HashMap, HashSet};

use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use shared::Day;
use shared::follow_up::import::{CHUNK_ROWS, Likeness, NewImport};
use shared::follow_up::period::Period;
use shared::follow_up::returnee::{PersonName, ReturneeDetails};
use shared::id::{ImportId, ReturneeId, UserId};
use shared::offices::OfficeCode;

use super::returnee::{self, json};
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection};
use crate::store::{Dialect, Error, Tx};

/// An import as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownImport {
    /// The number of the office that opened it.
    pub office: i64,
    /// How many rows were announced.
    pub rows: u32,
    /// How many have been staged.
    pub staged: u32,
    /// Whether it was taken in.
    pub committed: bool,
}

/// Opens an import.
///
/// # Errors
/// A unique violation when there is one with this id.
pub async fn open(tx: &mut Tx, new: &NewImport, office: i64) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO import (id, office, file_name, rows, opened_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(new.id.0.as_bytes().to_vec())
    .bind(office)
    .bind(new.file_name.to_string())
    .bind(i64::from(new.rows))
    .bind(now)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// The import with this id.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(sql: &mut Connection, id: ImportId) -> Result<Option<KnownImport>, Error> {
    let row = sql::query(
        "SELECT office, rows, CASE WHEN committed_at IS NULL THEN 0 ELSE 1 END AS committed,
                CAST(coalesce((SELECT sum(rows) FROM import_chunk WHERE import = $1), 0) AS BIGINT)
                    AS staged
         FROM import WHERE id = $1",
    )
    .bind(id.0.as_bytes().to_vec())
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        let count = |column| -> Result<u32, Error> {
            u32::try_from(row.number(column)?)
                .map_err(|_| Error::Corrupt(format!("column {column}")))
        };
        Ok(KnownImport {
            office: row.number("office")?,
            rows: count("rows")?,
            staged: count("staged")?,
            committed: row.number("committed")? == 1,
        })
    })
    .transpose()
}

/// The import with this id, which nobody else changes until this write is done.
///
/// # Errors
/// [`Error::Database`].
pub async fn find_to_change(tx: &mut Tx, id: ImportId) -> Result<Option<KnownImport>, Error> {
    // A statement of its own: one that had to wait for the lock would still count the chunks
    // that were there before.
    let sql = format!(
        "SELECT id FROM import r WHERE id = $1{}",
        tx.dialect().locking()
    );
    sql::query(AssertSqlSafe(sql))
        .bind(id.0.as_bytes().to_vec())
        .fetch_optional(tx.sql())
        .await?;
    find(tx.sql(), id).await
}

/// What tells whom a staged row means; all that sorting needs. Texts as they are kept, so that a
/// hundred thousand are read without being checked again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StagedKey {
    /// The row's number in the file.
    pub row: u32,
    /// The number of the responsible health centre, where the office may fill it.
    pub health_centre: Option<i64>,
    /// The health centre that the row names, where it may not.
    pub foreign: Option<OfficeCode>,
    /// See [`super::origin`].
    pub origin: String,
    /// See [`super::likeness`].
    pub likeness: Option<String>,
    /// The passport number.
    pub passport_number: Option<String>,
    /// The name as written.
    pub name: String,
    /// The birth date.
    pub birth_date: Option<String>,
    /// The day of entry.
    pub entry_date: String,
}

/// A row to stage.
#[derive(Debug, Clone)]
pub struct RowToStage {
    /// The identity that the person gets if the row is taken in.
    pub id: ReturneeId,
    /// What tells whom it means.
    pub key: StagedKey,
    /// All details.
    pub details: ReturneeDetails,
}

impl RowToStage {
    /// The row of `details`, for the health centre with this number or for a foreign one.
    #[must_use]
    pub fn new(
        id: ReturneeId,
        row: u32,
        health_centre: Result<i64, OfficeCode>,
        details: ReturneeDetails,
    ) -> Self {
        let key = StagedKey {
            row,
            health_centre: health_centre.as_ref().ok().copied(),
            foreign: health_centre.err(),
            origin: super::origin(&details),
            likeness: super::likeness(&details),
            passport_number: details.passport_number.as_ref().map(|it| it.to_string()),
            name: details.name.to_string(),
            birth_date: details.birth_date.map(|day| day.to_string()),
            entry_date: details.entry_date.to_string(),
        };
        Self { id, key, details }
    }
}

/// A row as the columns of [`take_in`], in its order.
struct Columns<'a>(&'a RowToStage);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RowToStage { id, key, details } = self.0;
        let period = Period::after_entry(details.entry_date);
        let mut columns = serializer.serialize_seq(Some(6 + returnee::TEXTS))?;
        columns.serialize_element(&id.0.simple())?;
        columns.serialize_element(&key.health_centre)?;
        columns.serialize_element(&key.origin)?;
        columns.serialize_element(&period.first_day)?;
        columns.serialize_element(&period.last_day)?;
        for text in returnee::texts(details) {
            columns.serialize_element(&text)?;
        }
        columns.serialize_element(&returnee::consent(details))?;
        columns.end()
    }
}

/// A chunk as it is kept.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Which.
    pub number: u32,
    /// How many rows.
    pub rows: usize,
    content: String,
    keys: String,
}

impl Chunk {
    /// A chunk of these rows.
    #[must_use]
    pub fn new(number: u32, rows: &[RowToStage]) -> Self {
        let content: Vec<Columns> = rows.iter().map(Columns).collect();
        let keys: Vec<&StagedKey> = rows.iter().map(|row| &row.key).collect();
        let json = "rows are writable as JSON";
        Self {
            number,
            rows: rows.len(),
            content: serde_json::to_string(&content).expect(json),
            keys: serde_json::to_string(&keys).expect(json),
        }
    }
}

/// Stages a chunk; the same number again replaces it.
///
/// # Errors
/// [`Error::Database`].
pub async fn stage(tx: &mut Tx, id: ImportId, chunk: &Chunk) -> Result<(), Error> {
    sql::query(
        "INSERT INTO import_chunk (import, number, rows, content, keys) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (import, number) DO UPDATE
         SET rows = excluded.rows, content = excluded.content, keys = excluded.keys",
    )
    .bind(id.0.as_bytes().to_vec())
    .bind(i64::from(chunk.number))
    .bind(i64::try_from(chunk.rows).unwrap_or(i64::MAX))
    .bind(chunk.content.clone())
    .bind(chunk.keys.clone())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// The keys of all staged rows in the order of the file, each with its place: a number that
/// [`take_in`] understands.
///
/// # Errors
/// [`Error::Database`].
pub async fn staged_keys(
    sql: &mut Connection,
    id: ImportId,
) -> Result<Vec<(i64, StagedKey)>, Error> {
    let chunks =
        sql::query("SELECT number, keys FROM import_chunk WHERE import = $1 ORDER BY number")
            .bind(id.0.as_bytes().to_vec())
            .fetch_all(sql)
            .await?;
    let mut all = Vec::new();
    for chunk in chunks {
        let keys: Vec<StagedKey> = serde_json::from_str(chunk.try_get("keys")?)
            .map_err(|_| Error::Corrupt("column keys".into()))?;
        let first = chunk.number("number")? * PLACES;
        all.extend((first..).zip(keys));
    }
    Ok(all)
}

/// Places of one chunk; no chunk has more rows.
const PLACES: i64 = CHUNK_ROWS as i64;

/// Enters every staged row but those at `left_out`, and notes them for the search index. A row
/// whose origin is there already, entered by another server at this moment perhaps, is left out
/// too. Gives how many were entered.
///
/// The rows go from table to table within the database: by way of the program it would take
/// several times as long, and everybody else waits.
///
/// # Errors
/// [`Error::Database`].
pub async fn take_in(
    tx: &mut Tx,
    id: ImportId,
    left_out: &[i64],
    by: UserId,
) -> Result<u64, Error> {
    let dialect = tx.dialect();
    let text = |at: usize| format!("j.value ->> {at}");
    let number = |at: usize| format!("CAST(j.value ->> {at} AS BIGINT)");
    let mut columns = vec![dialect.bytes_of_hex(&text(0)), number(1)];
    columns.extend((2..5 + returnee::TEXTS).map(text));
    columns.push(number(5 + returnee::TEXTS));
    let query = format!(
        "INSERT INTO returnee (changed_by, changed_at, id, health_centre, origin, first_day,
                               last_day, {})
         SELECT $3, $4, {}
         FROM import_chunk c, {}
         WHERE c.import = $2
           AND CAST(c.number * {PLACES} + j.key AS TEXT) NOT IN {}
         ORDER BY c.number, j.key
         ON CONFLICT (origin) DO NOTHING",
        returnee::DETAILS,
        columns.join(", "),
        dialect.each_element("c.content"),
        dialect.each_text(),
    );
    let left_out: Vec<String> = left_out.iter().map(i64::to_string).collect();
    let before = returnee::newest(tx).await?;
    let now = tx.now().as_millisecond();
    let entered = sql::query(AssertSqlSafe(query))
        .bind(json(&left_out))
        .bind(id.0.as_bytes().to_vec())
        .bind(by.0.as_bytes().to_vec())
        .bind(now)
        .execute(tx.sql())
        .await?;
    returnee::search_is_due_above(tx, before).await?;
    Ok(entered.rows_affected())
}

/// Marks an import as taken in and drops what was staged for it.
///
/// # Errors
/// [`Error::Database`].
pub async fn close(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("UPDATE import SET committed_at = $2 WHERE id = $1")
        .bind(id.0.as_bytes().to_vec())
        .bind(now)
        .execute(tx.sql())
        .await?;
    drop_chunks(tx, id).await
}

/// Drops an import that was not taken in.
///
/// # Errors
/// [`Error::Database`].
pub async fn cancel(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    drop_chunks(tx, id).await?;
    sql::query("DELETE FROM import WHERE id = $1 AND committed_at IS NULL")
        .bind(id.0.as_bytes().to_vec())
        .execute(tx.sql())
        .await?;
    Ok(())
}

async fn drop_chunks(tx: &mut Tx, id: ImportId) -> Result<(), Error> {
    sql::query("DELETE FROM import_chunk WHERE import = $1")
        .bind(id.0.as_bytes().to_vec())
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// The imports that were opened before `before` (milliseconds UTC) and never taken in, locked to
/// be dropped.
///
/// # Errors
/// [`Error::Database`].
pub async fn abandoned(tx: &mut Tx, before: i64) -> Result<Vec<ImportId>, Error> {
    let sql = format!(
        "SELECT id FROM import r WHERE committed_at IS NULL AND opened_at < $1{}",
        tx.dialect().locking()
    );
    sql::query(AssertSqlSafe(sql))
        .bind(before)
        .fetch_all(tx.sql())
        .await?
        .iter()
        .map(|row| Ok(ImportId(row.id("id")?)))
        .collect()
}

/// Someone who is there already and whom a row may look like.
#[derive(Debug, Clone)]
pub struct Resembled {
    /// Who.
    pub id: ReturneeId,
    /// Their name.
    pub name: PersonName,
    /// Their birth date.
    pub birth_date: Option<Day>,
    /// Their day of entry.
    pub entry_date: Day,
}

/// The keys by which people are compared, and who has them.
pub type ByKey = HashMap<String, Resembled>;

/// For each of these keys (likenesses or passport numbers), someone in these health centres who
/// has it.
///
/// # Errors
/// [`Error::Database`].
pub async fn resembled(
    sql: &mut Connection,
    dialect: Dialect,
    by: Likeness,
    keys: &[String],
    centres: &HashSet<i64>,
) -> Result<ByKey, Error> {
    let mut found = ByKey::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let column = match by {
        Likeness::ReadingAndBirthDate => "likeness",
        Likeness::PassportNumber => "passport_number",
    };
    let query = format!(
        "SELECT {column} AS key, id, name, birth_date, entry_date, health_centre FROM returnee
         WHERE {column} IN {} ORDER BY number",
        dialect.each_text()
    );
    let rows = sql::query(AssertSqlSafe(query))
        .bind(json(keys))
        .fetch_all(sql)
        .await?;
    for row in &rows {
        if !centres.contains(&row.number("health_centre")?) {
            continue;
        }
        found.insert(
            row.try_get("key")?,
            Resembled {
                id: ReturneeId(row.id("id")?),
                name: row.parsed("name")?,
                birth_date: row.maybe_parsed("birth_date")?,
                entry_date: row.parsed("entry_date")?,
            },
        );
    }
    Ok(found)
}
