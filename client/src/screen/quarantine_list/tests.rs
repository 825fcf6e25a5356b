//! The taking in of a list, driven by keys.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use iced::advanced::input_method;
use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::{Event, Task};
use serde_json::{Value, json};
use shared::contract::Done;
use shared::follow_up::import::{
    CancelImport, CheckImport, CommitImport, ImportFindings, ImportResult, OpenImport, StageChunk,
    Staged,
};
use shared::quarantine_list::sample::{Recipe, SampleList};
use shared::{Problem, ProblemCode};

use super::{Action, Message, QuarantineList};
use crate::api::Call;
use crate::api::scripted::Script;
use crate::file_dialog::FileDialog;
use crate::picture::AT_100;
use crate::screen::Context;
use crate::screen::stage::{self, Driven, Window, made};
use crate::ui::Element;
use crate::ui::keys::Binding;

mod journey;
mod looks;
mod trouble;

/// The screen, and whether it has asked to be closed.
struct Shown {
    screen: QuarantineList,
    closed: bool,
}

impl Driven for Shown {
    type Message = Message;

    fn take_in(&mut self, message: Message, context: &Context) -> Task<Message> {
        match self.screen.update(message, context) {
            Action::Run(task) => task,
            Action::None => Task::none(),
            Action::Closed => {
                self.closed = true;
                Task::none()
            }
        }
    }

    fn look<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        self.screen.view(context)
    }

    fn keys(&self) -> Vec<Binding<Message>> {
        self.screen.bindings()
    }
}

/// A person who always chooses the same file.
struct Picks(Option<PathBuf>);

impl FileDialog for Picks {
    fn open(&self, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(self.0.clone()))
    }

    fn save(&self, _: String, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        self.open(String::new())
    }
}

/// A desk with a folder of its own, at this server.
struct Desk {
    folder: tempfile::TempDir,
    /// A path to it that is the same on every computer, for pictures.
    shown: Option<PathBuf>,
    window: Window<Shown>,
}

impl Desk {
    fn at(server: &Script, size: (f32, f32)) -> Self {
        Self::choosing(server, size, None)
    }

    /// A desk at whose dialog this file is chosen.
    fn choosing(server: &Script, size: (f32, f32), file: Option<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut context = stage::context(server);
        context.world.folder = Some(folder.path().join("remembered"));
        context.world.files = Arc::new(Picks(file));
        let window = Window::open(opened(&context), context, size);
        let shown = None;
        Self {
            folder,
            shown,
            window,
        }
    }

    /// A desk whose files lie where their paths look the same on every computer.
    fn in_the_open(server: &Script, size: (f32, f32)) -> Self {
        let shown = PathBuf::from("../target/名簿の見本");
        let _ = std::fs::remove_dir_all(&shown);
        std::fs::create_dir_all(&shown).expect("a folder");
        Self {
            shown: Some(shown),
            ..Self::at(server, size)
        }
    }

    /// Where a file of this name lies.
    fn path(&self, name: &str) -> PathBuf {
        let folder = self.shown.as_deref().unwrap_or(self.folder.path());
        folder.join(name)
    }

    /// Puts a file on the disk.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// Types the path of a file and presses Enter.
    fn read(&mut self, path: &Path) {
        let path = path.to_string_lossy().into_owned();
        self.window.happens([
            Event::InputMethod(input_method::Event::Opened),
            Event::InputMethod(input_method::Event::Commit(path)),
            Event::InputMethod(input_method::Event::Closed),
        ]);
        self.window.key(Named::Enter);
    }

    /// Reads the list of an office, 200 people with mistakes.
    fn read_the_sample(&mut self) -> SampleList {
        let sample = sample();
        let path = self.file("検疫所名簿.csv", &sample.bytes);
        self.read(&path);
        sample
    }

    /// Goes on: by Enter where nothing is added yet, by Ctrl+Enter where people are.
    fn proceed(&mut self) {
        if matches!(self.window.screen.screen.stage, super::Stage::Look(_)) {
            self.window.key(Named::Enter);
        } else {
            self.window
                .chord(Key::Named(Named::Enter), Modifiers::COMMAND);
        }
    }

    fn save(&mut self) {
        self.window
            .chord(Key::Character("s".into()), Modifiers::COMMAND);
    }

    #[track_caller]
    fn must_show(&mut self, words: &str) {
        if !self.window.shows(words) {
            self.window.picture("quarantine-list-not-as-expected");
            panic!("nothing says {words}");
        }
    }
}

fn opened(context: &Context) -> (Shown, Task<Message>) {
    let (screen, task) = QuarantineList::new(context);
    let shown = Shown {
        screen,
        closed: false,
    };
    (shown, task)
}

fn sample() -> SampleList {
    Recipe::of_an_office(stage::today(), vec!["見本保健所".to_owned()]).make()
}

/// What a call carries.
fn body(call: &Call) -> &Value {
    call.body.as_ref().expect("a body")
}

/// The rows of a chunk, by their numbers in the file.
fn rows(call: &Call) -> Vec<u64> {
    let rows = body(call)["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["row"].as_u64().expect("a number"))
        .collect()
}

/// A server that takes lists in and finds this in them.
fn server(findings: ImportFindings) -> Script {
    let announced = Arc::new(Mutex::new(0));
    let (at_open, at_stage) = (announced.clone(), announced);
    let new = findings.new;
    let known = findings.repeats.len() as u32;
    let doubtful = (findings.alike.len() + findings.foreign.len()) as u32;
    Script::new()
        .reply::<OpenImport>(move |call| {
            let rows = body(call)["rows"].as_u64().expect("a number") as u32;
            *at_open.lock().expect("no holder panics") = rows;
            Ok(Staged { staged: 0, rows })
        })
        .reply::<StageChunk>(move |call| {
            let announced = *at_stage.lock().expect("no holder panics");
            Ok(Staged {
                staged: rows(call).len() as u32,
                rows: announced,
            })
        })
        .answer::<CheckImport>(findings)
        .reply::<CommitImport>(move |call| {
            let added = body(call)["add"].as_array().expect("a list").len() as u32;
            Ok(ImportResult {
                added: new + added,
                repeats: known,
                left_out: doubtful - added,
            })
        })
        .answer::<CancelImport>(Done {})
}

/// Nothing but new people.
fn all_new(count: u32) -> ImportFindings {
    made(json!({ "new": count, "repeats": [], "alike": [], "foreign": [] }))
}

/// Two rows of the sample that look like someone, and one for another health centre.
fn doubtful() -> ImportFindings {
    made(json!({
        "new": 180,
        "repeats": [9],
        "alike": [
            { "row": 5, "because": "passport-number", "other": {
                "id": stage::id(5), "name": "見本 花子",
                "birth_date": "1980-02-29", "entry_date": "2026-11-18" } },
            { "row": 7, "because": "reading-and-birth-date", "other": {
                "row": 5, "name": "見本 太郎",
                "birth_date": "1991-04-01", "entry_date": "2026-11-19" } },
        ],
        "foreign": [{ "row": 6, "health_centre": "271004" }],
    }))
}

fn busy() -> Problem {
    Problem::new(ProblemCode::Busy)
}
