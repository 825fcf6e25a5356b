//! 記録: who saw and did what. Filters, the entries found, one entry's page; the log taken out as
//! CSV, its chain checked, its signed end handed out (M-39).

mod check;
mod columns;
mod export;
mod filter;
mod view;
mod words;

use std::ops::Range;

use iced::Task;
use iced::task::Handle;
use iced::widget::operation;
use jiff::Timestamp;
use shared::accounts::Role;
use shared::audit::{AuditEntry, AuditPage, AuditQuery, ListAuditEntries, ListEnrolmentEntries};
use shared::id::Cursor;
use uuid::Uuid;

use super::{Context, Screen, Step};
use crate::api::Failure;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::{Binding, Shortcut, binding};
use check::Check;
use columns::Held;
use export::Export;
use filter::Filter;

/// The name of the list, for the focus.
const LIST: &str = "audit.list";
/// How many entries are fetched at once.
const PAGE: u16 = 100;
/// How many entries below those in view are fetched ahead.
const AHEAD: usize = 30;
/// How many entries a search gathers by itself before it waits to be asked for more.
const ENOUGH: usize = 60;

/// The screen's state.
pub struct AuditScreen {
    filter: Filter,
    entries: Vec<AuditEntry>,
    /// How much room what they say takes.
    held: Held,
    /// Where the search goes on.
    next: Option<Cursor>,
    searched_to: Option<Timestamp>,
    /// How many entries were there when the search last went on.
    wanted: usize,
    asking: Option<Handle>,
    /// Which search an answer belongs to.
    turn: u64,
    failure: Option<Failure>,
    cursor: usize,
    /// The marked entry is shown by itself.
    opened: bool,
    copied: bool,
    check: Option<Check>,
    export: Option<Export>,
}

/// What happened on it.
#[derive(Clone)]
pub enum Message {
    /// In the filters.
    Filter(filter::Message),
    /// Search again.
    SearchPressed,
    /// Stop looking further back.
    StopPressed,
    /// Look further back.
    MorePressed,
    /// Entries arrived, or not.
    Listed(u64, Result<AuditPage, Failure>),
    /// Another entry is marked.
    Moved(usize),
    /// These rows are in view.
    Viewed(Range<usize>),
    /// An entry was opened.
    Opened(usize),
    /// Back to the list.
    Closed,
    /// The next older, or newer, entry.
    Stepped(i8),
    /// Everything done to the record of the opened entry.
    RecordPressed(Uuid),
    /// Copy the opened entry.
    CopyPressed,
    /// Check the chain.
    CheckPressed,
    /// About the check.
    Check(check::Message),
    /// Take what was found out as CSV.
    ExportPressed,
    /// About that.
    Export(export::Message),
}

impl AuditScreen {
    /// Searches anew with the filters as they are, if they can be understood.
    fn search(&mut self, context: &Context) -> Task<Message> {
        if self.filter.query(context).is_none() {
            return Task::none();
        }
        self.entries.clear();
        self.held = Held::default();
        self.next = None;
        self.searched_to = None;
        self.cursor = 0;
        self.opened = false;
        self.wanted = ENOUGH;
        self.ask(context, None)
    }

    fn ask(&mut self, context: &Context, after: Option<Cursor>) -> Task<Message> {
        let Some(query) = self.filter.query(context) else {
            return Task::none();
        };
        self.turn += 1;
        self.failure = None;
        let turn = self.turn;
        let query = AuditQuery {
            after,
            limit: Some(PAGE),
            ..query
        };
        let (task, handle) =
            list(context, query, move |page| Message::Listed(turn, page)).abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    fn go_on(&mut self, context: &Context) -> Task<Message> {
        match self.next.clone() {
            Some(next) if self.asking.is_none() => self.ask(context, Some(next)),
            _ => Task::none(),
        }
    }

    fn listed(&mut self, page: Result<AuditPage, Failure>, context: &Context) -> Task<Message> {
        self.asking = None;
        match page {
            Ok(page) => {
                // The list is there, and takes the keys, with its first entry.
                let begins = self.entries.is_empty() && !page.rows.is_empty();
                let held = self.held.now(&self.entries);
                self.held = held.and(&page.rows);
                self.entries.extend(page.rows);
                self.next = page.next;
                self.searched_to = page.searched_to;
                // A piece of the log without a hit is no answer yet.
                let going_on = match self.entries.len() < self.wanted {
                    true => self.go_on(context),
                    false => Task::none(),
                };
                match begins {
                    true => Task::batch([operation::focus(LIST), going_on]),
                    false => going_on,
                }
            }
            Err(failure) => {
                self.failure = Some(failure);
                Task::none()
            }
        }
    }

    fn entry(&self) -> Option<&AuditEntry> {
        self.entries.get(self.cursor)
    }
}

/// Entries of the log, as far as this person may see them.
fn list<M: Send + 'static>(
    context: &Context,
    query: AuditQuery,
    then: impl Fn(Result<AuditPage, Failure>) -> M + Send + 'static,
) -> Task<M> {
    match context.role {
        Role::Helpdesk => Task::perform(context.api.call::<ListEnrolmentEntries>(query), then),
        _ => Task::perform(context.api.call::<ListAuditEntries>(query), then),
    }
}

