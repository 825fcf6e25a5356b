//! A terminal that slept past its certificate's end asks for another one, and proves that it holds
//! the old one's key. It is noted for the helpdesk; nothing is issued for it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use jiff::{SignedDuration, Timestamp};
use shared::{
    Problem, ProblemCode,
    enrolment::{
        Serial,
        ask::{ASK_AGAIN_SECONDS, ASK_CLOCK_SECONDS, Ask, Asked},
        timeline::TimelineEvent,
    },
    id::TerminalId,
    offices::OfficeCode,
};

use crate::{
    app::App,
    store::{
        self, Tx,
        audit::{Act, Actor},
        enrolment::{
            AskedRow, By, NewEvent, certificate_of, keep_event, last_asked, use_wish, used_wish,
        },
        offices::hold,
    },
};

/// Notes that the office of this certificate asks for another one.
///
/// A revoked certificate asks for nothing: whoever stole it could. Nor does one that another took
/// the place of: the office has what it needs. What strangers can repeat leaves no entry, and the
/// office's own wish is noted once an hour at most. What was signed once serves once: whoever saw it
/// and sends it again gets the answer that was given, and nothing else happens.
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
    let wish = (*asking.certificate.bytes(), asking.asked_at);
    let used = {
        let mut reader = app.store.reader().await?;
        used_wish(&mut reader, &wish.0, wish.1, now).await?
    };
    if let Some(since) = used {
        return Ok(Asked { since });
    }
    let actor = Actor {
        terminal: Some(row.identity.terminal),
        user: None,
        office: Some(office.clone()),
    };
    let act = Act::new(actor, "ask for another certificate").if_recorded();
    let input = (office, row.serial, row.identity.terminal, wish);
    let write = app
        .store
        .write(act, input, |tx, (office, serial, terminal, wish)| {
            Box::pin(async move { note(tx, office, serial, *terminal, *wish).await })
        });
    let since = Timestamp::from_millisecond(write.await?).map_err(Problem::internal)?;
    Ok(Asked { since })
}

/// Notes a wish that was not used before, unless the office's was noted within the hour: since when
/// it is known, in milliseconds. Either way it is used from now on.
async fn note(
    tx: &mut Tx,
    office: &OfficeCode,
    serial: &Serial,
    terminal: TerminalId,
    (certificate, said_at): ([u8; 32], Timestamp),
) -> Result<i64, store::Error> {
    hold(tx, office).await?;
    let now = tx.now();
    // Of many at once the first is noted.
    if let Some(since) = used_wish(tx.sql(), &certificate, said_at, now).await? {
        return Ok(since.as_millisecond());
    }
    let since = match recent(tx.sql(), office, now).await? {
        Some(asked) => asked.since,
        None => {
            let event = NewEvent {
                serial: Some(serial),
                ..NewEvent::new(office, TimelineEvent::ReissueAsked, By::Terminal)
            };
            keep_event(tx, &event).await?;
            tx.record(terminal.0, &serde_json::json!({ "serial": serial }));
            now
        }
    };
    use_wish(tx, &certificate, said_at, since).await?;
    Ok(since.as_millisecond())
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
