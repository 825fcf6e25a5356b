//! The accounts, driven by keys.

use std::sync::{Arc, Mutex};

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::accounts::Role;
use shared::accounts::administration::{
    Account, AccountToAdd, Accounts, AddAccount, DeleteAccount, HandOverPassword, ListAccounts,
    PasswordHandedOver, RenameAccount,
};
use shared::contract::Done;
use shared::text::Refused;
use shared::{Language, Problem, ProblemCode};

use super::{AccountsScreen, SHOWN};
use crate::api::Call;
use crate::api::scripted::Script;
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::say;
use crate::screen::stage::{self, Window, made};
use crate::screen::{Context, Screen as _};

/// A made-up account.
fn account(number: u32, login: &str, name: &str, role: &str, standing: Value) -> Account {
    made(json!({
        "id": stage::id(2_000_000 + number), "version": 1, "login": login, "name": name,
        "role": role, "standing": standing, "added_at": "2026-10-01T00:00:00Z",
        "last_login_at": (standing["state"] == "chosen").then_some("2026-11-19T23:40:00Z"),
        "assigned": if number == 2 { 12 } else { 0 },
    }))
}

fn handed_over() -> Value {
    json!({ "state": "handed-over", "until": "2026-12-20T03:00:00Z" })
}

fn people() -> Vec<Account> {
    let chosen = || json!({ "state": "chosen" });
    let lapsed = json!({ "state": "lapsed", "at": "2026-11-01T03:00:00Z" });
    vec![
        account(1, "kanri-1", "仮名 管理子", "administrator", chosen()),
        account(2, "hanako-1", "見本 花子", "staff", chosen()),
        account(3, "taro-1", "見本 太郎", "staff", handed_over()),
        account(4, "jiro-1", "例示 次郎", "staff", lapsed),
    ]
}

const MADE: &str = "k7pw2-hx9dm-q4tze-vb8ny";

type Kept = Arc<Mutex<Vec<Account>>>;

fn handing(account: Account) -> PasswordHandedOver {
    made(json!({ "account": account, "password": MADE }))
}

/// A server that keeps accounts as the real one does.
fn server(accounts: Vec<Account>) -> (Script, Kept) {
    let kept: Kept = Arc::new(Mutex::new(accounts));
    let (listed, added, renamed, reset, deleted) = (
        kept.clone(),
        kept.clone(),
        kept.clone(),
        kept.clone(),
        kept.clone(),
    );
    fn named(accounts: &[Account], call: &Call) -> Option<usize> {
        let is_named = |it: &Account| call.path.contains(&it.id.to_string());
        accounts.iter().position(is_named)
    }
    let script = Script::new()
        .reply::<ListAccounts>(move |_| {
            let accounts = listed.lock().expect("no holder panics").clone();
            Ok(Accounts { accounts })
        })
        .reply::<AddAccount>(move |call| {
            let new: AccountToAdd = made(call.body.clone().expect("a body"));
            let mut kept = added.lock().expect("no holder panics");
            if kept.iter().any(|it| it.login == new.login) {
                return Err(Problem::refused("login", Refused::new("login_taken")));
            }
            let (login, name) = (new.login.to_string(), new.name.to_string());
            let account = account(9, &login, &name, "staff", handed_over());
            kept.push(account.clone());
            Ok(handing(account))
        })
        .reply::<RenameAccount>(move |call| {
            let mut kept = renamed.lock().expect("no holder panics");
            let place = named(&kept, call).expect("a known account");
            let account = &mut kept[place];
            let body = call.body.clone().expect("a body");
            if body["version"] != json!(account.version) {
                let current = serde_json::to_value(&*account).expect("JSON");
                return Err(Problem::new(ProblemCode::VersionClash).with_current(current));
            }
            account.name = made(body["name"].clone());
            account.version = account.version.next();
            Ok(account.clone())
        })
        .reply::<HandOverPassword>(move |call| {
            let mut kept = reset.lock().expect("no holder panics");
            let place = named(&kept, call).expect("a known account");
            kept[place].standing = made(handed_over());
            Ok(handing(kept[place].clone()))
        })
        .reply::<DeleteAccount>(move |call| {
            let mut kept = deleted.lock().expect("no holder panics");
            let place = named(&kept, call).expect("a known account");
            kept.remove(place);
            Ok(Done {})
        });
    (script, kept)
}

