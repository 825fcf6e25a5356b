//! Certificates as rows.

use jiff::Timestamp;
use shared::{
    enrolment::{Serial, TerminalIdentity},
    id::{EnrolmentId, TerminalId},
    offices::{Office, OfficeCode, OfficeKind, OfficeName},
};

use super::{hash, id, instant, maybe_instant, refused};
use crate::store::offices::hold;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Error, Noun, Tx};

/// A certificate about to be kept.
#[derive(Clone, Debug)]
pub struct NewCertificate {
    /// SHA-256 of its DER.
    pub fingerprint: [u8; 32],
    /// Serial number.
    pub serial: Serial,
    /// Whom it names.
    pub identity: TerminalIdentity,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub public_key: [u8; 32],
    /// The certificate itself.
    pub der: Vec<u8>,
    /// Its last second.
    pub expires_at: Timestamp,
}

/// A certificate with its office, as the door needs it.
#[derive(Clone, Debug)]
pub struct CertificateRow {
    /// SHA-256 of its DER.
    pub fingerprint: [u8; 32],
    /// Serial number.
    pub serial: Serial,
    /// Whom it names.
    pub identity: TerminalIdentity,
    /// The number of its office in the store.
    pub office_number: i64,
    /// The office.
    pub office: Office,
    /// Whether the office has been closed.
    pub office_closed: bool,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Its last second.
    pub expires_at: Timestamp,
    /// When it was shown for the first time.
    pub first_used_at: Option<Timestamp>,
    /// When a newer one took its place.
    pub superseded_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "SELECT c.fingerprint, c.serial, c.office, c.terminal, o.number, o.kind, o.name,
    o.closed_at, c.issued_at, c.expires_at, c.first_used_at, c.superseded_at, c.revoked_at
    FROM certificate c JOIN office o ON o.code = c.office";

fn read(row: &Row) -> Result<CertificateRow, Error> {
    let code = OfficeCode::parse(row.try_get(2)?).map_err(refused)?;
    let closed_at: Option<i64> = row.try_get(7)?;
    Ok(CertificateRow {
        fingerprint: hash(row.try_get(0)?)?,
        serial: Serial::parse(row.try_get(1)?).map_err(refused)?,
        identity: TerminalIdentity {
            office: code.clone(),
            terminal: TerminalId(id(row.try_get(3)?)?),
        },
        office_number: row.try_get(4)?,
        office: Office {
            code,
            kind: row
                .try_get::<&str, _>(5)?
                .parse::<OfficeKind>()
                .map_err(refused)?,
            name: OfficeName::parse(row.try_get(6)?).map_err(refused)?,
        },
        office_closed: closed_at.is_some(),
        issued_at: instant(row.try_get(8)?)?,
        expires_at: instant(row.try_get(9)?)?,
        first_used_at: maybe_instant(row.try_get(10)?)?,
        superseded_at: maybe_instant(row.try_get(11)?)?,
        revoked_at: maybe_instant(row.try_get(12)?)?,
    })
}

/// Every certificate that has not expired by `now`, live or not.
///
/// # Errors
/// The database fails.
pub async fn certificates(
    sql: &mut Connection,
    now: Timestamp,
) -> Result<Vec<CertificateRow>, Error> {
    let text = format!("{COLUMNS} WHERE c.expires_at >= $1");
    let rows = sql::query(AssertSqlSafe(text))
        .bind(now.as_second() * 1000)
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// The same of one office.
///
/// # Errors
/// The database fails.
pub async fn certificates_of(
    sql: &mut Connection,
    office: &OfficeCode,
    now: Timestamp,
) -> Result<Vec<CertificateRow>, Error> {
    let text = format!("{COLUMNS} WHERE c.expires_at >= $1 AND c.office = $2");
    let rows = sql::query(AssertSqlSafe(text))
        .bind(now.as_second() * 1000)
        .bind(office.as_str())
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// Every certificate ever issued, the newest first.
///
/// # Errors
/// The database fails.
pub async fn terminals(sql: &mut Connection) -> Result<Vec<CertificateRow>, Error> {
    let text = format!("{COLUMNS} ORDER BY c.issued_at DESC, c.serial");
    let rows = sql::query(AssertSqlSafe(text)).fetch_all(sql).await?;
    rows.iter().map(read).collect()
}

/// Keeps a new certificate.
///
/// # Errors
/// The database fails.
pub async fn insert_certificate(tx: &mut Tx, new: &NewCertificate) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO certificate
         (fingerprint, serial, office, terminal, public_key, der, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&new.fingerprint[..])
    .bind(new.serial.as_str())
    .bind(new.identity.office.as_str())
    .bind(&new.identity.terminal.0.as_bytes()[..])
    .bind(&new.public_key[..])
    .bind(&new.der[..])
    .bind(now)
    .bind(new.expires_at.as_millisecond())
    .execute(tx.sql())
    .await?;
    tx.announce_terminals(&new.identity.office);
    Ok(())
}

/// Every live certificate at `now`, its DER with its last second: one that is neither expired,
/// revoked nor superseded, of an open office, used or not.
///
/// # Errors
/// The database fails.
pub async fn live_certificates(
    sql: &mut Connection,
    now: Timestamp,
) -> Result<Vec<(Vec<u8>, Timestamp)>, Error> {
    let rows = sql::query(
        "SELECT c.der, c.expires_at FROM certificate c JOIN office o ON o.code = c.office
         WHERE c.expires_at >= $1 AND c.revoked_at IS NULL AND c.superseded_at IS NULL
           AND o.closed_at IS NULL",
    )
    .bind(now.as_second() * 1000)
    .fetch_all(sql)
    .await?;
    let read = |row: &Row| Ok((row.try_get(0)?, instant(row.try_get(1)?)?));
    rows.iter().map(read).collect()
}

/// How many certificates of this office would let a terminal in at `now` if it is open: neither
/// expired, revoked nor superseded.
///
/// # Errors
/// The database fails.
pub async fn live_certificates_of(
    sql: &mut Connection,
    office: &OfficeCode,
    now: Timestamp,
) -> Result<i64, Error> {
    let row = sql::query(
        "SELECT count(*) FROM certificate WHERE office = $1 AND expires_at >= $2
           AND revoked_at IS NULL AND superseded_at IS NULL",
    )
    .bind(office.as_str())
    .bind(now.as_second() * 1000)
    .fetch_one(sql)
    .await?;
    Ok(row.try_get(0)?)
}

/// A certificate as it was issued.
#[derive(Clone, Debug)]
pub struct KeptCertificate {
    /// How it stands.
    pub row: CertificateRow,
    /// The certificate itself.
    pub der: Vec<u8>,
}

/// The certificate with this fingerprint, however it stands.
///
/// # Errors
/// The database fails.
pub async fn certificate_of(
    sql: &mut Connection,
    fingerprint: &[u8; 32],
) -> Result<Option<KeptCertificate>, Error> {
    let text = format!("{COLUMNS} WHERE c.fingerprint = $1");
    let row = sql::query(AssertSqlSafe(text))
        .bind(&fingerprint[..])
        .fetch_optional(&mut *sql)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let der = sql::query("SELECT der FROM certificate WHERE fingerprint = $1")
        .bind(&fingerprint[..])
        .fetch_optional(sql)
        .await?;
    let der = der.map(|row| row.try_get(0)).transpose()?;
    let row = read(&row)?;
    Ok(der.map(|der| KeptCertificate { row, der }))
}

/// The certificate with this serial number, however it stands.
///
/// # Errors
/// The database fails.
pub async fn certificate(
    sql: &mut Connection,
    serial: &Serial,
) -> Result<Option<CertificateRow>, Error> {
    let text = format!("{COLUMNS} WHERE c.serial = $1");
    let row = sql::query(AssertSqlSafe(text))
        .bind(serial.as_str())
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(read).transpose()
}

/// What was issued for the link `id` since `since`, if nobody has used it yet and it has not been
/// taken back: the answer that may be given once more.
///
/// # Errors
/// The database fails.
pub async fn issued_for_link(
    tx: &mut Tx,
    id: EnrolmentId,
    since: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    let row = sql::query(
        "SELECT c.der FROM link l JOIN certificate c ON c.fingerprint = l.certificate
         WHERE l.id = $1 AND c.issued_at > $2 AND c.first_used_at IS NULL
           AND c.superseded_at IS NULL AND c.revoked_at IS NULL",
    )
    .bind(&id.0.as_bytes()[..])
    .bind(since.as_millisecond())
    .fetch_optional(tx.sql())
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The same for a renewal: what was issued to `whom` for this key.
///
/// # Errors
/// The database fails.
pub async fn issued_for_renewal(
    sql: &mut Connection,
    whom: &TerminalIdentity,
    public_key: &[u8; 32],
    since: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    let row = sql::query(
        "SELECT der FROM certificate
         WHERE office = $1 AND terminal = $2 AND public_key = $3 AND issued_at > $4
           AND first_used_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL
         ORDER BY issued_at DESC LIMIT 1",
    )
    .bind(whom.office.as_str())
    .bind(&whom.terminal.0.as_bytes()[..])
    .bind(&public_key[..])
    .bind(since.as_millisecond())
    .fetch_optional(sql)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Takes back every certificate of `whom` that nobody has used yet, except the one with the
/// serial number `but`.
///
/// # Errors
/// The database fails.
pub async fn supersede_unused(
    tx: &mut Tx,
    whom: &TerminalIdentity,
    but: &Serial,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE certificate SET superseded_at = $1
         WHERE office = $2 AND terminal = $3 AND serial <> $4 AND first_used_at IS NULL
           AND superseded_at IS NULL AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(whom.office.as_str())
    .bind(&whom.terminal.0.as_bytes()[..])
    .bind(but.as_str())
    .execute(tx.sql())
    .await?;
    tx.announce_terminals(&whom.office);
    Ok(())
}

/// Notes that the certificate was shown for the first time. Every older one of its terminal has
/// thereby had its day, and every one, however new, of a terminal that was let into the same
/// office before it. Gives the serials of those, or `None` if it had been used before or is not
/// live any more.
///
/// # Errors
/// The database fails.
pub async fn mark_first_use(
    tx: &mut Tx,
    office: &OfficeCode,
    fingerprint: &[u8; 32],
) -> Result<Option<Vec<String>>, Error> {
    hold(tx, office).await?;
    let now = tx.now().as_millisecond();
    let row = sql::query(
        "UPDATE certificate SET first_used_at = $1
         WHERE fingerprint = $2 AND first_used_at IS NULL AND superseded_at IS NULL
           AND revoked_at IS NULL
         RETURNING terminal, issued_at",
    )
    .bind(now)
    .bind(&fingerprint[..])
    .fetch_optional(tx.sql())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let terminal: Vec<u8> = row.try_get(0)?;
    let issued_at: i64 = row.try_get(1)?;
    // An old terminal that renews late must not outlive the one that took its place: between
    // terminals it counts when each was let in, not when its latest certificate was issued.
    let older = sql::query(
        "UPDATE certificate SET superseded_at = $1
         WHERE office = $2 AND fingerprint <> $3
           AND superseded_at IS NULL AND revoked_at IS NULL
           AND ((terminal = $4 AND issued_at <= $5)
             OR (terminal <> $4 AND
                 (SELECT MIN(first.issued_at) FROM certificate first
                  WHERE first.office = $2 AND first.terminal = certificate.terminal)
                 <= (SELECT MIN(first.issued_at) FROM certificate first
                     WHERE first.office = $2 AND first.terminal = $4)))
         RETURNING serial",
    )
    .bind(now)
    .bind(office.as_str())
    .bind(&fingerprint[..])
    .bind(terminal)
    .bind(issued_at)
    .fetch_all(tx.sql())
    .await?;
    tx.announce_terminals(office);
    let serials = older.iter().map(|row| row.try_get(0));
    Ok(Some(serials.collect::<Result<_, sql::Error>>()?))
}

/// Revokes every certificate of the terminal to which this serial number was issued: whoever
/// stole the terminal may have renewed since. Gives the terminal and the serial numbers revoked,
/// or `None` if there is no such serial or nothing left to revoke.
///
/// # Errors
/// The database fails.
pub async fn revoke(
    tx: &mut Tx,
    serial: &Serial,
) -> Result<Option<(TerminalId, Vec<String>)>, Error> {
    let Some(named) = certificate(tx.sql(), serial).await? else {
        return Ok(None);
    };
    let TerminalIdentity { office, terminal } = named.identity;
    hold(tx, &office).await?;
    let now = tx.now().as_millisecond();
    let rows = sql::query(
        "UPDATE certificate SET revoked_at = $1
         WHERE office = $2 AND terminal = $3 AND revoked_at IS NULL RETURNING serial",
    )
    .bind(now)
    .bind(office.as_str())
    .bind(&terminal.0.as_bytes()[..])
    .fetch_all(tx.sql())
    .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    tx.announce_terminals(&office);
    tx.announce(Noun::Revocations);
    let serials = rows.iter().map(|row| row.try_get(0));
    Ok(Some((
        terminal,
        serials.collect::<Result<_, sql::Error>>()?,
    )))
}

/// The serial number of every certificate that is revoked and has not expired by `now`, with the
/// instant of its revocation.
///
/// # Errors
/// The database fails.
pub async fn revoked(
    sql: &mut Connection,
    now: Timestamp,
) -> Result<Vec<(Serial, Timestamp)>, Error> {
    let rows = sql::query(
        "SELECT serial, revoked_at FROM certificate
         WHERE revoked_at IS NOT NULL AND expires_at >= $1 ORDER BY revoked_at, serial",
    )
    .bind(now.as_second() * 1000)
    .fetch_all(sql)
    .await?;
    let read = |row: &Row| {
        let serial = Serial::parse(row.try_get(0)?).map_err(refused)?;
        Ok((serial, instant(row.try_get(1)?)?))
    };
    rows.iter().map(read).collect()
}

/// Revokes every certificate of an office that is not revoked yet; gives their serial numbers and
/// terminals.
///
/// # Errors
/// The database fails.
pub async fn revoke_office(
    tx: &mut Tx,
    office: &OfficeCode,
) -> Result<Vec<(Serial, TerminalId)>, Error> {
    hold(tx, office).await?;
    let now = tx.now().as_millisecond();
    let rows = sql::query(
        "UPDATE certificate SET revoked_at = $1
         WHERE office = $2 AND revoked_at IS NULL RETURNING serial, terminal",
    )
    .bind(now)
    .bind(office.as_str())
    .fetch_all(tx.sql())
    .await?;
    tx.announce_terminals(office);
    rows.iter()
        .map(|row| {
            let serial = Serial::parse(row.try_get(0)?).map_err(refused)?;
            Ok((serial, TerminalId(id(row.try_get(1)?)?)))
        })
        .collect()
}

/// Notes when certificates were last shown, unless a later moment is known: several servers note
/// the same certificate, each in its own time.
///
/// # Errors
/// The database fails.
pub async fn note_seen(tx: &mut Tx, seen: &[([u8; 32], Timestamp)]) -> Result<(), Error> {
    for (fingerprint, at) in seen {
        sql::query(
            "UPDATE certificate SET seen_at = $1
             WHERE fingerprint = $2 AND (seen_at IS NULL OR seen_at < $1)",
        )
        .bind(at.as_millisecond())
        .bind(&fingerprint[..])
        .execute(tx.sql())
        .await?;
    }
    Ok(())
}
