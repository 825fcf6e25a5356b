//! Taking messages out of the queue to send them, and noting how that went.

use jiff::{SignedDuration, Timestamp};
use shared::id::MailId;
use shared::text::MailAddress;
use uuid::Uuid;

use super::{DEAD_AT_3, OF_A_LINK};
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe};
use crate::store::{Dialect, Error, Tx};

/// A message that this server, and no other, may send now.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Claimed {
    /// Which.
    pub id: MailId,
    /// To whom it goes.
    pub recipient: MailAddress,
    /// What goes into `Message-ID`, without angle brackets.
    pub message_id: String,
    /// Nonce, ciphertext and tag of its text.
    pub sealed: Vec<u8>,
    /// When it was first to be tried.
    pub begins_at: Timestamp,
    /// How often it has been tried, this time included.
    pub attempts: u32,
}

/// Takes up to `count` messages that are due, sealed `with` a key that the caller has, for
/// `holder` alone, for as long as `hold`. What a server held that died comes free at the end of
/// that time. What would hand out a link that is locked, or dead, stays where it is.
///
/// # Errors
/// [`Error::Database`].
pub async fn claim(
    tx: &mut Tx,
    holder: Uuid,
    with: [u8; 8],
    hold: SignedDuration,
    count: u16,
) -> Result<Vec<Claimed>, Error> {
    let now = tx.now();
    // Another server passes over the rows that this one has just taken, instead of waiting to
    // take them once more.
    let lock = match tx.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE OF mail SKIP LOCKED",
    };
    let text = format!(
        "WITH due AS (
             SELECT id FROM mail
             WHERE state = 'waiting' AND way = 'mail' AND due_at <= $3 AND sealed_with = $4
               AND (held_until IS NULL OR held_until <= $3)
               AND NOT EXISTS (SELECT 1 FROM link
                               WHERE link.id = mail.link AND {OF_A_LINK}
                                 AND (link.locked_at IS NOT NULL OR {DEAD_AT_3}))
             ORDER BY due_at LIMIT $5 {lock})
         UPDATE mail SET holder = $1, held_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM due)
         RETURNING id, recipient, message_id, sealed, begins_at, attempts"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(&holder.as_bytes()[..])
        .bind((now + hold).as_millisecond())
        .bind(now.as_millisecond())
        .bind(&with[..])
        .bind(i64::from(count))
        .fetch_all(tx.sql())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Claimed {
                id: MailId(row.id("id")?),
                recipient: row.parsed("recipient")?,
                message_id: row.parsed("message_id")?,
                sealed: row.try_get("sealed")?,
                begins_at: row.instant("begins_at")?,
                attempts: u32::try_from(row.number("attempts")?).unwrap_or(u32::MAX),
            })
        })
        .collect()
}

/// Holds on to everything that `holder` is sending until `hold` from now.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold_on(tx: &mut Tx, holder: Uuid, hold: SignedDuration) -> Result<(), Error> {
    let now = tx.now();
    sql::query(
        "UPDATE mail SET held_until = $1
         WHERE holder = $2 AND state = 'waiting' AND held_until > $3",
    )
    .bind((now + hold).as_millisecond())
    .bind(&holder.as_bytes()[..])
    .bind(now.as_millisecond())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The mail server took the message.
    Sent,
    /// It is tried again then.
    Later(Timestamp),
    /// The attempt came to nothing for a reason that has nothing to do with the message, and
    /// does not count. It is tried again then.
    NotTried(Timestamp),
    /// The mail server refused it for good.
    Refused,
    /// It was tried for long enough.
    GivenUp,
}

/// Notes how the attempt of `holder` at `id` went, with what the mail server said. That a message
/// was taken is noted even by a server that does not hold it any more; everything else is then
/// the business of the one that does. The text of what was sent is wiped.
///
/// # Errors
/// [`Error::Database`].
pub async fn mark(
    tx: &mut Tx,
    id: MailId,
    holder: Uuid,
    mark: &Mark,
    answer: &str,
) -> Result<(), Error> {
    let now = tx.now();
    let (set, instant) = match mark {
        Mark::Sent => ("state = 'sent', settled_at = $3, sealed = NULL", now),
        Mark::Later(due) => ("due_at = $3", *due),
        Mark::NotTried(due) => ("due_at = $3, attempts = attempts - 1", *due),
        Mark::Refused => ("state = 'refused', settled_at = $3", now),
        Mark::GivenUp => ("state = 'given-up', settled_at = $3", now),
    };
    let whose = match mark {
        // What bounced had been sent.
        Mark::Sent => "state NOT IN ('sent', 'bounced')",
        _ => "state = 'waiting' AND holder = $4",
    };
    let text = format!(
        "UPDATE mail SET holder = NULL, held_until = NULL, answer = $1, {set}
         WHERE id = $2 AND {whose}"
    );
    let mut query = sql::query(AssertSqlSafe(text))
        .bind(answer)
        .bind(&id.0.as_bytes()[..])
        .bind(instant.as_millisecond());
    if *mark != Mark::Sent {
        query = query.bind(&holder.as_bytes()[..]);
    }
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Notes that a message that was sent came back undelivered, with what the server that reports it
/// said; false if it is not noted as sent, or came back before.
///
/// # Errors
/// [`Error::Database`].
pub async fn bounced(tx: &mut Tx, id: MailId, answer: &str) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let done = sql::query(
        "UPDATE mail SET state = 'bounced', answer = $1, settled_at = $2
         WHERE id = $3 AND state = 'sent'",
    )
    .bind(answer)
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}
