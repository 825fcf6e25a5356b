//! Requests over real TLS: who is let in at the request, on new and kept connections, and what
//! the others are told.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs_dev::{Authority as Faulty, Credentials, Identity, Stage, Terminal};
use cms::{content_info::ContentInfo, signed_data::SignedData};
use der::{Decode as _, Encode as _};
use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    client::WebPkiServerVerifier,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime},
    time_provider::TimeProvider,
};
use shared::{offices::OfficeKind, problem::ProblemDocument};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    authority::Authority,
    clock::{Clock as _, FixedClock},
    enrolment::{issue_link, keep_fresh, revoke},
    listener::{Limits, Listener},
    store::{
        self, Store,
        audit::{Act, Actor},
        story::database::{Database, Server},
    },
    tls::{
        Now, ServerIdentity, ShownIdentity, TerminalCertificate, TrustedRoots, enrolment_config,
        terminals_config,
    },
};

mod est;
mod letting_in;
mod requests;
mod revoked;

const OFFICE: &str = "131016";

/// A server with both listeners, whose authority the development PKI can sign for, too.
struct World {
    app: Arc<App>,
    clock: Arc<FixedClock>,
    database: Database,
    faulty: Faulty,
    terminals: SocketAddr,
    enrolment: SocketAddr,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    async fn new() -> Self {
        let server = Server::sqlite().await;
        server.office(OFFICE, OfficeKind::HealthCentre, None).await;
        let Server {
            mut app,
            clock,
            database,
        } = server;
        let faulty = Faulty::new("Test authority", clock.now());
        let root = CertificateDer::from(faulty.certificate().to_vec());
        app.authority = Authority::load(root.clone(), faulty.key()).unwrap().into();
        let app = Arc::new(app);
        let now: Now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let made = faulty.server(clock.now());
        let shown = ShownIdentity::new(ServerIdentity {
            chain: made.chain.into_iter().map(CertificateDer::from).collect(),
            key: PrivateKeyDer::try_from(made.key).unwrap().into(),
        })
        .unwrap();
        let body = Duration::from_secs(5);
        let stop = CancellationToken::new();
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let trusted = TrustedRoots::new([&root]).unwrap();
        let tls = terminals_config(&shown, &trusted, now.clone()).unwrap();
        let listener = Listener::bind(local, tls, Limits::default()).await.unwrap();
        let terminals_address = listener.address().unwrap();
        tokio::spawn(listener.serve(terminals(app.clone(), body), stop.clone()));
        let tls = enrolment_config(&shown, now).unwrap();
        let listener = Listener::bind(local, tls, Limits::default()).await.unwrap();
        let enrolment_address = listener.address().unwrap();
        tokio::spawn(listener.serve(enrolment(app.clone(), body), stop.clone()));
        tokio::spawn(keep_fresh(app.clone(), stop.clone()));
        Self {
            app,
            clock,
            database,
            faulty,
            terminals: terminals_address,
            enrolment: enrolment_address,
            stop,
        }
    }

    /// A link as the office gets it: HTTP Basic's credentials.
    async fn link(&self) -> String {
        let app = &self.app;
        let issued = issue_link(
            &app.store,
            &*app.clock,
            &*app.rng,
            OFFICE.parse().unwrap(),
            "localhost:8444".to_owned(),
            app.authority.fingerprint(),
        )
        .await
        .unwrap();
        format!("{}:{}", issued.link.id, *issued.password)
    }

    /// A terminal that was let in by a link.
    async fn enrolled(&self) -> Credentials {
        let (request, key) = request();
        let answer = self
            .enrol(&self.link().await, &STANDARD.encode(request))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Credentials {
            chain: certificates(&answer.body),
            key,
        }
    }

    async fn enrol(&self, credentials: &str, body: &str) -> Answer {
        let mut line = self.strangers_line().await;
        let text = post_request("/.well-known/est/simpleenroll", Some(credentials), body);
        line.send(&text).await
    }

    async fn strangers_line(&self) -> Line {
        Line::open(self.enrolment, self.client(None)).await
    }

    async fn line(&self, credentials: &Credentials) -> Line {
        Line::open(self.terminals, self.client(Some(credentials))).await
    }

    fn client(&self, credentials: Option<&Credentials>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from(self.faulty.certificate().to_vec());
        roots.add(root).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                .build()
                .unwrap();
        let time = Arc::new(At(self.clock.clone()));
        let builder = ClientConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_webpki_verifier(verifier);
        match credentials {
            None => builder.with_no_client_auth(),
            Some(credentials) => {
                let chain = credentials.chain.iter().cloned().map(CertificateDer::from);
                let key = PrivateKeyDer::try_from(credentials.key.clone()).unwrap();
                builder.with_client_auth_cert(chain.collect(), key).unwrap()
            }
        }
    }

    /// Another process on the same data: the command line, or a second server.
    async fn beside(&self) -> Store {
        self.database.second_process().await
    }
}

#[derive(Debug)]
struct At(Arc<FixedClock>);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// One connection, kept as long as the server keeps it.
struct Line(TlsStream<TcpStream>);

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn problem(&self) -> ProblemDocument {
        assert!(self.head.contains("application/problem+json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    fn code(&self) -> &'static str {
        self.problem().code.as_str()
    }
}

impl Line {
    async fn open(address: SocketAddr, config: ClientConfig) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        Self(connector.connect(name, stream).await.unwrap())
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .await
    }

    async fn send(&mut self, request: &str) -> Answer {
        self.0.write_all(request.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        loop {
            let mut part = [0; 4096];
            let count = self.0.read(&mut part).await.unwrap();
            assert!(
                count > 0,
                "cut off after {:?}",
                String::from_utf8_lossy(&read)
            );
            read.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&read);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length: usize = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .and_then(|length| length.parse().ok())
                    .expect("every answer says its length");
                if body.len() >= length {
                    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
                    return Answer {
                        status: status.unwrap(),
                        head: head.to_owned(),
                        body: body.to_owned(),
                    };
                }
            }
        }
    }

    async fn ends(&mut self) -> bool {
        let end = tokio::time::timeout(Duration::from_secs(5), self.0.read(&mut [0; 1])).await;
        matches!(end, Ok(Ok(0) | Err(_)))
    }
}

fn post_request(path: &str, credentials: Option<&str>, body: &str) -> String {
    let authorization = credentials.map_or(String::new(), |credentials| {
        format!("Authorization: Basic {}\r\n", STANDARD.encode(credentials))
    });
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\
         Content-Type: application/pkcs10\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A certificate request, DER, and the PKCS#8 of its key.
fn request() -> (Vec<u8>, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    (request.der().to_vec(), key.serialize_der())
}

/// The certificates of an EST answer.
fn certificates(answer: &str) -> Vec<Vec<u8>> {
    let content = ContentInfo::from_der(&STANDARD.decode(answer).unwrap()).unwrap();
    let data: SignedData = content.content.decode_as().unwrap();
    let certificates = data.certificates.unwrap();
    certificates
        .0
        .iter()
        .map(|one| one.to_der().unwrap())
        .collect()
}
