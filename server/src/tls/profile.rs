//! The profile of a terminal's certificate: what our authority puts into one, and nothing else.

use jiff::Timestamp;
use shared::enrolment::{Fingerprint, Serial, TerminalIdentity};
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    oid_registry::{
        OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION,
        OID_SIG_ECDSA_WITH_SHA256,
    },
    public_key::PublicKey,
    time::ASN1Time,
    x509::{SubjectPublicKeyInfo, X509Version},
};

/// A terminal's certificate, read and found to fit the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalCertificate {
    /// SHA-256 of the certificate's DER: the key under which live terminals are looked up.
    pub fingerprint: Fingerprint,
    /// Office and terminal that the certificate speaks for.
    pub identity: TerminalIdentity,
    /// Its serial number.
    pub serial: Serial,
    /// First second in which it is valid.
    pub not_before: Timestamp,
    /// Last second in which it is valid.
    pub not_after: Timestamp,
}

/// What about a certificate does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not an X.509 v3 certificate, or something follows it.
    #[error("not a version 3 certificate and nothing else")]
    Form,
    /// RFC 5280 4.1.2.2: positive, 20 octets at most.
    #[error("a serial number out of range")]
    Serial,
    /// Not signed with ECDSA and SHA-256.
    #[error("a signature that the authority does not make")]
    Signature,
    /// See [`key_is_strong`].
    #[error("a key of a kind that is not let in")]
    Key,
    /// Could issue certificates itself.
    #[error("an authority's certificate, not a terminal's")]
    Authority,
    /// Key usage without digitalSignature, or extended key usage other than clientAuth alone.
    #[error("a certificate for another use")]
    Usage,
    /// Not exactly one subject alternative name that names a terminal.
    #[error("no single name of a terminal")]
    Name,
}

impl TerminalCertificate {
    /// Reads `der`. Neither the chain nor the dates are judged here.
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn parse(der: &[u8]) -> Result<Self, ProfileError> {
        let (rest, certificate) =
            x509_parser::parse_x509_certificate(der).map_err(|_| ProfileError::Form)?;
        if !rest.is_empty() || certificate.version() != X509Version::V3 {
            return Err(ProfileError::Form);
        }
        let serial = serial(certificate.raw_serial())?;
        if certificate.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256 {
            return Err(ProfileError::Signature);
        }
        if !key_is_strong(certificate.public_key()) {
            return Err(ProfileError::Key);
        }
        check_usage(&certificate)?;
        let second =
            |at: ASN1Time| Timestamp::from_second(at.timestamp()).map_err(|_| ProfileError::Form);
        let validity = certificate.validity();
        Ok(Self {
            fingerprint: Fingerprint::of(der),
            identity: identity(&certificate)?,
            serial,
            not_before: second(validity.not_before)?,
            not_after: second(validity.not_after)?,
        })
    }
}

/// True for the keys that terminals may bring: P-256, P-384, RSA of 2,048 to 4,096 bits.
#[must_use]
pub fn key_is_strong(key: &SubjectPublicKeyInfo<'_>) -> bool {
    let algorithm = &key.algorithm;
    if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
        return curve.is_some_and(|curve| curve == OID_EC_P256 || curve == OID_NIST_EC_P384);
    }
    if algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        return match key.parsed() {
            Ok(PublicKey::RSA(rsa)) => (2048..=4096).contains(&rsa.key_size()),
            _ => false,
        };
    }
    false
}

fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), ProfileError> {
    let mut signs = false;
    let mut client_only = false;
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => {
                return Err(ProfileError::Authority);
            }
            ParsedExtension::KeyUsage(usage) => {
                if usage.key_cert_sign() {
                    return Err(ProfileError::Authority);
                }
                signs = usage.digital_signature();
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let others = usage.any
                    || usage.server_auth
                    || usage.code_signing
                    || usage.email_protection
                    || usage.time_stamping
                    || usage.ocsp_signing
                    || !usage.other.is_empty();
                client_only = usage.client_auth && !others;
            }
            _ => {}
        }
    }
    if signs && client_only {
        Ok(())
    } else {
        Err(ProfileError::Usage)
    }
}

fn identity(certificate: &X509Certificate<'_>) -> Result<TerminalIdentity, ProfileError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| ProfileError::Name)?
        .ok_or(ProfileError::Name)?;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => TerminalIdentity::parse(uri).map_err(|_| ProfileError::Name),
        _ => Err(ProfileError::Name),
    }
}

/// RFC 5280 4.1.2.2; the bytes are those of the DER integer, sign bit and all.
fn serial(bytes: &[u8]) -> Result<Serial, ProfileError> {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let zero = bytes.iter().all(|&byte| byte == 0);
    if negative || zero {
        return Err(ProfileError::Serial);
    }
    Serial::of(bytes).ok_or(ProfileError::Serial)
}
