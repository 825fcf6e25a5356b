//! Offices (機関): who they are, of what kind, under whom.

use serde::{Deserialize, Serialize};

use crate::follow_up::returnee::Reading;
use crate::text::{Line, Phone, Refused, fold_width, one_line, text_type};

pub mod contact_list;
pub mod contacts;

text_type!(
    /// An office's code: 1 to 20 of `0-9 A-Z a-z -`. A body's own is its local-government code
    /// (全国地方公共団体コード).
    OfficeCode, 20, |text| {
        let code = fold_width(text);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if (1..=20).contains(&code.len()) && code.chars().all(allowed) {
            Ok(code)
        } else {
            Err(Refused::new("office_code"))
        }
    }
);

text_type!(
    /// An office's name as it is written, 1 to 100 characters.
    OfficeName, 100, |text| one_line(text, 100, "office_name")
);

/// What an office is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OfficeKind {
    /// 厚生労働省
    Ministry,
    /// ヘルプデスク
    Helpdesk,
    /// 都道府県
    Prefecture,
    /// 保健所設置市・特別区・市町村
    Municipality,
    /// 保健所
    HealthCentre,
    /// 医療機関
    Institution,
    /// 宿泊療養施設
    Facility,
    /// フォローアップセンター
    FollowUpCentre,
    /// 接種会場
    Venue,
    /// 登録事業者
    Business,
}

impl OfficeKind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Ministry,
        Self::Helpdesk,
        Self::Prefecture,
        Self::Municipality,
        Self::HealthCentre,
        Self::Institution,
        Self::Facility,
        Self::FollowUpCentre,
        Self::Venue,
        Self::Business,
    ];

    /// Whether an office of this kind registers the contacts of those under it: a body that may run
    /// health centres (M-01).
    #[must_use]
    pub fn keeps_contacts(self) -> bool {
        matches!(self, Self::Prefecture | Self::Municipality)
    }

    /// The word used on the command line and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Helpdesk => "helpdesk",
            Self::Prefecture => "prefecture",
            Self::Municipality => "municipality",
            Self::HealthCentre => "health-centre",
            Self::Institution => "institution",
            Self::Facility => "facility",
            Self::FollowUpCentre => "follow-up-centre",
            Self::Venue => "venue",
            Self::Business => "business",
        }
    }
}

impl std::fmt::Display for OfficeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for OfficeKind {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(Refused::new("office_kind"))
    }
}

/// An office as others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Office {
    /// Its code, unique in the country.
    pub code: OfficeCode,
    /// What it is.
    pub kind: OfficeKind,
    /// Its name.
    pub name: OfficeName,
}

/// How an office is found and reached besides its name and its mail, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Particulars {
    /// How its name is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// The number under which it is called back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Line>,
}

impl Particulars {
    /// These, and whatever they do not say as in `present`.
    #[must_use]
    pub fn upon(self, present: Self) -> Self {
        Self {
            reading: self.reading.or(present.reading),
            phone: self.phone.or(present.phone),
            address: self.address.or(present.address),
        }
    }
}

/// A local-government code (全国地方公共団体コード): six digits of which the last checks the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalGovernmentCode(u32);

impl LocalGovernmentCode {
    /// Takes six digits in any width.
    ///
    /// # Errors
    /// Refuses other lengths and a check digit that does not fit.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = Refused::new("local_government_code");
        let digits: Vec<u32> = fold_width(text)
            .chars()
            .map(|c| c.to_digit(10))
            .collect::<Option<_>>()
            .ok_or(refused)?;
        let [body @ .., check] = digits.as_slice() else {
            return Err(refused);
        };
        let sum: u32 = body.iter().zip([6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
        if digits.len() != 6 || (11 - sum % 11) % 10 != *check {
            return Err(refused);
        }
        Ok(Self(
            digits.iter().fold(0, |number, digit| number * 10 + digit),
        ))
    }
}

impl std::fmt::Display for LocalGovernmentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

crate::text::through_text!(LocalGovernmentCode, 6);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_the_codes_of_real_bodies() {
        for code in [
            "131016",
            "011002",
            "010006",
            "271004",
            "341002",
            "４７２０１８",
        ] {
            assert!(LocalGovernmentCode::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn who_names_no_kind_is_told_all_of_them() {
        let refused = "hospital".parse::<OfficeKind>().unwrap_err();
        for language in [crate::Language::Ja, crate::Language::En] {
            let sentence = refused.sentence(language);
            for kind in OfficeKind::ALL {
                assert!(sentence.contains(kind.as_str()), "{kind}: {sentence}");
            }
        }
    }

    #[test]
    fn refuses_one_wrong_digit() {
        for code in ["131015", "131026", "13101", "1310166", "13101a", ""] {
            assert!(LocalGovernmentCode::parse(code).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_code_prints_what_it_takes(text in "\\PC{0,8}|[0-9]{6}") {
            if let Ok(code) = LocalGovernmentCode::parse(&text) {
                prop_assert_eq!(LocalGovernmentCode::parse(&code.to_string()), Ok(code));
            }
        }

        #[test]
        fn an_office_code_prints_what_it_takes(text in "\\PC{0,24}") {
            if let Ok(code) = OfficeCode::parse(&text) {
                prop_assert_eq!(OfficeCode::parse(code.as_str()), Ok(code));
            }
        }
    }

    #[test]
    fn every_kind_is_read_back_from_its_word() {
        for kind in OfficeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
