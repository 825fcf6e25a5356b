//! Jobs: how far each is, what came of it, what can be done with it; and what waits for a second
//! person, of jobs and of the operator's command line alike.

use std::ops::Range;

use iced::Task;
use iced::widget::operation;
use shared::enrolment::approval::Approval;
use shared::enrolment::job::{
    Job, JobOutcome, JobResult, JobResultsQuery, JobState, JobStep, JobsQuery, ListJobs,
};
use shared::id::{Cursor, Page};

use super::super::Context;
use crate::api::Failure;
use asking::{Asking, What};
use mark::Mark;

mod asking;
mod fetching;
mod keys;
mod mark;
mod page;
mod view;

pub(super) use page::{JobPage, RESULTS};
pub(super) use view::{question, view};

/// The name of the list, for the focus.
const LIST: &str = "issuing-jobs";
/// The name of the field for the reason of a decision, for the focus.
const WHY: &str = "issuing-why";

/// The jobs and approvals, and what of them is open.
pub(super) struct Jobs {
    /// What waits for anybody's decision on the operator's word.
    approvals: Vec<Approval>,
    jobs: Vec<Job>,
    next: Option<Cursor>,
    loaded: bool,
    /// A question for jobs is under way.
    fetching: bool,
    failure: Option<Failure>,
    /// What waits could not be loaded.
    waiting_failure: Option<Failure>,
    /// It was answered once what waits, or that it could not be loaded.
    waited: bool,
    /// A question for what waits is under way.
    asked_waiting: bool,
    /// Which row is marked, wherever it moves to.
    mark: Option<Mark>,
    /// How many seconds passed since everything was asked for.
    age: u32,
    opened: Option<JobPage>,
    /// The last turn of the results that were open before.
    turn: u64,
    asking: Option<Asking>,
}

/// After how many seconds it is asked anew what has come in.
const REFRESH: u32 = 5;

/// What happened among the jobs.
#[derive(Clone, Debug)]
pub enum Message {
    /// A page of jobs came, or not; from its beginning or behind what is there.
    Listed(bool, Result<Page<Job>, Failure>),
    /// What waits came, or not.
    Waiting(Result<Page<Approval>, Failure>),
    /// The mark went to this row.
    Moved(usize),
    /// These rows are in view.
    Viewed(Range<usize>),
    /// Open this row.
    Opened(usize),
    /// Back to the list.
    BackPressed,
    /// Ask anew.
    ReloadPressed,
    /// The job that somebody came for, or that it cannot be shown.
    Wanted(Result<Box<Job>, Failure>),
    /// The open job as it stands came, or not.
    Shown(Result<Box<Job>, Failure>),
    /// A page of results came, or not.
    Results(u64, Result<Page<JobResult>, Failure>),
    /// The mark went to this result.
    ResultMoved(usize),
    /// These results are in view.
    ResultsViewed(Range<usize>),
    /// Only results with this outcome, or all.
    OutcomeChosen(Option<JobOutcome>),
    /// Do this; what cannot be undone is asked first.
    Pressed(What),
    /// The reason was typed.
    WhyTyped(String),
    /// Yes, do it.
    ConfirmPressed,
    /// No, do not.
    StayPressed,
    /// It was done, or not.
    Stepped(Result<Box<Job>, Failure>),
    /// It was decided, or not.
    Decided(Result<Box<Approval>, Failure>),
}

impl Jobs {
    pub(super) fn open(context: &Context) -> (Self, Task<Message>) {
        let mut jobs = Self {
            approvals: Vec::new(),
            jobs: Vec::new(),
            next: None,
            loaded: false,
            fetching: false,
            failure: None,
            waiting_failure: None,
            waited: false,
            asked_waiting: false,
            mark: None,
            age: 0,
            opened: None,
            turn: 0,
            asking: None,
        };
        let task = jobs.reload(context);
        (jobs, task)
    }

    /// Brings the list in front, unless something is asked in front of the job that is open.
    pub(super) fn list_in_front(&mut self) -> Task<Message> {
        if self.asking.is_none() {
            self.put_away();
        }
        Task::none()
    }

    /// Opens a job.
    pub(super) fn show(&mut self, job: Box<Job>, context: &Context) -> Task<Message> {
        let task = self.open_page(*job, context);
        Task::batch([task, self.list_anew(context)])
    }

    fn open_page(&mut self, job: Job, context: &Context) -> Task<Message> {
        self.put_away();
        let (page, task) = JobPage::open(job, self.turn, context);
        self.opened = Some(page);
        task
    }

    fn put_away(&mut self) {
        if let Some(page) = self.opened.take() {
            self.turn = page.results.turn();
        }
    }

    /// How many wait for the yes of this person.
    pub(super) fn wait_for(&self, context: &Context) -> usize {
        let waits = |job: &&Job| job.state == JobState::Waiting && !is_own(job, context);
        self.approvals.len() + self.jobs.iter().filter(waits).count()
    }

