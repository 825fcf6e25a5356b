//! What one person reissued and revoked without a second one.

use std::collections::HashSet;

use jiff::Timestamp;

use super::By;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection};
use crate::store::{Dialect, Error, Tx};

/// Within a transaction: nobody else counts or adds to what this person did alone before its end.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold_person(tx: &mut Tx, by: By) -> Result<(), Error> {
    if let (Dialect::Postgres, By::Person(id)) = (tx.dialect(), by) {
        sql::query("SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE")
            .bind(&id.0.as_bytes()[..])
            .fetch_optional(tx.sql())
            .await?;
    }
    Ok(())
}

/// The numbers of the offices that somebody reissued or revoked without a second person since
/// `since`, and of those that wait for it in their jobs. A job that a second person approved is
/// not among them.
///
/// # Errors
/// [`Error::Database`].
pub async fn done_alone(
    sql: &mut Connection,
    by: By,
    since: Timestamp,
) -> Result<HashSet<i64>, Error> {
    let (actor, person) = match by {
        By::Person(id) => ("person", Some(id.0.as_bytes().to_vec())),
        By::Operator => ("operator", None),
        // Whoever holds a link or a certificate ends none but their own.
        By::Terminal => return Ok(HashSet::new()),
    };
    let (whose, asked_by) = match by {
        By::Person(_) => ("e.person = $2", "j.asked_by = $2"),
        _ => (
            "e.person IS NULL AND $2 IS NULL",
            "j.asked_by IS NULL AND $2 IS NULL",
        ),
    };
    let text = format!(
        "SELECT e.office AS office FROM enrolment_event e LEFT JOIN job j ON j.id = e.job
         WHERE e.actor = '{actor}' AND {whose} AND e.happened_at > $1
           AND e.event IN ('reissued', 'revoked') AND j.decide_by IS NULL
         UNION
         SELECT p.office FROM job j JOIN job_office p ON p.job = j.id
         WHERE {asked_by} AND j.decide_by IS NULL AND j.kind IN ('reissue', 'revoke')
           AND j.state IN ('running', 'paused') AND p.outcome = 'pending'"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(since.as_millisecond())
        .bind(person)
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| row.number("office")).collect()
}
