//! What waits for a second person, where the helpdesk works.

use iced::Task;

use super::super::waiting;
use super::*;
use crate::screen::Lead;
use crate::screen::stage::{Staged, id};

/// A request by the colleague with this number.
fn job(number: u32, by: u32) -> Value {
    json!({
        "id": id(number), "version": 1, "kind": "revoke", "identified": "official-letter",
        "reason": "見本の理由", "state": "waiting", "offices": 12, "done": 0,
        "asked_by": stage::colleague(by, "見本 受付"), "asked_at": stage::NOON,
        "decide_by": "2026-11-21T03:00:00Z",
    })
}

fn with(script: Script, jobs: Vec<Value>, approvals: Vec<Value>) -> Script {
    script
        .answer::<ListJobs>(made(json!({ "rows": jobs })))
        .answer::<ListApprovals>(made(json!({ "rows": approvals })))
}

/// The desk at this server, and where it leads.
fn staged(script: &Script) -> Window<Staged<Desk>> {
    let mut context = stage::context(script);
    context.role = shared::accounts::Role::Helpdesk;
    Staged::open(context, AT_100)
}

pub(super) fn approval() -> Value {
    json!({
        "id": id(500), "version": 1, "deed": "rollover-begin", "about": "root 3f2a90c1",
        "reason": "見本の理由", "state": "waiting", "asked_at": stage::NOON,
        "ends_at": "2026-11-21T03:00:00Z",
    })
}

/// A server at which two requests wait, and one of the operator's.
pub(super) fn busy(page: Enrolment) -> Script {
    with(server(page), vec![job(7, 2), job(6, 1)], vec![approval()])
}

/// A page of an office for which one of them is.
pub(super) fn asked_for() -> Enrolment {
    let mut page = enrolled();
    page.waiting = vec![made(job(7, 2))];
    page
}

#[test]
fn what_waits_is_seen_before_anything_is_typed_and_one_key_leads_to_it() {
    let script = with(server(enrolled()), vec![job(7, 2)], Vec::new());
    let mut window = staged(&script);
    window.settle();
    assert!(window.shows("2人目の承認を待っている依頼が 1 件あります"));
    assert!(window.shows("証明書の失効（12 機関）　依頼者 見本 受付　期限 2026/11/21 12:00"));
    for call in script.calls::<ListJobs>() {
        assert!(call.path.contains("state=waiting"), "{}", call.path);
    }
    window.key(Named::F11);
    let seventh = Lead::Waiting(Some(id(7).parse().expect("an id")));
    assert_eq!(window.screen.leads, [seventh]);
    // Whoever looks for an office looks for that.
    window.types("見本");
    assert!(!window.shows("2人目の承認を待っている依頼が 1 件あります"));
}

#[test]
fn of_several_the_key_leads_to_the_list() {
    let rows = |rows: Vec<Value>| json!({ "rows": rows });
    let first_of_more = json!({ "rows": [job(7, 2)], "next": "1.2" });
    let several = [
        ("2", rows(vec![job(7, 2), job(6, 1)]), Vec::new()),
        ("2", rows(vec![job(7, 2)]), vec![approval()]),
        ("1+", first_of_more, Vec::new()),
    ];
    for (count, jobs, approvals) in several {
        let script = server(enrolled())
            .answer::<ListJobs>(made(jobs))
            .answer::<ListApprovals>(made(rows(approvals)));
        let mut window = staged(&script);
        window.settle();
        let title = format!("2人目の承認を待っている依頼が {count} 件あります");
        assert!(window.shows(&title), "{count}");
        window.key(Named::F11);
        assert_eq!(window.screen.leads, [Lead::Waiting(None)], "{count}");
    }
}

#[test]
fn of_more_than_a_page_of_either_kind_the_count_says_so() {
    let page = |rows: Value, is_last: bool| match is_last {
        true => json!({ "rows": rows }),
        false => json!({ "rows": rows, "next": "1.2" }),
    };
    for (all_jobs, all_approvals, count) in
        [(true, true, "2"), (false, true, "2+"), (true, false, "2+")]
    {
        let script = server(enrolled())
            .answer::<ListJobs>(made(page(json!([job(7, 2)]), all_jobs)))
            .answer::<ListApprovals>(made(page(json!([approval()]), all_approvals)));
        let mut window = staged(&script);
        window.settle();
        let title = format!("2人目の承認を待っている依頼が {count} 件あります");
        assert!(window.shows(&title), "{count}");
    }
}

