//! Who gets through the handshake of the terminals' listener, and with which alert the others
//! are sent away.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request, routing::get};
use certs_dev::{Authority, Credentials, Identity, Stage, Terminal};
use jiff::{SignedDuration, Timestamp};
use rustls::{
    AlertDescription, ClientConfig, RootCertStore, SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
};
use server::{
    listener::{Limits, Listener, Peer},
    tls::{ServerIdentity, enrolment_config, terminals_config},
};
use shared::enrolment::Fingerprint;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn terminal() -> Terminal {
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

struct World {
    authority: Authority,
    address: SocketAddr,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

impl World {
    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        let authority = Authority::new("Test authority", NOW);
        let server = authority.server(NOW);
        let identity = ServerIdentity {
            chain: server.chain.into_iter().map(CertificateDer::from).collect(),
            key: PrivateKeyDer::try_from(server.key).unwrap().into(),
        };
        let root = CertificateDer::from(authority.certificate().to_vec());
        let tls = terminals_config(identity, &root, Arc::new(|| NOW)).unwrap();
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
        }
    }

    fn client(&self, credentials: Option<&Credentials>) -> ClientConfig {
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

    async fn ask(&self, config: ClientConfig) -> Result<String, AlertDescription> {
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

fn router() -> Router {
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
}

async fn connect(
    address: SocketAddr,
    config: Arc<ClientConfig>,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    tokio_rustls::TlsConnector::from(config)
        .connect(ServerName::try_from("localhost").unwrap(), stream)
        .await
}

fn alert(error: &std::io::Error) -> AlertDescription {
    let inner = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert: {error:?}"),
    }
}

/// One request over a new connection: the body, or the alert that ended it.
async fn ask(address: SocketAddr, config: Arc<ClientConfig>) -> Result<String, AlertDescription> {
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

#[tokio::test]
async fn lets_in_a_good_terminal_and_knows_who_it_is() {
    let world = World::new().await;
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    let answer = world.ask(world.client(Some(&good))).await;
    let fingerprint = Fingerprint::of(&good.chain[0]);
    assert_eq!(answer, Ok(fingerprint.to_string()));
}

#[tokio::test]
async fn refuses_a_terminal_without_a_certificate() {
    let world = World::new().await;
    let answer = world.ask(world.client(None)).await;
    assert_eq!(answer, Err(AlertDescription::CertificateRequired));
}

/// One test for each identity that the handshake must refuse, with the alert that sends it away.
macro_rules! refused_in_the_handshake {
    ($($fact:ident: $identity:ident => $alert:ident,)+) => {
        $(#[tokio::test]
        async fn $fact() {
            let world = World::new().await;
            let shown = world.authority.issue(Identity::$identity, &terminal(), NOW);
            let answer = world.ask(world.client(Some(&shown))).await;
            assert_eq!(answer, Err(AlertDescription::$alert));
        })+

        const REFUSED: &[Identity] = &[$(Identity::$identity),+];
    };
}

refused_in_the_handshake! {
    refuses_a_self_signed_certificate: SelfSigned => UnknownCA,
    refuses_a_certificate_of_another_authority_of_the_same_name: OtherAuthority => DecryptError,
    refuses_a_certificate_of_another_root: WrongRoot => UnknownCA,
    refuses_an_expired_certificate: Expired => CertificateExpired,
    refuses_a_certificate_that_is_not_yet_valid: NotYetValid => CertificateExpired,
    refuses_a_server_s_certificate: WrongKeyUsage => UnsupportedCertificate,
    refuses_a_certificate_for_no_stated_use: NoEku => CertificateUnknown,
    refuses_a_key_that_may_not_sign: NoDigitalSignature => CertificateUnknown,
    refuses_a_leaf_that_is_an_authority: CaLeaf => CertificateUnknown,
    refuses_the_authority_itself: AuthorityItself => CertificateUnknown,
    refuses_a_certificate_shown_without_its_key: BadProof => DecryptError,
    refuses_rsa_of_1024_bits: Rsa1024 => CertificateUnknown,
    refuses_sha_1: Sha1 => DecryptError,
    refuses_the_curve_p_521: P521 => CertificateUnknown,
    refuses_the_serial_number_zero: SerialZero => CertificateUnknown,
    refuses_a_negative_serial_number: SerialNegative => CertificateUnknown,
    refuses_a_serial_number_of_21_octets: SerialTooLong => CertificateUnknown,
    refuses_a_certificate_without_a_name: SanMissing => CertificateUnknown,
    refuses_two_terminals_in_one_certificate: SanDoubled => CertificateUnknown,
    refuses_a_name_that_is_no_terminal_s: SanUnreadable => CertificateUnknown,
    refuses_a_critical_extension_nobody_knows: UnknownCriticalExtension => CertificateUnknown,
    refuses_a_certificate_of_an_intermediate_authority: PathTooLong => CertificateUnknown,
    refuses_strangers_in_the_chain: ChainStuffed => CertificateUnknown,
    refuses_a_chain_of_64_kib: ChainHuge => CertificateUnknown,
    refuses_what_follows_a_certificate: TrailingDer => BadCertificate,
    refuses_a_signature_with_one_bit_turned: BitFlipped => DecryptError,
}

#[tokio::test]
async fn every_other_identity_passes_and_is_judged_at_the_request() {
    let world = World::new().await;
    for &identity in Identity::ALL {
        let refused = REFUSED.contains(&identity);
        assert_eq!(
            refused,
            identity.refused_at() == Stage::Handshake,
            "{identity:?}"
        );
        if !refused {
            let shown = world.authority.issue(identity, &terminal(), NOW);
            let answer = world.ask(world.client(Some(&shown))).await;
            assert!(answer.is_ok(), "{identity:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_certificate_counts_to_its_last_second_and_from_its_first() {
    let world = World::new().await;
    for (early, late) in [(0, 1), (1, 0)] {
        let at = NOW + SignedDuration::from_secs(late) - SignedDuration::from_secs(early);
        let ended = world.authority.issue(Identity::Expired, &terminal(), at);
        let begun = world
            .authority
            .issue(Identity::NotYetValid, &terminal(), at);
        let expired = world.ask(world.client(Some(&ended))).await;
        let too_early = world.ask(world.client(Some(&begun))).await;
        assert_eq!(expired.is_ok(), late == 1, "{expired:?}");
        assert_eq!(too_early.is_ok(), early == 1, "{too_early:?}");
    }
}

#[tokio::test]
async fn never_resumes_and_never_takes_early_data() {
    let world = World::new().await;
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    let mut config = world.client(Some(&good));
    config.enable_early_data = true;
    let config = Arc::new(config);
    for _ in 0..3 {
        let mut stream = connect(world.address, config.clone()).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let tls = stream.get_ref().1;
        assert_eq!(tls.handshake_kind(), Some(rustls::HandshakeKind::Full));
        assert!(!tls.is_early_data_accepted());
    }
}

#[tokio::test]
async fn speaks_nothing_older_than_tls_1_3() {
    let world = World::new().await;
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(world.authority.certificate().to_vec()))
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let answer = world.ask(config).await;
    assert_eq!(answer, Err(AlertDescription::ProtocolVersion));
}

#[tokio::test]
async fn a_silent_peer_is_cut_off_and_does_not_hold_up_the_others() {
    let world = World::with(Limits {
        handshake: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    assert!(world.ask(world.client(Some(&good))).await.is_ok());
    let end = tokio::time::timeout(Duration::from_secs(3), silent.read(&mut [0; 1])).await;
    assert_eq!(end.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_peer_that_says_nothing_after_its_handshake_is_cut_off() {
    let world = World::with(Limits {
        head: Duration::from_millis(200),
        ..Limits::default()
    })
    .await;
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    let config = Arc::new(world.client(Some(&good)));
    let mut stream = connect(world.address, config).await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 1])).await;
    assert!(matches!(end, Ok(Ok(0) | Err(_))), "{end:?}");
}

#[tokio::test]
async fn requests_under_way_are_finished_at_the_end_and_new_ones_refused() {
    let world = World::new().await;
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    let config = Arc::new(world.client(Some(&good)));
    let mut stream = connect(world.address, config.clone()).await.unwrap();
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop.cancel();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    world.served.await.unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn nobody_is_asked_for_a_certificate_to_enrol() {
    let authority = Authority::new("Test authority", NOW);
    let server = authority.server(NOW);
    let identity = ServerIdentity {
        chain: server.chain.into_iter().map(CertificateDer::from).collect(),
        key: PrivateKeyDer::try_from(server.key).unwrap().into(),
    };
    let tls = enrolment_config(identity, Arc::new(|| NOW)).unwrap();
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), tls, Limits::default())
        .await
        .unwrap();
    let world = World {
        authority,
        address: listener.address().unwrap(),
        stop: CancellationToken::new(),
        served: tokio::spawn(listener.serve(router(), CancellationToken::new())),
    };
    let answer = world.ask(world.client(None)).await;
    assert_eq!(answer, Ok("nobody".to_owned()));
}
