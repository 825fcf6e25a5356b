//! Pages of the work list. Each filter walks an index in that index's own order and stops when
//! the page is full; nothing is sorted and nothing is counted on the way.

mod statement;

use std::collections::HashMap;

use shared::Day;
use shared::follow_up::observation::{Reach, Temperature};
use shared::follow_up::work_list::{Counts, StripDay, WorkListRow};
use shared::id::{ReturneeId, UserId, Version};

use super::import::settled;
use super::observation::{reach, temperature};
use super::returnee::version;
use crate::store::accounts::person;
use crate::store::columns::Columns as _;
use crate::store::offices::KnownOffice;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error};

/// In which order a list runs, which is also the index it walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// The first to end first.
    ByEnd,
    /// The last ended first.
    ByEndBackwards,
    /// Those longest not reached first.
    Unreached,
    /// With an open sign, the first to end first.
    WithSign,
    /// One person's, the first to end first.
    Assigned,
    /// The newest first, over the search index.
    Newest,
}

/// Where a page ended: the key of its last row in the walk's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The last day on which the person was reached; matters in [`Walk::Unreached`].
    pub reached_day: String,
    /// The last day of the follow-up.
    pub last_day: String,
    /// The returnee's number.
    pub number: i64,
}

/// What to list. Conditions add up.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The order.
    pub walk: Walk,
    /// The day it is.
    pub today: Day,
    /// Only those whose follow-up ends on or after this day.
    pub ends_from: Option<Day>,
    /// Only those whose follow-up ends on or before this day.
    pub ends_until: Option<Day>,
    /// Only those due today and not reached yet.
    pub not_reached_today: bool,
    /// Only those with an open sign.
    pub with_signs: bool,
    /// Only those assigned to this person; must be there in [`Walk::Assigned`].
    pub assignee: Option<UserId>,
    /// Only those whose search text holds this search key; must be there in [`Walk::Newest`].
    pub search: Option<String>,
    /// Only those after this place.
    pub after: Option<Place>,
    /// How many rows at most.
    pub limit: u16,
}

/// The rows of one page, each with its place, for the returnees of these health centres.
///
/// # Errors
/// [`Error::Database`].
pub async fn page(
    sql: &mut Connection,
    dialect: Dialect,
    centres: &[KnownOffice],
    wanted: &Wanted,
) -> Result<Vec<(Place, WorkListRow)>, Error> {
    let numbers: Vec<i64> = centres.iter().map(|centre| centre.number).collect();
    let rows = statement::page(dialect, &numbers, wanted)
        .fetch_all(&mut *sql)
        .await?;
    let mut seen = observations(sql, &rows).await?;
    rows.iter()
        .map(|row| {
            let number = row.number("number")?;
            let centre = row.number("health_centre")?;
            let office = centres
                .iter()
                .find(|known| known.number == centre)
                .ok_or_else(|| Error::Corrupt("column health_centre".into()))?;
            let seen = seen.remove(&number).unwrap_or_default();
            let place = Place {
                reached_day: row.try_get("reached_day")?,
                last_day: row.try_get("last_day")?,
                number,
            };
            Ok((place, line(row, office, &seen, wanted.today)?))
        })
        .collect()
}

/// What a strip needs of one observation.
struct Seen {
    day: Day,
    version: Version,
    reach: Reach,
    temperature: Option<Temperature>,
    sign: bool,
}

/// The observations of all these returnees at once, by number.
async fn observations(
    sql: &mut Connection,
    rows: &[Row],
) -> Result<HashMap<i64, Vec<Seen>>, Error> {
    let mut seen: HashMap<i64, Vec<Seen>> = HashMap::new();
    if rows.is_empty() {
        return Ok(seen);
    }
    let numbers: Vec<String> = rows
        .iter()
        .map(|row| Ok(row.number("number")?.to_string()))
        .collect::<Result<_, Error>>()?;
    let query = format!(
        "SELECT returnee, day, version, reach, temperature, sign FROM observation
         WHERE returnee IN ({}) ORDER BY returnee, day",
        numbers.join(", ")
    );
    let rows = sql::query(AssertSqlSafe(query))
        .persistent(false)
        .fetch_all(sql)
        .await?;
    for row in &rows {
        seen.entry(row.number("returnee")?).or_default().push(Seen {
            day: row.parsed("day")?,
            version: version(row, "version")?,
            reach: reach(row)?,
            temperature: temperature(row)?,
            sign: row.number("sign")? == 1,
        });
    }
    Ok(seen)
}

