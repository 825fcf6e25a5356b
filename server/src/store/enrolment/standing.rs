//! The facts by which an office's enrolment is judged: of its links an open one or else the
//! newest, of its certificates one that lets in or else the newest.

use jiff::Timestamp;
use shared::enrolment::Serial;
use shared::enrolment::standing::{CertificateFacts, LinkFacts, Standing};
use shared::id::{EnrolmentId, TerminalId};
use shared::offices::{Office, OfficeCode, OfficeKind};
use shared::text::{MailAddress, Phone};

use crate::store::Error;
use crate::store::columns::Columns as _;
use crate::store::offices::{office, under};
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};

/// An office with what its enrolment is judged by.
#[derive(Debug, Clone)]
pub struct OfficeFacts {
    /// Its number in the store.
    pub number: i64,
    /// What others see of it.
    pub office: Office,
    /// The number of the office it stands under.
    pub parent: Option<i64>,
    /// Whether it is open.
    pub open: bool,
    /// Since when it is closed.
    pub closed_at: Option<Timestamp>,
    /// Whether a number is on record under which it is called back.
    pub has_phone: bool,
    /// Where its links go.
    pub mail: Option<MailAddress>,
    /// Where its passwords go.
    pub password_mail: Option<MailAddress>,
    /// The link that counts.
    pub link: Option<KnownLink>,
    /// The certificate that counts.
    pub certificate: Option<KnownCertificate>,
}

/// A link with its facts.
#[derive(Debug, Clone, Copy)]
pub struct KnownLink {
    /// Which.
    pub id: EnrolmentId,
    /// What happened to it.
    pub facts: LinkFacts,
    /// How many wrong passwords came.
    pub wrong_passwords: u32,
    /// How often its password was made.
    pub handed_out: u32,
}

/// A certificate with its facts.
#[derive(Debug, Clone)]
pub struct KnownCertificate {
    /// Its serial number.
    pub serial: Serial,
    /// Whom it lets in.
    pub terminal: TerminalId,
    /// What happened to it.
    pub facts: CertificateFacts,
    /// When it was last shown.
    pub seen_at: Option<Timestamp>,
}

impl OfficeFacts {
    /// How it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let link = self.link.as_ref().map(|link| &link.facts);
        let certificate = self.certificate.as_ref().map(|known| &known.facts);
        Standing::of(link, certificate, now)
    }
}

const COLUMNS: &str =
    "SELECT o.number, o.code, o.kind, o.name, o.parent, o.closed_at, o.phone, k.mail,
    k.password_mail, l.id AS link, l.issued_at AS link_issued_at,
    l.expires_at AS link_expires_at, l.used_at, l.locked_at, l.cancelled_at, l.wrong_passwords,
    l.handed_out, c.serial, c.terminal, c.issued_at, c.expires_at, c.first_used_at,
    c.superseded_at, c.revoked_at, c.seen_at";

/// $1 is the present millisecond, $2 the first one of its second.
const FROM: &str = "FROM office o
    LEFT JOIN contact k ON k.office = o.number
        AND k.version = (SELECT max(version) FROM contact WHERE office = o.number)
    LEFT JOIN link l ON l.id = (
        SELECT x.id FROM link x WHERE x.office = o.code
        ORDER BY CASE WHEN x.used_at IS NULL AND x.cancelled_at IS NULL AND x.locked_at IS NULL
                      AND x.expires_at > $1 THEN 0 ELSE 1 END,
                 x.issued_at DESC, x.id DESC LIMIT 1)
    LEFT JOIN certificate c ON c.fingerprint = (
        SELECT y.fingerprint FROM certificate y WHERE y.office = o.code
        ORDER BY CASE WHEN y.superseded_at IS NOT NULL THEN 2
                      WHEN y.revoked_at IS NULL AND y.expires_at >= $2 THEN 0 ELSE 1 END,
                 CASE WHEN y.first_used_at IS NULL THEN 1 ELSE 0 END,
                 y.issued_at DESC, y.serial LIMIT 1)";

/// Which offices are read.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only the office with this number and those under it.
    pub under: Option<i64>,
    /// Only offices of this kind.
    pub kind: Option<OfficeKind>,
    /// Only codes behind this one.
    pub after: Option<OfficeCode>,
    /// At most this many.
    pub limit: u32,
}

