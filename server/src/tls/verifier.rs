//! What a terminal must show in the handshake: a chain to our root, and a certificate that our
//! authority could have made.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

use tokio::sync::watch;

use super::{profile::TerminalCertificate, trusted::Trust};

/// Checks the chain with webpki, then the profile, which is narrower: webpki takes a certificate
/// without any extended key usage and does not look at key usage or names at all. A certificate
/// that was found good before is [recognised](super::recognised).
pub(super) struct TerminalVerifier {
    trusted: watch::Receiver<Arc<Trust>>,
    /// The roots' names. Each root has the name of the one whose place it took, so these stay.
    names: Vec<DistinguishedName>,
}

impl TerminalVerifier {
    pub(super) fn new(trusted: watch::Receiver<Arc<Trust>>) -> Self {
        let names = trusted.borrow().chains.root_hint_subjects().to_vec();
        Self { trusted, names }
    }

    fn trust(&self) -> Arc<Trust> {
        Arc::clone(&self.trusted.borrow())
    }
}

impl fmt::Debug for TerminalVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TerminalVerifier")
    }
}

impl ClientCertVerifier for TerminalVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let trust = self.trust();
        // A root issues terminals directly: nothing but a root itself may follow a leaf.
        let is_root = |other: &CertificateDer<'_>| trust.roots.iter().any(|root| root == other);
        if others.len() > 1 || !others.iter().all(is_root) {
            return Err(refused("certificates that do not belong to the chain"));
        }
        if trust.recognised.holds(leaf, now) {
            return Ok(ClientCertVerified::assertion());
        }
        let verified = trust.chains.verify_client_cert(leaf, &[], now)?;
        let certificate = TerminalCertificate::parse(leaf).map_err(refused)?;
        trust.recognised.add(&certificate);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken here".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust()
            .chains
            .verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust().chains.supported_verify_schemes()
    }
}

fn refused(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let reason: Box<dyn std::error::Error + Send + Sync> = reason.into();
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::from(reason))))
}

#[cfg(test)]
mod tests;
