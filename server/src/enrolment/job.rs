//! Jobs: one deed for many offices, worked off in the background.
//!
//! How an office is served stands in [`super::round`]. What is dangerous waits first for the yes of
//! a second person.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::contract::{Done, Endpoint};
use shared::enrolment::deeds::Identification;
use shared::enrolment::job::{
    BeginJob, DECIDE_SECONDS, Job, JobKind, JobOutcome, JobOutlook, JobQuery, JobResult,
    JobResultsQuery, JobState, JobStep, JobToStep, JobsQuery, LeftOut, NewJob, Selection, StepJob,
};
use shared::enrolment::standing::EnrolmentState;
use shared::id::{JobId, Page, UserId};
use shared::offices::{OfficeCode, OfficeKind};
use shared::text::{Refused, Remark};
use shared::{Problem, ProblemCode};
use tokio_util::sync::CancellationToken;

use super::deeds::{ALONE_WINDOW, Why, count, has_no_need};
use super::identified::{check_identified, check_said};
use super::round::{Round, next_round};
use crate::app::{App, Caller};
use crate::offices::contacts::page_size;
use crate::store;
use crate::store::audit::{Act, Actor};
use crate::store::enrolment::{self as rows, By, JobToKeep, Wanted};

/// How often to look whether there is a job.
const EVERY: Duration = Duration::from_millis(300);
/// How long to wait after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(3);
/// Offices judged at once while a selection is made.
const CHUNK: u32 = 500;

/// Begins a job; a dangerous one waits for a second person.
///
/// # Errors
/// `nothing-selected`; `invalid-field` for an unknown office, for what does not belong to its kind,
/// and when offices are said to have been called back of which one has no number on record;
/// `mail-not-set-up`; `job-not-ready` when there is a job with this id.
pub async fn begin_job(server: &App, caller: &Caller, request: NewJob) -> Result<Job, Problem> {
    check_said(request.identified)?;
    let asked_by = Some(caller.person()?.person.id);
    let act = caller.act::<BeginJob>(&request);
    begin(server, act, request, asked_by).await
}

/// Begins a job that issues links to every office that was not invited yet, at the operator's
/// command.
///
/// # Errors
/// As [`begin_job`].
pub async fn begin_job_as_operator(
    server: &App,
    under: Option<OfficeCode>,
    kind: Option<OfficeKind>,
    reason: Remark,
) -> Result<Job, Problem> {
    let request = NewJob {
        id: JobId(server.new_id()),
        kind: JobKind::Issue,
        selection: Selection::State {
            state: Some(EnrolmentState::NotInvited),
            under,
            kind,
        },
        cause: None,
        identified: Identification::NoCaller,
        reason,
    };
    let act = Act::new(Actor::default(), "command link issue");
    begin(server, act, request, None).await
}

async fn begin(
    server: &App,
    act: Act,
    request: NewJob,
    asked_by: Option<UserId>,
) -> Result<Job, Problem> {
    request.check()?;
    if request.kind != JobKind::Revoke && !server.mail.is_on() {
        return Err(Problem::new(ProblemCode::MailNotSetUp));
    }
    let id = request.id;
    let offices = selected(server, &request.selection).await?;
    if offices.is_empty() {
        return Err(Problem::new(ProblemCode::NothingSelected));
    }
    let keep = JobToKeep {
        id,
        kind: request.kind,
        cause: request.cause,
        identified: request.identified,
        reason: request.reason,
        state: JobState::Running,
        decide_by: None,
        asked_by,
        offices,
    };
    let begun = server
        .store
        .write(act, keep, |tx, keep| {
            Box::pin(async move {
                let by = keep.asked_by.map_or(By::Operator, By::Person);
                rows::hold_person(tx, by).await?;
                let mut keep = keep.clone();
                let now = tx.now();
                if keep.identified == Identification::CalledBack {
                    for numbers in keep.offices.chunks(CHUNK as usize) {
                        for facts in rows::facts_of(tx.sql(), now, numbers).await? {
                            check_identified(keep.identified, &facts)?;
                        }
                    }
                }
                if needs_second_person(tx.sql(), keep.kind, by, &keep.offices, now).await? {
                    keep.state = JobState::Waiting;
                    keep.decide_by = Some(now + SignedDuration::from_secs(DECIDE_SECONDS));
                }
                rows::insert_job(tx, &keep).await?;
                let detail = json!({
                    "kind": keep.kind, "offices": keep.offices.len(), "cause": keep.cause,
                    "identified": keep.identified, "reason": keep.reason, "state": keep.state,
                });
                tx.record(keep.id.0, &detail);
                Ok(Done {})
            })
        })
        .await;
    match begun {
        Err(error) if error.is_unique_violation() => Err(Problem::new(ProblemCode::JobNotReady)),
        begun => {
            begun?;
            found(server, id).await
        }
    }
}

