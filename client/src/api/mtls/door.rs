//! The enrolment listener: EST (RFC 7030, with the base64 rules of RFC 8951).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::{Decode, Encode};
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Response};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use shared::Language;
use shared::accounts::Password;
use shared::enrolment::ask::{ASK_PATH, Ask, Asked};
use shared::enrolment::{EnrolmentLink, Fingerprint, ISSUER_HEADER, PKCS10, TERMINALS_HEADER};
use shared::helpdesk::Helpdesk;

use super::super::{Authority, Issued, Offered, Trouble, Unreachable};
use super::{body, client, in_tls, only_tls_13, trusting, unreachable};

/// How long it may take to hear how the helpdesk is reached, which nobody waits for.
const FOR_HELP: Duration = Duration::from_secs(2);
/// The terminal listener's port where the server does not name another.
const TERMINALS_PORT: u16 = 8443;

/// Fetches the root over a connection that trusts nobody yet, and takes it only if
/// it is the one the link names (RFC 7030 §4.1.1, out-of-band fingerprint).
pub(super) async fn authority(link: EnrolmentLink) -> Result<Authority, Trouble> {
    let anyone = Arc::new(Anyone(
        aws_lc_rs::default_provider().signature_verification_algorithms,
    ));
    let config = only_tls_13()
        .dangerous()
        .with_custom_certificate_verifier(anyone)
        .with_no_client_auth();
    let base = format!("https://{}", link.authority);
    let offered = roots(&client(config)?, &base).await?;
    let root = offered
        .certificates
        .into_iter()
        .find(|certificate| Fingerprint::of(certificate) == link.fingerprint)
        .ok_or(Trouble::Stranger)?;
    // From here on nobody is believed who cannot show that this root vouches for
    // them; ask again so, and an impostor who merely copied the root is found out
    // before a password is sent.
    let trusted = client(trusting(&root)?.with_no_client_auth())?;
    let offered = roots(&trusted, &base).await?.certificates;
    Ok(Authority {
        root,
        offered,
        helpdesk: helpdesk(&trusted, &base).await,
    })
}

/// How the helpdesk is reached; whatever goes wrong here stands in nobody's way.
async fn helpdesk(client: &Client, base: &str) -> Option<Helpdesk> {
    let asking = client.get(format!("{base}/helpdesk")).timeout(FOR_HELP);
    let said = asking.send().await.ok()?.error_for_status().ok()?;
    serde_json::from_slice(&body(said).await.ok()?).ok()
}

/// What the server at `base` (`https://HOST:PORT`) hands out of its roots.
pub(super) async fn roots(client: &Client, base: &str) -> Result<Offered, Trouble> {
    let address = format!("{base}/.well-known/est/cacerts");
    let response = client
        .get(address)
        .send()
        .await
        .map_err(|error| trouble(&error))?;
    if !response.status().is_success() {
        return Err(Trouble::Unreadable);
    }
    let issuer = response.headers().get(ISSUER_HEADER);
    let issuer = issuer.and_then(|value| Fingerprint::parse(value.to_str().ok()?).ok());
    let answer = body(response).await.map_err(|error| trouble(&error))?;
    Ok(Offered {
        certificates: certificates(&answer)?,
        issuer,
    })
}

/// Hands in the request; the answer carries the certificate.
pub(super) async fn enrol(
    link: EnrolmentLink,
    authority: Authority,
    password: Password,
    request: Vec<u8>,
    language: Language,
) -> Result<Issued, Trouble> {
    let client = client(trusting(&authority.root)?.with_no_client_auth())?;
    let address = format!("https://{}/.well-known/est/simpleenroll", link.authority);
    let post = client
        .post(address)
        .basic_auth(link.id, Some(password.reveal()));
    let response = hand_in(post, &request, language).await?;
    let terminals = terminals(&response, &link);
    let certificate = certificate(response, &authority.root).await?;
    Ok(Issued {
        certificate,
        terminals,
    })
}

/// Hands in the request for a new key as the terminal that `client` is.
pub(super) async fn renew(
    client: &Client,
    terminals: &str,
    root: &[u8],
    request: Vec<u8>,
    language: Language,
) -> Result<Vec<u8>, Trouble> {
    let address = format!("https://{terminals}/.well-known/est/simplereenroll");
    let response = hand_in(client.post(address), &request, language).await?;
    certificate(response, root).await
}

