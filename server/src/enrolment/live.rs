//! Which terminals may enter, in memory: every request looks its certificate up here.
//!
//! The database says who is live; a counter in it says when that has changed, whoever changed it:
//! this server, another, or the command line. The counter is read several times a second, so a
//! revocation reaches open connections well within one. When the database cannot be asked,
//! nobody is let in: it is not known who was revoked since.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use shared::{Problem, ProblemCode, offices::OfficeCode};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::sightings::Sightings;
use crate::{
    app::{App, LiveTerminal},
    store::{
        self, Connection, Noun, Store,
        enrolment::{CertificateRow, certificates, certificates_of},
    },
};

/// How often the counter is read.
const EVERY: Duration = Duration::from_millis(200);
/// After how long without news from the database nobody is let in any more.
const TRUST: Duration = Duration::from_secs(3);

/// What is known of a live certificate.
#[derive(Clone, Debug)]
pub struct Live {
    /// The terminal it lets in.
    pub terminal: Arc<LiveTerminal>,
    /// Whether it was shown before.
    pub used: bool,
}

/// Why a certificate that passed the handshake is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLive {
    /// Its office was closed.
    OfficeClosed,
    /// It was revoked.
    Revoked,
    /// A newer one is in use.
    Superseded,
    /// It ended while the connection was open.
    Expired,
    /// No such certificate was issued.
    Unknown,
    /// The database has been silent for too long to be sure.
    Unsure,
}

impl From<NotLive> for Problem {
    fn from(reason: NotLive) -> Self {
        Problem::new(match reason {
            NotLive::OfficeClosed => ProblemCode::OfficeClosed,
            NotLive::Revoked => ProblemCode::TerminalRevoked,
            NotLive::Superseded => ProblemCode::TerminalSuperseded,
            NotLive::Expired => ProblemCode::TerminalExpired,
            NotLive::Unknown => ProblemCode::TerminalUnknown,
            NotLive::Unsure => ProblemCode::StoreUnavailable,
        })
    }
}

/// A live certificate as the set keeps it: in one place with its key, so that looking it up goes
/// nowhere else.
pub(super) struct Kept {
    live: Live,
    /// The last second in which it is good.
    expires: i64,
    /// The minute in which it was last noted as seen, counted from 1970.
    seen: AtomicI64,
}

/// The fingerprint of a certificate as a key of the set.
///
/// It is a hash already, SHA-256, so eight octets of it are one for the set as well. That nobody
/// can make many keys fall into one place needs no secret here: every key of the set is the
/// fingerprint of what our authority issued, under a serial number that it draws itself after the
/// request has come, so nobody chooses one; and what is looked up passed the handshake, so it is
/// one of these, too. Two certificates are told apart by all 32 octets.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u8; 32]);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let first = self.0.first_chunk().expect("8 of 32 octets");
        state.write_u64(u64::from_le_bytes(*first));
    }
}

/// Takes the number that a [`Key`] gives as it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    /// For any other key than [`Key`], of which there is none.
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = self.0.rotate_left(8) ^ u64::from(*octet);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) type Standing = Result<Kept, NotLive>;

type Standings = HashMap<Key, Standing, BuildHasherDefault<AsItIs>>;

struct Known {
    certificates: Standings,
    /// When the database was last heard of.
    heard: Instant,
}

/// The set of live terminals.
pub struct LiveTerminals {
    known: RwLock<Known>,
    /// The counter that `known` belongs to. Whoever changes `known` holds it from before the
    /// reading on: an older answer of the database must never overwrite a newer one.
    counter: Mutex<i64>,
    /// When each was last in contact, and what it was refused.
    sightings: Sightings,
}

