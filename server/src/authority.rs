//! The embedded authority: turns a public key into a terminal's certificate.
//!
//! An ordered pipeline: read the request → check that the sender holds the key → build the
//! certificate from what *we* know → sign → read it back through the same profile that the
//! listener enforces. From the request nothing is taken but the key.

mod answer;
mod in_force;
mod key;
mod key_file;
mod request;
mod revocation;
mod rollover;
mod root;
mod signing;
mod token;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyUsagePurpose, PublicKeyData as _, SanType, SerialNumber, SigningKey as _,
};
use rustls_pki_types::CertificateDer;
use shared::{
    Problem, ProblemCode,
    enrolment::{Fingerprint, TerminalIdentity},
    offices::OfficeName,
};

use crate::tls::TerminalCertificate;
pub use answer::certs_only;
pub use in_force::{Authorities, InForce, Roots};
#[cfg(test)]
pub(crate) use key::Elsewhere;
pub use key::Key;
pub use key_file::{KeyFile, KeyFileError, Passphrase, encrypted};
pub use request::{CertificateRequest, RequestError};
pub use revocation::RevocationList;
pub use rollover::{Phase, Rollover, is_issued_by};
pub use root::{ServerNames, ServerNamesError, names_of};
pub use signing::PATIENCE;
pub use token::{AddressError, Pin, TokenAddress, TokenError, TokenKey};

/// How long a terminal's certificate lives. It renews itself from two thirds of this.
pub const TERMINAL_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How long the root and the server's own certificate live. Ten years: the operator replaces
/// them, the one by a [`Rollover`].
pub const ROOT_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365 * 10);

/// Why a certificate could not be made or taken over.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The certificate is not an authority's, or not the key's.
    #[error("the authority's certificate and key do not belong together")]
    Mismatch,
    /// This command works without the root's key.
    #[error("the authority's key was not opened")]
    Locked,
    /// The token that holds the key does not sign at present; the log says why.
    #[error("the authority's token does not sign")]
    Token,
    /// The token that holds the key did not answer in time.
    #[error("the authority's token does not answer")]
    Silent,
    /// The library refused.
    #[error("the certificate could not be made: {0}")]
    Build(rcgen::Error),
    /// What was made does not fit the profile of a terminal.
    #[error("the certificate made does not fit its profile: {0}")]
    Profile(#[from] crate::tls::ProfileError),
}

impl From<rcgen::Error> for AuthorityError {
    fn from(error: rcgen::Error) -> Self {
        match error {
            rcgen::Error::RemoteKeyError => Self::Token,
            other => Self::Build(other),
        }
    }
}

impl From<AuthorityError> for Problem {
    fn from(error: AuthorityError) -> Self {
        let code = match error {
            AuthorityError::Token | AuthorityError::Silent => ProblemCode::AuthorityUnavailable,
            _ => ProblemCode::Internal,
        };
        Problem::new(code).because(error)
    }
}

/// A certificate as issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate's DER.
    pub der: Vec<u8>,
    /// What it says.
    pub certificate: TerminalCertificate,
}

/// The root certificate and, unless it stays locked, its key.
pub struct Authority {
    root: CertificateDer<'static>,
    key: Option<Key>,
}

impl Authority {
    /// Takes over an existing root: its certificate and the PKCS#8 of its key.
    ///
    /// # Errors
    /// [`AuthorityError::Mismatch`] if the two do not belong together.
    pub fn load(root: CertificateDer<'static>, key_pkcs8: &[u8]) -> Result<Self, AuthorityError> {
        Self::with_key(root, Key::from_pkcs8(key_pkcs8)?)
    }

    /// Takes over an existing root with its key, wherever that lies.
    ///
    /// # Errors
    /// [`AuthorityError::Mismatch`] if the two do not belong together.
    pub fn with_key(root: CertificateDer<'static>, key: Key) -> Result<Self, AuthorityError> {
        let (_, parsed) =
            x509_parser::parse_x509_certificate(&root).map_err(|_| AuthorityError::Mismatch)?;
        let same_key = parsed.public_key().subject_public_key.data.as_ref() == key.der_bytes();
        if !same_key || !parsed.is_ca() {
            return Err(AuthorityError::Mismatch);
        }
        Ok(Self {
            root,
            key: Some(key),
        })
    }

    /// The root alone, for work that signs nothing.
    #[must_use]
    pub fn locked(root: CertificateDer<'static>) -> Self {
        Self { root, key: None }
    }

    /// The root certificate.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// SHA-256 of the root certificate's DER, which every link carries.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.root)
    }

    /// Issues a certificate for the key in `request` to the terminal `identity` of the office
    /// named `office`, valid from `now` (to the second) for [`TERMINAL_LIFE`]. `random` becomes
    /// the serial number and must be fresh.
    ///
    /// # Errors
    /// [`AuthorityError::Build`] or [`AuthorityError::Profile`]; neither depends on the request.
    pub fn issue(
        &self,
        request: &CertificateRequest,
        identity: &TerminalIdentity,
        office: &OfficeName,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<Issued, AuthorityError> {
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial(random));
        set_validity(&mut params, now, TERMINAL_LIFE);
        params.distinguished_name = subject(identity, office);
        params.subject_alt_names = vec![SanType::URI(identity.to_string().try_into()?)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let der = params
            .signed_by(request.public_key(), &self.issuer()?)?
            .der()
            .to_vec();
        let certificate = TerminalCertificate::parse(&der)?;
        Ok(Issued { der, certificate })
    }

    /// Signs `message` with the root's key: ECDSA with SHA-256, DER. What is signed must not be
    /// mistaken for a certificate.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let key = self.key.as_ref().ok_or(AuthorityError::Locked)?;
        Ok(key.sign(message)?)
    }

    fn issuer(&self) -> Result<Issuer<'static, &Key>, AuthorityError> {
        let key = self.key.as_ref().ok_or(AuthorityError::Locked)?;
        Ok(Issuer::from_ca_cert_der(&self.root, key)?)
    }
}

/// Names the office for people, and the terminal so that two of one office can be told apart.
/// RFC 5280 allows 64 characters in each attribute.
fn subject(identity: &TerminalIdentity, office: &OfficeName) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    let organisation: String = office.as_str().chars().take(64).collect();
    subject.push(DnType::OrganizationName, organisation);
    let terminal = format!("{} {}", identity.office, identity.terminal.short());
    subject.push(DnType::CommonName, terminal);
    subject
}

/// Sixteen octets, positive, without a leading zero.
fn serial(mut random: [u8; 16]) -> SerialNumber {
    random[0] = random[0] & 0x3f | 0x40;
    SerialNumber::from_slice(&random)
}

/// Valid from `from` for `life`, to the second: the library's own default is 1975 to 4096.
fn set_validity(params: &mut CertificateParams, from: Timestamp, life: SignedDuration) {
    let start = std::time::Duration::from_secs(u64::try_from(from.as_second()).unwrap_or(0));
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + start;
    params.not_after = params.not_before + life.unsigned_abs() - std::time::Duration::from_secs(1);
}

#[cfg(test)]
mod tests;
