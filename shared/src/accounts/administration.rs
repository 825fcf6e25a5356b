//! The accounts of an office's staff, as its administrators (利用者認証実施者) keep them: made, handed
//! over inside the enrolled terminal, named, deleted (M-08).
//!
//! Accounts of administrators are granted by the ministry (M-13), those of other systems are made
//! by the operator: both are shown and not changed here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Login, Password, Role, UserName};
use crate::contract::{Done, Personal, endpoints};
use crate::id::{UserId, Version};

/// How the password of an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Standing {
    /// It was handed over and has not been changed by its person yet.
    HandedOver {
        /// When it dies unless it was changed.
        #[schemars(with = "String")]
        until: Timestamp,
    },
    /// It was handed over and not changed in time: it opens nothing any more.
    Lapsed {
        /// When it died.
        #[schemars(with = "String")]
        at: Timestamp,
    },
    /// Its person chose it; that of another system is for good.
    Chosen,
}

impl Standing {
    /// Until when what was handed over opens or opened a session: another instant is another
    /// password. Absent where its person chose it.
    #[must_use]
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Self::HandedOver { until: at } | Self::Lapsed { at } => Some(at),
            Self::Chosen => None,
        }
    }
}

/// An account, as the administrators of its office see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Account {
    /// Whose.
    pub id: UserId,
    /// The version of the name, for a change of it.
    pub version: Version,
    /// The login id.
    pub login: Login,
    /// The name under which colleagues know the person.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// How the password stands.
    pub standing: Standing,
    /// When it was made.
    #[schemars(with = "String")]
    pub added_at: Timestamp,
    /// When somebody last logged in with it, which is more than unlocking a window that was left open;
    /// absent where that has not been since it is counted.
    #[schemars(with = "Option<String>")]
    pub last_login_at: Option<Timestamp>,
    /// How many people under follow-up are assigned to this person (担当).
    pub assigned: u32,
}

impl Account {
    /// Whether the administrators of its office may change it.
    #[must_use]
    pub fn is_kept_here(&self) -> bool {
        self.role == Role::Staff
    }
}

/// Asks for the accounts of the caller's office.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AccountsQuery {}

/// The accounts of an office, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Accounts {
    /// All but those that were deleted.
    pub accounts: Vec<Account>,
}

/// Makes an account for a member of the staff of the caller's office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AccountToAdd {
    /// The login id, unique in the country, also among those deleted.
    pub login: Login,
    /// The name under which colleagues know the person.
    pub name: UserName,
}

/// Names an account of the caller's office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AccountNamed {
    /// Which; in the path.
    pub account: UserId,
}

/// Names an account of the caller's office that gets another password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AccountSeen {
    /// Which; in the path.
    pub account: UserId,
    /// How its password stood when that was asked for: two who make one at once do not make a dead
    /// one of the other's.
    pub standing: Standing,
}

/// Gives an account another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AccountToRename {
    /// Which; in the path.
    pub account: UserId,
    /// The version that was seen.
    pub version: Version,
    /// The name from now on.
    pub name: UserName,
}

/// A password that is to be handed over, shown this once: it is kept nowhere.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PasswordHandedOver {
    /// The account as it stands now.
    pub account: Account,
    /// The password, four groups of five small letters and digits; absent where this repeats an
    /// answer that was lost on the line: then another one must be made.
    pub password: Option<Password>,
}

endpoints! {
    /// The accounts of the caller's office.
    ListAccounts = Get "/v1/accounts" AccountsQuery => Accounts,
        session [Administrator], Personal::None;

    /// Makes an account for a member of the office's staff, with a password to hand over.
    AddAccount = Post "/v1/accounts" AccountToAdd => PasswordHandedOver,
        session [Administrator], Personal::None;

    /// Gives an account of the office's staff another name.
    RenameAccount = Put "/v1/accounts/{account}" AccountToRename => Account,
        session [Administrator], Personal::None;

    /// Makes another password for somebody of the office's staff, to hand over; their sessions end.
    HandOverPassword = Post "/v1/accounts/{account}/password" AccountSeen => PasswordHandedOver,
        session [Administrator], Personal::None;

    /// Deletes an account of the office's staff; its sessions end, and whom its person had to ring
    /// is the caller's from then on.
    DeleteAccount = Delete "/v1/accounts/{account}" AccountNamed => Done,
        session [Administrator], Personal::None;
}
