//! TLS of both listeners: which versions, whose certificates, and what a terminal must show.
//!
//! TLS 1.3 only. Nothing is ever resumed: on resumption rustls does not look at a terminal's
//! certificate again, so a full handshake is the only honest one, and whoever enrols comes once.

mod pem;
mod profile;
mod recognised;
mod server_certificate;
mod shown;
mod trusted;
mod verifier;

use std::sync::Arc;

use jiff::Timestamp;
use rustls::{
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    ServerConfig, SupportedCipherSuite,
    crypto::{CryptoProvider, aws_lc_rs::default_provider},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::NoServerSessionStorage,
    time_provider::TimeProvider,
};
use zeroize::Zeroizing;

pub use pem::{PemError, read_certificates, read_private_keys};
pub use profile::{ProfileError, TerminalCertificate, key_is_strong};
pub use server_certificate::{Unfit, check_server_certificate};
pub use shown::ShownIdentity;
pub use trusted::TrustedRoots;
use verifier::TerminalVerifier;

/// Protocols offered, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate chain, leaf first, with its key, as a server shows it.
pub struct ServerIdentity {
    /// DER of each certificate.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's private key.
    pub key: Zeroizing<PrivateKeyDer<'static>>,
}

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Key and certificate do not belong together, or are of a kind that TLS 1.3 cannot use.
    #[error("the server's certificate and key cannot be used: {0}")]
    Identity(rustls::Error),
    /// The root cannot serve as a trust anchor.
    #[error("the authority's certificate cannot be used: {0}")]
    Root(String),
}

/// How a listener speaks TLS.
pub type TlsConfig = ServerConfig;

/// Reads the clock whenever a certificate's dates are judged.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// TLS for the terminals' listener: a certificate of a `trusted` root that fits the profile of a
/// terminal is required; its dates are judged at `now`.
///
/// # Errors
/// See [`TlsError`].
pub fn terminals_config(
    shown: &ShownIdentity,
    trusted: &TrustedRoots,
    now: Now,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(provider());
    let builder = ServerConfig::builder_with_details(provider, Arc::new(Clock(now)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Identity)?
        .with_client_cert_verifier(Arc::new(TerminalVerifier::new(trusted.subscribe())));
    Ok(finish(builder, shown))
}

/// TLS for the enrolment listener: the server shows who it is, nobody is asked back.
///
/// # Errors
/// See [`TlsError`].
pub fn enrolment_config(shown: &ShownIdentity, now: Now) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_details(Arc::new(provider()), Arc::new(Clock(now)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Identity)?
        .with_no_client_auth();
    Ok(finish(builder, shown))
}

fn finish(
    builder: rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>,
    shown: &ShownIdentity,
) -> ServerConfig {
    let mut config = builder.with_cert_resolver(shown.resolver());
    config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.ignore_client_order = true;
    config
}

/// AES-128 comes before AES-256: neither is the weak place beside a P-256 key, and the key schedule
/// of the latter is made of SHA-384, which took a ninth of a handshake where the processor helps
/// with SHA-256 alone.
fn provider() -> CryptoProvider {
    let mut provider = default_provider();
    let is_first = |suite: &SupportedCipherSuite| suite.suite() == TLS13_AES_128_GCM_SHA256;
    provider.cipher_suites.sort_by_key(|suite| !is_first(suite));
    provider
}

struct Clock(Now);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let seconds = u64::try_from((self.0)().as_second()).ok()?;
        Some(rustls::pki_types::UnixTime::since_unix_epoch(
            std::time::Duration::from_secs(seconds),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_of_tls_1_3_is_offered_and_the_one_without_sha_384_first() {
        let of_1_3 = |provider: CryptoProvider| -> Vec<_> {
            let suites = provider.cipher_suites.into_iter();
            let suites = suites.filter(|suite| suite.tls13().is_some());
            suites.map(|suite| suite.suite()).collect()
        };
        let (ours, all) = (of_1_3(provider()), of_1_3(default_provider()));
        assert_eq!(ours.first(), Some(&TLS13_AES_128_GCM_SHA256));
        assert_eq!(ours.len(), all.len());
        assert!(all.iter().all(|suite| ours.contains(suite)));
    }
}
