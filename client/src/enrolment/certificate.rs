//! What a certificate says.

use jiff::Timestamp;
use shared::enrolment::{Serial, Terminal, TerminalIdentity};
use shared::offices::OfficeName;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// Who a certificate is, by its own words: good for showing without a line, not
/// for trusting. `None` when it is not one of a terminal.
pub fn facts(certificate: &[u8]) -> Option<Terminal> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    let identity = names
        .value
        .general_names
        .iter()
        .find_map(|name| match name {
            GeneralName::URI(uri) => TerminalIdentity::parse(uri).ok(),
            _ => None,
        })?;
    let subject = parsed.subject();
    let office_name = subject
        .iter_organization()
        .chain(subject.iter_common_name())
        .find_map(|name| OfficeName::parse(name.as_str().ok()?).ok())?;
    Some(Terminal {
        office: identity.office,
        office_name,
        terminal: identity.terminal,
        serial: Serial::of(parsed.raw_serial())?,
        expires_at: Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()?,
    })
}

/// Whether two thirds of a certificate's life are over.
pub(super) fn is_old(certificate: &[u8], now: Timestamp) -> bool {
    X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| {
        let validity = parsed.validity();
        let (begin, end) = (
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        );
        now.as_second() >= begin + (end - begin) / 3 * 2
    })
}

/// Whether a certificate is over this key (SubjectPublicKeyInfo DER).
pub(super) fn is_over(certificate: &[u8], key: &[u8]) -> bool {
    X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| parsed.public_key().raw == key)
}
