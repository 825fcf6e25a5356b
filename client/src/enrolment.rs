//! Letting this terminal in: the steps, shared by the window and the command line.
//!
//! Each step can be tried again with the same link. The key is in the keystore
//! *before* it is sent: if the line is cut after the server issued the certificate,
//! the same key asks once more and gets the same certificate.

mod ask;
mod certificate;
mod leaving;
mod obstacle;
mod renewal;
mod root;
pub mod scripted;

use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls_pki_types::PrivatePkcs8KeyDer;
use shared::accounts::Password;
use shared::enrolment::{EnrolmentLink, ShowTerminal, Terminal, TerminalQuery};
use zeroize::Zeroizing;

pub use ask::ask;
pub use certificate::facts;
pub use leaving::{AtStake, NotLeft, at_stake, leave};
pub use obstacle::{Cause, Obstacle};
pub use renewal::{is_due, renew};
pub use root::{Unlearned, is_signed_by, learn, vouched};

use crate::api::{Api, Issued, Trouble};
use crate::keystore::{Identity, Slot};
use crate::language;
use crate::world::World;

/// What is done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The server is reached and is the one of the link.
    Server,
    /// The key is made here and kept.
    Key,
    /// The server certifies it.
    Certificate,
    /// The certificate is used for the first time, and kept for good.
    FirstUse,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Server, Self::Key, Self::Certificate, Self::FirstUse];
}

/// A terminal that was let in.
#[derive(Clone)]
pub struct Enrolled {
    /// Its identity, which is in the keystore too.
    pub identity: Identity,
    /// Who it is, by the server's words.
    pub terminal: Terminal,
}

/// Lets this terminal in with a link and its password. `begun` is told of each step.
///
/// # Errors
/// [`Obstacle`]: which step, why, and what to do.
pub async fn enrol(
    world: &World,
    link: &EnrolmentLink,
    password: Password,
    begun: impl Fn(Step),
) -> Result<Enrolled, Obstacle> {
    // Asked before anything is waited for: afterwards another thread may go on.
    let spoken = language::spoken();
    let pending = world.vault.identity(Slot::Pending).await;
    // An unreadable pending entry is of no use to anybody and is written over.
    let pending = match pending {
        Err(crate::keystore::Fault::Unreadable) => None,
        other => other.map_err(at(Step::Key))?,
    };
    let pending = pending.filter(|pending| pending.link == link.to_string());
    if let Some(issued) = pending.clone().filter(Identity::is_issued) {
        return first_use(world, issued, &begun).await;
    }

    begun(Step::Server);
    let authority = world.gate.authority(link).await.map_err(at(Step::Server))?;
    // Whatever goes wrong from here on can be told with whom to ask.
    if let Some(helpdesk) = authority.helpdesk.clone() {
        world.help.hear(helpdesk);
    }

    begun(Step::Key);
    let key = match pending {
        Some(pending) => pending.key,
        None => new_key().map_err(broken(Step::Key))?,
    };
    let mut identity = Identity {
        link: link.to_string(),
        terminals: String::new(),
        key,
        certificate: Vec::new(),
        root: Vec::new(),
    };
    let keep = world.vault.keep(Slot::Pending, &identity).await;
    keep.map_err(at(Step::Key))?;

    begun(Step::Certificate);
    let (request, public) = request(&identity.key).map_err(broken(Step::Certificate))?;
    let Issued {
        certificate,
        terminals,
    } = world
        .gate
        .enrol(link, &authority, password, request, spoken)
        .await
        .map_err(at(Step::Certificate))?;
    if !certificate::is_over(&certificate, &public) {
        return Err(Obstacle::new(Step::Certificate, Trouble::Unreadable));
    }
    let now = world.now().as_second();
    let root = root::issuer_of(&certificate, &authority.root, &authority.offered, now);
    identity.root = root.map_err(at(Step::Certificate))?;
    identity.certificate = certificate;
    identity.terminals = terminals;
    let keep = world.vault.keep(Slot::Pending, &identity).await;
    keep.map_err(at(Step::Certificate))?;

    first_use(world, identity, &begun).await
}

/// Goes on after the certificate had arrived but was not used yet; needs no password.
///
/// # Errors
/// [`Obstacle`].
pub async fn resume(
    world: &World,
    identity: Identity,
    begun: impl Fn(Step),
) -> Result<Enrolled, Obstacle> {
    first_use(world, identity, &begun).await
}

async fn first_use(
    world: &World,
    identity: Identity,
    begun: &impl Fn(Step),
) -> Result<Enrolled, Obstacle> {
    begun(Step::FirstUse);
    let line = world.gate.line(&identity).map_err(at(Step::FirstUse))?;
    let clock = world.clone();
    let api = Api::new(line, move || clock.key());
    let terminal = api
        .call::<ShowTerminal>(TerminalQuery {})
        .await
        .map_err(at(Step::FirstUse))?;
    // Active first: a crash in between leaves both, and the active one is believed.
    let keep = world.vault.keep(Slot::Active, &identity).await;
    keep.map_err(at(Step::FirstUse))?;
    let _ = world.vault.forget(Slot::Pending).await;
    Ok(Enrolled { identity, terminal })
}

/// A new P-256 key as PKCS#8 DER.
fn new_key() -> Result<Zeroizing<Vec<u8>>, rcgen::Error> {
    Ok(Zeroizing::new(KeyPair::generate()?.serialize_der()))
}

/// A certificate request (PKCS#10 DER) signed by this key, and its public half
/// (SubjectPublicKeyInfo DER). It says nothing else: the server takes nothing else.
fn request(key: &[u8]) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let pair = KeyPair::try_from(&PrivatePkcs8KeyDer::from(key))?;
    let request = CertificateParams::default().serialize_request(&pair)?;
    Ok((request.der().to_vec(), pair.subject_public_key_info()))
}

fn at<C: Into<Cause>>(step: Step) -> impl FnOnce(C) -> Obstacle {
    move |cause| Obstacle::new(step, cause)
}

fn broken<E>(step: Step) -> impl FnOnce(E) -> Obstacle {
    move |_| Obstacle::new(step, Trouble::Unreadable)
}

#[cfg(test)]
mod tests;
