//! The audit room, driven by its keys and looked at.

use std::sync::{Arc, Mutex};

use iced::keyboard::key::Named;
use serde_json::json;
use shared::audit::{AuditCheck, AuditHead, AuditKind, CheckAudit, ShowAuditHead, Verdict};
use shared::{Language, Problem, ProblemCode};

use super::*;
use crate::api::scripted::Script;
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::screen::stage::{self, NOON, Staged, Window, id, made};

mod accounts;

type Room = Window<Staged<AuditScreen>>;

/// The entry with this number: somebody recorded a temperature, or looked.
fn entry(number: u64) -> AuditEntry {
    let (action, detail) = match number % 3 {
        0 => (
            "RecordObservation",
            r#"{"findings":{"temperature":38.1},"version":2}"#,
        ),
        1 => ("ShowReturnee", "{}"),
        _ => ("SomethingNewer", r#"{"unknown":[1,2]}"#),
    };
    let nth = u32::try_from(number).expect("small");
    let (name, _) = stage::name(nth);
    made(json!({
        "number": number, "at": NOON, "kind": AuditKind::of(action), "action": action,
        "person": id(500 + nth), "person_name": name,
        "office": "131016", "office_name": "見本保健所",
        "terminal": id(900), "subject": id(nth),
        "detail": detail, "hash": "ab".repeat(32),
    }))
}

fn page(numbers: std::ops::Range<u64>, next: Option<&str>) -> AuditPage {
    AuditPage {
        rows: numbers.rev().map(entry).collect(),
        next: next.map(str::to_owned),
        searched_to: Some(NOON.parse().expect("an instant")),
    }
}

fn server(entries: u64) -> Script {
    Script::new().answer::<ListAuditEntries>(page(1..entries + 1, None))
}

fn context(script: &Script) -> Context {
    let mut context = stage::context(script);
    context.role = Role::Administrator;
    context
}

fn open(script: &Script, size: (f32, f32)) -> Room {
    Staged::open(context(script), size)
}

fn last_path(script: &Script) -> String {
    let calls = script.calls::<ListAuditEntries>();
    calls.last().expect("it was asked").path.clone()
}

#[test]
fn everything_that_stands_in_the_log_has_words() {
    for language in [shared::Language::Ja, shared::Language::En] {
        crate::language::speak(language);
        for action in AuditKind::ALL.iter().flat_map(|kind| kind.actions()) {
            assert_ne!(super::words::action(action), action);
        }
    }
    crate::language::speak(shared::Language::Ja);
    for role in Role::ALL {
        assert_ne!(super::words::role(role.as_str()), role.as_str());
    }
}

#[test]
fn entries_are_told_in_plain_words_and_as_they_stand() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    assert!(room.shows("1日の健康状態を記録しました") && room.shows("見本保健所 (131016)"));
    assert!(
        room.shows("SomethingNewer"),
        "what has no words goes by its name"
    );
    room.key(Named::Enter);
    assert!(room.shows("健康状態 › 体温") && room.shows("38.1"));
    assert!(room.shows(r#"detail: {"findings":{"temperature":38.1},"version":2}"#));
    room.key(Named::ArrowRight);
    assert!(room.shows("unknown") && room.shows("1, 2"));
    room.key(Named::Escape);
    assert!(room.shows("3件（すべて）"));
}

/// An entry of the operator's command line, or of a terminal on which nobody is logged in.
fn entry_of(number: u64, action: &str, detail: serde_json::Value) -> AuditEntry {
    made(json!({
        "number": number, "at": NOON, "kind": AuditKind::of(action), "action": action,
        "detail": detail.to_string(), "hash": "ab".repeat(32),
    }))
}

#[test]
fn what_was_refused_does_not_read_as_done() {
    speak(Language::Ja);
    let refused = json!({ "serial": "0badc0de", "refused": "unknown" });
    let newer = json!({ "refused": "something-newer" });
    let script = Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: vec![
            entry_of(2, "revoke terminal", refused),
            entry_of(1, "cancel link", newer),
        ],
        next: None,
        searched_to: None,
    });
    let mut room = open(&script, AT_100);
    let deed = "拒否：証明書の失効";
    assert!(room.shows(deed) && room.shows("拒否：リンクの取消"));
    assert!(!room.shows("証明書を失効させました"));
    room.key(Named::Enter);
    assert!(room.shows(deed) && room.shows("0badc0de"));
    assert!(room.shows("行われなかった理由") && room.shows("そのような対象がありません"));
    room.key(Named::ArrowRight);
    assert!(
        room.shows("something-newer"),
        "what has no words goes by its name"
    );
}

