//! Changing the password that was handed over, before any work and behind the lock.

use shared::accounts::password::ChangePassword;

use super::*;
use crate::app::work;
use crate::screen::password;

/// A server at which the password that was handed over is to be changed.
fn with_a_first_password() -> Script {
    let session = Session {
        must_change_password: true,
        ..session()
    };
    server()
        .answer::<OpenSession>(session)
        .answer::<ChangePassword>(Done {})
}

#[test]
fn a_password_that_was_handed_over_is_changed_before_work_begins() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    assert!(desk.shows("自分のパスワードを決めてください"));
    let asked = desk.door.line.calls::<CountReturnees>();
    assert!(asked.is_empty(), "the server would refuse everything else");
    for message in [
        password::Message::NewTyped(Secret::new("three unrelated words".into())),
        password::Message::AgainTyped(Secret::new("three unrelated words".into())),
        password::Message::SubmitPressed,
    ] {
        desk.send(Message::FirstPassword(message));
    }
    desk.press(key::Named::Escape);
    assert!(desk.shows("今日の仕事"));
}

#[test]
fn whoever_does_not_change_the_first_password_is_logged_out() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    desk.press(key::Named::Escape);
    assert!(desk.shows("利用者ID"));
    assert_eq!(desk.door.line.calls::<EndSession>().len(), 1);
}

#[test]
fn a_first_password_left_half_changed_is_not_there_for_whoever_passes_by() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    desk.pass(SignedDuration::from_secs(599));
    assert!(desk.shows("自分のパスワードを決めてください"));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows("利用者ID"));
    assert_eq!(desk.door.line.calls::<EndSession>().len(), 1);
}

#[test]
fn a_password_that_was_reset_behind_the_lock_is_changed_over_what_was_typed() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    for message in [
        password::Message::NewTyped(Secret::new("three unrelated words".into())),
        password::Message::AgainTyped(Secret::new("three unrelated words".into())),
        password::Message::SubmitPressed,
        password::Message::ClosePressed,
    ] {
        desk.send(Message::FirstPassword(message));
    }
    desk.send(Message::Work(work::Message::LockPressed));
    let unlock = |desk: &mut Desk| {
        for message in [
            session::Message::PasswordTyped(Secret::new("as it was handed over".into())),
            session::Message::SubmitPressed,
        ] {
            desk.send(Message::Work(work::Message::Lock(message)));
        }
    };
    unlock(&mut desk);
    assert!(desk.shows("自分のパスワードを決めてください"));
    let leave = "変更せずに画面をロックする";
    assert!(desk.shows(leave) && !desk.shows("変更せずにログアウトする"));
    desk.press(key::Named::F1);
    assert!(desk.shows(leave) && !desk.shows("変更せずにログアウトする"));
    desk.press(key::Named::F1);
    desk.press(key::Named::Escape);
    assert!(!desk.shows("自分のパスワードを決めてください"));
    assert!(desk.shows("ロックを解除"), "nobody else works on");
    unlock(&mut desk);
    assert!(desk.shows("自分のパスワードを決めてください"));
}

/// A server of an office that is closed while somebody decides on a password.
fn closes(desk: &Desk) {
    let closed = Problem::new(ProblemCode::OfficeClosed);
    let line = desk.door.line.clone();
    let line = line.refuse::<ChangePassword>(closed.clone());
    let _ = line.refuse::<ShowTerminal>(closed);
}

fn opens_again(desk: &Desk) {
    let _ = desk.door.line.clone().answer::<ShowTerminal>(terminal());
}

/// What somebody types to change a password.
fn change() -> [password::Message; 3] {
    [
        password::Message::NewTyped(Secret::new("three unrelated words".into())),
        password::Message::AgainTyped(Secret::new("three unrelated words".into())),
        password::Message::SubmitPressed,
    ]
}

/// So many seconds, each with its tick.
fn seconds(desk: &mut Desk, count: usize) {
    for _ in 0..count {
        desk.pass(SignedDuration::from_secs(1));
    }
}

fn asked_who_it_is(desk: &Desk) -> usize {
    desk.door.line.calls::<ShowTerminal>().len()
}

const CLOSED: &str = "この機関は閉鎖されています";
const WAITS: &str = "誤って閉鎖された場合は、このままお待ちください。閉鎖が取り消されると、この表示は自動的に消えます。";
const OWN: &str = "自分のパスワードを決めてください";

