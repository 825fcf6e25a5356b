//! All contacts in scope, page by page: the names that a list is compared with, and the rows of a
//! file.

use iced::Task;
use shared::id::{Cursor, Page};
use shared::offices::contacts::{Contact, ContactsQuery, ListContacts};
use shared::offices::{Office, OfficeCode};

use crate::api::Failure;
use crate::screen::Context;

/// How many rows each page asks for.
const PAGE: u16 = 500;

/// The contacts, as far as they have come.
pub(super) struct Everyone {
    under: Option<OfficeCode>,
    contacts: Vec<Contact>,
    next: Option<Cursor>,
    failure: Option<Failure>,
}

/// What happened while they were fetched.
#[derive(Clone)]
pub(super) enum Message {
    Arrived(Result<Page<Contact>, Failure>),
    AgainPressed,
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// All are there.
    Complete,
}

impl Everyone {
    /// Begins to fetch those of this office and under it, or all that this person may see.
    pub(super) fn fetch(under: Option<OfficeCode>, context: &Context) -> (Self, Task<Message>) {
        let mut everyone = Self {
            under,
            contacts: Vec::new(),
            next: None,
            failure: None,
        };
        let task = everyone.ask(context);
        (everyone, task)
    }

    fn ask(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        let query = ContactsQuery {
            under: self.under.clone(),
            missing: false,
            after: self.next.clone(),
            limit: Some(PAGE),
        };
        Task::perform(context.api.call::<ListContacts>(query), Message::Arrived)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::Arrived(Ok(page)) => {
                self.contacts.extend(page.rows);
                self.next = page.next;
                match self.next {
                    Some(_) => Action::Run(self.ask(context)),
                    None => Action::Complete,
                }
            }
            Message::Arrived(Err(failure)) => {
                self.failure = Some(failure);
                Action::None
            }
            Message::AgainPressed => Action::Run(self.ask(context)),
        }
    }

    pub(super) fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The offices alone.
    pub(super) fn offices(&self) -> Vec<Office> {
        let contacts = self.contacts.iter();
        contacts.map(|contact| contact.office.clone()).collect()
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }
}
