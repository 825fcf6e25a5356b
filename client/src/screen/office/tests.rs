//! The office's view, driven by its keys and looked at.

use iced::keyboard::key::Named;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::contract::Done;
use shared::enrolment::{EnrolmentLink, LeaveOffice, ShowTerminal};
use shared::{Language, Problem, ProblemCode};

use super::*;
use crate::api::scripted::Script;
use crate::enrolment::scripted::{Door, PASSWORD};
use crate::keystore::{Keystore as _, Memory, Vault};
use crate::language::speak;
use crate::outbox::{Outbox, Scripted};
use crate::picture::{AT_100, AT_150};
use crate::screen::stage::{self, NOON, Staged, Window, made};

type View = Window<Staged<OfficeScreen>>;

const SERIAL: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const LINK: &str = "00000000-0000-7000-8000-00000000f00d";

fn enrolment(days_left: i64) -> Enrolment {
    let now: Timestamp = NOON.parse().expect("an instant");
    let expires = now + SignedDuration::from_hours(24 * days_left);
    let issued = expires - SignedDuration::from_hours(24 * 365);
    made(json!({
        "office": { "code": "131016", "kind": "health-centre", "name": "見本保健所" },
        "open": true,
        "contact": { "office": { "code": "131016", "kind": "health-centre", "name": "見本保健所" },
            "version": 1, "mail": "hoken@example.lg.jp" },
        "standing": { "state": "enrolled" },
        "advice": "enrolled",
        "link": { "id": LINK, "state": "used", "issued_at": "2026-09-20T03:00:00Z",
            "expires_at": "2026-10-20T03:00:00Z", "wrong_passwords": 1, "handed_out": 1,
            "ended_at": "2026-09-28T03:00:00Z" },
        "certificate": { "serial": SERIAL, "terminal": "00000000-0000-7000-8000-00000000a1c3",
            "state": "live", "issued_at": issued, "expires_at": expires,
            "first_used_at": "2026-09-28T03:01:00Z", "seen_at": "2026-11-20T02:59:00Z" },
        "refusals": [{ "what": "link", "code": "link-refused", "count": 1,
            "first_at": "2026-09-28T02:50:00Z", "last_at": "2026-09-28T02:50:00Z" }],
    }))
}

fn timeline() -> Vec<TimelineEntry> {
    made(json!([
        { "at": "2026-09-28T03:01:00Z", "event": "first-used", "by": { "by": "terminal" },
          "serial": SERIAL },
        { "at": "2026-09-28T03:00:00Z", "event": "enrolled", "by": { "by": "terminal" },
          "serial": SERIAL, "link": LINK },
        { "at": "2026-09-28T02:50:00Z", "event": "link-refused", "by": { "by": "terminal" },
          "refused": "link-refused", "link": LINK },
        { "at": "2026-09-20T03:00:00Z", "event": "link-issued", "link": LINK,
          "by": { "by": "person", "name": "見本 支援子", "office": "見本ヘルプデスク" },
          "identified": "called-back", "reason": "端末の入れ替え" },
    ]))
}

fn server(days_left: i64) -> Script {
    Script::new()
        .answer::<ShowEnrolment>(enrolment(days_left))
        .answer::<ShowTimeline>(Page {
            rows: timeline(),
            next: None,
        })
}

fn context(script: &Script, days_left: i64) -> Context {
    let mut context = stage::context(script);
    context.world.help.hear(stage::helpdesk());
    context.terminal.expires_at = context.world.now() + SignedDuration::from_hours(24 * days_left);
    context
}

fn open(script: &Script, days_left: i64, size: (f32, f32)) -> View {
    Staged::open(context(script, days_left), size)
}

/// Tall enough that nothing has to be scrolled to.
const WHOLE: (f32, f32) = (1080.0, 2400.0);

#[test]
fn who_enrolled_the_terminal_and_when_is_said_with_the_link_behind_it() {
    speak(Language::Ja);
    let mut view = open(&server(312), 312, WHOLE);
    assert!(view.shows(
        "2026/09/28 12:00に、この端末で登録しました（リンクの発行：見本 支援子（見本ヘルプデスク））"
    ));
    assert!(view.shows("理由：端末の入れ替え"));
    assert!(view.shows("2026/09/28 12:00に使われました。もう使えません"));
    assert!(view.shows("今、電話とメールで受け付けています（電話は18:15まで）。"));
}

