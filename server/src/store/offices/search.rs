//! Finding offices by any part of what names or reaches them. The index over the grams of each
//! office's text proposes, the text itself decides.

use std::collections::BTreeSet;

use shared::ProblemCode;
use shared::enrolment::Serial;
use shared::text::search_key;

use super::hold;
use crate::store::columns::Columns as _;
use crate::store::enrolment::{KnownCertificate, known_certificate};
use crate::store::follow_up::search::{grams, wanted_grams};
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// Of so many offices PostgreSQL looks at the text one by one before it asks the index, which would
/// give all offices that have something in common (保健所) before the first: these fill a page from
/// the first few.
const LOOKED_AT: i64 = 512;
/// A gram that no more offices than this hold says alone which to look at.
const FEW: usize = 64;
/// In how many pieces SQLite's index may lie before it is tidied. Each is one more place in which a
/// gram is looked for.
const PIECES: i64 = 4;
/// How many pages of 4 KiB one step of tidying writes: some milliseconds, so that nobody else's
/// write waits long.
const PAGES: i64 = 16;

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
    // In the order of bytes, in which everybody holds offices who holds several.
    let statement = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT number, code FROM office WHERE search = '' ORDER BY code LIMIT $1"
        }
        Dialect::Postgres => {
            "SELECT number, code FROM office WHERE search = '' ORDER BY code COLLATE \"C\" LIMIT $1"
        }
    };
    let rows = sql::query(statement)
        .bind(i64::from(most))
        .fetch_all(tx.sql())
        .await?;
    for row in &rows {
        // Held before its text is put together: a change that is under way is waited for and seen,
        // and one that comes later writes over what is entered here, not under it.
        hold(tx, &row.parsed("code")?).await?;
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

/// Whether SQLite's index lies in many pieces: every transaction that enters offices adds one, and
/// what a search costs would grow with them. PostgreSQL tidies its own.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_untidy(sql: &mut Connection, dialect: Dialect) -> Result<bool, Error> {
    if dialect == Dialect::Postgres {
        return Ok(false);
    }
    let row = sql::query("SELECT count(DISTINCT segid) AS pieces FROM office_search_idx")
        .fetch_one(sql)
        .await?;
    Ok(row.number("pieces")? > PIECES)
}

/// Brings the pieces of SQLite's index together, one step of the way; false when there was nothing
/// left to do.
///
/// # Errors
/// [`Error::Database`].
pub async fn tidy(tx: &mut Tx) -> Result<bool, Error> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(false);
    }
    let before = changes(tx).await?;
    sql::query("INSERT INTO office_search (office_search, rank) VALUES ('merge', -$1)")
        .bind(PAGES)
        .execute(tx.sql())
        .await?;
    // The order itself counts as one change.
    Ok(changes(tx).await? - before > 1)
}

async fn changes(tx: &mut Tx) -> Result<i64, Error> {
    let row = sql::query("SELECT total_changes() AS changes")
        .fetch_one(tx.sql())
        .await?;
    row.number("changes")
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
    let grams = wanted_grams(key);
    if grams.is_empty() {
        return Ok(Vec::new());
    }
    match dialect {
        Dialect::Sqlite => by_ordered_index(sql, key, &grams, after, most).await,
        Dialect::Postgres => by_whole_index(sql, key, grams, after, most).await,
    }
}

