//! From a fresh terminal to the login.

use shared::Day;

use super::*;
use crate::api::Line;
use crate::app::{Identities, Stage, work};
use crate::keystore::{Identity, Keystore as _};
use crate::say;

#[test]
fn a_fresh_terminal_is_let_in_and_somebody_logs_in() {
    let mut desk = Desk::fresh(Language::Ja, server());
    assert!(desk.shows("この端末を登録する"));
    desk.fill_in_the_link(PASSWORD);
    desk.enrol(enrolment::Message::SubmitPressed);
    assert!(desk.shows("登録が終わりました"));
    assert!(desk.shows("4a01b2c3d4e5f60718293a4b5c6d7e8f"));
    desk.enrol(enrolment::Message::ProceedPressed);
    desk.log_in("yamada-1", "a long enough password");
    assert!(desk.shows("今日の仕事"));
    let call = desk.door.line.calls::<CountReturnees>().remove(0);
    assert!(call.token.is_some(), "calls are made in the session");
}

#[test]
fn esc_and_a_chord_leave_the_login_as_it_is() {
    use iced::keyboard::{Event::KeyPressed, Key, Modifiers};
    let one = || {
        let text = Some("1".into());
        let mut event = iced_test::simulator::press_key(Key::Character("1".into()), text);
        if let iced::Event::Keyboard(KeyPressed { modifiers, .. }) = &mut event {
            *modifiers = Modifiers::CTRL;
        }
        event
    };
    let typed = |desk: &Desk| {
        let mut window = picture::drive(desk.app.view(), AT_100);
        let field = iced::widget::Id::new(session::PASSWORD);
        let _ = window.click(field).expect("the field");
        window.tap_key(key::Named::Escape);
        window.simulate([one()]);
        window.typewrite("a");
        let typed = window.into_messages().filter(|message| {
            let login = matches!(message, Message::LogIn(session::Message::PasswordTyped(_)));
            login || matches!(message, Message::Work(work::Message::Lock(_)))
        });
        typed.count()
    };
    let mut desk = Desk::enrolled(Language::Ja, server());
    assert_eq!(typed(&desk), 1, "at the login");
    desk.log_in("yamada-1", "a long enough password");
    desk.send(Message::Work(work::Message::LockPressed));
    assert_eq!(typed(&desk), 1, "at the lock");
}

#[test]
fn nothing_is_sent_without_consent() {
    let mut desk = Desk::fresh(Language::Ja, server());
    desk.fill_in_the_link(PASSWORD);
    desk.enrol(enrolment::Message::ConsentTurned(false));
    desk.enrol(enrolment::Message::SubmitPressed);
    assert_eq!(desk.door.keys_certified(), 0);
    assert!(desk.shows("▲ 登録するには、利用規約への同意が必要です。"));
}

#[test]
fn a_terminal_that_was_let_in_is_known_after_a_restart() {
    let desk = Desk::enrolled(Language::Ja, server());
    let again = Desk::with(Language::Ja, server(), desk.memory.clone());
    assert!(matches!(again.app.stage, Stage::LogIn(_)));
    assert!(again.shows("利用者ID"));
}

#[test]
fn a_window_closed_before_the_first_use_goes_on_without_a_password() {
    let mut desk = Desk::fresh(Language::Ja, server());
    desk.door.line.cut(true);
    desk.fill_in_the_link(PASSWORD);
    desk.enrol(enrolment::Message::SubmitPressed);
    assert!(desk.memory.peek(Slot::Active).is_none());
    let mut again = Desk::with(Language::Ja, server(), desk.memory.clone());
    assert!(again.shows("前回の登録が途中で終わっています"));
    again.enrol(enrolment::Message::ConsentTurned(true));
    again.enrol(enrolment::Message::SubmitPressed);
    assert!(again.memory.peek(Slot::Active).is_some());
}

#[test]
fn a_locked_keyring_can_be_asked_again() {
    let memory = Memory::new();
    memory.fail(Some(Fault::Locked));
    let mut desk = Desk::with(Language::Ja, server(), memory.clone());
    assert!(desk.shows("もう一度試す"));
    memory.fail(None);
    desk.press(key::Named::F5);
    assert!(desk.shows("この端末を登録する"));
}

