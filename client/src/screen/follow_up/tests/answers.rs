//! Answers that come late, and keys pressed at an awkward moment.

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::text_editor;
use serde_json::json;
use shared::follow_up::observation::RecordObservation;
use shared::follow_up::returnee::ShowReturnee;
use shared::follow_up::work_list::ListReturnees;
use shared::id::Page;

use super::{asked, clashing, open, sent, server};
use crate::picture::AT_100;
use crate::screen::follow_up::{FollowUp, Front, on_list, on_record, record, work_list};
use crate::screen::stage::{self, Driven, Window, made, observation, returnee, row};
use crate::screen::{Context, Part};
use crate::ui::area::Edit;

/// Something that happens at once, whatever is under way.
fn happens(window: &mut Window<FollowUp>, message: super::Message) {
    let task = window.screen.take_in(message, &window.context);
    window.runs(task);
}

fn record_typed(text: &str) -> super::Message {
    on_record(record::Message::TemperatureTyped(text.into()))
}

#[test]
fn what_was_recorded_is_said_until_the_next_record_or_the_room_is_left() {
    let mut window = open(&server(3), AT_100);
    let saved = |number, what| {
        let name = stage::name(number).0;
        format!("○ {name}さんの11/20の記録を保存しました（{what}）")
    };
    let words = [
        ("365", "36.5\u{a0}℃、異常なし"),
        ("378", "37.8\u{a0}℃、有症状"),
        ("n", "連絡つかず"),
    ];
    window.key(Named::Space);
    for (number, (typed, what)) in (0..).zip(words) {
        window.types(typed);
        window.held = true;
        window.key(Named::Enter);
        for (before, (_, what)) in (0..number).zip(words) {
            assert!(!window.shows(&saved(before, what)), "{what} is said still");
        }
        window.held = false;
        window.settle();
        assert!(window.shows(&saved(number, what)), "{what}");
    }
    let entered = window.screen.entered();
    window.runs(entered);
    assert!(!window.shows(&saved(2, "連絡つかず")));
}

#[test]
fn whoever_was_not_reached_has_the_sign_of_the_strip_beside_the_word() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("n");
    window.key(Named::Enter);
    assert!(window.shows("× 連絡つかず"));
}

#[test]
fn digits_after_a_clicked_channel_are_the_temperature() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.click("V 訪問");
    window.types("365");
    window.key(Named::Enter);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        json!({
            "reach": "visit", "temperature": 36.5,
            "symptoms": { "present": [] }, "household": { "present": [] },
        })
    );
}

#[test]
fn a_digit_beside_no_symptoms_turns_none_on() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    happens(&mut window, on_record(record::Message::Digit(3)));
    let Some(Front::Record(record)) = &window.screen.front else {
        panic!("a record is in front")
    };
    assert!(record.is_untouched());
}

#[test]
fn an_answer_to_the_list_before_is_dropped() {
    let context = stage::context(&server(30));
    let (mut screen, _) = FollowUp::new(&context);
    let _ = screen.show(Part::EndingToday, &context);
    let mut window = Window::open((screen, Task::none()), context, AT_100);
    let page = Page {
        rows: vec![row(9)],
        next: None,
    };
    happens(
        &mut window,
        on_list(work_list::Message::Listed(1, Ok(page))),
    );
    assert!(!window.shows(&stage::name(9).0));
}

fn loading(script: &super::Script) -> (Window<FollowUp>, Task<super::Message>) {
    let context: Context = stage::context(script);
    let (screen, task) = FollowUp::new(&context);
    (Window::open((screen, Task::none()), context, AT_100), task)
}

#[test]
fn the_first_rows_take_no_keys_from_whoever_types() {
    let script = server(30);
    let (mut window, task) = loading(&script);
    window.types("/");
    window.runs(task);
    window.types("架空");
    let last = asked(script.calls::<ListReturnees>().last().unwrap());
    assert_eq!(last.search.as_deref(), Some("架空"));
    let (mut window, task) = loading(&script);
    window.key(Named::F2);
    window.runs(task);
    window.types("見本 次郎");
    assert!(window.shows("見本 次郎"));
}

