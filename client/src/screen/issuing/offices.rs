//! The offices: how many are in which state, and each with its own, page by page.

use std::collections::BTreeMap;
use std::ops::Range;

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;
use shared::enrolment::desk::{
    CountEnrolments, CountsQuery, EnrolmentCounts, EnrolmentRow, EnrolmentsQuery, ListEnrolments,
};
use shared::enrolment::job::{JobKind, Selection};
use shared::enrolment::standing::EnrolmentState;
use shared::id::Page;
use shared::offices::{Office, OfficeCode, OfficeKind};

use super::super::Context;
use super::super::paging::{Fetch, Keyed, Paged, Taken};
use super::words;
use crate::api::Failure;
use crate::language::grouped;
use crate::say;
use crate::ui::focus::focus_if_idle;
use crate::ui::keys::{Binding, Shortcut, binding};

mod choosing;
mod view;

use choosing::Gathering;
pub(super) use view::view;

/// The name of the list, for the focus.
pub(super) const LIST: &str = "issuing-offices";

/// How many rows a page asks for.
const PAGE: u16 = 100;
/// How many rows below the last one in view are fetched ahead.
const AHEAD: usize = 60;

/// The kinds that K goes through; those with one office have no need.
const KINDS: [Option<OfficeKind>; 9] = [
    None,
    Some(OfficeKind::Prefecture),
    Some(OfficeKind::Municipality),
    Some(OfficeKind::HealthCentre),
    Some(OfficeKind::Institution),
    Some(OfficeKind::Facility),
    Some(OfficeKind::FollowUpCentre),
    Some(OfficeKind::Venue),
    Some(OfficeKind::Business),
];

/// Which offices are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those in a state.
    State(EnrolmentState),
    /// Those without an address for links.
    WithoutMail,
}

impl Filter {
    /// Every filter, in the order of the digits that choose it, from 0.
    fn all() -> impl Iterator<Item = Self> {
        let states = EnrolmentState::ALL.iter().map(|state| Self::State(*state));
        std::iter::once(Self::All)
            .chain(states)
            .chain([Self::WithoutMail])
    }

    fn count(self, counts: &EnrolmentCounts) -> u32 {
        match self {
            Self::All => counts.states.iter().map(|it| it.offices).sum(),
            Self::WithoutMail => counts.without_mail,
            Self::State(state) => {
                let found = counts.states.iter().find(|it| it.state == state);
                found.map_or(0, |it| it.offices)
            }
        }
    }
}

/// The list of offices and what was asked of it.
pub(super) struct Offices {
    filter: Filter,
    under: Option<Office>,
    kind: Option<OfficeKind>,
    counts: Option<EnrolmentCounts>,
    rows: Paged<EnrolmentRow>,
    chosen: BTreeMap<OfficeCode, Office>,
    gathering: Gathering,
}

/// What happened among the offices.
#[derive(Clone, Debug)]
pub enum Message {
    /// A page of rows came, or not.
    Listed(u64, Result<Page<EnrolmentRow>, Failure>),
    /// The counts came, or not.
    Counted(u64, Result<EnrolmentCounts, Failure>),
    /// Show these.
    Filtered(Filter),
    /// Show another kind of office.
    KindTurned,
    /// The mark went to this row.
    Moved(usize),
    /// These rows are in view.
    Viewed(Range<usize>),
    /// Show only this office and those under it.
    Opened(usize),
    /// Show all again.
    WidenPressed,
    /// Choose the marked office, or not.
    ChoosePressed,
    /// Choose all that are shown.
    AllPressed,
    /// Ask anew.
    ReloadPressed,
}

impl Offices {
    pub(super) fn open(context: &Context) -> (Self, Task<Message>) {
        let mut offices = Self {
            filter: Filter::All,
            under: None,
            kind: None,
            counts: None,
            rows: Paged::default(),
            chosen: BTreeMap::new(),
            gathering: Gathering::None,
        };
        let task = offices.reload(context);
        (offices, task)
    }

