//! A returnee opened, entered, corrected: driven by keys.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use serde_json::{Value, json};
use shared::accounts::{Colleagues, ListColleagues};
use shared::follow_up::observation::CloseSign;
use shared::follow_up::returnee::{
    ChangeAssignee, ChangePeriod, ChangeReturnee, EnterReturnee, Returnee, ShowReturnee,
};
use shared::follow_up::work_list::ListReturnees;
use shared::{Problem, ProblemCode};

use super::pictures::in_every_look;
use super::{open, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::form::{self, Field};
use crate::screen::follow_up::{Action, FollowUp, on_form};
use crate::screen::stage::{self, Window, made, observation, returnee};

/// Someone with a fever yesterday that nobody has closed.
fn feverish() -> Returnee {
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

fn body(script: &Script, name: &str) -> Value {
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

fn save(window: &mut Window<FollowUp>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

fn send(window: &mut Window<FollowUp>) {
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

/// Types a new returnee's name and day of entry.
fn enter_someone(window: &mut Window<FollowUp>) {
    window.key(Named::F2);
    window.types("髙﨑 ｶｵﾙ");
    let jump = |window: &mut Window<FollowUp>, field: Field| {
        let task = window
            .screen
            .update(on_form(form::Message::JumpPressed(field)), &window.context);
        if let Action::Run(task) = task {
            window.runs(task);
        }
    };
    jump(window, Field::EntryDate);
    window.types("1117");
    jump(window, Field::Phone);
    window.types("０９０ー００００ー１２３４");
    window.key(Named::Tab);
}

#[test]
fn a_new_returnee_is_entered_and_the_list_shows_them() {
    let script = server(3).answer::<EnterReturnee>(returnee(5, json!([])));
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    assert!(window.shows("「０９０ー００００ー１２３４」の形を整えました"));
    assert!(window.shows("2026/11/17（令和8年11月17日）。フォローは 11/18〜12/1"));
    let listed = script.calls::<ListReturnees>().len();
    save(&mut window);
    assert_eq!(
        body(&script, "enter"),
        json!({
            "details": { "name": "髙﨑 ｶｵﾙ", "entry_date": "2026-11-17", "phone": "09000001234" },
            "although_alike": false,
        })
    );
    assert!(script.calls::<ListReturnees>().len() > listed);
    assert!(window.shows("日ごとの記録"));
}

#[test]
fn a_health_centre_is_chosen_by_typing_part_of_its_name() {
    let script = server(3).answer::<EnterReturnee>(returnee(5, json!([])));
    let mut window = open(&script, AT_100);
    window.key(Named::F2);
    window.types("見本 花子");
    window.click("1117、R8.11.17、昨日");
    window.types("1117");
    window.click("名称かコードの一部");
    window.types("見本");
    assert!(window.shows("131016-2  見本保健所 例町分室"));
    window.key(Named::ArrowDown);
    window.key(Named::Enter);
    assert!(window.shows("見本保健所 例町分室"), "named below its code");
    window.click("131016-2");
    send(&mut window);
    assert_eq!(
        body(&script, "enter")["details"]["health_centre"],
        "131016-2"
    );
}

#[test]
fn a_health_centre_that_nobody_may_choose_is_refused_as_the_field_is_left() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::F2);
    window.click("名称かコードの一部");
    window.types("どこか");
    assert!(window.shows("この事務所で扱える保健所に、当てはまるものがありません"));
    window.key(Named::Tab);
    assert!(window.shows("▲ 管轄保健所のコードが、この事務所で扱える保健所のものではありません。"));
}

#[test]
fn a_wrong_form_names_every_field_and_sends_nothing() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::F2);
    window.click("hanako@example.jp");
    window.types("hanako");
    save(&mut window);
    assert!(window.shows("直すところが 3 か所あります"));
    assert!(script.calls::<EnterReturnee>().is_empty());
    window.click("→ メールアドレス");
    window.types("@example.jp");
    assert!(
        window.shows("hanako@example.jp"),
        "the jump put the keys into the field"
    );
}

/// A server that knows someone very like whoever is entered.
fn alike() -> Script {
    let alike = json!({
        "id": stage::id(9), "name": "高崎 カオル", "birth_date": "1980-02-29",
        "entry_date": "2026-11-16",
    });
    server(3).reply::<EnterReturnee>(move |call| {
        let although = call.body.as_ref().map(|body| &body["although_alike"]);
        if although == Some(&json!(true)) {
            return Ok(returnee(5, json!([])));
        }
        Err(Problem::new(ProblemCode::Alike).with_current(alike.clone()))
    })
}

#[test]
fn someone_alike_is_shown_beside_and_can_be_entered_all_the_same() {
    let script = alike();
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    save(&mut window);
    assert!(window.shows("高崎 カオル") && window.shows("髙﨑 ｶｵﾙ"));
    window.key(Named::F8);
    assert_eq!(body(&script, "enter")["although_alike"], true);
}

#[test]
fn a_form_left_half_typed_is_there_again() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::F2);
    window.types("見本 半ば");
    window.key(Named::Escape);
    assert!(!window.shows("見本 半ば"));
    window.key(Named::F2);
    assert!(window.shows("見本 半ば"));
}

