//! The log of who did and saw what: append-only, each row holding the hash of the one before it,
//! so that anyone with a copy can tell whether a row was changed, removed or slipped in (M-39).

mod export;
mod look;

use sha2::{Digest as _, Sha256};
use shared::id::{TerminalId, UserId};
use shared::offices::OfficeCode;
use uuid::Uuid;

use super::columns::{Insert, ROWS_AT_ONCE, rows_of};
use super::sql::{self, Connection, Row};
use super::{Dialect, Error, Receipt, Tx};
pub use export::{Exported, entries, hex, octets};
pub use look::{Deeds, Found, Wanted, look};

/// Who acts. All empty: the command line on the server's own host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The terminal whose certificate carried the request.
    pub terminal: Option<TerminalId>,
    /// The person logged in on it.
    pub user: Option<UserId>,
    /// The office of that terminal.
    pub office: Option<OfficeCode>,
}

/// One deed: who, what, and under which idempotency key.
#[derive(Debug, Clone)]
pub struct Act {
    actor: Actor,
    action: &'static str,
    receipt: Option<Receipt>,
    audited: bool,
}

impl Act {
    /// `action` (the name of an endpoint, or `command …`) done by `actor`.
    #[must_use]
    pub fn new(actor: Actor, action: &'static str) -> Self {
        Self {
            actor,
            action,
            receipt: None,
            audited: true,
        }
    }

    /// Work of the program itself that touches nobody's data (search index, expired rows): it
    /// leaves no entry unless the write records one.
    #[must_use]
    pub fn housekeeping(action: &'static str) -> Self {
        Self::new(Actor::default(), action).if_recorded()
    }

    /// The same deed, which leaves no entry unless the write records one: it may turn out that there
    /// is nothing to do.
    #[must_use]
    pub fn if_recorded(mut self) -> Self {
        self.audited = false;
        self
    }

    /// The same deed, done at most once under `receipt`.
    #[must_use]
    pub fn once(mut self, receipt: Receipt) -> Self {
        self.receipt = Some(receipt);
        self
    }

    /// The terminal that acts, if one does.
    #[must_use]
    pub fn terminal(&self) -> Option<TerminalId> {
        self.actor.terminal
    }

    pub(super) fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }

    pub(super) fn is_audited(&self) -> bool {
        self.audited
    }
}

/// One row before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    actor: Actor,
    action: &'static str,
    subject: Option<Uuid>,
    detail: String,
    concerns: Option<OfficeCode>,
}

impl Entry {
    /// What `act` did to `subject`. An office is named as concerned only where that says more than
    /// at which the act was done.
    pub(super) fn of(
        act: &Act,
        concerns: Option<&OfficeCode>,
        subject: Option<Uuid>,
        detail: String,
    ) -> Self {
        let concerns = concerns.filter(|office| act.actor.office.as_ref() != Some(*office));
        Self {
            concerns: concerns.cloned(),
            actor: act.actor.clone(),
            action: act.action,
            subject,
            detail,
        }
    }

    pub(super) fn hash(&self, previous: &[u8], number: i64, happened_at: i64) -> [u8; 32] {
        let link = Link {
            previous,
            number,
            happened_at,
            terminal: self.actor.terminal.as_ref().map(|id| &id.0.as_bytes()[..]),
            person: self.actor.user.as_ref().map(|id| &id.0.as_bytes()[..]),
            office: self.actor.office.as_ref().map(OfficeCode::as_str),
            action: self.action,
            subject: self.subject.as_ref().map(|id| &id.as_bytes()[..]),
            detail: &self.detail,
            concerns: self.concerns.as_ref().map(OfficeCode::as_str),
        };
        link.hash()
    }
}

/// One row in its place, exactly as its columns hold it: what was changed into something that the
/// program would read as nothing, or as the same, was changed all the same.
struct Link<'a> {
    previous: &'a [u8],
    number: i64,
    happened_at: i64,
    terminal: Option<&'a [u8]>,
    person: Option<&'a [u8]>,
    office: Option<&'a str>,
    action: &'a str,
    subject: Option<&'a [u8]>,
    detail: &'a str,
    concerns: Option<&'a str>,
}

impl<'a> Link<'a> {
    /// The row after `previous`, of the columns that [`verify`] selects.
    fn read(previous: &'a [u8], number: i64, row: &'a Row) -> Result<Self, sql::Error> {
        Ok(Self {
            previous,
            number,
            happened_at: row.try_get("happened_at")?,
            terminal: row.try_get("terminal")?,
            person: row.try_get("person")?,
            office: row.try_get("office")?,
            action: row.try_get("action")?,
            subject: row.try_get("subject")?,
            detail: row.try_get("detail")?,
            concerns: row.try_get("concerns")?,
        })
    }

