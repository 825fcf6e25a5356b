//! The list of contacts, fetched page by page as rows come into view.

use std::ops::Range;

use iced::Task;
use iced::widget::operation;
use shared::id::Page;
use shared::offices::OfficeCode;
use shared::offices::contacts::{Contact, ContactsQuery, ListContacts};
use shared::text::Refused;

use crate::api::Failure;
use crate::screen::Context;
use crate::screen::paging::{Fetch, Keyed, Paged, Taken};
use crate::ui::focus::focus_if_idle;

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
    rows: Paged<Contact>,
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
                Task::batch([self.ask(context), operation::focus(LIST)])
            }
            Message::MissingTurned => {
                self.missing = !self.missing;
                Task::batch([self.ask(context), operation::focus(LIST)])
            }
            Message::AllPressed => {
                self.missing = false;
                self.under = None;
                self.typed.clear();
                self.wrong = None;
                Task::batch([self.ask(context), operation::focus(LIST)])
            }
            Message::Listed(turn, result) => match self.rows.take_in(turn, result) {
                Taken::Nothing => Task::none(),
                Taken::Rows { opening: true } => {
                    Task::batch([focus_if_idle(LIST), self.fetch_ahead(context)])
                }
                Taken::Rows { opening: false } => self.fetch_ahead(context),
            },
            Message::Moved(at) => {
                self.rows.move_to(at);
                Task::none()
            }
            Message::Viewed(range) => {
                self.rows.view(range);
                self.fetch_ahead(context)
            }
            Message::ReloadPressed => self.reload(context),
            Message::UnderPressed => {
                Task::batch([operation::focus(UNDER), operation::select_all(UNDER)])
            }
        }
    }

    /// Asks the present question anew.
    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        let first = self.rows.renew();
        self.fetch(first, context)
    }

    /// Asks another question.
    fn ask(&mut self, context: &Context) -> Task<Message> {
        let first = self.rows.begin();
        self.fetch(first, context)
    }

    fn fetch(&self, Fetch { turn, after }: Fetch, context: &Context) -> Task<Message> {
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
        match self.rows.ahead(AHEAD) {
            Some(more) => self.fetch(more, context),
            None => Task::none(),
        }
    }

    /// The rows fetched, and where the mark is.
    pub(super) fn rows(&self) -> &Paged<Contact> {
        &self.rows
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
}

impl Keyed for Contact {
    type Key = OfficeCode;
    fn key(&self) -> OfficeCode {
        self.office.code.clone()
    }
}
