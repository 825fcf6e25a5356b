//! Links and certificates, on both databases.

use std::sync::Arc;

use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair};
use shared::{
    ProblemCode,
    id::EnrolmentId,
    offices::{OfficeCode, OfficeKind},
};
use zeroize::Zeroizing;

use super::*;
use crate::{
    authority::CertificateRequest,
    clock::Clock as _,
    store::story::{
        database::{Database, Server, id},
        on_both_databases, so_many,
    },
    tls::TerminalCertificate,
};

mod ask;
mod closing;
mod deeds;
mod identified;
mod job;
mod refused;
mod renaming;
mod renewal;
mod reopening;
mod search;
mod second_person;
mod sightings;
mod signing;
mod wish;

const OFFICE: &str = "131016";

async fn server(database: Database) -> Arc<Server> {
    let server = Server::on(database).await;
    server.office(OFFICE, OfficeKind::HealthCentre, None).await;
    Arc::new(server)
}

async fn link(server: &Server) -> (EnrolmentId, String) {
    link_for(server, OFFICE).await
}

async fn link_for(server: &Server, office: &str) -> (EnrolmentId, String) {
    let app = &server.app;
    let issued = issue_link(
        &app.store,
        &*app.clock,
        &*app.rng,
        office.parse::<OfficeCode>().unwrap(),
        "localhost:8444".to_owned(),
        app.authority.fingerprint(),
    )
    .await
    .unwrap();
    (issued.link.id, issued.password.to_string())
}

/// A key that was just made, and a request that it signed.
fn request() -> CertificateRequest {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    CertificateRequest::parse(request.der()).unwrap()
}

async fn redeem(
    server: &Server,
    (id, password): &(EnrolmentId, String),
    request: &CertificateRequest,
) -> Result<TerminalCertificate, ProblemCode> {
    let requester = Requester::Link {
        id: *id,
        password: Zeroizing::new(password.clone()),
    };
    match issue(&server.app, requester, request).await {
        Ok(der) => Ok(TerminalCertificate::parse(&der).unwrap()),
        Err(problem) => Err(problem.code),
    }
}

/// How many entries the audit log has.
async fn entries(server: &Server) -> i64 {
    let mut reader = server.app.store.reader().await.unwrap();
    let verified = store::audit::verify(&mut reader, &[]).await.unwrap();
    verified.unwrap().number
}

fn enter(server: &Server, certificate: &TerminalCertificate) -> Result<Live, NotLive> {
    let fingerprint = certificate.fingerprint.bytes();
    server
        .app
        .terminals
        .look_up(fingerprint, server.clock.now())
}

async fn use_first(server: &Server, certificate: &TerminalCertificate) {
    // Nobody keeps the set fresh here, and a busy machine may be slow.
    server.app.terminals.refresh(&server.app).await.unwrap();
    let live = enter(server, certificate).unwrap();
    note_first_use(&server.app, &live, *certificate.fingerprint.bytes())
        .await
        .unwrap();
}

async fn a_link_lets_one_terminal_of_its_office_in(database: Database) {
    let server = server(database).await;
    let certificate = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    assert_eq!(certificate.identity.office.as_str(), OFFICE);
    let live = enter(&server, &certificate).unwrap();
    assert_eq!(live.terminal.id, certificate.identity.terminal);
    assert!(!live.used);
}

async fn any_other_key_is_refused(database: Database) {
    let server = server(database).await;
    let link = link(&server).await;
    redeem(&server, &link, &request()).await.unwrap();
    let second = redeem(&server, &link, &request()).await;
    assert_eq!(second, Err(ProblemCode::LinkUsed));
}

