//! Jobs as rows: what is to be done, and one row for each office with what came of it.

use jiff::Timestamp;
use shared::accounts::{Person, UserName};
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{Job, JobKind, JobOutcome, JobResult, JobState};
use shared::id::{EnrolmentId, JobId, UserId, Version};
use shared::text::Remark;

use crate::store::columns::Columns as _;
use crate::store::offices::office;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// Rows of one `INSERT` of places, whose numbers stand in the text.
const PLACES_AT_ONCE: usize = 500;

/// A job to keep.
#[derive(Debug, Clone)]
pub struct JobToKeep {
    /// Which.
    pub id: JobId,
    /// What is done.
    pub kind: JobKind,
    /// What became of the terminals.
    pub cause: Option<ReissueCause>,
    /// How those who asked were identified.
    pub identified: Identification,
    /// Why.
    pub reason: Remark,
    /// How it begins.
    pub state: JobState,
    /// Until when a second person must decide.
    pub decide_by: Option<Timestamp>,
    /// Who asked; `None` for the command line.
    pub asked_by: Option<UserId>,
    /// The numbers of its offices in the store.
    pub offices: Vec<i64>,
}

/// Keeps a new job.
///
/// # Errors
/// A unique violation when there is a job with this id.
pub async fn insert_job(tx: &mut Tx, new: &JobToKeep) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let id = new.id.0.as_bytes().to_vec();
    sql::query(
        "INSERT INTO job (id, version, kind, cause, identified, reason, state, offices, done,
                          asked_by, asked_at, decide_by)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)",
    )
    .bind(id.clone())
    .bind(new.kind.as_str())
    .bind(new.cause.map(|cause| cause.as_str().to_owned()))
    .bind(new.identified.as_str())
    .bind(new.reason.as_str())
    .bind(new.state.as_str())
    .bind(i64::try_from(new.offices.len()).unwrap_or(i64::MAX))
    .bind(new.asked_by.map(|by| by.0.as_bytes().to_vec()))
    .bind(now)
    .bind(new.decide_by.map(Timestamp::as_millisecond))
    .execute(tx.sql())
    .await?;
    for (chunk, numbers) in new.offices.chunks(PLACES_AT_ONCE).enumerate() {
        let first = chunk * PLACES_AT_ONCE + 1;
        let rows: Vec<String> = (first..)
            .zip(numbers)
            .map(|(place, number)| format!("($1, {place}, {number}, 'pending')"))
            .collect();
        let text = format!(
            "INSERT INTO job_office (job, place, office, outcome) VALUES {}",
            rows.join(", ")
        );
        sql::query(AssertSqlSafe(text))
            .persistent(false)
            .bind(id.clone())
            .execute(tx.sql())
            .await?;
    }
    Ok(())
}

const COLUMNS: &str = "SELECT r.id, r.version, r.kind, r.cause, r.identified, r.reason, r.state,
    r.offices, r.done, r.asked_at, r.decide_by, r.decision_reason, r.ended_at,
    r.asked_by, a.name AS asked_by_name, r.decided_by, d.name AS decided_by_name
    FROM job r LEFT JOIN account a ON a.id = r.asked_by LEFT JOIN account d ON d.id = r.decided_by";

/// The job `id` as it stands at `now`.
///
/// # Errors
/// [`Error::Database`].
pub async fn job(sql: &mut Connection, id: JobId, now: Timestamp) -> Result<Option<Job>, Error> {
    let row = sql::query(AssertSqlSafe(format!("{COLUMNS} WHERE r.id = $1")))
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(|row| read(row, now)).transpose()
}

/// The same within a transaction: nobody else takes a step with it or works on it before its end.
///
/// # Errors
/// [`Error::Database`].
pub async fn job_to_change(tx: &mut Tx, id: JobId) -> Result<Option<Job>, Error> {
    if tx.dialect() == Dialect::Postgres {
        sql::query("SELECT id FROM job WHERE id = $1 FOR UPDATE")
            .bind(&id.0.as_bytes()[..])
            .fetch_optional(tx.sql())
            .await?;
    }
    let now = tx.now();
    job(tx.sql(), id, now).await
}

