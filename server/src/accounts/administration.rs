//! The accounts of an office's staff, as its administrators keep them (M-08): only those of their
//! own office, and only those of staff.

use serde_json::json;
use shared::accounts::administration::{
    Account, AccountNamed, AccountSeen, AccountToAdd, AccountToRename, Accounts, AccountsQuery,
    AddAccount, DeleteAccount, HandOverPassword, PasswordHandedOver, RenameAccount,
};
use shared::accounts::made_password::{GROUPS, LENGTH};
use shared::accounts::{Password, Role};
use shared::contract::Done;
use shared::id::UserId;
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use zeroize::Zeroizing;

use super::{hand_over, hash, initial_until};
use crate::app::{App, Caller};
use crate::password::new_password;
use crate::store;
use crate::store::Tx;
use crate::store::accounts::NewAccount;
use crate::store::accounts::administration as rows;
use crate::store::follow_up::returnee;

/// The accounts of the caller's office.
///
/// # Errors
/// `store-unavailable`.
pub async fn list_accounts(
    server: &App,
    caller: &Caller,
    _: AccountsQuery,
) -> Result<Accounts, Problem> {
    let mut reader = server.store.reader().await?;
    let office = caller.terminal.office_number;
    let accounts = rows::list(&mut reader, office, server.clock.now()).await?;
    Ok(Accounts { accounts })
}

/// A password to hand over, and its hash.
async fn made(server: &App) -> Result<(Zeroizing<String>, String), Problem> {
    let password = new_password::<GROUPS, LENGTH>(&*server.rng);
    let hash = hash(server, &password).await;
    let hash = hash.map_err(|error| Problem::new(ProblemCode::Busy).because(error))?;
    Ok((password, hash))
}

/// The answer with its password. What is kept for a repeat holds none: then what was made in vain
/// is not the account's.
fn handed_over(account: Account, password: Zeroizing<String>, is_its: bool) -> PasswordHandedOver {
    let password = is_its.then(|| Password::new((*password).clone()));
    PasswordHandedOver { account, password }
}

/// Makes an account for a member of the staff of the caller's office.
///
/// # Errors
/// `invalid-field` for a login id that somebody has or had; `busy`; `store-unavailable`.
pub async fn add_account(
    server: &App,
    caller: &Caller,
    request: AccountToAdd,
) -> Result<PasswordHandedOver, Problem> {
    let act = caller.act::<AddAccount>(&request);
    let (password, hash) = made(server).await?;
    let id = UserId(server.new_id());
    let office = caller.terminal.office_number;
    let new = NewAccount {
        id,
        login: request.login,
        office,
        role: Role::Staff,
        name: request.name,
        password: hash,
        initial_until: initial_until(server, Role::Staff),
    };
    let added = server.store.write(act, new, |tx, new| {
        Box::pin(async move {
            store::accounts::add(tx, new).await?;
            let detail = json!({ "login": new.login, "role": new.role, "name": new.name });
            tx.record(new.id.0, &detail);
            let account = rows::find(tx, new.office, new.id).await?;
            account.ok_or_else(|| store::Error::Corrupt("an account just made".to_owned()))
        })
    });
    match added.await {
        Ok(account) => {
            let is_its = account.id == id;
            Ok(handed_over(account, password, is_its))
        }
        Err(error) if error.is_unique_violation() => {
            Err(Problem::refused("login", Refused::new("login_taken")))
        }
        Err(error) => Err(error.into()),
    }
}

/// The account of a member of the office's staff. Nobody else's is changed here: that of another
/// office is not found, like one that does not exist, and what was asked stands in the log.
async fn of_staff(tx: &mut Tx, office: i64, id: UserId) -> Result<Option<Account>, store::Error> {
    let account = rows::find(tx, office, id).await?;
    let why = match account {
        Some(account) if account.is_kept_here() => return Ok(Some(account)),
        Some(_) => "not-staff",
        None => "unknown",
    };
    tx.refuse(Some(id.0), why, json!({}));
    Ok(None)
}

