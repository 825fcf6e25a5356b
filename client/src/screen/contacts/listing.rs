//! The list of contacts, fetched page by page as rows come into view.

use std::ops::Range;

use iced::Task;
use iced::widget::operation;
use shared::id::{Cursor, Page};
use shared::offices::OfficeCode;
use shared::offices::contacts::{Contact, ContactsQuery, ListContacts};
use shared::text::Refused;

use crate::api::Failure;
use crate::screen::Context;

/// How many rows a page asks for.
const PAGE: u16 = 200;
/// How many rows below the last one in view are fetched ahead.
const AHEAD: usize = 60;

/// The name of the list, for the focus.
pub(super) const LIST: &str = "contacts-list";
/// The name of the field for an office's code, for the focus.
pub(super) const UNDER: &str = "contacts-under";

/// The list and what was asked of it.
#[derive(Default)]
pub(super) struct Listing {
    /// Only offices without an address.
    missing: bool,
    /// The code as it is typed, and as it was asked for last.
    pub(super) typed: String,
    under: Option<OfficeCode>,
    pub(super) wrong: Option<Refused>,
    /// Which question the newest rows answer; an answer to an older one is dropped.
    turn: u64,
    contacts: Vec<Contact>,
    next: Option<Cursor>,
    fetching: bool,
    /// The rows shown answer an older question.
    stale: bool,
    loaded: bool,
    pub(super) failure: Option<Failure>,
    pub(super) cursor: Option<usize>,
    in_view: Range<usize>,
}

/// What happened on the list.
#[derive(Clone)]
pub(super) enum Message {
    Typed(String),
    Entered,
    MissingTurned,
    AllPressed,
    Listed(u64, Result<Page<Contact>, Failure>),
    Moved(usize),
    Viewed(Range<usize>),
    ReloadPressed,
    UnderPressed,
}

impl Listing {
    /// The list as it opens, and the first question.
    pub(super) fn open(context: &Context) -> (Self, Task<Message>) {
        let mut listing = Self::default();
        let task = listing.reload(context);
        (listing, task)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        match message {
            Message::Typed(typed) => {
                self.typed = typed;
                self.wrong = None;
                Task::none()
            }
            Message::Entered => {
                let code = shared::text::fold_width(&self.typed);
                self.under = match code.as_str() {
                    "" => None,
                    code => match OfficeCode::parse(code) {
                        Ok(code) => Some(code),
                        Err(wrong) => {
                            self.wrong = Some(wrong);
                            return Task::none();
                        }
                    },
                };
                Task::batch([self.reload(context), operation::focus(LIST)])
            }
            Message::MissingTurned => {
                self.missing = !self.missing;
                Task::batch([self.reload(context), operation::focus(LIST)])
            }
            Message::AllPressed => {
                self.missing = false;
                self.under = None;
                self.typed.clear();
                self.wrong = None;
                Task::batch([self.reload(context), operation::focus(LIST)])
            }
            Message::Listed(turn, result) if turn == self.turn => self.listed(result, context),
            Message::Listed(..) => Task::none(),
            Message::Moved(at) => {
                self.cursor = Some(at.min(self.rows().saturating_sub(1)));
                Task::none()
            }
            Message::Viewed(range) => {
                self.in_view = range;
                self.fetch_ahead(context)
            }
            Message::ReloadPressed => self.reload(context),
            Message::UnderPressed => {
                Task::batch([operation::focus(UNDER), operation::select_all(UNDER)])
            }
        }
    }

    /// Asks the present question from its beginning.
    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        self.turn += 1;
        self.stale = true;
        self.failure = None;
        self.fetch(None, context)
    }

    fn fetch(&mut self, after: Option<Cursor>, context: &Context) -> Task<Message> {
        self.fetching = true;
        let turn = self.turn;
        let query = ContactsQuery {
            under: self.under.clone(),
            missing: self.missing,
            after,
            limit: Some(PAGE),
        };
        Task::perform(context.api.call::<ListContacts>(query), move |result| {
            Message::Listed(turn, result)
        })
    }

    fn fetch_ahead(&mut self, context: &Context) -> Task<Message> {
        let wanted = self.in_view.end + AHEAD > self.contacts.len();
        if !wanted || self.fetching || self.stale || self.failure.is_some() {
            return Task::none();
        }
        match self.next.clone() {
            Some(next) => self.fetch(Some(next), context),
            None => Task::none(),
        }
    }

    fn listed(
        &mut self,
        result: Result<Page<Contact>, Failure>,
        context: &Context,
    ) -> Task<Message> {
        self.fetching = false;
        let page = match result {
            Ok(page) => page,
            Err(failure) => {
                self.failure = Some(failure);
                return Task::none();
            }
        };
        let marked = self.cursor.and_then(|at| self.contacts.get(at));
        let marked = marked.map(|contact| contact.office.code.clone());
        let first = std::mem::take(&mut self.stale);
        if first {
            self.contacts.clear();
        }
        // Before the first rows there was no list to have the keys.
        let opening = !std::mem::replace(&mut self.loaded, true);
        self.next = page.next;
        self.contacts.extend(page.rows);
        if first {
            let is_marked = |it: &Contact| Some(&it.office.code) == marked.as_ref();
            let again = self.contacts.iter().position(is_marked);
            self.cursor = again.or_else(|| (!self.contacts.is_empty()).then_some(0));
        }
        match opening {
            true => Task::batch([operation::focus(LIST), self.fetch_ahead(context)]),
            false => self.fetch_ahead(context),
        }
    }

    /// The contact at an index, if it was fetched.
    pub(super) fn contact(&self, at: usize) -> Option<&Contact> {
        self.contacts.get(at)
    }

    /// Whether only offices without an address are shown.
    pub(super) fn is_missing_only(&self) -> bool {
        self.missing
    }

    /// The office to which the list is narrowed down.
    pub(super) fn under(&self) -> Option<OfficeCode> {
        self.under.clone()
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.missing || self.under.is_some()
    }

    /// Whether rows have ever come.
    pub(super) fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the rows shown answer what was asked last.
    pub(super) fn is_present(&self) -> bool {
        self.loaded && !self.stale
    }

    /// How many rows there are, if all are known.
    pub(super) fn total(&self) -> Option<usize> {
        (self.is_present() && self.next.is_none()).then_some(self.contacts.len())
    }

    /// How many rows the scroll bar stands for.
    pub(super) fn rows(&self) -> usize {
        self.contacts.len() + usize::from(self.next.is_some())
    }
}