fn line(row: &Row, office: &KnownOffice, seen: &[Seen], today: Day) -> Result<WorkListRow, Error> {
    let first_day: Day = row.parsed("first_day")?;
    let last_day: Day = row.parsed("last_day")?;
    let assignee = match row.maybe_id("assignee")? {
        Some(_) => Some(person(row, "assignee", "assignee_name")?),
        None => None,
    };
    let taken = seen.iter().rev().find(|seen| seen.temperature.is_some());
    Ok(WorkListRow {
        id: ReturneeId(row.id("id")?),
        version: version(row, "version")?,
        name: row.parsed("name")?,
        kana: row.maybe_parsed("kana")?,
        phone: row.maybe_parsed("phone")?,
        entry_date: row.parsed("entry_date")?,
        first_day,
        last_day,
        strip: strip(first_day, last_day, seen, today),
        today_version: seen
            .iter()
            .find(|seen| seen.day == today)
            .map_or(Version(0), |seen| seen.version),
        temperature: taken.and_then(|seen| seen.temperature),
        temperature_day: taken.map(|seen| seen.day),
        open_sign: row.number("open_signs")? > 0,
        handed_over: assignee.is_none() && row.maybe_number("handed_from")?.is_some(),
        assignee,
        health_centre: office.office.clone(),
    })
}

fn strip(first_day: Day, last_day: Day, seen: &[Seen], today: Day) -> Vec<StripDay> {
    let days = last_day.days_since(first_day) + 1;
    let mut seen = seen.iter().peekable();
    (0..days)
        .map(|number| {
            let day = first_day.plus(number);
            while seen.next_if(|seen| seen.day < day).is_some() {}
            match seen.peek().filter(|seen| seen.day == day) {
                Some(seen) if seen.sign => StripDay::Sign,
                Some(seen) if seen.reach.reached() => StripDay::Well,
                Some(_) => StripDay::NotReached,
                None if day > today => StripDay::Ahead,
                None => StripDay::Missing,
            }
        })
        .collect()
}

/// The sums of the day over these health centres; `mine` counts those assigned to `person`.
///
/// # Errors
/// [`Error::Database`].
pub async fn counts(
    sql: &mut Connection,
    dialect: Dialect,
    centres: &[KnownOffice],
    person: UserId,
    today: Day,
) -> Result<Counts, Error> {
    let settled = settled(dialect, "number");
    let centres: Vec<String> = centres
        .iter()
        .map(|centre| centre.number.to_string())
        .collect();
    let centres = centres.join(", ");
    let query = format!(
        "SELECT
         (SELECT count(*) FROM returnee WHERE health_centre IN ({centres}) AND last_day >= $1
             AND {settled}) AS open,
         (SELECT count(*) FROM returnee WHERE health_centre IN ({centres}) AND active = 1
             AND reached_day < $1 AND first_day <= $1 AND last_day >= $1
             AND {settled}) AS not_reached,
         (SELECT count(*) FROM returnee WHERE health_centre IN ({centres}) AND open_signs > 0)
             AS with_signs,
         (SELECT count(*) FROM returnee WHERE assignee = $2 AND last_day >= $1
             AND health_centre IN ({centres})) AS mine,
         (SELECT count(*) FROM returnee WHERE health_centre IN ({centres}) AND last_day = $1
             AND {settled}) AS ending"
    );
    let row = sql::query(AssertSqlSafe(query))
        .bind(today.to_string())
        .bind(person.0.as_bytes().to_vec())
        .fetch_one(sql)
        .await?;
    let count = |column| -> Result<u64, Error> {
        u64::try_from(row.number(column)?).map_err(|_| Error::Corrupt(format!("count {column}")))
    };
    Ok(Counts {
        open: count("open")?,
        not_reached_today: count("not_reached")?,
        with_signs: count("with_signs")?,
        mine: count("mine")?,
        ending_today: count("ending")?,
    })
}

/// Takes follow-ups that ended before `today` out of the index of those not reached. They are
/// left out of every list at once by their last day; this only keeps that index short.
///
/// # Errors
/// [`Error::Database`].
pub async fn put_ended_aside(tx: &mut crate::store::Tx, today: Day) -> Result<u64, Error> {
    let done = sql::query("UPDATE returnee SET active = 0 WHERE active = 1 AND last_day < $1")
        .bind(today.to_string())
        .execute(tx.sql())
        .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_shows_each_day_as_it_went() {
        let day = |text| Day::parse(text).unwrap();
        let seen = |text, reach, sign| Seen {
            day: day(text),
            version: Version(1),
            reach,
            temperature: None,
            sign,
        };
        let strip = strip(
            day("2022-09-26"),
            day("2022-09-30"),
            &[
                // Seen before the entry date was corrected: not part of the strip any more.
                seen("2022-09-25", Reach::Phone, false),
                seen("2022-09-26", Reach::Phone, false),
                seen("2022-09-27", Reach::NotReached, false),
                seen("2022-09-29", Reach::Phone, true),
            ],
            day("2022-09-29"),
        );
        use StripDay::{Ahead, Missing, NotReached, Sign, Well};
        assert_eq!(strip, [Well, NotReached, Missing, Sign, Ahead]);
    }
}
