//! The list of revoked certificates (CRL, RFC 5280 section 5), for whoever checks our
//! certificates elsewhere. The server itself does not need it: it asks its own records.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateRevocationList, CertificateRevocationListParams, KeyIdMethod, RevokedCertParams,
    SerialNumber,
};
use shared::enrolment::Serial;

use super::{Authority, AuthorityError};

/// How long a list may be used: a week bridges a long holiday.
const LIST_LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How long a list is handed out; whoever fetches one can use it for six days at least.
const LIST_FRESH: SignedDuration = SignedDuration::from_hours(24);

/// A signed list of revoked certificates.
pub struct RevocationList {
    signed: CertificateRevocationList,
    made_at: Timestamp,
}

impl RevocationList {
    /// The list's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.signed.der()
    }

    /// The list as PEM.
    ///
    /// # Errors
    /// The library refuses.
    pub fn pem(&self) -> Result<String, AuthorityError> {
        Ok(self.signed.pem()?)
    }

    /// The list's number: a later list has a higher one.
    #[must_use]
    pub fn number(&self) -> u64 {
        number(self.made_at)
    }

    /// Whether the list may still be handed out at `now`, if nothing was revoked since. A clock
    /// that runs back makes it old, too: it would come from the future.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        (self.made_at..self.made_at + LIST_FRESH).contains(&now)
    }
}

impl Authority {
    /// The signed list of `revoked` certificates with the instant of each. It is numbered by the
    /// millisecond of `now`, so that a later list has a higher number, on whichever server.
    ///
    /// # Errors
    /// The library refuses.
    pub fn revocation_list(
        &self,
        revoked: &[(Serial, Timestamp)],
        now: Timestamp,
    ) -> Result<RevocationList, AuthorityError> {
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
            crl_number: SerialNumber::from(number(now)),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(RevocationList {
            signed: list.signed_by(&self.issuer()?)?,
            made_at: now,
        })
    }
}

fn number(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn octets(serial: &Serial) -> Vec<u8> {
    let digits = serial.as_str();
    (0..digits.len() / 2)
        .filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok())
        .collect()
}
