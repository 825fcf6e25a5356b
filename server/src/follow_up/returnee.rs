//! Entering, showing and changing a returnee.

use serde_json::json;
use shared::follow_up::import::{AlikePerson, Likeness};
use shared::follow_up::period::Period;
use shared::follow_up::returnee::{
    ChangeAssignee, ChangePeriod, ChangeReturnee, ChangedAssignee, ChangedPeriod, ChangedReturnee,
    EnterReturnee, HealthCentres, HealthCentresQuery, NewReturnee, Returnee, ReturneeDetails,
    ReturneeQuery, ShowReturnee,
};
use shared::id::{ReturneeId, UserId};
use shared::offices::{Office, OfficeCode};
use shared::text::Refused;
use shared::{Problem, ProblemCode};

use super::change::{change, replaced};
use super::{Scope, answer, as_json, note_look, visible};
use crate::app::{App, Caller};
use crate::offices::follows_up;
use crate::store::follow_up::entering::{self, NewRow};
use crate::store::follow_up::import::resembled;
use crate::store::follow_up::returnee as rows;
use crate::store::follow_up::{likeness, origin};
use crate::store::offices::KnownOffice;
use crate::store::{self, Tx};

/// Shows one returnee with all observations and signs.
///
/// # Errors
/// `not-found` for a returnee of another office too.
pub async fn show_returnee(
    server: &App,
    caller: &Caller,
    request: ReturneeQuery,
) -> Result<Returnee, Problem> {
    let scope = Scope::of(server, caller).await?;
    let returnee = answer(server, &scope, request.id).await?;
    note_look::<ShowReturnee>(server, caller, Some(request.id), json!({})).await?;
    Ok(returnee)
}

/// Enters a returnee by hand.
///
/// # Errors
/// `invalid-field`; `alike` with whom, unless the request says that it is another person.
pub async fn enter_returnee(
    server: &App,
    caller: &Caller,
    request: NewReturnee,
) -> Result<Returnee, Problem> {
    request
        .details
        .check_dates(server.today())
        .map_err(of_details)?;
    change::<EnterReturnee>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let details = &asked.request.details;
            let row = NewRow {
                id: ReturneeId(asked.new),
                health_centre: responsible(&asked.scope, details)?.unwrap_or(asked.office),
                origin: Some(origin(details)),
                details: details.clone(),
            };
            if !asked.request.although_alike
                && let Some(other) = alike(tx, &asked.scope, details).await?
            {
                let problem = Problem::new(ProblemCode::Alike);
                return Err(problem.with_current(as_json(&other)).into());
            }
            insert_one(tx, &row, asked.by).await?;
            tx.record(row.id.0, &json!({}));
            Ok(row.id)
        })
    })
    .await
}

/// Enters one row. Where another person was entered with the very same details, this one goes
/// without an origin: the file that brings them again means the first.
async fn insert_one(tx: &mut Tx, row: &NewRow, by: UserId) -> Result<(), store::Error> {
    if entering::insert(tx, std::slice::from_ref(row), by).await? == 0 {
        let row = NewRow {
            origin: None,
            ..row.clone()
        };
        entering::insert(tx, &[row], by).await?;
    }
    Ok(())
}

async fn alike(
    tx: &mut Tx,
    scope: &Scope,
    details: &ReturneeDetails,
) -> Result<Option<AlikePerson>, store::Error> {
    let dialect = tx.dialect();
    let passport = details.passport_number.as_ref().map(|it| it.to_string());
    for (by, key) in [
        (Likeness::PassportNumber, passport),
        (Likeness::ReadingAndBirthDate, likeness(details)),
    ] {
        let keys: Vec<&str> = key.as_deref().into_iter().collect();
        let found = resembled(tx.sql(), dialect, by, &keys, &scope.numbers).await?;
        if let Some(other) = found.into_values().next() {
            return Ok(Some(AlikePerson {
                id: Some(other.id),
                row: None,
                name: other.name,
                birth_date: other.birth_date,
                entry_date: other.entry_date,
            }));
        }
    }
    Ok(None)
}

/// The number of the health centre that the details name, if they name one.
fn responsible(scope: &Scope, details: &ReturneeDetails) -> Result<Option<i64>, Problem> {
    let unknown = || of_details(("health_centre", Refused::new("health_centre")));
    let code = details.health_centre.as_ref();
    code.map(|code| named(scope, code).ok_or_else(unknown))
        .transpose()
}

