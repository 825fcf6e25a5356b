//! Changing one's own password (M-08): the present one is asked, the new one may be made here.

mod view;

use iced::Task;
use iced::task::Handle;
use iced::widget::Id;
use shared::accounts::made_password::{LENGTH, SIGNS};
use shared::accounts::password::{ChangePassword, PasswordChange, check};
use shared::accounts::{Login, Password};
use shared::contract::Done;
use shared::id::IdempotencyKey;

use super::Context;
use super::why::Why;
use crate::api::Failure;
use crate::secret::Secret;

/// The name of the field that takes the present password.
pub const PRESENT: &str = "password.present";
/// The name of the field that takes the new one.
pub const NEW: &str = "password.new";
/// The name of the field in which the new one is typed again.
pub const AGAIN: &str = "password.again";
/// The name of the button that closes it.
const CLOSE: &str = "password.close";

/// The dialog's state.
pub struct PasswordDialog {
    login: String,
    /// It is the first one that is changed, and where it leads if it is not: nothing else can be
    /// done, and the present one was typed a moment ago.
    first: Option<Unchanged>,
    present: Secret,
    new: Secret,
    again: Secret,
    /// The new one can be read on the screen, and need not be typed twice.
    shown: bool,
    wrong: Option<Wrong>,
    failure: Option<Failure>,
    asking: Option<Handle>,
    /// The key of this change: tried again under the same, it has no second effect.
    key: Option<IdempotencyKey>,
    done: bool,
}

/// Where it leads if the first password is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// Back to the login.
    LoggedOut,
    /// Back to the lock, behind which something was typed.
    Locked,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq)]
enum Wrong {
    Present(Why),
    New(Why),
    Again(Why),
}

/// What happened on it.
#[derive(Clone)]
pub enum Message {
    /// The present password was changed.
    PresentTyped(Secret),
    /// The new one was changed.
    NewTyped(Secret),
    /// The new one was typed again.
    AgainTyped(Secret),
    /// Enter in a field: on to the next.
    Next(&'static str),
    /// Show the new one, or hide it.
    ShownTurned(bool),
    /// Make one.
    MakePressed,
    /// Change it.
    SubmitPressed,
    /// The server did, or not.
    Answered(Result<Done, Failure>),
    /// Close the dialog.
    ClosePressed,
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Close the dialog.
    Closed,
}

impl PasswordDialog {
    /// The dialog as it opens, for the person with this login id.
    pub fn new(login: String) -> (Self, Task<Message>) {
        let dialog = Self {
            login,
            first: None,
            present: Secret::default(),
            new: Secret::default(),
            again: Secret::default(),
            shown: false,
            wrong: None,
            failure: None,
            asking: None,
            key: None,
            done: false,
        };
        (dialog, focus(PRESENT))
    }

    /// The same for somebody who logged in with `present`, the password that was handed over: it
    /// must be changed before anything else (M-08), or what is `unchanged` follows.
    pub fn first(login: String, present: Secret, unchanged: Unchanged) -> (Self, Task<Message>) {
        let (dialog, _) = Self::new(login);
        let dialog = Self {
            first: Some(unchanged),
            present,
            ..dialog
        };
        (dialog, focus(NEW))
    }

    /// Gives the keys to the field that is to be typed into first.
    pub fn entered(&self) -> Task<Message> {
        focus(match (self.done, self.is_first()) {
            (true, _) => CLOSE,
            (false, true) => NEW,
            (false, false) => PRESENT,
        })
    }

    /// Whether the password was changed.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Whether it is the first one that is to be changed.
    pub fn is_first(&self) -> bool {
        self.first.is_some()
    }

    /// Whether it is said here that the office is closed.
    pub fn says_closed(&self) -> bool {
        self.failure.as_ref().is_some_and(Failure::is_closing)
    }

    /// The office is let in: should it be said here that it is closed, that was a mistake and has
    /// been mended. Whoever types goes on typing.
    pub fn office_is_open(&mut self) {
        self.failure.take_if(|failure| failure.is_closing());
    }