    /// SHA-256 over the previous hash and every field, each with its length before it, so that no
    /// two different rows give the same bytes. The office concerned came later: a row without one
    /// has the bytes that it had before there was such a column. With it there is one field more
    /// behind the last, and since the fields are read off one after the other by their lengths, a
    /// row with nine fields and one with ten never give the same.
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |bytes: Option<&[u8]>| {
            let bytes = match bytes {
                Some(bytes) => {
                    hash.update((bytes.len() as u64 + 1).to_be_bytes());
                    bytes
                }
                None => &[0; 8],
            };
            hash.update(bytes);
        };
        field(Some(self.previous));
        field(Some(&self.number.to_be_bytes()));
        field(Some(&self.happened_at.to_be_bytes()));
        field(self.terminal);
        field(self.person);
        field(self.office.map(str::as_bytes));
        field(Some(self.action.as_bytes()));
        field(self.subject);
        field(Some(self.detail.as_bytes()));
        if let Some(concerns) = self.concerns {
            field(Some(concerns.as_bytes()));
        }
        hash.finalize().into()
    }
}

/// The end of a chain. Kept elsewhere, it proves later that nothing up to it was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the last row; 0 for an empty log.
    pub number: i64,
    /// Its hash; 32 zero bytes for an empty log.
    pub hash: Vec<u8>,
}

impl Head {
    /// Before the first row.
    #[must_use]
    pub fn start() -> Self {
        Self {
            number: 0,
            hash: vec![0; 32],
        }
    }

    /// Compares this end with those of `expected` that have its number.
    ///
    /// # Errors
    /// [`Broken::NotAsExported`].
    pub fn check(&self, expected: &[Head]) -> Result<(), Broken> {
        let other = |head: &&Head| head.number == self.number && *head != self;
        match expected.iter().find(other) {
            Some(head) => Err(Broken::NotAsExported(head.number)),
            None => Ok(()),
        }
    }
}

/// Appends `entries` to the chain, within the transaction that they describe.
pub(super) async fn append(tx: &mut Tx, entries: Vec<Entry>) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    static INSERT: Insert = Insert::new(|rows| {
        format!(
            "INSERT INTO audit
             (happened_at, number, terminal, person, office, action, subject, detail, concerns,
              hash)
             VALUES {}",
            rows_of(rows, 1, 9)
        )
    });
    let at = tx.now().as_millisecond();
    let mut head = last(tx).await?;
    let mut links = Vec::with_capacity(entries.len());
    for entry in &entries {
        head.number += 1;
        let hash = entry.hash(&head.hash, head.number, at);
        head.hash.clear();
        head.hash.extend_from_slice(&hash);
        links.push((entry, head.number, hash));
    }
    for links in links.chunks(ROWS_AT_ONCE) {
        let query = sql::query(INSERT.of(links.len())).bind(at);
        links
            .iter()
            .fold(query, |query, (entry, number, hash)| {
                let actor = &entry.actor;
                query
                    .bind(*number)
                    .bind(actor.terminal.as_ref().map(|id| id.0.as_bytes()))
                    .bind(actor.user.as_ref().map(|id| id.0.as_bytes()))
                    .bind(actor.office.as_ref().map(OfficeCode::as_str))
                    .bind(entry.action)
                    .bind(entry.subject.as_ref().map(Uuid::as_bytes))
                    .bind(entry.detail.as_str())
                    .bind(entry.concerns.as_ref().map(OfficeCode::as_str))
                    .bind(hash)
            })
            .execute(tx.sql())
            .await?;
    }
    sql::query("UPDATE audit_head SET number = $1, hash = $2 WHERE one = 1")
        .bind(head.number)
        .bind(head.hash)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// The present end of the chain; on PostgreSQL the row stays locked until the commit, so that
/// servers take numbers one after the other.
async fn last(tx: &mut Tx) -> Result<Head, Error> {
    let row = sql::query(match tx.dialect() {
        Dialect::Sqlite => "SELECT number, hash FROM audit_head",
        Dialect::Postgres => "SELECT number, hash FROM audit_head FOR UPDATE",
    })
    .fetch_one(tx.sql())
    .await?;
    Ok(Head {
        number: row.try_get(0)?,
        hash: row.try_get(1)?,
    })
}

/// Where a log was found to be broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// This row was changed, or a row was slipped in before it.
    #[error("entry {0} does not follow from the entry before it")]
    Entry(i64),
    /// One or more rows are missing before this one.
    #[error("entries are missing before entry {0}")]
    Gap(i64),
    /// The log ends earlier than its head says.
    #[error("the log ends at entry {last}, but its head says {head}")]
    CutOff {
        /// The last row found.
        last: i64,
        /// The number that the head names.
        head: i64,
    },
    /// The log no longer contains the head that was exported earlier.
    #[error("entry {0} is not the one that was exported")]
    NotAsExported(i64),
}