#[test]
fn ones_own_request_and_the_operators_are_told_as_such() {
    let own =
        "証明書の失効（12 機関）　あなたの依頼です。別の担当者が承認します　期限 2026/11/21 12:00";
    let script = with(server(enrolled()), vec![job(6, 1)], Vec::new());
    let mut window = staged(&script);
    window.settle();
    assert!(window.shows(own));
    let script = with(server(enrolled()), Vec::new(), vec![approval()]);
    let mut window = staged(&script);
    window.settle();
    assert!(window.shows("サーバーの運用担当者の操作　root 3f2a90c1　期限 2026/11/21 12:00"));
    window.key(Named::F11);
    assert_eq!(window.screen.leads, [Lead::Waiting(None)]);
}

#[test]
fn what_comes_in_while_somebody_looks_is_seen_within_half_a_minute() {
    let mut rows: Vec<Value> = Vec::new();
    let script = server(enrolled()).reply::<ListJobs>(move |_| {
        let answer = made(json!({ "rows": rows }));
        rows = vec![job(7, 2)];
        Ok(answer)
    });
    let mut window = staged(&script);
    window.settle();
    assert!(!window.shows("2人目の承認を待っている依頼が 1 件あります"));
    for _ in 0..30 {
        let task = window.screen.screen.ticked(&window.context);
        window.runs(task);
    }
    assert!(window.shows("2人目の承認を待っている依頼が 1 件あります"));
    assert_eq!(script.calls::<ListJobs>().len(), 2);
}

#[test]
fn a_question_that_takes_long_is_waited_for_and_not_asked_again() {
    let script = with(server(enrolled()), vec![job(7, 2)], Vec::new());
    let mut context = stage::context(&script);
    context.role = shared::accounts::Role::Helpdesk;
    // What it asks for at first is on its way, for a minute and longer.
    let (screen, asked) = Desk::new(&context);
    let leads = Vec::new();
    let mut window = Window::open((Staged { screen, leads }, Task::none()), context, AT_100);
    for _ in 0..90 {
        let _ = window.screen.screen.ticked(&window.context);
    }
    window.runs(asked);
    assert!(window.shows("2人目の承認を待っている依頼が 1 件あります"));
    assert_eq!(script.calls::<ListJobs>().len(), 1);
}

#[test]
fn an_answer_to_what_was_asked_before_is_dropped() {
    let mut window = staged(&server(enrolled()));
    window.settle();
    let late = waiting::Message::Came {
        turn: 0,
        jobs: Ok(made(json!({ "rows": [job(7, 2)] }))),
        approvals: Ok(made(json!({ "rows": [approval()] }))),
    };
    let screen = &mut window.screen.screen;
    let _ = screen.update(Message::Waiting(late), &window.context);
    assert!(!window.shows("2人目の承認を待っている依頼が 2 件あります"));
}

#[test]
fn an_offices_page_tells_of_the_request_for_it_and_leads_there() {
    let script = busy(asked_for());
    let mut window = staged(&script);
    window.types("990000-04");
    window.key(Named::Enter);
    assert!(window.shows("この機関についての依頼が、2人目の承認を待っています"));
    assert!(window.shows("証明書の失効（12 機関）　依頼者 見本 受付　期限 2026/11/21 12:00"));
    window.key(Named::F11);
    let seventh = Lead::Waiting(Some(id(7).parse().expect("an id")));
    assert_eq!(window.screen.leads, [seventh]);
}

#[test]
fn where_nothing_waits_the_key_does_nothing() {
    let mut window = staged(&server(enrolled()));
    window.key(Named::F11);
    window.types("990000-04");
    window.key(Named::Enter);
    assert!(!window.shows("この機関についての依頼が、2人目の承認を待っています"));
    window.key(Named::F11);
    assert_eq!(window.screen.leads, []);
}
