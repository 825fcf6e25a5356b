//! What the administrators of an office do with its accounts, told on both databases.

use jiff::SignedDuration;
use serde_json::Value;
use shared::accounts::Login;
use shared::accounts::administration::Standing;
use shared::follow_up::returnee::{ChangedAssignee, ReturneeQuery};
use shared::id::Version;
use shared::offices::OfficeKind;
use shared::session::{LogIn, Session};

use super::*;
use crate::follow_up::{change_assignee, enter_returnee, show_returnee};
use crate::session::{authenticate, open_session};
use crate::store::audit::{Act, Actor};
use crate::store::story::database::{Database, Server, with_key};
use crate::store::story::on_both_databases;

on_both_databases!(
    whoever_gets_an_account_logs_in_with_what_was_handed_over,
    a_login_id_that_somebody_has_or_had_is_refused,
    an_answer_that_was_lost_is_repeated_without_its_password,
    another_password_ends_the_sessions_and_the_waiting,
    whoever_was_deleted_is_out_at_once_and_for_good,
    nobody_but_the_own_offices_staff_is_changed_and_the_try_stands_in_the_log,
    two_who_rename_at_once_do_not_overwrite_each_other,
    the_list_says_how_each_account_stands,
    the_operator_deletes_whoever_it_is_and_only_once,
    of_two_who_make_a_password_at_once_one_makes_it,
    whom_a_deleted_person_had_to_ring_is_the_administrators,
);

/// A server, and the administrator of an office on its terminal.
async fn world(database: Database) -> (Server, Caller) {
    let server = Server::on(database).await;
    let office = server
        .office("131016", OfficeKind::HealthCentre, None)
        .await;
    let caller = server.logged_in(&office, "kanri", Role::Administrator, 1);
    let caller = caller.await;
    (server, caller)
}

fn to_add(login: &str) -> AccountToAdd {
    AccountToAdd {
        login: login.parse().unwrap(),
        name: "見本 花子".parse().unwrap(),
    }
}

async fn add(server: &Server, caller: &Caller, login: &str) -> (Account, String) {
    let made = add_account(&server.app, &with_key(caller), to_add(login)).await;
    handed(made)
}

fn handed(made: Result<PasswordHandedOver, Problem>) -> (Account, String) {
    let made = made.unwrap();
    let password = made.password.unwrap().reveal().to_owned();
    (made.account, password)
}

fn seen(account: &Account) -> AccountSeen {
    AccountSeen {
        account: account.id,
        standing: account.standing,
    }
}

fn named(account: &Account) -> AccountNamed {
    AccountNamed {
        account: account.id,
    }
}

async fn log_in(
    server: &Server,
    caller: &Caller,
    login: &str,
    password: &str,
) -> Result<Session, ProblemCode> {
    let login = LogIn {
        login: Login::parse(login).unwrap(),
        password: Password::new(password.to_owned()),
    };
    let opened = open_session(&server.app, caller, login).await;
    opened.map_err(|problem| problem.code)
}

async fn is_in(server: &Server, caller: &Caller, session: &Session) -> bool {
    let user = authenticate(&server.app, &caller.terminal, &session.token);
    user.await.is_ok()
}

/// What was recorded last: the deed, and its detail.
async fn last(server: &Server) -> (String, Value) {
    let mut reader = server.app.store.reader().await.unwrap();
    let head = store::audit::head(&mut reader).await.unwrap();
    let found = store::audit::entries(&mut reader, head.number - 1, head.number).await;
    let entry = found.unwrap().pop().unwrap();
    (entry.action, serde_json::from_str(&entry.detail).unwrap())
}

async fn listed(server: &Server, caller: &Caller) -> Vec<Account> {
    let listed = list_accounts(&server.app, caller, AccountsQuery {}).await;
    listed.unwrap().accounts
}

async fn whoever_gets_an_account_logs_in_with_what_was_handed_over(database: Database) {
    let (server, caller) = world(database).await;
    let (account, password) = add(&server, &caller, "hana").await;
    assert_eq!((account.role, account.assigned), (Role::Staff, 0));
    assert_eq!(
        password.split('-').map(str::len).collect::<Vec<_>>(),
        [5; 4]
    );
    let detail = json!({ "login": "hana", "role": "staff", "name": "見本 花子" });
    assert_eq!(last(&server).await, ("AddAccount".to_owned(), detail));

    let session = log_in(&server, &caller, "hana", &password).await.unwrap();
    assert!(session.must_change_password);
    assert_eq!(session.user.id, account.id);
}

async fn a_login_id_that_somebody_has_or_had_is_refused(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, _) = add(&server, &caller, "hana").await;
    let refused = async || {
        let again = add_account(&server.app, &with_key(&caller), to_add("HANA")).await;
        let problem = again.map(|_| ()).unwrap_err();
        (problem.field, problem.refused.unwrap().reason)
    };
    let taken = (Some("login".to_owned()), "login_taken");
    assert_eq!(refused().await, taken);
    let deleted = delete_account(&server.app, &with_key(&caller), named(&hana)).await;
    deleted.unwrap();
    assert_eq!(refused().await, taken);
}

