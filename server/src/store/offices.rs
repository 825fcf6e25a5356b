//! How offices are kept.

pub mod contacts;
pub mod search;

use shared::id::Version;
use shared::offices::{Office, OfficeCode, OfficeKind, OfficeName, Particulars};
use shared::text::MailAddress;

use super::columns::Columns as _;
use super::sql::{self, Connection, Row};
use super::{Dialect, Error, Tx};

/// An office as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOffice {
    /// Its number in the store; other rows refer to it by that.
    pub number: i64,
    /// What others see of it.
    pub office: Office,
    /// The number of the office it stands under.
    pub parent: Option<i64>,
    /// Whether it is open; a closed office's terminals are not let in.
    pub open: bool,
}

/// An office to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOffice {
    /// What others will see of it.
    pub office: Office,
    /// The number of the office it stands under.
    pub parent: Option<i64>,
    /// Its contact address (M-01).
    pub mail: Option<MailAddress>,
}

/// Adds an office and gives its number.
///
/// # Errors
/// A unique violation when the code is taken.
pub async fn add(tx: &mut Tx, new: &NewOffice) -> Result<i64, Error> {
    let now = tx.now().as_millisecond();
    let row = sql::query(
        "INSERT INTO office (code, kind, name, parent, added_at)
         VALUES ($1, $2, $3, $4, $5) RETURNING number",
    )
    .bind(new.office.code.as_str())
    .bind(new.office.kind.as_str())
    .bind(new.office.name.as_str())
    .bind(new.parent)
    .bind(now)
    .fetch_one(tx.sql())
    .await?;
    tx.announce_terminals(&new.office.code);
    let number = row.number("number")?;
    if let Some(mail) = &new.mail {
        contacts::register(tx, number, Version(1), mail, None, None).await?;
    }
    search::enter(tx, number).await?;
    Ok(number)
}

/// What names the office with the number `root` and every one under it: a statement begins with
/// `with`, and `join` lets only their rows `o` through. Without a root, everybody's.
pub(super) struct Under {
    pub(super) with: String,
    pub(super) join: &'static str,
}

pub(super) fn under(root: Option<i64>) -> Under {
    match root {
        None => Under {
            with: String::new(),
            join: "",
        },
        // UNION, not UNION ALL: a circle of parents, however it came about, must not loop.
        Some(root) => Under {
            with: format!(
                "WITH RECURSIVE under (number) AS (
                     SELECT number FROM office WHERE number = {root}
                     UNION
                     SELECT office.number FROM office JOIN under ON office.parent = under.number
                 )"
            ),
            join: "JOIN under ON under.number = o.number",
        },
    }
}

/// Lets the changes to what hangs on one office come one after the other: what is decided from
/// its state must still hold at the commit. SQLite has one writer and needs nothing.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold(tx: &mut Tx, code: &OfficeCode) -> Result<(), Error> {
    if tx.dialect() == Dialect::Postgres {
        sql::query("SELECT number FROM office WHERE code = $1 FOR NO KEY UPDATE")
            .bind(code.as_str())
            .fetch_optional(tx.sql())
            .await?;
    }
    Ok(())
}

/// Does the same for several offices at once, whose codes must stand in their order: everybody who
/// holds several takes them in one order.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold_all(tx: &mut Tx, codes: &[&OfficeCode]) -> Result<(), Error> {
    if tx.dialect() == Dialect::Postgres {
        // The order of bytes, which is that of codes, whatever the database's language is.
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        sql::query(
            "SELECT number FROM office WHERE code = ANY (string_to_array($1, ' '))
             ORDER BY code COLLATE \"C\" FOR NO KEY UPDATE",
        )
        .bind(codes.join(" "))
        .fetch_all(tx.sql())
        .await?;
    }
    Ok(())
}

/// Closes an office: none of its terminals is let in any more. Gives whether it was open.
///
/// # Errors
/// [`Error::Database`].
pub async fn close(tx: &mut Tx, number: i64) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let closed = sql::query(
        "UPDATE office SET closed_at = $1 WHERE number = $2 AND closed_at IS NULL RETURNING code",
    )
    .bind(now)
    .bind(number)
    .fetch_optional(tx.sql())
    .await?;
    let Some(closed) = closed else {
        return Ok(false);
    };
    tx.announce_terminals(&closed.parsed("code")?);
    Ok(true)
}

/// Opens a closed office again: its terminals are let in as they would have been.
///
/// # Errors
/// [`Error::Database`].
pub async fn reopen(tx: &mut Tx, number: i64) -> Result<(), Error> {
    let reopened =
        sql::query("UPDATE office SET closed_at = NULL WHERE number = $1 RETURNING code")
            .bind(number)
            .fetch_one(tx.sql())
            .await?;
    tx.announce_terminals(&reopened.parsed("code")?);
    Ok(())
}