fn context(server: &Script) -> Context {
    let mut context = stage::context(server);
    context.role = Role::Administrator;
    context
}

fn window(server: &Script, size: (f32, f32)) -> Window<AccountsScreen> {
    let context = context(server);
    Window::open(AccountsScreen::new(&context), context, size)
}

fn save(window: &mut Window<AccountsScreen>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

/// The marked row goes this far down.
fn down(window: &mut Window<AccountsScreen>, rows: usize) {
    for _ in 0..rows {
        window.key(Named::ArrowDown);
    }
}

/// So much time has passed since noon.
fn passes(window: &mut Window<AccountsScreen>, time: SignedDuration) {
    let then = stage::NOON.parse::<jiff::Timestamp>().expect("an instant") + time;
    window.context.world.clock = Arc::new(move || then);
    window.screen.passed(&window.context);
}

#[test]
fn an_account_is_added_by_keys_alone_and_its_password_is_shown_once() {
    let (server, kept) = server(people());
    let mut window = window(&server, AT_100);
    window.types("n");
    window.types("Saburo-1");
    window.key(Named::Enter);
    window.types("Mihon Saburo");
    window.key(Named::Enter);
    assert!(window.shows("k 7 p w 2 -"));
    assert!(window.shows("v b 8 n y"));
    assert_eq!(kept.lock().expect("no holder panics").len(), 5);
    window.key(Named::Escape);
    assert!(!window.shows("k 7 p w 2 -"));
    assert!(window.shows("Mihon Saburo"));
    // The keys are with the list again.
    window.types("n");
    assert!(window.shows(&say!("accounts.form.what")));
}

#[test]
fn a_login_id_that_is_taken_or_cannot_be_is_said_at_its_field_and_nothing_is_lost() {
    let (server, _) = server(people());
    let mut window = window(&server, AT_100);
    window.types("n");
    window.types("taro-1");
    window.key(Named::Enter);
    window.types("Rei");
    save(&mut window);
    let taken = Refused::new("login_taken").sentence(Language::Ja);
    assert!(window.shows(&format!("▲ {taken}")));
    window.types("?");
    save(&mut window);
    let wrong = Refused::new("login").sentence(Language::Ja);
    assert!(window.shows(&format!("▲ {wrong}")));
    assert_eq!(server.calls::<AddAccount>().len(), 1);
    window.key(Named::Backspace);
    window.types("2");
    save(&mut window);
    assert!(window.shows("k 7 p w 2 -"));
    let calls = server.calls::<AddAccount>();
    assert_ne!(calls[0].key, calls[1].key);
    let body = calls[1].body.clone().expect("a body");
    assert_eq!(body, json!({ "login": "taro-12", "name": "Rei" }));
}

#[test]
fn what_was_typed_is_not_thrown_away_by_one_esc() {
    let (server, _) = server(people());
    let mut window = window(&server, AT_100);
    window.types("n");
    window.types("rei-1");
    window.key(Named::Escape);
    assert!(window.shows(&say!("accounts.form.leaving")));
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Escape);
    assert!(!window.shows(&say!("accounts.form.leaving")));
    assert_eq!(window.screen.unsaved_count(), 0);
    assert_eq!(server.calls::<AddAccount>().len(), 0);
}

