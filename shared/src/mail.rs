//! Outgoing mail: what is sent to offices, how a password travels, and how it stands with each.
//!
//! A link and its password are never in one message, nor do they go to one address (M-02).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::contract::{Done, Personal, endpoints};
use crate::enrolment::deeds::Identification;
use crate::id::{Cursor, EnrolmentId, MailId, Page};
use crate::offices::{OfficeCode, OfficeName};
use crate::text::{MailAddress, Refused, Remark};
use crate::words::{Language, sentence};

/// How many messages a page holds unless asked otherwise.
pub const PAGE_ROWS: u16 = 50;

/// The most messages of one page.
pub const MOST_ROWS: u16 = 200;

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
    /// For the operator: shows that mail goes out.
    Test = "test",
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
    /// The mail server took it, and said later that it was not delivered.
    Bounced = "bounced",
    /// It lost its meaning before it went out: its link was used, cancelled or expired.
    Withdrawn = "withdrawn",
}

/// Which messages to list. Without any filter: all, the newest first. Filters add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MailQuery {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<MailState>,
    /// Only those about this office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeCode>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many, 1 to [`MOST_ROWS`]; [`PAGE_ROWS`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// A message, or a password to hand over, as the helpdesk sees it: everything but its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MailItem {
    /// Which.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// By mail; passwords may also be printed or read out.
    pub way: PasswordWay,
    /// How it stands.
    pub state: MailState,
    /// The office that it is about.
    pub office: OfficeCode,
    /// That office's name.
    pub office_name: OfficeName,
    /// The link that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<EnrolmentId>,
    /// To whom it goes, by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<MailAddress>,
    /// When it was queued.
    #[schemars(with = "String")]
    pub queued_at: Timestamp,
    /// When it is tried next, while it waits.
    #[schemars(with = "String")]
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What the mail server said last; of a message that bounced, the one that reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When it came into its last state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub settled_at: Option<Timestamp>,
}

/// A message to send again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Resend {
    /// Which.
    pub id: MailId,
    /// To this address instead. The office's contact is not changed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<MailAddress>,
    /// Why, for the log: who asked, and how they were identified.
    pub reason: Remark,
}

/// Passwords to print.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PrintRequest {
    /// Only that of this link; all that wait if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<EnrolmentId>,
    /// Those, too, that were printed within the last 24 hours.
    #[serde(default)]
    pub again: bool,
}

/// Letters, one page each.
#[derive(
    Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct PrintedPasswords {
    /// The PDF in base64.
    pub pdf: String,
    /// How many letters.
    pub count: u32,
    /// Whether others wait: at most 200 are printed at once.
    pub more: bool,
}

/// A password to read out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReadOutRequest {
    /// The link that it opens.
    pub link: EnrolmentId,
    /// How whoever hears it was identified.
    pub identified: Identification,
    /// Why, for the log.
    pub reason: Remark,
}

/// A password in the groups in which it is read out; [`spoken`] says how each sign is read.
#[derive(
    Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct SpokenPassword {
    /// Group by group.
    pub groups: Vec<String>,
}

/// How a sign of a password is read out so that it is not mistaken for another, such as
/// アメリカのA or Alfa; the sign itself where there is no such word.
#[must_use]
pub fn spoken(sign: char, language: Language) -> String {
    let name = match sign {
        // In passwords made before December 2026, whose links have all died by February 2027.
        '+' => "plus".to_owned(),
        sign => sign.to_ascii_lowercase().to_string(),
    };
    let key = format!("spoken.sign_{name}");
    match sentence(&key, language) {
        none if none == key => sign.to_string(),
        word => word,
    }
}

endpoints! {
    /// Outgoing mail, the newest first.
    ListMail = Get "/v1/mail" MailQuery => Page<MailItem>,
        session [Helpdesk, Officer], Personal::None;

    /// Sends a message again, perhaps to another address.
    ResendMail = Post "/v1/mail/{id}/resend" Resend => Done,
        session [Helpdesk, Officer], Personal::None;

    /// Prints passwords that wait to go out as letters.
    PrintPasswords = Post "/v1/password-letters" PrintRequest => PrintedPasswords,
        session [Helpdesk, Officer], Personal::None;

    /// Shows a password that is to be read out over the telephone.
    ReadOutPassword = Post "/v1/links/{link}/read-out" ReadOutRequest => SpokenPassword,
        session [Helpdesk, Officer], Personal::None;
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

    #[test]
    fn every_sign_of_a_password_has_a_reading_of_its_own() {
        for language in [Language::Ja, Language::En] {
            let signs = "abcdefghijkmnpqrstuvwxyz23456789";
            let readings: std::collections::HashSet<_> =
                signs.chars().map(|sign| spoken(sign, language)).collect();
            assert_eq!(readings.len(), 32);
            assert!(readings.iter().all(|reading| reading.chars().count() > 1));
        }
        assert_eq!(spoken('A', Language::Ja), "アメリカのA");
        assert_eq!(spoken('?', Language::Ja), "?");
    }
}
