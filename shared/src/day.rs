//! Days as Japan counts them: civil dates in Asia/Tokyo, read in every shape that offices write.
//!
//! Shapes: `令和4年9月26日`, `R4.9.26`, `2022/9/26` (also `2022-09-26`, `2022年9月26日`),
//! `20220926`; while typing also `926`, `1126`, `今日`, `昨日`. The fifth shape, an Excel serial,
//! is only read where a spreadsheet says that it is one.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz};

use crate::text::{Refused, fold_width, through_text};

const REFUSED: Refused = Refused::new("day");
/// A day that there was, written with an era that had not begun or had ended.
const OTHER_ERA: Refused = Refused::new("day_of_era");

/// How many days are left at `now` until `end`, the one under way counted whole: 365 for a year
/// that begins, 1 on the last day, 0 when nothing is left. The one rule for links, certificates and
/// whatever is written of them.
#[must_use]
pub fn days_left(now: Timestamp, end: Timestamp) -> u32 {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let left = end.as_millisecond() - now.as_millisecond();
    u32::try_from((left + DAY - 1).div_euclid(DAY)).unwrap_or(0)
}

/// A civil date in Japan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// The eras since civil registration, latest first: letter, name, first day.
const ERAS: [(char, &str, (i16, i8, i8)); 5] = [
    ('R', "令和", (2019, 5, 1)),
    ('H', "平成", (1989, 1, 8)),
    ('S', "昭和", (1926, 12, 25)),
    ('T', "大正", (1912, 7, 30)),
    ('M', "明治", (1868, 10, 23)),
];

impl Day {
    /// The day of this year, month and day of month; `None` if there is no such day or it lies
    /// outside 1868 to 2199.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (1868..2200)
            .contains(&year)
            .then(|| Date::new(year, month, day).ok().map(Self))?
    }

    /// The day it is in Japan at this instant.
    #[must_use]
    pub fn in_japan(instant: Timestamp) -> Self {
        Self(tz::offset(9).to_datetime(instant).date())
    }

    /// The instant at which this day begins in Japan.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        let begin = tz::offset(9).to_timestamp(self.0.at(0, 0, 0, 0));
        begin.expect("the years that exist here lie within those of timestamps")
    }

    /// Takes a day in any of the written shapes, in any width.
    ///
    /// # Errors
    /// Refuses what is no such day, a year of an era that had ended, and years outside 1868–2199.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = fold_width(text);
        let (era, rest) = split_era(&text);
        let numbers = numbers(rest).ok_or(REFUSED)?;
        let (year, month, day) = match (era, numbers.as_slice()) {
            (None, &[whole]) if rest.len() == 8 => (whole / 10_000, whole / 100 % 100, whole % 100),
            (None, &[year, month, day]) if year >= 1868 => (year, month, day),
            (Some(era), &[year, month, day]) if year >= 1 => {
                (i32::from(ERAS[era].2.0) + year - 1, month, day)
            }
            _ => return Err(REFUSED),
        };
        let day = in_range(year, month, day).ok_or(REFUSED)?;
        if era.is_some_and(|era| day.era_index() != Some(era)) {
            return Err(OTHER_ERA);
        }
        Ok(day)
    }

    /// Takes a day as typed at a desk: all shapes of [`Day::parse`], and `今日`, `昨日`, and month
    /// and day alone (`926`, `1126`, `9/26`), which mean the latest such day up to `today`.
    ///
    /// # Errors
    /// As [`Day::parse`].
    pub fn parse_typed(text: &str, today: Day) -> Result<Self, Refused> {
        let folded = fold_width(text);
        match folded.to_lowercase().as_str() {
            "今日" | "本日" | "today" => return Ok(today),
            "昨日" | "yesterday" => return Ok(today.plus(-1)),
            _ => {}
        }
        let month_and_day = match numbers(&folded).as_deref() {
            Some(&[both]) if (3..=4).contains(&folded.len()) => Some((both / 100, both % 100)),
            Some(&[month, day]) => Some((month, day)),
            _ => None,
        };
        let Some((month, day)) = month_and_day else {
            return Self::parse(text);
        };
        let year = i32::from(today.0.year());
        // Nine years always hold a 29 February.
        (0..9)
            .filter_map(|back| in_range(year - back, month, day))
            .find(|candidate| *candidate <= today)
            .ok_or(REFUSED)
    }

    /// This many days later, or earlier if negative; stays within the years that exist here.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(Span::new().days(days)))
    }

    /// How many days later `self` is than `other`.
    #[must_use]
    pub fn days_since(self, other: Self) -> i32 {
        self.0.since(other.0).map_or(0, |span| span.get_days())
    }

    /// How many years have passed since this day on `today`: an age. A 29 February counts from
    /// 1 March in other years.
    #[must_use]
    pub fn age_on(self, today: Self) -> i16 {
        let had_birthday = (today.0.month(), today.0.day()) >= (self.0.month(), self.0.day());
        today.0.year() - self.0.year() - i16::from(!had_birthday)
    }

    /// Whether it is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        use jiff::civil::Weekday::{Saturday, Sunday};
        matches!(self.0.weekday(), Saturday | Sunday)
    }

    /// Year, month and day of month.
    #[must_use]
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The day in the Japanese calendar, e.g. `令和8年11月20日`; the first year of an era is 元年.
    #[must_use]
    pub fn japanese(self) -> String {
        let (year, month, day) = self.parts();
        match self.era_index() {
            None => format!("{year}年{month}月{day}日"),
            Some(era) => {
                let (_, name, (first, ..)) = ERAS[era];
                match year - first + 1 {
                    1 => format!("{name}元年{month}月{day}日"),
                    n => format!("{name}{n}年{month}月{day}日"),
                }
            }
        }
    }

    fn era_index(self) -> Option<usize> {
        ERAS.iter().position(|&(_, _, first)| self.parts() >= first)
    }
}

