//! What happened to an office's enrolment: who did what, when and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Serial;
use super::deeds::{Identification, ReissueCause};
use crate::contract::{Personal, endpoints};
use crate::id::{Cursor, EnrolmentId, JobId, Page};
use crate::offices::{OfficeCode, OfficeName};
use crate::problem::ProblemCode;
use crate::text::Remark;

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $word:literal),+ $(,)?) => {
        /// What happened.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
        )]
        pub enum TimelineEvent { $($(#[$doc])* #[serde(rename = $word)] $event),+ }

        impl TimelineEvent {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$event),+];

            /// The word used on the wire and in the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$event => $word),+ }
            }

            /// Reads the word back.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|event| event.as_str() == word)
            }
        }
    };
}

events! {
    /// A link was issued.
    LinkIssued = "link-issued",
    /// It was handed out anew, with a new password.
    LinkResent = "link-resent",
    /// Somebody redeemed it in vain; the entry says why.
    LinkRefused = "link-refused",
    /// Wrong passwords locked it.
    LinkLocked = "link-locked",
    /// It was unlocked.
    LinkUnlocked = "link-unlocked",
    /// It was taken back.
    LinkCancelled = "link-cancelled",
    /// Nobody used it within 30 days: it cancelled itself (M-04).
    LinkExpired = "link-expired",
    /// A terminal was enrolled with it.
    Enrolled = "enrolled",
    /// A certificate renewed itself.
    Renewed = "renewed",
    /// A certificate was shown for the first time; every older one ended with that.
    FirstUsed = "first-used",
    /// A terminal was to be replaced; the entry says what became of it.
    Reissued = "reissued",
    /// A terminal whose certificate lets in no longer asked for another one.
    ReissueAsked = "reissue-asked",
    /// The office's certificates were revoked.
    Revoked = "revoked",
    /// The terminal gave its certificate back and forgot its key.
    Left = "left",
    /// The office was closed: from then on its terminals were not let in.
    OfficeClosed = "office-closed",
    /// It was opened again; the entry says why.
    OfficeReopened = "office-reopened",
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum ActedBy {
    /// A person.
    Person {
        /// Their name at the time.
        name: crate::accounts::UserName,
        /// The office they acted from.
        office: OfficeName,
    },
    /// The office's own terminal, or whoever held the link.
    Terminal,
    /// The operator's command line.
    Operator,
    /// The passing of time.
    Time,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TimelineEntry {
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// What.
    pub event: TimelineEvent,
    /// Who did it.
    pub by: ActedBy,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Remark>,
    /// How the caller was identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified: Option<Identification>,
    /// What became of the terminal that was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ReissueCause>,
    /// With what the link was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ProblemCode>,
    /// The link it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<EnrolmentId>,
    /// The certificate it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// The job of which it was a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// Asks for what happened to an office's enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TimelineQuery {
    /// To which.
    pub office: OfficeCode,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many entries, 1 to 200; 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

endpoints! {
    /// What happened to an office's enrolment, the latest first.
    ShowTimeline = Get "/v1/enrolments/{office}/timeline" TimelineQuery => Page<TimelineEntry>,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;
}
