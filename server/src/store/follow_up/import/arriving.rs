//! People on their way into SQLite. Whoever writes there keeps everybody else from writing, and a
//! hundred thousand people take a second and more; so they are written slice by slice, and others
//! write in between. The numbers of all are set aside beforehand, and until one small write at the
//! end lets go of these numbers, no list, count or comparison knows them. What a crash or a cancel
//! leaves behind is swept away, slice by slice too.
//!
//! Only one list arrives at a time.

use std::ops::Range;

use shared::ProblemCode;
use shared::id::{ImportId, UserId};
use tokio::sync::OwnedMutexGuard;

use super::super::entering::{self, Entry};
use super::super::known::Keys;
use super::StagedRow;
use crate::store::audit::Act;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, Connection};
use crate::store::{Dialect, Error, Store, Tx};

/// How many people are swept away by one write.
const SWEPT_AT_ONCE: i64 = 1000;

/// The right to write a list, held by one at a time.
pub struct Turn(#[expect(dead_code, reason = "it is held, and no more")] OwnedMutexGuard<()>);

impl Store {
    /// Waits until no other list is being written.
    pub async fn turn_to_take_in(&self) -> Turn {
        Turn(self.taking_in.clone().lock_owned().await)
    }
}

/// The condition that the person with the number in this column is there for everybody to see.
pub(in crate::store::follow_up) fn settled(dialect: Dialect, column: &str) -> String {
    match dialect {
        // The plus keeps SQLite from walking the table by this condition.
        Dialect::Sqlite => format!(
            "+{column} NOT BETWEEN (SELECT lowest FROM arriving) AND (SELECT highest FROM arriving)"
        ),
        Dialect::Postgres => "TRUE".to_owned(),
    }
}

/// Who arrives: of which list, and the first and last of the numbers set aside.
struct Arriving {
    import: Option<ImportId>,
    lowest: i64,
    highest: i64,
}

async fn arriving(sql: &mut Connection) -> Result<Arriving, Error> {
    let row = sql::query("SELECT import, lowest, highest FROM arriving")
        .fetch_one(sql)
        .await?;
    Ok(Arriving {
        import: row.maybe_id("import")?.map(ImportId),
        lowest: row.number("lowest")?,
        highest: row.number("highest")?,
    })
}

/// Sets numbers aside for so many rows of a list, whose people nobody sees from now on. Gives the
/// lowest number.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_aside(tx: &mut Tx, id: ImportId, rows: u32) -> Result<i64, Error> {
    let given = entering::newest_given(tx).await?;
    let (lowest, highest) = (given + 1, given + i64::from(rows));
    // The table has no key.
    tx.statement("DELETE FROM sqlite_sequence WHERE name = 'returnee'")
        .await?;
    sql::query("INSERT INTO sqlite_sequence (name, seq) VALUES ('returnee', $1)")
        .bind(highest)
        .execute(tx.sql())
        .await?;
    sql::query("UPDATE arriving SET import = $1, lowest = $2, highest = $3")
        .bind(id.0.as_bytes())
        .bind(lowest)
        .bind(highest)
        .execute(tx.sql())
        .await?;
    Ok(lowest)
}

