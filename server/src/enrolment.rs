//! Letting terminals in: links, certificates, and which of them are live (M-02 to M-07).

mod approval;
mod ask;
mod deeds;
mod desk;
mod job;
mod leave;
mod link;
mod live;
mod published;
mod redeem;
mod round;
mod search;
mod sightings;

use shared::{
    Problem,
    enrolment::{Terminal, TerminalQuery, job::JobKind, timeline::TimelineEvent},
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
pub use job::{
    begin_job, begin_job_as_operator, check_job, list_job_results, list_jobs, show_job, step_job,
    work_off_jobs,
};
pub use leave::leave_office;
pub use link::{IssuedLink, cancel_link, issue_link, link_state};
pub use live::{Live, LiveTerminals, NotLive, keep_fresh};
pub use published::{PublishedList, revocation_list};
pub use redeem::{Requester, issue};
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

/// Whether revoking this certificate's office would bring the operator's command line to more
/// offices within 24 hours than one person may revoke alone.
///
/// # Errors
/// The store fails.
pub async fn is_one_too_many(
    app: &App,
    serial: &shared::enrolment::Serial,
) -> Result<bool, store::Error> {
    let mut reader = app.store.reader().await?;
    let Some(known) = store::enrolment::certificate(&mut reader, serial).await? else {
        return Ok(false);
    };
    let office = store::offices::by_code(&mut reader, &known.office.code).await?;
    let since = app.clock.now() - deeds::ALONE_WINDOW;
    let mut alone = store::enrolment::done_alone(&mut reader, By::Operator, since).await?;
    alone.extend(office.map(|office| office.number));
    Ok(JobKind::Revoke.needs_second_person(deeds::count(&alone)))
}

/// Revokes the terminal that has the certificate with this serial number, with every certificate
/// it ever got, at the command of `actor`; false if there is none or it was revoked before.
///
/// # Errors
/// The store fails.
pub async fn revoke(
    store: &store::Store,
    actor: Actor,
    serial: shared::enrolment::Serial,
) -> Result<bool, store::Error> {
    let act = Act::new(actor, "revoke terminal");
    store
        .write(act, serial, |tx, serial| {
            Box::pin(async move {
                let revoked = store::enrolment::revoke(tx, serial).await?;
                let asked = serde_json::json!({ "serial": serial });
                let Some(known) = store::enrolment::certificate(tx.sql(), serial).await? else {
                    tx.refuse(None, "unknown", asked);
                    return Ok(false);
                };
                let (office, terminal) = (&known.office.code, known.identity.terminal);
                let Some((_, serials)) = revoked else {
                    let it = Some(terminal.0);
                    tx.to(office).refuse(it, "revoked-already", asked);
                    return Ok(false);
                };
                let detail = serde_json::json!({ "serials": serials });
                tx.to(office).record(terminal.0, &detail);
                let event = NewEvent {
                    serial: Some(serial),
                    ..NewEvent::new(office, TimelineEvent::Revoked, By::Operator)
                };
                keep_event(tx, &event).await?;
                Ok(true)
            })
        })
        .await
}

#[cfg(test)]
mod tests;