async fn the_same_key_gets_the_same_certificate_until_that_is_used(database: Database) {
    let server = server(database).await;
    let (link, request) = (link(&server).await, request());
    let first = redeem(&server, &link, &request).await.unwrap();
    server
        .clock
        .advance(SignedDuration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(redeem(&server, &link, &request).await, Ok(first.clone()));
    use_first(&server, &first).await;
    let after = redeem(&server, &link, &request).await;
    assert_eq!(after, Err(ProblemCode::LinkUsed));
}

async fn the_same_key_on_two_links_gets_the_certificate_of_each(database: Database) {
    let server = server(database).await;
    let (request, [one, two]) = (request(), [link(&server).await, link(&server).await]);
    let first = redeem(&server, &one, &request).await.unwrap();
    server.clock.advance(SignedDuration::from_secs(1));
    let second = redeem(&server, &two, &request).await.unwrap();
    assert_ne!(first.identity, second.identity);
    assert_eq!(redeem(&server, &one, &request).await, Ok(first));
    assert_eq!(redeem(&server, &two, &request).await, Ok(second));
}

async fn the_same_key_gets_nothing_more_after_24_hours(database: Database) {
    let server = server(database).await;
    let (link, request) = (link(&server).await, request());
    redeem(&server, &link, &request).await.unwrap();
    server.clock.advance(SignedDuration::from_hours(24));
    let after = redeem(&server, &link, &request).await;
    assert_eq!(after, Err(ProblemCode::LinkUsed));
}

async fn a_link_lives_30_days_less_a_second_and_is_dead_at_30(database: Database) {
    let server = server(database).await;
    let days = SignedDuration::from_hours(24 * 30);
    let second = SignedDuration::from_secs(1);
    let [in_time, too_late] = [link(&server).await, link(&server).await];
    server.clock.advance(days - second);
    redeem(&server, &in_time, &request()).await.unwrap();
    server.clock.advance(second);
    let refused = redeem(&server, &too_late, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkExpired));
}

async fn five_wrong_passwords_lock_a_link_for_the_right_one_too(database: Database) {
    let server = server(database).await;
    let link = link(&server).await;
    let wrong = (link.0, "abcd-abcd-abcd-abcd".to_owned());
    for _ in 0..4 {
        let refused = redeem(&server, &wrong, &request()).await;
        assert_eq!(refused, Err(ProblemCode::LinkRefused));
    }
    let fifth = redeem(&server, &wrong, &request()).await;
    assert_eq!(fifth, Err(ProblemCode::LinkLocked));
    let right = redeem(&server, &link, &request()).await;
    assert_eq!(right, Err(ProblemCode::LinkLocked));
}

async fn many_guesses_at_once_are_counted_each(database: Database) {
    let server = server(database).await;
    let link = link(&server).await;
    let guesses = (0..12).map(|_| {
        let server = Arc::clone(&server);
        let wrong = (link.0, "wrong".to_owned());
        tokio::spawn(async move { redeem(&server, &wrong, &request()).await })
    });
    let mut locked = 0;
    for guess in guesses.collect::<Vec<_>>() {
        locked += usize::from(guess.await.unwrap() == Err(ProblemCode::LinkLocked));
    }
    assert_eq!(locked, 8, "all but the first four");
}

async fn an_unknown_link_is_refused_like_a_wrong_password(database: Database) {
    let server = server(database).await;
    let unknown = (EnrolmentId(id(9)), "abcd-abcd-abcd-abcd".to_owned());
    let refused = redeem(&server, &unknown, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkRefused));
}

async fn what_strangers_can_repeat_for_ever_leaves_no_entry(database: Database) {
    let server = server(database).await;
    let dead = link(&server).await;
    cancel_link(&server.app.store, dead.0).await.unwrap();
    let before = entries(&server).await;
    let unknown = (EnrolmentId(id(9)), "abcd-abcd-abcd-abcd".to_owned());
    redeem(&server, &unknown, &request()).await.unwrap_err();
    redeem(&server, &dead, &request()).await.unwrap_err();
    assert_eq!(entries(&server).await, before);
}

async fn a_cancelled_link_is_dead_and_a_used_one_cannot_be_cancelled(database: Database) {
    let server = server(database).await;
    let [open, used] = [link(&server).await, link(&server).await];
    cancel_link(&server.app.store, open.0).await.unwrap();
    let refused = redeem(&server, &open, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkCancelled));
    cancel_link(&server.app.store, open.0).await.unwrap_err();
    redeem(&server, &used, &request()).await.unwrap();
    cancel_link(&server.app.store, used.0).await.unwrap_err();
}

