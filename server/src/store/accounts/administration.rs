//! The accounts of one office, as its administrators keep them.

use jiff::Timestamp;
use shared::Day;
use shared::accounts::UserName;
use shared::accounts::administration::{Account, Standing};
use shared::id::{UserId, Version};

use super::named::enter;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, Connection, Row};
use crate::store::{Dialect, Error, Noun, Tx};

/// The columns of [`account`]; `$2` is today. Whose follow-up is over by then is not counted as
/// somebody's to ring.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name_version, login, name, role, initial_until, added_at, last_login_at,
                    (SELECT count(*) FROM returnee
                     WHERE assignee = account.id AND last_day >= $2) AS assigned
             FROM account WHERE office = $1 AND deleted_at IS NULL ",
            $rest
        )
    };
}

fn account(row: &Row, now: Timestamp) -> Result<Account, Error> {
    let count = |column: &str| {
        let number = row.number(column)?;
        u32::try_from(number).map_err(|_| Error::Corrupt(format!("column {column}")))
    };
    Ok(Account {
        id: UserId(row.id("id")?),
        version: Version(count("name_version")?),
        login: row.parsed("login")?,
        name: row.parsed("name")?,
        role: row.parsed("role")?,
        standing: match row.maybe_instant("initial_until")? {
            None => Standing::Chosen,
            Some(at) if at <= now => Standing::Lapsed { at },
            Some(until) => Standing::HandedOver { until },
        },
        added_at: row.instant("added_at")?,
        last_login_at: row.maybe_instant("last_login_at")?,
        assigned: count("assigned")?,
    })
}

/// The accounts of the office with this number as of `now`, by name, without those deleted.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(
    sql: &mut Connection,
    office: i64,
    now: Timestamp,
) -> Result<Vec<Account>, Error> {
    sql::query(select!("ORDER BY name, id"))
        .bind(office)
        .bind(Day::in_japan(now).to_string())
        .fetch_all(sql)
        .await?
        .iter()
        .map(|row| account(row, now))
        .collect()
}

/// One of them, to be changed within this transaction: nobody else changes it before that ends.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(tx: &mut Tx, office: i64, id: UserId) -> Result<Option<Account>, Error> {
    let now = tx.now();
    let text = match tx.dialect() {
        // Nobody else writes meanwhile.
        Dialect::Sqlite => select!("AND id = $3"),
        Dialect::Postgres => select!("AND id = $3 FOR NO KEY UPDATE OF account"),
    };
    let row = sql::query(text)
        .bind(office)
        .bind(Day::in_japan(now).to_string())
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(tx.sql())
        .await?;
    row.map(|row| account(&row, now)).transpose()
}

/// Gives an account that was seen in this version another name; whether it still was in it.
///
/// # Errors
/// [`Error::Database`].
pub async fn rename(
    tx: &mut Tx,
    id: UserId,
    seen: Version,
    name: &UserName,
) -> Result<bool, Error> {
    let done = sql::query(
        "UPDATE account SET name = $1, name_version = name_version + 1
         WHERE id = $2 AND name_version = $3 AND deleted_at IS NULL",
    )
    .bind(name.as_str())
    .bind(&id.0.as_bytes()[..])
    .bind(i64::from(seen.0))
    .execute(tx.sql())
    .await?;
    let is_done = done.rows_affected() == 1;
    if is_done {
        enter(tx, id, name.as_str()).await?;
    }
    // Sessions in use carry the name.
    tx.announce(Noun::Sessions);
    Ok(is_done)
}