/// Whatever changes something may be refused, and must then not read as done.
#[test]
fn everything_that_may_be_refused_has_words_for_what_was_not_done() {
    let declared = shared::contract::all();
    let reads = |action: &str| {
        let found = declared.iter().find(|endpoint| endpoint.name == action);
        found.is_some_and(|endpoint| !endpoint.keyed)
    };
    let actions = AuditKind::ALL.iter().flat_map(|kind| kind.actions());
    for action in actions.filter(|action| !reads(action)) {
        for language in [Language::Ja, Language::En] {
            speak(language);
            let wanted = super::words::wanted(action);
            assert!(wanted.is_some(), "{action}");
            assert_ne!(wanted, Some(super::words::action(action)), "{action}");
        }
    }
}

#[test]
fn the_two_entries_of_an_enrolment_say_what_each_of_them_is() {
    speak(Language::Ja);
    let deed = |detail| super::words::deed(&entry_of(1, "enrol", detail));
    let certificate = json!({ "serial": "0badc0de", "office": "131016" });
    assert_eq!(deed(certificate), "端末に証明書を発行しました");
    let link = json!({ "terminal": id(7) });
    assert_eq!(deed(link), "リンクで端末を登録しました");
    assert_eq!(
        deed(json!({ "again": true })),
        "同じ証明書をもう一度渡しました"
    );
}

/// How wide these words are in a cell of a list.
fn width_of(words: &str, family: &'static str) -> f32 {
    use iced::advanced::text::{self, Paragraph as _};
    type Paragraph = <iced::Renderer as text::Renderer>::Paragraph;
    let cell = text::Text {
        content: words,
        bounds: iced::Size::INFINITE,
        size: crate::ui::token::size::SMALL.into(),
        line_height: Default::default(),
        font: iced::Font::with_name(family),
        align_x: text::Alignment::Left,
        align_y: iced::alignment::Vertical::Top,
        shaping: text::Shaping::Advanced,
        wrapping: text::Wrapping::None,
    };
    Paragraph::with_text(cell).min_width()
}

#[test]
fn what_was_done_fits_its_column_in_the_window_of_a_small_office() {
    use crate::ui::{table::BAR, token::space};
    let family = crate::ui::font::prepare().expect("a Japanese typeface for the tests");
    // Beside the navigation, within the padding of the room, without the bar.
    let list = AT_100.0 - 200.0 - 2.0 * space::M - BAR;
    let columns = super::view::columns(list);
    let sum = |pick: fn(&iced::Length) -> f32| columns.iter().map(|(_, it)| pick(it)).sum::<f32>();
    let portion = |width: &iced::Length| match width {
        iced::Length::FillPortion(portion) => f32::from(*portion),
        _ => 0.0,
    };
    let fixed = sum(|width| match width {
        iced::Length::Fixed(width) => *width,
        _ => 0.0,
    });
    let what = columns.iter().find(|(name, _)| *name == "what");
    let what = portion(&what.expect("a column").1) / sum(portion);
    let room = (list - fixed) * what - 2.0 * space::S;
    for language in [Language::Ja, Language::En] {
        speak(language);
        for action in AuditKind::ALL.iter().flat_map(|kind| kind.actions()) {
            let done = super::words::deed(&entry_of(1, action, json!({})));
            let refused = json!({ "refused": "unknown" });
            let refused = super::words::wanted(action)
                .map(|_| super::words::deed(&entry_of(1, action, refused)));
            let logins = [
                json!({ "wrong": null }),
                json!({ "wrong": "hana-1" }),
                json!({ "too_late": true }),
            ];
            let logins =
                logins.map(|detail| super::words::deed(&entry_of(1, "OpenSession", detail)));
            for deed in [done].into_iter().chain(refused).chain(logins) {
                let width = width_of(&deed, family);
                assert!(width <= room, "{deed}: {width} of {room}");
            }
        }
    }
}