#[test]
fn a_stopped_enrolment_can_be_taken_up_again() {
    let mut desk = Desk::fresh(Language::Ja, server());
    desk.fill_in_the_link(PASSWORD);
    let _steps = desk
        .app
        .update(Message::Enrolment(enrolment::Message::SubmitPressed));
    desk.press(key::Named::Escape);
    assert!(desk.shows("登録を中止しました"));
    desk.press(key::Named::F5);
    assert!(desk.shows("登録が終わりました"));
}

#[test]
fn what_is_no_whole_password_is_no_try_at_the_link() {
    let mut desk = Desk::fresh(Language::Ja, server());
    desk.door.refuse(ProblemCode::LinkLocked);
    for typed in ["abcd-efgh-jkmn-pqr", "abcd-efgh-jkmn-pqr0", "あさがお"] {
        desk.fill_in_the_link(typed);
        desk.enrol(enrolment::Message::SubmitPressed);
        assert!(
            desk.shows(
                "▲ パスワードは16文字です。届いたとおりに入力してください（まだ送信しておらず、間違いの回数に数えません）。例：abcd-efgh-jkmn-pqrs"
            ),
            "{typed}"
        );
    }
}

#[test]
fn an_empty_password_is_no_try_at_the_link() {
    let mut desk = Desk::fresh(Language::Ja, server());
    desk.fill_in_the_link(WRONG_PASSWORD);
    desk.enrol(enrolment::Message::SubmitPressed);
    // A door that locks now would say so to whatever reaches it.
    desk.door.refuse(ProblemCode::LinkLocked);
    desk.press(key::Named::F5);
    desk.enrol(enrolment::Message::RetryPressed);
    assert!(desk.shows("▲ パスワードを入力してください。例：abcd-efgh-jkmn-pqrs"));
}

#[test]
fn a_damaged_pending_entry_keeps_no_enrolled_terminal_out() {
    let desk = Desk::enrolled(Language::Ja, server());
    let damage = desk.memory.write(Slot::Pending, b"not an identity");
    damage.expect("written");
    let again = Desk::with(Language::Ja, server(), desk.memory.clone());
    assert!(again.shows("利用者ID"));
}

#[test]
fn a_link_opened_by_mistake_leads_back_to_the_login() {
    let mut desk = Desk::enrolled(Language::Ja, server());
    let same = desk.door.link().to_string();
    let mut open = |link: String| {
        desk.app.link = Some(link);
        let asking = desk.app.ask_the_keystore();
        desk.run(asking);
        let form = desk.shows("この端末を登録する");
        if form {
            desk.press(key::Named::Escape);
        }
        assert!(desk.shows("利用者ID"));
        form
    };
    assert!(!open(same), "there is nothing to enrol");
    let other = Door::new(server()).link().to_string();
    assert!(open(other), "it may be meant");
}

#[test]
fn a_terminal_that_is_refused_is_enrolled_again_with_a_new_link() {
    for code in [
        ProblemCode::TerminalRevoked,
        ProblemCode::TerminalSuperseded,
        ProblemCode::TerminalUnknown,
        ProblemCode::TerminalExpired,
        ProblemCode::OfficeClosed,
    ] {
        let before = Desk::enrolled(Language::Ja, server());
        let refusing = server().refuse::<ShowTerminal>(Problem::new(code));
        let mut desk = Desk::with(Language::Ja, refusing, before.memory.clone());
        assert!(desk.shows("新しいリンクで登録し直す"), "before any try");
        desk.press(key::Named::F2);
        assert!(desk.shows("この端末を登録する"));
        assert!(!desk.shows("ふだんの仕事には、登録し直す必要はありません。"));
        desk.press(key::Named::Escape);
        assert!(desk.shows("利用者ID"), "there is a way back");
        desk.press(key::Named::F2);
        let _ = desk.door.line.clone().answer::<ShowTerminal>(terminal());
        let old = desk.memory.peek(Slot::Active).expect("an identity");
        desk.fill_in_the_link(PASSWORD);
        desk.enrol(enrolment::Message::SubmitPressed);
        desk.enrol(enrolment::Message::ProceedPressed);
        assert!(desk.memory.peek(Slot::Active).expect("an identity") != old);
        assert!(!desk.shows("新しいリンクで登録し直す"));
        desk.log_in("yamada-1", "a long enough password");
        assert!(desk.shows("今日の仕事"));
    }
}