/// A day on its way to a server that will not answer.
fn on_its_way() -> Window<FollowUp> {
    let script = server(1);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.held = true;
    window.key(Named::Enter);
    script.cut(true);
    window
}

#[test]
fn a_failed_save_leaves_a_form_and_a_search_in_front() {
    let failed = format!("{}さんの記録を保存できませんでした", stage::name(0).0);
    let mut window = on_its_way();
    window.key(Named::F2);
    window.held = false;
    window.settle();
    assert!(matches!(window.screen.front, Some(Front::Form(_))));
    assert!(window.shows(&failed));
    let mut window = on_its_way();
    let _ = window.screen.take_in(
        on_list(work_list::Message::Typed("見本".into())),
        &window.context,
    );
    window.held = false;
    window.settle();
    assert!(window.screen.front.is_none());
    assert!(window.shows(&failed));
}

#[test]
fn enter_saves_no_half_retyped_temperature() {
    let script = server(1)
        .reply::<ListReturnees>(|_| {
            let mut recorded = serde_json::to_value(row(0)).expect("a row serialises");
            recorded["today_version"] = 1.into();
            Ok(Page {
                rows: vec![made(recorded)],
                next: None,
            })
        })
        .answer::<ShowReturnee>(returnee(0, json!([observation(0, 1, 36.9, "見本 同僚")])));
    let mut window = open(&script, AT_100);
    window.held = true;
    window.key(Named::Space);
    happens(&mut window, record_typed("365"));
    window.key(Named::Enter);
    happens(&mut window, record_typed("37"));
    window.held = false;
    window.settle();
    assert!(script.calls::<RecordObservation>().is_empty());
    assert!(window.shows("37.0 ℃"));
}

#[test]
fn a_settled_clash_is_not_not_reached_with_a_temperature() {
    let script = clashing();
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("n");
    window.key(Named::Enter);
    window.key(Named::F4);
    for _ in 0..5 {
        window.key(Named::ArrowLeft);
    }
    window.types("t");
    window.key(Named::ArrowUp);
    window.key(Named::ArrowUp);
    window.key(Named::ArrowUp);
    window.key(Named::ArrowUp);
    window.key(Named::ArrowDown);
    window.key(Named::ArrowLeft);
    window.key(Named::Enter);
    assert!(window.shows("「連絡つかず」ですが、体温か症状が入力されています"));
    assert_eq!(script.calls::<RecordObservation>().len(), 1);
}

#[test]
fn the_keys_in_the_head_work_while_a_day_is_recorded() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.key(Named::F2);
    assert!(matches!(window.screen.front, Some(Front::Form(_))));
}

#[test]
fn a_note_too_long_says_so() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    let long = Edit::Edit(text_editor::Edit::Paste("あ".repeat(2_001).into()));
    let note = on_record(record::Message::NoteEdited(long));
    happens(&mut window, note);
    window.key(Named::Enter);
    assert!(script.calls::<RecordObservation>().is_empty());
    assert!(window.shows("▲ 1〜2,000文字で入力してください。"));
}

#[test]
fn a_temperature_of_another_day_stands_in_brackets_with_its_day() {
    let script = server(1).reply::<ListReturnees>(|_| {
        let mut reached = serde_json::to_value(row(0)).expect("a row serialises");
        // Reached today, without a temperature.
        let day = reached["strip"].as_array().expect("a strip").len();
        let at = (0..day)
            .find(|at| reached["strip"][at] == "missing")
            .expect("today");
        reached["strip"][at] = "well".into();
        reached["today_version"] = 1.into();
        Ok(Page {
            rows: vec![made(reached)],
            next: None,
        })
    });
    let mut window = open(&script, AT_100);
    assert!(window.shows("■ 異常なし"));
    assert!(
        window.shows("(36.4) 11/19"),
        "with the day on which it was taken"
    );
}
