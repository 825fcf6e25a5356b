//! The fields of a returnee as text: how each is read from what was typed, and written back.

use serde::{Deserialize, Serialize};
use shared::Day;
use shared::follow_up::returnee::{
    Flight, PassportNumber, PersonName, Reading, ReturneeDetails, Romaji, Sex,
};
use shared::offices::OfficeCode;
use shared::text::{Line, MailAddress, Phone, Refused, Remark, fold_width};

use super::super::words::{self, said};
use crate::language;

/// One field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in super::super) enum Field {
    Name,
    Kana,
    Romaji,
    BirthDate,
    Sex,
    Nationality,
    PassportNumber,
    EntryDate,
    EntryPort,
    Flight,
    Phone,
    Mail,
    PlaceOfStay,
    Address,
    Consent,
    HealthCentre,
    Remarks,
}

impl Field {
    /// Every field in reading order.
    pub(in super::super) const ALL: [Self; 17] = [
        Self::Name,
        Self::Kana,
        Self::Romaji,
        Self::BirthDate,
        Self::Sex,
        Self::Nationality,
        Self::PassportNumber,
        Self::EntryDate,
        Self::EntryPort,
        Self::Flight,
        Self::Phone,
        Self::Mail,
        Self::PlaceOfStay,
        Self::Address,
        Self::Consent,
        Self::HealthCentre,
        Self::Remarks,
    ];

    /// Its name in the contract and in the translation files.
    pub(in super::super) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Romaji => "romaji",
            Self::BirthDate => "birth_date",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::PassportNumber => "passport_number",
            Self::EntryDate => "entry_date",
            Self::EntryPort => "entry_port",
            Self::Flight => "flight",
            Self::Phone => "phone",
            Self::Mail => "mail",
            Self::PlaceOfStay => "place_of_stay",
            Self::Address => "address",
            Self::Consent => "consent",
            Self::HealthCentre => "health_centre",
            Self::Remarks => "remarks",
        }
    }

    /// The field that the contract calls so.
    pub(in super::super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Its name on the screen.
    pub(in super::super) fn label(self) -> String {
        said(&format!("follow_up.field.{}", self.as_str()))
    }

    /// Whether nobody can be entered without it.
    pub(in super::super) fn is_required(self) -> bool {
        matches!(self, Self::Name | Self::EntryDate)
    }

    /// Whether a day stands in it.
    pub(in super::super) fn is_day(self) -> bool {
        matches!(self, Self::BirthDate | Self::EntryDate)
    }

    /// What was typed, in the form in which it is kept; blank stays blank.
    ///
    /// # Errors
    /// What the field's type refuses; blank where the field is required.
    pub(in super::super) fn read(self, typed: &str, today: Day) -> Result<String, Refused> {
        if typed.trim().is_empty() {
            return match self {
                Self::Name => Err(Refused::new("person_name")),
                Self::EntryDate => Err(Refused::new("day")),
                _ => Ok(String::new()),
            };
        }
        match self {
            Self::Name => PersonName::parse(typed).map(|it| it.to_string()),
            Self::Kana => Reading::parse(typed).map(|it| it.to_string()),
            Self::Romaji => Romaji::parse(typed).map(|it| it.to_string()),
            Self::BirthDate | Self::EntryDate => self.day(typed, today).map(language::day),
            Self::Sex => sex_of(typed).map(|_| typed.to_owned()),
            Self::PassportNumber => PassportNumber::parse(typed).map(|it| it.to_string()),
            Self::Flight => Flight::parse(typed).map(|it| it.to_string()),
            Self::Phone => Phone::parse(typed).map(|it| it.to_string()),
            Self::Mail => MailAddress::parse(typed).map(|it| it.to_string()),
            Self::Consent => consent_of(typed).map(|_| typed.to_owned()),
            Self::HealthCentre => OfficeCode::parse(&fold_width(typed)).map(|it| it.to_string()),
            Self::Remarks => Remark::parse(typed).map(|it| it.to_string()),
            Self::Nationality | Self::EntryPort | Self::PlaceOfStay | Self::Address => {
                Line::parse(typed).map(|it| it.to_string())
            }
        }
    }

    /// The day that was typed. Month and day alone mean the latest such day of entry; a birth
    /// date is never guessed.
    pub(in super::super) fn day(self, typed: &str, today: Day) -> Result<Day, Refused> {
        match self {
            Self::EntryDate => Day::parse_typed(typed, today),
            _ => Day::parse(typed),
        }
    }

    /// What stands in this field of someone's details.
    pub(in super::super) fn write(self, details: &ReturneeDetails) -> String {
        fn text(value: &Option<impl ToString>) -> String {
            value.as_ref().map_or_else(String::new, ToString::to_string)
        }
        match self {
            Self::Name => details.name.to_string(),
            Self::Kana => text(&details.kana),
            Self::Romaji => text(&details.romaji),
            Self::BirthDate => details.birth_date.map_or_else(String::new, language::day),
            Self::Sex => details
                .sex
                .map_or_else(String::new, |sex| sex_key(sex).to_owned()),
            Self::Nationality => text(&details.nationality),
            Self::PassportNumber => text(&details.passport_number),
            Self::EntryDate => language::day(details.entry_date),
            Self::EntryPort => text(&details.entry_port),
            Self::Flight => text(&details.flight),
            Self::Phone => text(&details.phone),
            Self::Mail => text(&details.mail),
            Self::PlaceOfStay => text(&details.place_of_stay),
            Self::Address => text(&details.address),
            Self::Consent => details
                .consent
                .map_or_else(String::new, |agreed| consent_key(agreed).to_owned()),
            Self::HealthCentre => text(&details.health_centre),
            Self::Remarks => text(&details.remarks),
        }
    }

    /// What stands in the field, as people read it.
    pub(in super::super) fn shown(self, text: &str) -> String {
        match self {
            Self::Sex => sex_of(text).map_or_else(|_| text.to_owned(), words::sex),
            Self::Consent => consent_of(text).map_or_else(|_| text.to_owned(), consent_word),
            Self::BirthDate | Self::EntryDate => {
                Day::parse(text).map_or_else(|_| text.to_owned(), words::long_day)
            }
            Self::Phone => words::phone(text),
            _ => text.to_owned(),
        }
    }
}

