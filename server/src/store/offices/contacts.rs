//! How contacts are kept: each change a row of its own, the newest counts.

use shared::id::{UserId, Version};
use shared::offices::OfficeCode;
use shared::offices::contacts::Contact;
use shared::text::MailAddress;

use super::{hold, office};
use crate::store::accounts::person;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Error, Tx};

/// The contact of an office, with what decides who may see and change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownContact {
    /// The number of the office in the store.
    pub number: i64,
    /// Whether the office is open.
    pub open: bool,
    /// What is registered.
    pub contact: Contact,
}

const COLUMNS: &str = "SELECT o.number, o.code, o.kind, o.name, o.closed_at, c.version, c.mail,
        c.password_mail, c.changed_at, a.id AS person, a.name AS person_name";

const PRESENT: &str = "FROM office o
    LEFT JOIN contact c ON c.office = o.number
        AND c.version = (SELECT max(version) FROM contact WHERE office = o.number)
    LEFT JOIN account a ON a.id = c.changed_by";

/// The present contact of the office with this code, open or closed.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_office(
    sql: &mut Connection,
    code: &OfficeCode,
) -> Result<Option<KnownContact>, Error> {
    sql::query(AssertSqlSafe(format!(
        "{COLUMNS} {PRESENT} WHERE o.code = $1"
    )))
    .bind(code.as_str())
    .fetch_optional(sql)
    .await?
    .as_ref()
    .map(known)
    .transpose()
}

/// The same within a transaction: nobody else changes this office's contact before its end.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_office_to_change(
    tx: &mut Tx,
    code: &OfficeCode,
) -> Result<Option<KnownContact>, Error> {
    hold(tx, code).await?;
    of_office(tx.sql(), code).await
}

/// Which contacts are listed.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only the office with this number and those under it.
    pub under: Option<i64>,
    /// Only offices without an address.
    pub missing: bool,
    /// Only codes behind this one.
    pub after: Option<OfficeCode>,
    /// At most this many.
    pub limit: u32,
}

/// Contacts of open offices, by code.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(sql: &mut Connection, wanted: &Wanted) -> Result<Vec<Contact>, Error> {
    let missing = if wanted.missing {
        "AND c.mail IS NULL"
    } else {
        ""
    };
    let under = super::under(wanted.under);
    let text = format!(
        "{} {COLUMNS} {PRESENT} {} WHERE o.closed_at IS NULL AND o.code > $1 {missing}
         ORDER BY o.code LIMIT {}",
        under.with, under.join, wanted.limit
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(wanted.after.as_ref().map_or("", |code| code.as_str()))
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| Ok(known(row)?.contact)).collect()
}

/// Every contact that the office with this number had, the present one first, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn history(sql: &mut Connection, number: i64, most: u32) -> Result<Vec<Contact>, Error> {
    let text = format!(
        "{COLUMNS} FROM contact c JOIN office o ON o.number = c.office
         LEFT JOIN account a ON a.id = c.changed_by
         WHERE c.office = $1 ORDER BY c.version DESC LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(number)
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| Ok(known(row)?.contact)).collect()
}

/// Keeps a new version of an office's contact; `by` is `None` for the command line.
///
/// # Errors
/// A unique violation when somebody else has just done the same.
pub async fn register(
    tx: &mut Tx,
    number: i64,
    version: Version,
    mail: &MailAddress,
    password_mail: Option<&MailAddress>,
    by: Option<UserId>,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO contact (office, version, mail, password_mail, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(number)
    .bind(i64::from(version.0))
    .bind(mail.as_str())
    .bind(password_mail.map(|mail| mail.as_str().to_owned()))
    .bind(by.map(|by| by.0.as_bytes().to_vec()))
    .bind(now)
    .execute(tx.sql())
    .await?;
    super::search::enter(tx, number).await
}

fn known(row: &Row) -> Result<KnownContact, Error> {
    let version = row.maybe_number("version")?.unwrap_or(0);
    let changed_by = match row.maybe_id("person")? {
        Some(_) => Some(person(row, "person", "person_name")?),
        None => None,
    };
    let changed_at = match row.maybe_number("changed_at")? {
        Some(_) => Some(row.instant("changed_at")?),
        None => None,
    };
    Ok(KnownContact {
        number: row.number("number")?,
        open: row.maybe_number("closed_at")?.is_none(),
        contact: Contact {
            office: office(row, "code", "kind", "name")?,
            version: Version(u32::try_from(version).unwrap_or(u32::MAX)),
            mail: row.maybe_parsed("mail")?,
            password_mail: row.maybe_parsed("password_mail")?,
            changed_at,
            changed_by,
        },
    })
}
