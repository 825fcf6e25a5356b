//! A terminal that slept past its certificate's end asks for another one, and proves that it holds
//! the old one's key. It is noted for the helpdesk; nothing is issued for it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use jiff::{SignedDuration, Timestamp};
use shared::{
    Problem, ProblemCode,
    enrolment::{
        ask::{ASK_AGAIN_SECONDS, ASK_CLOCK_SECONDS, Ask, Asked},
        timeline::TimelineEvent,
    },
    offices::OfficeCode,
};

use crate::{
    app::App,
    store::{
        self,
        audit::{Act, Actor},
        enrolment::{AskedRow, By, NewEvent, certificate_of, keep_event, last_asked},
        offices::hold,
    },
};

/// Notes that the office of this certificate asks for another one.
///
/// A revoked certificate asks for nothing: whoever stole it could. Nor does one that another took
/// the place of: the office has what it needs. What strangers can repeat leaves no entry, and the
/// office's own wish is noted once an hour at most.
///
/// # Errors
/// `certificate-request-refused` without proof, with a clock that is a day off, or for a certificate
/// that has not ended; why such a
/// certificate is refused; the store fails.
pub async fn ask(app: &App, asking: &Ask) -> Result<Asked, Problem> {
    let now = app.clock.now();
    let apart = now.duration_since(asking.asked_at).abs();
    if apart > SignedDuration::from_secs(ASK_CLOCK_SECONDS) {
        return Err(unproven("a clock that is a day off"));
    }
    let known = {
        let mut reader = app.store.reader().await?;
        certificate_of(&mut reader, asking.certificate.bytes()).await?
    };
    let known = known.ok_or_else(|| Problem::new(ProblemCode::TerminalUnknown))?;
    if !is_proven(asking, &known.der) {
        return Err(unproven("a signature that is not the certificate's"));
    }
    let row = known.row;
    let refused = if row.revoked_at.is_some() {
        Some(ProblemCode::TerminalRevoked)
    } else if row.superseded_at.is_some() {
        Some(ProblemCode::TerminalSuperseded)
    } else if row.office_closed {
        Some(ProblemCode::OfficeClosed)
    } else {
        None
    };
    if let Some(code) = refused {
        return Err(Problem::new(code));
    }
    let office = row.office.code.clone();
    // Until then it renews itself, and whoever holds its key has no wish that needs a person.
    if now <= row.expires_at {
        return Err(unproven("a certificate that has not ended"));
    }
    let asked = {
        let mut reader = app.store.reader().await?;
        recent(&mut reader, &office, now).await?
    };
    if let Some(asked) = asked {
        return Ok(Asked { since: asked.since });
    }
    let actor = Actor {
        terminal: Some(row.identity.terminal),
        user: None,
        office: Some(office.clone()),
    };
    let subject = row.identity.terminal.0;
    let since = app
        .store
        .write(
            Act::new(actor, "ask for another certificate"),
            (office, row.serial),
            move |tx, (office, serial)| {
                Box::pin(async move {
                    hold(tx, office).await?;
                    let now = tx.now();
                    // Of many at once the first is noted.
                    if let Some(asked) = recent(tx.sql(), office, now).await? {
                        let detail = serde_json::json!({ "serial": serial, "again": true });
                        tx.record(subject, &detail);
                        return Ok(asked.since.as_millisecond());
                    }
                    let event = NewEvent {
                        serial: Some(serial),
                        ..NewEvent::new(office, TimelineEvent::ReissueAsked, By::Terminal)
                    };
                    keep_event(tx, &event).await?;
                    tx.record(subject, &serde_json::json!({ "serial": serial }));
                    Ok(tx.now().as_millisecond())
                })
            },
        )
        .await?;
    let since = jiff::Timestamp::from_millisecond(since).map_err(Problem::internal)?;
    Ok(Asked { since })
}

/// The office's wish, if it was noted within the hour.
async fn recent(
    sql: &mut store::sql::Connection,
    office: &OfficeCode,
    now: Timestamp,
) -> Result<Option<AskedRow>, store::Error> {
    let asked = last_asked(sql, office, now).await?;
    let before = now - SignedDuration::from_secs(ASK_AGAIN_SECONDS);
    Ok(asked.filter(|asked| asked.since > before))
}

/// Whether it was signed by the key of the certificate `der`. Terminals' keys are on P-256, unless
/// an EST client that is not ours made them; those have to call.
fn is_proven(asking: &Ask, der: &[u8]) -> bool {
    let (Ok(signature), Ok((_, parsed))) =
        (asking.signature(), x509_parser::parse_x509_certificate(der))
    else {
        return false;
    };
    let key = &parsed.public_key().subject_public_key.data;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.as_ref())
        .verify(asking.message().as_bytes(), &signature)
        .is_ok()
}

fn unproven(cause: &str) -> Problem {
    Problem::new(ProblemCode::RequestRefused).because(cause)
}
