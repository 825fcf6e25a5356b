//! The window: what is in it at present, and what goes round it always.
//!
//! First the keystore is asked who this terminal is. Without an identity the
//! terminal is let in ([`crate::screen::enrolment`]); with one, somebody logs in
//! ([`crate::screen::session`]); then they work ([`work`]).

mod again;
mod entrance;
mod frame;
mod help;
mod launch;
mod opening;
pub mod preferences;
mod shortcuts;
mod view;
mod work;

use std::mem::Discriminant;
use std::path::PathBuf;
use std::time::Duration;

use iced::{Subscription, Task};
use shared::enrolment::Terminal;
use shared::helpdesk::Helpdesk;

use crate::api::Failure;
use crate::keystore::{Fault, Identity};
use crate::language::{self, Language};
use crate::say;
use crate::screen::password;
use crate::screen::{enrolment, session};
use crate::ui::focus;
use crate::ui::theme::Theme;
use crate::world::World;
use entrance::{Entrance, FirstPassword};
pub use launch::{run, without_a_font};
pub use opening::Identities;
use opening::Wait;
use preferences::Preferences;
use shortcuts::escape;
use work::Work;

/// The window's state.
pub struct App {
    world: World,
    preferences: Preferences,
    /// The list of keys is in front.
    help: bool,
    /// Where it was opened, and which widget had the keys there.
    before_help: Option<(Place, usize)>,
    /// A link given on the command line or by a `mimamori:` address.
    link: Option<String>,
    /// The server lets this terminal in no longer, and another link is to be used.
    anew: bool,
    /// The certificate is to be renewed before the next login, however young it is.
    renews: bool,
    /// The server was asked how the helpdesk is reached since the window opened.
    asked_for_help: bool,
    stage: Stage,
}

/// Where somebody is in the window: which stage, and whether the lock is in front of it.
type Place = (Discriminant<Stage>, bool);

enum Stage {
    /// Something is waited for before anybody can do anything.
    Opening(Wait),
    /// This terminal is being let in.
    Enrolment(Box<enrolment::Enrolment>),
    /// Somebody is to log in.
    LogIn(Box<Entrance>),
    /// Somebody is to change the password that was handed to them.
    FirstPassword(Box<FirstPassword>),
    /// Somebody works.
    Work(Box<Work>),
}

/// What happened in the window.
#[derive(Clone)]
pub enum Message {
    /// The keystore said who this terminal is, or not.
    IdentityRead(Result<Identities, Fault>),
    /// The certificate was renewed, or the one there is goes on; this one is to be used.
    Renewed(Box<Identity>),
    /// Do not wait for the new certificate.
    RenewalSkipped,
    /// The server said who this terminal is, or not.
    TerminalShown(Result<Terminal, Failure>),
    /// Whether another root was found to issue by now.
    RootLearned(bool),
    /// The server said how the helpdesk is reached, or not.
    HelpdeskShown(Result<Helpdesk, Failure>),
    /// On the enrolment screen.
    Enrolment(enrolment::Message),
    /// On the login screen.
    LogIn(session::Message),
    /// On the first change of a password.
    FirstPassword(password::Message),
    /// Nothing depends on it.
    Ended,
    /// While working.
    Work(work::Message),
    /// A second passed.
    Ticked,
    /// The window is there.
    Opened(iced::window::Id),
    /// The window is to be closed.
    CloseRequested,
    /// A file was dropped on the window.
    FileDropped(PathBuf),
    /// Show or hide the list of keys.
    HelpToggled,
    /// Which widget has the keys as their list comes in front.
    KeysLeft(Option<usize>),
    /// Everything one step larger.
    ZoomedIn,
    /// Everything one step smaller.
    ZoomedOut,
    /// Everything as it comes.
    ZoomReset,
    /// The other language.
    LanguageTurned,
    /// The next appearance.
    AppearanceTurned,
}

impl App {
    /// The window as it opens. `link` is an enrolment link to begin with.
    pub fn new(
        world: World,
        preferences: Preferences,
        link: Option<String>,
    ) -> (Self, Task<Message>) {
        language::speak(preferences.language);
        if let Some(helpdesk) = preferences.helpdesk.clone() {
            world.help.hear(helpdesk);
        }
        let app = Self {
            world,
            preferences,
            help: false,
            before_help: None,
            link,
            anew: false,
            renews: false,
            asked_for_help: false,
            stage: Stage::Opening(Wait::Keystore),
        };
        let task = app.ask_the_keystore();
        (app, task)
    }

