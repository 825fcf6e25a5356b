//! What the command line revokes: a terminal, by the serial number of any of its certificates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::enrolment::{Serial, job::JobKind, timeline::TimelineEvent};
use shared::id::TerminalId;
use shared::offices::OfficeCode;

use super::deeds::{ALONE_WINDOW, count};
use crate::app::App;
use crate::store::{
    self, Store,
    audit::{Act, Actor},
    enrolment::{By, NewEvent, keep_event},
};

/// What was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The terminal's office.
    pub office: OfficeCode,
    /// The terminal.
    pub terminal: TerminalId,
    /// The serial numbers of its certificates that were not revoked before.
    pub serials: Vec<String>,
    /// The certificate of another terminal that took its place, if one did: that one stays.
    pub successor: Option<Serial>,
}

/// Why nothing was revoked. For the command line; the sentences are for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotRevoked {
    /// There is no certificate with this serial number.
    #[error("there is no certificate with the serial number {0}: `terminal list` shows them")]
    Unknown(Serial),
    /// It was revoked before, with all others of its terminal.
    #[error(
        "the certificate {serial} was revoked already, at {at}, with all others of its terminal: \
         there is nothing to do"
    )]
    Already {
        /// Which.
        serial: Serial,
        /// When.
        at: Timestamp,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

#[derive(Serialize, Deserialize)]
enum Outcome {
    Revoked(Revoked),
    Unknown,
    Already(Timestamp),
}

/// Whether revoking this certificate's office would bring the operator's command line to more
/// offices within 24 hours than one person may revoke alone.
///
/// # Errors
/// The store fails.
pub async fn is_one_too_many(app: &App, serial: &Serial) -> Result<bool, store::Error> {
    let mut reader = app.store.reader().await?;
    let Some(known) = store::enrolment::certificate(&mut reader, serial).await? else {
        return Ok(false);
    };
    let office = store::offices::by_code(&mut reader, &known.office.code).await?;
    let since = app.clock.now() - ALONE_WINDOW;
    let mut alone = store::enrolment::done_alone(&mut reader, By::Operator, since).await?;
    alone.extend(office.map(|office| office.number));
    Ok(JobKind::Revoke.needs_second_person(count(&alone)))
}

/// Revokes the terminal that has the certificate with this serial number, with every certificate
/// it ever got, at the command of `actor`.
///
/// # Errors
/// See [`NotRevoked`].
pub async fn revoke(store: &Store, actor: Actor, serial: Serial) -> Result<Revoked, NotRevoked> {
    let act = Act::new(actor, "revoke terminal");
    let write = store.write(act, serial.clone(), |tx, serial| {
        Box::pin(async move {
            let revoked = store::enrolment::revoke(tx, serial).await?;
            let asked = serde_json::json!({ "serial": serial });
            let Some(known) = store::enrolment::certificate(tx.sql(), serial).await? else {
                tx.refuse(None, "unknown", asked);
                return Ok(Outcome::Unknown);
            };
            let (office, terminal) = (&known.office.code, known.identity.terminal);
            let Some((_, serials)) = revoked else {
                let it = Some(terminal.0);
                tx.to(office).refuse(it, "revoked-already", asked);
                return Ok(Outcome::Already(known.revoked_at.unwrap_or(tx.now())));
            };
            let detail = serde_json::json!({ "serials": serials });
            tx.to(office).record(terminal.0, &detail);
            let event = NewEvent {
                serial: Some(serial),
                ..NewEvent::new(office, TimelineEvent::Revoked, By::Operator)
            };
            keep_event(tx, &event).await?;
            let now = tx.now();
            let facts = store::enrolment::facts_of_code(tx.sql(), now, office).await?;
            let present = facts.and_then(|facts| facts.certificate);
            let successor = present.filter(|it| it.terminal != terminal && it.facts.is_good(now));
            Ok(Outcome::Revoked(Revoked {
                office: office.clone(),
                terminal,
                serials,
                successor: successor.map(|it| it.serial),
            }))
        })
    });
    match write.await? {
        Outcome::Revoked(revoked) => Ok(revoked),
        Outcome::Unknown => Err(NotRevoked::Unknown(serial)),
        Outcome::Already(at) => Err(NotRevoked::Already { serial, at }),
    }
}
