//! Approvals as rows: what was asked for at the command line, and who said yes or no.

use jiff::Timestamp;
use shared::accounts::{Person, UserName};
use shared::enrolment::approval::{Approval, ApprovalState, OperatorDeed};
use shared::id::{ApprovalId, UserId, Version};
use shared::text::{Line, Remark};

use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe, Connection, Row};
use crate::store::{Dialect, Error, Tx};

/// An approval to ask for.
#[derive(Debug, Clone)]
pub struct ApprovalToKeep {
    /// Which.
    pub id: ApprovalId,
    /// What is to be done.
    pub deed: OperatorDeed,
    /// To what exactly.
    pub about: Line,
    /// Why.
    pub reason: Remark,
    /// Until when it can be decided and used.
    pub ends_at: Timestamp,
}

/// Keeps a new approval; it waits.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert_approval(tx: &mut Tx, new: &ApprovalToKeep) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query(
        "INSERT INTO approval (id, version, deed, about, reason, state, asked_at, ends_at)
         VALUES ($1, 1, $2, $3, $4, 'waiting', $5, $6)",
    )
    .bind(new.id.0.as_bytes().to_vec())
    .bind(new.deed.as_str())
    .bind(new.about.as_str())
    .bind(new.reason.as_str())
    .bind(now)
    .bind(new.ends_at.as_millisecond())
    .execute(tx.sql())
    .await?;
    Ok(())
}

const COLUMNS: &str = "SELECT r.id, r.version, r.deed, r.about, r.reason, r.state, r.asked_at,
    r.ends_at, r.decided_at, r.decision_reason, r.decided_by, d.name AS decided_by_name
    FROM approval r LEFT JOIN account d ON d.id = r.decided_by";

/// The approval `id` as it stands at `now`.
///
/// # Errors
/// [`Error::Database`].
pub async fn approval(
    sql: &mut Connection,
    id: ApprovalId,
    now: Timestamp,
) -> Result<Option<Approval>, Error> {
    let row = sql::query(AssertSqlSafe(format!("{COLUMNS} WHERE r.id = $1")))
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(|row| read(row, now)).transpose()
}

/// The same within a transaction: nobody else decides on it or uses it before its end.
///
/// # Errors
/// [`Error::Database`].
pub async fn approval_to_change(tx: &mut Tx, id: ApprovalId) -> Result<Option<Approval>, Error> {
    if tx.dialect() == Dialect::Postgres {
        sql::query("SELECT id FROM approval WHERE id = $1 FOR UPDATE")
            .bind(&id.0.as_bytes()[..])
            .fetch_optional(tx.sql())
            .await?;
    }
    let now = tx.now();
    approval(tx.sql(), id, now).await
}

/// The latest approval of exactly this that still waits or can be used.
///
/// # Errors
/// [`Error::Database`].
pub async fn approval_for(
    tx: &mut Tx,
    deed: OperatorDeed,
    about: &Line,
) -> Result<Option<Approval>, Error> {
    let now = tx.now();
    let row = sql::query(
        "SELECT id FROM approval WHERE state IN ('waiting', 'approved') AND deed = $1
           AND about = $2 AND ends_at > $3 ORDER BY id DESC LIMIT 1",
    )
    .bind(deed.as_str())
    .bind(about.as_str())
    .bind(now.as_millisecond())
    .fetch_optional(tx.sql())
    .await?;
    match row {
        None => Ok(None),
        Some(row) => approval_to_change(tx, ApprovalId(row.id("id")?)).await,
    }
}

