//! The screen driven by its keys alone, against a server that says what a test tells it to.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use iced::Task;
use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::{Value, json};
use shared::accounts::Role;
use shared::enrolment::approval::{DecideApproval, ListApprovals};
use shared::enrolment::desk::{CountEnrolments, ListEnrolments};
use shared::enrolment::job::{BeginJob, CheckJob, ListJobResults, ListJobs, ShowJob, StepJob};
use shared::{Language, Problem, ProblemCode};

use super::Issuing;
use crate::api::Call;
use crate::api::scripted::Script;
use crate::file_dialog::FileDialog;
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::screen::stage::{self, NOON, Window, id, made};
use crate::screen::{Context, Screen as _, Step};

mod choosing;
mod exporting;
mod jobs;
mod keys;
mod ordering;
mod vacant;

fn office(number: u32) -> Value {
    json!({
        "code": format!("99{number:04}"), "kind": "health-centre",
        "name": format!("見本{number}保健所"),
    })
}

fn enrolment(number: u32) -> Value {
    let standing = match number % 7 {
        0 => json!({ "state": "not-invited" }),
        1 => json!({ "state": "invited", "days_left": 23 }),
        2 => json!({ "state": "enrolled" }),
        3 => json!({ "state": "expired" }),
        4 => json!({ "state": "cancelled" }),
        5 => json!({ "state": "locked" }),
        _ => json!({ "state": "replaced", "days_left": 3 }),
    };
    let mut row = json!({
        "office": office(number), "standing": standing, "has_mail": !number.is_multiple_of(5),
        "has_password_mail": true,
    });
    if !number.is_multiple_of(7) {
        row["link_issued_at"] = json!(NOON);
    }
    if number % 7 == 2 {
        row["certificate_expires_at"] = json!("2027-09-28T03:00:00Z");
    }
    row
}

fn job(number: u32, by: u32, state: &str, done: u32) -> Value {
    let mut job = json!({
        "id": id(number), "version": 1, "kind": "revoke", "identified": "official-letter",
        "reason": "見本県の端末を入れ替えるため", "state": state, "offices": 40, "done": done,
        "asked_by": stage::colleague(by, "見本 受付"), "asked_at": NOON,
    });
    if state == "waiting" {
        job["decide_by"] = json!("2026-11-21T03:00:00Z");
    }
    job
}

fn approval() -> Value {
    json!({
        "id": id(500), "version": 1, "deed": "rollover-begin", "about": "root 3f2a90c1",
        "reason": "見本の理由", "state": "waiting", "asked_at": NOON,
        "ends_at": "2026-11-21T03:00:00Z",
    })
}

