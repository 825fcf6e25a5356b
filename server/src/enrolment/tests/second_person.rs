//! What one person cannot do alone, however it is cut into pieces; and what the operator cannot.

use std::collections::HashSet;

use shared::Problem;
use shared::enrolment::approval::{
    Approval, ApprovalState, ApprovalsQuery, Decision, OperatorDeed,
};
use shared::enrolment::deeds::{Deed, Identification, ReissueCause, TerminalToReissue};
use shared::enrolment::desk::EnrolmentQuery;
use shared::enrolment::job::{
    Job, JobKind, JobQuery, JobState, JobStep, JobToStep, NewJob, Selection,
};
use shared::enrolment::standing::Standing;
use shared::id::{JobId, Version};

use super::deeds::{PREFECTURE, World};
use super::job::work;
use super::*;
use crate::app::Caller;
use crate::store::story::database::with_key;

/// Adds so many health centres with contact and terminal; gives their codes.
async fn enrolled(world: &World, count: usize) -> Vec<String> {
    let codes = reachable(world, count).await;
    for code in &codes {
        world.enrol(code).await;
    }
    codes
}

/// The same without a terminal.
pub(super) async fn reachable(world: &World, count: usize) -> Vec<String> {
    let codes: Vec<String> = (0..count)
        .map(|n| format!("{PREFECTURE}-e{n:03}"))
        .collect();
    for code in &codes {
        let kind = OfficeKind::HealthCentre;
        world.server.office(code, kind, Some(PREFECTURE)).await;
        world.contact(code).await;
    }
    codes
}

fn revocation(codes: &[String], seed: u64) -> NewJob {
    NewJob {
        id: JobId(id(seed)),
        kind: JobKind::Revoke,
        selection: Selection::Offices {
            offices: codes.iter().map(|code| code.parse().unwrap()).collect(),
        },
        cause: None,
        identified: Identification::NoCaller,
        reason: "見本の理由".parse().unwrap(),
    }
}

async fn begin(world: &World, caller: &Caller, job: NewJob) -> Job {
    begin_job(&world.server.app, &with_key(caller), job)
        .await
        .unwrap()
}

async fn revoke_one(world: &World, caller: &Caller, code: &str) -> Result<(), Problem> {
    let deed = Deed {
        office: code.parse().unwrap(),
        identified: Identification::KnownFacts,
        reason: "盗難".parse().unwrap(),
    };
    revoke_terminal(&world.server.app, caller, deed)
        .await
        .map(drop)
}

pub(super) async fn step(world: &World, caller: &Caller, id: JobId, step: JobStep) -> Job {
    let job = show_job(&world.server.app, &world.desk, JobQuery { id })
        .await
        .unwrap();
    let request = JobToStep {
        id,
        version: job.version,
        step,
        reason: None,
    };
    step_job(&world.server.app, &with_key(caller), request)
        .await
        .unwrap()
}

async fn what_waits_for_a_second_person_stands_on_the_page_of_each_office_it_is_for(
    database: Database,
) {
    let world = World::on(database).await;
    let codes = enrolled(&world, 12).await;
    let waits = async |code: &str| {
        let waiting = world.page(code).await.waiting.into_iter();
        waiting.map(|job| job.id).collect::<HashSet<_>>()
    };
    let first = begin(&world, &world.desk, revocation(&codes[..11], 1)).await;
    world.server.clock.advance(SignedDuration::from_hours(1));
    let second = begin(&world, &world.desk, revocation(&codes, 2)).await;
    assert_eq!(waits(&codes[0]).await, [first.id, second.id].into());
    assert_eq!(waits(&codes[11]).await, [second.id].into());
    // Others see nothing of what the helpdesk is about.
    let request = EnrolmentQuery {
        office: codes[0].parse().unwrap(),
    };
    let seen = show_enrolment(&world.server.app, &world.ken, request).await;
    assert!(seen.unwrap().waiting.is_empty());

    step(&world, &world.other_desk, first.id, JobStep::Refuse).await;
    assert_eq!(waits(&codes[0]).await, [second.id].into());
    world.server.clock.advance(SignedDuration::from_hours(24));
    assert!(waits(&codes[0]).await.is_empty(), "nobody decided in time");
}

async fn several_small_jobs_are_no_way_round_the_second_person(database: Database) {
    let world = World::on(database).await;
    let codes = enrolled(&world, 12).await;
    // Six, not yet worked off, and six more: twelve.
    let first = begin(&world, &world.desk, revocation(&codes[..6], 1)).await;
    assert_eq!(first.state, JobState::Running);
    let second = begin(&world, &world.desk, revocation(&codes[6..], 2)).await;
    assert_eq!(second.state, JobState::Waiting);
    work(&world).await;
    let third = begin(&world, &world.desk, revocation(&codes[6..], 3)).await;
    assert_eq!(
        third.state,
        JobState::Waiting,
        "they count once they are done, too"
    );
    // Another person has ten of their own.
    let other = begin(&world, &world.other_desk, revocation(&codes[6..], 4)).await;
    assert_eq!(other.state, JobState::Running);
}

