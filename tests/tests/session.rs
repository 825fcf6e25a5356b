//! People log in on top of the terminal, and a session belongs to its certificate.

use harness::world::User;

use crate::prefecture::{EAST, WEST, identity, log_in, world};
use crate::wire::Terminal;

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
    let guess = User {
        password: "a guess that is long enough".into(),
        ..user.clone()
    };
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
        .log_in(&User {
            password: "not the password".into(),
            ..user.clone()
        })
        .await;
    let unknown = terminal
        .log_in(&User {
            login: "nobody".into(),
            ..user
        })
        .await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
}
