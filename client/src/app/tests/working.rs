//! While somebody works: the lock, the line, the end of a session.

use super::*;
use crate::app::{Stage, work};
use crate::screen::{Part, Room, today};
use crate::ui::chip::Tone;

#[test]
fn the_window_locks_after_the_set_time_and_opens_where_it_was() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.pass(SignedDuration::from_secs(599));
    assert!(!desk.shows("画面をロックしました"));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows("画面をロックしました"));
    assert!(
        !desk.shows("自分の担当"),
        "what is behind cannot be reached"
    );
    let typed = Secret::new("a long enough password".into());
    lock(&mut desk, session::Message::PasswordTyped(typed));
    lock(&mut desk, session::Message::SubmitPressed);
    assert!(!desk.shows("画面をロックしました"));
    assert!(desk.shows("自分の担当"));
    let calls = desk.door.line.calls::<OpenSession>();
    let logins: Vec<_> = calls
        .iter()
        .map(|call| call.body.as_ref().expect("a body")["login"].clone())
        .collect();
    assert_eq!(
        logins,
        ["yamada-1", "yamada-1"],
        "only the password is asked"
    );
}

#[test]
fn a_key_pressed_now_and_then_keeps_the_window_open() {
    let mut desk = Desk::working(Language::Ja, server());
    for _ in 0..3 {
        desk.pass(SignedDuration::from_secs(500));
        desk.press(key::Named::Shift);
    }
    assert!(!desk.shows("画面をロックしました"));
}

#[test]
fn a_locked_window_shows_no_pixel_of_what_is_behind() {
    let mut full = Desk::working(Language::Ja, server());
    let empty = server().answer::<CountReturnees>(Counts::default());
    let mut empty = Desk::working(Language::Ja, empty);
    let draw = |desk: &mut Desk, name: &str| {
        desk.send(Message::Work(work::Message::LockPressed));
        let mut window = picture::drive(desk.app.view(), AT_100);
        picture::take(&mut window, desk.app.theme(), name)
            .pixels()
            .to_vec()
    };
    assert!(draw(&mut full, "lock-over-full") == draw(&mut empty, "lock-over-empty"));
}

#[test]
fn keys_of_the_screen_do_nothing_while_the_window_is_locked() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    let counted = desk.door.line.calls::<CountReturnees>().len();
    desk.press(key::Named::F5);
    assert_eq!(desk.door.line.calls::<CountReturnees>().len(), counted);
}

#[test]
fn keys_of_the_screen_do_nothing_under_the_list_of_keys() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    desk.press(key::Named::F1);
    assert!(desk.shows("この画面のキー"));
    let listed = desk.door.line.calls::<ListReturnees>().len();
    desk.press(key::Named::F2);
    desk.at_the_window(|window| {
        window.typewrite("2");
    });
    assert_eq!(desk.door.line.calls::<ListReturnees>().len(), listed);
    desk.press(key::Named::F1);
    assert!(!desk.shows("この画面のキー"));
    assert!(desk.shows(&stage::name(1).0), "the list is still in front");
    desk.press(key::Named::F1);
    desk.press(key::Named::Escape);
    assert!(!desk.shows("この画面のキー"));
}

#[test]
fn the_keys_of_parts_are_listed_while_there_is_anybody_in_them() {
    let lists = |server: Script| {
        let mut desk = Desk::working(Language::Ja, server);
        desk.press(key::Named::F1);
        assert!(desk.shows("名簿を取り込む"));
        desk.shows("自分の担当")
    };
    assert!(lists(server()));
    assert!(!lists(server().answer::<CountReturnees>(Counts::default())));
}

#[test]
fn a_session_that_ended_is_asked_for_again_over_the_screen() {
    let over = server().refuse::<CountReturnees>(Problem::new(ProblemCode::NotLoggedIn));
    let mut desk = Desk::working(Language::Ja, over);
    desk.pass(SignedDuration::from_secs(1));
    assert!(
        matches!(desk.app.stage, Stage::Work(_)),
        "nothing typed is thrown away"
    );
    assert!(desk.shows("画面をロックしました"));
}

