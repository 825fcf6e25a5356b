//! The SQL of a page. Every text in it is this module's own; what a caller typed is bound.

use super::super::import::settled;
use super::super::search;
use super::{Walk, Wanted};
use crate::store::Dialect;
use crate::store::sql::{self, AssertSqlSafe, Query};

/// A value to bind.
enum Value {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

/// Collects values to bind and names their places.
#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    fn place(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    fn text(&mut self, text: impl ToString) -> String {
        self.place(Value::Text(text.to_string()))
    }
}

/// The statement that gives the rows of a page in the walk's order.
pub(super) fn page(dialect: Dialect, centres: &[i64], wanted: &Wanted) -> Query<'static> {
    let mut values = Values::default();
    let numbers = match wanted.walk {
        Walk::Newest => newest(dialect, centres, wanted, &mut values),
        walk => walked(dialect, walk, centres, wanted, &mut values),
    };
    let order = order(wanted.walk);
    let sql = format!(
        "SELECT r.number, r.id, r.version, r.name, r.kana, r.phone, r.entry_date, r.first_day,
                r.last_day, r.reached_day, r.open_signs, r.health_centre, r.assignee, r.handed_from,
                a.name AS assignee_name
         FROM ({numbers}) page
         JOIN returnee r ON r.number = page.number
         LEFT JOIN account a ON a.id = r.assignee
         ORDER BY {order}"
    );
    values
        .0
        .into_iter()
        .fold(sql::query(AssertSqlSafe(sql)), |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
            Value::Bytes(bytes) => query.bind(bytes),
        })
}

fn order(walk: Walk) -> &'static str {
    match walk {
        Walk::ByEnd | Walk::WithSign | Walk::Assigned => "r.last_day, r.number",
        Walk::ByEndBackwards => "r.last_day DESC, r.number DESC",
        Walk::Unreached => "r.reached_day, r.last_day, r.number",
        Walk::Newest => "r.number DESC",
    }
}

fn index(walk: Walk) -> &'static str {
    match walk {
        Walk::ByEnd | Walk::ByEndBackwards | Walk::Newest => "returnee_by_end",
        Walk::Unreached => "returnee_unreached",
        Walk::WithSign => "returnee_with_sign",
        Walk::Assigned => "returnee_by_assignee",
    }
}

/// The numbers of a page along an index: one walk for each health centre, merged.
fn walked(
    dialect: Dialect,
    walk: Walk,
    centres: &[i64],
    wanted: &Wanted,
    values: &mut Values,
) -> String {
    let mut conditions = conditions(dialect, wanted, values);
    conditions.push(settled(dialect, "r.number"));
    if let Some(after) = &wanted.after {
        let last_day = values.text(&after.last_day);
        let number = values.place(Value::Number(after.number));
        conditions.push(match walk {
            Walk::ByEndBackwards => format!("(r.last_day, r.number) < ({last_day}, {number})"),
            Walk::Unreached => {
                let reached_day = values.text(&after.reached_day);
                format!(
                    "(r.reached_day, r.last_day, r.number) > ({reached_day}, {last_day}, {number})"
                )
            }
            _ => format!("(r.last_day, r.number) > ({last_day}, {number})"),
        });
    }
    let (order, limit) = (order(walk), wanted.limit);
    let along = dialect.along(index(walk));
    let one_walk = |place: String| {
        let mut conditions = conditions.clone();
        conditions.insert(0, place);
        format!(
            "SELECT r.number, r.reached_day, r.last_day FROM returnee r{along}
             WHERE {} ORDER BY {order} LIMIT {limit}",
            conditions.join(" AND ")
        )
    };
    match centres {
        [centre] => one_walk(format!("r.health_centre = {centre}")),
        // One person's are few, and their index runs across health centres.
        _ if walk == Walk::Assigned => one_walk(within("r", centres)),
        _ => {
            let walks: Vec<String> = centres
                .iter()
                .map(|centre| {
                    let walk = one_walk(format!("r.health_centre = {centre}"));
                    format!("SELECT * FROM ({walk}) of_{centre}")
                })
                .collect();
            format!(
                "SELECT * FROM ({}) r ORDER BY {order} LIMIT {limit}",
                walks.join(" UNION ALL ")
            )
        }
    }
}

/// The numbers of a page of a search: from the index, and from the rows not yet in it.
fn newest(dialect: Dialect, centres: &[i64], wanted: &Wanted, values: &mut Values) -> String {
    let grams = search::wanted_grams(wanted.search.as_deref().unwrap_or_default());
    let (candidates, tokens) = search::candidates(dialect, &grams, centres);
    // Bound first: `candidates` calls it $1.
    values.text(tokens);
    let mut conditions = conditions(dialect, wanted, values);
    conditions.push(within("r", centres));
    conditions.push(settled(dialect, "c.number"));
    if let Some(after) = &wanted.after {
        let number = values.place(Value::Number(after.number));
        conditions.push(format!("c.number < {number}"));
    }
    let (conditions, limit) = (conditions.join(" AND "), wanted.limit);
    // Most of those proposed ended long ago: the index tells without their rows being read.
    let along = match wanted.not_reached_today {
        true => dialect.along("returnee_active"),
        false => String::new(),
    };
    // The left side comes first, in its own order: SQLite keeps to a CROSS JOIN as written.
    let from = |candidates: &str| {
        format!(
            "SELECT c.number FROM ({candidates}) c CROSS JOIN returnee r{along}
             WHERE r.number = c.number AND {conditions} ORDER BY c.number DESC LIMIT {limit}"
        )
    };
    format!(
        "SELECT number FROM ({}) entered UNION SELECT number FROM ({}) fresh
         ORDER BY number DESC LIMIT {limit}",
        from(candidates),
        from(&format!(
            "SELECT number FROM search_due WHERE {}",
            within("search_due", centres)
        ))
    )
}

fn within(table: &str, centres: &[i64]) -> String {
    let centres: Vec<String> = centres.iter().map(i64::to_string).collect();
    format!("{table}.health_centre IN ({})", centres.join(", "))
}

fn conditions(dialect: Dialect, wanted: &Wanted, values: &mut Values) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(day) = wanted.ends_from {
        conditions.push(format!("r.last_day >= {}", values.text(day)));
    }
    if let Some(day) = wanted.ends_until {
        conditions.push(format!("r.last_day <= {}", values.text(day)));
    }
    if wanted.not_reached_today {
        let today = values.text(wanted.today);
        conditions.push(format!(
            "r.active = 1 AND r.reached_day < {today} AND r.first_day <= {today}
             AND r.last_day >= {today}"
        ));
    }
    if wanted.with_signs {
        conditions.push("r.open_signs > 0".to_owned());
    }
    if let Some(person) = wanted.assignee {
        let person = values.place(Value::Bytes(person.0.as_bytes().to_vec()));
        conditions.push(format!("r.assignee = {person}"));
    }
    if let Some(search) = &wanted.search {
        let wanted = values.text(search);
        conditions.push(format!("{}(r.search, {wanted}) > 0", dialect.position()));
    }
    conditions
}
