//! How lists spell their headings.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::super::field::Field;
use crate::text::search_key;

/// The spellings of each field. Width, case, spaces, brackets, marks and the two kana make no
/// difference, so each is listed once.
#[rustfmt::skip]
const SPELLINGS: &[(Field, &[&str])] = &[
    (Field::Name, &[
        "氏名", "お名前", "名前", "姓名", "氏名漢字", "漢字氏名", "氏名漢字等", "帰国者氏名", "入国者氏名", "対象者氏名", "本人氏名",
        "患者氏名", "氏名日本語", "name", "full name", "passenger name", "name in kanji",
        "name kanji", "kanji name", "name as written", "returnee",
    ]),
    (Field::FamilyName, &[
        "姓", "氏", "苗字", "名字", "姓漢字", "漢字姓", "氏名姓", "氏名 氏", "family name kanji",
    ]),
    (Field::GivenName, &[
        "名", "名漢字", "漢字名", "氏名名", "下の名前", "given name kanji",
    ]),
    (Field::Kana, &[
        "フリガナ", "振り仮名", "振仮名", "カナ", "カナ氏名", "氏名カナ", "氏名フリガナ", "氏名よみがな", "よみがな", "読み仮名",
        "読みがな", "読み", "よみ", "カタカナ", "氏名カタカナ", "カタカナ氏名", "名前カナ", "カナ名", "名前フリガナ", "お名前フリガナ",
        "氏名半角カナ", "氏名全角カナ", "kana", "name kana", "kana name", "name in kana", "furigana",
        "katakana", "reading",
    ]),
    (Field::FamilyKana, &[
        "セイ", "姓カナ", "カナ姓", "姓フリガナ", "氏カナ", "フリガナ姓", "family name kana",
    ]),
    (Field::GivenKana, &[
        "メイ", "名カナ", "名フリガナ", "フリガナ名", "given name kana",
    ]),
    (Field::Romaji, &[
        "ローマ字", "ローマ字氏名", "氏名ローマ字", "氏名英字", "英字氏名", "英語氏名", "氏名英語", "英文氏名", "氏名英文",
        "アルファベット", "氏名アルファベット", "名前英語", "名前ローマ字", "旅券氏名", "パスポート氏名", "旅券記載名", "氏名旅券記載",
        "romaji", "name romaji", "name in romaji", "name in english", "english name",
        "name in passport", "name as in passport", "passport name", "roman name",
    ]),
    (Field::FamilyRomaji, &[
        "姓ローマ字", "姓英字", "ローマ字姓", "surname", "family name", "last name",
    ]),
    (Field::GivenRomaji, &[
        "名ローマ字", "名英字", "ローマ字名", "given name", "given names", "first name", "forename",
    ]),
    (Field::BirthDate, &[
        "生年月日", "生年月日西暦", "誕生日", "出生日", "出生年月日", "birth date", "birthdate", "birthday",
        "date of birth", "dob", "born",
    ]),
    (Field::Sex, &[
        "性別", "男女", "男女別", "性", "sex", "gender",
    ]),
    (Field::Nationality, &[
        "国籍", "国籍地域", "国籍等", "国名国籍", "nationality", "citizenship",
        "country of nationality",
    ]),
    (Field::PassportNumber, &[
        "旅券番号", "旅券no", "旅券", "パスポート番号", "パスポートno", "パスポート", "パスポートナンバー", "passport",
        "passport number", "passport no",
    ]),
    (Field::EntryDate, &[
        "入国日", "入国年月日", "到着日", "到着年月日", "帰国日", "帰国年月日", "上陸日", "上陸年月日", "来日日", "本邦入国日",
        "日本入国日", "日本到着日", "検疫日", "検疫年月日", "entry date", "date of entry", "arrival date",
        "date of arrival", "arrival", "arrived", "landing date",
    ]),
    (Field::EntryPort, &[
        "空港", "港", "空港港", "港空港", "空海港", "海空港", "入国空港", "入国港", "入国空港港", "入国場所", "入国地", "到着空港",
        "到着港", "到着地", "到着場所", "上陸港", "上陸地", "検疫所", "検疫場所", "検疫所名", "airport", "port",
        "port of entry", "entry port", "arrival airport", "arrival port",
        "port of arrival", "quarantine station",
    ]),
    (Field::Flight, &[
        "便名", "便", "便番号", "フライト", "フライト番号", "フライト名", "航空便", "航空便名", "搭乗便", "搭乗便名", "到着便",
        "到着便名", "利用便", "船名", "便名船名", "便名船舶名", "flight", "flight number", "flight no",
        "vessel",
    ]),
    (Field::Address, &[
        "住所", "現住所", "自宅住所", "居住地", "住所地", "国内住所", "日本住所", "日本の住所", "住所日本", "本人住所", "居所",
        "住民票住所", "address", "home address", "address in japan", "residence",
    ]),
    (Field::PlaceOfStay, &[
        "滞在先", "滞在場所", "滞在地", "滞在先住所", "滞在先名", "滞在先名称", "待機場所", "待機先", "待機先住所", "宿泊先",
        "宿泊先住所", "滞在施設", "宿泊施設", "ホテル", "健康観察場所", "place of stay", "stay", "staying at",
        "hotel", "accommodation", "address of stay", "place of quarantine",
    ]),
    (Field::Phone, &[
        "電話番号", "電話", "tel", "電話no", "携帯", "携帯番号", "携帯電話", "携帯電話番号", "連絡先", "連絡先電話",
        "連絡先電話番号", "連絡先携帯", "本人連絡先", "本人電話番号", "本人携帯", "日中の連絡先", "日中連絡先", "連絡先tel", "phone",
        "phone number", "phone no", "telephone", "telephone number", "mobile",
        "mobile phone", "mobile number", "cell", "cell phone", "contact number", "tel no",
    ]),
    (Field::Mail, &[
        "メール", "メールアドレス", "eメール", "eメールアドレス", "電子メール", "電子メールアドレス", "連絡先メール", "連絡先メールアドレス",
        "mail", "email", "mail address", "email address",
    ]),
    (Field::Consent, &[
        "同意", "同意有無", "同意の有無", "同意欄", "本人同意", "健康観察同意", "健康観察への同意", "情報提供同意", "情報提供の同意",
        "同意書", "承諾", "consent", "consented", "agreed", "agreement",
    ]),
    (Field::HealthCentre, &[
        "管轄保健所", "保健所", "保健所名", "管轄保健所名", "担当保健所", "担当保健所名", "所管保健所", "管轄", "保健所コード",
        "管轄保健所コード", "health centre", "health center", "public health centre",
        "public health center", "responsible health centre",
        "responsible health center", "phc",
    ]),
    (Field::Remarks, &[
        "備考", "備考欄", "特記事項", "特記", "メモ", "摘要", "その他", "連絡事項", "remarks", "remark", "note",
        "notes", "comment", "comments",
    ]),
];