    /// Asks for rows and counts anew.
    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        // Another question marks nothing first; see `ask_anew`.
        let first = self.rows.renew();
        let turn = first.turn;
        self.gather_anew(turn);
        let query = CountsQuery {
            under: self.under.as_ref().map(|office| office.code.clone()),
            kind: self.kind,
        };
        let counts = Task::perform(context.api.call::<CountEnrolments>(query), move |counts| {
            Message::Counted(turn, counts)
        });
        Task::batch([self.fetch(first, context), counts])
    }

    /// What the list shows, as it is asked for.
    pub(super) fn query(&self) -> EnrolmentsQuery {
        EnrolmentsQuery {
            state: match self.filter {
                Filter::State(state) => Some(state),
                Filter::All | Filter::WithoutMail => None,
            },
            without_mail: self.filter == Filter::WithoutMail,
            under: self.under.as_ref().map(|office| office.code.clone()),
            kind: self.kind,
            ..EnrolmentsQuery::default()
        }
    }

    fn fetch(&self, Fetch { turn, after }: Fetch, context: &Context) -> Task<Message> {
        let query = EnrolmentsQuery {
            after,
            limit: Some(PAGE),
            ..self.query()
        };
        Task::perform(context.api.call::<ListEnrolments>(query), move |page| {
            Message::Listed(turn, page)
        })
    }

    fn fetch_ahead(&mut self, context: &Context) -> Task<Message> {
        match self.rows.ahead(AHEAD) {
            Some(more) => self.fetch(more, context),
            None => Task::none(),
        }
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        match message {
            Message::Listed(turn, page) => match self.rows.take_in(turn, page) {
                _ if self.is_gathering() => self.gather(context),
                Taken::Nothing => Task::none(),
                Taken::Rows { opening: true } => {
                    Task::batch([focus_if_idle(LIST), self.fetch_ahead(context)])
                }
                Taken::Rows { opening: false } => self.fetch_ahead(context),
            },
            Message::Counted(turn, counts) if turn == self.rows.turn() => {
                self.counts = counts.ok().or(self.counts.take());
                Task::none()
            }
            Message::Counted(..) => Task::none(),
            Message::Filtered(filter) => {
                self.filter = filter;
                Task::batch([self.ask_anew(context), operation::focus(LIST)])
            }
            Message::KindTurned => {
                let at = KINDS.iter().position(|kind| *kind == self.kind);
                self.kind = KINDS[(at.unwrap_or(0) + 1) % KINDS.len()];
                Task::batch([self.ask_anew(context), operation::focus(LIST)])
            }
            Message::Moved(index) => {
                let last = self.total().saturating_sub(1);
                self.rows.mark(Some(index.min(last)));
                Task::none()
            }
            Message::Viewed(range) => {
                self.rows.view(range);
                self.fetch_ahead(context)
            }
            Message::Opened(index) => {
                let Some(row) = self.rows.get(index) else {
                    return Task::none();
                };
                self.under = Some(row.office.clone());
                self.kind = None;
                self.filter = Filter::All;
                self.ask_anew(context)
            }
            Message::WidenPressed => {
                if std::mem::replace(&mut self.gathering, Gathering::None) != Gathering::None {
                    return Task::none();
                }
                if !self.chosen.is_empty() {
                    self.chosen.clear();
                    return Task::none();
                }
                self.under = None;
                self.kind = None;
                self.filter = Filter::All;
                self.ask_anew(context)
            }
            Message::ChoosePressed => {
                self.choose();
                Task::none()
            }
            Message::AllPressed => self.choose_all(context),
            Message::ReloadPressed => self.reload(context),
        }
    }

    fn ask_anew(&mut self, context: &Context) -> Task<Message> {
        self.gathering = Gathering::None;
        self.rows.mark(None);
        self.reload(context)
    }

    /// How many rows the scroll bar stands for.
    fn total(&self) -> usize {
        match &self.counts {
            Some(counts) if self.rows.has_more() && self.rows.is_present() => {
                (self.filter.count(counts) as usize).max(self.rows.len())
            }
            _ => self.rows.len(),
        }
    }

    /// The offices that a job of this kind is for, and how they are called. What replaces or kills
    /// terminals strikes whom somebody has pointed at, never all that a filter lets through.
    pub(super) fn target(&self, kind: JobKind) -> Option<(Selection, String)> {
        if self.is_gathering() {
            // All were meant, and not yet are.
            return None;
        }
        if kind == JobKind::Issue || !self.chosen.is_empty() {
            return self.selected();
        }
        let office = &self.rows.marked()?.office;
        let offices = vec![office.code.clone()];
        Some((Selection::Offices { offices }, office.name.to_string()))
    }

    /// The offices that are shown or chosen, and how they are called; `None` if no selection says so.
    pub(super) fn selected(&self) -> Option<(Selection, String)> {
        if !self.chosen.is_empty() {
            let offices = self.chosen.keys().cloned().collect();
            let first = self.chosen.values().next();
            let first = first.map_or("", |office| office.name.as_str());
            let whom = match self.chosen.len() {
                1 => first.to_owned(),
                count => say!(
                    "issuing.whom.chosen",
                    count = grouped(count as u64),
                    first = first
                ),
            };
            return Some((Selection::Offices { offices }, whom));
        }
        let state = match self.filter {
            Filter::All => None,
            Filter::State(state) => Some(state),
            Filter::WithoutMail => return None,
        };
        let selection = Selection::State {
            state,
            under: self.under.as_ref().map(|office| office.code.clone()),
            kind: self.kind,
        };
        Some((selection, self.whom()))
    }

    /// What the filters show, in words.
    fn whom(&self) -> String {
        let place = match &self.under {
            Some(office) => say!("issuing.whom.under", office = office.name),
            None => say!("issuing.whom.country"),
        };
        let kind = words::office_kind(self.kind);
        let filter = words::filter(self.filter);
        say!(
            "issuing.whom.all",
            place = place,
            kind = kind,
            filter = filter
        )
    }

    /// What was chosen is on its way.
    pub(super) fn forget_choice(&mut self) {
        self.chosen.clear();
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let digits = Filter::all().enumerate().map(|(nth, filter)| {
            let key = Shortcut::character(&nth.to_string());
            binding(key, words::filter(filter), Message::Filtered(filter))
        });
        let keys = [
            (
                Shortcut::named(Named::Space),
                say!("issuing.choose"),
                Message::ChoosePressed,
            ),
            (
                Shortcut::character("a"),
                say!("issuing.choose_all"),
                Message::AllPressed,
            ),
            (
                Shortcut::character("k"),
                say!("issuing.other_kind"),
                Message::KindTurned,
            ),
            (
                Shortcut::named(Named::Escape),
                say!("issuing.widen"),
                Message::WidenPressed,
            ),
            (
                Shortcut::named(Named::F5),
                say!("issuing.reload"),
                Message::ReloadPressed,
            ),
        ];
        digits
            .chain(keys.map(|(key, words, message)| binding(key, words, message)))
            .collect()
    }
}

impl Keyed for EnrolmentRow {
    type Key = OfficeCode;
    fn key(&self) -> OfficeCode {
        self.office.code.clone()
    }
}
