//! Returnees as rows.

use std::borrow::Cow;
use std::collections::HashMap;

use shared::Day;
use shared::accounts::UserName;
use shared::follow_up::hand_over::HandOver;
use shared::follow_up::period::{Period, PeriodChange};
use shared::follow_up::returnee::{Returnee, ReturneeDetails, Sex};
use shared::id::{ReturneeId, UserId, Version};
use shared::offices::Office;
use shared::text::Remark;

use super::import::settled;
use super::keys::{likeness, search_text};
use super::known::KnownBy;
use super::observation;
use crate::store::accounts::person;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Query, Row};
use crate::store::{Dialect, Error, Tx};

/// What a write needs to know of a returnee.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Their number in the store.
    pub number: i64,
    /// How often details, period or assignee were written.
    pub version: Version,
    /// The number of the responsible health centre.
    pub health_centre: i64,
    /// When they are followed; who changed it is left out.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// Whether someone set the last day by hand.
    pub period_by_hand: bool,
    /// The last day on which they were reached, as text; empty for never.
    pub reached_day: String,
}

/// The columns that hold a returnee's details: texts, and at the end one number.
pub(super) const DETAILS: &str = "name, kana, romaji, birth_date, sex, nationality, passport_number, \
    entry_date, entry_port, flight, address, place_of_stay, phone, mail, remarks, search, likeness, \
    consent";
/// How many of them are texts.
pub(super) const TEXTS: usize = 17;
/// The places of some among them.
pub(super) const NAME: usize = 0;
pub(super) const BIRTH_DATE: usize = 3;
pub(super) const PASSPORT_NUMBER: usize = 6;
pub(super) const ENTRY_DATE: usize = 7;
pub(super) const LIKENESS: usize = 16;

fn bind_details<'q>(query: Query<'q>, details: &'q ReturneeDetails) -> Query<'q> {
    texts(details)
        .into_iter()
        .fold(query, |query, text| query.bind(text))
        .bind(consent(details))
}

/// The texts of [`DETAILS`], in their order.
pub(super) fn texts(details: &ReturneeDetails) -> [Option<Cow<'_, str>>; TEXTS] {
    macro_rules! text {
        ($field:ident) => {
            details.$field.as_ref().map(|it| Cow::Borrowed(it.as_str()))
        };
    }
    let birth_date = details.birth_date.as_ref().map(Day::to_string);
    [
        Some(Cow::Borrowed(details.name.as_str())),
        text!(kana),
        text!(romaji),
        birth_date.map(Cow::Owned),
        details.sex.map(|sex| Cow::Borrowed(sex_word(sex))),
        text!(nationality),
        text!(passport_number),
        Some(Cow::Owned(details.entry_date.to_string())),
        text!(entry_port),
        text!(flight),
        text!(address),
        text!(place_of_stay),
        text!(phone),
        text!(mail),
        text!(remarks),
        Some(Cow::Owned(search_text(details))),
        likeness(details).map(Cow::Owned),
    ]
}

/// The number at the end of [`DETAILS`].
pub(super) fn consent(details: &ReturneeDetails) -> Option<i64> {
    details.consent.map(i64::from)
}

