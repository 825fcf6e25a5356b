//! How the form is saved: judged, sent under a key of its own, and what an answer leads to.

use iced::Task;
use iced::widget::operation;
use shared::follow_up::returnee::{
    ChangeReturnee, ChangedReturnee, EnterReturnee, NewReturnee, Returnee, ReturneeDetails,
};
use shared::problem::ProblemCode;

use super::super::clash::{Choice, Clash, Versions};
use super::{Action, Comparison, Field, Form, Message, Verdict, Write, field, view};
use crate::api::Failure;
use crate::screen::Context;

impl Form {
    /// Judges all fields, and sends them if nothing is wrong; else the first wrong one takes the keys.
    pub(super) fn save(&mut self, although_alike: bool, context: &Context) -> Action {
        if self.saving {
            return Action::None;
        }
        self.failure = None;
        self.settle_centre();
        self.choosing.open = false;
        self.verdicts
            .retain(|_, verdict| matches!(verdict, Verdict::PutRight(_)));
        let texts = |field: Field| self.text(field).to_owned();
        match field::details(&texts, context.world.today(), self.seen.is_some()) {
            Ok(details) => self.send(details, although_alike, context),
            Err(wrong) => {
                let first = wrong.first().map(|(field, _)| *field);
                for (field, refused) in wrong {
                    self.verdicts.insert(field, Verdict::Wrong(refused));
                }
                first.map_or(Action::None, |field| {
                    Action::Run(operation::focus(view::name(field)))
                })
            }
        }
    }

    fn send(
        &mut self,
        details: ReturneeDetails,
        although_alike: bool,
        context: &Context,
    ) -> Action {
        let write = match &self.seen {
            None => Write::Enter(NewReturnee {
                details,
                although_alike,
            }),
            Some(seen) => Write::Change(ChangedReturnee {
                id: seen.id,
                version: seen.version,
                details,
            }),
        };
        let (write, key) = match self.tried.take() {
            // It may have arrived: only its own key and content say so without entering anyone
            // twice. What was typed since goes after it.
            Some((before, key)) => {
                self.next = (before != write).then_some(although_alike);
                (before, key)
            }
            None => (write, context.api.key()),
        };
        self.tried = Some((write.clone(), key));
        self.saving = true;
        let whom = self.whom();
        let saved =
            move |result: Result<Returnee, Failure>| Message::Saved(whom, result.map(Box::new));
        Action::Run(match write {
            Write::Enter(new) => {
                Task::perform(context.api.call_again::<EnterReturnee>(new, key), saved)
            }
            Write::Change(changed) => Task::perform(
                context.api.call_again::<ChangeReturnee>(changed, key),
                saved,
            ),
        })
    }

    /// Takes in what came of a write.
    pub(super) fn saved(
        &mut self,
        result: Result<Box<Returnee>, Failure>,
        context: &Context,
    ) -> Action {
        self.saving = false;
        let next = self.next.take();
        let sent = if is_definite(&result) {
            self.tried.take().map(|(write, _)| write)
        } else {
            None
        };
        if let (Some(although_alike), Some(_)) = (next, &sent) {
            if let Ok(returnee) = result {
                self.seen = Some(returnee);
            }
            return self.save(although_alike, context);
        }
        let failure = match result {
            Ok(returnee) => {
                self.touched = false;
                return Action::Saved(returnee);
            }
            Err(failure) => failure,
        };
        if let Failure::Refused(problem) = &failure {
            let current = problem.current.clone();
            match problem.code {
                ProblemCode::Alike => {
                    self.alike = current.and_then(|it| serde_json::from_value(it).ok());
                }
                ProblemCode::VersionClash => {
                    if let Some(present) = current.and_then(|it| serde_json::from_value(it).ok()) {
                        self.compare(sent, present);
                    }
                }
                _ => {}
            }
        }
        if self.alike.is_none() && self.clash.is_none() {
            self.failure = Some(failure);
        }
        Action::None
    }

    fn compare(&mut self, sent: Option<Write>, present: Box<Returnee>) {
        let (Some(seen), Some(Write::Change(sent))) = (&self.seen, sent) else {
            return;
        };
        let fields = Field::ALL.map(|field| Versions {
            field,
            seen: field.shown(&field.write(&seen.details)),
            mine: field.shown(&field.write(&sent.details)),
            theirs: field.shown(&field.write(&present.details)),
        });
        let clash = Clash::new(present.changed_by.name.to_string(), fields);
        self.clash = Some(Box::new(Comparison { clash, present }));
    }

    /// Takes what was chosen of two versions, and saves that.
    pub(super) fn settle(&mut self, context: &Context) -> Action {
        let Some(both) = self.clash.take_if(|both| both.clash.is_settled()) else {
            return Action::None;
        };
        let Comparison { clash, present } = *both;
        for field in Field::ALL {
            if clash.choice(field) == Choice::Theirs {
                self.texts.insert(field, field.write(&present.details));
            }
        }
        self.seen = Some(present);
        self.save(false, context)
    }
}

/// Whether the server has said yes or no; otherwise the write may have arrived or may yet.
fn is_definite(result: &Result<Box<Returnee>, Failure>) -> bool {
    match result {
        Ok(_) => true,
        Err(failure) => {
            let unsure = matches!(failure.problem(), None | Some(ProblemCode::Internal));
            !unsure && !failure.may_pass()
        }
    }
}
