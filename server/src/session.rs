//! Logging in on top of an enrolled terminal.
//!
//! A session belongs to the certificate it was opened over and to a person of that terminal's
//! office. It ends when the certificate changes, when nobody used it for half an hour, after
//! twelve hours, or when the person says so.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shared::accounts::Login;
use shared::contract::{Done, Endpoint as _};
use shared::id::UserId;
use shared::session::{EndSession, LogIn, LogOut, OpenSession, Session, Token};
use shared::{Problem, ProblemCode};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::accounts::as_kept;
use crate::app::{App, Caller, LiveTerminal, SessionUser};
use crate::store;
use crate::store::Tx;
use crate::store::accounts::{Came, KnownAccount, Shown};
use crate::store::audit::{Act, Actor};
use crate::store::session::{NewSession, Tries};
use live::Live;

mod live;
#[cfg(test)]
mod tests;

pub use live::LiveSessions;

/// A working day with its overtime; nobody stays logged in overnight.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Longer than a lunch break would leave a record open to whoever passes by.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// The window locks earlier than the session ends, and keeps what was typed.
const IDLE_LOCK_SECONDS: u32 = 15 * 60;
/// How exactly `seen_at` is kept: a write on every request would cost more than the request.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Wrong passwords that cost nothing, on one login and from one terminal. People mistype.
const FREE_ON_LOGIN: u32 = 3;
const FREE_ON_TERMINAL: u32 = 10;
/// The longest wait between two tries. It has an end, so that nobody can lock a person out for
/// good by trying wrong passwords on their login.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// Counts are forgotten after an hour without a wrong try.
const FORGET: SignedDuration = SignedDuration::from_hours(1);

/// Opens a session for a person of this terminal's office.
///
/// # Errors
/// `wrong-login` for a wrong password and an unknown login alike, after the same time;
/// `initial-password-expired` for the right one of those that are handed over, too late;
/// `slowed-down` with the seconds to wait; `busy`; `store-unavailable`.
pub async fn open_session(
    server: &App,
    caller: &Caller,
    request: LogIn,
) -> Result<Session, Problem> {
    let terminal = &caller.terminal;
    let tried_on = tried_on(&request.login, terminal);
    count_try(server, &tried_on).await?;
    let account = {
        let mut reader = server.store.reader().await?;
        store::accounts::by_login(&mut reader, &request.login, terminal.office_number).await?
    };
    let is_initial = account
        .as_ref()
        .is_some_and(|account| account.initial_until.is_some());
    let typed = as_kept(&request.password, is_initial);
    let stored = account.as_ref().map(|account| account.password.clone());
    let right = server
        .passwords
        .verify(typed, stored)
        .await
        .map_err(|error| Problem::new(ProblemCode::Busy).because(error))?;
    let actor = caller.actor();
    let known = account.as_ref().map(|account| account.person.id);
    let Some(account) = account.filter(|_| right) else {
        let act = Act::new(actor, OpenSession::NAME);
        note_wrong(server, act, known.map(|id| (id, request.login))).await?;
        return Err(Problem::new(ProblemCode::WrongLogin));
    };
    if account
        .initial_until
        .is_some_and(|until| until <= server.clock.now())
    {
        let act = Act::new(actor, OpenSession::NAME);
        note_late(server, act, account.person.id, tried_on).await?;
        return Err(Problem::new(ProblemCode::InitialPasswordExpired));
    }
    // Whoever logs in has just shown who they are: the deed is theirs.
    let actor = Actor {
        user: Some(account.person.id),
        ..actor
    };
    let act = Act::new(actor, OpenSession::NAME);
    begin(server, caller, act, account, tried_on).await
}

