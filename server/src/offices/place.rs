//! Where an office may stand. Whoever is above sees the people of those below (see
//! [`scope`](super::scope)), so nothing that is not above in law may be.

use serde::{Deserialize, Serialize};
use shared::offices::{Office, OfficeCode, OfficeKind};

use super::NotOpen;
use crate::store;
use crate::store::offices::KnownOffice;

/// Why an office does not stand where it was to stand. For the command line; the sentences are for
/// operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotPlaced {
    /// There is no office with this code that it could stand under.
    #[error("{}", NotOpen::Unknown(.0.clone()))]
    UnknownParent(OfficeCode),
    /// It is itself the one named.
    #[error("{0} does not stand under itself")]
    UnderItself(OfficeCode),
    /// An office of this kind does not belong under one of that kind.
    #[error("a {kind} does not stand under a {parent}")]
    Misplaced {
        /// The office's kind.
        kind: OfficeKind,
        /// The kind of the one named as its parent.
        parent: OfficeKind,
    },
}

impl NotPlaced {
    /// Why, as one word for the log.
    #[must_use]
    pub fn refusal(&self) -> &'static str {
        match self {
            Self::UnknownParent(_) => "unknown-parent",
            Self::UnderItself(_) => "under-itself",
            Self::Misplaced { .. } => "misplaced",
        }
    }
}

/// Whether an office of this kind may stand under one of the kind `parent`. Any kind may stand
/// alone. No chain of kinds leads back to where it began, so no office ever stands under one that
/// stands under it.
pub(super) fn may_stand_under(kind: OfficeKind, parent: OfficeKind) -> bool {
    use OfficeKind::{
        Business, Facility, FollowUpCentre, HealthCentre, Helpdesk, Institution, Ministry,
        Municipality, Prefecture, Venue,
    };
    match parent {
        Ministry => matches!(kind, Helpdesk | Prefecture | Municipality),
        Prefecture => !matches!(kind, Ministry | Helpdesk | Prefecture),
        Municipality => !matches!(kind, Ministry | Helpdesk | Prefecture | Municipality),
        HealthCentre => matches!(kind, Institution | Facility | FollowUpCentre | Venue),
        Helpdesk | Institution | Facility | FollowUpCentre | Venue | Business => false,
    }
}

/// Whether an office of this kind belongs under a prefecture or a municipality, which looks after
/// it: without one nobody does. A municipality that runs health centres of its own stands alone, and
/// a business deals with the ministry.
#[must_use]
pub fn is_looked_after(kind: OfficeKind) -> bool {
    use OfficeKind::{
        Business, Facility, FollowUpCentre, HealthCentre, Helpdesk, Institution, Ministry,
        Municipality, Prefecture, Venue,
    };
    match kind {
        HealthCentre | Institution | Facility | FollowUpCentre | Venue => true,
        Ministry | Helpdesk | Prefecture | Municipality | Business => false,
    }
}

/// The office with the code `parent`, if `office` may stand under it.
///
/// # Errors
/// The store fails; within the answer, why it may not.
pub(super) async fn above(
    sql: &mut store::Connection,
    office: &Office,
    parent: &OfficeCode,
) -> Result<Result<KnownOffice, NotPlaced>, store::Error> {
    if office.code == *parent {
        return Ok(Err(NotPlaced::UnderItself(parent.clone())));
    }
    let known = store::offices::by_code(sql, parent).await?;
    Ok(match known {
        None => Err(NotPlaced::UnknownParent(parent.clone())),
        Some(above) if !may_stand_under(office.kind, above.office.kind) => {
            Err(NotPlaced::Misplaced {
                kind: office.kind,
                parent: above.office.kind,
            })
        }
        Some(above) => Ok(above),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offices::follows_up;

    #[test]
    fn nobody_who_follows_nobody_up_stands_above_one_who_does() {
        for parent in OfficeKind::ALL
            .into_iter()
            .filter(|kind| !follows_up(*kind))
        {
            for kind in OfficeKind::ALL.into_iter().filter(|kind| follows_up(*kind)) {
                assert!(
                    parent == OfficeKind::Ministry || !may_stand_under(kind, parent),
                    "{kind} under {parent}"
                );
            }
        }
    }

    #[test]
    fn no_chain_of_offices_leads_back_to_where_it_began() {
        // Whoever stands above nobody is taken away, again and again: of a circle all would be left.
        let mut left = OfficeKind::ALL.to_vec();
        while !left.is_empty() {
            let stands_above = |parent: &OfficeKind| {
                let mut kinds = left.iter();
                kinds.any(|kind| may_stand_under(*kind, *parent))
            };
            let above: Vec<OfficeKind> = left.iter().copied().filter(stands_above).collect();
            assert!(above.len() < left.len(), "{above:?}");
            left = above;
        }
    }

    #[test]
    fn whoever_is_looked_after_may_stand_under_a_prefecture() {
        for kind in OfficeKind::ALL {
            let may = may_stand_under(kind, OfficeKind::Prefecture);
            assert!(may || !is_looked_after(kind), "{kind}");
        }
    }
}