#[test]
fn a_password_is_made_anew_only_after_it_was_asked_and_hides_by_itself() {
    let (server, _) = server(people());
    let mut window = window(&server, AT_100);
    down(&mut window, 3);
    window.types("p");
    assert!(window.shows("例示 次郎（jiro-1） のパスワードを再発行しますか"));
    // Enter is with the answer that changes nothing.
    window.key(Named::Enter);
    assert_eq!(server.calls::<HandOverPassword>().len(), 0);
    window.types("p");
    window.key(Named::F10);
    assert!(window.shows("k 7 p w 2 -"));
    passes(&mut window, SHOWN - SignedDuration::from_secs(1));
    assert!(window.shows("k 7 p w 2 -"));
    passes(&mut window, SHOWN);
    assert!(window.shows(&say!("accounts.hidden.what")));
    assert!(!window.shows("k 7 p w 2 -"));
    window.key(Named::Escape);
    window.types("p");
    assert!(window.shows("例示 次郎（jiro-1） のパスワードを再発行しますか"));
}

#[test]
fn a_password_in_view_is_gone_when_the_room_is_left() {
    let (server, _) = server(people());
    let mut window = window(&server, AT_100);
    down(&mut window, 1);
    window.types("p");
    window.key(Named::F10);
    assert!(window.shows("k 7 p w 2 -"));
    window.screen.left();
    window.happens([]);
    assert!(!window.shows("k 7 p w 2 -"));
    assert!(window.shows(&say!("accounts.hidden.what")));
}

#[test]
fn an_answer_that_was_lost_is_asked_for_under_the_same_key_and_says_what_to_do() {
    let (server, _) = server(people());
    let lost = account(2, "hanako-1", "見本 花子", "staff", handed_over());
    let mut window = window(&server, AT_100);
    down(&mut window, 1);
    window.types("p");
    server.cut(true);
    window.key(Named::F10);
    assert!(window.shows(&say!("accounts.unsure")));
    server.cut(false);
    let server = server
        .reply::<HandOverPassword>(move |_| Ok(made(json!({ "account": lost, "password": null }))));
    window.key(Named::F10);
    assert!(window.shows(&say!("accounts.lost.title", name = "見本 花子（hanako-1）")));
    window.key(Named::Escape);
    window.types("p");
    window.key(Named::F10);
    let keys: Vec<_> = server.calls::<HandOverPassword>();
    let [again, anew] = &keys[..] else {
        panic!("{} calls", keys.len());
    };
    assert_ne!(again.key, anew.key);
}

#[test]
fn a_password_that_a_colleague_made_meanwhile_is_not_made_dead_without_a_word() {
    let (server, _) = server(people());
    let server = server.refuse::<HandOverPassword>(Problem::new(ProblemCode::VersionClash));
    let mut window = window(&server, AT_100);
    down(&mut window, 2);
    window.types("p");
    window.key(Named::F10);
    assert!(window.shows(&say!("accounts.clash")));
    let sent = server.calls::<HandOverPassword>()[0].body.clone();
    assert_eq!(sent.expect("a body")["standing"], handed_over());
    window.key(Named::Escape);
    assert_eq!(
        server.calls::<ListAccounts>().len(),
        2,
        "the list is asked for anew"
    );
}

#[test]
fn whoever_is_deleted_is_gone_from_the_list_and_whom_they_rang_is_said_before() {
    let (server, kept) = server(people());
    let mut window = window(&server, AT_100);
    down(&mut window, 1);
    window.key(Named::Delete);
    assert!(window.shows(&say!("accounts.delete.assigned", count = 12)));
    window.key(Named::Escape);
    assert_eq!(kept.lock().expect("no holder panics").len(), 4);
    window.key(Named::Delete);
    window.key(Named::F10);
    assert_eq!(kept.lock().expect("no holder panics").len(), 3);
    assert!(window.shows("見本 花子 を削除しました"));
    assert!(!window.shows("hanako-1"));
}

