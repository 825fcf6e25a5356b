//! The audit room (記録): who saw and did what, for those who may look into it (M-39).
//!
//! The log itself is append-only and hash-chained; here is what of it is shown, found and checked
//! from a terminal. Every look into it is an entry of its own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Day;
use crate::accounts::{Login, UserName};
use crate::contract::{Declared, Personal, endpoints};
use crate::id::{Cursor, TerminalId, UserId};
use crate::offices::{OfficeCode, OfficeName};
use crate::text::Refused;

/// The most entries of one page.
pub const MOST_ENTRIES: u16 = 500;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal),+ $(,)?) => {
        /// What an entry is about.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
        )]
        pub enum AuditKind { $($(#[$doc])* #[serde(rename = $word)] $kind),+ }

        impl AuditKind {
            /// Every kind, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The word used on the wire and in the translation files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word),+ }
            }
        }
    };
}

kinds! {
    /// Links, certificates, terminals.
    Enrolment = "enrolment",
    /// Offices and how they are reached.
    Offices = "offices",
    /// Outgoing mail.
    Mail = "mail",
    /// Logging in and out.
    Session = "session",
    /// People's accounts and passwords.
    Accounts = "accounts",
    /// Returnees and their observations, and lists taken in.
    FollowUp = "follow-up",
    /// The log itself.
    Audit = "audit",
    /// Anything else.
    Other = "other",
}

impl std::fmt::Display for AuditKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for AuditKind {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.as_str() == text)
            .ok_or(Refused::new("audit_kind"))
    }
}

impl AuditKind {
    /// The kinds in which there is never health data: all that the helpdesk may see.
    pub const OF_THE_HELPDESK: [Self; 3] = [Self::Enrolment, Self::Offices, Self::Mail];

    /// The names under which deeds of this kind stand in the log: of the endpoints of its rooms,
    /// and of what the program or its operator does; none for [`Self::Other`], which is the rest.
    #[must_use]
    pub fn actions(self) -> Vec<&'static str> {
        let (rooms, besides) = self.sources();
        let endpoints = rooms.iter().flat_map(|room| room.iter());
        let names = endpoints.map(|endpoint| endpoint.name);
        names.chain(besides.iter().copied()).collect()
    }

    fn sources(self) -> (&'static [&'static [Declared]], &'static [&'static str]) {
        use crate::{accounts, enrolment, follow_up, helpdesk, mail, offices, session};
        match self {
            Self::Enrolment => (
                &[
                    enrolment::ENDPOINTS,
                    enrolment::desk::ENDPOINTS,
                    enrolment::timeline::ENDPOINTS,
                    enrolment::deeds::ENDPOINTS,
                    enrolment::job::ENDPOINTS,
                    enrolment::approval::ENDPOINTS,
                    helpdesk::ENDPOINTS,
                ],
                &[
                    "enrol",
                    "renew certificate",
                    "first use of certificate",
                    "revoke terminal",
                    "issue link",
                    "cancel link",
                    "work off job",
                    "ask for another certificate",
                    "command link issue",
                    "command approval",
                    "command authority rollover",
                ],
            ),
            Self::Offices => (
                &[offices::contacts::ENDPOINTS],
                &[
                    "command office add",
                    "command office change",
                    "command office close",
                    "command office reopen",
                    "command office contact",
                    "command office import",
                ],
            ),
            Self::Mail => (
                &[mail::ENDPOINTS],
                &[
                    "command mail resend",
                    "command mail letters",
                    "command mail test",
                    "command mail bounce",
                    "remind of link",
                    "tell of locked link",
                    "warn of certificate",
                ],
            ),
            Self::Session => (&[session::ENDPOINTS], &[]),
            Self::Accounts => (
                &[
                    accounts::ENDPOINTS,
                    accounts::administration::ENDPOINTS,
                    accounts::password::ENDPOINTS,
                ],
                &[
                    "command user add",
                    "command user reset",
                    "command user delete",
                ],
            ),
            Self::FollowUp => (
                &[
                    follow_up::returnee::ENDPOINTS,
                    follow_up::hand_over::ENDPOINTS,
                    follow_up::work_list::ENDPOINTS,
                    follow_up::observation::ENDPOINTS,
                    follow_up::import::ENDPOINTS,
                ],
                &[],
            ),
            Self::Audit => (
                &[ENDPOINTS],
                &["command audit export", "command backup", "command restore"],
            ),
            Self::Other => (&[], &[]),
        }
    }

    /// What kind of deed goes by this name in the log.
    #[must_use]
    pub fn of(action: &str) -> Self {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.actions().contains(&action))
            .unwrap_or(Self::Other)
    }
}

