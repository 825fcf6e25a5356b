//! A password that comes while nobody sees its room: on a slow line somebody goes elsewhere, or the
//! window is locked, before it is there.

use super::leaving::{HIDDEN, accounts};
use super::*;
use crate::app::{Stage, work};
use crate::screen::Room;

/// Somebody has asked for a password over a slow line; the task is what comes of it.
fn made_on_a_slow_line(language: Language) -> (Desk, Task<Message>) {
    let mut desk = Desk::working(language, accounts());
    desk.send(Message::Work(work::Message::Went(Room::Accounts)));
    desk.at_the_window(|window| {
        window.typewrite("p");
    });
    let mut window = picture::drive(desk.app.view(), AT_100);
    window.tap_key(key::Named::F10);
    let pressed: Vec<Message> = window.into_messages().collect();
    let tasks: Vec<_> = pressed.into_iter().map(|it| desk.app.update(it)).collect();
    (desk, Task::batch(tasks))
}

const UNSEEN: &str = "まだ表示していないパスワードがあります";

#[test]
fn a_password_that_came_to_another_room_is_shown_for_its_whole_time_once_somebody_is_back() {
    let (mut desk, answer) = made_on_a_slow_line(Language::Ja);
    desk.press_command("2");
    assert_eq!(desk.room(), Room::FollowUp);
    desk.run(answer);
    desk.pass(SignedDuration::from_mins(9));
    desk.send(Message::Work(work::Message::Touched));
    desk.send(Message::Work(work::Message::Went(Room::Accounts)));
    desk.pass(SignedDuration::from_secs(299));
    assert!(desk.shows("k 7 p w 2 -"));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows(HIDDEN) && !desk.shows("k 7 p w 2 -"));
}

#[test]
fn a_password_that_came_behind_the_lock_is_shown_for_its_whole_time_to_whoever_unlocks() {
    let (mut desk, answer) = made_on_a_slow_line(Language::Ja);
    desk.send(Message::Work(work::Message::LockPressed));
    desk.run(answer);
    desk.pass(SignedDuration::from_mins(9));
    super::back::unlock(&mut desk);
    desk.pass(SignedDuration::from_secs(299));
    assert!(desk.shows("k 7 p w 2 -"));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows(HIDDEN) && !desk.shows("k 7 p w 2 -"));
}

#[test]
fn a_password_that_came_to_another_room_is_asked_about_before_somebody_leaves() {
    let ways = [
        (
            Message::Work(work::Message::LogOutPressed),
            "表示せずにログアウトする",
        ),
        (Message::CloseRequested, "表示せずにウィンドウを閉じる"),
    ];
    for (leaves, leave) in ways {
        let (mut desk, answer) = made_on_a_slow_line(Language::Ja);
        desk.press_command("2");
        desk.run(answer);
        desk.send(Message::Work(work::Message::Went(Room::Today)));
        assert_eq!(desk.room(), Room::Today, "there it loses nothing");
        desk.send(leaves);
        assert!(desk.shows(UNSEEN) && desk.shows(leave));
        assert!(desk.shows("「利用者の管理」で発行したパスワードが届いています。このまま終えると、このパスワードは二度と表示できません。"));
        desk.at_the_window(|window| {
            window.click("パスワードを表示する").expect("offered");
        });
        assert_eq!(desk.room(), Room::Accounts);
        assert!(desk.shows("k 7 p w 2 -") && !desk.shows(UNSEEN));
    }
}

#[test]
fn a_password_that_came_behind_the_lock_is_asked_about_and_shown_to_nobody_else() {
    let (mut desk, answer) = made_on_a_slow_line(Language::Ja);
    desk.send(Message::Work(work::Message::LockPressed));
    desk.run(answer);
    desk.press(key::Named::F12);
    assert!(desk.shows(UNSEEN) && desk.shows("やめる") && !desk.shows("パスワードを表示する"));
    desk.press(key::Named::Escape);
    assert!(desk.shows("画面をロックしました") && !desk.shows("k 7 p w 2 -"));
    desk.press(key::Named::F12);
    desk.at_the_window(|window| {
        window.click("表示せずにログアウトする").expect("offered");
    });
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
}

#[test]
fn the_question_about_a_password_in_another_room_has_its_picture() {
    in_both(|language| {
        let (mut desk, answer) = made_on_a_slow_line(language);
        desk.press_command("2");
        desk.run(answer);
        desk.send(Message::Work(work::Message::LogOutPressed));
        desk.look("password-unseen-on-logging-out");
    });
}
