//! Terminals that renew, and what ends them.

use super::*;
use crate::app::LiveTerminal;
use crate::store::story::database::with_key;

/// A terminal let in by a link of its own, a second after everything before, and in use.
async fn terminal(server: &Server) -> (TerminalCertificate, Arc<LiveTerminal>) {
    server.clock.advance(SignedDuration::from_secs(1));
    let certificate = redeem(server, &link(server).await, &request())
        .await
        .unwrap();
    use_first(server, &certificate).await;
    let live = enter(server, &certificate).unwrap().terminal.clone();
    (certificate, live)
}

/// Renews a second after everything before.
async fn renew(
    server: &Server,
    terminal: &Arc<LiveTerminal>,
    request: &CertificateRequest,
) -> Result<TerminalCertificate, ProblemCode> {
    server.clock.advance(SignedDuration::from_secs(1));
    let requester = Requester::Terminal(terminal.clone());
    match issue(&server.app, requester, request).await {
        Ok(der) => Ok(TerminalCertificate::parse(&der).unwrap()),
        Err(problem) => Err(problem.code),
    }
}

async fn revoke_here(server: &Server, certificate: &TerminalCertificate) -> bool {
    let app = &server.app;
    let revoked = revoke(&app.store, Actor::default(), certificate.serial.clone()).await;
    app.terminals.refresh(app).await.unwrap();
    revoked.is_ok()
}

async fn a_terminal_renews_under_its_own_name(database: Database) {
    let server = server(database).await;
    let (old, terminal) = terminal(&server).await;
    let wish = request();
    let new = renew(&server, &terminal, &wish).await.unwrap();
    assert_eq!(new.identity, old.identity);
    assert_ne!(new.serial, old.serial);
    let again = renew(&server, &terminal, &wish).await;
    assert_eq!(
        again,
        Ok(new.clone()),
        "an answer lost on the line is given again"
    );
    use_first(&server, &new).await;
    assert_eq!(enter(&server, &old).unwrap_err(), NotLive::Superseded);
}

async fn revoking_an_old_certificate_ends_the_renewed_ones_too(database: Database) {
    let server = server(database).await;
    let (old, terminal) = terminal(&server).await;
    let used = renew(&server, &terminal, &request()).await.unwrap();
    use_first(&server, &used).await;
    let terminal = enter(&server, &used).unwrap().terminal.clone();
    let unused = renew(&server, &terminal, &request()).await.unwrap();
    assert!(revoke_here(&server, &old).await);
    for dead in [old, used, unused] {
        assert_eq!(enter(&server, &dead).unwrap_err(), NotLive::Revoked);
        assert!(!revoke_here(&server, &dead).await);
    }
}

async fn revoking_a_terminal_leaves_the_next_one_of_its_office_alone(database: Database) {
    let server = server(database).await;
    let (lost, _) = terminal(&server).await;
    let (found, _) = terminal(&server).await;
    assert!(revoke_here(&server, &lost).await);
    assert!(enter(&server, &found).is_ok());
}

async fn a_terminal_revoked_while_it_asks_gets_no_certificate(database: Database) {
    let server = server(database).await;
    let (certificate, terminal) = terminal(&server).await;
    let wish = request();
    renew(&server, &terminal, &wish).await.unwrap();
    revoke_here(&server, &certificate).await;
    for request in [wish, request()] {
        let refused = renew(&server, &terminal, &request).await;
        assert_eq!(refused, Err(ProblemCode::TerminalRevoked));
    }
}

async fn a_superseded_certificate_renews_nothing(database: Database) {
    let server = server(database).await;
    let (_, replaced) = terminal(&server).await;
    terminal(&server).await;
    let refused = renew(&server, &replaced, &request()).await;
    assert_eq!(refused, Err(ProblemCode::TerminalSuperseded));
}

async fn a_terminal_has_one_unused_successor_at_a_time(database: Database) {
    let server = server(database).await;
    let (old, terminal) = terminal(&server).await;
    let first = renew(&server, &terminal, &request()).await.unwrap();
    let second = renew(&server, &terminal, &request()).await.unwrap();
    assert_eq!(enter(&server, &first).unwrap_err(), NotLive::Superseded);
    for live in [old, second] {
        assert!(enter(&server, &live).is_ok());
    }
}

async fn a_late_renewal_ends_no_terminal_that_was_let_in_after_it(database: Database) {
    let server = server(database).await;
    let (_, old) = terminal(&server).await;
    server.clock.advance(SignedDuration::from_secs(1));
    let rightful = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    // The office has not yet used what it was given, and the old terminal renews.
    let late = renew(&server, &old, &request()).await.unwrap();
    use_first(&server, &late).await;
    assert!(enter(&server, &rightful).is_ok());
    use_first(&server, &rightful).await;
    assert_eq!(enter(&server, &late).unwrap_err(), NotLive::Superseded);
}

async fn a_renewal_that_waits_unused_ends_with_its_terminal(database: Database) {
    let server = server(database).await;
    let (_, old) = terminal(&server).await;
    server.clock.advance(SignedDuration::from_secs(1));
    let rightful = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    let waiting = renew(&server, &old, &request()).await.unwrap();
    use_first(&server, &rightful).await;
    assert_eq!(enter(&server, &waiting).unwrap_err(), NotLive::Superseded);
    assert!(enter(&server, &rightful).is_ok());
}

async fn a_terminal_that_leaves_ends_itself_and_no_other(database: Database) {
    let server = server(database).await;
    let (certificate, terminal) = terminal(&server).await;
    let other = Caller {
        terminal: Arc::new(LiveTerminal {
            serial: shared::enrolment::Serial::parse("0a").unwrap(),
            ..(*terminal).clone()
        }),
        user: None,
        idempotency_key: None,
        coming_back: None,
    };
    let leave = |caller: Caller| {
        let server = Arc::clone(&server);
        let serial = certificate.serial.clone();
        async move {
            let caller = with_key(&caller);
            let leave = shared::enrolment::Leave { serial };
            leave_office(&server.app, &caller, leave).await
        }
    };
    let refused = leave(other).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::NoCertificate);
    assert!(enter(&server, &certificate).is_ok());

    let before = entries(&server).await;
    let caller = Caller {
        terminal,
        user: None,
        idempotency_key: None,
        coming_back: None,
    };
    leave(caller).await.unwrap();
    assert_eq!(enter(&server, &certificate).unwrap_err(), NotLive::Revoked);
    assert_eq!(entries(&server).await, before + 1, "it is in the log");
    let mut reader = server.app.store.reader().await.unwrap();
    let code = OFFICE.parse().unwrap();
    let office = store::offices::by_code(&mut reader, &code)
        .await
        .unwrap()
        .unwrap();
    let now = server.clock.now();
    let latest = (i64::MAX, i64::MAX);
    let timeline = store::enrolment::timeline(&mut reader, office.number, now, latest, 1).await;
    assert_eq!(timeline.unwrap()[0].0.event, TimelineEvent::Left);
}

on_both_databases!(
    a_terminal_that_leaves_ends_itself_and_no_other,
    a_terminal_renews_under_its_own_name,
    revoking_an_old_certificate_ends_the_renewed_ones_too,
    revoking_a_terminal_leaves_the_next_one_of_its_office_alone,
    a_terminal_revoked_while_it_asks_gets_no_certificate,
    a_superseded_certificate_renews_nothing,
    a_terminal_has_one_unused_successor_at_a_time,
    a_late_renewal_ends_no_terminal_that_was_let_in_after_it,
    a_renewal_that_waits_unused_ends_with_its_terminal,
);
