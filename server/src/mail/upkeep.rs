//! What is written without anybody asking for it: reminders of unused links, word that one
//! expired, warnings of certificates that did not renew themselves, locked links for the helpdesk.
//!
//! Each occasion has a name that is kept once, so that several servers write about it once. A
//! server that was off writes only of the latest time that was missed.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::day::days_left;
use tokio_util::sync::CancellationToken;

use super::{Notice, to_office};
use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::mail::{self as rows, EndingCertificate, Keep, LockedLink, NewMail, UnusedLink};

/// Between two reminders of an unused link: after 7, 14, 21 and 28 days.
const REMIND: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Older news is none: of links that expired or were locked before a server last ran.
const RECENT: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long a printed password can be printed again.
const LETTERS: SignedDuration = SignedDuration::from_hours(24);
/// How long a password that was read out can be shown again: an answer may be lost on the line.
const READ_OUT: SignedDuration = SignedDuration::from_mins(10);
/// How long what ended unsent can be sent again.
const UNSENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often to look.
const EVERY: Duration = Duration::from_secs(15);

/// Writes what there is to write, until `stop`.
pub async fn keep_writing(app: Arc<App>, stop: CancellationToken) {
    loop {
        if let Err(error) = write_what_is_due(&app).await {
            tracing::warn!(%error, "what there is to write about could not be seen; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Writes what there is to write now, and wipes what nobody needs any more.
///
/// # Errors
/// [`store::Error::Database`]; what was queued before it remains.
pub async fn write_what_is_due(app: &App) -> Result<(), store::Error> {
    wipe(app).await?;
    if !app.mail.is_on() {
        return Ok(());
    }
    let now = app.clock.now();
    let (unused, locked, ending) = {
        let mut sql = app.store.reader().await?;
        (
            rows::unused_links(&mut sql, now, REMIND, RECENT).await?,
            rows::locked_links(&mut sql, now - RECENT).await?,
            rows::ending_certificates(&mut sql, now).await?,
        )
    };
    for link in unused {
        if let Some(mail) = about_unused(app, &link, now)? {
            queue(app, "remind of link", mail).await?;
        }
    }
    for link in locked {
        if let Some(mail) = about_locked(app, &link, now)? {
            queue(app, "tell of locked link", mail).await?;
        }
    }
    for certificate in ending {
        if let Some(mail) = about_ending(app, &certificate, now)? {
            queue(app, "warn of certificate", mail).await?;
        }
    }
    Ok(())
}

fn about_unused(
    app: &App,
    link: &UnusedLink,
    now: Timestamp,
) -> Result<Option<NewMail>, store::Error> {
    let office = (&link.office, &link.name);
    let id = link.id;
    if now >= link.expires_at {
        let notice = Notice::Expired { id };
        let mail = to_office(app, office, &link.recipient, &notice, now)?;
        return Ok(Some(NewMail {
            link: Some(id),
            once: Some(format!("expired:{id}")),
            ..mail
        }));
    }
    let Some(whole) = app.mail.link(id, app.authority.fingerprint()) else {
        return Ok(None);
    };
    let notice = Notice::Reminder {
        link: &whole,
        expires_at: link.expires_at,
        days: days_left(now, link.expires_at),
    };
    let time = now.duration_since(link.issued_at).as_millis() / REMIND.as_millis();
    let mail = to_office(app, office, &link.recipient, &notice, now)?;
    Ok(Some(NewMail {
        link: Some(id),
        once: Some(format!("reminder:{id}:{time}")),
        ..mail
    }))
}

fn about_locked(
    app: &App,
    link: &LockedLink,
    now: Timestamp,
) -> Result<Option<NewMail>, store::Error> {
    let Some(helpdesk) = &app.mail.helpdesk else {
        return Ok(None);
    };
    let (id, locked_at) = (link.id, link.locked_at);
    let notice = Notice::LinkLocked { id, locked_at };
    let office = (&link.office, &link.name);
    let mail = to_office(app, office, helpdesk, &notice, now)?;
    Ok(Some(NewMail {
        link: Some(id),
        once: Some(format!("locked:{id}:{}", locked_at.as_millisecond())),
        ..mail
    }))
}

fn about_ending(
    app: &App,
    certificate: &EndingCertificate,
    now: Timestamp,
) -> Result<Option<NewMail>, store::Error> {
    // Of an office without an address, at least the helpdesk hears.
    let Some(to) = certificate.mail.as_ref().or(app.mail.helpdesk.as_ref()) else {
        return Ok(None);
    };
    let EndingCertificate {
        serial,
        expires_at,
        warning,
        ..
    } = certificate;
    let notice = Notice::CertificateEnding {
        serial,
        expires_at: *expires_at,
        days: days_left(now, *expires_at),
    };
    let office = (&certificate.office, &certificate.name);
    let mail = to_office(app, office, to, &notice, now)?;
    Ok(Some(NewMail {
        once: Some(format!("{}:{serial}:{warning}", rows::WARNING)),
        ..mail
    }))
}

/// Queues it unless another server was quicker; it stands in the log.
async fn queue(app: &App, action: &'static str, mail: NewMail) -> Result<(), store::Error> {
    let act = Act::housekeeping(action);
    app.store
        .write(act, mail, |tx, mail| {
            Box::pin(async move {
                if rows::queue(tx, mail).await? {
                    let detail = serde_json::json!({ "kind": mail.kind, "link": mail.link });
                    tx.to(&mail.office).record(mail.id.0, &detail);
                }
                Ok(())
            })
        })
        .await
}

async fn wipe(app: &App) -> Result<(), store::Error> {
    let now = app.clock.now();
    let keep = Keep {
        letters: now - LETTERS,
        read_out: now - READ_OUT,
        unsent: now - UNSENT,
    };
    let act = Act::housekeeping("wipe mail");
    app.store
        .write(act, keep, |tx, keep| {
            Box::pin(async move {
                rows::withdraw_dead(tx).await?;
                rows::wipe_done(tx, *keep).await
            })
        })
        .await
}

#[cfg(test)]
mod tests;