/// A terminal that slept for more than a year.
pub(super) fn overslept(language: Language) -> Desk {
    let before = Desk::enrolled(language, server());
    let refusing = server().refuse::<ShowTerminal>(Problem::new(ProblemCode::TerminalExpired));
    let mut desk = Desk::with(language, refusing, before.memory.clone());
    let now = *desk.now.lock().expect("not poisoned");
    if let Stage::LogIn(entrance) = &mut desk.app.stage {
        // As its certificate said, had it been issued long ago.
        entrance.terminal = Terminal {
            expires_at: now - SignedDuration::from_hours(24),
            ..terminal()
        };
    }
    desk
}

fn expired_at(desk: &Desk) -> Timestamp {
    match &desk.app.stage {
        Stage::LogIn(entrance) => entrance.terminal.expires_at,
        _ => panic!("at the login"),
    }
}

/// What is said when the helpdesk knows.
fn known(desk: &Desk) -> String {
    let now = *desk.now.lock().expect("not poisoned");
    let at = crate::language::moment(now);
    format!("ヘルプデスクに再発行を依頼しました（{at}）")
}

#[test]
fn a_terminal_that_slept_past_its_end_asks_the_helpdesk_with_one_key() {
    let mut desk = overslept(Language::Ja);
    assert!(desk.shows("再発行を依頼する"), "before anybody tried");
    let day = crate::language::day(Day::in_japan(expired_at(&desk)));
    assert!(desk.shows(&format!("この端末の証明書は {day} に期限が切れました")));
    desk.press(key::Named::F3);
    assert_eq!(desk.door.asks(), 1);
    assert!(desk.shows(&known(&desk)));
    desk.press(key::Named::F3);
    assert_eq!(desk.door.asks(), 1, "once is enough");
    desk.press(key::Named::F2);
    assert!(desk.shows("この端末を登録する"));
}

#[test]
fn a_wish_that_does_not_get_through_is_said_and_can_be_repeated() {
    let mut desk = overslept(Language::Ja);
    desk.door.fail(Some(Trouble::Unreachable(Unreachable::Cut)));
    desk.press(key::Named::F3);
    assert!(desk.shows("依頼を送れませんでした"));
    desk.door.fail(None);
    desk.press(key::Named::F3);
    assert!(desk.shows(&known(&desk)));
}

#[test]
fn who_was_revoked_or_replaced_has_nothing_to_ask_for() {
    for code in [
        ProblemCode::TerminalRevoked,
        ProblemCode::TerminalSuperseded,
        ProblemCode::OfficeClosed,
    ] {
        let before = Desk::enrolled(Language::Ja, server());
        let refusing = server().refuse::<ShowTerminal>(Problem::new(code));
        let mut desk = Desk::with(Language::Ja, refusing, before.memory.clone());
        assert!(!desk.shows("再発行を依頼する"), "{code:?}");
        desk.press(key::Named::F3);
        assert_eq!(desk.door.asks(), 0);
    }
}

#[test]
fn another_link_is_no_help_against_a_wrong_password_or_a_cut_line() {
    let wrong = server().refuse::<OpenSession>(Problem::new(ProblemCode::WrongLogin));
    let mut desk = Desk::working(Language::Ja, wrong);
    assert!(!desk.shows("新しいリンクで登録し直す"));
    desk.door.line.cut(true);
    desk.log_in("yamada-1", "a long enough password");
    assert!(!desk.shows("新しいリンクで登録し直す"));
    desk.press(key::Named::F2);
    assert!(desk.shows("利用者ID"));
}

