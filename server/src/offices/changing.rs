//! Changing what is known of an office: its name, how it is found and called back, and the office
//! that it stands under.
//!
//! Whoever is above sees the people of those below (M-11), and that is asked anew at every request:
//! from the commit on the new office above sees them, and the former one does not.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::offices::{OfficeCode, OfficeName, Particulars};
use shared::text::Remark;

use super::place::above;
use super::{NotOpen, NotPlaced};
use crate::app::App;
use crate::store::audit::Act;
use crate::store::offices::{KnownOffice, hold};
use crate::store::{self, Tx};

/// What is to be different. Whatever is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Its name.
    pub name: Option<OfficeName>,
    /// What it stands under.
    pub place: Option<Place>,
    /// How it is found and called back.
    pub particulars: Particulars,
}

/// What an office is to stand under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The office with this code.
    Under(OfficeCode),
    /// None.
    Alone,
}

/// Why nothing of an office was changed. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// There is no office with this code, or it is closed.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// It does not stand where it was to stand.
    #[error(transparent)]
    NotPlaced(#[from] NotPlaced),
    /// All of it is so already.
    #[error("all of that is known of the office {0} already: nothing was changed")]
    Nothing(OfficeCode),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

#[derive(Serialize, Deserialize)]
enum Outcome {
    Changed(u64),
    Nothing,
    NotOpen(NotOpen),
    NotPlaced(NotPlaced),
}

/// Changes an open office, on behalf of `act`. Where it came to stand under another one, the log of
/// the one that it left says so, too, and nobody there looks after its people any more. Gives how
/// many were looked after from there, and are by nobody now.
///
/// # Errors
/// See [`NotChanged`].
pub async fn change(
    server: &App,
    act: Act,
    code: OfficeCode,
    changes: Changes,
    reason: Remark,
) -> Result<u64, NotChanged> {
    let input = (code.clone(), changes, reason);
    let write = server
        .store
        .write(act, input, |tx, (code, changes, reason)| {
            Box::pin(async move { change_within(tx, code, changes, reason).await })
        });
    match write.await? {
        Outcome::Changed(released) => Ok(released),
        Outcome::Nothing => Err(NotChanged::Nothing(code)),
        Outcome::NotOpen(reason) => Err(reason.into()),
        Outcome::NotPlaced(reason) => Err(reason.into()),
    }
}

async fn change_within(
    tx: &mut Tx,
    code: &OfficeCode,
    changes: &Changes,
    reason: &Remark,
) -> Result<Outcome, store::Error> {
    hold(tx, code).await?;
    let asked = json!({ "office": code, "reason": reason });
    let found = store::offices::by_code(tx.sql(), code).await?;
    let known = match NotOpen::check(found, code) {
        Ok(known) => known,
        Err(why) => {
            match why.known() {
                Some(code) => tx.to(code).refuse(None, why.refusal(), asked),
                None => tx.refuse(None, why.refusal(), asked),
            }
            return Ok(Outcome::NotOpen(why));
        }
    };
    let former = match known.parent {
        Some(number) => store::offices::by_number(tx.sql(), number).await?,
        None => None,
    };
    let next = match &changes.place {
        None => former.clone(),
        Some(Place::Alone) => None,
        Some(Place::Under(parent)) => match above(tx.sql(), &known.office, parent).await? {
            Ok(above) => Some(above),
            Err(why) => {
                let mut asked = asked;
                asked["parent"] = json!(parent);
                tx.to(code).refuse(None, why.refusal(), asked);
                return Ok(Outcome::NotPlaced(why));
            }
        },
    };
    let name = changes.name.as_ref().unwrap_or(&known.office.name);
    let present = store::offices::particulars(tx.sql(), known.number).await?;
    let particulars = changes.particulars.clone().upon(present.clone());
    let (before, after) = different(
        facts(&known.office.name, former.as_ref(), &present),
        facts(name, next.as_ref(), &particulars),
    );
    if after.is_empty() {
        tx.to(code).refuse(None, "nothing-to-change", asked);
        return Ok(Outcome::Nothing);
    }
    let parent = next.as_ref().map(|it| it.number);
    store::offices::change(tx, known.number, name, parent, &particulars).await?;
    let released = release(tx, known.number, former.as_ref(), next.as_ref()).await?;
    let mut done = json!({ "office": code, "reason": reason, "before": before, "after": after });
    if released > 0 {
        done["released"] = released.into();
    }
    tx.to(code).note(&done);
    if let Some(former) = former.filter(|former| Some(former.number) != parent) {
        tx.to(&former.office.code).note(&done);
    }
    Ok(Outcome::Changed(released))
}

/// Lets go of those of the people of an office, and of the ones under it, whom somebody looks after
/// that saw them by the former office above, and by the present one does not.
async fn release(
    tx: &mut Tx,
    office: i64,
    former: Option<&KnownOffice>,
    next: Option<&KnownOffice>,
) -> Result<u64, store::Error> {
    let (lost, kept) = (chain(tx, former).await?, chain(tx, next).await?);
    let under = store::offices::with_descendants(tx.sql(), office).await?;
    let centres: Vec<i64> = under.iter().map(|it| it.number).collect();
    let mut released = 0;
    for above in lost.into_iter().filter(|above| !kept.contains(above)) {
        released += store::follow_up::returnee::release(tx, &centres, above).await?;
    }
    Ok(released)
}

/// An office and every one above it.
async fn chain(tx: &mut Tx, office: Option<&KnownOffice>) -> Result<Vec<i64>, store::Error> {
    let mut chain: Vec<i64> = office.map(|it| it.number).into_iter().collect();
    let mut parent = office.and_then(|it| it.parent);
    while let Some(number) = parent.filter(|number| !chain.contains(number)) {
        chain.push(number);
        let above = store::offices::by_number(tx.sql(), number).await?;
        parent = above.and_then(|it| it.parent);
    }
    Ok(chain)
}

/// What the log calls an office's facts.
fn facts(
    name: &OfficeName,
    above: Option<&KnownOffice>,
    particulars: &Particulars,
) -> Map<String, Value> {
    let Particulars {
        reading,
        phone,
        address,
    } = particulars;
    let facts = [
        ("office_name", json!(name)),
        ("parent", json!(above.map(|it| &it.office.code))),
        ("reading", json!(reading)),
        ("phone", json!(phone)),
        ("address", json!(address)),
    ];
    facts
        .map(|(name, fact)| (name.to_owned(), fact))
        .into_iter()
        .collect()
}

/// Of both only what is not the same.
fn different(
    mut before: Map<String, Value>,
    mut after: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    before.retain(|name, fact| {
        let is_other = after.get(name) != Some(&*fact);
        if !is_other {
            after.remove(name);
        }
        is_other
    });
    (before, after)
}

#[cfg(test)]
mod tests;
