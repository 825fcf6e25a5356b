//! The load: HTTP/1.1 over TLS with a client certificate, as lean as it can be.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::reference::Identity;
use harness::world::HOST;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One kind of request, shown one certificate.
#[derive(Clone)]
pub(crate) struct Load {
    tls: TlsConnector,
    request: Arc<str>,
}

impl Load {
    pub(crate) fn new(identity: &Identity, path: &str, token: Option<&str>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(&identity.root).unwrap())
            .unwrap();
        let chain = CertificateDer::pem_file_iter(&identity.certificate)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
        let builder = ClientConfig::builder().with_root_certificates(roots);
        let mut config = builder.with_client_auth_cert(chain, key).unwrap();
        config.resumption = Resumption::disabled();
        let login = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{login}\r\n").into();
        Self {
            tls: TlsConnector::from(Arc::new(config)),
            request,
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
                load.ask(&mut line, &mut Vec::new()).await;
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
                load.ask(&mut line, &mut buffer).await;
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

    async fn connect(&self, address: SocketAddr) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        self.tls
            .connect(ServerName::try_from(HOST).unwrap(), tcp)
            .await
            .unwrap()
    }

    async fn ask(&self, line: &mut TlsStream<TcpStream>, buffer: &mut Vec<u8>) {
        line.write_all(self.request.as_bytes()).await.unwrap();
        buffer.clear();
        loop {
            assert_ne!(
                line.read_buf(buffer).await.unwrap(),
                0,
                "the server hung up"
            );
            if answer_length(buffer).is_some_and(|length| buffer.len() >= length) {
                let answer = String::from_utf8_lossy(buffer);
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                return;
            }
        }
    }
}

/// How long the whole answer is, once its head is there.
fn answer_length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head])
        .unwrap()
        .to_ascii_lowercase();
    let body = text
        .split("content-length: ")
        .nth(1)
        .expect("an answer with its length");
    Some(head + body.split("\r\n").next()?.parse::<usize>().unwrap())
}
