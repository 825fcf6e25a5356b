//! What is asked before it is done, and doing it.

use iced::Task;
use iced::widget::operation;
use shared::enrolment::approval::{DecideApproval, Decision};
use shared::enrolment::job::{JobStep, JobToStep, StepJob};
use shared::id::ApprovalId;
use shared::text::Remark;

use super::{Jobs, Message, WHY};
use crate::api::Failure;
use crate::screen::Context;

/// What is asked before it is done.
pub(super) struct Asking {
    pub(super) what: What,
    pub(super) why: String,
    pub(super) busy: bool,
    pub(super) failure: Option<Failure>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A step with the job that is open.
    Step(JobStep),
    /// A yes or a no to the operator.
    Decide(ApprovalId, bool),
}

impl What {
    pub(super) fn needs_reason(self) -> bool {
        matches!(self, Self::Step(JobStep::Refuse) | Self::Decide(_, false))
    }
}

impl Jobs {
    /// Whether a reason was typed in the question in front.
    pub(in super::super) fn is_typed(&self) -> bool {
        let asking = self.asking.as_ref();
        asking.is_some_and(|asking| !asking.why.trim().is_empty())
    }

    /// Whether a question is in front.
    pub(in super::super) fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    pub(super) fn ask(&mut self, what: What) -> Task<Message> {
        self.asking = Some(Asking {
            what,
            why: String::new(),
            busy: false,
            failure: None,
        });
        operation::focus(WHY)
    }

    pub(super) fn confirmed(&mut self, context: &Context) -> Task<Message> {
        let Some(asking) = self.asking.as_mut().filter(|asking| !asking.busy) else {
            return Task::none();
        };
        let reason = Remark::parse(&asking.why).ok();
        // A no without a reason helps nobody who asked.
        if reason.is_none() && asking.what.needs_reason() {
            return operation::focus(WHY);
        }
        asking.busy = true;
        asking.failure = None;
        match asking.what {
            What::Step(step) => self.step(step, reason, context),
            What::Decide(id, approve) => {
                let Some(known) = self.approvals.iter().find(|known| known.id == id) else {
                    self.asking = None;
                    return Task::none();
                };
                let decision = Decision {
                    id,
                    version: known.version,
                    approve,
                    reason,
                };
                let call = context.api.call::<DecideApproval>(decision);
                Task::perform(call, |done| Message::Decided(done.map(Box::new)))
            }
        }
    }

    pub(super) fn step(
        &mut self,
        step: JobStep,
        reason: Option<Remark>,
        context: &Context,
    ) -> Task<Message> {
        let Some(page) = &self.opened else {
            return Task::none();
        };
        let request = JobToStep {
            id: page.job().id,
            version: page.job().version,
            step,
            reason,
        };
        let call = context.api.call::<StepJob>(request);
        Task::perform(call, |done| Message::Stepped(done.map(Box::new)))
    }
}
