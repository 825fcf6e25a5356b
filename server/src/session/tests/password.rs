//! Changing one's own password, told on both databases.

use shared::accounts::password::PasswordChange;

use super::*;
use crate::accounts::change_password;
use crate::store::story::database::with_key;

on_both_databases!(
    the_new_password_opens_and_the_old_one_does_not,
    other_sessions_end_and_the_one_at_hand_goes_on,
    a_wrong_present_password_changes_nothing_and_is_slowed,
    a_repeat_whose_answer_was_lost_changes_nothing,
);

const NEW: &str = "three unrelated words here";

/// A person logged in with the password that was handed over.
async fn at_work(database: Database) -> (Server, Caller, String, Token) {
    let (server, caller, password) = world(database).await;
    let (caller, token) = enter(&server, &caller, &password).await;
    (server, caller, password, token)
}

async fn enter(server: &Server, caller: &Caller, password: &str) -> (Caller, Token) {
    let session = open_session(&server.app, caller, log_in("hana", password))
        .await
        .unwrap();
    let user = authenticate(&server.app, &caller.terminal, &session.token).await;
    let caller = Caller {
        user: Some(user.unwrap()),
        ..caller.clone()
    };
    (caller, session.token)
}

fn change(present: &str, new: &str) -> PasswordChange {
    PasswordChange {
        present: Password::new(present.to_owned()),
        new: Password::new(new.to_owned()),
    }
}

async fn the_new_password_opens_and_the_old_one_does_not(database: Database) {
    let (server, caller, password, _) = at_work(database).await;
    let refused = |new: &'static str| {
        let (server, caller, password) = (&server, with_key(&caller), &password);
        async move {
            let refused = change_password(&server.app, &caller, change(password, new)).await;
            refused.unwrap_err().refused.unwrap().reason
        }
    };
    assert_eq!(refused("too short").await, "password_short");
    assert_eq!(refused("passwordpassword").await, "password_common");
    let same = change(&password, &password);
    let same = change_password(&server.app, &with_key(&caller), same).await;
    assert_eq!(same.unwrap_err().refused.unwrap().reason, "password_same");

    change_password(&server.app, &with_key(&caller), change(&password, NEW))
        .await
        .unwrap();
    let old = refusal(&server, &caller, "hana", &password).await;
    assert_eq!(old.code, ProblemCode::WrongLogin);
    enter(&server, &caller, NEW).await;
}

async fn other_sessions_end_and_the_one_at_hand_goes_on(database: Database) {
    let (server, caller, password, token) = at_work(database).await;
    let (_, other) = enter(&server, &caller, &password).await;
    change_password(&server.app, &with_key(&caller), change(&password, NEW))
        .await
        .unwrap();
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    let lives = async |token: &Token| {
        let found = authenticate(&server.app, &caller.terminal, token).await;
        found.is_ok()
    };
    assert!(lives(&token).await);
    assert!(!lives(&other).await);
}

async fn a_wrong_present_password_changes_nothing_and_is_slowed(database: Database) {
    let (server, caller, password, _) = at_work(database).await;
    let wrong = async || {
        let wrong = change("not the present one", NEW);
        change_password(&server.app, &with_key(&caller), wrong)
            .await
            .unwrap_err()
    };
    // The answer tells of the present and of the new one: two guesses.
    for _ in 0..FREE_ON_LOGIN / 2 {
        assert_eq!(wrong().await.refused.unwrap().reason, "password_wrong");
    }
    assert_eq!(wrong().await.code, ProblemCode::SlowedDown);
    server.clock.advance(LONGEST_WAIT);
    enter(&server, &caller, &password).await;
}

async fn a_repeat_whose_answer_was_lost_changes_nothing(database: Database) {
    let (server, caller, password, _) = at_work(database).await;
    for _ in 0..2 {
        change_password(&server.app, &with_key(&caller), change(&password, NEW))
            .await
            .unwrap();
    }
    enter(&server, &caller, NEW).await;
}