/// Jobs before `after`, the latest first, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn jobs(
    sql: &mut Connection,
    now: Timestamp,
    state: Option<JobState>,
    after: Option<JobId>,
    most: u32,
) -> Result<Vec<Job>, Error> {
    // A job that nobody decided on in time is kept as waiting, and has lapsed all the same.
    let condition = match state {
        None => "($2 = $2)".to_owned(),
        Some(JobState::Waiting) => "(r.state = 'waiting' AND r.decide_by > $2)".to_owned(),
        Some(JobState::Lapsed) => "(r.state = 'waiting' AND r.decide_by <= $2)".to_owned(),
        Some(state) => format!("(r.state = '{}' AND $2 = $2)", state.as_str()),
    };
    let text = format!("{COLUMNS} WHERE r.id < $1 AND {condition} ORDER BY r.id DESC LIMIT {most}");
    let last = after.map_or(vec![0xff; 16], |id| id.0.as_bytes().to_vec());
    let rows = sql::query(AssertSqlSafe(text))
        .bind(last)
        .bind(now.as_millisecond())
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| read(row, now)).collect()
}

/// Jobs that wait for a second person at `now` and in which the office with this number is one of
/// those chosen, the latest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn jobs_waiting_for(
    sql: &mut Connection,
    office: i64,
    now: Timestamp,
) -> Result<Vec<Job>, Error> {
    let text = format!(
        "{COLUMNS} WHERE r.state = 'waiting' AND r.decide_by > $1 AND EXISTS (
             SELECT 1 FROM job_office j WHERE j.job = r.id AND j.office = $2)
         ORDER BY r.id DESC LIMIT 10"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(now.as_millisecond())
        .bind(office)
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| read(row, now)).collect()
}

/// The oldest job that is running.
///
/// # Errors
/// [`Error::Database`].
pub async fn running_job(sql: &mut Connection) -> Result<Option<JobId>, Error> {
    let row = sql::query("SELECT id FROM job WHERE state = 'running' ORDER BY id LIMIT 1")
        .fetch_optional(sql)
        .await?;
    row.map(|row| Ok(JobId(row.id("id")?))).transpose()
}

