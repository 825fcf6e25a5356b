//! The helpdesk at work in its window.

use serde_json::json;
use shared::enrolment::approval::ListApprovals;
use shared::enrolment::desk::{CountEnrolments, ListEnrolments, SearchDesk, ShowEnrolment};
use shared::enrolment::job::{ListJobResults, ListJobs, ShowJob};
use shared::enrolment::timeline::ShowTimeline;
use shared::mail::{ReadOutPassword, SpokenPassword};

use super::*;
use crate::app::{Stage, work};
use crate::screen::Room;

/// A server at which somebody of the helpdesk logs in and finds one office.
pub(super) fn server_of_the_helpdesk() -> Script {
    let office = json!({ "code": "990000-01", "kind": "health-centre", "name": "見本保健所" });
    let standing = json!({ "state": "invited", "days_left": 20 });
    let page = json!({
        "office": office, "open": true, "contact": { "office": office, "version": 0 },
        "particulars": { "phone": "03-1234-5678" },
        "standing": standing, "advice": "use-link", "refusals": [],
        "link": {
            "id": "00000000-0000-7000-8000-0000000111aa", "state": "open",
            "issued_at": "2026-11-10T01:00:00Z", "expires_at": "2026-12-10T01:00:00Z",
            "wrong_passwords": 0, "handed_out": 1, "password_by": "phone",
        },
    });
    let hit = json!({
        "row": {
            "office": office, "standing": standing, "has_mail": true, "has_password_mail": false,
        },
        "found_by": "office",
    });
    let groups = ["ab2c", "d3e4"].map(str::to_owned).to_vec();
    let mut session = session();
    session.role = Role::Helpdesk;
    session.office = stage::made(json!({
        "code": "990000-9", "kind": "helpdesk", "name": "見本ヘルプデスク"
    }));
    server()
        .answer::<ListJobs>(stage::made(json!({ "rows": [] })))
        .answer::<ListApprovals>(stage::made(json!({ "rows": [] })))
        .answer::<OpenSession>(session)
        .reply::<SearchDesk>(move |call| {
            let found = if call.path.contains("text=x") {
                json!([hit])
            } else {
                json!([])
            };
            Ok(stage::made(json!({ "offices": found })))
        })
        .answer::<ShowEnrolment>(stage::made(page))
        .answer::<ShowTimeline>(Page {
            rows: Vec::new(),
            next: None,
        })
        .answer::<ReadOutPassword>(SpokenPassword { groups })
}

#[test]
fn the_helpdesk_lands_at_its_desk_and_asks_for_nobody_under_follow_up() {
    let script = server_of_the_helpdesk();
    let desk = Desk::working(Language::Ja, script.clone());
    assert!(desk.shows("相手が読み上げた内容を、そのまま入力してください"));
    assert!(!desk.shows("今日の仕事") && !desk.shows("フォローアップ"));
    assert!(script.calls::<CountReturnees>().is_empty());
    assert!(script.calls::<ListReturnees>().is_empty());
}

#[test]
fn every_room_is_one_key_away() {
    let mut desk = Desk::working(Language::Ja, server_of_the_helpdesk());
    for (digit, room) in [
        ("2", "発行・一括処理"),
        ("5", "機関・端末"),
        ("1", "ヘルプデスク"),
    ] {
        desk.press_command(digit);
        let Stage::Work(work) = &desk.app.stage else {
            panic!("somebody works");
        };
        assert_eq!(work.room().name(), room);
    }
}

#[test]
fn what_waits_for_a_second_person_is_one_key_from_the_first_view() {
    let job = json!({
        "id": "00000000-0000-7000-8000-000000000007", "version": 1, "kind": "revoke",
        "identified": "official-letter", "reason": "見本の理由", "state": "waiting",
        "offices": 12, "done": 0, "asked_at": "2026-11-25T23:00:00Z",
        "asked_by": stage::colleague(9, "見本 受付"), "decide_by": "2026-11-26T23:00:00Z",
    });
    let counts = json!({ "states": [], "without_mail": 0, "counted_at": "2026-11-26T00:00:00Z" });
    let script = server_of_the_helpdesk()
        .answer::<ListJobs>(stage::made(json!({ "rows": [job] })))
        .answer::<ShowJob>(stage::made(job))
        .answer::<ListJobResults>(stage::made(json!({ "rows": [] })))
        .answer::<ListEnrolments>(stage::made(json!({ "rows": [] })))
        .answer::<CountEnrolments>(stage::made(counts));
    let mut desk = Desk::working(Language::Ja, script);
    assert!(desk.shows("2人目の承認を待っている依頼が 1 件あります"));
    desk.press(key::Named::F11);
    let Stage::Work(work) = &desk.app.stage else {
        panic!("somebody works");
    };
    assert_eq!(work.room().name(), "発行・一括処理");
    assert!(desk.shows("あなたの承認を待っています（2026/11/27 08:00 まで）。"));
}

#[test]
fn no_health_centre_enters_the_helpdesks_room() {
    let desk = Desk::working(Language::Ja, server());
    assert!(!desk.shows("ヘルプデスク"));
}

