//! What was typed for a day is thrown away by one key, and brought back by the same.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use shared::follow_up::observation::RecordObservation;
use shared::follow_up::returnee::ShowReturnee;

use super::{open, sent, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::FollowUp;
use crate::screen::stage::Window;

/// A day for which a temperature and a note were typed and thrown away.
fn with_a_note_thrown_away(script: &Script) -> Window<FollowUp> {
    let mut window = open(script, AT_100);
    window.key(Named::Space);
    window.types("366");
    window.key(Named::F7);
    window.types("note");
    window.key(Named::F8);
    window
}

/// Whether Enter saves what was thrown away there.
fn saves_the_note(window: &mut Window<FollowUp>, script: &Script) -> bool {
    window.key(Named::Enter);
    let saved = sent(&script.calls::<RecordObservation>()[0]).findings;
    let temperature = saved.temperature.map(|it| it.to_string());
    let note = saved.note.as_ref().map(|it| it.as_str());
    (temperature.as_deref(), note) == (Some("36.6"), Some("note"))
}

#[test]
fn what_was_typed_is_thrown_away_and_leaves_no_draft() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    assert!(!window.shows("入力を消す F8"));
    window.types("37");
    window.types("+1");
    assert!(window.shows("入力を消す F8"));
    window.key(Named::F8);
    assert_eq!(window.screen.unsaved_count(), 0);
    assert!(window.shows("消した入力を戻す F8"));
    window.key(Named::Escape);
    assert!(!window.shows("… 入力中"));
}

#[test]
fn what_was_thrown_away_is_brought_back_whole() {
    let script = server(3);
    let mut window = with_a_note_thrown_away(&script);
    window.key(Named::F8);
    assert!(saves_the_note(&mut window, &script));
}

#[test]
fn after_throwing_away_the_temperature_is_typed_next() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("399+1");
    window.key(Named::F8);
    window.types("365");
    window.key(Named::Enter);
    let saved = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(saved.temperature.unwrap().to_string(), "36.5");
    assert!(saved.signs().is_empty(), "the cough was thrown away, too");
}

#[test]
fn what_is_thrown_away_of_one_day_is_not_brought_back_to_another() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("366");
    window.key(Named::F8);
    window.chord(Key::Named(Named::ArrowLeft), Modifiers::CTRL);
    assert!(!window.shows("消した入力を戻す F8"));
    window.key(Named::F8);
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn everything_that_was_thrown_away_is_brought_back_the_last_first_then_what_was_before_it() {
    let script = server(3);
    let mut window = with_a_note_thrown_away(&script);
    window.types("37");
    window.key(Named::F8);
    window.key(Named::F8);
    assert!(window.shows("37"), "the last");
    window.key(Named::F8);
    window.key(Named::F8);
    assert!(!window.shows("37"));
    assert!(saves_the_note(&mut window, &script));
}

#[test]
fn throwing_away_what_was_sent_asks_what_became_of_it() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("366");
    script.cut(true);
    window.key(Named::Enter);
    script.cut(false);
    window.key(Named::F4);
    let before = script.calls::<ShowReturnee>().len();
    window.key(Named::F8);
    assert_eq!(script.calls::<ShowReturnee>().len(), before + 1);
    assert_eq!(window.screen.unsaved_count(), 0);
}
