//! A message as it travels: RFC 5322 with MIME, plain text in UTF-8.

use jiff::Timestamp;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use shared::text::MailAddress;
use zeroize::Zeroizing;

use super::notice::Text;

/// Who writes.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address, which also receives what bounces.
    pub address: MailAddress,
    /// The name beside it.
    pub name: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<MailAddress>,
}

/// Why a message cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// An address that cannot stand in a message.
    #[error("the address cannot be used: {0}")]
    Address(#[from] AddressError),
    /// The library refused.
    #[error("the message cannot be made: {0}")]
    Message(#[from] lettre::error::Error),
}

/// The message with this identity and date. The same arguments give the same bytes, so that a
/// repeat is the same message.
///
/// # Errors
/// See [`NotMade`].
pub fn compose(
    sender: &Sender,
    recipient: &MailAddress,
    message_id: &str,
    date: Timestamp,
    text: &Text,
) -> Result<Zeroizing<Vec<u8>>, NotMade> {
    let mut builder = Message::builder()
        .from(Mailbox::new(
            Some(sender.name.clone()),
            sender.address.as_str().parse()?,
        ))
        .to(Mailbox::new(None, recipient.as_str().parse()?))
        .subject(text.subject.clone())
        .message_id(Some(format!("<{message_id}>")))
        .date(date.into())
        .header(ContentType::TEXT_PLAIN)
        // Absence notes and the like must not answer a machine (RFC 3834).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(Mailbox::new(None, reply_to.as_str().parse()?));
    }
    let message = builder.body(text.body.as_str().to_owned())?;
    Ok(Zeroizing::new(message.formatted()))
}

/// A `Message-ID` that no other message has: made from the message's own id.
#[must_use]
pub(super) fn message_id(id: shared::id::MailId, sender: &MailAddress) -> String {
    let host = sender
        .as_str()
        .rsplit_once('@')
        .map_or("localhost", |(_, host)| host);
    format!("{id}@{host}")
}
