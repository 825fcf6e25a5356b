//! Calls to the server: one typed function over whatever carries the bytes.
//!
//! A screen calls [`Api::call`] with an endpoint of [`shared::contract`] and gets
//! its answer or a [`Failure`] that can be shown. What carries the call is a
//! [`Transport`]: the terminal's mutual TLS connection ([`mtls`]) or, in tests, a
//! script ([`scripted`]).

mod failure;
mod gate;
mod held;
pub mod mtls;
pub mod scripted;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;
use shared::contract::{Endpoint, Method, to_parts};
use shared::enrolment::{ShowTerminal, Terminal, TerminalQuery};
use shared::id::IdempotencyKey;
use shared::session::Token;
use shared::{Language, ProblemCode};

pub use failure::{Failure, Unreachable};
pub use gate::{Authority, Gate, Issued, Offered, Trouble};

use crate::language;
use held::{Place, Sitting};

/// One call, taken apart for whatever carries it.
#[derive(Clone)]
pub struct Call {
    /// The endpoint's name, e.g. `ShowTerminal`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The JSON body; absent for a `GET`.
    pub body: Option<Value>,
    /// What makes a repeat of a write harmless.
    pub key: Option<IdempotencyKey>,
    /// The session, where one is open.
    pub token: Option<Token>,
    /// The language that problems should come in.
    pub language: Language,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; null when there was none.
    pub body: Value,
}

/// Carries calls to one server as one terminal.
pub trait Transport: Send + Sync {
    /// Sends a call and waits for its answer, for a limited time.
    fn send(&self, call: Call) -> BoxFuture<'static, Result<Answer, Unreachable>>;

    /// Fetches the server's roots and what leads from one to the other (EST `cacerts`).
    fn roots(&self) -> BoxFuture<'static, Result<Offered, Trouble>>;
}

/// How the line to the server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// Nothing was sent yet.
    #[default]
    Untried,
    /// The last call was answered.
    Connected,
    /// The last call was not.
    Cut,
    /// The server answers, but lets this terminal in no longer, or the session is over.
    Refused(ProblemCode),
    /// The handshake failed: one of the two does not take the other's certificate.
    Distrusted,
}

/// The server as the screens see it; cheap to clone, clones share session and line.
#[derive(Clone)]
pub struct Api {
    transport: Arc<dyn Transport>,
    sitting: Arc<Sitting>,
    line: Arc<Mutex<Line>>,
    new_key: Arc<dyn Fn() -> IdempotencyKey + Send + Sync>,
    probing: Arc<AtomicBool>,
}

/// Held while a probe is under way; whoever drops the probe lets the next one begin.
struct Probing(Arc<AtomicBool>);

impl Drop for Probing {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Api {
    /// Calls carried by `transport`; `new_key` makes the key of each write.
    pub fn new(
        transport: Arc<dyn Transport>,
        new_key: impl Fn() -> IdempotencyKey + Send + Sync + 'static,
    ) -> Self {
        Self {
            transport,
            sitting: Arc::default(),
            line: Arc::default(),
            new_key: Arc::new(new_key),
            probing: Arc::default(),
        }
    }

    /// A key for one write. Keep it and use [`Api::call_again`] to repeat the
    /// write after a cut line without a second effect.
    pub fn key(&self) -> IdempotencyKey {
        (self.new_key)()
    }

    /// From now on calls are made in this session, or in none. Those held for the person before
    /// are given up.
    pub fn use_session(&self, token: Option<Token>) {
        let begins = token.is_some();
        self.sitting.begin(token);
        // How a terminal stands that is let in no longer is known after the session too.
        if begins || self.line() == Line::Refused(ProblemCode::NotLoggedIn) {
            self.is_let_in();
        }
    }

    /// From now on a call that is refused because the session has ended waits until the same
    /// person has logged in again ([`resume`](Self::resume)), and is then made once more.
    pub fn hold_refused(&self) {
        self.sitting.hold();
    }

    /// The same person has logged in again. What is held goes on waiting for [`resume`](Self::resume).
    pub fn renew_session(&self, token: Token) {
        self.sitting.renew(token);
        self.is_let_in();
    }

    /// What is held is made once more.
    pub fn resume(&self) {
        self.sitting.resume();
    }

