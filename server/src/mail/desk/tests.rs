//! What the helpdesk can do with mail, on both databases.

use jiff::SignedDuration;
use shared::id::EnrolmentId;
use shared::mail::{MailState, PrintRequest};
use shared::offices::Particulars;

use super::*;
use crate::mail::tests::{FIRST, Office1, SECOND, Script, settings};
use crate::mail::{Outcome, Post, SealingKey, Worker, write_what_is_due};
use crate::offices::changing::{Changes, change};
use crate::settings::MailSettings;
use crate::store::audit::Actor;
use crate::store::story::database::Database;
use crate::store::story::on_both_databases;

on_both_databases!(
    mail_is_listed_by_state_and_office_page_by_page,
    what_was_refused_goes_to_the_corrected_address,
    link_and_password_never_meet_in_one_mailbox_by_a_correction,
    a_link_that_was_sent_is_sent_anew_while_it_can_be_used,
    a_password_is_read_out_for_ten_minutes_and_then_gone,
    a_password_is_read_out_by_a_call_back_only_to_a_number_on_record,
    letters_are_printed_once_and_again_for_a_day,
);

fn act() -> Act {
    Act::new(Actor::default(), "test")
}

impl Office1 {
    async fn resend(&self, id: MailId, to: Option<&str>) -> Result<Done, ProblemCode> {
        let request = Resend {
            id,
            to: to.map(|to| to.parse().unwrap()),
            reason: "見本".parse().unwrap(),
        };
        let done = resend(&self.app, act(), request).await;
        done.map_err(|problem| problem.code)
    }

    /// The same server with other settings of mail.
    async fn with(&mut self, change: impl FnOnce(&mut MailSettings)) {
        let mut settings = settings();
        change(&mut settings);
        let mut app = std::sync::Arc::into_inner(self.neighbour(77).await).unwrap();
        app.mail = Post::new(&settings, SealingKey::new(&[7; 32]));
        app.mail
            .let_links_lead_to("mimamori.example.jp:8444".to_owned());
        self.app = std::sync::Arc::new(app);
    }

    fn caller(&self) -> Caller {
        Caller {
            terminal: std::sync::Arc::new(crate::app::LiveTerminal {
                id: shared::id::TerminalId(self.app.new_id()),
                office_number: self.office.number,
                office: self.office.office.clone(),
                serial: "0a".parse().unwrap(),
                expires_at: self.app.clock.now(),
            }),
            user: None,
            idempotency_key: None,
            coming_back: None,
        }
    }

    async fn read_out(&self, link: EnrolmentId) -> Result<String, ProblemCode> {
        self.read_out_to(Identification::KnownFacts, link).await
    }

    async fn read_out_to(
        &self,
        identified: Identification,
        link: EnrolmentId,
    ) -> Result<String, ProblemCode> {
        let request = ReadOutRequest {
            link,
            identified,
            reason: "見本".parse().unwrap(),
        };
        let told = read_out_password(&self.app, &self.caller(), request).await;
        told.map(|told| told.groups.join("-"))
            .map_err(|problem| problem.code)
    }

    async fn print(&self, again: bool) -> Result<u32, ProblemCode> {
        let printed = print(&self.app, act(), PrintRequest { link: None, again }).await;
        printed
            .map(|printed| printed.count)
            .map_err(|problem| problem.code)
    }
}

async fn mail_is_listed_by_state_and_office_page_by_page(database: Database) {
    let server = Office1::on(database).await;
    for number in 0..5 {
        server.clock.advance(SignedDuration::from_secs(1));
        server
            .issue(&format!("first-{number}@example.jp"), None)
            .await;
    }
    let worker = Worker::new(server.app.clone(), Script::answering([]));
    worker.post_once().await.unwrap();
    let ask = async |query| {
        let page = list_mail(&server.app, &server.caller(), query).await;
        page.map_err(|problem| problem.code)
    };
    let mut query = MailQuery {
        limit: Some(3),
        ..MailQuery::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = ask(query.clone()).await.unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.id));
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    for (state, office, count) in [
        (Some(MailState::Sent), None, 4),
        (Some(MailState::Waiting), None, 6),
        (Some(MailState::Waiting), Some("131016"), 6),
        (None, Some("131016"), 10),
        (None, Some("999999"), 0),
    ] {
        let query = MailQuery {
            state,
            office: office.map(|code| code.parse().unwrap()),
            ..MailQuery::default()
        };
        assert_eq!(ask(query).await.unwrap().rows.len(), count);
    }
    for (after, limit) in [(Some("x"), None), (None, Some(0)), (None, Some(201))] {
        let query = MailQuery {
            after: after.map(str::to_owned),
            limit,
            ..MailQuery::default()
        };
        assert_eq!(ask(query).await, Err(ProblemCode::InvalidField));
    }
}

async fn what_was_refused_goes_to_the_corrected_address(database: Database) {
    let server = Office1::on(database).await;
    let carrier = Script::answering([Outcome::Refused("550".to_owned())]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    server.issue(FIRST, None).await;
    worker.post_once().await.unwrap();
    let id = server.mail(MailKind::Invitation).await.id;
    server.resend(id, Some("right@example.jp")).await.unwrap();
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), [FIRST, "right@example.jp"]);
    let mail = server.mail(MailKind::Invitation).await;
    assert_eq!((mail.id, mail.state), (id, MailState::Sent));
    let unknown = MailId(server.app.new_id());
    assert_eq!(
        server.resend(unknown, None).await,
        Err(ProblemCode::NotFound)
    );
}