/// Facts of open offices, by code.
///
/// # Errors
/// [`Error::Database`].
pub async fn facts(
    sql: &mut Connection,
    now: Timestamp,
    wanted: &Wanted,
) -> Result<Vec<OfficeFacts>, Error> {
    let under = under(wanted.under);
    let kind = wanted
        .kind
        .map_or_else(String::new, |kind| format!("AND o.kind = '{kind}'"));
    let text = format!(
        "{} {COLUMNS} {FROM} {} WHERE o.closed_at IS NULL AND o.code > $3 {kind}
         ORDER BY o.code LIMIT {}",
        under.with, under.join, wanted.limit
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(now.as_millisecond())
        .bind(now.as_second() * 1000)
        .bind(wanted.after.as_ref().map_or("", |code| code.as_str()))
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// Facts of the offices with these numbers, open or closed, in no order.
///
/// # Errors
/// [`Error::Database`].
pub async fn facts_of(
    sql: &mut Connection,
    now: Timestamp,
    numbers: &[i64],
) -> Result<Vec<OfficeFacts>, Error> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    // So few texts that they are kept prepared, which costs more than a page of offices: the last
    // number stands in the places left over.
    let places = numbers.len().next_power_of_two();
    let listed: Vec<String> = (3..)
        .take(places)
        .map(|place| format!("${place}"))
        .collect();
    let text = format!("{COLUMNS} {FROM} WHERE o.number IN ({})", listed.join(", "));
    let query = sql::query(AssertSqlSafe(text))
        .bind(now.as_millisecond())
        .bind(now.as_second() * 1000);
    let last = numbers.last().into_iter().cycle();
    let query = numbers
        .iter()
        .chain(last)
        .take(places)
        .fold(query, |query, number| query.bind(*number));
    let rows = query.fetch_all(sql).await?;
    rows.iter().map(read).collect()
}

/// Facts of the office with this code, open or closed.
///
/// # Errors
/// [`Error::Database`].
pub async fn facts_of_code(
    sql: &mut Connection,
    now: Timestamp,
    code: &OfficeCode,
) -> Result<Option<OfficeFacts>, Error> {
    let text = format!("{COLUMNS} {FROM} WHERE o.code = $3");
    let row = sql::query(AssertSqlSafe(text))
        .bind(now.as_millisecond())
        .bind(now.as_second() * 1000)
        .bind(code.as_str())
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(read).transpose()
}

fn maybe_instant(row: &Row, column: &str) -> Result<Option<Timestamp>, Error> {
    super::maybe_instant(row.maybe_number(column)?)
}

fn small(row: &Row, column: &str) -> Result<u32, Error> {
    Ok(u32::try_from(row.number(column)?).unwrap_or(u32::MAX))
}

/// Reads the certificate with this serial number out of a row in which its columns go by their own
/// names.
pub(in crate::store) fn known_certificate(
    row: &Row,
    serial: Serial,
) -> Result<KnownCertificate, Error> {
    Ok(KnownCertificate {
        serial,
        terminal: TerminalId(row.id("terminal")?),
        facts: CertificateFacts {
            issued_at: row.instant("issued_at")?,
            expires_at: row.instant("expires_at")?,
            first_used_at: maybe_instant(row, "first_used_at")?,
            superseded_at: maybe_instant(row, "superseded_at")?,
            revoked_at: maybe_instant(row, "revoked_at")?,
        },
        seen_at: maybe_instant(row, "seen_at")?,
    })
}

fn read(row: &Row) -> Result<OfficeFacts, Error> {
    let closed_at = maybe_instant(row, "closed_at")?;
    let link = match row.maybe_id("link")? {
        None => None,
        Some(id) => Some(KnownLink {
            id: EnrolmentId(id),
            facts: LinkFacts {
                issued_at: row.instant("link_issued_at")?,
                expires_at: row.instant("link_expires_at")?,
                used_at: maybe_instant(row, "used_at")?,
                locked_at: maybe_instant(row, "locked_at")?,
                cancelled_at: maybe_instant(row, "cancelled_at")?,
                office_closed_at: closed_at,
            },
            wrong_passwords: small(row, "wrong_passwords")?,
            handed_out: small(row, "handed_out")?,
        }),
    };
    let certificate = match row.maybe_parsed::<Serial>("serial")? {
        None => None,
        Some(serial) => Some(known_certificate(row, serial)?),
    };
    Ok(OfficeFacts {
        number: row.number("number")?,
        office: office(row, "code", "kind", "name")?,
        parent: row.maybe_number("parent")?,
        open: closed_at.is_none(),
        closed_at,
        has_phone: row.maybe_parsed::<Phone>("phone")?.is_some(),
        mail: row.maybe_parsed("mail")?,
        password_mail: row.maybe_parsed("password_mail")?,
        link,
        certificate,
    })
}
