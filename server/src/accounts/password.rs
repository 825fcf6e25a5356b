//! Changing one's own password (M-08).

use shared::accounts::password::{ChangePassword, PasswordChange, check};
use shared::accounts::{Password, made_password};
use shared::contract::{Done, Endpoint as _};
use shared::text::Refused;
use shared::{Problem, ProblemCode};
use zeroize::Zeroizing;

use crate::app::{App, Caller};
use crate::store;
use crate::store::audit::Act;

/// What was typed as the password of an account, as it is to be compared with the one that is kept.
/// One that was handed over is read however it is written ([`made_password::read`]); one's own is
/// meant as it was typed, even if it looks the same. Only one of the two is compared, so that the
/// time it takes tells nobody whether an account is new.
pub(crate) fn as_kept(typed: &Password, is_initial: bool) -> Zeroizing<String> {
    let plain = || Zeroizing::new(typed.reveal().to_owned());
    match is_initial {
        true => made_password::read(typed.reveal()).unwrap_or_else(plain),
        false => plain(),
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
    let account = account.ok_or_else(|| Problem::new(ProblemCode::NotLoggedIn))?;
    check(&request.new, &account.login).map_err(|refused| Problem::refused("new", refused))?;
    let tried_on = crate::session::tried_on(&account.login, &caller.terminal);
    crate::session::count_try(server, &tried_on).await?;
    let is_kept = async |password: &Password| {
        let typed = as_kept(password, account.is_initial);
        let kept = Some(account.hash.clone());
        let right = server.passwords.verify(typed, kept).await;
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
            (id, user.session, account.hash.clone(), hash, tried_on),
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
