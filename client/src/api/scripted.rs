//! A server that says what a test tells it to, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;
use shared::contract::{self, Access, Endpoint, Method};
use shared::{Problem, ProblemCode};

use super::{Answer, Call, Offered, Transport, Trouble, Unreachable};

type Reply = Box<dyn FnMut(&Call) -> Result<Answer, Unreachable> + Send>;

/// A scripted server; clones are the same one.
///
/// ```
/// # use client::api::scripted::Script;
/// # use shared::follow_up::work_list::{CountReturnees, Counts};
/// let script = Script::new().answer::<CountReturnees>(Counts::default());
/// assert_eq!(script.asked(), 0);
/// ```
#[derive(Clone, Default)]
pub struct Script {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    replies: HashMap<&'static str, Reply>,
    calls: Vec<Call>,
    offered: Offered,
    cut: bool,
    /// The sessions that are over.
    ended: Vec<String>,
}

impl Script {
    /// A server that answers nothing yet: every call fails as if the line were cut.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(self, name: &'static str, reply: Reply) -> Self {
        self.inner
            .lock()
            .expect("no holder panics")
            .replies
            .insert(name, reply);
        self
    }

    /// Always answers `E` with this.
    #[must_use]
    pub fn answer<E: Endpoint>(self, response: E::Response) -> Self {
        let body = serde_json::to_value(response).expect("a contract type serialises");
        self.with(
            E::NAME,
            Box::new(move |_| {
                Ok(Answer {
                    status: 200,
                    body: body.clone(),
                })
            }),
        )
    }

    /// Always refuses `E` with this problem.
    #[must_use]
    pub fn refuse<E: Endpoint>(self, problem: Problem) -> Self {
        self.with(E::NAME, Box::new(move |call| Ok(refusal(&problem, call))))
    }

    /// Answers `E` by a function of the call, which may count, remember or change its mind.
    #[must_use]
    pub fn reply<E: Endpoint>(
        self,
        mut reply: impl FnMut(&Call) -> Result<E::Response, Problem> + Send + 'static,
    ) -> Self {
        self.with(
            E::NAME,
            Box::new(move |call| {
                Ok(match reply(call) {
                    Ok(response) => Answer {
                        status: 200,
                        body: serde_json::to_value(response).expect("a contract type serialises"),
                    },
                    Err(problem) => refusal(&problem, call),
                })
            }),
        )
    }

    /// From now on every call of `E` arrives, and its answer is lost on the line.
    pub fn lose<E: Endpoint>(&self) {
        let mut inner = self.inner.lock().expect("no holder panics");
        inner.replies.remove(E::NAME);
    }

    /// From now on these roots are handed out; none are before.
    pub fn offer(&self, offered: Offered) {
        self.inner.lock().expect("no holder panics").offered = offered;
    }

    /// Cuts the line (`true`) or mends it.
    pub fn cut(&self, cut: bool) {
        self.inner.lock().expect("no holder panics").cut = cut;
    }

    /// Ends the session with this token: what needs one is refused in it from now on.
    pub fn end_session(&self, token: &str) {
        let mut inner = self.inner.lock().expect("no holder panics");
        inner.ended.push(token.to_owned());
    }

    /// Every call that arrived, in order.
    pub fn every_call(&self) -> Vec<Call> {
        self.inner.lock().expect("no holder panics").calls.clone()
    }

    /// How many calls arrived.
    pub fn asked(&self) -> usize {
        self.inner.lock().expect("no holder panics").calls.len()
    }

    /// The calls of `E` that arrived, in order.
    pub fn calls<E: Endpoint>(&self) -> Vec<Call> {
        let inner = self.inner.lock().expect("no holder panics");
        inner
            .calls
            .iter()
            .filter(|call| call.name == E::NAME)
            .cloned()
            .collect()
    }
}

/// Whether a call needs a session, and comes in one that is over.
fn comes_too_late(call: &Call, ended: &[String]) -> bool {
    let token = call.token.as_ref();
    let is_over = token.is_some_and(|token| ended.iter().any(|it| it == token.reveal()));
    let declared = || contract::all().into_iter().find(|it| it.name == call.name);
    is_over && declared().is_some_and(|it| matches!(it.access, Access::Session(_)))
}

fn refusal(problem: &Problem, call: &Call) -> Answer {
    let document = match call.method {
        Method::Get => problem.document_of_a_read(call.language),
        _ => problem.document(call.language),
    };
    Answer {
        status: document.status,
        body: serde_json::to_value(document).unwrap_or(Value::Null),
    }
}

impl Transport for Script {
    fn send(&self, call: Call) -> BoxFuture<'static, Result<Answer, Unreachable>> {
        let mut inner = self.inner.lock().expect("no holder panics");
        let answer = if inner.cut {
            Err(Unreachable::Cut)
        } else {
            inner.calls.push(call.clone());
            if comes_too_late(&call, &inner.ended) {
                let refused = refusal(&Problem::new(ProblemCode::NotLoggedIn), &call);
                return Box::pin(std::future::ready(Ok(refused)));
            }
            match inner.replies.get_mut(call.name) {
                Some(reply) => reply(&call),
                None => Err(Unreachable::Cut),
            }
        };
        Box::pin(std::future::ready(answer))
    }

    fn roots(&self) -> BoxFuture<'static, Result<Offered, Trouble>> {
        let inner = self.inner.lock().expect("no holder panics");
        let answer = if inner.cut {
            Err(Trouble::Unreachable(Unreachable::Cut))
        } else {
            Ok(inner.offered.clone())
        };
        Box::pin(std::future::ready(answer))
    }
}