    /// The title of the window: where somebody is, never who is followed up.
    pub fn title(&self) -> String {
        let name = say!("frame.name");
        match self.terminal() {
            Some(terminal) => format!("{name} — {}", terminal.office_name),
            None => name,
        }
    }

    /// The theme in force.
    pub fn theme(&self) -> Theme {
        Theme::of(self.preferences.appearance)
    }

    /// How large everything is drawn.
    pub fn scale(&self) -> f32 {
        self.preferences.zoom.factor()
    }

    /// Once a second: the idle lock, countdowns and days left.
    pub fn subscription(&self) -> Subscription<Message> {
        let seconds = iced::time::every(Duration::from_secs(1)).map(|_| Message::Ticked);
        let files = iced::event::listen_with(|event, _, _| match event {
            iced::Event::Window(iced::window::Event::FileDropped(path)) => {
                Some(Message::FileDropped(path))
            }
            _ => None,
        });
        let opened = iced::window::open_events().map(Message::Opened);
        let closing = iced::window::close_requests().map(|_| Message::CloseRequested);
        Subscription::batch([seconds, files, opened, closing])
    }

    /// Whether something may be held until somebody has logged in again.
    #[cfg(test)]
    fn holds(&self) -> bool {
        matches!(&self.stage, Stage::Work(work) if work.holds())
    }

    fn terminal(&self) -> Option<&Terminal> {
        match &self.stage {
            Stage::Opening(_) | Stage::Enrolment(_) => None,
            Stage::LogIn(entrance) => Some(&entrance.terminal),
            Stage::FirstPassword(first) => Some(&first.context.terminal),
            Stage::Work(work) => Some(work.terminal()),
        }
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        // Messages may be handled on another thread than the first view.
        language::speak(self.preferences.language);
        match message {
            Message::IdentityRead(result) => self.identity_read(result),
            // One that was skipped and still came is better than the old one, but
            // nobody is interrupted for it.
            Message::Renewed(identity) => match self.stage {
                Stage::Opening(_) | Stage::LogIn(_) => self.enter(&identity),
                Stage::Enrolment(_) | Stage::FirstPassword(_) | Stage::Work(_) => Task::none(),
            },
            Message::RenewalSkipped => {
                match std::mem::replace(&mut self.stage, Stage::Opening(Wait::Keystore)) {
                    Stage::Opening(Wait::Renewal { identity, _handle }) => self.enter(&identity),
                    other => {
                        self.stage = other;
                        Task::none()
                    }
                }
            }
            // An X11 desktop does not hear what a window wanted to be before it was there.
            Message::Opened(window) => iced::window::maximize(window, true),
            Message::CloseRequested => match &mut self.stage {
                Stage::Work(work) => match work.close() {
                    Some(asking) => asking.map(Message::Work),
                    None => iced::exit(),
                },
                _ => iced::exit(),
            },
            Message::TerminalShown(Ok(terminal)) => match &mut self.stage {
                Stage::LogIn(entrance) => {
                    entrance.terminal = terminal;
                    let open = entrance.screen.office_is_open().map(Message::LogIn);
                    Task::batch([open, self.ask_for_help()])
                }
                Stage::FirstPassword(first) => {
                    first.dialog.office_is_open();
                    Task::none()
                }
                Stage::Opening(_) | Stage::Enrolment(_) | Stage::Work(_) => Task::none(),
            },
            Message::HelpdeskShown(Ok(helpdesk)) => {
                self.world.help.hear(helpdesk.clone());
                let last = Some(helpdesk);
                if self.preferences.helpdesk == last {
                    return Task::none();
                }
                self.prefer(|it| it.helpdesk = last)
            }
            // What was last heard still stands.
            Message::HelpdeskShown(Err(_)) => Task::none(),
            Message::TerminalShown(Err(failure)) => {
                if !failure.refuses_the_terminal() {
                    return Task::none();
                }
                match &mut self.stage {
                    Stage::LogIn(entrance) => {
                        return entrance.screen.refused(failure).map(Message::LogIn);
                    }
                    Stage::FirstPassword(first) => first.dialog.terminal_refused(failure),
                    Stage::Opening(_) | Stage::Enrolment(_) | Stage::Work(_) => {}
                }
                Task::none()
            }
            Message::RootLearned(true) => self.root_learned(),
            Message::RootLearned(false) => Task::none(),
            Message::Enrolment(message) => self.enrolment(message),
            Message::LogIn(message) => self.log_in(message),
            Message::FirstPassword(message) => self.first_password(message),
            Message::Ended => Task::none(),
            Message::Work(message) => self.work(message),
            Message::Ticked => self.ticked(),
            Message::FileDropped(path) => match &self.stage {
                Stage::Work(_) => self.work(work::Message::FileDropped(path)),
                _ => Task::none(),
            },
            Message::HelpToggled if self.help => {
                self.help = false;
                self.keys_are_back()
            }
            // Once the list is in front, nothing behind it can be asked who has the keys.
            Message::HelpToggled => focus::holder(Message::KeysLeft),
            Message::KeysLeft(_) if self.help => Task::none(),
            Message::KeysLeft(holder) => {
                self.help = true;
                self.before_help = holder.map(|holder| (self.place(), holder));
                iced::widget::operation::focus(iced::widget::Id::new(help::CLOSE))
            }
            Message::ZoomedIn => self.prefer(|it| it.zoom = it.zoom.larger()),
            Message::ZoomedOut => self.prefer(|it| it.zoom = it.zoom.smaller()),
            Message::ZoomReset => self.prefer(|it| it.zoom = Default::default()),
            Message::LanguageTurned => self.prefer(|it| {
                it.language = match it.language {
                    Language::Ja => Language::En,
                    Language::En => Language::Ja,
                };
            }),
            Message::AppearanceTurned => self.prefer(|it| it.appearance = it.appearance.next()),
        }
    }

