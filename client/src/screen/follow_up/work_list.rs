//! The work list: who is due, late or with signs; searched while typing, fetched page by page.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use iced::Task;
use iced::widget::operation;
use shared::accounts::Person;
use shared::follow_up::returnee::Returnee;
use shared::follow_up::work_list::{
    CountReturnees, Counts, CountsQuery, ListReturnees, StripDay, WorkListQuery, WorkListRow,
};
use shared::id::{Page, ReturneeId, UserId, Version};

use super::line::{Line, Today};
use crate::api::Failure;
use crate::screen::Context;
use crate::screen::paging::{Fetch, Keyed, Paged, Taken};

mod view;

use view::SEARCH;
pub(super) use view::{Deeds, Mark, bindings, view};

/// How long typing must rest before the search is sent.
const REST: Duration = Duration::from_millis(150);
/// How many rows the first page asks for, enough for the tallest screen.
const FIRST_PAGE: u16 = 60;
/// How many rows every later page asks for.
const PAGE: u16 = 200;
/// How many rows below the last one in view are fetched ahead.
const AHEAD: usize = 60;

/// The name of the list, for the focus.
pub(super) const LIST: &str = "follow-up-list";

/// One way of narrowing the list down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// 今日未連絡
    NotReachedToday,
    /// 有症状
    WithSigns,
    /// 自分の担当
    Mine,
    /// 今日終了
    EndingToday,
    /// 終了
    Ended,
}

impl Filter {
    /// Every filter, in the order of the digits that turn it on and off: those of today's work.
    pub(super) const ALL: [Self; 5] = [
        Self::NotReachedToday,
        Self::WithSigns,
        Self::EndingToday,
        Self::Mine,
        Self::Ended,
    ];

    /// The last part of its key in the translation files.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NotReachedToday => "not_reached",
            Self::WithSigns => "with_signs",
            Self::Mine => "mine",
            Self::EndingToday => "ending",
            Self::Ended => "ended",
        }
    }
}

/// The list and what was asked of it.
#[derive(Debug, Default)]
pub(super) struct WorkList {
    filters: Vec<Filter>,
    search: String,
    lines: Paged<Line>,
    counts: Option<Counts>,
    people: HashMap<UserId, Arc<Person>>,
    /// A day was to be recorded before a search was answered.
    blind: Option<Blind>,
}

/// What was asked for blind, before anybody was found.
#[derive(Debug)]
enum Blind {
    /// Whoever is found is recorded, if it is one, with what was typed of their temperature since.
    Waits(String),
    /// It opened nothing. Digits that still come were meant for a temperature, and no filter.
    OpenedNothing,
}

/// The most signs of a temperature that are held, such as 36.55.
const HELD: usize = 5;

/// What happened on the list.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Typed(String),
    Rested(u64),
    Listed(u64, Result<Page<WorkListRow>, Failure>),
    Counted(Result<Counts, Failure>),
    Turned(Filter),
    AllPressed,
    Moved(usize),
    Viewed(Range<usize>),
    ReloadPressed,
    SearchPressed,
    ListPressed,
    /// Record the day of whoever is found.
    RecordPressed,
    /// A digit of their temperature, or its point.
    DigitPressed(char),
    /// The last one was not meant.
    DigitUndone,
}

