//! The whole window, driven against a scripted server and keystore, and looked at
//! in both languages and at two sizes.

use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use iced::Task;
use iced::keyboard::key;
use iced_test::runtime::{Action, task};
use jiff::{SignedDuration, Timestamp};
use shared::accounts::{Person, Role, UserName};
use shared::contract::Done;
use shared::enrolment::{Serial, ShowTerminal, Terminal};
use shared::follow_up::returnee::{ListHealthCentres, ShowReturnee};
use shared::follow_up::work_list::{CountReturnees, Counts, ListReturnees};
use shared::helpdesk::ShowHelpdesk;
use shared::id::Page;
use shared::id::{TerminalId, UserId};
use shared::offices::{Office, OfficeCode, OfficeKind, OfficeName};
use shared::session::{EndSession, OpenSession, Session, Token};
use shared::{Language, Problem, ProblemCode};

use super::{App, Message, Preferences};
use crate::api::scripted::Script;
use crate::api::{Trouble, Unreachable};
use crate::enrolment::scripted::{Door, PASSWORD, WRONG_PASSWORD};
use crate::keystore::{Fault, Memory, Slot, Vault};
use crate::outbox::{Outbox, Scripted};
use crate::picture::{self, AT_80, AT_100, AT_150, AT_200, Driven};
use crate::screen::stage;
use crate::screen::{enrolment, session};
use crate::secret::Secret;
use crate::ui::theme::Appearance;
use crate::world::World;

mod back;
mod desk;
mod drafts;
mod entrance;
mod first_password;
mod help;
mod journeys;
mod keys;
mod leaving;
mod login;
mod pictures;
mod unseen;
mod working;

/// The window with everything around it scripted.
struct Desk {
    app: App,
    runtime: tokio::runtime::Runtime,
    door: Door,
    memory: Memory,
    drafts: Scripted,
    now: Arc<Mutex<Timestamp>>,
    /// How often something gave the keys to a widget.
    gave_keys: usize,
    /// What waits for somebody to log in again.
    held: Vec<BoxStream<'static, Action<Message>>>,
}

/// 26 November 2026, 9:00 in Japan.
const MORNING: i64 = 1_795_651_200;

fn terminal() -> Terminal {
    Terminal {
        office: OfficeCode::parse("131016").expect("a code"),
        office_name: OfficeName::parse("見本保健所").expect("a name"),
        terminal: TerminalId::new(1, [0xa1; 10]),
        serial: Serial::parse("4a01b2c3d4e5f60718293a4b5c6d7e8f").expect("a serial"),
        expires_at: Timestamp::from_second(MORNING + 312 * 86_400).expect("a moment"),
    }
}

fn session() -> Session {
    Session {
        token: Token::new("token".into()),
        user: Person {
            id: UserId::new(1, [2; 10]),
            name: UserName::parse("見本 花子").expect("a name"),
        },
        role: Role::Staff,
        office: Office {
            code: terminal().office,
            kind: OfficeKind::HealthCentre,
            name: terminal().office_name,
        },
        expires_at: Timestamp::from_second(MORNING + 36_000).expect("a moment"),
        idle_lock_seconds: 600,
        must_change_password: false,
    }
}

fn counts() -> Counts {
    Counts {
        open: 4_312,
        not_reached_today: 12,
        with_signs: 3,
        mine: 40,
        ending_today: 5,
    }
}

/// A server at which everything goes well.
fn server() -> Script {
    Script::new()
        .answer::<ShowTerminal>(terminal())
        .answer::<OpenSession>(session())
        .answer::<EndSession>(Done {})
        .answer::<ShowHelpdesk>(stage::helpdesk())
        .answer::<CountReturnees>(counts())
        .answer::<ListHealthCentres>(stage::health_centres())
        .answer::<ListReturnees>(Page {
            rows: (0..3).map(stage::row).collect(),
            next: None,
        })
        .answer::<ShowReturnee>(stage::returnee(1, serde_json::json!([])))
}

impl Desk {
    /// A terminal that was never let in.
    fn fresh(language: Language, server: Script) -> Self {
        Self::with(language, server, Memory::new())
    }

    fn with(language: Language, server: Script, memory: Memory) -> Self {
        Self::upon(language, server, memory, Scripted::new())
    }

    /// A terminal on which this was kept.
    fn upon(language: Language, server: Script, memory: Memory, drafts: Scripted) -> Self {
        Self::before(language, Door::new(server), memory, drafts)
    }

