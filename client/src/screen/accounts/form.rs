//! The form of a new account, or of another name for one.

use iced::Task;
use iced::widget::operation;
use shared::ProblemCode;
use shared::accounts::administration::{
    Account, AccountToAdd, AccountToRename, AddAccount, PasswordHandedOver, RenameAccount,
};
use shared::accounts::{Login, UserName};
use shared::id::IdempotencyKey;
use shared::problem::ProblemDocument;

use crate::api::Failure;
use crate::screen::Context;
use crate::screen::why::Why;

/// The name of the field of the login id, for the focus.
pub(super) const LOGIN: &str = "accounts-login";
/// The name of the field of the person's name, for the focus.
pub(super) const NAME: &str = "accounts-name";

/// An account under the pen.
pub(super) struct Form {
    /// The one that gets another name; `None` for a new one.
    pub(super) seen: Option<Account>,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) wrong_login: Option<Why>,
    pub(super) wrong_name: Option<Why>,
    pub(super) failure: Option<Failure>,
    pub(super) sending: bool,
    /// It was said once that what was typed would be lost.
    pub(super) is_leaving: bool,
    /// The key of what is sent: tried again under the same, it has no second effect.
    key: Option<IdempotencyKey>,
}

/// What happened on it.
#[derive(Clone)]
pub(super) enum Message {
    LoginTyped(String),
    NameTyped(String),
    NextPressed,
    SavePressed,
    BackPressed,
    Added(Result<Box<PasswordHandedOver>, Failure>),
    Renamed(Result<Box<Account>, Failure>),
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    Closed,
    Added(Box<PasswordHandedOver>),
    Renamed(Box<Account>),
}

impl Form {
    /// For a new account.
    pub(super) fn add() -> Self {
        Self {
            seen: None,
            login: String::new(),
            name: String::new(),
            wrong_login: None,
            wrong_name: None,
            failure: None,
            sending: false,
            is_leaving: false,
            key: None,
        }
    }

    /// For another name of this one.
    pub(super) fn rename(account: Account) -> Self {
        Self {
            name: account.name.to_string(),
            seen: Some(account),
            ..Self::add()
        }
    }

    /// Gives the keys to what is to be typed first.
    pub(super) fn entered(&self) -> Task<Message> {
        operation::focus(match self.seen {
            Some(_) => NAME,
            None => LOGIN,
        })
    }

    /// Whether something was typed that the server does not have.
    pub(super) fn is_changed(&self) -> bool {
        match &self.seen {
            Some(account) => self.name.trim() != account.name.as_str(),
            None => !(self.login.trim().is_empty() && self.name.trim().is_empty()),
        }
    }

    /// Another text is another write.
    fn typed(&mut self) {
        self.key = None;
        self.is_leaving = false;
        self.failure = None;
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            // What is sent stays as it was sent, and nobody leaves without knowing what came of it.
            Message::LoginTyped(_)
            | Message::NameTyped(_)
            | Message::SavePressed
            | Message::BackPressed
                if self.sending =>
            {
                Action::None
            }
            Message::LoginTyped(login) => {
                self.login = login;
                self.wrong_login = None;
                self.typed();
                Action::None
            }
            Message::NameTyped(name) => {
                self.name = name;
                self.wrong_name = None;
                self.typed();
                Action::None
            }
            Message::NextPressed => Action::Run(operation::focus(NAME)),
            Message::SavePressed => self.save(context),
            Message::BackPressed if self.is_changed() && !self.is_leaving => {
                self.is_leaving = true;
                Action::None
            }
            Message::BackPressed => Action::Closed,
            Message::Added(Ok(made)) => Action::Added(made),
            Message::Renamed(Ok(account)) => Action::Renamed(account),
            Message::Added(Err(failure)) | Message::Renamed(Err(failure)) => self.refused(failure),
        }
    }

    fn save(&mut self, context: &Context) -> Action {
        let name = UserName::parse(&self.name).map_err(Why::Refused);
        self.wrong_name = name.as_ref().err().cloned();
        self.is_leaving = false;
        let key = *self.key.get_or_insert_with(|| context.api.key());
        let task = match &self.seen {
            Some(account) => {
                let Ok(name) = name else {
                    return Action::Run(operation::focus(NAME));
                };
                let request = AccountToRename {
                    account: account.id,
                    version: account.version,
                    name,
                };
                let call = context.api.call_again::<RenameAccount>(request, key);
                Task::perform(call, |result| Message::Renamed(result.map(Box::new)))
            }
            None => {
                let login = Login::parse(&self.login).map_err(Why::Refused);
                self.wrong_login = login.as_ref().err().cloned();
                let Ok(login) = login else {
                    return Action::Run(operation::focus(LOGIN));
                };
                let Ok(name) = name else {
                    return Action::Run(operation::focus(NAME));
                };
                let request = AccountToAdd { login, name };
                let call = context.api.call_again::<AddAccount>(request, key);
                Task::perform(call, |result| Message::Added(result.map(Box::new)))
            }
        };
        self.failure = None;
        self.sending = true;
        Action::Run(task)
    }

    fn refused(&mut self, failure: Failure) -> Action {
        self.sending = false;
        let field = match &failure {
            Failure::Refused(problem) => problem.field.as_deref(),
            _ => None,
        };
        match (field, &failure) {
            (Some("login"), Failure::Refused(problem)) => {
                self.wrong_login = Some(Why::Problem(problem.clone()));
                self.key = None;
                Action::Run(operation::focus(LOGIN))
            }
            (Some("name"), Failure::Refused(problem)) => {
                self.wrong_name = Some(Why::Problem(problem.clone()));
                self.key = None;
                Action::Run(operation::focus(NAME))
            }
            (_, Failure::Refused(problem)) => {
                self.take_present(problem);
                self.key = None;
                self.failure = Some(failure);
                Action::None
            }
            // It may have arrived: the same again has no second effect.
            _ => {
                self.failure = Some(failure);
                Action::None
            }
        }
    }

    /// After a clash what is sent next is meant for the account as it is now.
    fn take_present(&mut self, problem: &ProblemDocument) {
        if problem.code == ProblemCode::VersionClash
            && let Some(present) = problem.current.clone()
            && let Ok(account) = serde_json::from_value(present)
        {
            self.seen = Some(account);
        }
    }
}
