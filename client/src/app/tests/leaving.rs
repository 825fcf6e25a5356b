//! What is asked before somebody leaves, and what the login knows afterwards.

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
pub(super) fn accounts() -> Script {
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
    handing_over_at(language, accounts())
}

/// The same at this server.
fn handing_over_at(language: Language, server: Script) -> Desk {
    let mut desk = Desk::working(language, server);
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

/// A way to another room.
type Go = fn(&mut Desk);

const ON: &str = "表示を終えて「フォローアップ」へ移る";
const READ: &str = "表示を終えて「list.csv」を読み込む";
pub(super) const HIDDEN: &str = "見本 太郎（taro-1） のパスワードの表示は終わりました";

#[test]
fn a_password_in_view_is_asked_about_before_somebody_goes_to_another_room() {
    let ways: [(Go, &str); 3] = [
        (|desk| desk.press_command("2"), ON),
        (
            |desk| {
                desk.at_the_window(|window| {
                    window.click("フォローアップ").expect("in the navigation");
                });
            },
            ON,
        ),
        (
            |desk| desk.send(Message::FileDropped("/nowhere/list.csv".into())),
            READ,
        ),
    ];
    for (go, on) in ways {
        let mut desk = handing_over(Language::Ja);
        go(&mut desk);
        assert!(desk.shows("パスワードを表示しています") && desk.shows(on));
        assert_eq!(desk.room(), Room::Accounts);
        desk.press(key::Named::Escape);
        assert!(!desk.shows("パスワードを表示しています"));
        assert!(desk.shows("k 7 p w 2 -"), "and goes on being shown");
        go(&mut desk);
        desk.at_the_window(|window| {
            window.click(on).expect("offered");
        });
        assert_eq!(desk.room(), Room::FollowUp);
        desk.send(Message::Work(work::Message::Went(Room::Accounts)));
        assert!(desk.shows(HIDDEN) && !desk.shows("k 7 p w 2 -"));
    }
}

#[test]
fn a_password_behind_the_page_of_a_closed_office_is_there_when_the_window_comes_back() {
    let ways: [Go; 4] = [
        |desk| desk.press_command("2"),
        |desk| {
            desk.at_the_window(|window| {
                window.click("フォローアップ").expect("in the navigation");
            });
        },
        |desk| desk.send(Message::Work(work::Message::Went(Room::FollowUp))),
        |desk| desk.send(Message::FileDropped("/nowhere/list.csv".into())),
    ];
    for go in ways {
        let mut desk = handing_over(Language::Ja);
        let closed = Problem::new(ProblemCode::OfficeClosed);
        let _ = desk.door.line.clone().refuse::<ShowTerminal>(closed);
        desk.pass(SignedDuration::from_secs(30));
        assert!(desk.shows("この機関は閉鎖されたため、利用できなくなりました"));
        go(&mut desk);
        assert!(!desk.shows("k 7 p w 2 -"), "it is hidden");
        let _ = desk.door.line.clone().answer::<ShowTerminal>(terminal());
        desk.pass(SignedDuration::from_secs(30));
        assert_eq!(desk.room(), Room::Accounts);
        assert!(desk.shows("k 7 p w 2 -"));
    }
}

/// How the list names the keys to the rooms.
const ROOMS: &str = "左の一覧の画面へ（上から順に）";

#[test]
fn the_keys_of_the_rooms_are_not_listed_while_all_rooms_are_hidden() {
    let mut desk = taken_back(ProblemCode::OfficeClosed);
    desk.press(key::Named::F1);
    assert!(desk.shows("F12") && !desk.shows(ROOMS));
    let mut desk = Desk::working(Language::Ja, server());
    desk.press(key::Named::F1);
    assert!(desk.shows(ROOMS));
}

#[test]
fn a_file_that_was_dropped_beside_a_password_is_taken_in_once_somebody_goes_on() {
    let mut desk = handing_over(Language::Ja);
    let import = "「list.csv」を読み込めませんでした";
    desk.send(Message::FileDropped("/nowhere/list.csv".into()));
    assert!(!desk.shows(import));
    desk.at_the_window(|window| {
        window.click(READ).expect("offered");
    });
    assert!(desk.shows(import));
}

#[test]
fn a_password_stays_in_view_where_somebody_goes_to_the_room_they_are_in() {
    let mut desk = handing_over(Language::Ja);
    desk.send(Message::Work(work::Message::Went(Room::Accounts)));
    assert!(desk.shows("k 7 p w 2 -") && !desk.shows("パスワードを表示しています"));
}

#[test]
fn what_was_typed_is_no_part_of_the_question_before_another_room() {
    let mut desk = handing_over(Language::Ja);
    desk.press(key::Named::Escape);
    super::working::type_on_a_form(&mut desk);
    assert_eq!(desk.room(), Room::FollowUp);
    desk.send(Message::Work(work::Message::Went(Room::Accounts)));
    assert_eq!(desk.room(), Room::Accounts, "it stays where it is");
    desk.at_the_window(|window| {
        window.typewrite("p");
    });
    desk.press(key::Named::F10);
    desk.press_command("2");
    assert!(desk.shows("パスワードを表示しています") && desk.shows("パスワードに戻る"));
    assert!(!desk.shows("まだ保存されていない入力が 1 件あります"));
    assert!(!desk.shows("残さずに捨てる…"));
}

#[test]
fn the_lock_hides_a_password_with_the_question_about_it_and_it_is_said_afterwards() {
    let locks: [fn(&mut Desk); 2] = [
        |desk| desk.send(Message::Work(work::Message::LockPressed)),
        |desk| desk.pass(SignedDuration::from_secs(60)),
    ];
    for lock in locks {
        let administrator = Session {
            role: Role::Administrator,
            idle_lock_seconds: 60,
            ..session()
        };
        let mut desk = handing_over_at(
            Language::Ja,
            accounts().answer::<OpenSession>(administrator),
        );
        desk.press_command("2");
        lock(&mut desk);
        assert!(desk.shows("画面をロックしました"));
        assert!(!desk.shows("パスワードを表示しています"));
        super::back::unlock(&mut desk);
        assert!(desk.shows(HIDDEN) && !desk.shows("k 7 p w 2 -"));
    }
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
    assert!(desk.shows(HIDDEN));
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
fn the_question_before_another_room_has_its_picture() {
    in_both(|language| {
        let mut desk = handing_over(language);
        desk.press_command("2");
        desk.look("password-lost-on-going-elsewhere");
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

/// The server lets the terminal in no longer, and the window has learned it.
fn taken_back(code: ProblemCode) -> Desk {
    let mut desk = Desk::working(Language::Ja, server());
    let _ = desk
        .door
        .line
        .clone()
        .refuse::<ShowTerminal>(Problem::new(code));
    desk.pass(SignedDuration::from_secs(30));
    desk
}

const ANEW: &str = "新しいリンクで登録し直す";

#[test]
fn the_login_after_a_terminal_was_refused_offers_a_new_link_at_once() {
    for code in [
        ProblemCode::TerminalRevoked,
        ProblemCode::TerminalExpired,
        ProblemCode::OfficeClosed,
    ] {
        let mut desk = taken_back(code);
        desk.press(key::Named::F12);
        let title = Problem::new(code).document(Language::Ja).title;
        assert!(desk.shows(ANEW) && desk.shows(&title), "{code:?}");
        desk.press(key::Named::F2);
        assert!(matches!(desk.app.stage, Stage::Enrolment(_)));
    }
}

#[test]
fn the_login_of_an_office_that_is_opened_again_forgets_the_refusal_by_itself() {
    let waits = "誤って閉鎖された場合は、このままお待ちください。閉鎖が取り消されると、この表示は自動的に消えます。";
    let mut desk = taken_back(ProblemCode::OfficeClosed);
    desk.press(key::Named::F12);
    let looked = desk.door.line.calls::<ShowTerminal>().len();
    for _ in 0..60 {
        desk.pass(SignedDuration::from_secs(1));
    }
    assert_eq!(desk.door.line.calls::<ShowTerminal>().len(), looked + 2);
    assert!(desk.shows(ANEW) && desk.shows(waits));
    let _ = desk.door.line.clone().answer::<ShowTerminal>(terminal());
    let keys = desk.gave_keys;
    for _ in 0..30 {
        desk.pass(SignedDuration::from_secs(1));
    }
    assert!(!desk.shows(ANEW) && !desk.shows(waits));
    assert_eq!(desk.gave_keys, keys + 1, "the field has the keys");
    desk.log_in("yamada-1", "a long enough password");
    assert!(desk.shows("今日の仕事"));
}

#[test]
fn the_login_of_a_terminal_that_was_revoked_waits_for_nothing() {
    for code in [ProblemCode::TerminalRevoked, ProblemCode::TerminalExpired] {
        let mut desk = taken_back(code);
        desk.press(key::Named::F12);
        let asked = desk.door.line.asked();
        for _ in 0..60 {
            desk.pass(SignedDuration::from_secs(1));
        }
        assert_eq!(desk.door.line.asked(), asked, "{code:?}");
        assert!(desk.shows(ANEW));
    }
}

#[test]
fn the_login_after_a_session_says_nothing_of_a_terminal_that_is_let_in() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
    assert!(!desk.shows(ANEW));
}

#[test]
fn a_closed_office_is_told_so_and_is_promised_no_link() {
    let desk = taken_back(ProblemCode::OfficeClosed);
    assert!(desk.shows("この機関は閉鎖されたため、利用できなくなりました"));
    assert!(!desk.shows("この端末は利用できなくなりました"));
    let promise = "新しいリンクを受け取ったら、ログアウトし、ログイン画面で「新しいリンクで登録し直す」を選んでください。";
    assert!(!desk.shows(promise));
    assert!(taken_back(ProblemCode::TerminalRevoked).shows(promise));
}

/// Somebody was typing when the terminal was taken back; `kept` is whether that is kept on it.
fn taken_back_while_typing(kept: bool) -> Desk {
    let mut desk = Desk::working(Language::Ja, server());
    super::working::type_on_a_form(&mut desk);
    desk.drafts.fill_up(!kept);
    desk.pass(SignedDuration::from_secs(1));
    let revoked = Problem::new(ProblemCode::TerminalRevoked);
    let _ = desk.door.line.clone().refuse::<ShowTerminal>(revoked);
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.shows("この端末は利用できなくなりました"));
    desk
}

#[test]
fn a_terminal_that_was_taken_back_is_left_without_a_question_where_all_is_kept() {
    for leave in [
        Message::Work(work::Message::LogOutPressed),
        Message::CloseRequested,
    ] {
        let mut desk = taken_back_while_typing(true);
        assert_eq!(desk.drafts.everything().len(), 1);
        desk.send(leave);
        assert!(!desk.shows("入力に戻る"), "there is no way back to it");
        assert_eq!(desk.drafts.everything().len(), 1, "and it stays kept");
    }
}

#[test]
fn what_a_terminal_that_was_taken_back_could_not_keep_is_asked_about_with_a_way_out() {
    let mut desk = taken_back_while_typing(false);
    desk.press(key::Named::F12);
    assert!(desk.shows("捨ててログアウトする") && desk.shows("やめる"));
    assert!(!desk.shows("入力に戻る"));
    desk.press(key::Named::Escape);
    assert!(desk.shows("この端末は利用できなくなりました"));
}

#[test]
fn the_page_of_a_closed_office_has_its_picture() {
    in_both(|language| {
        let mut desk = Desk::working(language, server());
        let closed = Problem::new(ProblemCode::OfficeClosed);
        let _ = desk.door.line.clone().refuse::<ShowTerminal>(closed);
        desk.pass(SignedDuration::from_secs(30));
        desk.look("office-closed");
    });
}

#[test]
fn the_page_of_an_office_that_was_closed_while_somebody_typed_has_its_picture() {
    in_both(|language| {
        let mut desk = Desk::working(language, server());
        super::working::type_on_a_form(&mut desk);
        desk.pass(SignedDuration::from_secs(1));
        let closed = Problem::new(ProblemCode::OfficeClosed);
        let _ = desk.door.line.clone().refuse::<ShowTerminal>(closed);
        desk.pass(SignedDuration::from_secs(30));
        desk.look("office-closed-while-typing");
    });
}
