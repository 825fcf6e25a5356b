//! The window: what is in it at present, and what goes round it always.
//!
//! First the keystore is asked who this terminal is. Without an identity the
//! terminal is let in ([`crate::screen::enrolment`]); with one, somebody logs in
//! ([`crate::screen::session`]); then they work ([`work`]).

mod frame;
mod launch;
pub mod preferences;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use iced::task::Handle;
use iced::{Subscription, Task};
use jiff::Timestamp;
use shared::enrolment::{ShowTerminal, Terminal, TerminalQuery};
use shared::session::Session;

use crate::api::{Api, Failure};
use crate::enrolment::{facts, is_due, renew};
use crate::keystore::{Fault, Identity, Slot};
use crate::language::{self, Language};
use crate::say;
use crate::screen::{Context, enrolment, session};
use crate::ui::Element;
use crate::ui::dialog::{Behind, over};
use crate::ui::keys::{Binding, Shortcut, binding, keys};
use crate::ui::theme::Theme;
use crate::world::World;
pub use launch::{run, without_a_font};
use preferences::Preferences;
use work::Work;

/// The window's state.
pub struct App {
    world: World,
    preferences: Preferences,
    /// The list of keys is in front.
    help: bool,
    /// A link given on the command line or by a `mimamori:` address.
    link: Option<String>,
    stage: Stage,
}

enum Stage {
    /// Something is waited for before anybody can do anything.
    Opening(Wait),
    /// This terminal is being let in.
    Enrolment(Box<enrolment::Enrolment>),
    /// Somebody is to log in.
    LogIn(Box<Entrance>),
    /// Somebody works.
    Work(Box<Work>),
}

/// What is waited for.
enum Wait {
    /// The keystore's answer.
    Keystore,
    /// A new certificate. The identity serves without it; dropping the handle stops it.
    Renewal {
        identity: Box<Identity>,
        _handle: Handle,
    },
}

/// The login and the line it goes over.
struct Entrance {
    api: Api,
    terminal: Terminal,
    screen: session::LogInScreen,
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
    /// On the enrolment screen.
    Enrolment(enrolment::Message),
    /// On the login screen.
    LogIn(session::Message),
    /// While working.
    Work(work::Message),
    /// A second passed.
    Ticked,
    /// The window is to be closed.
    CloseRequested,
    /// A file was dropped on the window.
    FileDropped(PathBuf),
    /// Show or hide the list of keys.
    HelpToggled,
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

/// What the two slots of the keystore hold.
#[derive(Clone)]
pub struct Identities {
    active: Option<Identity>,
    pending: Option<Identity>,
}

impl App {
    /// The window as it opens. `link` is an enrolment link to begin with.
    pub fn new(
        world: World,
        preferences: Preferences,
        link: Option<String>,
    ) -> (Self, Task<Message>) {
        language::speak(preferences.language);
        let app = Self {
            world,
            preferences,
            help: false,
            link,
            stage: Stage::Opening(Wait::Keystore),
        };
        let task = app.ask_the_keystore();
        (app, task)
    }

    fn ask_the_keystore(&self) -> Task<Message> {
        let vault = self.world.vault.clone();
        Task::perform(
            async move {
                Ok(Identities {
                    active: vault.identity(Slot::Active).await?,
                    // As when enrolling: an unreadable pending entry is of no use to
                    // anybody, and keeps nobody out.
                    pending: match vault.identity(Slot::Pending).await {
                        Err(Fault::Unreadable) => None,
                        other => other?,
                    },
                })
            },
            Message::IdentityRead,
        )
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
        let closing = iced::window::close_requests().map(|_| Message::CloseRequested);
        Subscription::batch([seconds, files, closing])
    }

