//! Lists as files for a spreadsheet: UTF-8 with its mark, CRLF, every page fetched.

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use shared::enrolment::desk::{EnrolmentRow, EnrolmentsQuery, ListEnrolments};
use shared::enrolment::job::{JobResult, JobResultsQuery, ListJobResults};
use shared::enrolment::standing::Standing;

use super::super::saving::Half;
use super::super::{Context, csv};
use super::{Saved, words};
use crate::language::{self, Language};
use crate::say;

/// How many rows are asked for at once.
const PAGE: u16 = 500;

/// Saves the offices of this question where somebody says.
pub(super) fn offices(query: EnrolmentsQuery, context: &Context) -> BoxFuture<'static, Saved> {
    let language = language::spoken();
    let (api, files) = (context.api.clone(), context.world.files.clone());
    let name = say!("issuing.file.offices");
    Box::pin(async move {
        let Some(path) = files.save(say_in(language, "issuing.export"), name).await else {
            return Saved::Nowhere;
        };
        let mut rows = vec![headings(
            language,
            &[
                "office", "code", "standing", "days", "mail", "issued", "expires",
            ],
        )];
        let mut query = EnrolmentsQuery {
            limit: Some(PAGE),
            ..query
        };
        loop {
            language::speak(language);
            match api.call::<ListEnrolments>(query.clone()).await {
                Err(failure) => return Saved::Failed(failure.title()),
                Ok(page) => {
                    language::speak(language);
                    rows.extend(page.rows.iter().map(office));
                    query.after = page.next;
                }
            }
            if query.after.is_none() {
                return write(path, &rows);
            }
        }
    })
}

/// Saves what came of a job where somebody says.
pub(super) fn results(query: JobResultsQuery, context: &Context) -> BoxFuture<'static, Saved> {
    let language = language::spoken();
    let (api, files) = (context.api.clone(), context.world.files.clone());
    let name = say!("issuing.file.results");
    Box::pin(async move {
        let Some(path) = files.save(say_in(language, "issuing.export"), name).await else {
            return Saved::Nowhere;
        };
        let mut rows = vec![headings(language, &["office", "code", "outcome", "at"])];
        let mut query = JobResultsQuery {
            limit: Some(PAGE),
            ..query
        };
        loop {
            language::speak(language);
            match api.call::<ListJobResults>(query.clone()).await {
                Err(failure) => return Saved::Failed(failure.title()),
                Ok(page) => {
                    language::speak(language);
                    rows.extend(page.rows.iter().map(result));
                    query.after = page.next;
                }
            }
            if query.after.is_none() {
                return write(path, &rows);
            }
        }
    })
}

/// The task may run on a thread that spoke another language before.
fn say_in(language: Language, key: &str) -> String {
    language::speak(language);
    words::said(key)
}

fn headings(language: Language, names: &[&str]) -> Vec<String> {
    let names = names.iter();
    names
        .map(|name| say_in(language, &format!("issuing.column.{name}")))
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

/// The dialog has asked before it gave a file that is there.
fn write(path: PathBuf, rows: &[Vec<String>]) -> Saved {
    let written = Half::begin(&path, true).and_then(|mut half| {
        half.add(csv::MARK.as_bytes())?;
        for row in rows {
            half.add(csv::line(row).as_bytes())?;
        }
        half.finish()
    });
    match written {
        Ok(()) => Saved::At(path),
        Err(trouble) => Saved::Failed(trouble.words()),
    }
}
