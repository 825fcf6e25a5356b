//! Lists without rows: why, and the way on.

use super::*;

#[test]
fn the_list_has_the_keys_again_after_a_filter_that_nothing_fits() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    let none = script
        .clone()
        .answer::<ListEnrolments>(made(json!({ "rows": [] })));
    window.types("3");
    assert!(window.shows("この条件に合う機関はありません"));
    let rows: Vec<Value> = (0..9).map(enrolment).collect();
    let _ = none.answer::<ListEnrolments>(made(json!({ "rows": rows })));
    window.key(Named::Escape);
    assert!(window.keys_are_at(super::super::offices::LIST));
    window.key(Named::End);
    window.key(Named::Enter);
    let calls = script.calls::<ListEnrolments>();
    let under = query(calls.last().unwrap(), "under");
    assert_eq!(under.as_deref(), Some("990008"), "the last of them");
}

#[test]
fn what_did_not_come_is_said_where_it_would_stand_and_asked_for_again_from_there() {
    let script = server(vec![job(1, 1, "done", 40)], Vec::new());
    let again = crate::say!("issuing.again");
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    script.cut(true);
    window.key(Named::Enter);
    assert!(window.shows(&again), "the results");
    script.cut(false);
    window.click(&again);
    assert!(!window.shows(&again) && window.shows("見本1保健所　990001"));
    script.cut(true);
    let mut window = open(&script, AT_100);
    for place in [Named::F7, Named::F7] {
        assert!(window.shows(&again) && window.shows("サーバーに接続できません"));
        assert!(!window.shows("この条件に合う機関はありません"));
        assert!(!window.shows("一括処理はまだありません"));
        window.key(place);
    }
    script.cut(false);
    window.click(&again);
    assert!(!window.shows(&again) && window.shows("見本1保健所　990001"));
    window.key(Named::F7);
    window.click(&again);
    assert!(!window.shows(&again) && window.shows("40 / 40"));
}

#[test]
fn results_that_nothing_fits_say_how_to_see_the_others() {
    let script = server(vec![job(1, 1, "done", 40)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    let _ = script
        .clone()
        .answer::<ListJobResults>(made(json!({ "rows": [] })));
    window.click("失効させました");
    assert!(window.shows("この結果の機関はありません"));
    assert!(window.shows("ほかの結果を選ぶか、すべてを表示してください。"));
}