/// Begins the session of somebody whose password was found to be that of `account`, if it still is:
/// finding it out takes a while, in which it may have been changed, and every session ended.
async fn begin(
    server: &App,
    caller: &Caller,
    act: Act,
    account: KnownAccount,
    tried_on: [String; 2],
) -> Result<Session, Problem> {
    let terminal = &caller.terminal;
    let mut random = Zeroizing::new([0; 32]);
    server.rng.fill(&mut *random);
    let token = Token::new(URL_SAFE_NO_PAD.encode(*random));
    let expires_at = server.clock.now() + LONGEST;
    let new = NewSession {
        id: server.new_id(),
        token: fingerprint_of(&token),
        account: account.person.id,
        serial: terminal.serial.clone(),
        expires_at,
    };
    let opening = Opening {
        new,
        password: account.password,
        tried_on,
        coming_back: caller.coming_back,
    };
    let write = server.store.write(act, opening, |tx, opening| {
        Box::pin(async move { opening.keep(tx).await })
    });
    write.await?;
    Ok(Session {
        token,
        user: account.person,
        role: account.role,
        office: terminal.office.clone(),
        expires_at,
        idle_lock_seconds: IDLE_LOCK_SECONDS,
        must_change_password: account.initial_until.is_some(),
    })
}

/// A session that is about to be opened.
struct Opening {
    new: NewSession,
    /// The hash of the password that was found to be right.
    password: String,
    tried_on: [String; 2],
    coming_back: Option<[u8; 32]>,
}

impl Opening {
    /// Opens it, unless the password was changed meanwhile.
    async fn keep(&self, tx: &mut Tx) -> Result<(), store::Error> {
        let account = self.new.account;
        let shown = Shown {
            token: self.coming_back.as_ref(),
            serial: &self.new.serial,
            since: tx.now() - LONGEST,
        };
        let came = store::accounts::log_in(tx, account, &self.password, &shown).await?;
        let came = came.ok_or(ProblemCode::WrongLogin)?;
        // The terminal's count too: only logins of this office can be guessed here, and each of
        // those is slowed on its own.
        for tried_on in &self.tried_on {
            store::session::clear_tries(tx, tried_on).await?;
        }
        store::session::open(tx, &self.new).await?;
        let detail = match came {
            Came::Anew => json!({ "opened": true }),
            Came::Back => json!({ "opened": true, "unlocked": true }),
        };
        tx.record(account.0, &detail);
        Ok(())
    }
}

/// Ends the caller's session.
///
/// # Errors
/// `not-logged-in`, `store-unavailable`.
pub async fn end_session(server: &App, caller: &Caller, _: LogOut) -> Result<Done, Problem> {
    let user = caller.person()?;
    let act = Act::new(caller.actor(), EndSession::NAME);
    let answer = server
        .store
        .write(act, user.session, |tx, session| {
            Box::pin(async move {
                store::session::end(tx, *session).await?;
                Ok(Done {})
            })
        })
        .await?;
    server.sessions.forget(user.session);
    Ok(answer)
}

/// Who is behind this token on this terminal.
///
/// # Errors
/// `not-logged-in` for an unknown, foreign, idle or expired session; `store-unavailable`.
pub async fn authenticate(
    server: &App,
    terminal: &LiveTerminal,
    token: &Token,
) -> Result<SessionUser, Problem> {
    let token = fingerprint_of(token);
    let now = server.clock.now();
    let known = server.sessions.find(&token);
    let counts = |live: &Arc<Live>| live.counts(terminal, now);
    if let Some(live) = known.as_ref().filter(|live| counts(live))
        && !live.is_to_be_noted(now)
    {
        return Ok(live.user());
    }
    // It may be in use on another server, or not known here yet. One that is known is read again
    // whenever its use is noted: should its end not have been announced, it is found now.
    let Some(live) = look_up(server, token).await?.filter(counts) else {
        if let Some(live) = known {
            server.sessions.forget(live.user().session);
        }
        return Err(Problem::new(ProblemCode::NotLoggedIn));
    };
    let user = live.user();
    if live.is_to_be_noted(now) {
        see(server, user.session).await?;
        live.was_noted(now);
    }
    Ok(user)
}

