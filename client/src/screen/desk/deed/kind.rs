//! The kinds of deeds: their keys, their words, and when each is possible.

use iced::keyboard::key::Named;
use jiff::Timestamp;
use shared::enrolment::desk::Enrolment;
use shared::enrolment::standing::{CertificateState, LinkState, Standing};
use shared::mail::PasswordWay;

use super::super::words::said;
use crate::screen::deed_keys;

/// What can be done for an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reissue to an office whose terminal asked for it: one key, for it proved itself.
    Answer,
    /// Issue a link to an office that has none in force.
    Issue,
    /// Issue a link for another terminal.
    Reissue,
    /// Hand the open link out anew, with a new password.
    Resend,
    /// Take the link back.
    Cancel,
    /// Open a link that wrong passwords locked.
    Unlock,
    /// Revoke the office's certificates.
    Revoke,
    /// Read the link's password out over the telephone.
    ReadOut,
}

impl Kind {
    /// Every kind, in the order of the keys.
    pub(in super::super) const ALL: [Self; 8] = [
        Self::Answer,
        Self::Issue,
        Self::Reissue,
        Self::Resend,
        Self::Cancel,
        Self::Unlock,
        Self::Revoke,
        Self::ReadOut,
    ];

    pub(in super::super) fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Issue => "issue",
            Self::Reissue => "reissue",
            Self::Resend => "resend",
            Self::Cancel => "cancel",
            Self::Unlock => "unlock",
            Self::Revoke => "revoke",
            Self::ReadOut => "read_out",
        }
    }

    /// The key that begins it.
    pub(in super::super) fn key(self) -> Named {
        match self {
            Self::Answer => Named::F2,
            Self::Issue => deed_keys::ISSUE,
            Self::Reissue => deed_keys::REISSUE,
            Self::Resend => Named::F6,
            Self::Cancel => Named::F7,
            Self::Unlock => Named::F8,
            Self::Revoke => deed_keys::REVOKE,
            Self::ReadOut => Named::F10,
        }
    }

    /// Its name, as on its button.
    pub(in super::super) fn name(self) -> String {
        said(&format!("desk.deed.{}.name", self.word()))
    }

    /// The reasons that are offered, each by one digit.
    pub(in super::super) fn reasons(self) -> Vec<String> {
        let count = match self {
            Self::Answer => 1,
            // Besides, what a reissue asks as its cause: it is revoked here where no link can be sent.
            Self::Revoke => 6,
            _ => 4,
        };
        (1..=count)
            .map(|nth| said(&format!("desk.reason.{}.r{nth}", self.word())))
            .collect()
    }

    /// Whether the server would do it, as the office stands at `now`: what cannot succeed is not
    /// offered.
    pub(in super::super) fn is_possible(self, seen: &Enrolment, now: Timestamp) -> bool {
        self.would_be_possible(seen.contact.mail.is_some(), seen, now)
    }

    /// Whether nothing stands in its way but that there is no address for the link.
    pub(in super::super) fn lacks_mail(self, seen: &Enrolment, now: Timestamp) -> bool {
        !self.is_possible(seen, now) && self.would_be_possible(true, seen, now)
    }

    fn would_be_possible(self, has_mail: bool, seen: &Enrolment, now: Timestamp) -> bool {
        let link = seen.link.as_ref();
        let link_is = |state| link.is_some_and(|link| link.state == state);
        match self {
            Self::Answer => seen.open && has_mail && seen.asked.is_some(),
            Self::Issue => {
                let none_in_force = !matches!(
                    seen.standing,
                    Standing::Invited { .. } | Standing::Replaced { .. } | Standing::Enrolled
                );
                seen.open && has_mail && none_in_force
            }
            Self::Reissue => seen.open && has_mail && seen.certificate.is_some(),
            Self::Resend => link_is(LinkState::Open) && has_mail,
            Self::Cancel => link_is(LinkState::Open) || link_is(LinkState::Locked),
            Self::Unlock => {
                link_is(LinkState::Locked) && link.is_some_and(|link| now < link.expires_at)
            }
            Self::Revoke => {
                let good = [CertificateState::Issued, CertificateState::Live];
                let certificate = seen.certificate.as_ref();
                seen.open && certificate.is_some_and(|it| good.contains(&it.state))
            }
            Self::ReadOut => {
                let by_phone = |way| way == Some(PasswordWay::Phone);
                link_is(LinkState::Open) && link.is_some_and(|link| by_phone(link.password_by))
            }
        }
    }
}