fn in_range(year: i32, month: i32, day: i32) -> Option<Day> {
    Day::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
}

fn split_era(text: &str) -> (Option<usize>, &str) {
    for (index, (letter, name, _)) in ERAS.iter().enumerate() {
        if let Some(rest) = text.strip_prefix(name) {
            return (Some(index), rest);
        }
        let mut characters = text.chars();
        if characters
            .next()
            .is_some_and(|c| c.to_ascii_uppercase() == *letter)
        {
            return (Some(index), characters.as_str());
        }
    }
    (None, text)
}

/// The one to three numbers of a date; 元 is 1. `None` for anything that is not numbers between
/// date marks.
fn numbers(text: &str) -> Option<Vec<i32>> {
    let text = text.replace('元', "1");
    let text = text.strip_suffix('日').unwrap_or(&text);
    let parts: Vec<i32> = text
        .split(['年', '月', '/', '.', '-'])
        .map(|part| {
            let part = part.trim();
            let plain = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse().ok())?
        })
        .collect::<Option<_>>()?;
    (parts.len() <= 3).then_some(parts)
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

through_text!(Day, 10);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap_or_else(|_| panic!("{text} is a day"))
    }

    #[test]
    fn a_day_that_has_begun_counts_whole() {
        let end: Timestamp = "2022-10-26T00:00:00Z".parse().unwrap();
        let left = |seconds| days_left(end - jiff::SignedDuration::from_secs(seconds), end);
        const DAY: i64 = 24 * 60 * 60;
        assert_eq!([left(365 * DAY), left(365 * DAY - 1)], [365; 2]);
        assert_eq!([left(DAY + 1), left(DAY), left(1)], [2, 1, 1]);
        let almost = end - jiff::SignedDuration::from_millis(1);
        assert_eq!(days_left(almost, end), 1);
        assert_eq!([left(0), left(-1), left(-DAY)], [0; 3]);
    }

    #[test]
    fn reads_every_shape_that_offices_write() {
        for text in [
            "令和4年9月26日",
            "令和４年９月２６日",
            "R4.9.26",
            "r4/9/26",
            "2022/9/26",
            "2022-09-26",
            "2022年9月26日",
            "20220926",
            "２０２２．９．２６",
            " 2022/09/26 ",
            "2022ー9ー26",
        ] {
            assert_eq!(day(text), Day::new(2022, 9, 26).unwrap(), "{text}");
        }
    }

    #[test]
    fn an_era_begins_and_ends_on_its_days() {
        assert_eq!(day("令和元年5月1日"), day("2019-05-01"));
        assert_eq!(day("昭和64年1月7日"), day("1989-01-07"));
        assert_eq!(day("S1.12.25"), day("1926-12-25"));
        for text in [
            "令和元年4月30日",
            "平成31年5月1日",
            "昭和64年1月8日",
            "大正15年12月25日",
        ] {
            assert_eq!(Day::parse(text), Err(OTHER_ERA), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_day() {
        for text in [
            "",
            "2022/13/1",
            "2022/2/29",
            "20220931",
            "1867/1/1",
            "9/26",
            "令和4年9月",
            "R0.1.1",
            "2022/9/26/1",
            "44830",
            "22/9/26",
            "2022//26",
            "日",
            "年月日",
            "99999999999999999999",
        ] {
            assert_eq!(Day::parse(text), Err(REFUSED), "{text}");
        }
    }

    #[test]
    fn typing_takes_the_latest_such_day() {
        let today = day("2026-11-20");
        for (typed, meant) in [
            ("今日", "2026-11-20"),
            ("昨日", "2026-11-19"),
            ("1120", "2026-11-20"),
            ("1121", "2025-11-21"),
            ("926", "2026-09-26"),
            ("9/26", "2026-09-26"),
            ("229", "2024-02-29"),
            ("R8.11.19", "2026-11-19"),
        ] {
            assert_eq!(Day::parse_typed(typed, today), Ok(day(meant)), "{typed}");
        }
        assert_eq!(Day::parse_typed("1399", today), Err(REFUSED));
    }

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        let last: Timestamp = "2024-02-29T14:59:59Z".parse().unwrap();
        assert_eq!(Day::in_japan(last), day("2024-02-29"));
        assert_eq!(
            Day::in_japan(last + jiff::SignedDuration::from_secs(1)),
            day("2024-03-01")
        );
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        let born = day("2000-02-29");
        assert_eq!(born.age_on(day("2023-02-28")), 22);
        assert_eq!(born.age_on(day("2023-03-01")), 23);
        assert_eq!(born.age_on(day("2024-02-29")), 24);
    }

    #[test]
    fn both_calendars_name_the_same_day() {
        assert_eq!(day("2019-05-01").japanese(), "令和元年5月1日");
        assert_eq!(day("2026-11-20").japanese(), "令和8年11月20日");
    }

    proptest! {
        #[test]
        fn a_day_prints_what_it_takes(offset in -50_000i32..60_000) {
            let day = day("2022-01-01").plus(offset);
            prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
            prop_assert_eq!(Day::parse(&day.japanese()), Ok(day));
            prop_assert_eq!(day.plus(14).days_since(day), 14);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,16}|[RHSTM令和平成昭]{0,3}[0-9年月日/. -]{0,12}") {
            let today = day("2026-11-20");
            let _ = Day::parse(&text);
            if let Ok(typed) = Day::parse_typed(&text, today) {
                prop_assert!(Day::parse(&typed.to_string()).is_ok());
            }
        }
    }
}
