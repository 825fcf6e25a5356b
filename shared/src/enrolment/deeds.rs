//! What the helpdesk and the ministry do for one office: issue, reissue, hand out anew, cancel,
//! unlock, revoke. Each says how the caller was identified, and why; both stand in the log.

use serde::{Deserialize, Serialize};

use super::desk::Enrolment;
use crate::contract::{Personal, endpoints};
use crate::offices::OfficeCode;
use crate::text::Remark;

/// How it was made sure that a caller speaks for the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Identification {
    /// The office was called back under its number on record.
    CalledBack,
    /// They wrote from the registered contact address.
    ContactAddress,
    /// They told what only the office knows: serial number, expiry, who enrolled when.
    KnownFacts,
    /// An official letter came.
    OfficialLetter,
    /// They came in person and showed an identity card.
    InPerson,
    /// Nobody asked: it is done on one's own account.
    NoCaller,
    /// The terminal itself asked, and proved that it holds its certificate's key. Nobody answers
    /// this: it is possible only for a reissue of an office whose terminal asked (M-12).
    OwnKey,
}

impl Identification {
    /// Every way that a person can answer with.
    pub const ANSWERS: [Self; 6] = [
        Self::CalledBack,
        Self::ContactAddress,
        Self::KnownFacts,
        Self::OfficialLetter,
        Self::InPerson,
        Self::NoCaller,
    ];

    /// Every way.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ANSWERS.into_iter().chain([Self::OwnKey])
    }

    /// The word used on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalledBack => "called-back",
            Self::ContactAddress => "contact-address",
            Self::KnownFacts => "known-facts",
            Self::OfficialLetter => "official-letter",
            Self::InPerson => "in-person",
            Self::NoCaller => "no-caller",
            Self::OwnKey => "own-key",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all().find(|way| way.as_str() == word)
    }
}

/// Why a terminal is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReissueCause {
    /// It broke.
    Broken,
    /// The office has a newer one.
    Replaced,
    /// The office moved.
    Moved,
    /// It is lost.
    Lost,
    /// It was stolen.
    Stolen,
    /// It is in order, but its certificate ended before it could be renewed.
    Expired,
}

impl ReissueCause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::Broken,
        Self::Replaced,
        Self::Moved,
        Self::Lost,
        Self::Stolen,
        Self::Expired,
    ];

    /// Whether the old certificate dies at once; otherwise it lives until the first use of the
    /// new one.
    #[must_use]
    pub fn kills_at_once(self) -> bool {
        matches!(self, Self::Lost | Self::Stolen)
    }

    /// The word used on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Replaced => "replaced",
            Self::Moved => "moved",
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Expired => "expired",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

/// Something to do for one office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deed {
    /// For which.
    pub office: OfficeCode,
    /// How the caller was identified.
    pub identified: Identification,
    /// Why.
    pub reason: Remark,
}

/// A terminal to put another in the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TerminalToReissue {
    /// Of which office.
    pub office: OfficeCode,
    /// What became of the old one.
    pub cause: ReissueCause,
    /// How the caller was identified.
    pub identified: Identification,
    /// Why.
    pub reason: Remark,
}

endpoints! {
    /// Issues a link to an office that has none in force.
    IssueLink = Post "/v1/enrolments/{office}/issue" Deed => Enrolment,
        session [Helpdesk, Officer], Personal::None;

    /// Issues a link for another terminal; the old one is let in until that is used, unless it was lost or stolen.
    ReissueTerminal = Post "/v1/enrolments/{office}/reissue" TerminalToReissue => Enrolment,
        session [Helpdesk, Officer], Personal::None;

    /// Hands the open link out anew, with a new password.
    ResendLink = Post "/v1/enrolments/{office}/resend" Deed => Enrolment,
        session [Helpdesk, Officer], Personal::None;

    /// Takes the open or locked link back.
    CancelLink = Post "/v1/enrolments/{office}/cancel" Deed => Enrolment,
        session [Helpdesk, Officer], Personal::None;

    /// Opens a link that wrong passwords locked, for another five tries.
    UnlockLink = Post "/v1/enrolments/{office}/unlock" Deed => Enrolment,
        session [Helpdesk, Officer], Personal::None;

    /// Revokes the office's certificates: its terminal is refused within a second.
    RevokeTerminal = Post "/v1/enrolments/{office}/revoke" Deed => Enrolment,
        session [Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for way in Identification::all() {
            assert_eq!(Identification::from_word(way.as_str()), Some(way));
            assert_eq!(serde_json::to_value(way).unwrap(), way.as_str());
        }
        for cause in ReissueCause::ALL {
            assert_eq!(ReissueCause::from_word(cause.as_str()), Some(cause));
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        }
        assert_eq!(Identification::from_word(""), None);
    }

    #[test]
    fn only_what_is_out_of_the_offices_hands_dies_at_once() {
        let dying = ReissueCause::ALL
            .into_iter()
            .filter(|it| it.kills_at_once());
        assert_eq!(
            dying.collect::<Vec<_>>(),
            [ReissueCause::Lost, ReissueCause::Stolen]
        );
    }
}
