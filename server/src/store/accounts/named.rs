//! Finding people by any part of their name. An index over the grams of each name's key proposes, the
//! key itself decides; nobody else's name is read.

use std::collections::BTreeSet;

use shared::id::UserId;
use shared::text::search_key;

use crate::store::columns::{Columns as _, Insert, ROWS_AT_ONCE, rows_of};
use crate::store::follow_up::search::{grams, wanted_grams};
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// Everybody, whether their account was deleted or not, whose name holds `text` in whatever width
/// and kana, or whose login id it is; at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn named(sql: &mut Connection, text: &str, most: usize) -> Result<Vec<UserId>, Error> {
    let key = search_key(text);
    let by_login = sql::query("SELECT id FROM account WHERE login = $1")
        .bind(text.trim())
        .fetch_all(&mut *sql)
        .await?;
    let mut found = ids(&by_login)?;
    // Few, and for a moment: those who were there before names were entered.
    let waiting = sql::query("SELECT id, name FROM account WHERE search IS NULL")
        .fetch_all(&mut *sql)
        .await?;
    for row in &waiting {
        let name: &str = row.try_get("name")?;
        if search_key(name).contains(&key) {
            found.insert(UserId(row.id("id")?));
        }
    }
    found.extend(entered(sql, &key, most).await?);
    Ok(found.into_iter().take(most).collect())
}

/// Those of them who are entered, at most `most`.
async fn entered(sql: &mut Connection, key: &str, most: usize) -> Result<BTreeSet<UserId>, Error> {
    // The longest tells most.
    let gram = wanted_grams(key)
        .into_iter()
        .max_by_key(|gram| gram.chars().count());
    let query = match &gram {
        Some(gram) => sql::query(AssertSqlSafe(by_gram(most)))
            .bind(gram.as_str())
            .bind(key),
        // Every name holds nothing.
        None if key.is_empty() => sql::query(AssertSqlSafe(format!(
            "SELECT id FROM account ORDER BY id LIMIT {most}"
        ))),
        None => return Ok(BTreeSet::new()),
    };
    ids(&query.fetch_all(sql).await?)
}

/// `$1` is a gram of the key `$2`. Both databases know `replace`, and neither the other's word for
/// looking for a text in another.
fn by_gram(most: usize) -> String {
    format!(
        "SELECT a.id FROM account_gram g CROSS JOIN account a
         WHERE g.gram = $1 AND a.id = g.account AND replace(a.search, $2, '') <> a.search
         ORDER BY g.account LIMIT {most}"
    )
}

fn ids(rows: &[Row]) -> Result<BTreeSet<UserId>, Error> {
    rows.iter().map(|row| Ok(UserId(row.id("id")?))).collect()
}

/// Some grams of one account.
static INSERTION: Insert = Insert::new(|grams| {
    format!(
        "INSERT INTO account_gram (account, gram) VALUES {}",
        rows_of(grams, 1, 1)
    )
});

/// Writes what somebody is found by, after their name was written.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn enter(tx: &mut Tx, id: UserId, name: &str) -> Result<(), Error> {
    let key = search_key(name);
    sql::query("UPDATE account SET search = $1 WHERE id = $2")
        .bind(key.as_str())
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    sql::query("DELETE FROM account_gram WHERE account = $1")
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    let grams: Vec<String> = grams(&key).into_iter().collect();
    for grams in grams.chunks(ROWS_AT_ONCE) {
        let query = sql::query(INSERTION.of(grams.len())).bind(&id.0.as_bytes()[..]);
        let query = grams.iter().fold(query, |query, gram| query.bind(&**gram));
        query.execute(tx.sql()).await?;
    }
    Ok(())
}

/// Enters up to `most` people who were there before they could be found so. Gives how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn enter_missing(tx: &mut Tx, most: u16) -> Result<usize, Error> {
    // Held before their names are read: one that is under way is waited for and seen.
    let statement = match tx.dialect() {
        Dialect::Sqlite => "SELECT id, name FROM account WHERE search IS NULL ORDER BY id LIMIT $1",
        Dialect::Postgres => {
            "SELECT id, name FROM account WHERE search IS NULL ORDER BY id LIMIT $1
             FOR NO KEY UPDATE"
        }
    };
    let rows = sql::query(statement)
        .bind(i64::from(most))
        .fetch_all(tx.sql())
        .await?;
    for row in &rows {
        enter(tx, UserId(row.id("id")?), row.try_get("name")?).await?;
    }
    Ok(rows.len())
}

/// Whether somebody waits to be entered.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_missing(sql: &mut Connection) -> Result<bool, Error> {
    let row = sql::query("SELECT id FROM account WHERE search IS NULL LIMIT 1")
        .fetch_optional(sql)
        .await?;
    Ok(row.is_some())
}
