//! A returnee opened, and what is asked about them: driven by keys.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::{Value, json};
use shared::accounts::{Colleagues, ListColleagues};
use shared::follow_up::observation::CloseSign;
use shared::follow_up::returnee::{
    ChangeAssignee, ChangePeriod, ChangeReturnee, EnterReturnee, Returnee, ShowReturnee,
};

use super::pictures::in_every_look;
use super::{come_back, open, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::FollowUp;
use crate::screen::stage::{self, Window, made, observation, returnee};

/// Someone with a fever yesterday that nobody has closed.
pub(super) fn feverish() -> Returnee {
    let mut whole = serde_json::to_value(returnee(
        5,
        json!([
            observation(1, 1, 38.1, "見本 同僚"),
            observation(2, 1, 36.6, "見本 同僚")
        ]),
    ))
    .expect("a returnee serialises");
    whole["signs"] = json!([{
        "id": stage::id(77), "day": stage::today().plus(-1), "causes": ["temperature"],
    }]);
    made(whole)
}

/// A server at which person 0 is [`feverish`].
pub(super) fn one() -> Script {
    server(10)
        .answer::<ShowReturnee>(feverish())
        .answer::<CloseSign>(returnee(5, json!([])))
        .answer::<ChangePeriod>(returnee(5, json!([])))
        .answer::<ChangeAssignee>(returnee(5, json!([])))
        .answer::<ListColleagues>(Colleagues {
            people: vec![
                stage::colleague(1, "見本 保健子"),
                stage::colleague(2, "見本 同僚"),
            ],
        })
}

pub(super) fn body(script: &Script, name: &str) -> Value {
    let calls = match name {
        "sign" => script.calls::<CloseSign>(),
        "period" => script.calls::<ChangePeriod>(),
        "assignee" => script.calls::<ChangeAssignee>(),
        "enter" => script.calls::<EnterReturnee>(),
        _ => script.calls::<ChangeReturnee>(),
    };
    calls
        .last()
        .and_then(|call| call.body.clone())
        .unwrap_or_default()
}

pub(super) fn save(window: &mut Window<FollowUp>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

pub(super) fn send(window: &mut Window<FollowUp>) {
    window.chord(Key::Named(Named::Enter), Modifiers::COMMAND);
}

#[test]
fn enter_opens_the_marked_returnee_and_escape_goes_back() {
    let mut window = open(&one(), AT_100);
    window.key(Named::Enter);
    assert!(window.shows("日ごとの記録"));
    window.key(Named::Escape);
    assert!(window.shows("帰国者フォローアップ"));
}

#[test]
fn the_number_of_whoever_is_opened_is_copied_by_a_key() {
    let mut window = open(&one(), AT_100);
    window.key(Named::Enter);
    assert!(window.shows("電話 090-0000-1234"));
    window.types("c");
    assert_eq!(window.clipped.as_deref(), Some("090-0000-1234"));
    assert!(window.shows("コピーしました"));
}

#[test]
fn a_sign_is_closed_only_with_what_was_done() {
    let script = one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F8);
    send(&mut window);
    assert!(
        script.calls::<CloseSign>().is_empty(),
        "nothing was said yet"
    );
    assert!(window.shows("▲ 1〜2,000文字で入力してください。"));
    window.types("受診済み");
    window.key(Named::Enter);
    window.types("陰性");
    assert!(
        script.calls::<CloseSign>().is_empty(),
        "Enter begins a line"
    );
    send(&mut window);
    assert_eq!(body(&script, "sign"), json!({ "action": "受診済み\n陰性" }));
}

#[test]
fn a_period_is_extended_by_days_with_a_reason() {
    let script = one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F7);
    window.types("+3");
    send(&mut window);
    assert!(
        script.calls::<ChangePeriod>().is_empty(),
        "a reason is missing"
    );
    assert!(window.shows("▲ 1〜2,000文字で入力してください。"));
    window.key(Named::Enter);
    window.types("発熱のため");
    send(&mut window);
    let last_day = feverish().period.last_day.plus(3);
    assert_eq!(
        body(&script, "period"),
        json!({ "version": 1, "last_day": last_day, "reason": "発熱のため" })
    );
}

#[test]
fn a_question_has_the_keys_again_after_coming_back() {
    let script = one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F7);
    come_back(&mut window);
    window.types("+3");
    window.key(Named::Enter);
    window.types("発熱の");
    come_back(&mut window);
    window.types("ため");
    send(&mut window);
    let last_day = feverish().period.last_day.plus(3);
    assert_eq!(
        body(&script, "period"),
        json!({ "version": 1, "last_day": last_day, "reason": "発熱のため" })
    );
}

#[test]
fn an_end_beyond_reason_is_refused_on_the_spot() {
    let script = one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F7);
    window.types("2028/1/1");
    window.key(Named::Tab);
    window.types("誤り");
    send(&mut window);
    assert!(script.calls::<ChangePeriod>().is_empty());
}

#[test]
fn one_key_takes_someone_on_and_one_hands_them_over() {
    let script = one();
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F9);
    window.types("m");
    assert_eq!(
        body(&script, "assignee")["assignee"],
        json!(stage::id(1_000_001))
    );
    window.key(Named::F9);
    window.types("2");
    assert_eq!(
        body(&script, "assignee")["assignee"],
        json!(stage::id(1_000_002))
    );
}

