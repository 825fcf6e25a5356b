//! What every write on a returnee has in common: who sees them, once only, and the record as it
//! is afterwards.

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::contract::Endpoint;
use shared::follow_up::returnee::Returnee;
use shared::id::{ReturneeId, UserId, Version};
use shared::{Problem, ProblemCode};
use uuid::Uuid;

use super::{Scope, answer, as_json, note_look, visible};
use crate::app::{App, Caller};
use crate::store::follow_up::returnee::{self as rows, Brief};
use crate::store::{self, Tx};

/// A write that was asked for.
pub(super) struct Asked<R> {
    pub(super) request: R,
    pub(super) scope: Scope,
    /// Who asks.
    pub(super) by: UserId,
    /// The number of their office.
    pub(super) office: i64,
    /// For what comes into being: a returnee, a sign.
    pub(super) new: Uuid,
}

impl<R> Asked<R> {
    /// A returnee in the caller's scope, locked for this write.
    pub(super) async fn to_change(
        &self,
        tx: &mut Tx,
        id: ReturneeId,
    ) -> Result<Brief, store::Error> {
        match rows::brief(tx, id).await? {
            Some(brief) if self.scope.holds(brief.health_centre) => Ok(brief),
            _ => Err(ProblemCode::NotFound.into()),
        }
    }

    /// Like [`Asked::to_change`], and refused with the present record when someone wrote since
    /// `seen`.
    pub(super) async fn to_change_as_seen(
        &self,
        tx: &mut Tx,
        id: ReturneeId,
        seen: Version,
    ) -> Result<Brief, store::Error> {
        let brief = self.to_change(tx, id).await?;
        if brief.version != seen {
            return Err(self.clash(tx, id).await);
        }
        Ok(brief)
    }

    /// The refusal that carries the present record, so that both can be shown side by side.
    pub(super) async fn clash(&self, tx: &mut Tx, id: ReturneeId) -> store::Error {
        match visible(tx.sql(), &self.scope, id).await {
            Ok(present) => Problem::new(ProblemCode::VersionClash)
                .with_current(as_json(&present))
                .into(),
            Err(error) => error,
        }
    }
}

/// Does `write`, which says whom it was about, and answers with them as they are now. Only who it
/// was is kept for a repeat, and not a copy of the record for every saved day.
pub(super) async fn change<E>(
    server: &App,
    caller: &Caller,
    request: E::Request,
    write: impl for<'t> Fn(
        &'t mut Tx,
        &'t Asked<E::Request>,
    ) -> BoxFuture<'t, Result<ReturneeId, store::Error>>
    + Send
    + Sync
    + 'static,
) -> Result<Returnee, Problem>
where
    E: Endpoint<Response = Returnee>,
    E::Request: Sync,
{
    let (scope, id) = written::<E, ReturneeId>(server, caller, request, write).await?;
    answer(server, &scope, id).await
}

/// Does `write` and gives what it gives, with the scope of whoever asked.
pub(super) async fn written<E, T>(
    server: &App,
    caller: &Caller,
    request: E::Request,
    write: impl for<'t> Fn(&'t mut Tx, &'t Asked<E::Request>) -> BoxFuture<'t, Result<T, store::Error>>
    + Send
    + Sync
    + 'static,
) -> Result<(Scope, T), Problem>
where
    E: Endpoint,
    E::Request: Sync,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let scope = Scope::of(server, caller).await?;
    let act = caller.act::<E>(&request);
    let asked = Asked {
        request,
        scope: scope.clone(),
        by: caller.person()?.person.id,
        office: caller.terminal.office_number,
        new: server.new_id(),
    };
    match server.store.write(act, asked, write).await {
        Ok(done) => Ok((scope, done)),
        Err(refused) => Err(refusal::<E>(server, caller, refused.into()).await),
    }
}

/// A refusal may carry a record (a clash) or someone's name (a likeness). To show it is a look,
/// and the write that would have stood in the log was taken back: so it is noted for itself.
async fn refusal<E: Endpoint>(server: &App, caller: &Caller, refused: Problem) -> Problem {
    let Some(current) = &refused.current else {
        return refused;
    };
    let subject = serde_json::from_value(current["id"].clone()).ok();
    let detail = json!({ "refused": refused.code });
    match note_look::<E>(server, caller, subject, detail).await {
        Ok(()) => refused,
        Err(not_noted) => not_noted,
    }
}

/// What stood in each field that a correction changes; null where nothing did. For the audit log,
/// which says by that who changed what: the new value stands in the record, or in the entry of the
/// next correction. It is personal data, and goes into no other log.
pub(super) fn replaced(before: &impl Serialize, after: &impl Serialize) -> Value {
    let (before, after) = (as_json(before), as_json(after));
    let fields = [&before, &after].into_iter().filter_map(Value::as_object);
    let changed = fields
        .flat_map(|fields| fields.keys())
        .filter(|key| before.get(key) != after.get(key))
        .map(|key| (key.clone(), before[key].clone()));
    Value::Object(changed.collect())
}
