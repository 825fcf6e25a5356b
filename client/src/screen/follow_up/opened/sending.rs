//! What is sent about an opened returnee, and what comes of it.

use iced::Task;
use shared::follow_up::hand_over::{HandOverReturnee, HandedOver, ReturneeToHandOver};
use shared::follow_up::observation::{CloseSign, DayToWithdraw, SignToClose, WithdrawObservation};
use shared::follow_up::returnee::{
    ChangeAssignee, ChangePeriod, ChangedAssignee, ChangedPeriod, Returnee,
};
use shared::id::{IdempotencyKey, ReturneeId};
use shared::problem::ProblemCode;
use shared::text::Remark;

use super::asked::{InView, Write};
use super::{Action, Asked, Message, Opened};
use crate::api::Failure;
use crate::screen::Context;

impl Opened {
    pub(super) fn save(&mut self, context: &Context) -> Action {
        let Some(returnee) = &self.returnee else {
            return Action::None;
        };
        let (id, version) = (returnee.id, returnee.version);
        match self.asked.clone() {
            Some(Asked::Sign { sign, action }) => match Remark::parse(&action) {
                Ok(action) => self.send(Write::Sign(SignToClose { id, sign, action }), context),
                Err(_) => Action::None,
            },
            Some(Asked::Period { last_day, reason }) => {
                match (self.last_day(&last_day, context), Remark::parse(&reason)) {
                    (Ok(last_day), Ok(reason)) => {
                        let changed = ChangedPeriod {
                            id,
                            version,
                            last_day,
                            reason,
                        };
                        self.send(Write::Period(changed), context)
                    }
                    _ => Action::None,
                }
            }
            Some(Asked::HandOver { centre, reason }) => {
                match (self.receiver(&centre), Remark::parse(&reason)) {
                    (Ok(to), Ok(reason)) => {
                        let handed = ReturneeToHandOver {
                            id,
                            version,
                            health_centre: to.code.clone(),
                            reason,
                        };
                        self.send(Write::HandOver(handed), context)
                    }
                    _ => Action::None,
                }
            }
            Some(Asked::Withdrawal { day, seen, reason }) => {
                let seen = seen.or_else(|| self.in_view(&day, context));
                match (seen, Remark::parse(&reason)) {
                    (Some(seen), Ok(reason)) => {
                        let withdrawn = DayToWithdraw {
                            id,
                            day: seen.day,
                            version: seen.version,
                            reason,
                        };
                        self.send(Write::Withdrawal(withdrawn), context)
                    }
                    _ => Action::None,
                }
            }
            Some(Asked::Assignee) | None => Action::None,
        }
    }

    pub(super) fn assign(
        &mut self,
        assignee: Option<shared::id::UserId>,
        context: &Context,
    ) -> Action {
        let Some(returnee) = &self.returnee else {
            return Action::None;
        };
        let changed = ChangedAssignee {
            id: returnee.id,
            version: returnee.version,
            assignee,
        };
        self.send(Write::Assignee(changed), context)
    }

    pub(super) fn assign_again(&mut self, context: &Context) -> Action {
        match &self.tried {
            Some((Write::Assignee(before), _)) => self.assign(before.assignee, context),
            _ => Action::None,
        }
    }

    fn send(&mut self, write: Write, context: &Context) -> Action {
        if self.saving {
            return Action::None;
        }
        let key = match &self.tried {
            Some((before, key)) if *before == write => *key,
            _ => context.api.key(),
        };
        self.tried = Some((write.clone(), key));
        self.saving = true;
        self.failed = false;
        self.failure = None;
        let id = self.id;
        let saved =
            move |result: Result<Returnee, Failure>| Message::Saved(id, key, result.map(Box::new));
        let api = &context.api;
        Action::Run(match write {
            Write::Sign(sign) => Task::perform(api.call_again::<CloseSign>(sign, key), saved),
            Write::Period(period) => {
                Task::perform(api.call_again::<ChangePeriod>(period, key), saved)
            }
            Write::Assignee(assignee) => {
                Task::perform(api.call_again::<ChangeAssignee>(assignee, key), saved)
            }
            Write::Withdrawal(withdrawn) => {
                Task::perform(api.call_again::<WithdrawObservation>(withdrawn, key), saved)
            }
            Write::HandOver(handed) => {
                let handed = api.call_again::<HandOverReturnee>(handed, key);
                Task::perform(handed, move |result| Message::HandedOver(id, key, result))
            }
        })
    }

