//! Choosing all that the filters show.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::*;

/// Nobody is chosen.
const ALL: &str = "対象: 全国・すべての種類・すべて";

const TOO_MANY: &str = "一度に選べるのは 5,000 機関までです。管内や種類、状態で絞り込んでください。選択は変わっていません。";

/// As [`server`], but with this many offices.
fn country(offices: u32) -> Script {
    server(Vec::new(), Vec::new())
        .reply::<ListEnrolments>(move |call| Ok(made(page_of(call, offices))))
}

#[test]
fn all_that_is_shown_is_chosen_by_name_and_one_can_be_left_out() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.types("a");
    assert!(window.shows("対象: 選んだ 250 機関（見本0保健所 ほか）"));
    window.key(Named::ArrowDown);
    window.key(Named::Space);
    window.key(Named::F9);
    answer(&mut window);
    confirm(&mut window);
    let selection = body(&script.calls::<CheckJob>()[0])["selection"].clone();
    assert_eq!(selection["by"], "offices");
    let offices = selection["offices"].as_array().unwrap();
    assert_eq!(offices.len(), 249);
    assert!(!offices.contains(&json!("990001")));
}

#[test]
fn all_that_is_shown_leaves_out_the_office_of_whoever_chooses() {
    let script = server(Vec::new(), Vec::new());
    let context = Context {
        office: made(office(3)),
        ..helpdesk(&script)
    };
    let mut window = Window::open(Issuing::new(&context), context, AT_100);
    window.types("a");
    assert!(window.shows("対象: 選んだ 249 機関（見本0保健所 ほか）"));
}

#[test]
fn more_than_a_job_can_name_are_not_chosen() {
    let script = country(5_001);
    let mut window = open(&script, AT_100);
    window.types("a");
    assert!(window.shows(TOO_MANY));
    assert!(window.shows(ALL));
    window.key(Named::Escape);
    assert!(!window.shows(TOO_MANY));
    let mut window = open(&country(5_000), AT_100);
    window.types("a");
    assert!(window.shows("対象: 選んだ 5,000 機関（見本0保健所 ほか）"));
}

#[test]
fn a_line_that_is_cut_while_all_are_chosen_chooses_none() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let script = server(Vec::new(), Vec::new()).reply::<ListEnrolments>(move |call| {
        match count.fetch_add(1, SeqCst) {
            1 => Err(Problem::new(ProblemCode::StoreUnavailable)),
            _ => Ok(made(page_of(call, 250))),
        }
    });
    let mut window = open(&script, AT_100);
    window.types("a");
    assert_eq!(asked.load(SeqCst), 2);
    assert!(window.shows(ALL));
    assert!(!window.shows("すべて選んでいます…（100 機関を確認。Escで中止）"));
}

#[test]
fn nobody_is_pointed_at_while_all_are_being_chosen() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.held = true;
    window.types("a");
    assert!(window.shows("すべて選んでいます…（100 機関を確認。Escで中止）"));
    window.key(Named::ArrowDown);
    window.key(Named::Space);
    window.key(Named::F9);
    assert!(!window.shows("依頼者の確認方法"), "all were meant");
    window.held = false;
    window.settle();
    assert!(window.shows("対象: 選んだ 250 機関（見本0保健所 ほか）"));
    window.key(Named::Space);
    assert!(window.shows("対象: 選んだ 249 機関（見本0保健所 ほか）"));
}

#[test]
fn choosing_all_goes_on_over_a_reload_and_ends_with_esc() {
    let mut window = open(&server(Vec::new(), Vec::new()), AT_100);
    window.held = true;
    window.types("a");
    window.key(Named::F5);
    window.held = false;
    window.settle();
    assert!(window.shows("対象: 選んだ 250 機関（見本0保健所 ほか）"));
    window.key(Named::Escape);
    window.key(Named::F5);
    window.held = true;
    window.types("a");
    window.key(Named::Escape);
    window.held = false;
    window.settle();
    assert!(window.shows(ALL));
}

#[test]
fn what_was_chosen_before_stays_when_all_are_too_many() {
    let mut window = open(&country(5_001), AT_100);
    window.key(Named::Space);
    window.types("a");
    assert!(window.shows(TOO_MANY));
    assert!(window.shows("対象: 見本0保健所"));
}
