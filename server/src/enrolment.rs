//! Letting terminals in: links, certificates, and which of them are live (M-02 to M-07).

mod approval;
mod ask;
mod deeds;
mod desk;
mod identified;
mod job;
mod leave;
mod link;
mod live;
mod published;
mod redeem;
mod revoke;
mod round;
mod search;
mod sightings;

use shared::{
    Problem,
    enrolment::{Terminal, TerminalQuery, timeline::TimelineEvent},
};

use crate::{
    app::{App, Caller},
    store::{
        self,
        audit::{Act, Actor},
        enrolment::{By, NewEvent, keep_event},
    },
};

pub use approval::{Demanded, approval, decide_approval, demand_approval, list_approvals};
pub use ask::ask;
pub use deeds::{
    cancel, issue_link_to, reissue_terminal, resend_link, revoke_terminal, unlock_link,
};
pub use desk::{count_enrolments, list_enrolments, show_enrolment, show_timeline};
pub(crate) use identified::{check_caller_of, check_said};
pub use job::{
    begin_job, begin_job_as_operator, check_job, list_job_results, list_jobs, show_job, step_job,
    work_off_jobs,
};
pub use leave::leave_office;
pub use link::{IssuedLink, NotCancelled, NotIssued, cancel_link, issue_link, link_state};
pub use live::{Live, LiveTerminals, NotLive, keep_fresh};
pub use published::{PublishedList, revocation_list};
pub use redeem::{Requester, issue};
pub use revoke::{NotRevoked, Revoked, is_one_too_many, revoke};
pub use search::search_desk;
pub use sightings::{Sightings, keep_noting, note_sightings};

/// Who the calling certificate is.
///
/// # Errors
/// None; the caller was found live before.
pub async fn show_terminal(
    _: &App,
    caller: &Caller,
    _: TerminalQuery,
) -> Result<Terminal, Problem> {
    let terminal = &caller.terminal;
    Ok(Terminal {
        office: terminal.office.code.clone(),
        office_name: terminal.office.name.clone(),
        terminal: terminal.id,
        serial: terminal.serial.clone(),
        expires_at: terminal.expires_at,
    })
}

/// Notes the first use of a certificate, which ends the office's older ones. Does nothing for one
/// that has been used before.
///
/// # Errors
/// The certificate has just been taken back, or the store fails.
pub async fn note_first_use(app: &App, live: &Live, fingerprint: [u8; 32]) -> Result<(), Problem> {
    if live.used {
        return Ok(());
    }
    let subject = live.terminal.id.0;
    let actor = Actor {
        terminal: Some(live.terminal.id),
        user: None,
        office: Some(live.terminal.office.code.clone()),
    };
    app.store
        .write(
            Act::new(actor, "first use of certificate"),
            (
                live.terminal.office.code.clone(),
                live.terminal.serial.clone(),
                fingerprint,
            ),
            move |tx, (office, serial, fingerprint)| {
                Box::pin(async move {
                    let superseded =
                        store::enrolment::mark_first_use(tx, office, fingerprint).await?;
                    let Some(serials) = superseded else {
                        // Another request of the same terminal was quicker, or it was taken back.
                        let asked = serde_json::json!({ "serial": serial });
                        tx.refuse(Some(subject), "not-the-first-use", asked);
                        return Ok(false);
                    };
                    tx.record(subject, &serde_json::json!({ "superseded": serials }));
                    let event = NewEvent {
                        serial: Some(serial),
                        ..NewEvent::new(office, TimelineEvent::FirstUsed, By::Terminal)
                    };
                    keep_event(tx, &event).await?;
                    Ok(true)
                })
            },
        )
        .await?;
    let office = &live.terminal.office.code;
    Ok(app.terminals.refresh_office(app, office).await?)
}

#[cfg(test)]
mod tests;
