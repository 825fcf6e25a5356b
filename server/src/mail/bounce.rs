//! What comes back: a message that the mail server took and could not deliver after all.
//!
//! A notification is a claim of whoever wrote it, and anybody may. It can do one thing: mark one
//! message, that was sent under the very Message-ID to the very recipient, as not delivered. It
//! takes back no link, frees no password, and lets no link and its password meet.

mod part;
mod report;

use serde_json::json;
use shared::mail::MailState;

use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::mail::{self as rows, MailRow};

pub use report::MOST_BYTES;
use report::{Action, Delivery, Report};

/// What a message that came to the sender's mailbox did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// What became of it.
    pub verdict: Verdict,
    /// The message of ours that it is about.
    pub mail: Option<MailRow>,
    /// Status and words of the server that reports.
    pub answer: Option<String>,
}

/// What became of a message that came to the sender's mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The message is marked as not delivered.
    Bounced,
    /// It was before.
    Known,
    /// The message is still being tried: nothing changed.
    Delayed,
    /// It was delivered: nothing changed.
    Delivered,
    /// It names another recipient than the message had: nothing changed.
    OtherRecipient,
    /// It names no message that was sent from here: nothing changed.
    NotOurs,
    /// The message is not noted as sent, perhaps not yet: nothing changed.
    NotSent,
    /// It is no delivery status notification: nothing changed.
    NoNotification,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Known => "known",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::OtherRecipient => "other-recipient",
            Self::NotOurs => "not-ours",
            Self::NotSent => "not-sent",
            Self::NoNotification => "no-notification",
        }
    }
}

/// Takes in a message from the sender's mailbox, at most [`MOST_BYTES`] of it, and marks what it
/// says was not delivered. The same one twice does so once.
///
/// # Errors
/// What the store answers; then nothing has changed.
pub async fn take_back(app: &App, act: Act, message: &[u8]) -> Result<Returned, store::Error> {
    let Some(report) = Report::read(message) else {
        return Ok(Returned::bare(Verdict::NoNotification));
    };
    let mut reader = app.store.reader().await?;
    let mut found = None;
    for id in &report.message_ids {
        found = rows::by_message_id(&mut reader, id).await?;
        if found.is_some() {
            break;
        }
    }
    drop(reader);
    let Some(mail) = found else {
        return Ok(Returned::bare(Verdict::NotOurs));
    };
    let Some(delivery) = about(&report, &mail) else {
        return Ok(Returned {
            verdict: Verdict::OtherRecipient,
            mail: Some(mail),
            answer: None,
        });
    };
    let answer = delivery.answer();
    let verdict = match (delivery.action, mail.state) {
        (_, MailState::Bounced) => Verdict::Known,
        (Action::Delivered, _) => Verdict::Delivered,
        (Action::Delayed, _) => Verdict::Delayed,
        (Action::Failed, MailState::Sent) => match mark(app, act, &mail, delivery).await? {
            true => Verdict::Bounced,
            false => Verdict::Known,
        },
        (Action::Failed, _) => Verdict::NotSent,
    };
    Ok(Returned {
        verdict,
        mail: Some(mail),
        answer: Some(answer),
    })
}

impl Returned {
    fn bare(verdict: Verdict) -> Self {
        Self {
            verdict,
            mail: None,
            answer: None,
        }
    }
}

/// What the report says of the recipient that the message had; the worst, should it say two
/// things.
fn about<'a>(report: &'a Report, mail: &MailRow) -> Option<&'a Delivery> {
    let recipient = mail.recipient.as_ref()?;
    let same = |delivery: &&Delivery| {
        let mut addresses = delivery.addresses.iter();
        addresses.any(|address| address.is_same_mailbox(recipient))
    };
    let ours = report.recipients.iter().filter(same);
    ours.max_by_key(|delivery| delivery.action)
}

/// Marks the message; false if it was marked before.
async fn mark(
    app: &App,
    act: Act,
    mail: &MailRow,
    delivery: &Delivery,
) -> Result<bool, store::Error> {
    let to = (mail.id, mail.office.clone());
    let input = (to, delivery.answer(), delivery.status.clone());
    app.store
        .write(act, input, |tx, ((id, office), answer, status)| {
            Box::pin(async move {
                // Another may have been quicker since it was read.
                if !rows::bounced(tx, *id, answer).await? {
                    let asked = json!({ "status": status });
                    tx.to(office).refuse(Some(id.0), "bounced-already", asked);
                    return Ok(false);
                }
                let detail = json!({ "state": MailState::Bounced, "status": status });
                tx.to(office).record(id.0, &detail);
                Ok(true)
            })
        })
        .await
}

#[cfg(test)]
mod tests;
