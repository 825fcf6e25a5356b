//! Opening an office again that was closed by mistake.
//!
//! Closing takes links back and revokes nothing, so neither does this give back what was revoked: a
//! terminal whose certificate was good all the time is let in again, any other stays out, and a link
//! that was taken back stays dead.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::enrolment::timeline::TimelineEvent;
use shared::offices::OfficeCode;
use shared::text::Remark;

use super::NotOpen;
use super::closing::take_links_back;
use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::enrolment::{By, NewEvent, keep_event, live_certificates_of};
use crate::store::offices::hold;

/// Why an office was not opened again. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotReopened {
    /// There is no office with this code.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// It is not closed.
    #[error("the office {0} is open: nothing was changed")]
    Already(OfficeCode),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

#[derive(Serialize, Deserialize)]
enum Outcome {
    Reopened(i64),
    Already,
    Unknown,
}

/// Opens a closed office again, on behalf of `act`. Links that a program before this one left as they
/// were when it closed the office are taken back first: none of before is good. Gives how many
/// certificates let in again.
///
/// # Errors
/// See [`NotReopened`].
pub async fn reopen(
    server: &App,
    act: Act,
    code: OfficeCode,
    reason: Remark,
) -> Result<i64, NotReopened> {
    let input = (code.clone(), reason);
    let write = server.store.write(act, input, |tx, (code, reason)| {
        Box::pin(async move {
            hold(tx, code).await?;
            let asked = json!({ "office": code, "reason": reason });
            let known = store::offices::by_code(tx.sql(), code).await?;
            let Some(known) = known else {
                tx.refuse(None, "unknown", asked);
                return Ok(Outcome::Unknown);
            };
            if known.open {
                tx.to(code).refuse(None, "open-already", asked);
                return Ok(Outcome::Already);
            }
            let links = take_links_back(tx, code).await?;
            store::offices::reopen(tx, known.number).await?;
            let event = NewEvent {
                reason: Some(reason.as_str()),
                ..NewEvent::new(code, TimelineEvent::OfficeReopened, By::Operator)
            };
            keep_event(tx, &event).await?;
            let now = tx.now();
            let certificates = live_certificates_of(tx.sql(), code, now).await?;
            let done = json!({
                "office": code, "reason": reason, "links": links, "certificates": certificates,
            });
            tx.to(code).note(&done);
            Ok(Outcome::Reopened(certificates))
        })
    });
    match write.await? {
        Outcome::Reopened(certificates) => Ok(certificates),
        Outcome::Already => Err(NotReopened::Already(code)),
        Outcome::Unknown => Err(NotOpen::Unknown(code).into()),
    }
}
