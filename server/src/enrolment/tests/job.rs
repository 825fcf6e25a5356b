//! Jobs: worked off once each, stopped and resumed, and never by one person alone where two are
//! needed.

use std::collections::BTreeMap;

use shared::Problem;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{
    Job, JobKind, JobOutcome, JobQuery, JobResultsQuery, JobState, JobStep, JobToStep, JobsQuery,
    NewJob, Selection,
};
use shared::enrolment::standing::EnrolmentState;
use shared::id::{JobId, Version};

use tokio_util::sync::CancellationToken;

use super::super::job::work_through;
use super::super::round::{Round, next_round};
use super::deeds::{EAST, PREFECTURE, World};
use super::*;
use crate::app::Caller;
use crate::store::story::database::{Server, with_key};

fn new(kind: JobKind, selection: Selection, seed: u64) -> NewJob {
    NewJob {
        id: JobId(id(seed)),
        kind,
        selection,
        cause: (kind == JobKind::Reissue).then_some(ReissueCause::Moved),
        identified: Identification::NoCaller,
        reason: "見本の理由".parse().unwrap(),
    }
}

fn not_invited() -> Selection {
    Selection::State {
        state: Some(EnrolmentState::NotInvited),
        under: Some(PREFECTURE.parse().unwrap()),
        kind: Some(OfficeKind::HealthCentre),
    }
}

fn named(codes: &[String]) -> Selection {
    Selection::Offices {
        offices: codes.iter().map(|code| code.parse().unwrap()).collect(),
    }
}

/// Adds so many health centres with their contacts; gives their codes.
async fn centres(world: &World, count: usize) -> Vec<String> {
    let codes: Vec<String> = (0..count)
        .map(|n| format!("{PREFECTURE}-c{n:03}"))
        .collect();
    for code in &codes {
        let kind = OfficeKind::HealthCentre;
        world.server.office(code, kind, Some(PREFECTURE)).await;
        world.contact(code).await;
    }
    codes
}

async fn begin(world: &World, job: NewJob) -> Result<Job, Problem> {
    begin_job(&world.server.app, &with_key(&world.desk), job).await
}

async fn shown(world: &World, id: JobId) -> Job {
    show_job(&world.server.app, &world.desk, JobQuery { id })
        .await
        .unwrap()
}

async fn step(
    world: &World,
    caller: &Caller,
    id: JobId,
    step: JobStep,
) -> Result<Job, ProblemCode> {
    let request = JobToStep {
        id,
        version: shown(world, id).await.version,
        step,
        reason: None,
    };
    let stepped = step_job(&world.server.app, &with_key(caller), request).await;
    stepped.map_err(|problem| problem.code)
}

/// Works off every job as the server does.
pub(super) async fn work(world: &World) {
    work_until_done(&world.server).await;
}

async fn work_until_done(server: &Server) {
    let stop = CancellationToken::new();
    work_through(&server.app, &stop).await.unwrap();
}

/// The first round of a job for three offices, made ready and not yet gone.
async fn a_ready_round(world: &World) -> (Vec<String>, Job, Round) {
    let codes = centres(world, 3).await;
    let job = begin(world, new(JobKind::Issue, named(&codes), 1)).await;
    let ready = next_round(&world.server.app, None).await.unwrap();
    (codes, job.unwrap(), ready.unwrap())
}

async fn outcomes(world: &World, id: JobId) -> BTreeMap<JobOutcome, usize> {
    let mut counts = BTreeMap::new();
    let mut after = None;
    loop {
        let request = JobResultsQuery {
            id,
            outcome: None,
            after,
            limit: Some(7),
        };
        let page = list_job_results(&world.server.app, &world.desk, request).await;
        let page = page.unwrap();
        for row in page.rows {
            *counts.entry(row.outcome).or_default() += 1;
        }
        after = page.next;
        if after.is_none() {
            return counts;
        }
    }
}

async fn links(world: &World) -> usize {
    let mut reader = world.server.app.store.reader().await.unwrap();
    store::enrolment::links(&mut reader).await.unwrap().len()
}