    /// The server lets this terminal in no longer, for this reason: what was said of another one,
    /// such as an office that may be opened again, is out of date.
    pub fn terminal_refused(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::PresentTyped(typed) => {
                self.present = typed;
                self.forget_what_was_wrong();
                Action::None
            }
            Message::NewTyped(typed) => {
                self.new = typed;
                self.forget_what_was_wrong();
                Action::None
            }
            Message::AgainTyped(typed) => {
                self.again = typed;
                self.forget_what_was_wrong();
                Action::None
            }
            Message::Next(name) => Action::Run(focus(name)),
            Message::ShownTurned(shown) => {
                self.shown = shown;
                Action::None
            }
            Message::MakePressed => {
                self.new = made(context);
                self.again = Secret::default();
                self.shown = true;
                self.forget_what_was_wrong();
                Action::Run(focus(NEW))
            }
            Message::SubmitPressed => self.submit(context),
            Message::Answered(Ok(_)) => {
                self.asking = None;
                self.done = true;
                self.present = Secret::default();
                self.new = Secret::default();
                self.again = Secret::default();
                Action::Run(focus(CLOSE))
            }
            Message::Answered(Err(failure)) => {
                self.asking = None;
                self.refused(failure)
            }
            // Nobody leaves without knowing whether it was changed.
            Message::ClosePressed if self.asking.is_some() => Action::None,
            Message::ClosePressed => Action::Closed,
        }
    }

    /// Another password is another write.
    fn forget_what_was_wrong(&mut self) {
        self.wrong = None;
        self.key = None;
    }

    fn submit(&mut self, context: &Context) -> Action {
        if self.asking.is_some() || self.done {
            return Action::None;
        }
        self.failure = None;
        self.wrong = self.what_is_wrong();
        match &self.wrong {
            Some(Wrong::Present(_)) => return Action::Run(focus(PRESENT)),
            Some(Wrong::New(_)) => return Action::Run(focus(NEW)),
            Some(Wrong::Again(_)) => return Action::Run(focus(AGAIN)),
            None => {}
        }
        let change = PasswordChange {
            present: Password::new(self.present.reveal().to_owned()),
            new: Password::new(self.new.reveal().to_owned()),
        };
        let key = *self.key.get_or_insert_with(|| context.api.key());
        let call = context.api.call_again::<ChangePassword>(change, key);
        let (task, handle) = Task::perform(call, Message::Answered).abortable();
        self.asking = Some(handle.abort_on_drop());
        Action::Run(task)
    }

    fn what_is_wrong(&self) -> Option<Wrong> {
        if self.present.is_empty() {
            return Some(Wrong::Present(Why::Said("password.present_missing")));
        }
        let new = Password::new(self.new.reveal().to_owned());
        // The server checks the same, and whether it is the present one.
        if let Ok(login) = Login::parse(&self.login)
            && let Err(refused) = check(&new, &login)
        {
            return Some(Wrong::New(Why::Refused(refused)));
        }
        let differs = !self.shown && self.again.reveal() != self.new.reveal();
        differs.then_some(Wrong::Again(Why::Said("password.differs")))
    }

    fn refused(&mut self, failure: Failure) -> Action {
        let field = match &failure {
            Failure::Refused(problem) => {
                let why = Why::Problem(problem.clone());
                problem.field.clone().map(|field| (field, why))
            }
            _ => None,
        };
        match field {
            // It was changed meanwhile, by whoever else knows it; the field is not there to be
            // typed into again.
            Some((field, _)) if field == "present" && self.is_first() => {
                self.failure = Some(failure);
                Action::None
            }
            Some((field, why)) if field == "present" => {
                self.present = Secret::default();
                self.wrong = Some(Wrong::Present(why));
                Action::Run(focus(PRESENT))
            }
            Some((field, why)) if field == "new" => {
                self.wrong = Some(Wrong::New(why));
                Action::Run(focus(NEW))
            }
            _ => {
                self.failure = Some(failure);
                Action::None
            }
        }
    }
}

/// A password of four groups of five signs, 100 random bits.
fn made(context: &Context) -> Secret {
    let halves = [(context.world.random)(), (context.world.random)()];
    let signs: Vec<char> = halves
        .as_flattened()
        .iter()
        .map(|octet| char::from(SIGNS[usize::from(octet % 32)]))
        .collect();
    let groups: Vec<String> = signs
        .chunks(LENGTH)
        .map(|group| group.iter().collect())
        .collect();
    Secret::new(groups.join("-"))
}

fn focus(name: &'static str) -> Task<Message> {
    iced::widget::operation::focus(Id::new(name))
}

#[cfg(test)]
mod tests;
