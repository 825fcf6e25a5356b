//! What is asked of the server, and when.

use iced::Task;
use shared::enrolment::approval::{ApprovalState, ApprovalsQuery, ListApprovals};
use shared::enrolment::job::{JobQuery, JobState, JobsQuery, ListJobs, ShowJob};
use shared::id::JobId;

use super::{Jobs, Message, REFRESH};
use crate::api::Failure;
use crate::screen::Context;

impl Jobs {
    /// Asks for everything in front anew.
    pub(in super::super) fn reload(&mut self, context: &Context) -> Task<Message> {
        let waiting = self.ask_waiting(context);
        let opened = match &mut self.opened {
            Some(page) => page.reload(context),
            None => Task::none(),
        };
        Task::batch([self.list_anew(context), waiting, opened])
    }

    fn ask_waiting(&mut self, context: &Context) -> Task<Message> {
        self.age = 0;
        self.asked_waiting = true;
        let waiting = ApprovalsQuery {
            state: Some(ApprovalState::Waiting),
            ..ApprovalsQuery::default()
        };
        Task::perform(context.api.call::<ListApprovals>(waiting), Message::Waiting)
    }

    pub(super) fn list_anew(&mut self, context: &Context) -> Task<Message> {
        self.fetching = true;
        let call = context.api.call::<ListJobs>(JobsQuery::default());
        Task::perform(call, |page| Message::Listed(true, page))
    }

    /// A second passed: what runs is asked how far it is, and every [`REFRESH`] seconds whether
    /// something has come in.
    pub(in super::super) fn ticked(&mut self, context: &Context) -> Task<Message> {
        self.age += 1;
        let is_due = self.age >= REFRESH;
        if is_due {
            self.age = 0;
        }
        let waiting = match is_due && !self.asked_waiting {
            true => self.ask_waiting(context),
            false => Task::none(),
        };
        let runs = self.jobs.iter().any(|job| job.state == JobState::Running);
        let is_seen = runs && self.opened.is_none();
        let list = match (is_due || is_seen) && !self.fetching {
            true => self.list_anew(context),
            false => Task::none(),
        };
        let opened = match &mut self.opened {
            Some(page) => page.ticked(context),
            None => Task::none(),
        };
        Task::batch([waiting, list, opened])
    }

    /// Looks a job up and opens it.
    pub(in super::super) fn want(&mut self, id: JobId, context: &Context) -> Task<Message> {
        let call = context.api.call::<ShowJob>(JobQuery { id });
        Task::perform(call, |job| Message::Wanted(job.map(Box::new)))
    }

    /// What of the list could not be loaded.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().or(self.waiting_failure.as_ref())
    }
}
