//! People move to another health centre: handed over, and received.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::json;
use shared::follow_up::hand_over::{HandOverReturnee, HandedOver, ListReceivingCentres};
use shared::follow_up::returnee::{HealthCentres, Returnee, ShowReturnee};
use shared::follow_up::work_list::ListReturnees;
use shared::{Problem, ProblemCode};

use super::{open, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::FollowUp;
use crate::screen::stage::{self, Window, made, returnee};

fn centre(code: &str, name: &str) -> serde_json::Value {
    json!({ "code": code, "kind": "health-centre", "name": name })
}

/// A server that knows health centres elsewhere.
fn country() -> Script {
    server(10)
        .answer::<ShowReturnee>(returnee(0, json!([])))
        .answer::<ListReceivingCentres>(HealthCentres {
            offices: [
                centre("131016", "見本保健所"),
                centre("271004", "例示市保健所"),
                centre("271004-2", "例示市保健所 分室"),
            ]
            .map(made)
            .to_vec(),
        })
        .answer::<HandOverReturnee>(made::<HandedOver>(
            json!({ "id": stage::id(0), "health_centre": centre("271004", "例示市保健所") }),
        ))
}

fn send(window: &mut Window<FollowUp>) {
    window.chord(Key::Named(Named::Enter), Modifiers::COMMAND);
}

/// Types to whom the first in the list is handed over, and why.
fn type_it(window: &mut Window<FollowUp>) {
    window.key(Named::Enter);
    window.key(Named::F10);
    window.types("271004");
    window.key(Named::Enter);
    window.types("例示市へ転居");
}

#[test]
fn someone_is_handed_over_by_keys_to_a_health_centre_anywhere() {
    let script = country();
    let mut window = open(&script, AT_100);
    type_it(&mut window);
    assert!(window.shows("→ 例示市保健所（271004）へ引き継ぎます"));
    let listed = script.calls::<ListReturnees>().len();
    send(&mut window);
    let calls = script.calls::<HandOverReturnee>();
    let body = calls.last().and_then(|call| call.body.clone()).unwrap();
    assert_eq!(body["health_centre"], "271004");
    assert_eq!(body["reason"], "例示市へ転居");
    assert!(window.shows("○ 見本 花子さんを例示市保健所へ引き継ぎました"));
    assert!(script.calls::<ListReturnees>().len() > listed, "they left");
}

#[test]
fn nobody_is_handed_over_without_a_centre_that_is_meant_and_a_reason() {
    let script = country();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F10);
    // Two match, and the one that is responsible now is none.
    for typed in ["例示", "\u{8}\u{8}見本"] {
        window.types(typed);
        send(&mut window);
        assert!(window.shows("引き継ぎ先の保健所を一覧から選んでください。今の管轄保健所や、閉鎖された機関には引き継げません。"));
    }
    assert!(script.calls::<HandOverReturnee>().is_empty());
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F10);
    window.types("例示");
    window.click("271004-2  例示市保健所 分室");
    send(&mut window);
    assert!(script.calls::<HandOverReturnee>().is_empty(), "no reason");
}

#[test]
fn a_hand_over_that_failed_is_there_to_be_tried_again() {
    let script = country();
    let mut window = open(&script, AT_100);
    type_it(&mut window);
    script.cut(true);
    send(&mut window);
    assert!(window.shows("例示市へ転居"), "what was typed is kept");
    script.cut(false);
    send(&mut window);
    assert!(window.shows("○ 見本 花子さんを例示市保健所へ引き継ぎました"));
}

#[test]
fn somebody_elses_change_is_named_before_a_hand_over() {
    let mut present = serde_json::to_value(returnee(0, json!([]))).unwrap();
    present["version"] = 2.into();
    present["changed_by"] = json!({ "id": stage::id(9), "name": "見本 同僚" });
    let clash = Problem::new(ProblemCode::VersionClash).with_current(present);
    let script = country().refuse::<HandOverReturnee>(clash);
    let mut window = open(&script, AT_100);
    type_it(&mut window);
    send(&mut window);
    assert!(window.shows("見本 同僚さんが先に保存しました"));
}

/// Someone who came from another health centre.
fn received() -> Returnee {
    let mut whole = serde_json::to_value(returnee(0, json!([]))).unwrap();
    whole["assignee"] = serde_json::Value::Null;
    whole["handed_over"] = json!({
        "from": centre("271004", "例示市保健所"), "reason": "こちらへ転居",
        "by": { "id": stage::id(9), "name": "見本 同僚" }, "at": "2026-11-19T23:00:00Z",
    });
    made(whole)
}

#[test]
fn whoever_was_handed_over_is_marked_in_the_list_and_says_from_where_and_why() {
    let mut row = serde_json::to_value(stage::row(0)).unwrap();
    row["handed_over"] = true.into();
    row["assignee"] = serde_json::Value::Null;
    let script = server(1)
        .answer::<ListReturnees>(shared::id::Page {
            rows: vec![made(row)],
            next: None,
        })
        .answer::<ShowReturnee>(received());
    let mut window = open(&script, AT_100);
    assert!(window.shows("□ 引き継ぎ"));
    window.looks_as_kept("follow-up-list-handed-over");
    window.key(Named::Enter);
    assert!(window.shows("例示市保健所から引き継がれました（11/20 見本 同僚）"));
    assert!(window.shows("理由：こちらへ転居"));
    window.looks_as_kept("follow-up-handed-over");
}

#[test]
fn the_question_of_a_hand_over_has_its_picture() {
    let mut window = open(&country(), AT_100);
    type_it(&mut window);
    window.looks_as_kept("follow-up-hand-over");
}
