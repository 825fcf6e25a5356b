//! Whose certificates let a terminal in: the roots can be replaced while the listener serves. New
//! handshakes are judged by the new ones; connections that are open go on, and are judged by each
//! request.

use std::sync::Arc;

use rustls::{
    RootCertStore,
    pki_types::CertificateDer,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio::sync::watch;

use super::{TlsError, recognised::Recognised};

/// The roots as they are trusted at this moment.
pub struct TrustedRoots(watch::Sender<Arc<Trust>>);

/// Some roots, and what checks chains to them.
pub(super) struct Trust {
    pub(super) roots: Vec<CertificateDer<'static>>,
    pub(super) chains: Arc<dyn ClientCertVerifier>,
    /// What was found good under these roots, and no others.
    pub(super) recognised: Recognised,
}

impl TrustedRoots {
    /// Trusts `roots` from the beginning; at least one.
    ///
    /// # Errors
    /// [`TlsError::Root`] if one cannot serve as a trust anchor.
    pub fn new<'a>(
        roots: impl IntoIterator<Item = &'a CertificateDer<'static>>,
    ) -> Result<Self, TlsError> {
        Ok(Self(watch::Sender::new(trust(roots)?)))
    }

    /// Trusts `roots` from now on, and no other.
    ///
    /// # Errors
    /// The same; then those trusted before stay.
    pub fn replace<'a>(
        &self,
        roots: impl IntoIterator<Item = &'a CertificateDer<'static>>,
    ) -> Result<(), TlsError> {
        self.0.send_replace(trust(roots)?);
        Ok(())
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<Trust>> {
        self.0.subscribe()
    }
}

fn trust<'a>(
    roots: impl IntoIterator<Item = &'a CertificateDer<'static>>,
) -> Result<Arc<Trust>, TlsError> {
    let roots: Vec<_> = roots.into_iter().cloned().collect();
    let mut anchors = RootCertStore::empty();
    for root in &roots {
        anchors
            .add(root.clone())
            .map_err(|error| TlsError::Root(error.to_string()))?;
    }
    let provider = Arc::new(super::provider());
    let chains = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), provider)
        .build()
        .map_err(|error| TlsError::Root(error.to_string()))?;
    Ok(Arc::new(Trust {
        roots,
        chains,
        recognised: Recognised::default(),
    }))
}
