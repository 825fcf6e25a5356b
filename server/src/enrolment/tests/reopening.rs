//! What becomes of an office's terminal, link and traces when it was closed by mistake.

use serde_json::json;
use shared::enrolment::advice::Advice;
use shared::enrolment::standing::{LinkState, Standing};
use shared::enrolment::timeline::{ActedBy, TimelineEvent, TimelineQuery};
use shared::mail::MailState;

use super::deeds::{EAST, World, deed};
use super::*;
use crate::offices::NotOpen;
use crate::offices::closing::close;
use crate::offices::reopening::{NotReopened, reopen};
use crate::store::story::database::with_key;

const REASON: &str = "コードの打ち間違い";

async fn closed(world: &World) {
    let act = Act::new(Actor::default(), "command office close");
    let closed = close(
        &world.server.app,
        act,
        EAST.parse().unwrap(),
        REASON.parse().unwrap(),
    )
    .await;
    closed.unwrap();
}

async fn reopened(world: &World, office: &str) -> Result<i64, NotReopened> {
    let act = Act::new(Actor::default(), "command office reopen");
    let (code, reason) = (office.parse().unwrap(), REASON.parse().unwrap());
    reopen(&world.server.app, act, code, reason).await
}

/// Whether a running server, once it has looked what has changed, lets this certificate in.
async fn is_let_in(world: &World, certificate: &TerminalCertificate) -> Result<(), NotLive> {
    let (app, now) = (&world.server.app, world.server.clock.now());
    app.terminals.refresh(app).await.unwrap();
    app.terminals.check(certificate.fingerprint.bytes(), now)
}

async fn a_terminal_is_let_in_again_when_its_office_is_opened_again(database: Database) {
    let world = World::on(database).await;
    let terminal = world.enrol(EAST).await;
    assert_eq!(is_let_in(&world, &terminal).await, Ok(()));
    closed(&world).await;
    assert_eq!(
        is_let_in(&world, &terminal).await,
        Err(NotLive::OfficeClosed)
    );
    assert_eq!(reopened(&world, EAST).await.unwrap(), 1);
    let (action, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(action, "command office reopen");
    assert_eq!(concerns.as_deref(), Some(EAST));
    let done = json!({ "office": EAST, "reason": REASON, "links": [], "certificates": 1 });
    assert_eq!(detail, done);
    assert_eq!(is_let_in(&world, &terminal).await, Ok(()));
    let page = world.page(EAST).await;
    assert!(page.open);
    assert_eq!(page.closed_at, None);
    assert_eq!(page.standing, Standing::Enrolled);
    assert_eq!(page.advice, Advice::Enrolled);
}

async fn the_timeline_tells_of_closing_and_reopening(database: Database) {
    let world = World::on(database).await;
    closed(&world).await;
    reopened(&world, EAST).await.unwrap();
    let request = TimelineQuery {
        office: EAST.parse().unwrap(),
        after: None,
        limit: None,
    };
    let page = show_timeline(&world.server.app, &world.desk, request).await;
    let told = page.unwrap().rows.into_iter();
    let told: Vec<_> = told
        .map(|it| (it.event, it.by, it.reason.map(|it| it.to_string())))
        .collect();
    let by = ActedBy::Operator;
    assert_eq!(
        told,
        [
            (
                TimelineEvent::OfficeReopened,
                by.clone(),
                Some(REASON.to_owned())
            ),
            (TimelineEvent::OfficeClosed, by, Some(REASON.to_owned())),
        ]
    );
}

async fn what_was_revoked_or_replaced_stays_out(database: Database) {
    let world = World::on(database).await;
    let replaced = world.enrol(EAST).await;
    let stolen = world.enrol(EAST).await;
    closed(&world).await;
    // Revocation takes no notice of the closing.
    let store = &world.server.app.store;
    revoke(store, Actor::default(), stolen.serial.clone())
        .await
        .unwrap();
    assert_eq!(reopened(&world, EAST).await.unwrap(), 0);
    assert_eq!(is_let_in(&world, &stolen).await, Err(NotLive::Revoked));
    let replaced = is_let_in(&world, &replaced).await;
    assert_eq!(replaced, Err(NotLive::Superseded));
}

async fn links_of_before_stay_dead_and_a_new_one_is_good(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let link = link_for(&world.server, EAST).await;
    closed(&world).await;
    reopened(&world, EAST).await.unwrap();
    let refused = redeem(&world.server, &link, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkCancelled));
    let issued = issue_link_to(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(
        issued.unwrap().standing,
        Standing::Invited { days_left: 30 }
    );
    let new = link_for(&world.server, EAST).await;
    redeem(&world.server, &new, &request()).await.unwrap();
}

async fn a_link_that_an_earlier_program_left_open_is_taken_back_first(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    issue_link_to(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    let close = "UPDATE office SET closed_at = (SELECT max(issued_at) FROM link)";
    world.server.database.tamper(close).await;
    world.server.clock.advance(SignedDuration::from_secs(1));
    reopened(&world, EAST).await.unwrap();
    let page = world.page(EAST).await;
    assert_eq!(page.link.unwrap().state, LinkState::Cancelled);
    assert_eq!(page.standing, Standing::Cancelled);
    let mails = world.mails(EAST).await;
    let waits = |(_, state): &(_, MailState)| *state == MailState::Waiting;
    assert!(!mails.is_empty() && !mails.iter().any(waits), "{mails:?}");
}

async fn what_is_not_opened_again_says_why_and_stands_in_the_log(database: Database) {
    let world = World::on(database).await;
    let open = reopened(&world, EAST).await.unwrap_err();
    assert!(matches!(open, NotReopened::Already(_)), "{open}");
    let (action, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(action, "command office reopen");
    assert_eq!(concerns.as_deref(), Some(EAST));
    let asked = json!({ "office": EAST, "reason": REASON, "refused": "open-already" });
    assert_eq!(detail, asked);
    assert!(world.events(EAST).await.is_empty());

    let unknown = reopened(&world, "nowhere").await.unwrap_err();
    let NotReopened::NotOpen(NotOpen::Unknown(_)) = unknown else {
        panic!("{unknown}")
    };
    let (_, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(concerns, None);
    assert_eq!(detail["refused"], "unknown");
}

on_both_databases!(
    a_terminal_is_let_in_again_when_its_office_is_opened_again,
    the_timeline_tells_of_closing_and_reopening,
    what_was_revoked_or_replaced_stays_out,
    links_of_before_stay_dead_and_a_new_one_is_good,
    a_link_that_an_earlier_program_left_open_is_taken_back_first,
    what_is_not_opened_again_says_why_and_stands_in_the_log,
);
