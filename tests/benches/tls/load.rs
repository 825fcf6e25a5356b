//! The load: HTTP/1.1 over TLS with a client certificate, as lean as it can be.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::reference::Identity;
use harness::world::HOST;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use uuid::Uuid;

/// One kind of request, shown one certificate.
#[derive(Clone)]
pub(crate) struct Load {
    tls: TlsConnector,
    login: Arc<str>,
    request: Arc<str>,
}

impl Load {
    pub(crate) fn new(identity: &Identity, path: &str, token: Option<&str>) -> Self {
        let roots = roots(&identity.root);
        let chain = CertificateDer::pem_file_iter(&identity.certificate)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
        let builder = ClientConfig::builder().with_root_certificates(roots);
        let config = builder.with_client_auth_cert(chain, key).unwrap();
        let login = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{login}\r\n").into();
        Self {
            tls: connector(config),
            login: login.into(),
            request,
        }
    }

    /// Somebody without a certificate, who trusts this root.
    pub(crate) fn of_a_stranger(root: &Path) -> Self {
        let builder = ClientConfig::builder().with_root_certificates(roots(root));
        Self {
            tls: connector(builder.with_no_client_auth()),
            login: "".into(),
            request: "".into(),
        }
    }

    /// How many connections with one request each get through within `time`.
    pub(crate) async fn connections(
        &self,
        address: SocketAddr,
        at_once: usize,
        time: Duration,
    ) -> u64 {
        let until = Instant::now() + time;
        self.workers(at_once, move |load| async move {
            let mut done = 0;
            while Instant::now() < until {
                let mut line = load.connect(address).await;
                ask(&mut line, &load.request, &mut Vec::new()).await;
                done += 1;
            }
            done
        })
        .await
    }

    /// How many requests get through within `time` on connections that are kept.
    pub(crate) async fn requests(
        &self,
        address: SocketAddr,
        at_once: usize,
        time: Duration,
    ) -> u64 {
        self.workers(at_once, move |load| async move {
            let mut line = load.connect(address).await;
            let mut buffer = Vec::new();
            let until = Instant::now() + time;
            let mut done = 0;
            while Instant::now() < until {
                ask(&mut line, &load.request, &mut buffer).await;
                done += 1;
            }
            done
        })
        .await
    }

    async fn workers<F>(&self, count: usize, work: impl Fn(Self) -> F) -> u64
    where
        F: Future<Output = u64> + Send + 'static,
    {
        let workers: Vec<_> = (0..count)
            .map(|_| tokio::spawn(work(self.clone())))
            .collect();
        let mut done = 0;
        for worker in workers {
            done += worker.await.unwrap();
        }
        done
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> Line {
        self.shake_hands(TcpStream::connect(address).await.unwrap())
            .await
    }

    /// Connects from this address, asks once, and keeps the connection.
    pub(crate) async fn arrive(&self, from: Ipv4Addr, address: SocketAddr) -> Line {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        let tcp = socket.connect(address).await.unwrap();
        let mut line = self.shake_hands(tcp).await;
        ask(&mut line, &self.request, &mut Vec::new()).await;
        line
    }

    async fn shake_hands(&self, tcp: TcpStream) -> Line {
        tcp.set_nodelay(true).unwrap();
        self.tls
            .connect(ServerName::try_from(HOST).unwrap(), tcp)
            .await
            .unwrap()
    }

    /// Sends a write under a key of its own and gives the body of the answer.
    pub(crate) async fn write(&self, line: &mut Line, write: &Write<'_>) -> String {
        let Write {
            method,
            path,
            key,
            body,
        } = write;
        let (login, length) = (&self.login, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n{login}Idempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut buffer = Vec::new();
        let head = ask(line, &request, &mut buffer).await;
        String::from_utf8(buffer.split_off(head)).unwrap()
    }
}

fn roots(root: &Path) -> RootCertStore {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(root).unwrap())
        .unwrap();
    roots
}

fn connector(mut config: ClientConfig) -> TlsConnector {
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

/// A connection that is kept.
pub(crate) type Line = TlsStream<TcpStream>;

/// A request that writes.
pub(crate) struct Write<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) key: Uuid,
    pub(crate) body: String,
}

/// Sends a request, reads the whole answer into `buffer`, and gives the length of its head.
pub(crate) async fn ask(line: &mut Line, request: &str, buffer: &mut Vec<u8>) -> usize {
    line.write_all(request.as_bytes()).await.unwrap();
    buffer.clear();
    loop {
        assert_ne!(
            line.read_buf(buffer).await.unwrap(),
            0,
            "the server hung up"
        );
        if let Some((head, length)) = answer_length(buffer)
            && buffer.len() >= length
        {
            let answer = String::from_utf8_lossy(buffer);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            return head;
        }
    }
}

/// How long the head and the whole answer are, once the head is there.
fn answer_length(buffer: &[u8]) -> Option<(usize, usize)> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head])
        .unwrap()
        .to_ascii_lowercase();
    let body = text
        .split("content-length: ")
        .nth(1)
        .expect("an answer with its length");
    let body: usize = body.split("\r\n").next()?.parse().unwrap();
    Some((head, head + body))
}