/// Asks for entries of the log, the latest first. What is absent does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditQuery {
    /// From the beginning of this day in Japan on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// To the end of this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// Only what was done by people whose name holds this, or who have this login id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Only this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AuditKind>,
    /// Only this endpoint or command, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Only what was done at terminals of this office, or to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeCode>,
    /// Only what was done to the account with this login id, or tried as it. What was tried before
    /// the program noted the account with it is not among that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Login>,
    /// Only what was done to the record with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// Whether the entries are taken out of the program, which the log notes as such.
    #[serde(default)]
    pub export: bool,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many entries, 1 to 500; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditEntry {
    /// Its place in the log: 1, 2, 3 … without a gap.
    pub number: u64,
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// What it is about.
    pub kind: AuditKind,
    /// What was done: the name of an endpoint or command.
    pub action: String,
    /// Who did it; absent where nobody was logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UserId>,
    /// Their present name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_name: Option<UserName>,
    /// At which office; absent for the operator's command line and the program itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeCode>,
    /// Its present name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_name: Option<OfficeName>,
    /// To which office it was done, where that is another than the one at which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<OfficeCode>,
    /// Its present name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns_name: Option<OfficeName>,
    /// On which terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<TerminalId>,
    /// The record it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// The login id of the account it was done to, where that record is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Login>,
    /// The present name of its person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<UserName>,
    /// What exactly, as JSON.
    pub detail: String,
    /// SHA-256 over the hash of the entry before and all of this one, 64 hexadecimal digits.
    pub hash: String,
}

/// Entries that were found, and how far was looked for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditPage {
    /// The entries, the latest first. A page may be short or empty and still have a next: the
    /// server looks through a limited piece of the log at a time.
    pub rows: Vec<AuditEntry>,
    /// Pass as `after` to look further back; absent at the beginning of the log, or of the time
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// Back to when the log was looked through (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub searched_to: Option<Timestamp>,
}

/// Asks to check a further piece of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditCheckQuery {
    /// The last entry that was checked; absent at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Its hash, as the check found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What the check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing wrong so far; ask again with where it stands.
    SoFarWhole,
    /// Every entry follows from the one before it, up to the log's end.
    Whole,
    /// This entry was changed, or one was slipped in before it.
    Changed {
        /// Its number.
        at: u64,
    },
    /// Entries are missing before this one.
    Missing {
        /// Its number.
        at: u64,
    },
    /// The log ends here, earlier than it should.
    CutOff {
        /// The last entry there is.
        at: u64,
    },
}

/// How far the check has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditCheck {
    /// The last entry that was checked.
    pub number: u64,
    /// Its hash.
    pub hash: String,
    /// The last entry there was when this was answered.
    pub of: u64,
    /// What was found.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Asks for the log's present end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditHeadQuery {}

/// The log's present end, signed. Kept elsewhere, it proves later that nothing up to it was
/// removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditHead {
    /// The number of the last entry.
    pub number: u64,
    /// Its hash.
    pub hash: String,
    /// When it was signed (UTC).
    #[schemars(with = "String")]
    pub signed_at: Timestamp,
    /// The line to keep, as `audit verify --head` reads it.
    pub line: String,
}

endpoints! {
    /// Entries of the log, the latest first: of the caller's office and those under it, for the
    /// ministry of all.
    ListAuditEntries = Get "/v1/audit-entries" AuditQuery => AuditPage,
        session [Administrator, Officer], Personal::Reads;

    /// Entries of the log about links, certificates, offices and mail.
    ListEnrolmentEntries = Get "/v1/enrolment-audit-entries" AuditQuery => AuditPage,
        session [Helpdesk], Personal::None;

    /// Checks a piece of the log's chain.
    CheckAudit = Get "/v1/audit-check" AuditCheckQuery => AuditCheck,
        session [Administrator, Helpdesk, Officer], Personal::None;

    /// The log's present end, signed.
    ShowAuditHead = Get "/v1/audit-head" AuditHeadQuery => AuditHead,
        session [Administrator, Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::all;

    #[test]
    fn no_deed_is_of_two_kinds() {
        let mut seen = std::collections::HashSet::new();
        for kind in AuditKind::ALL {
            for action in kind.actions() {
                assert!(seen.insert(action), "{action}");
                assert_eq!(AuditKind::of(action), *kind);
            }
        }
        assert_eq!(AuditKind::of("something new"), AuditKind::Other);
    }

    #[test]
    fn every_endpoint_is_of_a_kind() {
        for endpoint in all() {
            assert_ne!(
                AuditKind::of(endpoint.name),
                AuditKind::Other,
                "{}",
                endpoint.name
            );
        }
    }

    #[test]
    fn what_the_helpdesk_sees_of_the_log_touches_no_personal_data() {
        for kind in AuditKind::OF_THE_HELPDESK {
            for action in kind.actions() {
                let endpoint = all().into_iter().find(|it| it.name == action);
                assert!(
                    endpoint.is_none_or(|it| it.personal == Personal::None),
                    "{action}"
                );
            }
        }
    }
}
