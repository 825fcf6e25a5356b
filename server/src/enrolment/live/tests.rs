//! What is read again, and who is let in while nothing can be read.

use shared::enrolment::TerminalIdentity;
use shared::id::TerminalId;
use shared::offices::OfficeKind;

use super::*;
use crate::store::audit::Act;
use crate::store::enrolment::{NewCertificate, insert_certificate};
use crate::store::story::database::{Database, Server, id};
use crate::store::story::on_both_databases;

on_both_databases!(
    long_reads_shut_nobody_out,
    of_a_change_that_names_its_office_no_other_is_read_again,
);

async fn of_a_change_that_names_its_office_no_other_is_read_again(database: Database) {
    let server = Server::on(database).await;
    let (app, mut certificates) = (&server.app, Vec::new());
    for (code, number) in [("131016", 1), ("131024", 2)] {
        server.office(code, OfficeKind::HealthCentre, None).await;
        let new = NewCertificate {
            fingerprint: [number; 32],
            serial: format!("{number:08x}").parse().unwrap(),
            identity: TerminalIdentity {
                office: code.parse().unwrap(),
                terminal: TerminalId(id(number.into())),
            },
            public_key: [number; 32],
            der: vec![number],
            expires_at: "2023-09-26T00:00:00Z".parse().unwrap(),
        };
        let office = new.identity.office.clone();
        let keep = app.store.write(Act::housekeeping("test"), new, |tx, new| {
            Box::pin(async move { insert_certificate(tx, new).await })
        });
        keep.await.unwrap();
        certificates.push((office, [number; 32]));
    }
    let [(first, shown), (_, other)] = &certificates[..] else {
        panic!("two");
    };
    let standing = async |shown: &[u8; 32]| {
        app.terminals.refresh(app).await.unwrap();
        app.terminals.check(shown, app.clock.now())
    };
    assert_eq!(standing(shown).await, Ok(()));
    assert_eq!(standing(other).await, Ok(()));
    let announce = async |office: Option<OfficeCode>| {
        let act = Act::housekeeping("test");
        let announced = app.store.write(act, office, |tx, office| {
            match office {
                Some(office) => tx.announce_terminals(office),
                None => tx.announce(Noun::Terminals),
            }
            Box::pin(async { Ok(()) })
        });
        announced.await.unwrap();
    };
    // Not announced by itself: whoever sees it has read it.
    let revoke = "UPDATE certificate SET revoked_at = 1";
    server.database.tamper(revoke).await;
    announce(Some(first.clone())).await;
    assert_eq!(standing(shown).await, Err(NotLive::Revoked));
    assert_eq!(standing(other).await, Ok(()));
    // Behind a change that names none another that does: nothing may be missed.
    announce(None).await;
    announce(Some(first.clone())).await;
    assert_eq!(standing(other).await, Err(NotLive::Revoked));
}

async fn long_reads_shut_nobody_out(database: Database) {
    let server = Server::on(database).await;
    let mut long = Vec::new();
    let moment = Duration::from_secs(1);
    while let Ok(reader) = tokio::time::timeout(moment, server.app.store.reader()).await {
        long.push(reader.unwrap());
    }
    assert!(long.len() > 1);
    let other = server.database.second_process().await;
    let revoking = other.write(Act::housekeeping("test"), (), |tx, ()| {
        Box::pin(async {
            tx.announce(Noun::Terminals);
            tx.announce(Noun::Sessions);
            Ok(())
        })
    });
    revoking.await.unwrap();
    let before = *server.app.terminals.counter.lock().await;
    let code: OfficeCode = "131016".parse().unwrap();
    let watching = async {
        let (terminals, sessions) = (&server.app.terminals, &server.app.sessions);
        terminals.refresh(&server.app).await.unwrap();
        sessions.refresh(&server.app.store).await.unwrap();
        terminals.refresh_office(&server.app, &code).await.unwrap();
    };
    tokio::time::timeout(TRUST, watching).await.unwrap();
    assert!(*server.app.terminals.counter.lock().await > before);
}

#[test]
fn nobody_is_let_in_when_the_database_has_been_silent() {
    let reason = |silence: Duration| {
        let heard = Instant::now().checked_sub(silence).unwrap();
        let terminals = LiveTerminals {
            known: RwLock::new(Known {
                certificates: Standings::default(),
                heard,
            }),
            counter: Mutex::new(0),
            sightings: Sightings::default(),
        };
        let standing = terminals.look_up(&[0; 32], Timestamp::UNIX_EPOCH);
        standing.map(drop).unwrap_err()
    };
    assert_eq!(reason(Duration::ZERO), NotLive::Unknown);
    let too_long = TRUST + Duration::from_millis(1);
    assert_eq!(reason(too_long), NotLive::Unsure);
}

#[tokio::test]
async fn what_was_read_earlier_never_overwrites_what_was_read_later() {
    let server = Arc::new(Server::sqlite().await);
    let code: OfficeCode = "131016".parse().unwrap();
    let changing = server.app.terminals.counter.lock().await;
    let office = tokio::spawn({
        let (server, code) = (Arc::clone(&server), code.clone());
        async move {
            server
                .app
                .terminals
                .refresh_office(&server.app, &code)
                .await
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!office.is_finished(), "it read while another was changing");
    drop(changing);
    office.await.unwrap().unwrap();
}