/// The offices that the caller may make responsible for a returnee, by code.
///
/// # Errors
/// `not-permitted` for an office that follows nobody up.
pub async fn list_health_centres(
    server: &App,
    caller: &Caller,
    _: HealthCentresQuery,
) -> Result<HealthCentres, Problem> {
    let scope = Scope::of(server, caller).await?;
    let mut offices: Vec<Office> = scope
        .offices
        .into_iter()
        .filter(may_be_responsible)
        .map(|known| known.office)
        .collect();
    offices.sort_by(|one, other| one.code.as_str().cmp(other.code.as_str()));
    Ok(HealthCentres { offices })
}

/// Whether returnees may be handed to this office: nobody may be where no one would see them.
pub(super) fn may_be_responsible(known: &KnownOffice) -> bool {
    known.open && follows_up(known.office.kind)
}

/// The number of the office with this code, if it is in the caller's scope and may be responsible.
pub(super) fn named(scope: &Scope, code: &OfficeCode) -> Option<i64> {
    scope
        .offices
        .iter()
        .find(|known| known.office.code == *code && may_be_responsible(known))
        .map(|known| known.number)
}

fn of_details((field, refused): (&'static str, Refused)) -> Problem {
    Problem::refused(format!("details.{field}"), refused)
}

/// Corrects a returnee's details.
///
/// # Errors
/// `invalid-field`; `version-clash` with the present record; `not-found`.
pub async fn change_returnee(
    server: &App,
    caller: &Caller,
    request: ChangedReturnee,
) -> Result<Returnee, Problem> {
    // A correction may be made long after the entry, so only the order of the days is checked.
    request
        .details
        .check_order(server.today())
        .map_err(of_details)?;
    change::<ChangeReturnee>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let (id, details) = (asked.request.id, &asked.request.details);
            let named = responsible(&asked.scope, details)?;
            let seen = asked.request.version;
            let brief = asked.to_change_as_seen(tx, id, seen).await?;
            let mut period = Period::after_entry(details.entry_date);
            if brief.period_by_hand {
                // The end was someone's decision; only day 1 follows the entry.
                if !period.may_end_on(brief.last_day) {
                    let refused = Refused::new("entry_against_end");
                    return Err(of_details(("entry_date", refused)).into());
                }
                period.last_day = brief.last_day;
            }
            let before = visible(tx.sql(), &asked.scope, id).await?.details;
            let mut after = details.clone();
            if named.is_none() {
                after.health_centre.clone_from(&before.health_centre);
            }
            let health_centre = named.unwrap_or(brief.health_centre);
            let days = (period.first_day, period.last_day);
            rows::update_details(tx, &brief, health_centre, details, days, asked.by).await?;
            tx.record(id.0, &json!({ "replaced": replaced(&before, &after) }));
            Ok(id)
        })
    })
    .await
}

/// Ends or extends a follow-up, with a reason (M-10).
///
/// # Errors
/// `invalid-field` for an impossible end; `version-clash` with the present record; `not-found`.
pub async fn change_period(
    server: &App,
    caller: &Caller,
    request: ChangedPeriod,
) -> Result<Returnee, Problem> {
    change::<ChangePeriod>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let ChangedPeriod {
                id,
                version,
                last_day,
                ref reason,
            } = asked.request;
            let brief = asked.to_change_as_seen(tx, id, version).await?;
            let period = Period {
                first_day: brief.first_day,
                last_day: brief.last_day,
                changed: None,
            };
            if !period.may_end_on(last_day) {
                let refused = Refused::new("period_end");
                return Err(Problem::refused("last_day", refused).into());
            }
            let change = (asked.by, reason, last_day < brief.last_day);
            rows::update_period(tx, brief.number, last_day, change).await?;
            tx.record(
                id.0,
                &json!({ "from": brief.last_day, "to": last_day, "reason": reason }),
            );
            Ok(id)
        })
    })
    .await
}

/// Hands a returnee to a colleague, or to nobody.
///
/// # Errors
/// `invalid-field` for someone who is no colleague; `version-clash` with the present record;
/// `not-found`.
pub async fn change_assignee(
    server: &App,
    caller: &Caller,
    request: ChangedAssignee,
) -> Result<Returnee, Problem> {
    change::<ChangeAssignee>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let ChangedAssignee {
                id,
                version,
                assignee,
            } = asked.request;
            let brief = asked.to_change_as_seen(tx, id, version).await?;
            if let Some(assignee) = assignee {
                let colleagues = store::accounts::of_office(tx.sql(), asked.office).await?;
                if !colleagues.iter().any(|person| person.id == assignee) {
                    let refused = Refused::new("assignee");
                    return Err(Problem::refused("assignee", refused).into());
                }
            }
            rows::update_assignee(tx, brief.number, assignee, asked.by).await?;
            tx.record(id.0, &json!({ "assignee": assignee }));
            Ok(id)
        })
    })
    .await
}