#[test]
fn a_renewal_is_said_and_nobody_has_to_wait_for_it() {
    let mut desk = Desk::enrolled(Language::Ja, server());
    let active = desk.memory.peek(Slot::Active).expect("an identity");
    let active = Identity::unpack(&active).expect("an identity");
    let renewal = desk.app.update(Message::IdentityRead(Ok(Identities {
        pending: Some(active.clone()),
        active: Some(active),
    })));
    assert!(desk.shows("この端末の証明書を更新しています"));
    desk.press(key::Named::Escape);
    assert!(desk.shows("利用者ID"));
    drop(renewal);
}

#[test]
fn asking_the_keystore_again_is_seen() {
    let memory = Memory::new();
    memory.fail(Some(Fault::Locked));
    let mut desk = Desk::with(Language::Ja, server(), memory);
    let asking = desk
        .app
        .update(Message::Enrolment(enrolment::Message::RetryPressed));
    assert!(desk.shows("この端末の証明書を確認しています…"));
    desk.run(asking);
    assert!(desk.shows("もう一度試す"));
}

#[test]
fn a_wrong_login_is_said_and_the_password_is_wiped() {
    let wrong = server().refuse::<OpenSession>(Problem::new(ProblemCode::WrongLogin));
    let mut desk = Desk::working(Language::Ja, wrong);
    let title = Problem::new(ProblemCode::WrongLogin)
        .document(Language::Ja)
        .title;
    assert!(desk.shows(&title));
    desk.send(Message::LogIn(session::Message::SubmitPressed));
    assert_eq!(
        desk.door.line.calls::<OpenSession>().len(),
        1,
        "there is no password to send"
    );
}

/// No administrator can give another one, or themselves, a new password: that is the operator's.
#[test]
fn whoever_forgot_their_password_is_told_whom_to_ask_an_administrator_too() {
    let wrong = Problem::new(ProblemCode::WrongLogin);
    let slow = Problem::new(ProblemCode::SlowedDown).with("seconds", 30);
    for (refused, advice) in [
        (
            wrong,
            "利用者IDかパスワードが違います。分からないときは、所属機関の利用者認証実施者に尋ねてください。ご自身が利用者認証実施者であれば、ヘルプデスクに連絡してください。",
        ),
        (
            slow,
            "パスワードが分からないときは、所属機関の利用者認証実施者に再発行を頼んでください。ご自身が利用者認証実施者であれば、ヘルプデスクに連絡してください。",
        ),
    ] {
        let is_slowed = refused.code == ProblemCode::SlowedDown;
        let desk = Desk::working(Language::Ja, server().refuse::<OpenSession>(refused));
        assert!(desk.shows(advice), "{advice}");
        let reached = crate::screen::helpdesk::ways(&desk.app.world);
        assert!(reached.len() > 1, "by telephone and by mail");
        for way in reached {
            assert_eq!(desk.shows(&way), is_slowed, "not for one slip: {way}");
        }
    }
}

#[test]
fn after_many_wrong_passwords_the_next_try_waits() {
    let slow = Problem::new(ProblemCode::SlowedDown).with("seconds", 30);
    let mut desk = Desk::working(Language::Ja, server().refuse::<OpenSession>(slow));
    desk.pass(SignedDuration::from_secs(29));
    desk.log_in("yamada-1", "another password");
    assert_eq!(desk.door.line.calls::<OpenSession>().len(), 1);
    desk.pass(SignedDuration::from_secs(1));
    desk.log_in("yamada-1", "another password");
    assert_eq!(desk.door.line.calls::<OpenSession>().len(), 2);
}

#[test]
fn a_line_that_comes_back_is_noticed_at_the_login() {
    let mut desk = Desk::enrolled(Language::Ja, server());
    desk.door.line.cut(true);
    desk.log_in("yamada-1", "a long enough password");
    assert!(desk.shows("▲ 切断中"));
    desk.door.line.cut(false);
    for _ in 0..5 {
        desk.pass(SignedDuration::from_secs(1));
    }
    let Stage::LogIn(entrance) = &desk.app.stage else {
        panic!("still at the login")
    };
    assert_eq!(entrance.api.line(), Line::Connected);
}