async fn an_answer_that_was_lost_is_repeated_without_its_password(database: Database) {
    let (server, caller) = world(database).await;
    let caller = with_key(&caller);
    let (hana, password) = handed(add_account(&server.app, &caller, to_add("hana")).await);
    let again = add_account(&server.app, &caller, to_add("hana")).await;
    let again = again.unwrap();
    assert_eq!(again.account, hana);
    assert!(again.password.is_none());
    log_in(&server, &caller, "hana", &password).await.unwrap();

    let caller = with_key(&caller);
    let (_, password) = handed(hand_over_password(&server.app, &caller, seen(&hana)).await);
    let again = hand_over_password(&server.app, &caller, seen(&hana)).await;
    assert!(again.unwrap().password.is_none());
    log_in(&server, &caller, "hana", &password).await.unwrap();
}

async fn another_password_ends_the_sessions_and_the_waiting(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, first) = add(&server, &caller, "hana").await;
    let session = log_in(&server, &caller, "hana", &first).await.unwrap();
    assert!(is_in(&server, &caller, &session).await);
    for _ in 0..3 {
        let refused = log_in(&server, &caller, "hana", "forgotten").await;
        assert_eq!(refused.err(), Some(ProblemCode::WrongLogin));
    }
    let refused = log_in(&server, &caller, "hana", "forgotten").await;
    assert_eq!(refused.err(), Some(ProblemCode::SlowedDown));

    let made = hand_over_password(&server.app, &with_key(&caller), seen(&hana)).await;
    let (_, second) = handed(made);
    let detail = json!({ "login": "hana", "sessions_ended": 1 });
    assert_eq!(last(&server).await, ("HandOverPassword".to_owned(), detail));
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    assert!(!is_in(&server, &caller, &session).await);
    assert_ne!(first, second);
    log_in(&server, &caller, "hana", &second).await.unwrap();
}

async fn whoever_was_deleted_is_out_at_once_and_for_good(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, password) = add(&server, &caller, "hana").await;
    let session = log_in(&server, &caller, "hana", &password).await.unwrap();
    assert!(is_in(&server, &caller, &session).await);

    let delete = async || delete_account(&server.app, &with_key(&caller), named(&hana)).await;
    delete().await.unwrap();
    let detail = json!({ "login": "hana", "sessions_ended": 1, "assigned": 0 });
    assert_eq!(last(&server).await, ("DeleteAccount".to_owned(), detail));
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    assert!(!is_in(&server, &caller, &session).await);
    let refused = log_in(&server, &caller, "hana", &password).await;
    assert_eq!(refused.err(), Some(ProblemCode::WrongLogin));
    assert!(!listed(&server, &caller).await.contains(&hana));
    assert_eq!(delete().await.unwrap_err().code, ProblemCode::NotFound);
}

async fn nobody_but_the_own_offices_staff_is_changed_and_the_try_stands_in_the_log(
    database: Database,
) {
    let (server, caller) = world(database).await;
    let elsewhere = server
        .office("131024", OfficeKind::HealthCentre, None)
        .await;
    let other = server.logged_in(&elsewhere, "jin", Role::Staff, 2).await;
    let own = caller.person().unwrap().person.id;
    for (id, why) in [
        (other.person().unwrap().person.id, "unknown"),
        (own, "not-staff"),
    ] {
        let account = AccountNamed { account: id };
        let name = AccountToRename {
            account: id,
            version: Version(1),
            name: "別名".parse().unwrap(),
        };
        let (app, caller) = (&server.app, with_key(&caller));
        let standing = Standing::Chosen;
        let reset = AccountSeen {
            account: id,
            standing,
        };
        let reset = hand_over_password(app, &caller, reset).await.map(|_| ());
        assert_eq!(reset.unwrap_err().code, ProblemCode::NotFound);
        let refused = ("HandOverPassword".to_owned(), json!({ "refused": why }));
        assert_eq!(last(&server).await, refused);
        let caller = with_key(&caller);
        let renamed = rename_account(app, &caller, name).await;
        assert_eq!(renamed.unwrap_err().code, ProblemCode::NotFound);
        let caller = with_key(&caller);
        let deleted = delete_account(app, &caller, account).await;
        assert_eq!(deleted.unwrap_err().code, ProblemCode::NotFound);
    }
    let own = listed(&server, &caller).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].login.as_str(), "kanri");
}

