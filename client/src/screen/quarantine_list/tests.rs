//! The import, driven by keys from the file to the result.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iced::keyboard::key::Named;
use iced::{Event, Task, window};
use serde_json::json;
use shared::contract::Done;
use shared::follow_up::import::{
    CHUNK_ROWS, CancelImport, CheckImport, CommitImport, ImportFindings, ImportResult, OpenImport,
    StageChunk, Staged,
};
use shared::quarantine_list::sample::Recipe;
use shared::{Language, Problem, ProblemCode};

use super::{Action, Message, QuarantineList};
use crate::api::scripted::Script;
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::screen::Context;
use crate::screen::stage::{self, Driven, Window, made};
use crate::ui::Element;
use crate::ui::keys::Binding;

impl Driven for QuarantineList {
    type Message = Message;

    fn take_in(&mut self, message: Message, context: &Context) -> Task<Message> {
        match self.update(message, context) {
            Action::Run(task) => task,
            Action::None | Action::Closed => Task::none(),
        }
    }

    fn look<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        self.view(context)
    }

    fn keys(&self) -> Vec<Binding<Message>> {
        self.bindings()
    }
}

fn found(alike: serde_json::Value) -> ImportFindings {
    made(json!({ "new": 180, "repeats": [7], "alike": alike, "foreign": [] }))
}

/// Row 6 looks like someone who is there, row 8 like row 6.
fn two_alike() -> serde_json::Value {
    json!([
        { "row": 6, "because": "passport-number", "other": {
            "id": stage::id(1), "name": "仮名 花子", "birth_date": "1980-02-29",
            "entry_date": "2026-11-16" } },
        { "row": 8, "because": "reading-and-birth-date", "other": {
            "row": 6, "name": "仮名 花子", "entry_date": "2026-11-16" } },
    ])
}

/// A server that takes lists in and finds this.
fn server(findings: ImportFindings) -> Script {
    let staged = Staged { staged: 0, rows: 0 };
    Script::new()
        .answer::<OpenImport>(staged)
        .answer::<StageChunk>(staged)
        .answer::<CheckImport>(findings)
        .answer::<CommitImport>(ImportResult {
            added: 181,
            repeats: 1,
            left_out: 1,
        })
        .answer::<CancelImport>(Done {})
}

/// A folder with the list of 200 made-up people, mistakes included.
fn sample() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("検疫所名簿.csv");
    std::fs::write(
        &path,
        Recipe::of_an_office(stage::today(), vec![]).make().bytes,
    )
    .unwrap();
    (folder, path)
}

fn open(script: &Script, size: (f32, f32)) -> Window<QuarantineList> {
    let context = stage::context(script);
    Window::open(QuarantineList::new(&context), context, size)
}

/// Types the path of a file and reads it.
fn load(window: &mut Window<QuarantineList>, path: &std::path::Path) {
    window.types(&path.to_string_lossy());
    window.key(Named::Enter);
}

#[test]
fn a_list_in_cp932_is_tried_and_every_problem_has_its_place() {
    let (_folder, path) = sample();
    let list = Recipe::of_an_office(stage::today(), vec![]).make();
    let mut window = open(&server(found(json!([]))), AT_100);
    load(&mut window, &path);
    assert!(window.shows(&format!("○ 取り込める {} 人", list.good)));
    let first = &list.planted[0];
    assert!(window.shows(&first.row.to_string()));
    window.picture("import-tried");
}

#[test]
fn a_dropped_file_is_read_too() {
    let (_folder, path) = sample();
    let mut window = open(&server(found(json!([]))), AT_100);
    window.happens([Event::Window(window::Event::FileDropped(path))]);
    assert!(window.shows("検疫所名簿.csv"));
}

#[test]
fn good_rows_are_staged_in_chunks_and_taken_in_once() {
    let (_folder, path) = sample();
    let script = server(found(json!([])));
    let mut window = open(&script, AT_100);
    load(&mut window, &path);
    window.key(Named::Enter);
    assert!(window.shows("181 人を登録しました"));
    let good = Recipe::of_an_office(stage::today(), vec![]).make().good;
    assert_eq!(
        script.calls::<StageChunk>().len(),
        good.div_ceil(CHUNK_ROWS)
    );
    assert_eq!(script.calls::<CommitImport>().len(), 1);
    window.picture("import-finished");
}

#[test]
fn bad_rows_are_saved_beside_the_list_and_over_nothing() {
    let (folder, path) = sample();
    let mut window = open(&server(found(json!([]))), AT_100);
    load(&mut window, &path);
    window.key(Named::F8);
    let first = folder.path().join("検疫所名簿_取り込めなかった行.csv");
    let bytes = std::fs::read(&first).unwrap();
    window.key(Named::F8);
    assert!(
        folder
            .path()
            .join("検疫所名簿_取り込めなかった行_2.csv")
            .exists()
    );
    assert_eq!(std::fs::read(&first).unwrap(), bytes);
    let again = shared::quarantine_list::List::read(&bytes, &Default::default()).unwrap();
    let bad = again
        .dry_run(stage::today(), &[])
        .filter(|outcome| matches!(outcome, shared::quarantine_list::Outcome::Bad { .. }));
    assert!(bad.count() > 0, "the file of bad rows is itself a list");
    window.picture("import-saved");
}