    /// Whether the server has ended the session that calls are made in.
    pub fn session_has_ended(&self) -> bool {
        self.sitting.has_ended()
    }

    fn is_let_in(&self) {
        let mut line = self.line.lock().expect("no holder panics");
        if matches!(*line, Line::Refused(_)) {
            *line = Line::Connected;
        }
    }

    /// How the line stood after the last call.
    pub fn line(&self) -> Line {
        *self.line.lock().expect("no holder panics")
    }

    /// Why this terminal is let in no longer, if the last call said so.
    pub fn refusal(&self) -> Option<Failure> {
        match self.line() {
            Line::Refused(ProblemCode::NotLoggedIn) => None,
            Line::Refused(code) => Some(Failure::refused(code)),
            Line::Distrusted => Some(Failure::Unreachable(Unreachable::Handshake)),
            Line::Untried | Line::Connected | Line::Cut => None,
        }
    }

    /// Asks, while the line is cut, whether it is back: who this terminal is. `None`
    /// while it is not cut, or while the last such question is still open.
    pub fn probe(
        &self,
    ) -> Option<impl Future<Output = Result<Terminal, Failure>> + Send + 'static + use<>> {
        match self.line() {
            Line::Cut => self.look(),
            _ => None,
        }
    }

    /// Asks who this terminal is, whatever was known of it: a terminal that is let in no longer
    /// learns so. It takes no session, and keeps none open. `None` while the last such question is
    /// still open.
    pub fn look(
        &self,
    ) -> Option<impl Future<Output = Result<Terminal, Failure>> + Send + 'static + use<>> {
        if self.probing.swap(true, Ordering::Acquire) {
            return None;
        }
        let probing = Probing(self.probing.clone());
        let call = self.call::<ShowTerminal>(TerminalQuery {});
        Some(async move {
            let _probing = probing;
            call.await
        })
    }

    /// Calls an endpoint; a write gets a new key.
    ///
    /// # Errors
    /// [`Failure`] with the words to show.
    pub fn call<E: Endpoint>(
        &self,
        request: E::Request,
    ) -> impl Future<Output = Result<E::Response, Failure>> + Send + 'static + use<E> {
        self.call_again::<E>(request, self.key())
    }

    /// Calls an endpoint with the key of an earlier try: if that one arrived after
    /// all, this gives its answer and has no second effect.
    ///
    /// # Errors
    /// [`Failure`] with the words to show.
    pub fn call_again<E: Endpoint>(
        &self,
        request: E::Request,
        key: IdempotencyKey,
    ) -> impl Future<Output = Result<E::Response, Failure>> + Send + 'static + use<E> {
        let api = self.clone();
        let mut place = self.sitting.place();
        let call = to_parts::<E>(&request).map(|parts| Call {
            name: E::NAME,
            method: E::METHOD,
            path: parts.path_and_query,
            body: parts.body,
            key: E::KEYED.then_some(key),
            token: place.token(),
            language: language::spoken(),
        });
        async move {
            let mut call = call.map_err(|_| Failure::Unreadable)?;
            loop {
                let answer = api.transport.send(call.clone()).await;
                let result = answer
                    .map_err(Failure::Unreachable)
                    .and_then(failure::read::<E>);
                let wants_a_session = matches!(&result, Err(failure) if failure.wants_a_session());
                if wants_a_session && place.is_past() {
                    // Nobody waits for it, and how the session after it stands is another matter.
                    return result;
                }
                // One that was renewed meanwhile has not ended.
                if !wants_a_session || !place.is_renewed() {
                    api.note(&result, &place);
                }
                if !wants_a_session || !place.has_come().await {
                    return result;
                }
                call.token = place.token();
            }
        }
    }

    fn note<T>(&self, result: &Result<T, Failure>, place: &Place) {
        if let Err(failure) = result
            && failure.problem() == Some(ProblemCode::NotLoggedIn)
        {
            self.sitting.ended(place);
        }
        let now = match result {
            Err(Failure::Unreachable(Unreachable::Handshake)) => Line::Distrusted,
            Err(Failure::Unreachable(_)) => Line::Cut,
            Err(Failure::Refused(problem)) if failure::ends_the_work(problem.code) => {
                Line::Refused(problem.code)
            }
            _ => Line::Connected,
        };
        *self.line.lock().expect("no holder panics") = now;
    }
}

#[cfg(test)]
mod tests;
