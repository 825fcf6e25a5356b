//! What the operator must not do alone: everything about the authority's key, and revoking many
//! terminals. The command asks; somebody of the helpdesk or the ministry says yes at their own
//! terminal; the command goes on. The yes is for exactly what was asked, lives 24 hours from the
//! asking, serves once, and stands in the log with the deed.

use jiff::SignedDuration;
use serde_json::json;
use shared::contract::Done;
use shared::enrolment::approval::{
    APPROVE_SECONDS, Approval, ApprovalState, ApprovalsQuery, DecideApproval, Decision,
    OperatorDeed,
};
use shared::id::{ApprovalId, Page};
use shared::text::{Line, Refused, Remark};
use shared::{Problem, ProblemCode};

use crate::app::{App, Caller};
use crate::offices::contacts::{page, page_size};
use crate::store::audit::{Act, Actor};
use crate::store::enrolment::{self as rows, ApprovalToKeep};

/// What came of a demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demanded {
    /// Somebody said yes. That yes is used up now: do it.
    Approved(Approval),
    /// There is nobody who could say yes: no account of the helpdesk or the ministry has a
    /// terminal that is let in. Do it; that it was done alone stands in the log.
    Alone,
    /// It waits for somebody's yes. Do nothing; ask again later.
    Waiting(Approval),
}

/// Demands a second person's yes for a deed of the operator. Nothing may be done unless it answers
/// [`Demanded::Approved`] or [`Demanded::Alone`], and then once. Asking again for the same finds
/// what waits already.
///
/// A new server has nobody who could be asked, and a server whose terminals' certificates are all
/// over has nobody left; both must not lock themselves out of their own repair.
///
/// # Errors
/// The store fails.
pub async fn demand_approval(
    server: &App,
    deed: OperatorDeed,
    about: Line,
    reason: Remark,
) -> Result<Demanded, Problem> {
    let new = ApprovalToKeep {
        id: ApprovalId(server.new_id()),
        deed,
        about,
        reason,
        ends_at: server.clock.now() + SignedDuration::from_secs(APPROVE_SECONDS),
    };
    let act = Act::new(Actor::default(), "command approval");
    // Which approval, and whether it is there to be used; none if nobody can be asked.
    let asked: Option<(ApprovalId, bool)> = server
        .store
        .write(act, new, |tx, new| {
            Box::pin(async move {
                let detail = json!({
                    "deed": new.deed, "about": new.about, "reason": new.reason,
                });
                let now = tx.now();
                match rows::approval_for(tx, new.deed, &new.about).await? {
                    Some(known) if known.state == ApprovalState::Approved => {
                        rows::use_approval(tx, known.id).await?;
                        let mut detail = detail;
                        detail["used"] = json!(true);
                        detail["approved_by"] = json!(known.decided_by.map(|by| by.id));
                        tx.record(known.id.0, &detail);
                        Ok(Some((known.id, true)))
                    }
                    Some(known) => {
                        tx.record(known.id.0, &json!({ "again": true }));
                        Ok(Some((known.id, false)))
                    }
                    None if !rows::can_anybody_approve(tx.sql(), now).await? => {
                        let mut detail = detail;
                        detail["alone"] = json!(true);
                        tx.note(&detail);
                        Ok(None)
                    }
                    None => {
                        rows::insert_approval(tx, new).await?;
                        tx.record(new.id.0, &detail);
                        Ok(Some((new.id, false)))
                    }
                }
            })
        })
        .await?;
    match asked {
        None => Ok(Demanded::Alone),
        Some((id, may_go_on)) => {
            let found = approval(server, id).await?;
            Ok(match may_go_on {
                true => Demanded::Approved(found),
                false => Demanded::Waiting(found),
            })
        }
    }
}

/// How it stands with an approval.
///
/// # Errors
/// `not-found`.
pub async fn approval(server: &App, id: ApprovalId) -> Result<Approval, Problem> {
    let mut reader = server.store.reader().await?;
    let found = rows::approval(&mut reader, id, server.clock.now()).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// What the operator asked for, the latest first.
///
/// # Errors
/// `invalid-field` for a page that cannot be.
pub async fn list_approvals(
    server: &App,
    _: &Caller,
    request: ApprovalsQuery,
) -> Result<Page<Approval>, Problem> {
    let limit = page_size(request.limit, 50, 200)?;
    let cursor = || Problem::refused("after", Refused::new("cursor"));
    let after = request.after.as_deref().map(str::parse::<ApprovalId>);
    let after = after.transpose().map_err(|_| cursor())?;
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let most = u32::from(limit) + 1;
    let approvals = rows::approvals(&mut reader, now, request.state, after, most).await?;
    Ok(page(approvals, limit, |approval| approval.id.to_string()))
}

/// Says yes or no to what the operator asked for.
///
/// # Errors
/// `approval-not-open` when it was decided or its day is over; `version-clash` with the present
/// approval; `not-found`.
pub async fn decide_approval(
    server: &App,
    caller: &Caller,
    request: Decision,
) -> Result<Approval, Problem> {
    let by = caller.person()?.person.id;
    let act = caller.act::<DecideApproval>(&request);
    let id = request.id;
    server
        .store
        .write(act, (request, by), |tx, (request, by)| {
            Box::pin(async move {
                let known = rows::approval_to_change(tx, request.id).await?;
                let known = known.ok_or(ProblemCode::NotFound)?;
                if known.version != request.version {
                    let current = serde_json::to_value(&known)
                        .expect("what travels as JSON is writable as JSON");
                    let clash = Problem::new(ProblemCode::VersionClash).with_current(current);
                    return Err(clash.into());
                }
                if known.state != ApprovalState::Waiting {
                    return Err(ProblemCode::ApprovalNotOpen.into());
                }
                let reason = request.reason.as_ref();
                rows::decide_approval(tx, request.id, request.approve, *by, reason).await?;
                let detail = json!({
                    "deed": known.deed, "about": known.about, "approve": request.approve,
                    "reason": request.reason,
                });
                tx.record(request.id.0, &detail);
                Ok(Done {})
            })
        })
        .await?;
    approval(server, id).await
}
