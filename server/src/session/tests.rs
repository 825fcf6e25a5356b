//! Sessions, told as a story on both databases.

use std::sync::Arc;

use jiff::SignedDuration;
use shared::accounts::{Password, Role};
use shared::enrolment::Serial;
use shared::offices::OfficeKind;

use super::*;
use crate::clock::Clock as _;
use crate::offices::closing::close;
use crate::offices::reopening::reopen;
use crate::store::story::database::{Database, Server};
use crate::store::story::on_both_databases;

mod at_once;
mod in_memory;
mod password;

on_both_databases!(
    a_session_opens_for_the_right_password_and_works_on_its_certificate_only,
    nobody_logs_in_on_the_terminal_of_another_office,
    a_session_ends_when_idle_when_old_and_when_told,
    wrong_passwords_are_slowed_on_a_login_known_or_not,
    nobody_is_slowed_by_tries_at_another_office,
    the_wait_has_an_end_and_the_right_password_clears_it,
    trying_many_logins_from_one_terminal_is_slowed,
    tries_made_at_once_are_counted_like_tries_made_in_turn,
    a_login_stands_in_the_log_as_whose_it_was_or_whom_it_was_tried_as,
    whoever_comes_back_to_a_locked_window_does_not_log_in,
    a_window_that_is_only_ever_locked_does_not_hide_who_works,
    a_session_of_another_terminal_is_no_window_to_come_back_to,
    whoever_is_logged_in_when_their_office_closes_logs_in_anew_when_it_opens,
    nobody_comes_back_by_a_session_that_is_over_or_another_s,
);

async fn world(database: Database) -> (Server, Caller, String) {
    let server = Server::on(database).await;
    let office = server
        .office("131016", OfficeKind::HealthCentre, None)
        .await;
    let password = server.person(&office, "hana", Role::Staff).await;
    let caller = server.caller(&office, 1);
    (server, caller, password)
}

fn log_in(login: &str, password: &str) -> LogIn {
    LogIn {
        login: Login::parse(login).unwrap(),
        password: Password::new(password.to_owned()),
    }
}

async fn refusal(server: &Server, caller: &Caller, login: &str, password: &str) -> Problem {
    open_session(&server.app, caller, log_in(login, password))
        .await
        .map(|session| session.user)
        .unwrap_err()
}

async fn a_session_opens_for_the_right_password_and_works_on_its_certificate_only(
    database: Database,
) {
    let (server, caller, password) = world(database).await;
    let session = open_session(&server.app, &caller, log_in("Hana", &password))
        .await
        .unwrap();
    let user = authenticate(&server.app, &caller.terminal, &session.token)
        .await
        .unwrap();
    assert_eq!(user.person, session.user);

    // The same terminal with its next certificate: the session died with the old one.
    let mut renewed = (*caller.terminal).clone();
    renewed.serial = Serial::parse("0a0b").unwrap();
    let refused = authenticate(&server.app, &renewed, &session.token).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotLoggedIn);
    let other = Token::new("not a token".into());
    let refused = authenticate(&server.app, &caller.terminal, &other).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotLoggedIn);
}

async fn nobody_logs_in_on_the_terminal_of_another_office(database: Database) {
    let (server, _, password) = world(database).await;
    let elsewhere = server
        .office("131024", OfficeKind::HealthCentre, None)
        .await;
    let caller = server.caller(&elsewhere, 2);
    let refused = refusal(&server, &caller, "hana", &password).await;
    assert_eq!(refused.code, ProblemCode::WrongLogin);
}

