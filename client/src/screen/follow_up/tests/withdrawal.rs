//! Withdrawing the record of a day, driven by keys.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::{Value, json};
use shared::follow_up::observation::{RecordObservation, WithdrawObservation};
use shared::follow_up::returnee::{Returnee, ShowReturnee};
use shared::{Problem, ProblemCode};

use super::pictures::in_every_look;
use super::returnees::{feverish, send};
use super::{open, sent, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::FollowUp;
use crate::screen::stage::{self, Window, made, observation, returnee};

const WHY: &str = "同姓の別の人の記録";

/// Someone whose record of yesterday a colleague has withdrawn.
fn withdrawn(number: u32, observations: Value) -> Returnee {
    let mut whole = serde_json::to_value(returnee(number, observations)).unwrap();
    whole["withdrawn"] = json!([{
        "day": stage::today().plus(-1), "by": stage::colleague(2, "見本 同僚"),
        "at": stage::NOON, "reason": WHY,
    }]);
    made(whole)
}

/// A server at which everybody is feverish, and a withdrawal holds.
fn feverish_ones() -> Script {
    let rest = json!([observation(2, 1, 36.6, "見本 同僚")]);
    server(10)
        .answer::<ShowReturnee>(feverish())
        .answer::<WithdrawObservation>(withdrawn(5, rest))
}

fn opened(script: &Script) -> Window<FollowUp> {
    let mut window = open(script, AT_100);
    window.key(Named::Enter);
    window
}

/// Types another day than the proposed one.
fn of_day(window: &mut Window<FollowUp>, day: &str) {
    window.chord(Key::Named(Named::Tab), Modifiers::SHIFT);
    for _ in "11/19".chars() {
        window.key(Named::Backspace);
    }
    window.types(day);
}

/// What was sent: to which path, and what.
fn asked(script: &Script) -> Vec<(String, Value)> {
    let calls = script.calls::<WithdrawObservation>();
    let asked = |call: &crate::api::Call| (call.path.clone(), call.body.clone().unwrap());
    calls.iter().map(asked).collect()
}

#[test]
fn the_record_written_last_is_withdrawn_with_a_reason() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    assert!(window.shows("38.1 ℃"), "what will be gone is shown");
    send(&mut window);
    assert!(asked(&script).is_empty(), "a reason is missing");
    assert!(window.shows("▲ 1〜2,000文字で入力してください。"));
    window.types(WHY);
    send(&mut window);
    let [(path, body)] = &asked(&script)[..] else {
        panic!("asked once")
    };
    let day = stage::today().plus(-1);
    assert!(
        path.ends_with(&format!("/observations/{day}/withdraw")),
        "{path}"
    );
    assert_eq!(*body, json!({ "version": 1, "reason": WHY }));
    assert!(!window.shows("38.1 ℃"));
}

#[test]
fn the_record_of_a_day_that_is_typed_is_withdrawn() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    of_day(&mut window, "1118");
    assert!(window.shows("36.6 ℃"));
    send(&mut window);
    let day = stage::today().plus(-2);
    let (path, _) = asked(&script).pop().unwrap();
    assert!(
        path.ends_with(&format!("/observations/{day}/withdraw")),
        "{path}"
    );
}

#[test]
fn a_day_without_a_record_cannot_be_withdrawn() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    of_day(&mut window, "1120");
    send(&mut window);
    assert!(asked(&script).is_empty());

    let script = server(10).answer::<ShowReturnee>(returnee(5, json!([])));
    let mut window = opened(&script);
    assert!(!window.shows("記録を取り消す Delete"));
    window.key(Named::Delete);
    assert!(
        !window.shows("記録を取り消す日"),
        "nothing is recorded at all"
    );
}

#[test]
fn who_withdrew_a_record_and_why_stands_with_the_days() {
    let script = server(10).answer::<ShowReturnee>(withdrawn(5, json!([])));
    let mut window = opened(&script);
    let day = crate::language::short_day(stage::today().plus(-1));
    assert!(window.shows(&line(&day, "の記録")));

    // Recorded anew, it is another record that was withdrawn.
    let anew = json!([observation(1, 2, 36.5, "見本 花子")]);
    let script = server(10).answer::<ShowReturnee>(withdrawn(5, anew));
    assert!(opened(&script).shows(&line(&day, "の以前の記録")));
}

