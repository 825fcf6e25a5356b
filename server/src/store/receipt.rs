//! Answers already given. A write that arrives twice (the line broke before its answer) is
//! answered from here and has no second effect.

use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use shared::id::IdempotencyKey;

use super::columns::{Columns as _, Insert, ROWS_AT_ONCE, rows_of};
use super::sql::{self, AssertSqlSafe, Connection, Row};
use super::{Error, Tx};

/// Names one request of one caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    caller: [u8; 32],
    key: IdempotencyKey,
    request: [u8; 32],
}

impl Receipt {
    /// The receipt for `request` sent by `caller` (any bytes that name terminal and user) to
    /// `endpoint` under the client-made `key`.
    #[must_use]
    pub fn new(
        caller: &[&[u8]],
        key: IdempotencyKey,
        endpoint: &str,
        request: &impl Serialize,
    ) -> Self {
        let mut who = Sha256::new();
        for part in caller {
            who.update((part.len() as u64).to_be_bytes());
            who.update(part);
        }
        let mut what = Sha256::new();
        what.update(endpoint.as_bytes());
        what.update([0]);
        // Piece by piece: a chunk of a list has hundreds of thousands of bytes.
        let mut what = BufWriter::with_capacity(1024, Hashing(what));
        serde_json::to_writer(&mut what, request)
            .expect("a request that arrived as JSON is writable as JSON");
        let Ok(Hashing(what)) = what.into_inner() else {
            unreachable!("writing into a hash cannot fail")
        };
        Self {
            caller: who.finalize().into(),
            key,
            request: what.finalize().into(),
        }
    }

    /// The answer given before, if there is one.
    pub(super) fn answer<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Option<T>, Error> {
        let Some(given) = tx.given(self.key, &self.caller) else {
            return Ok(None);
        };
        if given.request != self.request {
            return Err(Error::KeyReused);
        }
        serde_json::from_str(&given.answer)
            .map(Some)
            .map_err(|error| Error::Corrupt(format!("receipt: {error}")))
    }

    pub(super) fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// This receipt with the answer that is now given.
    pub(super) fn with<T: Serialize>(&self, answer: &T) -> Result<Given, Error> {
        let answer = serde_json::to_string(answer)
            .map_err(|error| Error::Corrupt(format!("answer: {error}")))?;
        Ok(Given {
            key: self.key,
            caller: self.caller,
            request: self.request,
            answer,
        })
    }
}

/// Hashes what is written.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An answer that was given to a request.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) key: IdempotencyKey,
    pub(super) caller: [u8; 32],
    request: [u8; 32],
    answer: String,
}

/// The answers given before under these keys.
pub(super) async fn look_up(
    sql: &mut Connection,
    keys: &[IdempotencyKey],
) -> Result<Vec<Given>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    // Filled up with the last key to a power of two: so few different texts stay prepared.
    let last = &keys[keys.len() - 1..];
    let filled = keys.iter().chain(last.iter().cycle());
    let places: Vec<String> = (1..=keys.len().next_power_of_two())
        .map(|place| format!("${place}"))
        .collect();
    let query = format!(
        "SELECT key, caller, request, answer FROM receipt WHERE key IN ({})",
        places.join(", ")
    );
    let query = sql::query(AssertSqlSafe(query));
    let rows = filled
        .take(places.len())
        .fold(query, |query, key| query.bind(key.0.as_bytes()))
        .fetch_all(sql)
        .await?;
    let hash = |row: &Row, column: &str| -> Result<[u8; 32], Error> {
        let bytes: &[u8] = row.try_get(column)?;
        bytes
            .try_into()
            .map_err(|_| Error::Corrupt(format!("column {column}")))
    };
    rows.iter()
        .map(|row| {
            Ok(Given {
                key: IdempotencyKey(row.id("key")?),
                caller: hash(row, "caller")?,
                request: hash(row, "request")?,
                answer: row.try_get("answer")?,
            })
        })
        .collect()
}

/// Keeps the answers that are being given.
pub(super) async fn keep(tx: &mut Tx, given: Vec<Given>) -> Result<(), Error> {
    static INSERT: Insert = Insert::new(|rows| {
        format!(
            "INSERT INTO receipt (given_at, key, caller, request, answer) VALUES {}",
            rows_of(rows, 1, 4)
        )
    });
    let now = tx.now().as_millisecond();
    for given in given.chunks(ROWS_AT_ONCE) {
        let query = sql::query(INSERT.of(given.len())).bind(now);
        given
            .iter()
            .fold(query, |query, given| {
                query
                    .bind(given.key.0.as_bytes())
                    .bind(&given.caller)
                    .bind(&given.request)
                    .bind(given.answer.as_str())
            })
            .execute(tx.sql())
            .await?;
    }
    Ok(())
}

/// Forgets answers given before `before`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_receipts(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    sql::query("DELETE FROM receipt WHERE given_at < $1")
        .bind(before.as_millisecond())
        .execute(tx.sql())
        .await?;
    Ok(())
}
