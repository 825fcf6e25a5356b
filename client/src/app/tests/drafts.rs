//! What was typed outlives the window.

use super::*;
use crate::app::work;
use crate::screen::Room;

/// A server at which the first in the list has no day recorded yet.
fn following() -> Script {
    server().answer::<ShowReturnee>(stage::returnee(0, serde_json::json!([])))
}

/// Somebody is typing a temperature for the first in the list.
fn typing(language: Language) -> Desk {
    let mut desk = Desk::working(language, following());
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    desk.press(key::Named::Space);
    desk.at_the_window(|window| {
        window.click("365").expect("the temperature is there");
        let _ = window.typewrite("37");
    });
    assert!(desk.shows("37.0 ℃"));
    desk
}

/// The next window on the terminal of `desk`, which has ended, with somebody logged in again.
fn next(desk: &Desk, server: Script) -> Desk {
    desk.drafts.let_go();
    beside(desk, server)
}

/// Another window on the terminal of `desk`, with somebody logged in again.
fn beside(desk: &Desk, server: Script) -> Desk {
    let language = desk.app.preferences.language;
    let (memory, drafts) = (desk.memory.clone(), desk.drafts.clone());
    let mut desk = Desk::upon(language, server, memory, drafts);
    desk.log_in("yamada-1", "a long enough password");
    desk.send(Message::Work(work::Message::Went(Room::FollowUp)));
    desk
}

const FOUND: &str = "前回、見本 花子さんの入力が保存されないまま残っています";

#[test]
fn what_was_typed_is_found_again_after_a_crash() {
    let mut crashed = typing(Language::Ja);
    crashed.pass(SignedDuration::from_secs(1));
    let sealed = crashed.drafts.everything();
    assert_eq!(sealed.len(), 1);
    let text = String::from_utf8_lossy(&sealed[0]);
    // Two digits may stand among sealed octets by chance; whole words do not.
    assert!(!text.contains("見本") && !text.contains("temperature"));
    let mut desk = next(&crashed, following());
    assert!(desk.shows(FOUND));
    desk.press(key::Named::F4);
    assert!(desk.shows("37.0 ℃"), "and can be gone on with");
    assert!(!desk.shows(FOUND));
}

#[test]
fn two_windows_of_one_person_keep_what_was_typed_in_either() {
    let mut first = typing(Language::Ja);
    first.pass(SignedDuration::from_secs(1));
    let mut second = beside(&first, following());
    assert!(!second.shows(FOUND), "the first is still at it");
    super::working::type_on_a_form(&mut second);
    second.pass(SignedDuration::from_secs(1));
    assert_eq!(first.drafts.everything().len(), 2, "one file each");
    let desk = next(&first, following());
    let both = "前回、見本 花子さんほか 1 件の入力が保存されないまま残っています";
    assert!(desk.shows(both));
}

#[test]
fn what_was_typed_is_nobody_elses() {
    let mut crashed = typing(Language::Ja);
    crashed.pass(SignedDuration::from_secs(1));
    let mut other = session();
    other.user.id = UserId::new(2, [3; 10]);
    let desk = next(&crashed, following().answer::<OpenSession>(other));
    assert!(!desk.shows(FOUND));
    assert_eq!(
        crashed.drafts.everything().len(),
        1,
        "and stays for its own"
    );
}

#[test]
fn closing_keeps_what_was_typed_and_says_so() {
    let mut desk = typing(Language::Ja);
    desk.send(Message::CloseRequested);
    assert!(desk.shows("捨ててウィンドウを閉じる"), "not kept yet");
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.shows("残してウィンドウを閉じる"));
    desk.send(Message::Work(work::Message::LeavePressed));
    assert!(next(&desk, following()).shows(FOUND));
}

#[test]
fn what_the_terminal_cannot_keep_is_said_to_be_thrown_away() {
    let mut desk = typing(Language::Ja);
    desk.drafts.fill_up(true);
    desk.pass(SignedDuration::from_secs(1));
    desk.send(Message::CloseRequested);
    assert!(desk.shows("捨ててウィンドウを閉じる"));
    desk.drafts.fill_up(false);
    desk.pass(SignedDuration::from_secs(61));
    assert!(
        desk.shows("残してウィンドウを閉じる"),
        "tried again after a while"
    );
}

#[test]
fn what_was_saved_is_wiped() {
    let mut desk = typing(Language::Ja);
    desk.pass(SignedDuration::from_secs(1));
    let saved = stage::returnee(
        0,
        serde_json::json!([stage::observation(0, 1, 37.0, "見本 花子")]),
    );
    let _ = desk
        .door
        .line
        .clone()
        .answer::<shared::follow_up::observation::RecordObservation>(saved);
    desk.press(key::Named::Enter);
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.drafts.everything().is_empty());
}

