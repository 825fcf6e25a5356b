//! Coming back after the session has ended on the server, or the terminal was taken back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use shared::follow_up::observation::RecordObservation;

use super::*;
use crate::app::{Stage, work};
use crate::screen::Room;

/// The same server, at which every login opens another session: `token-1`, `token-2` and so on.
pub(super) fn with_sessions(server: Script, session: Session) -> Script {
    let opened = AtomicU32::new(0);
    server.reply::<OpenSession>(move |_| {
        let nth = opened.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Session {
            token: Token::new(format!("token-{nth}")),
            ..session.clone()
        })
    })
}

pub(super) fn unlock(desk: &mut Desk) {
    let typed = Secret::new("a long enough password".into());
    for message in [
        session::Message::PasswordTyped(typed),
        session::Message::SubmitPressed,
    ] {
        desk.send(Message::Work(work::Message::Lock(message)));
    }
}

/// The names of what was asked for in this session, and needs one.
fn asked_in(desk: &Desk, token: &str) -> BTreeSet<&'static str> {
    let calls = desk.door.line.every_call().into_iter();
    let calls = calls.filter(|call| call.token.as_ref().is_some_and(|it| it.reveal() == token));
    let in_need = shared::contract::all();
    let in_need = |name: &str| {
        let declared = in_need.iter().find(|it| it.name == name);
        declared.is_some_and(|it| matches!(it.access, shared::contract::Access::Session(_)))
    };
    calls
        .map(|call| call.name)
        .filter(|name| in_need(name))
        .collect()
}

const LOCKED: &str = "画面をロックしました";

#[test]
fn what_any_room_asked_for_too_late_is_asked_again_by_itself() {
    for role in [Role::Administrator, Role::Officer] {
        let mut officer = session();
        officer.role = role;
        for room in Room::ALL.into_iter().filter(|room| room.admits(role)) {
            let server = with_sessions(server(), officer.clone());
            let mut desk = Desk::working(Language::Ja, server);
            desk.door.line.end_session("token-1");
            let before = desk.door.line.asked();
            desk.send(Message::Work(work::Message::Went(room)));
            let Stage::Work(work) = &desk.app.stage else {
                panic!("nothing typed is thrown away");
            };
            if work.room() != room || desk.door.line.asked() == before {
                // Not of this office, or nothing is asked for.
                continue;
            }
            desk.pass(SignedDuration::from_secs(1));
            assert!(desk.shows(LOCKED), "{room:?}");
            let refused = desk.door.line.every_call().split_off(before);
            let refused: BTreeSet<_> = refused.iter().map(|call| call.name).collect();
            unlock(&mut desk);
            assert!(!desk.shows(LOCKED), "{room:?}");
            assert!(!desk.shows("ログインが必要です"), "{room:?}");
            let mut again = asked_in(&desk, "token-2");
            again.extend(["ShowTerminal", "OpenSession", "ShowHelpdesk"]);
            assert!(
                refused.is_subset(&again),
                "{room:?}: {refused:?}, {again:?}"
            );
        }
    }
}

#[test]
fn what_is_asked_again_once_the_line_is_back_takes_no_keys_from_whoever_types() {
    for role in [Role::Helpdesk, Role::Administrator, Role::Officer] {
        let mut officer = session();
        officer.role = role;
        for room in Room::ALL.into_iter().filter(|room| room.admits(role)) {
            let mut desk = Desk::working(Language::Ja, with_sessions(server(), officer.clone()));
            desk.send(Message::Work(work::Message::Went(room)));
            desk.door.line.cut(true);
            desk.pass(SignedDuration::from_secs(31));
            desk.door.line.cut(false);
            let (keys, asked) = (desk.gave_keys, desk.door.line.asked());
            for _ in 0..6 {
                desk.pass(SignedDuration::from_secs(1));
            }
            assert!(desk.door.line.asked() > asked, "{room:?}: the line is back");
            assert_eq!(desk.gave_keys, keys, "{room:?}");
        }
    }
}