    /// The list that has the keys.
    pub(super) fn list(&self) -> &'static str {
        match self.opened {
            Some(_) => RESULTS,
            None => LIST,
        }
    }

    /// What takes the keys: the question in front, or else the list.
    pub(super) fn front(&self) -> &'static str {
        match self.asking {
            Some(_) => WHY,
            None => self.list(),
        }
    }

    /// The results in front, as they are asked for.
    pub(super) fn results_query(&self) -> Option<JobResultsQuery> {
        self.opened.as_ref().map(JobPage::query)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        match message {
            Message::Listed(anew, result) => {
                self.fetching = false;
                match result {
                    Err(failure) => self.failure = Some(failure),
                    Ok(page) => {
                        self.failure = None;
                        self.loaded = true;
                        if anew {
                            // Later pages stay where they are while the first is watched.
                            let last = page.rows.last().map(|job| job.id);
                            self.jobs
                                .retain(|job| last.is_some_and(|last| job.id < last));
                            if self.jobs.is_empty() {
                                self.next = page.next;
                            }
                            self.jobs.splice(0..0, page.rows);
                        } else {
                            self.next = page.next;
                            self.jobs.extend(page.rows);
                        }
                        self.hold_mark();
                    }
                }
                Task::none()
            }
            Message::Waiting(result) => {
                self.asked_waiting = false;
                self.waited = true;
                match result {
                    Err(failure) => self.waiting_failure = Some(failure),
                    Ok(page) => {
                        self.waiting_failure = None;
                        self.approvals = page.rows;
                        self.hold_mark();
                    }
                }
                Task::none()
            }
            Message::Moved(index) => {
                let entry = self.entries().nth(index);
                self.mark = entry.map(|entry| entry.mark());
                Task::none()
            }
            Message::Viewed(range) => match self.next.clone() {
                Some(next) if !self.fetching && range.end + 20 > self.entries().count() => {
                    self.fetching = true;
                    let query = JobsQuery {
                        after: Some(next),
                        ..JobsQuery::default()
                    };
                    let call = context.api.call::<ListJobs>(query);
                    Task::perform(call, |page| Message::Listed(false, page))
                }
                _ => Task::none(),
            },
            Message::Opened(index) => {
                if let Some(known) = self.approvals.get(index) {
                    let what = What::Decide(known.id, true);
                    return self.ask(what);
                }
                let Some(job) = self.jobs.get(index - self.approvals.len()).cloned() else {
                    return Task::none();
                };
                let task = self.open_page(job, context);
                Task::batch([task, operation::focus(RESULTS)])
            }
            // What is typed in front comes first; the job stands in the list.
            Message::Wanted(Ok(_)) if self.asking.is_some() => Task::none(),
            Message::Wanted(Ok(job)) => {
                let task = self.show(job, context);
                Task::batch([task, operation::focus(RESULTS)])
            }
            Message::Wanted(Err(failure)) => {
                self.failure = Some(failure);
                Task::none()
            }
            Message::BackPressed => {
                self.put_away();
                Task::batch([self.list_anew(context), operation::focus(LIST)])
            }
            Message::ReloadPressed => self.reload(context),
            Message::Shown(_)
            | Message::Results(..)
            | Message::ResultMoved(_)
            | Message::ResultsViewed(_)
            | Message::OutcomeChosen(_) => match &mut self.opened {
                Some(page) => page.update(message, context),
                None => Task::none(),
            },
            Message::Pressed(What::Step(step @ (JobStep::Pause | JobStep::Resume))) => {
                self.step(step, None, context)
            }
            Message::Pressed(what) => self.ask(what),
            Message::WhyTyped(why) => {
                if let Some(asking) = self.asking.as_mut().filter(|asking| !asking.busy) {
                    asking.why = why;
                }
                Task::none()
            }
            Message::ConfirmPressed => self.confirmed(context),
            Message::StayPressed => {
                if self.asking.as_ref().is_some_and(|asking| asking.busy) {
                    return Task::none();
                }
                self.asking = None;
                operation::focus(self.list())
            }
            Message::Stepped(Ok(job)) => {
                self.asking = None;
                let focus = operation::focus(RESULTS);
                Task::batch([self.show(job, context), focus])
            }
            Message::Decided(Ok(decided)) => {
                self.asking = None;
                self.approvals.retain(|known| known.id != decided.id);
                Task::batch([self.reload(context), operation::focus(self.list())])
            }
            Message::Stepped(Err(failure)) | Message::Decided(Err(failure)) => {
                match (&mut self.asking, &mut self.opened) {
                    (Some(asking), _) => {
                        asking.busy = false;
                        asking.failure = Some(failure);
                    }
                    (None, Some(page)) => page.failed(failure),
                    (None, None) => self.failure = Some(failure),
                }
                // Somebody else was first: show how it stands.
                self.reload(context)
            }
        }
    }
}

/// Whether the person at this window asked for it.
fn is_own(job: &Job, context: &Context) -> bool {
    let asked_by = job.asked_by.as_ref();
    asked_by.is_some_and(|asked| asked.id == context.person.id)
}
