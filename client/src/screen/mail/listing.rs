//! The list of messages, the newest first, fetched page by page as rows come into view.

use std::ops::Range;

use iced::Task;
use iced::widget::operation;
use shared::id::{MailId, Page};
use shared::mail::{ListMail, MailItem, MailQuery, MailState};
use shared::offices::OfficeCode;
use shared::text::Refused;

use crate::api::Failure;
use crate::screen::Context;
use crate::screen::paging::{Fetch, Keyed, Paged, Taken};
use crate::ui::focus::focus_if_idle;

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
    rows: Paged<MailItem>,
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
                return match self.rows.take_in(turn, result) {
                    Taken::Nothing => Task::none(),
                    Taken::Rows { opening: true } => {
                        Task::batch([focus_if_idle(LIST), self.fetch_ahead(context)])
                    }
                    Taken::Rows { opening: false } => self.fetch_ahead(context),
                };
            }
            Message::Moved(at) => {
                self.rows.move_to(at);
                return Task::none();
            }
            Message::Viewed(range) => {
                self.rows.view(range);
                return self.fetch_ahead(context);
            }
            Message::ReloadPressed => return self.reload(context),
            Message::OfficePressed => {
                return Task::batch([operation::focus(OFFICE), operation::select_all(OFFICE)]);
            }
        }
        Task::batch([self.ask(context), operation::focus(LIST)])
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
        match self.rows.ahead(AHEAD) {
            Some(more) => self.fetch(more, context),
            None => Task::none(),
        }
    }

    /// The rows fetched, and where the mark is.
    pub(super) fn rows(&self) -> &Paged<MailItem> {
        &self.rows
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.state.is_some() || self.office.is_some()
    }
}

impl Keyed for MailItem {
    type Key = MailId;
    fn key(&self) -> MailId {
        self.id
    }
}
