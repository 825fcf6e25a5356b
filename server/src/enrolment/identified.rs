//! What is said of how a caller was identified must be possible.

use jiff::Timestamp;
use shared::Problem;
use shared::enrolment::deeds::Identification;
use shared::offices::OfficeCode;
use shared::text::Refused;

use crate::store;
use crate::store::enrolment::{self as rows, OfficeFacts};

/// Refuses the answer that no person gives: what a terminal itself asks for is answered one by one,
/// by a reissue.
///
/// # Errors
/// `invalid-field`.
pub(crate) fn check_said(identified: Identification) -> Result<(), Problem> {
    match identified {
        Identification::OwnKey => Err(Problem::refused("identified", Refused::new("own_key"))),
        _ => Ok(()),
    }
}

/// Refuses that an office was called back of which no telephone number is on record.
///
/// # Errors
/// `invalid-field`.
pub(super) fn check_identified(
    identified: Identification,
    facts: &OfficeFacts,
) -> Result<(), Problem> {
    match identified {
        Identification::CalledBack if !facts.has_phone => {
            Err(Problem::refused("identified", Refused::new("no_number")))
        }
        _ => Ok(()),
    }
}

/// The same of the office with this code, for what is done to something else of it than its
/// terminal.
///
/// # Errors
/// `invalid-field`; `store-unavailable`.
pub(crate) async fn check_caller_of(
    sql: &mut store::Connection,
    now: Timestamp,
    office: &OfficeCode,
    identified: Identification,
) -> Result<(), store::Error> {
    if identified == Identification::CalledBack
        && let Some(facts) = rows::facts_of_code(sql, now, office).await?
    {
        check_identified(identified, &facts)?;
    }
    Ok(())
}