async fn of_64_terminals_with_one_link_exactly_one_wins(database: Database) {
    let server = server(database).await;
    let requests: Vec<_> = (0..64).map(|_| Arc::new(request())).collect();
    for round in 1..=so_many(50, 10_000) {
        let link = link(&server).await;
        let tries = requests.iter().map(|request| {
            let (server, link, request) = (Arc::clone(&server), link.clone(), Arc::clone(request));
            tokio::spawn(async move { (redeem(&server, &link, &request).await, request) })
        });
        let mut won = Vec::new();
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                (Ok(certificate), request) => won.push((certificate, request)),
                (Err(code), _) => assert_eq!(code, ProblemCode::LinkUsed),
            }
        }
        let [(certificate, request)] = &won[..] else {
            panic!("round {round}: {} won", won.len());
        };
        // Whose line was cut asks again with the same key.
        let again = redeem(&server, &link, request).await.unwrap();
        assert_eq!(again.fingerprint, certificate.fingerprint);
        let mut reader = server.app.store.reader().await.unwrap();
        let issued = store::enrolment::terminals(&mut reader).await.unwrap();
        assert_eq!(issued.len(), round as usize);
    }
}

async fn a_new_certificate_ends_the_old_one_when_it_is_first_used(database: Database) {
    let server = server(database).await;
    let old = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    use_first(&server, &old).await;
    server.clock.advance(SignedDuration::from_secs(1));
    let new = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    assert!(enter(&server, &old).is_ok());
    use_first(&server, &new).await;
    assert_eq!(enter(&server, &old).unwrap_err(), NotLive::Superseded);
    assert!(enter(&server, &new).is_ok());
}

async fn what_another_process_revokes_is_refused_here(database: Database) {
    let server = server(database).await;
    let certificate = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    let beside = server.database.second_process().await;
    let revoked = revoke(&beside, Actor::default(), certificate.serial.clone()).await;
    revoked.unwrap();
    server.app.terminals.refresh(&server.app).await.unwrap();
    assert_eq!(enter(&server, &certificate).unwrap_err(), NotLive::Revoked);
    let again = revoke(&beside, Actor::default(), certificate.serial).await;
    assert!(matches!(again, Err(NotRevoked::Already { .. })));
}

async fn a_closed_office_lets_nobody_in_and_gets_no_certificate(database: Database) {
    let server = server(database).await;
    let certificate = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    let open = link(&server).await;
    let act = Act::new(Actor::default(), "command office close");
    let app = &server.app;
    let code = OFFICE.parse().unwrap();
    crate::offices::closing::close(app, act, code, "見本の理由".parse().unwrap())
        .await
        .unwrap();
    app.terminals.refresh(app).await.unwrap();
    assert_eq!(
        enter(&server, &certificate).unwrap_err(),
        NotLive::OfficeClosed
    );
    let refused = redeem(&server, &open, &request()).await;
    assert_eq!(refused, Err(ProblemCode::OfficeClosed));
}

async fn a_certificate_ends_after_its_last_second(database: Database) {
    let server = server(database).await;
    let certificate = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    server
        .clock
        .set(certificate.not_after + SignedDuration::from_millis(999));
    assert!(enter(&server, &certificate).is_ok());
    server
        .clock
        .set(certificate.not_after + SignedDuration::from_secs(1));
    assert_eq!(enter(&server, &certificate).unwrap_err(), NotLive::Expired);
}

async fn every_certificate_and_refusal_stands_in_the_audit_log(database: Database) {
    let server = server(database).await;
    let link = link(&server).await;
    let before = entries(&server).await;
    redeem(&server, &link, &request()).await.unwrap();
    let issued = entries(&server).await;
    assert!(issued > before);
    redeem(&server, &link, &request()).await.unwrap_err();
    assert!(entries(&server).await > issued);
}

on_both_databases!(
    a_link_lets_one_terminal_of_its_office_in,
    any_other_key_is_refused,
    the_same_key_gets_the_same_certificate_until_that_is_used,
    the_same_key_gets_nothing_more_after_24_hours,
    a_link_lives_30_days_less_a_second_and_is_dead_at_30,
    five_wrong_passwords_lock_a_link_for_the_right_one_too,
    many_guesses_at_once_are_counted_each,
    an_unknown_link_is_refused_like_a_wrong_password,
    what_strangers_can_repeat_for_ever_leaves_no_entry,
    a_cancelled_link_is_dead_and_a_used_one_cannot_be_cancelled,
    of_64_terminals_with_one_link_exactly_one_wins,
    a_new_certificate_ends_the_old_one_when_it_is_first_used,
    the_same_key_on_two_links_gets_the_certificate_of_each,
    what_another_process_revokes_is_refused_here,
    a_closed_office_lets_nobody_in_and_gets_no_certificate,
    a_certificate_ends_after_its_last_second,
    every_certificate_and_refusal_stands_in_the_audit_log,
);
