//! One job: how far it is, and what came of it office by office.

use iced::Task;
use shared::enrolment::job::{
    Job, JobOutcome, JobQuery, JobResult, JobResultsQuery, JobState, JobStep, ListJobResults,
    ShowJob,
};
use shared::offices::OfficeCode;

use super::{Message, is_own};
use crate::api::Failure;
use crate::screen::Context;
use crate::screen::paging::{Fetch, Keyed, Paged};

/// The name of the list of results, for the focus.
pub(in super::super) const RESULTS: &str = "issuing-results";

/// How many results a page asks for.
const PAGE: u16 = 100;
/// How many results below the last one in view are fetched ahead.
const AHEAD: usize = 40;

/// A job that is open.
pub(in super::super) struct JobPage {
    pub(super) job: Job,
    /// Whether the person at this window asked for it.
    pub(super) is_own: bool,
    pub(super) outcome: Option<JobOutcome>,
    pub(super) results: Paged<JobResult>,
    /// What was wanted of the job was not done.
    failure: Option<Failure>,
    watching: bool,
}

impl JobPage {
    /// The job as it opens. `after` is the last turn of the one that was open before, so that none
    /// of its results is taken for one of this.
    pub(super) fn open(job: Job, after: u64, context: &Context) -> (Self, Task<Message>) {
        let mut page = Self {
            is_own: is_own(&job, context),
            job,
            outcome: None,
            results: Paged::after(after),
            failure: None,
            watching: false,
        };
        let task = page.list_anew(context);
        (page, task)
    }

    pub(super) fn job(&self) -> &Job {
        &self.job
    }

    /// Whether this step can be taken, by this person.
    pub(super) fn may(&self, step: JobStep) -> bool {
        let by_whom = match step {
            JobStep::Approve | JobStep::Refuse => !self.is_own,
            JobStep::Withdraw => self.is_own,
            JobStep::Pause | JobStep::Resume | JobStep::Cancel => true,
        };
        by_whom && step.leads_to(self.job.state).is_some()
    }

    /// The results as they are asked for.
    pub(super) fn query(&self) -> JobResultsQuery {
        JobResultsQuery {
            id: self.job.id,
            outcome: self.outcome,
            after: None,
            limit: Some(PAGE),
        }
    }

    /// What was wanted and not done, of the job or of its results; that there are none at all for
    /// it stands in their place.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().or(self.results.failure_above())
    }

    /// What was wanted was not done.
    pub(super) fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        self.watching = true;
        let query = JobQuery { id: self.job.id };
        let call = context.api.call::<ShowJob>(query);
        let show = Task::perform(call, |job| Message::Shown(job.map(Box::new)));
        Task::batch([show, self.list_anew(context)])
    }

    /// A second passed.
    pub(super) fn ticked(&mut self, context: &Context) -> Task<Message> {
        if self.job.state != JobState::Running || self.watching {
            return Task::none();
        }
        self.watching = true;
        let query = JobQuery { id: self.job.id };
        let call = context.api.call::<ShowJob>(query);
        Task::perform(call, |job| Message::Shown(job.map(Box::new)))
    }

    fn list_anew(&mut self, context: &Context) -> Task<Message> {
        let first = self.results.renew();
        self.fetch(first, context)
    }

    fn fetch(&self, Fetch { turn, after }: Fetch, context: &Context) -> Task<Message> {
        let query = JobResultsQuery {
            after,
            ..self.query()
        };
        let call = context.api.call::<ListJobResults>(query);
        Task::perform(call, move |page| Message::Results(turn, page))
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        match message {
            Message::Shown(Ok(job)) => {
                self.watching = false;
                if job.id != self.job.id {
                    return Task::none();
                }
                self.failure = None;
                let moved = job.done != self.job.done;
                self.job = *job;
                match moved {
                    true => self.list_anew(context),
                    false => Task::none(),
                }
            }
            Message::Shown(Err(failure)) => {
                self.watching = false;
                self.failure = Some(failure);
                Task::none()
            }
            Message::Results(turn, page) => {
                self.results.take_in(turn, page);
                self.fetch_ahead(context)
            }
            Message::OutcomeChosen(outcome) => {
                self.outcome = outcome;
                self.results.mark(None);
                let list = iced::widget::operation::focus(RESULTS);
                Task::batch([self.list_anew(context), list])
            }
            Message::ResultMoved(index) => {
                self.results.mark(Some(index));
                Task::none()
            }
            Message::ResultsViewed(range) => {
                self.results.view(range);
                self.fetch_ahead(context)
            }
            _ => Task::none(),
        }
    }

    fn fetch_ahead(&mut self, context: &Context) -> Task<Message> {
        match self.results.ahead(AHEAD) {
            Some(more) => self.fetch(more, context),
            None => Task::none(),
        }
    }
}

impl Keyed for JobResult {
    type Key = OfficeCode;
    fn key(&self) -> OfficeCode {
        self.office.code.clone()
    }
}
