//! The development authority and what it hands out.

use aws_lc_rs::{
    rand::{SecureRandom, SystemRandom},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    },
};
use jiff::{SignedDuration, Timestamp};

use crate::{Identity, der, template as t, template::Template};

/// The office and the terminal a certificate speaks for.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Office code, for example `131016`.
    pub office: String,
    /// Terminal id, a UUID as text.
    pub id: String,
}

impl Terminal {
    /// The URI that names this terminal in a subject alternative name.
    pub fn uri(&self) -> String {
        format!("urn:mimamori:terminal:{}:{}", self.office, self.id)
    }
}

/// A certificate chain, leaf first, and the key that is presented with it.
pub struct Credentials {
    /// DER of each certificate.
    pub chain: Vec<Vec<u8>>,
    /// PKCS#8 of the private key. For `BadProof` and `Rsa1024` it is not the certificate's own.
    pub key: Vec<u8>,
}

/// An existing authority could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The certificate cannot be parsed.
    #[error("the authority's certificate cannot be read")]
    Certificate,
    /// The key is not PKCS#8 on P-256.
    #[error("the authority's key is not PKCS#8 on the curve P-256")]
    Key,
}

/// A root authority on P-256 that issues whatever it is asked for.
pub struct Authority {
    name: Vec<u8>,
    key: EcdsaKeyPair,
    key_pkcs8: Vec<u8>,
    certificate: Vec<u8>,
}

impl Authority {
    /// Makes a root named `name`, valid for ten years around `now`.
    pub fn new(name: &str, now: Timestamp) -> Self {
        let (key, key_pkcs8) = p256();
        let name = der::common_name(der::UTF8_STRING, name.as_bytes());
        let certificate = authority_template(&name, &name, &key, now).sign(&key);
        Self {
            name,
            key,
            key_pkcs8,
            certificate,
        }
    }

    /// Takes over an authority that exists already, such as a server's own, to make faulty
    /// certificates in its name.
    pub fn from_der(certificate: &[u8], key_pkcs8: &[u8]) -> Result<Self, AuthorityError> {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
            .map_err(|_| AuthorityError::Certificate)?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key_pkcs8)
            .map_err(|_| AuthorityError::Key)?;
        Ok(Self {
            name: parsed.subject().as_raw().to_vec(),
            key,
            key_pkcs8: key_pkcs8.to_vec(),
            certificate: certificate.to_vec(),
        })
    }

    /// The root certificate's DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The root key's PKCS#8, for a server under test to sign with.
    pub fn key(&self) -> &[u8] {
        &self.key_pkcs8
    }

    /// A server certificate for `localhost`, 127.0.0.1 and ::1, valid for a day around `now`.
    pub fn server(&self, now: Timestamp) -> Credentials {
        let (key, key_pkcs8) = p256();
        let mut template = self.leaf(&key, "localhost", &[], now);
        let mut v6 = [0; 16];
        v6[15] = 1;
        let names = [
            der::element(0x82, b"localhost"),
            der::element(0x87, &[127, 0, 0, 1]),
            der::element(0x87, &v6),
        ]
        .concat();
        template.extensions = vec![
            t::basic_constraints(false, None),
            t::key_usage(t::DIGITAL_SIGNATURE),
            t::extended_key_usage(t::SERVER_AUTH),
            t::names(&names),
        ];
        Credentials {
            chain: vec![template.sign(&self.key)],
            key: key_pkcs8,
        }
    }

    /// Makes the identity asked for, as of `now`, for `terminal`. Good ones are valid from a day
    /// before `now` to a year after it.
    pub fn issue(&self, identity: Identity, terminal: &Terminal, now: Timestamp) -> Credentials {
        let (key, key_pkcs8) = p256();
        let uri = terminal.uri();
        let mut template = self.leaf(&key, &format!("Office {}", terminal.office), &[&uri], now);
        let second = SignedDuration::from_secs(1);
        match identity {
            Identity::Expired => template.not_after = now - second,
            Identity::NotYetValid => template.not_before = now + second,
            Identity::WrongKeyUsage => {
                template.extensions[2] = t::extended_key_usage(t::SERVER_AUTH)
            }
            Identity::NoEku => drop(template.extensions.remove(2)),
            Identity::NoDigitalSignature => {
                template.extensions[1] = t::key_usage(t::CERTIFICATE_SIGNING)
            }
            Identity::CaLeaf => template.extensions[0] = t::basic_constraints(true, None),
            Identity::Sha1 => template.signature_algorithm = t::ECDSA_WITH_SHA1,
            Identity::Rsa1024 => template.public_key = t::rsa_public_key(&odd_number::<128>()),
            Identity::SerialZero => template.serial = vec![0],
            Identity::SerialNegative => template.serial[0] |= 0x80,
            Identity::SerialTooLong => {
                template.serial = [vec![0x12], random::<20>().to_vec()].concat()
            }
            Identity::NulInName => {
                template.subject = der::common_name(der::UTF8_STRING, b"Office\x00131016")
            }
            Identity::Utf16Name => {
                let wide: Vec<u8> = "Office".encode_utf16().flat_map(u16::to_be_bytes).collect();
                template.subject = der::common_name(der::BMP_STRING, &wide);
            }
            Identity::LookAlikeName => {
                // U+041E, the Cyrillic capital O.
                template.subject = der::common_name(der::UTF8_STRING, "\u{41e}ffice".as_bytes())
            }
            Identity::SanMissing => drop(template.extensions.remove(3)),
            Identity::SanDoubled => {
                let other = elsewhere(terminal).uri();
                template.extensions[3] = t::alternative_names(&[&uri, &other]);
            }
            Identity::SanUnreadable => {
                template.extensions[3] = t::alternative_names(&["urn:example:nobody"])
            }
            Identity::SanOfAnotherOffice => {
                template.extensions[3] = t::alternative_names(&[&elsewhere(terminal).uri()])
            }
            Identity::UnknownCriticalExtension => template.extensions.push(t::unknown_critical()),
            Identity::P521 => return self.on_p521(template),
            Identity::PathTooLong => return self.through_intermediate(template, key_pkcs8, now),
            Identity::AuthorityItself => {
                return Credentials {
                    chain: vec![self.certificate.clone()],
                    key: self.key_pkcs8.clone(),
                };
            }
            Identity::SelfSigned => {
                template.issuer.clone_from(&template.subject);
                return Credentials {
                    chain: vec![template.sign(&key)],
                    key: key_pkcs8,
                };
            }
            Identity::OtherAuthority => {
                return Credentials {
                    chain: vec![template.sign(&p256().0)],
                    key: key_pkcs8,
                };
            }
            Identity::WrongRoot => {
                let other = Authority::new("Another authority", now);
                return other.issue(Identity::Good, terminal, now);
            }
            Identity::Good
            | Identity::UnknownTerminal
            | Identity::BadProof
            | Identity::ChainStuffed
            | Identity::ChainHuge
            | Identity::TrailingDer
            | Identity::BitFlipped => {}
        }
        let mut credentials = Credentials {
            chain: vec![template.sign(&self.key)],
            key: key_pkcs8,
        };
        spoil(identity, &mut credentials, now);
        credentials
    }

    fn leaf(&self, key: &EcdsaKeyPair, name: &str, uris: &[&str], now: Timestamp) -> Template {
        let mut serial = random::<16>().to_vec();
        // A positive number without a leading zero octet, whatever was drawn.
        serial[0] = serial[0] & 0x3f | 0x40;
        Template {
            serial,
            signature_algorithm: t::ECDSA_WITH_SHA256,
            issuer: self.name.clone(),
            not_before: now - SignedDuration::from_hours(24),
            not_after: now + SignedDuration::from_hours(24 * 365),
            subject: der::common_name(der::UTF8_STRING, name.as_bytes()),
            public_key: t::ec_public_key(t::PRIME256V1, key.public_key().as_ref()),
            extensions: vec![
                t::basic_constraints(false, None),
                t::key_usage(t::DIGITAL_SIGNATURE),
                t::extended_key_usage(t::CLIENT_AUTH),
                t::alternative_names(uris),
            ],
        }
    }

    fn on_p521(&self, mut template: Template) -> Credentials {
        let key = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING)
            .expect("the machine has randomness");
        template.public_key = t::ec_public_key(t::SECP521R1, key.public_key().as_ref());
        Credentials {
            chain: vec![template.sign(&self.key)],
            key: pkcs8(&key),
        }
    }

    fn through_intermediate(
        &self,
        mut template: Template,
        key_pkcs8: Vec<u8>,
        now: Timestamp,
    ) -> Credentials {
        let (middle, _) = p256();
        let name = der::common_name(der::UTF8_STRING, b"Intermediate authority");
        let intermediate = authority_template(&name, &self.name, &middle, now).sign(&self.key);
        template.issuer = name;
        Credentials {
            chain: vec![template.sign(&middle), intermediate],
            key: key_pkcs8,
        }
    }
}

