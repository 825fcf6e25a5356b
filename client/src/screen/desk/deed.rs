//! What is done for an office: which answers it needs, and how it is sent.
//!
//! Every answer is one key: a digit for what became of the terminal, one for how the caller was
//! identified, one for the reason; then Enter. What cannot be undone is said in words of its own
//! and takes Ctrl+Enter besides.

use std::sync::Arc;

use iced::Task;
use shared::enrolment::deeds::{
    CancelLink, Deed as Asked, Identification, IssueLink, ReissueCause, ReissueTerminal,
    ResendLink, RevokeTerminal, TerminalToReissue, UnlockLink,
};
use shared::id::{EnrolmentId, IdempotencyKey};
use shared::mail::{ReadOutPassword, ReadOutRequest};
use shared::offices::OfficeCode;
use shared::text::Remark;

use super::super::Context;
use super::{NOBODY, page};
use crate::api::Failure;

mod kind;
mod view;

pub(super) use kind::Kind;

/// The name of the field for a reason of one's own, for the focus.
const OWN: &str = "desk-reason";

/// Something that is about to be done, under the hands.
pub(super) struct Deed {
    kind: Kind,
    office: OfficeCode,
    link: Option<EnrolmentId>,
    cause: Option<ReissueCause>,
    identified: Option<Identification>,
    reason: Option<Reason>,
    own: String,
    /// It was asked whether what cannot be undone is meant.
    confirming: bool,
    /// What was sent last, and under which key, so that a repeat has no second effect.
    tried: Option<(Order, IdempotencyKey)>,
    /// Which turn of the page it was sent in, while no answer has come.
    sending: Option<u64>,
    failure: Option<Failure>,
    /// Enter was pressed before everything was answered.
    is_lacking: bool,
    /// It was said that the office was called back, and no number of it is on record.
    is_uncalled: bool,
}

/// Why it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One of those offered.
    Offered(usize),
    /// In one's own words.
    Own,
}

/// What is to be answered next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What became of the terminal.
    Cause,
    /// How the caller was identified.
    Identified,
    /// Why.
    Reason,
    /// Nothing any more.
    Ready,
}

/// What is sent.
#[derive(Clone, PartialEq)]
enum Order {
    Deed(Asked),
    Reissue(TerminalToReissue),
    ReadOut(ReadOutRequest),
}

/// What happened in the question.
#[derive(Clone)]
pub enum Message {
    /// What became of the terminal.
    CauseChosen(ReissueCause),
    /// How the caller was identified.
    IdentifiedChosen(Identification),
    /// Why.
    ReasonChosen(Reason),
    /// A digit answers whatever is asked by the time it is read: two that come faster than the
    /// window draws answer two questions.
    DigitPressed(usize),
    /// A reason was typed.
    OwnTyped(String),
    /// This answer was not meant.
    TakenBack(Step),
    /// The last answer was not meant.
    UndoPressed,
    /// Do it.
    DonePressed,
    /// Do it, although it cannot be undone.
    ConfirmPressed,
    /// Back.
    EscapePressed,
}

