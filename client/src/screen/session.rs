//! Logging in on top of the terminal's certificate, and unlocking after a pause.
//!
//! Both are the same question; after a pause the login is already known and only
//! the password is asked.

mod view;
mod wish;

use iced::Task;
use iced::task::Handle;
use iced::widget::Id;
use jiff::{SignedDuration, Timestamp};
use shared::ProblemCode;
use shared::accounts::{Login, Password};
use shared::enrolment::Terminal;
use shared::enrolment::ask::Asked;
use shared::session::{LogIn, OpenSession, Session};

use super::helpdesk;
use super::why::Why;
use crate::api::{Api, Failure, Unreachable};
use crate::enrolment::Obstacle;
use crate::secret::Secret;
use crate::world::World;
use wish::Wish;

/// The name of the field that takes the login id.
pub const LOGIN: &str = "session.login";
/// The name of the field that takes the password.
pub const PASSWORD: &str = "session.password";
/// How long a password is shown that nobody types on.
const SHOWN: SignedDuration = SignedDuration::from_mins(1);
/// The name of the button that leads to another link.
pub const ANEW: &str = "session.anew";

/// The screen's state.
#[derive(Default)]
pub struct LogInScreen {
    login: String,
    /// The login is settled: the window was locked, not left.
    locked: bool,
    /// The server ended the session, for whatever reason.
    ended: bool,
    password: Secret,
    /// The password can be read on the screen, and since when nobody has typed.
    shown: Option<Timestamp>,
    login_error: Option<Why>,
    password_error: Option<Why>,
    failure: Option<Failure>,
    /// Not before this moment may the next try be made.
    not_before: Option<Timestamp>,
    asking: Option<Handle>,
    /// What became of asking for another certificate.
    wish: Wish,
    copied: bool,
}

/// What happened on it.
#[derive(Clone)]
pub enum Message {
    /// The login id was changed.
    LoginTyped(String),
    /// The password was changed.
    PasswordTyped(Secret),
    /// Show the password, or hide it.
    ShownTurned(bool),
    /// Enter in the field of the login id.
    LoginDone,
    /// Log in.
    SubmitPressed,
    /// Stop waiting.
    CancelPressed,
    /// The server answered.
    Answered(Result<Box<Session>, Failure>),
    /// Copy the facts for the helpdesk.
    CopyPressed,
    /// Somebody else wants to log in at the locked window.
    LeavePressed,
    /// Enrol this terminal again, with another link.
    EnrolAnewPressed,
    /// Ask the helpdesk for another certificate.
    WishPressed,
    /// What the server said to that.
    WishAnswered(Result<Asked, Obstacle>),
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// The session is open, for the person of this login, by this password.
    Opened(Box<Session>, String, Secret),
    /// Log out whoever locked the window.
    Leave,
    /// Enrol this terminal again, with another link.
    EnrolAnew,
}

impl LogInScreen {
    /// The screen as it opens; `login` is filled in where it is known.
    pub fn new(login: String) -> (Self, Task<Message>) {
        let screen = Self {
            login,
            ..Self::default()
        };
        let entered = screen.entered();
        (screen, entered)
    }

    /// The lock: only the password of the person who was working is asked.
    pub fn lock(login: String) -> (Self, Task<Message>) {
        let (screen, task) = Self::new(login);
        let screen = Self {
            locked: true,
            ..screen
        };
        (screen, task)
    }

    /// The session has ended on the server too: by its time, or because this person was given
    /// another password.
    pub fn session_ended(&mut self) {
        self.ended = true;
    }

    /// Gives the keys to the field that is to be typed into next.
    pub fn entered(&self) -> Task<Message> {
        let next = match self.login.is_empty() {
            true => LOGIN,
            false => PASSWORD,
        };
        iced::widget::operation::focus(Id::new(next))
    }

