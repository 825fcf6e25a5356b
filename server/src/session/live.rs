//! Sessions in use, in memory: a request of somebody logged in costs no look into the database.
//!
//! Only what lets a request in is kept here. Whoever is not known here, or looks idle or foreign,
//! is looked up in the database, which has the last word. A counter in it says when a session was
//! ended or an account changed, by whichever server; it is read several times a second, like that
//! of the terminals, and then everything kept here is read anew. So is each session by itself when
//! its use is noted, once a minute. When the database has been silent
//! for too long, nothing here counts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{IDLE, SEEN_EVERY};
use crate::app::{LiveTerminal, SessionUser};
use crate::store::session::KnownSession;
use crate::store::{self, Noun, Store};

/// After how long without news from the database nothing kept here counts.
const TRUST: Duration = Duration::from_secs(3);
/// How many are kept at most: some tens of megabytes.
const MOST: usize = 65_536;

/// A session that was good when it was read.
pub(super) struct Live {
    session: KnownSession,
    /// When it was last used, as the database has it; milliseconds.
    seen_at: AtomicI64,
}

impl Live {
    /// Whether it is of this terminal and not over at `now`.
    pub(super) fn counts(&self, terminal: &LiveTerminal, now: Timestamp) -> bool {
        self.session.serial == terminal.serial
            && self.session.office == terminal.office_number
            && now < self.session.expires_at
            && now.as_millisecond() < self.seen_at() + milliseconds(IDLE)
    }

    /// Whether its use at `now` is worth noting in the database.
    pub(super) fn is_to_be_noted(&self, now: Timestamp) -> bool {
        now.as_millisecond() >= self.seen_at() + milliseconds(SEEN_EVERY)
    }

    /// Its use at `now` stands in the database.
    pub(super) fn was_noted(&self, now: Timestamp) {
        self.seen_at.store(now.as_millisecond(), Ordering::Relaxed);
    }

    pub(super) fn user(&self) -> SessionUser {
        SessionUser {
            person: self.session.person.clone(),
            role: self.session.role,
            session: self.session.id,
            must_change_password: self.session.must_change_password,
        }
    }

    fn seen_at(&self) -> i64 {
        self.seen_at.load(Ordering::Relaxed)
    }
}

fn milliseconds(duration: jiff::SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).expect("limits are some hours at most")
}

impl From<KnownSession> for Live {
    fn from(session: KnownSession) -> Self {
        Self {
            seen_at: AtomicI64::new(session.seen_at.as_millisecond()),
            session,
        }
    }
}

/// The sessions in use.
#[derive(Default)]
pub struct LiveSessions {
    known: RwLock<Known>,
    /// The counter that `known` belongs to.
    counter: tokio::sync::Mutex<Option<i64>>,
}

#[derive(Default)]
struct Known {
    /// By the SHA-256 of the token.
    sessions: HashMap<[u8; 32], Arc<Live>>,
    /// When the database was last heard of; never, at first.
    heard: Option<Instant>,
    /// How often something was taken out.
    taken_out: u64,
}

impl Known {
    fn take_out_all(&mut self) {
        self.sessions.clear();
        self.taken_out += 1;
    }
}

/// The state of the set before a session was read from the database.
#[derive(Clone, Copy)]
pub(super) struct Before(u64);

impl LiveSessions {
    /// The session whose token has this SHA-256, if it is known here.
    pub(super) fn find(&self, token: &[u8; 32]) -> Option<Arc<Live>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let sure = known.heard.is_some_and(|heard| heard.elapsed() <= TRUST);
        known.sessions.get(token).filter(|_| sure).cloned()
    }

    /// What [`Self::keep`] needs of the moment before a session is read from the database.
    pub(super) fn before(&self) -> Before {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Before(known.taken_out)
    }

    /// Keeps a session that was read from the database after `before`. When something was taken
    /// out since, it may have been this one: then it is not kept.
    pub(super) fn keep(&self, token: [u8; 32], live: &Arc<Live>, before: Before) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.taken_out != before.0 {
            return;
        }
        if known.sessions.len() >= MOST {
            known.take_out_all();
        }
        known.sessions.insert(token, Arc::clone(live));
    }

    /// Forgets a session that was ended here.
    pub(crate) fn forget(&self, session: uuid::Uuid) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.sessions.retain(|_, live| live.session.id != session);
        known.taken_out += 1;
    }

    /// Takes out everything if a session was ended or an account changed since the last time.
    ///
    /// # Errors
    /// The database fails; after a moment of that, nothing kept here counts any more.
    pub async fn refresh(&self, store: &Store) -> Result<(), store::Error> {
        let mut counter = self.counter.lock().await;
        let asked = Instant::now();
        let present = Some(store::changes(&mut store.watcher().await?, Noun::Sessions).await?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if present != *counter {
            known.take_out_all();
        }
        known.heard = Some(asked);
        *counter = present;
        Ok(())
    }
}

#[cfg(test)]
impl LiveSessions {
    /// As if the database had been silent for so long.
    pub(super) fn hear_nothing_for(&self, silence: Duration) {
        let mut known = self.known.write().unwrap();
        known.heard = Instant::now().checked_sub(silence);
    }
}
