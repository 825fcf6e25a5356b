//! Looking for entries of the log, the latest first.
//!
//! The log is long, and an index for each way of looking would cost every write of everybody. So a
//! look goes backwards through a limited piece of it at a time, by number, and says how far it
//! came. Days are found by halving: numbers and instants grow together, but for the difference of
//! the servers' clocks, for which there is room left.

use jiff::Timestamp;
use shared::accounts::{Login, UserName};
use shared::audit::{AuditEntry, AuditKind};
use shared::id::{TerminalId, UserId};
use shared::offices::{OfficeCode, OfficeName};
use uuid::Uuid;

use super::super::Error;
use super::super::sql::{self, AssertSqlSafe, Connection, Row, Value};
use super::hex;

/// How many entries are looked through at once.
const PIECE: i64 = 20_000;
/// How many entries may stand out of the order of their instants, where several servers write.
const SLACK: i64 = 1_000;

/// Which deeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deeds {
    /// With one of these names.
    These(Vec<String>),
    /// With any other name.
    NotThese(Vec<String>),
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only entries before this number.
    pub below: Option<i64>,
    /// Only from this instant on.
    pub from: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only at or to this office and those under it, by its number.
    pub under: Option<i64>,
    /// Only at or to this office.
    pub office: Option<OfficeCode>,
    /// Only by these people.
    pub people: Option<Vec<UserId>>,
    /// Only these deeds.
    pub deeds: Vec<Deeds>,
    /// Only done to all of these; to one that nobody knows nothing was ever done.
    pub subjects: Vec<Option<Uuid>>,
    /// How many entries at most.
    pub limit: u16,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The entries, the latest first.
    pub entries: Vec<AuditEntry>,
    /// Look below this number for more; `None` if there is nothing left to look through.
    pub next: Option<i64>,
    /// Back to when it was looked.
    pub searched_to: Option<Timestamp>,
}

/// Looks through one piece of the log.
///
/// # Errors
/// [`Error::Database`].
pub async fn look(sql: &mut Connection, wanted: &Wanted) -> Result<Found, Error> {
    let mut top = super::head(sql).await?.number + 1;
    if let Some(until) = wanted.until {
        top = top.min(first_since(sql, until, top).await? + SLACK);
    }
    if let Some(below) = wanted.below {
        top = top.min(below);
    }
    let bottom = match wanted.from {
        Some(from) => (first_since(sql, from, top).await? - SLACK).max(1),
        None => 1,
    };
    // What was done to one record, or account, is found by an index, however far back.
    let end = match wanted.subjects.is_empty() {
        true => bottom.max(top - PIECE),
        false => bottom,
    };
    let (text, values) = statement(wanted, end, top);
    let query = values.into_iter().fold(
        sql::query(AssertSqlSafe(text)).persistent(false),
        |query, value| query.bind(value),
    );
    let rows = query.fetch_all(&mut *sql).await?;
    let mut entries: Vec<AuditEntry> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let is_full = entries.len() > usize::from(wanted.limit);
    entries.truncate(usize::from(wanted.limit));
    let last = entries.last().filter(|_| is_full);
    let next = match last {
        Some(last) => i64::try_from(last.number).ok(),
        None => Some(end).filter(|end| *end > bottom),
    };
    let searched_to = match last {
        Some(last) => Some(last.at),
        None => instant_of(sql, end).await?,
    };
    Ok(Found {
        entries,
        next,
        searched_to,
    })
}

fn statement(wanted: &Wanted, end: i64, top: i64) -> (String, Vec<Value<'static>>) {
    let milliseconds = |instant: Option<Timestamp>, otherwise: i64| {
        Value::from(instant.map_or(otherwise, Timestamp::as_millisecond))
    };
    let mut values: Vec<Value<'static>> = vec![
        end.into(),
        top.into(),
        milliseconds(wanted.from, i64::MIN),
        milliseconds(wanted.until, i64::MAX),
    ];
    let mut narrower = String::new();
    let mut place = |value: Value<'static>| {
        values.push(value);
        format!("${}", values.len())
    };
    if let Some(number) = wanted.under {
        let root = place(number.into());
        // UNION, not UNION ALL: a circle of parents must not loop. Neither list depends on the
        // entry, so each is made once for all of them.
        let under = format!(
            "(WITH RECURSIVE under (number) AS (
                SELECT number FROM office WHERE number = {root}
                UNION
                SELECT office.number FROM office JOIN under ON office.parent = under.number)
              SELECT office.code FROM office JOIN under ON under.number = office.number)"
        );
        narrower.push_str(&format!(
            " AND (a.office IN {under} OR a.concerns IN {under})"
        ));
    }
    if let Some(office) = &wanted.office {
        let office = place(office.as_str().to_owned().into());
        narrower.push_str(&format!(
            " AND (a.office = {office} OR a.concerns = {office})"
        ));
    }
    if let Some(people) = &wanted.people {
        let places: Vec<String> = people
            .iter()
            .map(|person| place(person.0.as_bytes().to_vec().into()))
            .collect();
        narrower.push_str(&match places.is_empty() {
            true => " AND 1 = 0".to_owned(),
            false => format!(" AND a.person IN ({})", places.join(", ")),
        });
    }
    for deeds in &wanted.deeds {
        let (names, not) = match deeds {
            Deeds::These(names) => (names, ""),
            Deeds::NotThese(names) => (names, "NOT "),
        };
        let places: Vec<String> = names
            .iter()
            .map(|name| place(name.clone().into()))
            .collect();
        narrower.push_str(&match (places.is_empty(), not.is_empty()) {
            (true, true) => " AND 1 = 0".to_owned(),
            (true, false) => String::new(),
            (false, _) => format!(" AND a.action {not}IN ({})", places.join(", ")),
        });
    }
    for subject in &wanted.subjects {
        narrower.push_str(&match subject {
            Some(subject) => {
                let subject = place(subject.as_bytes().to_vec().into());
                format!(" AND a.subject = {subject}")
            }
            None => " AND 1 = 0".to_owned(),
        });
    }
    let text = format!(
        "SELECT a.number, a.happened_at, a.terminal, a.person, a.office, a.action, a.subject,
                a.detail, a.concerns, a.hash, p.name AS person_name, o.name AS office_name,
                c.name AS concerns_name, s.login AS account, s.name AS account_name
         FROM audit a
         LEFT JOIN account p ON p.id = a.person LEFT JOIN office o ON o.code = a.office
         LEFT JOIN office c ON c.code = a.concerns LEFT JOIN account s ON s.id = a.subject
         WHERE a.number >= $1 AND a.number < $2 AND a.happened_at >= $3 AND a.happened_at < $4
         {narrower}
         ORDER BY a.number DESC LIMIT {}",
        u32::from(wanted.limit) + 1
    );
    (text, values)
}

