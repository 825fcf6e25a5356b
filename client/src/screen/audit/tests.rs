//! The audit room, driven by its keys and looked at.

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
mod checking;
mod entries;
mod exporting;
mod looks;
mod searching;

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

/// An entry of the operator's command line, or of a terminal on which nobody is logged in.
fn entry_of(number: u64, action: &str, detail: serde_json::Value) -> AuditEntry {
    made(json!({
        "number": number, "at": NOON, "kind": AuditKind::of(action), "action": action,
        "detail": detail.to_string(), "hash": "ab".repeat(32),
    }))
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