/// The office with this code, open or closed.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_code(
    sql: &mut Connection,
    code: &OfficeCode,
) -> Result<Option<KnownOffice>, Error> {
    sql::query("SELECT number, code, kind, name, parent, closed_at FROM office WHERE code = $1")
        .bind(code.as_str())
        .fetch_optional(sql)
        .await?
        .map(known)
        .transpose()
}

/// The office with this number, open or closed.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_number(sql: &mut Connection, number: i64) -> Result<Option<KnownOffice>, Error> {
    sql::query("SELECT number, code, kind, name, parent, closed_at FROM office WHERE number = $1")
        .bind(number)
        .fetch_optional(sql)
        .await?
        .map(known)
        .transpose()
}

/// How the office with this number is found and called back; nothing for one that is not there.
///
/// # Errors
/// [`Error::Database`].
pub async fn particulars(sql: &mut Connection, number: i64) -> Result<Particulars, Error> {
    let row = sql::query("SELECT reading, phone, address FROM office WHERE number = $1")
        .bind(number)
        .fetch_optional(sql)
        .await?;
    let Some(row) = row else {
        return Ok(Particulars::default());
    };
    Ok(Particulars {
        reading: row.maybe_parsed("reading")?,
        phone: row.maybe_parsed("phone")?,
        address: row.maybe_parsed("address")?,
    })
}

/// Gives an office this name, this place and these particulars, and lets it be found by them. Whoever
/// is at its terminals is shown the name.
///
/// # Errors
/// [`Error::Database`].
pub async fn change(
    tx: &mut Tx,
    number: i64,
    name: &OfficeName,
    parent: Option<i64>,
    particulars: &Particulars,
) -> Result<(), Error> {
    let changed =
        sql::query("UPDATE office SET name = $1, parent = $2 WHERE number = $3 RETURNING code")
            .bind(name.as_str())
            .bind(parent)
            .bind(number)
            .fetch_one(tx.sql())
            .await?;
    tx.announce_terminals(&changed.parsed("code")?);
    set_particulars(tx, number, particulars).await
}

/// Keeps these particulars of an office in the place of what was known, and lets it be found by
/// them.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_particulars(
    tx: &mut Tx,
    number: i64,
    particulars: &Particulars,
) -> Result<(), Error> {
    let Particulars {
        reading,
        phone,
        address,
    } = particulars;
    sql::query("UPDATE office SET reading = $1, phone = $2, address = $3 WHERE number = $4")
        .bind(reading.as_ref().map(|it| it.as_str()))
        .bind(phone.as_ref().map(|it| it.as_str()))
        .bind(address.as_ref().map(|it| it.as_str()))
        .bind(number)
        .execute(tx.sql())
        .await?;
    search::enter(tx, number).await
}

/// The offices with this name, open or closed, by code.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_name(sql: &mut Connection, name: &OfficeName) -> Result<Vec<KnownOffice>, Error> {
    sql::query(
        "SELECT number, code, kind, name, parent, closed_at FROM office WHERE name = $1
         ORDER BY code",
    )
    .bind(name.as_str())
    .fetch_all(sql)
    .await?
    .into_iter()
    .map(known)
    .collect()
}

/// Every office, by code.
///
/// # Errors
/// [`Error::Database`].
pub async fn all(sql: &mut Connection) -> Result<Vec<KnownOffice>, Error> {
    sql::query("SELECT number, code, kind, name, parent, closed_at FROM office ORDER BY code")
        .fetch_all(sql)
        .await?
        .into_iter()
        .map(known)
        .collect()
}

/// The office with this number and every office under it, at any depth.
///
/// # Errors
/// [`Error::Database`].
pub async fn with_descendants(
    sql: &mut Connection,
    number: i64,
) -> Result<Vec<KnownOffice>, Error> {
    // UNION, not UNION ALL: a circle of parents, however it came about, must not loop.
    sql::query(
        "WITH RECURSIVE under (number) AS (
             SELECT number FROM office WHERE number = $1
             UNION
             SELECT office.number FROM office JOIN under ON office.parent = under.number
         )
         SELECT office.number, code, kind, name, parent, closed_at
         FROM office JOIN under ON under.number = office.number
         ORDER BY office.number",
    )
    .bind(number)
    .fetch_all(sql)
    .await?
    .into_iter()
    .map(known)
    .collect()
}

fn known(row: Row) -> Result<KnownOffice, Error> {
    Ok(KnownOffice {
        number: row.number("number")?,
        office: office(&row, "code", "kind", "name")?,
        parent: row.maybe_number("parent")?,
        open: row.maybe_number("closed_at")?.is_none(),
    })
}

/// Reads an office out of a row in which its columns go by these names.
pub(super) fn office(row: &Row, code: &str, kind: &str, name: &str) -> Result<Office, Error> {
    Ok(Office {
        code: row.parsed::<OfficeCode>(code)?,
        kind: row.parsed::<OfficeKind>(kind)?,
        name: row.parsed::<OfficeName>(name)?,
    })
}