#[test]
fn a_deed_of_another_names_the_office_it_was_done_to() {
    speak(Language::Ja);
    let entry = AuditEntry {
        concerns: Some("131016".parse().expect("a code")),
        concerns_name: Some("見本保健所".parse().expect("a name")),
        ..entry_of(1, "revoke terminal", json!({}))
    };
    let page = AuditPage {
        rows: vec![entry],
        next: None,
        searched_to: None,
    };
    let script = Script::new().answer::<ListAuditEntries>(page);
    let mut room = open(&script, AT_100);
    assert!(room.shows("→ 見本保健所 (131016)"));
    room.key(Named::Enter);
    assert!(room.shows("対象の機関") && room.shows("見本保健所 (131016)"));
}

#[test]
fn who_did_what_nobody_was_logged_in_for_is_told_apart() {
    speak(Language::Ja);
    let who = |action| super::words::who(&entry_of(1, action, json!({})));
    assert_eq!(who("command user reset"), "サーバーの運用担当者");
    assert_eq!(who("revoke terminal"), "サーバーの運用担当者");
    assert_eq!(who("enrol"), "端末（登録中）");
    assert_eq!(who("remind of link"), "サーバー（自動）");
}

#[test]
fn filters_are_asked_of_the_server() {
    speak(Language::Ja);
    let script = server(3);
    let mut room = open(&script, AT_100);
    room.click("フォローアップ");
    assert!(last_path(&script).contains("kind=follow-up"));
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::From,
        "昨日".to_owned(),
    ))));
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::Who,
        "見本".to_owned(),
    ))));
    room.key(Named::F5);
    assert!(
        last_path(&script).contains("from=2026-11-19"),
        "{}",
        last_path(&script)
    );
    assert!(last_path(&script).contains("who="));
    room.key(Named::Enter);
    room.click("同じ対象の記録をすべて見る");
    assert!(last_path(&script).contains(&format!("subject={}", id(3))));
    assert!(
        !last_path(&script).contains("kind="),
        "nothing else narrows it"
    );
}

#[test]
fn the_list_of_keys_names_the_key_on_the_button_of_the_search() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    let keys = room.screen.screen.bindings();
    let search = say!("audit.search");
    let first = keys.iter().find(|it| it.words == search).expect("a key");
    assert_eq!(first.shortcut.name(), "F5", "F1 lists the first of several");
    assert!(room.shows(first.shortcut.name()), "on the button");
}

#[test]
fn what_cannot_be_understood_is_not_asked_and_its_field_says_so() {
    speak(Language::Ja);
    let script = server(3);
    let mut room = open(&script, AT_100);
    let before = script.asked();
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::Record,
        "12".to_owned(),
    ))));
    room.runs(Task::done(Message::Filter(filter::Message::SearchPressed)));
    room.key(Named::F5);
    assert_eq!(script.asked(), before);
    assert!(room.shows("赤い欄を直すと検索できます。"));
}

#[test]
fn pieces_without_a_hit_are_looked_through_without_being_asked() {
    speak(Language::Ja);
    let script = Script::new().reply::<ListAuditEntries>(|call| {
        Ok(match call.path.contains("after=2") {
            true => page(1..4, None),
            false if call.path.contains("after=1") => page(0..0, Some("2")),
            false => page(0..0, Some("1")),
        })
    });
    let mut room = open(&script, AT_100);
    assert!(room.shows("3件（すべて）"));
    assert_eq!(script.asked(), 3);
}

