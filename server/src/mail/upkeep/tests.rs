//! What is written by itself, to the second, once, on both databases.

use shared::mail::{MailKind, MailState};

use super::*;
use crate::mail::tests::{FIRST, Office1, Script};
use crate::mail::{Outcome, Worker};
use crate::store::story::database::Database;
use crate::store::story::on_both_databases;

on_both_databases!(
    reminders_go_out_after_7_14_21_and_28_days_and_the_end_after_30,
    a_server_that_was_off_reminds_once_of_what_it_missed,
    nobody_is_reminded_of_a_link_that_is_used_cancelled_locked_or_never_arrived,
    several_servers_write_once_about_one_occasion,
    a_certificate_that_did_not_renew_is_warned_of_at_60_30_and_7_days,
    the_helpdesk_is_told_once_of_each_lock,
    texts_are_wiped_when_nobody_needs_them_any_more,
);

const SECOND_OF_TIME: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An office whose link has arrived.
async fn invited(database: Database) -> (Office1, Worker) {
    let server = Office1::on(database).await;
    let worker = Worker::new(server.app.clone(), Script::answering([]));
    server.issue(FIRST, None).await;
    worker.post_once().await.unwrap();
    (server, worker)
}

impl Office1 {
    async fn written(&self, kind: MailKind) -> usize {
        write_what_is_due(&self.app).await.unwrap();
        let list = self.list().await;
        list.iter().filter(|mail| mail.kind == kind).count()
    }
}

async fn reminders_go_out_after_7_14_21_and_28_days_and_the_end_after_30(database: Database) {
    let (server, worker) = invited(database).await;
    let issued = server.app.clock.now();
    for (number, day) in [(1, 7), (2, 14), (3, 21), (4, 28)] {
        server.clock.set(issued + DAY * day - SECOND_OF_TIME);
        assert_eq!(
            server.written(MailKind::Reminder).await,
            number - 1,
            "{day}"
        );
        server.clock.advance(SECOND_OF_TIME);
        assert_eq!(server.written(MailKind::Reminder).await, number, "{day}");
        server.clock.advance(SECOND_OF_TIME);
        assert_eq!(server.written(MailKind::Reminder).await, number, "{day}");
        let reminder = server.mail(MailKind::Reminder).await;
        assert_eq!(reminder.recipient.unwrap().as_str(), FIRST);
        worker.post_once().await.unwrap();
    }
    server.clock.set(issued + DAY * 30 - SECOND_OF_TIME);
    assert_eq!(server.written(MailKind::Expired).await, 0);
    server.clock.advance(SECOND_OF_TIME);
    assert_eq!(server.written(MailKind::Expired).await, 1);
    server.clock.advance(DAY);
    assert_eq!(server.written(MailKind::Expired).await, 1);
    assert_eq!(server.written(MailKind::Reminder).await, 4);
}

async fn a_server_that_was_off_reminds_once_of_what_it_missed(database: Database) {
    let (server, _) = invited(database).await;
    server.clock.advance(DAY * 23);
    assert_eq!(server.written(MailKind::Reminder).await, 1);
    server.clock.advance(DAY);
    assert_eq!(server.written(MailKind::Reminder).await, 1);
    server.clock.advance(DAY * 4);
    assert_eq!(server.written(MailKind::Reminder).await, 2);
    // Off for so long, nobody is bothered with what ended long ago.
    server.clock.advance(DAY * 6);
    assert_eq!(server.written(MailKind::Expired).await, 0);
}

async fn nobody_is_reminded_of_a_link_that_is_used_cancelled_locked_or_never_arrived(
    database: Database,
) {
    let (server, _) = invited(database).await;
    for (mark, unmark) in [
        (
            "UPDATE link SET used_at = 1",
            "UPDATE link SET used_at = NULL",
        ),
        (
            "UPDATE link SET cancelled_at = 1",
            "UPDATE link SET cancelled_at = NULL",
        ),
        (
            "UPDATE link SET locked_at = 1",
            "UPDATE link SET locked_at = NULL",
        ),
        (
            "UPDATE mail SET state = 'refused'",
            "UPDATE mail SET state = 'sent'",
        ),
        (
            "UPDATE office SET closed_at = 1",
            "UPDATE office SET closed_at = NULL",
        ),
    ] {
        server.database.tamper(mark).await;
        server.clock.advance(DAY * 2);
        assert_eq!(server.written(MailKind::Reminder).await, 0, "{mark}");
        server.database.tamper(unmark).await;
    }
    assert_eq!(server.written(MailKind::Reminder).await, 1);
}

async fn several_servers_write_once_about_one_occasion(database: Database) {
    let (server, _) = invited(database).await;
    server.clock.advance(DAY * 7);
    let mut servers = vec![server.app.clone()];
    for seed in 20..23 {
        servers.push(server.neighbour(seed).await);
    }
    let writing: Vec<_> = servers
        .into_iter()
        .map(|app| tokio::spawn(async move { write_what_is_due(&app).await.unwrap() }))
        .collect();
    for writing in writing {
        writing.await.unwrap();
    }
    assert_eq!(server.written(MailKind::Reminder).await, 1);
}

