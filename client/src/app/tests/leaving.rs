//! What is asked before somebody leaves.

use serde_json::json;
use shared::accounts::administration::{Accounts, HandOverPassword, ListAccounts};

use super::*;
use crate::app::{Stage, work};
use crate::screen::Room;

const MADE: &str = "k7pw2-hx9dm-q4tze-vb8ny";

fn account(standing: serde_json::Value) -> serde_json::Value {
    json!({
        "id": stage::id(2_000_001), "version": 1, "login": "taro-1", "name": "見本 太郎",
        "role": "staff", "standing": standing, "added_at": "2026-10-01T00:00:00Z", "assigned": 0,
    })
}

/// A server at which an administrator makes passwords.
fn accounts() -> Script {
    let administrator = Session {
        role: Role::Administrator,
        ..session()
    };
    let kept = account(json!({ "state": "chosen" }));
    let handed = account(json!({ "state": "handed-over", "until": "2026-12-20T03:00:00Z" }));
    let made = json!({ "account": handed, "password": MADE });
    server()
        .answer::<OpenSession>(administrator)
        .answer::<ListAccounts>(Accounts {
            accounts: vec![stage::made(kept)],
        })
        .answer::<HandOverPassword>(stage::made(made))
}

/// Somebody has just made a password, which is in view.
fn handing_over(language: Language) -> Desk {
    let mut desk = Desk::working(language, accounts());
    desk.send(Message::Work(work::Message::Went(Room::Accounts)));
    desk.at_the_window(|window| {
        window.typewrite("p");
    });
    desk.press(key::Named::F10);
    assert!(desk.shows("k 7 p w 2 -"), "it is in view");
    desk
}

#[test]
fn a_password_in_view_is_asked_about_before_somebody_leaves() {
    let ways = [
        (
            Message::Work(work::Message::LogOutPressed),
            "表示を終えてログアウトする",
        ),
        (Message::CloseRequested, "表示を終えてウィンドウを閉じる"),
    ];
    for (leaves, leave) in ways {
        let mut desk = handing_over(Language::Ja);
        desk.send(leaves);
        assert!(desk.shows("パスワードを表示しています") && desk.shows(leave));
        assert!(desk.door.line.calls::<EndSession>().is_empty());
        desk.press(key::Named::Escape);
        assert!(!desk.shows("パスワードを表示しています"));
        assert!(desk.shows("k 7 p w 2 -"), "and goes on being shown");
    }
}

#[test]
fn whoever_has_written_it_down_leaves_with_one_more_key() {
    let mut desk = handing_over(Language::Ja);
    desk.press(key::Named::F12);
    desk.at_the_window(|window| {
        window.click("表示を終えてログアウトする").expect("offered");
    });
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
    assert_eq!(desk.door.line.calls::<EndSession>().len(), 1);
}

#[test]
fn nothing_is_asked_about_a_password_that_is_hidden() {
    let mut desk = handing_over(Language::Ja);
    desk.send(Message::Work(work::Message::LogOutPressed));
    desk.pass(SignedDuration::from_mins(5));
    assert!(
        !desk.shows("パスワードを表示しています"),
        "its time is over"
    );
    assert!(desk.shows("見本 太郎（taro-1） のパスワードの表示は終わりました"));
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
}

#[test]
fn the_question_about_it_has_its_picture() {
    in_both(|language| {
        let mut desk = handing_over(language);
        desk.send(Message::Work(work::Message::LogOutPressed));
        desk.look("password-lost-on-logging-out");
    });
}

#[test]
fn a_key_logs_out_wherever_somebody_works_and_is_listed() {
    let mut desk = Desk::working(Language::Ja, server());
    assert!(desk.shows("ログアウト") && desk.shows("F12"));
    desk.press(key::Named::F1);
    assert!(desk.shows("F12"));
    desk.press(key::Named::F12);
    assert!(
        matches!(desk.app.stage, Stage::Work(_)),
        "the list rests it"
    );
    desk.press(key::Named::Escape);
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
    assert_eq!(desk.door.line.calls::<EndSession>().len(), 1);
}

#[test]
fn the_same_key_leaves_a_locked_window_to_somebody_else() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    assert!(desk.shows("別の人がログインする") && desk.shows("F12"));
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
}