    /// The same before this door.
    fn before(language: Language, door: Door, memory: Memory, drafts: Scripted) -> Self {
        let now = Arc::new(Mutex::new(
            Timestamp::from_second(MORNING).expect("a moment"),
        ));
        let clock = now.clone();
        let world = World {
            clock: Arc::new(move || *clock.lock().expect("not poisoned")),
            random: Arc::new(|| [1; 10]),
            vault: Vault::new(memory.clone()),
            gate: Arc::new(door.clone()),
            folder: None,
            outbox: Some(Outbox::new(Vault::new(memory.clone()), drafts.clone())),
            help: Default::default(),
            files: Arc::new(crate::file_dialog::Nobody),
        };
        let preferences = Preferences {
            language,
            ..Preferences::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (app, task) = App::new(world, preferences, None);
        let mut desk = Self {
            app,
            runtime,
            door,
            memory,
            drafts,
            now,
            gave_keys: 0,
            held: Vec::new(),
        };
        desk.run(task);
        desk
    }

    /// A terminal that was let in, before the login.
    fn enrolled(language: Language, server: Script) -> Self {
        let mut desk = Self::fresh(language, server);
        desk.fill_in_the_link(PASSWORD);
        desk.enrol(enrolment::Message::SubmitPressed);
        desk.enrol(enrolment::Message::ProceedPressed);
        desk
    }

    /// Somebody is logged in.
    fn working(language: Language, server: Script) -> Self {
        let mut desk = Self::enrolled(language, server);
        desk.log_in("yamada-1", "a long enough password");
        desk
    }

    fn fill_in_the_link(&mut self, password: &str) {
        self.enrol(enrolment::Message::LinkTyped(self.door.link().to_string()));
        self.enrol(enrolment::Message::PasswordTyped(Secret::new(
            password.to_owned(),
        )));
        self.enrol(enrolment::Message::ConsentTurned(true));
    }

    fn enrol(&mut self, message: enrolment::Message) {
        self.send(Message::Enrolment(message));
    }

    fn log_in(&mut self, login: &str, password: &str) {
        self.send(Message::LogIn(session::Message::LoginTyped(
            login.to_owned(),
        )));
        let password = Secret::new(password.to_owned());
        self.send(Message::LogIn(session::Message::PasswordTyped(password)));
        self.send(Message::LogIn(session::Message::SubmitPressed));
    }

    /// Hands in a message and everything that follows from it.
    fn send(&mut self, message: Message) {
        let asks_who_has_the_keys = matches!(message, Message::HelpToggled) && !self.app.help;
        let task = self.app.update(message);
        self.run(task);
        // Without a real window, nothing in it has the keys.
        if asks_who_has_the_keys {
            self.send(Message::KeysLeft(None));
        }
    }

    fn run(&mut self, task: Task<Message>) {
        let actions = task::into_stream(task);
        // What was held may go on since.
        let all = std::mem::take(&mut self.held).into_iter().chain(actions);
        for mut actions in all.collect::<Vec<_>>() {
            let mut messages = Vec::new();
            let held = loop {
                let next = async {
                    let moment = std::time::Duration::from_millis(20);
                    tokio::time::timeout(moment, actions.next()).await
                };
                match self.runtime.block_on(next) {
                    Ok(Some(Action::Output(message))) => messages.push(message),
                    // Giving the keys to a widget and copying need a real window.
                    Ok(Some(Action::Widget(_))) => self.gave_keys += 1,
                    Ok(Some(_)) => {}
                    Ok(None) => break false,
                    Err(_) if self.app.holds() => break true,
                    Err(_) => {}
                }
            };
            if held {
                self.held.push(actions);
            }
            for message in messages {
                self.send(message);
            }
        }
    }

    /// Lets time pass, with the window's ticks at its end.
    fn pass(&mut self, time: SignedDuration) {
        *self.now.lock().expect("not poisoned") += time;
        self.send(Message::Ticked);
    }

    /// Does something in the window as it looks now, and hands in what it said.
    fn at_the_window(&mut self, act: impl FnOnce(&mut Driven<'_, Message>)) {
        let mut driven = picture::drive(self.app.view(), AT_100);
        act(&mut driven);
        let messages: Vec<Message> = driven.into_messages().collect();
        for message in messages {
            self.send(message);
        }
    }

    fn press(&mut self, key: key::Named) {
        self.at_the_window(|window| {
            window.tap_key(key);
        });
    }

    /// This digit, with the key held that commands are given with.
    fn press_command(&mut self, digit: &str) {
        use iced::keyboard::{Event::KeyPressed, Key, Modifiers};
        self.at_the_window(|window| {
            let mut event = iced_test::simulator::press_key(Key::Character(digit.into()), None);
            if let iced::Event::Keyboard(KeyPressed { modifiers, .. }) = &mut event {
                *modifiers = Modifiers::COMMAND;
            }
            window.simulate([event]);
        });
    }

    /// The room in front.
    fn room(&self) -> crate::screen::Room {
        match &self.app.stage {
            super::Stage::Work(work) => work.room(),
            _ => panic!("nobody works"),
        }
    }

    fn shows(&self, words: &str) -> bool {
        picture::drive(self.app.view(), (1280.0, 2000.0))
            .find(words)
            .is_ok()
    }

    /// Takes the picture at 100 and at 150 per cent and compares both with what was
    /// looked at.
    fn look(&self, name: &str) {
        self.look_at(name, &[(AT_100, 100), (AT_150, 150)]);
    }

    /// The same at the smallest and the largest zoom that there is.
    fn look_at_the_ends(&self, name: &str) {
        self.look_at(name, &[(AT_80, 80), (AT_200, 200)]);
    }

    fn look_at(&self, name: &str, zooms: &[((f32, f32), u32)]) {
        let language = self.app.preferences.language.tag();
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures.txt");
        for (size, zoom) in zooms.iter().copied() {
            let mut window = picture::drive(self.app.view(), size);
            let name = format!("{name}-{language}-{zoom}");
            picture::take(&mut window, self.app.theme(), &name).is_as_kept(&kept);
        }
    }
}

fn in_both(look: impl Fn(Language)) {
    for language in [Language::Ja, Language::En] {
        look(language);
    }
}
