//! One field finds an office by whatever a caller can read out.

use shared::enrolment::desk::{DeskFindings, DeskQuery, FoundBy};
use shared::enrolment::standing::CertificateState;

use super::deeds::{EAST, PREFECTURE, World};
use super::*;

async fn search(world: &World, text: &str) -> DeskFindings {
    let query = DeskQuery {
        text: text.to_owned(),
        ..DeskQuery::default()
    };
    search_desk(&world.server.app, &world.desk, query)
        .await
        .unwrap()
}

async fn found(world: &World, text: &str) -> Vec<(String, FoundBy)> {
    let findings = search(world, text).await;
    let hits = findings.offices.iter();
    hits.map(|hit| (hit.row.office.code.to_string(), hit.found_by))
        .collect()
}

async fn an_office_is_found_by_any_part_of_what_names_or_reaches_it(database: Database) {
    let world = World::on(database).await;
    let east = [(EAST.to_owned(), FoundBy::Office)];
    for text in [
        "見本990001-1",
        "本９９０００１－１",
        "990001-1",
        "LINK-990001-1@example",
        "password-990001-1",
    ] {
        assert_eq!(found(&world, text).await, east, "{text}");
    }
    assert_eq!(found(&world, "見本").await.len(), 4);
    assert_eq!(found(&world, "架空").await, []);
    assert_eq!(found(&world, " \u{3000}").await, []);
    assert_eq!(found(&world, "' OR 1=1; --\"*(").await, []);
}

async fn an_office_is_found_by_serial_link_and_error(database: Database) {
    let world = World::on(database).await;
    let certificate = world.enrol(EAST).await;
    let serial = certificate.serial.as_str().to_owned();
    for typed in [serial.clone(), serial[..8].to_uppercase()] {
        let found = found(&world, &typed).await;
        assert_eq!(found, [(EAST.to_owned(), FoundBy::Serial)], "{typed}");
    }
    let link = world.page(EAST).await.link.unwrap().id;
    let pasted = world
        .server
        .app
        .mail
        .link(link, world.server.app.authority.fingerprint());
    for typed in [link.to_string(), pasted.unwrap().to_string()] {
        let found = found(&world, &typed).await;
        assert_eq!(found, [(EAST.to_owned(), FoundBy::Link)], "{typed}");
    }
    let wrong = (link, "wrong".to_owned());
    redeem(&world.server, &wrong, &request()).await.unwrap_err();
    let findings = search(&world, "link-refused").await;
    assert_eq!(findings.error, Some(ProblemCode::LinkRefused));
    assert_eq!(findings.offices[0].found_by, FoundBy::Error);
}

async fn an_old_serial_number_says_what_became_of_its_certificate(database: Database) {
    let world = World::on(database).await;
    let found = async |serial: &shared::enrolment::Serial| {
        let found = search(&world, serial.as_str()).await.offices.remove(0);
        assert_eq!(found.found_by, FoundBy::Serial);
        found.certificate.unwrap()
    };
    let old = world.enrol(EAST).await.serial;
    let seen = found(&old).await;
    assert_eq!(
        (seen.state, seen.ended_at, seen.replaced_by),
        (CertificateState::Live, None, None)
    );

    let replaced_at = world.server.clock.now();
    let new = world.enrol(EAST).await.serial;
    let seen = found(&old).await;
    assert_eq!(seen.serial, old);
    assert_eq!(seen.state, CertificateState::Superseded);
    assert_eq!(seen.ended_at, Some(replaced_at));
    assert_eq!(seen.replaced_by, Some(new.clone()));

    let revoked_at = world.server.clock.now();
    revoke(&world.server.app.store, Actor::default(), new.clone())
        .await
        .unwrap();
    let seen = found(&new).await;
    assert_eq!(seen.state, CertificateState::Revoked);
    assert_eq!(seen.ended_at, Some(revoked_at));
    assert_eq!(seen.replaced_by, None);
}

async fn pages_go_on_where_the_last_ended(database: Database) {
    let world = World::on(database).await;
    let kind = OfficeKind::HealthCentre;
    for n in 0..7 {
        let code = format!("990001-p{n}");
        world.server.office(&code, kind, Some(PREFECTURE)).await;
    }
    let mut codes = Vec::new();
    let mut after = None;
    loop {
        let query = DeskQuery {
            text: "990001-p".to_owned(),
            after,
            limit: Some(3),
        };
        let page = search_desk(&world.server.app, &world.desk, query)
            .await
            .unwrap();
        codes.extend(
            page.offices
                .iter()
                .map(|hit| hit.row.office.code.to_string()),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..7).map(|n| format!("990001-p{n}")).collect();
    assert_eq!(codes, expected);
}

on_both_databases!(
    an_office_is_found_by_any_part_of_what_names_or_reaches_it,
    an_office_is_found_by_serial_link_and_error,
    an_old_serial_number_says_what_became_of_its_certificate,
    pages_go_on_where_the_last_ended,
);