/// Answers a question about the first returnee, and leaves before the server has; the line
/// breaks.
fn leave_while_saving(
    script: &Script,
    window: &mut Window<FollowUp>,
    ask: impl Fn(&mut Window<FollowUp>),
) {
    window.key(Named::Enter);
    window.held = true;
    ask(window);
    script.cut(true);
    for _ in 0..2 {
        window.key(Named::Escape);
    }
    window.held = false;
    window.settle();
    assert!(window.shows("帰国者フォローアップ"), "back at the list");
}

#[test]
fn a_sign_that_could_not_be_closed_after_leaving_is_not_lost() {
    let script = one();
    let mut window = open(&script, AT_100);
    leave_while_saving(&script, &mut window, |window| {
        window.held = false;
        window.key(Named::F8);
        window.types("受診済み");
        window.held = true;
        send(window);
    });
    let name = feverish().details.name.to_string();
    assert!(window.shows(&format!(
        "{name}さんの「対応を終える」を保存できませんでした"
    )));
    assert_eq!(window.screen.unsaved_count(), 1);
    script.cut(false);
    window.key(Named::F4);
    assert!(window.shows("受診済み"), "what was typed is there");
    send(&mut window);
    assert_eq!(body(&script, "sign"), json!({ "action": "受診済み" }));
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn an_assignee_who_could_not_be_saved_after_leaving_is_tried_again() {
    let script = one();
    let mut window = open(&script, AT_100);
    leave_while_saving(&script, &mut window, |window| {
        window.held = false;
        window.key(Named::F9);
        window.held = true;
        window.types("2");
    });
    let name = feverish().details.name.to_string();
    assert!(window.shows(&format!("{name}さんの担当を保存できませんでした")));
    script.cut(false);
    window.key(Named::F4);
    window.click("もう一度保存する");
    assert_eq!(
        body(&script, "assignee")["assignee"],
        json!(stage::id(1_000_002))
    );
    assert!(!window.shows("保存できませんでした"));
}

#[test]
fn what_was_typed_for_a_question_is_there_when_it_is_asked_again() {
    let mut window = open(&one(), AT_100);
    window.key(Named::Enter);
    window.key(Named::F7);
    window.types("+3");
    window.key(Named::Escape);
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Enter);
    window.key(Named::F7);
    assert!(window.shows("+3"));
}

#[test]
fn an_answer_about_someone_else_stays_off_the_desk() {
    use crate::screen::follow_up::{on_opened, opened::Message};
    let mut window = open(&one(), AT_100);
    window.key(Named::Enter);
    let (id, other) = (stage::row(9).id, returnee(9, json!([])));
    let key = window.context.api.key();
    for late in [
        Message::Shown(id, Ok(Box::new(other.clone()))),
        Message::Saved(id, key, Ok(Box::new(other.clone()))),
    ] {
        let task = window.screen.update(on_opened(late), &window.context);
        drop(task);
        assert!(window.shows(feverish().details.name.as_str()));
        assert!(!window.shows(other.details.name.as_str()));
    }
}

#[test]
fn a_returnee_and_what_is_asked_about_them_have_their_pictures() {
    in_every_look(|tag, size| {
        let look = |window: &mut Window<FollowUp>, name: &str| {
            window.looks_as_kept(&format!("follow-up-{name}-{tag}"));
        };
        let script = one();
        let mut window = open(&script, size);
        window.held = true;
        window.key(Named::Enter);
        look(&mut window, "returnee-loading");
        window.held = false;
        window.settle();
        look(&mut window, "returnee");
        window.key(Named::F8);
        send(&mut window);
        look(&mut window, "sign");
        window.key(Named::Escape);
        window.key(Named::F7);
        look(&mut window, "period");
        window.types("+3");
        script.cut(true);
        window.key(Named::Enter);
        window.types("発熱のため");
        send(&mut window);
        look(&mut window, "period-failed");
        script.cut(false);
        window.key(Named::Escape);
        window.key(Named::F9);
        look(&mut window, "assign");
        let script = server(3);
        let mut window = open(&script, size);
        script.cut(true);
        window.key(Named::Enter);
        look(&mut window, "returnee-error");
    });
}

#[test]
fn an_input_method_composes_in_every_field() {
    let script = one();
    let asked = || script.asked();
    let mut window = open(&script, AT_100);
    assert_eq!(window.composes_in_every_field(asked), 1, "the search");
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F3);
    assert_eq!(window.composes_in_every_field(asked), 15, "the form");
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    window.key(Named::F8);
    assert_eq!(window.composes_in_every_field(asked), 1, "what was done");
    window.key(Named::Escape);
    window.key(Named::F7);
    assert_eq!(window.composes_in_every_field(asked), 2, "day and reason");
    window.key(Named::Escape);
    window.key(Named::Space);
    assert_eq!(
        window.composes_in_every_field(asked),
        2,
        "temperature and note"
    );
    window.types("+7");
    assert_eq!(
        window.composes_in_every_field(asked),
        3,
        "the other symptom too"
    );
}

#[test]
fn nobody_assigned_is_said_once() {
    let mut nobodys = returnee(1, json!([]));
    nobodys.assignee = None;
    let script = server(3).answer::<ShowReturnee>(nobodys);
    let mut window = open(&script, AT_100);
    window.key(Named::Enter);
    assert!(window.shows("担当なし"));
    assert!(!window.shows("担当 担当なし"));
}