    /// Takes in what happened.
    pub fn update(
        &mut self,
        message: Message,
        api: &Api,
        terminal: &Terminal,
        world: &World,
    ) -> Action {
        match message {
            Message::LoginTyped(login) => {
                self.login = login;
                self.login_error = None;
                self.typed(world.now());
                Action::None
            }
            Message::PasswordTyped(password) => {
                self.password = password;
                self.password_error = None;
                self.typed(world.now());
                Action::None
            }
            Message::ShownTurned(shown) => {
                self.shown = shown.then(|| world.now());
                Action::None
            }
            Message::LoginDone => Action::Run(iced::widget::operation::focus(Id::new(PASSWORD))),
            Message::SubmitPressed => self.submit(api, world),
            Message::CancelPressed => {
                if let Some(asking) = self.asking.take() {
                    asking.abort();
                }
                Action::None
            }
            Message::Answered(Ok(session)) => {
                self.asking = None;
                self.shown = None;
                let password = std::mem::take(&mut self.password);
                Action::Opened(session, self.login.clone(), password)
            }
            Message::Answered(Err(failure)) => {
                self.asking = None;
                self.shown = None;
                self.copied = false;
                if let Failure::Refused(problem) = &failure {
                    let wait = problem
                        .seconds
                        .and_then(|seconds| i64::try_from(seconds).ok());
                    self.not_before =
                        wait.map(|seconds| world.now() + SignedDuration::from_secs(seconds));
                    self.password = Secret::default();
                }
                self.failure = Some(failure);
                Action::Run(iced::widget::operation::focus(Id::new(
                    match self.offers_another_link() {
                        true => ANEW,
                        false => PASSWORD,
                    },
                )))
            }
            Message::LeavePressed => Action::Leave,
            Message::EnrolAnewPressed => Action::EnrolAnew,
            Message::WishPressed => match self.may_wish() {
                true => Action::Run(self.wish.ask(world).map(Message::WishAnswered)),
                false => Action::None,
            },
            Message::WishAnswered(answer) => {
                self.wish.answered(answer);
                Action::None
            }
            Message::CopyPressed => {
                self.copied = true;
                let code = self.failure.as_ref().map(Failure::code);
                let facts = helpdesk::facts(Some(terminal), code, world.now());
                Action::Run(iced::clipboard::write(helpdesk::as_text(&facts)))
            }
        }
    }

    fn submit(&mut self, api: &Api, world: &World) -> Action {
        if self.asking.is_some() || self.seconds_left(world.now()) > 0 {
            return Action::None;
        }
        let login = match Login::parse(&self.login) {
            Ok(login) => login,
            Err(refused) => {
                self.login_error = Some(Why::Refused(refused));
                return Action::Run(iced::widget::operation::focus(Id::new(LOGIN)));
            }
        };
        if self.password.is_empty() {
            self.password_error = Some(Why::Said("session.password_missing"));
            return Action::Run(iced::widget::operation::focus(Id::new(PASSWORD)));
        }
        self.failure = None;
        let password = Password::new(self.password.reveal().to_owned());
        let call = api.call::<OpenSession>(LogIn { login, password });
        let (task, handle) =
            Task::perform(call, |result| Message::Answered(result.map(Box::new))).abortable();
        self.asking = Some(handle.abort_on_drop());
        Action::Run(task)
    }

    /// The server lets this terminal in no longer, which came out before anybody tried. Unless
    /// somebody types, the keys go to the way on: logging in is none.
    pub fn refused(&mut self, failure: Failure) -> Task<Message> {
        if self.asking.is_some() || self.failure.is_some() {
            return Task::none();
        }
        self.failure = Some(failure);
        match self.is_untouched() && self.offers_another_link() {
            true => iced::widget::operation::focus(Id::new(ANEW)),
            false => Task::none(),
        }
    }

    /// Whether it is said here that the office is closed.
    pub fn says_closed(&self) -> bool {
        self.failure.as_ref().is_some_and(Failure::is_closing)
    }

    /// The office is let in: should it be said here that it is closed, that was a mistake and has
    /// been mended.
    pub fn office_is_open(&mut self) -> Task<Message> {
        let stale = self.failure.take_if(|failure| failure.is_closing());
        match stale.is_some() && self.is_untouched() {
            true => self.entered(),
            false => Task::none(),
        }
    }

    /// A second passed: a password that was shown is hidden where nobody types any more.
    pub fn ticked(&mut self, now: Timestamp) {
        // A clock that was set back must not put it off.
        self.shown
            .take_if(|since| now.duration_since(*since).abs() >= SHOWN);
    }

    /// A key was pressed: what is shown stays for as long again.
    fn typed(&mut self, now: Timestamp) {
        self.shown = self.shown.map(|_| now);
    }

    /// Whether nothing was typed, and nothing is being asked.
    pub fn is_untouched(&self) -> bool {
        self.login.is_empty() && self.password.is_empty() && self.asking.is_none()
    }

    /// Whether another link helps, and nothing that is being worked on stands in its way.
    fn offers_another_link(&self) -> bool {
        let refused = self
            .failure
            .as_ref()
            .is_some_and(Failure::refuses_the_terminal);
        refused && !self.locked && self.asking.is_none()
    }

    /// Whether the certificate is at its end, and the helpdesk can be asked for another one.
    fn may_wish(&self) -> bool {
        let at_its_end = |failure: &Failure| match failure {
            Failure::Unreachable(why) => *why == Unreachable::Handshake,
            _ => failure.problem() == Some(ProblemCode::TerminalExpired),
        };
        self.offers_another_link() && self.failure.as_ref().is_some_and(at_its_end)
    }

    /// How long the next try has to wait, in seconds.
    fn seconds_left(&self, now: Timestamp) -> i64 {
        self.not_before
            .map_or(0, |then| then.duration_since(now).as_secs().max(0))
    }
}
