//! The two addresses of one office, typed by hand, beside all that were registered before.

use iced::Task;
use iced::widget::operation;
use shared::ProblemCode;
use shared::id::IdempotencyKey;
use shared::offices::contacts::{
    Contact, ContactEffect, ContactHistory, ContactQuery, ContactsToRegister, NewContact,
    RegisterContacts, RegisteredContacts, ShowContactHistory,
};
use shared::text::{MailAddress, Refused, fold_width};

use crate::api::Failure;
use crate::screen::Context;

/// The name of the first address's field, for the focus.
pub(super) const MAIL: &str = "contacts-mail";
/// The name of the second address's field, for the focus.
pub(super) const PASSWORD_MAIL: &str = "contacts-password-mail";
/// The name of the button that goes on, for the focus.
pub(super) const STAY: &str = "contacts-stay";

/// One office's contact under the pen.
pub(super) struct Editing {
    /// What was registered when it was opened, or after the last clash.
    pub(super) seen: Contact,
    pub(super) mail: String,
    pub(super) password_mail: String,
    pub(super) wrong: [Option<Refused>; 2],
    pub(super) asking: Option<Asking>,
    pub(super) sending: bool,
    pub(super) failure: Option<Failure>,
    pub(super) history: Option<Result<ContactHistory, Failure>>,
    /// What was sent last, and under which key, while it may have arrived.
    tried: Option<(NewContact, IdempotencyKey)>,
}

/// What is asked in front of the form.
pub(super) enum Asking {
    /// Whether what was typed may be thrown away.
    Leave,
    /// Whether this shall take the place of what is registered.
    Replace(NewContact),
    /// Whose version shall hold: somebody else registered this one in between.
    Clash(Box<Contact>),
}

/// What happened on it.
#[derive(Clone)]
pub(super) enum Message {
    MailTyped(String),
    PasswordMailTyped(String),
    Left(usize),
    NextPressed,
    SavePressed,
    ReplacePressed,
    MinePressed,
    TheirsPressed,
    BackPressed,
    StayPressed,
    ThrowAwayPressed,
    HistoryArrived(Result<ContactHistory, Failure>),
    HistoryPressed,
    Registered(Result<RegisteredContacts, Failure>),
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// Go back to the list; whether something was registered.
    Closed(bool),
}

fn words(mail: Option<&MailAddress>) -> String {
    mail.map_or(String::new(), ToString::to_string)
}

impl Editing {
    /// The form over what is registered.
    pub(super) fn open(contact: Contact, context: &Context) -> (Self, Task<Message>) {
        let editing = Self {
            mail: words(contact.mail.as_ref()),
            password_mail: words(contact.password_mail.as_ref()),
            seen: contact,
            wrong: [None, None],
            asking: None,
            sending: false,
            failure: None,
            history: None,
            tried: None,
        };
        let task = Task::batch([editing.ask_history(context), editing.entered()]);
        (editing, task)
    }

    fn ask_history(&self, context: &Context) -> Task<Message> {
        let office = self.seen.office.code.clone();
        let call = context
            .api
            .call::<ShowContactHistory>(ContactQuery { office });
        Task::perform(call, Message::HistoryArrived)
    }

    /// Gives the keys to what is in front.
    pub(super) fn entered(&self) -> Task<Message> {
        match self.asking {
            Some(_) => operation::focus(STAY),
            None => operation::focus(MAIL),
        }
    }

