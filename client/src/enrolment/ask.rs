//! Asking the helpdesk for another certificate, where this one lets in no longer: over the
//! enrolment listener, which wants no certificate, with proof that its key is held here.

use rcgen::{KeyPair, SigningKey as _};
use rustls_pki_types::PrivatePkcs8KeyDer;
use shared::Language;
use shared::enrolment::EnrolmentLink;
use shared::enrolment::ask::{Ask, Asked};

use super::{Obstacle, Step, at, broken};
use crate::api::Trouble;
use crate::keystore::{Fault, Slot};
use crate::world::World;

/// Asks for another certificate with the identity that this terminal worked with; asking twice
/// does no harm. A refusal speaks `language`.
///
/// # Errors
/// [`Obstacle`].
pub async fn ask(world: &World, language: Language) -> Result<Asked, Obstacle> {
    let active = world.vault.identity(Slot::Active).await;
    let identity = active
        .map_err(at(Step::Key))?
        .ok_or_else(|| Obstacle::new(Step::Key, Fault::Unreadable))?;
    let link = EnrolmentLink::parse(&identity.link).map_err(broken(Step::Server))?;
    let key = KeyPair::try_from(&PrivatePkcs8KeyDer::from(identity.key.as_slice()));
    let key = key.map_err(broken(Step::Key))?;
    let asking = Ask::new(&identity.certificate, world.now(), |text| key.sign(text));
    let asking = asking.map_err(|_| Obstacle::new(Step::Key, Trouble::Unreadable))?;
    let answer = world.gate.ask(&link, &identity.root, asking, language);
    answer.await.map_err(at(Step::Server))
}
