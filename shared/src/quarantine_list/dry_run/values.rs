//! Cells to values.

use super::super::field::Field;
use crate::Day;
use crate::follow_up::returnee::{
    Flight, PassportNumber, PersonName, Reading, ReturneeDetails, Romaji, Sex,
};
use crate::offices::OfficeCode;
use crate::table::{Kind, is_blank};
use crate::text::{Line, MailAddress, Phone, Refused, Remark, fold_width, is_hyphen};

/// What one row says of a person, as far as it could be read.
#[derive(Default)]
pub(super) struct Values {
    name: Option<PersonName>,
    kana: Option<Reading>,
    romaji: Option<Romaji>,
    family: [Option<String>; 3],
    given: [Option<String>; 3],
    pub(super) birth_date: Option<Day>,
    sex: Option<Sex>,
    nationality: Option<Line>,
    passport_number: Option<PassportNumber>,
    pub(super) entry_date: Option<Day>,
    entry_port: Option<Line>,
    flight: Option<Flight>,
    address: Option<Line>,
    place_of_stay: Option<Line>,
    phone: Option<Phone>,
    mail: Option<MailAddress>,
    consent: Option<bool>,
    pub(super) health_centre: Option<OfficeCode>,
    remarks: Option<Remark>,
}

/// Which of the three writings of a name.
const WRITTEN: usize = 0;
const KANA: usize = 1;
const ROMAJI: usize = 2;

impl Values {
    /// Takes a cell that is not blank.
    pub(super) fn take(&mut self, field: Field, cell: &str, kind: Kind) -> Result<(), Refused> {
        let absent = says_absent(cell);
        match field {
            Field::Name => self.name = Some(PersonName::parse(cell)?),
            Field::Kana if !absent => self.kana = Some(Reading::parse(cell)?),
            Field::Romaji if !absent => self.romaji = Some(Romaji::parse(cell)?),
            Field::FamilyName => self.family[WRITTEN] = Some(cell.trim().to_owned()),
            Field::GivenName => self.given[WRITTEN] = Some(cell.trim().to_owned()),
            Field::FamilyKana => self.family[KANA] = Some(cell.trim().to_owned()),
            Field::GivenKana => self.given[KANA] = Some(cell.trim().to_owned()),
            Field::FamilyRomaji => self.family[ROMAJI] = Some(cell.trim().to_owned()),
            Field::GivenRomaji => self.given[ROMAJI] = Some(cell.trim().to_owned()),
            Field::Sex if !absent => self.sex = Some(Sex::parse(cell)?),
            Field::Nationality => self.nationality = Some(line(cell)?),
            Field::PassportNumber if !absent => {
                self.passport_number = Some(PassportNumber::parse(cell)?);
            }
            Field::EntryPort => self.entry_port = Some(line(cell)?),
            Field::Flight if !absent => self.flight = Some(Flight::parse(cell)?),
            Field::Address => self.address = Some(line(cell)?),
            Field::PlaceOfStay => self.place_of_stay = Some(line(cell)?),
            Field::Phone if !absent => self.phone = Some(phone(cell)?),
            Field::Mail if !absent => self.mail = Some(MailAddress::parse(cell)?),
            Field::Consent => self.consent = consent(cell, kind)?,
            Field::Remarks => self.remarks = Some(Remark::parse(cell)?),
            _ => {}
        }
        Ok(())
    }

    /// Whether the row says this of the person.
    pub(super) fn has(&self, field: Field) -> bool {
        match field {
            Field::Name => self.name.is_some() || self.family[WRITTEN].is_some(),
            Field::EntryDate => self.entry_date.is_some(),
            _ => true,
        }
    }

