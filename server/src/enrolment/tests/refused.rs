//! What an operator asked for and did not get must not read as done in the log.

use serde_json::{Value, json};

use super::*;
use crate::offices::NotOpen;

/// The last entry: what was to be done, to which office, to whom, and what exactly.
pub(super) async fn last(server: &Server) -> (String, Option<String>, Option<String>, Value) {
    let mut reader = server.app.store.reader().await.unwrap();
    let head = store::audit::head(&mut reader).await.unwrap();
    let found = store::audit::entries(&mut reader, head.number - 1, head.number).await;
    let entry = found.unwrap().pop().unwrap();
    let detail = serde_json::from_str(&entry.detail).unwrap();
    (entry.action, entry.concerns, entry.subject, detail)
}

fn office() -> Option<String> {
    Some(OFFICE.to_owned())
}

fn subject(id: uuid::Uuid) -> Option<String> {
    Some(store::audit::hex(id.as_bytes()))
}

async fn a_revocation_that_did_nothing_stands_in_the_log_as_refused(database: Database) {
    let server = server(database).await;
    let store = &server.app.store;
    let certificate = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    let serial = certificate.serial.clone();
    let terminal = certificate.identity.terminal;
    let revoke = async |serial| revoke(store, Actor::default(), serial).await;
    let action = || "revoke terminal".to_owned();

    let unknown: shared::enrolment::Serial = "7badc0de".parse().unwrap();
    let refused = revoke(unknown.clone()).await.unwrap_err();
    assert!(matches!(refused, NotRevoked::Unknown(_)), "{refused}");
    let detail = json!({ "serial": unknown, "refused": "unknown" });
    assert_eq!(last(&server).await, (action(), None, None, detail));

    let revoked = revoke(serial.clone()).await.unwrap();
    assert_eq!(revoked.office.as_str(), OFFICE);
    assert_eq!(revoked.serials, [serial.as_str()]);
    assert_eq!(revoked.successor, None);
    let detail = json!({ "serials": [serial] });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(terminal.0), detail)
    );

    let refused = revoke(serial.clone()).await.unwrap_err();
    assert!(matches!(refused, NotRevoked::Already { .. }), "{refused}");
    let detail = json!({ "serial": serial, "refused": "revoked-already" });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(terminal.0), detail)
    );
}

async fn revoking_a_terminal_that_was_replaced_names_the_one_that_stays(database: Database) {
    let server = server(database).await;
    let store = &server.app.store;
    let enrol = async || {
        let link = link(&server).await;
        let certificate = redeem(&server, &link, &request()).await.unwrap();
        use_first(&server, &certificate).await;
        server.clock.advance(SignedDuration::from_secs(60));
        certificate.serial
    };
    let (old, new) = (enrol().await, enrol().await);
    let revoked = revoke(store, Actor::default(), old).await.unwrap();
    assert_eq!(revoked.successor, Some(new.clone()));
    let revoked = revoke(store, Actor::default(), new).await.unwrap();
    assert_eq!(revoked.successor, None);
}

async fn a_link_that_is_over_says_of_what_and_stands_in_the_log_as_refused(database: Database) {
    let server = server(database).await;
    let store = &server.app.store;
    let links = [
        link(&server).await,
        link(&server).await,
        link(&server).await,
    ];
    let [cancelled, used, expired] = links.each_ref().map(|(id, _)| *id);
    let action = || "cancel link".to_owned();

    assert_eq!(
        cancel_link(store, cancelled).await.unwrap().as_str(),
        OFFICE
    );
    let detail = json!({ "office": OFFICE });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(cancelled.0), detail)
    );
    redeem(&server, &links[1], &request()).await.unwrap();
    let over = async |id: EnrolmentId| {
        let refused = cancel_link(store, id).await.unwrap_err();
        let detail = json!({ "office": OFFICE, "refused": "link-over-already" });
        let expected = (action(), office(), subject(id.0), detail);
        assert_eq!(last(&server).await, expected);
        refused
    };
    let refused = over(cancelled).await;
    assert!(matches!(refused, NotCancelled::Already { .. }), "{refused}");
    let refused = over(used).await;
    assert!(matches!(refused, NotCancelled::Used { .. }), "{refused}");
    server.clock.advance(SignedDuration::from_hours(30 * 24));
    let refused = over(expired).await;
    assert!(matches!(refused, NotCancelled::Expired { .. }), "{refused}");

    let unknown = EnrolmentId(super::id(9));
    let refused = cancel_link(store, unknown).await.unwrap_err();
    assert!(matches!(refused, NotCancelled::Unknown(_)), "{refused}");
    let detail = json!({ "refused": "unknown" });
    assert_eq!(
        last(&server).await,
        (action(), None, subject(unknown.0), detail)
    );
}

async fn no_link_is_issued_to_an_office_that_is_closed_or_not_there(database: Database) {
    let server = server(database).await;
    let act = Act::new(Actor::default(), "command office close");
    let code = OFFICE.parse().unwrap();
    crate::offices::closing::close(&server.app, act, code, "見本の理由".parse().unwrap())
        .await
        .unwrap();
    let app = &server.app;
    let issue = async |office: &str| {
        let (code, to) = (office.parse().unwrap(), "localhost:8444".to_owned());
        let root = app.authority.fingerprint();
        let issued = issue_link(&app.store, &*app.clock, &*app.rng, code, to, root).await;
        issued.map(|issued| issued.link.id).unwrap_err()
    };
    let refused = issue(OFFICE).await;
    assert!(
        matches!(refused, NotIssued::NotOpen(NotOpen::Closed(_))),
        "{refused}"
    );
    let detail = json!({ "office": OFFICE, "refused": "office-closed" });
    let action = || "issue link".to_owned();
    assert_eq!(last(&server).await, (action(), office(), None, detail));
    let refused = issue("nowhere").await;
    assert!(
        matches!(refused, NotIssued::NotOpen(NotOpen::Unknown(_))),
        "{refused}"
    );
    let detail = json!({ "office": "nowhere", "refused": "unknown" });
    assert_eq!(last(&server).await, (action(), None, None, detail));
}

on_both_databases!(
    a_revocation_that_did_nothing_stands_in_the_log_as_refused,
    revoking_a_terminal_that_was_replaced_names_the_one_that_stays,
    a_link_that_is_over_says_of_what_and_stands_in_the_log_as_refused,
    no_link_is_issued_to_an_office_that_is_closed_or_not_there,
);