#[test]
fn terminals_whose_clocks_agree_try_a_cut_line_in_different_seconds() {
    use crate::app::again::is_time_to_probe;
    let at = |second| Timestamp::from_second(second).expect("an instant");
    let terminal = |last: u8| TerminalId(uuid::Uuid::from_bytes([last; 16]));
    for last in 0..=255 {
        let times = (0..5).filter(|second| is_time_to_probe(at(*second), terminal(last)));
        assert_eq!(times.count(), 1, "every five seconds");
    }
    let now = (0..=255).filter(|last| is_time_to_probe(at(0), terminal(*last)));
    assert!(
        (50..=52).contains(&now.count()),
        "a fifth of them at a time"
    );
}

#[test]
fn a_day_that_was_saved_too_late_is_saved_once_the_person_is_back() {
    let saved = stage::returnee(
        0,
        serde_json::json!([stage::observation(0, 1, 37.0, "見本 花子")]),
    );
    let server = server()
        .answer::<ShowReturnee>(stage::returnee(0, serde_json::json!([])))
        .answer::<RecordObservation>(saved);
    let mut desk = Desk::working(Language::Ja, with_sessions(server, session()));
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    desk.press(key::Named::Space);
    desk.at_the_window(|window| {
        window.click("365").expect("the temperature is there");
        let _ = window.typewrite("37");
    });
    desk.door.line.end_session("token-1");
    desk.press(key::Named::Enter);
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows(LOCKED));
    unlock(&mut desk);
    let sent = desk.door.line.calls::<RecordObservation>();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body);
    assert_eq!(sent[0].key, sent[1].key, "it is the same write");
    assert!(!desk.shows("ログインが必要です"));
}

#[test]
fn whoever_was_given_another_password_is_told_so_at_the_lock() {
    let mut desk = Desk::working(Language::Ja, with_sessions(server(), session()));
    let sentence = "受け取った初回用のパスワードを入力してください。";
    desk.send(Message::Work(work::Message::LockPressed));
    assert!(
        !desk.shows("サーバーでのログインは終了しています。"),
        "it has not"
    );
    unlock(&mut desk);
    desk.door.line.end_session("token-2");
    desk.send(Message::Work(work::Message::Went(Room::Today)));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows(LOCKED));
    let ended = "サーバーでのログインは終了しています。パスワードを再発行してもらった場合は、これまでのパスワードは使えません。受け取った初回用のパスワードを入力してください。続けて、自分のパスワードを決めます。";
    assert!(desk.shows(ended));
    let wrong = Problem::new(ProblemCode::WrongLogin);
    let _ = desk.door.line.clone().refuse::<OpenSession>(wrong);
    unlock(&mut desk);
    assert!(desk.shows(&format!("パスワードを再発行してもらった場合は、{sentence}")));
}

/// The same server, which takes the terminal back.
fn revokes(desk: &Desk, code: ProblemCode) {
    let line = desk.door.line.clone();
    let _ = line.refuse::<ShowTerminal>(Problem::new(code));
}

const OWN: &str = "自分の担当";
const CLOSED: &str = "この機関は閉鎖されたため、利用できなくなりました";

#[test]
fn what_a_terminal_shows_is_gone_within_a_minute_of_its_revocation() {
    for code in [
        ProblemCode::TerminalRevoked,
        ProblemCode::TerminalSuperseded,
        ProblemCode::OfficeClosed,
    ] {
        let mut desk = Desk::working(Language::Ja, server());
        revokes(&desk, code);
        assert!(desk.shows(OWN));
        for _ in 0..59 {
            desk.pass(SignedDuration::from_secs(1));
        }
        assert!(!desk.shows(OWN), "{code:?}");
        let why = match code {
            ProblemCode::OfficeClosed => CLOSED,
            _ => "この端末は利用できなくなりました",
        };
        assert!(desk.shows(why));
        let counted = desk.door.line.calls::<CountReturnees>().len();
        desk.press(key::Named::F5);
        desk.at_the_window(|window| {
            window.typewrite("2");
        });
        assert_eq!(desk.door.line.calls::<CountReturnees>().len(), counted);
    }
}

