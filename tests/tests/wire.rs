//! A terminal on the wire: calls over mTLS with an identity from plain files.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use harness::reference::Identity;
use harness::world::{HOST, User, World};
use reqwest::{Certificate, Client, ClientBuilder, Method, RequestBuilder};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use serde_json::{Value, json};
use shared::id::IdempotencyKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A status and a JSON body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The stable code of a problem, or nothing.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// A terminal that keeps its connections, and perhaps somebody's session.
#[derive(Clone)]
pub(crate) struct Terminal {
    client: Client,
    base: String,
    token: Option<String>,
}

impl Terminal {
    pub(crate) fn new(world: &World, identity: &Identity) -> Self {
        Self::through(identity, world.terminals().port())
    }

    /// The same over another port of this machine, behind which the server is reached somehow.
    pub(crate) fn through(identity: &Identity, port: u16) -> Self {
        let client = client_at(identity, true, port);
        Self {
            client,
            base: format!("https://{HOST}:{port}"),
            token: None,
        }
    }

    /// Logs in and keeps the session for the calls that follow. Who has the password yet that was
    /// handed over chooses another one.
    pub(crate) async fn log_in(&mut self, user: &User) -> Answer {
        let answer = self.only_log_in(user).await;
        if answer.body["must_change_password"] == true {
            self.choose_password(user).await;
        }
        answer
    }

    /// Changes the password to one of the person's own.
    pub(crate) async fn choose_password(&self, user: &User) {
        let own = user.own_password();
        let body = json!({ "present": user.password(), "new": own });
        let changed = self
            .send("POST", "/v1/password", Some(&body), Some(&fresh_key()))
            .await
            .unwrap();
        assert_eq!(changed.status, 200, "{changed:?}");
        user.chose(own);
    }

    /// Logs in and changes nothing.
    pub(crate) async fn only_log_in(&mut self, user: &User) -> Answer {
        let body = json!({ "login": user.login, "password": user.password() });
        let answer = self
            .send("POST", "/v1/session", Some(&body), None)
            .await
            .unwrap();
        self.token = answer.body["token"].as_str().map(str::to_owned);
        answer
    }

    /// The same terminal with this session, or with none.
    pub(crate) fn with_token(&self, token: Option<String>) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> reqwest::Result<Answer> {
        let body = body.map(|body| body.to_string().into_bytes());
        let response = self.request(method, path, body, key).send().await?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await?;
        Ok(Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }

    /// Sends any bytes as a body; gives the status and the kind of the answer.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        key: Option<&str>,
    ) -> reqwest::Result<(u16, String)> {
        let response = self.request(method, path, body, key).send().await?;
        let kind = response
            .headers()
            .get("Content-Type")
            .map(|kind| kind.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        response.bytes().await?;
        Ok((status, kind.unwrap_or_default()))
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        key: Option<&str>,
    ) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        let mut request = self.client.request(method.parse::<Method>().unwrap(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body),
            None => request,
        }
    }
}

/// An HTTP client that reaches the host of the server and trusts the identity's root; it shows
/// the identity, or comes as a stranger.
pub(crate) fn client(identity: &Identity, shows: bool) -> Client {
    // Port 0 leaves the port of each address as it is.
    client_at(identity, shows, 0)
}

/// A stranger who comes from this address, with a connection for each request under way.
pub(crate) fn stranger(trusting: &Identity, from: IpAddr) -> Client {
    let builder = builder(trusting, 0).local_address(from).http1_only();
    builder.build().unwrap()
}

fn client_at(identity: &Identity, shows: bool, port: u16) -> Client {
    let mut builder = builder(identity, port);
    if shows {
        let mut pem = fs::read(&identity.certificate).unwrap();
        pem.extend(fs::read(&identity.key).unwrap());
        builder = builder.identity(reqwest::Identity::from_pem(&pem).unwrap());
    }
    builder.build().unwrap()
}