async fn link_and_password_never_meet_in_one_mailbox_by_a_correction(database: Database) {
    let server = Office1::on(database).await;
    let written = FIRST.replace("first", "First");
    server.issue(&written, Some(SECOND)).await;
    let link = server.mail(MailKind::Invitation).await.id;
    let password = server.mail(MailKind::Password).await.id;
    let same = Err(ProblemCode::SameMailbox);
    assert_eq!(server.resend(link, Some(SECOND)).await, same);
    let capitals = FIRST.to_uppercase();
    assert_eq!(server.resend(password, Some(&capitals)).await, same);
    let worker = Worker::new(server.app.clone(), Script::answering([]));
    worker.post_once().await.unwrap();
    // Neither by what was sent before.
    assert_eq!(server.resend(password, Some(FIRST)).await, same);
    assert_eq!(server.resend(link, Some(SECOND)).await, same);
}

async fn a_link_that_was_sent_is_sent_anew_while_it_can_be_used(database: Database) {
    let server = Office1::on(database).await;
    let carrier = Script::answering([]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    let issued = server.issue(FIRST, Some(SECOND)).await;
    server.clock.advance(SignedDuration::from_hours(2));
    while worker.post_once().await.unwrap().claimed > 0 {}
    carrier.recipients();
    let link = server.mail(MailKind::Invitation).await.id;
    let password = server.mail(MailKind::Password).await.id;
    server.resend(link, Some("other@example.jp")).await.unwrap();
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), ["other@example.jp"]);
    let again = server.mail(MailKind::Invitation).await;
    assert_eq!(again.link, Some(issued.link.id));
    // A password that went out is gone.
    let gone = Err(ProblemCode::MailNotResendable);
    assert_eq!(server.resend(password, None).await, gone);
    server
        .database
        .tamper("UPDATE link SET cancelled_at = 1")
        .await;
    assert_eq!(server.resend(link, None).await, gone);
}

async fn a_password_is_read_out_for_ten_minutes_and_then_gone(database: Database) {
    let mut server = Office1::on(database).await;
    let nothing = Err(ProblemCode::NothingToHandOver);
    let mailed = server.issue(FIRST, Some(SECOND)).await;
    assert_eq!(server.read_out(mailed.link.id).await, nothing);
    server
        .with(|mail| mail.password_by = PasswordWay::Phone)
        .await;
    let issued = server.issue(FIRST, Some(SECOND)).await;
    let link = issued.link.id;
    assert_eq!(server.read_out(link).await.as_ref(), Ok(&*issued.password));
    server.clock.advance(SignedDuration::from_secs(10 * 60 - 1));
    write_what_is_due(&server.app).await.unwrap();
    assert_eq!(server.read_out(link).await.as_ref(), Ok(&*issued.password));
    server.clock.advance(SignedDuration::from_secs(1));
    write_what_is_due(&server.app).await.unwrap();
    assert_eq!(server.read_out(link).await, nothing);
}

async fn a_password_is_read_out_by_a_call_back_only_to_a_number_on_record(database: Database) {
    let mut server = Office1::on(database).await;
    server
        .with(|mail| mail.password_by = PasswordWay::Phone)
        .await;
    let issued = server.issue(FIRST, Some(SECOND)).await;
    let link = issued.link.id;
    for way in [Identification::CalledBack, Identification::OwnKey] {
        let told = server.read_out_to(way, link).await;
        assert_eq!(told, Err(ProblemCode::InvalidField), "{way:?}");
    }
    let query = MailQuery {
        state: Some(MailState::HandedOver),
        ..MailQuery::default()
    };
    let listed = list_mail(&server.app, &server.caller(), query).await;
    assert!(listed.unwrap().rows.is_empty());

    let changes = Changes {
        particulars: Particulars {
            phone: Some("03-1234-5678".parse().unwrap()),
            ..Particulars::default()
        },
        ..Changes::default()
    };
    let (office, reason) = (
        server.office.office.code.clone(),
        "見本の理由".parse().unwrap(),
    );
    change(&server.app, act(), office, changes, reason)
        .await
        .unwrap();
    let told = server.read_out_to(Identification::CalledBack, link).await;
    assert_eq!(told.as_ref(), Ok(&*issued.password));
}

async fn letters_are_printed_once_and_again_for_a_day(database: Database) {
    let mut server = Office1::on(database).await;
    server
        .with(|mail| mail.password_by = PasswordWay::Letter)
        .await;
    let nothing = Err(ProblemCode::NothingToHandOver);
    assert_eq!(server.print(false).await, nothing);
    for _ in 0..3 {
        server.issue(FIRST, Some(SECOND)).await;
    }
    assert_eq!(server.print(false).await, Ok(3));
    assert_eq!(server.print(false).await, nothing);
    server.issue(FIRST, None).await;
    assert_eq!(server.print(true).await, Ok(4));
    server.clock.advance(SignedDuration::from_hours(24));
    write_what_is_due(&server.app).await.unwrap();
    assert_eq!(server.print(true).await, nothing);
}