impl Screen for AuditScreen {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let mut screen = Self {
            filter: Filter::default(),
            entries: Vec::new(),
            held: Held::default(),
            next: None,
            searched_to: None,
            wanted: ENOUGH,
            asking: None,
            turn: 0,
            failure: None,
            cursor: 0,
            opened: false,
            copied: false,
            check: None,
            export: None,
        };
        let searching = screen.search(context);
        (screen, searching)
    }

    fn entered(&mut self, _: &Context) -> Task<Message> {
        match self.check.is_some() || self.export.is_some() {
            true => Task::none(),
            false => operation::focus(LIST),
        }
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        self.held = self.held.now(&self.entries);
        Step::Run(match message {
            Message::Filter(message) => match self.filter.update(message, context) {
                filter::Outcome::Typed => Task::none(),
                filter::Outcome::Wrong(field) => operation::focus(field),
                filter::Outcome::Search => self.search(context),
            },
            Message::SearchPressed => self.search(context),
            Message::StopPressed => {
                self.asking = None;
                self.turn += 1;
                Task::none()
            }
            Message::MorePressed => {
                self.wanted = self.entries.len() + ENOUGH;
                self.go_on(context)
            }
            Message::Listed(turn, page) if turn == self.turn => self.listed(page, context),
            Message::Listed(..) => Task::none(),
            Message::Moved(to) => {
                self.cursor = to.min(self.entries.len().saturating_sub(1));
                Task::none()
            }
            Message::Viewed(range) => {
                if range.end + AHEAD < self.entries.len() || self.failure.is_some() {
                    return Step::None;
                }
                self.wanted = self.wanted.max(self.entries.len() + 1);
                self.go_on(context)
            }
            Message::Opened(at) => {
                self.cursor = at;
                self.opened = self.entry().is_some();
                self.copied = false;
                Task::none()
            }
            Message::Closed => {
                self.opened = false;
                operation::focus(LIST)
            }
            Message::Stepped(by) => {
                let to = self.cursor.saturating_add_signed(isize::from(by));
                self.copied = false;
                return self.update(Message::Moved(to), context);
            }
            Message::RecordPressed(subject) => {
                self.filter.only_record(subject);
                self.search(context)
            }
            Message::CopyPressed => {
                let Some(entry) = self.entry() else {
                    return Step::None;
                };
                let text = words::as_text(entry);
                self.copied = true;
                iced::clipboard::write(text)
            }
            Message::CheckPressed => {
                let (check, task) = Check::new(context);
                self.check = Some(check);
                task.map(Message::Check)
            }
            Message::Check(message) => {
                let Some(check) = &mut self.check else {
                    return Step::None;
                };
                match check.update(message, context) {
                    Some(task) => task.map(Message::Check),
                    None => {
                        self.check = None;
                        operation::focus(LIST)
                    }
                }
            }
            Message::ExportPressed => {
                let Some(query) = self.filter.query(context) else {
                    return Step::None;
                };
                let (export, task) = Export::new(query, context);
                self.export = Some(export);
                task.map(Message::Export)
            }
            Message::Export(message) => {
                let Some(export) = &mut self.export else {
                    return Step::None;
                };
                match export.update(message, context) {
                    Some(task) => task.map(Message::Export),
                    None => {
                        self.export = None;
                        operation::focus(LIST)
                    }
                }
            }
        })
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::screen(self, context)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named::{ArrowLeft, ArrowRight, Escape, F5, F7, F8, F9};
        let named = |key, words, message| binding(Shortcut::named(key), words, message);
        if let Some(check) = &self.check {
            let own = check.bindings().into_iter();
            return own.map(|it| it.map(Message::Check)).collect();
        }
        if let Some(export) = &self.export {
            let own = export.bindings().into_iter();
            return own.map(|it| it.map(Message::Export)).collect();
        }
        if self.opened {
            return vec![
                named(Escape, say!("audit.back"), Message::Closed),
                named(ArrowRight, say!("audit.older"), Message::Stepped(1)),
                named(ArrowLeft, say!("audit.newer"), Message::Stepped(-1)),
                named(F8, say!("audit.copy"), Message::CopyPressed),
            ];
        }
        // Of two keys for the same the list names the first: the one on the button.
        let mut keys = vec![named(F5, say!("audit.search"), Message::SearchPressed)];
        keys.extend(
            self.filter
                .bindings()
                .into_iter()
                .map(|it| it.map(Message::Filter)),
        );
        if self.asking.is_some() {
            keys.push(named(Escape, say!("audit.stop"), Message::StopPressed));
        }
        keys.extend([
            named(F7, say!("audit.export.button"), Message::ExportPressed),
            named(F9, say!("audit.check.button"), Message::CheckPressed),
        ]);
        keys
    }
}

#[cfg(test)]
mod tests;
