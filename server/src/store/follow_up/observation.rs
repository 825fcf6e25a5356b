//! Observations and signs as rows.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::Day;
use shared::follow_up::observation::{
    ClosedSign, Findings, Observation, Reach, Sign, SignCause, Temperature, Withdrawal,
};
use shared::id::{SignId, UserId, Version};
use shared::text::Remark;

use super::returnee::{Brief, version};
use crate::store::accounts::person;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, Connection, Row};
use crate::store::{Error, Tx};

/// Records a day over the version that was seen (0 where there was none). Gives false, and writes
/// nothing, when someone else wrote in between.
///
/// # Errors
/// [`Error::Database`].
pub async fn record(
    tx: &mut Tx,
    returnee: &Brief,
    day: Day,
    seen: Version,
    findings: &Findings,
    by: UserId,
) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let sql = if seen == Version(0) {
        "INSERT INTO observation (returnee, day, version, reach, temperature, symptoms, household,
                                  note, sign, recorded_by, recorded_at)
         VALUES ($1, $2, 1 + coalesce((SELECT version FROM withdrawal
                                       WHERE returnee = $1 AND day = $2), $11),
                 $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (returnee, day) DO NOTHING"
    } else {
        "UPDATE observation SET version = version + 1, reach = $3, temperature = $4, symptoms = $5,
                household = $6, note = $7, sign = $8, recorded_by = $9, recorded_at = $10
         WHERE returnee = $1 AND day = $2 AND version = $11"
    };
    let written = sql::query(sql)
        .bind(returnee.number)
        .bind(day.to_string())
        .bind(word(&findings.reach))
        .bind(findings.temperature.map(|it| i64::from(it.tenths())))
        .bind(findings.symptoms.as_ref().map(json))
        .bind(findings.household.as_ref().map(json))
        .bind(findings.note.as_ref().map(|note| note.to_string()))
        .bind(i64::from(!findings.signs().is_empty()))
        .bind(by.0.as_bytes().to_vec())
        .bind(now)
        .bind(i64::from(seen.0))
        .execute(tx.sql())
        .await?;
    if written.rows_affected() == 0 {
        return Ok(false);
    }
    note_reached(tx, returnee, day, findings.reach).await?;
    Ok(true)
}

/// Keeps `reached_day` on the returnee. The usual day needs one cheap statement; a day taken back
/// needs a look at the others.
async fn note_reached(tx: &mut Tx, returnee: &Brief, day: Day, reach: Reach) -> Result<(), Error> {
    let day = day.to_string();
    if reach.reached() && day > returnee.reached_day {
        sql::query("UPDATE returnee SET reached_day = $2 WHERE number = $1")
            .bind(returnee.number)
            .bind(day)
            .execute(tx.sql())
            .await?;
    } else if !reach.reached() && day == returnee.reached_day {
        look_who_was_reached(tx, returnee.number).await?;
    }
    Ok(())
}

async fn look_who_was_reached(tx: &mut Tx, returnee: i64) -> Result<(), Error> {
    sql::query(
        "UPDATE returnee SET reached_day = coalesce(
             (SELECT max(day) FROM observation
              WHERE returnee = $1 AND reach <> 'not-reached'), '')
         WHERE number = $1",
    )
    .bind(returnee)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Withdraws a day's record of the version that was seen, and the signs that came of it alone: an
/// open one is closed with the reason. Where the record was written over another one, whose sign it
/// is cannot be told, and every sign stays. Gives false, and writes nothing, when someone else
/// wrote in between.
///
/// # Errors
/// [`Error::Database`].
pub async fn withdraw(
    tx: &mut Tx,
    returnee: &Brief,
    day: Day,
    seen: Version,
    by: UserId,
    reason: &Remark,
) -> Result<bool, Error> {
    let withdrawn_before = withdrawn_version(tx, returnee.number, day).await?;
    let gone =
        sql::query("DELETE FROM observation WHERE returnee = $1 AND day = $2 AND version = $3")
            .bind(returnee.number)
            .bind(day.to_string())
            .bind(i64::from(seen.0))
            .execute(tx.sql())
            .await?;
    if gone.rows_affected() == 0 {
        return Ok(false);
    }
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO withdrawal (returnee, day, version, withdrawn_by, withdrawn_at, reason)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (returnee, day) DO UPDATE SET version = excluded.version,
             withdrawn_by = excluded.withdrawn_by, withdrawn_at = excluded.withdrawn_at,
             reason = excluded.reason",
    )
    .bind(returnee.number)
    .bind(day.to_string())
    .bind(i64::from(seen.0))
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(reason.to_string())
    .execute(tx.sql())
    .await?;
    if seen.0 == withdrawn_before.0 + 1 {
        withdraw_signs(tx, returnee.number, day, by, reason).await?;
    }
    if day.to_string() == returnee.reached_day {
        look_who_was_reached(tx, returnee.number).await?;
    }
    Ok(true)
}

