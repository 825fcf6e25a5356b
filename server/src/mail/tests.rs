//! What tests of mail stand on: a server whose post is set up, and a carrier that does as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use shared::mail::MailKind;
use shared::offices::OfficeKind;

use super::*;
use crate::clock::SeededRng;
use crate::settings::{Smtp, SmtpTls};
use crate::store::audit::{Act, Actor};
use crate::store::enrolment::{LinkRow, insert_link};
use crate::store::mail::{Filter, MailRow, list, queue};
use crate::store::offices::KnownOffice;
use crate::store::sql;
use crate::store::story::database::{Database, Server};
use crate::store::story::on_both_databases;

/// Settings of a post that is set up.
pub(crate) fn settings() -> MailSettings {
    MailSettings {
        smtp: Some(Smtp {
            server: "smtp.example.jp".to_owned(),
            port: 587,
            tls: SmtpTls::StartTls,
            authority: None,
            login: None,
            sender: "noreply@mimamori.example.jp".parse().unwrap(),
            sender_name: "見守り 見本県".to_owned(),
        }),
        helpdesk: Some("helpdesk@mimamori.example.jp".parse().unwrap()),
        helpdesk_phone: Some("03-0000-0000".to_owned()),
        helpdesk_hours: Some("平日 9:30〜18:15".to_owned()),
        ..MailSettings::default()
    }
}

/// A post that is set up.
pub(crate) fn post() -> Post {
    let post = Post::new(&settings(), SealingKey::new(&[7; 32]));
    post.let_links_lead_to("mimamori.example.jp:8444".to_owned());
    post
}

/// Takes down what it is given, and answers as it was told, at last always that it was taken.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) answers: Mutex<VecDeque<Outcome>>,
    pub(crate) carried: Mutex<Vec<(String, String)>>,
}

impl Script {
    pub(crate) fn answering(answers: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            carried: Mutex::default(),
        })
    }

    /// To whom messages were carried since the last call.
    pub(crate) fn recipients(&self) -> Vec<String> {
        let carried = std::mem::take(&mut *self.carried.lock().unwrap());
        let mut recipients: Vec<_> = carried.into_iter().map(|(to, _)| to).collect();
        recipients.sort();
        recipients
    }
}

impl Carrier for Script {
    fn carry<'a>(&'a self, mail: &'a Outbound) -> BoxFuture<'a, Outcome> {
        let text = String::from_utf8(mail.text.to_vec()).unwrap();
        let mut carried = self.carried.lock().unwrap();
        carried.push((mail.recipient.clone(), text));
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.unwrap_or(Outcome::Taken("250 taken".to_owned())) })
    }

    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A server with one office whose post is set up.
pub(crate) struct Office1 {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<crate::clock::FixedClock>,
    pub(crate) office: KnownOffice,
    pub(crate) database: Database,
}

pub(crate) const FIRST: &str = "first@131016.example.jp";
pub(crate) const SECOND: &str = "second@131016.example.jp";

impl Office1 {
    pub(crate) async fn on(database: Database) -> Self {
        let server = Server::on(database).await;
        let office = server
            .office("131016", OfficeKind::HealthCentre, None)
            .await;
        let Server {
            app,
            clock,
            database,
        } = server;
        Self {
            app: Arc::new(app),
            clock,
            office,
            database,
        }
    }

    /// Another server on the same data, with the same key.
    pub(crate) async fn neighbour(&self, seed: u64) -> Arc<App> {
        let store = self.database.second_process().await;
        let now = self.app.clock.now();
        Arc::new(App {
            terminals: crate::enrolment::LiveTerminals::load(&store, now)
                .await
                .unwrap(),
            store,
            clock: self.app.clock.clone(),
            rng: Arc::new(SeededRng::new(seed)),
            authority: self.app.authority.clone(),
            sessions: crate::session::LiveSessions::default(),
            passwords: crate::password::PasswordPool::new(1),
            mail: post(),
        })
    }

    /// A link as it is kept, and as it is handed out.
    pub(crate) fn new_link(&self) -> (LinkRow, IssuedLink) {
        let now = self.app.clock.now();
        let id = EnrolmentId(self.app.new_id());
        let expires_at = now + SignedDuration::from_hours(30 * 24);
        let row = LinkRow {
            id,
            office: self.office.office.code.clone(),
            password: String::new(),
            issued_at: now,
            expires_at,
            wrong_passwords: 0,
            locked_at: None,
            cancelled_at: None,
            office_closed_at: None,
            used_at: None,
            public_key: None,
        };
        let issued = IssuedLink {
            link: self
                .app
                .mail
                .link(id, self.app.authority.fingerprint())
                .unwrap(),
            password: crate::password::new_password::<4, 4>(&*self.app.rng),
            expires_at,
        };
        (row, issued)
    }