async fn the_window_slides_by_a_day_and_what_two_decided_does_not_count(database: Database) {
    let world = World::on(database).await;
    let codes = enrolled(&world, 12).await;
    let both = begin(&world, &world.desk, revocation(&codes, 1)).await;
    assert_eq!(both.state, JobState::Waiting);
    step(&world, &world.other_desk, both.id, JobStep::Approve).await;
    work(&world).await;
    let codes = {
        for code in &codes {
            world.enrol(code).await;
        }
        codes
    };
    let ten = begin(&world, &world.desk, revocation(&codes[..10], 2)).await;
    assert_eq!(ten.state, JobState::Running);
    work(&world).await;
    let day = SignedDuration::from_hours(24);
    let moment = SignedDuration::from_millis(1);
    world.server.clock.advance(day - moment);
    let within = begin(&world, &world.desk, revocation(&codes[10..], 3)).await;
    assert_eq!(within.state, JobState::Waiting);
    world.server.clock.advance(moment);
    let after = begin(&world, &world.desk, revocation(&codes[10..], 4)).await;
    assert_eq!(after.state, JobState::Running);
}

async fn the_eleventh_single_deed_waits_as_a_job_and_is_done_by_the_second_yes(database: Database) {
    let world = World::on(database).await;
    let codes = enrolled(&world, 11).await;
    for code in &codes[..10] {
        revoke_one(&world, &with_key(&world.desk), code)
            .await
            .unwrap();
    }
    let caller = with_key(&world.desk);
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let problem = revoke_one(&world, &caller, &codes[10]).await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::SecondPersonNeeded);
        let job: Job = serde_json::from_value(problem.current.unwrap()).unwrap();
        assert_eq!((job.state, job.offices), (JobState::Waiting, 1));
        waiting.push(job.id);
    }
    assert_eq!(waiting[0], waiting[1], "a repeat asks for nothing more");
    let eleventh = &codes[10];
    assert_eq!(world.page(eleventh).await.standing, Standing::Enrolled);
    // What was done to an office already adds none: it may be reissued.
    let reissue = TerminalToReissue {
        office: codes[0].parse().unwrap(),
        cause: ReissueCause::Stolen,
        identified: Identification::KnownFacts,
        reason: "見本".parse().unwrap(),
    };
    let app = &world.server.app;
    reissue_terminal(app, &with_key(&world.desk), reissue)
        .await
        .unwrap();
    step(&world, &world.other_desk, waiting[0], JobStep::Approve).await;
    work(&world).await;
    assert_eq!(world.page(eleventh).await.standing, Standing::Cancelled);
}

async fn deeds_at_once_are_counted_each(database: Database) {
    let world = Arc::new(World::on(database).await);
    let codes = enrolled(&world, 14).await;
    let tries = codes.iter().map(|code| {
        let (world, code) = (Arc::clone(&world), code.clone());
        tokio::spawn(async move {
            let caller = with_key(&world.desk);
            revoke_one(&world, &caller, &code)
                .await
                .map_err(|it| it.code)
        })
    });
    let mut refused = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(()) => {}
            Err(code) => {
                assert_eq!(code, ProblemCode::SecondPersonNeeded);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 4);
}

async fn an_outlook_says_what_a_job_would_come_to(database: Database) {
    let world = World::on(database).await;
    let codes = enrolled(&world, 11).await;
    let kind = OfficeKind::HealthCentre;
    world
        .server
        .office("990001-x", kind, Some(PREFECTURE))
        .await;
    revoke_one(&world, &with_key(&world.desk), &codes[0])
        .await
        .unwrap();
    let all: Vec<String> = codes.iter().cloned().chain(["990001-x".into()]).collect();
    let outlook = check_job(&world.server.app, &world.desk, revocation(&all, 1))
        .await
        .unwrap();
    assert_eq!((outlook.offices, outlook.fitting), (12, 10));
    assert_eq!((outlook.alone, outlook.waits), (1, true));
    let none = outlook.left_out[0];
    assert_eq!(
        (none.outcome, none.offices),
        (shared::enrolment::job::JobOutcome::NoCertificate, 2)
    );
    let few = check_job(&world.server.app, &world.desk, revocation(&all[..10], 1))
        .await
        .unwrap();
    assert!(!few.waits);
}

async fn demand(world: &World, about: &str) -> Demanded {
    demand_approval(
        &world.server.app,
        OperatorDeed::RolloverBegin,
        about.parse().unwrap(),
        "見本の理由".parse().unwrap(),
    )
    .await
    .unwrap()
}

async fn asked(world: &World, about: &str) -> Approval {
    match demand(world, about).await {
        Demanded::Waiting(approval) => approval,
        other => panic!("{other:?}"),
    }
}

async fn decide(world: &World, known: &Approval, approve: bool) -> Result<Approval, ProblemCode> {
    let decision = Decision {
        id: known.id,
        version: known.version,
        approve,
        reason: Some("確認しました".parse().unwrap()),
    };
    decide_approval(&world.server.app, &with_key(&world.desk), decision)
        .await
        .map_err(|problem| problem.code)
}

