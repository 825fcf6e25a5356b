//! Changing one's own password, told on both databases.

use shared::accounts::ListColleagues;
use shared::accounts::password::{ChangePassword, PasswordChange};

use super::*;
use crate::accounts::{change_password, reset_password};
use crate::store::audit::Actor;
use crate::store::story::database::with_key;

on_both_databases!(
    the_new_password_opens_and_the_old_one_does_not,
    other_sessions_end_and_the_one_at_hand_goes_on,
    a_wrong_present_password_changes_nothing_and_is_slowed,
    a_repeat_whose_answer_was_lost_changes_nothing,
    a_password_that_was_handed_over_opens_only_the_way_to_ones_own,
    a_password_that_was_handed_over_dies_after_thirty_days,
    the_password_of_another_system_is_for_good,
    one_that_was_handed_over_is_read_however_it_is_written,
    ones_own_that_looks_like_one_that_was_handed_over_is_meant_as_typed,
    a_login_under_way_does_not_outlive_a_change_of_the_password,
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

async fn one_that_was_handed_over_is_read_however_it_is_written(database: Database) {
    let (server, caller, password) = world(database).await;
    let plain = password.replace('-', "");
    for typed in [
        &plain,
        &password.to_uppercase(),
        &password.replace('-', " "),
    ] {
        enter(&server, &caller, typed).await;
    }
    let (caller, _) = enter(&server, &caller, &password.replace('-', "ー")).await;
    let same = change(&plain, &password.to_uppercase());
    let same = change_password(&server.app, &with_key(&caller), same).await;
    assert_eq!(same.unwrap_err().refused.unwrap().reason, "password_same");
    change_password(&server.app, &with_key(&caller), change(&plain, NEW))
        .await
        .unwrap();
    enter(&server, &caller, NEW).await;
}

async fn ones_own_that_looks_like_one_that_was_handed_over_is_meant_as_typed(database: Database) {
    let own = "K7PW2 hx9dm q4tze vb8ny";
    let read = "k7pw2-hx9dm-q4tze-vb8ny";
    let (server, caller, password, _) = at_work(database).await;
    change_password(&server.app, &with_key(&caller), change(&password, own))
        .await
        .unwrap();
    let (caller, _) = enter(&server, &caller, own).await;
    let refused = refusal(&server, &caller, "hana", read).await;
    assert_eq!(refused.code, ProblemCode::WrongLogin);
    // One is not the other: it may be the next.
    change_password(&server.app, &with_key(&caller), change(own, read))
        .await
        .unwrap();
    enter(&server, &caller, read).await;
    let refused = refusal(&server, &caller, "hana", own).await;
    assert_eq!(refused.code, ProblemCode::WrongLogin);
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

async fn a_password_that_was_handed_over_opens_only_the_way_to_ones_own(database: Database) {
    let (server, caller, password, token) = at_work(database).await;
    let code = |refused: Result<(), Problem>| refused.map_err(|problem| problem.code);
    let to_change = Err(ProblemCode::PasswordToChange);
    assert_eq!(code(caller.may::<ListColleagues>()), to_change);
    let ready = with_key(&caller);
    assert_eq!(code(ready.may::<ChangePassword>()), Ok(()));
    assert_eq!(code(ready.may::<EndSession>()), Ok(()));

    change_password(&server.app, &ready, change(&password, NEW))
        .await
        .unwrap();
    // At once, without waiting for the counter that tells of accounts.
    let user = authenticate(&server.app, &caller.terminal, &token).await;
    let caller = Caller {
        user: Some(user.unwrap()),
        ..caller
    };
    assert_eq!(code(caller.may::<ListColleagues>()), Ok(()));
    let session = open_session(&server.app, &caller, log_in("hana", NEW)).await;
    assert!(!session.unwrap().must_change_password);
}

async fn a_password_that_was_handed_over_dies_after_thirty_days(database: Database) {
    let (server, caller, password) = world(database).await;
    let second = SignedDuration::from_secs(1);
    server
        .clock
        .advance(SignedDuration::from_hours(30 * 24) - second);
    let session = open_session(&server.app, &caller, log_in("hana", &password)).await;
    assert!(session.unwrap().must_change_password);
    server.clock.advance(second);
    let dead = refusal(&server, &caller, "hana", &password).await;
    assert_eq!(dead.code, ProblemCode::InitialPasswordExpired);
    // Whoever guesses learns nothing of that.
    let wrong = refusal(&server, &caller, "hana", "a guess that is long enough").await;
    assert_eq!(wrong.code, ProblemCode::WrongLogin);

    let act = || Act::new(Actor::default(), "command user reset");
    let login = |text: &str| Login::parse(text).unwrap();
    let another = reset_password(&server.app, act(), login("hana")).await;
    let session = open_session(&server.app, &caller, log_in("hana", &another.unwrap())).await;
    assert!(session.unwrap().must_change_password);
    assert!(
        reset_password(&server.app, act(), login("nobody"))
            .await
            .is_err()
    );
}

async fn the_password_of_another_system_is_for_good(database: Database) {
    let server = Server::on(database).await;
    let office = server
        .office("131016", OfficeKind::HealthCentre, None)
        .await;
    let password = server.person(&office, "reads", Role::Reader).await;
    let caller = server.caller(&office, 1);
    server.clock.advance(SignedDuration::from_hours(400 * 24));
    let session = open_session(&server.app, &caller, log_in("reads", &password)).await;
    assert!(!session.unwrap().must_change_password);
}

async fn a_login_under_way_does_not_outlive_a_change_of_the_password(database: Database) {
    let (server, caller, password, _) = at_work(database).await;
    // As if the password were being compared just now.
    let mut reader = server.app.store.reader().await.unwrap();
    let login = Login::parse("hana").unwrap();
    let office = caller.terminal.office_number;
    let found = crate::store::accounts::by_login(&mut reader, &login, office).await;
    drop(reader);
    change_password(&server.app, &with_key(&caller), change(&password, NEW))
        .await
        .unwrap();
    let act = Act::new(caller.actor(), OpenSession::NAME);
    let tried_on = tried_on(&login, &caller.terminal);
    let late = begin(&server.app, &caller, act, found.unwrap().unwrap(), tried_on).await;
    assert_eq!(late.map(|_| ()).unwrap_err().code, ProblemCode::WrongLogin);
}