/// Puts a certificate in use into the store that ends in 100 days, and an address of its office.
async fn with_certificate(server: &Office1) -> Timestamp {
    let now = server.app.clock.now();
    let ends = now + DAY * 100;
    let mut sql = server.database.back_door().await;
    store::sql::query(
        "INSERT INTO certificate (fingerprint, serial, office, terminal, public_key, der,
                                  issued_at, expires_at, first_used_at)
         VALUES ($1, '4a0b', '131016', $2, $1, $1, $3, $4, $3)",
    )
    .bind(&[7u8; 32])
    .bind(&[7u8; 16])
    .bind(now.as_millisecond())
    .bind(ends.as_millisecond())
    .execute(&mut sql)
    .await
    .unwrap();
    sql.close().await.unwrap();
    server
        .database
        .tamper(
            "INSERT INTO contact (office, version, mail, changed_at)
             SELECT number, 1, 'old@example.jp', 0 FROM office;
             INSERT INTO contact (office, version, mail, changed_at)
             SELECT number, 2, 'present@example.jp', 0 FROM office",
        )
        .await;
    ends
}

async fn a_certificate_that_did_not_renew_is_warned_of_at_60_30_and_7_days(database: Database) {
    let server = Office1::on(database).await;
    let ends = with_certificate(&server).await;
    for (number, days) in [(1, 60), (2, 30), (3, 7)] {
        server.clock.set(ends - DAY * days - SECOND_OF_TIME);
        assert_eq!(
            server.written(MailKind::CertificateEnding).await,
            number - 1
        );
        server.clock.advance(SECOND_OF_TIME);
        assert_eq!(server.written(MailKind::CertificateEnding).await, number);
        server.clock.advance(SECOND_OF_TIME);
        assert_eq!(server.written(MailKind::CertificateEnding).await, number);
        let warning = server.mail(MailKind::CertificateEnding).await;
        assert_eq!(warning.recipient.unwrap().as_str(), "present@example.jp");
    }
    // Renewed, replaced or taken back, it is nobody's worry.
    server.database.tamper("DELETE FROM mail").await;
    for end in ["superseded_at", "revoked_at"] {
        let set = match end {
            "superseded_at" => "UPDATE certificate SET superseded_at = 1",
            _ => "UPDATE certificate SET superseded_at = NULL, revoked_at = 1",
        };
        server.database.tamper(set).await;
        assert_eq!(
            server.written(MailKind::CertificateEnding).await,
            0,
            "{end}"
        );
    }
}

async fn the_helpdesk_is_told_once_of_each_lock(database: Database) {
    let (server, _) = invited(database).await;
    let lock = async |at: Timestamp| {
        let mut sql = server.database.back_door().await;
        store::sql::query("UPDATE link SET locked_at = $1")
            .bind(at.as_millisecond())
            .execute(&mut sql)
            .await
            .unwrap();
        sql.close().await.unwrap();
    };
    lock(server.app.clock.now()).await;
    assert_eq!(server.written(MailKind::LinkLocked).await, 1);
    assert_eq!(server.written(MailKind::LinkLocked).await, 1);
    let told = server.mail(MailKind::LinkLocked).await;
    assert_eq!(
        told.recipient.unwrap().as_str(),
        "helpdesk@mimamori.example.jp"
    );
    server.clock.advance(DAY);
    lock(server.app.clock.now()).await;
    assert_eq!(server.written(MailKind::LinkLocked).await, 2);
}

async fn texts_are_wiped_when_nobody_needs_them_any_more(database: Database) {
    let (server, _) = invited(database).await;
    let text_of = async |kind| {
        write_what_is_due(&server.app).await.unwrap();
        let mail = server.mail(kind).await;
        (mail.state, mail.has_text)
    };
    assert_eq!(
        text_of(MailKind::Password).await,
        (MailState::Waiting, true)
    );
    // The password of a link that is used, cancelled or expired opens nothing.
    server.database.tamper("UPDATE link SET used_at = 1").await;
    assert_eq!(
        text_of(MailKind::Password).await,
        (MailState::Withdrawn, false)
    );
    server
        .database
        .tamper("UPDATE link SET used_at = NULL")
        .await;
    // What was refused can be sent again for a week.
    let refuse = Outcome::Refused("550".to_owned());
    let worker = Worker::new(server.app.clone(), Script::answering([refuse]));
    server.issue(FIRST, None).await;
    worker.post_once().await.unwrap();
    server.clock.advance(UNSENT - SECOND_OF_TIME);
    assert_eq!(
        text_of(MailKind::Invitation).await,
        (MailState::Refused, true)
    );
    server.clock.advance(SECOND_OF_TIME);
    assert_eq!(
        text_of(MailKind::Invitation).await,
        (MailState::Refused, false)
    );
}
