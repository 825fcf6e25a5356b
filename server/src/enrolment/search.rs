//! The helpdesk's one field: whatever a caller can read out finds the office.

use shared::Problem;
use shared::ProblemCode;
use shared::enrolment::EnrolmentLink;
use shared::enrolment::desk::{
    CertificateSeen, DeskFindings, DeskHit, DeskQuery, FoundBy, LONGEST_SEARCH,
};
use shared::text::{Refused, fold_width, search_key};

use super::desk::{certificate_seen, row};
use crate::app::{App, Caller};
use crate::offices::contacts::page_size;
use crate::store::enrolment as rows;
use crate::store::offices::search::{by_error, by_link, by_serial, by_text};

/// The shortest beginning of a serial number or link id that is looked for, in digits: shorter
/// ones are more likely part of a code or a phone number.
const SHORTEST: usize = 6;

/// The longest: a serial number of twenty bytes.
const LONGEST: usize = 40;

/// Finds offices by whatever was typed: text that is part of a name, reading, code, mail address
/// or phone number; the beginning of a serial number or of a link's id; a pasted link; an error
/// code, for the offices that met it of late. Nothing finds those whose terminals wait for another
/// certificate.
///
/// # Errors
/// `invalid-field` for a page that cannot be.
pub async fn search_desk(
    server: &App,
    _: &Caller,
    request: DeskQuery,
) -> Result<DeskFindings, Problem> {
    let limit = usize::from(page_size(request.limit, 20, 100)?);
    let cursor = || Problem::refused("after", Refused::new("cursor"));
    let after = request.after.as_deref().map(str::parse::<i64>);
    let after = after.transpose().map_err(|_| cursor())?.unwrap_or(0);
    let text: String = request.text.chars().take(LONGEST_SEARCH).collect();
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let mut found: Vec<(i64, FoundBy)> = Vec::new();
    let mut certificates = Vec::new();

    if text.trim().is_empty() {
        let offices = rows::waiting_to_be_answered(&mut reader, now, limit).await?;
        found.extend(offices.into_iter().map(|office| (office, FoundBy::Asked)));
    }
    let error = error_code(&text);
    // What names one thing exactly stands on the first page only.
    if after == 0 {
        if let Ok(link) = EnrolmentLink::parse(&text) {
            let id = link.id.0.simple().to_string();
            let offices = by_link(&mut reader, &id, limit).await?;
            found.extend(offices.into_iter().map(|office| (office, FoundBy::Link)));
        }
        if let Some(digits) = hexadecimal(&text) {
            certificates = by_serial(&mut reader, &digits, limit).await?;
            let offices = certificates.iter().map(|it| (it.office, FoundBy::Serial));
            found.extend(offices);
            let offices = by_link(&mut reader, &digits, limit).await?;
            found.extend(offices.into_iter().map(|office| (office, FoundBy::Link)));
        }
        if let Some(code) = error {
            let offices = by_error(&mut reader, code, limit).await?;
            found.extend(offices.into_iter().map(|office| (office, FoundBy::Error)));
        }
    }
    let dialect = server.store.dialect();
    let key = search_key(&text);
    let mut texts = match key.as_str() {
        "" => Vec::new(),
        key => by_text(&mut reader, dialect, key, after, limit + 1).await?,
    };
    let more = texts.len() > limit;
    texts.truncate(limit);
    let next = texts.last().filter(|_| more).map(i64::to_string);
    found.extend(texts.into_iter().map(|office| (office, FoundBy::Office)));

    let mut seen = std::collections::HashSet::new();
    found.retain(|(office, _)| seen.insert(*office));
    let numbers: Vec<i64> = found.iter().map(|(office, _)| *office).collect();
    let facts = rows::facts_of(&mut reader, now, &numbers).await?;
    let hit = |(number, found_by): (i64, FoundBy)| {
        let facts = facts.iter().find(|facts| facts.number == number)?;
        let certificate = certificates.iter().find(|it| it.office == number);
        Some(DeskHit {
            row: row(facts, now),
            found_by,
            certificate: certificate.map(|it| CertificateSeen {
                replaced_by: it.replaced_by.clone(),
                ..certificate_seen(&it.known, now)
            }),
        })
    };
    Ok(DeskFindings {
        error,
        offices: found.into_iter().filter_map(hit).collect(),
        next,
    })
}

/// The error whose code was typed, in any width and case.
fn error_code(text: &str) -> Option<ProblemCode> {
    let typed = fold_width(text).to_lowercase();
    let mut all = ProblemCode::ALL.iter().copied();
    all.find(|code| code.as_str() == typed)
}

/// The digits of what may begin a serial number or an id: colons and hyphens are left out.
fn hexadecimal(text: &str) -> Option<String> {
    let digits: String = fold_width(text)
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let is_long = (SHORTEST..=LONGEST).contains(&digits.len());
    (is_long && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_digits_and_codes_however_they_are_typed() {
        let digits = |text| hexadecimal(text);
        assert_eq!(digits("5F:3A:09:C1").as_deref(), Some("5f3a09c1"));
        assert_eq!(digits("５ｆ３ａ０９").as_deref(), Some("5f3a09"));
        assert_eq!(digits("5f3a0"), None);
        assert_eq!(digits("見本市"), None);
        assert_eq!(error_code(" LINK-locked "), Some(ProblemCode::LinkLocked));
        assert_eq!(error_code("link"), None);
    }
}
