//! Saving the day in view, and what comes of it.

use iced::Task;
use iced::widget::operation;
use shared::follow_up::observation::{Findings, RecordObservation, RecordedDay};
use shared::follow_up::returnee::{Returnee, ReturneeQuery, ShowReturnee};
use shared::id::IdempotencyKey;
use shared::problem::ProblemCode;

use super::super::line::Line;
use super::below::version;
use super::pen::{Below, Trouble};
use super::{Action, Message, Record, view};
use crate::api::Failure;
use crate::screen::Context;

/// The write that was tried last, so that a repeat has no second effect.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) recorded: RecordedDay,
    key: IdempotencyKey,
    /// What it was to stand in place of.
    pub(super) over: Option<Findings>,
}

impl Record {
    pub(super) fn save(&mut self, context: &Context) -> Action {
        let draft = self.drafts.get(&self.day);
        let to_tell = draft.is_some_and(|draft| draft.below == Below::Withdrawn);
        if self.below(self.day) == Below::Unknown || to_tell && self.returnee.is_none() {
            // Nobody overwrites what they have not seen.
            self.save_once_seen = true;
            let id = self.line.id;
            let show = context.api.call::<ShowReturnee>(ReturneeQuery { id });
            return match self.unseen.take() {
                None => Action::None,
                Some(_) => Action::Run(Task::perform(show, move |result| {
                    Message::Seen(id, result.map(Box::new))
                })),
            };
        }
        if self.day > context.world.today() {
            self.trouble = Some(Trouble::NotBegun);
            return Action::None;
        }
        if self.has_to_tell() {
            return Action::None;
        }
        match self.findings() {
            Ok(findings) => {
                let seen = version(self.stored());
                if self.returnee.is_some() && seen != version(self.present()) {
                    if self.is_withdrawn() {
                        return Action::None;
                    }
                    let over = self.stored().map(|seen| seen.findings.clone());
                    self.compare(&findings, over.as_ref());
                    if self.comparison.is_some() {
                        return Action::None;
                    }
                }
                let recorded = RecordedDay {
                    id: self.line.id,
                    day: self.day,
                    version: seen,
                    findings,
                };
                self.send(recorded, context)
            }
            Err(trouble) => {
                // The note stands last; what is wrong with it, below it.
                let of_note = matches!(&trouble, Trouble::Refused(it) if it.reason == "remark");
                self.trouble = Some(trouble);
                if of_note {
                    return Action::Run(operation::snap_to_end(view::ENTRY));
                }
                Action::None
            }
        }
    }

    pub(super) fn send(&mut self, recorded: RecordedDay, context: &Context) -> Action {
        let key = match &self.tried {
            Some(before) if before.recorded == recorded => before.key,
            _ => context.api.key(),
        };
        self.tried = Some(Tried {
            recorded: recorded.clone(),
            key,
            over: self.stored().map(|seen| seen.findings.clone()),
        });
        Action::Send(recorded, key)
    }

    /// The answer to what was sent; `true` once it is saved.
    pub(in super::super) fn answered(
        &mut self,
        result: Result<Box<Returnee>, Failure>,
        context: &Context,
    ) -> bool {
        match result {
            Ok(returnee) => {
                self.drafts.remove(&self.day);
                self.line = Line::of_returnee(&returnee, context.world.today());
                self.returnee = Some(returnee);
                true
            }
            Err(failure) => {
                let clash = failure.problem() == Some(ProblemCode::VersionClash);
                if clash {
                    self.clashed(&failure);
                }
                let is_told = clash && matches!(self.trouble, Some(Trouble::Withdrawn { .. }));
                if self.comparison.is_none() && !is_told {
                    self.trouble = Some(Trouble::Failed(failure));
                }
                false
            }
        }
    }
}

/// Sends one recorded day.
pub(in super::super) fn send<Outer: Send + 'static>(
    recorded: RecordedDay,
    key: IdempotencyKey,
    context: &Context,
    answered: impl Fn(Result<Box<Returnee>, Failure>) -> Outer + Send + 'static,
) -> Task<Outer> {
    let call = context.api.call_again::<RecordObservation>(recorded, key);
    Task::perform(call, move |result| answered(result.map(Box::new)))
}
