//! What the authority puts into a certificate, and what it takes from a request.

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair};
use x509_parser::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

fn authority() -> Authority {
    Authority::create(NOW, [3; 16]).unwrap().0
}

fn identity() -> TerminalIdentity {
    TerminalIdentity::parse("urn:mimamori:terminal:131016:01890000-0000-7000-8000-000000000001")
        .unwrap()
}

fn office() -> OfficeName {
    OfficeName::parse("見本保健所").unwrap()
}

fn request_with(params: CertificateParams, key: &KeyPair) -> Vec<u8> {
    params.serialize_request(key).unwrap().der().to_vec()
}

fn issue_for(request: &[u8]) -> Vec<u8> {
    let request = CertificateRequest::parse(request).unwrap();
    authority()
        .issue(&request, &identity(), &office(), NOW, [0xff; 16])
        .unwrap()
        .der
}

#[test]
fn takes_nothing_from_a_request_but_its_key() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["elsewhere.example.jp".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "The ministry");
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let der = issue_for(&request_with(params, &key));
    let certificate = TerminalCertificate::parse(&der).unwrap();
    assert_eq!(certificate.identity, identity());
    let (_, parsed) = parse_x509_certificate(&der).unwrap();
    assert_eq!(parsed.subject().to_string(), "O=見本保健所, CN=131016 0001");
    assert_eq!(
        parsed.public_key().subject_public_key.data,
        key.public_key_raw()
    );
    assert!(!parsed.is_ca());
}

#[test]
fn a_certificate_lives_exactly_a_year_from_now() {
    let key = KeyPair::generate().unwrap();
    let der = issue_for(&request_with(CertificateParams::default(), &key));
    let (_, parsed) = parse_x509_certificate(&der).unwrap();
    let validity = parsed.validity();
    assert_eq!(validity.not_before.timestamp(), NOW.as_second());
    let last_second = NOW + TERMINAL_LIFE - SignedDuration::from_secs(1);
    assert_eq!(validity.not_after.timestamp(), last_second.as_second());
}

#[test]
fn a_serial_number_has_16_octets_and_is_positive_whatever_was_drawn() {
    for random in [[0; 16], [0xff; 16], [0x80; 16]] {
        let bytes = serial(random).to_bytes();
        assert_eq!(bytes.len(), 16);
        assert!((0x40..0x80).contains(&bytes[0]), "{bytes:?}");
    }
}

#[test]
fn refuses_a_request_that_is_not_signed_by_its_own_key() {
    let key = KeyPair::generate().unwrap();
    let mut request = request_with(CertificateParams::default(), &key);
    *request.last_mut().unwrap() ^= 1;
    assert_eq!(
        CertificateRequest::parse(&request).err(),
        Some(RequestError::Proof)
    );
}

#[test]
fn refuses_kinds_of_key_that_are_not_let_in() {
    for algorithm in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P521_SHA512] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let request = request_with(CertificateParams::default(), &key);
        assert_eq!(
            CertificateRequest::parse(&request).err(),
            Some(RequestError::Key)
        );
    }
}

#[test]
fn takes_the_kinds_of_key_that_are_let_in() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        issue_for(&request_with(CertificateParams::default(), &key));
    }
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    issue_for(&request_with(CertificateParams::default(), &key));
}

#[test]
fn refuses_what_follows_a_request() {
    let key = KeyPair::generate().unwrap();
    let mut request = request_with(CertificateParams::default(), &key);
    request.push(0);
    assert_eq!(
        CertificateRequest::parse(&request).err(),
        Some(RequestError::Form)
    );
    let huge = vec![0x30; 9000];
    assert_eq!(
        CertificateRequest::parse(&huge).err(),
        Some(RequestError::Form)
    );
}

#[test]
fn certificate_and_key_of_different_roots_are_refused() {
    let (_, pair) = Authority::create(NOW, [1; 16]).unwrap();
    let other = authority();
    let key = KeyPair::from_pem(&pair.key).unwrap();
    let loaded = Authority::load(other.root().clone(), key.serialized_der());
    assert!(matches!(loaded, Err(AuthorityError::Mismatch)));
}

#[test]
fn a_long_office_name_is_cut_to_what_a_subject_may_hold() {
    let key = KeyPair::generate().unwrap();
    let request = request_with(CertificateParams::default(), &key);
    let request = CertificateRequest::parse(&request).unwrap();
    let name = OfficeName::parse(&"見".repeat(100)).unwrap();
    let issued = authority()
        .issue(&request, &identity(), &name, NOW, [1; 16])
        .unwrap();
    let (_, parsed) = parse_x509_certificate(&issued.der).unwrap();
    let organisation = parsed.subject().iter_organization().next().unwrap();
    assert_eq!(organisation.as_str().unwrap().chars().count(), 64);
}

#[test]
fn a_list_of_the_revoked_is_signed_by_the_root_and_names_them() {
    let authority = authority();
    let serial = shared::enrolment::Serial::parse("4000ff0102").unwrap();
    let made = authority.revocation_list(&[(serial, NOW)], NOW).unwrap();
    let text = made.pem().unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(text.as_bytes()).unwrap();
    assert_eq!(pem.contents, made.der());
    let (_, list) = CertificateRevocationList::from_der(made.der()).unwrap();
    let (_, root) = parse_x509_certificate(authority.root()).unwrap();
    assert!(list.verify_signature(root.public_key()).is_ok());
    let revoked: Vec<_> = list.iter_revoked_certificates().collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].raw_serial(), [0x40, 0x00, 0xff, 0x01, 0x02]);
    assert_eq!(list.last_update().timestamp(), NOW.as_second());
}

#[test]
fn an_answer_holds_the_certificates_and_nothing_else() {
    use cms::{content_info::ContentInfo, signed_data::SignedData};
    use der::{Decode as _, Encode as _};
    let root = authority().root().to_vec();
    let answer = certs_only([root.as_slice()]).unwrap();
    let content = ContentInfo::from_der(&answer).unwrap();
    let data: SignedData = content.content.decode_as().unwrap();
    assert_eq!(data.signer_infos.0.len(), 0);
    let certificates = data.certificates.unwrap();
    assert_eq!(certificates.0.len(), 1);
    assert_eq!(certificates.0.get(0).unwrap().to_der().unwrap(), root);
}

proptest! {
    #[test]
    fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = CertificateRequest::parse(&octets);
        let _ = TerminalCertificate::parse(&octets);
    }

    #[test]
    fn a_damaged_request_is_refused_or_means_the_same_key(at in 0_usize..200, bit in 0_u8..8) {
        let key = KeyPair::generate().unwrap();
        let good = request_with(CertificateParams::default(), &key);
        let mut damaged = good.clone();
        let at = at % damaged.len();
        damaged[at] ^= 1 << bit;
        if let Ok(request) = CertificateRequest::parse(&damaged) {
            let whole = CertificateRequest::parse(&good).unwrap();
            prop_assert_eq!(request.public_key_der(), whole.public_key_der());
        }
    }
}
