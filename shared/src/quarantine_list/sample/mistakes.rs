//! What goes wrong in lists, planted in known rows.

use super::Recipe;
use super::people::{COLUMNS, HEADINGS, written};
use crate::quarantine_list::field::Field;

/// A problem that stands in a list on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The row's number in the file.
    pub row: u32,
    /// What is wrong or missing; `None` where it is the row as a whole.
    pub field: Option<Field>,
    /// The reason that a dry run gives.
    pub reason: &'static str,
}

/// Becomes a byte that is no character.
const BROKEN: char = '\u{1A}';

/// The columns of the list by what they hold.
mod column {
    pub(super) const NAME: usize = 1;
    pub(super) const KANA: usize = 2;
    pub(super) const ROMAJI: usize = 3;
    pub(super) const BIRTH_DATE: usize = 4;
    pub(super) const SEX: usize = 5;
    pub(super) const PASSPORT: usize = 7;
    pub(super) const ENTRY_DATE: usize = 8;
    pub(super) const ADDRESS: usize = 12;
    pub(super) const PHONE: usize = 14;
    pub(super) const MAIL: usize = 15;
    pub(super) const CONSENT: usize = 16;
    pub(super) const HEALTH_CENTRE: usize = 17;
    pub(super) const REMARKS: usize = 18;
}

/// One thing done to one row, by the row's index among the people.
pub(super) struct Mistake {
    person: usize,
    column: usize,
    value: Change,
    /// The field and the reason if the row then cannot be taken in.
    refused: Option<(Option<Field>, &'static str)>,
}

enum Change {
    To(String),
    By(fn(&str) -> String),
    /// The whole row becomes that of another person.
    Repeat(usize),
    /// A cell more stands in front of this one, as behind an unquoted comma.
    Shift,
}

impl Mistake {
    /// Whether a row is that of a person, not the headings once more.
    pub(super) fn is_person(row: &[String]) -> bool {
        row.first().is_none_or(|first| first != HEADINGS[0])
    }
}

/// Plants every mistake; `first_row` is the number of the first person's row. Returns what a dry
/// run has to find, by row.
pub(super) fn plant(rows: &mut Vec<Vec<String>>, recipe: &Recipe, first_row: u32) -> Vec<Planted> {
    let mut planted = Vec::new();
    for mistake in harmless(recipe).into_iter().chain(refused(recipe)) {
        match mistake.value {
            Change::To(value) => rows[mistake.person][mistake.column] = value,
            Change::By(change) => {
                let cell = &mut rows[mistake.person][mistake.column];
                *cell = change(cell);
            }
            Change::Repeat(other) => {
                let number = std::mem::take(&mut rows[mistake.person][0]);
                rows[mistake.person] = rows[other].clone();
                rows[mistake.person][0] = number;
            }
            Change::Shift => {
                rows[mistake.person].insert(mistake.column, "見本ビル".to_owned());
                rows[mistake.person][COLUMNS] = "2階".to_owned();
            }
        }
        if let Some((field, reason)) = mistake.refused {
            planted.push(Planted {
                row: first_row + mistake.person as u32,
                field,
                reason,
            });
        }
    }
    // A list put together from two has its headings once more in the middle.
    let middle = 50;
    rows.insert(middle, HEADINGS.map(str::to_owned).to_vec());
    for problem in &mut planted {
        problem.row += u32::from(problem.row >= first_row + middle as u32);
    }
    planted.sort_by_key(|problem| problem.row);
    planted
}

/// How many rows are bad.
pub(super) fn bad_rows(planted: &[Planted]) -> usize {
    let mut rows: Vec<u32> = planted.iter().map(|problem| problem.row).collect();
    rows.dedup();
    rows.len()
}

/// Makes the marked places bytes that are no character.
pub(super) fn break_bytes(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte == BROKEN as u8) {
        *byte = 0xFF;
    }
}

/// Slips that change nothing: the rows are taken in.
fn harmless(recipe: &Recipe) -> Vec<Mistake> {
    let done = |person, column, change| Mistake {
        person,
        column,
        value: Change::By(change),
        refused: None,
    };
    let set = |person, column, value: String| Mistake {
        person,
        column,
        value: Change::To(value),
        refused: None,
    };
    vec![
        done(2, column::PHONE, full_width),
        done(3, column::PHONE, |phone| phone.replace('-', "ー")),
        done(4, column::PHONE, |phone| phone.replace('-', "‐")),
        done(5, column::PHONE, |phone| {
            full_width(phone).replace('－', "−")
        }),
        done(6, column::PASSPORT, full_width),
        done(7, column::PASSPORT, |number| {
            format!(" {} ", number.to_lowercase())
        }),
        set(8, column::KANA, "ﾐﾎﾝ ｺﾞﾛｳｷｭｳｺﾞｳ".to_owned()),
        set(
            9,
            column::ENTRY_DATE,
            format!("{}(月)", written(recipe.today.plus(-3), 0)),
        ),
        set(11, column::ENTRY_DATE, written(recipe.today.plus(-1), 1)),
        set(
            12,
            column::ENTRY_DATE,
            full_width(&written(recipe.today, 1)),
        ),
        set(
            13,
            column::ENTRY_DATE,
            format!("{} 18:05", written(recipe.today, 0)),
        ),
        set(
            14,
            column::REMARKS,
            "家族3名で帰国、\n同じ住所に滞在".to_owned(),
        ),
        set(
            15,
            column::ADDRESS,
            "見本県見本市架空町1-2-3, 見本マンション\"西棟\" 405".to_owned(),
        ),
        set(16, column::MAIL, "なし".to_owned()),
        set(17, column::PASSPORT, "－".to_owned()),
        set(18, column::SEX, "女性".to_owned()),
        set(19, column::SEX, "Ｍ".to_owned()),
        set(20, column::CONSENT, "○".to_owned()),
        set(21, column::BIRTH_DATE, "S33.4.5".to_owned()),
        set(22, column::BIRTH_DATE, "昭和64年1月7日".to_owned()),
        set(23, column::NAME, "見本　ＡＬＥＸ ﾏﾘｱ".to_owned()),
        set(24, column::PHONE, "+81 90 0000 0025".to_owned()),
        // Two that a person has to look at: one reading and birth date, one passport.
        set(26, column::KANA, "ミホン フタゴ".to_owned()),
        set(26, column::BIRTH_DATE, "2001/2/3".to_owned()),
        set(27, column::KANA, "みほん　ふたご".to_owned()),
        set(27, column::BIRTH_DATE, "H13.2.3".to_owned()),
        set(28, column::PASSPORT, "XX9999999".to_owned()),
        set(29, column::PASSPORT, "ＸＸ９９９９９９９".to_owned()),
    ]
}

