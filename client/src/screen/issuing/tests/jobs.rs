//! Jobs and approvals: what moves by itself, who decides, and what is marked.

use super::*;

#[test]
fn a_running_job_moves_by_itself_and_what_rests_is_asked_for_seldom() {
    let script = server(vec![job(1, 1, "done", 40)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    let before = script.asked();
    for _ in 0..3 {
        tick(&mut window);
    }
    assert_eq!(script.asked(), before);
    for _ in 0..2 {
        tick(&mut window);
    }
    assert_eq!(script.asked(), before + 2, "what waits, and the jobs");
    let mut done = 10;
    let script = server(vec![job(1, 1, "running", 10)], Vec::new()).reply::<ShowJob>(move |_| {
        done += 10;
        let state = if done < 40 { "running" } else { "done" };
        Ok(made(job(1, 1, state, done)))
    });
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    assert!(window.shows("10 / 40"));
    tick(&mut window);
    assert!(window.shows("20 / 40"));
    tick(&mut window);
    tick(&mut window);
    assert!(window.shows("40 / 40") && window.shows("○ 完了"));
    let before = script.asked();
    tick(&mut window);
    assert_eq!(script.asked(), before, "it is done");
}

#[test]
fn who_asked_can_only_withdraw_and_another_approves() {
    let script = server(vec![job(1, 1, "waiting", 0)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    assert!(window.shows(&crate::say!(
        "issuing.own_waits",
        until = "2026/11/21 12:00"
    )));
    window.key(Named::F8);
    confirm(&mut window);
    assert!(script.calls::<StepJob>().is_empty());
    window.key(Named::F10);
    confirm(&mut window);
    assert_eq!(body(&script.calls::<StepJob>()[0])["step"], "withdraw");

    let script = server(vec![job(1, 2, "waiting", 0)], Vec::new());
    let mut window = open(&script, AT_100);
    assert!(window.shows("一括処理（承認待ち 1）"), "wherever one is");
    window.key(Named::F7);
    assert!(window.shows("あなたの承認を待っているものが 1 件あります"));
    window.key(Named::Enter);
    window.key(Named::F8);
    assert!(script.calls::<StepJob>().is_empty(), "it is asked first");
    confirm(&mut window);
    assert_eq!(body(&script.calls::<StepJob>()[0])["step"], "approve");
}

/// Somebody comes from elsewhere for this job, or for all that waits.
fn come(window: &mut Window<Issuing>, job: Option<u32>) {
    let job = job.map(|job| id(job).parse().expect("an id"));
    let message = crate::screen::issuing::Message::WaitingWanted(job);
    let context = window.context.clone();
    if let Step::Run(task) = window.screen.update(message, &context) {
        window.runs(task);
    }
}

#[test]
fn whoever_comes_for_a_job_finds_it_open_and_for_all_the_list() {
    let script = server(vec![job(1, 2, "waiting", 0)], vec![approval()]);
    let mut window = open(&script, AT_100);
    come(&mut window, Some(1));
    assert!(window.shows(&crate::say!(
        "issuing.others_waits",
        until = "2026/11/21 12:00"
    )));
    assert!(script.calls::<ShowJob>()[0].path.ends_with(&id(1)));
    window.key(Named::F8);
    confirm(&mut window);
    assert_eq!(body(&script.calls::<StepJob>()[0])["step"], "approve");

    come(&mut window, None);
    assert!(window.shows("あなたの承認を待っているものが 2 件あります"));
    // A reason that is being typed is not thrown away.
    come(&mut window, Some(1));
    window.key(Named::F10);
    window.types("心当たり");
    come(&mut window, None);
    assert_eq!(window.screen.unsaved_count(), 1);
}

#[test]
fn a_job_that_cannot_be_shown_says_so_in_the_list() {
    let gone = Problem::new(ProblemCode::NotFound);
    let script = server(vec![job(1, 2, "done", 40)], Vec::new()).refuse::<ShowJob>(gone);
    let mut window = open(&script, AT_100);
    come(&mut window, Some(9));
    let title = Problem::new(ProblemCode::NotFound)
        .document(Language::Ja)
        .title;
    assert!(window.shows(&title) && window.shows("40 / 40"));
}

#[test]
fn a_refusal_needs_its_reason() {
    let script = server(vec![job(1, 2, "waiting", 0)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    window.key(Named::F10);
    confirm(&mut window);
    assert!(script.calls::<StepJob>().is_empty());
    window.types("心当たりがない");
    confirm(&mut window);
    let sent = body(&script.calls::<StepJob>()[0]);
    assert_eq!(
        (&sent["step"], &sent["reason"]),
        (&json!("refuse"), &json!("心当たりがない"))
    );
}

#[test]
fn what_the_operator_asks_for_is_approved_here() {
    let script = server(Vec::new(), vec![approval()]);
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    assert!(window.shows("サーバーの運用担当者"));
    window.key(Named::Enter);
    assert!(window.shows("root 3f2a90c1"));
    confirm(&mut window);
    let sent = body(&script.calls::<DecideApproval>()[0]);
    assert_eq!(
        (&sent["approve"], &sent["version"]),
        (&json!(true), &json!(1))
    );
}

#[test]
fn a_job_is_paused_with_one_key_and_cancelled_after_a_question() {
    let script = server(vec![job(1, 2, "running", 10)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    window.key(Named::F2);
    assert_eq!(body(&script.calls::<StepJob>()[0])["step"], "pause");
    window.key(Named::F10);
    assert!(window.shows("この一括処理を中止しますか"));
    window.key(Named::Escape);
    assert_eq!(script.calls::<StepJob>().len(), 1);
    window.key(Named::F10);
    confirm(&mut window);
    assert_eq!(body(&script.calls::<StepJob>()[1])["step"], "cancel");
}

/// A server whose jobs and approvals come in while somebody looks.
fn growing(jobs: Vec<Value>) -> (Script, Arc<std::sync::Mutex<Vec<Value>>>) {
    let waiting = Arc::new(std::sync::Mutex::new(Vec::new()));
    let rows = waiting.clone();
    let script = server(jobs, Vec::new())
        .reply::<ListApprovals>(move |_| Ok(made(json!({ "rows": *rows.lock().unwrap() }))));
    (script, waiting)
}

#[test]
fn the_mark_stays_where_it_was_when_something_comes_in_above() {
    let (script, waiting) = growing(vec![job(1, 1, "done", 40)]);
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    waiting.lock().unwrap().push(approval());
    for _ in 0..5 {
        tick(&mut window);
    }
    assert!(window.shows("サーバーの運用担当者"), "it came by itself");
    window.key(Named::Enter);
    assert!(!window.shows("root 3f2a90c1"), "another was marked");
    assert!(window.shows("40 / 40"));
}

#[test]
fn what_waits_and_cannot_be_loaded_is_said() {
    let script = server(vec![job(1, 1, "done", 40)], Vec::new());
    script.lose::<ListApprovals>();
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    assert!(window.shows(&crate::say!("failure.cut.title")));
    assert!(window.shows("40 / 40"));
}

#[test]
fn a_reason_typed_in_a_question_is_counted() {
    let script = server(vec![job(1, 2, "waiting", 0)], Vec::new());
    let mut window = open(&script, AT_100);
    window.key(Named::F7);
    window.key(Named::Enter);
    window.key(Named::F10);
    assert_eq!(window.screen.unsaved_count(), 0);
    window.types("見本");
    assert_eq!(window.screen.unsaved_count(), 1);
}
