//! Sessions kept in memory: what lets them go again, and what they survive.

use std::time::Duration;

use super::*;
use crate::store::{Noun, Store};

on_both_databases!(
    a_session_in_use_is_not_looked_up_again,
    a_session_that_vanished_unannounced_is_over_within_a_minute,
    an_account_that_changed_unannounced_is_read_anew_within_a_minute,
    a_session_that_is_ended_here_is_over_at_once,
    a_session_that_another_server_ends_is_over_when_its_counter_is_read,
    a_changed_account_is_read_anew,
    a_session_of_another_certificate_is_refused_though_it_is_known,
    use_on_another_server_keeps_a_session_open_here,
    use_is_noted_and_survives_a_restart,
    a_session_ended_while_it_was_read_is_not_kept,
    nothing_known_counts_when_the_database_is_silent,
);

/// A server, a caller logged in on it, and their session as this server keeps it.
async fn logged_in(database: Database) -> (Server, Caller, Session) {
    let (server, mut caller, password) = world(database).await;
    let session = open_session(&server.app, &caller, log_in("hana", &password))
        .await
        .unwrap();
    // Testing passwords takes long in a build for tests.
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    let user = authenticate(&server.app, &caller.terminal, &session.token).await;
    caller.user = Some(user.unwrap());
    (server, caller, session)
}

async fn code(server: &Server, caller: &Caller, session: &Session) -> Option<ProblemCode> {
    let user = authenticate(&server.app, &caller.terminal, &session.token).await;
    user.err().map(|refused| refused.code)
}

async fn announce(store: &Store) {
    store
        .write(Act::housekeeping("test"), (), |tx, ()| {
            Box::pin(async {
                tx.announce(Noun::Sessions);
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// Another server on the same data.
async fn another(server: &Server) -> Server {
    Server::on(server.database.of_second_process().await).await
}

async fn a_session_in_use_is_not_looked_up_again(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    // Nobody tells the server of this, so it would be seen by looking alone.
    server.database.tamper("DELETE FROM session").await;
    assert_eq!(code(&server, &caller, &session).await, None);
}

async fn a_session_that_vanished_unannounced_is_over_within_a_minute(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    server.database.tamper("DELETE FROM session").await;
    server.clock.advance(SEEN_EVERY);
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
    let token = fingerprint_of(&session.token);
    assert!(server.app.sessions.find(&token).is_none());
}

async fn an_account_that_changed_unannounced_is_read_anew_within_a_minute(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    let tampered = "UPDATE account SET role = 'reader'";
    server.database.tamper(tampered).await;
    server.clock.advance(SEEN_EVERY);
    let user = authenticate(&server.app, &caller.terminal, &session.token).await;
    assert_eq!(user.unwrap().role, Role::Reader);
    let deleted = "UPDATE account SET deleted_at = 1";
    server.database.tamper(deleted).await;
    server.clock.advance(SEEN_EVERY);
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn a_session_that_is_ended_here_is_over_at_once(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    end_session(&server.app, &caller, LogOut {}).await.unwrap();
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn a_session_that_another_server_ends_is_over_when_its_counter_is_read(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    let other = another(&server).await;
    end_session(&other.app, &caller, LogOut {}).await.unwrap();
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn a_changed_account_is_read_anew(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    server
        .database
        .tamper("UPDATE account SET role = 'reader'")
        .await;
    let role = async || {
        let user = authenticate(&server.app, &caller.terminal, &session.token).await;
        user.unwrap().role
    };
    assert_eq!(role().await, Role::Staff);
    announce(&server.app.store).await;
    server
        .app
        .sessions
        .refresh(&server.app.store)
        .await
        .unwrap();
    assert_eq!(role().await, Role::Reader);
}

async fn a_session_of_another_certificate_is_refused_though_it_is_known(database: Database) {
    let (server, mut caller, session) = logged_in(database).await;
    Arc::make_mut(&mut caller.terminal).serial = Serial::parse("0a0b").unwrap();
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn use_on_another_server_keeps_a_session_open_here(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    let other = another(&server).await;
    let nearly = IDLE - SignedDuration::from_secs(1);
    server.clock.advance(nearly);
    assert_eq!(code(&other, &caller, &session).await, None);
    server.clock.advance(nearly);
    assert_eq!(code(&server, &caller, &session).await, None);
    server.clock.advance(IDLE);
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn use_is_noted_and_survives_a_restart(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    server.clock.advance(IDLE - SignedDuration::from_secs(1));
    assert_eq!(code(&server, &caller, &session).await, None);
    server.clock.advance(IDLE - SignedDuration::from_secs(1));
    let restarted = another(&server).await;
    assert_eq!(code(&restarted, &caller, &session).await, None);
    restarted.clock.advance(IDLE);
    let again = another(&restarted).await;
    let refused = code(&again, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::NotLoggedIn));
}

async fn a_session_ended_while_it_was_read_is_not_kept(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    let sessions = &server.app.sessions;
    let token = fingerprint_of(&session.token);
    let before = sessions.before();
    let read = sessions.find(&token).unwrap();
    end_session(&server.app, &caller, LogOut {}).await.unwrap();
    sessions.keep(token, &read, before);
    assert!(sessions.find(&token).is_none());

    let before = sessions.before();
    announce(&server.app.store).await;
    sessions.refresh(&server.app.store).await.unwrap();
    sessions.keep(token, &read, before);
    assert!(sessions.find(&token).is_none());
    sessions.keep(token, &read, sessions.before());
    assert!(sessions.find(&token).is_some());
}

async fn nothing_known_counts_when_the_database_is_silent(database: Database) {
    let (server, caller, session) = logged_in(database).await;
    server.app.store.close().await;
    server.app.sessions.hear_nothing_for(Duration::from_secs(4));
    let refused = code(&server, &caller, &session).await;
    assert_eq!(refused, Some(ProblemCode::StoreUnavailable));
}