async fn every_office_of_a_selection_gets_one_link_or_a_reason(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 5).await;
    world.enrol(EAST).await;
    let kind = OfficeKind::HealthCentre;
    world
        .server
        .office("990001-x", kind, Some(PREFECTURE))
        .await;
    let mut all = codes.clone();
    all.extend([EAST.to_owned(), "990001-x".to_owned()]);
    let job = begin(&world, new(JobKind::Issue, named(&all), 1))
        .await
        .unwrap();
    assert_eq!(
        (job.state, job.offices, job.done),
        (JobState::Running, 7, 0)
    );
    work(&world).await;
    let job = shown(&world, job.id).await;
    assert_eq!((job.state, job.done), (JobState::Done, 7));
    let expected = BTreeMap::from([
        (JobOutcome::Issued, 5),
        (JobOutcome::AlreadyEnrolled, 1),
        (JobOutcome::NoContact, 1),
    ]);
    assert_eq!(outcomes(&world, job.id).await, expected);
    assert_eq!(world.mails(&codes[0]).await.len(), 2);
    // Whoever has a link is left out by the next.
    let again = begin(&world, new(JobKind::Issue, named(&codes), 2))
        .await
        .unwrap();
    work(&world).await;
    let open = BTreeMap::from([(JobOutcome::LinkOpen, 5)]);
    assert_eq!(outcomes(&world, again.id).await, open);
    assert_eq!(links(&world).await, 6);
}

async fn a_state_selects_whoever_is_in_it(database: Database) {
    let world = World::on(database).await;
    centres(&world, 3).await;
    let job = begin(&world, new(JobKind::Issue, not_invited(), 1))
        .await
        .unwrap();
    assert_eq!(job.offices, 4);
    work(&world).await;
    let none = begin(&world, new(JobKind::Issue, not_invited(), 2)).await;
    assert_eq!(none.unwrap_err().code, ProblemCode::NothingSelected);
}

async fn two_workers_and_a_dead_one_issue_no_link_twice(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 300).await;
    let job = begin(&world, new(JobKind::Issue, named(&codes), 1))
        .await
        .unwrap();
    // A server that dies: what it was about to do is dropped at any point.
    for microseconds in [0, 50, 500, 5_000, 50_000] {
        let server = Arc::clone(&world.server);
        let dying = tokio::spawn(async move { work_until_done(&server).await });
        tokio::time::sleep(std::time::Duration::from_micros(microseconds)).await;
        dying.abort();
    }
    let workers = (0..3).map(|_| {
        let server = Arc::clone(&world.server);
        tokio::spawn(async move { work_until_done(&server).await })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let done = shown(&world, job.id).await;
    assert_eq!((done.state, done.done), (JobState::Done, 300));
    let issued = BTreeMap::from([(JobOutcome::Issued, 300)]);
    assert_eq!(outcomes(&world, job.id).await, issued);
    assert_eq!(links(&world).await, 300);
}

async fn a_job_is_paused_resumed_and_cancelled(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 270).await;
    let job = begin(&world, new(JobKind::Issue, named(&codes), 1))
        .await
        .unwrap();
    let first = next_round(&world.server.app, None).await.unwrap();
    first.unwrap().go(&world.server.app).await.unwrap();
    step(&world, &world.desk, job.id, JobStep::Pause)
        .await
        .unwrap();
    work(&world).await;
    assert_eq!(shown(&world, job.id).await.done, 100);
    let again = step(&world, &world.desk, job.id, JobStep::Pause).await;
    assert_eq!(again.unwrap_err(), ProblemCode::JobNotReady);
    let resumed = step(&world, &world.desk, job.id, JobStep::Resume).await;
    assert_eq!(resumed.unwrap().state, JobState::Running);
    step(&world, &world.desk, job.id, JobStep::Cancel)
        .await
        .unwrap();
    work(&world).await;
    let ended = shown(&world, job.id).await;
    assert_eq!((ended.state, ended.done), (JobState::Cancelled, 100));
    assert!(ended.ended_at.is_some());
    let stale = JobToStep {
        id: job.id,
        version: Version(1),
        step: JobStep::Resume,
        reason: None,
    };
    let clash = step_job(&world.server.app, &with_key(&world.desk), stale).await;
    assert_eq!(clash.unwrap_err().code, ProblemCode::VersionClash);
}

