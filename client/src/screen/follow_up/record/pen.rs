//! What is typed for one day, and what it comes to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::follow_up::observation::{
    Findings, Observation, Reach, Symptom, Symptoms, Temperature,
};
use shared::text::{Line, Refused, Remark};

use super::super::words;
use crate::api::Failure;

/// Whose symptoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Group {
    Own,
    Household,
}

/// Symptoms as they are being entered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Asked {
    pub(super) present: BTreeSet<Symptom>,
    pub(super) other: String,
}

/// What was typed for one day, over what stood there when it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Draft {
    pub(super) typed: Typed,
    pub(super) below: Below,
}

impl Draft {
    /// Whether anything was typed.
    pub(super) fn is_touched(&self) -> bool {
        self.typed != Typed::default()
    }

    /// Whether the same was typed on both, whatever it was typed over.
    pub(in super::super) fn says_the_same(&self, other: &Self) -> bool {
        self.typed == other.typed
    }
}

/// What stood on the server for a day when it was typed over: whoever saves names that version,
/// however late it is and whatever has been read since.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Below {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// Nothing any more: it was withdrawn, and whoever typed has to be told before it is saved.
    Withdrawn,
    /// This.
    Seen(Box<Observation>),
}

/// What was typed for one day; `None` is what was not touched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Typed {
    pub(super) temperature: Option<String>,
    pub(super) reach: Option<Reach>,
    pub(super) own: Option<Asked>,
    pub(super) household: Option<Asked>,
    pub(super) note: Option<String>,
}

/// Why what was typed cannot be saved as it stands.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Trouble {
    /// Neither a temperature nor a way of reaching was given.
    Nothing,
    /// The follow-up begins on a later day.
    NotBegun,
    /// Not reached, and yet a temperature or symptoms.
    NotReachedAndSeen,
    /// What it was typed over was withdrawn meanwhile: by whom, and why.
    Withdrawn { by: String, reason: String },
    /// A value that its type refuses.
    Refused(Refused),
    /// The server or the line.
    Failed(Failure),
}

impl Typed {
    /// What would have been typed for these findings, with every field touched.
    pub(super) fn of(findings: &Findings) -> Self {
        fn text(value: Option<&impl ToString>) -> Option<String> {
            Some(value.map_or_else(String::new, ToString::to_string))
        }
        Self {
            temperature: text(findings.temperature.as_ref()),
            reach: Some(findings.reach),
            own: findings.symptoms.as_ref().map(Asked::of),
            household: findings.household.as_ref().map(Asked::of),
            note: text(findings.note.as_ref()),
        }
    }

    /// The temperature typed, or else stored.
    ///
    /// # Errors
    /// What was typed is none.
    pub(super) fn temperature(
        &self,
        stored: Option<&Findings>,
    ) -> Result<Option<Temperature>, Refused> {
        match &self.temperature {
            Some(text) if text.trim().is_empty() => Ok(None),
            Some(text) => Temperature::parse(text).map(Some),
            None => Ok(stored.and_then(|stored| stored.temperature)),
        }
    }

    /// What would be saved: what was typed, over what is stored, over what a temperature below
    /// the sign stands for.
    ///
    /// # Errors
    /// Why it cannot be saved as it stands.
    pub(super) fn findings(&self, stored: Option<&Findings>) -> Result<Findings, Trouble> {
        let temperature = self.temperature(stored).map_err(Trouble::Refused)?;
        let symptoms = |asked: &Option<Asked>| asked.clone().map(Asked::into_symptoms).transpose();
        let own = symptoms(&self.own).map_err(Trouble::Refused)?;
        let household = symptoms(&self.household).map_err(Trouble::Refused)?;
        let note = match &self.note {
            Some(note) if note.trim().is_empty() => None,
            Some(note) => Some(Remark::parse(note).map_err(Trouble::Refused)?),
            None => stored.and_then(|stored| stored.note.clone()),
        };
        let typed_temperature = self
            .temperature
            .as_ref()
            .is_some_and(|text| !text.is_empty());
        let seen = typed_temperature || own.is_some() || household.is_some();
        // Nobody answered in the morning; whoever has a temperature now was reached.
        let before = stored.filter(|stored| stored.reach.reached() || !seen);
        let reach = self
            .reach
            .or(before.map(|before| before.reach))
            .or(seen.then_some(Reach::Phone))
            .ok_or(Trouble::Nothing)?;
        if !reach.reached() {
            if seen {
                return Err(Trouble::NotReachedAndSeen);
            }
            return Ok(Findings {
                reach,
                temperature: None,
                symptoms: None,
                household: None,
                note,
            });
        }
        let mut findings = Findings {
            reach,
            temperature,
            symptoms: own.or(before.and_then(|before| before.symptoms.clone())),
            household: household.or(before.and_then(|before| before.household.clone())),
            note,
        };
        if temperature.is_some() && before.is_none() && findings.signs().is_empty() {
            findings.symptoms.get_or_insert_default();
            findings.household.get_or_insert_default();
        }
        Ok(findings)
    }
}