#[test]
fn what_was_thrown_away_at_the_log_out_is_wiped() {
    let mut desk = typing(Language::Ja);
    desk.send(Message::Work(work::Message::LogOutPressed));
    assert!(desk.shows("捨ててログアウトする"));
    desk.send(Message::Work(work::Message::LeavePressed));
    assert!(desk.drafts.everything().is_empty());
    assert!(!next(&desk, following()).shows(FOUND));
}

#[test]
fn what_is_kept_is_thrown_away_when_that_was_said_twice() {
    let throw_away = || Message::Work(work::Message::ThrowAwayPressed);
    let asking = [
        Message::CloseRequested,
        Message::Work(work::Message::LogOutPressed),
    ];
    for ask in asking {
        let mut desk = typing(Language::Ja);
        desk.pass(SignedDuration::from_secs(1));
        desk.send(ask.clone());
        assert!(desk.shows("残さずに捨てる…"));
        desk.send(throw_away());
        assert!(!desk.shows("残さずに捨てる…"));
        assert_eq!(desk.drafts.everything().len(), 1, "asked first");
        desk.send(Message::Work(work::Message::StayPressed));
        desk.send(ask);
        assert!(desk.shows("残さずに捨てる…"), "and taken back");
        desk.send(throw_away());
        desk.send(Message::Work(work::Message::LeavePressed));
        assert!(desk.drafts.everything().is_empty());
        assert!(!next(&desk, following()).shows(FOUND));
    }
}

const UNREAD: &str = "前回この端末に残した入力を、まだ読み取れません";
const PUT_ASIDE: &str = "前回この端末に残した入力は、読み取れませんでした";

/// Types something for someone new and lets it be kept.
fn type_on(desk: &mut Desk) {
    super::working::type_on_a_form(desk);
    desk.pass(SignedDuration::from_secs(1));
}

#[test]
fn what_cannot_be_read_yet_is_said_and_found_once_it_can() {
    let mut crashed = typing(Language::Ja);
    crashed.pass(SignedDuration::from_secs(1));
    let sealed = crashed.drafts.everything();
    let (keystore, disk) = (crashed.memory.clone(), crashed.drafts.clone());
    for pressed in [false, true] {
        match pressed {
            true => disk.break_down(true),
            false => keystore.fail_drafts(Some(Fault::Locked)),
        }
        let mut desk = next(&crashed, following());
        assert!(desk.shows(UNREAD) && !desk.shows(FOUND));
        type_on(&mut desk);
        assert_eq!(crashed.drafts.everything(), sealed, "nothing over it");
        match pressed {
            true => disk.break_down(false),
            false => keystore.fail_drafts(None),
        }
        match pressed {
            true => desk.send(Message::Work(work::Message::LookAgainPressed)),
            false => desk.pass(SignedDuration::from_secs(60)),
        }
        assert!(!desk.shows(UNREAD) && desk.shows(FOUND));
    }
}

#[test]
fn what_can_never_be_read_is_put_aside_and_said_so_once() {
    let mut crashed = typing(Language::Ja);
    crashed.pass(SignedDuration::from_secs(1));
    crashed.drafts.spoil();
    let spoilt = crashed.drafts.everything();
    let mut desk = next(&crashed, following());
    assert!(desk.shows(PUT_ASIDE));
    type_on(&mut desk);
    let all = desk.drafts.everything();
    assert!(all.len() == 2 && all.contains(&spoilt[0]), "beside it");
    desk.send(Message::Work(work::Message::NotedPressed));
    assert!(!desk.shows(PUT_ASIDE));
    assert!(!next(&desk, following()).shows(PUT_ASIDE));
}

#[test]
fn what_another_version_of_the_program_kept_is_put_aside() {
    let crashed = typing(Language::Ja);
    crashed.drafts.let_go();
    let outbox = Outbox::new(Vault::new(crashed.memory.clone()), crashed.drafts.clone());
    let later = zeroize::Zeroizing::new(b"{\"later\":1}".to_vec());
    let kept = outbox.keep(session().user.id, later);
    crashed.runtime.block_on(kept).expect("kept");
    let later = crashed.drafts.everything();
    let mut desk = next(&crashed, following());
    assert!(desk.shows(PUT_ASIDE));
    desk.send(Message::CloseRequested);
    assert_eq!(desk.drafts.everything(), later);
}

#[test]
fn what_is_said_of_it_has_its_pictures() {
    in_both(|language| {
        let mut desk = typing(language);
        desk.send(Message::CloseRequested);
        desk.look("drafts-lost-on-closing");
        desk.pass(SignedDuration::from_secs(1));
        desk.look("drafts-kept-on-closing");
        desk.send(Message::Work(work::Message::ThrowAwayPressed));
        desk.look("drafts-thrown-away-on-closing");
        next(&desk, following()).look("drafts-found");
        desk.memory.fail_drafts(Some(Fault::Locked));
        next(&desk, following()).look("drafts-unread");
        desk.memory.fail_drafts(None);
        desk.drafts.spoil();
        next(&desk, following()).look("drafts-put-aside");
    });
}
