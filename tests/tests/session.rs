//! People log in on top of the terminal, and a session belongs to its certificate.

use std::time::Duration;

use harness::world::User;

use crate::prefecture::{EAST, WEST, identity, log_in, world};
use crate::wire::{Terminal, fresh_key};

#[tokio::test]
async fn a_session_works_over_its_own_certificate_alone() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut here = Terminal::new(&world, &identity(&world, EAST, "here"));
    let there = Terminal::new(&world, &identity(&world, WEST, "there"));
    assert_eq!(log_in(&mut here, &user).await, 200);
    let ask = "/v1/colleagues";
    assert_eq!(here.send("GET", ask, None, None).await.unwrap().status, 200);
    let stolen = there
        .with_token(here.token())
        .send("GET", ask, None, None)
        .await
        .unwrap();
    assert_eq!((stolen.status, stolen.code()), (401, "not-logged-in"));
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "here"));
    assert_eq!(log_in(&mut terminal, &user).await, 200);
    assert_eq!(
        terminal
            .send("DELETE", "/v1/session", None, None)
            .await
            .unwrap()
            .status,
        200
    );
    let after = terminal
        .send("GET", "/v1/colleagues", None, None)
        .await
        .unwrap();
    assert_eq!((after.status, after.code()), (401, "not-logged-in"));
}

#[tokio::test]
async fn a_user_cannot_log_in_on_the_terminal_of_another_office() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut terminal = Terminal::new(&world, &identity(&world, WEST, "elsewhere"));
    assert_eq!(terminal.log_in(&user).await.code(), "wrong-login");
}

#[tokio::test]
async fn wrong_passwords_are_slowed_down_but_lock_nobody_out() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let guess = User::new(&user.login, "a guess that is long enough");
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "here"));
    let mut codes = Vec::new();
    for _ in 0..12 {
        let answer = terminal.log_in(&guess).await;
        codes.push(answer.code().to_owned());
        if answer.code() == "slowed-down" {
            assert!(
                answer.body["seconds"]
                    .as_u64()
                    .is_some_and(|seconds| seconds > 0),
                "{answer:?}"
            );
            break;
        }
    }
    assert_eq!(codes.first().map(String::as_str), Some("wrong-login"));
    assert_eq!(
        codes.last().map(String::as_str),
        Some("slowed-down"),
        "{codes:?}"
    );
}

#[tokio::test]
async fn an_unknown_user_looks_like_a_wrong_password() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "here"));
    let wrong = terminal
        .log_in(&User::new(&user.login, "not the password"))
        .await;
    let unknown = terminal
        .log_in(&User::new("nobody", &user.password()))
        .await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
}

#[tokio::test]
async fn a_password_that_was_handed_over_opens_only_the_way_to_ones_own() {
    let world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "here"));
    let colleagues = async |seat: &Terminal| {
        let asked = seat.send("GET", "/v1/colleagues", None, None).await;
        asked.unwrap()
    };
    let answer = terminal.only_log_in(&user).await;
    assert_eq!(
        (answer.status, &answer.body["must_change_password"]),
        (200, &true.into())
    );
    assert_eq!(colleagues(&terminal).await.code(), "password-to-change");
    terminal.choose_password(&user).await;
    assert_eq!(colleagues(&terminal).await.status, 200, "at once");

    // What was handed over is of no use any more; one's own opens everything.
    let mut again = terminal.clone();
    let answer = again.only_log_in(&user).await;
    assert_eq!(answer.body["must_change_password"], false);
    assert_eq!(colleagues(&again).await.status, 200);

    // Whoever forgot it gets another one to change, and is logged out everywhere.
    let reset = world
        .operator(["user", "reset", "--login", "hanako", "--json"])
        .unwrap();
    let reset: serde_json::Value = serde_json::from_str(&reset).unwrap();
    assert_eq!(terminal.only_log_in(&user).await.code(), "wrong-login");
    // The command runs in a process of its own, and the server hears of it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(colleagues(&again).await.code(), "not-logged-in");
    user.chose(reset["initial_password"].as_str().unwrap().to_owned());
    let answer = terminal.only_log_in(&user).await;
    assert_eq!(answer.body["must_change_password"], true);
}

#[tokio::test]
async fn an_administrator_lets_a_colleague_in_and_out_over_the_enrolled_terminal() {
    let world = world();
    let administrator = world.user(EAST, "kanri", "administrator").unwrap();
    let here = identity(&world, EAST, "here");
    let mut desk = Terminal::new(&world, &here);
    assert_eq!(log_in(&mut desk, &administrator).await, 200);
    let new = serde_json::json!({ "login": "hanako", "name": "見本 花子" });
    let post = ("POST", "/v1/accounts");
    let added = desk
        .send(post.0, post.1, Some(&new), Some(&fresh_key()))
        .await;
    let added = added.unwrap();
    assert_eq!(added.status, 200, "{added:?}");
    let hanako = User::new("hanako", added.body["password"].as_str().unwrap());
    let mut colleague = Terminal::new(&world, &here);
    assert_eq!(log_in(&mut colleague, &hanako).await, 200);
    let ask = async |seat: &Terminal| {
        let asked = seat.send("GET", "/v1/colleagues", None, None).await;
        asked.unwrap()
    };
    assert_eq!(ask(&colleague).await.status, 200);
    // Staff keep no accounts, not even their own.
    let path = format!(
        "/v1/accounts/{}",
        added.body["account"]["id"].as_str().unwrap()
    );
    let own = colleague
        .send("DELETE", &path, None, Some(&fresh_key()))
        .await;
    assert_eq!(own.unwrap().code(), "not-permitted");

    let deleted = desk.send("DELETE", &path, None, Some(&fresh_key())).await;
    assert_eq!(deleted.unwrap().status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    // On the connection that was open all the time.
    assert_eq!(ask(&colleague).await.code(), "not-logged-in");
    assert_eq!(colleague.only_log_in(&hanako).await.code(), "wrong-login");
}

#[tokio::test]
async fn unlocking_the_window_is_no_login() {
    let world = world();
    let kanri = world.user(EAST, "kanri", "administrator").unwrap();
    let here = identity(&world, EAST, "here");
    let mut desk = Terminal::new(&world, &here);
    assert_eq!(log_in(&mut desk, &kanri).await, 200);
    let last_login = async |seat: &Terminal| {
        let asked = seat.send("GET", "/v1/accounts", None, None).await;
        asked.unwrap().body["accounts"][0]["last_login_at"].clone()
    };
    let logged_in = last_login(&desk).await;
    assert!(logged_in.is_string());
    // A window sends its session along while it is locked.
    let locked = desk.token();
    assert_eq!(desk.only_log_in(&kanri).await.status, 200);
    assert_ne!(desk.token(), locked);
    assert_eq!(last_login(&desk).await, logged_in);
    let mut elsewhere = Terminal::new(&world, &here);
    assert_eq!(elsewhere.only_log_in(&kanri).await.status, 200);
    assert_ne!(last_login(&elsewhere).await, logged_in);
}
