//! The question before a job is begun: how those who asked were identified, and why; then what it
//! would come to; then the last word.

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;
use shared::ProblemCode;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{
    BeginJob, CheckJob, Job, JobKind, JobOutlook, JobQuery, NewJob, Selection, ShowJob,
};
use shared::id::{IdempotencyKey, JobId};
use shared::text::Remark;

use super::super::Context;
use crate::api::Failure;
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

mod view;

pub(super) use view::view;

/// The name of the field for the reason, for the focus.
pub(super) const FIRST: &str = "issuing-reason";
/// The name of the button that goes back, for the focus: Enter must not begin what was not read.
const BACK: &str = "issuing-back";
/// The name of the button that stays, for the focus.
const STAY: &str = "issuing-order-stay";

/// A job that is about to be begun.
pub(super) struct Order {
    kind: JobKind,
    selection: Selection,
    /// For whom, in words.
    whom: String,
    /// The office of this terminal is among them.
    strikes_here: bool,
    id: JobId,
    /// What was sent last, and under which key, so that a repeat has no second effect.
    tried: Option<(NewJob, IdempotencyKey)>,
    /// The answer was lost, and the server has not said yet whether the job is there.
    unsure: bool,
    /// It was asked whether what was typed may be thrown away.
    leaving: bool,
    cause: Option<ReissueCause>,
    identified: Option<Identification>,
    reason: String,
    /// What it would come to, once that was asked.
    outlook: Option<JobOutlook>,
    /// An answer is awaited.
    busy: bool,
    /// It was to go on before everything was answered.
    lacking: bool,
    failure: Option<Failure>,
}

/// What happened in the question.
#[derive(Clone, Debug)]
pub enum Message {
    /// What became of the terminals.
    CauseChosen(ReissueCause),
    /// How those who asked were identified.
    IdentifiedChosen(Identification),
    /// The reason was typed.
    ReasonTyped(String),
    /// Everything is answered: what would it come to?
    CheckPressed,
    /// That was said, or not.
    Checked(Result<JobOutlook, Failure>),
    /// Do it.
    BeginPressed,
    /// It has begun, or not.
    Begun(Result<Box<Job>, Failure>),
    /// The job whose answer was lost is there, or not; whether it shall be sent again if not.
    LookedFor(bool, Result<Box<Job>, Failure>),
    /// Back.
    BackPressed,
    /// Go on typing.
    StayPressed,
    /// Close it all the same.
    ThrowAwayPressed,
}

/// What the screen must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    Closed,
    Begun(Box<Job>),
}

impl Order {
    pub(super) fn new(
        kind: JobKind,
        selection: Selection,
        whom: String,
        context: &Context,
    ) -> Self {
        let here = &context.office.code;
        let strikes_here =
            matches!(&selection, Selection::Offices { offices } if offices.contains(here));
        Self {
            kind,
            selection,
            whom,
            strikes_here,
            id: JobId(context.api.key().0),
            tried: None,
            unsure: false,
            leaving: false,
            cause: None,
            identified: None,
            reason: String::new(),
            outlook: None,
            busy: false,
            lacking: false,
            failure: None,
        }
    }

    /// Whether something was typed that would be lost.
    pub(super) fn is_typed(&self) -> bool {
        !self.reason.trim().is_empty()
    }