    /// Puts everything together. Names in two columns are joined with the space that each
    /// writing uses; `refuse` is told what then is no name.
    pub(super) fn into_details(
        mut self,
        refuse: &mut dyn FnMut(Field, Refused),
    ) -> Option<ReturneeDetails> {
        let mut joined = |which: usize, space: &str| {
            let parts = [self.family[which].take(), self.given[which].take()];
            let text = parts.into_iter().flatten().collect::<Vec<_>>().join(space);
            (!is_blank(&text)).then_some(text)
        };
        let (written, kana, romaji) = (
            joined(WRITTEN, "　"),
            joined(KANA, "　"),
            joined(ROMAJI, " "),
        );
        let mut parsed = |field: Field, refused: Refused| refuse(field, refused);
        if let (None, Some(text)) = (&self.name, written) {
            self.name = PersonName::parse(&text)
                .map_err(|e| parsed(Field::FamilyName, e))
                .ok();
        }
        if let (None, Some(text)) = (&self.kana, kana) {
            self.kana = Reading::parse(&text)
                .map_err(|e| parsed(Field::FamilyKana, e))
                .ok();
        }
        if let (None, Some(text)) = (&self.romaji, romaji) {
            self.romaji = Romaji::parse(&text)
                .map_err(|e| parsed(Field::FamilyRomaji, e))
                .ok();
        }
        Some(ReturneeDetails {
            name: self.name?,
            kana: self.kana,
            romaji: self.romaji,
            birth_date: self.birth_date,
            sex: self.sex,
            nationality: self.nationality,
            passport_number: self.passport_number,
            entry_date: self.entry_date?,
            entry_port: self.entry_port,
            flight: self.flight,
            address: self.address,
            place_of_stay: self.place_of_stay,
            phone: self.phone,
            mail: self.mail,
            consent: self.consent,
            health_centre: self.health_centre,
            remarks: self.remarks,
        })
    }
}

/// Marks that people put where they know nothing. Not for texts, of which they may be part.
fn says_absent(cell: &str) -> bool {
    let cell = cell.trim();
    cell.chars().all(|c| is_hyphen(c) || c == '*' || c == '＊')
        || matches!(
            cell,
            "不明" | "なし" | "無し" | "無" | "未記入" | "未定" | "N/A" | "n/a" | "NA"
        )
}

/// A text of one line; line breaks inside the cell become spaces.
fn line(cell: &str) -> Result<Line, Refused> {
    if cell.contains(['\n', '\r', '\t']) {
        let parts: Vec<&str> = cell.split(['\n', '\r', '\t']).map(str::trim).collect();
        return Line::parse(&parts.join(" "));
    }
    Line::parse(cell)
}

/// A phone number; one whose leading zero a spreadsheet dropped is told apart.
fn phone(cell: &str) -> Result<Phone, Refused> {
    Phone::parse(cell).map_err(|refused| {
        let digits: String = fold_width(cell)
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
            .collect();
        let zero_lost = matches!(digits.len(), 9 | 10)
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if zero_lost {
            Refused::new("list_phone_without_zero")
        } else {
            refused
        }
    })
}

/// Whether the person agreed; `None` where the cell says that nobody knows.
fn consent(cell: &str, kind: Kind) -> Result<Option<bool>, Refused> {
    let word = fold_width(cell).to_lowercase();
    match word.as_str() {
        "有" | "有り" | "あり" | "同意" | "同意する" | "同意します" | "同意あり" | "同意有"
        | "同意済" | "同意済み" | "済" | "済み" | "可" | "はい" | "○" | "〇" | "◯" | "◎" | "✓"
        | "✔" | "レ" | "yes" | "y" | "true" | "1" | "agreed" => Ok(Some(true)),
        "無" | "無し" | "なし" | "同意しない" | "不同意" | "同意なし" | "同意無" | "拒否"
        | "否" | "不可" | "いいえ" | "×" | "✕" | "✗" | "x" | "no" | "n" | "false" | "0"
        | "refused" => Ok(Some(false)),
        "未" | "未確認" | "確認中" | "不明" | "-" => Ok(None),
        _ if kind == Kind::Truth => Ok(None),
        _ => Err(Refused::new("list_consent")),
    }
}

