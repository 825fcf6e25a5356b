//! How the queue empties, on both databases.

use std::collections::HashSet;

use shared::mail::MailState;

use super::*;
use crate::mail::tests::{FIRST, Office1, SECOND, Script};
use crate::store::story::database::Database;
use crate::store::story::on_both_databases;

on_both_databases!(
    what_is_put_off_is_tried_again_with_growing_delays_until_three_days_are_over,
    what_is_refused_for_good_stays_to_be_seen_with_the_servers_words,
    a_broken_line_says_nothing_about_the_messages,
    what_a_dead_server_held_is_sent_by_another_under_the_same_message_id,
    several_servers_never_send_one_message_at_the_same_time,
    a_message_taken_after_its_claim_lapsed_still_counts_as_sent,
    nothing_hands_out_a_link_that_is_dead_or_locked,
    what_another_key_sealed_is_left_to_its_owner,
);

async fn what_is_put_off_is_tried_again_with_growing_delays_until_three_days_are_over(
    database: Database,
) {
    let server = Office1::on(database).await;
    let later = || Outcome::Later("451 greylisted".to_owned());
    let carrier = Script::answering(std::iter::repeat_with(later).take(1000));
    let worker = Worker::new(server.app.clone(), carrier.clone());
    server.issue(FIRST, None).await;
    let begun = server.app.clock.now();
    let mut waited = Vec::new();
    loop {
        assert_eq!(worker.post_once().await.unwrap().claimed, 1);
        let mail = server.mail(shared::mail::MailKind::Invitation).await;
        assert_eq!(mail.answer.as_deref(), Some("451 greylisted"));
        if mail.state == MailState::GivenUp {
            break;
        }
        assert_eq!(mail.state, MailState::Waiting);
        let wait = mail.due_at.duration_since(server.app.clock.now());
        waited.push(wait.as_mins());
        server.clock.advance(wait - SignedDuration::from_secs(1));
        assert_eq!(worker.post_once().await.unwrap().claimed, 0);
        server.clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(waited[..9], [1, 2, 5, 15, 30, 60, 120, 240, 240]);
    let whole = server.app.clock.now().duration_since(begun);
    assert_eq!(whole, SignedDuration::from_hours(72));
    server.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(worker.post_once().await.unwrap().claimed, 0);
}

async fn what_is_refused_for_good_stays_to_be_seen_with_the_servers_words(database: Database) {
    let server = Office1::on(database).await;
    let carrier = Script::answering([Outcome::Refused("550 no such user".to_owned())]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    server.issue(FIRST, None).await;
    worker.post_once().await.unwrap();
    let mail = server.mail(shared::mail::MailKind::Invitation).await;
    assert_eq!(mail.state, MailState::Refused);
    assert_eq!(mail.answer.as_deref(), Some("550 no such user"));
    assert!(mail.has_text);
    server.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(worker.post_once().await.unwrap().claimed, 0);
}

async fn a_broken_line_says_nothing_about_the_messages(database: Database) {
    let server = Office1::on(database).await;
    let no_line = || Outcome::NotTried("535 authentication failed".to_owned());
    let carrier = Script::answering(std::iter::repeat_with(no_line).take(100));
    let worker = Worker::new(server.app.clone(), carrier.clone());
    server.issue(FIRST, None).await;
    for _ in 0..100 {
        let pass = worker.post_once().await.unwrap();
        assert_eq!((pass.claimed, pass.not_tried), (1, 1));
        server.clock.advance(NOT_TRIED);
    }
    let mail = server.mail(shared::mail::MailKind::Invitation).await;
    assert_eq!((mail.state, mail.attempts), (MailState::Waiting, 0));
    // An hour and more without a line, and the first try goes through.
    worker.post_once().await.unwrap();
    let mail = server.mail(shared::mail::MailKind::Invitation).await;
    assert_eq!((mail.state, mail.attempts), (MailState::Sent, 1));
}

async fn what_a_dead_server_held_is_sent_by_another_under_the_same_message_id(database: Database) {
    let server = Office1::on(database).await;
    let (dead, alive) = (Script::answering([]), Script::answering([]));
    let dying = Worker::new(server.app.clone(), dead.clone());
    let other = Worker::new(server.neighbour(5).await, alive.clone());
    server.issue(FIRST, None).await;
    // It sends, and dies before it can note that.
    let claimed = dying.claim().await.unwrap();
    let outbound = dying.outbound(&claimed[0]).unwrap();
    dead.carry(&outbound).await;
    server.clock.advance(HOLD - SignedDuration::from_secs(1));
    assert_eq!(other.post_once().await.unwrap().claimed, 0);
    server.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(other.post_once().await.unwrap().claimed, 1);
    let first = dead.carried.lock().unwrap().clone();
    let second = alive.carried.lock().unwrap().clone();
    assert_eq!(first, second, "byte by byte the same message");
    assert!(first[0].1.contains("\r\nMessage-ID: <"));
    assert_eq!(other.post_once().await.unwrap().claimed, 0);
}

async fn several_servers_never_send_one_message_at_the_same_time(database: Database) {
    let server = Office1::on(database).await;
    for number in 0..40 {
        let first = format!("first-{number}@example.jp");
        let second = format!("second-{number}@example.jp");
        server.issue(&first, Some(&second)).await;
    }
    server.clock.advance(SignedDuration::from_hours(1));
    let carrier = Script::answering([]);
    let mut servers = vec![server.app.clone()];
    for seed in 10..13 {
        servers.push(server.neighbour(seed).await);
    }
    let empty = |app| {
        let worker = Worker::new(app, carrier.clone());
        tokio::spawn(async move { while worker.post_once().await.unwrap().claimed > 0 {} })
    };
    let workers: Vec<_> = servers.into_iter().map(empty).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let carried = carrier.recipients();
    assert_eq!(carried.len(), 80);
    assert_eq!(carried.iter().collect::<HashSet<_>>().len(), 80);
}

async fn a_message_taken_after_its_claim_lapsed_still_counts_as_sent(database: Database) {
    let server = Office1::on(database).await;
    let slow = Worker::new(server.app.clone(), Script::answering([]));
    let later = Outcome::Later("451".to_owned());
    let other = Worker::new(server.neighbour(5).await, Script::answering([later]));
    server.issue(FIRST, None).await;
    let claimed = slow.claim().await.unwrap();
    server.clock.advance(HOLD);
    other.post_once().await.unwrap();
    // Only the one that holds it may put it off or end it …
    slow.note(&claimed[0], Mark::Refused, "550".to_owned())
        .await;
    let mail = server.mail(shared::mail::MailKind::Invitation).await;
    assert_eq!(mail.state, MailState::Waiting);
    // … but what the mail server took, it took.
    slow.note(&claimed[0], Mark::Sent, "250".to_owned()).await;
    let mail = server.mail(shared::mail::MailKind::Invitation).await;
    assert_eq!((mail.state, mail.has_text), (MailState::Sent, false));
}

async fn nothing_hands_out_a_link_that_is_dead_or_locked(database: Database) {
    let server = Office1::on(database).await;
    let carrier = Script::answering([]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    for kill in [
        "UPDATE link SET locked_at = 1",
        "UPDATE link SET locked_at = NULL, used_at = 1",
        "UPDATE link SET locked_at = NULL, cancelled_at = 1",
        "UPDATE link SET locked_at = NULL, expires_at = 1",
    ] {
        server.issue(FIRST, Some(SECOND)).await;
        server.database.tamper(kill).await;
        server.clock.advance(SignedDuration::from_hours(2));
        assert_eq!(worker.post_once().await.unwrap().claimed, 0, "{kill}");
    }
    assert!(carrier.recipients().is_empty());
}

async fn what_another_key_sealed_is_left_to_its_owner(database: Database) {
    let server = Office1::on(database).await;
    let mut stranger = Arc::into_inner(server.neighbour(5).await).unwrap();
    let key = crate::mail::SealingKey::new(&[8; 32]);
    stranger.mail = crate::mail::Post::new(&crate::mail::tests::settings(), key);
    let stranger = Worker::new(Arc::new(stranger), Script::answering([]));
    server.issue(FIRST, None).await;
    assert_eq!(stranger.post_once().await.unwrap().claimed, 0);
    let owner = Worker::new(server.app.clone(), Script::answering([]));
    assert_eq!(owner.post_once().await.unwrap().claimed, 1);
}

#[test]
fn the_log_is_told_no_address() {
    let told = without_addresses("550 5.1.1 <taro@example.jp>: no such user taro@example.jp");
    assert_eq!(told, "550 5.1.1 … no such user …");
}
