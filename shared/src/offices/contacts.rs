//! The contact addresses of offices (M-01): one for what is mailed, and one more to which
//! passwords go, since a link and its password never travel in one message (M-02).
//!
//! A prefecture registers them for itself and the offices under it, the helpdesk and the ministry
//! for any. What a list would do is shown first; then it is taken in whole or not at all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Office, OfficeCode};
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{Cursor, Page, Version};
use crate::text::{MailAddress, Refused};

/// The most contacts of one request.
pub const MOST_CONTACTS: usize = 2_000;

/// The largest body that carries contacts, in octets.
const CONTACTS_BODY: usize = 2 * 1024 * 1024;

/// How an office is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Contact {
    /// Whose.
    pub office: Office,
    /// How often it was registered; 0 if never.
    pub version: Version,
    /// Where links and notices go; absent if nothing was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailAddress>,
    /// Where passwords go; absent if they are told in another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_mail: Option<MailAddress>,
    /// When it was registered (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub changed_at: Option<Timestamp>,
    /// By whom; absent for the operator's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<Person>,
}

/// Asks for contacts: of the caller's office and those under it, or for helpdesk and ministry of
/// all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactsQuery {
    /// Only this office and those under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<OfficeCode>,
    /// Only offices without an address.
    #[serde(default)]
    pub missing: bool,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to 500; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// A contact to register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewContact {
    /// Whose.
    pub office: OfficeCode,
    /// The version that was seen; 0 if there was none.
    pub version: Version,
    /// Where links and notices go.
    pub mail: MailAddress,
    /// Where passwords go; absent leaves what is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_mail: Option<MailAddress>,
    /// Takes the registered password address away.
    #[serde(default)]
    pub no_password_mail: bool,
}

impl NewContact {
    /// The password address that holds after this, where `present` is registered now.
    #[must_use]
    pub fn password_mail_after<'a>(
        &'a self,
        present: Option<&'a MailAddress>,
    ) -> Option<&'a MailAddress> {
        match &self.password_mail {
            _ if self.no_password_mail => None,
            Some(mail) => Some(mail),
            None => present,
        }
    }

    /// What this would do, where `present` is what is registered.
    #[must_use]
    pub fn effect(&self, present: &Contact) -> ContactEffect {
        let password_mail = self.password_mail_after(present.password_mail.as_ref());
        if password_mail.is_some_and(|mail| mail.is_same_mailbox(&self.mail)) {
            ContactEffect::SameMailbox
        } else if present.mail.is_none() {
            ContactEffect::New
        } else if present.mail.as_ref() == Some(&self.mail)
            && present.password_mail.as_ref() == password_mail
        {
            ContactEffect::Unchanged
        } else {
            ContactEffect::Changed
        }
    }
}

/// Contacts to try or to register, at most [`MOST_CONTACTS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactsToRegister {
    /// One for each office.
    pub contacts: Vec<NewContact>,
}

/// What registering one contact would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactEffect {
    /// The office has none yet.
    New,
    /// Another address takes the place of the registered one.
    Changed,
    /// It is registered already.
    Unchanged,
    /// Refused: there is no open office with this code that the caller may register.
    UnknownOffice,
    /// Refused: the office stands above in the same list.
    Doubled,
    /// Refused: link and password would go to the same mailbox.
    SameMailbox,
}

impl ContactEffect {
    /// Why it is refused; `None` for what can be registered.
    #[must_use]
    pub fn refused(self) -> Option<Refused> {
        match self {
            Self::New | Self::Changed | Self::Unchanged => None,
            Self::UnknownOffice => Some(Refused::new("contact_office")),
            Self::Doubled => Some(Refused::new("contact_doubled")),
            Self::SameMailbox => Some(Refused::new("contact_same_mailbox")),
        }
    }
}

/// What registering the contact at this place of the list would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactFinding {
    /// The office named.
    pub office: OfficeCode,
    /// What would happen.
    pub effect: ContactEffect,
    /// What is registered now, with the version to name; absent for an unknown office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<Contact>,
}

/// What registering a list would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactFindings {
    /// One for each contact, in the order of the list.
    pub findings: Vec<ContactFinding>,
}

/// What came of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RegisteredContacts {
    /// Offices that had no contact before.
    pub new: u32,
    /// Offices whose contact was changed.
    pub changed: u32,
    /// Offices for which it was registered already.
    pub unchanged: u32,
}

/// Names an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactQuery {
    /// Which.
    pub office: OfficeCode,
}

/// Every contact that an office had, the present one first; at most a hundred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContactHistory {
    /// The versions.
    pub versions: Vec<Contact>,
}

endpoints! {
    /// Contacts of offices, by code.
    ListContacts = Get "/v1/contacts" ContactsQuery => Page<Contact>,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;

    /// Says what registering these contacts would do, without doing it.
    CheckContacts = Post "/v1/contacts/check" ContactsToRegister => ContactFindings,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None, body CONTACTS_BODY;

    /// Registers contacts, all or none.
    RegisterContacts = Put "/v1/contacts" ContactsToRegister => RegisteredContacts,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None, body CONTACTS_BODY;

    /// Every contact that an office had.
    ShowContactHistory = Get "/v1/contacts/{office}/history" ContactQuery => ContactHistory,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Endpoint as _;
    use crate::offices::OfficeKind;

    fn mail(text: &str) -> MailAddress {
        MailAddress::parse(text).unwrap()
    }

    fn present(addresses: Option<(&str, Option<&str>)>) -> Contact {
        Contact {
            office: Office {
                code: OfficeCode::parse("990019").unwrap(),
                kind: OfficeKind::Municipality,
                name: "見本市".parse().unwrap(),
            },
            version: Version(u32::from(addresses.is_some())),
            mail: addresses.map(|(link, _)| mail(link)),
            password_mail: addresses.and_then(|(_, password)| password.map(mail)),
            changed_at: None,
            changed_by: None,
        }
    }

    fn new(link: &str, password: Option<&str>, no_password_mail: bool) -> NewContact {
        NewContact {
            office: OfficeCode::parse("990019").unwrap(),
            version: Version(0),
            mail: mail(link),
            password_mail: password.map(mail),
            no_password_mail,
        }
    }

    #[test]
    fn says_what_a_contact_would_do() {
        let (a, b, c) = ("a@example.jp", "b@example.jp", "c@example.jp");
        let both = present(Some((a, Some(b))));
        use ContactEffect::{Changed, New, SameMailbox, Unchanged};
        for (present, contact, effect) in [
            (&present(None), new(a, None, false), New),
            (&both, new(a, None, false), Unchanged),
            (&both, new(a, Some(b), false), Unchanged),
            (&both, new(a, None, true), Changed),
            (&both, new(c, None, false), Changed),
            (&both, new(a, Some(c), false), Changed),
            // What is registered stays, and must not become the same as the new address.
            (&both, new("B@Example.jp", None, false), SameMailbox),
            (&present(None), new(a, Some(a), false), SameMailbox),
        ] {
            assert_eq!(contact.effect(present), effect, "{contact:?}");
        }
    }

    #[test]
    fn the_longest_list_fits_into_one_request() {
        let long = format!("{}@{}.jp", "a".repeat(64), "b".repeat(180));
        let contact = new(&long, Some(&long), false);
        let contacts = vec![contact; MOST_CONTACTS];
        let octets = serde_json::to_vec(&ContactsToRegister { contacts }).unwrap();
        assert!(octets.len() <= RegisterContacts::MOST_BODY);
    }
}