/// Somebody reads the password of a link out, which is in view.
fn reading_out() -> Desk {
    let mut desk = Desk::working(Language::Ja, server_of_the_helpdesk());
    desk.at_the_window(|window| {
        let field = iced::widget::Id::new("desk-search");
        let _ = window.click(field).expect("the field");
        window.typewrite("x");
    });
    desk.press(key::Named::Enter);
    desk.press(key::Named::F10);
    for digit in ["1", "1"] {
        desk.at_the_window(|window| {
            window.typewrite(digit);
        });
    }
    desk.press(key::Named::Enter);
    assert!(desk.shows("a b 2 c"));
    desk
}

#[test]
fn a_password_that_is_read_out_is_asked_about_before_somebody_leaves() {
    let leaves = [
        Message::Work(work::Message::LogOutPressed),
        Message::CloseRequested,
        Message::Work(work::Message::Went(Room::Issuing)),
    ];
    for leave in leaves {
        let mut desk = reading_out();
        desk.send(leave);
        assert!(desk.shows("パスワードを表示しています"));
        assert!(desk.shows("先へ進むと、読み上げの途中でもパスワードの表示は終わります。相手が書き取り終えていないときは、戻って続けてください。"));
        assert!(desk.door.line.calls::<EndSession>().is_empty());
        desk.press(key::Named::Escape);
        assert!(desk.shows("a b 2 c"), "and goes on being shown");
    }
}

#[test]
fn once_it_was_read_out_one_key_logs_out() {
    let mut desk = reading_out();
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::Work(_)), "it is asked");
    desk.press(key::Named::Escape);
    desk.press(key::Named::Escape);
    assert!(!desk.shows("a b 2 c"));
    desk.press(key::Named::F12);
    assert!(matches!(desk.app.stage, Stage::LogIn(_)));
}

#[test]
fn a_password_that_is_read_out_is_gone_after_the_lock() {
    let mut desk = reading_out();
    let lock = |message| Message::Work(work::Message::Lock(message));
    desk.send(Message::Work(work::Message::LockPressed));
    assert!(!desk.shows("a b 2 c"));
    let typed = Secret::new("a long enough password".into());
    desk.send(lock(session::Message::PasswordTyped(typed)));
    desk.send(lock(session::Message::SubmitPressed));
    assert!(
        desk.shows("パスワードの表示を終えました"),
        "where it was before"
    );
    assert!(!desk.shows("a b 2 c"));
}

/// How often it was asked what waits for a second person.
fn asked_what_waits(desk: &Desk) -> usize {
    let line = &desk.door.line;
    line.calls::<ListJobs>().len() + line.calls::<ListApprovals>().len()
}

fn ticks(desk: &mut Desk, seconds: usize) {
    for _ in 0..seconds {
        desk.pass(SignedDuration::from_secs(1));
    }
}

#[test]
fn the_hours_of_a_locked_desk_make_no_call_and_the_unlock_makes_one() {
    let mut desk = Desk::working(Language::Ja, server_of_the_helpdesk());
    let before = asked_what_waits(&desk);
    ticks(&mut desk, 30);
    assert_eq!(asked_what_waits(&desk), before + 2, "somebody looks at it");
    desk.send(Message::Work(work::Message::LockPressed));
    let asked = desk.door.line.asked();
    ticks(&mut desk, 2 * 3600);
    assert_eq!(desk.door.line.asked(), asked, "nobody looks at it");
    super::back::unlock(&mut desk);
    assert_eq!(asked_what_waits(&desk), before + 4);
}

#[test]
fn what_a_desk_asked_in_a_session_that_was_over_is_asked_once_after_the_unlock() {
    let opened = Session {
        role: Role::Helpdesk,
        ..session()
    };
    let script = super::back::with_sessions(server_of_the_helpdesk(), opened);
    let mut desk = Desk::working(Language::Ja, script);
    desk.door.line.end_session("token-1");
    ticks(&mut desk, 30);
    let refused = asked_what_waits(&desk);
    ticks(&mut desk, 120);
    assert_eq!(asked_what_waits(&desk), refused);
    super::back::unlock(&mut desk);
    assert_eq!(asked_what_waits(&desk), refused + 2);
}

#[test]
fn a_desk_whose_terminal_was_revoked_asks_nothing() {
    let mut desk = Desk::working(Language::Ja, server_of_the_helpdesk());
    let revoked = Problem::new(ProblemCode::TerminalRevoked);
    let line = desk.door.line.clone();
    let line = line.refuse::<ListJobs>(revoked.clone());
    let line = line.refuse::<ListApprovals>(revoked.clone());
    let _ = line.refuse::<ShowTerminal>(revoked);
    ticks(&mut desk, 30);
    let asked = desk.door.line.asked();
    ticks(&mut desk, 300);
    assert_eq!(desk.door.line.asked(), asked);
}

#[test]
fn the_desk_in_its_window() {
    in_both(|language| {
        let desk = Desk::working(language, server_of_the_helpdesk());
        desk.look("desk");
        desk.look_at_the_ends("desk");
    });
}
