//! What the log says of accounts: whose they are, and what was tried with them.

use super::*;

#[test]
fn a_login_says_whether_it_succeeded_and_as_whom_it_was_tried() {
    speak(Language::Ja);
    let script = Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: vec![
            entry_of(
                5,
                "OpenSession",
                json!({ "opened": true, "unlocked": true }),
            ),
            entry_of(4, "OpenSession", json!({ "opened": true })),
            entry_of(3, "OpenSession", json!({ "wrong": null })),
            tried_as("hana-1", "見本 花子"),
            // As it stood in the log of an older server.
            entry_of(2, "OpenSession", json!({ "wrong": "taro-1" })),
            entry_of(1, "OpenSession", json!({ "too_late": true })),
        ],
        next: None,
        searched_to: None,
    });
    let mut room = open(&script, AT_100);
    assert!(room.shows("ログインしました"));
    assert!(room.shows("画面のロックを解除しました"));
    assert!(room.shows("ログイン失敗：パスワードの誤り") && room.shows("見本 花子（hana-1）"));
    assert!(room.shows("ログイン失敗：パスワードの誤り（taro-1）"));
    assert!(room.shows("ログイン失敗：この機関にない利用者ID"));
    assert!(room.shows("ログイン失敗：初回用パスワードの期限切れ"));
}

/// A login that was tried in vain.
fn tried_as(login: &str, name: &str) -> AuditEntry {
    AuditEntry {
        terminal: Some(made(json!(id(900)))),
        office: Some("131016".parse().expect("a code")),
        office_name: Some("見本保健所".parse().expect("a name")),
        ..done_to(
            login,
            name,
            entry_of(5, "OpenSession", json!({ "wrong": login })),
        )
    }
}

/// The same done to the account of this person.
fn done_to(login: &str, name: &str, entry: AuditEntry) -> AuditEntry {
    AuditEntry {
        subject: Some(made(json!(id(700)))),
        account: Some(login.parse().expect("a login id")),
        account_name: Some(name.parse().expect("a name")),
        ..entry
    }
}

/// What an administrator did to accounts, and what was tried with one.
pub(super) fn of_accounts() -> Script {
    let by_administrator = |entry: AuditEntry| AuditEntry {
        person: Some(made(json!(id(600)))),
        person_name: Some("仮名 管理子".parse().expect("a name")),
        office: Some("131016".parse().expect("a code")),
        office_name: Some("見本保健所".parse().expect("a name")),
        ..entry
    };
    let deed = |number, action| by_administrator(entry_of(number, action, json!({})));
    Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: vec![
            tried_as("hana-1", "見本 花子"),
            done_to("hana-1", "見本 花子", deed(4, "HandOverPassword")),
            done_to("taro-1", "見本 太郎", deed(3, "AddAccount")),
            deed(2, "ListAccounts"),
        ],
        next: None,
        searched_to: None,
    })
}

#[test]
fn a_row_says_to_whose_account_something_was_done() {
    speak(Language::Ja);
    let mut room = open(&of_accounts(), AT_100);
    assert!(room.shows("見本 花子（hana-1）") && room.shows("見本 太郎（taro-1）"));
    room.key(Named::ArrowDown);
    room.key(Named::Enter);
    assert!(room.shows("対象の利用者") && room.shows("見本 花子（hana-1）"));
    let mut narrow = open(&of_accounts(), AT_150);
    assert!(narrow.shows("仮名 管理子 → 見本 太郎（taro-1）"));
}

#[test]
fn whoever_did_something_to_their_own_account_is_named_once() {
    let own = done_to(
        "hana-1",
        "見本 花子",
        entry_of(1, "ChangePassword", json!({})),
    );
    let own = AuditEntry {
        person: Some(made(json!(id(700)))),
        ..own
    };
    assert_eq!(super::words::whom(&own), None);
}

#[test]
fn what_was_done_to_an_account_is_asked_for_by_its_login_id() {
    speak(Language::Ja);
    let script = server(3);
    let mut room = open(&script, AT_100);
    let whom = |text: &str| {
        let typed = filter::Message::Typed(filter::Field::Whom, text.to_owned());
        Task::done(Message::Filter(typed))
    };
    room.runs(whom("Ｈａｎａ-1"));
    room.key(Named::F5);
    assert!(last_path(&script).contains("account=hana-1"));
    let asked = script.asked();
    room.runs(whom("花子"));
    room.key(Named::F5);
    assert_eq!(script.asked(), asked, "a name is no login id");
    room.runs(whom(""));
    room.key(Named::F5);
    assert!(!last_path(&script).contains("account="));
}

#[test]
fn the_helpdesk_which_sees_nothing_of_accounts_is_not_offered_to_look_for_them() {
    speak(Language::Ja);
    let script = Script::new().answer::<ListEnrolmentEntries>(page(1..2, None));
    let script = script.answer::<ListAuditEntries>(page(1..2, None));
    for (role, is_offered) in [(Role::Administrator, true), (Role::Helpdesk, false)] {
        let mut context = context(&script);
        context.role = role;
        let mut room: Room = Staged::open(context, AT_100);
        assert_eq!(room.shows("対象の利用者ID"), is_offered);
    }
}