/// SQLite's index gives offices in their order, one by one, and is asked no further than the page
/// is full. Only of a rare gram beside a frequent one it would walk all that hold the frequent one.
async fn by_ordered_index(
    sql: &mut Connection,
    key: &str,
    grams: &BTreeSet<String>,
    after: i64,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let quoted = |gram: &String| format!("\"{gram}\"");
    if grams.len() > 1 {
        let text = format!(
            "SELECT rowid AS number FROM office_search
             WHERE office_search MATCH $1 AND rowid > $2 ORDER BY rowid LIMIT {}",
            FEW + 1
        );
        for gram in grams {
            let rows = sql::query(AssertSqlSafe(text.clone()))
                .bind(quoted(gram))
                .bind(after)
                .fetch_all(sql)
                .await?;
            if rows.len() <= FEW {
                return holding(sql, key, &numbers(&rows)?, most).await;
            }
        }
    }
    let text = format!(
        "SELECT c.rowid AS number FROM office_search c CROSS JOIN office o
         WHERE office_search MATCH $1 AND c.rowid > $2
           AND o.number = c.rowid AND instr(o.search, $3) > 0
         ORDER BY c.rowid LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(grams.iter().map(quoted).collect::<Vec<_>>().join(" AND "))
        .bind(after)
        .bind(key)
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// Those of `few` offices whose text holds `key`, on SQLite.
async fn holding(
    sql: &mut Connection,
    key: &str,
    few: &[i64],
    most: usize,
) -> Result<Vec<i64>, Error> {
    let text = format!(
        "SELECT number FROM office
         WHERE number IN (SELECT value FROM json_each($1)) AND instr(search, $2) > 0
         ORDER BY number LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(format!("{few:?}"))
        .bind(key)
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// PostgreSQL's index gives all that it finds at once, and knows by itself which gram is rare.
async fn by_whole_index(
    sql: &mut Connection,
    key: &str,
    grams: BTreeSet<String>,
    after: i64,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let text = format!(
        "SELECT o.number FROM (SELECT number, search FROM office WHERE number > $1
                               ORDER BY number LIMIT {LOOKED_AT}) o
         WHERE strpos(o.search, $2) > 0 ORDER BY o.number LIMIT {most}"
    );
    let first = sql::query(AssertSqlSafe(text))
        .bind(after)
        .bind(key)
        .fetch_all(sql)
        .await?;
    if first.len() == most {
        return numbers(&first);
    }
    let text = format!(
        "SELECT o.number FROM office_search c CROSS JOIN office o
         WHERE c.grams @> string_to_array($3, ' ') AND c.number > $1
           AND o.number = c.number AND strpos(o.search, $2) > 0
         ORDER BY o.number LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(after)
        .bind(key)
        .bind(grams.into_iter().collect::<Vec<_>>().join(" "))
        .fetch_all(sql)
        .await?;
    numbers(&rows)
}

/// A certificate that was looked for by its serial number.
#[derive(Debug, Clone)]
pub struct FoundCertificate {
    /// The number of its office.
    pub office: i64,
    /// The certificate.
    pub known: KnownCertificate,
    /// The one that took its place.
    pub replaced_by: Option<Serial>,
}

/// The certificates whose serial numbers begin with `digits`, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_serial(
    sql: &mut Connection,
    digits: &str,
    most: usize,
) -> Result<Vec<FoundCertificate>, Error> {
    // Behind every hexadecimal digit in any order of letters.
    let end = format!("{digits}g");
    // What takes a certificate's place does so by being used for the first time, or by being issued
    // while the other was not used yet: in the same write, hence at the same instant.
    let text = format!(
        "SELECT o.number AS office_number, c.serial, c.terminal, c.issued_at, c.expires_at,
                c.first_used_at, c.superseded_at, c.revoked_at, c.seen_at,
                (SELECT s.serial FROM certificate s
                 WHERE s.office = c.office AND s.fingerprint <> c.fingerprint
                   AND (s.first_used_at = c.superseded_at OR s.issued_at = c.superseded_at)
                 ORDER BY s.issued_at DESC, s.serial LIMIT 1) AS replaced_by
         FROM certificate c JOIN office o ON o.code = c.office
         WHERE c.serial >= $1 AND c.serial < $2 ORDER BY c.serial LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(digits)
        .bind(end)
        .fetch_all(sql)
        .await?;
    let read = |row: &Row| {
        Ok(FoundCertificate {
            office: row.number("office_number")?,
            known: known_certificate(row, row.parsed("serial")?)?,
            replaced_by: row.maybe_parsed("replaced_by")?,
        })
    };
    rows.iter().map(read).collect()
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