#[test]
fn a_revoked_terminal_is_told_so_with_the_code_for_the_helpdesk() {
    let revoked = server().refuse::<CountReturnees>(Problem::new(ProblemCode::TerminalRevoked));
    let desk = Desk::working(Language::Ja, revoked);
    assert!(desk.shows("この端末は利用できなくなりました"));
    assert!(desk.shows("terminal-revoked") && desk.shows("4a01b2c3d4e5f60718293a4b5c6d7e8f"));
}

#[test]
fn a_line_that_comes_back_is_noticed_without_a_key() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.door.line.cut(true);
    desk.press(key::Named::F5);
    assert!(desk.shows("▲ 切断中"));
    let counted = desk.door.line.calls::<CountReturnees>().len();
    desk.door.line.cut(false);
    for _ in 0..5 {
        desk.pass(SignedDuration::from_secs(1));
    }
    assert!(desk.shows("○ 接続中"));
    assert_eq!(
        desk.door.line.calls::<CountReturnees>().len(),
        counted + 1,
        "what could not be shown is asked for again, once"
    );
    assert_eq!(
        desk.door.line.calls::<ShowTerminal>().len(),
        3,
        "asked once, not every second"
    );
}

#[test]
fn logging_out_ends_the_session_on_the_server() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.at_the_window(|window| {
        window.click("ログアウト").expect("the button is there");
    });
    assert!(desk.shows("利用者ID"));
    let ended = desk.door.line.calls::<EndSession>();
    assert!(ended[0].token.is_some(), "it names the session it ends");
}

#[test]
fn logging_out_hides_health_data_at_once_even_when_a_renewal_comes_first() {
    let mut ending = terminal();
    ending.expires_at = Timestamp::from_second(MORNING + 60 * 86_400).expect("a moment");
    let mut desk = Desk::working(Language::Ja, server().answer::<ShowTerminal>(ending));
    let rest = desk.app.update(Message::Work(work::Message::LogOutPressed));
    assert!(!desk.shows("自分の担当"), "the keystore has not answered");
    desk.run(rest);
    assert!(desk.shows("利用者ID"));
}

#[test]
fn somebody_else_can_log_in_at_a_locked_window() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    lock(&mut desk, session::Message::LeavePressed);
    assert!(desk.shows("利用者ID"));
    assert_eq!(desk.door.line.calls::<EndSession>().len(), 1);
}

#[test]
fn every_widget_in_the_frame_is_reached_by_tab() {
    let desk = Desk::working(Language::Ja, server());
    let mut window = picture::drive(desk.app.view(), AT_100);
    for _ in 0..30 {
        window.tap_key(key::Named::Tab);
        window.tap_key(key::Named::Enter);
    }
    let said: Vec<Message> = window.into_messages().collect();
    let reached = |wanted: fn(&Message) -> bool| said.iter().any(wanted);
    assert!(reached(|it| matches!(
        it,
        Message::Work(work::Message::LogOutPressed)
    )));
    assert!(reached(|it| matches!(
        it,
        Message::Work(work::Message::Went(_))
    )));
    assert!(reached(|it| matches!(
        it,
        Message::Work(work::Message::LockPressed)
    )));
    assert!(reached(|it| matches!(it, Message::LanguageTurned)));
    assert!(reached(|it| matches!(it, Message::HelpToggled)));
    assert!(reached(|it| matches!(
        it,
        Message::Work(work::Message::Room(work::rooms::Message::Today(_)))
    )));
}

#[test]
fn a_role_sees_only_the_rooms_it_may_enter() {
    let mut helpdesk = session();
    helpdesk.role = Role::Helpdesk;
    let desk = Desk::working(Language::Ja, server().answer::<OpenSession>(helpdesk));
    assert!(!desk.shows("フォローアップ"));
    assert!(desk.shows("連絡先") && desk.shows("送信状況"));
    // Contacts are kept by the body that runs a health centre, not by the health centre.
    let desk = Desk::working(Language::Ja, server());
    assert!(!desk.shows("連絡先") && !desk.shows("送信状況"));
    // Accounts are kept by those whom every sentence about a forgotten password names.
    assert!(!desk.shows("利用者の管理"));
    let mut administrator = session();
    administrator.role = Role::Administrator;
    let desk = Desk::working(Language::Ja, server().answer::<OpenSession>(administrator));
    assert!(desk.shows("利用者の管理"));
}