#[test]
fn an_administrators_account_offers_nothing_and_says_who_keeps_it() {
    let (server, _) = server(people());
    let mut window = window(&server, AT_100);
    assert!(window.shows(&say!("accounts.not_here")));
    window.types("p");
    window.key(Named::Delete);
    window.key(Named::Enter);
    assert!(window.screen.front.is_none());
    let listed = window.screen.bindings().len();
    down(&mut window, 1);
    assert_eq!(window.screen.bindings().len(), listed + 2);
}

#[test]
fn a_name_changed_by_somebody_else_meanwhile_is_shown_and_taken_only_when_meant() {
    let (server, kept) = server(people());
    let mut window = window(&server, AT_100);
    down(&mut window, 1);
    window.key(Named::Enter);
    {
        let mut kept = kept.lock().expect("no holder panics");
        kept[1].version = kept[1].version.next();
        kept[1].name = "例町 花子".parse().expect("a name");
    }
    window.types("!");
    save(&mut window);
    assert!(window.shows(&say!("accounts.form.present", name = "例町 花子")));
    save(&mut window);
    let name = kept.lock().expect("no holder panics")[1].name.to_string();
    assert!(name.contains('!'), "{name}");
}

#[test]
fn every_state_has_its_picture() {
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        speak(language);
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            every_state(&format!("{tag}-{scale}"), size);
        }
    }
    speak(Language::Ja);
}

fn every_state(tag: &str, size: (f32, f32)) {
    let look = |window: &mut Window<AccountsScreen>, name: &str| {
        window.looks_as_kept(&format!("accounts-{name}-{tag}"));
    };
    look(&mut window(&Script::new(), size), "error");
    let (server, _) = server(people());
    let mut list = window(&server, size);
    look(&mut list, "administrator");
    down(&mut list, 2);
    look(&mut list, "list");
    list.types("n");
    look(&mut list, "add");
    list.types("hanako-1");
    save(&mut list);
    look(&mut list, "wrong");
    list.key(Named::Escape);
    look(&mut list, "leaving");
    list.key(Named::Escape);
    list.types("p");
    look(&mut list, "ask");
    server.cut(true);
    list.key(Named::F10);
    look(&mut list, "unsure");
    server.cut(false);
    list.key(Named::F10);
    look(&mut list, "handed");
    passes(&mut list, SHOWN);
    look(&mut list, "hidden");
    list.key(Named::Escape);
    list.key(Named::ArrowUp);
    list.key(Named::Delete);
    look(&mut list, "delete");
    list.key(Named::F10);
    look(&mut list, "deleted");

    let (server, kept) = self::server(people());
    let mut clash = window(&server, size);
    down(&mut clash, 1);
    clash.key(Named::Enter);
    kept.lock().expect("no holder panics")[1].version = shared::id::Version(2);
    clash.types("!");
    save(&mut clash);
    look(&mut clash, "clash");
}

#[test]
fn an_input_method_composes_in_every_field() {
    let (server, _) = server(people());
    let mut form = window(&server, AT_100);
    form.types("n");
    assert_eq!(form.composes_in_every_field(|| server.asked()), 2);
}

#[test]
fn a_refused_field_is_named_as_it_is_on_the_form_and_says_what_the_hint_says() {
    use shared::accounts::{Login, UserName};
    for language in [Language::Ja, Language::En] {
        speak(language);
        let login = Login::parse("山田").expect_err("not a login id");
        let name = UserName::parse("").expect_err("not a name");
        for (refused, field, most) in [(login, "login", "64"), (name, "name", "100")] {
            let label = say!(format!("accounts.column.{field}")).to_lowercase();
            let hint = say!(format!("accounts.form.{field}_hint"));
            let sentence = refused.sentence(language);
            assert!(sentence.to_lowercase().contains(&label), "{sentence}");
            assert!(
                sentence.contains(most) && hint.contains(most),
                "{sentence} {hint}"
            );
        }
    }
}
