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
pub(super) fn next(window: &Window<FollowUp>, script: &Script) -> Window<FollowUp> {
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

/// Whose line is marked in the list beside the record.
fn marked(window: &Window<FollowUp>) -> Option<u32> {
    let id = window.screen.list.marked()?.id.to_string();
    Some(u32::from_str_radix(&id[id.len() - 8..], 16).expect("a made-up id"))
}

#[test]
fn the_list_marks_whose_day_is_recorded_on_after_a_restart_or_nobody() {
    // The second, and one far below the rows that were fetched.
    for (number, total, expected) in [(1, 3, Some(1)), (999, 1_000, None)] {
        let script = server(total);
        let mut window = open(&script, AT_100);
        window.key(if number == 1 {
            Named::ArrowDown
        } else {
            Named::End
        });
        window.key(Named::Space);
        window.types("365");
        assert_eq!(marked(&window), Some(number));
        let mut next = next(&window, &script);
        assert_eq!(marked(&next), Some(0));
        next.key(Named::F4);
        assert!(next.shows("36.5 ℃"));
        assert_eq!(marked(&next), expected);
        // The same rows once more must not mark the first of them.
        let again = next.screen.refresh(&next.context);
        next.runs(again);
        assert_eq!(marked(&next), expected);
    }
}

/// What `window` was doing when it ended, as the disk gave it back.
fn kept(window: &Window<FollowUp>) -> Kept {
    let text = serde_json::to_vec(&window.screen.kept()).expect("written");
    serde_json::from_slice(&text).expect("read back")
}

/// A window that ended with `digits` typed for the first in the list, today or the day before.
fn ended_with(digits: &str, yesterday: bool) -> Kept {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    if yesterday {
        window.click("◀ 前の日");
    }
    window.types(digits);
    kept(&window)
}

#[test]
fn a_day_found_late_joins_the_other_day_typed_meanwhile() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("365");
    window.screen.restore(ended_with("371", true));
    assert_eq!(window.screen.unsaved_count(), 2);
    window.key(Named::Escape);
    window.key(Named::F4);
    assert!(window.shows("36.5 ℃"));
    window.click("◀ 前の日");
    assert!(window.shows("37.1 ℃"));
}

#[test]
fn the_same_day_found_late_comes_after_what_is_typed_and_is_compared() {
    for typed_first in [true, false] {
        let script = server(3);
        let mut window = open(&script, AT_100);
        window.key(Named::Space);
        if typed_first {
            window.types("365");
        }
        window.screen.restore(ended_with("378", false));
        if !typed_first {
            window.types("365");
        }
        assert_eq!(window.screen.unsaved_count(), 2);
        window.key(Named::Escape);
        assert_eq!(window.screen.unsaved_count(), 2);
        let mut next = open(&script, AT_100);
        next.screen.restore(kept(&window));
        assert_eq!(next.screen.unsaved_count(), 2, "over the end of the window");
        next.key(Named::F4);
        assert!(next.shows("36.5 ℃"));
        let saved = observation(0, 1, 36.5, "見本 保健子");
        let _ = script
            .clone()
            .answer::<ShowReturnee>(returnee(0, json!([saved])));
        next.key(Named::Enter);
        assert_eq!(script.calls::<RecordObservation>().len(), 1);
        assert_eq!(next.screen.unsaved_count(), 1);
        next.key(Named::F4);
        assert!(next.shows("37.8 ℃"));
        next.key(Named::Enter);
        assert_eq!(script.calls::<RecordObservation>().len(), 1, "asked first");
    }
}

#[test]
fn what_is_found_late_and_says_the_same_is_one() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("365");
    window.screen.restore(ended_with("365", false));
    assert_eq!(window.screen.unsaved_count(), 1);
}

#[test]
fn a_form_found_late_waits_beside_the_one_typed_meanwhile() {
    for typed_first in [true, false] {
        let script = server(3).answer::<EnterReturnee>(returnee(9, json!([])));
        let mut earlier = open(&script, AT_100);
        earlier.key(Named::F2);
        earlier.types("見本 花子");
        let mut window = open(&script, AT_100);
        window.key(Named::F2);
        if typed_first {
            window.types("見本 太郎");
        }
        window.screen.restore(kept(&earlier));
        if !typed_first {
            window.types("見本 太郎");
        }
        window.key(Named::Escape);
        assert_eq!(window.screen.unsaved_count(), 2);
        window.key(Named::F2);
        assert!(window.shows("見本 太郎"));
        window.click("1117、R8.11.17、昨日");
        window.types("1117");
        save(&mut window);
        assert_eq!(script.calls::<EnterReturnee>().len(), 1);
        assert_eq!(window.screen.unsaved_count(), 1);
        window.key(Named::F4);
        assert!(window.shows("見本 花子"));
    }
}

#[test]
fn the_answer_to_a_question_found_late_is_not_lost_to_the_one_typed_meanwhile() {
    let script = returnees::one();
    let mut earlier = open(&script, AT_100);
    earlier.key(Named::Enter);
    earlier.key(Named::F8);
    earlier.types("受診済み");
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F8);
    window.types("電話した");
    window.screen.restore(kept(&earlier));
    assert_eq!(window.screen.unsaved_count(), 2);
    window.key(Named::Escape);
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 2);
    let both = serde_json::to_string(&window.screen.kept()).expect("written");
    assert!(both.contains("受診済み") && both.contains("電話した"));
}

#[test]
fn what_was_typed_for_a_sign_that_a_colleague_closed_is_not_asked_about_for_ever() {
    let mut window = open(&returnees::one(), AT_100);
    window.key(Named::Enter);
    window.key(Named::F8);
    window.types("受診済み");
    let script = server(3).answer::<ShowReturnee>(returnee(0, json!([])));
    let mut next = next(&window, &script);
    assert_eq!(next.screen.unsaved_count(), 1);
    next.key(Named::F4);
    assert_eq!(next.screen.unsaved_count(), 0);
}