#[test]
fn every_alike_row_is_decided_by_one_key_before_anything_is_taken_in() {
    let (_folder, path) = sample();
    let script = server(found(two_alike()));
    let mut window = open(&script, AT_100);
    load(&mut window, &path);
    window.key(Named::Enter);
    window.picture("import-alike");
    window.types("a");
    window.key(Named::Enter);
    assert!(
        script.calls::<CommitImport>().is_empty(),
        "one row is still undecided"
    );
    window.types("s");
    window.key(Named::Enter);
    let commit = script.calls::<CommitImport>();
    assert_eq!(commit[0].body, Some(json!({ "add": [6] })));
}

#[test]
fn a_cut_line_goes_on_where_it_stopped() {
    let (_folder, path) = sample();
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let script = server(found(json!([]))).reply::<CommitImport>(move |_| {
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Problem::new(ProblemCode::Busy)),
            _ => Ok(ImportResult {
                added: 181,
                repeats: 0,
                left_out: 0,
            }),
        }
    });
    let mut window = open(&script, AT_100);
    load(&mut window, &path);
    window.key(Named::Enter);
    assert!(window.shows("まだ1人も登録されていません。続きから送り直せます。"));
    window.picture("import-failed");
    window.key(Named::Enter);
    assert!(window.shows("181 人を登録しました"));
    assert_eq!(
        script.calls::<OpenImport>().len(),
        1,
        "what was sent is not sent again"
    );
    let keys: Vec<_> = script
        .calls::<CommitImport>()
        .iter()
        .map(|call| call.key)
        .collect();
    assert_eq!(keys[0], keys[1], "the repeat has no second effect");
}

#[test]
fn leaving_before_the_end_drops_what_was_staged() {
    let (_folder, path) = sample();
    let script = server(found(two_alike()));
    let mut window = open(&script, AT_100);
    load(&mut window, &path);
    window.key(Named::Enter);
    window.key(Named::Escape);
    assert_eq!(script.calls::<CancelImport>().len(), 1);
    assert!(script.calls::<CommitImport>().is_empty());
    assert!(window.shows("検疫所名簿.csv"), "the dry run is still there");
}

#[test]
fn a_column_that_no_heading_names_is_assigned_by_hand_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(
        &path,
        "おなまえ？,到着,電話番号\n見本 花子,2026/11/17,09000001234\n",
    )
    .unwrap();
    let script = server(found(json!([])));
    let mut context = stage::context(&script);
    context.world.folder = Some(folder.path().join("config"));
    let mut window = Window::open(QuarantineList::new(&context), context.clone(), AT_100);
    load(&mut window, &path);
    window.picture("import-columns");
    window.key(Named::ArrowRight);
    window.key(Named::Enter);
    assert!(
        !window.shows("○ 取り込める 1 人"),
        "the day of entry is still missing"
    );
    window.key(Named::ArrowDown);
    window.click("入国日");
    window.click("この列で確かめる Enter");
    assert!(window.shows("○ 取り込める 1 人"));
    let mut next = Window::open(QuarantineList::new(&context), context, AT_100);
    load(&mut next, &path);
    assert!(
        next.shows("○ 取り込める 1 人"),
        "known again by its headings"
    );
}

#[test]
fn what_is_no_list_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.csv");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n\0\0\0\0").unwrap();
    let mut window = open(&server(found(json!([]))), AT_100);
    load(&mut window, &path);
    assert!(window.shows("名簿として読めません"));
    window.picture("import-no-list");
    let mut window = open(&server(found(json!([]))), AT_100);
    load(&mut window, &folder.path().join("nowhere.csv"));
    assert!(window.shows("ファイルを開けません"));
}

#[test]
fn every_step_has_its_picture() {
    let (_folder, path) = sample();
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        speak(language);
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            let mut window = open(&server(found(two_alike())), size);
            window.picture(&format!("import-choose-{tag}-{scale}"));
            load(&mut window, &path);
            window.picture(&format!("import-tried-{tag}-{scale}"));
            window.key(Named::F7);
            window.picture(&format!("import-columns-{tag}-{scale}"));
            window.key(Named::Enter);
            window.key(Named::Enter);
            window.picture(&format!("import-alike-{tag}-{scale}"));
            window.types("ss");
            window.key(Named::Enter);
            window.picture(&format!("import-finished-{tag}-{scale}"));
        }
    }
    speak(Language::Ja);
}