    /// Issues a link and queues what goes out with it, in one transaction.
    pub(crate) async fn issue(&self, first: &str, second: Option<&str>) -> IssuedLink {
        let (row, issued) = self.new_link();
        let second = second.map(|second| second.parse().unwrap());
        let to = (&first.parse().unwrap(), second.as_ref());
        let mails = for_link(&self.app, &self.office.office, to, &issued, false).unwrap();
        let act = Act::new(Actor::default(), "issue link");
        self.app
            .store
            .write(act, (row, mails), |tx, (row, mails)| {
                Box::pin(async move {
                    insert_link(tx, row).await?;
                    for mail in mails {
                        assert!(queue(tx, mail).await?);
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        issued
    }

    pub(crate) async fn list(&self) -> Vec<MailRow> {
        let mut reader = self.app.store.reader().await.unwrap();
        let filter = Filter {
            limit: 1000,
            ..Filter::default()
        };
        list(&mut reader, &filter).await.unwrap()
    }

    pub(crate) async fn mail(&self, kind: MailKind) -> MailRow {
        let found = self.list().await.into_iter().find(|mail| mail.kind == kind);
        found.unwrap()
    }

    /// Every byte of the queue, as one who reads the database sees it.
    pub(crate) async fn bytes(&self) -> String {
        let mut back_door = self.database.back_door().await;
        let rows = sql::query("SELECT sealed FROM mail WHERE sealed IS NOT NULL")
            .fetch_all(&mut back_door)
            .await
            .unwrap();
        let rows = rows.iter().map(|row| row.get::<Vec<u8>, _>(0));
        rows.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }
}

on_both_databases!(
    link_and_password_go_to_two_mailboxes_in_two_messages,
    the_queue_shows_no_secret_and_forgets_what_was_sent,
    a_link_that_was_not_kept_is_not_mailed,
);

async fn link_and_password_go_to_two_mailboxes_in_two_messages(database: Database) {
    let server = Office1::on(database).await;
    let carrier = Script::answering([]);
    let worker = Worker::new(server.app.clone(), carrier.clone());
    let issued = server.issue(FIRST, Some(SECOND)).await;
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), [FIRST]);
    server.clock.advance(SignedDuration::from_secs(60 * 60 - 1));
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), Vec::<String>::new());
    server.clock.advance(SignedDuration::from_secs(1));
    worker.post_once().await.unwrap();
    assert_eq!(carrier.recipients(), [SECOND]);
    drop(issued);
    // One mailbox, in whatever spelling, never holds both.
    for second in [None, Some(FIRST), Some("First@131016.Example.jp")] {
        server.issue(FIRST, second).await;
        server.clock.advance(SignedDuration::from_hours(2));
        worker.post_once().await.unwrap();
        assert_eq!(carrier.recipients(), [FIRST], "{second:?}");
        let password = server.mail(MailKind::Password).await;
        assert_eq!(
            (password.way, password.recipient),
            (PasswordWay::Letter, None)
        );
    }
}

async fn the_queue_shows_no_secret_and_forgets_what_was_sent(database: Database) {
    let server = Office1::on(database).await;
    let worker = Worker::new(server.app.clone(), Script::answering([]));
    let issued = server.issue(FIRST, Some(SECOND)).await;
    let waiting = server.bytes().await;
    assert!(!waiting.is_empty());
    for secret in [
        issued.password.as_str(),
        &issued.link.id.to_string(),
        "パスワード",
    ] {
        assert!(!waiting.contains(secret), "{secret}");
    }
    server.clock.advance(SignedDuration::from_hours(1));
    while worker.post_once().await.unwrap().claimed > 0 {}
    assert_eq!(server.bytes().await, "");
}

async fn a_link_that_was_not_kept_is_not_mailed(database: Database) {
    let server = Office1::on(database).await;
    let (_, issued) = server.new_link();
    let to = (&FIRST.parse().unwrap(), None);
    let mails = for_link(&server.app, &server.office.office, to, &issued, false).unwrap();
    let act = Act::new(Actor::default(), "issue link");
    let failed: Result<(), _> = server
        .app
        .store
        .write(act, mails, |tx, mails| {
            Box::pin(async move {
                for mail in mails {
                    queue(tx, mail).await?;
                }
                Err(ProblemCode::Internal.into())
            })
        })
        .await;
    assert!(failed.is_err());
    assert!(server.list().await.is_empty());
}

#[tokio::test]
async fn without_a_mail_server_a_link_is_refused_and_not_mailed_into_nowhere() {
    let mut server = Server::sqlite().await;
    let office = server
        .office("131016", OfficeKind::HealthCentre, None)
        .await;
    server.app.mail = Post::new(&MailSettings::default(), SealingKey::new(&[7; 32]));
    let app = &server.app;
    let notice = Notice::Cancelled {
        id: EnrolmentId(app.new_id()),
    };
    let to = FIRST.parse().unwrap();
    let refused = to_office(
        app,
        (&office.office.code, &office.office.name),
        &to,
        &notice,
        app.clock.now(),
    )
    .unwrap_err();
    assert_eq!(refused.code, ProblemCode::MailNotSetUp);
}
