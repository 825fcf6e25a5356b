//! A terminal that slept past its certificate's end asks for another one.

use rcgen::SigningKey as _;
use shared::enrolment::ask::Ask;

use super::*;
use crate::store::enrolment::{AskedRow, last_asked};

/// A terminal that was let in with a key that is at hand.
async fn terminal(server: &Server) -> (Vec<u8>, TerminalCertificate, KeyPair) {
    terminal_of(server, OFFICE).await
}

pub(super) async fn terminal_of(
    server: &Server,
    office: &str,
) -> (Vec<u8>, TerminalCertificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    let request = CertificateRequest::parse(request.der()).unwrap();
    let (id, password) = link_for(server, office).await;
    let requester = Requester::Link {
        id,
        password: Zeroizing::new(password),
    };
    let der = issue(&server.app, requester, &request).await.unwrap();
    let certificate = TerminalCertificate::parse(&der).unwrap();
    (der, certificate, key)
}

pub(super) fn asking(server: &Server, der: &[u8], key: &KeyPair) -> Ask {
    Ask::new(der, server.clock.now(), |text| key.sign(text)).unwrap()
}

async fn noted(server: &Server) -> Option<AskedRow> {
    let mut reader = server.app.store.reader().await.unwrap();
    let office = OFFICE.parse::<OfficeCode>().unwrap();
    last_asked(&mut reader, &office, server.clock.now())
        .await
        .unwrap()
}

async fn whoever_holds_the_key_of_a_certificate_that_ended_is_noted_once(database: Database) {
    let server = server(database).await;
    let (der, certificate, key) = terminal(&server).await;
    server.clock.advance(SignedDuration::from_hours(24 * 400));
    assert_eq!(noted(&server).await, None);
    let asked = ask(&server.app, &asking(&server, &der, &key))
        .await
        .unwrap();
    let row = noted(&server).await.unwrap();
    assert_eq!((row.since, row.serial), (asked.since, certificate.serial));
    let before = entries(&server).await;
    for _ in 0..5 {
        server.clock.advance(SignedDuration::from_secs(60));
        let again = ask(&server.app, &asking(&server, &der, &key))
            .await
            .unwrap();
        assert_eq!(again.since, asked.since);
    }
    assert_eq!(entries(&server).await, before, "nobody fills the log");
    server.clock.advance(SignedDuration::from_hours(1));
    let later = ask(&server.app, &asking(&server, &der, &key))
        .await
        .unwrap();
    assert!(later.since > asked.since);
    // A link is the answer.
    server.clock.advance(SignedDuration::from_secs(1));
    link(&server).await;
    assert_eq!(noted(&server).await, None);
}

/// How many uses are kept.
async fn uses(server: &Server) -> i64 {
    let mut sql = server.database.back_door().await;
    let row = crate::store::sql::query("SELECT count(*) FROM wish");
    row.fetch_one(&mut sql).await.unwrap().get(0)
}

async fn what_was_signed_once_serves_once(database: Database) {
    let server = server(database).await;
    let clock = &server.clock;
    let (der, _, key) = terminal(&server).await;
    clock.advance(SignedDuration::from_hours(24 * 400));
    let first = asking(&server, &der, &key);
    let asked = ask(&server.app, &first).await.unwrap();
    clock.advance(SignedDuration::from_secs(60));
    // Within the hour nothing more is noted; it is used all the same.
    let second = asking(&server, &der, &key);
    assert_eq!(ask(&server.app, &second).await.unwrap(), asked);
    link(&server).await;
    let before = entries(&server).await;
    clock.advance(SignedDuration::from_hours(23));
    for seen_by_another in [&first, &second] {
        assert_eq!(ask(&server.app, seen_by_another).await.unwrap(), asked);
    }
    assert_eq!(entries(&server).await, before);
    assert_eq!(noted(&server).await, None);
    let third = asking(&server, &der, &key);
    let anew = ask(&server.app, &third).await.unwrap();
    assert!(anew.since > asked.since);
    assert_eq!(entries(&server).await, before + 1);
    assert_eq!(noted(&server).await.unwrap().since, anew.since);
}

async fn of_the_same_wish_at_once_one_is_noted(database: Database) {
    let server = server(database).await;
    let (der, _, key) = terminal(&server).await;
    server.clock.advance(SignedDuration::from_hours(24 * 400));
    let before = entries(&server).await;
    let wish = asking(&server, &der, &key);
    let asked = (0..8).map(|_| ask(&server.app, &wish));
    let asked = futures_util::future::join_all(asked).await;
    let since = asked[0].as_ref().unwrap().since;
    assert!(asked.iter().all(|it| it.as_ref().unwrap().since == since));
    assert_eq!(entries(&server).await, before + 1);
}

async fn a_program_that_asks_without_end_fills_nothing(database: Database) {
    let server = server(database).await;
    let (der, _, key) = terminal(&server).await;
    server.clock.advance(SignedDuration::from_hours(24 * 400));
    let first = ask(&server.app, &asking(&server, &der, &key)).await;
    for _ in 0..60 {
        server.clock.advance(SignedDuration::from_secs(1));
        let again = ask(&server.app, &asking(&server, &der, &key)).await;
        assert_eq!(again, first);
    }
    assert_eq!(uses(&server).await, 50);
    server.clock.advance(SignedDuration::from_hours(25));
    ask(&server.app, &asking(&server, &der, &key))
        .await
        .unwrap();
    assert_eq!(uses(&server).await, 1, "what is too old is forgotten");
}

async fn nobody_else_is_noted(database: Database) {
    let server = server(database).await;
    let (der, _, key) = terminal(&server).await;
    let other = KeyPair::generate().unwrap();
    let before = entries(&server).await;
    let right = asking(&server, &der, &key);
    let cases = [
        (asking(&server, &der, &other), ProblemCode::RequestRefused),
        (
            Ask {
                signature: String::new(),
                ..right.clone()
            },
            ProblemCode::RequestRefused,
        ),
        (
            Ask {
                asked_at: right.asked_at + SignedDuration::from_secs(1),
                ..right.clone()
            },
            ProblemCode::RequestRefused,
        ),
        (
            asking(&server, b"never issued", &key),
            ProblemCode::TerminalUnknown,
        ),
    ];
    for (wrong, code) in cases {
        assert_eq!(ask(&server.app, &wrong).await.unwrap_err().code, code);
    }
    server.clock.advance(SignedDuration::from_hours(25));
    let late = ask(&server.app, &right).await.unwrap_err();
    assert_eq!(late.code, ProblemCode::RequestRefused);
    assert_eq!(entries(&server).await, before);
    assert_eq!(noted(&server).await, None);
}

async fn a_certificate_that_was_taken_back_asks_for_nothing(database: Database) {
    let server = server(database).await;
    let (der, certificate, key) = terminal(&server).await;
    let revoked = revoke(&server.app.store, Actor::default(), certificate.serial).await;
    revoked.unwrap();
    let refused = ask(&server.app, &asking(&server, &der, &key)).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::TerminalRevoked);
    assert_eq!(noted(&server).await, None);
}

on_both_databases!(
    whoever_holds_the_key_of_a_certificate_that_ended_is_noted_once,
    nobody_else_is_noted,
    a_certificate_that_was_taken_back_asks_for_nothing,
    what_was_signed_once_serves_once,
    of_the_same_wish_at_once_one_is_noted,
    a_program_that_asks_without_end_fills_nothing,
);
