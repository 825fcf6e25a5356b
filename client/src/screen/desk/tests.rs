//! The desk, driven by keys alone.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::{Value, json};
use shared::contract::Endpoint;
use shared::enrolment::approval::ListApprovals;
use shared::enrolment::deeds::{
    CancelLink, IssueLink, ReissueTerminal, ResendLink, RevokeTerminal, UnlockLink,
};
use shared::enrolment::desk::{DeskFindings, DeskQuery, Enrolment, SearchDesk, ShowEnrolment};
use shared::enrolment::job::ListJobs;
use shared::enrolment::timeline::{ShowTimeline, TimelineQuery};
use shared::id::Page;
use shared::mail::{ReadOutPassword, SpokenPassword};
use shared::{Problem, ProblemCode};

use super::{Desk, Message};
use crate::api::Call;
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::Screen;
use crate::screen::stage::{self, Window, made};

mod deeds;
mod page;
mod pictures;
mod search;
mod waits;

const LINK: &str = "00000000-0000-7000-8000-0000000111aa";

fn office(number: u32) -> Value {
    let (code, name) = (
        format!("990000-{number:02}"),
        format!("見本第{number}保健所"),
    );
    json!({ "code": code, "kind": "health-centre", "name": name })
}

fn link(state: &str) -> Value {
    let url = format!(
        "https://mimamori.example.jp:8444/enrol#{LINK}.{}",
        "ab".repeat(32)
    );
    let mut link = json!({
        "id": LINK, "state": state, "issued_at": "2026-11-10T01:00:00Z",
        "expires_at": "2026-12-10T01:00:00Z", "wrong_passwords": 1, "handed_out": 2,
        "password_by": "phone",
    });
    match state {
        "open" => link["url"] = url.into(),
        _ => link["ended_at"] = "2026-11-19T02:30:00Z".into(),
    }
    link
}

fn certificate(state: &str) -> Value {
    json!({
        "serial": "5f3a09c1d2e3f405162738495a6b7c8d",
        "terminal": "00000000-0000-7000-8000-00000000a1c3", "state": state,
        "issued_at": "2026-02-01T01:00:00Z", "expires_at": "2027-02-01T01:00:00Z",
        "first_used_at": "2026-02-02T00:10:00Z", "seen_at": "2026-11-20T02:41:00Z",
    })
}

/// An office's page: how it stands, its advice, its link and its certificate.
fn page_of(
    number: u32,
    standing: Value,
    advice: &str,
    link: Value,
    certificate: Value,
) -> Enrolment {
    let office = office(number);
    let mut page = json!({
        "office": office, "open": true,
        "parent": { "code": "990007", "kind": "prefecture", "name": "見本県" },
        "contact": {
            "office": office, "version": 1, "mail": "hc@example.lg.jp",
            "password_mail": "other@example.lg.jp",
        },
        "particulars": {
            "reading": "ミホンダイイチホケンジョ", "phone": "03-1234-5678",
            "address": "見本県見本市見本町1-2-3",
        },
        "standing": standing, "advice": advice, "refusals": [],
    });
    if !link.is_null() {
        page["link"] = link;
    }
    if !certificate.is_null() {
        page["certificate"] = certificate;
    }
    made(page)
}

fn enrolled() -> Enrolment {
    let standing = json!({ "state": "enrolled" });
    let mut page = page_of(
        1,
        standing,
        "see-refusals",
        link("used"),
        certificate("live"),
    );
    page.refusals = made(json!([{
        "what": "terminal", "code": "terminal-superseded", "count": 3,
        "first_at": "2026-11-19T23:00:00Z", "last_at": "2026-11-20T02:40:00Z",
    }, {
        "what": "link", "code": "link-refused", "count": 1,
        "first_at": "2026-11-19T03:00:00Z", "last_at": "2026-11-19T03:00:00Z", "past": true,
    }]));
    page
}

/// Its terminal slept past its certificate's end, and asked for another.
fn asking() -> Enrolment {
    let standing = json!({ "state": "expired" });
    let mut page = page_of(
        1,
        standing,
        "issue-anew",
        link("used"),
        certificate("expired"),
    );
    page.asked = Some(made(json!({
        "since": "2026-11-19T23:05:00Z", "serial": "5f3a09c1d2e3f405162738495a6b7c8d",
    })));
    page
}

/// One office that waits for an answer.
fn waiting() -> DeskFindings {
    made(json!({ "offices": [{
        "row": {
            "office": office(5), "standing": { "state": "expired" }, "has_mail": true,
            "has_password_mail": false,
        },
        "found_by": "asked",
    }] }))
}

fn invited() -> Enrolment {
    let standing = json!({ "state": "invited", "days_left": 20 });
    page_of(1, standing, "use-link", link("open"), Value::Null)
}

/// A new link is open; the certificate before it stands like this.
fn replaced(before: &str) -> Enrolment {
    let standing = json!({ "state": "replaced", "days_left": 30 });
    let before = certificate(before);
    page_of(1, standing, "use-new-link", link("open"), before)
}

fn locked() -> Enrolment {
    let standing = json!({ "state": "locked" });
    page_of(1, standing, "unlock", link("locked"), Value::Null)
}

fn not_invited() -> Enrolment {
    let standing = json!({ "state": "not-invited" });
    page_of(1, standing, "issue", Value::Null, Value::Null)
}

