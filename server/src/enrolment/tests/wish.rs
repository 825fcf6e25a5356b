//! The helpdesk answers a terminal that asked for another certificate.

use shared::enrolment::deeds::{Deed, Identification, ReissueCause, TerminalToReissue};
use shared::enrolment::desk::{DeskQuery, FoundBy};
use shared::enrolment::job::{Job, JobKind, JobStep, NewJob, Selection};
use shared::enrolment::standing::Standing;
use shared::id::JobId;

use super::ask::{asking, terminal_of};
use super::deeds::{EAST, World};
use super::job::work;
use super::second_person::{reachable, step};
use super::*;
use crate::store::story::database::with_key;

/// Who waits, as the desk lists it before anything is typed.
async fn waiting(world: &World) -> Vec<String> {
    let found = search_desk(&world.server.app, &world.desk, DeskQuery::default()).await;
    let hits = found.unwrap().offices.into_iter();
    hits.map(|hit| {
        assert_eq!(hit.found_by, FoundBy::Asked);
        hit.row.office.code.to_string()
    })
    .collect()
}

fn answer() -> TerminalToReissue {
    answer_of(EAST)
}

fn answer_of(office: &str) -> TerminalToReissue {
    TerminalToReissue {
        office: office.parse().unwrap(),
        cause: ReissueCause::Expired,
        identified: Identification::OwnKey,
        reason: "端末が依頼した".parse().unwrap(),
    }
}

async fn a_terminal_that_asked_waits_until_one_person_answers(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let (der, _, key) = terminal_of(&world.server, EAST).await;
    world
        .server
        .clock
        .advance(SignedDuration::from_hours(24 * 400));
    assert!(waiting(&world).await.is_empty());
    let early = reissue_terminal(app, &with_key(&world.desk), answer()).await;
    assert_eq!(early.unwrap_err().code, ProblemCode::NotAsked);

    ask(app, &asking(&world.server, &der, &key)).await.unwrap();
    world.server.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(waiting(&world).await, [EAST]);
    let page = reissue_terminal(app, &with_key(&world.desk), answer())
        .await
        .unwrap();
    assert_eq!(page.standing, Standing::Replaced { days_left: 30 });
    assert!(page.asked.is_none());
    assert!(waiting(&world).await.is_empty());
    let second = reissue_terminal(app, &with_key(&world.other_desk), answer()).await;
    assert_eq!(second.unwrap_err().code, ProblemCode::NotAsked);
    assert_eq!(world.page(EAST).await.link, page.link, "one link, not two");
}

async fn a_key_identifies_nobody_for_anything_else(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let deed = Deed {
        office: EAST.parse().unwrap(),
        identified: Identification::OwnKey,
        reason: "見本の理由".parse().unwrap(),
    };
    let issued = issue_link_to(app, &with_key(&world.desk), deed.clone()).await;
    assert_eq!(issued.unwrap_err().code, ProblemCode::InvalidField);
    let revoked = revoke_terminal(app, &with_key(&world.desk), deed).await;
    assert_eq!(revoked.unwrap_err().code, ProblemCode::InvalidField);
    let job = NewJob {
        id: JobId(uuid::Uuid::from_u128(7)),
        kind: JobKind::Reissue,
        selection: Selection::Offices {
            offices: vec![EAST.parse().unwrap()],
        },
        cause: Some(ReissueCause::Expired),
        identified: Identification::OwnKey,
        reason: "見本の理由".parse().unwrap(),
    };
    let begun = begin_job(app, &with_key(&world.desk), job).await;
    assert_eq!(begun.unwrap_err().code, ProblemCode::InvalidField);
    let stolen = TerminalToReissue {
        cause: ReissueCause::Stolen,
        ..answer()
    };
    let stolen = reissue_terminal(app, &with_key(&world.desk), stolen).await;
    assert_eq!(stolen.unwrap_err().code, ProblemCode::InvalidField);
}

async fn a_wish_lapses_and_dies_with_its_certificate(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let clock = &world.server.clock;
    let (der, _, key) = terminal_of(&world.server, EAST).await;
    clock.advance(SignedDuration::from_hours(24 * 400));
    ask(app, &asking(&world.server, &der, &key)).await.unwrap();
    clock.advance(SignedDuration::from_hours(24 * 30));
    assert!(
        waiting(&world).await.is_empty(),
        "nobody answers after 30 days"
    );
    ask(app, &asking(&world.server, &der, &key)).await.unwrap();
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(waiting(&world).await, [EAST]);
    let serial = TerminalCertificate::parse(&der).unwrap().serial;
    revoke(&app.store, Actor::default(), serial).await.unwrap();
    assert!(waiting(&world).await.is_empty(), "it was reported stolen");
    let late = reissue_terminal(app, &with_key(&world.desk), answer()).await;
    assert_eq!(late.unwrap_err().code, ProblemCode::NotAsked);
}

async fn the_eleventh_answer_of_a_day_waits_for_a_second_yes(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let codes = reachable(&world, 11).await;
    let mut terminals = Vec::new();
    for code in &codes {
        terminals.push(terminal_of(&world.server, code).await);
    }
    world
        .server
        .clock
        .advance(SignedDuration::from_hours(24 * 400));
    for (der, _, key) in &terminals {
        ask(app, &asking(&world.server, der, key)).await.unwrap();
    }
    world.server.clock.advance(SignedDuration::from_secs(1));
    for code in &codes[..10] {
        reissue_terminal(app, &with_key(&world.desk), answer_of(code))
            .await
            .unwrap();
    }
    let last = &codes[10];
    let one_too_many = reissue_terminal(app, &with_key(&world.desk), answer_of(last)).await;
    let problem = one_too_many.unwrap_err();
    assert_eq!(problem.code, ProblemCode::SecondPersonNeeded);
    let job: Job = serde_json::from_value(problem.current.unwrap()).unwrap();
    step(&world, &world.other_desk, job.id, JobStep::Approve).await;
    work(&world).await;
    let page = world.page(last).await;
    assert_eq!(page.standing, Standing::Replaced { days_left: 30 });
    assert!(waiting(&world).await.is_empty());
}

on_both_databases!(
    a_terminal_that_asked_waits_until_one_person_answers,
    a_key_identifies_nobody_for_anything_else,
    a_wish_lapses_and_dies_with_its_certificate,
    the_eleventh_answer_of_a_day_waits_for_a_second_yes,
);
