//! What there is to write about, and what has lost its meaning.

use jiff::{SignedDuration, Timestamp};
use shared::enrolment::Serial;
use shared::id::EnrolmentId;
use shared::offices::{OfficeCode, OfficeName};
use shared::text::MailAddress;

use super::{DEAD_AT_3, OF_A_LINK};
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection};
use crate::store::{Error, Tx};

/// How many occasions are looked for at once.
const AT_ONCE: i64 = 200;

/// A link that was mailed and that nobody has used.
#[derive(Debug, Clone)]
pub struct UnusedLink {
    /// Which.
    pub id: EnrolmentId,
    /// For whom.
    pub office: OfficeCode,
    /// The office's name.
    pub name: OfficeName,
    /// Where the link was mailed.
    pub recipient: MailAddress,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is dead.
    pub expires_at: Timestamp,
}

/// Unused links that are due for a reminder at `now`, since `every` has passed once more since
/// they were made; and those that expired less than `recently` ago, about which nothing has been
/// written yet. At most 200 at once.
///
/// # Errors
/// [`Error::Database`].
pub async fn unused_links(
    sql: &mut Connection,
    now: Timestamp,
    every: SignedDuration,
    recently: SignedDuration,
) -> Result<Vec<UnusedLink>, Error> {
    // A reminder that was queued since the last time it was due stands for that time, and for
    // all before it that were missed.
    let rows = sql::query(
        "SELECT l.id, l.office, o.name, m.recipient, l.issued_at, l.expires_at
         FROM link l
         JOIN office o ON o.code = l.office AND o.closed_at IS NULL
         JOIN mail m ON m.link = l.id AND m.kind IN ('invitation', 'reissue') AND m.state = 'sent'
         WHERE l.used_at IS NULL AND l.cancelled_at IS NULL AND l.locked_at IS NULL
           AND l.expires_at > $1 - $3 AND l.issued_at <= $1 - $2
           AND CASE WHEN l.expires_at <= $1
               THEN NOT EXISTS (SELECT 1 FROM mail e WHERE e.link = l.id AND e.kind = 'expired')
               ELSE NOT EXISTS (SELECT 1 FROM mail r WHERE r.link = l.id AND r.kind = 'reminder'
                                AND r.queued_at >= l.issued_at + ($1 - l.issued_at) / $2 * $2)
               END
         ORDER BY l.expires_at, m.id LIMIT $4",
    )
    .bind(now.as_millisecond())
    .bind(milliseconds(every))
    .bind(milliseconds(recently))
    .bind(AT_ONCE)
    .fetch_all(sql)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(UnusedLink {
                id: EnrolmentId(row.id("id")?),
                office: row.parsed("office")?,
                name: row.parsed("name")?,
                recipient: row.parsed("recipient")?,
                issued_at: row.instant("issued_at")?,
                expires_at: row.instant("expires_at")?,
            })
        })
        .collect()
}

/// A link that wrong passwords locked.
#[derive(Debug, Clone)]
pub struct LockedLink {
    /// Which.
    pub id: EnrolmentId,
    /// For whom.
    pub office: OfficeCode,
    /// The office's name.
    pub name: OfficeName,
    /// When it was locked.
    pub locked_at: Timestamp,
}

/// Links locked since `since` of which the helpdesk was not told. At most 200 at once.
///
/// # Errors
/// [`Error::Database`].
pub async fn locked_links(
    sql: &mut Connection,
    since: Timestamp,
) -> Result<Vec<LockedLink>, Error> {
    let rows = sql::query(
        "SELECT l.id, l.office, o.name, l.locked_at
         FROM link l JOIN office o ON o.code = l.office
         WHERE l.locked_at > $1
           AND NOT EXISTS (SELECT 1 FROM mail t WHERE t.link = l.id AND t.kind = 'link-locked'
                           AND t.queued_at >= l.locked_at)
         ORDER BY l.locked_at LIMIT $2",
    )
    .bind(since.as_millisecond())
    .bind(AT_ONCE)
    .fetch_all(sql)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(LockedLink {
                id: EnrolmentId(row.id("id")?),
                office: row.parsed("office")?,
                name: row.parsed("name")?,
                locked_at: row.instant("locked_at")?,
            })
        })
        .collect()
}

/// A certificate in use that ends soon.
#[derive(Debug, Clone)]
pub struct EndingCertificate {
    /// Its serial number.
    pub serial: Serial,
    /// Whose.
    pub office: OfficeCode,
    /// The office's name.
    pub name: OfficeName,
    /// The office's address, if it has one.
    pub mail: Option<MailAddress>,
    /// Its last second.
    pub expires_at: Timestamp,
    /// The smallest of the warnings' days that are not left any more.
    pub warning: i64,
}

