//! The language the window speaks, and the one way to its words.
//!
//! Words are only ever made while a view is built, on one thread; so the
//! language is a fact of the thread, and tests in two languages run side by side.

use std::cell::Cell;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use shared::Day;
pub use shared::Language;

use crate::say;

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::Ja) };
}

/// Makes this thread speak `language` from now on.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}

/// The language that this thread speaks.
pub fn spoken() -> Language {
    SPOKEN.get()
}

/// A number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A day as every screen writes it, e.g. `2026/11/05`: one below the other they are in line.
pub fn day(day: Day) -> String {
    let (year, month, date) = day.parts();
    format!("{year}/{month:02}/{date:02}")
}

/// A day of this year or the last, e.g. `11/5`.
pub fn short_day(day: Day) -> String {
    let (_, month, date) = day.parts();
    format!("{month}/{date}")
}

/// A day in both calendars, e.g. `2026/11/05（令和8年11月5日）`.
pub fn long_day(day: Day) -> String {
    say!(
        "frame.both_calendars",
        western = self::day(day),
        japanese = day.japanese()
    )
}

/// A moment as it is said in Japan, to the minute, e.g. `2026/11/05 09:30`.
pub fn moment(at: Timestamp) -> String {
    let japan = TimeZone::fixed(Offset::constant(9));
    at.to_zoned(japan).strftime("%Y/%m/%d %H:%M").to_string()
}

/// The words under a key of `locales/`, in the language spoken, each `%{name}`
/// filled in: `say!("session.title")`, `say!("frame.days_left", days = 312)`.
#[macro_export]
macro_rules! say {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        ::rust_i18n::t!($key, locale = $crate::language::spoken().tag() $(, $name = $value)*)
            .into_owned()
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_both_languages() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
        for file in std::fs::read_dir(folder).expect("the folder of translations") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let count = |tag: &str| {
                text.lines()
                    .filter(|line| line.trim_start().starts_with(tag))
                    .count()
            };
            assert!(count("ja:") > 0, "{} is empty", path.display());
            assert_eq!(count("ja:"), count("en:"), "{}", path.display());
        }
    }

    #[test]
    fn a_day_is_written_in_one_way_in_either_language() {
        let fifth = Day::new(2026, 11, 5).expect("a day");
        for language in [Language::Ja, Language::En] {
            speak(language);
            assert_eq!(day(fifth), "2026/11/05");
            assert_eq!(short_day(fifth), "11/5");
            assert_eq!(moment(fifth.begins()), "2026/11/05 00:00");
            let both = long_day(fifth);
            assert!(both.contains("2026/11/05") && both.contains("令和8年11月5日"));
        }
    }

    #[test]
    fn both_languages_are_spoken() {
        speak(Language::Ja);
        assert_eq!(say!("frame.name"), "見守り");
        speak(Language::En);
        assert_eq!(say!("frame.name"), "Mimamori");
    }
}
