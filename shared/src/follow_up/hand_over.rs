//! Handing a returnee over to another health centre, anywhere in the country (M-10): people move.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::returnee::HealthCentres;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{ReturneeId, Version};
use crate::offices::{Office, OfficeCode};
use crate::text::Remark;

/// How a returnee came to the health centre that is responsible now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HandOver {
    /// The health centre that was responsible before.
    pub from: Office,
    /// Who handed them over there.
    pub by: Person,
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Why.
    pub reason: Remark,
}

/// Asks to which health centres a returnee can be handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReceivingQuery {}

/// Hands a returnee over to another health centre. They leave the caller's list, unless that
/// centre is one of the caller's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReturneeToHandOver {
    /// Whom.
    pub id: ReturneeId,
    /// The version that was seen.
    pub version: Version,
    /// To which: any that is open, other than the one that is responsible.
    pub health_centre: OfficeCode,
    /// Why: the receiving side reads it.
    pub reason: Remark,
}

/// Someone was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HandedOver {
    /// Whom.
    pub id: ReturneeId,
    /// Who is responsible now.
    pub health_centre: Office,
}

endpoints! {
    /// The health centres of the country to which a returnee can be handed over, by code.
    ListReceivingCentres = Get "/v1/receiving-health-centres" ReceivingQuery => HealthCentres,
        session [Staff, Administrator], Personal::None;

    /// Hands a returnee over to another health centre, with a reason.
    HandOverReturnee = Post "/v1/returnees/{id}/hand-over" ReturneeToHandOver => HandedOver,
        session [Staff, Administrator], Personal::Writes;
}