/// The present end of the log, as it is kept beside it.
///
/// # Errors
/// [`Error::Database`].
pub async fn head(sql: &mut Connection) -> Result<Head, Error> {
    let row = sql::query("SELECT number, hash FROM audit_head")
        .fetch_one(sql)
        .await?;
    Ok(Head {
        number: row.try_get(0)?,
        hash: row.try_get(1)?,
    })
}

/// Checks every link of the chain up to its present head; `exported` are heads noted earlier.
/// Gives that head, or where the chain is broken. A server may write meanwhile: what it adds
/// behind the head that was read first is left to the next check.
///
/// # Errors
/// [`Error::Database`] when the log cannot be read.
pub async fn verify(
    sql: &mut Connection,
    exported: &[Head],
) -> Result<Result<Head, Broken>, Error> {
    let mut head = Head::start();
    if let Err(broken) = head.check(exported) {
        return Ok(Err(broken));
    }
    let kept = self::head(sql).await?;
    loop {
        match follow(sql, &mut head, kept.number, exported).await? {
            Ok(true) => {}
            Ok(false) => break,
            Err(broken) => return Ok(Err(broken)),
        }
    }
    let noted = exported.iter().map(|head| head.number).max();
    let furthest = noted.map_or(kept.number, |noted| noted.max(kept.number));
    at_the_end(sql, head, &kept, furthest).await
}

/// Goes on with the check from `head`, which an earlier piece of it gave, over some thousands of
/// entries. Gives how far it came and the log's present end, which is the same when all is checked.
///
/// # Errors
/// [`Error::Database`] when the log cannot be read.
pub async fn verify_piece(
    sql: &mut Connection,
    mut head: Head,
) -> Result<Result<(Head, Head), Broken>, Error> {
    const PAGES: usize = 20;
    let kept = self::head(sql).await?;
    for _ in 0..PAGES {
        match follow(sql, &mut head, kept.number, &[]).await? {
            Ok(true) => {}
            Ok(false) => {
                let end = at_the_end(sql, head, &kept, kept.number).await?;
                return Ok(end.map(|head| (head, kept)));
            }
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(Ok((head, kept)))
}

/// Follows the chain from `head` over a page of entries up to the number `last`; false when there
/// was none left.
async fn follow(
    sql: &mut Connection,
    head: &mut Head,
    last: i64,
    exported: &[Head],
) -> Result<Result<bool, Broken>, Error> {
    let rows = sql::query(
        "SELECT number, happened_at, terminal, person, office, action, subject, detail, concerns,
                hash
         FROM audit WHERE number > $1 AND number <= $2 ORDER BY number LIMIT 1000",
    )
    .bind(head.number)
    .bind(last)
    .fetch_all(&mut *sql)
    .await?;
    for row in &rows {
        let number: i64 = row.try_get("number")?;
        if number != head.number + 1 {
            return Ok(Err(Broken::Gap(number)));
        }
        // A column that holds another type than was ever written was changed, too.
        let Ok(hash) = Link::read(&head.hash, number, row).map(|link| link.hash()) else {
            return Ok(Err(Broken::Entry(number)));
        };
        if row.try_get::<&[u8], _>("hash").ok() != Some(&hash[..]) {
            return Ok(Err(Broken::Entry(number)));
        }
        *head = Head {
            number,
            hash: hash.to_vec(),
        };
        if let Err(broken) = head.check(exported) {
            return Ok(Err(broken));
        }
    }
    Ok(Ok(!rows.is_empty()))
}

/// Whether the chain ends where it should: at the end `kept` beside it, and not before the entry
/// `furthest`.
async fn at_the_end(
    sql: &mut Connection,
    head: Head,
    kept: &Head,
    furthest: i64,
) -> Result<Result<Head, Broken>, Error> {
    if furthest > head.number {
        return Ok(Err(Broken::CutOff {
            last: head.number,
            head: furthest,
        }));
    }
    if *kept != head {
        return Ok(Err(Broken::Entry(head.number)));
    }
    Ok(match outside(sql).await? {
        Some(number) => Err(Broken::Entry(number)),
        None => Ok(head),
    })
}

/// A row that no chain reaches: before its beginning or behind its end. One statement, since a
/// commit moves the rows and their end together.
async fn outside(sql: &mut Connection) -> Result<Option<i64>, Error> {
    let row = sql::query(
        "SELECT number FROM audit
         WHERE number < 1 OR number > (SELECT number FROM audit_head)
         ORDER BY number LIMIT 1",
    )
    .fetch_optional(sql)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
