//! How the helpdesk is reached, and when it answers what (M-12, M-19).
//!
//! The operator sets it; terminals ask for it and keep the answer, so that it is there when the
//! server is not.

use std::fmt;

use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};

use crate::Day;
use crate::contract::{Personal, endpoints};
use crate::text::{Line, MailAddress, Refused, fold_width, through_text};

/// A time of day in Japan, to the minute: `9:30`, and `24:00` for the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The minutes of a day.
    const DAY: u16 = 24 * 60;

    /// The time it is in Japan at this instant.
    #[must_use]
    pub fn in_japan(instant: Timestamp) -> Self {
        let time = tz::offset(9).to_datetime(instant).time();
        let whole = |number: i8| u16::try_from(number).unwrap_or_default();
        Self(whole(time.hour()) * 60 + whole(time.minute()))
    }

    /// Takes `9:30` or `09:30` in any width, from `0:00` to `24:00`.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = Refused::new("time_of_day");
        let text = fold_width(text);
        let (hour, minute) = text.split_once(':').ok_or(refused)?;
        let number = |text: &str, least: usize| {
            let good =
                (least..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            good.then(|| text.parse::<u16>().ok())
                .flatten()
                .ok_or(refused)
        };
        let (hour, minute) = (number(hour, 1)?, number(minute, 2)?);
        let time = Self(hour * 60 + minute);
        if minute < 60 && time.0 <= Self::DAY {
            Ok(time)
        } else {
            Err(refused)
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}", self.0 / 60, self.0 % 60)
    }
}

through_text!(TimeOfDay, 5);

/// From when to when somebody answers the phone on a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Hours {
    /// From this minute on.
    pub opens: TimeOfDay,
    /// Up to this minute, which is not among them.
    pub closes: TimeOfDay,
}

/// Asks how the helpdesk is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HelpdeskQuery {}

/// How the helpdesk is reached; what the operator did not set is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Helpdesk {
    /// Its telephone number, as it is to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Line>,
    /// Its mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailAddress>,
    /// When the phone is answered on working days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Days besides Saturdays and Sundays on which only mail is answered, such as public holidays
    /// and the end of the year, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_days: Vec<Day>,
}

/// What the helpdesk answers at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// The phone, until this minute, and mail.
    PhoneAndMail {
        /// When the phone stops being answered today.
        until: TimeOfDay,
    },
    /// Mail only.
    MailOnly {
        /// The next day on which the phone is answered; `None` if none comes within a year.
        again: Option<(Day, TimeOfDay)>,
    },
    /// The operator has set no hours.
    Unknown,
}

impl Helpdesk {
    /// What is answered at `now` (M-19: on Saturdays and Sundays only mail is).
    #[must_use]
    pub fn answering(&self, now: Timestamp) -> Answering {
        let (Some(hours), Some(_)) = (self.hours, &self.phone) else {
            return Answering::Unknown;
        };
        let (today, time) = (Day::in_japan(now), TimeOfDay::in_japan(now));
        if self.works_on(today) && (hours.opens..hours.closes).contains(&time) {
            return Answering::PhoneAndMail {
                until: hours.closes,
            };
        }
        let first = if time < hours.opens { 0 } else { 1 };
        let again = (first..=366)
            .map(|days| today.plus(days))
            .find(|day| self.works_on(*day))
            .map(|day| (day, hours.opens));
        Answering::MailOnly { again }
    }

    fn works_on(&self, day: Day) -> bool {
        !day.is_weekend() && !self.closed_days.contains(&day)
    }
}

endpoints! {
    /// How the helpdesk is reached; needs no login.
    ShowHelpdesk = Get "/v1/helpdesk" HelpdeskQuery => Helpdesk,
        certificate, Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn helpdesk() -> Helpdesk {
        let time = |text| TimeOfDay::parse(text).unwrap();
        Helpdesk {
            phone: Some(Line::parse("03-0000-0000").unwrap()),
            mail: Some(MailAddress::parse("helpdesk@example.jp").unwrap()),
            hours: Some(Hours {
                opens: time("9:30"),
                closes: time("18:15"),
            }),
            closed_days: vec![Day::parse("2026-11-23").unwrap()],
        }
    }

    /// The moment at this day and time in Japan.
    fn at(moment: &str) -> Timestamp {
        format!("{moment}+09:00").parse().unwrap()
    }

    fn again(day: &str) -> Answering {
        Answering::MailOnly {
            again: Some((Day::parse(day).unwrap(), TimeOfDay::parse("9:30").unwrap())),
        }
    }

    #[test]
    fn the_phone_is_answered_on_working_days_to_the_minute() {
        let desk = helpdesk();
        let until = TimeOfDay::parse("18:15").unwrap();
        let phone = Answering::PhoneAndMail { until };
        assert_eq!(
            desk.answering(at("2026-11-20T09:29:59")),
            again("2026-11-20")
        );
        assert_eq!(desk.answering(at("2026-11-20T09:30:00")), phone);
        assert_eq!(desk.answering(at("2026-11-20T18:14:59")), phone);
    }

    #[test]
    fn at_weekends_and_on_closed_days_only_mail_is_answered() {
        let desk = helpdesk();
        // Friday evening, Saturday, Sunday, and the holiday on Monday.
        for moment in [
            "2026-11-20T18:15:00",
            "2026-11-21T12:00:00",
            "2026-11-22T12:00:00",
            "2026-11-23T12:00:00",
        ] {
            assert_eq!(desk.answering(at(moment)), again("2026-11-24"), "{moment}");
        }
    }

    #[test]
    fn nothing_is_promised_that_the_operator_did_not_set() {
        let now = at("2026-11-20T12:00:00");
        let mut desk = helpdesk();
        desk.phone = None;
        assert_eq!(desk.answering(now), Answering::Unknown);
        assert_eq!(Helpdesk::default().answering(now), Answering::Unknown);
    }

    #[test]
    fn a_time_of_day_is_read_in_any_width_and_no_other_form() {
        assert_eq!(TimeOfDay::parse("０９：３０").unwrap().to_string(), "9:30");
        assert_eq!(TimeOfDay::parse("24:00").unwrap().to_string(), "24:00");
        for wrong in [
            "", "9", "9:3", "24:01", "9:60", "-1:00", "009:30", "9:30:00",
        ] {
            assert!(TimeOfDay::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_time_of_day_prints_what_it_takes(minutes in 0_u16..=1440) {
            let time = TimeOfDay(minutes);
            prop_assert_eq!(TimeOfDay::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,10}") {
            let _ = TimeOfDay::parse(&text);
        }
    }
}
