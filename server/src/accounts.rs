//! People's accounts: making one, and who works beside whom (M-08).

use jiff::{SignedDuration, Timestamp};
use shared::accounts::administration::Account;
use shared::accounts::password::{ChangePassword, PasswordChange, check};
use shared::accounts::{Colleagues, ColleaguesQuery, Login, Password, Person, Role, UserName};
use shared::contract::{Done, Endpoint as _};
use shared::id::UserId;
use shared::offices::{OfficeCode, OfficeKind};
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use zeroize::Zeroizing;

use crate::app::{App, Caller};
use crate::password::new_password;
use crate::store;
use crate::store::accounts::NewAccount;
use crate::store::audit::Act;

mod administration;

pub use administration::{
    add_account, delete_account, hand_over_password, list_accounts, rename_account,
};

/// Why an account was not made. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// Someone has this login id.
    #[error("the login id {0} is taken")]
    LoginTaken(Login),
    /// There is no open office with this code.
    #[error("there is no open office with the code {0}")]
    UnknownOffice(OfficeCode),
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
    Busy(#[from] crate::password::PoolBusy),
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
            Self::UnknownOffice(_) => Some("unknown-office"),
            Self::RoleOutOfPlace { .. } => Some("role-out-of-place"),
            Self::Busy(_) | Self::Store(_) => None,
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
    let office = store::offices::by_code(&mut reader, &code)
        .await?
        .filter(|office| office.open)
        .ok_or(NotAdded::UnknownOffice(code))?;
    drop(reader);
    let kind = office.office.kind;
    if !has_place(role, kind) {
        return Err(NotAdded::RoleOutOfPlace { role, kind });
    }
    // Four groups of five: 100 bits.
    let password = new_password::<4, 5>(&*server.rng);
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
                let detail = serde_json::json!({ "login": new.login, "role": new.role });
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

/// How long a password that was handed over is good for: as long as an enrolment link, with which it
/// may travel (M-03, M-08).
const INITIAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Until when a password made now must be changed. What another system reads with was seen by
/// nobody but its operator, and no person is there to choose another.
fn initial_until(server: &App, role: Role) -> Option<Timestamp> {
    (role != Role::Reader).then(|| server.clock.now() + INITIAL)
}

async fn hash(
    server: &App,
    password: &Zeroizing<String>,
) -> Result<String, crate::password::PoolBusy> {
    let mut salt = [0; 16];
    server.rng.fill(&mut salt);
    server.passwords.hash(password.clone(), salt).await
}

/// Why nobody got another password. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotReset {
    /// Nobody has this login id.
    #[error("nobody has the login id {0}")]
    UnknownLogin(Login),
    /// The server has too much to do.
    #[error(transparent)]
    Busy(#[from] crate::password::PoolBusy),
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
    let password = new_password::<4, 5>(&*server.rng);
    let hash = hash(server, &password).await?;
    // Where nobody has it, the write finds that out and says so in the log.
    let until = initial_until(server, role.unwrap_or(Role::Staff));
    let known = server
        .store
        .write(
            act,
            (login.clone(), hash, until),
            |tx, (login, hash, until)| {
                Box::pin(async move {
                    let person = store::accounts::reset_password(tx, login, hash, *until).await?;
                    let Some((person, number, office)) = person else {
                        tx.refuse(None, "unknown", serde_json::json!({ "login": login }));
                        return Ok(None);
                    };
                    // Whoever asks for it has tried theirs in vain.
                    let tried_on = crate::session::tried_on_login(login, number);
                    store::session::clear_tries(tx, &tried_on).await?;
                    let ended = store::session::end_all(tx, person).await?;
                    let detail = serde_json::json!({ "login": login, "sessions_ended": ended });
                    tx.to(&office).record(person.0, &detail);
                    Ok(Some(person))
                })
            },
        )
        .await?;
    match known {
        Some(_) => Ok(password),
        None => Err(NotReset::UnknownLogin(login)),
    }
}

/// The accounts of an office, for the command line.
///
/// # Errors
/// [`NotFound::Office`]; [`NotFound::Store`].
pub async fn of_office(server: &App, code: OfficeCode) -> Result<Vec<Account>, NotFound> {
    let mut reader = server.store.reader().await?;
    let office = store::offices::by_code(&mut reader, &code)
        .await?
        .ok_or(NotFound::Office(code))?;
    let now = server.clock.now();
    Ok(store::accounts::administration::list(&mut reader, office.number, now).await?)
}

/// Why nothing was done with an account. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// There is no office with this code.
    #[error("there is no office with the code {0}")]
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
/// [`NotFound::Login`]; [`NotFound::Needed`]; [`NotFound::Store`].
pub async fn delete(server: &App, act: Act, login: Login) -> Result<(), NotFound> {
    let deleted = server.store.write(act, login.clone(), |tx, login| {
        Box::pin(async move {
            let asked = serde_json::json!({ "login": login });
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
            let detail = serde_json::json!({ "login": login, "sessions_ended": ended });
            tx.to(&office).record(person.0, &detail);
            Ok(None)
        })
    });
    match deleted.await? {
        None => Ok(()),
        Some(0) => Err(NotFound::Login(login)),
        Some(assigned) => Err(NotFound::Needed { login, assigned }),
    }
}

/// The helpdesk never comes near health data, and nobody else near certificates.
fn has_place(role: Role, kind: OfficeKind) -> bool {
    match role {
        Role::Helpdesk => kind == OfficeKind::Helpdesk,
        Role::Officer => kind == OfficeKind::Ministry,
        Role::Staff | Role::Administrator | Role::Reader => kind != OfficeKind::Helpdesk,
    }
}

/// Changes the caller's own password and ends their other sessions. The present password is asked:
/// whoever finds a window open must not take the account over. A repeat whose answer was lost finds
/// the new one in place and changes nothing.
///
/// # Errors
/// `invalid-field` for a present password that is wrong and for a new one that is too short or
/// easily guessed; `slowed-down` after several wrong ones, as at the login; `busy`;
/// `store-unavailable`.
pub async fn change_password(
    server: &App,
    caller: &Caller,
    request: PasswordChange,
) -> Result<Done, Problem> {
    let user = caller.person()?;
    let id = user.person.id;
    let account = {
        let mut reader = server.store.reader().await?;
        store::accounts::password_of(&mut reader, id).await?
    };
    let (login, kept) = account.ok_or_else(|| Problem::new(ProblemCode::NotLoggedIn))?;
    check(&request.new, &login).map_err(|refused| Problem::refused("new", refused))?;
    let tried_on = crate::session::tried_on(&login, &caller.terminal);
    crate::session::count_try(server, &tried_on).await?;
    let is_kept = async |password: &Password| {
        let typed = Zeroizing::new(password.reveal().to_owned());
        let right = server.passwords.verify(typed, Some(kept.clone())).await;
        right.map_err(|error| Problem::new(ProblemCode::Busy).because(error))
    };
    let is_same = is_kept(&request.new).await?;
    if !is_kept(&request.present).await? {
        // The answer tells of both: whoever guesses has guessed twice.
        crate::session::count_try(server, &tried_on).await?;
        return match is_same {
            true => Ok(Done {}),
            false => Err(Problem::refused("present", Refused::new("password_wrong"))),
        };
    }
    if is_same {
        return Err(Problem::refused("new", Refused::new("password_same")));
    }
    let mut salt = [0; 16];
    server.rng.fill(&mut salt);
    let new = Zeroizing::new(request.new.reveal().to_owned());
    let hash = server.passwords.hash(new, salt).await;
    let hash = hash.map_err(|error| Problem::new(ProblemCode::Busy).because(error))?;
    // Not kept under its key as other writes are: what is kept there holds a digest of the request,
    // by which the passwords in it could be guessed.
    let act = Act::new(caller.actor(), ChangePassword::NAME);
    let changed = server
        .store
        .write(
            act,
            (id, user.session, kept.clone(), hash, tried_on),
            |tx, (id, session, kept, hash, tried_on)| {
                Box::pin(async move {
                    for tried_on in tried_on {
                        store::session::clear_tries(tx, tried_on).await?;
                    }
                    if !store::accounts::change_password(tx, *id, kept, hash).await? {
                        let asked = serde_json::json!({});
                        tx.refuse(Some(id.0), "changed-meanwhile", asked);
                        return Ok(false);
                    }
                    let ended = store::session::end_others(tx, *id, *session).await?;
                    tx.record(id.0, &serde_json::json!({ "sessions_ended": ended }));
                    Ok(true)
                })
            },
        )
        .await?;
    // Whoever had to change it may do everything from now on.
    server.sessions.forget(user.session);
    // Somebody changed it at the same moment, with the same right.
    match changed {
        true => Ok(Done {}),
        false => Err(Problem::refused("present", Refused::new("password_wrong"))),
    }
}

/// The people of the caller's office.
///
/// # Errors
/// `store-unavailable`.
pub async fn list_colleagues(
    server: &App,
    caller: &Caller,
    _: ColleaguesQuery,
) -> Result<Colleagues, Problem> {
    let mut reader = server.store.reader().await?;
    let people = store::accounts::of_office(&mut reader, caller.terminal.office_number).await?;
    Ok(Colleagues { people })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helpdesk_and_the_health_centres_keep_apart() {
        assert!(has_place(Role::Helpdesk, OfficeKind::Helpdesk));
        assert!(!has_place(Role::Helpdesk, OfficeKind::HealthCentre));
        assert!(!has_place(Role::Staff, OfficeKind::Helpdesk));
        assert!(!has_place(Role::Reader, OfficeKind::Helpdesk));
    }
}
