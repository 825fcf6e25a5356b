//! What a column of a list can hold.

use serde::{Deserialize, Serialize};

use crate::{Language, words};

/// What a column of a list holds of each person. The names of the variants in `snake_case` are
/// the names of the fields of [`ReturneeDetails`](crate::follow_up::returnee::ReturneeDetails),
/// except where a name is written in two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 氏名
    Name,
    /// 姓, where the name stands in two columns
    FamilyName,
    /// 名
    GivenName,
    /// フリガナ
    Kana,
    /// セイ
    FamilyKana,
    /// メイ
    GivenKana,
    /// ローマ字
    Romaji,
    /// Surname
    FamilyRomaji,
    /// Given names
    GivenRomaji,
    /// 生年月日
    BirthDate,
    /// 性別
    Sex,
    /// 国籍
    Nationality,
    /// 旅券番号
    PassportNumber,
    /// 入国日
    EntryDate,
    /// 入国港・空港
    EntryPort,
    /// 便名
    Flight,
    /// 住所
    Address,
    /// 滞在先
    PlaceOfStay,
    /// 電話番号
    Phone,
    /// メールアドレス
    Mail,
    /// 同意
    Consent,
    /// 管轄保健所
    HealthCentre,
    /// 備考
    Remarks,
}

impl Field {
    /// Every field, in the order in which a list is best written.
    pub const ALL: [Self; 23] = [
        Self::Name,
        Self::FamilyName,
        Self::GivenName,
        Self::Kana,
        Self::FamilyKana,
        Self::GivenKana,
        Self::Romaji,
        Self::FamilyRomaji,
        Self::GivenRomaji,
        Self::BirthDate,
        Self::Sex,
        Self::Nationality,
        Self::PassportNumber,
        Self::EntryDate,
        Self::EntryPort,
        Self::Flight,
        Self::Address,
        Self::PlaceOfStay,
        Self::Phone,
        Self::Mail,
        Self::Consent,
        Self::HealthCentre,
        Self::Remarks,
    ];

    /// The stable name, as it is serialised.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FamilyName => "family_name",
            Self::GivenName => "given_name",
            Self::Kana => "kana",
            Self::FamilyKana => "family_kana",
            Self::GivenKana => "given_kana",
            Self::Romaji => "romaji",
            Self::FamilyRomaji => "family_romaji",
            Self::GivenRomaji => "given_romaji",
            Self::BirthDate => "birth_date",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::PassportNumber => "passport_number",
            Self::EntryDate => "entry_date",
            Self::EntryPort => "entry_port",
            Self::Flight => "flight",
            Self::Address => "address",
            Self::PlaceOfStay => "place_of_stay",
            Self::Phone => "phone",
            Self::Mail => "mail",
            Self::Consent => "consent",
            Self::HealthCentre => "health_centre",
            Self::Remarks => "remarks",
        }
    }

    /// The word for it on a screen.
    #[must_use]
    pub fn label(self, language: Language) -> String {
        words::sentence(
            &format!("quarantine_list.field.{}", self.as_str()),
            language,
        )
    }
}