/// A world in which the helpdesk has a terminal, so that somebody can be asked.
async fn with_approvers(database: Database) -> World {
    let world = World::on(database).await;
    world.enrol("990000").await;
    world
}

async fn who_can_ask_nobody_goes_on_alone_and_it_is_logged(database: Database) {
    let world = World::on(database).await;
    // There are accounts, but no terminal on which anybody could say yes.
    let before = entries(&world.server).await;
    assert_eq!(demand(&world, "root 1").await, Demanded::Alone);
    assert_eq!(entries(&world.server).await, before + 1);
    world.enrol("990000").await;
    assert!(matches!(
        demand(&world, "root 1").await,
        Demanded::Waiting(_)
    ));
}

async fn a_yes_serves_once_and_for_exactly_what_was_asked(database: Database) {
    let world = with_approvers(database).await;
    let known = asked(&world, "root 1").await;
    assert_eq!(asked(&world, "root 1").await.id, known.id, "asked once");
    let other = asked(&world, "root 2").await;
    assert_ne!(other.id, known.id);
    let approved = decide(&world, &known, true).await.unwrap();
    assert_eq!(approved.state, ApprovalState::Approved);
    assert_eq!(approved.decided_by.unwrap().name.as_str(), "desk");
    assert!(matches!(
        demand(&world, "root 2").await,
        Demanded::Waiting(_)
    ));
    assert!(matches!(
        demand(&world, "root 1").await,
        Demanded::Approved(_)
    ));
    let again = asked(&world, "root 1").await;
    assert_ne!(again.id, known.id, "a used yes is no yes");
}

async fn a_no_and_a_day_end_what_was_asked(database: Database) {
    let world = with_approvers(database).await;
    let refused = asked(&world, "root 1").await;
    decide(&world, &refused, false).await.unwrap();
    let after = decide(&world, &refused, true).await;
    assert_eq!(after.unwrap_err(), ProblemCode::VersionClash);
    let newer = Approval {
        version: Version(2),
        ..refused.clone()
    };
    let after = decide(&world, &newer, true).await;
    assert_eq!(after.unwrap_err(), ProblemCode::ApprovalNotOpen);
    assert!(matches!(
        demand(&world, "root 1").await,
        Demanded::Waiting(_)
    ));
    let unused = asked(&world, "root 3").await;
    decide(&world, &unused, true).await.unwrap();
    world.server.clock.advance(SignedDuration::from_hours(24));
    let late = asked(&world, "root 3").await;
    assert_ne!(late.id, unused.id);
    let query = ApprovalsQuery {
        state: Some(ApprovalState::Lapsed),
        ..ApprovalsQuery::default()
    };
    let lapsed = list_approvals(&world.server.app, &world.desk, query)
        .await
        .unwrap();
    assert_eq!(lapsed.rows.len(), 2);
    let too_late = decide(&world, &lapsed.rows[1], true).await;
    assert_eq!(too_late.unwrap_err(), ProblemCode::ApprovalNotOpen);
}

async fn two_who_ask_at_once_use_one_yes_once(database: Database) {
    let world = Arc::new(with_approvers(database).await);
    let known = asked(&world, "root 1").await;
    decide(&world, &known, true).await.unwrap();
    let tries = (0..6).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { demand(&world, "root 1").await })
    });
    let mut used = 0;
    for attempt in tries.collect::<Vec<_>>() {
        used += usize::from(matches!(attempt.await.unwrap(), Demanded::Approved(_)));
    }
    assert_eq!(used, 1);
}

async fn the_operator_revokes_ten_offices_a_day_alone(database: Database) {
    let world = with_approvers(database).await;
    let codes = enrolled(&world, 11).await;
    let app = &world.server.app;
    let serial = async |code: &String| world.page(code).await.certificate.unwrap().serial;
    for code in &codes[..10] {
        let serial = serial(code).await;
        assert!(!is_one_too_many(app, &serial).await.unwrap());
        revoke(&app.store, Actor::default(), serial).await.unwrap();
    }
    let eleventh = serial(&codes[10]).await;
    assert!(is_one_too_many(app, &eleventh).await.unwrap());
    world.server.clock.advance(SignedDuration::from_hours(24));
    assert!(!is_one_too_many(app, &eleventh).await.unwrap());
}

on_both_databases!(
    what_waits_for_a_second_person_stands_on_the_page_of_each_office_it_is_for,
    several_small_jobs_are_no_way_round_the_second_person,
    the_window_slides_by_a_day_and_what_two_decided_does_not_count,
    the_eleventh_single_deed_waits_as_a_job_and_is_done_by_the_second_yes,
    deeds_at_once_are_counted_each,
    an_outlook_says_what_a_job_would_come_to,
    who_can_ask_nobody_goes_on_alone_and_it_is_logged,
    a_yes_serves_once_and_for_exactly_what_was_asked,
    a_no_and_a_day_end_what_was_asked,
    two_who_ask_at_once_use_one_yes_once,
    the_operator_revokes_ten_offices_a_day_alone,
);