/// Approvals before `after`, the latest first, at most `most`.
///
/// # Errors
/// [`Error::Database`].
pub async fn approvals(
    sql: &mut Connection,
    now: Timestamp,
    state: Option<ApprovalState>,
    after: Option<ApprovalId>,
    most: u32,
) -> Result<Vec<Approval>, Error> {
    // One whose day is over is kept as it was, and has lapsed all the same.
    let condition = match state {
        None => "($2 = $2)".to_owned(),
        Some(ApprovalState::Lapsed) => {
            "(r.state IN ('waiting', 'approved') AND r.ends_at <= $2)".to_owned()
        }
        Some(state @ (ApprovalState::Waiting | ApprovalState::Approved)) => {
            format!("(r.state = '{}' AND r.ends_at > $2)", state.as_str())
        }
        Some(state) => format!("(r.state = '{}' AND $2 = $2)", state.as_str()),
    };
    let text = format!("{COLUMNS} WHERE r.id < $1 AND {condition} ORDER BY r.id DESC LIMIT {most}");
    let last = after.map_or(vec![0xff; 16], |id| id.0.as_bytes().to_vec());
    let rows = sql::query(AssertSqlSafe(text))
        .bind(last)
        .bind(now.as_millisecond())
        .fetch_all(sql)
        .await?;
    rows.iter().map(|row| read(row, now)).collect()
}

/// Notes a yes or a no.
///
/// # Errors
/// [`Error::Database`].
pub async fn decide_approval(
    tx: &mut Tx,
    id: ApprovalId,
    approve: bool,
    by: UserId,
    reason: Option<&Remark>,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let state = match approve {
        true => ApprovalState::Approved,
        false => ApprovalState::Refused,
    };
    sql::query(
        "UPDATE approval SET state = $1, version = version + 1, decided_by = $2, decided_at = $3,
                decision_reason = $4 WHERE id = $5",
    )
    .bind(state.as_str())
    .bind(by.0.as_bytes().to_vec())
    .bind(now)
    .bind(reason.map(|reason| reason.as_str().to_owned()))
    .bind(&id.0.as_bytes()[..])
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Notes that an approval was used: it serves no second time.
///
/// # Errors
/// [`Error::Database`].
pub async fn use_approval(tx: &mut Tx, id: ApprovalId) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    sql::query("UPDATE approval SET state = 'used', used_at = $1 WHERE id = $2")
        .bind(now)
        .bind(&id.0.as_bytes()[..])
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Whether there is anybody who could decide: an account of the helpdesk or the ministry, at an
/// open office with a terminal that is let in at this moment.
///
/// # Errors
/// [`Error::Database`].
pub async fn can_anybody_approve(sql: &mut Connection, now: Timestamp) -> Result<bool, Error> {
    let found = sql::query(
        "SELECT a.id FROM account a JOIN office o ON o.number = a.office
         WHERE a.role IN ('helpdesk', 'officer') AND a.deleted_at IS NULL
           AND o.closed_at IS NULL AND EXISTS (
             SELECT 1 FROM certificate c WHERE c.office = o.code AND c.revoked_at IS NULL
               AND c.superseded_at IS NULL AND c.expires_at >= $1)
         LIMIT 1",
    )
    .bind(now.as_second() * 1000)
    .fetch_optional(sql)
    .await?;
    Ok(found.is_some())
}

fn read(row: &Row, now: Timestamp) -> Result<Approval, Error> {
    let corrupt = |column: &str| Error::Corrupt(format!("column {column}"));
    let ends_at = row.instant("ends_at")?;
    let state = ApprovalState::from_word(row.try_get("state")?).ok_or_else(|| corrupt("state"))?;
    let is_over = ends_at <= now;
    let state = match state {
        ApprovalState::Waiting | ApprovalState::Approved if is_over => ApprovalState::Lapsed,
        state => state,
    };
    let decided_by = match row.maybe_id("decided_by")? {
        None => None,
        Some(id) => Some(Person {
            id: UserId(id),
            name: row.parsed::<UserName>("decided_by_name")?,
        }),
    };
    Ok(Approval {
        id: ApprovalId(row.id("id")?),
        version: Version(u32::try_from(row.number("version")?).unwrap_or(u32::MAX)),
        deed: OperatorDeed::from_word(row.try_get("deed")?).ok_or_else(|| corrupt("deed"))?,
        about: row.parsed("about")?,
        reason: row.parsed("reason")?,
        state,
        asked_at: row.instant("asked_at")?,
        ends_at,
        decided_by,
        decided_at: super::maybe_instant(row.maybe_number("decided_at")?)?,
        decision_reason: row.maybe_parsed("decision_reason")?,
    })
}