/// Reads a session from the database, and keeps it in memory.
async fn look_up(server: &App, token: [u8; 32]) -> Result<Option<Arc<Live>>, Problem> {
    let before = server.sessions.before();
    let mut reader = server.store.reader().await?;
    let known = store::session::by_token(&mut reader, &token).await?;
    let live = known.map(|session| Arc::new(Live::from(session)));
    if let Some(live) = &live {
        server.sessions.keep(token, live, before);
    }
    Ok(live)
}

async fn see(server: &App, session: Uuid) -> Result<(), Problem> {
    let act = Act::housekeeping("session seen");
    server
        .store
        .write(act, session, |tx, session| {
            Box::pin(async move { store::session::see(tx, *session).await })
        })
        .await?;
    Ok(())
}

/// By what a session is found: what the client sends is kept nowhere.
pub(crate) fn fingerprint_of(token: &Token) -> [u8; 32] {
    Sha256::digest(token.reveal()).into()
}

/// What tries are counted on: the login in this office, whether anyone has it or not, and the
/// terminal. Only here can the login be guessed, so nobody elsewhere is slowed.
pub(crate) fn tried_on(login: &Login, terminal: &LiveTerminal) -> [String; 2] {
    [
        tried_on_login(login, terminal.office_number),
        format!("terminal {}", terminal.id),
    ]
}

/// The first of them, for the office with this number.
pub(crate) fn tried_on_login(login: &Login, office: i64) -> String {
    format!("login {login} in {office}")
}

/// Counts a try before the password is looked at, so that many at once are counted too. One that
/// has to wait is not counted.
pub(crate) async fn count_try(server: &App, tried_on: &[String; 2]) -> Result<(), Problem> {
    let act = Act::housekeeping("count a try");
    server
        .store
        .write(act, tried_on.clone(), |tx, tried_on| {
            Box::pin(async move {
                let now = tx.now();
                store::session::forget_tries(tx, now - FORGET).await?;
                let free = [FREE_ON_LOGIN, FREE_ON_TERMINAL];
                for (tried_on, free) in tried_on.iter().zip(free) {
                    let before = store::session::count_try(tx, tried_on).await?;
                    let wait = wait(before, free, now);
                    if wait > SignedDuration::ZERO {
                        let problem = Problem::new(ProblemCode::SlowedDown);
                        return Err(problem.with("seconds", whole_seconds(wait)).into());
                    }
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// How long to wait yet after `tries`: nothing for the first `free`, then one second, and twice
/// as long for every further one.
fn wait(tries: Tries, free: u32, now: Timestamp) -> SignedDuration {
    let Some(beyond) = tries.count.checked_sub(free) else {
        return SignedDuration::ZERO;
    };
    let seconds = SignedDuration::from_secs(1 << beyond.min(16));
    // A clock that was set back must not make anyone wait longer than the rule says.
    let passed = now.duration_since(tries.last_at).max(SignedDuration::ZERO);
    (seconds.min(LONGEST_WAIT) - passed).max(SignedDuration::ZERO)
}

fn whole_seconds(wait: SignedDuration) -> i64 {
    wait.as_secs() + i64::from(wait.subsec_nanos() > 0)
}

/// The right one of those that are handed over, too late: nobody guessed, and the log shows that
/// somebody has it.
async fn note_late(
    server: &App,
    act: Act,
    person: UserId,
    tried_on: [String; 2],
) -> Result<(), Problem> {
    server
        .store
        .write(act, (person, tried_on), |tx, (person, tried_on)| {
            Box::pin(async move {
                for tried_on in tried_on {
                    store::session::clear_tries(tx, tried_on).await?;
                }
                tx.record(person.0, &json!({ "too_late": true }));
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// Whose login it was tried as, only where somebody has it: what is typed in its place by mistake may
/// be a password.
async fn note_wrong(server: &App, act: Act, known: Option<(UserId, Login)>) -> Result<(), Problem> {
    server
        .store
        .write(act, known, |tx, known| {
            Box::pin(async move {
                match known {
                    Some((id, login)) => tx.record(id.0, &json!({ "wrong": login })),
                    None => tx.note(&json!({ "wrong": null })),
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}