static BY_SPELLING: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    SPELLINGS
        .iter()
        .flat_map(|(field, spellings)| spellings.iter().map(|text| (folded(text), *field)))
        .collect()
});

/// What a heading names: as a whole, or without what stands in its brackets, as in
/// `生年月日（例：1990/1/1）`.
pub(super) fn field(heading: &str) -> Option<Field> {
    let known = |text: &str| BY_SPELLING.get(&folded(text)).copied();
    known(heading).or_else(|| {
        let bare = without_brackets(heading);
        (bare.len() < heading.len()).then(|| known(&bare))?
    })
}

/// A heading without what makes no difference: width, case, kana, spaces, brackets and marks.
pub(super) fn folded(heading: &str) -> String {
    search_key(heading)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

fn without_brackets(heading: &str) -> String {
    let mut depth = 0_usize;
    heading
        .nfkc()
        .filter(|c| match c {
            '(' | '[' | '〔' | '【' | '<' => {
                depth += 1;
                false
            }
            ')' | ']' | '〕' | '】' | '>' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_stands_for_two_fields() {
        let mut seen = HashMap::new();
        for (field, spellings) in SPELLINGS {
            for spelling in *spellings {
                let other = seen.insert(folded(spelling), *field);
                assert!(other.is_none_or(|other| other == *field), "{spelling}");
            }
        }
        for field in Field::ALL {
            assert!(
                SPELLINGS.iter().any(|(listed, _)| *listed == field),
                "{field:?}"
            );
        }
    }

    #[test]
    fn knows_a_heading_in_any_width_case_and_bracket() {
        for (heading, expected) in [
            ("氏　名", Field::Name),
            ("お名前", Field::Name),
            ("フリガナ", Field::Kana),
            ("ﾌﾘｶﾞﾅ", Field::Kana),
            ("ふりがな", Field::Kana),
            ("カナ氏名", Field::Kana),
            ("氏名（カナ）", Field::Kana),
            ("氏名(ﾛｰﾏ字)", Field::Romaji),
            ("生年月日（例：1990/1/1）", Field::BirthDate),
            ("※入国日【必須】", Field::EntryDate),
            ("ＴＥＬ", Field::Phone),
            ("E-mail", Field::Mail),
            ("Ｅメール", Field::Mail),
            ("Passport No.", Field::PassportNumber),
            ("携帯\n電話", Field::Phone),
            ("空港・港", Field::EntryPort),
        ] {
            assert_eq!(field(heading), Some(expected), "{heading}");
        }
    }

    #[test]
    fn does_not_take_someone_elses_column_for_the_persons() {
        for heading in [
            "保護者氏名",
            "緊急連絡先電話番号",
            "同行者氏名",
            "No.",
            "年齢",
            "発熱",
            "",
        ] {
            assert_eq!(field(heading), None, "{heading}");
        }
    }
}
