//! Sending a message again, perhaps to another address, with a reason for the log.

use iced::Task;
use iced::widget::operation;
use shared::contract::Done;
use shared::id::IdempotencyKey;
use shared::mail::{MailItem, MailState, PasswordWay, Resend, ResendMail};
use shared::text::{MailAddress, Refused, Remark, fold_width};

use super::words;
use crate::api::Failure;
use crate::screen::Context;

/// The name of the address's field, for the focus.
pub(super) const TO: &str = "mail-resend-to";
/// The name of the reason's field, for the focus.
pub(super) const REASON: &str = "mail-resend-reason";

/// A message about to be sent again.
pub(super) struct Resending {
    pub(super) item: MailItem,
    pub(super) to: String,
    pub(super) reason: String,
    pub(super) wrong: [Option<Refused>; 2],
    pub(super) sending: bool,
    pub(super) failure: Option<Failure>,
    /// It was asked whether what was typed may be thrown away.
    pub(super) leaving: bool,
    /// What was sent last, and under which key, while it may have arrived.
    tried: Option<(Resend, IdempotencyKey)>,
}

/// What happened on it.
#[derive(Clone)]
pub(super) enum Message {
    ToTyped(String),
    ReasonTyped(String),
    Left,
    NextPressed,
    SendPressed,
    Sent(Result<Done, Failure>),
    BackPressed,
    StayPressed,
    ThrowAwayPressed,
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// Go back to the list, with the answer if it was sent.
    Closed(Option<Done>),
}

impl Resending {
    pub(super) fn open(item: MailItem) -> (Self, Task<Message>) {
        let form = Self {
            item,
            to: String::new(),
            reason: String::new(),
            wrong: [None, None],
            sending: false,
            failure: None,
            leaving: false,
            tried: None,
        };
        let task = form.entered();
        (form, task)
    }

    /// Whether it is a mail; letters and what is read out are not sent.
    pub(super) fn is_mail(&self) -> bool {
        self.item.way == PasswordWay::Mail
    }

    /// Whether it came back and its text is gone, so that it cannot be sent again.
    pub(super) fn is_gone(&self) -> bool {
        self.item.state == MailState::Bounced && !words::is_made_anew(self.item.kind)
    }

    /// Gives the keys to what is in front.
    pub(super) fn entered(&self) -> Task<Message> {
        operation::focus(match self.leaving {
            true => super::STAY,
            false => TO,
        })
    }

    /// Whether something was typed.
    pub(super) fn is_changed(&self) -> bool {
        !self.to.trim().is_empty() || !self.reason.trim().is_empty()
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::ToTyped(to) => self.to = to,
            Message::ReasonTyped(reason) => self.reason = reason,
            Message::Left => {
                self.to = fold_width(&self.to);
                self.wrong[0] = match self.to.as_str() {
                    "" => None,
                    to => MailAddress::parse(to).err(),
                };
            }
            Message::NextPressed => return Action::Run(operation::focus(REASON)),
            Message::SendPressed => return self.send(context),
            Message::Sent(Ok(done)) => return Action::Closed(Some(done)),
            Message::Sent(Err(failure)) => {
                self.sending = false;
                if !matches!(failure, Failure::Unreachable(_)) {
                    self.tried = None;
                }
                self.failure = Some(failure);
            }
            Message::BackPressed if self.sending => {}
            Message::BackPressed if self.is_changed() => {
                self.leaving = true;
                return Action::Run(self.entered());
            }
            Message::BackPressed | Message::ThrowAwayPressed => return Action::Closed(None),
            Message::StayPressed => {
                self.leaving = false;
                return Action::Run(self.entered());
            }
        }
        Action::None
    }

    fn send(&mut self, context: &Context) -> Action {
        if self.sending || self.leaving || !self.is_mail() || self.is_gone() {
            return Action::None;
        }
        let to = fold_width(&self.to);
        let to = (!to.is_empty())
            .then(|| MailAddress::parse(&to))
            .transpose();
        let reason = Remark::parse(&self.reason);
        self.wrong = [to.as_ref().err().copied(), reason.as_ref().err().copied()];
        let (Ok(to), Ok(reason)) = (to, reason) else {
            let at = if self.wrong[0].is_some() { TO } else { REASON };
            return Action::Run(operation::focus(at));
        };
        self.sending = true;
        self.failure = None;
        let id = self.item.id;
        let resend = Resend { id, to, reason };
        let key = match &self.tried {
            Some((sent, key)) if *sent == resend => *key,
            _ => context.api.key(),
        };
        self.tried = Some((resend.clone(), key));
        let call = context.api.call_again::<ResendMail>(resend, key);
        Action::Run(Task::perform(call, Message::Sent))
    }
}