/// Its office was closed while its link was open and its terminal enrolled.
fn closed() -> Enrolment {
    let standing = json!({ "state": "cancelled" });
    let mut page = page_of(
        1,
        standing,
        "closed",
        link("cancelled"),
        certificate("live"),
    );
    page.open = false;
    page.closed_at = Some("2026-11-19T02:30:00Z".parse().expect("an instant"));
    page
}

/// One office, found by the serial number of a certificate that ended so.
fn found_by_serial(state: &str, replaced_by: Option<&str>) -> DeskFindings {
    let mut certificate = certificate(state);
    certificate["serial"] = "0badc0de0badc0de0badc0de0badc0de".into();
    certificate["terminal"] = "00000000-0000-7000-8000-00000000b2d4".into();
    certificate["ended_at"] = "2026-11-18T02:30:00Z".into();
    if let Some(other) = replaced_by {
        certificate["replaced_by"] = other.into();
    }
    made(json!({ "offices": [{
        "row": {
            "office": office(1), "standing": { "state": "enrolled" }, "has_mail": true,
            "has_password_mail": false,
        },
        "found_by": "serial",
        "certificate": certificate,
    }] }))
}

/// A server with twelve offices, the page of each like this one.
fn server(page: Enrolment) -> Script {
    let shown = page.clone();
    Script::new()
        .answer::<ListJobs>(made(json!({ "rows": [] })))
        .answer::<ListApprovals>(made(json!({ "rows": [] })))
        .reply::<SearchDesk>(|call| Ok(findings(&asked(call).text)))
        .reply::<ShowEnrolment>(move |call| {
            let code = call.path.rsplit('/').next().expect("a code");
            let mut page = shown.clone();
            page.office.code = code.parse().expect("a code");
            Ok(page)
        })
        .reply::<ShowTimeline>(|call| {
            let query = call.path.split_once('?').map_or("", |(_, query)| query);
            let office = call.path.split('/').nth(3).expect("a code").to_owned();
            let path = [("office".to_owned(), office)];
            let query: TimelineQuery =
                shared::contract::from_parts::<ShowTimeline>(path, Some(query), b"")
                    .expect("a query");
            Ok(history(query.after.is_some()))
        })
}

fn asked(call: &Call) -> DeskQuery {
    let query = call.path.split_once('?').map_or("", |(_, query)| query);
    shared::contract::from_parts::<SearchDesk>([], Some(query), b"").expect("a query")
}

/// All twelve for 見本, the fourth for its code, the first for its serial.
fn findings(text: &str) -> DeskFindings {
    let (numbers, by) = match text {
        "見本" => ((1..=12).collect(), "office"),
        "990000-04" => (vec![4], "office"),
        "990000-02" => (vec![12, 2], "office"),
        "5f3a09" => (vec![1], "serial"),
        "terminal-superseded" => (vec![1, 7], "error"),
        _ => (Vec::new(), "office"),
    };
    let states = [
        json!({ "state": "enrolled" }),
        json!({ "state": "invited", "days_left": 20 }),
        json!({ "state": "locked" }),
        json!({ "state": "not-invited" }),
        json!({ "state": "expired" }),
        json!({ "state": "cancelled" }),
        json!({ "state": "replaced", "days_left": 3 }),
    ];
    let offices: Vec<Value> = numbers
        .iter()
        .map(|number: &u32| {
            let standing = &states[(*number as usize - 1) % states.len()];
            json!({
                "row": {
                    "office": office(*number), "standing": standing, "has_mail": true,
                    "has_password_mail": false,
                },
                "found_by": by,
            })
        })
        .collect();
    made(json!({ "offices": offices }))
}

fn history(older: bool) -> Page<shared::enrolment::timeline::TimelineEntry> {
    let person = json!({ "by": "person", "name": "見本 支援子", "office": "見本ヘルプデスク" });
    match older {
        false => made(json!({ "rows": [
            { "at": "2026-11-19T02:30:00Z", "event": "reissued", "by": person,
              "identified": "called-back", "cause": "broken", "reason": "電源が入らない" },
            { "at": "2026-11-18T02:30:00Z", "event": "link-refused", "by": { "by": "terminal" },
              "refused": "link-refused" },
        ], "next": "1.2" })),
        true => made(json!({ "rows": [
            { "at": "2026-02-02T00:10:00Z", "event": "first-used", "by": { "by": "terminal" } },
            { "at": "2026-02-01T00:10:00Z", "event": "link-issued", "by": { "by": "operator" } },
        ] })),
    }
}

fn open(script: &Script) -> Window<Desk> {
    open_at(script, AT_100)
}

fn open_at(script: &Script, size: (f32, f32)) -> Window<Desk> {
    let mut context = stage::context(script);
    context.role = shared::accounts::Role::Helpdesk;
    Window::open(Desk::new(&context), context, size)
}

/// The page of the fourth office, opened by its code.
fn opened(script: &Script) -> Window<Desk> {
    let mut window = open(script);
    window.types("990000-04");
    window.key(Named::Enter);
    window
}

/// The body of the only call of `E`.
fn sent<E: Endpoint>(script: &Script) -> Value {
    let calls = script.calls::<E>();
    assert_eq!(calls.len(), 1, "{} once", E::NAME);
    calls[0].body.clone().expect("a body")
}

fn ctrl_enter(window: &mut Window<Desk>) {
    window.chord(Key::Named(Named::Enter), Modifiers::COMMAND);
}