    pub(super) fn saved(
        &mut self,
        id: ReturneeId,
        key: IdempotencyKey,
        result: Result<Box<Returnee>, Failure>,
    ) -> Action {
        let mine = id == self.id && matches!(&self.tried, Some((_, tried)) if *tried == key);
        if !mine {
            // It was sent before somebody was opened anew; what is asked here goes on.
            return result.map_or(Action::None, |returnee| {
                if id == self.id {
                    self.take_in(returnee.clone());
                }
                Action::Changed(returnee)
            });
        }
        self.saving = false;
        match result {
            Ok(returnee) => {
                if let Some((write, _)) = &self.tried {
                    let answered = Asked::of(write);
                    self.asked.take_if(|asked| asked.is_same(&answered));
                    self.left.retain(|left| !left.is_same(&answered));
                }
                self.returnee = Some(returnee.clone());
                self.drop_answered();
                Action::Changed(returnee)
            }
            Err(failure) => self.came_back(failure),
        }
    }

    /// The answer to a hand-over.
    pub(super) fn handed_over(
        &mut self,
        id: ReturneeId,
        key: IdempotencyKey,
        result: Result<HandedOver, Failure>,
    ) -> Action {
        if id != self.id || !matches!(&self.tried, Some((_, tried)) if *tried == key) {
            return Action::None;
        }
        self.saving = false;
        match result {
            Ok(handed) => {
                // Whatever else was typed about them concerns the other health centre now.
                (self.asked, self.tried) = (None, None);
                self.left.clear();
                Action::Gone(self.name(), handed)
            }
            Err(failure) => self.came_back(failure),
        }
    }

    /// What was sent could not be saved.
    fn came_back(&mut self, failure: Failure) -> Action {
        // The present record goes beside what was typed; saving again is then a decision.
        if let Failure::Refused(problem) = &failure
            && problem.code == ProblemCode::VersionClash
            && let Some(current) = problem.current.clone()
            && let Ok(present) = serde_json::from_value(current)
        {
            self.returnee = Some(Box::new(present));
            self.drop_answered();
            if self.withdrew_in_vain() {
                return Action::None;
            }
        }
        // Whoever has closed the question meanwhile finds it open again.
        if self.asked.is_none()
            && let Some((write, _)) = &self.tried
        {
            let asked = Asked::of(write);
            let at = self.left.iter().position(|left| left.is_same(&asked));
            self.asked = Some(at.map_or(asked, |at| self.left.remove(at)));
        }
        self.failure = Some(failure);
        self.failed = true;
        Action::None
    }

    /// What a withdrawal clashed with: a record that another wrote is in view from now on, and that
    /// there is none any more is all that was asked for.
    fn withdrew_in_vain(&mut self) -> bool {
        let Some((write @ Write::Withdrawal(DayToWithdraw { day, .. }), _)) = &self.tried else {
            return false;
        };
        let (day, sent) = (*day, Asked::of(write));
        let mut recorded = self.returnee.iter().flat_map(|it| &it.observations);
        let present = recorded.find(|seen| seen.day == day).map(InView::of);
        if present.is_none() {
            self.asked.take_if(|asked| asked.is_same(&sent));
            (self.tried, self.gone) = (None, Some(day));
            return true;
        }
        for asked in self.asked.iter_mut().chain(&mut self.left) {
            if let Asked::Withdrawal { seen, .. } = asked
                && seen.is_some_and(|seen| seen.day == day)
            {
                *seen = present;
            }
        }
        false
    }
}
