//! What a notification may do, on both databases.

use jiff::SignedDuration;
use shared::id::MailId;
use shared::mail::{MailKind, Resend};

use super::report::tests::{like_exchange, like_postfix};
use super::*;
use crate::mail::tests::{FIRST, Office1, SECOND, Script};
use crate::mail::{Outcome, Worker, resend, write_what_is_due};
use crate::store::sql;
use crate::store::story::database::Database;
use crate::store::story::on_both_databases;

on_both_databases!(
    what_bounced_is_marked_once_and_logged_once,
    only_what_was_sent_to_this_very_mailbox_can_bounce,
    a_forged_bounce_takes_back_no_link_and_lets_no_secrets_meet,
    what_bounced_goes_to_another_address,
    what_is_noted_as_sent_late_stays_bounced,
);

const FAILED: (&str, &str, &str) = ("failed", "5.1.1", "smtp; 550 5.1.1 no such user");

impl Office1 {
    /// Takes in a message of the sender's mailbox, and tells what became of it.
    async fn back(&self, message: &str) -> Verdict {
        let act = Act::housekeeping("command mail bounce");
        let returned = take_back(&self.app, act, message.as_bytes()).await;
        returned.unwrap().verdict
    }

    async fn message_id(&self, id: MailId) -> String {
        let mut back_door = self.database.back_door().await;
        let row = sql::query("SELECT message_id FROM mail WHERE id = $1")
            .bind(&id.0.as_bytes()[..])
            .fetch_one(&mut back_door)
            .await
            .unwrap();
        row.get::<String, _>(0)
    }

    async fn logged(&self) -> i64 {
        let mut back_door = self.database.back_door().await;
        let row = sql::query("SELECT count(*) FROM audit WHERE action = 'command mail bounce'")
            .fetch_one(&mut back_door)
            .await
            .unwrap();
        row.get::<i64, _>(0)
    }
}

/// A server that has sent an invitation, and the invitation's Message-ID.
async fn sent(database: Database) -> (Office1, String) {
    let server = Office1::on(database).await;
    server.issue(FIRST, Some(SECOND)).await;
    let worker = Worker::new(server.app.clone(), Script::answering([]));
    worker.post_once().await.unwrap();
    let id = server.mail(MailKind::Invitation).await.id;
    let message_id = server.message_id(id).await;
    (server, message_id)
}

async fn what_bounced_is_marked_once_and_logged_once(database: Database) {
    let (server, id) = sent(database).await;
    let delayed = like_postfix(&id, FIRST, ("delayed", "4.4.1", "smtp; 451 later"));
    assert_eq!(server.back(&delayed).await, Verdict::Delayed);
    let delivered = like_postfix(&id, FIRST, ("delivered", "2.0.0", "smtp; 250 ok"));
    assert_eq!(server.back(&delivered).await, Verdict::Delivered);
    let mail = server.mail(MailKind::Invitation).await;
    assert_eq!(mail.state, MailState::Sent);
    assert_eq!(server.logged().await, 0);

    server.clock.advance(SignedDuration::from_mins(5));
    let failed = like_postfix(&id, FIRST, FAILED);
    assert_eq!(server.back(&failed).await, Verdict::Bounced);
    let mail = server.mail(MailKind::Invitation).await;
    assert_eq!(mail.state, MailState::Bounced);
    assert_eq!(mail.answer.as_deref(), Some("550 5.1.1 no such user"));
    assert_eq!(mail.settled_at, Some(server.app.clock.now()));

    // Again, and from the other server: nothing more happens.
    server.clock.advance(SignedDuration::from_mins(5));
    for again in [failed, like_exchange(&id, FIRST, "5.7.1"), delayed] {
        assert_eq!(server.back(&again).await, Verdict::Known);
    }
    assert_eq!(server.mail(MailKind::Invitation).await, mail);
    assert_eq!(server.logged().await, 1);
}

