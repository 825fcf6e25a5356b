//! A terminal that is no longer used gives its certificate back.

use shared::contract::Done;
use shared::enrolment::{Leave, LeaveOffice, timeline::TimelineEvent};
use shared::{Problem, ProblemCode};

use crate::app::{App, Caller};
use crate::store::enrolment::{self as rows, By, NewEvent, keep_event};

/// Revokes the calling terminal's certificates. Whoever holds a key may always end it: nobody is
/// asked to log in.
///
/// # Errors
/// `no-certificate` for another serial number than that of the certificate shown.
pub async fn leave_office(app: &App, caller: &Caller, request: Leave) -> Result<Done, Problem> {
    if request.serial != caller.terminal.serial {
        return Err(Problem::new(ProblemCode::NoCertificate));
    }
    let act = caller.act::<LeaveOffice>(&request);
    let office = caller.terminal.office.code.clone();
    let done = app
        .store
        .write(act, (office, request.serial), |tx, (office, serial)| {
            Box::pin(async move {
                let Some((terminal, serials)) = rows::revoke(tx, serial).await? else {
                    let asked = serde_json::json!({ "serial": serial });
                    let subject = tx.act().terminal().map(|terminal| terminal.0);
                    tx.refuse(subject, "revoked-already", asked);
                    return Ok(Done {});
                };
                tx.record(terminal.0, &serde_json::json!({ "serials": serials }));
                let event = NewEvent {
                    serial: Some(serial),
                    ..NewEvent::new(office, TimelineEvent::Left, By::Terminal)
                };
                keep_event(tx, &event).await?;
                Ok(Done {})
            })
        })
        .await?;
    app.terminals
        .refresh_office(app, &caller.terminal.office.code)
        .await?;
    Ok(done)
}