/// The word that stands for a sex in its field.
pub(super) fn sex_key(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Other => "other",
    }
}

fn sex_of(text: &str) -> Result<Sex, Refused> {
    Sex::parse(text)
}

/// The word that stands for consent in its field.
pub(super) fn consent_key(agreed: bool) -> &'static str {
    if agreed { "yes" } else { "no" }
}

fn consent_of(text: &str) -> Result<bool, Refused> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Refused::new("consent")),
    }
}

/// Whether someone agreed, in a word.
pub(super) fn consent_word(agreed: bool) -> String {
    said(if agreed {
        "follow_up.consent.yes"
    } else {
        "follow_up.consent.no"
    })
}

/// All fields together. Somebody new entered within the year; of somebody known, who may have
/// entered long ago, only the order of the dates counts.
///
/// # Errors
/// Every field that is wrong, in reading order.
pub(super) fn details(
    texts: &impl Fn(Field) -> String,
    today: Day,
    known: bool,
) -> Result<ReturneeDetails, Vec<(Field, Refused)>> {
    let mut wrong = Vec::new();
    let mut kept = |field: Field| {
        field.read(&texts(field), today).unwrap_or_else(|refused| {
            wrong.push((field, refused));
            String::new()
        })
    };
    let mut taken = std::collections::HashMap::new();
    for field in Field::ALL {
        taken.insert(field, kept(field));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    // Every text was read by its own type just now and is read by it again here.
    fn some<T>(text: &str, read: impl Fn(&str) -> Result<T, Refused>) -> Option<T> {
        (!text.is_empty()).then(|| read(text).ok()).flatten()
    }
    let text = |field: Field| taken[&field].as_str();
    let unreadable = |field, reason| vec![(field, Refused::new(reason))];
    let details = ReturneeDetails {
        name: PersonName::parse(text(Field::Name))
            .map_err(|refused| vec![(Field::Name, refused)])?,
        kana: some(text(Field::Kana), Reading::parse),
        romaji: some(text(Field::Romaji), Romaji::parse),
        birth_date: some(text(Field::BirthDate), Day::parse),
        sex: some(text(Field::Sex), sex_of),
        nationality: some(text(Field::Nationality), Line::parse),
        passport_number: some(text(Field::PassportNumber), PassportNumber::parse),
        entry_date: Day::parse(text(Field::EntryDate))
            .map_err(|_| unreadable(Field::EntryDate, "day"))?,
        entry_port: some(text(Field::EntryPort), Line::parse),
        flight: some(text(Field::Flight), Flight::parse),
        address: some(text(Field::Address), Line::parse),
        place_of_stay: some(text(Field::PlaceOfStay), Line::parse),
        phone: some(text(Field::Phone), Phone::parse),
        mail: some(text(Field::Mail), MailAddress::parse),
        consent: some(text(Field::Consent), consent_of),
        health_centre: some(text(Field::HealthCentre), OfficeCode::parse),
        remarks: some(text(Field::Remarks), Remark::parse),
    };
    let dates = match known {
        true => details.check_order(today),
        false => details.check_dates(today),
    };
    dates
        .map_err(|(name, refused)| vec![(Field::of(name).unwrap_or(Field::EntryDate), refused)])?;
    Ok(details)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::stage;

    #[test]
    fn details_written_into_fields_read_back_the_same() {
        let whole = stage::returnee(3, serde_json::json!([])).details;
        let back = details(&|field| field.write(&whole), stage::today(), false);
        assert_eq!(back, Ok(whole));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let texts = |field| match field {
            Field::EntryDate => "13/41".to_owned(),
            Field::Phone => "12".to_owned(),
            _ => String::new(),
        };
        let wrong = details(&texts, stage::today(), false).unwrap_err();
        let fields: Vec<Field> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, [Field::Name, Field::EntryDate, Field::Phone]);
    }

    #[test]
    fn an_entry_of_long_ago_can_be_corrected_but_not_made_up() {
        let texts = |field| match field {
            Field::Name => "見本 太郎".to_owned(),
            Field::EntryDate => "2001/11/1".to_owned(),
            _ => String::new(),
        };
        let refused = details(&texts, stage::today(), false).unwrap_err();
        assert_eq!(refused[0].1.reason, "entry_long_ago");
        assert!(details(&texts, stage::today(), true).is_ok());
    }

    #[test]
    fn a_name_is_left_as_it_was_typed() {
        assert_eq!(
            Field::Name.read("髙﨑 ｶｵﾙ", stage::today()).unwrap(),
            "髙﨑 ｶｵﾙ"
        );
        assert_eq!(
            Field::Phone
                .read("０９０ー００００ー１２３４", stage::today())
                .unwrap(),
            "090-0000-1234"
        );
    }
}