#[test]
fn a_certificate_that_did_not_renew_itself_is_warned_about_ever_more_urgently() {
    speak(Language::Ja);
    for (days, words) in [
        (60, Some("ネットワークがつながっている時に")),
        (30, Some("今週のうちに")),
        (
            7,
            Some("期限が切れると、この端末では仕事ができなくなります。"),
        ),
        (61, None),
    ] {
        let mut view = open(&server(days), days, WHOLE);
        let title = format!("証明書の残りは{days}日です。自動の更新がまだできていません");
        assert_eq!(view.shows(&title), words.is_some(), "{days}");
        // The advice begins like this.
        let all = [
            say!("office.warning.early"),
            say!("office.warning.soon"),
            say!("office.warning.now"),
        ];
        let shown: Vec<_> = all.iter().filter(|advice| view.shows(advice)).collect();
        assert_eq!(shown.len(), usize::from(words.is_some()));
        assert!(
            shown
                .iter()
                .all(|advice| advice.starts_with(words.unwrap_or_default()))
        );
    }
}

#[test]
fn nothing_is_offered_to_renew_before_two_thirds_of_the_life() {
    speak(Language::Ja);
    let button = "証明書を更新する";
    assert!(!open(&server(123), 123, WHOLE).shows(button));
    assert!(open(&server(121), 121, WHOLE).shows(button));
}

