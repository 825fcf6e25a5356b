//! The queue of outgoing mail as rows. A message is queued in the transaction of what it is about;
//! what becomes of it is decided in [`crate::mail`].

mod desk;
mod occasion;
mod outbound;

pub use desk::{
    Filter, MailRow, SealedPassword, by_message_id, find, hand_over, list, meets, password_way,
    passwords, requeue,
};
pub use occasion::{
    EndingCertificate, Keep, LockedLink, UnusedLink, WARNING, ending_certificates, locked_links,
    unused_links, wipe_done, withdraw_dead, withdraw_of_link,
};
pub use outbound::{Claimed, Mark, bounced, claim, hold_on, mark};

use jiff::Timestamp;
use shared::id::{EnrolmentId, MailId};
use shared::mail::{MailKind, MailState, PasswordWay};
use shared::offices::OfficeCode;
use shared::text::MailAddress;

use super::{Error, Tx, sql};

/// Messages that hand out a link, and have no meaning once it is dead.
const OF_A_LINK: &str = "mail.kind IN ('invitation', 'reissue', 'password', 'reminder')";

/// A link that can let nobody in any more, at the instant of the third parameter.
const DEAD_AT_3: &str =
    "(link.used_at IS NOT NULL OR link.cancelled_at IS NOT NULL OR link.expires_at <= $3)";

/// A text that only the holder of the right key can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Names the key.
    pub with: [u8; 8],
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// A message about to be queued. It is made outside the transaction, which may run twice.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Which.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// By mail; passwords may also be printed or read out.
    pub way: PasswordWay,
    /// The office that it is about.
    pub office: OfficeCode,
    /// The link that it is about.
    pub link: Option<EnrolmentId>,
    /// To whom it goes, by mail.
    pub recipient: Option<MailAddress>,
    /// What goes into `Message-ID`, without angle brackets.
    pub message_id: String,
    /// Its text.
    pub sealed: Sealed,
    /// When it is tried for the first time.
    pub begins_at: Timestamp,
    /// Names an occasion that is written about only once.
    pub once: Option<String>,
}

/// Queues a message; false if its occasion has been written about before.
///
/// # Errors
/// [`Error::Database`].
pub async fn queue(tx: &mut Tx, new: &NewMail) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let done = sql::query(
        "INSERT INTO mail (id, kind, way, office, link, recipient, message_id, once, sealed,
                           sealed_with, state, queued_at, begins_at, due_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, 0)
         ON CONFLICT (once) DO NOTHING",
    )
    .bind(&new.id.0.as_bytes()[..])
    .bind(new.kind.as_str())
    .bind(new.way.as_str())
    .bind(new.office.as_str())
    .bind(new.link.map(|link| link.0.as_bytes().to_vec()))
    .bind(
        new.recipient
            .as_ref()
            .map(|address| address.as_str().to_owned()),
    )
    .bind(new.message_id.as_str())
    .bind(new.once.clone())
    .bind(&new.sealed.bytes[..])
    .bind(&new.sealed.with[..])
    .bind(MailState::Waiting.as_str())
    .bind(now)
    .bind(new.begins_at.as_millisecond())
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}
