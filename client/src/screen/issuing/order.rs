//! The question before a job is begun: how those who asked were identified, and why; then what it
//! would come to; then the last word.

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{BeginJob, CheckJob, Job, JobKind, JobOutlook, NewJob, Selection};
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

/// A job that is about to be begun.
pub(super) struct Order {
    kind: JobKind,
    selection: Selection,
    /// For whom, in words.
    whom: String,
    id: JobId,
    key: IdempotencyKey,
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
    /// Back.
    BackPressed,
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
        let key = context.world.key();
        Self {
            kind,
            selection,
            whom,
            id: JobId(key.0),
            key: context.api.key(),
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
                if self.busy =>
            {
                Action::None
            }
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
            Message::BeginPressed => {
                let fits = self.outlook.as_ref().is_some_and(|it| it.fitting > 0);
                match self.request().filter(|_| fits) {
                    None => Action::None,
                    Some(request) => {
                        self.busy = true;
                        self.failure = None;
                        let call = context.api.call_again::<BeginJob>(request, self.key);
                        Action::Run(Task::perform(call, |job| Message::Begun(job.map(Box::new))))
                    }
                }
            }
            Message::Begun(Ok(job)) => Action::Begun(job),
            Message::Begun(Err(failure)) => {
                self.busy = false;
                self.failure = Some(failure);
                Action::None
            }
            Message::BackPressed if self.outlook.is_some() => {
                self.outlook = None;
                self.failure = None;
                Action::Run(operation::focus(FIRST))
            }
            Message::BackPressed => Action::Closed,
        }
    }

    fn changed(&mut self, change: impl FnOnce(&mut Self)) -> Action {
        change(self);
        self.outlook = None;
        self.lacking = false;
        Action::None
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let on = Shortcut::command_named(Named::Enter);
        let on = match self.outlook {
            None => binding(on, say!("issuing.order.check"), Message::CheckPressed),
            Some(_) => binding(on, say!("issuing.order.begin"), Message::BeginPressed),
        };
        let escape = Shortcut::named(Named::Escape);
        let back = binding(escape, say!("issuing.order.back"), Message::BackPressed);
        vec![on, back]
    }
}
