//! Following up returnees: who may see whom, and what may be done with them (M-09 to M-11).

mod change;
mod hand_over;
mod import;
mod observation;
mod returnee;
mod upkeep;
mod work_list;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::Value;
use shared::contract::Endpoint;
use shared::follow_up::returnee::Returnee;
use shared::id::ReturneeId;
use shared::{Problem, ProblemCode};

pub use hand_over::{hand_over_returnee, list_receiving_centres};
pub use import::{cancel_import, check_import, commit_import, open_import, stage_chunk};
pub use observation::{close_sign, record_observation, withdraw_observation};
pub use returnee::{
    change_assignee, change_period, change_returnee, enter_returnee, list_health_centres,
    show_returnee,
};
pub use upkeep::{drop_staged, keep_in_order, put_in_order};
pub use work_list::{count_returnees, list_returnees};

use crate::app::{App, Caller};
use crate::offices;
use crate::store;
use crate::store::follow_up::returnee as rows;
use crate::store::offices::KnownOffice;

/// The health centres whose returnees a caller sees.
#[derive(Debug, Clone)]
struct Scope {
    offices: Vec<KnownOffice>,
    numbers: HashSet<i64>,
}

impl Scope {
    async fn of(server: &App, caller: &Caller) -> Result<Self, Problem> {
        let mut reader = server.store.reader().await?;
        let offices = offices::scope(&mut reader, &caller.terminal).await?;
        let numbers = offices.iter().map(|office| office.number).collect();
        Ok(Self { offices, numbers })
    }

    fn holds(&self, health_centre: i64) -> bool {
        self.numbers.contains(&health_centre)
    }
}

/// A returnee in the caller's scope. Someone else's is not found, like one that does not exist.
async fn visible(
    sql: &mut store::Connection,
    scope: &Scope,
    id: ReturneeId,
) -> Result<Returnee, store::Error> {
    match rows::find(sql, id).await? {
        Some((health_centre, returnee)) if scope.holds(health_centre) => Ok(returnee),
        _ => Err(ProblemCode::NotFound.into()),
    }
}

fn as_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("what travels as JSON is writable as JSON")
}

/// A returnee in the caller's scope as they are now.
async fn answer(server: &App, scope: &Scope, id: ReturneeId) -> Result<Returnee, Problem> {
    let mut reader = server.store.reader().await?;
    Ok(visible(&mut reader, scope, id).await?)
}

/// Notes in the audit log that personal data is about to be shown. Without the entry nothing is
/// shown (M-39).
async fn note_look<E: Endpoint>(
    server: &App,
    caller: &Caller,
    subject: Option<ReturneeId>,
    detail: Value,
) -> Result<(), Problem> {
    let act = store::audit::Act::new(caller.actor(), E::NAME);
    server
        .store
        .write(act, (subject, detail), |tx, (subject, detail)| {
            Box::pin(async move {
                match subject {
                    Some(subject) => tx.record(subject.0, detail),
                    None => tx.note(detail),
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}