/// Notes that a returnee's search entry is old. One noted before is locked by writing it again:
/// otherwise it could be taken, and the old text read, before this change is committed.
async fn search_is_due(tx: &mut Tx, number: i64, health_centre: i64) -> Result<(), Error> {
    sql::query(
        "INSERT INTO search_due (number, health_centre) VALUES ($1, $2)
         ON CONFLICT (number) DO UPDATE SET health_centre = excluded.health_centre",
    )
    .bind(number)
    .bind(health_centre)
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// What a write needs to know, with the row locked until the write is done.
///
/// # Errors
/// [`Error::Database`].
pub async fn brief(tx: &mut Tx, id: ReturneeId) -> Result<Option<Brief>, Error> {
    const SQLITE: &str = "SELECT number, version, health_centre, first_day, last_day, \
        CASE WHEN period_by IS NULL THEN 0 ELSE 1 END AS by_hand, reached_day \
        FROM returnee r WHERE id = $1";
    let sql = format!("{SQLITE}{}", tx.dialect().locking());
    let row = sql::query(AssertSqlSafe(sql))
        .bind(id.0.as_bytes().to_vec())
        .fetch_optional(tx.sql())
        .await?;
    row.map(|row| {
        Ok(Brief {
            number: row.number("number")?,
            version: version(&row, "version")?,
            health_centre: row.number("health_centre")?,
            first_day: row.parsed("first_day")?,
            last_day: row.parsed("last_day")?,
            period_by_hand: row.number("by_hand")? == 1,
            reached_day: row.try_get("reached_day")?,
        })
    })
    .transpose()
}

/// Writes all details of a returnee as they shall be.
///
/// # Errors
/// [`Error::Database`].
pub async fn update_details(
    tx: &mut Tx,
    brief: &Brief,
    health_centre: i64,
    details: &ReturneeDetails,
    period: (Day, Day),
    by: UserId,
) -> Result<(), Error> {
    let names: Vec<String> = DETAILS
        .split(", ")
        .enumerate()
        .map(|(at, name)| format!("{} = ${}", name.trim(), 7 + at))
        .collect();
    let sql = format!(
        "UPDATE returnee SET version = version + 1, changed_by = $2, changed_at = $3,
         assignee = CASE WHEN health_centre = $4 THEN assignee ELSE NULL END,
         handed_from = CASE WHEN health_centre = $4 THEN handed_from ELSE NULL END,
         health_centre = $4, first_day = $5, last_day = $6, active = 1, {}
         WHERE number = $1",
        names.join(", ")
    );
    let now = tx.now().as_millisecond();
    let query = sql::query(AssertSqlSafe(sql))
        .bind(brief.number)
        .bind(by.0.as_bytes().to_vec())
        .bind(now)
        .bind(health_centre)
        .bind(period.0.to_string())
        .bind(period.1.to_string());
    bind_details(query, details).execute(tx.sql()).await?;
    search_is_due(tx, brief.number, health_centre).await
}

/// Makes another health centre responsible, and notes from where, by whom and why.
///
/// # Errors
/// [`Error::Database`].
pub async fn hand_over(
    tx: &mut Tx,
    brief: &Brief,
    health_centre: i64,
    (by, reason): (UserId, &Remark),
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE returnee SET version = version + 1, changed_by = $2, changed_at = $3,
         assignee = NULL, health_centre = $4, handed_from = $5, handed_by = $2, handed_at = $3,
         handed_reason = $6
         WHERE number = $1",
    )
    .bind(brief.number)
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(health_centre)
    .bind(brief.health_centre)
    .bind(reason.to_string())
    .execute(tx.sql())
    .await?;
    search_is_due(tx, brief.number, health_centre).await
}

/// Sets the last day of a follow-up by hand.
///
/// # Errors
/// [`Error::Database`].
pub async fn update_period(
    tx: &mut Tx,
    number: i64,
    last_day: Day,
    change: (UserId, &Remark, bool),
) -> Result<(), Error> {
    let (by, reason, ended) = change;
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE returnee SET version = version + 1, changed_by = $2, changed_at = $3,
         last_day = $4, active = 1, period_by = $2, period_reason = $5, period_ended = $6
         WHERE number = $1",
    )
    .bind(number)
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(last_day.to_string())
    .bind(reason.to_string())
    .bind(i64::from(ended))
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Assigns everybody under follow-up whom `from` had to ring to `to`; gives who they are.
///
/// # Errors
/// [`Error::Database`].
pub async fn pass_on(tx: &mut Tx, from: UserId, to: UserId) -> Result<Vec<ReturneeId>, Error> {
    let (now, today) = (tx.now(), Day::in_japan(tx.now()));
    sql::query(
        "UPDATE returnee SET version = version + 1, changed_by = $1, changed_at = $2, assignee = $1
         WHERE assignee = $3 AND last_day >= $4 RETURNING id",
    )
    .bind(to.0.as_bytes().to_vec())
    .bind(now.as_millisecond())
    .bind(from.0.as_bytes().to_vec())
    .bind(today.to_string())
    .fetch_all(tx.sql())
    .await?
    .iter()
    .map(|row| Ok(ReturneeId(row.id("id")?)))
    .collect()
}

/// Takes from everybody of the office `from` whom they had to ring among the people of `centres`, who
/// are none of that office's any more; gives how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn release(tx: &mut Tx, centres: &[i64], from: i64) -> Result<u64, Error> {
    let mut released = 0;
    for centre in centres {
        // Who wrote last of these people is still true, and so is the version that they saw.
        let of_centre = sql::query(
            "UPDATE returnee SET assignee = NULL WHERE health_centre = $1
             AND assignee IN (SELECT id FROM account WHERE office = $2)",
        )
        .bind(*centre)
        .bind(from)
        .execute(tx.sql())
        .await?;
        released += of_centre.rows_affected();
    }
    Ok(released)
}

