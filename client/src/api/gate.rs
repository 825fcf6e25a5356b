//! The two ways to a server: the door where a terminal is let in, and the line
//! it works over afterwards.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use shared::Language;
use shared::accounts::Password;
use shared::enrolment::ask::{Ask, Asked};
use shared::enrolment::{EnrolmentLink, Fingerprint};
use shared::helpdesk::Helpdesk;
use shared::problem::ProblemDocument;

use super::{Transport, Unreachable};
use crate::keystore::Identity;

/// The root of the server, checked against the fingerprint in the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The root certificate as DER.
    pub root: Vec<u8>,
    /// Everything that the server handed out with it, as DER.
    pub offered: Vec<Vec<u8>>,
    /// How the helpdesk is reached, where the server said so: a terminal that is not let in has
    /// nobody else to ask (M-12).
    pub helpdesk: Option<Helpdesk>,
}

/// What a server hands out of its roots; nothing of it is trusted for that alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Roots and link certificates as DER, in no order.
    pub certificates: Vec<Vec<u8>>,
    /// Which root issues at present, where the server says so.
    pub issuer: Option<Fingerprint>,
}

/// What the door hands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The terminal's certificate as DER.
    pub certificate: Vec<u8>,
    /// `HOST:PORT` of the terminal listener.
    pub terminals: String,
}

/// Why the door stayed shut.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Nobody answered.
    Unreachable(Unreachable),
    /// Somebody answered who is not the server of the link.
    Stranger,
    /// The server said no, and why.
    Refused(Box<ProblemDocument>),
    /// The answer is not one of EST.
    Unreadable,
}

/// The way to servers; real in [`super::mtls`], scripted in tests.
pub trait Gate: Send + Sync {
    /// Fetches the root of the link's server (EST `cacerts`) and takes it only if
    /// it has the link's fingerprint.
    fn authority(&self, link: &EnrolmentLink) -> BoxFuture<'static, Result<Authority, Trouble>>;

    /// Hands in a certificate request (PKCS#10 DER) with the link's id and password
    /// (EST `simpleenroll`), trusting `authority` alone. A refusal speaks `language`.
    fn enrol(
        &self,
        link: &EnrolmentLink,
        authority: &Authority,
        password: Password,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Issued, Trouble>>;

    /// Hands in a request for a new key over the line of the present certificate
    /// (EST `simplereenroll`); the answer is the new certificate. A refusal speaks
    /// `language`.
    fn renew(
        &self,
        identity: &Identity,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Vec<u8>, Trouble>>;

    /// Asks the server of `link`, trusting `root` alone, for another certificate (see
    /// [`shared::enrolment::ask`]). A refusal speaks `language`.
    fn ask(
        &self,
        link: &EnrolmentLink,
        root: &[u8],
        asking: Ask,
        language: Language,
    ) -> BoxFuture<'static, Result<Asked, Trouble>>;

    /// The line on which the terminal of this identity works. Nothing is sent yet;
    /// after a renewal a new line must be made, for open connections keep the old
    /// certificate.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] when the identity's key or certificate is broken.
    fn line(&self, identity: &Identity) -> Result<Arc<dyn Transport>, Trouble>;
}
