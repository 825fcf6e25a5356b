//! What links and terminals of an office were refused of late: one row for each code, so that
//! nobody can fill the table, and nothing about a person.

use jiff::Timestamp;
use shared::ProblemCode;
use shared::enrolment::desk::{RecentRefusal, RefusedWhat};
use shared::id::EnrolmentId;

use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection};
use crate::store::{Error, Tx};

/// A refusal that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedTo {
    /// Whoever came with this link.
    Link(EnrolmentId),
    /// The terminal with the certificate of this fingerprint.
    Terminal([u8; 32]),
}

/// How often something was refused, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrences {
    /// How often.
    pub times: u32,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

impl Occurrences {
    /// Once.
    #[must_use]
    pub fn one(at: Timestamp) -> Self {
        Self {
            times: 1,
            first_at: at,
            last_at: at,
        }
    }

    /// And these, in whatever order they came.
    pub fn add(&mut self, others: Self) {
        self.times = self.times.saturating_add(others.times);
        self.first_at = self.first_at.min(others.first_at);
        self.last_at = self.last_at.max(others.last_at);
    }
}

/// Counts that `code` was said to a link or a terminal so often and at these instants; does nothing for
/// one that is not known. Another server may have written down meanwhile what came later.
///
/// # Errors
/// [`Error::Database`].
pub async fn count_refusal(
    tx: &mut Tx,
    to: &RefusedTo,
    code: ProblemCode,
    occurred: Occurrences,
) -> Result<(), Error> {
    let (what, table, column, id) = match to {
        RefusedTo::Link(id) => ("link", "link", "id", id.0.as_bytes().to_vec()),
        RefusedTo::Terminal(id) => ("terminal", "certificate", "fingerprint", id.to_vec()),
    };
    let text = format!(
        "INSERT INTO refusal (office, what, code, count, first_at, last_at)
         SELECT o.number, '{what}', $1, $2, $3, $4
         FROM {table} t JOIN office o ON o.code = t.office WHERE t.{column} = $5
         ON CONFLICT (office, what, code)
         DO UPDATE SET count = refusal.count + excluded.count,
             first_at = CASE WHEN excluded.first_at < refusal.first_at
                             THEN excluded.first_at ELSE refusal.first_at END,
             last_at = CASE WHEN excluded.last_at > refusal.last_at
                            THEN excluded.last_at ELSE refusal.last_at END"
    );
    sql::query(AssertSqlSafe(text))
        .bind(code.as_str())
        .bind(i64::from(occurred.times))
        .bind(occurred.first_at.as_millisecond())
        .bind(occurred.last_at.as_millisecond())
        .bind(id)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// What the office with this number was refused since `since`, the latest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn refusals(
    sql: &mut Connection,
    office: i64,
    since: Timestamp,
) -> Result<Vec<RecentRefusal>, Error> {
    let rows = sql::query(
        "SELECT what, code, count, first_at, last_at FROM refusal
         WHERE office = $1 AND last_at >= $2 ORDER BY last_at DESC, what, code",
    )
    .bind(office)
    .bind(since.as_millisecond())
    .fetch_all(sql)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let code: &str = row.try_get("code")?;
        // A code that a later program no longer says tells nobody anything.
        let known = ProblemCode::ALL.iter().find(|known| known.as_str() == code);
        let Some(code) = known.copied() else { continue };
        found.push(RecentRefusal {
            what: match row.try_get::<&str, _>("what")? {
                "link" => RefusedWhat::Link,
                _ => RefusedWhat::Terminal,
            },
            code,
            count: u32::try_from(row.number("count")?).unwrap_or(u32::MAX),
            first_at: row.instant("first_at")?,
            last_at: row.instant("last_at")?,
            past: false,
        });
    }
    Ok(found)
}

/// Forgets what is older than `before`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_refusals(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    sql::query("DELETE FROM refusal WHERE last_at < $1")
        .bind(before.as_millisecond())
        .execute(tx.sql())
        .await?;
    Ok(())
}
