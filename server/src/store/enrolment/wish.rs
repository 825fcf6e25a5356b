//! Wishes for another certificate that were used, as rows: what a terminal signed once serves once.

use jiff::{SignedDuration, Timestamp};
use shared::enrolment::ask::ASK_CLOCK_SECONDS;

use super::maybe_instant;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, Connection};
use crate::store::{Error, Tx};

/// How many are kept of one certificate. Nobody presses the key that often before the oldest ends; a
/// program that does is answered and fills nothing.
const MOST: i64 = 50;

/// What was answered to the wish that the terminal with the certificate of this fingerprint signed
/// with the instant `said_at`, if it was used before; or, to one that used up as many as are kept,
/// what was answered last.
///
/// # Errors
/// [`Error::Database`].
pub async fn used_wish(
    sql: &mut Connection,
    certificate: &[u8; 32],
    said_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let row = sql::query(
        "SELECT max(CASE WHEN said_at = $2 THEN noted_at END) AS same, max(noted_at) AS last,
                count(*) AS kept
         FROM wish WHERE certificate = $1 AND ends_at >= $3",
    )
    .bind(certificate)
    .bind(said_at.to_string())
    .bind(now.as_millisecond())
    .fetch_one(sql)
    .await?;
    let is_full = row.number("kept")? >= MOST;
    let answered = match row.maybe_number("same")? {
        None if is_full => row.maybe_number("last")?,
        same => same,
    };
    maybe_instant(answered)
}

/// Notes that such a wish was used, and what was answered: since when the office's is known. Those that
/// are too old to be used anyhow are forgotten.
///
/// # Errors
/// [`Error::Database`].
pub async fn use_wish(
    tx: &mut Tx,
    certificate: &[u8; 32],
    said_at: Timestamp,
    noted_at: Timestamp,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("DELETE FROM wish WHERE ends_at < $1")
        .bind(now)
        .execute(tx.sql())
        .await?;
    let ends_at = said_at + SignedDuration::from_secs(ASK_CLOCK_SECONDS);
    sql::query(
        "INSERT INTO wish (certificate, said_at, noted_at, ends_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(certificate)
    .bind(said_at.to_string())
    .bind(noted_at.as_millisecond())
    // The one under way counts whole.
    .bind(ends_at.as_millisecond() + 1)
    .execute(tx.sql())
    .await?;
    Ok(())
}