async fn two_who_rename_at_once_do_not_overwrite_each_other(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, _) = add(&server, &caller, "hana").await;
    let rename = async |name: &str| {
        let request = AccountToRename {
            account: hana.id,
            version: hana.version,
            name: name.parse().unwrap(),
        };
        rename_account(&server.app, &with_key(&caller), request).await
    };
    let first = rename("見本 はな").await.unwrap();
    assert_eq!(first.name.as_str(), "見本 はな");
    assert_eq!(first.version, hana.version.next());
    let names = json!({ "login": "hana", "before": "見本 花子", "after": "見本 はな" });
    assert_eq!(last(&server).await, ("RenameAccount".to_owned(), names));
    let second = rename("見本 ハナ").await.unwrap_err();
    assert_eq!(second.code, ProblemCode::VersionClash);
    assert_eq!(second.current.unwrap()["name"], "見本 はな");
}

async fn the_list_says_how_each_account_stands(database: Database) {
    let (server, caller) = world(database).await;
    let (_, password) = add(&server, &caller, "hana").await;
    let standing = async || {
        let accounts = listed(&server, &caller).await;
        let hana = accounts.iter().find(|it| it.login.as_str() == "hana");
        let hana = hana.unwrap();
        (hana.standing, hana.last_login_at)
    };
    let thirty_days = server.app.clock.now() + SignedDuration::from_hours(30 * 24);
    let handed_over = Standing::HandedOver { until: thirty_days };
    assert_eq!(standing().await, (handed_over, None));
    let now = server.app.clock.now();
    log_in(&server, &caller, "hana", &password).await.unwrap();
    assert_eq!(standing().await, (handed_over, Some(now)));
    server.clock.advance(SignedDuration::from_hours(30 * 24));
    let lapsed = Standing::Lapsed { at: thirty_days };
    assert_eq!(standing().await, (lapsed, Some(now)));
}

async fn the_operator_deletes_whoever_it_is_and_only_once(database: Database) {
    let (server, caller) = world(database).await;
    let act = || Act::new(Actor::default(), "command user delete");
    let delete =
        async || crate::accounts::delete(&server.app, act(), "kanri".parse().unwrap()).await;
    delete().await.unwrap();
    let detail = json!({ "login": "kanri", "sessions_ended": 0 });
    let done = ("command user delete".to_owned(), detail);
    assert_eq!(last(&server).await, done);
    let again = delete().await.unwrap_err().to_string();
    assert_eq!(again, "nobody has the login id kanri");
    let detail = json!({ "login": "kanri", "refused": "unknown" });
    assert_eq!(last(&server).await.1, detail);
    assert!(listed(&server, &caller).await.is_empty());
}

async fn of_two_who_make_a_password_at_once_one_makes_it(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, _) = add(&server, &caller, "hana").await;
    // Otherwise the new one would end at the very instant at which the one before does.
    server.clock.advance(SignedDuration::from_secs(60));
    let (here, there) = (with_key(&caller), with_key(&caller));
    let made = [&here, &there].map(|by| hand_over_password(&server.app, by, seen(&hana)));
    let made = futures_util::future::join_all(made).await;
    let (good, clashed): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    let [good] = good.try_into().ok().unwrap();
    let (_, password) = handed(good);
    log_in(&server, &caller, "hana", &password).await.unwrap();
    let clashed = clashed.into_iter().find_map(Result::err).unwrap();
    assert_eq!(clashed.code, ProblemCode::VersionClash);
}

async fn whom_a_deleted_person_had_to_ring_is_the_administrators(database: Database) {
    let (server, caller) = world(database).await;
    let (hana, _) = add(&server, &caller, "hana").await;
    let new = serde_json::from_value(json!({
        "details": { "name": "例示 一葉", "entry_date": server.app.today().plus(-2) },
        "although_alike": true,
    }));
    let entered = enter_returnee(&server.app, &with_key(&caller), new.unwrap())
        .await
        .unwrap();
    let assigned = ChangedAssignee {
        id: entered.id,
        version: entered.version,
        assignee: Some(hana.id),
    };
    let assigned = change_assignee(&server.app, &with_key(&caller), assigned).await;
    assigned.unwrap();
    let hana_now = listed(&server, &caller).await;
    let hana_now = hana_now.iter().find(|it| it.id == hana.id).unwrap();
    assert_eq!(hana_now.assigned, 1);
    let by_operator = Act::new(Actor::default(), "command user delete");
    let refused = crate::accounts::delete(&server.app, by_operator, hana.login.clone()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.starts_with("1 people under follow-up are assigned to hana"),
        "{refused}"
    );

    let deleted = delete_account(&server.app, &with_key(&caller), named(&hana)).await;
    deleted.unwrap();
    let own = caller.person().unwrap().person.clone();
    let detail = json!({ "assignee": own.id });
    assert_eq!(last(&server).await, ("DeleteAccount".to_owned(), detail));
    let shown = ReturneeQuery { id: entered.id };
    let shown = show_returnee(&server.app, &caller, shown).await.unwrap();
    assert_eq!(shown.assignee, Some(own));
}
