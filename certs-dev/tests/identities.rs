//! What the development PKI makes is what it says: each fault, and nothing else, is wrong.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::sync::Arc;

use certs_dev::{Authority, Credentials, Identity, Stage, Terminal};
use jiff::Timestamp;
use rustls::{
    CertificateError, Error, RootCertStore,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, UnixTime},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn terminal() -> Terminal {
    Terminal {
        office: "131016".to_owned(),
        id: "01890000-0000-7000-8000-000000000001".to_owned(),
    }
}

fn verifier(authority: &Authority) -> Arc<dyn ClientCertVerifier> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.certificate().to_vec()))
        .unwrap();
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()))
        .build()
        .unwrap()
}

fn verdict(authority: &Authority, credentials: &Credentials, at: Timestamp) -> Result<(), Error> {
    let chain: Vec<CertificateDer<'_>> = credentials
        .chain
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let seconds = u64::try_from(at.as_second()).unwrap();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    verifier(authority)
        .verify_client_cert(&chain[0], &chain[1..], at)
        .map(drop)
}

#[test]
fn a_good_identity_satisfies_an_ordinary_verifier() {
    let authority = Authority::new("Test authority", NOW);
    let good = authority.issue(Identity::Good, &terminal(), NOW);
    assert_eq!(verdict(&authority, &good, NOW), Ok(()));
    let (rest, parsed) = x509_parser::parse_x509_certificate(&good.chain[0]).unwrap();
    assert!(rest.is_empty());
    assert_eq!(parsed.raw_serial().len(), 16);
}

#[test]
fn faults_an_ordinary_verifier_knows_are_the_faults_named() {
    let authority = Authority::new("Test authority", NOW);
    let error = |identity| {
        verdict(
            &authority,
            &authority.issue(identity, &terminal(), NOW),
            NOW,
        )
    };
    let refused = |identity| match error(identity) {
        Err(Error::InvalidCertificate(error)) => error,
        other => panic!("{identity:?}: {other:?}"),
    };
    use CertificateError as E;
    assert!(matches!(
        refused(Identity::Expired),
        E::ExpiredContext { .. }
    ));
    assert!(matches!(
        refused(Identity::NotYetValid),
        E::NotValidYetContext { .. }
    ));
    assert!(matches!(refused(Identity::SelfSigned), E::UnknownIssuer));
    assert!(matches!(refused(Identity::WrongRoot), E::UnknownIssuer));
    assert!(matches!(refused(Identity::OtherAuthority), E::BadSignature));
    assert!(matches!(
        refused(Identity::BitFlipped),
        E::BadSignature | E::BadEncoding
    ));
    assert!(matches!(
        refused(Identity::WrongKeyUsage),
        E::InvalidPurposeContext { .. }
    ));
    let other = refused(Identity::UnknownCriticalExtension);
    assert!(matches!(&other, E::Other(e) if e.to_string() == "UnsupportedCriticalExtension"));
    assert!(matches!(
        refused(Identity::Sha1),
        E::UnsupportedSignatureAlgorithmContext { .. }
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    ));
    for identity in [Identity::CaLeaf, Identity::AuthorityItself] {
        assert!(error(identity).is_err(), "{identity:?}");
    }
}

#[test]
fn expired_and_not_yet_valid_are_off_by_exactly_one_second() {
    let authority = Authority::new("Test authority", NOW);
    let second = jiff::SignedDuration::from_secs(1);
    let expired = authority.issue(Identity::Expired, &terminal(), NOW);
    assert!(verdict(&authority, &expired, NOW).is_err());
    assert_eq!(verdict(&authority, &expired, NOW - second), Ok(()));
    let early = authority.issue(Identity::NotYetValid, &terminal(), NOW);
    assert!(verdict(&authority, &early, NOW).is_err());
    assert_eq!(verdict(&authority, &early, NOW + second), Ok(()));
}

#[test]
fn every_identity_can_be_made_and_only_good_ones_get_in() {
    let authority = Authority::new("Test authority", NOW);
    for &identity in Identity::ALL {
        let made = authority.issue(identity, &terminal(), NOW);
        assert!(
            !made.chain.is_empty() && !made.key.is_empty(),
            "{identity:?}"
        );
        assert_eq!(
            identity.refused_at() == Stage::Nowhere,
            identity == Identity::Good,
            "{identity:?}"
        );
    }
}

#[test]
fn a_server_s_own_authority_can_be_taken_over() {
    let first = Authority::new("Test authority", NOW);
    let second = Authority::from_der(first.certificate(), first.key()).unwrap();
    let good = second.issue(Identity::Good, &terminal(), NOW);
    assert_eq!(verdict(&first, &good, NOW), Ok(()));
    assert!(Authority::from_der(b"", first.key()).is_err());
    assert!(Authority::from_der(first.certificate(), b"").is_err());
}