/// Whether `by` may do this only with a second person: with what they did alone of late, it would
/// be done to more offices than one person may.
async fn needs_second_person(
    sql: &mut store::sql::Connection,
    kind: JobKind,
    by: By,
    offices: &[i64],
    now: Timestamp,
) -> Result<bool, store::Error> {
    if !kind.is_dangerous() {
        return Ok(false);
    }
    let mut alone = rows::done_alone(sql, by, now - ALONE_WINDOW).await?;
    alone.extend(offices);
    Ok(kind.needs_second_person(count(&alone)))
}

/// Takes what one person may not do alone to one office more as a job that waits, and gives the
/// problem that says so. A repeat of the same request finds the same job.
pub(super) async fn ask_instead<E: Endpoint>(
    server: &App,
    caller: &Caller,
    kind: JobKind,
    office: &OfficeCode,
    why: Why,
) -> Result<Problem, Problem> {
    let id = JobId(
        caller
            .idempotency_key
            .map_or_else(|| server.new_id(), |key| key.0),
    );
    let request = NewJob {
        id,
        kind,
        selection: Selection::Offices {
            offices: vec![office.clone()],
        },
        cause: why.cause,
        identified: why.identified,
        reason: why.reason,
    };
    let asked_by = Some(caller.person()?.person.id);
    let act = Act::new(caller.actor(), E::NAME);
    let job = match begin(server, act, request, asked_by).await {
        Err(problem) if problem.code == ProblemCode::JobNotReady => found(server, id).await?,
        begun => begun?,
    };
    let current = serde_json::to_value(job).map_err(Problem::internal)?;
    Ok(Problem::new(ProblemCode::SecondPersonNeeded).with_current(current))
}

/// Says what a job would come to, and begins nothing.
///
/// # Errors
/// As [`begin_job`].
pub async fn check_job(
    server: &App,
    caller: &Caller,
    request: NewJob,
) -> Result<JobOutlook, Problem> {
    check_said(request.identified)?;
    request.check()?;
    let kind = request.kind;
    if kind != JobKind::Revoke && !server.mail.is_on() {
        return Err(Problem::new(ProblemCode::MailNotSetUp));
    }
    let offices = selected(server, &request.selection).await?;
    if offices.is_empty() {
        return Err(Problem::new(ProblemCode::NothingSelected));
    }
    let by = By::Person(caller.person()?.person.id);
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let mut left_out: BTreeMap<JobOutcome, u32> = BTreeMap::new();
    let mut fitting = 0;
    for numbers in offices.chunks(CHUNK as usize) {
        for facts in rows::facts_of(&mut reader, now, numbers).await? {
            check_identified(request.identified, &facts)?;
            let unmailed = kind != JobKind::Revoke && facts.mail.is_none();
            let outcome =
                has_no_need(kind, &facts, now).or(unmailed.then_some(JobOutcome::NoContact));
            match outcome {
                Some(outcome) => *left_out.entry(outcome).or_default() += 1,
                None => fitting += 1,
            }
        }
    }
    let alone = rows::done_alone(&mut reader, by, now - ALONE_WINDOW).await?;
    Ok(JobOutlook {
        offices: u32::try_from(offices.len()).unwrap_or(u32::MAX),
        fitting,
        left_out: left_out
            .into_iter()
            .map(|(outcome, offices)| LeftOut { outcome, offices })
            .collect(),
        alone: count(&alone),
        waits: needs_second_person(&mut reader, kind, by, &offices, now).await?,
    })
}