/// The version of the record of a day that was withdrawn last; 0 where none was.
async fn withdrawn_version(tx: &mut Tx, returnee: i64, day: Day) -> Result<Version, Error> {
    sql::query("SELECT version FROM withdrawal WHERE returnee = $1 AND day = $2")
        .bind(returnee)
        .bind(day.to_string())
        .fetch_optional(tx.sql())
        .await?
        .map_or(Ok(Version(0)), |row| version(&row, "version"))
}

/// Takes the signs of a day out of account, and closes what is open of them.
async fn withdraw_signs(
    tx: &mut Tx,
    returnee: i64,
    day: Day,
    by: UserId,
    reason: &Remark,
) -> Result<(), Error> {
    let signs = signs_on(tx, returnee, day).await?;
    for sign in signs.iter().filter(|sign| !sign.closed) {
        close_sign(tx, returnee, sign.id, by, reason).await?;
    }
    sql::query("UPDATE sign SET withdrawn = 1 WHERE returnee = $1 AND day = $2")
        .bind(returnee)
        .bind(day.to_string())
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// The last withdrawal of each day of a returnee, by day.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn withdrawals_of(
    sql: &mut Connection,
    returnee: i64,
) -> Result<Vec<Withdrawal>, Error> {
    sql::query(
        "SELECT day, withdrawn_by, name, withdrawn_at, reason
         FROM withdrawal JOIN account ON account.id = withdrawn_by
         WHERE returnee = $1 ORDER BY day",
    )
    .bind(returnee)
    .fetch_all(sql)
    .await?
    .iter()
    .map(|row| {
        Ok(Withdrawal {
            day: row.parsed("day")?,
            by: person(row, "withdrawn_by", "name")?,
            at: row.instant("withdrawn_at")?,
            reason: row.parsed("reason")?,
        })
    })
    .collect()
}

/// All observations of a returnee, by day.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn of(sql: &mut Connection, returnee: i64) -> Result<Vec<Observation>, Error> {
    sql::query(
        "SELECT day, version, reach, temperature, symptoms, household, note, recorded_by, name,
                recorded_at
         FROM observation JOIN account ON account.id = recorded_by
         WHERE returnee = $1 ORDER BY day",
    )
    .bind(returnee)
    .fetch_all(sql)
    .await?
    .iter()
    .map(|row| {
        Ok(Observation {
            day: row.parsed("day")?,
            version: version(row, "version")?,
            findings: findings(row)?,
            recorded_by: person(row, "recorded_by", "name")?,
            recorded_at: row.instant("recorded_at")?,
        })
    })
    .collect()
}

/// What is recorded of one day, if anything is.
///
/// # Errors
/// [`Error::Database`].
pub async fn findings_on(tx: &mut Tx, returnee: i64, day: Day) -> Result<Option<Findings>, Error> {
    let row = sql::query(
        "SELECT reach, temperature, symptoms, household, note FROM observation
         WHERE returnee = $1 AND day = $2",
    )
    .bind(returnee)
    .bind(day.to_string())
    .fetch_optional(tx.sql())
    .await?;
    row.as_ref().map(findings).transpose()
}

fn findings(row: &Row) -> Result<Findings, Error> {
    Ok(Findings {
        reach: reach(row)?,
        temperature: temperature(row)?,
        symptoms: maybe_json(row, "symptoms")?,
        household: maybe_json(row, "household")?,
        note: row.maybe_parsed("note")?,
    })
}

pub(super) fn reach(row: &Row) -> Result<Reach, Error> {
    let word: String = row.try_get("reach")?;
    serde_json::from_value(word.into()).map_err(|_| Error::Corrupt("column reach".into()))
}

pub(super) fn temperature(row: &Row) -> Result<Option<Temperature>, Error> {
    row.maybe_number("temperature")?
        .map(|tenths| {
            i16::try_from(tenths)
                .ok()
                .and_then(Temperature::of_tenths)
                .ok_or_else(|| Error::Corrupt("column temperature".into()))
        })
        .transpose()
}

/// A sign as it is kept.
#[derive(Debug, Clone)]
pub struct KnownSign {
    /// Which.
    pub id: SignId,
    /// What made it.
    pub causes: Vec<SignCause>,
    /// Whether someone closed it.
    pub closed: bool,
}

