//! What the helpdesk sees of the queue, and does with it.

use jiff::Timestamp;
use shared::id::{EnrolmentId, MailId};
use shared::mail::{MailKind, MailState, PasswordWay};
use shared::offices::{OfficeCode, OfficeName};
use shared::text::MailAddress;

use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Error, Tx};

/// A message as the helpdesk sees it: everything but its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Which.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// By mail, as a letter, by telephone.
    pub way: PasswordWay,
    /// How it stands.
    pub state: MailState,
    /// The office that it is about.
    pub office: OfficeCode,
    /// The office's name.
    pub name: OfficeName,
    /// The link that it is about.
    pub link: Option<EnrolmentId>,
    /// To whom it goes.
    pub recipient: Option<MailAddress>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What the mail server said last.
    pub answer: Option<String>,
    /// When it came into its last state.
    pub settled_at: Option<Timestamp>,
    /// Whether its text is still there to be sent again.
    pub has_text: bool,
}

/// Which messages to list, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<MailState>,
    /// About this office.
    pub office: Option<OfficeCode>,
    /// Older than this one.
    pub before: Option<MailId>,
    /// How many.
    pub limit: u16,
}

const COLUMNS: &str = "SELECT m.id, m.kind, m.way, m.state, m.office, o.name, m.link, m.recipient,
    m.queued_at, m.due_at, m.attempts, m.answer, m.settled_at,
    CASE WHEN m.sealed IS NULL THEN 0 ELSE 1 END AS has_text
    FROM mail m JOIN office o ON o.code = m.office";

fn read(row: &Row) -> Result<MailRow, Error> {
    Ok(MailRow {
        id: MailId(row.id("id")?),
        kind: row.parsed("kind")?,
        way: row.parsed("way")?,
        state: row.parsed("state")?,
        office: row.parsed("office")?,
        name: row.parsed("name")?,
        link: row.maybe_id("link")?.map(EnrolmentId),
        recipient: row.maybe_parsed("recipient")?,
        queued_at: row.instant("queued_at")?,
        due_at: row.instant("due_at")?,
        attempts: u32::try_from(row.number("attempts")?).unwrap_or(u32::MAX),
        answer: row.try_get("answer")?,
        settled_at: match row.maybe_number("settled_at")? {
            Some(_) => Some(row.instant("settled_at")?),
            None => None,
        },
        has_text: row.try_get::<i64, _>("has_text")? == 1,
    })
}

/// One page of messages, the newest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(sql: &mut Connection, filter: &Filter) -> Result<Vec<MailRow>, Error> {
    // Each text can walk the index that fits it.
    let state = match filter.state {
        Some(_) => "m.state = $2",
        None => "$2 = ''",
    };
    let office = match filter.office {
        Some(_) => "m.office = $3",
        None => "$3 = ''",
    };
    let text =
        format!("{COLUMNS} WHERE m.id < $1 AND {state} AND {office} ORDER BY m.id DESC LIMIT $4");
    let before = filter.before.map_or([0xff; 16], |id| *id.0.as_bytes());
    let rows = sql::query(AssertSqlSafe(text))
        .bind(&before[..])
        .bind(filter.state.map_or("", MailState::as_str))
        .bind(filter.office.as_ref().map_or("", OfficeCode::as_str))
        .bind(i64::from(filter.limit))
        .fetch_all(sql)
        .await?;
    rows.iter().map(read).collect()
}