fn query(call: &Call, name: &str) -> Option<String> {
    let (_, query) = call.path.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The page that was asked for of so many offices.
fn page_of(call: &Call, offices: u32) -> Value {
    let from = query(call, "after").map_or(0, |after| after.parse().unwrap());
    let limit: u32 = query(call, "limit").unwrap().parse().unwrap();
    let to = offices.min(from + limit);
    let rows: Vec<Value> = (from..to).map(enrolment).collect();
    json!({ "rows": rows, "next": (to < offices).then(|| to.to_string()) })
}

/// A server with 250 offices and these jobs and approvals.
fn server(jobs: Vec<Value>, approvals: Vec<Value>) -> Script {
    let first = jobs.first().cloned().unwrap_or(Value::Null);
    let counts = json!({
        "states": [
            { "state": "not-invited", "offices": 35 }, { "state": "invited", "offices": 36 },
            { "state": "enrolled", "offices": 36 }, { "state": "expired", "offices": 36 },
            { "state": "cancelled", "offices": 36 }, { "state": "locked", "offices": 36 },
            { "state": "replaced", "offices": 35 },
        ],
        "without_mail": 50, "counted_at": NOON,
    });
    Script::new()
        .answer::<CountEnrolments>(made(counts))
        .reply::<ListEnrolments>(|call| Ok(made(page_of(call, 250))))
        .answer::<ListJobs>(made(json!({ "rows": jobs })))
        .answer::<ListApprovals>(made(json!({ "rows": approvals })))
        .reply::<ShowJob>(move |_| Ok(made(first.clone())))
        .reply::<ListJobResults>(|_| {
            let outcomes = ["revoked", "no-certificate", "pending"];
            let rows: Vec<Value> = (0..40)
                .map(|n| {
                    let outcome = outcomes[n as usize % 3];
                    json!({ "office": office(n), "outcome": outcome, "at": NOON })
                })
                .collect();
            Ok(made(json!({ "rows": rows })))
        })
        .reply::<CheckJob>(|call| {
            let revoke = call.body.as_ref().unwrap()["kind"] == "revoke";
            Ok(made(json!({
                "offices": 35, "fitting": 30, "alone": 4, "waits": revoke,
                "left_out": [{ "outcome": "no-contact", "offices": 5 }],
            })))
        })
        .reply::<BeginJob>(|call| {
            let body = call.body.clone().unwrap();
            let mut begun = job(1, 1, "running", 0);
            begun["id"] = body["id"].clone();
            begun["kind"] = body["kind"].clone();
            Ok(made(begun))
        })
        .reply::<StepJob>(|call| {
            let step = call.body.as_ref().unwrap()["step"].clone();
            let state = match step.as_str().unwrap() {
                "pause" => "paused",
                "refuse" => "refused",
                "withdraw" => "withdrawn",
                "cancel" => "cancelled",
                _ => "running",
            };
            Ok(made(job(1, 2, state, 12)))
        })
        .reply::<DecideApproval>(|call| {
            let mut decided = approval();
            let yes = call.body.as_ref().unwrap()["approve"] == true;
            decided["state"] = json!(if yes { "approved" } else { "refused" });
            Ok(made(decided))
        })
}

fn helpdesk(script: &Script) -> Context {
    Context {
        role: Role::Helpdesk,
        ..stage::context(script)
    }
}

fn open(script: &Script, size: (f32, f32)) -> Window<Issuing> {
    let context = helpdesk(script);
    Window::open(Issuing::new(&context), context, size)
}

fn confirm(window: &mut Window<Issuing>) {
    window.chord(Key::Named(Named::Enter), Modifiers::COMMAND);
}

fn tick(window: &mut Window<Issuing>) {
    let task = window.screen.ticked(&window.context);
    window.runs(task);
}

fn body(call: &Call) -> Value {
    call.body.clone().unwrap()
}

/// Answers the question before a job: the reason, then the first way of identification.
fn answer(window: &mut Window<Issuing>) {
    window.types("見本の理由");
    window.key(Named::Tab);
    window.key(Named::Space);
}

#[test]
fn a_whole_state_is_issued_to_by_keys_alone() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    assert!(window.shows("1 未発行 35"));
    window.types("1");
    let asked = script.calls::<ListEnrolments>();
    let state = query(asked.last().unwrap(), "state");
    assert_eq!(state.as_deref(), Some("not-invited"));
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    let expected = json!({ "by": "state", "state": "not-invited" });
    assert_eq!(body(&script.calls::<CheckJob>()[0])["selection"], expected);
    assert!(window.shows("35 機関のうち 30 機関に、リンクをメールで送ります。"));
    assert!(window.shows("5 機関は対象外です: 連絡先がないため除外"));
    assert!(script.calls::<BeginJob>().is_empty(), "only said so far");
    confirm(&mut window);
    let begun = script.calls::<BeginJob>();
    assert_eq!(begun.len(), 1);
    assert_eq!(body(&begun[0])["reason"], "見本の理由");
    assert!(window.shows("● 処理中"));
}