impl LiveTerminals {
    /// Reads the set for the first time, as of `now`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn load(store: &Store, now: Timestamp) -> Result<Self, store::Error> {
        let mut watcher = store.watcher().await?;
        let counter = store::changes(&mut watcher, Noun::Terminals).await?;
        Ok(Self {
            known: RwLock::new(Known {
                certificates: read(&mut watcher, now).await?,
                heard: Instant::now(),
            }),
            counter: Mutex::new(counter),
            sightings: Sightings::default(),
        })
    }

    /// When each terminal was last in contact, and what it was refused.
    pub fn sightings(&self) -> &Sightings {
        &self.sightings
    }

    /// The terminal with the certificate of this fingerprint, if it may enter at `now`.
    ///
    /// # Errors
    /// Why it may not.
    pub fn look_up(&self, fingerprint: &[u8; 32], now: Timestamp) -> Result<Live, NotLive> {
        self.find(fingerprint, now, Live::clone)
    }

    /// Whether the terminal with the certificate of this fingerprint may still enter at `now`.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, fingerprint: &[u8; 32], now: Timestamp) -> Result<(), NotLive> {
        self.find(fingerprint, now, |_| ())
    }

    fn find<T>(
        &self,
        fingerprint: &[u8; 32],
        now: Timestamp,
        found: impl FnOnce(&Live) -> T,
    ) -> Result<T, NotLive> {
        let (second, minute) = (now.as_second(), now.as_second().div_euclid(60));
        let (found, is_first) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.heard.elapsed() > TRUST {
                return Err(NotLive::Unsure);
            }
            let standing = known.certificates.get(&Key(*fingerprint));
            let kept = standing.ok_or(NotLive::Unknown)?.as_ref();
            let kept = kept.map_err(|reason| *reason)?;
            // A certificate is good to the end of its last second.
            if kept.expires < second {
                return Err(NotLive::Expired);
            }
            // Once a minute for each; the other requests only compare.
            let is_first = kept.seen.load(Ordering::Relaxed) != minute
                && kept.seen.swap(minute, Ordering::Relaxed) != minute;
            (found(&kept.live), is_first)
        };
        if is_first {
            let at = Timestamp::from_second(minute * 60).unwrap_or(now);
            self.sightings.saw(*fingerprint, at);
        }
        Ok(found)
    }

    /// Reads again what has changed in the database: the offices that the changes name, or all
    /// where they name none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn refresh(&self, app: &App) -> Result<(), store::Error> {
        self.refresh_from(&app.store, app.clock.now()).await
    }

    async fn refresh_from(&self, store: &Store, now: Timestamp) -> Result<(), store::Error> {
        let mut counter = self.counter.lock().await;
        let asked = Instant::now();
        let mut watcher = store.watcher().await?;
        let present = store::changes(&mut watcher, Noun::Terminals).await?;
        // Reading first and storing the counter afterwards may read twice, but misses nothing.
        let offices = match present == *counter {
            true => Some(Vec::new()),
            false => store::offices_changed(&mut watcher, *counter, present).await?,
        };
        let (all, some) = match offices {
            None => (Some(read(&mut watcher, now).await?), Vec::new()),
            Some(offices) => {
                let mut some = Vec::new();
                for office in &offices {
                    some.extend(certificates_of(&mut watcher, office, now).await?);
                }
                (None, some)
            }
        };
        drop(watcher);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let old = all.map(|new| std::mem::replace(&mut known.certificates, new));
        known.certificates.extend(some.into_iter().map(entered));
        known.heard = asked;
        drop(known);
        // Taking a large set apart takes a while; nobody need wait for it.
        drop(old);
        *counter = present;
        Ok(())
    }

    /// Reads the certificates of one office again, after a change made here, whose answer must not
    /// wait for the counter to be looked at.
    ///
    /// # Errors
    /// The database fails.
    pub async fn refresh_office(&self, app: &App, office: &OfficeCode) -> Result<(), store::Error> {
        let _one_at_a_time = self.counter.lock().await;
        let mut watcher = app.store.watcher().await?;
        let rows = certificates_of(&mut watcher, office, app.clock.now()).await?;
        drop(watcher);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.certificates.extend(rows.into_iter().map(entered));
        Ok(())
    }
}

/// Keeps the sets of live terminals and sessions of `app` fresh until `stop`.
pub async fn keep_fresh(app: Arc<App>, stop: CancellationToken) {
    let mut silent = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let terminals = app.terminals.refresh(&app).await;
        match terminals.and(app.sessions.refresh(&app.store).await) {
            Ok(()) => silent = false,
            Err(error) if !silent => {
                silent = true;
                tracing::error!(%error, "it cannot be read who is live");
            }
            Err(_) => {}
        }
    }
}

async fn read(sql: &mut Connection, now: Timestamp) -> Result<Standings, store::Error> {
    let rows = certificates(sql, now).await?;
    Ok(rows.into_iter().map(entered).collect())
}

fn entered(row: CertificateRow) -> (Key, Standing) {
    (Key(row.fingerprint), standing(row))
}

/// Revocation weighs more than all else: it is the one that tells of theft.
pub(super) fn standing(row: CertificateRow) -> Standing {
    if row.revoked_at.is_some() {
        Err(NotLive::Revoked)
    } else if row.superseded_at.is_some() {
        Err(NotLive::Superseded)
    } else if row.office_closed {
        Err(NotLive::OfficeClosed)
    } else {
        Ok(Kept {
            expires: row.expires_at.as_second(),
            live: Live {
                used: row.first_used_at.is_some(),
                terminal: Arc::new(LiveTerminal {
                    id: row.identity.terminal,
                    office_number: row.office_number,
                    office: row.office,
                    serial: row.serial,
                    expires_at: row.expires_at,
                }),
            },
            seen: AtomicI64::new(i64::MIN),
        })
    }
}

#[cfg(test)]
mod tests;
