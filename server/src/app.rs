//! What every handler stands on: the running server, and who is asking.

use std::sync::Arc;

use jiff::Timestamp;
use shared::accounts::password::ChangePassword;
use shared::accounts::{Person, Role};
use shared::contract::{Access, Endpoint};
use shared::enrolment::Serial;
use shared::id::{IdempotencyKey, TerminalId};
use shared::offices::Office;
use shared::session::EndSession;
use shared::{Day, Problem, ProblemCode};
use uuid::Uuid;

use crate::authority::Authorities;
use crate::clock::{Clock, Rng, new_id};
use crate::enrolment::LiveTerminals;
use crate::mail::Post;
use crate::password::PasswordPool;
use crate::session::LiveSessions;
use crate::store::audit::{Act, Actor};
use crate::store::{Receipt, Store};

/// The running server, as handlers see it.
pub struct App {
    /// Where everything is kept.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Who issues certificates, and whose are let in.
    pub authority: Authorities,
    /// Which terminals may enter.
    pub terminals: LiveTerminals,
    /// Which sessions are in use.
    pub sessions: LiveSessions,
    /// Where passwords are checked, a few at a time.
    pub passwords: PasswordPool,
    /// How mail is written.
    pub mail: Post,
}

impl App {
    /// The day it is in Japan.
    #[must_use]
    pub fn today(&self) -> Day {
        Day::in_japan(self.clock.now())
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        new_id(&*self.clock, &*self.rng)
    }
}

/// A terminal whose certificate is good at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTerminal {
    /// Which.
    pub id: TerminalId,
    /// The number of its office in the store.
    pub office_number: i64,
    /// Its office.
    pub office: Office,
    /// The serial of the certificate in use.
    pub serial: Serial,
    /// When that certificate expires.
    pub expires_at: Timestamp,
}

/// A person logged in on a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUser {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// Their session, to end it.
    pub session: Uuid,
    /// They have the password yet that was handed over, and must choose one before anything else.
    pub must_change_password: bool,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The terminal that the certificate names.
    pub terminal: Arc<LiveTerminal>,
    /// The person logged in on it, if any.
    pub user: Option<SessionUser>,
    /// The key under which this write happens at most once; absent for reads.
    pub idempotency_key: Option<IdempotencyKey>,
    /// What was shown of a session where none is asked for, as SHA-256 of its token: who logs in and
    /// shows one comes back to a window that was locked.
    pub coming_back: Option<[u8; 32]>,
}

impl Caller {
    /// Whether this caller may call `E` at all: the role is named in the contract, and a write
    /// carries its key. What of the data is theirs is for the handler to say.
    ///
    /// # Errors
    /// `not-logged-in`, `not-permitted`, `password-to-change` or `key-missing`.
    pub fn may<E: Endpoint>(&self) -> Result<(), Problem> {
        if let Access::Session(_) = E::ACCESS
            && !E::ACCESS.admits(self.person()?.role)
        {
            return Err(Problem::new(ProblemCode::NotPermitted));
        }
        // A password that others have seen opens nothing but the way to one's own (M-08).
        let is_way_out = [ChangePassword::NAME, EndSession::NAME].contains(&E::NAME);
        if let Access::Session(_) = E::ACCESS
            && self.person()?.must_change_password
            && !is_way_out
        {
            return Err(Problem::new(ProblemCode::PasswordToChange));
        }
        if E::KEYED && self.idempotency_key.is_none() {
            return Err(Problem::new(ProblemCode::KeyMissing));
        }
        Ok(())
    }

    /// The person logged in.
    ///
    /// # Errors
    /// `not-logged-in` when nobody is.
    pub fn person(&self) -> Result<&SessionUser, Problem> {
        self.user
            .as_ref()
            .ok_or_else(|| Problem::new(ProblemCode::NotLoggedIn))
    }

    /// The caller, as the audit log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            terminal: Some(self.terminal.id),
            user: self.user.as_ref().map(|user| user.person.id),
            office: Some(self.terminal.office.code.clone()),
        }
    }

    /// The deed of calling `E`: named in the audit log, and done at most once under the caller's
    /// key.
    #[must_use]
    pub fn act<E: Endpoint>(&self, request: &E::Request) -> Act {
        let act = Act::new(self.actor(), E::NAME);
        match self.idempotency_key {
            // The office and the person own a key, not the terminal: after a re-enrolment the
            // same person may still repeat what the old certificate sent.
            Some(key) if E::KEYED => act.once(Receipt::new(
                &[
                    self.terminal.office.code.as_str().as_bytes(),
                    self.user
                        .as_ref()
                        .map_or(&[][..], |user| user.person.id.0.as_bytes()),
                ],
                key,
                E::NAME,
                request,
            )),
            _ => act,
        }
    }
}