impl Asked {
    /// Symptoms as they are stored, to be changed.
    pub(super) fn of(symptoms: &Symptoms) -> Self {
        Self {
            present: symptoms.present.clone(),
            other: symptoms
                .other
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        }
    }

    /// As the contract takes them; the name of another symptom counts only where there is one.
    fn into_symptoms(self) -> Result<Symptoms, Refused> {
        let named = self.present.contains(&Symptom::Other) && !self.other.trim().is_empty();
        let other = named.then(|| Line::parse(&self.other)).transpose()?;
        Ok(Symptoms {
            present: self.present,
            other,
        })
    }
}

/// A field of an observation, for the comparison of two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Field {
    Reach,
    Temperature,
    Own,
    Household,
    Note,
}

impl Field {
    pub(super) const ALL: [Self; 5] = [
        Self::Temperature,
        Self::Reach,
        Self::Own,
        Self::Household,
        Self::Note,
    ];
}

/// A field of findings as the comparison shows it.
pub(super) fn written(findings: &Findings, field: Field) -> String {
    match field {
        Field::Reach => words::reach(findings.reach),
        Field::Temperature => findings
            .temperature
            .map_or_else(String::new, |t| format!("{t} ℃")),
        Field::Own => words::symptoms(findings.symptoms.as_ref()),
        Field::Household => words::symptoms(findings.household.as_ref()),
        Field::Note => findings
            .note
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(temperature: &str) -> Typed {
        Typed {
            temperature: Some(temperature.into()),
            ..Typed::default()
        }
    }

    fn stored(reach: Reach) -> Findings {
        Findings {
            reach,
            temperature: None,
            symptoms: None,
            household: None,
            note: None,
        }
    }

    #[test]
    fn a_temperature_below_the_sign_stands_for_a_call_and_no_symptoms() {
        let findings = typed("37.4").findings(None).unwrap();
        assert_eq!(findings.reach, Reach::Phone);
        assert_eq!(findings.symptoms, Some(Symptoms::default()));
        assert_eq!(findings.household, Some(Symptoms::default()));
    }

    #[test]
    fn a_sign_leaves_open_what_nobody_asked() {
        let findings = typed("37.5").findings(None).unwrap();
        assert_eq!((findings.symptoms, findings.household), (None, None));
    }

    #[test]
    fn a_call_without_a_temperature_presumes_nothing() {
        let called = Typed {
            reach: Some(Reach::Phone),
            ..Typed::default()
        };
        assert_eq!(called.findings(None).unwrap(), stored(Reach::Phone));
    }

    #[test]
    fn whoever_is_reached_in_the_afternoon_is_recorded_like_anyone() {
        let findings = typed("365")
            .findings(Some(&stored(Reach::NotReached)))
            .unwrap();
        assert_eq!(findings.reach, Reach::Phone);
        assert_eq!(findings.symptoms, Some(Symptoms::default()));
    }

    #[test]
    fn what_is_stored_stands_where_nothing_is_typed() {
        let before = Findings {
            temperature: Temperature::of_tenths(365),
            ..stored(Reach::Mail)
        };
        let note = Typed {
            note: Some("折り返し".into()),
            ..Typed::default()
        };
        let findings = note.findings(Some(&before)).unwrap();
        assert_eq!(
            (findings.reach, findings.temperature),
            (Reach::Mail, before.temperature)
        );
        assert_eq!(findings.symptoms, None, "a stored blank stays blank");
    }

    #[test]
    fn nobody_is_not_reached_and_has_a_temperature() {
        let both = Typed {
            reach: Some(Reach::NotReached),
            ..typed("365")
        };
        assert_eq!(both.findings(None), Err(Trouble::NotReachedAndSeen));
        assert_eq!(Typed::default().findings(None), Err(Trouble::Nothing));
    }
}
