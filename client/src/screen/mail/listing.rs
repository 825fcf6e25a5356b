//! The list of messages, the newest first, fetched page by page as rows come into view.

use std::ops::Range;

use iced::Task;
use iced::widget::operation;
use shared::id::{Cursor, Page};
use shared::mail::{ListMail, MailItem, MailQuery, MailState};
use shared::offices::OfficeCode;
use shared::text::Refused;

use crate::api::Failure;
use crate::screen::Context;

/// How many rows a page asks for.
const PAGE: u16 = 100;
/// How many rows below the last one in view are fetched ahead.
const AHEAD: usize = 40;

/// The name of the list, for the focus.
pub(super) const LIST: &str = "mail-list";
/// The name of the field for an office's code, for the focus.
pub(super) const OFFICE: &str = "mail-office";

/// The list and what was asked of it.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) state: Option<MailState>,
    /// The code as it is typed, and as it was asked for last.
    pub(super) typed: String,
    office: Option<OfficeCode>,
    pub(super) wrong: Option<Refused>,
    /// Which question the newest rows answer; an answer to an older one is dropped.
    turn: u64,
    items: Vec<MailItem>,
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
    StateChosen(Option<MailState>),
    AllPressed,
    Listed(u64, Result<Page<MailItem>, Failure>),
    Moved(usize),
    Viewed(Range<usize>),
    ReloadPressed,
    OfficePressed,
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
                return Task::none();
            }
            Message::Entered => {
                let code = shared::text::fold_width(&self.typed);
                let code = (!code.is_empty()).then(|| OfficeCode::parse(&code));
                match code.transpose() {
                    Ok(code) => self.office = code,
                    Err(wrong) => {
                        self.wrong = Some(wrong);
                        return Task::none();
                    }
                }
            }
            Message::StateChosen(state) => self.state = state,
            Message::AllPressed => {
                self.state = None;
                self.office = None;
                self.typed.clear();
                self.wrong = None;
            }
            Message::Listed(turn, result) => {
                return match turn == self.turn {
                    true => self.listed(result, context),
                    false => Task::none(),
                };
            }
            Message::Moved(at) => {
                self.cursor = Some(at.min(self.rows().saturating_sub(1)));
                return Task::none();
            }
            Message::Viewed(range) => {
                self.in_view = range;
                return self.fetch_ahead(context);
            }
            Message::ReloadPressed => return self.reload(context),
            Message::OfficePressed => {
                return Task::batch([operation::focus(OFFICE), operation::select_all(OFFICE)]);
            }
        }
        Task::batch([self.reload(context), operation::focus(LIST)])
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
        let query = MailQuery {
            state: self.state,
            office: self.office.clone(),
            after,
            limit: Some(PAGE),
        };
        Task::perform(context.api.call::<ListMail>(query), move |result| {
            Message::Listed(turn, result)
        })
    }

    fn fetch_ahead(&mut self, context: &Context) -> Task<Message> {
        let wanted = self.in_view.end + AHEAD > self.items.len();
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
        result: Result<Page<MailItem>, Failure>,
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
        let marked = self.marked().map(|item| item.id);
        let first = std::mem::take(&mut self.stale);
        if first {
            self.items.clear();
        }
        // Before the first rows there was no list to have the keys.
        let opening = !std::mem::replace(&mut self.loaded, true);
        self.next = page.next;
        self.items.extend(page.rows);
        if first {
            let again = self.items.iter().position(|item| Some(item.id) == marked);
            self.cursor = again.or_else(|| (!self.items.is_empty()).then_some(0));
        }
        match opening {
            true => Task::batch([operation::focus(LIST), self.fetch_ahead(context)]),
            false => self.fetch_ahead(context),
        }
    }

    /// The message at an index, if it was fetched.
    pub(super) fn item(&self, at: usize) -> Option<&MailItem> {
        self.items.get(at)
    }

    /// The message that is marked.
    pub(super) fn marked(&self) -> Option<&MailItem> {
        self.items.get(self.cursor?)
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.state.is_some() || self.office.is_some()
    }

    /// Whether rows have ever come.
    pub(super) fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the rows shown answer what was asked last.
    pub(super) fn is_present(&self) -> bool {
        self.loaded && !self.stale
    }

    /// How many rows the scroll bar stands for.
    pub(super) fn rows(&self) -> usize {
        self.items.len() + usize::from(self.next.is_some())
    }
}
