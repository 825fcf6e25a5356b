//! How people's accounts are kept.

use jiff::Timestamp;
use shared::Day;
use shared::accounts::{Login, Person, Role, UserName};
use shared::enrolment::Serial;
use shared::id::UserId;
use shared::offices::OfficeCode;

use super::columns::Columns as _;
use super::sql::{self, Connection, Row};
use super::{Error, Tx};

pub mod administration;
mod named;

pub use named::{enter_missing, is_missing, named};

/// An account to add. It holds a hash and no password, so it may be printed.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Who.
    pub id: UserId,
    /// The login id, unique in the country.
    pub login: Login,
    /// The number of the person's office.
    pub office: i64,
    /// What they may do.
    pub role: Role,
    /// The name under which colleagues know them.
    pub name: UserName,
    /// The Argon2id hash as a PHC string.
    pub password: String,
    /// Until when it opens a session, in which it must be changed first; `None` if it is for good.
    pub initial_until: Option<Timestamp>,
}

/// Adds an account.
///
/// # Errors
/// A unique violation when the login id is taken.
pub async fn add(tx: &mut Tx, new: &NewAccount) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO account (id, login, office, role, name, password, added_at, initial_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&new.id.0.as_bytes()[..])
    .bind(new.login.as_str())
    .bind(new.office)
    .bind(new.role.as_str())
    .bind(new.name.as_str())
    .bind(new.password.as_str())
    .bind(now)
    .bind(new.initial_until.map(Timestamp::as_millisecond))
    .execute(tx.sql())
    .await?;
    named::enter(tx, new.id, new.name.as_str()).await
}

/// An account that someone tries to log in to.
#[derive(Debug, Clone)]
pub struct KnownAccount {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// The Argon2id hash as a PHC string.
    pub password: String,
    /// Until when that opens a session, in which it must be changed first; `None` if its person
    /// has chosen it.
    pub initial_until: Option<Timestamp>,
}

/// The account with this login id in this office, unless it was deleted.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_login(
    sql: &mut Connection,
    login: &Login,
    office: i64,
) -> Result<Option<KnownAccount>, Error> {
    let row = sql::query(
        "SELECT id, name, role, password, initial_until FROM account
         WHERE login = $1 AND office = $2 AND deleted_at IS NULL",
    )
    .bind(login.as_str())
    .bind(office)
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        Ok(KnownAccount {
            person: person(&row, "id", "name")?,
            role: row.parsed("role")?,
            password: row.parsed("password")?,
            initial_until: row.maybe_instant("initial_until")?,
        })
    })
    .transpose()
}

/// The people of an office, by name.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_office(sql: &mut Connection, office: i64) -> Result<Vec<Person>, Error> {
    sql::query(
        "SELECT id, name FROM account
         WHERE office = $1 AND deleted_at IS NULL ORDER BY name, id",
    )
    .bind(office)
    .fetch_all(sql)
    .await?
    .iter()
    .map(|row| person(row, "id", "name"))
    .collect()
}

/// From where somebody comes who gave their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// From outside: that is a login.
    Anew,
    /// Back to a window that they had left open.
    Back,
}

/// What somebody who gives their password shows besides.
pub struct Shown<'a> {
    /// The SHA-256 of the token of a session, if any.
    pub token: Option<&'a [u8; 32]>,
    /// The serial of their terminal's certificate: a session of another counts for nothing here.
    pub serial: &'a Serial,
    /// Whoever has not logged in since then does so now, whatever they show: a window that is only
    /// ever locked would otherwise hide for weeks that somebody works.
    pub since: Timestamp,
}

/// Notes that somebody logs in with an account, if it was not deleted and its password is still that
/// with this hash; `None` if it is not. Until the transaction ends it stays so. Whoever shows a session
/// of their own, that was not ended, comes back, and does not log in. By one statement: of two who log
/// in at once, the other waits, and neither for what the other holds.
///
/// # Errors
/// [`Error::Database`].
pub async fn log_in(
    tx: &mut Tx,
    id: UserId,
    password: &str,
    shown: &Shown<'_>,
) -> Result<Option<Came>, Error> {
    let now = tx.now().as_millisecond();
    let row = sql::query(
        "UPDATE account SET last_login_at = CASE
             WHEN last_login_at > $6
                 AND EXISTS (SELECT 1 FROM session WHERE session.account = account.id
                             AND token = $4 AND serial = $5 AND expires_at > $1)
             THEN last_login_at ELSE $1 END
         WHERE id = $2 AND password = $3 AND deleted_at IS NULL
         RETURNING last_login_at",
    )
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .bind(password)
    .bind(shown.token.map(|token| token.to_vec()))
    .bind(shown.serial.as_str())
    .bind(shown.since.as_millisecond())
    .fetch_optional(tx.sql())
    .await?;
    row.map(|row| match row.number("last_login_at")? {
        noted if noted == now => Ok(Came::Anew),
        _ => Ok(Came::Back),
    })
    .transpose()
}

/// The password of an account, as its person is asked for it.
pub struct KeptPassword {
    /// Their login id.
    pub login: Login,
    /// The Argon2id hash as a PHC string.
    pub hash: String,
    /// It was handed over, and not chosen by them.
    pub is_initial: bool,
}

