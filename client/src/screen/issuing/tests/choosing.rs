//! Choosing all that the filters show.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::*;

/// Nobody is chosen.
const ALL: &str = "対象: 全国・すべての種類・すべて";

const TOO_MANY: &str = "一度に選べるのは 5,000 機関までです。管内や種類、状態で絞り込んでください。何も選んでいません。";

/// As [`server`], but with this many offices.
fn country(offices: u32) -> Script {
    server(Vec::new(), Vec::new()).reply::<ListEnrolments>(move |call| {
        let from = query(call, "after").map_or(0, |after| after.parse().unwrap());
        let limit: u32 = query(call, "limit").unwrap().parse().unwrap();
        let to = offices.min(from + limit);
        let rows: Vec<Value> = (from..to).map(enrolment).collect();
        let next = (to < offices).then(|| to.to_string());
        Ok(made(json!({ "rows": rows, "next": next })))
    })
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
        let from = query(call, "after").map_or(0, |after| after.parse().unwrap());
        if count.fetch_add(1, SeqCst) == 1 {
            return Err(Problem::new(ProblemCode::StoreUnavailable));
        }
        let to = 250.min(from + 100);
        let rows: Vec<Value> = (from..to).map(enrolment).collect();
        let next = (to < 250).then(|| to.to_string());
        Ok(made(json!({ "rows": rows, "next": next })))
    });
    let mut window = open(&script, AT_100);
    window.types("a");
    assert_eq!(asked.load(SeqCst), 2);
    assert!(window.shows(ALL));
    assert!(!window.shows("すべて選んでいます…（100 機関を確認。Escで中止）"));
}
