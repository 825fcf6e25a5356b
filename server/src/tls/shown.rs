//! What the listeners show of themselves: a certificate chain that can be replaced while they
//! serve. New handshakes show the new one; connections that are open go on.

use std::{fmt, sync::Arc};

use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::{ServerIdentity, TlsError};

/// The server's identity as it is shown at this moment.
pub struct ShownIdentity(watch::Sender<Arc<CertifiedKey>>);

impl ServerIdentity {
    /// The chain with that one of `keys` which is its leaf's. A file may hold the key of another
    /// certificate, too, while the two are being replaced one after the other.
    ///
    /// # Errors
    /// [`TlsError::Identity`] if none is.
    pub fn of(
        chain: Vec<CertificateDer<'static>>,
        keys: Vec<Zeroizing<PrivateKeyDer<'static>>>,
    ) -> Result<Self, TlsError> {
        let mut reason = rustls::Error::General("there is no key".to_owned());
        for key in keys {
            let identity = Self {
                chain: chain.clone(),
                key,
            };
            match certified(&identity) {
                Ok(_) => return Ok(identity),
                Err(TlsError::Identity(error)) => reason = error,
                Err(other) => return Err(other),
            }
        }
        Err(TlsError::Identity(reason))
    }
}

impl ShownIdentity {
    /// Shows `identity` from the beginning.
    ///
    /// # Errors
    /// [`TlsError::Identity`] if key and certificate do not belong together.
    pub fn new(identity: ServerIdentity) -> Result<Self, TlsError> {
        Ok(Self(watch::Sender::new(certified(&identity)?)))
    }

    /// Shows `identity` from now on.
    ///
    /// # Errors
    /// The same; then what was shown before stays.
    pub fn replace(&self, identity: ServerIdentity) -> Result<(), TlsError> {
        self.0.send_replace(certified(&identity)?);
        Ok(())
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::new(Resolver(self.0.subscribe()))
    }
}

fn certified(identity: &ServerIdentity) -> Result<Arc<CertifiedKey>, TlsError> {
    // By reference, so that the one copy of the key is wiped when the identity is dropped.
    let key = any_supported_type(&identity.key).map_err(TlsError::Identity)?;
    let shown = CertifiedKey::new(identity.chain.clone(), key);
    shown.keys_match().map_err(TlsError::Identity)?;
    Ok(Arc::new(shown))
}

struct Resolver(watch::Receiver<Arc<CertifiedKey>>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.borrow()))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}
