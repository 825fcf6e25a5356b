//! Space and digits that were typed before a search was answered.

use iced::keyboard::key::Named;
use serde_json::json;
use shared::follow_up::observation::RecordObservation;
use shared::follow_up::work_list::ListReturnees;
use shared::id::Page;

use super::{asked, number, open, sent, server};
use crate::api::Failure;
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::{FollowUp, on_list, on_opened, opened, work_list};
use crate::screen::stage::{self, Driven, Window, row};

/// What the list says while it waits, with this temperature.
fn will_record(typed: &str) -> String {
    format!("検索しています… 見つかった人が1人なら、その人の記録を開きます（体温：{typed}）")
}

/// What it says where nothing was opened.
const OPENED_NOTHING: &str = "記録は開いていません。↑↓ で選び、Space を押してください";

/// The field of the temperature, which only a record has.
const IN_A_RECORD: &str = "保存 Enter";

/// Looks for somebody and presses Space; nothing is answered yet.
fn pressed_blind(mut window: Window<FollowUp>, search: &str) -> Window<FollowUp> {
    window.types("/");
    window.held = true;
    window.types(search);
    window.key(Named::Enter);
    window.focus(work_list::LIST);
    window.key(Named::Space);
    window
}

/// Lets the answer come.
fn answer(window: &mut Window<FollowUp>) {
    window.held = false;
    window.settle();
}

/// Whoever is fourth in the list, alone.
fn the_fourth() -> String {
    stage::name(4).0
}

/// Which filters the last question named.
fn is_narrowed(script: &Script) -> bool {
    let last = asked(script.calls::<ListReturnees>().last().expect("a question"));
    last.not_reached_today || last.with_signs || last.ending_today || last.mine || last.ended
}

#[test]
fn a_record_begun_before_the_answer_opens_with_what_was_typed() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    window.types("367");
    window.key(Named::Backspace);
    window.types("6");
    // Pressed once more in impatience, it takes nothing away.
    window.key(Named::Space);
    assert!(window.shows(&will_record("366")));
    answer(&mut window);
    assert!(
        script.calls::<RecordObservation>().is_empty(),
        "not saved unseen"
    );
    window.key(Named::Enter);
    let sent = sent(&script.calls::<RecordObservation>()[0]);
    assert_eq!(number(&sent), 4);
    assert_eq!(sent.findings.temperature.unwrap().to_string(), "36.6");
    assert!(!is_narrowed(&script), "3 is of the temperature");
}

#[test]
fn a_digit_that_is_read_after_the_answer_is_typed_on() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    window.types("37");
    answer(&mut window);
    let late = on_list(work_list::Message::DigitPressed('2'));
    let _ = window.screen.take_in(late, &window.context);
    window.key(Named::Enter);
    let sent = sent(&script.calls::<RecordObservation>()[0]);
    assert_eq!(sent.findings.temperature.unwrap().to_string(), "37.2");
}

#[test]
fn a_space_that_is_read_after_the_answer_opens_whom_it_named() {
    let mut window = open(&server(30), AT_100);
    window.types("/");
    window.types(&the_fourth());
    let late = || on_list(work_list::Message::RecordPressed);
    let _ = window.screen.take_in(late(), &window.context);
    assert!(window.shows(IN_A_RECORD));

    let mut window = open(&server(30), AT_100);
    window.types("/");
    window.types("架空");
    let _ = window.screen.take_in(late(), &window.context);
    assert!(!window.shows(IN_A_RECORD) && window.shows(OPENED_NOTHING));
}

#[test]
fn among_several_nothing_opens_and_the_rest_of_the_digits_turns_no_filter() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), "架空");
    window.types("3");
    answer(&mut window);
    window.types("65");
    assert!(window.shows(OPENED_NOTHING));
    assert!(!window.shows(IN_A_RECORD));
    assert!(!is_narrowed(&script));
    window.key(Named::ArrowDown);
    assert!(!window.shows(OPENED_NOTHING));
    window.key(Named::Space);
    assert!(window.shows(IN_A_RECORD));
}

#[test]
fn what_opened_nothing_stays_said_when_further_pages_come() {
    let script = server(600);
    let mut window = pressed_blind(open(&script, AT_100), "架空");
    let before = script.calls::<ListReturnees>().len();
    answer(&mut window);
    let pages = script.calls::<ListReturnees>().len() - before;
    assert!(pages > 1, "{pages} page");
    window.types("5");
    assert!(window.shows(OPENED_NOTHING));
    assert!(!is_narrowed(&script));
}