impl WorkList {
    /// A list narrowed down by this filter, and the first question. `after` is the last turn of
    /// the list it replaces, so that no answer to that one is taken for its own.
    pub(super) fn open(
        filter: Option<Filter>,
        after: u64,
        context: &Context,
    ) -> (Self, Task<Message>) {
        let mut list = Self {
            lines: Paged::after(after),
            filters: filter.into_iter().collect(),
            ..Self::default()
        };
        let task = Task::batch([list.ask_anew(context), count(context)]);
        (list, task)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        // Somebody else is looked for now, in another way, or chosen by hand.
        match message {
            Message::Typed(_)
            | Message::Turned(_)
            | Message::AllPressed
            | Message::ReloadPressed
            | Message::SearchPressed => self.blind = None,
            Message::Moved(_) if !self.awaits_search() => self.blind = None,
            _ => {}
        }
        match message {
            Message::Typed(search) => {
                self.search = search;
                if !self.search.trim().is_empty() {
                    // Whoever is looked for is among those found, and not whoever was marked
                    // before: the first of them is marked once they are there.
                    self.lines.mark(None);
                }
                let turn = self.lines.turn_over();
                Task::perform(async { tokio::time::sleep(REST).await }, move |()| {
                    Message::Rested(turn)
                })
            }
            Message::Rested(turn) if turn == self.lines.turn() => self.ask_anew(context),
            Message::Rested(_) => Task::none(),
            Message::Listed(turn, result) => self.listed(turn, result, context),
            Message::Counted(result) => {
                // Without the sums the list is as good; its own failure is shown anyway.
                self.counts = result.ok().or(self.counts);
                Task::none()
            }
            Message::Turned(filter) => {
                if self.filters.contains(&filter) {
                    self.filters.retain(|on| *on != filter);
                } else {
                    self.filters.push(filter);
                }
                // A filter that was clicked must not keep the space bar from the list.
                Task::batch([self.ask_anew(context), operation::focus(LIST)])
            }
            Message::AllPressed => {
                self.filters.clear();
                self.search.clear();
                Task::batch([self.ask_anew(context), operation::focus(LIST)])
            }
            // These rows are of the question before; of those looked for, the first will be marked.
            Message::Moved(_) if self.awaits_search() => Task::none(),
            Message::Moved(index) => {
                // A row that was not fetched yet is marked all the same; its page is on its way.
                let last = self.rows().saturating_sub(1);
                self.lines.mark(Some(index.min(last)));
                Task::none()
            }
            Message::Viewed(range) => {
                self.lines.view(range);
                self.fetch_ahead(context)
            }
            Message::ReloadPressed => self.reload(context),
            Message::SearchPressed => {
                Task::batch([operation::focus(SEARCH), operation::select_all(SEARCH)])
            }
            Message::ListPressed => operation::focus(LIST),
            Message::RecordPressed => {
                if self.awaits_search() && self.blind.is_none() {
                    self.blind = Some(Blind::Waits(String::new()));
                }
                Task::none()
            }
            Message::DigitPressed(digit) => {
                if let Some(Blind::Waits(typed)) = &mut self.blind
                    && typed.len() < HELD
                {
                    typed.push(digit);
                }
                Task::none()
            }
            Message::DigitUndone => {
                if let Some(Blind::Waits(typed)) = &mut self.blind {
                    typed.pop();
                }
                Task::none()
            }
        }
    }

