//! Imports as rows: announced, staged in chunks, taken in, and then dropped some at a time.

mod arriving;
mod staged;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use shared::follow_up::import::{Likeness, NewImport};
use shared::follow_up::returnee::PersonName;
use shared::id::{ImportId, ReturneeId, UserId};
use shared::{Day, ProblemCode};

pub use super::known::Keys;
pub(super) use arriving::settled;
pub use arriving::{
    Newcomer, Turn, entered_meanwhile, let_in, set_aside, sweep, sweep_if_nobody_arrives,
    write_keys, write_slice,
};
pub use staged::{Chunk, RowToStage, StagedRow};

use super::entering::{self, Entry};
use super::known::KnownBy;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};
use staged::ReadChunk;

/// An import as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownImport {
    /// The number of the office that opened it.
    pub office: i64,
    /// How many rows were announced.
    pub rows: u32,
    /// How many have been staged.
    pub staged: u32,
    /// Whether it is being taken in at this moment.
    pub arriving: bool,
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
                    AS staged,
                (SELECT count(*) FROM arriving WHERE import = $1) AS arriving
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
            arriving: row.number("arriving")? == 1,
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

/// Stages a chunk; the same number again replaces it.
///
/// # Errors
/// [`Error::Database`].
pub async fn stage(tx: &mut Tx, id: ImportId, chunk: &Chunk) -> Result<(), Error> {
    sql::query(
        "INSERT INTO import_chunk (import, number, rows, content) VALUES ($1, $2, $3, $4)
         ON CONFLICT (import, number) DO UPDATE
         SET rows = excluded.rows, content = excluded.content",
    )
    .bind(id.0.as_bytes())
    .bind(i64::from(chunk.number))
    .bind(i64::try_from(chunk.rows).unwrap_or(i64::MAX))
    .bind(&chunk.content[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// A chunk without its content.
#[derive(Debug, Clone, Copy)]
pub struct Outline {
    number: i64,
    rows: usize,
    /// The place in the file of its first row.
    place: usize,
}

impl Outline {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// What is staged for an import: all its chunks, in the order of the file.
///
/// # Errors
/// [`Error::Database`].
pub async fn outline(sql: &mut Connection, id: ImportId) -> Result<Vec<Outline>, Error> {
    let chunks =
        sql::query("SELECT number, rows FROM import_chunk WHERE import = $1 ORDER BY number")
            .bind(id.0.as_bytes())
            .fetch_all(sql)
            .await?;
    let mut place = 0;
    let outlined = chunks.iter().map(|chunk| {
        let rows = rows_in(chunk)?;
        place += rows;
        Ok(Outline {
            number: chunk.number("number")?,
            rows,
            place: place - rows,
        })
    });
    outlined.collect()
}

/// These chunks of an import, which follow one another.
///
/// # Errors
/// `import-not-ready` when there are no longer as many rows in each as were outlined;
/// [`Error::Corrupt`]; [`Error::Database`].
pub async fn staged(
    sql: &mut Connection,
    id: ImportId,
    outlined: &[Outline],
) -> Result<Staged, Error> {
    let (Some(first), Some(last)) = (outlined.first(), outlined.last()) else {
        return Ok(Staged::default());
    };
    let chunks = sql::query(
        "SELECT content, rows FROM import_chunk
         WHERE import = $1 AND number BETWEEN $2 AND $3 ORDER BY number",
    )
    .bind(id.0.as_bytes())
    .bind(first.number)
    .bind(last.number)
    .fetch_all(sql)
    .await?;
    let found = chunks.iter().map(rows_in).collect::<Result<Vec<_>, _>>()?;
    if !found
        .into_iter()
        .eq(outlined.iter().map(|chunk| chunk.rows))
    {
        return Err(ProblemCode::ImportNotReady.into());
    }
    let chunks = chunks
        .iter()
        .map(|chunk| ReadChunk::of(chunk.try_get("content")?));
    Ok(Staged {
        chunks: chunks.collect::<Result<_, _>>()?,
        places: outlined.iter().map(|chunk| chunk.place).collect(),
    })
}

/// Chunks that were read.
#[derive(Default)]
pub struct Staged {
    chunks: Vec<ReadChunk>,
    places: Vec<usize>,
}

impl Staged {
    /// How many chunks there are.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// The place in the file of a chunk's first row.
    #[must_use]
    pub fn place_of(&self, chunk: usize) -> usize {
        self.places[chunk]
    }

    /// The rows in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = StagedRow<'_>> {
        self.rows_of(0..self.chunks.len())
    }

    /// The rows of some of the chunks.
    pub fn rows_of(&self, chunks: Range<usize>) -> impl Iterator<Item = StagedRow<'_>> {
        self.chunks[chunks].iter().flat_map(ReadChunk::rows)
    }
}

fn rows_in(chunk: &Row) -> Result<usize, Error> {
    let rows = usize::try_from(chunk.number("rows")?);
    rows.map_err(|_| Error::Corrupt("column rows".into()))
}

/// Enters these rows, and notes them for the search index. A row whose origin is there already,
/// entered by another server at this moment perhaps, is left out; so is a foreign one. Gives how
/// many were entered.
///
/// # Errors
/// [`Error::Database`].
pub async fn take_in(tx: &mut Tx, rows: &[&StagedRow<'_>], by: UserId) -> Result<u64, Error> {
    let entries: Vec<Entry> = rows.iter().filter_map(|row| row.entry()).collect();
    entering::enter(tx, entries, by).await
}

/// Marks an import as taken in. What was staged for it is dropped later ([`drop_some_taken_in`]):
/// nobody waits for that.
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
    Ok(())
}

/// How many chunks are dropped by one write: few enough that nobody waits long behind it.
const DROPPED_AT_ONCE: i64 = 16;

/// Whether anything is still staged of lists that were taken in.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_taken_in_and_staged(sql: &mut Connection) -> Result<bool, Error> {
    let found = format!("{TAKEN_IN_AND_STAGED} LIMIT 1");
    let found = sql::query(AssertSqlSafe(found)).fetch_optional(sql).await?;
    Ok(found.is_some())
}

/// The chunks come first: they are few, while imports are kept. SQLite walks them in this order.
const TAKEN_IN_AND_STAGED: &str = "SELECT c.import, c.number FROM import_chunk c
    CROSS JOIN import i WHERE i.id = c.import AND i.committed_at IS NOT NULL";

/// Drops some of what is staged of lists that were taken in. Gives whether there may be more.
///
/// # Errors
/// [`Error::Database`].
pub async fn drop_some_taken_in(tx: &mut Tx) -> Result<bool, Error> {
    let dropping = format!(
        "DELETE FROM import_chunk WHERE (import, number) IN
         ({TAKEN_IN_AND_STAGED} LIMIT {DROPPED_AT_ONCE})"
    );
    let dropped = sql::query(AssertSqlSafe(dropping))
        .execute(tx.sql())
        .await?;
    Ok(dropped.rows_affected() > 0)
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
    keys: &[&str],
    centres: &HashSet<i64>,
) -> Result<ByKey, Error> {
    let mut found = ByKey::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let by = match by {
        Likeness::ReadingAndBirthDate => KnownBy::Likeness,
        Likeness::PassportNumber => KnownBy::Passport,
    };
    let (from, wanted) = by.one_of(dialect, keys);
    let query = format!(
        "SELECT r.{} AS key, r.id, r.name, r.birth_date, r.entry_date, r.health_centre
         FROM {from} AND {} ORDER BY r.number",
        by.column(),
        settled(dialect, "r.number")
    );
    let rows = sql::query(AssertSqlSafe(query))
        .bind(wanted)
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