/// Up to `most` places of a job behind the place `behind` that have not had their turn, with the
/// numbers of their offices.
///
/// # Errors
/// [`Error::Database`].
pub async fn pending(
    sql: &mut Connection,
    id: JobId,
    behind: i64,
    most: u32,
) -> Result<Vec<(i64, i64)>, Error> {
    let text = format!(
        "SELECT place, office FROM job_office
         WHERE job = $1 AND place > $2 AND outcome = 'pending'
         ORDER BY place LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(&id.0.as_bytes()[..])
        .bind(behind)
        .fetch_all(sql)
        .await?;
    rows.iter()
        .map(|row| Ok((row.number("place")?, row.number("office")?)))
        .collect()
}

/// Notes what came of a job for one place.
///
/// # Errors
/// [`Error::Database`].
pub async fn settle(
    tx: &mut Tx,
    id: JobId,
    place: i64,
    outcome: JobOutcome,
    link: Option<EnrolmentId>,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE job_office SET outcome = $1, link = $2, at = $3 WHERE job = $4 AND place = $5",
    )
    .bind(outcome.as_str())
    .bind(link.map(|link| link.0.as_bytes().to_vec()))
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .bind(place)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Notes that `done` more places had their turn; at the last the job is done.
///
/// # Errors
/// [`Error::Database`].
pub async fn advance(tx: &mut Tx, id: JobId, done: usize) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE job SET done = done + $1,
                state = CASE WHEN done + $1 >= offices THEN 'done' ELSE state END,
                ended_at = CASE WHEN done + $1 >= offices THEN $2 ELSE ended_at END
         WHERE id = $3",
    )
    .bind(i64::try_from(done).unwrap_or(i64::MAX))
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Brings a job into another state at somebody's command. `decided_by` is who approved or refused.
///
/// # Errors
/// [`Error::Database`].
pub async fn step(
    tx: &mut Tx,
    id: JobId,
    to: JobState,
    decided_by: Option<UserId>,
    reason: Option<&Remark>,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let ends = !matches!(to, JobState::Running | JobState::Paused);
    sql::query(
        "UPDATE job SET state = $1, version = version + 1,
                decided_by = coalesce($2, decided_by),
                decision_reason = coalesce($3, decision_reason), ended_at = $4
         WHERE id = $5",
    )
    .bind(to.as_str())
    .bind(decided_by.map(|by| by.0.as_bytes().to_vec()))
    .bind(reason.map(|reason| reason.as_str().to_owned()))
    .bind(ends.then_some(now))
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// What came of a job behind the place `after`, at most `most`; each with its place.
///
/// # Errors
/// [`Error::Database`].
pub async fn job_results(
    sql: &mut Connection,
    id: JobId,
    outcome: Option<JobOutcome>,
    after: i64,
    most: u32,
) -> Result<Vec<(i64, JobResult)>, Error> {
    let only = outcome.map_or_else(String::new, |outcome| {
        format!("AND j.outcome = '{}'", outcome.as_str())
    });
    let text = format!(
        "SELECT j.place, j.outcome, j.link, j.at, o.code, o.kind, o.name
         FROM job_office j JOIN office o ON o.number = j.office
         WHERE j.job = $1 AND j.place > $2 {only} ORDER BY j.place LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(&id.0.as_bytes()[..])
        .bind(after)
        .fetch_all(sql)
        .await?;
    rows.iter()
        .map(|row| {
            let result = JobResult {
                office: office(row, "code", "kind", "name")?,
                outcome: word(row, "outcome", JobOutcome::from_word)?,
                link: row.maybe_id("link")?.map(EnrolmentId),
                at: super::maybe_instant(row.maybe_number("at")?)?,
            };
            Ok((row.number("place")?, result))
        })
        .collect()
}

fn word<T>(row: &Row, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let corrupt = || Error::Corrupt(format!("column {column}"));
    read(row.try_get(column)?).ok_or_else(corrupt)
}

fn person(row: &Row, id: &str, name: &str) -> Result<Option<Person>, Error> {
    match row.maybe_id(id)? {
        None => Ok(None),
        Some(known) => Ok(Some(Person {
            id: UserId(known),
            name: row.parsed::<UserName>(name)?,
        })),
    }
}

fn read(row: &Row, now: Timestamp) -> Result<Job, Error> {
    let small = |column: &str| -> Result<u32, Error> {
        Ok(u32::try_from(row.number(column)?).unwrap_or(u32::MAX))
    };
    let decide_by = super::maybe_instant(row.maybe_number("decide_by")?)?;
    let mut state = word(row, "state", JobState::from_word)?;
    let mut ended_at = super::maybe_instant(row.maybe_number("ended_at")?)?;
    if state == JobState::Waiting && decide_by.is_some_and(|by| by <= now) {
        state = JobState::Lapsed;
        ended_at = decide_by;
    }
    let cause = row
        .try_get::<Option<&str>, _>("cause")?
        .and_then(ReissueCause::from_word);
    Ok(Job {
        id: JobId(row.id("id")?),
        version: Version(small("version")?),
        kind: word(row, "kind", JobKind::from_word)?,
        cause,
        identified: word(row, "identified", Identification::from_word)?,
        reason: row.parsed("reason")?,
        state,
        offices: small("offices")?,
        done: small("done")?,
        asked_by: person(row, "asked_by", "asked_by_name")?,
        asked_at: row.instant("asked_at")?,
        decide_by,
        decided_by: person(row, "decided_by", "decided_by_name")?,
        decision_reason: row.maybe_parsed("decision_reason")?,
        ended_at,
    })
}