#[test]
fn the_helpdesk_asks_for_its_own_entries_and_is_offered_no_others() {
    speak(Language::Ja);
    let script = Script::new().answer::<ListEnrolmentEntries>(page(1..2, None));
    let mut context = context(&script);
    context.role = Role::Helpdesk;
    let mut room: Room = Staged::open(context, AT_100);
    assert!(room.shows("1件（すべて）"));
    assert!(room.shows("登録・証明書") && !room.shows("フォローアップ"));
}

#[test]
fn the_export_is_confirmed_and_takes_every_page() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kiroku.csv");
    let script = Script::new().reply::<ListAuditEntries>(|call| {
        Ok(match call.path.contains("after=") {
            true => page(1..3, None),
            false => page(3..6, Some("3")),
        })
    });
    let mut room = open(&script, AT_100);
    let before = script.asked();
    room.key(Named::F7);
    assert!(
        room.shows("▲ 個人情報を含むことがあります") || room.shows("個人情報を含むことがあります")
    );
    assert_eq!(script.asked(), before, "nothing is taken out unasked");
    let typed = path.display().to_string();
    room.runs(Task::done(Message::Export(export::Message::PathTyped(
        typed,
    ))));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.click("書き出す");
    assert!(
        last_path(&script).contains("export=true"),
        "{}",
        last_path(&script)
    );
    assert!(room.shows("5件を書き出しました"));
    let text = std::fs::read_to_string(&path).expect("written");
    assert!(
        text.starts_with('\u{feff}') && text.lines().count() == 6,
        "{text}"
    );
    room.key(Named::Escape);
    assert!(!room.shows("5件を書き出しました"));
}

#[test]
fn the_check_goes_on_by_itself_and_names_the_place() {
    speak(Language::Ja);
    let step = |number: u64, verdict: Verdict| AuditCheck {
        number,
        hash: "cd".repeat(32),
        of: 30_000,
        verdict,
    };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let script = server(3).reply::<CheckAudit>(move |call| {
        seen.lock().expect("not poisoned").push(call.path.clone());
        Ok(match call.path.contains("number=20000") {
            true => step(20_000, Verdict::Changed { at: 20_117 }),
            false => step(20_000, Verdict::SoFarWhole),
        })
    });
    let mut room = open(&script, AT_100);
    room.key(Named::F9);
    assert!(
        room.shows("× 番号20117の記録が書き換えられています")
            || room.shows("番号20117の記録が書き換えられています")
    );
    assert_eq!(asked.lock().expect("not poisoned").len(), 2);
    room.key(Named::Enter);
    assert!(!room.shows("記録が書き換えられていないかの確認"));
}

fn whole() -> Script {
    server(3)
        .answer::<CheckAudit>(AuditCheck {
            number: 30_000,
            hash: "cd".repeat(32),
            of: 30_000,
            verdict: Verdict::Whole,
        })
        .answer::<ShowAuditHead>(AuditHead {
            number: 30_001,
            hash: "ef".repeat(32),
            signed_at: NOON.parse().expect("an instant"),
            line: "{\"number\":30001}".to_owned(),
        })
}

#[test]
fn a_log_that_is_whole_hands_out_its_signed_end() {
    speak(Language::Ja);
    let mut room = open(&whole(), AT_100);
    room.key(Named::F9);
    assert!(room.shows("最後の記録の署名"));
    room.click("署名をコピー");
    assert!(room.shows("コピーしました"));
}

/// What the operator, the server and a new terminal did to an office, or did not.
fn done_by_others() -> Script {
    let refused = json!({ "serial": "0badc0de", "refused": "revoked-already" });
    let deeds = [
        ("revoke terminal", refused),
        ("revoke terminal", json!({ "serials": ["0badc0de"] })),
        (
            "command user add",
            json!({ "login": "hana", "role": "staff" }),
        ),
        ("remind of link", json!({ "kind": "reminder" })),
        ("enrol", json!({ "terminal": id(7) })),
        ("enrol", json!({ "serial": "0badc0de", "office": "131016" })),
    ];
    let to_the_office = |(number, (action, detail))| AuditEntry {
        concerns: Some("131016".parse().expect("a code")),
        concerns_name: Some("見本保健所".parse().expect("a name")),
        ..entry_of(number, action, detail)
    };
    Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: (1..).zip(deeds).map(to_the_office).collect(),
        next: None,
        searched_to: None,
    })
}