/// So many seconds, each with its tick.
fn seconds(desk: &mut Desk, count: usize) {
    for _ in 0..count {
        desk.pass(SignedDuration::from_secs(1));
    }
}

/// The server lets the terminal in again.
fn lets_in(desk: &Desk) {
    let _ = desk.door.line.clone().answer::<ShowTerminal>(terminal());
}

#[test]
fn a_terminal_that_was_taken_back_for_good_asks_no_more() {
    for code in [
        ProblemCode::TerminalRevoked,
        ProblemCode::TerminalSuperseded,
        ProblemCode::TerminalUnknown,
    ] {
        let mut desk = Desk::working(Language::Ja, server());
        revokes(&desk, code);
        seconds(&mut desk, 30);
        lets_in(&desk);
        let asked = desk.door.line.asked();
        seconds(&mut desk, 120);
        assert_eq!(desk.door.line.asked(), asked, "{code:?}");
        assert!(!desk.shows(OWN), "{code:?}");
    }
}

#[test]
fn the_window_of_an_office_that_is_opened_again_comes_back_with_what_was_typed() {
    let mut desk = Desk::working(Language::Ja, server());
    super::working::type_on_a_form(&mut desk);
    let typed = "▲ 接続中 – 未保存 1 件";
    revokes(&desk, ProblemCode::OfficeClosed);
    seconds(&mut desk, 30);
    assert!(desk.shows(CLOSED) && !desk.shows(typed));
    assert!(
        desk.shows("× 利用できません – 未保存 1 件"),
        "that is worse"
    );
    let looked = desk.door.line.asked();
    seconds(&mut desk, 120);
    assert_eq!(desk.door.line.asked(), looked + 4, "it looks, and seldom");
    assert!(desk.shows(CLOSED));
    lets_in(&desk);
    seconds(&mut desk, 30);
    assert!(!desk.shows(CLOSED) && desk.shows(typed));
}

const TYPED: &str = "入力中だった内容も消えていません。隠しているだけです。この画面が元に戻れば、続きから入力できます。";

#[test]
fn a_closed_office_is_told_that_what_was_typed_is_still_there_and_finds_it_as_it_was() {
    let looks = |desk: &Desk| {
        let mut window = picture::drive(desk.app.view(), AT_100);
        let taken = picture::take(&mut window, desk.app.theme(), "typed-at-a-closed-office");
        taken.pixels().to_vec()
    };
    for full in [false, true] {
        let mut desk = Desk::working(Language::Ja, server());
        super::working::type_on_a_form(&mut desk);
        // Whether or not it could be kept on the terminal besides.
        desk.drafts.fill_up(full);
        desk.pass(SignedDuration::from_secs(1));
        let before = looks(&desk);
        revokes(&desk, ProblemCode::OfficeClosed);
        seconds(&mut desk, 30);
        assert!(desk.shows(TYPED));
        let kept = "フォローアップに入力中の内容はサーバーに届いていません。この端末に暗号化して残してあります。";
        assert_eq!(desk.shows(kept), !full);
        lets_in(&desk);
        seconds(&mut desk, 30);
        assert!(!desk.shows(CLOSED));
        assert!(looks(&desk) == before, "not one sign is lost");
    }
}

#[test]
fn nothing_is_said_of_what_was_typed_where_nothing_was_or_it_does_not_come_back() {
    let mut desk = Desk::working(Language::Ja, server());
    revokes(&desk, ProblemCode::OfficeClosed);
    seconds(&mut desk, 30);
    assert!(desk.shows(CLOSED) && !desk.shows(TYPED));
    let mut desk = Desk::working(Language::Ja, server());
    super::working::type_on_a_form(&mut desk);
    revokes(&desk, ProblemCode::TerminalRevoked);
    seconds(&mut desk, 30);
    assert!(desk.shows("この端末は利用できなくなりました") && !desk.shows(TYPED));
}