    fn terminal(&self) -> Option<&Terminal> {
        match &self.stage {
            Stage::Opening(_) | Stage::Enrolment(_) => None,
            Stage::LogIn(entrance) => Some(&entrance.terminal),
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
                Stage::Enrolment(_) | Stage::Work(_) => Task::none(),
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
            Message::CloseRequested => match &mut self.stage {
                Stage::Work(work) => match work.close() {
                    Some(asking) => asking.map(Message::Work),
                    None => iced::exit(),
                },
                _ => iced::exit(),
            },
            Message::TerminalShown(Ok(terminal)) => {
                if let Stage::LogIn(entrance) = &mut self.stage {
                    entrance.terminal = terminal;
                }
                Task::none()
            }
            Message::TerminalShown(Err(_)) => Task::none(),
            Message::Enrolment(message) => self.enrolment(message),
            Message::LogIn(message) => self.log_in(message),
            Message::Work(message) => self.work(message),
            Message::Ticked => self.ticked(),
            Message::FileDropped(path) => match &self.stage {
                Stage::Work(_) => self.work(work::Message::FileDropped(path)),
                _ => Task::none(),
            },
            Message::HelpToggled => {
                self.help = !self.help;
                if self.help {
                    return iced::widget::operation::focus(iced::widget::Id::new(frame::CLOSE));
                }
                Task::none()
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

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) -> Task<Message> {
        change(&mut self.preferences);
        language::speak(self.preferences.language);
        let preferences = self.preferences.clone();
        Task::future(async move { preferences.keep().await }).discard()
    }

    fn identity_read(&mut self, result: Result<Identities, Fault>) -> Task<Message> {
        match result {
            Ok(Identities {
                active: Some(active),
                pending,
            }) if self.leads_here(&active) => {
                self.link = None;
                let begun = pending.is_some_and(|pending| pending.link == active.link);
                if begun || is_due(&active.certificate, self.world.now()) {
                    self.enter_renewed(active)
                } else {
                    self.enter(&active)
                }
            }
            Ok(Identities { active, pending }) => {
                let task = self.let_in(pending, None);
                if let Stage::Enrolment(screen) = &mut self.stage {
                    screen.offer(active);
                }
                task
            }
            Err(fault) => self.let_in(None, Some(fault)),
        }
    }

    /// Whether nothing but this identity was asked for.
    fn leads_here(&self, active: &Identity) -> bool {
        let link = self.link.as_deref();
        link.is_none_or(|link| enrolment::is_same(link, &active.link))
    }

    /// Renews the certificate first, if it is time; nobody is logged in yet who could
    /// be interrupted. What stands in the way now is tried again the next time.
    fn enter_renewed(&mut self, identity: Identity) -> Task<Message> {
        let world = self.world.clone();
        let kept = Box::new(identity.clone());
        let spoken = language::spoken();
        let (task, handle) = Task::perform(
            async move {
                language::speak(spoken);
                match renew(&world, &identity).await {
                    Ok(Some(enrolled)) => enrolled.identity,
                    Ok(None) | Err(_) => identity,
                }
            },
            |identity| Message::Renewed(Box::new(identity)),
        )
        .abortable();
        self.stage = Stage::Opening(Wait::Renewal {
            identity: kept,
            _handle: handle.abort_on_drop(),
        });
        task
    }

    fn let_in(&mut self, pending: Option<Identity>, fault: Option<Fault>) -> Task<Message> {
        let (screen, task) = enrolment::Enrolment::new(self.link.take(), pending, fault);
        self.stage = Stage::Enrolment(Box::new(screen));
        task.map(Message::Enrolment)
    }

    /// With an identity: the line is made, and somebody may log in over it.
    fn enter(&mut self, identity: &Identity) -> Task<Message> {
        let line = self.world.gate.line(identity).ok();
        let (Some(line), Some(terminal)) = (line, facts(&identity.certificate)) else {
            return self.let_in(None, Some(Fault::Unreadable));
        };
        let world = self.world.clone();
        let api = Api::new(line, move || world.key());
        let show = api.call::<ShowTerminal>(TerminalQuery {});
        self.log_in_as(api, terminal, String::new())
            .chain(Task::perform(show, Message::TerminalShown))
    }

    fn log_in_as(&mut self, api: Api, terminal: Terminal, login: String) -> Task<Message> {
        let (screen, task) = session::LogInScreen::new(login);
        self.stage = Stage::LogIn(Box::new(Entrance {
            api,
            terminal,
            screen,
        }));
        task.map(Message::LogIn)
    }

    fn enrolment(&mut self, message: enrolment::Message) -> Task<Message> {
        let Stage::Enrolment(screen) = &mut self.stage else {
            return Task::none();
        };
        match screen.update(message, &self.world) {
            enrolment::Action::None => Task::none(),
            enrolment::Action::Run(task) => task.map(Message::Enrolment),
            enrolment::Action::AskAgain(link) => {
                self.link = link;
                self.stage = Stage::Opening(Wait::Keystore);
                self.ask_the_keystore()
            }
            enrolment::Action::Enrolled(identity) => self.enter(&identity),
        }
    }

    fn log_in(&mut self, message: session::Message) -> Task<Message> {
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
            session::Action::Opened(session, login) => {
                let (api, terminal) = (api.clone(), terminal.clone());
                self.begin(api, terminal, &session, login)
            }
        }
    }

    fn begin(
        &mut self,
        api: Api,
        terminal: Terminal,
        session: &Session,
        login: String,
    ) -> Task<Message> {
        api.use_session(Some(session.token.clone()));
        let context = Context::new(self.world.clone(), api, terminal, session);
        let (work, task) = Work::new(context, login, session.idle_lock_seconds);
        self.stage = Stage::Work(Box::new(work));
        task.map(Message::Work)
    }

    fn work(&mut self, message: work::Message) -> Task<Message> {
        let Stage::Work(work) = &mut self.stage else {
            return Task::none();
        };
        match work.update(message) {
            work::Action::None => Task::none(),
            work::Action::Run(task) => task.map(Message::Work),
            work::Action::Closed => iced::exit(),
            work::Action::LoggedOut(ending) => {
                let (api, terminal) = work.take_leave();
                let ending = ending.map(Message::Work);
                let days = terminal
                    .expires_at
                    .duration_since(self.world.now())
                    .as_hours()
                    / 24;
                let next = if days < LAST_THIRD {
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

    fn ticked(&mut self) -> Task<Message> {
        match &mut self.stage {
            Stage::Work(work) => work.ticked().map(Message::Work),
            Stage::LogIn(entrance) => match entrance.api.probe() {
                Some(probe) if is_time_to_probe(self.world.now()) => {
                    Task::perform(probe, Message::TerminalShown)
                }
                _ => Task::none(),
            },
            _ => Task::none(),
        }
    }

    /// The window as it looks.
    pub fn view(&self) -> Element<'_, Message> {
        language::speak(self.preferences.language);
        let world = &self.world;
        let content = match &self.stage {
            Stage::Opening(wait) => {
                frame::outside(None, frame::waiting(matches!(wait, Wait::Renewal { .. })))
            }
            Stage::Enrolment(screen) => {
                frame::outside(None, screen.view(world).map(Message::Enrolment))
            }
            Stage::LogIn(entrance) => frame::outside(
                Some(frame::Standing {
                    terminal: &entrance.terminal,
                    line: entrance.api.line(),
                    unsaved: 0,
                    now: world.now(),
                }),
                entrance
                    .screen
                    .view(&entrance.terminal, world)
                    .map(Message::LogIn),
            ),
            Stage::Work(work) => work.view(),
        };
        let mut bindings = self.bindings();
        let help = self.help.then(|| frame::help(&bindings));
        if self.help {
            bindings.insert(
                0,
                binding(escape(), say!("frame.help_close"), Message::HelpToggled),
            );
        }
        let around = keys(over(content, help, Behind::Dimmed), bindings);
        match &self.stage {
            Stage::Work(_) => around.on_any(Message::Work(work::Message::Touched)).into(),
            _ => around.into(),
        }
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        let own = match &self.stage {
            Stage::Opening(Wait::Keystore) => Vec::new(),
            Stage::Opening(Wait::Renewal { .. }) => vec![binding(
                escape(),
                say!("frame.skip_renewal"),
                Message::RenewalSkipped,
            )],
            Stage::Enrolment(screen) => map(screen.bindings(), Message::Enrolment),
            Stage::LogIn(entrance) => map(entrance.screen.bindings(), Message::LogIn),
            Stage::Work(work) => map(work.bindings(), Message::Work),
        };
        let f1 = Shortcut::named(iced::keyboard::key::Named::F1);
        let always = [
            binding(f1, say!("frame.help"), Message::HelpToggled),
            binding(
                Shortcut::command("+"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            // The plus of most keyboards is above `=` or `;`.
            binding(
                Shortcut::command("="),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command(";"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command("-"),
                say!("frame.smaller"),
                Message::ZoomedOut,
            ),
            binding(
                Shortcut::command("0"),
                say!("frame.normal_size"),
                Message::ZoomReset,
            ),
        ];
        own.into_iter().chain(always).collect()
    }
}

fn map<M: 'static>(
    bindings: Vec<Binding<M>>,
    into: impl Fn(M) -> Message + Copy,
) -> Vec<Binding<Message>> {
    bindings
        .into_iter()
        .map(|binding| binding.map(into))
        .collect()
}

fn escape() -> Shortcut {
    Shortcut::named(iced::keyboard::key::Named::Escape)
}

/// The days of the last third of a certificate's year.
const LAST_THIRD: i64 = 365 / 3;

/// A cut line is tried every five seconds: soon enough for whoever waits, and seldom
/// enough for a server that has a country's terminals waiting.
fn is_time_to_probe(now: Timestamp) -> bool {
    now.as_second() % 5 == 0
}

#[cfg(test)]
mod tests;
