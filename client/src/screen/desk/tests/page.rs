//! An office's page at a glance.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::*;

#[test]
fn the_page_answers_at_a_glance() {
    let mut window = opened(&server(enrolled()));
    for words in [
        "見本第1保健所",
        "○ 登録済み",
        "案内：端末は登録されていますが、最近エラーが出ています。下のエラーを見て案内してください。",
        "5f3a09c1d2e3f405162738495a6b7c8d",
        "2027-02-01（残り 73 日）",
        "2026-11-20 11:41",
        "ミホンダイイチホケンジョ　990000-04　保健所　見本県 の下　電話 03-1234-5678",
        "hc@example.lg.jp",
        "端末　3 回　最後 2026-11-20 11:40　terminal-superseded",
    ] {
        assert!(window.shows(words), "{words}");
    }
}

#[test]
fn what_happened_is_told_page_by_page() {
    let script = server(enrolled());
    let mut window = open_at(&script, (1280.0, 2000.0));
    window.types("990000-04");
    window.key(Named::Enter);
    assert!(window.shows("再発行 (故障)"));
    assert!(
        window.shows("見本 支援子（見本ヘルプデスク） ・ 登録番号にかけ直した ・ 電源が入らない")
    );
    assert!(!window.shows("証明書を初めて使用"));
    window.types("m");
    assert!(window.shows("証明書を初めて使用"));
    window.types("m");
    assert_eq!(script.calls::<ShowTimeline>().len(), 2, "there is no more");
}

#[test]
fn an_answer_about_another_office_is_not_shown_on_this_one() {
    use super::super::page::Message as OnPage;
    let mut window = opened(&server(enrolled()));
    let context = window.context.clone();
    let late = OnPage::Shown(0, Ok(Box::new(locked())));
    let _ = window.screen.update(Message::Page(late), &context);
    assert!(window.shows("○ 登録済み"));
}

#[test]
fn a_page_that_cannot_be_read_anew_says_that_it_is_old() {
    let script = server(enrolled());
    let mut window = opened(&script);
    script.cut(true);
    window.key(Named::F5);
    assert!(window.shows("表示しているのは前に読んだ内容です。"));
    assert!(window.shows("○ 登録済み"));
    script.cut(false);
    window.key(Named::F5);
    assert!(!window.shows("表示しているのは前に読んだ内容です。"));
}

/// A window with a password in view, and its clock.
fn reading_out(script: &Script) -> (Window<Desk>, Arc<Mutex<Timestamp>>) {
    let now = Arc::new(Mutex::new(stage::NOON.parse().expect("an instant")));
    let clock = now.clone();
    let mut context = stage::context(script);
    context.world.clock = Arc::new(move || *clock.lock().expect("not poisoned"));
    let mut window = Window::open(Desk::new(&context), context, AT_100);
    window.types("990000-04");
    window.key(Named::Enter);
    window.key(Named::F10);
    window.types("11");
    window.key(Named::Enter);
    (window, now)
}

pub(super) fn with_a_password() -> Script {
    let groups = ["ab2c", "d3e4", "fg5h", "jk6m"].map(str::to_owned).to_vec();
    server(invited()).answer::<ReadOutPassword>(SpokenPassword { groups })
}

#[test]
fn a_password_is_read_out_in_groups_and_hidden_in_time() {
    let script = with_a_password();
    let (mut window, now) = reading_out(&script);
    let body = sent::<ReadOutPassword>(&script);
    assert_eq!(
        body["reason"],
        "登録番号にかけ直した: パスワードを電話で伝える"
    );
    assert!(window.shows("a b 2 c"));
    let context = window.context.clone();
    *now.lock().unwrap() += SignedDuration::from_secs(119);
    let _ = window.screen.ticked(&context);
    assert!(window.shows("a b 2 c"));
    *now.lock().unwrap() += SignedDuration::from_secs(1);
    let _ = window.screen.ticked(&context);
    assert!(!window.shows("a b 2 c"));
}

#[test]
fn a_password_does_not_stay_in_view_when_somebody_leaves() {
    let (mut window, _) = reading_out(&with_a_password());
    window.screen.left();
    assert!(!window.shows("a b 2 c"));
    let (mut window, _) = reading_out(&with_a_password());
    window.key(Named::Escape);
    assert!(!window.shows("a b 2 c"));
    assert!(window.shows("パスワードを読み上げました"));
}

#[test]
fn a_password_that_travels_by_mail_is_not_read_out() {
    let mut page = invited();
    page.link.as_mut().unwrap().password_by = Some(shared::mail::PasswordWay::Mail);
    let script = server(page);
    let mut window = opened(&script);
    assert!(!window.shows("パスワード読み上げ"));
    window.key(Named::F10);
    assert!(!window.shows("相手をどう確かめましたか"));
}