async fn a_session_ends_when_idle_when_old_and_when_told(database: Database) {
    let (server, caller, password) = world(database).await;
    let open = async || {
        open_session(&server.app, &caller, log_in("hana", &password))
            .await
            .unwrap()
    };
    let alive = async |session: &Session| {
        authenticate(&server.app, &caller.terminal, &session.token)
            .await
            .is_ok()
    };
    let idle = open().await;
    server.clock.advance(IDLE - SignedDuration::from_secs(1));
    assert!(alive(&idle).await);
    server.clock.advance(IDLE - SignedDuration::from_secs(1));
    assert!(alive(&idle).await, "use keeps it open");
    server.clock.advance(IDLE);
    assert!(!alive(&idle).await);

    let old = open().await;
    for _ in 0..24 {
        assert!(alive(&old).await);
        server.clock.advance(IDLE - SignedDuration::from_secs(1));
    }
    server.clock.advance(SignedDuration::from_secs(24));
    assert!(!alive(&old).await);

    let told = open().await;
    let mut user = caller.clone();
    user.user = Some(
        authenticate(&server.app, &caller.terminal, &told.token)
            .await
            .unwrap(),
    );
    end_session(&server.app, &user, LogOut {}).await.unwrap();
    assert!(!alive(&told).await);
}

async fn wrong_passwords_are_slowed_on_a_login_known_or_not(database: Database) {
    let (server, caller, password) = world(database).await;
    for login in ["hana", "nobody"] {
        for _ in 0..FREE_ON_LOGIN {
            let refused = refusal(&server, &caller, login, "wrong").await;
            assert_eq!(refused.code, ProblemCode::WrongLogin, "{login}");
        }
        // Even the right one waits now, or guessing would pay.
        let refused = refusal(&server, &caller, login, &password).await;
        assert_eq!(refused.code, ProblemCode::SlowedDown, "{login}");
        assert_eq!(refused.facts["seconds"], "1");
        server.clock.advance(SignedDuration::from_secs(1));
        let refused = refusal(&server, &caller, login, "wrong").await;
        assert_eq!(refused.code, ProblemCode::WrongLogin);
        let refused = refusal(&server, &caller, login, "wrong").await;
        assert_eq!(refused.facts["seconds"], "2");
    }
}

async fn nobody_is_slowed_by_tries_at_another_office(database: Database) {
    let (server, caller, password) = world(database).await;
    let elsewhere = server
        .office("131024", OfficeKind::HealthCentre, None)
        .await;
    let other = server.caller(&elsewhere, 2);
    for _ in 0..FREE_ON_LOGIN {
        refusal(&server, &other, "hana", "wrong").await;
    }
    let refused = refusal(&server, &other, "hana", "wrong").await;
    assert_eq!(refused.code, ProblemCode::SlowedDown);
    let session = open_session(&server.app, &caller, log_in("hana", &password)).await;
    assert!(session.is_ok());
}

async fn the_wait_has_an_end_and_the_right_password_clears_it(database: Database) {
    let (server, caller, password) = world(database).await;
    for _ in 0..30 {
        refusal(&server, &caller, "hana", "wrong").await;
        server.clock.advance(LONGEST_WAIT);
    }
    open_session(&server.app, &caller, log_in("hana", &password))
        .await
        .map(|_| ())
        .unwrap();
    let refused = refusal(&server, &caller, "hana", "wrong").await;
    assert_eq!(refused.code, ProblemCode::WrongLogin);
}

async fn trying_many_logins_from_one_terminal_is_slowed(database: Database) {
    let (server, caller, _) = world(database).await;
    for n in 0..FREE_ON_TERMINAL {
        let refused = refusal(&server, &caller, &format!("guess{n}"), "x").await;
        assert_eq!(refused.code, ProblemCode::WrongLogin);
    }
    let refused = refusal(&server, &caller, "guess-on", "x").await;
    assert_eq!(refused.code, ProblemCode::SlowedDown);
}

async fn tries_made_at_once_are_counted_like_tries_made_in_turn(database: Database) {
    let (server, caller, _) = world(database).await;
    let server = Arc::new(server);
    let tries = (0..20).map(|_| {
        let (server, caller) = (server.clone(), caller.clone());
        tokio::spawn(async move { refusal(&server, &caller, "hana", "wrong").await.code })
    });
    let codes = futures_util::future::join_all(tries).await;
    let wrong = codes
        .into_iter()
        .filter(|code| *code.as_ref().unwrap() == ProblemCode::WrongLogin)
        .count();
    assert_eq!(wrong, FREE_ON_LOGIN as usize);
}

