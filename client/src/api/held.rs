//! Calls that came too late for their session: they wait for the person to log in again.
//!
//! A session ends on the server while somebody looks at a screen. What the screen asked for then is
//! neither thrown away nor shown as a failure: the window is locked, and once the same person has
//! unlocked it the call is made again with its own key, as if it had only taken long.

use shared::session::Token;
use tokio::sync::watch;

/// The session in which calls are made.
#[derive(Default)]
pub(super) struct Sitting(watch::Sender<State>);

#[derive(Clone, Default)]
struct State {
    token: Option<Token>,
    /// Counts those who sat down here, one after the other.
    person: u64,
    /// Counts how often the present one has come back.
    round: u64,
    /// Whether the present one can be asked to log in again.
    holds: bool,
    /// The server has said that the session is over.
    has_ended: bool,
}

impl Sitting {
    /// Somebody begins, or nobody sits here any more.
    pub(super) fn begin(&self, token: Option<Token>) {
        self.0.send_modify(|state| {
            state.token = token;
            state.person += 1;
            state.holds = false;
            state.has_ended = false;
        });
    }

    /// The present one can be asked to log in again.
    pub(super) fn hold(&self) {
        self.0.send_modify(|state| state.holds = true);
    }

    /// The present one has logged in again.
    pub(super) fn renew(&self, token: Token) {
        self.0.send_modify(|state| {
            state.token = Some(token);
            state.has_ended = false;
        });
    }

    /// The server has said that the session of this call is over.
    pub(super) fn ended(&self, place: &Place) {
        let then = &place.then;
        self.0.send_if_modified(|state| {
            let ended = state.token == then.token && state.token.is_some() && !state.has_ended;
            state.has_ended |= ended;
            ended
        });
    }

    /// Whether the present one has to log in again.
    pub(super) fn has_ended(&self) -> bool {
        self.0.borrow().has_ended
    }

    /// What waits may go on.
    pub(super) fn resume(&self) {
        self.0.send_modify(|state| state.round += 1);
    }

    /// The place of a call that is made now.
    pub(super) fn place(&self) -> Place {
        let now = self.0.subscribe();
        let then = now.borrow().clone();
        Place { now, then }
    }
}

/// In which session a call was made, and how that stands now.
pub(super) struct Place {
    now: watch::Receiver<State>,
    then: State,
}

impl Place {
    /// The session it is made in.
    pub(super) fn token(&self) -> Option<Token> {
        self.then.token.clone()
    }

    /// Whether somebody else, or nobody, sits here by now.
    pub(super) fn is_past(&self) -> bool {
        self.now.borrow().person != self.then.person
    }

    /// Whether the same person has another session by now.
    pub(super) fn is_renewed(&self) -> bool {
        self.now.borrow().token != self.then.token
    }

    /// Waits until the same person is back, and takes over their session; `false` where nobody is
    /// waited for.
    pub(super) async fn has_come(&mut self) -> bool {
        if self.then.token.is_none() {
            return false;
        }
        let then = &self.then;
        let decided = self
            .now
            .wait_for(|now| now.person != then.person || !now.holds || now.round != then.round);
        let Ok(now) = decided.await.map(|now| now.clone()) else {
            return false;
        };
        let same = now.person == then.person && now.holds;
        self.then = now;
        same
    }
}
