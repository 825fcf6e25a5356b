//! What other processes are to notice at once: a counter for each kind of change, and of terminals
//! also whose, so that a server with tens of thousands of them reads those of one office again and
//! not all.

use std::collections::BTreeSet;

use shared::offices::OfficeCode;

use super::Error;
use super::columns::Columns as _;
use super::sql::{self, Connection};

/// What other processes want to notice at once when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// Which terminals may enter: certificates issued, first used, superseded or revoked; offices
    /// opened or closed.
    Terminals,
    /// Which certificates are revoked.
    Revocations,
    /// Who is logged in as what: sessions ended; accounts changed or deleted.
    Sessions,
}

impl Noun {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Terminals => "terminals",
            Self::Revocations => "revocations",
            Self::Sessions => "sessions",
        }
    }
}

/// How often `noun` has been changed, by any process. A running server compares it with the last
/// value to notice what the command line or another server did.
///
/// # Errors
/// [`Error::Database`] when the store cannot be reached; the caller must then refuse, since it
/// cannot know what was revoked.
pub async fn changes(sql: &mut Connection, noun: Noun) -> Result<i64, Error> {
    let row = sql::query("SELECT counter FROM change WHERE noun = $1")
        .bind(noun.name())
        .fetch_optional(sql)
        .await?;
    Ok(match row {
        Some(row) => row.try_get(0)?,
        None => 0,
    })
}

/// How many offices are named at most, by one transaction and to one reader: reading everything
/// is quicker than reading more than that one by one.
const MOST_OFFICES: usize = 200;
/// How many of the last changes name their offices. Whoever missed more reads everything.
const REMEMBERED: i64 = 1000;

/// Counts a change, with the transaction; gives the new count. The row is held to the end of the
/// transaction, so the changes of a noun become visible in the order of their counts.
pub(super) async fn count(sql: &mut Connection, noun: Noun) -> Result<i64, Error> {
    let row = sql::query(
        "INSERT INTO change (noun, counter) VALUES ($1, 1)
         ON CONFLICT (noun) DO UPDATE SET counter = change.counter + 1
         RETURNING counter",
    )
    .bind(noun.name())
    .fetch_one(sql)
    .await?;
    row.number("counter")
}

/// Notes whose terminals changed when the counter of [`Noun::Terminals`] came to `counter`; of none
/// or very many nothing is noted, and everything is read again.
pub(super) async fn note_offices(
    sql: &mut Connection,
    counter: i64,
    offices: &[OfficeCode],
) -> Result<(), Error> {
    let offices: BTreeSet<&str> = offices.iter().map(OfficeCode::as_str).collect();
    if offices.is_empty() || offices.len() > MOST_OFFICES {
        return Ok(());
    }
    // No code has a space in it.
    let offices: Vec<&str> = offices.into_iter().collect();
    sql::query("INSERT INTO terminal_change (counter, offices) VALUES ($1, $2)")
        .bind(counter)
        .bind(offices.join(" "))
        .execute(sql)
        .await?;
    sql::query("DELETE FROM terminal_change WHERE counter <= $1")
        .bind(counter - REMEMBERED)
        .execute(sql)
        .await?;
    Ok(())
}

/// The offices whose terminals changed while the counter of [`Noun::Terminals`] went from `after`
/// to `present`; `None` where one of these changes named none, or they are more than it pays to
/// read one by one.
///
/// # Errors
/// [`Error::Database`].
pub async fn offices_changed(
    sql: &mut Connection,
    after: i64,
    present: i64,
) -> Result<Option<Vec<OfficeCode>>, Error> {
    let rows = sql::query(
        "SELECT offices FROM terminal_change WHERE counter > $1 AND counter <= $2 LIMIT $3",
    )
    .bind(after)
    .bind(present)
    .bind(REMEMBERED)
    .fetch_all(sql)
    .await?;
    if i64::try_from(rows.len()) != Ok(present - after) {
        return Ok(None);
    }
    let mut offices = BTreeSet::new();
    for row in &rows {
        offices.extend(row.try_get::<&str, _>("offices")?.split(' '));
        if offices.len() > MOST_OFFICES {
            return Ok(None);
        }
    }
    // What cannot be read as a code names no office that could be read again.
    let codes = offices.into_iter().map(|code| OfficeCode::parse(code).ok());
    Ok(codes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::Act;
    use crate::store::story::database::Database;
    use crate::store::story::on_both_databases;

    on_both_databases!(what_is_not_known_of_every_change_is_known_of_none);

    async fn announce(database: &Database, offices: Vec<OfficeCode>) {
        let act = Act::housekeeping("test");
        let announced = database.store.write(act, offices, |tx, offices| {
            tx.announce(Noun::Terminals);
            for office in offices {
                tx.announce_terminals(office);
            }
            Box::pin(async { Ok(()) })
        });
        announced.await.unwrap();
    }

    fn codes(count: usize) -> Vec<OfficeCode> {
        let code = |number| format!("{number:06}").parse().unwrap();
        (1..=count).map(code).collect()
    }

    async fn what_is_not_known_of_every_change_is_known_of_none(database: Database) {
        let most = MOST_OFFICES;
        for offices in [
            codes(2),
            codes(1),
            codes(0),
            codes(most),
            codes(1),
            codes(most + 1),
        ] {
            announce(&database, offices).await;
        }
        let mut reader = database.store.reader().await.unwrap();
        assert_eq!(changes(&mut reader, Noun::Terminals).await.unwrap(), 6);
        for (after, present, known) in [
            (0, 2, Some(2)),
            (1, 2, Some(1)),
            (2, 2, Some(0)),
            (0, 3, None),
            (2, 3, None),
            (3, 5, Some(most)),
            (5, 6, None),
            // A database put back to what it was before.
            (9, 6, None),
        ] {
            let found = offices_changed(&mut reader, after, present).await.unwrap();
            assert_eq!(found.map(|it| it.len()), known, "{after} to {present}");
        }
        for _ in 0..=REMEMBERED {
            announce(&database, codes(1)).await;
        }
        let present = changes(&mut reader, Noun::Terminals).await.unwrap();
        let all = offices_changed(&mut reader, 6, present).await.unwrap();
        assert_eq!(all, None, "the first of these is forgotten");
        let most = present - REMEMBERED;
        let last = offices_changed(&mut reader, most, present).await.unwrap();
        assert_eq!(last, Some(codes(1)));
    }
}
