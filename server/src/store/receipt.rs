//! Answers already given. A write that arrives twice (the line broke before its answer) is
//! answered from here and has no second effect.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use shared::id::IdempotencyKey;
use sqlx::Row as _;

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
        what.update(
            serde_json::to_vec(request)
                .expect("a request that arrived as JSON is writable as JSON"),
        );
        Self {
            caller: who.finalize().into(),
            key,
            request: what.finalize().into(),
        }
    }

    /// The answer given before, if there is one.
    pub(super) async fn answer<T: DeserializeOwned>(
        &self,
        tx: &mut Tx,
    ) -> Result<Option<T>, Error> {
        let row = sqlx::query("SELECT request, answer FROM receipt WHERE caller = $1 AND key = $2")
            .bind(&self.caller[..])
            .bind(&self.key.0.as_bytes()[..])
            .fetch_optional(tx.sql())
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<&[u8], _>(0)? != self.request {
            return Err(Error::KeyReused);
        }
        serde_json::from_str(row.try_get(1)?)
            .map(Some)
            .map_err(|error| Error::Corrupt(format!("receipt: {error}")))
    }

    pub(super) async fn keep<T: Serialize>(&self, tx: &mut Tx, answer: &T) -> Result<(), Error> {
        let answer = serde_json::to_string(answer)
            .map_err(|error| Error::Corrupt(format!("answer: {error}")))?;
        let now = tx.now().as_millisecond();
        sqlx::query(
            "INSERT INTO receipt (caller, key, request, answer, given_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&self.caller[..])
        .bind(&self.key.0.as_bytes()[..])
        .bind(&self.request[..])
        .bind(answer)
        .bind(now)
        .execute(tx.sql())
        .await?;
        Ok(())
    }
}

/// Forgets answers given before `before`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_receipts(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    sqlx::query("DELETE FROM receipt WHERE given_at < $1")
        .bind(before.as_millisecond())
        .execute(tx.sql())
        .await?;
    Ok(())
}
