//! The days on which a returnee is followed (M-09).

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::accounts::Person;
use crate::text::Remark;

/// How many days a returnee is followed; day 1 is the day after entry.
pub const FOLLOW_UP_DAYS: i32 = 14;

/// The longest a follow-up may be extended to, in days; a guard against a mistyped year.
pub const MOST_DAYS: i32 = 60;

/// From which day to which day a returnee is followed, and whether someone ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Period {
    /// Day 1: the day after entry into Japan.
    pub first_day: Day,
    /// The last day on which an observation is due, that day included.
    pub last_day: Day,
    /// The last change of the end by a person; absent while the period is as it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<PeriodChange>,
}

/// Who set the last day of a follow-up by hand, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PeriodChange {
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: Remark,
    /// Whether it was ended before its time (true) or extended (false).
    pub ended: bool,
}

/// Why a day takes no observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDue {
    /// The day lies before day 1.
    BeforeStart,
    /// The day lies after the last day.
    AfterEnd,
    /// The day has not come yet.
    InFuture,
}

impl Period {
    /// The period of someone who entered Japan on this day.
    #[must_use]
    pub fn after_entry(entry_date: Day) -> Self {
        Self {
            first_day: entry_date.plus(1),
            last_day: entry_date.plus(FOLLOW_UP_DAYS),
            changed: None,
        }
    }

    /// Which day of the follow-up this is, from 1; `None` outside it.
    #[must_use]
    pub fn day_number(&self, day: Day) -> Option<u8> {
        self.takes(day, day).ok()?;
        u8::try_from(day.days_since(self.first_day) + 1).ok()
    }

    /// Whether an observation of `day` may be recorded on `today`.
    ///
    /// # Errors
    /// Says why not: before the start, after the end, or not yet.
    pub fn takes(&self, day: Day, today: Day) -> Result<(), NotDue> {
        if day < self.first_day {
            Err(NotDue::BeforeStart)
        } else if day > self.last_day {
            Err(NotDue::AfterEnd)
        } else if day > today {
            Err(NotDue::InFuture)
        } else {
            Ok(())
        }
    }

    /// Whether the follow-up still runs on this day or is yet to begin.
    #[must_use]
    pub fn is_open(&self, today: Day) -> bool {
        today <= self.last_day
    }

    /// Whether `last_day` can be the new end: not before the day of entry, not beyond
    /// [`MOST_DAYS`].
    #[must_use]
    pub fn may_end_on(&self, last_day: Day) -> bool {
        let days = last_day.days_since(self.first_day) + 1;
        (0..=MOST_DAYS).contains(&days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn day_one_is_the_day_after_entry_and_the_last_is_day_fourteen() {
        let period = Period::after_entry(day("2024-02-28"));
        assert_eq!(period.day_number(day("2024-02-28")), None);
        assert_eq!(period.day_number(day("2024-02-29")), Some(1));
        assert_eq!(period.day_number(day("2024-03-13")), Some(14));
        assert_eq!(period.day_number(day("2024-03-14")), None);
    }

    #[test]
    fn days_outside_the_period_and_in_the_future_are_refused() {
        let period = Period::after_entry(day("2026-11-01"));
        let today = day("2026-11-10");
        assert_eq!(
            period.takes(day("2026-11-01"), today),
            Err(NotDue::BeforeStart)
        );
        assert_eq!(period.takes(day("2026-11-09"), today), Ok(()));
        assert_eq!(
            period.takes(day("2026-11-11"), today),
            Err(NotDue::InFuture)
        );
        assert_eq!(
            period.takes(day("2026-11-16"), day("2026-11-20")),
            Err(NotDue::AfterEnd)
        );
    }

    #[test]
    fn an_end_stays_within_reason() {
        let period = Period::after_entry(day("2026-11-01"));
        assert!(period.may_end_on(day("2026-11-01")));
        assert!(!period.may_end_on(day("2026-10-31")));
        assert!(period.may_end_on(day("2026-12-31")));
        assert!(!period.may_end_on(day("2027-11-20")));
    }
}
