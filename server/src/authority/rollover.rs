//! A new root in place of the old one, with an overlap (RFC 4210 section 4.4, RFC 7030 4.1.3).
//!
//! Both roots bear the same name and sign each other's key: *link certificates*, by which whoever
//! trusts the one finds the way to the other. So nobody ever needs two anchors: a terminal of
//! either root verifies this server, whichever of the two issued the server's own certificate.
//!
//! Everything of a rollover but the new key lies in one file, which is replaced as a whole: there
//! is no moment at which a killed command leaves something half done.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose,
    SubjectPublicKeyInfo,
};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use x509_parser::{certificate::X509Certificate, parse_x509_certificate};

use super::{Authority, AuthorityError, Roots, root::common_name, serial};

/// How far a rollover has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Both roots are trusted; the old one issues.
    Begun,
    /// Both roots are trusted; the new one issues.
    Active,
    /// Only the new root is trusted; its key and certificate are about to take the old one's place.
    Ending,
}

/// The two roots of a rollover, and what each says of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollover {
    /// How far it has come.
    pub phase: Phase,
    /// The root that there was.
    pub old: CertificateDer<'static>,
    /// The root that takes its place.
    pub new: CertificateDer<'static>,
    /// The new root's key, signed by the old one.
    pub new_with_old: CertificateDer<'static>,
    /// The old root's key, signed by the new one.
    pub old_with_new: CertificateDer<'static>,
}

/// The file's text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    phase: Phase,
    old: String,
    new: String,
    new_with_old: String,
    old_with_new: String,
}

impl Rollover {
    /// Begins one: `new` was made by [`Authority::successor`] of `old`. The link certificates
    /// live from `now` until the first of the two roots ends; `random` must be fresh.
    ///
    /// # Errors
    /// One of the two keys was not opened, or the library refuses.
    pub fn begin(
        old: &Authority,
        new: &Authority,
        now: Timestamp,
        random: [[u8; 16]; 2],
    ) -> Result<Self, AuthorityError> {
        Ok(Self {
            phase: Phase::Begun,
            old: old.root().clone(),
            new: new.root().clone(),
            new_with_old: old.link(new.root(), now, random[0])?,
            old_with_new: new.link(old.root(), now, random[1])?,
        })
    }

    /// What a file holds that [`Self::to_text`] wrote; `None` if it is none, or if its
    /// certificates do not belong together.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let file: File = serde_json::from_str(text).ok()?;
        let read = |text: &str| STANDARD.decode(text).ok().map(CertificateDer::from);
        let read = Self {
            phase: file.phase,
            old: read(&file.old)?,
            new: read(&file.new)?,
            new_with_old: read(&file.new_with_old)?,
            old_with_new: read(&file.old_with_new)?,
        };
        let belong = vouches(&read.old, &read.new_with_old, &read.new)
            && vouches(&read.new, &read.old_with_new, &read.old);
        belong.then_some(read)
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let file = File {
            phase: self.phase,
            old: STANDARD.encode(&self.old),
            new: STANDARD.encode(&self.new),
            new_with_old: STANDARD.encode(&self.new_with_old),
            old_with_new: STANDARD.encode(&self.old_with_new),
        };
        serde_json::to_string_pretty(&file).expect("texts and a word are always JSON")
    }

    /// The same in another phase.
    #[must_use]
    pub fn in_phase(&self, phase: Phase) -> Self {
        Self {
            phase,
            ..self.clone()
        }
    }

    /// Which roots are trusted and shown in this phase, beside those of `former` rollovers.
    #[must_use]
    pub fn roots(&self, former: &[CertificateDer<'static>]) -> Roots {
        // A killed `finish` may have noted this one among the former already.
        let ours = [&self.old, &self.new_with_old];
        let former = former.iter().filter(|root| !ours.contains(root)).cloned();
        match self.phase {
            Phase::Begun | Phase::Active => {
                let (issuing, other) = match self.phase {
                    Phase::Begun => (&self.old, &self.new),
                    _ => (&self.new, &self.old),
                };
                let links = [self.new_with_old.clone(), self.old_with_new.clone()];
                Roots {
                    issuing: issuing.clone(),
                    other: Some(other.clone()),
                    handed_out: links.into_iter().chain(former).collect(),
                }
            }
            Phase::Ending => {
                let past = [self.old.clone(), self.new_with_old.clone()];
                Roots {
                    issuing: self.new.clone(),
                    other: None,
                    handed_out: past.into_iter().chain(former).collect(),
                }
            }
        }
    }
}

impl Authority {
    /// Vouches for the key of the root `of` with a link certificate.
    fn link(
        &self,
        of: &CertificateDer<'static>,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let parse = |root| {
            let parsed = parse_x509_certificate(root).map_err(|_| AuthorityError::Mismatch)?;
            Ok::<_, AuthorityError>(parsed.1)
        };
        let (subject, issuer) = (parse(of)?, parse(self.root())?);
        // The name stays the same, or verifiers could not put the chain together.
        if subject.subject().as_raw() != issuer.subject().as_raw() {
            return Err(AuthorityError::Mismatch);
        }
        let name = common_name(&subject).ok_or(AuthorityError::Mismatch)?;
        let key = SubjectPublicKeyInfo::from_der(subject.public_key().raw)?;
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial(random));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let ends = [&subject, &issuer].map(|root| root.validity().not_after.timestamp());
        let moment = |seconds: i64| {
            let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            rcgen::date_time_ymd(1970, 1, 1) + since
        };
        params.not_before = moment(now.as_second());
        params.not_after = moment(ends[0].min(ends[1]));
        // One more link may stand between: a terminal that slept through two rollovers.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.use_authority_key_identifier_extension = true;
        let link = params.signed_by(&key, &self.issuer()?)?;
        Ok(link.der().clone())
    }
}

/// Whether `link` says, signed by `voucher`, that the key of `root` is an authority's.
fn vouches(voucher: &[u8], link: &[u8], root: &[u8]) -> bool {
    let parse = |der| parse_x509_certificate(der).ok().map(|(_, parsed)| parsed);
    let (Some(voucher), Some(link), Some(root)) = (parse(voucher), parse(link), parse(root)) else {
        return false;
    };
    link.is_ca()
        && root.is_ca()
        && link.public_key().raw == root.public_key().raw
        && link.subject().as_raw() == root.subject().as_raw()
        && link.verify_signature(Some(voucher.public_key())).is_ok()
}

/// Whether the certificate `der` was signed by the key of `root`.
#[must_use]
pub fn is_issued_by(der: &[u8], root: &[u8]) -> bool {
    let parse = |der| parse_x509_certificate(der).ok().map(|(_, parsed)| parsed);
    let (leaf, root): (Option<X509Certificate<'_>>, _) = (parse(der), parse(root));
    leaf.zip(root)
        .is_some_and(|(leaf, root)| leaf.verify_signature(Some(root.public_key())).is_ok())
}