    fn place(&self) -> Place {
        let is_locked = matches!(&self.stage, Stage::Work(work) if work.is_locked());
        (std::mem::discriminant(&self.stage), is_locked)
    }

    /// The list of keys had them. Whatever had them before has them again; where the lock came in
    /// front meanwhile, or nothing had them, whatever is to be typed into there.
    fn keys_are_back(&mut self) -> Task<Message> {
        if let Some((place, holder)) = self.before_help.take()
            && place == self.place()
        {
            return focus::give_back(holder);
        }
        match &self.stage {
            Stage::LogIn(entrance) => entrance.screen.entered().map(Message::LogIn),
            Stage::FirstPassword(first) => first.dialog.entered().map(Message::FirstPassword),
            Stage::Work(work) => work.keys_are_back().map(Message::Work),
            Stage::Opening(_) | Stage::Enrolment(_) => Task::none(),
        }
    }

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) -> Task<Message> {
        change(&mut self.preferences);
        language::speak(self.preferences.language);
        let preferences = self.preferences.clone();
        Task::future(async move { preferences.keep().await }).discard()
    }

    fn work(&mut self, message: work::Message) -> Task<Message> {
        let Stage::Work(work) = &mut self.stage else {
            return Task::none();
        };
        match work.update(message) {
            work::Action::None => Task::none(),
            work::Action::Run(task) => task.map(Message::Work),
            work::Action::Closed => iced::exit(),
            work::Action::Reopened(ending) => {
                self.stage = Stage::Opening(Wait::Keystore);
                Task::batch([ending.map(Message::Work), self.ask_the_keystore()])
            }
            work::Action::LoggedOut(ending) => {
                let (api, terminal) = work.take_leave();
                let ending = ending.map(Message::Work);
                let days = terminal
                    .expires_at
                    .duration_since(self.world.now())
                    .as_hours()
                    / 24;
                let next = if days < LAST_THIRD || self.renews {
                    // A terminal that is never switched off renews here. What was
                    // worked on goes first: nobody knows how long the keystore takes.
                    self.stage = Stage::Opening(Wait::Keystore);
                    self.ask_the_keystore()
                } else {
                    self.log_in_as(api, terminal, String::new())
                };
                Task::batch([ending, next])
            }
        }
    }
}

/// The days of the last third of a certificate's year.
const LAST_THIRD: i64 = 365 / 3;

#[cfg(test)]
mod tests;
