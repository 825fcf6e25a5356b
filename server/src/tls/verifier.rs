//! What a terminal must show in the handshake: a chain to our root, and a certificate that our
//! authority could have made.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

use super::profile::TerminalCertificate;

/// Checks the chain with webpki, then the profile, which is narrower: webpki takes a certificate
/// without any extended key usage and does not look at key usage or names at all.
pub(super) struct TerminalVerifier {
    chains: Arc<dyn ClientCertVerifier>,
    root: CertificateDer<'static>,
}

impl TerminalVerifier {
    pub(super) fn new(chains: Arc<dyn ClientCertVerifier>, root: CertificateDer<'static>) -> Self {
        Self { chains, root }
    }
}

impl fmt::Debug for TerminalVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TerminalVerifier")
    }
}

impl ClientCertVerifier for TerminalVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chains.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // The root issues terminals directly: nothing but the root itself may follow a leaf.
        if others.len() > 1 || others.iter().any(|other| *other != self.root) {
            return Err(refused("certificates that do not belong to the chain"));
        }
        let verified = self.chains.verify_client_cert(leaf, &[], now)?;
        TerminalCertificate::parse(leaf).map_err(refused)?;
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
        self.chains.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

fn refused(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let reason: Box<dyn std::error::Error + Send + Sync> = reason.into();
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::from(reason))))
}
