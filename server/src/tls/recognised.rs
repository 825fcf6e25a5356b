//! Certificates that were found good once, so that a terminal that comes back is not judged anew:
//! at 08:30 a thousand of them come within a second, and all were here the day before.
//!
//! Recognised is a certificate octet by octet, by the SHA-256 of all of it: the same octets have the
//! same signature, profile and dates. What can change is asked each time: the day it is, here; whether
//! it was revoked, at each request; whether its root is trusted, by forgetting everything when the
//! roots change (see `Trust`). That the peer has the key is proven in every handshake.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use rustls::pki_types::{CertificateDer, UnixTime};
use shared::enrolment::Fingerprint;

use super::profile::TerminalCertificate;

/// How many are remembered, some 10 MB. A country has fewer; when there are more, all are judged
/// anew. Nobody can crowd them out but with certificates of our own authority.
const MOST: usize = if cfg!(test) { 3 } else { 100_000 };

/// The certificates that were found good under some roots.
#[derive(Default)]
pub(super) struct Recognised(RwLock<HashMap<Fingerprint, Dates>>);

/// The first and the last second in which a certificate is valid, since 1970.
#[derive(Clone, Copy)]
struct Dates {
    first: i64,
    last: i64,
}

impl Recognised {
    /// Whether this very certificate was found good before, and is valid `now`.
    pub(super) fn holds(&self, leaf: &CertificateDer<'_>, now: UnixTime) -> bool {
        // Whoever writes does not wait for this.
        let fingerprint = Fingerprint::of(leaf);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let dates = known.get(&fingerprint);
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        dates.is_some_and(|dates| (dates.first..=dates.last).contains(&now))
    }

    /// Remembers a certificate whose chain and profile were found good.
    pub(super) fn add(&self, certificate: &TerminalCertificate) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        let dates = Dates {
            first: certificate.not_before.as_second(),
            last: certificate.not_after.as_second(),
        };
        known.insert(certificate.fingerprint, dates);
    }
}
