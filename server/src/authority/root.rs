//! Making the root and the server's own certificate, once, at `init`.

use std::net::IpAddr;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, parse_x509_certificate};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Authority, AuthorityError, Key, ROOT_LIFE, serial, set_validity};

/// Host names and addresses that a server answers to; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNames(Vec<String>);

/// A name that cannot stand in a certificate.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither a host name nor an address")]
pub struct ServerNamesError(String);

impl ServerNames {
    /// Takes DNS names (labels of letters, digits and hyphens) and IP addresses.
    ///
    /// # Errors
    /// Names the first that is neither.
    pub fn parse(names: Vec<String>) -> Result<Self, ServerNamesError> {
        let wrong = |name: &&String| !(name.parse::<IpAddr>().is_ok() || is_host_name(name));
        match names.iter().find(wrong) {
            Some(name) => Err(ServerNamesError(name.clone())),
            None if names.is_empty() => Err(ServerNamesError(String::new())),
            None => Ok(Self(names)),
        }
    }

    /// The first: the one that links carry unless the settings name another.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.0[0]
    }
}

/// The host names and addresses that a server's certificate, DER, names.
#[must_use]
pub fn names_of(certificate: &[u8]) -> Option<Vec<String>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
        _ => None,
    };
    Some(names.value.general_names.iter().filter_map(name).collect())
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
}

fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// A root's name: a common name and nothing else.
pub(super) fn common_name<'a>(root: &'a X509Certificate<'_>) -> Option<&'a str> {
    let mut attributes = root.subject().iter_attributes();
    let name = root.subject().iter_common_name().next()?.as_str().ok()?;
    attributes.next()?;
    attributes.next().is_none().then_some(name)
}

/// A certificate in PEM and its key as a file holds it.
pub struct Pair {
    /// `CERTIFICATE`.
    pub certificate: String,
    /// `PRIVATE KEY`.
    pub key: Zeroizing<String>,
}

impl Authority {
    /// Makes a root on P-256, valid from `now` for [`ROOT_LIFE`]; `random` must be fresh.
    ///
    /// # Errors
    /// The library refused.
    pub fn create(now: Timestamp, random: [u8; 16]) -> Result<(Self, Pair), AuthorityError> {
        Self::create_over(Key::generate()?, now, random)
    }

    /// The same over a new key that was made already.
    ///
    /// # Errors
    /// The library or the token refused.
    pub fn create_over(
        key: Key,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<(Self, Pair), AuthorityError> {
        // Roots of different servers must not share a name: verifiers choose a root by it.
        let id: String = random[..4]
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        Self::named(&format!("Mimamori authority {id}"), key, now, random)
    }

    /// Makes a root over `key`, a new one, that is to take this one's place: under the same name,
    /// so that link certificates lead from the one to the other.
    ///
    /// # Errors
    /// The library or the token refused, or this root has a name that [`Self::create`] gives to
    /// none.
    pub fn successor(
        &self,
        key: Key,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<(Self, Pair), AuthorityError> {
        let (_, root) = parse_x509_certificate(&self.root).map_err(|_| AuthorityError::Mismatch)?;
        let name = common_name(&root).ok_or(AuthorityError::Mismatch)?;
        Self::named(name, key, now, random)
    }

    fn named(
        name: &str,
        key: Key,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<(Self, Pair), AuthorityError> {
        let mut params = dated(now, random);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        let pair = Pair {
            certificate: certificate.pem(),
            key: key.file(),
        };
        let root = certificate.der().clone();
        let authority = Self {
            root,
            key: Some(key),
        };
        Ok((authority, pair))
    }

    /// Makes the server's own certificate for `names`, valid as long as the root.
    ///
    /// # Errors
    /// The library refused.
    pub fn issue_server(
        &self,
        names: &ServerNames,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<Pair, AuthorityError> {
        let mut key = KeyPair::generate()?;
        let mut params = dated(now, random);
        let common_name: String = names.first().chars().take(64).collect();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.subject_alt_names = names
            .0
            .iter()
            .map(|name| match name.parse::<IpAddr>() {
                Ok(address) => Ok(SanType::IpAddress(address)),
                Err(_) => name.as_str().try_into().map(SanType::DnsName),
            })
            .collect::<Result<_, rcgen::Error>>()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer()?)?;
        let pair = Pair {
            certificate: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
        };
        key.zeroize();
        Ok(pair)
    }
}

fn dated(now: Timestamp, random: [u8; 16]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial(random));
    set_validity(&mut params, now, ROOT_LIFE);
    params.distinguished_name = DistinguishedName::new();
    params
}
