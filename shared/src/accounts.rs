//! People's accounts: login ids, roles, passwords (M-08).

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::contract::{Personal, endpoints};
use crate::id::UserId;
use crate::text::{Refused, fold_width, one_line, text_type};

pub mod administration;
pub mod made_password;
pub mod password;

text_type!(
    /// A login id: 1 to 64 of `0-9 a-z - _ . @`, in lower case.
    Login, 64, |text| {
        let login = fold_width(text).to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
        if (1..=64).contains(&login.len()) && login.chars().all(allowed) {
            Ok(login)
        } else {
            Err(Refused::new("login"))
        }
    }
);

text_type!(
    /// The name under which colleagues know a person, 1 to 100 characters.
    UserName, 100, |text| one_line(text, 100, "user_name")
);

/// A password as it travels. It is wiped when dropped and cannot be printed.
#[derive(
    Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Takes a password as typed; nothing is trimmed or folded.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The password itself, for hashing and sending only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What a person may do; the office they belong to says for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 職員: does the office's daily work.
    Staff,
    /// 利用者認証実施者: also keeps the accounts of the office.
    Administrator,
    /// ヘルプデスク: certificates and links; never health data.
    Helpdesk,
    /// 厚生労働省の担当者: national totals and accounts.
    Officer,
    /// Another system that reads.
    Reader,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Staff,
        Self::Administrator,
        Self::Helpdesk,
        Self::Officer,
        Self::Reader,
    ];

    /// The word used on the command line and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Administrator => "administrator",
            Self::Helpdesk => "helpdesk",
            Self::Officer => "officer",
            Self::Reader => "reader",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(Refused::new("role"))
    }
}

/// A person as colleagues see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their name at the time.
    pub name: UserName,
}

/// Asks for the people of the caller's office.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ColleaguesQuery {}

/// The people of an office, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Colleagues {
    /// The caller among them.
    pub people: Vec<Person>,
}

endpoints! {
    /// The people of the caller's office, to hand work to.
    ListColleagues = Get "/v1/colleagues" ColleaguesQuery => Colleagues,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_the_same_in_any_width_and_case() {
        assert_eq!(Login::parse(" Ｙａｍａｄａ－１ "), Login::parse("yamada-1"));
        assert!(Login::parse("山田").is_err());
        assert!(Login::parse("").is_err());
    }
}
