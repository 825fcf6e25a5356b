//! One field for whatever a caller can read out, searched while typing, and what was found.

use std::ops::Range;
use std::time::Duration;

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;
use shared::enrolment::desk::{DeskFindings, DeskHit, DeskQuery, SearchDesk};
use shared::id::Cursor;

use super::super::Context;
use crate::api::Failure;
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

mod view;

/// The name of the field, for the focus.
pub(super) const FIELD: &str = "desk-search";
/// How long typing must rest before the search is sent.
const REST: Duration = Duration::from_millis(120);
/// How many offices a page asks for.
const PAGE: u16 = 60;

/// The field and what was found.
#[derive(Default)]
pub(super) struct Search {
    text: String,
    /// Which question was asked last; an answer to an older one is dropped.
    turn: u64,
    hits: Vec<DeskHit>,
    next: Option<Cursor>,
    /// What is listed answers an older question.
    stale: bool,
    /// A further page is under way.
    fetching: bool,
    failure: Option<Failure>,
    cursor: Option<usize>,
    /// How many rows are in view.
    in_view: usize,
    /// Enter was pressed before the answer came: open what is found, if it is one, or is named by
    /// its whole code.
    open_the_only_one: bool,
}

/// What happened in the search.
#[derive(Clone)]
pub enum Message {
    /// The text changed.
    Typed(String),
    /// Typing has rested since this turn.
    Rested(u64),
    /// An answer, of a first page or (`true`) of a further one.
    Found(u64, bool, Result<DeskFindings, Failure>),
    /// Another office was marked.
    Moved(usize),
    /// The mark goes up or down from within the field.
    Stepped(isize),
    /// Other rows came into view.
    Viewed(Range<usize>),
    /// The office at this place was opened.
    Opened(usize),
    /// Enter in the field.
    EnterPressed,
    /// Ask again.
    AgainPressed,
    /// Away with the text.
    ClearPressed,
}

/// What the desk must do.
pub(super) enum Action {
    /// Run this.
    Run(Task<Message>),
    /// Show the page of the office that was found.
    Open(Box<DeskHit>),
}

impl Search {
    /// The hit that can be the only one meant.
    fn meant(&self) -> Option<&DeskHit> {
        let code = self.text.trim();
        match &self.hits[..] {
            [only] => Some(only),
            hits => hits.iter().find(|hit| hit.row.office.code.as_str() == code),
        }
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        Action::Run(match message {
            Message::Typed(text) => self.typed(text),
            Message::Rested(turn) if turn == self.turn => self.ask(context),
            Message::Rested(_) => Task::none(),
            Message::Found(turn, more, result) if turn == self.turn => {
                self.found(more, result);
                if std::mem::take(&mut self.open_the_only_one)
                    && let Some(meant) = self.meant()
                {
                    return Action::Open(Box::new(meant.clone()));
                }
                Task::none()
            }
            Message::Found(..) => Task::none(),
            Message::Moved(index) => {
                self.cursor = Some(index);
                Task::none()
            }
            Message::Stepped(by) => {
                let last = self.hits.len().checked_sub(1);
                let at = self.cursor.map_or(0, |at| at.saturating_add_signed(by));
                self.cursor = last.map(|last| at.min(last));
                Task::none()
            }
            Message::Viewed(range) => {
                self.in_view = range.len();
                let wanted = range.end >= self.hits.len() && !self.fetching && !self.stale;
                match self.next.clone().filter(|_| wanted) {
                    Some(next) => {
                        self.fetching = true;
                        self.fetch(Some(next), context)
                    }
                    None => Task::none(),
                }
            }
            Message::Opened(index) => return self.open(index),
            // What is listed may be of an earlier text: who is meant is not known yet.
            Message::EnterPressed if self.stale => {
                self.open_the_only_one = true;
                Task::none()
            }
            Message::EnterPressed => match self.cursor {
                Some(at) => return self.open(at),
                None => Task::none(),
            },
            Message::AgainPressed => {
                self.turn += 1;
                self.ask(context)
            }
            Message::ClearPressed => {
                Task::batch([self.typed(String::new()), operation::focus(FIELD)])
            }
        })
    }

    fn open(&self, index: usize) -> Action {
        match self.hits.get(index) {
            Some(hit) => Action::Open(Box::new(hit.clone())),
            None => Action::Run(Task::none()),
        }
    }

    fn typed(&mut self, text: String) -> Task<Message> {
        self.text = text;
        self.turn += 1;
        self.open_the_only_one = false;
        if self.text.trim().is_empty() {
            let (text, turn) = (std::mem::take(&mut self.text), self.turn);
            *self = Self {
                text,
                turn,
                ..Self::default()
            };
        }
        self.stale = true;
        let turn = self.turn;
        Task::perform(rest(), move |()| Message::Rested(turn))
    }

    /// Without a text: asks anew who waits for an answer. What was found for a text stays.
    pub(super) fn refresh(&mut self, context: &Context) -> Task<Message> {
        if !self.text.trim().is_empty() {
            return Task::none();
        }
        self.turn += 1;
        self.ask(context)
    }

    fn ask(&mut self, context: &Context) -> Task<Message> {
        self.stale = true;
        self.fetching = false;
        self.failure = None;
        self.fetch(None, context)
    }

    fn fetch(&self, after: Option<Cursor>, context: &Context) -> Task<Message> {
        let (turn, more) = (self.turn, after.is_some());
        let query = DeskQuery {
            text: self.text.trim().to_owned(),
            after,
            limit: Some(PAGE),
        };
        Task::perform(context.api.call::<SearchDesk>(query), move |result| {
            Message::Found(turn, more, result)
        })
    }

    fn found(&mut self, more: bool, result: Result<DeskFindings, Failure>) {
        self.fetching = false;
        self.stale = false;
        match result {
            Err(failure) => self.failure = Some(failure),
            Ok(findings) => {
                self.failure = None;
                if !more {
                    self.hits.clear();
                }
                self.hits.extend(findings.offices);
                self.next = findings.next;
                if !more {
                    self.cursor = (!self.hits.is_empty()).then_some(0);
                }
            }
        }
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let named = |key, words, message| binding(Shortcut::named(key), words, message);
        let step = |key, words, by| named(key, words, Message::Stepped(by));
        let mut keys = Vec::new();
        if !self.hits.is_empty() {
            // The field has the keys: what a list does by itself is done from there.
            let page = isize::try_from(self.in_view.saturating_sub(1).max(1)).unwrap_or(1);
            keys.extend([
                step(Named::ArrowDown, say!("desk.key.down"), 1),
                step(Named::ArrowUp, say!("desk.key.up"), -1),
                step(Named::PageDown, say!("desk.key.page_down"), page),
                step(Named::PageUp, say!("desk.key.page_up"), -page),
            ]);
        }
        let again = named(Named::F5, say!("desk.key.again"), Message::AgainPressed);
        if self.text.trim().is_empty() && self.hits.is_empty() {
            return vec![again];
        }
        let open = named(Named::Enter, say!("desk.key.open"), Message::EnterPressed);
        let clear = named(Named::Escape, say!("desk.key.clear"), Message::ClearPressed);
        keys.extend([open, again, clear]);
        keys
    }
}

async fn rest() {
    tokio::time::sleep(REST).await;
}