/// The numbers of the offices that are selected now. What has changed by the time of its turn, an
/// office is asked again then.
async fn selected(server: &App, selection: &Selection) -> Result<Vec<i64>, Problem> {
    let mut reader = server.store.reader().await?;
    match selection {
        Selection::Offices { offices } => {
            let mut numbers = Vec::with_capacity(offices.len());
            let mut seen = HashSet::new();
            for (place, code) in offices.iter().enumerate() {
                let known = store::offices::by_code(&mut reader, code).await?;
                let Some(known) = known else {
                    let field = format!("selection.offices[{place}]");
                    return Err(Problem::refused(field, Refused::new("contact_office")));
                };
                if seen.insert(known.number) {
                    numbers.push(known.number);
                }
            }
            Ok(numbers)
        }
        Selection::State { state, under, kind } => {
            let now = server.clock.now();
            let under = match under {
                None => None,
                Some(code) => {
                    let known = store::offices::by_code(&mut reader, code).await?;
                    let not_found = || Problem::new(ProblemCode::NotFound);
                    Some(known.ok_or_else(not_found)?.number)
                }
            };
            let mut wanted = Wanted {
                under,
                kind: *kind,
                after: None,
                limit: CHUNK,
            };
            let mut numbers = Vec::new();
            loop {
                let facts = rows::facts(&mut reader, now, &wanted).await?;
                let fitting = facts
                    .iter()
                    .filter(|facts| state.is_none_or(|state| facts.standing(now).state() == state));
                numbers.extend(fitting.map(|facts| facts.number));
                wanted.after = facts.last().map(|facts| facts.office.code.clone());
                if facts.len() < CHUNK as usize {
                    return Ok(numbers);
                }
            }
        }
    }
}