#[test]
fn the_language_is_one_press_away() {
    let mut desk = Desk::enrolled(Language::Ja, server());
    desk.at_the_window(|window| {
        window.click("English").expect("the button is there");
    });
    assert!(desk.shows("Log in"));
}

#[test]
fn a_certificate_in_its_last_third_is_renewed_before_anybody_logs_in() {
    let mut desk = Desk::fresh(Language::Ja, server());
    let now = *desk.now.lock().expect("not poisoned");
    desk.door
        .issue_from(now - SignedDuration::from_hours(24 * 300));
    desk.fill_in_the_link(PASSWORD);
    desk.enrol(enrolment::Message::SubmitPressed);
    let old = desk.memory.peek(Slot::Active).expect("an identity");
    let (door, memory) = (desk.door.clone(), desk.memory.clone());
    let again = Desk::before(Language::Ja, door, memory, Scripted::new());
    assert!(again.shows("利用者ID"));
    let new = again.memory.peek(Slot::Active).expect("an identity");
    assert!(new != old, "another key and certificate");
}

#[test]
fn a_renewal_that_fails_keeps_nobody_out() {
    let mut desk = Desk::fresh(Language::Ja, server());
    let now = *desk.now.lock().expect("not poisoned");
    desk.door
        .issue_from(now - SignedDuration::from_hours(24 * 300));
    desk.fill_in_the_link(PASSWORD);
    desk.enrol(enrolment::Message::SubmitPressed);
    let old = desk.memory.peek(Slot::Active).expect("an identity");
    desk.door.fail(Some(Trouble::Unreachable(Unreachable::Cut)));
    desk.enrol(enrolment::Message::ProceedPressed);
    assert!(desk.shows("利用者ID"));
    assert!(desk.memory.peek(Slot::Active).expect("an identity") == old);
}

#[test]
fn how_the_helpdesk_is_reached_is_kept_for_when_the_server_is_away() {
    let mut desk = Desk::enrolled(Language::Ja, server());
    assert_eq!(desk.app.preferences.helpdesk, Some(stage::helpdesk()));
    desk.door.line.cut(true);
    desk.log_in("yamada-1", "a long enough password");
    // 26 November 2026 is a Thursday, and it is 9:00.
    assert!(desk.shows("今はメールだけで受け付けています。電話は11/26 9:30からです。"));
    desk.pass(SignedDuration::from_mins(30));
    assert!(desk.shows("今、電話とメールで受け付けています（電話は18:15まで）。"));
    desk.pass(SignedDuration::from_hours(48));
    assert!(desk.shows("今はメールだけで受け付けています。電話は11/30 9:30からです。"));
}

#[test]
fn a_terminal_that_never_reached_a_server_says_where_the_helpdesk_stands() {
    let memory = Memory::new();
    memory.fail(Some(Fault::Locked));
    let desk = Desk::with(Language::Ja, server(), memory);
    assert!(desk.shows(&say!("helpdesk.unknown")));
}

#[test]
fn a_terminal_whose_identity_changed_asks_the_keystore_again() {
    let mut desk = Desk::working(Language::Ja, server());
    let changed = || {
        let renewed = crate::screen::office::Message::Renewed(Ok(true));
        let rooms = crate::app::work::rooms::Message::Office(renewed);
        Message::Work(crate::app::work::Message::Room(rooms))
    };
    let went = crate::app::work::Message::Went(crate::screen::Room::Office);
    desk.send(Message::Work(went.clone()));
    desk.send(changed());
    assert!(desk.shows("利用者ID"), "renewed: somebody logs in again");
    desk.log_in("yamada-1", "a long enough password");
    desk.send(Message::Work(went));
    desk.memory.erase(Slot::Active).expect("it answers");
    desk.send(changed());
    assert!(desk.shows("この端末を登録する"), "wiped: nobody is let in");
}