#[test]
fn every_state_has_its_picture() {
    for language in [Language::Ja, Language::En] {
        for (size, zoom) in [(AT_100, 100), (AT_150, 150)] {
            speak(language);
            let look = |room: &mut Room, name: &str| {
                room.looks_as_kept(&format!("audit-{name}-{}-{zoom}", language.tag()));
            };
            let mut room = open(&server(40), size);
            look(&mut room, "list");
            room.key(Named::Enter);
            look(&mut room, "entry");
            let mut room = open(&done_by_others(), size);
            look(&mut room, "others");
            room.key(Named::Enter);
            look(&mut room, "refused");
            look(&mut open(&accounts::of_accounts(), size), "accounts");
            look(&mut open(&server(0), size), "empty");
            let mut room = open(&server(3), size);
            room.runs(Task::done(Message::Filter(filter::Message::Typed(
                filter::Field::From,
                "2026-13-40".to_owned(),
            ))));
            look(&mut room, "wrong");
            let broken = Problem::new(ProblemCode::StoreUnavailable);
            let script = Script::new().refuse::<ListAuditEntries>(broken);
            look(&mut open(&script, size), "error");
            let mut room = open(&server(3), size);
            room.held = true;
            room.key(Named::F5);
            look(&mut room, "loading");
            let mut room = open(&whole(), size);
            room.key(Named::F9);
            look(&mut room, "whole");
            let script = server(3).answer::<CheckAudit>(AuditCheck {
                number: 1,
                hash: "cd".repeat(32),
                of: 30_000,
                verdict: Verdict::Missing { at: 20_117 },
            });
            let mut room = open(&script, size);
            room.key(Named::F9);
            look(&mut room, "broken");
            let mut room = open(&server(3), size);
            room.key(Named::F7);
            look(&mut room, "export");
        }
    }
}

#[test]
fn what_is_taken_out_is_nobody_elses_and_takes_no_files_place_unasked() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kiroku.csv");
    std::fs::write(&path, b"old").expect("written");
    let mut room = open(&server(3), AT_100);
    let export = |message| Task::done(Message::Export(message));
    let typed = path.display().to_string();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.key(Named::F7);
    room.runs(export(export::Message::PathTyped(typed)));
    room.click("書き出す");
    assert_eq!(std::fs::read(&path).expect("there"), b"old");
    assert!(room.shows(
        "▲ 同じ名前のファイルがあります。そのファイルは変えていません。別の名前にしてください。"
    ));
    // The desktop's dialog has asked before it gives a file that is there.
    room.runs(export(export::Message::Chosen(Some(path.clone()))));
    room.click("書き出す");
    assert!(room.shows("3件を書き出しました"));
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(text.lines().count(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = std::fs::metadata(&path).expect("there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_export_that_breaks_off_leaves_no_file() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let script =
        Script::new().reply::<ListAuditEntries>(|call| match call.path.contains("after=") {
            true => Err(shared::Problem::new(shared::ProblemCode::StoreUnavailable)),
            false => Ok(page(3..6, Some("3"))),
        });
    let mut room = open(&script, AT_100);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.key(Named::F7);
    let typed = folder.path().join("kiroku.csv").display().to_string();
    room.runs(Task::done(Message::Export(export::Message::PathTyped(
        typed,
    ))));
    room.click("書き出す");
    room.key(Named::Escape);
    let left = std::fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(left.count(), 0);
}

#[test]
fn coming_back_to_the_room_gives_its_list_the_keys() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    room.key(Named::Tab);
    assert!(!room.keys_are_at("audit.list"));
    let context = room.context.clone();
    let entered = room.screen.screen.entered(&context);
    room.runs(entered);
    assert!(room.keys_are_at("audit.list"));
}
