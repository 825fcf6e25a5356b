//! A transaction that writes: the connection, and what must be written with it at its end.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use shared::id::IdempotencyKey;
use shared::offices::OfficeCode;
use uuid::Uuid;

use super::audit::{self, Act, Entry};
use super::change::{self, Noun};
use super::receipt::{self, Given};
use super::sql::{self, Connection};
use super::{Dialect, Error};

/// A writing transaction. Dropped without [`Tx::commit`] it leaves no effect: the connection is
/// closed, which takes everything back.
pub struct Tx {
    /// Taken out at the end; what is still here when dropped is in an unknown state.
    connection: Option<Connection>,
    dialect: Dialect,
    now: Timestamp,
    act: Act,
    /// Whether the present act owes the log at least one entry.
    owes_entry: bool,
    entries: Vec<Entry>,
    changed: Vec<Noun>,
    /// The offices of whose terminals something has changed.
    offices: Vec<OfficeCode>,
    /// Answers given before under the keys of this transaction's writes.
    before: Vec<Given>,
    /// Answers that its writes give.
    giving: Vec<Given>,
}

/// How far a transaction had come when a write began, to forget what a failed write announced.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    entries: usize,
    changed: usize,
    offices: usize,
    giving: usize,
}

impl Tx {
    pub(super) async fn begin(
        connection: Connection,
        dialect: Dialect,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut tx = Self {
            connection: Some(connection),
            dialect,
            now,
            act: Act::housekeeping("begin"),
            owes_entry: false,
            entries: Vec::new(),
            changed: Vec::new(),
            offices: Vec::new(),
            before: Vec::new(),
            giving: Vec::new(),
        };
        tx.statement(dialect.begin()).await?;
        Ok(tx)
    }

    /// The connection, for a statement within this transaction.
    pub fn sql(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("the connection leaves only with the transaction itself")
    }

    /// The instant of this write: the same for everything in it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Who acts, and what they do.
    #[must_use]
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// Records what is done to this office, so that its people see it in the log whoever did it.
    /// Whatever such an entry holds they may read.
    pub fn to<'a>(&'a mut self, office: &'a OfficeCode) -> ToOffice<'a> {
        ToOffice { tx: self, office }
    }

    fn enter(&mut self, to: Option<&OfficeCode>, subject: Option<Uuid>, detail: String) {
        let entry = Entry::of(&self.act, to, subject, detail);
        self.entries.push(entry);
    }

    /// Records in the audit log what this act was done to, and what was changed. A write that
    /// records nothing gets one entry without subject, which says that it was done: one that ends
    /// well without having done it says so by [`Tx::refuse`].
    pub fn record(&mut self, subject: Uuid, detail: &serde_json::Value) {
        self.enter(None, Some(subject), detail.to_string());
    }

    /// Like [`Tx::record`], for a deed done to nothing that has an id.
    pub fn note(&mut self, detail: &serde_json::Value) {
        self.enter(None, None, detail.to_string());
    }

    /// Records that what this act is called was *not* done: to whom it would have been done, where
    /// that has an id, and why not, as one word in kebab case. `asked` is an object that says what
    /// was asked for, so that a refusal without a subject can be told from another.
    pub fn refuse(&mut self, subject: Option<Uuid>, why: &'static str, asked: serde_json::Value) {
        self.enter(None, subject, refused(why, asked));
    }

    /// Tells every running server that `noun` has changed, once this is committed.
    pub fn announce(&mut self, noun: Noun) {
        self.changed.push(noun);
    }

    /// Like [`Tx::announce`] for [`Noun::Terminals`], and says of which office, so that nobody need
    /// read all of them again.
    pub fn announce_terminals(&mut self, office: &OfficeCode) {
        self.announce(Noun::Terminals);
        self.offices.push(office.clone());
    }

    /// Looks up, all at once, what was answered before under these keys.
    pub(super) async fn look_up(&mut self, keys: &[IdempotencyKey]) -> Result<(), Error> {
        self.before = receipt::look_up(self.sql(), keys).await?;
        Ok(())
    }

