//! A new certificate over a new key, before the old one runs out.
//!
//! The old one works until the new one was used. As with the enrolment the new key
//! lies in the keystore before it is sent, and whatever is cut off on the way is
//! taken up again the next time.

use super::certificate::{is_old, is_over};
use super::root::{is_signed_by, issuer_of};
use super::{Enrolled, Obstacle, Step, at, broken, first_use, new_key, request};
use jiff::Timestamp;

use crate::api::Trouble;
use crate::keystore::{Fault, Identity, Slot};
use crate::language;
use crate::world::World;

/// Whether `identity` is to be renewed at `now`: two thirds of its life are over, or another root
/// issues by now.
pub fn is_due(identity: &Identity, now: Timestamp) -> bool {
    is_old(&identity.certificate, now) || !is_signed_by(&identity.certificate, &identity.root)
}

/// Renews `identity` when it is due, and takes up a renewal that was
/// cut off. `None` when there is nothing to do.
///
/// # Errors
/// [`Obstacle`]; then `identity` is still the one to work with.
pub async fn renew(world: &World, identity: &Identity) -> Result<Option<Enrolled>, Obstacle> {
    let spoken = language::spoken();
    let pending = match world.vault.identity(Slot::Pending).await {
        Err(Fault::Unreadable) => None,
        other => other.map_err(at(Step::Key))?,
    };
    // What waits for another link is an enrolment of its own.
    let pending = pending.filter(|pending| pending.link == identity.link);
    if let Some(issued) = pending.clone().filter(Identity::is_issued) {
        return first_use(world, issued, &|_| {}).await.map(Some);
    }
    if !is_due(identity, world.now()) {
        return Ok(None);
    }
    let key = match pending {
        Some(pending) => pending.key,
        None => new_key().map_err(broken(Step::Key))?,
    };
    let mut next = Identity {
        key,
        certificate: Vec::new(),
        ..identity.clone()
    };
    world
        .vault
        .keep(Slot::Pending, &next)
        .await
        .map_err(at(Step::Key))?;
    let (request, public) = request(&next.key).map_err(broken(Step::Certificate))?;
    let answer = world.gate.renew(identity, request, spoken).await;
    next.certificate = answer.map_err(at(Step::Certificate))?;
    // Where it comes from the root that is trusted, nothing else has to be known.
    if !is_signed_by(&next.certificate, &identity.root) {
        let line = world.gate.line(identity).map_err(at(Step::Certificate))?;
        let offered = line.roots().await.map_err(at(Step::Certificate))?;
        let now = world.now().as_second();
        let root = issuer_of(
            &next.certificate,
            &identity.root,
            &offered.certificates,
            now,
        );
        next.root = root.map_err(at(Step::Certificate))?;
    }
    if !is_over(&next.certificate, &public) {
        return Err(Obstacle::new(Step::Certificate, Trouble::Unreadable));
    }
    let keep = world.vault.keep(Slot::Pending, &next).await;
    keep.map_err(at(Step::Certificate))?;
    first_use(world, next, &|_| {}).await.map(Some)
}