/// What the page must do.
pub(super) enum Action {
    None,
    /// Give the keys to this.
    Focus(&'static str),
    Send,
    Close,
}

impl Deed {
    pub(super) fn new(kind: Kind, office: OfficeCode, link: Option<EnrolmentId>) -> Self {
        // What a terminal asks for itself leaves nothing to be answered.
        let is_answered = kind == Kind::Answer;
        Self {
            kind,
            office,
            link,
            cause: is_answered.then_some(ReissueCause::Expired),
            identified: is_answered.then_some(Identification::OwnKey),
            reason: is_answered.then_some(Reason::Offered(0)),
            own: String::new(),
            confirming: false,
            tried: None,
            sending: None,
            failure: None,
            is_lacking: false,
            is_uncalled: false,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether this is a deed of this kind on this link.
    pub(super) fn is_of(&self, kind: Kind, link: Option<EnrolmentId>) -> bool {
        self.kind == kind && self.link == link
    }

    /// Whether a reason was typed.
    pub(super) fn is_typed(&self) -> bool {
        !self.own.trim().is_empty()
    }

    /// Whether it may have been done without an answer coming back.
    pub(super) fn may_have_arrived(&self) -> bool {
        self.tried.is_some()
    }

    pub(super) fn waits_for(&self, turn: u64) -> bool {
        self.sending == Some(turn)
    }

    fn step(&self) -> Step {
        if self.kind == Kind::Reissue && self.cause.is_none() {
            Step::Cause
        } else if self.identified.is_none() {
            Step::Identified
        } else if self.reason.is_none() || (self.reason == Some(Reason::Own) && !self.is_typed()) {
            Step::Reason
        } else {
            Step::Ready
        }
    }

    /// Whether it cannot be undone, so that it is asked once more.
    fn is_final(&self) -> bool {
        match self.kind {
            Kind::Cancel | Kind::Revoke => true,
            Kind::Reissue => self.cause.is_some_and(ReissueCause::kills_at_once),
            Kind::Answer | Kind::Issue | Kind::Resend | Kind::Unlock | Kind::ReadOut => false,
        }
    }

    /// Takes in what happened; `may` says whether the office's state allows it, `has_number`
    /// whether it can have been called back.
    pub(super) fn update(&mut self, message: Message, may: bool, has_number: bool) -> Action {
        // What was sent cannot be changed any more; its answer comes soon, or that none does.
        if self.sending.is_some() {
            return Action::None;
        }
        // Digits are typed without looking: the next one was meant for the next question, and would
        // say of this one what nobody said.
        let blind = matches!(
            message,
            Message::DigitPressed(_) | Message::DonePressed | Message::ConfirmPressed
        );
        if self.is_uncalled && blind {
            return Action::None;
        }
        self.is_lacking = false;
        let was_uncalled = std::mem::take(&mut self.is_uncalled);
        let message = match message {
            Message::DigitPressed(nth) => match self.answer(nth) {
                Some(answer) => answer,
                None => return Action::None,
            },
            other => other,
        };
        match message {
            Message::DigitPressed(_) => {}
            Message::CauseChosen(cause) => self.cause = Some(cause),
            Message::IdentifiedChosen(Identification::CalledBack) if !has_number => {
                self.is_uncalled = true;
            }
            Message::IdentifiedChosen(way) => self.identified = Some(way),
            Message::ReasonChosen(reason) => {
                self.reason = Some(reason);
                if reason == Reason::Own {
                    return Action::Focus(OWN);
                }
            }
            Message::OwnTyped(text) => {
                self.reason = Some(Reason::Own);
                self.own = text;
                return Action::None;
            }
            Message::TakenBack(Step::Cause) => self.cause = None,
            Message::TakenBack(Step::Identified) => self.identified = None,
            Message::TakenBack(Step::Reason | Step::Ready) => self.reason = None,
            Message::UndoPressed if self.kind == Kind::Answer || was_uncalled => {}
            Message::UndoPressed => self.undo(),
            Message::DonePressed if self.confirming => return Action::None,
            Message::DonePressed => return self.done(may),
            Message::ConfirmPressed if self.confirming && may => return Action::Send,
            Message::ConfirmPressed => return self.done(may),
            Message::EscapePressed if self.confirming => self.confirming = false,
            Message::EscapePressed => return Action::Close,
        }
        Action::Focus(NOBODY)
    }

    /// What the `nth` answer to the present question says, counted from 1.
    fn answer(&self, nth: usize) -> Option<Message> {
        let at = nth.checked_sub(1)?;
        match self.step() {
            Step::Cause => ReissueCause::ALL.get(at).copied().map(Message::CauseChosen),
            Step::Identified => {
                let way = Identification::ANSWERS.get(at).copied();
                way.map(Message::IdentifiedChosen)
            }
            Step::Reason => {
                let (reason, _) = self.reasons().into_iter().nth(at)?;
                Some(Message::ReasonChosen(reason))
            }
            Step::Ready => None,
        }
    }

    fn done(&mut self, may: bool) -> Action {
        let step = self.step();
        self.is_lacking = step != Step::Ready;
        if self.is_lacking {
            let own = step == Step::Reason && self.reason == Some(Reason::Own);
            return Action::Focus(if own { OWN } else { NOBODY });
        }
        if !may {
            return Action::None;
        }
        if self.is_final() {
            self.confirming = true;
            return Action::Focus(NOBODY);
        }
        Action::Send
    }

    fn undo(&mut self) {
        if std::mem::take(&mut self.confirming) || self.reason.take().is_some() {
            return;
        }
        if self.identified.take().is_none() {
            self.cause = None;
        }
    }

    /// The reason as it is written down.
    fn reason(&self) -> Option<Remark> {
        match self.reason? {
            Reason::Offered(nth) => Remark::parse(&self.kind.reasons().get(nth)?.clone()).ok(),
            Reason::Own => Remark::parse(&self.own).ok(),
        }
    }

    fn order(&self) -> Option<Order> {
        let (identified, reason) = (self.identified?, self.reason()?);
        let office = self.office.clone();
        Some(match self.kind {
            Kind::Answer | Kind::Reissue => Order::Reissue(TerminalToReissue {
                office,
                cause: self.cause?,
                identified,
                reason,
            }),
            Kind::ReadOut => Order::ReadOut(ReadOutRequest {
                link: self.link?,
                identified,
                reason,
            }),
            _ => Order::Deed(Asked {
                office,
                identified,
                reason,
            }),
        })
    }

    /// Sends it; what was sent before and may have arrived is sent under its key again.
    pub(super) fn send(&mut self, turn: u64, context: &Context) -> Task<page::Message> {
        let Some(order) = self.order() else {
            self.is_lacking = true;
            return Task::none();
        };
        let key = match &self.tried {
            Some((sent, key)) if *sent == order => *key,
            _ => context.api.key(),
        };
        self.tried = Some((order.clone(), key));
        self.sending = Some(turn);
        self.failure = None;
        let api = &context.api;
        macro_rules! call {
            ($endpoint:ty, $request:expr) => {
                Task::perform(api.call_again::<$endpoint>($request, key), move |result| {
                    page::Message::Done(turn, result.map(Box::new))
                })
            };
        }
        match order {
            Order::Reissue(request) => call!(ReissueTerminal, request),
            Order::ReadOut(request) => {
                let call = api.call_again::<ReadOutPassword>(request, key);
                Task::perform(call, move |result| {
                    page::Message::Spoken(turn, result.map(Arc::new))
                })
            }
            Order::Deed(request) => match self.kind {
                Kind::Issue => call!(IssueLink, request),
                Kind::Resend => call!(ResendLink, request),
                Kind::Cancel => call!(CancelLink, request),
                Kind::Unlock => call!(UnlockLink, request),
                // The others have orders of their own.
                Kind::Revoke | Kind::Answer | Kind::Reissue | Kind::ReadOut => {
                    call!(RevokeTerminal, request)
                }
            },
        }
    }

    /// An answer came, or that none will.
    pub(super) fn answered(&mut self, failure: Option<&Failure>) {
        self.sending = None;
        self.confirming = false;
        self.failure = failure.cloned();
        // What was refused was not done: the next try is another one.
        if failure.is_some_and(|failure| failure.problem().is_some()) {
            self.tried = None;
        }
    }
}
