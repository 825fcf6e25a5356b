//! Who gets through the handshake of the terminals' listener, and with which alert the others
//! are sent away.

use std::sync::Arc;

use certs_dev::{Authority, Identity, Stage};
use jiff::SignedDuration;
use rustls::{
    AlertDescription, ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider,
    pki_types::CertificateDer,
};
use server::{
    listener::{Limits, Listener},
    tls::{ShownIdentity, enrolment_config},
};
use shared::enrolment::Fingerprint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use crate::world::{Line, NOW, World, connect, identity, router, terminal};

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
async fn nobody_is_asked_for_a_certificate_to_enrol() {
    let authority = Authority::new("Test authority", NOW);
    let shown = ShownIdentity::new(identity(&authority)).unwrap();
    let tls = enrolment_config(&shown, Arc::new(|| NOW)).unwrap();
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), tls, Limits::default())
        .await
        .unwrap();
    let world = World {
        authority,
        address: listener.address().unwrap(),
        stop: CancellationToken::new(),
        served: tokio::spawn(listener.serve(router(), CancellationToken::new())),
        shown,
    };
    let answer = world.ask(world.client(None)).await;
    assert_eq!(answer, Ok("nobody".to_owned()));
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_whoever_comes_and_disturbs_nobody_who_is_there() {
    let world = World::new().await;
    let shown = |line: &Line| line.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let mut before = world.line().await;
    let next = identity(&world.authority);
    let expected = next.chain[0].to_vec();
    world.shown.replace(next).unwrap();
    let after = world.line().await;
    assert_ne!(shown(&before), expected);
    assert_eq!(shown(&after), expected);
    before
        .write_all(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    before.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_certificate_is_not_replaced_by_one_whose_key_is_another() {
    let world = World::new().await;
    let [mut next, other] = [identity(&world.authority), identity(&world.authority)];
    next.key = other.key;
    assert!(world.shown.replace(next).is_err());
    world.line().await;
}