    /// Asks for the rows and the sums anew.
    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        let first = self.lines.renew();
        Task::batch([self.fetch(first, FIRST_PAGE, context), count(context)])
    }

    #[cfg(test)]
    pub(super) fn is_narrowed_by(&self, filters: &[Filter]) -> bool {
        self.filters == filters
    }

    /// Whether the last question found no answer.
    pub(super) fn has_failed(&self) -> bool {
        self.lines.failure().is_some()
    }

    /// Asks the present question from its beginning.
    fn ask_anew(&mut self, context: &Context) -> Task<Message> {
        let first = self.lines.begin();
        self.fetch(first, FIRST_PAGE, context)
    }

    fn fetch(&self, Fetch { turn, after }: Fetch, limit: u16, context: &Context) -> Task<Message> {
        let on = |filter| self.filters.contains(&filter);
        let search = self.search.trim();
        let query = WorkListQuery {
            search: (!search.is_empty()).then(|| search.to_owned()),
            not_reached_today: on(Filter::NotReachedToday),
            with_signs: on(Filter::WithSigns),
            mine: on(Filter::Mine),
            ending_today: on(Filter::EndingToday),
            ended: on(Filter::Ended),
            after,
            limit: Some(limit),
        };
        Task::perform(context.api.call::<ListReturnees>(query), move |result| {
            Message::Listed(turn, result)
        })
    }

    fn fetch_ahead(&mut self, context: &Context) -> Task<Message> {
        match self.lines.ahead(AHEAD) {
            Some(more) => self.fetch(more, PAGE, context),
            None => Task::none(),
        }
    }

    fn listed(
        &mut self,
        turn: u64,
        result: Result<Page<WorkListRow>, Failure>,
        context: &Context,
    ) -> Task<Message> {
        let people = &mut self.people;
        let mut line = |row| {
            Line::of_row(row, |person| {
                people
                    .entry(person.id)
                    .or_insert_with(|| Arc::new(person))
                    .clone()
            })
        };
        let lines = result.map(|page| Page {
            rows: page.rows.into_iter().map(&mut line).collect(),
            next: page.next,
        });
        match self.lines.take_in(turn, lines) {
            Taken::Nothing => Task::none(),
            Taken::Rows { .. } => self.fetch_ahead(context),
        }
    }

    /// Which question was asked last.
    pub(super) fn turn(&self) -> u64 {
        self.lines.turn()
    }

    /// Whether it has no row that could take the keys.
    pub(super) fn is_vacant(&self) -> bool {
        self.rows() == 0
    }

    /// Whether a search was typed of which nobody is in view yet.
    pub(super) fn awaits_search(&self) -> bool {
        let is_asked = self.is_searched() && !self.has_failed();
        is_asked && !self.lines.is_present() && self.lines.cursor().is_none()
    }

    /// Whether digits are meant for a temperature that is typed blind, and for no filter.
    pub(super) fn holds_digits(&self) -> bool {
        self.blind.is_some()
    }

    /// The one who is listed, if it is one.
    pub(super) fn only(&self) -> Option<&Line> {
        self.lines.get(0).filter(|_| self.lines.total() == Some(1))
    }

    /// Nothing is recorded blind any more: somebody is about something else.
    pub(super) fn forget_the_blind(&mut self) {
        self.blind = None;
    }

    /// What was to be recorded blind cannot be: the list says so, and digits that still come do
    /// nothing.
    pub(super) fn open_nothing(&mut self) {
        self.blind = Some(Blind::OpenedNothing);
    }

    /// Once a search is answered for which Space was pressed: the one who was found and has nothing
    /// recorded today, with the temperature that was typed. Among several it is not known who was
    /// meant, and nobody types over what they have not seen.
    pub(super) fn take_the_found(&mut self, context: &Context) -> Option<(Line, String)> {
        let is_answered = self.lines.is_present() || self.has_failed();
        // That nothing was opened stays said when further pages come.
        let waits = |blind: &mut Blind| is_answered && matches!(blind, Blind::Waits(_));
        let Some(Blind::Waits(typed)) = self.blind.take_if(waits) else {
            return None;
        };
        let today = context.world.today();
        let free = self.only().filter(|line| {
            line.today(today) == Today::Due(StripDay::Missing) && line.today_version == Version(0)
        });
        match free.cloned() {
            Some(line) => Some((line, typed)),
            None => {
                self.open_nothing();
                None
            }
        }
    }

    /// Whether something stands in the search field.
    pub(super) fn is_searched(&self) -> bool {
        !self.search.is_empty()
    }

    /// The line that is marked.
    pub(super) fn marked(&self) -> Option<&Line> {
        self.lines.marked()
    }

    /// The line at an index, if it was fetched.
    pub(super) fn line(&self, index: usize) -> Option<&Line> {
        self.lines.get(index)
    }

    /// Whether this returnee's line was fetched.
    pub(super) fn has(&self, id: ReturneeId) -> bool {
        self.lines.rows().iter().any(|line| line.id == id)
    }

    /// Marks the line of this returnee; none if it was not fetched, lest somebody else seem to be
    /// meant.
    pub(super) fn mark(&mut self, id: ReturneeId) {
        let at = self.lines.rows().iter().position(|line| line.id == id);
        self.lines.mark(at);
    }

    /// Marks and gives the next line below the mark that is still due today; `None` if there is
    /// no such line among those fetched.
    pub(super) fn next_due(&mut self, context: &Context) -> Option<&Line> {
        let today = context.world.today();
        let from = self.lines.cursor().map_or(0, |at| at + 1);
        let below = self.lines.rows().iter().enumerate().skip(from);
        let (at, _) = below.into_iter().find(|(_, line)| line.is_due(today))?;
        self.lines.mark(Some(at));
        self.lines.get(at)
    }

    /// Shows what has become of someone; where it stands in the list does not change under the
    /// eye.
    pub(super) fn replace(&mut self, returnee: &Returnee, context: &Context) -> Task<Message> {
        let line = Line::of_returnee(returnee, context.world.today());
        if let Some(old) = self
            .lines
            .rows_mut()
            .iter_mut()
            .find(|old| old.id == line.id)
        {
            *old = line;
        }
        count(context)
    }

    /// How many rows the whole list has, as far as that is known.
    fn known_total(&self) -> Option<u64> {
        if !self.lines.is_present() {
            return None;
        }
        if let Some(total) = self.lines.total() {
            return Some(total as u64);
        }
        let counts = self.counts.filter(|_| self.search.trim().is_empty())?;
        let total = match self.filters[..] {
            [] => counts.open,
            [Filter::NotReachedToday] => counts.not_reached_today,
            [Filter::WithSigns] => counts.with_signs,
            [Filter::Mine] => counts.mine,
            [Filter::EndingToday] => counts.ending_today,
            _ => return None,
        };
        (total > self.lines.rows().len() as u64).then_some(total)
    }

    /// How many rows the scroll bar stands for.
    fn rows(&self) -> usize {
        self.known_total()
            .map_or(self.lines.len(), |total| total as usize)
    }
}

fn count(context: &Context) -> Task<Message> {
    Task::perform(
        context.api.call::<CountReturnees>(CountsQuery {}),
        Message::Counted,
    )
}

impl Keyed for Line {
    type Key = ReturneeId;
    fn key(&self) -> ReturneeId {
        self.id
    }
}