#[test]
fn the_first_password_of_an_office_that_is_opened_again_forgets_the_refusal_by_itself() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    closes(&desk);
    for message in change() {
        desk.send(Message::FirstPassword(message));
    }
    assert!(desk.shows(CLOSED) && desk.shows(WAITS));
    let looked = asked_who_it_is(&desk);
    seconds(&mut desk, 60);
    assert_eq!(asked_who_it_is(&desk), looked + 2, "it looks, and seldom");
    assert!(desk.shows(CLOSED));
    opens_again(&desk);
    let keys = desk.gave_keys;
    seconds(&mut desk, 30);
    assert!(!desk.shows(CLOSED) && !desk.shows(WAITS));
    assert_eq!(desk.gave_keys, keys, "whoever types goes on typing");
    let _ = desk.door.line.clone().answer::<ChangePassword>(Done {});
    desk.send(Message::FirstPassword(password::Message::SubmitPressed));
    desk.press(key::Named::Escape);
    assert!(desk.shows("今日の仕事"), "what was typed is still there");
}

#[test]
fn the_first_password_asks_nothing_by_itself_where_nobody_said_that_the_office_is_closed() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    let asked = desk.door.line.asked();
    seconds(&mut desk, 120);
    assert_eq!(desk.door.line.asked(), asked);
}

#[test]
fn the_first_password_tries_a_line_that_is_cut_until_it_is_back() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    desk.door.line.cut(true);
    for message in change() {
        desk.send(Message::FirstPassword(message));
    }
    assert!(desk.shows("▲ 切断中"));
    desk.door.line.cut(false);
    seconds(&mut desk, 5);
    assert!(!desk.shows("▲ 切断中") && desk.shows(OWN));
}

/// The password is changed by somebody who is at work, and refused like all else.
fn changes_at_work(desk: &mut Desk) {
    desk.send(Message::Work(work::Message::PasswordPressed));
    let present = Secret::new("a long enough password".into());
    let present = [password::Message::PresentTyped(present)];
    for message in present.into_iter().chain(change()) {
        desk.send(Message::Work(work::Message::Password(message)));
    }
}

#[test]
fn a_password_that_is_changed_at_work_forgets_the_refusal_of_an_office_that_is_opened_again() {
    let working = server().answer::<ChangePassword>(Done {});
    let mut desk = Desk::working(Language::Ja, working);
    closes(&desk);
    changes_at_work(&mut desk);
    assert!(desk.shows(CLOSED) && desk.shows(WAITS));
    opens_again(&desk);
    seconds(&mut desk, 30);
    assert!(!desk.shows(CLOSED) && desk.shows("パスワードの変更"));
}

/// The terminal of the closed office is revoked as well.
fn revokes(desk: &Desk) {
    let revoked = Problem::new(ProblemCode::TerminalRevoked);
    let _ = desk.door.line.clone().refuse::<ShowTerminal>(revoked);
}

const REVOKED: &str = "この端末の証明書は失効しています";

#[test]
fn the_first_password_waits_for_nothing_once_the_terminal_of_a_closed_office_is_revoked() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    closes(&desk);
    for message in change() {
        desk.send(Message::FirstPassword(message));
    }
    revokes(&desk);
    seconds(&mut desk, 30);
    assert!(desk.shows(REVOKED) && desk.shows(OWN));
    assert!(!desk.shows(CLOSED) && !desk.shows(WAITS));
    let asked = desk.door.line.asked();
    seconds(&mut desk, 120);
    assert_eq!(desk.door.line.asked(), asked);
}

#[test]
fn the_first_password_says_nothing_of_a_line_that_is_cut_while_it_looks_for_a_closed_office() {
    let mut desk = Desk::working(Language::Ja, with_a_first_password());
    closes(&desk);
    for message in change() {
        desk.send(Message::FirstPassword(message));
    }
    desk.door.line.cut(true);
    seconds(&mut desk, 30);
    assert!(desk.shows(CLOSED) && desk.shows(WAITS));
}

#[test]
fn a_password_that_is_changed_at_work_waits_for_nothing_once_the_terminal_is_revoked_as_well() {
    let mut desk = Desk::working(Language::Ja, server());
    closes(&desk);
    changes_at_work(&mut desk);
    assert!(desk.shows(CLOSED) && desk.shows(WAITS));
    revokes(&desk);
    seconds(&mut desk, 30);
    assert!(desk.shows(REVOKED) && desk.shows("パスワードの変更"));
    assert!(!desk.shows(CLOSED) && !desk.shows(WAITS));
    let asked = desk.door.line.asked();
    seconds(&mut desk, 120);
    assert_eq!(desk.door.line.asked(), asked);
}

#[test]
fn the_first_password_of_a_closed_office_has_its_picture() {
    in_both(|language| {
        let mut desk = Desk::working(language, with_a_first_password());
        closes(&desk);
        for message in change() {
            desk.send(Message::FirstPassword(message));
        }
        desk.look("login-first-closed");
    });
}
