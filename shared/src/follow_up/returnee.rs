//! A returnee (帰国者): who they are and where they stay.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::hand_over::HandOver;
use super::observation::{Observation, Sign, Withdrawal};
use super::period::Period;
use crate::Day;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{ReturneeId, UserId, Version};
use crate::offices::{Office, OfficeCode};
use crate::text::{Line, MailAddress, Phone, Refused, Remark, fold_width, one_line, text_type};

text_type!(
    /// A name as its bearer writes it, 1 to 100 characters; never normalised.
    PersonName, 100, |text| one_line(text, 100, "person_name")
);

text_type!(
    /// How a name is read, in hiragana or katakana of any width, 1 to 100 characters.
    Reading, 100, |text| {
        let kana = |c: char| {
            matches!(c, '\u{3041}'..='\u{309E}' | '\u{30A1}'..='\u{30FE}' | '\u{FF65}'..='\u{FF9F}')
                || matches!(c, ' ' | '\u{3000}' | '=' | '＝' | '-' | '－' | '‐' | '.' | '．')
        };
        one_line(text, 100, "reading").and_then(|reading| {
            if reading.chars().all(kana) { Ok(reading) } else { Err(Refused::new("reading")) }
        })
    }
);

text_type!(
    /// A name in Latin letters, as in the passport: 1 to 100 characters.
    Romaji, 100, |text| {
        let latin = |c: char| c.is_ascii_alphabetic() || " -'.,".contains(c);
        let romaji = fold_width(text);
        if (1..=100).contains(&romaji.len()) && romaji.chars().all(latin) {
            Ok(romaji)
        } else {
            Err(Refused::new("romaji"))
        }
    }
);

text_type!(
    /// A passport number (旅券番号): 5 to 12 letters and digits, with at least one digit, upper case.
    PassportNumber, 12, |text| {
        let number: String =
            fold_width(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let number = number.to_ascii_uppercase();
        let plain = number.chars().all(|c| c.is_ascii_alphanumeric());
        if (5..=12).contains(&number.len()) && plain && number.contains(|c: char| c.is_ascii_digit()) {
            Ok(number)
        } else {
            Err(Refused::new("passport_number"))
        }
    }
);

text_type!(
    /// A flight number (便名): 3 to 10 letters and digits, upper case, e.g. `JL5`, `NH106`.
    Flight, 10, |text| {
        let flight: String = fold_width(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let flight = flight.to_ascii_uppercase();
        let plain = flight.chars().all(|c| c.is_ascii_alphanumeric());
        if (3..=10).contains(&flight.len()) && plain && flight.contains(|c: char| c.is_ascii_digit()) {
            Ok(flight)
        } else {
            Err(Refused::new("flight"))
        }
    }
);

/// The sex as the list or the person states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
    /// その他
    Other,
}

impl Sex {
    /// Takes the words that lists use: 男, 男性, M, Male, 1 …
    ///
    /// # Errors
    /// Refuses any other word.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        match fold_width(text).to_lowercase().as_str() {
            "男" | "男性" | "m" | "male" | "1" => Ok(Self::Male),
            "女" | "女性" | "f" | "female" | "2" => Ok(Self::Female),
            "その他" | "他" | "x" | "other" | "3" => Ok(Self::Other),
            _ => Err(Refused::new("sex")),
        }
    }
}

/// All that is known of a returnee. Only the name and the day of entry cannot be missing; the
/// rest never blocks. Absent is not empty and not "no".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturneeDetails {
    /// 氏名, as written.
    pub name: PersonName,
    /// フリガナ
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<Reading>,
    /// ローマ字
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub romaji: Option<Romaji>,
    /// 生年月日
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Day>,
    /// 性別
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// 国籍
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Line>,
    /// 旅券番号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passport_number: Option<PassportNumber>,
    /// 入国日
    pub entry_date: Day,
    /// 入国港・空港
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_port: Option<Line>,
    /// 便名
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<Flight>,
    /// 住所
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Line>,
    /// 滞在先
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_stay: Option<Line>,
    /// 電話番号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// メールアドレス
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailAddress>,
    /// 同意: whether the person agreed to be followed up; absent while nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// 管轄保健所: the responsible health centre; absent means the office that records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_centre: Option<OfficeCode>,
    /// 備考
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Remark>,
}

impl ReturneeDetails {
    /// What is wrong with the dates of someone entered on `today`: the field's name and the
    /// reason.
    ///
    /// # Errors
    /// Whatever [`Self::check_order`] refuses, and entry more than a year ago.
    pub fn check_dates(&self, today: Day) -> Result<(), (&'static str, Refused)> {
        // Said first: of a mistyped year, a birth after the entry is only what follows.
        if today.days_since(self.entry_date) > 366 {
            return Err(("entry_date", Refused::new("entry_long_ago")));
        }
        self.check_order(today)
    }

    /// What is wrong with the order of the dates on `today`, however long ago they are: the
    /// field's name and the reason. All that a correction must keep to.
    ///
    /// # Errors
    /// Entry in the future, or birth after entry.
    pub fn check_order(&self, today: Day) -> Result<(), (&'static str, Refused)> {
        if self.entry_date > today {
            return Err(("entry_date", Refused::new("entry_in_future")));
        }
        if self.birth_date.is_some_and(|born| born > self.entry_date) {
            return Err(("birth_date", Refused::new("birth_after_entry")));
        }
        Ok(())
    }
}