async fn what_was_made_ready_is_not_done_after_a_pause(database: Database) {
    let world = World::on(database).await;
    let (_, job, ready) = a_ready_round(&world).await;
    step(&world, &world.desk, job.id, JobStep::Pause)
        .await
        .unwrap();
    ready.go(&world.server.app).await.unwrap();
    assert_eq!(shown(&world, job.id).await.done, 0);
    step(&world, &world.desk, job.id, JobStep::Resume)
        .await
        .unwrap();
    work(&world).await;
    let ended = shown(&world, job.id).await;
    assert_eq!((ended.state, ended.done), (JobState::Done, 3));
}

async fn an_address_corrected_since_a_round_was_made_ready_gets_its_own_mail(database: Database) {
    let world = World::on(database).await;
    let (codes, job, ready) = a_ready_round(&world).await;
    world
        .contact_at(&codes[1], 1, "corrected@example.lg.jp")
        .await;
    ready.go(&world.server.app).await.unwrap();
    assert_eq!(shown(&world, job.id).await.done, 2, "all but that one");
    work(&world).await;
    let ended = shown(&world, job.id).await;
    assert_eq!((ended.state, ended.done), (JobState::Done, 3));
    let to = world.written_to(&codes[1]).await;
    assert!(to.contains(&"corrected@example.lg.jp".to_owned()), "{to:?}");
    assert!(
        !to.contains(&format!("link-{}@example.jp", codes[1])),
        "{to:?}"
    );
}

async fn more_than_ten_terminals_die_only_with_two_peoples_will(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 11).await;
    for code in &codes {
        world.enrol(code).await;
    }
    let job = begin(&world, new(JobKind::Revoke, named(&codes), 1))
        .await
        .unwrap();
    assert_eq!(job.state, JobState::Waiting);
    assert!(job.decide_by.is_some());
    work(&world).await;
    assert_eq!(shown(&world, job.id).await.done, 0);
    for own in [JobStep::Approve, JobStep::Refuse] {
        let refused = step(&world, &world.desk, job.id, own).await;
        assert_eq!(refused.unwrap_err(), ProblemCode::SamePerson);
    }
    for way in [JobStep::Resume, JobStep::Cancel] {
        let refused = step(&world, &world.other_desk, job.id, way).await;
        assert_eq!(refused.unwrap_err(), ProblemCode::JobNotReady);
    }
    let approved = step(&world, &world.other_desk, job.id, JobStep::Approve)
        .await
        .unwrap();
    assert_eq!(approved.state, JobState::Running);
    assert_eq!(approved.decided_by.unwrap().name.as_str(), "desk-2");
    work(&world).await;
    let revoked = BTreeMap::from([(JobOutcome::Revoked, 11)]);
    assert_eq!(outcomes(&world, job.id).await, revoked);
    // Ten need one person alone.
    let ten = new(JobKind::Reissue, named(&codes[..10]), 2);
    assert_eq!(begin(&world, ten).await.unwrap().state, JobState::Running);
}

