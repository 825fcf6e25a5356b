//! Identities of records, versions, and the key that makes a repeated write harmless.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares an identity: a UUID with a name of its own, so that a returnee's cannot stand where
/// a user's is meant.
macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            schemars::JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identity (UUIDv7) for this moment; `random` must be fresh random bytes.
            #[must_use]
            pub fn new(unix_milliseconds: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_milliseconds, &random).into_uuid())
            }

            /// The last four hexadecimal digits, enough for people to tell two apart.
            #[must_use]
            pub fn short(self) -> String {
                let text = self.0.simple().to_string();
                text[text.len() - 4..].to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::Refused;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| $crate::text::Refused::new("id"))
            }
        }
    };
}

identity!(
    /// One person's account.
    UserId
);
identity!(
    /// One enrolled terminal; each enrolment makes a new one.
    TerminalId
);
identity!(
    /// One enrolment link (証明書取得用リンク).
    EnrolmentId
);
identity!(
    /// One job (一括処理) on the links or certificates of many offices.
    JobId
);
identity!(
    /// One thing that the operator asked for and must not do alone.
    ApprovalId
);
identity!(
    /// One returnee (帰国者) under follow-up.
    ReturneeId
);
identity!(
    /// One sign (有症状) that waits to be closed.
    SignId
);
identity!(
    /// One import of a quarantine list.
    ImportId
);
identity!(
    /// One outgoing message, or one password to hand over.
    MailId
);
identity!(
    /// Made by the client for each write; a repeat under the same key gives the same answer and
    /// has no second effect.
    IdempotencyKey
);

/// How often a record was written. A write names the version it saw; 0 stands for a record that
/// is not there yet.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Version(pub u32);

impl Version {
    /// The version after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Where the next page of a list begins; opaque to the client.
pub type Cursor = String;

/// One page of a list, and where the next begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Page<T> {
    /// The rows in order.
    pub rows: Vec<T>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_identities_sort_after_earlier_ones() {
        let (early, late) = (UserId::new(1_000, [255; 10]), UserId::new(1_001, [0; 10]));
        assert!(early < late);
        assert_eq!(late.to_string().parse(), Ok(late));
    }
}
