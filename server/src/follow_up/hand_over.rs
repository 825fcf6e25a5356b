//! Handing a returnee over to another health centre (M-10).

use serde_json::json;
use shared::Problem;
use shared::follow_up::hand_over::{
    HandOverReturnee, HandedOver, ReceivingQuery, ReturneeToHandOver,
};
use shared::follow_up::returnee::HealthCentres;
use shared::text::Refused;

use super::Scope;
use super::change::written;
use super::returnee::may_be_responsible;
use crate::app::{App, Caller};
use crate::store;
use crate::store::follow_up::returnee as rows;

/// The health centres to which a returnee can be handed over: every open one of the country.
///
/// # Errors
/// `not-permitted` for an office that follows nobody up.
pub async fn list_receiving_centres(
    server: &App,
    caller: &Caller,
    _: ReceivingQuery,
) -> Result<HealthCentres, Problem> {
    Scope::of(server, caller).await?;
    let mut reader = server.store.reader().await?;
    let all = store::offices::all(&mut reader).await?;
    let offices = all
        .into_iter()
        .filter(may_be_responsible)
        .map(|known| known.office)
        .collect();
    Ok(HealthCentres { offices })
}

/// Hands a returnee over to another health centre, also beyond the caller's scope. What was seen
/// of them goes along; whoever looked after them here does so no more.
///
/// # Errors
/// `invalid-field` for a health centre that does not exist, is closed, follows nobody up or is
/// responsible already; `version-clash` with the present record; `not-found`.
pub async fn hand_over_returnee(
    server: &App,
    caller: &Caller,
    request: ReturneeToHandOver,
) -> Result<HandedOver, Problem> {
    let (_, handed) =
        written::<HandOverReturnee, HandedOver>(server, caller, request, |tx, asked| {
            Box::pin(async move {
                let ReturneeToHandOver {
                    id,
                    version,
                    ref health_centre,
                    ref reason,
                } = asked.request;
                let brief = asked.to_change_as_seen(tx, id, version).await?;
                let to = store::offices::by_code(tx.sql(), health_centre).await?;
                let to = to
                    .filter(may_be_responsible)
                    .filter(|to| to.number != brief.health_centre)
                    .ok_or_else(|| {
                        Problem::refused("health_centre", Refused::new("receiving_health_centre"))
                    })?;
                rows::hand_over(tx, &brief, to.number, (asked.by, reason)).await?;
                tx.record(id.0, &json!({ "to": to.office.code, "reason": reason }));
                Ok(HandedOver {
                    id,
                    health_centre: to.office,
                })
            })
        })
        .await?;
    Ok(handed)
}
