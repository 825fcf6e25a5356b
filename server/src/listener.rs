//! Accepts connections, lets TLS judge them, and hands their requests to the router.
//!
//! A peer that is slow, silent or in a crowd must not hurt the others: every handshake has a task
//! and a time limit of its own, waiting strangers are capped and the oldest gives way to the
//! newest, and no connection may idle for long or stay when the server ends.

mod activity;
mod admission;
mod connection;
mod frames;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use shared::enrolment::Fingerprint;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use admission::Admission;

/// How much time and room peers get.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections whose handshake succeeded, in total.
    pub connections: usize,
    /// The same from one address. Many offices may stand behind one.
    pub connections_per_address: usize,
    /// Connections still in their handshake; the oldest gives way to a new one.
    pub handshakes: usize,
    /// Time for the handshake.
    pub handshake: Duration,
    /// Time from the handshake, and from the first byte of a request, to the end of its head.
    pub head: Duration,
    /// Time for a request's body.
    pub body: Duration,
    /// Time between two requests of a connection, until the next one begins to arrive.
    pub idle: Duration,
    /// Time that requests under way get to finish when the server ends.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 4_000,
            handshakes: 2_000,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(120),
            drain: Duration::from_secs(20),
        }
    }
}

/// Where a request comes from; a request extension.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The peer's address.
    pub address: SocketAddr,
    /// The terminal's certificate, which fits the profile of one; always there on the terminals'
    /// listener.
    pub certificate: Option<Fingerprint>,
}

impl Peer {
    /// Where the peer is counted as one with others: its [`network`].
    #[must_use]
    pub fn network(&self) -> IpAddr {
        network(self.address.ip())
    }
}

/// What counts as one origin: an IPv4 address, or a /64 of IPv6, within which anybody may take
/// as many addresses as they like.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            const HOST: u128 = (1 << 64) - 1;
            IpAddr::V6((address.to_bits() & !HOST).into())
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

/// How many connections may wait until they are accepted, as far as the system lets them. When all
/// offices of the country come back at once, whoever finds the queue full knocks again after a
/// second only; the 128 that are usual are full at once.
const QUEUE: u32 = 4_096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // The port is free at once for a server that is started again. (On Windows it always is, and
    // this would let others share it.)
    socket.set_reuseaddr(cfg!(not(windows)))?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// One listening socket with its TLS.
pub struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    limits: Limits,
}

impl Listener {
    /// Binds `address`; port 0 takes any free port.
    ///
    /// # Errors
    /// The system refuses the address.
    pub async fn bind(
        address: SocketAddr,
        tls: rustls::ServerConfig,
        limits: Limits,
    ) -> io::Result<Self> {
        Ok(Self {
            tcp: listen(address)?,
            tls: TlsAcceptor::from(Arc::new(tls)),
            limits,
        })
    }

    /// The address bound, with its real port.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves `router` until `stop`, then refuses new connections and returns when requests under
    /// way are answered or the time for that is over.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let Self { tcp, tls, limits } = self;
        let shared = Arc::new(Shared {
            admission: Admission::new(&limits),
            limits,
            tls,
            router,
            stop: stop.clone(),
        });
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = tcp.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, address)) => admit(&shared, &tasks, stream, address),
                Err(error) => {
                    // Out of file handles, most likely: let some connections end first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(tcp);
        tasks.close();
        let drain = shared.limits.drain + Duration::from_secs(1);
        if tokio::time::timeout(drain, tasks.wait()).await.is_err() {
            tracing::warn!(left = tasks.len(), "connections were cut off at the end");
        }
    }
}

/// What all connections of a listener share.
struct Shared {
    admission: Arc<Admission>,
    limits: Limits,
    tls: TlsAcceptor,
    router: Router,
    stop: CancellationToken,
}

fn admit(shared: &Arc<Shared>, tasks: &TaskTracker, stream: TcpStream, address: SocketAddr) {
    let (waiting, give_way) = shared.admission.stranger(network(address.ip()));
    let shared = Arc::clone(shared);
    tasks.spawn(async move {
        let handshake = tokio::time::timeout(shared.limits.handshake, handshake(&shared, stream));
        let outcome = tokio::select! {
            outcome = handshake => outcome,
            () = give_way.cancelled() => return,
            () = shared.stop.cancelled() => return,
        };
        let stream = match outcome {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                log_refusal(&error);
                return;
            }
            Err(_) => {
                tracing::debug!(%address, "handshake took too long");
                return;
            }
        };
        let Some(_place) = waiting.known() else {
            tracing::warn!(%address, "too many connections");
            return;
        };
        let certificate = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(<[_]>::first)
            .map(|leaf| Fingerprint::of(leaf));
        let peer = Peer {
            address,
            certificate,
        };
        connection::serve(&shared, stream, peer).await;
    });
}

/// A refused certificate is worth a line: the helpdesk will be asked about it. Everything else
/// that strangers send is noise.
fn log_refusal(error: &io::Error) {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
    match tls {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            tracing::info!(%reason, "certificate refused");
        }
        _ => tracing::debug!(%error, "handshake failed"),
    }
}

async fn handshake(
    shared: &Shared,
    stream: TcpStream,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    // Small answers must not wait for the peer's acknowledgement of the one before.
    stream.set_nodelay(true)?;
    match shared.tls.accept(stream).into_fallible().await {
        Ok(stream) => {
            // The peer spoke last, and in TLS 1.3 we owe it no answer: without this the system
            // holds back its acknowledgement, and a peer that waits for it loses 40 ms.
            #[cfg(target_os = "linux")]
            stream.get_ref().0.set_quickack(true)?;
            Ok(stream)
        }
        Err((error, stream)) => {
            part(stream).await;
            Err(error)
        }
    }
}

/// Ends a connection so that the peer can read why: closing a socket with unread octets in it
/// makes the system throw away what was sent last, and that is the alert.
async fn part(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let rest = async {
        let mut scratch = [0; 1024];
        for _ in 0..64 {
            match stream.read(&mut scratch).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), rest).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_network_count_as_one_origin() {
        let same = |one: &str, other: &str| {
            network(one.parse().unwrap()) == network(other.parse().unwrap())
        };
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        // As a socket for both versions shows a peer of version 4.
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
    }

    #[tokio::test]
    async fn takes_a_crowd_in_line_before_anybody_of_it_is_accepted() {
        let listening = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listening.local_addr().unwrap();
        // Whoever is not taken in line knocks again after a second.
        let patience = Duration::from_millis(900);
        let mut in_line = Vec::new();
        for _ in 0..300 {
            let knocking = tokio::time::timeout(patience, TcpStream::connect(address));
            in_line.push(knocking.await.expect("not taken in line").unwrap());
        }
    }
}
