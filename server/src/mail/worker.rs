//! Empties the queue: claim, send, mark.
//!
//! Killed before it marks, a message is sent once more by whoever claims it next, under the same
//! `Message-ID`; killed before it sends, nothing was lost. A claim is held by one server at a
//! time and renewed while that server lives.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Carrier, Content, NotMade, Outbound, Outcome, compose};
use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::mail::{self, Claimed, Mark};

/// Messages on their way at once, on one server.
const AT_ONCE: u16 = 4;
/// How long a claim holds unless it is renewed: as long, after a server died, nobody touches what
/// it was sending.
const HOLD: SignedDuration = SignedDuration::from_secs(60);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(15);
/// Renewals that may fail before everything is dropped, since another server may take it over.
const MISSED: u32 = 2;
/// How often the queue is looked at while it is empty.
const IDLE: Duration = Duration::from_secs(1);
/// How long to wait while the mail server cannot be reached, at first and at most.
const LINE_DOWN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// How long messages under way get to finish when the server ends.
const DRAIN: Duration = Duration::from_secs(15);
/// How often a mark is tried while the store does not answer.
const MARKS: u32 = 40;
/// Minutes until the next attempt, after the first, second …; the last holds for all that follow.
const DELAYS: [i64; 8] = [1, 2, 5, 15, 30, 60, 120, 240];
/// How long a message is tried.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(72);
/// Until the next attempt where it did not come to the message.
const NOT_TRIED: SignedDuration = SignedDuration::from_mins(1);

/// Sends what is due.
pub struct Worker {
    app: Arc<App>,
    carrier: Arc<dyn Carrier>,
    /// This worker, as the queue knows it.
    holder: Uuid,
}

/// What one look at the queue came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// Messages claimed.
    pub claimed: usize,
    /// Of these, those that it did not come to because of the line.
    pub not_tried: usize,
}

