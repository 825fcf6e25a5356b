//! Outgoing mail (M-02): a queue that loses nothing, a worker that empties it over SMTP, and what
//! is written to whom.
//!
//! A message is made and sealed first ([`for_link`], [`to_office`]), then queued in the
//! transaction of what it is about ([`crate::store::mail::queue`]). Each goes out once; when a
//! server dies between sending and noting that, once more under the same `Message-ID`.

mod bounce;
mod desk;
mod letter;
mod line;
mod message;
mod notice;
mod seal;
mod upkeep;
mod worker;

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::enrolment::{EnrolmentLink, Fingerprint};
use shared::helpdesk::Helpdesk;
use shared::id::{EnrolmentId, MailId};
use shared::mail::PasswordWay;
use shared::offices::{Office, OfficeCode, OfficeName};
use shared::text::MailAddress;
use shared::{Language, Problem, ProblemCode};
use zeroize::Zeroizing;

use crate::app::App;
use crate::enrolment::IssuedLink;
use crate::settings::MailSettings;
use crate::store::mail::NewMail;

pub use bounce::{MOST_BYTES, Returned, Verdict, take_back};
pub use desk::{
    Printed, list_mail, print, print_passwords, read_out_password, resend, resend_mail,
};
pub use line::{Carrier, LineError, Outbound, Outcome, SmtpLine};
pub use message::{NotMade, Sender, compose};
pub use notice::{Help, Notice, Text, in_words};
pub use seal::{CannotOpen, SealingKey};
pub use upkeep::{keep_writing, write_what_is_due};
pub use worker::{Worker, keep_posting};

/// What outgoing mail needs to know of this server.
pub struct Post {
    key: SealingKey,
    sender: Option<Sender>,
    help: Help,
    helpdesk: Option<MailAddress>,
    answering: Helpdesk,
    language: Language,
    password_by: PasswordWay,
    password_delay: SignedDuration,
    /// Host and port that links carry; known once the server listens.
    links_lead_to: OnceLock<String>,
}

impl Post {
    /// By these settings, with texts sealed by `key`.
    #[must_use]
    pub fn new(settings: &MailSettings, key: SealingKey) -> Self {
        let sender = settings.smtp.as_ref().map(|smtp| Sender {
            address: smtp.sender.clone(),
            name: smtp.sender_name.clone(),
            reply_to: settings.helpdesk.clone(),
        });
        Self {
            key,
            sender,
            help: Help {
                mail: settings.helpdesk.as_ref().map(ToString::to_string),
                phone: settings.helpdesk_phone.clone(),
                hours: settings.helpdesk_hours.clone(),
            },
            helpdesk: settings.helpdesk.clone(),
            answering: settings.answering.clone(),
            language: settings.language,
            password_by: settings.password_by,
            password_delay: settings.password_delay,
            links_lead_to: OnceLock::new(),
        }
    }

    /// How the helpdesk is reached.
    #[must_use]
    pub fn helpdesk(&self) -> &Helpdesk {
        &self.answering
    }

    /// Whether mail goes out at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.sender.is_some()
    }

    /// Says which host and port links carry. The first word holds.
    pub fn let_links_lead_to(&self, address: String) {
        let _ = self.links_lead_to.set(address);
    }

    /// The whole link `id`, once the server knows where links lead.
    #[must_use]
    pub fn link(&self, id: EnrolmentId, fingerprint: Fingerprint) -> Option<EnrolmentLink> {
        Some(EnrolmentLink {
            authority: self.links_lead_to.get()?.clone(),
            id,
            fingerprint,
        })
    }

    fn sender(&self) -> Result<&Sender, Problem> {
        self.sender
            .as_ref()
            .ok_or_else(|| Problem::new(ProblemCode::MailNotSetUp))
    }
}

/// What lies sealed in the queue.
#[derive(Serialize, Deserialize)]
enum Content {
    /// A message.
    Text(Text),
    /// A password to print or read out.
    Password(Zeroizing<String>),
}

/// A new link as it goes to its office: the link by mail to `first`, the password as the settings
/// say. By mail it goes to `second` some time later; where that is missing, or the same as the
/// first, it is to be printed instead: one mailbox must not hold both. Queue both messages in the
/// transaction that keeps the link.
///
/// # Errors
/// `mail-not-set-up`.
pub fn for_link(
    app: &App,
    office: &Office,
    (first, second): (&MailAddress, Option<&MailAddress>),
    issued: &IssuedLink,
    again: bool,
) -> Result<[NewMail; 2], Problem> {
    let post = &app.mail;
    let second = second.filter(|second| !first.is_same_mailbox(second));
    let by = match (post.password_by, second) {
        (PasswordWay::Mail, None) => PasswordWay::Letter,
        (way, _) => way,
    };
    let now = app.clock.now();
    let link = Notice::Link {
        link: &issued.link,
        expires_at: issued.expires_at,
        password_by: by,
        again,
    };
    let link = to_office(app, (&office.code, &office.name), first, &link, now)?;
    let id = issued.link.id;
    let password = match (by, second) {
        (PasswordWay::Mail, Some(second)) => {
            let notice = Notice::Password {
                id,
                password: &issued.password,
                expires_at: issued.expires_at,
            };
            to_office(
                app,
                (&office.code, &office.name),
                second,
                &notice,
                now + post.password_delay,
            )?
        }
        _ => {
            let content = Content::Password(issued.password.clone());
            let mut new = sealed(
                app,
                &office.code,
                shared::mail::MailKind::Password,
                &content,
                now,
            )?;
            new.way = by;
            new
        }
    };
    let about = |mail: NewMail| NewMail {
        link: Some(id),
        ..mail
    };
    Ok([about(link), about(password)])
}

/// A message to an office (or, about it, to the helpdesk), tried from `begins_at` on. The caller
/// adds the link that it is about and the occasion, if it has one.
///
/// # Errors
/// `mail-not-set-up`.
pub fn to_office(
    app: &App,
    (office, name): (&OfficeCode, &OfficeName),
    to: &MailAddress,
    notice: &Notice<'_>,
    begins_at: Timestamp,
) -> Result<NewMail, Problem> {
    let post = &app.mail;
    let text = notice.text(name.as_str(), &post.help, post.language);
    let content = Content::Text(text);
    let mut new = sealed(app, office, notice.kind(), &content, begins_at)?;
    new.recipient = Some(to.clone());
    Ok(new)
}

fn sealed(
    app: &App,
    office: &OfficeCode,
    kind: shared::mail::MailKind,
    content: &Content,
    begins_at: Timestamp,
) -> Result<NewMail, Problem> {
    let post = &app.mail;
    let sender = post.sender()?;
    let id = MailId(app.new_id());
    let content = serde_json::to_vec(content).map_err(Problem::internal)?;
    Ok(NewMail {
        id,
        kind,
        way: PasswordWay::Mail,
        office: office.clone(),
        link: None,
        recipient: None,
        message_id: message::message_id(id, &sender.address),
        sealed: post.key.seal(&*app.rng, id, &Zeroizing::new(content)),
        begins_at,
        once: None,
    })
}

#[cfg(test)]
pub(crate) mod tests;