/// A returnee with all that was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Returnee {
    /// Who.
    pub id: ReturneeId,
    /// How often details, period or assignee were written.
    pub version: Version,
    /// Who they are. Here `health_centre` is always present.
    pub details: ReturneeDetails,
    /// When they are followed.
    pub period: Period,
    /// 担当: who looks after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Person>,
    /// How they came from another health centre; absent for whoever is where they were entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<HandOver>,
    /// One for each recorded day, by day.
    pub observations: Vec<Observation>,
    /// The last withdrawal of each day whose record was ever withdrawn, by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Withdrawal>,
    /// Signs, open ones first.
    pub signs: Vec<Sign>,
    /// Who wrote last.
    pub changed_by: Person,
    /// When (UTC).
    #[schemars(with = "String")]
    pub changed_at: Timestamp,
}

/// Enters a returnee by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewReturnee {
    /// Who they are.
    pub details: ReturneeDetails,
    /// Enter them although someone very like them is there already.
    #[serde(default)]
    pub although_alike: bool,
}

/// Asks for one returnee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReturneeQuery {
    /// Whom.
    pub id: ReturneeId,
}

/// Corrects a returnee's details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangedReturnee {
    /// Whom.
    pub id: ReturneeId,
    /// The version that was seen.
    pub version: Version,
    /// All details, as they shall be. The period moves with the entry date unless someone set its
    /// end by hand.
    pub details: ReturneeDetails,
}

/// Sets the last day of a follow-up: earlier ends it, later extends it (M-10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangedPeriod {
    /// Whom.
    pub id: ReturneeId,
    /// The version that was seen.
    pub version: Version,
    /// The new last day, that day included.
    pub last_day: Day,
    /// Why.
    pub reason: Remark,
}

/// Hands a returnee to a colleague, or to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangedAssignee {
    /// Whom.
    pub id: ReturneeId,
    /// The version that was seen.
    pub version: Version,
    /// To whom; absent for nobody.
    #[serde(default)]
    pub assignee: Option<UserId>,
}

/// Asks which offices may be made responsible for a returnee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HealthCentresQuery {}

/// The offices that the caller may make responsible for a returnee: its own and those below it
/// that are open and follow returnees up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HealthCentres {
    /// By code.
    pub offices: Vec<Office>,
}

endpoints! {
    /// The offices that may be made responsible for a returnee.
    ListHealthCentres = Get "/v1/returnee-health-centres" HealthCentresQuery => HealthCentres,
        session [Staff, Administrator], Personal::None;

    /// Shows one returnee with all observations and signs.
    ShowReturnee = Get "/v1/returnees/{id}" ReturneeQuery => Returnee,
        session [Staff, Administrator], Personal::Reads;

    /// Enters a returnee by hand.
    EnterReturnee = Post "/v1/returnees" NewReturnee => Returnee,
        session [Staff, Administrator], Personal::Writes;

    /// Corrects a returnee's details.
    ChangeReturnee = Put "/v1/returnees/{id}" ChangedReturnee => Returnee,
        session [Staff, Administrator], Personal::Writes;

    /// Ends or extends a follow-up, with a reason.
    ChangePeriod = Put "/v1/returnees/{id}/period" ChangedPeriod => Returnee,
        session [Staff, Administrator], Personal::Writes;

    /// Hands a returnee to a colleague, or to nobody.
    ChangeAssignee = Put "/v1/returnees/{id}/assignee" ChangedAssignee => Returnee,
        session [Staff, Administrator], Personal::Writes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leaves_a_stored_name_as_it_was_written() {
        for name in ["神", "神\u{FA19}", "髙﨑 ｶｵﾙ", "見本　花子"] {
            assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
        }
        assert!(PersonName::parse("　").is_err());
        assert!(PersonName::parse("見\u{0}本").is_err());
    }

    #[test]
    fn refuses_details_whose_days_cannot_be() {
        let day = |text| Day::parse(text).unwrap();
        let today = day("2026-11-20");
        let mut details: ReturneeDetails = serde_json::from_value(
            serde_json::json!({ "name": "見本 太郎", "entry_date": "2026-11-19" }),
        )
        .unwrap();
        assert_eq!(details.check_dates(today), Ok(()));
        details.birth_date = Some(day("2026-11-20"));
        assert_eq!(details.check_dates(today).unwrap_err().0, "birth_date");
        details.entry_date = day("2026-11-21");
        assert_eq!(
            details.check_dates(today).unwrap_err().1.reason,
            "entry_in_future"
        );
        details.entry_date = day("2025-11-01");
        assert_eq!(
            details.check_dates(today).unwrap_err().1.reason,
            "entry_long_ago"
        );
        assert_eq!(details.check_order(today).unwrap_err().0, "birth_date");
        details.birth_date = None;
        assert_eq!(details.check_order(today), Ok(()));
    }

    proptest! {
        #[test]
        fn what_a_type_prints_it_takes(text in "\\PC{0,20}|[0-9+() -]{0,16}|[A-Za-z0-9@. -]{0,20}") {
            macro_rules! holds { ($($kind:ident),+) => { $(
                if let Ok(value) = $kind::parse(&text) {
                    prop_assert_eq!($kind::parse(value.as_str()), Ok(value));
                }
            )+ } }
            holds!(PersonName, Reading, Romaji, PassportNumber, Flight, Phone, MailAddress);
        }
    }
}