/// Mistakes for which a row cannot be taken in.
fn refused(recipe: &Recipe) -> Vec<Mistake> {
    let bad = |person, column, value: &str, field, reason| Mistake {
        person,
        column,
        value: Change::To(value.to_owned()),
        refused: Some((Some(field), reason)),
    };
    let tomorrow = written(recipe.today.plus(1), 0);
    let long_ago = written(recipe.today.plus(-3 * 365), 0);
    let mut mistakes = vec![
        bad(30, column::NAME, "", Field::Name, "list_required"),
        bad(31, column::NAME, "　", Field::Name, "list_required"),
        bad(
            32,
            column::ENTRY_DATE,
            "",
            Field::EntryDate,
            "list_required",
        ),
        bad(
            33,
            column::ENTRY_DATE,
            &tomorrow,
            Field::EntryDate,
            "entry_in_future",
        ),
        bad(
            34,
            column::ENTRY_DATE,
            &long_ago,
            Field::EntryDate,
            "entry_long_ago",
        ),
        bad(35, column::ENTRY_DATE, "先週", Field::EntryDate, "list_day"),
        bad(
            36,
            column::BIRTH_DATE,
            "1990/2/30",
            Field::BirthDate,
            "list_no_such_day",
        ),
        bad(
            37,
            column::BIRTH_DATE,
            "平成31年5月1日",
            Field::BirthDate,
            "day_of_era",
        ),
        bad(
            38,
            column::BIRTH_DATE,
            "62/3/4",
            Field::BirthDate,
            "list_two_digit_year",
        ),
        bad(
            39,
            column::BIRTH_DATE,
            &tomorrow,
            Field::BirthDate,
            "birth_after_entry",
        ),
        bad(
            40,
            column::PHONE,
            "9000000041",
            Field::Phone,
            "list_phone_without_zero",
        ),
        bad(41, column::PHONE, "090-0000", Field::Phone, "phone"),
        bad(
            42,
            column::PASSPORT,
            "申請中",
            Field::PassportNumber,
            "passport_number",
        ),
        bad(
            43,
            column::MAIL,
            "mihon44.example.jp",
            Field::Mail,
            "mail_address",
        ),
        bad(44, column::SEX, "？", Field::Sex, "sex"),
        bad(
            45,
            column::CONSENT,
            "検討します",
            Field::Consent,
            "list_consent",
        ),
        bad(46, column::KANA, "見本 太郎", Field::Kana, "reading"),
        bad(47, column::ROMAJI, "ミホン", Field::Romaji, "romaji"),
        bad(
            48,
            column::NAME,
            "見本 〓郎四九号",
            Field::Name,
            "list_lost_character",
        ),
        bad(
            49,
            column::NAME,
            "見本 \u{E000}子五〇号",
            Field::Name,
            "list_private_character",
        ),
        bad(
            51,
            column::NAME,
            "見本 \u{1A}子五二号",
            Field::Name,
            "list_lost_character",
        ),
        Mistake {
            person: 52,
            column: column::REMARKS,
            value: Change::Shift,
            refused: Some((None, "list_more_cells")),
        },
    ];
    mistakes.extend([(53, 1), (54, 1), (55, 10)].map(|(person, other)| Mistake {
        person,
        column: 0,
        value: Change::Repeat(other),
        refused: Some((None, "list_doubled")),
    }));
    if !recipe.health_centres.is_empty() {
        let nowhere = "どこにもない保健所";
        mistakes.push(bad(
            56,
            column::HEALTH_CENTRE,
            nowhere,
            Field::HealthCentre,
            "list_unknown_health_centre",
        ));
    }
    // Two in one row.
    mistakes.push(bad(
        57,
        column::BIRTH_DATE,
        "不詳",
        Field::BirthDate,
        "list_day",
    ));
    mistakes.push(bad(57, column::PHONE, "自宅のみ", Field::Phone, "phone"));
    mistakes
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}
