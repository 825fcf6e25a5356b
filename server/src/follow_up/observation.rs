//! Recording a day, and the signs that come of it.

use serde_json::json;
use shared::follow_up::observation::{
    CloseSign, DayToWithdraw, RecordObservation, RecordedDay, SignCause, SignToClose,
    WithdrawObservation,
};
use shared::follow_up::period::{NotDue, Period};
use shared::follow_up::returnee::Returnee;
use shared::id::{SignId, Version};
use shared::{Day, Problem, ProblemCode};

use super::as_json;
use super::change::{change, replaced};
use crate::app::{App, Caller};
use crate::store::follow_up::observation as rows;
use crate::store::{self, Tx};

/// Records what was seen on one day of a follow-up. 37.5 °C and over, or a symptom of the
/// returnee or the household, opens a sign (M-09).
///
/// # Errors
/// `invalid-field` for a temperature of someone who was not reached; `before-start`, `after-end`,
/// `in-future`; `version-clash` with the present record when someone
/// else wrote this day in between; `not-found`.
pub async fn record_observation(
    server: &App,
    caller: &Caller,
    request: RecordedDay,
) -> Result<Returnee, Problem> {
    let checked = request.findings.check();
    checked.map_err(|refused| Problem::refused("findings", refused))?;
    change::<RecordObservation>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let request = &asked.request;
            let brief = asked.to_change(tx, request.id).await?;
            let period = Period {
                first_day: brief.first_day,
                last_day: brief.last_day,
                changed: None,
            };
            let today = Day::in_japan(tx.now());
            period.takes(request.day, today).map_err(not_due)?;
            let (day, seen, findings) = (request.day, request.version, &request.findings);
            let before = match seen {
                Version(0) => None,
                _ => rows::findings_on(tx, brief.number, day).await?,
            };
            if !rows::record(tx, &brief, day, seen, findings, asked.by).await? {
                return Err(asked.clash(tx, request.id).await);
            }
            let causes = findings.signs();
            if !causes.is_empty() {
                raise_sign(tx, brief.number, SignId(asked.new), day, &causes).await?;
            }
            let detail = match before {
                None => json!({ "day": day }),
                Some(before) => json!({ "day": day, "replaced": replaced(&before, findings) }),
            };
            tx.record(request.id.0, &detail);
            Ok(request.id)
        })
    })
    .await
}

fn not_due(reason: NotDue) -> store::Error {
    match reason {
        NotDue::BeforeStart => ProblemCode::BeforeStart,
        NotDue::AfterEnd => ProblemCode::AfterEnd,
        NotDue::InFuture => ProblemCode::InFuture,
    }
    .into()
}

/// Opens a sign for this day, or keeps the one that is open. One that was closed for the same
/// causes stays closed: correcting a note must not call out again. Nothing but a person ever
/// closes one.
async fn raise_sign(
    tx: &mut Tx,
    returnee: i64,
    new: SignId,
    day: Day,
    causes: &[SignCause],
) -> Result<(), store::Error> {
    let signs = rows::signs_on(tx, returnee, day).await?;
    if let Some(open) = signs.iter().find(|sign| !sign.closed) {
        if open.causes != causes {
            rows::update_sign(tx, open.id, causes).await?;
        }
        return Ok(());
    }
    let dealt_with = |cause| signs.iter().any(|sign| sign.causes.contains(cause));
    if causes.iter().all(dealt_with) {
        return Ok(());
    }
    rows::open_sign(tx, returnee, new, day, causes).await
}

/// Withdraws the record of a day, as when it was written for the wrong person: nothing is recorded
/// of that day any more, and a sign that came of nothing but that record is closed with the reason.
/// Where it was written over another record the day's sign stays open: it may be that one's, and
/// nothing but a person closes it. What had been recorded stands in the audit log.
///
/// # Errors
/// `version-clash` with the present record when someone else wrote or withdrew this day in between;
/// `not-found`.
pub async fn withdraw_observation(
    server: &App,
    caller: &Caller,
    request: DayToWithdraw,
) -> Result<Returnee, Problem> {
    change::<WithdrawObservation>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let DayToWithdraw {
                id,
                day,
                version,
                ref reason,
            } = asked.request;
            let brief = asked.to_change(tx, id).await?;
            let before = rows::findings_on(tx, brief.number, day).await?;
            if !rows::withdraw(tx, &brief, day, version, asked.by, reason).await? {
                return Err(asked.clash(tx, id).await);
            }
            tx.record(
                id.0,
                &json!({ "day": day, "reason": reason, "withdrawn": before.map(|it| as_json(&it)) }),
            );
            Ok(id)
        })
    })
    .await
}

/// Closes a sign with what was done.
///
/// # Errors
/// `sign-closed` when someone closed it already; `not-found`.
pub async fn close_sign(
    server: &App,
    caller: &Caller,
    request: SignToClose,
) -> Result<Returnee, Problem> {
    change::<CloseSign>(server, caller, request, |tx, asked| {
        Box::pin(async move {
            let (id, sign) = (asked.request.id, asked.request.sign);
            let brief = asked.to_change(tx, id).await?;
            let action = &asked.request.action;
            match rows::close_sign(tx, brief.number, sign, asked.by, action).await? {
                Some(true) => {}
                Some(false) => return Err(ProblemCode::SignClosed.into()),
                None => return Err(ProblemCode::NotFound.into()),
            }
            tx.record(id.0, &json!({ "sign": sign }));
            Ok(id)
        })
    })
    .await
}