    /// What was answered to this caller under this key, by an earlier transaction or this one.
    pub(super) fn given(&self, key: IdempotencyKey, caller: &[u8; 32]) -> Option<&Given> {
        let mut given = self.before.iter().chain(&self.giving);
        given.find(|given| given.key == key && given.caller == *caller)
    }

    /// Keeps an answer with this transaction.
    pub(super) fn give(&mut self, given: Given) {
        self.giving.push(given);
    }

    pub(super) fn start(&mut self, act: &Act) -> Mark {
        self.act = act.clone();
        self.owes_entry = act.is_audited();
        Mark {
            entries: self.entries.len(),
            changed: self.changed.len(),
            offices: self.offices.len(),
            giving: self.giving.len(),
        }
    }

    /// Ends the write that began at `mark`: whatever it did, it stands in the log.
    pub(super) fn finish(&mut self, mark: Mark) {
        if self.owes_entry && self.entries.len() == mark.entries {
            self.enter(None, None, "{}".to_owned());
        }
    }

    /// The present write repeats an earlier one. Nothing is done, but what was answered is shown
    /// once more, and whoever sees it stands in the log (M-39). An answer that is an id names the
    /// subject.
    pub(super) fn answered_again(&mut self, answer: &impl Serialize) {
        if self.owes_entry {
            let id = serde_json::to_value(answer)
                .and_then(serde_json::from_value)
                .ok();
            let detail = json!({ "again": true }).to_string();
            self.enter(None, id, detail);
        }
    }

    pub(super) fn forget(&mut self, mark: Mark) {
        self.entries.truncate(mark.entries);
        self.changed.truncate(mark.changed);
        self.offices.truncate(mark.offices);
        self.giving.truncate(mark.giving);
    }

    pub(super) async fn statement(&mut self, sql: &'static str) -> Result<(), Error> {
        sql::query(sql).execute(self.sql()).await?;
        Ok(())
    }

    /// Writes what was announced and recorded, and makes everything durable.
    pub(super) async fn commit(mut self) -> Result<Option<Connection>, Error> {
        // One order for everybody, or two servers would wait for each other.
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        for noun in changed {
            let counter = change::count(self.sql(), noun).await?;
            if noun == Noun::Terminals {
                let offices = std::mem::take(&mut self.offices);
                change::note_offices(self.sql(), counter, &offices).await?;
            }
        }
        let giving = std::mem::take(&mut self.giving);
        match receipt::keep(&mut self, giving).await {
            // Another server has just answered the same request: look again.
            Err(error) if error.is_unique_violation() => return Err(Error::Overtaken),
            kept => kept?,
        }
        let entries = std::mem::take(&mut self.entries);
        audit::append(&mut self, entries).await?;
        self.statement("COMMIT").await?;
        Ok(self.connection.take())
    }

    pub(super) async fn roll_back(mut self) -> Result<Option<Connection>, Error> {
        self.statement("ROLLBACK").await?;
        Ok(self.connection.take())
    }
}

fn refused(why: &'static str, asked: serde_json::Value) -> String {
    let mut detail = asked;
    detail["refused"] = json!(why);
    detail.to_string()
}

/// What is done to an office. One at whose own terminal it is done is named as that already.
pub struct ToOffice<'a> {
    tx: &'a mut Tx,
    office: &'a OfficeCode,
}

impl ToOffice<'_> {
    /// As [`Tx::record`].
    pub fn record(self, subject: Uuid, detail: &serde_json::Value) {
        let to = Some(self.office);
        self.tx.enter(to, Some(subject), detail.to_string());
    }

    /// As [`Tx::note`].
    pub fn note(self, detail: &serde_json::Value) {
        self.tx.enter(Some(self.office), None, detail.to_string());
    }

    /// As [`Tx::refuse`].
    pub fn refuse(self, subject: Option<Uuid>, why: &'static str, asked: serde_json::Value) {
        let to = Some(self.office);
        self.tx.enter(to, subject, refused(why, asked));
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}