/// Asks for another certificate; nothing of this terminal's is shown but what `asking` says.
pub(super) async fn ask(
    link: &EnrolmentLink,
    root: &[u8],
    asking: &Ask,
    language: Language,
) -> Result<Asked, Trouble> {
    let client = client(trusting(root)?.with_no_client_auth())?;
    let body = serde_json::to_vec(asking).map_err(|_| Trouble::Unreadable)?;
    let response = client
        .post(format!("https://{}{ASK_PATH}", link.authority))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT_LANGUAGE, language.tag())
        .body(body)
        .send()
        .await
        .map_err(|error| trouble(&error))?;
    let accepted = response.status().is_success();
    let answer = body_of(response).await?;
    if !accepted {
        return Err(refusal(&answer));
    }
    serde_json::from_slice(&answer).map_err(|_| Trouble::Unreadable)
}

async fn body_of(response: Response) -> Result<Vec<u8>, Trouble> {
    body(response).await.map_err(|error| trouble(&error))
}

/// What an answer that is no success says.
fn refusal(answer: &[u8]) -> Trouble {
    match serde_json::from_slice(answer) {
        Ok(problem) => Trouble::Refused(Box::new(problem)),
        Err(_) => Trouble::Unreadable,
    }
}

async fn hand_in(
    post: RequestBuilder,
    request: &[u8],
    language: Language,
) -> Result<Response, Trouble> {
    post.header(CONTENT_TYPE, PKCS10)
        .header("content-transfer-encoding", "base64")
        .header(ACCEPT_LANGUAGE, language.tag())
        .body(STANDARD.encode(request))
        .send()
        .await
        .map_err(|error| trouble(&error))
}

/// The one certificate in an answer that is not the root.
async fn certificate(response: Response, root: &[u8]) -> Result<Vec<u8>, Trouble> {
    let accepted = response.status().is_success();
    let answer = body_of(response).await?;
    if !accepted {
        return Err(refusal(&answer));
    }
    certificates(&answer)?
        .into_iter()
        .find(|certificate| certificate != root)
        .ok_or(Trouble::Unreadable)
}

/// Where the terminal listener is: as the server says, or beside the enrolment listener.
fn terminals(response: &Response, link: &EnrolmentLink) -> String {
    let told = response
        .headers()
        .get(TERMINALS_HEADER)
        .and_then(|value| value.to_str().ok());
    if let Some(told) = told.filter(|told| !told.is_empty()) {
        return told.to_owned();
    }
    let host = match link.authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => &link.authority,
    };
    format!("{host}:{TERMINALS_PORT}")
}

/// The certificates in a certs-only PKCS#7 in base64.
fn certificates(answer: &[u8]) -> Result<Vec<Vec<u8>>, Trouble> {
    let bare: Vec<u8> = answer
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let der = STANDARD.decode(bare).map_err(|_| Trouble::Unreadable)?;
    read_certificates(&der).map_err(|_| Trouble::Unreadable)
}

fn read_certificates(der: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let content = ContentInfo::from_der(der)?;
    let signed: SignedData = content.content.decode_as()?;
    let choices = signed
        .certificates
        .into_iter()
        .flat_map(|set| set.0.into_vec());
    choices
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate.to_der()),
            CertificateChoices::Other(_) => None,
        })
        .collect()
}

fn trouble(error: &reqwest::Error) -> Trouble {
    match in_tls(error) {
        Some(rustls::Error::InvalidCertificate(_)) => Trouble::Stranger,
        Some(_) => Trouble::Unreachable(Unreachable::Handshake),
        None => Trouble::Unreachable(unreachable(error)),
    }
}

/// Believes any certificate, but still wants proof that its key is held. Only used
/// to fetch a root whose fingerprint is known beforehand.
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_answer_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = certificates(&bytes);
            let _ = read_certificates(&bytes);
            prop_assert!(certificates(STANDARD.encode(&bytes).as_bytes()).is_err());
        }
    }
}
