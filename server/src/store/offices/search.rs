//! Finding offices by any part of what names or reaches them. The index over the grams of each
//! office's text proposes, the text itself decides.

use shared::ProblemCode;
use shared::text::search_key;

use crate::store::columns::Columns as _;
use crate::store::follow_up::search::{grams, wanted_grams};
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// Of so many offices the text is looked at one by one before the index is asked: what many
/// offices have in common (保健所) fills a page from the first few.
const LOOKED_AT: i64 = 512;

/// Writes what an office is found by, after its name or contact has changed.
///
/// # Errors
/// [`Error::Database`].
pub async fn enter(tx: &mut Tx, number: i64) -> Result<(), Error> {
    let row = sql::query(
        "SELECT o.code, o.name, o.reading, o.phone, o.address, k.mail, k.password_mail
         FROM office o LEFT JOIN contact k ON k.office = o.number
             AND k.version = (SELECT max(version) FROM contact WHERE office = o.number)
         WHERE o.number = $1",
    )
    .bind(number)
    .fetch_one(tx.sql())
    .await?;
    let columns = [
        "name",
        "reading",
        "code",
        "mail",
        "password_mail",
        "phone",
        "address",
    ];
    let mut keys = Vec::new();
    for column in columns {
        let text: Option<&str> = row.try_get(column)?;
        keys.extend(text.map(search_key).filter(|key| !key.is_empty()));
    }
    let text = keys.join("\n");
    let tokens: Vec<String> = grams(&text).into_iter().collect();
    sql::query("UPDATE office SET search = $1 WHERE number = $2")
        .bind(text.as_str())
        .bind(number)
        .execute(tx.sql())
        .await?;
    let statement = match tx.dialect() {
        Dialect::Sqlite => "REPLACE INTO office_search (rowid, grams) VALUES ($1, $2)",
        Dialect::Postgres => {
            "INSERT INTO office_search (number, grams) VALUES ($1, string_to_array($2, ' '))
             ON CONFLICT (number) DO UPDATE SET grams = excluded.grams"
        }
    };
    sql::query(statement)
        .bind(number)
        .bind(tokens.join(" "))
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Enters up to `most` offices that were there before they could be found. Gives how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn enter_missing(tx: &mut Tx, most: u16) -> Result<usize, Error> {
    let rows = sql::query("SELECT number FROM office WHERE search = '' ORDER BY number LIMIT $1")
        .bind(i64::from(most))
        .fetch_all(tx.sql())
        .await?;
    for row in &rows {
        enter(tx, row.number("number")?).await?;
    }
    Ok(rows.len())
}

/// Whether an office waits to be entered.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_missing(sql: &mut Connection) -> Result<bool, Error> {
    let row = sql::query("SELECT number FROM office WHERE search = '' LIMIT 1")
        .fetch_optional(sql)
        .await?;
    Ok(row.is_some())
}

fn numbers(rows: &[Row]) -> Result<Vec<i64>, Error> {
    rows.iter().map(|row| row.number("number")).collect()
}

/// The numbers of offices behind `after` whose text holds `key` (a search key), at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_text(
    sql: &mut Connection,
    dialect: Dialect,
    key: &str,
    after: i64,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let holds = format!("{}(o.search, $2) > 0", dialect.position());
    let text = format!(
        "SELECT o.number FROM (SELECT number, search FROM office WHERE number > $1
                               ORDER BY number LIMIT {LOOKED_AT}) o
         WHERE {holds} ORDER BY o.number LIMIT {most}"
    );
    let first = sql::query(AssertSqlSafe(text))
        .bind(after)
        .bind(key)
        .fetch_all(sql)
        .await?;
    if first.len() == most {
        return numbers(&first);
    }
    let wanted = wanted_grams(key);
    let (found, tokens) = match dialect {
        Dialect::Sqlite => {
            let quoted: Vec<String> = wanted.iter().map(|gram| format!("\"{gram}\"")).collect();
            (
                "SELECT rowid AS number FROM office_search
                 WHERE office_search MATCH $3 AND rowid > $1",
                quoted.join(" AND "),
            )
        }
        Dialect::Postgres => (
            "SELECT number FROM office_search
             WHERE grams @> string_to_array($3, ' ') AND number > $1",
            wanted.into_iter().collect::<Vec<_>>().join(" "),
        ),
    };
    let text = format!(
        "SELECT o.number FROM ({found}) c CROSS JOIN office o
         WHERE o.number = c.number AND {holds} ORDER BY o.number LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(after)
        .bind(key)
        .bind(tokens)
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// The numbers of offices with a certificate whose serial number begins with `digits`, at most
/// `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_serial(sql: &mut Connection, digits: &str, most: usize) -> Result<Vec<i64>, Error> {
    // Behind every hexadecimal digit in any order of letters.
    let end = format!("{digits}g");
    let text = format!(
        "SELECT o.number FROM certificate c JOIN office o ON o.code = c.office
         WHERE c.serial >= $1 AND c.serial < $2 ORDER BY c.serial LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(digits)
        .bind(end)
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// The numbers of offices with a link whose id begins with these digits, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_link(sql: &mut Connection, digits: &str, most: usize) -> Result<Vec<i64>, Error> {
    let bound = |fill: char| -> Option<Vec<u8>> {
        let mut whole = digits.get(..digits.len().min(32))?.to_owned();
        whole.extend(std::iter::repeat_n(fill, 32 - whole.len()));
        let number = u128::from_str_radix(&whole, 16).ok()?;
        Some(number.to_be_bytes().to_vec())
    };
    let (Some(first), Some(last)) = (bound('0'), bound('f')) else {
        return Ok(Vec::new());
    };
    let text = format!(
        "SELECT o.number FROM link l JOIN office o ON o.code = l.office
         WHERE l.id >= $1 AND l.id <= $2 ORDER BY l.id LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(first)
        .bind(last)
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// The numbers of offices that met this error, the latest first, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_error(
    sql: &mut Connection,
    code: ProblemCode,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let text = format!(
        "SELECT office AS number FROM refusal WHERE code = $1 ORDER BY last_at DESC LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(code.as_str())
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}
