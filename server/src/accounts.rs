//! People's accounts (M-08): who works beside whom, and what making a password to hand over is, whoever
//! makes it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::Problem;
use shared::accounts::{Colleagues, ColleaguesQuery, Login, Role};
use shared::offices::OfficeKind;
use zeroize::Zeroizing;

use crate::app::{App, Caller};
use crate::store;
use crate::store::Tx;

mod administration;
mod findable;
mod operator;
mod password;

pub use administration::{
    add_account, delete_account, hand_over_password, list_accounts, rename_account,
};
pub use findable::enter_people;
pub use operator::{NotAdded, NotDone, NotReset, add, delete, of_office, reset_password};
pub(crate) use password::as_kept;
pub use password::change_password;

/// How long a password that was handed over is good for: as long as an enrolment link, with which it
/// may travel (M-03, M-08).
const INITIAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Until when a password made now must be changed. What another system reads with was seen by
/// nobody but its operator, and no person is there to choose another.
fn initial_until(server: &App, role: Role) -> Option<Timestamp> {
    (role != Role::Reader).then(|| server.clock.now() + INITIAL)
}

/// Gives an account a password to hand over, whatever the present one is, and ends its sessions;
/// whether anybody has this login id. Whoever asks for it has tried theirs in vain, and is slowed
/// down no longer.
async fn hand_over(
    tx: &mut Tx,
    login: &Login,
    hash: &str,
    until: Option<Timestamp>,
) -> Result<bool, store::Error> {
    let reset = store::accounts::reset_password(tx, login, hash, until).await?;
    let Some((person, number, office)) = reset else {
        return Ok(false);
    };
    let tried_on = crate::session::tried_on_login(login, number);
    store::session::clear_tries(tx, &tried_on).await?;
    let ended = store::session::end_all(tx, person).await?;
    let detail = json!({ "login": login, "sessions_ended": ended });
    tx.to(&office).record(person.0, &detail);
    Ok(true)
}

async fn hash(
    server: &App,
    password: &Zeroizing<String>,
) -> Result<String, crate::password::PoolBusy> {
    let mut salt = [0; 16];
    server.rng.fill(&mut salt);
    server.passwords.hash(password.clone(), salt).await
}

/// The helpdesk never comes near health data, and nobody else near certificates.
fn has_place(role: Role, kind: OfficeKind) -> bool {
    match role {
        Role::Helpdesk => kind == OfficeKind::Helpdesk,
        Role::Officer => kind == OfficeKind::Ministry,
        Role::Staff | Role::Administrator | Role::Reader => kind != OfficeKind::Helpdesk,
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