#[tokio::test]
async fn the_store_holds_neither_token_nor_password() {
    let (server, caller, password) = world(Database::sqlite().await).await;
    let session = open_session(&server.app, &caller, log_in("hana", &password))
        .await
        .unwrap();
    server.app.store.close().await;
    let file = std::fs::read(server.database.location.file().unwrap()).unwrap();
    for secret in [session.token.reveal(), &password] {
        let found = file
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found);
    }
}

/// When Hana last logged in, as the accounts of her office show it.
async fn last_login(server: &Server, caller: &Caller) -> Option<Timestamp> {
    let mut reader = server.app.store.reader().await.unwrap();
    let (office, now) = (caller.terminal.office_number, server.clock.now());
    let accounts = store::accounts::administration::list(&mut reader, office, now).await;
    let mut accounts = accounts.unwrap().into_iter();
    let hana = accounts.find(|account| account.login.as_str() == "hana");
    hana.unwrap().last_login_at
}

/// The caller at a window in which this session was open.
fn at_locked(caller: &Caller, session: &Session) -> Caller {
    Caller {
        coming_back: Some(fingerprint_of(&session.token)),
        ..caller.clone()
    }
}

/// The session of hana, who gives her right password.
async fn hana_opens(server: &Server, caller: &Caller, password: &str) -> Session {
    let opened = open_session(&server.app, caller, log_in("hana", password)).await;
    opened.map_err(|problem| problem.code).unwrap()
}

async fn whoever_comes_back_to_a_locked_window_does_not_log_in(database: Database) {
    let (server, caller, password) = world(database).await;
    let began = server.clock.now();
    let mut session = hana_opens(&server, &caller, &password).await;
    assert_eq!(last_login(&server, &caller).await, Some(began));
    // Within the session's time, and long after nobody used it.
    for pause in [SignedDuration::from_mins(16), SignedDuration::from_hours(2)] {
        server.clock.advance(pause);
        session = hana_opens(&server, &at_locked(&caller, &session), &password).await;
        assert_eq!(last_login(&server, &caller).await, Some(began));
        let user = authenticate(&server.app, &caller.terminal, &session.token).await;
        assert_eq!(user.unwrap().person, session.user);
    }
    assert_eq!(
        last_detail(&server).await,
        r#"{"opened":true,"unlocked":true}"#
    );
    // The same password without the window is a login.
    hana_opens(&server, &caller, &password).await;
    assert_eq!(last_login(&server, &caller).await, Some(server.clock.now()));
}

async fn a_window_that_is_only_ever_locked_does_not_hide_who_works(database: Database) {
    let (server, caller, password) = world(database).await;
    let mut session = hana_opens(&server, &caller, &password).await;
    let mut seen = server.clock.now();
    // Each time well within the time of the session before.
    for _ in 0..5 {
        server.clock.advance(SignedDuration::from_hours(7));
        session = hana_opens(&server, &at_locked(&caller, &session), &password).await;
        let now = server.clock.now();
        if seen.duration_until(now) >= SignedDuration::from_hours(12) {
            seen = now;
        }
        assert_eq!(last_login(&server, &caller).await, Some(seen));
    }
}

async fn whoever_is_logged_in_when_their_office_closes_logs_in_anew_when_it_opens(
    database: Database,
) {
    let (server, caller, password) = world(database).await;
    let session = hana_opens(&server, &caller, &password).await;
    let code = caller.terminal.office.code.clone();
    let act = || Act::housekeeping("test");
    close(
        &server.app,
        act(),
        code.clone(),
        "見本の理由".parse().unwrap(),
    )
    .await
    .unwrap();
    let reason = "見本".parse().unwrap();
    reopen(&server.app, act(), code, reason).await.unwrap();
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    let user = authenticate(&server.app, &caller.terminal, &session.token).await;
    assert_eq!(user.unwrap_err().code, ProblemCode::NotLoggedIn);
}