#[test]
fn where_nobody_is_found_or_the_line_is_cut_digits_turn_no_filter() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), "誰でもない");
    answer(&mut window);
    window.types("5");
    assert!(!window.shows(OPENED_NOTHING), "there is nobody to choose");
    assert!(!is_narrowed(&script));

    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    script.cut(true);
    answer(&mut window);
    let asked = script.calls::<ListReturnees>().len();
    window.types("5");
    assert_eq!(script.calls::<ListReturnees>().len(), asked);
}

#[test]
fn a_search_after_one_that_failed_holds_space_and_digits_too() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    script.cut(true);
    window.types("/");
    window.types("x");
    script.cut(false);
    window.held = true;
    window.key(Named::Backspace);
    window.types(&the_fourth());
    window.key(Named::Enter);
    window.focus(work_list::LIST);
    window.key(Named::Space);
    window.types("365");
    assert!(window.shows(&will_record("365")));
    answer(&mut window);
    assert!(window.shows(IN_A_RECORD));
}

#[test]
fn nothing_is_typed_over_what_is_recorded_of_today() {
    let script = server(1).reply::<ListReturnees>(|_| {
        let mut line = serde_json::to_value(row(4)).expect("a row serialises");
        line["strip"] = json!(vec!["well"; 14]);
        line["today_version"] = json!(2);
        Ok(Page {
            rows: vec![stage::made(line)],
            next: None,
        })
    });
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    window.types("366");
    answer(&mut window);
    assert!(!window.shows(IN_A_RECORD) && window.shows(OPENED_NOTHING));
}

#[test]
fn nothing_is_typed_over_a_draft() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    window.types("/");
    window.types(&the_fourth());
    window.key(Named::Enter);
    window.key(Named::Space);
    window.types("371");
    window.key(Named::Escape);
    window.key(Named::Escape);
    let mut window = pressed_blind(window, &the_fourth());
    window.types("366");
    answer(&mut window);
    assert!(!window.shows(IN_A_RECORD) && window.shows(OPENED_NOTHING));
    assert_eq!(window.screen.unsaved_count(), 1);
}

/// Whether anything was recorded, or opened for it, once the answer is there.
fn opens(window: &mut Window<FollowUp>) -> bool {
    answer(window);
    window.shows(IN_A_RECORD)
}

#[test]
fn whoever_is_about_something_else_by_then_is_left_alone() {
    let begun = || pressed_blind(open(&server(30), AT_100), &the_fourth());
    assert!(opens(&mut begun()));

    let mut window = begun();
    window.types("/");
    assert!(!opens(&mut window), "the search is typed into again");

    let mut window = begun();
    window.key(Named::F5);
    assert!(!opens(&mut window), "asked for again");

    let mut window = begun();
    window.key(Named::Escape);
    assert!(!opens(&mut window), "all are shown");

    let mut window = begun();
    let turned = on_list(work_list::Message::Turned(work_list::Filter::Mine));
    let _ = window.screen.take_in(turned, &window.context);
    assert!(!opens(&mut window), "a filter was clicked");

    let mut window = begun();
    let typed = on_list(work_list::Message::Typed(stage::name(5).0));
    let _ = window.screen.take_in(typed, &window.context);
    assert!(!opens(&mut window), "somebody else is looked for");

    let mut window = begun();
    window.key(Named::F2);
    assert!(!opens(&mut window), "a form is in front");
    window.key(Named::Escape);

    let mut window = begun();
    window.screen.left();
    assert!(!opens(&mut window), "the room was left, or locked");
}

#[test]
fn an_answer_about_somebody_who_was_looked_at_before_takes_nothing_away() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    window.types("36");
    let late = on_opened(opened::Message::Shown(row(7).id, Err(Failure::Unreadable)));
    let _ = window.screen.take_in(late, &window.context);
    assert!(window.shows(&will_record("36")));
}

#[test]
fn somebody_found_of_an_earlier_session_is_not_recorded_for_once_they_are_no_longer_in_front() {
    let script = server(30);
    let mut window = pressed_blind(open(&script, AT_100), &the_fourth());
    window.screen.to_record = Some(row(7).id);
    let whole = Box::new(stage::returnee(7, serde_json::json!([])));
    let late = on_opened(opened::Message::Shown(row(7).id, Ok(whole)));
    let _ = window.screen.take_in(late, &window.context);
    assert!(window.screen.front.is_none());
}