/// A day in any of the five shapes; `None` where the cell says that nobody knows.
pub(super) fn day(cell: &str, kind: Kind, from_1904: bool) -> Result<Option<Day>, Refused> {
    let text = without_time_and_weekday(cell.trim());
    if let Some(day) = plain_day(text) {
        return Ok(Some(day));
    }
    if says_absent(text) {
        return Ok(None);
    }
    if let Some(serial) = serial(text, kind) {
        return serial_day(serial, from_1904 && kind == Kind::Number)
            .map(Some)
            .ok_or(Refused::new("list_no_such_day"));
    }
    let day = Day::parse(text).map(Some);
    day.map_err(|refused| match refused.reason {
        "day_of_era" => refused,
        _ => why_no_day(text),
    })
}

/// The commonest shapes, `2022/9/26` and `2022-09-26`, without a detour.
fn plain_day(text: &str) -> Option<Day> {
    let mut parts = text.split(['/', '-']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let good = |part: &str, most| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if parts.next().is_some()
        || year.len() != 4
        || !(good(year, 4) && good(month, 2) && good(day, 2))
    {
        return None;
    }
    Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A day that Excel keeps as a number: five digits, from 1927 to 2173, perhaps with a time as
/// the fraction.
fn serial(text: &str, kind: Kind) -> Option<i32> {
    let folded;
    let text = if text.is_ascii() {
        text
    } else {
        folded = fold_width(text);
        &folded
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let in_shape = whole.len() == 5 && digits(whole) && digits(fraction);
    (in_shape && (kind == Kind::Number || !text.contains('.'))).then(|| whole.parse().ok())?
}

/// Day 1 is 1 January 1900, and Excel counts a 29 February 1900 that never was, so that from
/// there on day 0 is 30 December 1899. Books from a Macintosh may count from 1904 instead.
fn serial_day(serial: i32, from_1904: bool) -> Option<Day> {
    let zero = if from_1904 {
        Day::new(1904, 1, 1)
    } else {
        Day::new(1899, 12, 30)
    };
    Some(zero?.plus(serial))
}

/// `2022/9/26 8:30`, `2022-09-26T08:30:00` and `2022/9/26(月)` mean their day.
fn without_time_and_weekday(text: &str) -> &str {
    let text = text
        .trim_end_matches([')', '）'])
        .strip_suffix(|c: char| "日月火水木金土".contains(c))
        .and_then(|rest| rest.strip_suffix(['(', '（']))
        .filter(|_| text.ends_with([')', '）']))
        .unwrap_or(text)
        .trim_end();
    match text.split_once([' ', '　', 'T']) {
        Some((day, time)) if is_time(time.trim()) => day,
        _ => text,
    }
}

fn is_time(text: &str) -> bool {
    let mut parts = text.split([':', '：']);
    let digits =
        |part: &str| matches!(part.chars().count(), 1 | 2) && part.chars().all(char::is_numeric);
    parts.clone().count() > 1
        && parts.next().is_some_and(digits)
        && parts.next().is_some_and(digits)
        && parts
            .next()
            .is_none_or(|seconds| seconds.split('.').next().is_some_and(digits))
}

/// Says what keeps a text from being a day.
fn why_no_day(text: &str) -> Refused {
    let text = fold_width(text);
    let numbers: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let era = text.starts_with([
        '令', '平', '昭', '大', '明', 'R', 'H', 'S', 'T', 'M', 'r', 'h', 's',
    ]);
    let bare = text.starts_with(|c: char| c.is_ascii_digit());
    let reason = match numbers.as_slice() {
        [year, _, day] if bare && year.len() == 2 && day.len() <= 2 => "list_two_digit_year",
        [year, _, _] if bare && year.len() == 4 => "list_no_such_day",
        [whole] if whole.len() == 8 && text.len() == 8 => "list_no_such_day",
        [_, _, _] if era => "list_no_such_day",
        _ => "list_day",
    };
    Refused::new(reason)
}
