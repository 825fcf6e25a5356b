//! Closing an office: from then on none of its terminals is let in, and nobody enrols with a link
//! of its.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::enrolment::timeline::TimelineEvent;
use shared::id::EnrolmentId;
use shared::offices::OfficeCode;
use shared::text::Remark;

use super::NotOpen;
use crate::app::App;
use crate::store::audit::Act;
use crate::store::enrolment::{By, NewEvent, cancel_links_of, keep_event};
use crate::store::offices::hold;
use crate::store::{self, Tx};

/// Why an office was not closed. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotClosed {
    /// There is no office with this code, or it was closed before.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

#[derive(Serialize, Deserialize)]
enum Outcome {
    Closed(usize),
    Already,
    Unknown,
}

/// Closes an office, on behalf of `act`. Its links that could still be used, or unlocked, are cancelled
/// and what would hand them out is withdrawn, and its people's sessions end: both stay so whatever
/// becomes of the office. Gives how many links there were.
///
/// # Errors
/// See [`NotClosed`].
pub async fn close(
    server: &App,
    act: Act,
    code: OfficeCode,
    reason: Remark,
) -> Result<usize, NotClosed> {
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
            if !store::offices::close(tx, known.number).await? {
                tx.to(code).refuse(None, "closed-already", asked);
                return Ok(Outcome::Already);
            }
            let event = NewEvent {
                reason: Some(reason.as_str()),
                ..NewEvent::new(code, TimelineEvent::OfficeClosed, By::Operator)
            };
            keep_event(tx, &event).await?;
            let links = take_links_back(tx, code).await?;
            let ended = store::session::end_all_of(tx, known.number).await?;
            let done = json!({
                "office": code, "reason": reason, "links": links, "sessions_ended": ended,
            });
            tx.to(code).note(&done);
            Ok(Outcome::Closed(links.len()))
        })
    });
    match write.await? {
        Outcome::Closed(links) => Ok(links),
        Outcome::Already => Err(NotOpen::Closed(code).into()),
        Outcome::Unknown => Err(NotOpen::Unknown(code).into()),
    }
}

/// Cancels the links of an office that could still be used, or unlocked, and withdraws what would hand
/// them out; gives which.
pub(super) async fn take_links_back(
    tx: &mut Tx,
    code: &OfficeCode,
) -> Result<Vec<EnrolmentId>, store::Error> {
    let links = cancel_links_of(tx, code).await?;
    for link in &links {
        store::mail::withdraw_of_link(tx, *link).await?;
        let event = NewEvent {
            link: Some(*link),
            ..NewEvent::new(code, TimelineEvent::LinkCancelled, By::Operator)
        };
        keep_event(tx, &event).await?;
    }
    Ok(links)
}
