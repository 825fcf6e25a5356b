//! What is asked about a returnee, and whether what was answered can be sent.

use serde::{Deserialize, Serialize};
use shared::Day;
use shared::follow_up::hand_over::ReturneeToHandOver;
use shared::follow_up::observation::{DayToWithdraw, Observation, SignToClose};
use shared::follow_up::returnee::{ChangedAssignee, ChangedPeriod};
use shared::id::{SignId, Version};
use shared::offices::Office;
use shared::text::{Refused, Remark};

use super::super::form::{matching, meant};
use super::super::words;
use super::Opened;
use crate::screen::Context;

/// What is being asked in front of the returnee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in super::super) enum Asked {
    /// What was done about a sign.
    Sign { sign: SignId, action: String },
    /// Until when, and why.
    Period { last_day: String, reason: String },
    /// Who looks after them.
    Assignee,
    /// To which health centre, as code or name, and why.
    HandOver { centre: String, reason: String },
    /// Of which day the record is withdrawn, which record of it was in view, and why.
    Withdrawal {
        day: String,
        seen: Option<InView>,
        reason: String,
    },
}

/// The record of a day that somebody looked at: nobody withdraws what they have not seen, however
/// late they send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct InView {
    pub(super) day: Day,
    pub(super) version: Version,
}

impl InView {
    pub(super) fn of(seen: &Observation) -> Self {
        Self {
            day: seen.day,
            version: seen.version,
        }
    }
}

impl Asked {
    /// The question to which this is the answer.
    pub(super) fn of(write: &Write) -> Self {
        match write {
            Write::Sign(sign) => Self::Sign {
                sign: sign.sign,
                action: sign.action.to_string(),
            },
            Write::Period(changed) => Self::Period {
                last_day: changed.last_day.to_string(),
                reason: changed.reason.to_string(),
            },
            Write::Assignee(_) => Self::Assignee,
            Write::HandOver(handed) => Self::HandOver {
                centre: handed.health_centre.to_string(),
                reason: handed.reason.to_string(),
            },
            Write::Withdrawal(withdrawn) => Self::Withdrawal {
                day: words::short_day(withdrawn.day),
                seen: Some(InView {
                    day: withdrawn.day,
                    version: withdrawn.version,
                }),
                reason: withdrawn.reason.to_string(),
            },
        }
    }

    /// Whether anything was typed for it.
    pub(super) fn is_typed(&self) -> bool {
        match self {
            Self::Sign { action, .. } => !action.trim().is_empty(),
            Self::Period { last_day, reason } => {
                !(last_day.trim().is_empty() && reason.trim().is_empty())
            }
            Self::HandOver { centre, reason } => {
                !(centre.trim().is_empty() && reason.trim().is_empty())
            }
            // Its day is proposed.
            Self::Withdrawal { reason, .. } => !reason.trim().is_empty(),
            Self::Assignee => false,
        }
    }

    /// Whether this is the same question, whatever was typed for it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sign { sign, .. }, Self::Sign { sign: other, .. }) => sign == other,
            (Self::Period { .. }, Self::Period { .. })
            | (Self::Assignee, Self::Assignee)
            | (Self::HandOver { .. }, Self::HandOver { .. }) => true,
            (Self::Withdrawal { seen, .. }, Self::Withdrawal { seen: other, .. }) => {
                seen.map(|it| it.day) == other.map(|it| it.day)
            }
            _ => false,
        }
    }
}

/// What is wrong with what was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wrong {
    Day(Refused),
    Centre(Refused),
    Text(Refused),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Write {
    Sign(SignToClose),
    Period(ChangedPeriod),
    Assignee(ChangedAssignee),
    HandOver(ReturneeToHandOver),
    Withdrawal(DayToWithdraw),
}

impl Opened {
    /// The new last day as typed: a day, or how many days more (`+3`).
    pub(super) fn last_day(&self, typed: &str, context: &Context) -> Result<Day, Refused> {
        let period = self.returnee.as_ref().map(|returnee| &returnee.period);
        let period = period.ok_or(Refused::new("day"))?;
        let folded = shared::text::fold_width(typed);
        let day = match folded.strip_prefix('+').map(str::parse::<u8>) {
            Some(Ok(days)) => period.last_day.plus(i32::from(days)),
            _ => Day::parse_typed(&folded, context.world.today())?,
        };
        // Month and day alone mean the day that lies in the follow-up, not a year before it.
        let day = if day < period.first_day.plus(-1) && folded.len() <= 5 {
            let (_, month, date) = day.parts();
            Day::new(period.last_day.parts().0, month, date).unwrap_or(day)
        } else {
            day
        };
        if period.may_end_on(day) {
            Ok(day)
        } else {
            Err(Refused::new("period_end"))
        }
    }

    /// The record that was written last of all days: the one whose mistake is noticed.
    pub(super) fn written_last(&self) -> Option<&Observation> {
        let observations = &self.returnee.as_ref()?.observations;
        observations
            .iter()
            .max_by_key(|seen| (seen.recorded_at, seen.day))
    }

    /// The record of the day that was typed. A day as it is proposed is one that is recorded,
    /// whatever its year.
    pub(super) fn recorded_on(
        &self,
        typed: &str,
        context: &Context,
    ) -> Result<&Observation, Refused> {
        let folded = shared::text::fold_width(typed);
        let observations = || self.returnee.iter().flat_map(|it| &it.observations);
        let latest = observations()
            .filter(|seen| words::short_day(seen.day) == folded.trim())
            .max_by_key(|seen| seen.day);
        if let Some(seen) = latest {
            return Ok(seen);
        }
        let day = Day::parse_typed(&folded, context.world.today())?;
        let of_day = observations().find(|seen| seen.day == day);
        of_day.ok_or(Refused::new("recorded_day"))
    }

    /// Which record of the day that was typed is in view.
    pub(super) fn in_view(&self, typed: &str, context: &Context) -> Option<InView> {
        self.recorded_on(typed, context).ok().map(InView::of)
    }

    /// Those to which they can be handed over and that hold what was typed.
    pub(super) fn offered(&self, typed: &str) -> Vec<&Office> {
        match typed.trim().is_empty() {
            true => Vec::new(),
            false => matching(&self.receiving, typed),
        }
    }

    /// The health centre that is meant by what was typed.
    pub(super) fn receiver(&self, typed: &str) -> Result<&Office, Refused> {
        let meant = meant(&self.receiving, typed).filter(|_| !typed.trim().is_empty());
        let present = self.returnee.as_ref();
        let present = present.and_then(|it| it.details.health_centre.as_ref());
        meant
            .filter(|office| Some(&office.code) != present)
            .ok_or(Refused::new("receiving_health_centre"))
    }

    /// What is wrong with the answer as it stands.
    pub(super) fn wrong(&self, context: &Context) -> Option<Wrong> {
        match self.asked.as_ref()? {
            Asked::Sign { action, .. } => Remark::parse(action).err().map(Wrong::Text),
            Asked::Period { last_day, reason } => {
                let day = self.last_day(last_day, context).err().map(Wrong::Day);
                day.or(Remark::parse(reason).err().map(Wrong::Text))
            }
            Asked::HandOver { centre, reason } => {
                let centre = self.receiver(centre).err().map(Wrong::Centre);
                centre.or(Remark::parse(reason).err().map(Wrong::Text))
            }
            Asked::Withdrawal { day, reason, .. } => {
                let day = self.recorded_on(day, context).err().map(Wrong::Day);
                day.or(Remark::parse(reason).err().map(Wrong::Text))
            }
            Asked::Assignee => None,
        }
    }
}