/// What goes before serial and days in the name of an occasion to warn.
pub const WARNING: &str = "certificate-ending";

/// Certificates in use that have at most 60, 30 or 7 days left at `now` and about which that was
/// not written yet. A terminal renews itself long before, so it did not work there. At most 200
/// at once.
///
/// # Errors
/// [`Error::Database`].
pub async fn ending_certificates(
    sql: &mut Connection,
    now: Timestamp,
) -> Result<Vec<EndingCertificate>, Error> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let text = format!(
        "SELECT serial, office, name, mail, expires_at, warning FROM (
             SELECT c.serial, c.office, o.name, c.expires_at,
                    (SELECT k.mail FROM contact k WHERE k.office = o.number
                     ORDER BY k.version DESC LIMIT 1) AS mail,
                    CASE WHEN c.expires_at - $1 <= {} THEN 7
                         WHEN c.expires_at - $1 <= {} THEN 30 ELSE 60 END AS warning
             FROM certificate c JOIN office o ON o.code = c.office AND o.closed_at IS NULL
             WHERE c.expires_at >= $1 AND c.expires_at - $1 <= {}
               AND c.first_used_at IS NOT NULL
               AND c.superseded_at IS NULL AND c.revoked_at IS NULL) ending
         WHERE NOT EXISTS (SELECT 1 FROM mail t
                           WHERE t.once = '{WARNING}:' || serial || ':' || warning)
         ORDER BY expires_at LIMIT $2",
        7 * DAY,
        30 * DAY,
        60 * DAY,
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(now.as_millisecond())
        .bind(AT_ONCE)
        .fetch_all(sql)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(EndingCertificate {
                serial: row.parsed("serial")?,
                office: row.parsed("office")?,
                name: row.parsed("name")?,
                mail: row.maybe_parsed("mail")?,
                expires_at: row.instant("expires_at")?,
                warning: row.number("warning")?,
            })
        })
        .collect()
}

/// Withdraws what waits to hand out a link that is dead by now.
///
/// # Errors
/// [`Error::Database`].
pub async fn withdraw_dead(tx: &mut Tx) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let text = format!(
        "UPDATE mail SET state = 'withdrawn', settled_at = $1, sealed = NULL
         WHERE state = 'waiting' AND sealed IS NOT NULL AND {OF_A_LINK}
           AND (held_until IS NULL OR held_until <= $2)
           AND EXISTS (SELECT 1 FROM link WHERE link.id = mail.link AND {DEAD_AT_3})"
    );
    sql::query(AssertSqlSafe(text))
        .bind(now)
        .bind(now)
        .bind(now)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Withdraws whatever hands out the link `id` and has not gone out, and wipes what could be handed
/// out once more: its password is about to be another.
///
/// # Errors
/// [`Error::Database`].
pub async fn withdraw_of_link(tx: &mut Tx, id: EnrolmentId) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let text = format!(
        "UPDATE mail SET sealed = NULL,
                settled_at = CASE WHEN state = 'waiting' THEN $1 ELSE settled_at END,
                state = CASE WHEN state = 'waiting' THEN 'withdrawn' ELSE state END
         WHERE link = $2 AND sealed IS NOT NULL AND {OF_A_LINK}"
    );
    sql::query(AssertSqlSafe(text))
        .bind(now)
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Until when texts are kept that have done their work.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// Letters printed before this are not printed again.
    pub letters: Timestamp,
    /// Passwords read out before this are not shown again.
    pub read_out: Timestamp,
    /// What ended unsent before this is not sent again.
    pub unsent: Timestamp,
}

/// Wipes every text that nobody needs any more: what `keep` does not cover, and what would hand
/// out a dead link.
///
/// # Errors
/// [`Error::Database`].
pub async fn wipe_done(tx: &mut Tx, keep: Keep) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let text = format!(
        "UPDATE mail SET sealed = NULL
         WHERE sealed IS NOT NULL
           AND ((state = 'handed-over' AND way = 'letter' AND settled_at <= $1)
             OR (state = 'handed-over' AND way = 'phone' AND settled_at <= $2)
             OR (state IN ('refused', 'given-up') AND settled_at <= $4)
             OR (state <> 'waiting' AND {OF_A_LINK}
                 AND EXISTS (SELECT 1 FROM link WHERE link.id = mail.link AND {DEAD_AT_3})))"
    );
    sql::query(AssertSqlSafe(text))
        .bind(keep.letters.as_millisecond())
        .bind(keep.read_out.as_millisecond())
        .bind(now)
        .bind(keep.unsent.as_millisecond())
        .execute(tx.sql())
        .await?;
    Ok(())
}

fn milliseconds(span: SignedDuration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
