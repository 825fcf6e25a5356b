//! How people are entered: one by hand, or a list of a hundred thousand, with the keys by which they
//! will be known again and a note for the search index.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use shared::follow_up::period::Period;
use shared::follow_up::returnee::ReturneeDetails;
use shared::id::{ReturneeId, UserId};

use super::known::{Keys, KnownBy};
use super::returnee::{DETAILS, LIKENESS, PASSPORT_NUMBER, TEXTS, consent, known_origins, texts};
use crate::store::columns::{Columns as _, rows_of};
use crate::store::sql::{self, AssertSqlSafe, Value};
use crate::store::{Dialect, Error, Tx};

/// A returnee to enter.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// Who.
    pub id: ReturneeId,
    /// The number of the responsible health centre.
    pub health_centre: i64,
    /// All that is known.
    pub details: ReturneeDetails,
    /// See [`super::origin`]; absent for someone entered although another has the same.
    pub origin: Option<String>,
}

/// A returnee to enter, as the columns that they fill.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// Their number in the store; PostgreSQL gives it itself.
    pub(super) number: Option<i64>,
    pub(super) id: Cow<'a, [u8]>,
    pub(super) health_centre: i64,
    pub(super) origin: Option<Cow<'a, str>>,
    pub(super) first_day: Cow<'a, str>,
    pub(super) last_day: Cow<'a, str>,
    /// The texts of [`DETAILS`], in their order.
    pub(super) texts: [Option<Cow<'a, str>>; TEXTS],
    /// The number at the end of them.
    pub(super) consent: Option<i64>,
}

/// How many columns an entry fills, its number among them.
const COLUMNS: usize = 6 + TEXTS + 1;

impl Entry<'_> {
    /// What it fills its columns with, but for its number.
    fn values(&self) -> impl Iterator<Item = Value<'_>> {
        let first: [Value; 5] = [
            self.id[..].into(),
            self.health_centre.into(),
            self.origin.as_deref().into(),
            self.first_day[..].into(),
            self.last_day[..].into(),
        ];
        let texts = self.texts.iter().map(|text| text.as_deref().into());
        first.into_iter().chain(texts).chain([self.consent.into()])
    }

    /// By what they are known again.
    fn known_by(&self) -> [(KnownBy, Option<&str>); 3] {
        let text = |place: usize| self.texts[place].as_deref();
        [
            (KnownBy::Origin, self.origin.as_deref()),
            (KnownBy::Passport, text(PASSPORT_NUMBER)),
            (KnownBy::Likeness, text(LIKENESS)),
        ]
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        id: &'a ReturneeId,
        health_centre: i64,
        origin: Option<Cow<'a, str>>,
        details: &'a ReturneeDetails,
    ) -> Self {
        let period = Period::after_entry(details.entry_date);
        Self {
            number: None,
            id: id.0.as_bytes().as_slice().into(),
            health_centre,
            origin,
            first_day: period.first_day.to_string().into(),
            last_day: period.last_day.to_string().into(),
            texts: texts(details),
            consent: consent(details),
        }
    }
}

/// Enters returnees, all by the same person, and notes them for the search index. Rows whose
/// origin is there already, entered by another server at this moment perhaps, are left out. Gives
/// how many were entered.
///
/// # Errors
/// A unique violation when an id is there already.
pub async fn insert(tx: &mut Tx, rows: &[NewRow], by: UserId) -> Result<u64, Error> {
    let mut entries: Vec<Entry> = rows
        .iter()
        .map(|row| {
            let origin = row.origin.as_deref().map(Cow::Borrowed);
            Entry::new(&row.id, row.health_centre, origin, &row.details)
        })
        .collect();
    if tx.dialect() == Dialect::Postgres {
        return enter(tx, entries, by).await;
    }
    leave_out_the_known(tx, &mut entries).await?;
    let mut keys = Keys::default();
    for (number, entry) in (newest_given(tx).await? + 1..).zip(&mut entries) {
        entry.number = Some(number);
        keys.add(number, entry.known_by());
    }
    keys.sort();
    let entered = enter(tx, entries, by).await?;
    keys.write(tx, 0..keys.len()).await?;
    Ok(entered)
}

