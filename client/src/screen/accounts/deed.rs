//! What is asked before an account gets another password or is deleted.

use iced::Task;
use shared::accounts::administration::{
    Account, AccountNamed, AccountSeen, DeleteAccount, HandOverPassword, PasswordHandedOver,
};
use shared::id::IdempotencyKey;

use crate::api::Failure;
use crate::screen::Context;

/// The name of the button that leaves everything as it is, for the focus.
pub(super) const STAY: &str = "accounts-stay";

/// A deed that is asked about or under way.
pub(super) struct Deed {
    pub(super) kind: Kind,
    pub(super) account: Account,
    pub(super) sending: bool,
    pub(super) failure: Option<Failure>,
    /// Tried again under the same key, it has no second effect.
    key: Option<IdempotencyKey>,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Make another password.
    Password,
    /// Delete the account.
    Delete,
}

/// What happened on it.
#[derive(Clone)]
pub(super) enum Message {
    YesPressed,
    StayPressed,
    HandedOver(Result<Box<PasswordHandedOver>, Failure>),
    Deleted(Result<(), Failure>),
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    Closed,
    HandedOver(Box<PasswordHandedOver>),
    Deleted(Account),
}

impl Deed {
    /// Another password for this one.
    pub(super) fn password(account: Account) -> Self {
        Self::of(Kind::Password, account)
    }

    /// The end of this one.
    pub(super) fn delete(account: Account) -> Self {
        Self::of(Kind::Delete, account)
    }

    fn of(kind: Kind, account: Account) -> Self {
        Self {
            kind,
            account,
            sending: false,
            failure: None,
            key: None,
        }
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::YesPressed | Message::StayPressed if self.sending => Action::None,
            Message::YesPressed => self.send(context),
            Message::StayPressed => Action::Closed,
            Message::HandedOver(Ok(made)) => Action::HandedOver(made),
            Message::Deleted(Ok(())) => Action::Deleted(self.account.clone()),
            Message::HandedOver(Err(failure)) | Message::Deleted(Err(failure)) => {
                self.sending = false;
                if matches!(failure, Failure::Refused(_)) {
                    self.key = None;
                }
                self.failure = Some(failure);
                Action::None
            }
        }
    }

    fn send(&mut self, context: &Context) -> Action {
        let key = *self.key.get_or_insert_with(|| context.api.key());
        let account = self.account.id;
        self.sending = true;
        self.failure = None;
        Action::Run(match self.kind {
            Kind::Password => {
                let standing = self.account.standing;
                let request = AccountSeen { account, standing };
                let call = context.api.call_again::<HandOverPassword>(request, key);
                Task::perform(call, |result| Message::HandedOver(result.map(Box::new)))
            }
            Kind::Delete => {
                let request = AccountNamed { account };
                let call = context.api.call_again::<DeleteAccount>(request, key);
                Task::perform(call, |result| Message::Deleted(result.map(|_| ())))
            }
        })
    }
}
