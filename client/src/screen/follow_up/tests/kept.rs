//! What was typed, kept over the end of the window and taken up again by the next.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::json;
use shared::follow_up::observation::RecordObservation;
use shared::follow_up::returnee::{EnterReturnee, ShowReturnee};

use super::{open, returnees, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::{FollowUp, Kept};
use crate::screen::stage::{Window, observation, returnee};

/// The next window, which finds what `window` was doing when it ended.
fn next(window: &Window<FollowUp>, script: &Script) -> Window<FollowUp> {
    let text = serde_json::to_vec(&window.screen.kept()).expect("written");
    let kept: Kept = serde_json::from_slice(&text).expect("read back");
    let mut next = open(script, AT_100);
    // The keys of the next window are others than those of this one.
    for _ in 0..100 {
        let _ = next.context.api.key();
    }
    next.screen.restore(kept);
    next
}

fn save(window: &mut Window<FollowUp>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

#[test]
fn a_day_that_arrived_before_the_window_ended_is_not_found_again() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.held = true;
    window.key(Named::Enter);
    let arrived = observation(0, 1, 36.5, "見本 保健子");
    let script = server(3).answer::<ShowReturnee>(returnee(0, json!([arrived])));
    let mut next = next(&window, &script);
    assert_eq!(next.screen.unsaved_count(), 1);
    next.key(Named::F4);
    assert_eq!(next.screen.unsaved_count(), 0);
    assert!(script.calls::<RecordObservation>().is_empty());
}

#[test]
fn a_day_that_somebody_else_recorded_meanwhile_is_compared() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("365");
    let theirs = observation(0, 1, 36.9, "見本 同僚");
    let script = server(3).answer::<ShowReturnee>(returnee(0, json!([theirs])));
    let mut next = next(&window, &script);
    next.key(Named::F4);
    next.key(Named::Enter);
    assert!(next.shows("見本 同僚さんが先に保存しました"));
    assert!(script.calls::<RecordObservation>().is_empty());
}

#[test]
fn a_form_goes_on_under_the_key_of_its_first_try() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::F2);
    window.types("見本 花子");
    window.click("1117、R8.11.17、昨日");
    window.types("1117");
    // The server has no answer for this call: it arrives, and the line breaks.
    save(&mut window);
    let mut next = next(&window, &script);
    assert!(next.shows("前回、見本 花子さんの入力が保存されないまま残っています"));
    next.key(Named::F4);
    assert!(next.shows("見本 花子"));
    save(&mut next);
    let calls = script.calls::<EnterReturnee>();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].key, calls[1].key);
}

#[test]
fn the_answer_to_a_question_is_there_when_it_is_asked_again() {
    let script = returnees::one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F8);
    window.types("受診済み");
    let mut next = next(&window, &script);
    next.key(Named::F4);
    next.key(Named::F8);
    assert!(next.shows("受診済み"));
}