fn line(day: &str, what: &str) -> String {
    let at = crate::language::moment(made(json!(stage::NOON)));
    format!("{day} {what}は取り消されました（見本 同僚、{at}）：{WHY}")
}

#[test]
fn a_sign_of_a_withdrawn_record_does_not_read_as_dealt_with() {
    let mut whole = serde_json::to_value(feverish()).unwrap();
    whole["signs"][0]["withdrawn"] = true.into();
    whole["signs"][0]["closed"] = json!({
        "by": stage::colleague(2, "見本 同僚"), "at": stage::NOON, "action": WHY,
    });
    let script = server(10).answer::<ShowReturnee>(made(whole));
    let day = crate::language::short_day(stage::today().plus(-1));
    let words =
        format!("{day} 有症状（37.5℃以上） → 取り消された記録によるもの（見本 同僚）：{WHY}");
    assert!(opened(&script).shows(&words));
}

#[test]
fn the_record_that_was_written_last_is_proposed_whatever_its_day() {
    let mut whole = serde_json::to_value(feverish()).unwrap();
    assert_eq!(
        whole["observations"][1]["day"],
        json!(stage::today().plus(-2))
    );
    whole["observations"][1]["recorded_at"] = json!("2026-11-20T05:00:00Z");
    let mut window = opened(&feverish_ones().answer::<ShowReturnee>(made(whole)));
    window.key(Named::Delete);
    assert!(window.shows("36.6 ℃") && !window.shows("38.1 ℃"));
}

#[test]
fn a_record_of_another_year_is_withdrawn_as_it_is_proposed() {
    let mut old = serde_json::to_value(observation(1, 3, 36.5, "見本 同僚")).unwrap();
    old["day"] = json!("2025-09-26");
    let script = server(10).answer::<ShowReturnee>(returnee(5, json!([old])));
    let mut window = opened(&script);
    window.key(Named::Delete);
    assert!(!window.shows("この日の記録はありません。記録のある日を入力してください。例：9/26"));
    window.types(WHY);
    send(&mut window);
    assert!(asked(&script)[0].0.contains("/observations/2025-09-26/"));
}

#[test]
fn a_reason_that_was_left_withdraws_no_record_that_was_written_since() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    window.key(Named::Escape);
    let anew = json!([observation(1, 2, 36.9, "見本 花子")]);
    let script = script.answer::<ShowReturnee>(returnee(5, anew));
    window.key(Named::Escape);
    window.key(Named::Enter);
    window.key(Named::Delete);
    assert!(window.shows(WHY) && window.shows("36.9 ℃"));
    send(&mut window);
    assert_eq!(asked(&script)[0].1["version"], json!(1), "what was seen");
}

#[test]
fn what_another_has_withdrawn_needs_no_withdrawing_and_keeps_no_question() {
    let present = serde_json::to_value(withdrawn(5, json!([]))).unwrap();
    let clash = Problem::new(ProblemCode::VersionClash).with_current(present);
    let script = feverish_ones().refuse::<WithdrawObservation>(clash);
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    send(&mut window);
    let day = crate::language::short_day(stage::today().plus(-1));
    let told = format!("{day} の記録は、見本 同僚さんがすでに取り消しています");
    assert!(window.shows(&told) && !window.shows("記録を取り消す日"));
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn a_question_about_a_record_that_is_gone_counts_no_longer() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 1);
    let _ = script.answer::<ShowReturnee>(withdrawn(5, json!([])));
    window.key(Named::Escape);
    window.key(Named::Enter);
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn an_answer_about_one_day_keeps_what_is_typed_for_another() {
    use crate::screen::follow_up::{on_opened, opened::Message};
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    script.lose::<WithdrawObservation>();
    send(&mut window);
    let key = script.calls::<WithdrawObservation>()[0].key.unwrap();
    of_day(&mut window, "1118");
    // The answer was not lost, only late.
    let rest = json!([observation(2, 1, 36.6, "見本 同僚")]);
    let late = Message::Saved(stage::row(0).id, key, Ok(Box::new(withdrawn(5, rest))));
    drop(window.screen.update(on_opened(late), &window.context));
    assert!(window.shows("36.6 ℃") && window.shows(WHY));
}