    /// Whether something was typed that is not registered.
    pub(super) fn is_changed(&self) -> bool {
        self.mail.trim() != words(self.seen.mail.as_ref())
            || self.password_mail.trim() != words(self.seen.password_mail.as_ref())
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::MailTyped(mail) => self.mail = mail,
            Message::PasswordMailTyped(mail) => self.password_mail = mail,
            Message::Left(at) => self.left(at),
            Message::NextPressed => return Action::Run(operation::focus(PASSWORD_MAIL)),
            Message::SavePressed if self.asking.is_none() => {
                return self.save(context);
            }
            Message::ReplacePressed => {
                if let Some(Asking::Replace(contact)) = self.asking.take() {
                    return self.send(contact, context);
                }
            }
            Message::MinePressed => {
                if let Some(Asking::Clash(present)) = self.asking.take() {
                    self.seen = *present;
                    if let Some(contact) = self.typed() {
                        return self.send(contact, context);
                    }
                }
            }
            Message::TheirsPressed => {
                if matches!(self.asking, Some(Asking::Clash(_))) {
                    return Action::Closed(true);
                }
            }
            Message::BackPressed if self.sending => {}
            Message::BackPressed => {
                if !self.is_changed() {
                    return Action::Closed(false);
                }
                self.asking = Some(Asking::Leave);
                return Action::Run(self.entered());
            }
            Message::StayPressed => {
                if let Some(Asking::Clash(present)) = self.asking.take() {
                    // What is compared and named from now on is what is registered now.
                    self.seen = *present;
                }
                return Action::Run(self.entered());
            }
            Message::ThrowAwayPressed => return Action::Closed(false),
            Message::HistoryPressed => return Action::Run(self.ask_history(context)),
            Message::HistoryArrived(result) => self.history = Some(result),
            Message::Registered(result) => return self.registered(result),
            Message::SavePressed => {}
        }
        Action::None
    }

    /// Puts the width right and says what is expected of an address.
    fn left(&mut self, at: usize) {
        let typed = match at {
            0 => &mut self.mail,
            _ => &mut self.password_mail,
        };
        let folded = fold_width(typed);
        if *typed != folded {
            *typed = folded;
        }
        self.wrong[at] = match (at, typed.as_str()) {
            (_, "") => None,
            (_, text) => MailAddress::parse(text).err(),
        };
    }

    /// What is typed, where it can be registered; else what is wrong stands at its field.
    fn typed(&mut self) -> Option<NewContact> {
        self.left(0);
        self.left(1);
        let mail = MailAddress::parse(&self.mail);
        if let Err(wrong) = &mail {
            self.wrong[0] = Some(*wrong);
        }
        let second =
            (!self.password_mail.is_empty()).then(|| MailAddress::parse(&self.password_mail));
        let password_mail = second.and_then(Result::ok);
        if let (Ok(mail), Some(password)) = (&mail, &password_mail)
            && mail.is_same_mailbox(password)
        {
            self.wrong[1] = ContactEffect::SameMailbox.refused();
        }
        if self.wrong.iter().any(Option::is_some) {
            return None;
        }
        Some(NewContact {
            office: self.seen.office.code.clone(),
            version: self.seen.version,
            mail: mail.ok()?,
            no_password_mail: password_mail.is_none(),
            password_mail,
        })
    }

    fn save(&mut self, context: &Context) -> Action {
        if self.sending {
            return Action::None;
        }
        let Some(contact) = self.typed() else {
            let at = if self.wrong[0].is_some() {
                MAIL
            } else {
                PASSWORD_MAIL
            };
            return Action::Run(operation::focus(at));
        };
        match contact.effect(&self.seen) {
            ContactEffect::Unchanged => Action::Closed(false),
            ContactEffect::Changed => {
                self.asking = Some(Asking::Replace(contact));
                Action::Run(self.entered())
            }
            _ => self.send(contact, context),
        }
    }

    fn send(&mut self, contact: NewContact, context: &Context) -> Action {
        self.sending = true;
        self.failure = None;
        let key = match &self.tried {
            Some((sent, key)) if *sent == contact => *key,
            _ => context.api.key(),
        };
        self.tried = Some((contact.clone(), key));
        let contacts = vec![contact];
        let call = context
            .api
            .call_again::<RegisterContacts>(ContactsToRegister { contacts }, key);
        Action::Run(Task::perform(call, Message::Registered))
    }

    fn registered(&mut self, result: Result<RegisteredContacts, Failure>) -> Action {
        self.sending = false;
        let failure = match result {
            Ok(_) => return Action::Closed(true),
            Err(failure) => failure,
        };
        if !matches!(failure, Failure::Unreachable(_)) {
            // It came to nothing; whatever is sent next is another write.
            self.tried = None;
        }
        if let Failure::Refused(problem) = &failure
            && problem.code == ProblemCode::VersionClash
            && let Some(present) = problem.current.clone()
            && let Ok(present) = serde_json::from_value(present)
        {
            self.asking = Some(Asking::Clash(Box::new(present)));
            return Action::Run(self.entered());
        }
        self.failure = Some(failure);
        Action::None
    }
}
