//! Between the keystore and the work: the login, and the change of a password that was handed over.

use iced::Task;
use jiff::Timestamp;
use shared::enrolment::Terminal;
use shared::helpdesk::{HelpdeskQuery, ShowHelpdesk};
use shared::session::{EndSession, LogOut};

use super::opening::Wait;
use super::work::Work;
use super::{App, Message, Stage};
use crate::api::Api;
use crate::screen::password::{self, PasswordDialog};
use crate::screen::{Context, session};

/// The login and the line it goes over.
pub(super) struct Entrance {
    pub(super) api: Api,
    pub(super) terminal: Terminal,
    pub(super) screen: session::LogInScreen,
}

/// Between the login and the work.
pub(super) struct FirstPassword {
    pub(super) dialog: PasswordDialog,
    pub(super) context: Context,
    pub(super) login: String,
    pub(super) idle_lock_seconds: u32,
    /// When somebody last typed.
    pub(super) last_touch: Timestamp,
}

impl App {
    /// Asks once how the helpdesk is reached, over a line that works.
    pub(super) fn ask_for_help(&mut self) -> Task<Message> {
        let Stage::LogIn(entrance) = &self.stage else {
            return Task::none();
        };
        if std::mem::replace(&mut self.asked_for_help, true) {
            return Task::none();
        }
        let show = entrance.api.call::<ShowHelpdesk>(HelpdeskQuery {});
        Task::perform(show, Message::HelpdeskShown)
    }

    pub(super) fn log_in(&mut self, message: session::Message) -> Task<Message> {
        let Stage::LogIn(entrance) = &mut self.stage else {
            return Task::none();
        };
        let Entrance {
            api,
            terminal,
            screen,
        } = &mut **entrance;
        match screen.update(message, api, terminal, &self.world) {
            session::Action::None => Task::none(),
            session::Action::Run(task) => task.map(Message::LogIn),
            session::Action::Leave => Task::none(),
            session::Action::EnrolAnew => {
                self.anew = true;
                self.stage = Stage::Opening(Wait::Keystore);
                self.ask_the_keystore()
            }
            session::Action::Opened(session, login, handed_over) => {
                let (api, terminal) = (api.clone(), terminal.clone());
                api.use_session(Some(session.token.clone()));
                let context = Context::new(self.world.clone(), api, terminal, &session);
                let idle_lock_seconds = session.idle_lock_seconds;
                if !session.must_change_password {
                    return self.begin(context, login, idle_lock_seconds);
                }
                let (dialog, task) = PasswordDialog::first(
                    login.clone(),
                    handed_over,
                    password::Unchanged::LoggedOut,
                );
                self.stage = Stage::FirstPassword(Box::new(FirstPassword {
                    dialog,
                    context,
                    login,
                    idle_lock_seconds,
                    last_touch: self.world.now(),
                }));
                task.map(Message::FirstPassword)
            }
        }
    }

    pub(super) fn first_password(&mut self, message: password::Message) -> Task<Message> {
        let Stage::FirstPassword(first) = &mut self.stage else {
            return Task::none();
        };
        first.last_touch = self.world.now();
        match first.dialog.update(message, &first.context) {
            password::Action::None => Task::none(),
            password::Action::Run(task) => task.map(Message::FirstPassword),
            password::Action::Closed if first.dialog.is_done() => {
                let (context, login) = (first.context.clone(), first.login.clone());
                let seconds = first.idle_lock_seconds;
                self.begin(context, login, seconds)
            }
            password::Action::Closed => self.leave_first_password(),
        }
    }

    /// Back to the login. The dialog holds the password that was handed over: whoever passes by an
    /// open window must not take the account over with it.
    pub(super) fn leave_first_password(&mut self) -> Task<Message> {
        let Stage::FirstPassword(first) = &self.stage else {
            return Task::none();
        };
        let (context, login) = (first.context.clone(), first.login.clone());
        let end = context.api.call::<EndSession>(LogOut {});
        context.api.use_session(None);
        let ending = Task::perform(end, |_| Message::Ended);
        let again = self.log_in_as(context.api, context.terminal, login);
        Task::batch([ending, again])
    }

    fn begin(&mut self, context: Context, login: String, idle_lock_seconds: u32) -> Task<Message> {
        let (work, task) = Work::new(context, login, idle_lock_seconds);
        self.stage = Stage::Work(Box::new(work));
        task.map(Message::Work)
    }
}