/// The message `id`.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(sql: &mut Connection, id: MailId) -> Result<Option<MailRow>, Error> {
    let row = sql::query(AssertSqlSafe(format!("{COLUMNS} WHERE m.id = $1")))
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The message with this `Message-ID`, without angle brackets.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_message_id(sql: &mut Connection, id: &str) -> Result<Option<MailRow>, Error> {
    let row = sql::query(AssertSqlSafe(format!("{COLUMNS} WHERE m.message_id = $1")))
        .bind(id)
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Whether anything about `link` of another nature than `kind` (the password, if `kind` is not
/// it; anything but the password, if it is) went or shall go to `address`.
///
/// # Errors
/// [`Error::Database`].
pub async fn meets(
    sql: &mut Connection,
    link: EnrolmentId,
    kind: MailKind,
    address: &MailAddress,
) -> Result<bool, Error> {
    let other = match kind {
        MailKind::Password => "kind IN ('invitation', 'reissue', 'reminder')",
        _ => "kind = 'password'",
    };
    let text = format!(
        "SELECT count(*) AS met FROM mail
         WHERE link = $1 AND {other} AND lower(recipient) = $2 AND state <> 'withdrawn'"
    );
    let row = sql::query(AssertSqlSafe(text))
        .bind(&link.0.as_bytes()[..])
        .bind(address.as_str().to_ascii_lowercase())
        .fetch_one(sql)
        .await?;
    Ok(row.number("met")? > 0)
}

/// Lets a message that has not gone out be tried anew from now on, to `recipient` if there is one,
/// else to where it was going; false if there is none such or its text is gone.
///
/// # Errors
/// [`Error::Database`].
pub async fn requeue(
    tx: &mut Tx,
    id: MailId,
    recipient: Option<&MailAddress>,
) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let done = sql::query(
        "UPDATE mail SET state = 'waiting', begins_at = $1, due_at = $1, attempts = 0,
                settled_at = NULL, recipient = coalesce($2, recipient)
         WHERE id = $3 AND way = 'mail' AND state IN ('waiting', 'refused', 'given-up')
           AND sealed IS NOT NULL AND (held_until IS NULL OR held_until <= $1)",
    )
    .bind(now)
    .bind(recipient.map(|address| address.as_str().to_owned()))
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A password that is to be printed or read out.
#[derive(Debug, Clone)]
pub struct SealedPassword {
    /// Which message it is.
    pub id: MailId,
    /// For whom.
    pub office: OfficeCode,
    /// The office's name.
    pub name: OfficeName,
    /// The link that it opens.
    pub link: EnrolmentId,
    /// From when on that link is dead.
    pub expires_at: Timestamp,
    /// Nonce, ciphertext and tag.
    pub sealed: Vec<u8>,
}

/// How the password of `link` travels, if it was queued.
///
/// # Errors
/// [`Error::Database`].
pub async fn password_way(
    sql: &mut Connection,
    link: EnrolmentId,
) -> Result<Option<PasswordWay>, Error> {
    let row = sql::query("SELECT way FROM mail WHERE link = $1 AND kind = 'password' LIMIT 1")
        .bind(&link.0.as_bytes()[..])
        .fetch_optional(sql)
        .await?;
    row.map(|row| row.parsed("way")).transpose()
}

/// Passwords of links that can still be used and that travel by `way`, oldest first, at most
/// `limit`: that of one link, or all; those that were handed over already only if `again`.
///
/// # Errors
/// [`Error::Database`].
pub async fn passwords(
    sql: &mut Connection,
    way: PasswordWay,
    (link, again): (Option<EnrolmentId>, bool),
    now: Timestamp,
    limit: u16,
) -> Result<Vec<SealedPassword>, Error> {
    let which = match link {
        Some(_) => "m.link = $2",
        None => "length($2) = 0",
    };
    let states = match again {
        true => "'waiting', 'handed-over'",
        false => "'waiting'",
    };
    let text = format!(
        "SELECT m.id, m.office, o.name, m.link, l.expires_at, m.sealed
         FROM mail m JOIN office o ON o.code = m.office JOIN link l ON l.id = m.link
         WHERE m.way = $1 AND {which} AND m.state IN ({states}) AND m.kind = 'password'
           AND m.sealed IS NOT NULL
           AND l.used_at IS NULL AND l.cancelled_at IS NULL AND l.expires_at > $3
         ORDER BY m.id LIMIT $4"
    );
    let link = link.map_or(Vec::new(), |link| link.0.as_bytes().to_vec());
    let rows = sql::query(AssertSqlSafe(text))
        .bind(way.as_str())
        .bind(link)
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(sql)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SealedPassword {
                id: MailId(row.id("id")?),
                office: row.parsed("office")?,
                name: row.parsed("name")?,
                link: EnrolmentId(row.id("link")?),
                expires_at: row.instant("expires_at")?,
                sealed: row.try_get("sealed")?,
            })
        })
        .collect()
}

/// Notes that a password was printed or read out. Gives whether it was there to be handed over;
/// the first time counts.
///
/// # Errors
/// [`Error::Database`].
pub async fn hand_over(tx: &mut Tx, id: MailId) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let done = sql::query(
        "UPDATE mail SET state = 'handed-over', settled_at = coalesce(settled_at, $1),
                attempts = attempts + 1
         WHERE id = $2 AND state IN ('waiting', 'handed-over') AND sealed IS NOT NULL",
    )
    .bind(now)
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}