/// Hands a returnee to someone, or to nobody.
///
/// # Errors
/// [`Error::Database`].
pub async fn update_assignee(
    tx: &mut Tx,
    number: i64,
    assignee: Option<UserId>,
    by: UserId,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "UPDATE returnee SET version = version + 1, changed_by = $2, changed_at = $3, assignee = $4
         WHERE number = $1",
    )
    .bind(number)
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(assignee.map(|user| user.0.as_bytes().to_vec()))
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// A returnee with all that was recorded, and the number of the responsible health centre.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(sql: &mut Connection, id: ReturneeId) -> Result<Option<(i64, Returnee)>, Error> {
    let row = sql::query(
        "SELECT r.*, office.code AS centre_code,
                by_account.name AS by_name, period_account.name AS period_name,
                assignee_account.name AS assignee_name,
                handed_office.code AS handed_code, handed_office.kind AS handed_kind,
                handed_office.name AS handed_office_name, handed_account.name AS handed_name
         FROM returnee r
         JOIN office ON office.number = r.health_centre
         JOIN account by_account ON by_account.id = r.changed_by
         LEFT JOIN account period_account ON period_account.id = r.period_by
         LEFT JOIN account assignee_account ON assignee_account.id = r.assignee
         LEFT JOIN office handed_office ON handed_office.number = r.handed_from
         LEFT JOIN account handed_account ON handed_account.id = r.handed_by
         WHERE r.id = $1",
    )
    .bind(id.0.as_bytes().to_vec())
    .fetch_optional(&mut *sql)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let number = row.number("number")?;
    let assignee = match row.maybe_id("assignee")? {
        Some(_) => Some(person(&row, "assignee", "assignee_name")?),
        None => None,
    };
    let returnee = Returnee {
        id,
        version: version(&row, "version")?,
        details: details(&row)?,
        period: period(&row)?,
        assignee,
        handed_over: handed_over(&row)?,
        observations: observation::of(sql, number).await?,
        withdrawn: observation::withdrawals_of(sql, number).await?,
        signs: observation::signs_of(sql, number).await?,
        changed_by: person(&row, "changed_by", "by_name")?,
        changed_at: row.instant("changed_at")?,
    };
    Ok(Some((row.number("health_centre")?, returnee)))
}

fn handed_over(row: &Row) -> Result<Option<HandOver>, Error> {
    if row.maybe_number("handed_from")?.is_none() {
        return Ok(None);
    }
    Ok(Some(HandOver {
        from: Office {
            code: row.parsed("handed_code")?,
            kind: row.parsed("handed_kind")?,
            name: row.parsed("handed_office_name")?,
        },
        by: person(row, "handed_by", "handed_name")?,
        at: row.instant("handed_at")?,
        reason: row.parsed("handed_reason")?,
    }))
}

fn details(row: &Row) -> Result<ReturneeDetails, Error> {
    Ok(ReturneeDetails {
        name: row.parsed("name")?,
        kana: row.maybe_parsed("kana")?,
        romaji: row.maybe_parsed("romaji")?,
        birth_date: row.maybe_parsed("birth_date")?,
        sex: row
            .try_get::<Option<&str>, _>("sex")?
            .map(|word| Sex::parse(word).map_err(|_| Error::Corrupt("column sex".into())))
            .transpose()?,
        nationality: row.maybe_parsed("nationality")?,
        passport_number: row.maybe_parsed("passport_number")?,
        entry_date: row.parsed("entry_date")?,
        entry_port: row.maybe_parsed("entry_port")?,
        flight: row.maybe_parsed("flight")?,
        address: row.maybe_parsed("address")?,
        place_of_stay: row.maybe_parsed("place_of_stay")?,
        phone: row.maybe_parsed("phone")?,
        mail: row.maybe_parsed("mail")?,
        consent: row.maybe_number("consent")?.map(|consent| consent == 1),
        health_centre: Some(row.parsed("centre_code")?),
        remarks: row.maybe_parsed("remarks")?,
    })
}

fn period(row: &Row) -> Result<Period, Error> {
    let changed = match row.maybe_id("period_by")? {
        None => None,
        Some(id) => Some(PeriodChange {
            by: shared::accounts::Person {
                id: UserId(id),
                name: row.parsed::<UserName>("period_name")?,
            },
            reason: row.parsed("period_reason")?,
            ended: row.maybe_number("period_ended")? == Some(1),
        }),
    };
    Ok(Period {
        first_day: row.parsed("first_day")?,
        last_day: row.parsed("last_day")?,
        changed,
    })
}

/// The word that [`Sex::parse`] takes and the wire shows.
fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Other => "other",
    }
}

pub(super) fn version(row: &Row, column: &str) -> Result<Version, Error> {
    u32::try_from(row.number(column)?)
        .map(Version)
        .map_err(|_| Error::Corrupt(format!("column {column}")))
}

/// Which of these origins are there already, each with the number of the health centre that is
/// responsible now.
///
/// # Errors
/// [`Error::Database`].
pub async fn known_origins(
    sql: &mut Connection,
    dialect: Dialect,
    origins: &[&str],
) -> Result<HashMap<String, i64>, Error> {
    let (from, wanted) = KnownBy::Origin.one_of(dialect, origins);
    let query = format!(
        "SELECT r.origin, r.health_centre FROM {from} AND {}",
        settled(dialect, "r.number")
    );
    let rows = sql::query(AssertSqlSafe(query))
        .bind(wanted)
        .fetch_all(sql)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("origin")?, row.number("health_centre")?)))
        .collect()
}

pub(super) fn json(texts: &[&str]) -> String {
    serde_json::to_string(texts).expect("texts are writable as JSON")
}