/// A server at which a colleague corrects the same returnee first.
fn corrected_meanwhile() -> Script {
    one().reply::<ChangeReturnee>(|call| {
        let body = call.body.clone().expect("a body");
        let mut present = serde_json::to_value(feverish()).expect("a returnee serialises");
        present["version"] = 2.into();
        present["details"]["remarks"] = "同僚の備考".into();
        present["details"]["phone"] = "09000009999".into();
        present["changed_by"] = json!({ "id": stage::id(1_000_002), "name": "見本 同僚" });
        if body["version"] == 2 {
            return Ok(made(present));
        }
        Err(Problem::new(ProblemCode::VersionClash).with_current(present))
    })
}

/// Corrects the remarks and saves.
fn correct(window: &mut Window<FollowUp>) {
    window.key(Named::Enter);
    window.key(Named::F3);
    let jump = on_form(form::Message::JumpPressed(Field::Remarks));
    if let Action::Run(task) = window.screen.update(jump, &window.context) {
        window.runs(task);
    }
    window.types("私の備考");
    save(window);
}

#[test]
fn leaving_the_comparison_overwrites_nobody() {
    let script = corrected_meanwhile();
    let mut window = open(&script, AT_100);
    correct(&mut window);
    window.key(Named::Escape);
    assert!(!window.shows("同僚の備考"), "back on the form");
    save(&mut window);
    assert_eq!(body(&script, "change")["version"], 1);
    assert!(window.shows("同僚の備考"), "compared once more");
}

#[test]
fn a_correction_that_clashes_keeps_both_and_sends_what_was_chosen() {
    let script = corrected_meanwhile();
    let mut window = open(&script, AT_100);
    correct(&mut window);
    assert!(window.shows("私の備考") && window.shows("同僚の備考"));
    window.key(Named::ArrowLeft);
    window.key(Named::Enter);
    let sent = body(&script, "change");
    assert_eq!(sent["version"], 2);
    assert_eq!(
        sent["details"]["remarks"], "私の備考",
        "both changed it: mine, as chosen"
    );
    assert_eq!(
        sent["details"]["phone"], "09000009999",
        "only they changed it"
    );
}

#[test]
fn a_repeat_after_a_cut_line_carries_the_same_key() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    // The server has no answer for this call: it arrives, and the line breaks.
    save(&mut window);
    save(&mut window);
    let keys: Vec<_> = script
        .calls::<EnterReturnee>()
        .iter()
        .map(|call| call.key)
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_correction_after_a_lost_answer_enters_nobody_twice() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    save(&mut window);
    let remarks = form::Message::Typed(form::Field::Remarks, "備考".into());
    drop(window.screen.update(on_form(remarks), &window.context));
    save(&mut window);
    let _ = script
        .clone()
        .answer::<EnterReturnee>(returnee(5, json!([])))
        .answer::<ChangeReturnee>(returnee(5, json!([])));
    save(&mut window);
    let entered = script.calls::<EnterReturnee>();
    assert_eq!(entered.len(), 3);
    for again in &entered[1..] {
        assert_eq!((again.key, &again.body), (entered[0].key, &entered[0].body));
    }
    assert_eq!(body(&script, "change")["details"]["remarks"], "備考");
}

#[test]
fn a_form_left_while_it_is_saved_is_done_when_the_answer_comes() {
    let script = server(3).answer::<EnterReturnee>(returnee(5, json!([])));
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    window.held = true;
    save(&mut window);
    window.key(Named::Escape);
    window.held = false;
    window.settle();
    assert_eq!(script.calls::<EnterReturnee>().len(), 1);
    window.key(Named::F2);
    assert!(!window.shows("髙﨑 ｶｵﾙ"), "the next one begins blank");
}

#[test]
fn a_form_left_while_it_is_saved_comes_back_if_it_could_not_be() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    enter_someone(&mut window);
    window.held = true;
    save(&mut window);
    window.key(Named::Escape);
    window.held = false;
    window.settle();
    assert!(window.shows("髙﨑 ｶｵﾙさんの登録内容を保存できませんでした"));
    window.key(Named::F4);
    save(&mut window);
    assert_eq!(script.calls::<EnterReturnee>().len(), 2);
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
fn every_state_of_the_form_has_its_picture() {
    in_every_look(|tag, size| {
        let look = |window: &mut Window<FollowUp>, name: &str| {
            window.looks_as_kept(&format!("follow-up-form-{name}-{tag}"));
        };
        let mut window = open(&one(), size);
        window.key(Named::F2);
        look(&mut window, "blank");
        save(&mut window);
        look(&mut window, "wrong");
        let jump = on_form(form::Message::JumpPressed(Field::HealthCentre));
        if let Action::Run(task) = window.screen.update(jump, &window.context) {
            window.runs(task);
        }
        window.types("見本");
        look(&mut window, "centre");
        let mut window = open(&one(), size);
        window.key(Named::Enter);
        window.key(Named::F3);
        look(&mut window, "filled");
        let script = one();
        let mut window = open(&script, size);
        window.key(Named::Enter);
        window.key(Named::F3);
        script.cut(true);
        save(&mut window);
        look(&mut window, "failed");
        let mut window = open(&alike(), size);
        enter_someone(&mut window);
        save(&mut window);
        look(&mut window, "alike");
        let mut window = open(&corrected_meanwhile(), size);
        correct(&mut window);
        look(&mut window, "clash");
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
