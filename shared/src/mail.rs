//! Outgoing mail: what is sent to offices, how a password travels, and how it stands with each.
//!
//! A link and its password are never in one message, nor do they go to one address (M-02).

use serde::{Deserialize, Serialize};

use crate::text::Refused;

/// Declares a closed set of words: an enum whose values have one spelling in the store, on the
/// wire and on the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $reason:literal, $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
        )]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = Refused;
            fn from_str(text: &str) -> Result<Self, Refused> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str() == text)
                    .ok_or(Refused::new($reason))
            }
        }
    };
}

words! {
    /// What a message says.
    MailKind, "mail_kind",
    /// A link for an office that has no terminal yet.
    Invitation = "invitation",
    /// A link for an office whose terminal is replaced.
    Reissue = "reissue",
    /// The password of a link.
    Password = "password",
    /// The link is still unused (7, 14, 21 and 28 days after it was made).
    Reminder = "reminder",
    /// The link was not used within 30 days.
    Expired = "expired",
    /// The link was taken back.
    Cancelled = "cancelled",
    /// A certificate ends soon and was not renewed (60, 30 and 7 days before).
    CertificateEnding = "certificate-ending",
    /// For the helpdesk: wrong passwords locked a link.
    LinkLocked = "link-locked",
}

words! {
    /// How a password reaches its office.
    PasswordWay, "password_way",
    /// By a mail of its own, some time later, to the office's second address.
    Mail = "mail",
    /// Printed as a letter.
    Letter = "letter",
    /// Read out by the helpdesk over the telephone.
    Phone = "phone",
}

words! {
    /// How it stands with a message, or with a password that is printed or read out.
    MailState, "mail_state",
    /// It has not gone out yet.
    Waiting = "waiting",
    /// The mail server has taken it.
    Sent = "sent",
    /// The password was printed or read out.
    HandedOver = "handed-over",
    /// The mail server refused it for good.
    Refused = "refused",
    /// The mail server did not take it for three days.
    GivenUp = "given-up",
    /// It lost its meaning before it went out: its link was used, cancelled or expired.
    Withdrawn = "withdrawn",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_what_it_stands_for() {
        for kind in MailKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for way in PasswordWay::ALL {
            assert_eq!(way.as_str().parse(), Ok(*way));
        }
        for state in MailState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        assert!("Sent".parse::<MailState>().is_err());
    }
}