/// The number of the first entry not before `instant`, below `top` or `top` itself.
async fn first_since(sql: &mut Connection, instant: Timestamp, top: i64) -> Result<i64, Error> {
    let (mut low, mut high) = (1, top);
    while low < high {
        let middle = low + (high - low) / 2;
        match instant_of(sql, middle).await? {
            Some(at) if at < instant => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// When the entry with this number happened, or the next that there is.
async fn instant_of(sql: &mut Connection, number: i64) -> Result<Option<Timestamp>, Error> {
    let row =
        sql::query("SELECT happened_at FROM audit WHERE number >= $1 ORDER BY number LIMIT 1")
            .bind(number)
            .fetch_optional(sql)
            .await?;
    let at = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
    Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

/// Reads an entry. One that was tampered with must still be seen: what is no id, office or instant
/// any more is left out, and the check of the chain finds it.
fn read(row: &Row) -> Result<AuditEntry, Error> {
    let octets = |column: &str| row.try_get::<Option<&[u8]>, _>(column).ok().flatten();
    let id = |column: &str| octets(column).and_then(|octets| Uuid::from_slice(octets).ok());
    let text = |column: &str| row.try_get::<Option<&str>, _>(column).ok().flatten();
    let action = text("action").unwrap_or_default();
    let at: i64 = row.try_get("happened_at").unwrap_or_default();
    let number: i64 = row.try_get("number")?;
    Ok(AuditEntry {
        number: u64::try_from(number).unwrap_or_default(),
        at: Timestamp::from_millisecond(at).unwrap_or_default(),
        kind: AuditKind::of(action),
        action: action.to_owned(),
        person: id("person").map(UserId),
        person_name: text("person_name").and_then(|name| UserName::parse(name).ok()),
        office: text("office").and_then(|code| OfficeCode::parse(code).ok()),
        office_name: text("office_name").and_then(|name| OfficeName::parse(name).ok()),
        concerns: text("concerns").and_then(|code| OfficeCode::parse(code).ok()),
        concerns_name: text("concerns_name").and_then(|name| OfficeName::parse(name).ok()),
        terminal: id("terminal").map(TerminalId),
        subject: id("subject"),
        account: text("account").and_then(|login| Login::parse(login).ok()),
        account_name: text("account_name").and_then(|name| UserName::parse(name).ok()),
        detail: text("detail").unwrap_or_default().to_owned(),
        hash: octets("hash").map(hex).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Dialect;
    use crate::store::audit::{Act, Actor};
    use crate::store::story::database::{Database, id};
    use crate::store::story::on_both_databases;

    on_both_databases!(what_was_done_to_one_record_or_account_is_found_without_reading_the_rest);

    async fn what_was_done_to_one_record_or_account_is_found_without_reading_the_rest(
        database: Database,
    ) {
        let act = Act::new(Actor::default(), "filling");
        let filled = database.store.write(act, (), |tx, ()| {
            Box::pin(async move {
                for number in 0..5_000 {
                    tx.record(id(number), &serde_json::json!(number));
                }
                Ok(())
            })
        });
        filled.await.unwrap();
        let wanted = Wanted {
            subjects: vec![Some(id(7))],
            limit: 100,
            ..Wanted::default()
        };
        let (text, values) = statement(&wanted, 1, 5_001);
        let (explain, column) = match database.store.dialect() {
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN", 3),
            Dialect::Postgres => {
                database.tamper("ANALYZE audit").await;
                ("EXPLAIN", 0)
            }
        };
        let query = values.into_iter().fold(
            sql::query(AssertSqlSafe(format!("{explain} {text}"))).persistent(false),
            |query, value| query.bind(value),
        );
        let mut reader = database.store.reader().await.unwrap();
        let rows = query.fetch_all(&mut reader).await.unwrap();
        let steps = rows.iter().map(|row| row.try_get::<String, _>(column));
        let plan: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("audit_by_subject"), "{plan}");
    }
}
