//! The list of revoked certificates (CRL, RFC 5280 section 5), for whoever checks our
//! certificates elsewhere. The server itself does not need it: it asks its own records.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevokedCertParams, SerialNumber};
use shared::enrolment::Serial;

use super::{Authority, AuthorityError};

/// How long a list may be used: a week bridges a long holiday.
const LIST_LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);

impl Authority {
    /// The signed list of `revoked` certificates with the instant of each, as PEM. It is
    /// numbered by the second of `now`, so that a later list has a higher number.
    ///
    /// # Errors
    /// The library refuses.
    pub fn revocation_list(
        &self,
        revoked: &[(Serial, Timestamp)],
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        let seconds = |at: Timestamp| u64::try_from(at.as_second()).unwrap_or(0);
        let instant = |at| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds(at));
        let revoked_certs = revoked
            .iter()
            .map(|(serial, at)| RevokedCertParams {
                serial_number: SerialNumber::from_slice(&octets(serial)),
                revocation_time: instant(*at),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: instant(now),
            next_update: instant(now + LIST_LIFE),
            crl_number: SerialNumber::from(seconds(now)),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuer()?)?.pem()?)
    }
}

fn octets(serial: &Serial) -> Vec<u8> {
    let digits = serial.as_str();
    (0..digits.len() / 2)
        .filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok())
        .collect()
}