async fn what_nobody_approves_in_time_lapses_and_what_is_refused_stays_refused(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 11).await;
    let job = async |seed| {
        let job = new(JobKind::Reissue, named(&codes), seed);
        begin(&world, job).await.unwrap().id
    };
    let [late, refused, withdrawn] = [job(1).await, job(2).await, job(3).await];
    step(&world, &world.other_desk, refused, JobStep::Refuse)
        .await
        .unwrap();
    let other = step(&world, &world.other_desk, withdrawn, JobStep::Withdraw).await;
    assert_eq!(other.unwrap_err(), ProblemCode::NotPermitted);
    step(&world, &world.desk, withdrawn, JobStep::Withdraw)
        .await
        .unwrap();
    let day = SignedDuration::from_hours(24);
    world
        .server
        .clock
        .advance(day - SignedDuration::from_millis(1));
    assert_eq!(shown(&world, late).await.state, JobState::Waiting);
    world.server.clock.advance(SignedDuration::from_millis(1));
    let too_late = step(&world, &world.other_desk, late, JobStep::Approve).await;
    assert_eq!(too_late.unwrap_err(), ProblemCode::JobNotReady);
    for (id, state) in [
        (late, JobState::Lapsed),
        (refused, JobState::Refused),
        (withdrawn, JobState::Withdrawn),
    ] {
        assert_eq!(shown(&world, id).await.state, state);
        let query = JobsQuery {
            state: Some(state),
            ..JobsQuery::default()
        };
        let page = list_jobs(&world.server.app, &world.desk, query)
            .await
            .unwrap();
        let ids: Vec<JobId> = page.rows.iter().map(|job| job.id).collect();
        assert_eq!(ids, [id]);
    }
    work(&world).await;
    assert_eq!(links(&world).await, 0);
}

async fn a_repeat_of_a_beginning_and_of_an_approval_has_no_second_effect(database: Database) {
    let world = World::on(database).await;
    let codes = centres(&world, 11).await;
    let app = &world.server.app;
    let (caller, other) = (with_key(&world.desk), with_key(&world.other_desk));
    let job = new(JobKind::Reissue, named(&codes), 1);
    for _ in 0..2 {
        begin_job(app, &caller, job.clone()).await.unwrap();
    }
    let approval = JobToStep {
        id: job.id,
        version: Version(1),
        step: JobStep::Approve,
        reason: None,
    };
    for _ in 0..2 {
        let stepped = step_job(app, &other, approval.clone()).await.unwrap();
        assert_eq!(stepped.version, Version(2));
    }
    let same_id = begin(&world, job).await;
    assert_eq!(same_id.unwrap_err().code, ProblemCode::JobNotReady);
}

async fn a_job_that_cannot_be_is_refused(database: Database) {
    let world = World::on(database).await;
    let unknown = new(JobKind::Issue, named(&["no-such".to_owned()]), 1);
    let problem = begin(&world, unknown).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("selection.offices[0]"));
    let nobody = begin(&world, new(JobKind::Issue, named(&[]), 1)).await;
    assert_eq!(nobody.unwrap_err().code, ProblemCode::InvalidField);
    let mut causeless = new(JobKind::Reissue, named(&[EAST.to_owned()]), 1);
    causeless.cause = None;
    let problem = begin(&world, causeless).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("cause"));
}

async fn the_operator_invites_everybody_at_once(database: Database) {
    let world = World::on(database).await;
    centres(&world, 3).await;
    let reason = "見本の理由".parse().unwrap();
    let app = &world.server.app;
    let kind = Some(OfficeKind::HealthCentre);
    let job = begin_job_as_operator(app, None, kind, reason)
        .await
        .unwrap();
    assert_eq!((job.offices, job.asked_by), (4, None));
    work(&world).await;
    assert_eq!(links(&world).await, 4);
}

on_both_databases!(
    every_office_of_a_selection_gets_one_link_or_a_reason,
    a_state_selects_whoever_is_in_it,
    two_workers_and_a_dead_one_issue_no_link_twice,
    a_job_is_paused_resumed_and_cancelled,
    what_was_made_ready_is_not_done_after_a_pause,
    an_address_corrected_since_a_round_was_made_ready_gets_its_own_mail,
    more_than_ten_terminals_die_only_with_two_peoples_will,
    what_nobody_approves_in_time_lapses_and_what_is_refused_stays_refused,
    a_repeat_of_a_beginning_and_of_an_approval_has_no_second_effect,
    a_job_that_cannot_be_is_refused,
    the_operator_invites_everybody_at_once,
);
