//! Approvals: what the operator asks for at the server's command line and must not do alone.
//! Everything about the authority's key is of this kind. Somebody of the helpdesk or the ministry
//! says yes or no; a yes serves once, for exactly what was asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::job::words;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{ApprovalId, Cursor, Page, Version};
use crate::text::{Line, Remark};

/// How long an approval can be given, and used once it was: 24 hours from the asking.
pub const APPROVE_SECONDS: i64 = 24 * 60 * 60;

words! {
    /// What the operator wants to do.
    OperatorDeed {
        /// Make a new root beside the present one.
        RolloverBegin = "rollover-begin",
        /// Let the new root issue.
        RolloverActivate = "rollover-activate",
        /// Drop the old root and its key.
        RolloverFinish = "rollover-finish",
        /// Take back a rollover that was begun.
        RolloverAbandon = "rollover-abandon",
        /// Put the authority's key under another passphrase.
        KeyEncrypt = "key-encrypt",
        /// Bring the authority's key to another place, such as a token.
        KeyMove = "key-move",
        /// Revoke a terminal, after many others on the same day.
        TerminalRevoke = "terminal-revoke",
    }
}

words! {
    /// How it stands with an approval.
    ApprovalState {
        /// Nobody has decided yet.
        Waiting = "waiting",
        /// Somebody said yes; it was not used yet.
        Approved = "approved",
        /// Somebody said no.
        Refused = "refused",
        /// What was asked for has been done, or begun.
        Used = "used",
        /// Its day is over without a decision or without use.
        Lapsed = "lapsed",
    }
}

/// Something asked for at the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Approval {
    /// Which.
    pub id: ApprovalId,
    /// How often its state was changed by people.
    pub version: Version,
    /// What is to be done.
    pub deed: OperatorDeed,
    /// To what exactly, e.g. a root's fingerprint; the yes is for this and nothing else.
    pub about: Line,
    /// Why.
    pub reason: Remark,
    /// How it stands.
    pub state: ApprovalState,
    /// When it was asked for (UTC).
    #[schemars(with = "String")]
    pub asked_at: Timestamp,
    /// Until when it can be decided and used (UTC).
    #[schemars(with = "String")]
    pub ends_at: Timestamp,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Person>,
    /// When they did (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub decided_at: Option<Timestamp>,
    /// Why, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<Remark>,
}

/// Asks for approvals, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ApprovalsQuery {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ApprovalState>,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to 200; 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// A yes or a no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Decision {
    /// To which.
    pub id: ApprovalId,
    /// The version that was seen.
    pub version: Version,
    /// Yes, or no.
    pub approve: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Remark>,
}

endpoints! {
    /// What the operator asked for, the latest first.
    ListApprovals = Get "/v1/approvals" ApprovalsQuery => Page<Approval>,
        session [Helpdesk, Officer], Personal::None;

    /// Says yes or no to what the operator asked for.
    DecideApproval = Post "/v1/approvals/{id}/decide" Decision => Approval,
        session [Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for deed in OperatorDeed::ALL {
            assert_eq!(OperatorDeed::from_word(deed.as_str()), Some(*deed));
        }
        for state in ApprovalState::ALL {
            assert_eq!(ApprovalState::from_word(state.as_str()), Some(*state));
        }
    }
}
