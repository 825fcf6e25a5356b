//! Someone entered or corrected in the form: driven by keys.

use iced::keyboard::key::Named;
use serde_json::json;
use shared::follow_up::returnee::{ChangeReturnee, EnterReturnee};
use shared::follow_up::work_list::ListReturnees;
use shared::{Problem, ProblemCode};

use super::pictures::in_every_look;
use super::returnees::{body, feverish, one, save, send};
use super::{open, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::follow_up::form::{self, Field};
use crate::screen::follow_up::{Action, FollowUp, on_form};
use crate::screen::stage::{self, Window, made, returnee};

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
    assert!(window.shows("2026/11/17（令和8年11月17日）。フォローアップは 11/18〜12/1"));
    let listed = script.calls::<ListReturnees>().len();
    save(&mut window);
    assert_eq!(
        body(&script, "enter"),
        json!({
            "details": { "name": "髙﨑 ｶｵﾙ", "entry_date": "2026-11-17", "phone": "090-0000-1234" },
            "although_alike": false,
        })
    );
    assert!(script.calls::<ListReturnees>().len() > listed);
    assert!(window.shows("日ごとの記録"));
}

#[test]
fn whoever_is_entered_after_their_fourteen_days_is_pointed_out_with_the_year() {
    let over = "入国日が 2025/12/01（令和7年12月1日）だと、フォローアップは 2025/12/15（令和7年12月15日）に終わっています";
    let mut window = open(&server(3), AT_100);
    window.key(Named::F2);
    window.types("見本 花子");
    window.click("1117、R8.11.17、昨日");
    // The first of December that was; the one to come cannot be meant.
    window.types("1201");
    assert!(window.shows(over));
    window.looks_as_kept("follow-up-form-over");
    for _ in 0..4 {
        window.key(Named::Backspace);
    }
    window.types("1117");
    assert!(!window.shows(over) && window.shows("見本 花子"));
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
    assert!(window.shows("この機関で扱える保健所に、当てはまるものがありません"));
    window.key(Named::Tab);
    assert!(window.shows("▲ 管轄保健所のコードが、この機関で扱える保健所のものではありません。"));
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