#[test]
fn that_a_record_was_withdrawn_is_said_after_a_restart_too() {
    let present = serde_json::to_value(withdrawn(0, json!([]))).unwrap();
    let clash = Problem::new(ProblemCode::VersionClash).with_current(present);
    let script = server(3).refuse::<RecordObservation>(clash);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.click("◀ 前の日");
    window.types("365");
    window.key(Named::Enter);
    // The answer came behind the next person's form; the program ends before anybody looks.
    let script = script
        .answer::<ShowReturnee>(withdrawn(0, json!([])))
        .answer::<RecordObservation>(returnee(0, json!([])));
    let sent_before = script.calls::<RecordObservation>().len();
    let mut next = super::kept::next(&window, &script);
    next.key(Named::F4);
    next.click("◀ 前の日");
    next.key(Named::Enter);
    assert!(next.shows("この日の記録は、見本 同僚さんが取り消しました"));
    assert_eq!(script.calls::<RecordObservation>().len(), sent_before);
    next.key(Named::Enter);
    let anew = sent(script.calls::<RecordObservation>().last().unwrap());
    assert_eq!(anew.version.0, 0);
}

#[test]
fn a_record_that_another_has_written_anew_is_shown_before_it_is_withdrawn() {
    let anew = observation(1, 2, 37.9, "見本 花子");
    let present = serde_json::to_value(returnee(5, json!([anew]))).unwrap();
    let clash = Problem::new(ProblemCode::VersionClash).with_current(present);
    let script = feverish_ones().refuse::<WithdrawObservation>(clash);
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    send(&mut window);
    assert!(window.shows("見本 花子さんが先に保存しました"));
    assert!(window.shows("37.9 ℃") && window.shows(WHY));
    send(&mut window);
    assert_eq!(asked(&script)[1].1["version"], json!(2));
}

#[test]
fn a_cut_line_keeps_the_reason_and_the_same_key() {
    let script = feverish_ones();
    let mut window = opened(&script);
    window.key(Named::Delete);
    window.types(WHY);
    script.lose::<WithdrawObservation>();
    send(&mut window);
    assert!(window.shows(WHY));
    send(&mut window);
    let keys = script.calls::<WithdrawObservation>();
    let keys: Vec<_> = keys.iter().map(|call| call.key).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn what_was_typed_over_a_withdrawn_record_is_saved_as_a_new_one_once_that_is_known() {
    let present = serde_json::to_value(withdrawn(0, json!([]))).unwrap();
    let script = server(3).reply::<RecordObservation>(move |call| {
        let recorded = sent(call);
        if recorded.version.0 == 0 {
            return Ok(returnee(0, json!([])));
        }
        Err(Problem::new(ProblemCode::VersionClash).with_current(present.clone()))
    });
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.click("◀ 前の日");
    window.types("365");
    window.key(Named::Enter);
    window.key(Named::F4);
    assert!(window.shows("この日の記録は、見本 同僚さんが取り消しました"));
    assert!(window.shows("36.5 ℃"), "what was typed is kept");
    window.key(Named::Enter);
    let anew = sent(script.calls::<RecordObservation>().last().unwrap());
    assert_eq!(anew.version.0, 0);
    assert_eq!(anew.findings.temperature.unwrap().tenths(), 365);
}

#[test]
fn the_question_and_the_withdrawn_day_have_their_pictures() {
    in_every_look(|tag, size| {
        let script = feverish_ones();
        let mut window = open(&script, size);
        window.key(Named::Enter);
        window.key(Named::Delete);
        window.looks_as_kept(&format!("follow-up-withdraw-{tag}"));
        window.types(WHY);
        send(&mut window);
        window.looks_as_kept(&format!("follow-up-withdrawn-{tag}"));
    });
}
