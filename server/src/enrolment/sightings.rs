//! When each terminal was last in contact, and what it was refused of late: gathered in memory
//! while requests go by, and written down together once a minute, so that no request ever waits
//! for a write of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::ProblemCode;
use tokio_util::sync::CancellationToken;

use super::desk::RECENT;
use crate::app::App;
use crate::store::audit::Act;
use crate::store::enrolment::{Occurrences, RefusedTo, count_refusal, forget_refusals, note_seen};
use crate::store::{self, Tx};

/// How often what was gathered is written down.
const EVERY: Duration = Duration::from_secs(60);
/// How many certificates, and how many pairs of certificate and error, are held at most: what is
/// more is left out until the next minute.
const MOST: usize = 100_000;
/// How many rows one write carries, so that nobody else's waits long.
const AT_ONCE: usize = 500;

type Fingerprint = [u8; 32];

/// What was seen since it was last written down.
#[derive(Debug, Default)]
pub struct Sightings(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    seen: HashMap<Fingerprint, Timestamp>,
    refused: HashMap<(Fingerprint, ProblemCode), Occurrences>,
}

/// Whether an office would call about this: what is wrong with its terminal, its people's rights
/// or the server. What a screen says of a wrong field or a colleague who was quicker is not.
fn is_called_about(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::TerminalRevoked
            | ProblemCode::TerminalSuperseded
            | ProblemCode::TerminalUnknown
            | ProblemCode::TerminalExpired
            | ProblemCode::OfficeClosed
            | ProblemCode::WrongLogin
            | ProblemCode::SlowedDown
            | ProblemCode::NotPermitted
            | ProblemCode::InvalidRequest
            | ProblemCode::NoSuchAddress
            | ProblemCode::KeyMissing
            | ProblemCode::KeyReused
            | ProblemCode::TooLarge
            | ProblemCode::RequestRefused
            | ProblemCode::Busy
            | ProblemCode::StoreUnavailable
            | ProblemCode::Internal
    )
}

impl Sightings {
    /// The certificate of this fingerprint was shown in the minute of `at`.
    pub(super) fn saw(&self, fingerprint: Fingerprint, at: Timestamp) {
        let mut pending = self.pending();
        if pending.seen.len() < MOST || pending.seen.contains_key(&fingerprint) {
            pending.seen.insert(fingerprint, at);
        }
    }

    /// A request over the certificate of this fingerprint was refused with `code` at the instant
    /// `at`: what is written down tells of that, and not of when it was written down.
    pub fn refused(&self, fingerprint: Fingerprint, code: ProblemCode, at: Timestamp) {
        if !is_called_about(code) {
            return;
        }
        let mut pending = self.pending();
        let key = (fingerprint, code);
        if pending.refused.len() < MOST || pending.refused.contains_key(&key) {
            let once = Occurrences::one(at);
            let known = pending.refused.entry(key);
            known.and_modify(|it| it.add(once)).or_insert(once);
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what was gathered since the last time; what cannot be written is lost, since it
/// only helps whoever takes a call.
///
/// # Errors
/// The store fails.
pub async fn note_sightings(app: &App) -> Result<(), store::Error> {
    let Pending { seen, refused } = std::mem::take(&mut *app.terminals.sightings().pending());
    let mut seen: Vec<_> = seen.into_iter().collect();
    // In one order on every server, so that none waits for another's rows in a circle.
    seen.sort_unstable_by_key(|(fingerprint, _)| *fingerprint);
    for some in seen.chunks(AT_ONCE) {
        let act = Act::housekeeping("note last contact");
        let write = app.store.write(act, some.to_vec(), |tx, some| {
            Box::pin(async move { note_seen(tx, some).await })
        });
        write.await?;
    }
    let mut refused: Vec<_> = refused.into_iter().collect();
    refused.sort_unstable_by_key(|((fingerprint, code), _)| (*fingerprint, code.as_str()));
    for some in refused.chunks(AT_ONCE) {
        let act = Act::housekeeping("count refusals");
        let write = app.store.write(act, some.to_vec(), |tx, some| {
            Box::pin(async move { count_all(tx, some).await })
        });
        write.await?;
    }
    Ok(())
}

async fn count_all(
    tx: &mut Tx,
    refused: &[((Fingerprint, ProblemCode), Occurrences)],
) -> Result<(), store::Error> {
    for ((fingerprint, code), occurred) in refused {
        count_refusal(tx, &RefusedTo::Terminal(*fingerprint), *code, *occurred).await?;
    }
    Ok(())
}

/// Forgets refusals that are not shown any more.
async fn forget(app: &App) -> Result<(), store::Error> {
    let before = app.clock.now() - RECENT;
    let act = Act::housekeeping("forget refusals");
    let write = app.store.write(act, before, |tx, before| {
        Box::pin(async move { forget_refusals(tx, *before).await })
    });
    write.await
}

/// Writes down once a minute what was gathered, and once more at the end.
pub async fn keep_noting(app: Arc<App>, stop: CancellationToken) {
    const A_DAY: SignedDuration = SignedDuration::from_hours(24);
    let mut forgotten_at: Option<Timestamp> = None;
    let mut ending = false;
    while !ending {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => ending = true,
        }
        let now = app.clock.now();
        let mut result = note_sightings(&app).await;
        if result.is_ok() && forgotten_at.is_none_or(|then| now >= then + A_DAY) {
            forgotten_at = Some(now);
            result = forget(&app).await;
        }
        if let Err(error) = result {
            tracing::warn!(%error, "last contacts and refusals were not written down");
        }
    }
}