/// A terminal that was really enrolled, with a certificate in its last third.
fn enrolled() -> (Context, Door, Memory, Scripted) {
    let script = server(65)
        .answer::<LeaveOffice>(Done {})
        .answer::<ShowTerminal>(stage::context(&Script::new()).terminal);
    let (door, memory, drafts) = (Door::new(script.clone()), Memory::new(), Scripted::new());
    let mut context = context(&script, 65);
    context.world.gate = std::sync::Arc::new(door.clone());
    context.world.vault = Vault::new(memory.clone());
    context.world.outbox = Some(Outbox::new(context.world.vault.clone(), drafts.clone()));
    door.issue_from(context.world.now() - SignedDuration::from_hours(24 * 300));
    let link: EnrolmentLink = door.link();
    let password = shared::accounts::Password::new(PASSWORD.to_owned());
    let world = context.world.clone();
    let enrolling = async move {
        let enrolled = crate::enrolment::enrol(&world, &link, password, |_| {}).await;
        enrolled.expect("the door is open")
    };
    wait(enrolling);
    (context, door, memory, drafts)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

#[test]
fn a_renewal_by_hand_makes_a_new_key_and_leads_to_the_login() {
    speak(Language::Ja);
    let (context, _, memory, _) = enrolled();
    let old = memory.peek(Slot::Active).expect("an identity");
    let mut view: View = Staged::open(context, WHOLE);
    view.click("証明書を更新する");
    assert!(view.shows("証明書を更新しますか"));
    view.key(Named::Escape);
    assert!(!view.shows("証明書を更新しますか"));
    view.click("証明書を更新する");
    view.key(Named::Enter);
    assert_eq!(view.screen.leads, [Lead::IdentityChanged]);
    assert!(memory.peek(Slot::Active).expect("an identity") != old);
}

#[test]
fn a_renewal_that_fails_says_why_and_changes_nothing() {
    speak(Language::Ja);
    let (context, door, memory, _) = enrolled();
    let old = memory.peek(Slot::Active).expect("an identity");
    let mut view: View = Staged::open(context, WHOLE);
    door.refuse(ProblemCode::Busy);
    view.click("証明書を更新する");
    view.key(Named::Enter);
    assert!(view.shows("証明書を更新できませんでした。今の証明書はそのまま使えます"));
    assert!(
        view.shows("エラーコード：busy") || view.shows("busy"),
        "for the helpdesk"
    );
    assert!(view.screen.leads.is_empty());
    assert!(memory.peek(Slot::Active).expect("an identity") == old);
}

#[test]
fn leaving_wipes_keys_and_drafts_after_the_code_was_typed() {
    speak(Language::Ja);
    let (context, door, memory, drafts) = enrolled();
    let outbox = context.world.outbox.clone().expect("one was given");
    let typed = zeroize::Zeroizing::new(b"typed".to_vec());
    wait(outbox.keep(context.person.id, typed)).expect("kept");
    let mut view: View = Staged::open(context, WHOLE);
    view.click("使用をやめて消す");
    assert!(
        view.shows("▲ 送られていない入力が 1 人分残っています。一緒に消え、元に戻せません")
            || view.shows("送られていない入力が 1 人分残っています。一緒に消え、元に戻せません")
    );
    view.types("131024");
    view.key(Named::Enter);
    assert!(view.screen.leads.is_empty(), "another code means nothing");
    assert!(memory.peek(Slot::Active).is_some());
    view.key(Named::Escape);
    assert!(!view.shows("この端末の使用をやめますか"));

    view.click("使用をやめて消す");
    view.types("131016");
    view.key(Named::Enter);
    assert_eq!(view.screen.leads, [Lead::IdentityChanged]);
    assert_eq!(
        door.line.calls::<LeaveOffice>().len(),
        1,
        "the server was told"
    );
    for slot in [Slot::Active, Slot::Pending, Slot::Drafts] {
        assert!(memory.read(slot).expect("it answers").is_none(), "{slot:?}");
    }
    assert_eq!(wait(outbox.count()), Ok(0));
    let _ = drafts;
}

#[test]
fn a_server_that_cannot_be_told_keeps_everything_until_that_is_waived() {
    speak(Language::Ja);
    let (context, door, memory, _) = enrolled();
    let mut view: View = Staged::open(context, WHOLE);
    view.click("使用をやめて消す");
    view.types("131016");
    door.line.cut(true);
    view.key(Named::Enter);
    assert!(view.screen.leads.is_empty());
    assert!(memory.peek(Slot::Active).is_some(), "nothing was wiped");
    view.click("サーバーに知らせずに消す");
    assert_eq!(view.screen.leads, [Lead::IdentityChanged]);
    assert!(memory.peek(Slot::Active).is_none());
}

#[test]
fn a_terminal_that_is_revoked_already_may_be_wiped() {
    let (context, door, memory, _) = enrolled();
    let revoked = Problem::new(ProblemCode::TerminalRevoked);
    let _ = door.line.clone().refuse::<LeaveOffice>(revoked);
    assert_eq!(wait(crate::enrolment::leave(&context.world, false)), Ok(()));
    assert!(memory.peek(Slot::Active).is_none());
}

#[test]
fn end_and_home_go_to_the_ends_of_the_page() {
    speak(Language::Ja);
    let mut view = open(&server(312), 312, AT_100);
    let (top, end) = ("この端末の証明書", "使用をやめて消す");
    assert!(view.shows(top) && !view.shows(end));
    view.key(Named::End);
    assert!(view.shows(end) && !view.shows(top));
    view.key(Named::Home);
    assert!(view.shows(top) && !view.shows(end));
}

#[test]
fn every_state_has_its_picture() {
    for language in [Language::Ja, Language::En] {
        for (size, zoom) in [(AT_100, 100), (AT_150, 150)] {
            speak(language);
            let look = |view: &mut View, name: &str| {
                view.looks_as_kept(&format!("office-{name}-{}-{zoom}", language.tag()));
            };
            look(&mut open(&server(312), 312, size), "data");
            look(&mut open(&server(7), 7, size), "urgent");
            let mut view = open(&server(60), 60, size);
            look(&mut view, "warning");
            view.runs(Task::done(Message::RenewPressed));
            look(&mut view, "renew");
            let empty = server(312).answer::<ShowTimeline>(Page {
                rows: Vec::new(),
                next: None,
            });
            let whole = (size.0, 1400.0);
            look(&mut open(&empty, 312, whole), "empty");
            look(&mut open(&server(312), 312, (size.0, 1800.0)), "whole");
            let cut = server(312);
            cut.cut(true);
            look(&mut open(&cut, 312, size), "error");
            let mut view = open(&server(312), 312, size);
            view.screen.screen.enrolment = None;
            view.screen.screen.timeline.clear();
            view.screen.screen.waiting = 2;
            look(&mut view, "loading");
            let (context, ..) = enrolled();
            let mut view: View = Staged::open(context, size);
            view.runs(Task::done(Message::LeavePressed));
            look(&mut view, "leave");
        }
    }
}