async fn only_what_was_sent_to_this_very_mailbox_can_bounce(database: Database) {
    let (server, id) = sent(database).await;
    let before = server.list().await;
    let password = server.mail(MailKind::Password).await.id;
    let password = server.message_id(password).await;
    let unknown = id.replace('0', "1");
    for (message, expected) in [
        (like_postfix(&id, SECOND, FAILED), Verdict::OtherRecipient),
        (like_postfix(&unknown, FIRST, FAILED), Verdict::NotOurs),
        (like_postfix("%", FIRST, FAILED), Verdict::NotOurs),
        // It waits for its hour.
        (like_postfix(&password, SECOND, FAILED), Verdict::NotSent),
        (
            "Subject: hello\n\nhello".to_owned(),
            Verdict::NoNotification,
        ),
    ] {
        assert_eq!(server.back(&message).await, expected, "{message}");
    }
    assert_eq!(server.list().await, before);
    assert_eq!(server.logged().await, 0);
    let other_spelling = like_exchange(&id, &FIRST.to_uppercase(), "5.1.1");
    assert_eq!(server.back(&other_spelling).await, Verdict::Bounced);
}

async fn a_forged_bounce_takes_back_no_link_and_lets_no_secrets_meet(database: Database) {
    let (server, id) = sent(database).await;
    let link = server.mail(MailKind::Invitation).await.link.unwrap();
    let forged = like_postfix(&id, FIRST, FAILED);
    assert_eq!(server.back(&forged).await, Verdict::Bounced);
    let mut reader = server.app.store.reader().await.unwrap();
    let kept = store::enrolment::link(&mut reader, link, None)
        .await
        .unwrap();
    let kept = kept.unwrap();
    assert_eq!((kept.cancelled_at, kept.locked_at), (None, None));
    drop(reader);
    // The password is not sent where the link went, and still goes where it should.
    let password = server.mail(MailKind::Password).await;
    let there = Resend {
        id: password.id,
        to: Some(FIRST.parse().unwrap()),
        reason: "見本".parse().unwrap(),
    };
    let refused = resend(&server.app, Act::housekeeping("test"), there).await;
    assert_eq!(refused.unwrap_err().code, shared::ProblemCode::SameMailbox);
    server.clock.advance(SignedDuration::from_hours(1));
    let carrier = Script::answering([]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), [SECOND]);
}

async fn what_bounced_goes_to_another_address(database: Database) {
    let (server, id) = sent(database).await;
    server.back(&like_postfix(&id, FIRST, FAILED)).await;
    let bounced = server.mail(MailKind::Invitation).await.id;
    let elsewhere = Resend {
        id: bounced,
        to: Some("right@131016.example.jp".parse().unwrap()),
        reason: "見本".parse().unwrap(),
    };
    // Later, as its id tells.
    server.clock.advance(SignedDuration::from_mins(1));
    let act = Act::housekeeping("test");
    resend(&server.app, act, elsewhere).await.unwrap();
    let carrier = Script::answering([Outcome::Taken("250 taken".to_owned())]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), ["right@131016.example.jp"]);
    // Whoever is reminded later is not the mailbox that nothing reaches.
    server.clock.advance(SignedDuration::from_hours(7 * 24));
    write_what_is_due(&server.app).await.unwrap();
    while worker.post_once().await.unwrap().claimed > 0 {}
    let recipients = carrier.recipients();
    assert!(recipients.contains(&"right@131016.example.jp".to_owned()));
    assert!(!recipients.contains(&FIRST.to_owned()), "{recipients:?}");
}

async fn what_is_noted_as_sent_late_stays_bounced(database: Database) {
    use crate::store::mail::{Mark, mark};
    let (server, id) = sent(database).await;
    server.back(&like_postfix(&id, FIRST, FAILED)).await;
    let mail = server.mail(MailKind::Invitation).await;
    assert_eq!(mail.state, MailState::Bounced);
    let holder = server.app.new_id();
    server
        .app
        .store
        .write(Act::housekeeping("mark mail"), mail.id, move |tx, id| {
            Box::pin(async move { mark(tx, *id, holder, &Mark::Sent, "250 taken").await })
        })
        .await
        .unwrap();
    assert_eq!(server.mail(MailKind::Invitation).await, mail);
}