/// Somebody else changed it since it was seen; it is now as given.
fn clash(account: &Account) -> store::Error {
    let present = serde_json::to_value(account);
    let present = present.expect("what travels as JSON is writable as JSON");
    let clash = Problem::new(ProblemCode::VersionClash);
    clash.with_current(present).into()
}

/// Gives an account of the office's staff another name.
///
/// # Errors
/// `not-found`; `version-clash` with the present account; `store-unavailable`.
pub async fn rename_account(
    server: &App,
    caller: &Caller,
    request: AccountToRename,
) -> Result<Account, Problem> {
    let act = caller.act::<RenameAccount>(&request);
    let office = caller.terminal.office_number;
    let renamed = server
        .store
        .write(act, (office, request), |tx, (office, request)| {
            Box::pin(async move {
                let Some(account) = of_staff(tx, *office, request.account).await? else {
                    return Ok(None);
                };
                if !rows::rename(tx, account.id, request.version, &request.name).await? {
                    return Err(clash(&account));
                }
                let detail = json!({
                    "login": account.login, "before": account.name, "after": request.name,
                });
                tx.record(account.id.0, &detail);
                rows::find(tx, *office, account.id).await
            })
        });
    renamed
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// Makes another password for somebody of the office's staff who forgot theirs or did not change
/// the first in time; their sessions end.
///
/// # Errors
/// `not-found`; `version-clash` with the present account when somebody made or chose another one
/// since; `busy`; `store-unavailable`.
pub async fn hand_over_password(
    server: &App,
    caller: &Caller,
    request: AccountSeen,
) -> Result<PasswordHandedOver, Problem> {
    let act = caller.act::<HandOverPassword>(&request);
    let (password, hash) = made(server).await?;
    let office = caller.terminal.office_number;
    let until = initial_until(server, Role::Staff);
    // Tells the answer to this call from one that was kept.
    let this = server.new_id();
    let input = (office, request, hash, until, this);
    let reset = server
        .store
        .write(act, input, |tx, (office, request, hash, until, this)| {
            Box::pin(async move {
                let Some(account) = of_staff(tx, *office, request.account).await? else {
                    return Ok(None);
                };
                if account.standing.until() != request.standing.until() {
                    return Err(clash(&account));
                }
                // It is locked, so that somebody has this login id.
                hand_over(tx, &account.login, hash, *until).await?;
                let account = rows::find(tx, *office, account.id).await?;
                Ok(account.map(|account| (account, *this)))
            })
        });
    let (account, answered) = reset
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(handed_over(account, password, answered == this))
}

/// Deletes an account of the office's staff; its sessions end. Whom its person had to ring is the
/// caller's from then on, who finds them among their own: nobody drops out of the follow-up.
///
/// # Errors
/// `not-found`; `store-unavailable`.
pub async fn delete_account(
    server: &App,
    caller: &Caller,
    request: AccountNamed,
) -> Result<Done, Problem> {
    let act = caller.act::<DeleteAccount>(&request);
    let office = caller.terminal.office_number;
    let input = (office, request.account, caller.person()?.person.id);
    let deleted = server.store.write(act, input, |tx, (office, id, caller)| {
        Box::pin(async move {
            let Some(account) = of_staff(tx, *office, *id).await? else {
                return Ok(None);
            };
            store::accounts::delete(tx, &account.login).await?;
            let ended = store::session::end_all(tx, account.id).await?;
            let passed_on = returnee::pass_on(tx, account.id, *caller).await?;
            let detail = json!({
                "login": account.login, "sessions_ended": ended, "assigned": passed_on.len(),
            });
            tx.record(account.id.0, &detail);
            for person in passed_on {
                tx.record(person.0, &json!({ "assignee": caller }));
            }
            Ok(Some(Done {}))
        })
    });
    deleted
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

#[cfg(test)]
mod tests;
