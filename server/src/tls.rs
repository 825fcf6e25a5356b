//! TLS of both listeners: which versions, whose certificates, and what a terminal must show.
//!
//! TLS 1.3 only. Nothing is ever resumed on the terminals' listener: on resumption rustls does
//! not look at the client's certificate again, so a full handshake is the only honest one.

mod pem;
mod profile;
mod server_certificate;
mod shown;
mod trusted;
mod verifier;

use std::sync::Arc;

use jiff::Timestamp;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs::default_provider},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::NoServerSessionStorage,
    time_provider::TimeProvider,
};
use zeroize::Zeroizing;

pub use pem::{PemError, read_certificates, read_private_keys};
pub use profile::{ProfileError, TerminalCertificate, key_is_strong};
pub use server_certificate::check_server_certificate;
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
    let mut config = finish(builder, shown);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
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
    config
}

fn provider() -> CryptoProvider {
    default_provider()
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