#[test]
fn somebody_who_may_enter_no_room_is_told_so_and_asks_for_nothing() {
    let mut reader = session();
    reader.role = Role::Reader;
    let script = server().answer::<OpenSession>(reader);
    let desk = Desk::working(Language::Ja, script.clone());
    assert!(desk.shows("この利用者の役割で使える画面はありません"));
    assert!(script.calls::<CountReturnees>().is_empty());
    assert!(script.calls::<ListReturnees>().is_empty());
}

fn lock(desk: &mut Desk, message: session::Message) {
    desk.send(Message::Work(work::Message::Lock(message)));
}

#[test]
fn a_file_dropped_in_any_room_is_read_and_stays_while_one_looks_elsewhere() {
    let mut desk = Desk::working(Language::Ja, server());
    let missing = std::path::PathBuf::from("/nowhere/名簿.csv");
    desk.send(Message::FileDropped(missing));
    assert!(desk.shows("「名簿.csv」を読み込めませんでした"));
    desk.send(Message::Work(work::Message::Went(Room::Today)));
    assert!(!desk.shows("「名簿.csv」を読み込めませんでした"));
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    assert!(desk.shows("「名簿.csv」を読み込めませんでした"));
}

#[test]
fn a_part_of_the_list_is_shown_before_an_import_that_goes_on() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::FileDropped("/nowhere/名簿.csv".into()));
    desk.send(Message::Work(work::Message::Went(Room::Today)));
    desk.send(Message::Work(work::Message::Room(
        work::rooms::Message::Today(today::Message::Opened(Part::Mine)),
    )));
    assert!(!desk.shows("「名簿.csv」を読み込めませんでした"));
    desk.press(key::Named::F6);
    assert!(desk.shows("「名簿.csv」を読み込めませんでした"));
}

/// Types something on the form of a new returnee.
pub(super) fn type_on_a_form(desk: &mut Desk) {
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    desk.press(key::Named::F2);
    desk.at_the_window(|window| {
        for _ in 0..20 {
            window.tap_key(key::Named::Tab);
            window.typewrite("1");
        }
    });
}

#[test]
fn the_state_of_the_line_warns_while_something_is_not_saved() {
    let mut desk = Desk::working(Language::Ja, server());
    assert!(desk.shows("○ 接続中"));
    type_on_a_form(&mut desk);
    assert!(desk.shows("▲ 接続中 – 未保存 1 件"));
    let mut window = picture::drive(desk.app.view(), AT_100);
    let taken = picture::take(&mut window, desk.app.theme(), "not-saved");
    let roles = &desk.app.theme().roles;
    let in_it = |tone: Tone| taken.count(tone.surface(roles));
    assert!(in_it(Tone::Warning) > 0 && in_it(Tone::Success) == 0);
}

#[test]
fn nothing_typed_is_thrown_away_without_a_word() {
    let asked = "まだ保存されていない入力が 1 件あります";
    for leave in [
        Message::Work(work::Message::LogOutPressed),
        Message::CloseRequested,
    ] {
        let mut desk = Desk::working(Language::Ja, server());
        type_on_a_form(&mut desk);
        assert!(desk.shows("▲ 接続中 – 未保存 1 件"));
        desk.send(leave.clone());
        assert!(desk.shows(asked));
        assert!(desk.door.line.calls::<EndSession>().is_empty());
        desk.press(key::Named::Escape);
        assert!(!desk.shows(asked));
        assert!(matches!(desk.app.stage, Stage::Work(_)));
    }
}

#[test]
fn whoever_means_it_leaves_what_is_not_saved() {
    let mut desk = Desk::working(Language::Ja, server());
    type_on_a_form(&mut desk);
    desk.send(Message::Work(work::Message::LogOutPressed));
    desk.at_the_window(|window| {
        let leave = window.click("捨ててログアウトする");
        leave.expect("the button is there");
    });
    assert!(desk.shows("利用者ID"));
}

#[test]
fn a_file_dropped_on_a_locked_window_is_not_read() {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    desk.send(Message::FileDropped("/nowhere/名簿.csv".into()));
    assert!(desk.shows("画面をロックしました"));
    assert!(!desk.shows("「名簿.csv」を読み込めませんでした"));
}