#[test]
fn what_a_closed_office_could_not_be_shown_is_asked_for_once_it_is_open_again() {
    let mut desk = Desk::working(Language::Ja, server());
    revokes(&desk, ProblemCode::OfficeClosed);
    seconds(&mut desk, 30);
    lets_in(&desk);
    let counted = desk.door.line.calls::<CountReturnees>().len();
    seconds(&mut desk, 30);
    assert!(desk.shows(OWN));
    assert!(desk.door.line.calls::<CountReturnees>().len() > counted);
}

#[test]
fn the_lock_of_an_office_that_is_opened_again_forgets_the_refusal() {
    let closed = Problem::new(ProblemCode::OfficeClosed);
    let title = closed.document(Language::Ja).title;
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    revokes(&desk, ProblemCode::OfficeClosed);
    let _ = desk.door.line.clone().refuse::<OpenSession>(closed);
    unlock(&mut desk);
    seconds(&mut desk, 60);
    assert!(desk.shows(LOCKED) && desk.shows(&title));
    lets_in(&desk);
    seconds(&mut desk, 30);
    assert!(desk.shows(LOCKED) && !desk.shows(&title));
    let _ = desk.door.line.clone().answer::<OpenSession>(session());
    unlock(&mut desk);
    assert!(desk.shows(OWN));
}

#[test]
fn a_window_that_is_withdrawn_shows_no_pixel_of_what_was_in_it() {
    let covers = |desk: &mut Desk| {
        revokes(desk, ProblemCode::TerminalRevoked);
        desk.pass(SignedDuration::from_secs(30));
    };
    assert!(drawn_over(counts(), covers) == drawn_over(other_counts(), covers));
}

#[test]
fn a_password_that_was_handed_over_uncovers_no_pixel_of_the_work() {
    let covers = |desk: &mut Desk| {
        desk.send(Message::Work(work::Message::LockPressed));
        let first = Session {
            must_change_password: true,
            ..session()
        };
        let _ = desk.door.line.clone().answer::<OpenSession>(first);
        unlock(desk);
        assert!(desk.shows("自分のパスワードを決めてください"));
    };
    assert!(drawn_over(counts(), covers) == drawn_over(other_counts(), covers));
}

/// The window over these counts, once `cover` was done to it.
fn drawn_over(counts: Counts, cover: impl Fn(&mut Desk)) -> Vec<u8> {
    let name = match counts == other_counts() {
        true => "covered-other",
        false => "covered",
    };
    let mut desk = Desk::working(Language::Ja, server().answer::<CountReturnees>(counts));
    cover(&mut desk);
    let mut window = picture::drive(desk.app.view(), AT_100);
    let taken = picture::take(&mut window, desk.app.theme(), name);
    taken.pixels().to_vec()
}

/// Others than [`counts`], but for how many are due, which stands in the navigation too.
fn other_counts() -> Counts {
    Counts {
        not_reached_today: counts().not_reached_today,
        ..Counts::default()
    }
}

#[test]
fn what_ran_out_can_still_be_read_off() {
    let mut desk = Desk::working(Language::Ja, server());
    revokes(&desk, ProblemCode::TerminalExpired);
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.shows(OWN) && desk.shows("この端末は利用できなくなりました"));
}

#[test]
fn asking_whether_the_terminal_is_let_in_keeps_no_window_open() {
    let mut desk = Desk::working(Language::Ja, server());
    let asked = |desk: &Desk| desk.door.line.calls::<ShowTerminal>().len();
    let before = asked(&desk);
    for _ in 0..20 {
        assert!(!desk.shows(LOCKED));
        desk.pass(SignedDuration::from_secs(30));
    }
    assert!(desk.shows(LOCKED), "nobody was there for ten minutes");
    assert_eq!(asked(&desk), before + 19);
    desk.pass(SignedDuration::from_secs(300));
    assert_eq!(asked(&desk), before + 19, "there is nothing to hide");
}
