//! What is asked before a job begins, and an answer that is lost.

use shared::enrolment::deeds::{Identification, ReissueCause};

use super::super::words;
use super::*;

#[test]
fn a_reissue_without_its_cause_does_not_go_on() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F4);
    window.types("見本");
    confirm(&mut window);
    assert!(script.calls::<CheckJob>().is_empty());
    assert!(window.shows("まだ答えていない項目があります。すべて答えてから進んでください。"));
}

#[test]
fn enter_in_the_reason_goes_on_once_everything_is_answered_and_begins_nothing() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    window.types("見本の理由");
    window.key(Named::Enter);
    assert!(window.shows("まだ答えていない項目があります。すべて答えてから進んでください。"));
    window.key(Named::Tab);
    window.key(Named::Space);
    window.chord(Key::Named(Named::Tab), Modifiers::SHIFT);
    window.key(Named::Enter);
    assert_eq!(script.calls::<CheckJob>().len(), 1);
    window.key(Named::Enter);
    assert!(script.calls::<BeginJob>().is_empty());
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    script.cut(true);
    confirm(&mut window);
    assert!(script.calls::<BeginJob>().is_empty());
    script.cut(false);
    let broken = script
        .clone()
        .refuse::<BeginJob>(Problem::new(ProblemCode::StoreUnavailable))
        .refuse::<ShowJob>(Problem::new(ProblemCode::NotFound));
    confirm(&mut window);
    confirm(&mut window);
    let calls = broken.calls::<BeginJob>();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].key, calls[1].key);
}

#[test]
fn a_typed_reason_is_not_dropped_unasked() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    window.types("見本の理由");
    window.key(Named::Escape);
    assert!(window.shows("まだ始めていません"));
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Escape);
    assert!(window.shows("依頼者の確認方法"));
    window.key(Named::Escape);
    window.click("捨てて戻る");
    assert!(!window.shows("依頼者の確認方法"));
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn a_job_that_began_although_its_answer_was_lost_is_shown() {
    let script = server(vec![job(1, 1, "running", 12)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    script.lose::<BeginJob>();
    confirm(&mut window);
    assert_eq!(script.calls::<BeginJob>().len(), 1);
    assert!(window.shows("12 / 40"));
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn what_is_changed_after_a_job_that_did_not_arrive_is_another_job() {
    let script =
        server(Vec::new(), Vec::new()).refuse::<ShowJob>(Problem::new(ProblemCode::NotFound));
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    script.lose::<BeginJob>();
    confirm(&mut window);
    window.key(Named::Escape);
    window.types("二回目");
    confirm(&mut window);
    confirm(&mut window);
    let calls = script.calls::<BeginJob>();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].key, calls[1].key);
    assert_ne!(body(&calls[0])["id"], body(&calls[1])["id"]);
}

#[test]
fn nothing_is_changed_before_it_is_known_whether_a_job_began() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    script.cut(true);
    confirm(&mut window);
    window.key(Named::Escape);
    assert!(window.shows("始まったかどうか、まだ分かりません"));
    assert!(!window.shows("依頼者の確認方法"));
}

#[test]
fn what_replaces_or_kills_is_for_the_marked_row_and_never_for_all_that_is_shown() {
    for key in [Named::F4, Named::F9] {
        let script = server(Vec::new(), Vec::new());
        let mut window = open(&script, AT_100);
        window.key(Named::ArrowDown);
        window.key(key);
        window.types("見本の理由");
        if key == Named::F4 {
            window.click(&words::cause(ReissueCause::Broken));
        }
        window.click(&words::identification(Identification::CalledBack));
        confirm(&mut window);
        let selection = body(&script.calls::<CheckJob>()[0])["selection"].clone();
        let marked = json!({ "by": "offices", "offices": ["990001"] });
        assert_eq!(selection, marked, "{key:?}");
        assert!(window.shows("見本1保健所"));
    }
    // Links are issued to all that is shown, as they always were.
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F3);
    answer(&mut window);
    confirm(&mut window);
    let selection = body(&script.calls::<CheckJob>()[0])["selection"].clone();
    assert_eq!(selection["by"], "state");
}

#[test]
fn whoever_shuts_their_own_office_out_is_told_so_first() {
    const HERE: &str = "この端末の機関が含まれています。この画面も使えなくなります。";
    for (own, is_told) in [("990000", true), ("990001", false)] {
        let script = server(Vec::new(), Vec::new());
        let mut window = open(&script, AT_100);
        window.context.office.code = own.parse().unwrap();
        window.key(Named::F9);
        answer(&mut window);
        confirm(&mut window);
        assert!(script.calls::<BeginJob>().is_empty());
        assert_eq!(window.shows(HERE), is_told, "{own}");
    }
}
