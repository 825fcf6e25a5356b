//! What has the keys: in a window that keeps its widgets from one picture to the next.

use std::sync::atomic::{AtomicBool, Ordering};

use iced::advanced::input_method;
use iced::keyboard::{Key, Modifiers};
use iced::{Event, Task};
use shared::follow_up::import::{
    CheckImport, CommitImport, ImportFindings, ImportResult, OpenImport, StageChunk, Staged,
};

use super::*;
use crate::api::Failure;
use crate::app::{Stage, work};
use crate::screen::Context;
use crate::screen::stage::Window;
use crate::ui::Element;
use crate::ui::keys::Binding;

impl stage::Driven for App {
    type Message = Message;

    fn take_in(&mut self, message: Message, _: &Context) -> Task<Message> {
        self.update(message)
    }

    fn look<'a>(&'a self, _: &'a Context) -> Element<'a, Message> {
        self.view()
    }

    /// Its own are round what it shows already.
    fn keys(&self) -> Vec<Binding<Message>> {
        Vec::new()
    }
}

/// The window of a terminal that was let in, at this server.
fn window(language: Language, server: Script, size: (f32, f32)) -> Window<App> {
    let before = Desk::enrolled(language, self::server());
    let (vault, door) = (Vault::new(before.memory.clone()), Door::new(server));
    let world = World {
        clock: Arc::new(|| Timestamp::from_second(MORNING).expect("a moment")),
        random: Arc::new(|| [1; 10]),
        outbox: Some(Outbox::new(vault.clone(), Scripted::new())),
        vault,
        gate: Arc::new(door),
        folder: None,
        help: Default::default(),
        files: Arc::new(crate::file_dialog::Nobody),
    };
    let preferences = Preferences {
        language,
        ..Preferences::default()
    };
    let opened = App::new(world, preferences, None);
    Window::open(opened, stage::context(&Script::new()), size)
}

/// The same as somebody is to log in.
pub(super) fn at_the_login() -> Window<App> {
    window(Language::Ja, server(), AT_100)
}

/// The same with somebody who works.
pub(super) fn working(server: Script) -> Window<App> {
    let mut window = window(Language::Ja, server, AT_100);
    window.types("yamada-1");
    window.key(key::Named::Enter);
    window.types("a long enough password");
    window.key(key::Named::Enter);
    window
}

pub(super) fn go_to(window: &mut Window<App>, room: &str) {
    window.chord(Key::Character(room.into()), Modifiers::COMMAND);
}

/// A server at which nobody is followed up until a list was taken in.
fn empty_until_an_import() -> Script {
    let taken_in = Arc::new(AtomicBool::new(false));
    let done = taken_in.clone();
    let findings: ImportFindings = stage::made(serde_json::json!({
        "new": 2, "repeats": [], "foreign": [], "alike": [],
    }));
    server()
        .answer::<CountReturnees>(Counts::default())
        .reply::<ListReturnees>(move |_| {
            let rows = match taken_in.load(Ordering::SeqCst) {
                true => (0..2).map(stage::row).collect(),
                false => Vec::new(),
            };
            Ok(Page { rows, next: None })
        })
        .answer::<OpenImport>(Staged { staged: 0, rows: 2 })
        .answer::<StageChunk>(Staged { staged: 2, rows: 2 })
        .answer::<CheckImport>(findings)
        .reply::<CommitImport>(move |_| {
            done.store(true, Ordering::SeqCst);
            Ok(ImportResult {
                added: 2,
                repeats: 0,
                left_out: 0,
            })
        })
}

/// Takes the list in that lies beside the journeys, and goes back to the work list.
fn takes_a_list_in(window: &mut Window<App>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/quarantine-list.csv");
    window.key(key::Named::F6);
    window.happens([
        Event::InputMethod(input_method::Event::Opened),
        Event::InputMethod(input_method::Event::Commit(path.to_owned())),
        Event::InputMethod(input_method::Event::Closed),
    ]);
    for _ in 0..4 {
        window.key(key::Named::Enter);
    }
    assert!(window.shows(&stage::name(1).0), "the list is in front");
}

#[test]
fn the_list_has_the_keys_after_an_import_that_brought_its_first_people() {
    let mut window = working(empty_until_an_import());
    go_to(&mut window, "2");
    takes_a_list_in(&mut window);
    assert!(window.keys_are_at("follow-up-list"));
    window.key(key::Named::ArrowDown);
    window.key(key::Named::Space);
    assert!(window.shows("連絡方法"), "a day is recorded");
}

#[test]
fn going_to_the_room_in_front_gives_its_list_the_keys() {
    let mut window = working(server());
    go_to(&mut window, "2");
    window.types("/");
    assert!(window.keys_are_at("follow-up-search"));
    go_to(&mut window, "2");
    assert!(window.keys_are_at("follow-up-list"));
}

/// A server that lets this terminal in no longer.
fn revoking() -> Script {
    server().refuse::<ShowTerminal>(Problem::new(ProblemCode::TerminalRevoked))
}

#[test]
fn the_login_of_a_terminal_that_is_refused_has_the_keys_at_the_way_on() {
    for size in [AT_100, AT_150] {
        let mut window = window(Language::Ja, revoking(), size);
        assert!(window.shows("この端末の証明書は失効しています"));
        assert!(window.keys_are_at(session::ANEW), "{size:?}");
        assert!(window.shows("新しいリンクで登録し直す"), "it is in view");
        window.key(key::Named::Enter);
        assert!(matches!(window.screen.stage, Stage::Enrolment(_)));
    }
}

#[test]
fn what_is_typed_at_the_login_goes_on_when_the_terminal_is_refused_meanwhile() {
    let mut window = window(Language::Ja, server(), AT_100);
    window.types("yam");
    let refused = Failure::Refused(Box::new(
        Problem::new(ProblemCode::TerminalRevoked).document(Language::Ja),
    ));
    window.runs(Task::done(Message::TerminalShown(Err(refused))));
    assert!(window.shows("この端末の証明書は失効しています"));
    assert!(window.keys_are_at(session::LOGIN));
    window.types("ada-1");
    assert!(window.shows("yamada-1"));
}

#[test]
fn a_lock_that_says_all_about_a_refused_terminal_can_be_read_to_its_end() {
    for language in [Language::Ja, Language::En] {
        for (size, zoom) in [(AT_100, 100), (AT_150, 150)] {
            let desk = Desk::working(language, server());
            let revoked = Problem::new(ProblemCode::TerminalRevoked);
            let _ = desk.door.line.clone().refuse::<OpenSession>(revoked);
            let context = stage::context(&Script::new());
            let mut window = Window::open((desk.app, Task::none()), context, size);
            let lock = Message::Work(work::Message::LockPressed);
            window.runs(Task::done(lock));
            window.types("a long enough password");
            window.key(key::Named::Enter);
            let copy = match language {
                Language::Ja => "内容をコピー",
                Language::En => "Copy",
            };
            assert!(zoom != 100 || window.shows(copy), "all of it is in view");
            window.looks_as_kept(&format!("lock-revoked-{}-{zoom}", language.tag()));
        }
    }
}