/// Sends what is due until `stop`, then lets what is under way finish.
pub async fn keep_posting(worker: Worker, stop: CancellationToken) {
    let mut down = LINE_DOWN.0;
    loop {
        let pass = worker.post_once();
        let pass = tokio::select! {
            pass = pass => pass,
            () = async { stop.cancelled().await; tokio::time::sleep(DRAIN).await } => return,
        };
        let wait = match pass {
            Ok(Pass { claimed: 0, .. }) => {
                worker.carrier.rest().await;
                IDLE
            }
            Ok(Pass { claimed, not_tried }) if claimed == not_tried => {
                down = (down * 2).min(LINE_DOWN.1);
                down
            }
            Ok(_) => {
                down = LINE_DOWN.0;
                Duration::ZERO
            }
            Err(error) => {
                tracing::warn!(%error, "the queue of mail cannot be read; trying again");
                LINE_DOWN.0
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    worker.carrier.rest().await;
}

impl Worker {
    /// A worker that sends over `carrier`.
    #[must_use]
    pub fn new(app: Arc<App>, carrier: Arc<dyn Carrier>) -> Self {
        let holder = app.new_id();
        Self {
            app,
            carrier,
            holder,
        }
    }

    /// Claims what is due, a few messages, and tries them all at once.
    ///
    /// # Errors
    /// The store fails before anything was tried.
    pub async fn post_once(&self) -> Result<Pass, store::Error> {
        let claimed = self.claim().await?;
        if claimed.is_empty() {
            return Ok(Pass::default());
        }
        let sending = join_all(claimed.iter().map(|mail| self.send(mail)));
        let tried = tokio::select! {
            tried = sending => tried,
            () = self.hold_on() => {
                tracing::warn!("messages under way were dropped: the store does not answer");
                Vec::new()
            }
        };
        Ok(Pass {
            claimed: claimed.len(),
            not_tried: tried.iter().filter(|tried| !**tried).count(),
        })
    }

    async fn claim(&self) -> Result<Vec<Claimed>, store::Error> {
        let act = Act::housekeeping("claim mail");
        let input = (self.holder, self.app.mail.key.name());
        self.app
            .store
            .write(act, input, |tx, (holder, key)| {
                Box::pin(mail::claim(tx, *holder, *key, HOLD, AT_ONCE))
            })
            .await
    }

    /// Renews the claims; ends only when that failed for too long.
    async fn hold_on(&self) {
        let mut missed = 0;
        while missed < MISSED {
            tokio::time::sleep(RENEW).await;
            let act = Act::housekeeping("hold on to mail");
            let renewal = self.app.store.write(act, self.holder, |tx, holder| {
                Box::pin(mail::hold_on(tx, *holder, HOLD))
            });
            match tokio::time::timeout(RENEW, renewal).await {
                Ok(Ok(())) => missed = 0,
                Ok(Err(_)) | Err(_) => missed += 1,
            }
        }
    }

    /// Tries one message and notes how that went; whether it came to the message.
    async fn send(&self, mail: &Claimed) -> bool {
        let outcome = match self.outbound(mail) {
            Ok(outbound) => self.carrier.carry(&outbound).await,
            Err(reason) => Outcome::Refused(reason),
        };
        let (mark, answer) = self.judge(mail, outcome);
        let id = mail.id;
        match &mark {
            Mark::Sent => tracing::info!(mail = %id, attempts = mail.attempts, "mail sent"),
            // The answer may name the recipient.
            Mark::Later(_) => tracing::info!(mail = %id, attempts = mail.attempts, "mail put off"),
            Mark::NotTried(_) => {
                tracing::warn!(mail = %id, reason = without_addresses(&answer), "no line for mail");
            }
            Mark::Refused | Mark::GivenUp => {
                tracing::warn!(mail = %id, attempts = mail.attempts, mark = ?mark, "mail not sent");
            }
        }
        let tried = !matches!(mark, Mark::NotTried(_));
        self.note(mail, mark, answer).await;
        tried
    }

    fn outbound(&self, mail: &Claimed) -> Result<Outbound, String> {
        let post = &self.app.mail;
        let unreadable = || "the text in the queue cannot be read".to_owned();
        let text = post
            .key
            .open(mail.id, &mail.sealed)
            .map_err(|_| unreadable())?;
        let Ok(Content::Text(text)) = serde_json::from_slice(&text) else {
            return Err(unreadable());
        };
        let sender = post.sender.as_ref().ok_or_else(unreadable)?;
        let date = mail.begins_at;
        let text = compose(sender, &mail.recipient, &mail.message_id, date, &text)
            .map_err(|error: NotMade| error.to_string())?;
        Ok(Outbound {
            recipient: mail.recipient.as_str().to_owned(),
            text,
        })
    }

    fn judge(&self, mail: &Claimed, outcome: Outcome) -> (Mark, String) {
        let now = self.app.clock.now();
        let last = mail.begins_at + GIVE_UP;
        let again = |delay: SignedDuration, mark: fn(Timestamp) -> Mark| {
            if now >= last {
                Mark::GivenUp
            } else {
                // The last attempt falls on the end of the three days.
                mark((now + delay).min(last))
            }
        };
        match outcome {
            Outcome::Taken(answer) => (Mark::Sent, answer),
            Outcome::Refused(answer) => (Mark::Refused, answer),
            Outcome::Later(answer) => (again(delay(mail.attempts), Mark::Later), answer),
            Outcome::NotTried(answer) => (again(NOT_TRIED, Mark::NotTried), answer),
        }
    }

    /// Notes it even if the store is away for a moment: what is not noted is sent again.
    async fn note(&self, mail: &Claimed, mark: Mark, answer: String) {
        for attempt in 1..=MARKS {
            let act = Act::housekeeping("mark mail");
            let input = (mail.id, self.holder, mark.clone(), answer.clone());
            let noted = self
                .app
                .store
                .write(act, input, |tx, (id, holder, mark, answer)| {
                    Box::pin(mail::mark(tx, *id, *holder, mark, answer))
                })
                .await;
            match noted {
                Ok(()) => return,
                Err(error) if attempt == MARKS => {
                    tracing::error!(%error, mail = %mail.id, "what became of a mail is not noted");
                }
                Err(_) => tokio::time::sleep(IDLE).await,
            }
        }
    }
}

/// Until the next attempt, after `attempts` of them.
fn delay(attempts: u32) -> SignedDuration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    SignedDuration::from_mins(DELAYS[place.min(DELAYS.len() - 1)])
}

/// For the log: words with an `@` are left out.
fn without_addresses(text: &str) -> String {
    let words = text
        .split(' ')
        .map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
