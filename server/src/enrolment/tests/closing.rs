//! What becomes of an office's link when the office is closed.

use shared::accounts::{Login, Role};
use shared::enrolment::advice::Advice;
use shared::enrolment::desk::DeskQuery;
use shared::enrolment::standing::{LinkState, Standing};
use shared::enrolment::timeline::TimelineEvent;
use shared::mail::MailState;

use super::deeds::{EAST, World, code, deed};
use super::*;
use crate::accounts::{self, NotAdded, NotReset};
use crate::offices::NotOpen;
use crate::offices::closing::{NotClosed, close};
use crate::offices::contacts::{NotRegistered, set_contact};
use crate::store::story::database::with_key;

const REASON: &str = "統合のため";

async fn closed(world: &World, office: &str) -> Result<usize, NotClosed> {
    let act = Act::new(Actor::default(), "command office close");
    close(
        &world.server.app,
        act,
        office.parse().unwrap(),
        REASON.parse().unwrap(),
    )
    .await
}

/// What the helpdesk's search tells of the office: whether it is open.
async fn is_found_open(world: &World) -> bool {
    let query = DeskQuery {
        text: EAST.to_owned(),
        ..DeskQuery::default()
    };
    let found = search_desk(&world.server.app, &world.desk, query).await;
    let hit = found.unwrap().offices.remove(0);
    hit.row.open
}

async fn closing_an_office_cancels_its_link_and_withdraws_what_hands_it_out(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    issue_link_to(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    assert!(is_found_open(&world).await);

    assert_eq!(closed(&world, EAST).await.unwrap(), 1);
    let now = world.server.clock.now();
    let page = world.page(EAST).await;
    assert!(!page.open);
    assert_eq!(page.closed_at, Some(now));
    assert_eq!(page.advice, Advice::Closed);
    assert_eq!(page.standing, Standing::Cancelled);
    let link = page.link.unwrap();
    assert_eq!(link.state, LinkState::Cancelled);
    assert_eq!(link.ended_at, Some(now));
    assert_eq!(link.url, None);
    assert!(!is_found_open(&world).await);
    let events = world.events(EAST).await;
    let last = [TimelineEvent::LinkCancelled, TimelineEvent::OfficeClosed];
    assert_eq!(events[..2], last);
    let mails = world.mails(EAST).await;
    let waits = |(_, state): &(_, MailState)| *state == MailState::Waiting;
    assert!(!mails.is_empty() && !mails.iter().any(waits), "{mails:?}");
    for refused in [
        resend_link(app, &with_key(&world.desk), deed(EAST)).await,
        unlock_link(app, &with_key(&world.desk), deed(EAST)).await,
        cancel(app, &with_key(&world.desk), deed(EAST)).await,
    ] {
        assert_eq!(code(refused), ProblemCode::NoLink);
    }
    let anew = issue_link_to(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(anew), ProblemCode::OfficeClosed);
}

async fn a_link_stays_dead_when_its_office_is_opened_again_by_hand(database: Database) {
    let world = World::on(database).await;
    let link = link_for(&world.server, EAST).await;
    closed(&world, EAST).await.unwrap();
    let refused = redeem(&world.server, &link, &request()).await;
    assert_eq!(refused, Err(ProblemCode::OfficeClosed));
    let database = &world.server.database;
    database.tamper("UPDATE office SET closed_at = NULL").await;
    let refused = redeem(&world.server, &link, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkCancelled));
}

async fn the_link_of_an_office_that_was_closed_before_is_none_to_use(database: Database) {
    let world = World::on(database).await;
    let link = link_for(&world.server, EAST).await;
    // As a program left it that did not cancel links.
    let database = &world.server.database;
    database
        .tamper("UPDATE office SET closed_at = (SELECT max(issued_at) FROM link)")
        .await;
    let now = world.server.clock.now();
    let mut reader = world.server.app.store.reader().await.unwrap();
    let links = store::enrolment::links(&mut reader).await.unwrap();
    assert_eq!(link_state(&links[0], now), LinkState::Cancelled);
    assert_eq!(world.page(EAST).await.standing, Standing::Cancelled);
    let refused = redeem(&world.server, &link, &request()).await;
    assert_eq!(refused, Err(ProblemCode::OfficeClosed));
}

async fn a_used_link_stays_used_when_its_office_is_closed(database: Database) {
    let world = World::on(database).await;
    world.enrol(EAST).await;
    assert_eq!(closed(&world, EAST).await.unwrap(), 0);
    assert_eq!(world.page(EAST).await.link.unwrap().state, LinkState::Used);
}

async fn what_is_not_closed_says_why_and_stands_in_the_log(database: Database) {
    let world = World::on(database).await;
    closed(&world, EAST).await.unwrap();
    let again = closed(&world, EAST).await.unwrap_err();
    assert!(
        matches!(again, NotClosed::NotOpen(NotOpen::Closed(_))),
        "{again}"
    );
    let (action, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(action, "command office close");
    assert_eq!(concerns.as_deref(), Some(EAST));
    assert_eq!(detail["refused"], "closed-already");

    let unknown = closed(&world, "nowhere").await.unwrap_err();
    assert!(
        matches!(unknown, NotClosed::NotOpen(NotOpen::Unknown(_))),
        "{unknown}"
    );
    let (_, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(concerns, None);
    let asked = serde_json::json!({ "office": "nowhere", "reason": REASON, "refused": "unknown" });
    assert_eq!(detail, asked);
}

async fn nobody_of_a_closed_office_gets_an_account_or_a_password(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let (east, hana): (OfficeCode, Login) = (EAST.parse().unwrap(), "hana".parse().unwrap());
    let act = |action| Act::new(Actor::default(), action);
    let add = async |login: &Login| {
        let (code, name) = (east.clone(), "見本 花子".parse().unwrap());
        let user = act("command user add");
        accounts::add(app, user, code, login.clone(), Role::Staff, name).await
    };
    add(&hana).await.unwrap();
    closed(&world, EAST).await.unwrap();
    let reset = accounts::reset_password(app, act("command user reset"), hana.clone()).await;
    let Err(NotReset::NotOpen(why)) = reset else {
        panic!("a password for nobody")
    };
    assert_eq!(why, NotOpen::Closed(east.clone()));
    let (action, concerns, _, detail) = super::refused::last(&world.server).await;
    assert_eq!(
        (&*action, concerns.as_deref()),
        ("command user reset", Some(EAST))
    );
    assert_eq!(detail["refused"], "office-closed");
    let Err(NotAdded::NotOpen(why)) = add(&"taro".parse().unwrap()).await else {
        panic!("an account for nobody")
    };
    assert_eq!(why, NotOpen::Closed(east.clone()));
    let mail = "a@example.jp".parse().unwrap();
    let contact = set_contact(app, east.clone(), mail, None).await;
    let Err(NotRegistered::NotOpen(why)) = contact else {
        panic!("a contact of nobody")
    };
    assert_eq!(why, NotOpen::Closed(east));
}

on_both_databases!(
    nobody_of_a_closed_office_gets_an_account_or_a_password,
    closing_an_office_cancels_its_link_and_withdraws_what_hands_it_out,
    a_link_stays_dead_when_its_office_is_opened_again_by_hand,
    the_link_of_an_office_that_was_closed_before_is_none_to_use,
    a_used_link_stays_used_when_its_office_is_closed,
    what_is_not_closed_says_why_and_stands_in_the_log,
);
