//! Ending this terminal: the server is told, and nothing of it is left here.

use shared::enrolment::{Leave, LeaveOffice, Terminal};

use super::certificate::facts;
use super::{Obstacle, Step, at};
use crate::api::{Api, Failure};
use crate::keystore::{Fault, Slot};
use crate::outbox::Unkept;
use crate::world::World;

/// What would be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtStake {
    /// Who this terminal is, if the keystore can say it.
    pub terminal: Option<Terminal>,
    /// Of how many people something is kept here that the server does not have.
    pub drafts: usize,
}

/// Why leaving did not work; then this terminal is still let in, unless it was told to be not.
#[derive(Debug, Clone, PartialEq)]
pub enum NotLeft {
    /// The server was not told. Nothing was wiped.
    Server(Failure),
    /// The keystore did not do it. What was wiped before is gone.
    Keystore(Obstacle),
    /// The drafts could not be wiped.
    Drafts(Unkept),
    /// There is nothing to leave.
    NotEnrolled,
}

/// What leaving would lose; reads only.
///
/// # Errors
/// [`NotLeft`].
pub async fn at_stake(world: &World) -> Result<AtStake, NotLeft> {
    let identity = active(world).await?;
    let drafts = match &world.outbox {
        Some(outbox) => outbox.count().await.map_err(NotLeft::Drafts)?,
        None => 0,
    };
    let entry = match identity {
        Found::Nothing => return Err(NotLeft::NotEnrolled),
        Found::Unreadable => None,
        Found::Identity(identity) => facts(&identity.certificate),
    };
    Ok(AtStake {
        terminal: entry,
        drafts,
    })
}

/// Ends this terminal. The server is told first, so that the certificate is dead wherever a copy
/// of it may be; where it cannot be reached, nothing is wiped unless `untold` says that it need not
/// know. Then drafts and keys go, the identity last: whatever is cut off on the way can be tried
/// again.
///
/// # Errors
/// [`NotLeft`].
pub async fn leave(world: &World, untold: bool) -> Result<(), NotLeft> {
    match active(world).await? {
        Found::Nothing => return Err(NotLeft::NotEnrolled),
        // Nobody can tell the server with it.
        Found::Unreadable => {}
        Found::Identity(_) if untold => {}
        Found::Identity(identity) => {
            let line = world.gate.line(&identity);
            let line =
                line.map_err(|trouble| NotLeft::Keystore(Obstacle::new(Step::Server, trouble)))?;
            let terminal = facts(&identity.certificate);
            let terminal = terminal.ok_or(NotLeft::Keystore(Obstacle::new(
                Step::Key,
                Fault::Unreadable,
            )))?;
            let clock = world.clone();
            let api = Api::new(line, move || clock.key());
            let serial = terminal.serial;
            match api.call::<LeaveOffice>(Leave { serial }).await {
                Ok(_) => {}
                // It lets this certificate in no longer: that is all that was wanted.
                Err(Failure::Refused(problem)) if is_out(problem.code) => {}
                Err(failure) => return Err(NotLeft::Server(failure)),
            }
        }
    }
    if let Some(outbox) = &world.outbox {
        outbox.wipe_all().await.map_err(NotLeft::Drafts)?;
    }
    for slot in [Slot::Drafts, Slot::Pending, Slot::Active] {
        let forgotten = world.vault.forget(slot).await;
        forgotten
            .map_err(at(Step::Key))
            .map_err(NotLeft::Keystore)?;
    }
    Ok(())
}

fn is_out(code: shared::ProblemCode) -> bool {
    use shared::ProblemCode::{
        OfficeClosed, TerminalExpired, TerminalRevoked, TerminalSuperseded, TerminalUnknown,
    };
    matches!(
        code,
        OfficeClosed | TerminalExpired | TerminalRevoked | TerminalSuperseded | TerminalUnknown
    )
}

enum Found {
    Nothing,
    Unreadable,
    Identity(Box<crate::keystore::Identity>),
}

async fn active(world: &World) -> Result<Found, NotLeft> {
    match world.vault.identity(Slot::Active).await {
        Ok(Some(identity)) => Ok(Found::Identity(Box::new(identity))),
        Ok(None) => Ok(Found::Nothing),
        Err(Fault::Unreadable) => Ok(Found::Unreadable),
        Err(fault) => Err(NotLeft::Keystore(Obstacle::new(Step::Key, fault))),
    }
}
