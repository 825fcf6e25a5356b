//! What happened to an office's enrolment, as rows: for the timeline, beside the audit log, which
//! proves it.

use jiff::{SignedDuration, Timestamp};
use shared::ProblemCode;
use shared::accounts::UserName;
use shared::enrolment::Serial;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::timeline::{ActedBy, TimelineEntry, TimelineEvent};
use shared::id::{EnrolmentId, JobId, UserId};
use shared::offices::{OfficeCode, OfficeName};

use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Error, Tx};

/// How long a terminal's wish for another certificate waits for an answer: as long as the link that
/// answers it can be used. Whoever still needs one asks again.
const ASKED_LASTS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A person.
    Person(UserId),
    /// The office's own terminal, or whoever held the link.
    Terminal,
    /// The operator's command line.
    Operator,
}

/// An event to keep.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Of which office.
    pub office: &'a OfficeCode,
    /// What happened.
    pub event: TimelineEvent,
    /// Who did it.
    pub by: By,
    /// Why.
    pub reason: Option<&'a str>,
    /// How the caller was identified.
    pub identified: Option<Identification>,
    /// What became of the terminal.
    pub cause: Option<ReissueCause>,
    /// With what the link was refused.
    pub refused: Option<ProblemCode>,
    /// The link it happened to.
    pub link: Option<EnrolmentId>,
    /// The certificate it happened to.
    pub serial: Option<&'a Serial>,
    /// The job of which it was a part.
    pub job: Option<JobId>,
}

impl<'a> NewEvent<'a> {
    /// An event about which nothing more is known.
    #[must_use]
    pub fn new(office: &'a OfficeCode, event: TimelineEvent, by: By) -> Self {
        Self {
            office,
            event,
            by,
            reason: None,
            identified: None,
            cause: None,
            refused: None,
            link: None,
            serial: None,
            job: None,
        }
    }
}

/// Keeps an event.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep_event(tx: &mut Tx, new: &NewEvent<'_>) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let (actor, person) = match new.by {
        By::Person(id) => ("person", Some(id.0.as_bytes().to_vec())),
        By::Terminal => ("terminal", None),
        By::Operator => ("operator", None),
    };
    sql::query(
        "INSERT INTO enrolment_event (office, happened_at, event, actor, person, reason,
                                      identified, cause, refused, link, serial, job)
         SELECT number, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
         FROM office WHERE code = $12",
    )
    .bind(now)
    .bind(new.event.as_str())
    .bind(actor)
    .bind(person)
    .bind(new.reason.map(str::to_owned))
    .bind(new.identified.map(|way| way.as_str().to_owned()))
    .bind(new.cause.map(|cause| cause.as_str().to_owned()))
    .bind(new.refused.map(|code| code.as_str().to_owned()))
    .bind(new.link.map(|link| link.0.as_bytes().to_vec()))
    .bind(new.serial.map(|serial| serial.as_str().to_owned()))
    .bind(new.job.map(|job| job.0.as_bytes().to_vec()))
    .bind(new.office.as_str())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// A terminal's wish for another certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRow {
    /// Since when.
    pub since: Timestamp,
    /// The certificate that it holds.
    pub serial: Serial,
}

/// What makes a wish count, of an event `e`: it is the latest that the office's terminal said, no
/// link was issued since, and the certificate by whose key it was said is still the office's own. `$1`
/// is the instant from which on wishes are recent enough. The event's word stands in the text, or the
/// index over these events alone could not be used.
fn counts() -> String {
    format!(
        "e.event = '{}' AND e.happened_at > $1 AND NOT EXISTS (
             SELECT 1 FROM link l WHERE l.office = o.code AND l.issued_at >= e.happened_at)
         AND EXISTS (
             SELECT 1 FROM certificate c WHERE c.serial = e.serial
             AND c.revoked_at IS NULL AND c.superseded_at IS NULL)",
        TimelineEvent::ReissueAsked.as_str()
    )
}

/// The latest wish of an office's terminal for another certificate, while it waits for an answer.
///
/// # Errors
/// [`Error::Database`].
pub async fn last_asked(
    sql: &mut Connection,
    office: &OfficeCode,
    now: Timestamp,
) -> Result<Option<AskedRow>, Error> {
    let text = format!(
        "SELECT e.happened_at, e.serial FROM enrolment_event e
         JOIN office o ON o.number = e.office
         WHERE o.code = $2 AND {}
         ORDER BY e.happened_at DESC, e.number DESC LIMIT 1",
        counts()
    );
    let row = sql::query(AssertSqlSafe(text))
        .bind((now - ASKED_LASTS).as_millisecond())
        .bind(office.as_str())
        .fetch_optional(sql)
        .await?;
    row.map(|row| {
        Ok(AskedRow {
            since: row.instant("happened_at")?,
            serial: row.parsed("serial")?,
        })
    })
    .transpose()
}

