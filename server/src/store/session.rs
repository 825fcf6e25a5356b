//! How sessions are kept, and how wrong passwords are counted.

use jiff::Timestamp;
use shared::accounts::{Person, Role};
use shared::enrolment::Serial;
use shared::id::UserId;
use uuid::Uuid;

use super::accounts::person;
use super::columns::Columns as _;
use super::sql::{self, Connection};
use super::{Error, Noun, Tx};

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Which.
    pub id: Uuid,
    /// The SHA-256 of the token; the token itself is kept nowhere.
    pub token: [u8; 32],
    /// Whose.
    pub account: UserId,
    /// The certificate that it was opened over.
    pub serial: Serial,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// Opens a session.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(tx: &mut Tx, new: &NewSession) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("DELETE FROM session WHERE expires_at <= $1")
        .bind(now)
        .execute(tx.sql())
        .await?;
    sql::query(
        "INSERT INTO session (id, token, account, serial, opened_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
    )
    .bind(&new.id.as_bytes()[..])
    .bind(&new.token[..])
    .bind(&new.account.0.as_bytes()[..])
    .bind(new.serial.as_str())
    .bind(now)
    .bind(new.expires_at.as_millisecond())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// A session that exists; whether it still counts is for the caller to judge.
#[derive(Debug, Clone)]
pub struct KnownSession {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// The number of the office that they belong to at this moment.
    pub office: i64,
    /// Whether the person must choose a password before anything else.
    pub must_change_password: bool,
    /// The certificate that it was opened over.
    pub serial: Serial,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// The session whose token has this SHA-256, unless its account was deleted.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_token(
    sql: &mut Connection,
    token: &[u8; 32],
) -> Result<Option<KnownSession>, Error> {
    let row = sql::query(
        "SELECT session.id AS session, account.id AS person, name, role, office, serial,
                seen_at, expires_at, initial_until
         FROM session JOIN account ON account.id = session.account
         WHERE token = $1 AND deleted_at IS NULL",
    )
    .bind(&token[..])
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        Ok(KnownSession {
            id: row.id("session")?,
            person: person(&row, "person", "name")?,
            role: row.parsed("role")?,
            office: row.number("office")?,
            must_change_password: row.maybe_instant("initial_until")?.is_some(),
            serial: row.parsed("serial")?,
            seen_at: row.instant("seen_at")?,
            expires_at: row.instant("expires_at")?,
        })
    })
    .transpose()
}

/// Notes that a session is in use.
///
/// # Errors
/// [`Error::Database`].
pub async fn see(tx: &mut Tx, session: Uuid) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("UPDATE session SET seen_at = $1 WHERE id = $2")
        .bind(now)
        .bind(&session.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Ends a session, on every server.
///
/// # Errors
/// [`Error::Database`].
pub async fn end(tx: &mut Tx, session: Uuid) -> Result<(), Error> {
    sql::query("DELETE FROM session WHERE id = $1")
        .bind(&session.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    tx.announce(Noun::Sessions);
    Ok(())
}

/// Ends every session of a person, on every server; gives how many there were.
///
/// # Errors
/// [`Error::Database`].
pub async fn end_all(tx: &mut Tx, person: UserId) -> Result<u64, Error> {
    // No session has this id.
    end_others(tx, person, Uuid::nil()).await
}

/// Ends every session of a person but `kept`, on every server; gives how many there were.
///
/// # Errors
/// [`Error::Database`].
pub async fn end_others(tx: &mut Tx, person: UserId, kept: Uuid) -> Result<u64, Error> {
    let done = sql::query("DELETE FROM session WHERE account = $1 AND id <> $2")
        .bind(&person.0.as_bytes()[..])
        .bind(&kept.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    tx.announce(Noun::Sessions);
    Ok(done.rows_affected())
}

/// Ends every session of an office's people, on every server; gives how many there were.
///
/// # Errors
/// [`Error::Database`].
pub async fn end_all_of(tx: &mut Tx, office: i64) -> Result<u64, Error> {
    let sessions =
        "DELETE FROM session WHERE account IN (SELECT id FROM account WHERE office = $1)";
    let done = sql::query(sessions).bind(office).execute(tx.sql()).await?;
    tx.announce(Noun::Sessions);
    Ok(done.rows_affected())
}

/// How often a password was tried on one login or from one terminal, since the last right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: u32,
    /// When last.
    pub last_at: Timestamp,
}

/// Counts one more try on `tried_on`, as of this transaction's instant, and gives what was counted
/// before it. Counting comes first and locks the count, so that of many tries at once, on any
/// number of servers, each sees those before it.
///
/// # Errors
/// [`Error::Database`].
pub async fn count_try(tx: &mut Tx, tried_on: &str) -> Result<Tries, Error> {
    let now = tx.now().as_millisecond();
    let row = sql::query(
        "INSERT INTO wrong_password (tried_on, count, last_at) VALUES ($1, 1, $2)
         ON CONFLICT (tried_on) DO UPDATE SET count = wrong_password.count + 1
         RETURNING count, last_at",
    )
    .bind(tried_on)
    .bind(now)
    .fetch_one(tx.sql())
    .await?;
    sql::query("UPDATE wrong_password SET last_at = $1 WHERE tried_on = $2")
        .bind(now)
        .bind(tried_on)
        .execute(tx.sql())
        .await?;
    Ok(Tries {
        count: u32::try_from(row.number("count")? - 1).unwrap_or(u32::MAX),
        last_at: row.instant("last_at")?,
    })
}

/// Forgets what was counted for `tried_on`.
///
/// # Errors
/// [`Error::Database`].
pub async fn clear_tries(tx: &mut Tx, tried_on: &str) -> Result<(), Error> {
    sql::query("DELETE FROM wrong_password WHERE tried_on = $1")
        .bind(tried_on)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Forgets every count without a try since `before`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_tries(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    sql::query("DELETE FROM wrong_password WHERE last_at < $1")
        .bind(before.as_millisecond())
        .execute(tx.sql())
        .await?;
    Ok(())
}
