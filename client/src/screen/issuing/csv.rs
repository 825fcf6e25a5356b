//! Lists as files for a spreadsheet: UTF-8 with its mark, CRLF, every page fetched.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use shared::enrolment::desk::{EnrolmentRow, EnrolmentsQuery, ListEnrolments};
use shared::enrolment::job::{JobResult, JobResultsQuery, ListJobResults};
use shared::enrolment::standing::Standing;

use super::super::{Context, csv};
use super::words;
use crate::api::Failure;
use crate::language::{self, Language};
use crate::say;

/// How many rows are asked for at once.
const PAGE: u16 = 500;

/// A list as a file, or why not all of its rows came.
type Gathered = Result<Arc<Vec<u8>>, Failure>;

/// The offices of this question.
pub(super) fn offices(query: EnrolmentsQuery, context: &Context) -> BoxFuture<'static, Gathered> {
    let language = language::spoken();
    let api = context.api.clone();
    Box::pin(async move {
        let names = [
            "office", "code", "standing", "days", "mail", "issued", "expires",
        ];
        let mut list = begin(language, &names);
        let mut query = EnrolmentsQuery {
            limit: Some(PAGE),
            ..query
        };
        loop {
            let page = api.call::<ListEnrolments>(query.clone()).await?;
            add(language, &mut list, page.rows.iter().map(office));
            query.after = page.next;
            if query.after.is_none() {
                return Ok(Arc::new(list.into_bytes()));
            }
        }
    })
}

/// What came of a job.
pub(super) fn results(query: JobResultsQuery, context: &Context) -> BoxFuture<'static, Gathered> {
    let language = language::spoken();
    let api = context.api.clone();
    Box::pin(async move {
        let mut list = begin(language, &["office", "code", "outcome", "at"]);
        let mut query = JobResultsQuery {
            limit: Some(PAGE),
            ..query
        };
        loop {
            let page = api.call::<ListJobResults>(query.clone()).await?;
            add(language, &mut list, page.rows.iter().map(result));
            query.after = page.next;
            if query.after.is_none() {
                return Ok(Arc::new(list.into_bytes()));
            }
        }
    })
}

fn begin(language: Language, names: &[&str]) -> String {
    format!("{}{}", csv::MARK, csv::line(&headings(language, names)))
}

/// The task may run on a thread that spoke another language before; rows are put into words as
/// they are taken, behind that.
fn add(language: Language, list: &mut String, rows: impl Iterator<Item = Vec<String>>) {
    language::speak(language);
    for row in rows {
        list.push_str(&csv::line(&row));
    }
}

fn headings(language: Language, names: &[&str]) -> Vec<String> {
    language::speak(language);
    let names = names.iter();
    names
        .map(|name| words::said(&format!("issuing.column.{name}")))
        .collect()
}

fn office(row: &EnrolmentRow) -> Vec<String> {
    let day = |at: Option<jiff::Timestamp>| at.map(words::day).unwrap_or_default();
    let left = match row.standing {
        Standing::Invited { days_left } | Standing::Replaced { days_left } => days_left.to_string(),
        _ => String::new(),
    };
    vec![
        row.office.name.to_string(),
        row.office.code.to_string(),
        words::enrolment_state(row.standing.state()),
        left,
        match row.has_mail {
            true => say!("issuing.has_mail"),
            false => say!("issuing.has_none"),
        },
        day(row.link_issued_at),
        day(row.certificate_expires_at),
    ]
}

fn result(row: &JobResult) -> Vec<String> {
    vec![
        row.office.name.to_string(),
        row.office.code.to_string(),
        words::outcome(row.outcome),
        row.at.map(words::moment).unwrap_or_default(),
    ]
}
