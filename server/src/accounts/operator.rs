//! What the operator does with accounts at the command line, of any office and for any role.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::accounts::administration::Account;
use shared::accounts::made_password::{GROUPS, LENGTH};
use shared::accounts::{Login, Person, Role, UserName};
use shared::id::UserId;
use shared::offices::{OfficeCode, OfficeKind};
use zeroize::Zeroizing;

use super::{hand_over, has_place, hash, initial_until};
use crate::app::App;
use crate::offices::NotOpen;
use crate::password::{PoolBusy, new_password};
use crate::store;
use crate::store::accounts::NewAccount;
use crate::store::audit::Act;

/// Why an account was not made. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// Someone has this login id.
    #[error("the login id {0} is taken")]
    LoginTaken(Login),
    /// There is no office with this code, or it is closed.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// The role does not exist in an office of this kind.
    #[error("nobody can be {role} in an office of the kind {kind}")]
    RoleOutOfPlace {
        /// The role asked for.
        role: Role,
        /// What the office is.
        kind: OfficeKind,
    },
    /// The server has too much to do.
    #[error(transparent)]
    Busy(#[from] PoolBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl NotAdded {
    /// Why it was refused, as one word in kebab case for the log; `None` where the server is in
    /// trouble.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::LoginTaken(_) => Some("login-taken"),
            Self::NotOpen(office) => Some(office.refusal()),
            Self::RoleOutOfPlace { .. } => Some("role-out-of-place"),
            Self::Busy(_) | Self::Store(_) => None,
        }
    }

    /// The office that refused it by being closed.
    #[must_use]
    pub fn office(&self) -> Option<&OfficeCode> {
        match self {
            Self::NotOpen(office) => office.known(),
            _ => None,
        }
    }
}

/// Adds a person to an office and gives the password to hand over inside the enrolled terminal.
///
/// # Errors
/// See [`NotAdded`].
pub async fn add(
    server: &App,
    act: Act,
    code: OfficeCode,
    login: Login,
    role: Role,
    name: UserName,
) -> Result<(Person, Zeroizing<String>), NotAdded> {
    let mut reader = server.store.reader().await?;
    let office = store::offices::by_code(&mut reader, &code).await?;
    let office = NotOpen::check(office, &code)?;
    drop(reader);
    let kind = office.office.kind;
    if !has_place(role, kind) {
        return Err(NotAdded::RoleOutOfPlace { role, kind });
    }
    let password = new_password::<GROUPS, LENGTH>(&*server.rng);
    let hash = hash(server, &password).await?;
    let person = Person {
        id: UserId(server.new_id()),
        name: name.clone(),
    };
    let new = NewAccount {
        id: person.id,
        login: login.clone(),
        office: office.number,
        role,
        name,
        password: hash,
        initial_until: initial_until(server, role),
    };
    let added = server
        .store
        .write(act, (new, office.office.code), |tx, (new, code)| {
            Box::pin(async move {
                store::accounts::add(tx, new).await?;
                let detail = json!({ "login": new.login, "role": new.role });
                tx.to(code).record(new.id.0, &detail);
                Ok(())
            })
        })
        .await;
    match added {
        Ok(()) => Ok((person, password)),
        Err(error) if error.is_unique_violation() => Err(NotAdded::LoginTaken(login)),
        Err(error) => Err(error.into()),
    }
}

/// Why nobody got another password. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotReset {
    /// Nobody has this login id.
    #[error("nobody has the login id {0}")]
    UnknownLogin(Login),
    /// Their office is closed: there is no terminal at which the password could be used.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// The server has too much to do.
    #[error(transparent)]
    Busy(#[from] PoolBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Gives somebody who forgot their password, or whose password others know, another one to be
/// handed over as the first was; their sessions end.
///
/// # Errors
/// See [`NotReset`].
pub async fn reset_password(
    server: &App,
    act: Act,
    login: Login,
) -> Result<Zeroizing<String>, NotReset> {
    let mut reader = server.store.reader().await?;
    let role = store::accounts::role_of(&mut reader, &login).await?;
    drop(reader);
    let password = new_password::<GROUPS, LENGTH>(&*server.rng);
    let hash = hash(server, &password).await?;
    // Where nobody has it, the write finds that out and says so in the log.
    let until = initial_until(server, role.unwrap_or(Role::Staff));
    let input = (login.clone(), hash, until);
    let reset = server.store.write(act, input, |tx, (login, hash, until)| {
        Box::pin(async move {
            let asked = json!({ "login": login });
            let office = store::accounts::office_of(tx.sql(), login).await?;
            if let Some((person, office, is_open)) = office
                && !is_open
            {
                tx.to(&office)
                    .refuse(Some(person.0), "office-closed", asked);
                return Ok(Resetting::Closed(office));
            }
            if hand_over(tx, login, hash, *until).await? {
                return Ok(Resetting::Done);
            }
            tx.refuse(None, "unknown", asked);
            Ok(Resetting::Unknown)
        })
    });
    match reset.await? {
        Resetting::Done => Ok(password),
        Resetting::Unknown => Err(NotReset::UnknownLogin(login)),
        Resetting::Closed(office) => Err(NotOpen::Closed(office).into()),
    }
}

/// What came of giving somebody another password.
#[derive(Serialize, Deserialize)]
enum Resetting {
    Done,
    Unknown,
    Closed(OfficeCode),
}

/// The accounts of an office, for the command line.
///
/// # Errors
/// [`NotDone::Office`]; [`NotDone::Store`].
pub async fn of_office(server: &App, code: OfficeCode) -> Result<Vec<Account>, NotDone> {
    let mut reader = server.store.reader().await?;
    let office = store::offices::by_code(&mut reader, &code)
        .await?
        .ok_or(NotDone::Office(code))?;
    let now = server.clock.now();
    Ok(store::accounts::administration::list(&mut reader, office.number, now).await?)
}

/// Why nothing was done with an account. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// There is no office with this code.
    #[error("{}", NotOpen::Unknown(.0.clone()))]
    Office(OfficeCode),
    /// Nobody has this login id.
    #[error("nobody has the login id {0}")]
    Login(Login),
    /// Somebody under follow-up would be nobody's to ring.
    #[error(
        "{assigned} people under follow-up are assigned to {login}: assign somebody else first, or \
         let an administrator of the office delete it in the window, who takes them over"
    )]
    Needed {
        /// Whose account.
        login: Login,
        /// How many.
        assigned: i64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Deletes an account, whoever it is for; its sessions end. Not that of somebody who has people to
/// ring: nobody would find them again.
///
/// # Errors
/// [`NotDone::Login`]; [`NotDone::Needed`]; [`NotDone::Store`].
pub async fn delete(server: &App, act: Act, login: Login) -> Result<(), NotDone> {
    let deleted = server.store.write(act, login.clone(), |tx, login| {
        Box::pin(async move {
            let asked = json!({ "login": login });
            let assigned = store::accounts::assigned_to(tx, login).await?;
            if assigned > 0 {
                tx.refuse(None, "needed", asked);
                return Ok(Some(assigned));
            }
            let Some((person, office)) = store::accounts::delete(tx, login).await? else {
                tx.refuse(None, "unknown", asked);
                return Ok(Some(0));
            };
            let ended = store::session::end_all(tx, person).await?;
            let detail = json!({ "login": login, "sessions_ended": ended });
            tx.to(&office).record(person.0, &detail);
            Ok(None)
        })
    });
    match deleted.await? {
        None => Ok(()),
        Some(0) => Err(NotDone::Login(login)),
        Some(assigned) => Err(NotDone::Needed { login, assigned }),
    }
}
