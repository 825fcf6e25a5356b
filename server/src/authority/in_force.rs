//! The authority as a running server uses it: which root issues, which are trusted, and what is
//! handed out. Replaced as a whole while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use rustls_pki_types::CertificateDer;
use shared::enrolment::Fingerprint;

use super::Authority;

/// The roots of this server: public, and enough for all that signs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The one that issues; links name it.
    pub issuing: CertificateDer<'static>,
    /// The other one of a rollover: what it issued is let in, too.
    pub other: Option<CertificateDer<'static>>,
    /// Link certificates, and roots that are no longer trusted here: terminals and links that
    /// know one of those find the way to the present one by them.
    pub handed_out: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// One root, and nothing before it.
    #[must_use]
    pub fn only(root: CertificateDer<'static>) -> Self {
        Self {
            issuing: root,
            other: None,
            handed_out: Vec::new(),
        }
    }

    /// Those whose certificates are let in, the issuing one first.
    pub fn trusted(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        std::iter::once(&self.issuing).chain(&self.other)
    }

    /// Everything that is handed to whoever asks (EST `cacerts`).
    pub fn all(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.trusted().chain(&self.handed_out)
    }
}

/// The issuing authority and, in a rollover, the other one, with the roots of both.
pub struct InForce {
    /// The one that issues.
    pub issuing: Arc<Authority>,
    /// The other one, which signs its own list of revoked certificates and nothing else.
    pub other: Option<Arc<Authority>>,
    /// The roots of both, and what is handed out beside them.
    pub roots: Arc<Roots>,
}

impl InForce {
    /// An authority that was never rolled over.
    #[must_use]
    pub fn only(authority: Authority) -> Self {
        Self {
            roots: Arc::new(Roots::only(authority.root().clone())),
            issuing: Arc::new(authority),
            other: None,
        }
    }
}

/// What is in force at this moment; clones are the same one.
#[derive(Clone)]
pub struct Authorities(Arc<RwLock<InForce>>);

impl From<Authority> for Authorities {
    fn from(authority: Authority) -> Self {
        Self::new(InForce::only(authority))
    }
}

impl Authorities {
    /// With this in force.
    #[must_use]
    pub fn new(in_force: InForce) -> Self {
        Self(Arc::new(RwLock::new(in_force)))
    }

    /// From now on this is in force. What was begun under the former ends under it.
    pub fn replace(&self, in_force: InForce) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = in_force;
    }

    /// The one that issues.
    #[must_use]
    pub fn issuing(&self) -> Arc<Authority> {
        self.read(|in_force| Arc::clone(&in_force.issuing))
    }

    /// The one whose root has this fingerprint, if its certificates are let in.
    #[must_use]
    pub fn with_root(&self, fingerprint: &Fingerprint) -> Option<Arc<Authority>> {
        self.read(|in_force| {
            std::iter::once(&in_force.issuing)
                .chain(&in_force.other)
                .find(|authority| authority.fingerprint() == *fingerprint)
                .cloned()
        })
    }

    /// The roots.
    #[must_use]
    pub fn roots(&self) -> Arc<Roots> {
        self.read(|in_force| Arc::clone(&in_force.roots))
    }

    /// SHA-256 of the issuing root, which every new link carries.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.issuing().fingerprint()
    }

    fn read<T>(&self, what: impl FnOnce(&InForce) -> T) -> T {
        what(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