    fn request(&self) -> Option<NewJob> {
        if self.kind == JobKind::Reissue && self.cause.is_none() {
            return None;
        }
        Some(NewJob {
            id: self.id,
            kind: self.kind,
            selection: self.selection.clone(),
            cause: self.cause,
            identified: self.identified?,
            reason: Remark::parse(&self.reason).ok()?,
        })
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            // What was sent cannot be changed any more; its answer comes soon, or that none does.
            Message::CauseChosen(_)
            | Message::IdentifiedChosen(_)
            | Message::ReasonTyped(_)
            | Message::CheckPressed
            | Message::BeginPressed
            | Message::BackPressed
                if self.busy || self.leaving =>
            {
                Action::None
            }
            // Nor before it is known whether that arrived.
            Message::CauseChosen(_)
            | Message::IdentifiedChosen(_)
            | Message::ReasonTyped(_)
            | Message::CheckPressed
                if self.unsure =>
            {
                Action::None
            }
            Message::BeginPressed if self.unsure => self.look_for(true, context),
            Message::CauseChosen(cause) => self.changed(|order| order.cause = Some(cause)),
            Message::IdentifiedChosen(way) => self.changed(|order| order.identified = Some(way)),
            Message::ReasonTyped(reason) => self.changed(|order| order.reason = reason),
            Message::CheckPressed => {
                self.failure = None;
                let request = self.request();
                self.lacking = request.is_none();
                match request {
                    None => Action::None,
                    Some(request) => {
                        self.busy = true;
                        let call = context.api.call::<CheckJob>(request);
                        Action::Run(Task::perform(call, Message::Checked))
                    }
                }
            }
            Message::Checked(result) => {
                self.busy = false;
                match result {
                    Err(failure) => {
                        self.failure = Some(failure);
                        Action::None
                    }
                    Ok(outlook) => {
                        self.outlook = Some(outlook);
                        Action::Run(operation::focus(BACK))
                    }
                }
            }
            Message::BeginPressed => self.begin(context),
            Message::Begun(Ok(job)) | Message::LookedFor(_, Ok(job)) => Action::Begun(job),
            Message::Begun(Err(failure @ Failure::Refused(_))) => {
                self.busy = false;
                self.failure = Some(failure);
                Action::None
            }
            Message::Begun(Err(failure)) => {
                self.failure = Some(failure);
                self.unsure = true;
                self.look_for(false, context)
            }
            Message::LookedFor(again, Err(failure)) => {
                self.busy = false;
                if failure.problem() != Some(ProblemCode::NotFound) {
                    self.failure = Some(failure);
                    return Action::None;
                }
                self.unsure = false;
                match again {
                    true => self.begin(context),
                    false => Action::None,
                }
            }
            Message::BackPressed if self.unsure => self.ask_to_leave(),
            Message::BackPressed if self.outlook.is_some() => {
                self.outlook = None;
                self.failure = None;
                Action::Run(operation::focus(FIRST))
            }
            Message::BackPressed if self.is_typed() => self.ask_to_leave(),
            Message::StayPressed => {
                self.leaving = false;
                Action::Run(operation::focus(match self.outlook {
                    Some(_) => BACK,
                    None => FIRST,
                }))
            }
            Message::BackPressed | Message::ThrowAwayPressed => Action::Closed,
        }
    }

    /// Sends it; what was sent before and may yet arrive is sent as the same job again.
    fn begin(&mut self, context: &Context) -> Action {
        let fits = self.outlook.as_ref().is_some_and(|it| it.fitting > 0);
        let Some(mut request) = self.request().filter(|_| fits) else {
            return Action::None;
        };
        let key = match &self.tried {
            Some((sent, key)) if *sent == request => *key,
            Some(_) => {
                self.id = JobId(context.api.key().0);
                request.id = self.id;
                context.api.key()
            }
            None => context.api.key(),
        };
        self.tried = Some((request.clone(), key));
        self.busy = true;
        self.failure = None;
        let call = context.api.call_again::<BeginJob>(request, key);
        Action::Run(Task::perform(call, |job| Message::Begun(job.map(Box::new))))
    }

    /// Asks whether the job is there although no answer came.
    fn look_for(&mut self, again: bool, context: &Context) -> Action {
        self.busy = true;
        let call = context.api.call::<ShowJob>(JobQuery { id: self.id });
        Action::Run(Task::perform(call, move |job| {
            Message::LookedFor(again, job.map(Box::new))
        }))
    }

    fn ask_to_leave(&mut self) -> Action {
        self.leaving = true;
        Action::Run(operation::focus(STAY))
    }

    fn changed(&mut self, change: impl FnOnce(&mut Self)) -> Action {
        change(self);
        self.outlook = None;
        self.lacking = false;
        Action::None
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let escape = Shortcut::named(Named::Escape);
        if self.leaving {
            let stay = say!("issuing.order.leave.stay");
            return vec![binding(escape, stay, Message::StayPressed)];
        }
        let on = Shortcut::command_named(Named::Enter);
        let on = match self.outlook {
            None => binding(on, say!("issuing.order.check"), Message::CheckPressed),
            Some(_) => binding(on, say!("issuing.order.begin"), Message::BeginPressed),
        };
        let back = binding(escape, say!("issuing.order.back"), Message::BackPressed);
        vec![on, back]
    }
}
