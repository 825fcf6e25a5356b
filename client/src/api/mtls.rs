//! The real way to a server: TLS 1.3, trusting one root and nobody else.

mod door;
mod line;
mod refusal;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Client;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use shared::Language;
use shared::accounts::Password;
use shared::enrolment::EnrolmentLink;
use shared::enrolment::ask::{Ask, Asked};

use super::{Authority, Gate, Issued, Transport, Trouble, Unreachable};
use crate::keystore::Identity;

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(8);
/// How long a call may take altogether.
const WHOLE: Duration = Duration::from_secs(30);
/// The most bytes of an answer; a page of a list takes a few hundred kilobytes.
const MOST: usize = 16 * 1024 * 1024;

/// The network.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network;

impl Gate for Network {
    fn authority(&self, link: &EnrolmentLink) -> BoxFuture<'static, Result<Authority, Trouble>> {
        Box::pin(door::authority(link.clone()))
    }

    fn enrol(
        &self,
        link: &EnrolmentLink,
        authority: &Authority,
        password: Password,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Issued, Trouble>> {
        Box::pin(door::enrol(
            link.clone(),
            authority.clone(),
            password,
            request,
            language,
        ))
    }

    fn renew(
        &self,
        identity: &Identity,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Vec<u8>, Trouble>> {
        let terminal = as_terminal(identity);
        let (terminals, root) = (identity.terminals.clone(), identity.root.clone());
        Box::pin(async move {
            let (client, door) = terminal?;
            match door::renew(&client, &terminals, &root, request, language).await {
                Err(trouble) => Err(door.trouble(trouble).await),
                renewed => renewed,
            }
        })
    }

    fn ask(
        &self,
        link: &EnrolmentLink,
        root: &[u8],
        asking: Ask,
        language: Language,
    ) -> BoxFuture<'static, Result<Asked, Trouble>> {
        let (link, root) = (link.clone(), root.to_vec());
        Box::pin(async move { door::ask(&link, &root, &asking, language).await })
    }

    fn line(&self, identity: &Identity) -> Result<Arc<dyn Transport>, Trouble> {
        let (client, door) = as_terminal(identity)?;
        Ok(Arc::new(line::TerminalLine::new(
            client,
            door,
            &identity.terminals,
        )))
    }
}

/// A client that shows this identity's certificate and trusts its root alone, and the door at
/// which to ask whether that certificate is refused.
fn as_terminal(identity: &Identity) -> Result<(Client, refusal::Door), Trouble> {
    let key = PrivatePkcs8KeyDer::from(identity.key.to_vec());
    let certificate = CertificateDer::from(identity.certificate.clone());
    let config = trusting(&identity.root)?
        .with_client_auth_cert(vec![certificate], PrivateKeyDer::from(key))
        .map_err(|_| Trouble::Unreadable)?;
    let door = refusal::Door::new(config.clone(), &identity.terminals);
    Ok((client(config)?, door))
}

/// Ten bytes from the random source that TLS draws on.
pub fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system has a random source");
    bytes
}

type WantsClient = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

/// TLS 1.3 with this root as the only one trusted.
fn trusting(root: &[u8]) -> Result<WantsClient, Trouble> {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from(root.to_vec()))
        .map_err(|_| Trouble::Unreadable)?;
    Ok(only_tls_13().with_root_certificates(roots))
}

fn only_tls_13() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider speaks TLS 1.3")
}

fn client(mut config: ClientConfig) -> Result<Client, Trouble> {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Client::builder()
        .tls_backend_preconfigured(config)
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        // A terminal speaks to its server and to nobody in between.
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .build()
        .map_err(|_| Trouble::Unreadable)
}

/// Reads an answer's body up to [`MOST`].
async fn body(mut response: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            // Cut off, it will not parse; nothing else has to be said about it.
            bytes.truncate(MOST);
            break;
        }
    }
    Ok(bytes)
}

/// Why a request got no answer.
fn unreachable(error: &reqwest::Error) -> Unreachable {
    if in_tls(error).is_some() || is_said_by_tls(error) {
        Unreachable::Handshake
    } else if error.is_timeout() && !error.is_connect() {
        Unreachable::TimedOut
    } else {
        Unreachable::Cut
    }
}

/// What TLS said, if it was TLS that failed.
fn in_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    within(error).find_map(|error| error.downcast_ref())
}

/// Whether TLS failed under HTTP/2, which keeps of it no more than that what came was not valid. A
/// server refuses a certificate after the client's handshake is over, so its alert often meets a
/// line that speaks HTTP/2 already.
fn is_said_by_tls(error: &(dyn Error + 'static)) -> bool {
    within(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::InvalidData)
}

/// The error and everything that it came of.
fn within<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        // An I/O error hides what it wraps from `source`.
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
        Some(error)
    })
}

#[cfg(test)]
mod tests;
