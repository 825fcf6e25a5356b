//! A listener of its own with a router that says who asks, and clients of every kind.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    routing::{get, post},
};
use certs_dev::{Authority, Credentials, Identity, Terminal};
use jiff::Timestamp;
use rustls::{
    AlertDescription, ClientConfig, RootCertStore, SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
};
use server::{
    listener::{Limits, Listener, Peer},
    tls::{ServerIdentity, ShownIdentity, TrustedRoots, terminals_config},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// A client's end of a connection.
pub(crate) type Line = tokio_rustls::client::TlsStream<TcpStream>;

pub(crate) const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

pub(crate) fn terminal() -> Terminal {
    Terminal {
        office: "131016".to_owned(),
        id: "01890000-0000-7000-8000-000000000001".to_owned(),
    }
}

/// Shows whatever it is given, fitting or not, as a faulty terminal would.
#[derive(Debug)]
struct Shows(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }
    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// A certificate for `localhost` that this authority has just issued, with its key.
pub(crate) fn identity(authority: &Authority) -> ServerIdentity {
    let server = authority.server(NOW);
    ServerIdentity {
        chain: server.chain.into_iter().map(CertificateDer::from).collect(),
        key: PrivateKeyDer::try_from(server.key).unwrap().into(),
    }
}

pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) served: tokio::task::JoinHandle<()>,
    pub(crate) shown: ShownIdentity,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let authority = Authority::new("Test authority", NOW);
        let shown = ShownIdentity::new(identity(&authority)).unwrap();
        let root = CertificateDer::from(authority.certificate().to_vec());
        let trusted = TrustedRoots::new([&root]).unwrap();
        let tls = terminals_config(&shown, &trusted, Arc::new(|| NOW)).unwrap();
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), tls, limits)
            .await
            .unwrap();
        let address = listener.address().unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(listener.serve(router(), stop.clone()));
        Self {
            authority,
            address,
            stop,
            served,
            shown,
        }
    }

    pub(crate) fn client(&self, credentials: Option<&Credentials>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.authority.certificate().to_vec()))
            .unwrap();
        let shown = credentials.map(|credentials| {
            let chain = credentials.chain.iter().cloned().map(CertificateDer::from);
            let key = PrivateKeyDer::try_from(credentials.key.clone()).unwrap();
            let key = any_supported_type(&key).unwrap();
            Arc::new(CertifiedKey::new(chain.collect(), key))
        });
        ClientConfig::builder_with_details(
            Arc::new(default_provider()),
            Arc::new(rustls_clock::Fixed),
        )
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Shows(shown)))
    }

    /// The connection of a good terminal that speaks `protocol`, from the address `from`.
    pub(crate) async fn line_from(&self, from: [u8; 4], protocol: &[u8]) -> std::io::Result<Line> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let good = self.authority.issue(Identity::Good, &terminal(), NOW);
        let mut config = self.client(Some(&good));
        config.alpn_protocols = vec![protocol.to_vec()];
        connect_over(socket.connect(self.address).await?, Arc::new(config)).await
    }

    /// The connection of a good terminal that speaks HTTP/1.1.
    pub(crate) async fn line(&self) -> Line {
        self.line_from([127, 0, 0, 1], b"http/1.1").await.unwrap()
    }

    pub(crate) async fn ask(&self, config: ClientConfig) -> Result<String, AlertDescription> {
        ask(self.address, Arc::new(config)).await
    }
}

mod rustls_clock {
    use rustls::{pki_types::UnixTime, time_provider::TimeProvider};

    /// The client judges the server's certificate at the moment of the tests, too.
    #[derive(Debug)]
    pub(super) struct Fixed;

    impl TimeProvider for Fixed {
        fn current_time(&self) -> Option<UnixTime> {
            let seconds = u64::try_from(super::NOW.as_second()).ok()?;
            Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
                seconds,
            )))
        }
    }
}

pub(crate) fn router() -> Router {
    Router::new()
        .route(
            "/",
            get(|request: Request| async move {
                let peer = request.extensions().get::<Peer>().unwrap().clone();
                peer.certificate.map_or_else(
                    || "nobody".to_owned(),
                    |certificate| certificate.to_string(),
                )
            }),
        )
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        )
        .route("/never", get(std::future::pending::<&str>))
        .route("/long", get(|| async { "long ".repeat(4_000_000) }))
        .route("/body", post(|body: String| async move { body }))
}

pub(crate) async fn connect(
    address: SocketAddr,
    config: Arc<ClientConfig>,
) -> std::io::Result<Line> {
    connect_over(TcpStream::connect(address).await?, config).await
}

async fn connect_over(stream: TcpStream, config: Arc<ClientConfig>) -> std::io::Result<Line> {
    tokio_rustls::TlsConnector::from(config)
        .connect(ServerName::try_from("localhost").unwrap(), stream)
        .await
}

pub(crate) fn alert(error: &std::io::Error) -> AlertDescription {
    let inner = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert: {error:?}"),
    }
}

/// One request over a new connection: the body, or the alert that ended it.
pub(crate) async fn ask(
    address: SocketAddr,
    config: Arc<ClientConfig>,
) -> Result<String, AlertDescription> {
    let mut stream = connect(address, config).await.map_err(|e| alert(&e))?;
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let written = stream.write_all(request).await;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Err(error) if answer.is_empty() => return Err(alert(&error)),
        _ => written.unwrap(),
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    Ok(answer.rsplit("\r\n").next().unwrap().to_owned())
}
