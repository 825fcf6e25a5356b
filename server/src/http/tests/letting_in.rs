//! What a certificate that passed the handshake is told at the request.

use super::*;

const WHO: &str = "/v1/terminal";

/// Does `what` to a terminal that has just been served, and gives the code that it then meets on
/// the connection it kept and on a new one.
async fn refused_after(
    world: &World,
    terminal: &Credentials,
    what: impl AsyncFnOnce(&World, &TerminalCertificate),
) -> [&'static str; 2] {
    let mut kept = world.line(terminal).await;
    assert_eq!(kept.get(WHO).await.status, 200);
    let certificate = TerminalCertificate::parse(&terminal.chain[0]).unwrap();
    what(world, &certificate).await;
    // What the command line does must be felt here within a second.
    tokio::time::sleep(Duration::from_millis(900)).await;
    let on_kept = kept.get(WHO).await.code();
    assert!(kept.ends().await);
    let on_new = world.line(terminal).await.get(WHO).await.code();
    [on_kept, on_new]
}

#[tokio::test]
async fn a_revoked_terminal_is_refused_within_a_second_on_open_connections_too() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let codes = refused_after(&world, &terminal, async |world, certificate| {
        let serial = certificate.serial.clone();
        let beside = world.beside().await;
        revoke(&beside, Actor::default(), serial).await.unwrap();
    })
    .await;
    assert_eq!(codes, ["terminal-revoked"; 2]);
}

#[tokio::test]
async fn what_a_terminal_is_refused_reaches_the_helpdesk() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let codes = refused_after(&world, &terminal, async |world, certificate| {
        let serial = certificate.serial.clone();
        let store = &world.app.store;
        revoke(store, Actor::default(), serial).await.unwrap();
    })
    .await;
    assert_eq!(codes, ["terminal-revoked"; 2]);
    crate::enrolment::note_sightings(&world.app).await.unwrap();
    let mut reader = world.app.store.reader().await.unwrap();
    let office = OFFICE.parse().unwrap();
    let known = store::offices::by_code(&mut reader, &office).await;
    let number = known.unwrap().unwrap().number;
    let since = world.clock.now() - SignedDuration::from_hours(1);
    let refusals = store::enrolment::refusals(&mut reader, number, since).await;
    let refusals = refusals.unwrap();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].code.as_str(), "terminal-revoked");
    assert_eq!(refusals[0].count, 2);
    let facts = store::enrolment::facts_of_code(&mut reader, world.clock.now(), &office).await;
    let certificate = facts.unwrap().unwrap().certificate.unwrap();
    assert!(certificate.seen_at.is_some(), "it was in contact before");
}

#[tokio::test]
async fn a_terminal_revoked_while_its_request_arrives_is_refused() {
    let world = World::new().await;
    let log_in = r#"{"login":"nobody","password":"none"}"#;
    let log_in = format!(
        "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{log_in}",
        log_in.len()
    );
    let wish = STANDARD.encode(request().0);
    let renew = post_request("/.well-known/est/simplereenroll", None, &wish);
    for request in [log_in, renew] {
        let terminal = world.enrolled().await;
        let mut line = world.line(&terminal).await;
        assert_eq!(line.get(WHO).await.status, 200);
        let (early, late) = request.split_at(request.len() - 10);
        line.0.write_all(early.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let certificate = TerminalCertificate::parse(&terminal.chain[0]).unwrap();
        let revoked = revoke(&world.app.store, Actor::default(), certificate.serial).await;
        revoked.unwrap();
        world.app.terminals.refresh(&world.app).await.unwrap();
        assert_eq!(line.send(late).await.code(), "terminal-revoked");
    }
}

#[tokio::test]
async fn a_superseded_terminal_is_refused() {
    let world = World::new().await;
    let old = world.enrolled().await;
    let codes = refused_after(&world, &old, async |world, _| {
        world.clock.advance(SignedDuration::from_secs(1));
        let new = world.enrolled().await;
        assert_eq!(world.line(&new).await.get(WHO).await.status, 200);
    })
    .await;
    assert_eq!(codes, ["terminal-superseded"; 2]);
}

#[tokio::test]
async fn a_terminal_of_a_closed_office_is_refused() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let codes = refused_after(&world, &terminal, async |world, _| {
        let close = Act::new(Actor::default(), "command office close");
        let beside = world.beside().await;
        let closed = beside.write(close, (), |tx, ()| {
            Box::pin(async move {
                let code = OFFICE.parse().expect("a code");
                let known = store::offices::by_code(tx.sql(), &code).await?;
                store::offices::close(tx, known.map_or(0, |known| known.number)).await
            })
        });
        assert!(closed.await.unwrap());
    })
    .await;
    assert_eq!(codes, ["office-closed"; 2]);
}

#[tokio::test]
async fn a_terminal_whose_certificate_ends_is_refused_on_its_open_connection() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let mut kept = world.line(&terminal).await;
    assert_eq!(kept.get(WHO).await.status, 200);
    let certificate = TerminalCertificate::parse(&terminal.chain[0]).unwrap();
    world
        .clock
        .set(certificate.not_after + SignedDuration::from_secs(1));
    assert_eq!(kept.get(WHO).await.code(), "terminal-expired");
}

#[tokio::test]
async fn a_sound_certificate_that_was_never_issued_is_unknown_at_the_request() {
    let world = World::new().await;
    let real = world.enrolled().await;
    let known = TerminalCertificate::parse(&real.chain[0]).unwrap().identity;
    // Even one that names a terminal which is live: it is not that terminal's certificate.
    let terminal = Terminal {
        office: known.office.to_string(),
        id: known.terminal.to_string(),
    };
    let now = world.clock.now();
    let sound = Identity::ALL
        .iter()
        .filter(|identity| identity.refused_at() != Stage::Handshake);
    for &identity in sound {
        let credentials = world.faulty.issue(identity, &terminal, now);
        let answer = world.line(&credentials).await.get(WHO).await;
        assert_eq!(answer.code(), "terminal-unknown", "{identity:?}");
    }
}

#[tokio::test]
async fn nobody_is_let_in_while_the_database_cannot_be_asked() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let mut kept = world.line(&terminal).await;
    assert_eq!(kept.get(WHO).await.status, 200);
    world.app.store.close().await;
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert_eq!(kept.get(WHO).await.code(), "store-unavailable");
}