/// The signs that came of what is recorded of one day, the newest last, without those that were
/// withdrawn with an earlier record of it.
///
/// # Errors
/// [`Error::Database`].
pub async fn signs_on(tx: &mut Tx, returnee: i64, day: Day) -> Result<Vec<KnownSign>, Error> {
    sql::query(
        "SELECT id, causes, CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END AS closed
         FROM sign WHERE returnee = $1 AND day = $2 AND withdrawn = 0
         ORDER BY id",
    )
    .bind(returnee)
    .bind(day.to_string())
    .fetch_all(tx.sql())
    .await?
    .iter()
    .map(|row| {
        Ok(KnownSign {
            id: SignId(row.id("id")?),
            causes: maybe_json(row, "causes")?.unwrap_or_default(),
            closed: row.number("closed")? == 1,
        })
    })
    .collect()
}

/// Opens a sign.
///
/// # Errors
/// [`Error::Database`].
pub async fn open_sign(
    tx: &mut Tx,
    returnee: i64,
    id: SignId,
    day: Day,
    causes: &[SignCause],
) -> Result<(), Error> {
    sql::query("INSERT INTO sign (id, returnee, day, causes) VALUES ($1, $2, $3, $4)")
        .bind(id.0.as_bytes().to_vec())
        .bind(returnee)
        .bind(day.to_string())
        .bind(json(&causes))
        .execute(tx.sql())
        .await?;
    count_open_signs(tx, returnee).await
}

/// Writes what an open sign comes from, after its day was corrected.
///
/// # Errors
/// [`Error::Database`].
pub async fn update_sign(tx: &mut Tx, id: SignId, causes: &[SignCause]) -> Result<(), Error> {
    sql::query("UPDATE sign SET causes = $2 WHERE id = $1")
        .bind(id.0.as_bytes().to_vec())
        .bind(json(&causes))
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Closes an open sign of this returnee with what was done. Gives whether it exists, and whether
/// it was open.
///
/// # Errors
/// [`Error::Database`].
pub async fn close_sign(
    tx: &mut Tx,
    returnee: i64,
    id: SignId,
    by: UserId,
    action: &Remark,
) -> Result<Option<bool>, Error> {
    let now = tx.now().as_millisecond();
    let closed = sql::query(
        "UPDATE sign SET closed_by = $3, closed_at = $4, action = $5
         WHERE id = $1 AND returnee = $2 AND closed_at IS NULL",
    )
    .bind(id.0.as_bytes().to_vec())
    .bind(returnee)
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(action.to_string())
    .execute(tx.sql())
    .await?;
    if closed.rows_affected() == 1 {
        count_open_signs(tx, returnee).await?;
        return Ok(Some(true));
    }
    let exists = sql::query("SELECT 1 FROM sign WHERE id = $1 AND returnee = $2")
        .bind(id.0.as_bytes().to_vec())
        .bind(returnee)
        .fetch_optional(tx.sql())
        .await?;
    Ok(exists.map(|_| false))
}

async fn count_open_signs(tx: &mut Tx, returnee: i64) -> Result<(), Error> {
    sql::query(
        "UPDATE returnee SET open_signs =
             (SELECT count(*) FROM sign WHERE returnee = $1 AND closed_at IS NULL)
         WHERE number = $1",
    )
    .bind(returnee)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// All signs of a returnee, open ones first, then by day.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn signs_of(sql: &mut Connection, returnee: i64) -> Result<Vec<Sign>, Error> {
    sql::query(
        "SELECT sign.id AS sign, day, causes, closed_by, closed_at, action, withdrawn, name
         FROM sign LEFT JOIN account ON account.id = closed_by
         WHERE returnee = $1
         ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, day, sign.id",
    )
    .bind(returnee)
    .fetch_all(sql)
    .await?
    .iter()
    .map(|row| {
        let closed = match row.maybe_number("closed_at")? {
            None => None,
            Some(_) => Some(ClosedSign {
                by: person(row, "closed_by", "name")?,
                at: row.instant("closed_at")?,
                action: row.parsed("action")?,
            }),
        };
        Ok(Sign {
            id: SignId(row.id("sign")?),
            day: row.parsed("day")?,
            causes: maybe_json(row, "causes")?.unwrap_or_default(),
            closed,
            withdrawn: row.number("withdrawn")? == 1,
        })
    })
    .collect()
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("findings are writable as JSON")
}

fn maybe_json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, Error> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| {
            serde_json::from_str(text).map_err(|_| Error::Corrupt(format!("column {column}")))
        })
        .transpose()
}

/// The word of a value that travels as one.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a word is written as a text, not {other:?}"),
    }
}