/// Writes some of the rows of the list that arrives, each with its number; a foreign row is left
/// out. Their keys follow when all are there ([`write_keys`]).
///
/// # Errors
/// `busy` when what was written before is gone; [`Error::Database`].
pub async fn write_slice(
    tx: &mut Tx,
    id: ImportId,
    rows: &[(i64, StagedRow<'_>)],
    by: UserId,
) -> Result<(), Error> {
    still_arrives(tx.sql(), id).await?;
    let entries = rows.iter().filter_map(|(number, row)| {
        let number = Some(*number);
        row.entry().map(|entry| Entry { number, ..entry })
    });
    entering::enter(tx, entries.collect(), by).await?;
    Ok(())
}

/// Writes some of the keys of the list that arrives.
///
/// # Errors
/// `busy` when what was written before is gone; [`Error::Database`].
pub async fn write_keys(
    tx: &mut Tx,
    id: ImportId,
    keys: &Keys,
    part: Range<usize>,
) -> Result<(), Error> {
    still_arrives(tx.sql(), id).await?;
    keys.write(tx, part).await
}

/// Another process may have taken this one for dead, and swept away what it had written.
async fn still_arrives(sql: &mut Connection, id: ImportId) -> Result<Arriving, Error> {
    match arriving(sql).await? {
        present if present.import == Some(id) => Ok(present),
        _ => Err(ProblemCode::Busy.into()),
    }
}

/// Someone who was entered while a list was being written.
pub struct Newcomer {
    /// The number of the responsible health centre.
    pub health_centre: i64,
    /// See [`super::super::origin`].
    pub origin: Option<String>,
    /// The passport number.
    pub passport_number: Option<String>,
    /// See [`super::super::likeness`].
    pub likeness: Option<String>,
}

/// Who was entered since the numbers of this list were set aside.
///
/// # Errors
/// `busy` when what was written is gone; [`Error::Database`].
pub async fn entered_meanwhile(tx: &mut Tx, id: ImportId) -> Result<Vec<Newcomer>, Error> {
    let highest = still_arrives(tx.sql(), id).await?.highest;
    let newcomers = "SELECT health_centre, origin, passport_number, likeness
         FROM returnee WHERE number > $1";
    sql::query(newcomers)
        .bind(highest)
        .fetch_all(tx.sql())
        .await?
        .iter()
        .map(|row| {
            Ok(Newcomer {
                health_centre: row.number("health_centre")?,
                origin: row.try_get("origin")?,
                passport_number: row.try_get("passport_number")?,
                likeness: row.try_get("likeness")?,
            })
        })
        .collect()
}

/// Lets everybody of the list that arrives be seen, but those with these numbers.
///
/// # Errors
/// [`Error::Database`].
pub async fn let_in(tx: &mut Tx, but: impl Iterator<Item = i64>) -> Result<(), Error> {
    for number in but {
        remove(tx, number, number).await?;
    }
    nobody_arrives(tx).await
}

async fn nobody_arrives(tx: &mut Tx) -> Result<(), Error> {
    tx.statement("UPDATE arriving SET import = NULL, lowest = 0, highest = 0")
        .await
}

async fn remove(tx: &mut Tx, lowest: i64, highest: i64) -> Result<(), Error> {
    for statement in [
        "DELETE FROM search_due WHERE number BETWEEN $1 AND $2",
        "DELETE FROM returnee WHERE number BETWEEN $1 AND $2",
    ] {
        sql::query(statement)
            .bind(lowest)
            .bind(highest)
            .execute(tx.sql())
            .await?;
    }
    Ok(())
}

/// Removes what is left of a list that did not come in whole.
///
/// # Errors
/// [`Error::Database`]; what was removed before it is gone.
pub async fn sweep(store: &Store, _: &Turn) -> Result<(), Error> {
    let is_empty = {
        let mut reader = store.reader().await?;
        arriving(&mut reader).await?.import.is_none()
    };
    if is_empty {
        return Ok(());
    }
    let act = || Act::housekeeping("sweep an unfinished list");
    while store
        .write(act(), (), |tx, ()| Box::pin(sweep_some(tx)))
        .await?
    {}
    Ok(())
}

/// Gives whether there is more.
async fn sweep_some(tx: &mut Tx) -> Result<bool, Error> {
    let Arriving {
        lowest, highest, ..
    } = arriving(tx.sql()).await?;
    let end = highest.min(lowest + SWEPT_AT_ONCE - 1);
    remove(tx, lowest, end).await?;
    if end == highest {
        nobody_arrives(tx).await?;
        return Ok(false);
    }
    sql::query("UPDATE arriving SET lowest = $1")
        .bind(end + 1)
        .execute(tx.sql())
        .await?;
    Ok(true)
}

/// Removes what a crash left of a list, unless one is being written at this moment.
///
/// # Errors
/// [`Error::Database`].
pub async fn sweep_if_nobody_arrives(store: &Store) -> Result<(), Error> {
    match store.taking_in.clone().try_lock_owned() {
        Ok(turn) => sweep(store, &Turn(turn)).await,
        Err(_) => Ok(()),
    }
}