/// The password of an account; `None` if it was deleted.
///
/// # Errors
/// [`Error::Database`].
pub async fn password_of(sql: &mut Connection, id: UserId) -> Result<Option<KeptPassword>, Error> {
    let row = sql::query(
        "SELECT login, password, initial_until FROM account
         WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(&id.0.as_bytes()[..])
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        Ok(KeptPassword {
            login: row.parsed("login")?,
            hash: row.parsed("password")?,
            is_initial: row.maybe_instant("initial_until")?.is_some(),
        })
    })
    .transpose()
}

/// Gives an account another password, if its present one is still that with the hash `present`;
/// whether it was.
///
/// # Errors
/// [`Error::Database`].
pub async fn change_password(
    tx: &mut Tx,
    id: UserId,
    present: &str,
    new: &str,
) -> Result<bool, Error> {
    let done = sql::query(
        "UPDATE account SET password = $1, initial_until = NULL WHERE id = $2 AND password = $3",
    )
    .bind(new)
    .bind(&id.0.as_bytes()[..])
    .bind(present)
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives an account a password to hand over, whatever the present one is; who it is and the number
/// and code of their office, or `None` if nobody has this login id. Its sessions are for the caller to end.
///
/// # Errors
/// [`Error::Database`].
pub async fn reset_password(
    tx: &mut Tx,
    login: &Login,
    new: &str,
    until: Option<Timestamp>,
) -> Result<Option<(UserId, i64, OfficeCode)>, Error> {
    let row = sql::query(
        "UPDATE account SET password = $1, initial_until = $2
         WHERE login = $3 AND deleted_at IS NULL
         RETURNING id, office AS number, (SELECT code FROM office WHERE number = account.office) AS office",
    )
    .bind(new)
    .bind(until.map(Timestamp::as_millisecond))
    .bind(login.as_str())
    .fetch_optional(tx.sql())
    .await?;
    row.map(|row| {
        let id = UserId(row.id("id")?);
        Ok((id, row.number("number")?, row.parsed("office")?))
    })
    .transpose()
}

/// How many people under follow-up are assigned to whoever has this login id.
///
/// # Errors
/// [`Error::Database`].
pub async fn assigned_to(tx: &mut Tx, login: &Login) -> Result<i64, Error> {
    let today = Day::in_japan(tx.now()).to_string();
    sql::query(
        "SELECT count(*) AS assigned FROM returnee JOIN account ON account.id = assignee
         WHERE login = $1 AND deleted_at IS NULL AND last_day >= $2",
    )
    .bind(login.as_str())
    .bind(today)
    .fetch_one(tx.sql())
    .await?
    .number("assigned")
}

/// Deletes an account; whose it was, or `None` if nobody has this login id. It stays taken, since the
/// log and what its person wrote go on naming it. Its sessions are for the caller to end.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete(tx: &mut Tx, login: &Login) -> Result<Option<(UserId, OfficeCode)>, Error> {
    let now = tx.now().as_millisecond();
    let row = sql::query(
        "UPDATE account SET deleted_at = $1 WHERE login = $2 AND deleted_at IS NULL
         RETURNING id, (SELECT code FROM office WHERE number = account.office) AS office",
    )
    .bind(now)
    .bind(login.as_str())
    .fetch_optional(tx.sql())
    .await?;
    row.map(|row| Ok((UserId(row.id("id")?), row.parsed("office")?)))
        .transpose()
}

/// Whose login id this is or was: that of an account that was deleted stays its own.
///
/// # Errors
/// [`Error::Database`].
pub async fn id_of(sql: &mut Connection, login: &Login) -> Result<Option<UserId>, Error> {
    let row = sql::query("SELECT id FROM account WHERE login = $1")
        .bind(login.as_str())
        .fetch_optional(sql)
        .await?;
    row.map(|row| Ok(UserId(row.id("id")?))).transpose()
}

/// What somebody with this login id may do; `None` if there is nobody.
///
/// # Errors
/// [`Error::Database`].
pub async fn role_of(sql: &mut Connection, login: &Login) -> Result<Option<Role>, Error> {
    let row = sql::query("SELECT role FROM account WHERE login = $1 AND deleted_at IS NULL")
        .bind(login.as_str())
        .fetch_optional(sql)
        .await?;
    row.map(|row| row.parsed("role")).transpose()
}

/// Who has this login id, the code of their office, and whether that is open; `None` if there is
/// nobody.
///
/// # Errors
/// [`Error::Database`].
pub async fn office_of(
    sql: &mut Connection,
    login: &Login,
) -> Result<Option<(UserId, OfficeCode, bool)>, Error> {
    let row = sql::query(
        "SELECT account.id, code, closed_at FROM account JOIN office ON office.number = account.office
         WHERE login = $1 AND deleted_at IS NULL",
    )
    .bind(login.as_str())
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        let is_open = row.maybe_number("closed_at")?.is_none();
        Ok((UserId(row.id("id")?), row.parsed("code")?, is_open))
    })
    .transpose()
}

/// Reads a person out of a row in which the columns go by these names.
pub(super) fn person(row: &Row, id: &str, name: &str) -> Result<Person, Error> {
    Ok(Person {
        id: UserId(row.id(id)?),
        name: row.parsed::<UserName>(name)?,
    })
}