async fn a_session_of_another_terminal_is_no_window_to_come_back_to(database: Database) {
    let (server, caller, password) = world(database).await;
    let session = hana_opens(&server, &caller, &password).await;
    server.clock.advance(SignedDuration::from_hours(1));
    let mut other = at_locked(&caller, &session);
    let mut terminal = (*other.terminal).clone();
    terminal.serial = "00aa".parse().unwrap();
    other.terminal = terminal.into();
    hana_opens(&server, &other, &password).await;
    assert_eq!(last_login(&server, &caller).await, Some(server.clock.now()));
}

async fn nobody_comes_back_by_a_session_that_is_over_or_another_s(database: Database) {
    let (server, caller, password) = world(database).await;
    let office = caller.terminal.office.code.clone();
    let mut reader = server.app.store.reader().await.unwrap();
    let office = store::offices::by_code(&mut reader, &office).await.unwrap();
    drop(reader);
    let of_taro = server.person(&office.unwrap(), "taro", Role::Staff).await;
    let open = async |caller: &Caller, login: &str, password: &str| {
        server.clock.advance(SignedDuration::from_mins(1));
        let opened = open_session(&server.app, caller, log_in(login, password)).await;
        opened.map_err(|problem| problem.code).unwrap()
    };
    let taro = open(&caller, "taro", &of_taro).await;
    open(&at_locked(&caller, &taro), "hana", &password).await;
    assert_eq!(last_login(&server, &caller).await, Some(server.clock.now()));

    let old = open(&caller, "hana", &password).await;
    server.clock.advance(LONGEST);
    open(&at_locked(&caller, &old), "hana", &password).await;
    assert_eq!(last_login(&server, &caller).await, Some(server.clock.now()));

    // Whoever was given another password logs in by it.
    let ended = open(&caller, "hana", &password).await;
    let act = Act::new(Actor::default(), "command user reset");
    let login = Login::parse("hana").unwrap();
    let anew = crate::accounts::reset_password(&server.app, act, login).await;
    open(&at_locked(&caller, &ended), "hana", &anew.unwrap()).await;
    assert_eq!(last_login(&server, &caller).await, Some(server.clock.now()));
}

/// What exactly the last entry of the log says.
async fn last_detail(server: &Server) -> String {
    let mut reader = server.app.store.reader().await.unwrap();
    let head = store::audit::head(&mut reader).await.unwrap();
    let entries = store::audit::entries(&mut reader, head.number - 1, head.number).await;
    entries.unwrap().pop().unwrap().detail
}

async fn a_login_stands_in_the_log_as_whose_it_was_or_whom_it_was_tried_as(database: Database) {
    let (server, caller, password) = world(database).await;
    let opened = open_session(&server.app, &caller, log_in("hana", &password)).await;
    let hana = opened.unwrap().user;
    refusal(&server, &caller, "hana", "wrong").await;
    refusal(&server, &caller, "abcde-fghjk", "wrong").await;
    let mut reader = server.app.store.reader().await.unwrap();
    let wanted = store::audit::Wanted {
        limit: 3,
        ..store::audit::Wanted::default()
    };
    let found = store::audit::look(&mut reader, &wanted).await.unwrap();
    let [unknown, failed, succeeded] = &found.entries[..] else {
        panic!("{found:?}");
    };
    assert_eq!(succeeded.person, Some(hana.id));
    assert_eq!(succeeded.person_name.as_ref(), Some(&hana.name));
    assert_eq!(succeeded.detail, r#"{"opened":true}"#);
    assert_eq!((failed.person, failed.subject), (None, Some(hana.id.0)));
    assert_eq!(failed.account.as_ref().map(Login::as_str), Some("hana"));
    assert_eq!(failed.account_name.as_ref(), Some(&hana.name));
    assert_eq!(failed.detail, r#"{"wrong":"hana"}"#);
    // Nobody's login: a password, typed into the wrong field, must not stay in the log.
    assert_eq!(unknown.detail, r#"{"wrong":null}"#);
    assert_eq!((unknown.subject, &unknown.account), (None, &None));
}
