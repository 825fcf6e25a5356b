//! What was seen of a returnee on one day, and the signs that come of it (M-09).

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::returnee::Returnee;
use crate::Day;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{ReturneeId, SignId, Version};
use crate::text::{Line, Refused, Remark, fold_width};

/// A body temperature in tenths of a degree Celsius, 34.0 to 43.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature(i16);

impl Temperature {
    /// From 37.5 °C a temperature is a sign.
    pub const SIGN: Self = Self(375);

    /// The temperature of this many tenths of a degree; `None` outside 34.0 to 43.0.
    #[must_use]
    pub fn of_tenths(tenths: i16) -> Option<Self> {
        (340..=430).contains(&tenths).then_some(Self(tenths))
    }

    /// In tenths of a degree.
    #[must_use]
    pub fn tenths(self) -> i16 {
        self.0
    }

    /// Takes a temperature as typed: `36.5`, `365`, `36`, full width, with or without ℃.
    ///
    /// # Errors
    /// Refuses more than one decimal and what lies outside 34.0 to 43.0.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = Refused::new("temperature");
        let text = fold_width(text).replace(',', ".");
        let text = text.trim_end_matches(['C', 'c', '度', '°']).trim();
        let (whole, tenth) = match text.split_once('.') {
            Some((whole, tenth)) => (whole.to_owned(), tenth.to_owned()),
            None if text.len() == 3 && text.is_ascii() => {
                (text[..2].to_owned(), text[2..].to_owned())
            }
            None => (text.to_owned(), "0".to_owned()),
        };
        let digits =
            |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(&whole, 2) || !digits(&tenth, 1) {
            return Err(refused);
        }
        let tenths: i16 = format!("{whole}{tenth}").parse().map_err(|_| refused)?;
        Self::of_tenths(tenths).ok_or(refused)
    }

    /// Whether it is a sign.
    #[must_use]
    pub fn is_sign(self) -> bool {
        self >= Self::SIGN
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Temperature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

impl<'de> Deserialize<'de> for Temperature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let degrees = f64::deserialize(deserializer)?;
        // One decimal only: the shortest form of the number is what was written.
        Self::parse(&degrees.to_string()).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Temperature {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Temperature".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 34.0, "maximum": 43.0, "multipleOf": 0.1 })
    }
}

/// Whether and how the returnee was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// 連絡つかず: tried, not reached.
    NotReached,
    /// 電話
    Phone,
    /// メール
    Mail,
    /// ショートメッセージ等
    Message,
    /// 訪問
    Visit,
    /// その他の方法
    Other,
}

impl Reach {
    /// Every way, in the order of the keys that choose it.
    pub const ALL: [Self; 6] = [
        Self::Phone,
        Self::Mail,
        Self::Message,
        Self::Visit,
        Self::Other,
        Self::NotReached,
    ];

    /// Whether the person was reached at all.
    #[must_use]
    pub fn reached(self) -> bool {
        self != Self::NotReached
    }
}

/// The symptoms that are asked for every day.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Symptom {
    /// せき
    Cough,
    /// のどの痛み
    SoreThroat,
    /// 鼻水
    RunnyNose,
    /// 鼻詰まり
    NasalCongestion,
    /// 強いだるさ
    Fatigue,
    /// 息苦しさ
    ShortnessOfBreath,
    /// その他
    Other,
}

impl Symptom {
    /// Every symptom, in the order in which they are asked.
    pub const ALL: [Self; 7] = [
        Self::Cough,
        Self::SoreThroat,
        Self::RunnyNose,
        Self::NasalCongestion,
        Self::Fatigue,
        Self::ShortnessOfBreath,
        Self::Other,
    ];
}

/// Which symptoms there are. An empty set says "none"; where nobody asked, there is no `Symptoms`
/// at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Symptoms {
    /// Those that are there.
    pub present: BTreeSet<Symptom>,
    /// What the other symptom is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Line>,
}

impl Symptoms {
    /// Whether there is any.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.present.is_empty() || self.other.is_some()
    }
}

/// What one day's contact brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Findings {
    /// Reached, and by which channel.
    pub reach: Reach,
    /// 体温; absent where it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// The returnee's own symptoms; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptoms: Option<Symptoms>,
    /// 同居者: the household's symptoms; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<Symptoms>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Remark>,
}

impl Findings {
    /// Whether this can have been found: nobody is not reached and yet has a temperature or
    /// symptoms.
    ///
    /// # Errors
    /// Refuses a temperature or symptoms of someone who was not reached.
    pub fn check(&self) -> Result<(), Refused> {
        let seen =
            self.temperature.is_some() || self.symptoms.is_some() || self.household.is_some();
        if seen && !self.reach.reached() {
            return Err(Refused::new("not_reached_and_seen"));
        }
        Ok(())
    }

    /// What of it is a sign: 37.5 °C and over, or a symptom of the returnee or the household.
    #[must_use]
    pub fn signs(&self) -> Vec<SignCause> {
        let any = |symptoms: &Option<Symptoms>| symptoms.as_ref().is_some_and(Symptoms::any);
        [
            (
                self.temperature.is_some_and(Temperature::is_sign),
                SignCause::Temperature,
            ),
            (any(&self.symptoms), SignCause::Symptoms),
            (any(&self.household), SignCause::Household),
        ]
        .into_iter()
        .filter_map(|(is, cause)| is.then_some(cause))
        .collect()
    }
}

