//! The real line against a real TLS server, well and ill.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use shared::Language;
use shared::contract::Method;
use zeroize::Zeroizing;

use super::super::{Answer, Call, Gate as _, Unreachable};
use super::{Network, default_provider};
use crate::keystore::Identity;

struct Root {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Root {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let certificate = params.self_signed(&key).expect("a root").der().clone();
        Self { certificate, key }
    }

    fn issue(
        &self,
        usage: ExtendedKeyUsagePurpose,
    ) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned()];
        let mut params = CertificateParams::new(names).expect("a name");
        params.extended_key_usages = vec![usage];
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key).expect("a root");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        (certificate.der().clone(), key.into())
    }

    /// A terminal that trusts `server` and shows a certificate of this root.
    fn terminal(&self, server: &Self, port: u16) -> Identity {
        let (certificate, key) = self.issue(ExtendedKeyUsagePurpose::ClientAuth);
        Identity {
            link: String::new(),
            terminals: format!("localhost:{port}"),
            key: Zeroizing::new(key.secret_der().to_vec()),
            certificate: certificate.to_vec(),
            root: server.certificate.to_vec(),
        }
    }
}

type Spoken = StreamOwned<ServerConnection, TcpStream>;

/// A server of `root` that wants a client certificate of `terminals`, speaks to one
/// connection and ends. Returns its port.
fn serve(root: &Root, terminals: &Root, speak: impl FnOnce(Spoken) + Send + 'static) -> u16 {
    serve_in(&[], root, terminals, speak)
}

/// The same, choosing one of these protocols.
fn serve_in(
    protocols: &[&str],
    root: &Root,
    terminals: &Root,
    speak: impl FnOnce(Spoken) + Send + 'static,
) -> u16 {
    serve_each(protocols, root, terminals, vec![Box::new(speak)])
}

type Speak = Box<dyn FnOnce(Spoken) + Send>;

/// The same for as many connections as there are to speak to, one after the other.
fn serve_each(protocols: &[&str], root: &Root, terminals: &Root, speak: Vec<Speak>) -> u16 {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(terminals.certificate.clone()).expect("a root");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .expect("a verifier");
    let (certificate, key) = root.issue(ExtendedKeyUsagePurpose::ServerAuth);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .expect("a server");
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let listener = TcpListener::bind("localhost:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let config = Arc::new(config);
    thread::spawn(move || {
        for speak in speak {
            let (stream, _) = listener.accept().expect("a client");
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            speak(StreamOwned::new(connection, stream));
        }
    });
    port
}

/// Reads the request's head and answers it with this.
fn answering(answer: &'static str) -> impl FnOnce(Spoken) + Send {
    move |mut stream| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte).unwrap_or(0) == 0 {
                break;
            }
            head.push(byte[0]);
        }
        let _ = stream.write_all(answer.as_bytes());
        stream.conn.send_close_notify();
        let _ = stream.flush();
        // The peer reads what was sent before the connection goes.
        let _ = stream.sock.read(&mut byte);
    }
}

async fn call(identity: &Identity) -> Result<Answer, Unreachable> {
    let line = Network.line(identity).expect("an identity");
    let call = Call {
        name: "ShowTerminal",
        method: Method::Get,
        path: "/v1/terminal".to_owned(),
        body: None,
        key: None,
        token: None,
        language: Language::Ja,
    };
    line.send(call).await
}

#[tokio::test]
async fn an_answer_arrives() {
    let root = Root::new();
    let answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 10\r\n\r\n{\"code\":1}";
    let port = serve(&root, &root, answering(answer));
    let answer = call(&root.terminal(&root, port)).await.expect("answered");
    assert_eq!(
        (answer.status, answer.body["code"].as_u64()),
        (403, Some(1))
    );
}

#[tokio::test]
async fn a_server_of_another_root_is_not_spoken_to() {
    let (root, other) = (Root::new(), Root::new());
    let port = serve(
        &other,
        &root,
        answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    );
    let refused = call(&root.terminal(&root, port)).await;
    assert_eq!(refused, Err(Unreachable::Handshake));
}

/// Refuses whoever comes, so that the alert arrives before the connection goes.
fn refusing(mut stream: Spoken) {
    let _ = stream.read(&mut [0]);
    let _ = stream.conn.write_tls(&mut stream.sock);
    let _ = stream.sock.shutdown(std::net::Shutdown::Write);
    let _ = std::io::copy(&mut stream.sock, &mut std::io::sink());
}

#[tokio::test]
async fn a_certificate_that_the_server_refuses_is_told_from_a_cut_line() {
    let (root, other) = (Root::new(), Root::new());
    let port = serve(&root, &root, refusing);
    let refused = call(&other.terminal(&root, port)).await;
    assert_eq!(refused, Err(Unreachable::Handshake));
}

#[tokio::test]
async fn a_refusal_that_comes_when_http_2_is_spoken_is_told_from_a_cut_line() {
    let (root, other) = (Root::new(), Root::new());
    let port = serve_in(&["h2"], &root, &root, |mut stream| {
        let _ = stream.conn.read_tls(&mut stream.sock);
        let _ = stream.conn.process_new_packets();
        while stream.conn.wants_write() {
            let _ = stream.conn.write_tls(&mut stream.sock);
        }
        // The client's first frames are under way before it hears of the refusal.
        thread::sleep(std::time::Duration::from_millis(300));
        refusing(stream);
    });
    let refused = call(&other.terminal(&root, port)).await;
    assert_eq!(refused, Err(Unreachable::Handshake));
}

/// Goes without a word, as a line on which the alert was overtaken looks from above.
fn going(mut stream: Spoken) {
    let _ = stream.read(&mut [0]);
}

#[tokio::test]
async fn a_refusal_that_got_lost_is_asked_for_again() {
    let (root, other) = (Root::new(), Root::new());
    let port = serve_each(
        &["h2"],
        &root,
        &root,
        vec![Box::new(going), Box::new(refusing)],
    );
    let refused = call(&other.terminal(&root, port)).await;
    assert_eq!(refused, Err(Unreachable::Handshake));
}

#[tokio::test]
async fn a_line_that_broke_once_is_no_refusal() {
    let root = Root::new();
    let port = serve_each(
        &[],
        &root,
        &root,
        vec![
            Box::new(going),
            Box::new(answering("HTTP/1.1 404 Not Found\r\n\r\n")),
        ],
    );
    let cut = call(&root.terminal(&root, port)).await;
    assert_eq!(cut, Err(Unreachable::Cut));
}

#[tokio::test]
async fn nobody_at_the_other_end_is_a_cut_line() {
    let root = Root::new();
    let port = TcpListener::bind("localhost:0")
        .expect("a port")
        .local_addr()
        .expect("one")
        .port();
    assert_eq!(
        call(&root.terminal(&root, port)).await,
        Err(Unreachable::Cut)
    );
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_a_cut_line() {
    let root = Root::new();
    let port = serve(&root, &root, |mut stream| {
        let _ = stream.read(&mut [0; 64]);
    });
    assert_eq!(
        call(&root.terminal(&root, port)).await,
        Err(Unreachable::Cut)
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_cut_line() {
    let root = Root::new();
    let port = serve(&root, &root, |mut stream| {
        let _ = stream.read(&mut [0; 64]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
        let _ = stream.flush();
    });
    assert_eq!(
        call(&root.terminal(&root, port)).await,
        Err(Unreachable::Cut)
    );
}