async fn found(server: &App, id: JobId) -> Result<Job, Problem> {
    let mut reader = server.store.reader().await?;
    let job = rows::job(&mut reader, id, server.clock.now()).await?;
    job.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// Jobs, the latest first.
///
/// # Errors
/// `invalid-field` for a page that cannot be.
pub async fn list_jobs(server: &App, _: &Caller, request: JobsQuery) -> Result<Page<Job>, Problem> {
    let limit = page_size(request.limit, 50, 200)?;
    let cursor = || Problem::refused("after", Refused::new("cursor"));
    let after = request.after.as_deref().map(str::parse::<JobId>);
    let after = after.transpose().map_err(|_| cursor())?;
    let mut reader = server.store.reader().await?;
    let now = server.clock.now();
    let most = u32::from(limit) + 1;
    let jobs = rows::jobs(&mut reader, now, request.state, after, most).await?;
    Ok(crate::offices::contacts::page(jobs, limit, |job| {
        job.id.to_string()
    }))
}

/// How far a job is.
///
/// # Errors
/// `not-found`.
pub async fn show_job(server: &App, _: &Caller, request: JobQuery) -> Result<Job, Problem> {
    found(server, request.id).await
}

/// What came of a job, office by office.
///
/// # Errors
/// `not-found`; `invalid-field` for a page that cannot be.
pub async fn list_job_results(
    server: &App,
    _: &Caller,
    request: JobResultsQuery,
) -> Result<Page<JobResult>, Problem> {
    let limit = page_size(request.limit, 100, 500)?;
    let cursor = || Problem::refused("after", Refused::new("cursor"));
    let after = request.after.as_deref().map(str::parse::<i64>);
    let after = after.transpose().map_err(|_| cursor())?.unwrap_or(0);
    found(server, request.id).await?;
    let mut reader = server.store.reader().await?;
    let most = u32::from(limit) + 1;
    let (id, outcome) = (request.id, request.outcome);
    let results = rows::job_results(&mut reader, id, outcome, after, most).await?;
    let page = crate::offices::contacts::page(results, limit, |(place, _)| place.to_string());
    Ok(Page {
        rows: page.rows.into_iter().map(|(_, result)| result).collect(),
        next: page.next,
    })
}

/// Pauses, resumes, cancels, approves, refuses or withdraws a job.
///
/// # Errors
/// `same-person` when who asked would decide; `not-permitted` when another would withdraw;
/// `job-not-ready` in a state that does not allow it; `version-clash` with the present job;
/// `not-found`.
pub async fn step_job(server: &App, caller: &Caller, request: JobToStep) -> Result<Job, Problem> {
    let by = caller.person()?.person.id;
    let act = caller.act::<StepJob>(&request);
    let id = request.id;
    server
        .store
        .write(act, (request, by), |tx, (request, by)| {
            Box::pin(async move {
                let job = rows::job_to_change(tx, request.id).await?;
                let job = job.ok_or(ProblemCode::NotFound)?;
                let to = may_step(&job, request, *by)?;
                let decides = matches!(request.step, JobStep::Approve | JobStep::Refuse);
                let decided_by = decides.then_some(*by);
                let reason = request.reason.as_ref();
                rows::step(tx, request.id, to, decided_by, reason).await?;
                let detail = json!({ "step": request.step, "reason": request.reason, "to": to });
                tx.record(request.id.0, &detail);
                Ok(Done {})
            })
        })
        .await?;
    found(server, id).await
}

/// The state to which a step of this person leads.
fn may_step(job: &Job, request: &JobToStep, by: UserId) -> Result<JobState, Problem> {
    if job.version != request.version {
        let current = serde_json::to_value(job).expect("what travels as JSON is writable as JSON");
        return Err(Problem::new(ProblemCode::VersionClash).with_current(current));
    }
    let is_own = job.asked_by.as_ref().is_some_and(|asked| asked.id == by);
    match request.step {
        JobStep::Approve | JobStep::Refuse if is_own => Err(Problem::new(ProblemCode::SamePerson)),
        JobStep::Withdraw if !is_own => Err(Problem::new(ProblemCode::NotPermitted)),
        step => step
            .leads_to(job.state)
            .ok_or_else(|| Problem::new(ProblemCode::JobNotReady)),
    }
}

/// Works jobs off until `stop`.
pub async fn work_off_jobs(server: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let rest = match work_through(&server, &stop).await {
            Ok(()) => EVERY,
            Err(problem) => {
                let cause = problem.logged.unwrap_or_default();
                tracing::warn!(
                    code = problem.code.as_str(),
                    cause,
                    "a job cannot go on just now"
                );
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Goes round after round until no job runs, or `stop`.
///
/// # Errors
/// The store fails, or mail was switched off since the job began; nothing of that round remains.
pub(super) async fn work_through(server: &App, stop: &CancellationToken) -> Result<(), Problem> {
    let mut ready = next_round(server, None).await?;
    while let Some(round) = ready.filter(|_| !stop.is_cancelled()) {
        ready = go_on(server, round).await?;
    }
    Ok(())
}

/// Goes a round, and makes the next one ready while it is written.
async fn go_on(server: &App, round: Round) -> Result<Option<Round>, Problem> {
    let end = round.end();
    let (gone, next) = join(round.go(server), next_round(server, Some(end))).await;
    // What was made ready behind a round that failed is dropped: that one comes first.
    gone?;
    match next? {
        Some(next) => Ok(Some(next)),
        None => next_round(server, None).await,
    }
}
