//! What an operator asked for and did not get must not read as done in the log.

use serde_json::{Value, json};

use super::*;

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
    let revoke = async |serial| revoke(store, Actor::default(), serial).await.unwrap();
    let action = || "revoke terminal".to_owned();

    let unknown: shared::enrolment::Serial = "7badc0de".parse().unwrap();
    assert!(!revoke(unknown.clone()).await);
    let detail = json!({ "serial": unknown, "refused": "unknown" });
    assert_eq!(last(&server).await, (action(), None, None, detail));

    assert!(revoke(serial.clone()).await);
    let detail = json!({ "serials": [serial] });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(terminal.0), detail)
    );

    assert!(!revoke(serial.clone()).await);
    let detail = json!({ "serial": serial, "refused": "revoked-already" });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(terminal.0), detail)
    );
}

async fn a_link_cancelled_twice_or_unknown_stands_in_the_log_as_refused(database: Database) {
    let server = server(database).await;
    let store = &server.app.store;
    let (id, _) = link(&server).await;
    let action = || "cancel link".to_owned();

    assert!(cancel_link(store, id).await.unwrap());
    let detail = json!({ "office": OFFICE });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(id.0), detail)
    );

    assert!(!cancel_link(store, id).await.unwrap());
    let detail = json!({ "office": OFFICE, "refused": "link-over-already" });
    assert_eq!(
        last(&server).await,
        (action(), office(), subject(id.0), detail)
    );

    let unknown = EnrolmentId(super::id(9));
    assert!(!cancel_link(store, unknown).await.unwrap());
    let detail = json!({ "refused": "unknown" });
    assert_eq!(
        last(&server).await,
        (action(), None, subject(unknown.0), detail)
    );
}

on_both_databases!(
    a_revocation_that_did_nothing_stands_in_the_log_as_refused,
    a_link_cancelled_twice_or_unknown_stands_in_the_log_as_refused,
);