/// One recorded day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Observation {
    /// Which day was observed.
    pub day: Day,
    /// How often it was written.
    pub version: Version,
    /// What was seen.
    pub findings: Findings,
    /// Who recorded it last.
    pub recorded_by: Person,
    /// When (UTC).
    #[schemars(with = "String")]
    pub recorded_at: Timestamp,
}

/// What made a sign.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SignCause {
    /// 37.5 °C and over.
    Temperature,
    /// A symptom of the returnee.
    Symptoms,
    /// A symptom in the household.
    Household,
}

/// A sign (有症状): stays in view until someone closes it with what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sign {
    /// Which.
    pub id: SignId,
    /// The day it was seen.
    pub day: Day,
    /// What made it.
    pub causes: Vec<SignCause>,
    /// How it was closed; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<ClosedSign>,
    /// Whether it came of a record that was withdrawn, and says nothing of the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// How a sign was closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClosedSign {
    /// By whom.
    pub by: Person,
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// What was done, e.g. which doctor saw the person.
    pub action: Remark,
}

/// Records a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecordedDay {
    /// Of whom.
    pub id: ReturneeId,
    /// Which day.
    pub day: Day,
    /// The version of this day's observation that was seen; 0 where there was none.
    pub version: Version,
    /// What was seen.
    pub findings: Findings,
}

/// A day whose record was withdrawn (取り消し), as when it was written for the wrong person. What had
/// been recorded is kept in the audit log; of what it called for, the causes stay with its [`Sign`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Withdrawal {
    /// Which day.
    pub day: Day,
    /// By whom.
    pub by: Person,
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Why.
    pub reason: Remark,
}

/// Withdraws the record of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DayToWithdraw {
    /// Of whom.
    pub id: ReturneeId,
    /// Which day.
    pub day: Day,
    /// The version of this day's observation that was seen.
    pub version: Version,
    /// Why; with it the open sign is closed that came of this record alone.
    pub reason: Remark,
}

/// Closes a sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SignToClose {
    /// Of whom.
    pub id: ReturneeId,
    /// Which.
    pub sign: SignId,
    /// What was done.
    pub action: Remark,
}

endpoints! {
    /// Records what was seen on one day of a follow-up.
    RecordObservation = Put "/v1/returnees/{id}/observations/{day}" RecordedDay => Returnee,
        session [Staff, Administrator], Personal::Writes;

    /// Withdraws the record of a day.
    WithdrawObservation = Post "/v1/returnees/{id}/observations/{day}/withdraw" DayToWithdraw => Returnee,
        session [Staff, Administrator], Personal::Writes;

    /// Closes a sign with what was done.
    CloseSign = Post "/v1/returnees/{id}/signs/{sign}/close" SignToClose => Returnee,
        session [Staff, Administrator], Personal::Writes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_a_temperature_as_typed() {
        for (text, tenths) in [
            ("36.5", 365),
            ("365", 365),
            ("３７．５℃", 375),
            ("36", 360),
            ("37,4", 374),
            ("38度", 380),
        ] {
            assert_eq!(
                Temperature::parse(text).map(Temperature::tenths),
                Ok(tenths),
                "{text}"
            );
        }
        for text in [
            "", "36.55", "3.65", "33.9", "43.1", "三六", "36.5.1", "-36", "1e2", "36.", "㍻8",
        ] {
            assert!(Temperature::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_sign_begins_at_37_5() {
        assert!(!Temperature::parse("37.4").unwrap().is_sign());
        assert!(Temperature::parse("37.5").unwrap().is_sign());
    }

    #[test]
    fn a_symptom_in_the_household_is_a_sign_and_an_unasked_one_is_not() {
        let mut findings = Findings {
            reach: Reach::Phone,
            temperature: Temperature::of_tenths(365),
            symptoms: None,
            household: Some(Symptoms::default()),
            note: None,
        };
        assert_eq!(findings.signs(), []);
        findings.household = Some(Symptoms {
            present: [Symptom::Cough].into(),
            other: None,
        });
        assert_eq!(findings.signs(), [SignCause::Household]);
    }

    #[test]
    fn nobody_is_not_reached_and_has_a_temperature() {
        let mut findings = Findings {
            reach: Reach::NotReached,
            temperature: None,
            symptoms: None,
            household: None,
            note: None,
        };
        assert_eq!(findings.check(), Ok(()));
        findings.temperature = Temperature::of_tenths(380);
        assert_eq!(findings.check(), Err(Refused::new("not_reached_and_seen")));
        findings.reach = Reach::Phone;
        assert_eq!(findings.check(), Ok(()));
    }

    proptest! {
        #[test]
        fn a_temperature_travels_unchanged(tenths in 340i16..=430) {
            let temperature = Temperature::of_tenths(tenths).unwrap();
            prop_assert_eq!(Temperature::parse(&temperature.to_string()), Ok(temperature));
            let json = serde_json::to_string(&temperature).unwrap();
            prop_assert_eq!(serde_json::from_str::<Temperature>(&json).unwrap(), temperature);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,8}") {
            let _ = Temperature::parse(&text);
        }
    }
}