fn builder(trusting: &Identity, port: u16) -> ClientBuilder {
    provider();
    let root = Certificate::from_pem(&fs::read(&trusting.root).unwrap()).unwrap();
    Client::builder()
        .tls_certs_only([root])
        .resolve(HOST, SocketAddr::from(([127, 0, 0, 1], port)))
        // A repeat is the test's to make, and under whose key.
        .retry(reqwest::retry::never())
        .timeout(std::time::Duration::from_secs(30))
}

/// A key that no call has used.
pub(crate) fn fresh_key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let mut random = [0; 10];
    random[2..].copy_from_slice(&count);
    random[..2].copy_from_slice(&(std::process::id() as u16).to_be_bytes());
    IdempotencyKey::new(now().as_millisecond() as u64, random).to_string()
}

/// One TLS connection that is spoken over by hand, so that a test knows that it is the same one.
pub(crate) struct Line(TlsStream<TcpStream>);

impl Line {
    /// A connection that shows the identity's own certificate.
    pub(crate) async fn open(world: &World, identity: &Identity) -> io::Result<Self> {
        Self::open_as(world, Self::config(identity)).await
    }

    /// Shows this chain and key instead, and trusts the root of `trusting`.
    pub(crate) async fn open_with(
        world: &World,
        trusting: &Identity,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> io::Result<Self> {
        Self::open_as(world, config(trusting, chain, &key)).await
    }

    /// Shows no certificate at all.
    pub(crate) async fn open_with_nothing(world: &World, trusting: &Identity) -> io::Result<Self> {
        provider();
        let config = ClientConfig::builder().with_root_certificates(roots(trusting));
        Self::open_as(world, Arc::new(config.with_no_client_auth())).await
    }

    /// A TLS client that shows this identity; shared by connections, it would resume sessions.
    pub(crate) fn config(identity: &Identity) -> Arc<ClientConfig> {
        let chain = CertificateDer::pem_file_iter(&identity.certificate)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        config(
            identity,
            chain,
            &PrivateKeyDer::from_pem_file(&identity.key).unwrap(),
        )
    }

    pub(crate) async fn open_as(world: &World, config: Arc<ClientConfig>) -> io::Result<Self> {
        Self::open_over(TcpStream::connect(world.terminals()).await?, config).await
    }

    /// Shakes hands over this connection.
    pub(crate) async fn open_over(tcp: TcpStream, config: Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from(HOST).unwrap();
        TlsConnector::from(config)
            .connect(name, tcp)
            .await
            .map(Self)
    }

    /// Whether the handshake was a full one.
    pub(crate) fn handshake(&self) -> Option<HandshakeKind> {
        self.0.get_ref().1.handshake_kind()
    }

    /// The certificate that the server showed.
    pub(crate) fn shown(&self) -> Vec<u8> {
        self.0.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }

    /// The cipher suite that the server chose.
    pub(crate) fn suite(&self) -> Option<rustls::CipherSuite> {
        let suite = self.0.get_ref().1.negotiated_cipher_suite();
        suite.map(|suite| suite.suite())
    }

    /// How many tickets for resumption the server has given.
    pub(crate) fn tickets(&self) -> u32 {
        self.0.get_ref().1.tls13_tickets_received()
    }

    /// Asks who this certificate is.
    pub(crate) async fn ask(&mut self) -> io::Result<Answer> {
        let request = format!(
            "GET /v1/terminal HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\r\n"
        );
        self.write(request.as_bytes()).await?;
        self.answer().await
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Reads one answer with a Content-Length.
    pub(crate) async fn answer(&mut self) -> io::Result<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body).await?;
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        Ok(Answer {
            status,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }
}

fn config(
    trusting: &Identity,
    chain: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'static>,
) -> Arc<ClientConfig> {
    provider();
    // Given as it is: rustls itself would refuse to show a key that is not the certificate's.
    let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(key).unwrap();
    let shown = SingleCertAndKey::from(CertifiedKey::new(chain, signing));
    let builder = ClientConfig::builder().with_root_certificates(roots(trusting));
    Arc::new(builder.with_client_cert_resolver(Arc::new(shown)))
}

fn roots(trusting: &Identity) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&trusting.root).unwrap())
        .unwrap();
    roots
}

/// This moment.
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn provider() {
    // The second call of a process finds it in place.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
