//! Links as rows.

use jiff::Timestamp;
use shared::{id::EnrolmentId, offices::OfficeCode};

use super::{hash, id, instant, maybe_instant, refused};
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// A link as it is kept.
#[derive(Clone)]
pub struct LinkRow {
    /// Which link.
    pub id: EnrolmentId,
    /// The office it was issued to.
    pub office: OfficeCode,
    /// The password as it is kept: see [`crate::password::GeneratedPassword`].
    pub password: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is dead if nobody used it.
    pub expires_at: Timestamp,
    /// How many wrong passwords came.
    pub wrong_passwords: u32,
    /// When wrong passwords locked it.
    pub locked_at: Option<Timestamp>,
    /// When the helpdesk cancelled it.
    pub cancelled_at: Option<Timestamp>,
    /// When its office was closed.
    pub office_closed_at: Option<Timestamp>,
    /// When it was bound to its key.
    pub used_at: Option<Timestamp>,
    /// SHA-256 of that key's SubjectPublicKeyInfo.
    pub public_key: Option<[u8; 32]>,
}

const COLUMNS: &str = "SELECT id, office, password, issued_at, expires_at, wrong_passwords,
    locked_at, cancelled_at, used_at, public_key,
    (SELECT o.closed_at FROM office o WHERE o.code = link.office) FROM link";

fn read(row: &Row) -> Result<LinkRow, Error> {
    let public_key: Option<Vec<u8>> = row.try_get(9)?;
    Ok(LinkRow {
        id: EnrolmentId(id(row.try_get(0)?)?),
        office: OfficeCode::parse(row.try_get(1)?).map_err(refused)?,
        password: row.try_get(2)?,
        issued_at: instant(row.try_get(3)?)?,
        expires_at: instant(row.try_get(4)?)?,
        wrong_passwords: u32::try_from(row.try_get::<i64, _>(5)?).unwrap_or(u32::MAX),
        locked_at: maybe_instant(row.try_get(6)?)?,
        cancelled_at: maybe_instant(row.try_get(7)?)?,
        used_at: maybe_instant(row.try_get(8)?)?,
        public_key: public_key.as_deref().map(hash).transpose()?,
        office_closed_at: maybe_instant(row.try_get(10)?)?,
    })
}

/// The link `id`. Inside a transaction on PostgreSQL (`lock`) the row is held until its end, so
/// that two terminals with the same link come one after the other.
///
/// # Errors
/// The database fails.
pub async fn link(
    sql: &mut Connection,
    id: EnrolmentId,
    lock: Option<Dialect>,
) -> Result<Option<LinkRow>, Error> {
    let text = match lock {
        Some(Dialect::Postgres) => format!("{COLUMNS} WHERE id = $1 FOR UPDATE"),
        Some(Dialect::Sqlite) | None => format!("{COLUMNS} WHERE id = $1"),
    };
    let row = sql::query(AssertSqlSafe(text))
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Every link, the newest first.
///
/// # Errors
/// The database fails.
pub async fn links(sql: &mut Connection) -> Result<Vec<LinkRow>, Error> {
    let text = format!("{COLUMNS} ORDER BY issued_at DESC, id");
    let rows = sql::query(AssertSqlSafe(text)).fetch_all(sql).await?;
    rows.iter().map(read).collect()
}

/// Every link of one office, the newest first.
///
/// # Errors
/// The database fails.
pub async fn links_of(sql: &mut Connection, office: &OfficeCode) -> Result<Vec<LinkRow>, Error> {
    let text = format!("{COLUMNS} WHERE office = $1 ORDER BY issued_at DESC, id");
    let rows = sql::query(AssertSqlSafe(text))
        .bind(office.as_str())
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// Keeps a new link.
///
/// # Errors
/// The database fails.
pub async fn insert_link(tx: &mut Tx, link: &LinkRow) -> Result<(), Error> {
    sql::query(
        "INSERT INTO link (id, office, password, issued_at, expires_at, wrong_passwords)
         VALUES ($1, $2, $3, $4, $5, 0)",
    )
    .bind(&link.id.0.as_bytes()[..])
    .bind(link.office.as_str())
    .bind(link.password.as_str())
    .bind(link.issued_at.as_millisecond())
    .bind(link.expires_at.as_millisecond())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Counts a wrong password, and locks the link if `locks`.
///
/// # Errors
/// The database fails.
pub async fn note_wrong_password(tx: &mut Tx, id: EnrolmentId, locks: bool) -> Result<(), Error> {
    let locked_at = locks.then(|| tx.now().as_millisecond());
    sql::query(
        "UPDATE link SET wrong_passwords = wrong_passwords + 1, locked_at = $1 WHERE id = $2",
    )
    .bind(locked_at)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Binds the link to its one key and to what was issued for it.
///
/// # Errors
/// The database fails.
pub async fn bind_link(
    tx: &mut Tx,
    id: EnrolmentId,
    public_key: &[u8; 32],
    certificate: &[u8; 32],
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("UPDATE link SET used_at = $1, public_key = $2, certificate = $3 WHERE id = $4")
        .bind(now)
        .bind(&public_key[..])
        .bind(&certificate[..])
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Cancels a link that is neither used nor cancelled yet; false if there is none such.
///
/// # Errors
/// The database fails.
pub async fn cancel_link(tx: &mut Tx, id: EnrolmentId) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let done = sql::query(
        "UPDATE link SET cancelled_at = $1
         WHERE id = $2 AND used_at IS NULL AND cancelled_at IS NULL",
    )
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels every link of an office that somebody could still use, or unlock and use; gives which.
///
/// # Errors
/// The database fails.
pub async fn cancel_links_of(tx: &mut Tx, office: &OfficeCode) -> Result<Vec<EnrolmentId>, Error> {
    let now = tx.now().as_millisecond();
    let rows = sql::query(
        "UPDATE link SET cancelled_at = $1
         WHERE office = $2 AND used_at IS NULL AND cancelled_at IS NULL AND expires_at > $1
         RETURNING id",
    )
    .bind(now)
    .bind(office.as_str())
    .fetch_all(tx.sql())
    .await?;
    let read = |row: &Row| Ok(EnrolmentId(id(row.try_get(0)?)?));
    rows.iter().map(read).collect()
}

/// Gives a link that is not used or cancelled another password, as it is kept.
///
/// # Errors
/// The database fails.
pub async fn hand_out_anew(tx: &mut Tx, id: EnrolmentId, password: &str) -> Result<(), Error> {
    sql::query(
        "UPDATE link SET password = $1, handed_out = handed_out + 1
         WHERE id = $2 AND used_at IS NULL AND cancelled_at IS NULL",
    )
    .bind(password)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Opens a link that wrong passwords locked, for another round of tries.
///
/// # Errors
/// The database fails.
pub async fn unlock_link(tx: &mut Tx, id: EnrolmentId) -> Result<(), Error> {
    sql::query("UPDATE link SET wrong_passwords = 0, locked_at = NULL WHERE id = $1")
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    Ok(())
}