/// Nobody else writes to SQLite meanwhile, so whoever is not there now will not be.
async fn leave_out_the_known(tx: &mut Tx, entries: &mut Vec<Entry<'_>>) -> Result<(), Error> {
    let origins: Vec<&str> = entries
        .iter()
        .filter_map(|it| it.origin.as_deref())
        .collect();
    let mut known: HashSet<String> = known_origins(tx.sql(), Dialect::Sqlite, &origins)
        .await?
        .into_keys()
        .collect();
    entries.retain(|entry| match &entry.origin {
        Some(origin) => known.insert(origin.to_string()),
        None => true,
    });
    Ok(())
}

/// The highest number that SQLite gave or that was set aside.
pub(super) async fn newest_given(tx: &mut Tx) -> Result<i64, Error> {
    sql::query(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'returnee'), 0) AS seq",
    )
    .fetch_one(tx.sql())
    .await?
    .number("seq")
}

/// Enters them as they are, in SQLite with their numbers and without their keys. PostgreSQL leaves
/// those out whose origin is there already. Gives how many were entered.
pub(super) async fn enter(tx: &mut Tx, rows: Vec<Entry<'_>>, by: UserId) -> Result<u64, Error> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(0);
    };
    let now = tx.now().as_millisecond();
    let numbers = match (first.number, last.number) {
        (Some(first), Some(last)) => first..=last,
        // Numbers only grow, so whoever is above came with this write, or is on the way into
        // another and due there too.
        _ => newest(tx).await? + 1..=i64::MAX,
    };
    let dialect = tx.dialect();
    let common = [Value::from(by.0.as_bytes()), Value::from(now)];
    let entered = match dialect {
        // Before a statement of several rows SQLite copies every page that it changes.
        Dialect::Sqlite => {
            let rows = rows.iter().map(|row| {
                let mut values = Vec::with_capacity(2 + COLUMNS);
                values.extend(common.clone());
                values.push(row.number.into());
                values.extend(row.values());
                values
            });
            let text = AssertSqlSafe(insertion(dialect, 1));
            sql::execute_each(text, rows, tx.sql())
                .await?
                .rows_affected()
        }
        Dialect::Postgres => {
            let mut entered = 0;
            for rows in rows.chunks(ROWS_A_JOURNEY) {
                let query = sql::query(AssertSqlSafe(insertion(dialect, rows.len())));
                let values = rows.iter().flat_map(Entry::values);
                let query = common
                    .iter()
                    .cloned()
                    .chain(values)
                    .fold(query, sql::Query::bind);
                entered += query.execute(tx.sql()).await?.rows_affected();
            }
            entered
        }
    };
    search_is_due_for(tx, numbers).await?;
    Ok(entered)
}

/// Rows of one `INSERT` on PostgreSQL, to which each statement is a journey of its own.
const ROWS_A_JOURNEY: usize = 200;

/// Notes that search entries are missing for all with these numbers.
async fn search_is_due_for(tx: &mut Tx, numbers: RangeInclusive<i64>) -> Result<(), Error> {
    sql::query(
        "INSERT INTO search_due (number, health_centre)
         SELECT number, health_centre FROM returnee WHERE number >= $1 AND number <= $2
         ON CONFLICT (number) DO NOTHING",
    )
    .bind(*numbers.start())
    .bind(*numbers.end())
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// The highest number given so far.
async fn newest(tx: &mut Tx) -> Result<i64, Error> {
    sql::query("SELECT coalesce(max(number), 0) AS newest FROM returnee")
        .fetch_one(tx.sql())
        .await?
        .number("newest")
}

fn insertion(dialect: Dialect, rows: usize) -> String {
    let (number, own, but) = match dialect {
        Dialect::Sqlite => ("number, ", COLUMNS, ""),
        Dialect::Postgres => ("", COLUMNS - 1, " ON CONFLICT (origin) DO NOTHING"),
    };
    format!(
        "INSERT INTO returnee (changed_by, changed_at, {number}id, health_centre, origin, \
         first_day, last_day, {DETAILS}) VALUES {}{but}",
        rows_of(rows, 2, own)
    )
}