#[test]
fn offices_are_chosen_one_by_one_with_the_space_bar() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.key(Named::ArrowDown);
    window.key(Named::ArrowDown);
    window.key(Named::Space);
    window.key(Named::F9);
    answer(&mut window);
    confirm(&mut window);
    let selection = body(&script.calls::<CheckJob>()[0])["selection"].clone();
    let expected = json!({ "by": "offices", "offices": ["990000", "990002"] });
    assert_eq!(selection, expected);
    assert!(window.shows("別の担当者の承認が必要です"));
    // Enter on what has the keys goes back: nothing is begun unread.
    window.key(Named::Enter);
    assert!(script.calls::<BeginJob>().is_empty());
    window.key(Named::Escape);
    window.click("捨てて戻る");
    assert!(window.shows("対象: 選んだ 2 機関（見本0保健所 ほか）"));
}

#[test]
fn enter_narrows_to_what_stands_under_an_office_and_esc_widens() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.types("k");
    let last = |name: &str| {
        let calls = script.calls::<ListEnrolments>();
        query(calls.last().unwrap(), name)
    };
    assert_eq!(last("kind").as_deref(), Some("prefecture"));
    window.key(Named::ArrowDown);
    window.key(Named::Enter);
    assert_eq!(last("under").as_deref(), Some("990001"));
    assert_eq!(last("kind"), None);
    window.key(Named::Escape);
    assert_eq!(last("under"), None);
    window.types("8");
    assert_eq!(last("without_mail").as_deref(), Some("true"));
    window.key(Named::F3);
    assert!(
        !window.shows("依頼者の確認方法"),
        "there is nothing to mail to"
    );
}

#[test]
fn only_the_rows_in_view_and_a_few_below_are_fetched() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    assert_eq!(script.calls::<ListEnrolments>().len(), 1);
    window.key(Named::End);
    assert!(script.calls::<ListEnrolments>().len() >= 2);
}

/// A desktop without dialogs, whose person keeps files in this folder.
struct Usual(PathBuf);

impl FileDialog for Usual {
    fn open(&self, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    fn save(&self, _: String, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    fn usual_folder(&self) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

#[test]
fn every_state_has_its_picture() {
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            speak(language);
            let look = |window: &mut Window<Issuing>, name: &str| {
                window.looks_as_kept(&format!("issuing-{name}-{tag}-{scale}"));
            };
            let jobs = vec![
                job(1, 2, "waiting", 0),
                job(2, 1, "running", 12),
                job(3, 1, "done", 40),
            ];
            let script = server(jobs, vec![approval()]);
            let mut window = open(&script, size);
            window.key(Named::Space);
            look(&mut window, "offices");
            window.key(Named::F9);
            look(&mut window, "order");
            answer(&mut window);
            confirm(&mut window);
            look(&mut window, "order-last-word");
            window.key(Named::Escape);
            window.key(Named::Escape);
            look(&mut window, "order-leave");
            window.key(Named::Tab);
            window.key(Named::Enter);
            window.key(Named::F7);
            look(&mut window, "jobs");
            window.key(Named::Enter);
            look(&mut window, "approval");
            window.key(Named::Escape);
            window.key(Named::ArrowDown);
            window.key(Named::Enter);
            look(&mut window, "job-waiting");
            window.key(Named::F6);
            look(&mut window, "export");

            let cut = server(Vec::new(), Vec::new());
            let mut window = open(&cut, size);
            window.key(Named::F9);
            answer(&mut window);
            confirm(&mut window);
            cut.cut(true);
            confirm(&mut window);
            look(&mut window, "order-unknown");

            let empty = Script::new()
                .answer::<ListEnrolments>(made(json!({ "rows": [] })))
                .answer::<ListJobs>(made(json!({ "rows": [] })))
                .answer::<ListApprovals>(made(json!({ "rows": [] })));
            let mut window = open(&empty, size);
            look(&mut window, "nobody");
            window.key(Named::F7);
            look(&mut window, "no-jobs");
            let mut window = open(&Script::new(), size);
            look(&mut window, "cut");
            let context = helpdesk(&script);
            let (screen, _) = Issuing::new(&context);
            let mut window = Window::open((screen, Task::none()), context, size);
            look(&mut window, "loading");
        }
    }
    speak(Language::Ja);
}
