//! How it stands with a link, with a certificate, and with an office's enrolment as a whole.
//!
//! This is the one place of the rule; the server reads rows into [`LinkFacts`] and
//! [`CertificateFacts`] and asks here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::day::days_left;
use crate::text::Refused;

/// When what happened to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is dead if nobody used it (M-04).
    pub expires_at: Timestamp,
    /// When a terminal was enrolled with it.
    pub used_at: Option<Timestamp>,
    /// When wrong passwords locked it (M-05).
    pub locked_at: Option<Timestamp>,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
    /// When its office was closed. That takes it back, whether or not it was written down so.
    pub office_closed_at: Option<Timestamp>,
}

/// How it stands with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// Nobody has used it yet.
    Open,
    /// A terminal was enrolled with it.
    Used,
    /// Five wrong passwords came.
    Locked,
    /// It was taken back.
    Cancelled,
    /// Nobody used it within 30 days.
    Expired,
}

impl LinkFacts {
    /// How it stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> LinkState {
        if self.taken_back_at().is_some() {
            LinkState::Cancelled
        } else if self.locked_at.is_some() {
            LinkState::Locked
        } else if self.used_at.is_some() {
            LinkState::Used
        } else if now >= self.expires_at {
            LinkState::Expired
        } else {
            LinkState::Open
        }
    }

    /// When it was taken back: by somebody, or by its office's closing while it could be used.
    #[must_use]
    pub fn taken_back_at(&self) -> Option<Timestamp> {
        let closed_at = self.office_closed_at;
        self.cancelled_at
            .or_else(|| closed_at.filter(|at| self.used_at.is_none() && *at < self.expires_at))
    }

    /// How many days are left to use it at `now`, the one under way counted: 30 at first, 1 on
    /// the last, 0 when they are over.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> u16 {
        u16::try_from(days_left(now, self.expires_at)).unwrap_or(u16::MAX)
    }
}

/// When what happened to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Its last second.
    pub expires_at: Timestamp,
    /// When it was shown for the first time.
    pub first_used_at: Option<Timestamp>,
    /// When a newer one took its place.
    pub superseded_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// How it stands with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// Good, and not shown yet.
    Issued,
    /// Good and in use.
    Live,
    /// A newer one took its place.
    Superseded,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

impl CertificateFacts {
    /// How it stands at `now`. Revocation weighs more than all else: it is the one that tells of
    /// theft.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> CertificateState {
        if self.revoked_at.is_some() {
            CertificateState::Revoked
        } else if self.superseded_at.is_some() {
            CertificateState::Superseded
        // A certificate is good to the end of its last second.
        } else if self.expires_at.as_second() < now.as_second() {
            CertificateState::Expired
        } else if self.first_used_at.is_some() {
            CertificateState::Live
        } else {
            CertificateState::Issued
        }
    }

    /// Whether it lets a terminal in at `now`.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        matches!(
            self.state(now),
            CertificateState::Issued | CertificateState::Live
        )
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $state:ident = $word:literal),+ $(,)?) => {
        /// The states of an office's enrolment, by name alone.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            schemars::JsonSchema,
        )]
        pub enum EnrolmentState { $($(#[$doc])* #[serde(rename = $word)] $state),+ }

        impl EnrolmentState {
            /// Every state, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$state),+];

            /// The word used on the wire, in the store and on the command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $word),+ }
            }
        }
    };
}

states! {
    /// The office never got a link.
    NotInvited = "not-invited",
    /// A first link is open.
    Invited = "invited",
    /// A terminal of the office is let in.
    Enrolled = "enrolled",
    /// The link, or the certificate, was not used in time.
    Expired = "expired",
    /// The link was taken back, or the certificate revoked.
    Cancelled = "cancelled",
    /// Wrong passwords locked the link.
    Locked = "locked",
    /// A new link is open that replaces an earlier terminal, which is let in until the new one
    /// is, unless it was lost or stolen.
    Replaced = "replaced",
}

impl std::fmt::Display for EnrolmentState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for EnrolmentState {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        let mut all = Self::ALL.iter().copied();
        all.find(|state| state.as_str() == text)
            .ok_or(Refused::new("enrolment_state"))
    }
}

/// How it stands with an office's enrolment: exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Standing {
    /// See [`EnrolmentState::NotInvited`].
    NotInvited,
    /// See [`EnrolmentState::Invited`].
    Invited {
        /// How many days the link lives yet, 30 to 1.
        days_left: u16,
    },
    /// See [`EnrolmentState::Enrolled`].
    Enrolled,
    /// See [`EnrolmentState::Expired`].
    Expired,
    /// See [`EnrolmentState::Cancelled`].
    Cancelled,
    /// See [`EnrolmentState::Locked`].
    Locked,
    /// See [`EnrolmentState::Replaced`].
    Replaced {
        /// How many days the new link lives yet, 30 to 1.
        days_left: u16,
    },
}

impl Standing {
    /// How it stands at `now` with the office whose link and certificate these are: of its links
    /// an open one, or else the newest; of its certificates one that lets in, or else the newest
    /// that no other took the place of.
    #[must_use]
    pub fn of(
        link: Option<&LinkFacts>,
        certificate: Option<&CertificateFacts>,
        now: Timestamp,
    ) -> Self {
        if let Some(link) = link.filter(|link| link.state(now) == LinkState::Open) {
            let days_left = link.days_left(now);
            return match certificate {
                None => Self::Invited { days_left },
                Some(_) => Self::Replaced { days_left },
            };
        }
        if certificate.is_some_and(|certificate| certificate.is_good(now)) {
            return Self::Enrolled;
        }
        // Neither lets anyone in: what happened last tells why.
        let later = match (link, certificate) {
            (None, None) => return Self::NotInvited,
            (Some(link), Some(certificate)) if link.issued_at <= certificate.issued_at => None,
            (link, _) => link,
        };
        match (later.map(|link| link.state(now)), certificate) {
            (Some(LinkState::Locked), _) => Self::Locked,
            (Some(LinkState::Cancelled), _) => Self::Cancelled,
            (None, Some(certificate)) if certificate.revoked_at.is_some() => Self::Cancelled,
            _ => Self::Expired,
        }
    }

    /// Its name.
    #[must_use]
    pub fn state(self) -> EnrolmentState {
        match self {
            Self::NotInvited => EnrolmentState::NotInvited,
            Self::Invited { .. } => EnrolmentState::Invited,
            Self::Enrolled => EnrolmentState::Enrolled,
            Self::Expired => EnrolmentState::Expired,
            Self::Cancelled => EnrolmentState::Cancelled,
            Self::Locked => EnrolmentState::Locked,
            Self::Replaced { .. } => EnrolmentState::Replaced,
        }
    }
}

#[cfg(test)]
mod tests;