/// The numbers of the offices that are open and wait for an answer to such a wish, the longest wait
/// first, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn waiting_to_be_answered(
    sql: &mut Connection,
    now: Timestamp,
    most: usize,
) -> Result<Vec<i64>, Error> {
    let text = format!(
        "SELECT e.office, min(e.happened_at) AS since FROM enrolment_event e
         JOIN office o ON o.number = e.office AND o.closed_at IS NULL
         WHERE {}
         GROUP BY e.office ORDER BY since, e.office LIMIT {most}",
        counts()
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind((now - ASKED_LASTS).as_millisecond())
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| row.number("office")).collect()
}

/// An entry with its place: entries are listed from the latest, and of one instant from the last.
pub type Placed = (TimelineEntry, (i64, i64));

/// Entries of the office with this number before `before` (millisecond, place), the latest first,
/// at most `most`. A link that nobody used in time has its entry without anyone writing it.
///
/// # Errors
/// [`Error::Database`].
pub async fn timeline(
    sql: &mut Connection,
    office: i64,
    now: Timestamp,
    before: (i64, i64),
    most: u32,
) -> Result<Vec<Placed>, Error> {
    let text = format!(
        "SELECT e.number, e.happened_at, e.event, e.actor, e.reason, e.identified, e.cause,
                e.refused, e.link, e.serial, e.job, a.name AS person_name,
                p.name AS person_office
         FROM enrolment_event e
         LEFT JOIN account a ON a.id = e.person LEFT JOIN office p ON p.number = a.office
         WHERE e.office = $1 AND (e.happened_at < $2 OR (e.happened_at = $2 AND e.number < $3))
         ORDER BY e.happened_at DESC, e.number DESC LIMIT {most}"
    );
    let rows = sql::query(AssertSqlSafe(text))
        .bind(office)
        .bind(before.0)
        .bind(before.1)
        .fetch_all(sql)
        .await?;
    let mut entries = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    // Place 0: whatever else happened in that millisecond came later.
    let text = format!(
        "SELECT l.id, l.expires_at FROM link l JOIN office o ON o.code = l.office
         WHERE o.number = $1 AND l.used_at IS NULL AND l.cancelled_at IS NULL
           AND l.locked_at IS NULL AND l.expires_at <= $2
           AND (l.expires_at < $3 OR (l.expires_at = $3 AND $4 > 0))
         ORDER BY l.expires_at DESC LIMIT {most}"
    );
    let expired = sql::query(AssertSqlSafe(text))
        .bind(office)
        .bind(now.as_millisecond())
        .bind(before.0)
        .bind(before.1)
        .fetch_all(sql)
        .await?;
    for row in &expired {
        let entry = TimelineEntry {
            at: row.instant("expires_at")?,
            event: TimelineEvent::LinkExpired,
            by: ActedBy::Time,
            reason: None,
            identified: None,
            cause: None,
            refused: None,
            link: Some(EnrolmentId(row.id("id")?)),
            serial: None,
            job: None,
        };
        entries.push((entry, (row.number("expires_at")?, 0)));
    }
    entries.sort_by_key(|(_, place)| std::cmp::Reverse(*place));
    entries.truncate(most as usize);
    Ok(entries)
}

fn word<T>(row: &Row, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    let corrupt = || Error::Corrupt(format!("column {column}"));
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| read(text).ok_or_else(corrupt))
        .transpose()
}

fn read(row: &Row) -> Result<Placed, Error> {
    let corrupt = |column: &str| Error::Corrupt(format!("column {column}"));
    let by = match row.try_get::<&str, _>("actor")? {
        "person" => ActedBy::Person {
            name: row.parsed::<UserName>("person_name")?,
            office: row.parsed::<OfficeName>("person_office")?,
        },
        "terminal" => ActedBy::Terminal,
        "operator" => ActedBy::Operator,
        _ => return Err(corrupt("actor")),
    };
    let code = |text: &str| {
        let mut all = ProblemCode::ALL.iter().copied();
        all.find(|code| code.as_str() == text)
    };
    let entry = TimelineEntry {
        at: row.instant("happened_at")?,
        event: word(row, "event", TimelineEvent::from_word)?.ok_or_else(|| corrupt("event"))?,
        by,
        reason: row.maybe_parsed("reason")?,
        identified: word(row, "identified", Identification::from_word)?,
        cause: word(row, "cause", ReissueCause::from_word)?,
        refused: word(row, "refused", code)?,
        link: row.maybe_id("link")?.map(EnrolmentId),
        serial: row.maybe_parsed("serial")?,
        job: row.maybe_id("job")?.map(JobId),
    };
    Ok((entry, (row.number("happened_at")?, row.number("number")?)))
}
