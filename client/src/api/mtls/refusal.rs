//! Whether a server refuses this terminal's certificate, asked where a broken line said nothing.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Trouble, Unreachable, in_tls};

/// How long the question may take altogether.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks for nothing that anybody keeps; its answer is not read, only that there is one.
const SOMETHING: &[u8] = b"HEAD / HTTP/1.1\r\nhost: mimamori\r\nconnection: close\r\n\r\n";

/// Asks a server at the door, without the library that speaks HTTP.
///
/// In TLS 1.3 a client's handshake is over before the server has looked at its certificate
/// (RFC 8446 section 2), so the alert that refuses it meets a line already in use. The library
/// drives that line in a task of its own: when the alert comes before the request was handed to
/// it, the reason ends with that task and the request is only "cancelled", as if a cable were
/// loose. On a line that only reads, the alert is always seen.
#[derive(Clone)]
pub(super) struct Door {
    config: Arc<ClientConfig>,
    /// `HOST:PORT` of the terminal listener.
    address: String,
}

impl Door {
    /// `config` without protocols to choose from: HTTP/1.1 is spoken.
    pub(super) fn new(config: ClientConfig, address: &str) -> Self {
        Self {
            config: Arc::new(config),
            address: address.to_owned(),
        }
    }

    /// The same, with what broke a line made out to be a refusal where it was one. Takes up to
    /// [`PATIENCE`] more, and only where the line was cut.
    pub(super) async fn told_apart(&self, why: Unreachable) -> Unreachable {
        match why {
            Unreachable::Cut if self.refuses().await => Unreachable::Handshake,
            why => why,
        }
    }

    /// [`told_apart`](Self::told_apart) for a trouble of any kind.
    pub(super) async fn trouble(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Unreachable(why) => Trouble::Unreachable(self.told_apart(why).await),
            trouble => trouble,
        }
    }

    async fn refuses(&self) -> bool {
        let knocked = tokio::time::timeout(PATIENCE, self.knock()).await;
        matches!(knocked, Ok(Err(error)) if in_tls(&error).is_some())
    }

    /// An error is what TLS or the system said.
    async fn knock(&self) -> std::io::Result<()> {
        let host = self.address.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
        let stream = TcpStream::connect(&self.address).await?;
        let mut stream = TlsConnector::from(Arc::clone(&self.config))
            .connect(name, stream)
            .await?;
        // Whether it could be written is of no matter: what came back says why.
        let _ = stream.write_all(SOMETHING).await;
        stream.read(&mut [0]).await.map(drop)
    }
}