fn authority_template(name: &[u8], issuer: &[u8], key: &EcdsaKeyPair, now: Timestamp) -> Template {
    let five_years = SignedDuration::from_hours(24 * 365 * 5);
    Template {
        serial: vec![0x01],
        signature_algorithm: t::ECDSA_WITH_SHA256,
        issuer: issuer.to_vec(),
        not_before: now - five_years,
        not_after: now + five_years,
        subject: name.to_vec(),
        public_key: t::ec_public_key(t::PRIME256V1, key.public_key().as_ref()),
        extensions: vec![
            t::basic_constraints(true, Some(0)),
            t::key_usage(t::CERTIFICATE_SIGNING),
        ],
    }
}

/// Faults that come after signing.
fn spoil(identity: Identity, credentials: &mut Credentials, now: Timestamp) {
    match identity {
        Identity::BadProof | Identity::Rsa1024 => credentials.key = p256().1,
        Identity::ChainStuffed => credentials.chain.extend(strangers(8, now)),
        Identity::ChainHuge => credentials.chain.extend(strangers(180, now)),
        Identity::TrailingDer => credentials.chain[0].extend_from_slice(&[0x05, 0x00, 0x05, 0x00]),
        Identity::BitFlipped => {
            if let Some(last) = credentials.chain[0].last_mut() {
                *last ^= 1;
            }
        }
        _ => {}
    }
}

fn strangers(count: usize, now: Timestamp) -> impl Iterator<Item = Vec<u8>> {
    std::iter::repeat_n(Authority::new("Stranger", now).certificate, count)
}

fn elsewhere(terminal: &Terminal) -> Terminal {
    Terminal {
        office: "999999".to_owned(),
        id: terminal.id.clone(),
    }
}

fn p256() -> (EcdsaKeyPair, Vec<u8>) {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
        .expect("the machine has randomness");
    let encoded = pkcs8(&key);
    (key, encoded)
}

fn pkcs8(key: &EcdsaKeyPair) -> Vec<u8> {
    key.to_pkcs8v1()
        .expect("a key that was just made can be encoded")
        .as_ref()
        .to_vec()
}

fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    SystemRandom::new()
        .fill(&mut octets)
        .expect("the machine has randomness");
    octets
}

/// A number of exactly `N` octets that could be an RSA modulus at first sight.
fn odd_number<const N: usize>() -> [u8; N] {
    let mut octets = random();
    octets[0] |= 0x80;
    octets[N - 1] |= 1;
    octets
}
