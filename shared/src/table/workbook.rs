//! xlsx workbooks: the sheet that holds the list, and its cells.
//!
//! A workbook is a zip of XML and can unpack to a thousand times its size or promise any number
//! of strings, so every part is measured before the reader of workbooks sees it.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::{Builder, Form, Kind, ReadError, Table};

/// The most bytes that all parts may unpack to.
const MOST_UNPACKED: u64 = 256 << 20;

/// The most bytes of the parts that are held whole in memory: the strings and the styles.
const MOST_HELD: u64 = 96 << 20;

/// The most parts; Excel writes some dozens.
const MOST_PARTS: usize = 2_000;

/// How many rows of each sheet are looked at to find the one that holds the list.
const LOOKED_AT: usize = 20;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn read(
    bytes: &[u8],
    fit: &dyn Fn(&Table) -> usize,
    stop: &dyn Fn() -> bool,
) -> Result<Table, ReadError> {
    measure(bytes, stop)?;
    // The reader computes cell addresses without checks, which a debug build turns into a panic.
    catch_unwind(AssertUnwindSafe(|| read_measured(bytes, fit, stop)))
        .unwrap_or(Err(ReadError::DamagedWorkbook))
}

/// Why a compound file, the form of Office before 2007, is not read: newer workbooks come in it
/// too when a password locks them.
pub(super) fn old_or_locked(bytes: &[u8]) -> ReadError {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        ReadError::Locked
    } else {
        ReadError::OldWorkbook
    }
}

/// Unpacks every part once, keeping nothing, to learn its true size.
fn measure(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<(), ReadError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::DamagedWorkbook)?;
    if archive.len() > MOST_PARTS {
        return Err(ReadError::TooLarge);
    }
    let mut unpacked = 0;
    for index in 0..archive.len() {
        if stop() {
            return Err(ReadError::Stopped);
        }
        let part = archive
            .by_index(index)
            .map_err(|_| ReadError::DamagedWorkbook)?;
        let name = part
            .name()
            .map_err(|_| ReadError::DamagedWorkbook)?
            .to_lowercase();
        let held = name.ends_with("sharedstrings.xml") || name.ends_with("styles.xml");
        let most = if held { MOST_HELD } else { MOST_UNPACKED };
        let mut part = part.take((MOST_UNPACKED - unpacked).min(most) + 1);
        let size = if held {
            let mut content = Vec::new();
            part.read_to_end(&mut content)
                .map_err(|_| ReadError::DamagedWorkbook)?;
            if promises_too_much(&content) {
                return Err(ReadError::DamagedWorkbook);
            }
            content.len() as u64
        } else {
            std::io::copy(&mut part, &mut std::io::sink())
                .map_err(|_| ReadError::DamagedWorkbook)?
        };
        unpacked += size;
        if unpacked > MOST_UNPACKED || size > most {
            return Err(ReadError::TooLarge);
        }
    }
    Ok(())
}

/// True if a part says that it holds more strings than it has bytes: the reader would reserve
/// memory for them. UTF-16, in which this could hide, is no form that Excel writes.
fn promises_too_much(content: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    if content.starts_with(b"\xFF\xFE") || content.starts_with(b"\xFE\xFF") || content.contains(&0)
    {
        return true;
    }
    let mut rest = content;
    while let Some(at) = find(rest, COUNT) {
        rest = &rest[at + COUNT.len()..];
        let digits: Vec<u8> = rest
            .iter()
            .copied()
            .skip_while(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'"' | b'\''))
            .take_while(u8::is_ascii_digit)
            .take(20)
            .collect();
        let count = std::str::from_utf8(&digits)
            .ok()
            .and_then(|text| text.parse::<usize>().ok());
        if !digits.is_empty() && count.is_none_or(|count| count > content.len()) {
            return true;
        }
    }
    false
}

fn find(content: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = wanted.first()?;
    let mut from = 0;
    while let Some(at) = content[from..].iter().position(|b| b == first) {
        from += at;
        if content[from..].starts_with(wanted) {
            return Some(from);
        }
        from += 1;
    }
    None
}

fn read_measured(
    bytes: &[u8],
    fit: &dyn Fn(&Table) -> usize,
    stop: &dyn Fn() -> bool,
) -> Result<Table, ReadError> {
    let mut workbook = Workbook::new(Cursor::new(bytes)).map_err(reason)?;
    let visible: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let sheet = match visible.as_slice() {
        [] => return Err(ReadError::NoSheet),
        [only] => only.clone(),
        several => likeliest(&mut workbook, several, fit)?.ok_or(ReadError::NoSheet)?,
    };
    read_sheet(&mut workbook, &sheet, &visible, usize::MAX, stop)
}

/// The sheet whose first rows fit best; the first with rows if none does.
fn likeliest(
    workbook: &mut Workbook<'_>,
    names: &[String],
    fit: &dyn Fn(&Table) -> usize,
) -> Result<Option<String>, ReadError> {
    let mut best: Option<(usize, &String)> = None;
    for name in names {
        let known = match read_sheet(workbook, name, names, LOOKED_AT, &|| false) {
            Ok(table) => fit(&table),
            Err(ReadError::Empty) => continue,
            Err(error) => return Err(error),
        };
        if best.is_none_or(|(most, _)| known > most) {
            best = Some((known, name));
        }
    }
    Ok(best.map(|(_, name)| name.clone()))
}

fn read_sheet(
    workbook: &mut Workbook<'_>,
    name: &str,
    visible: &[String],
    most_rows: usize,
    stop: &dyn Fn() -> bool,
) -> Result<Table, ReadError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(reason)?;
    let mut builder = Builder::default();
    let mut previous = (0, None);
    while let Some(cell) = cells.next_cell().map_err(reason)? {
        let (row, column) = cell.get_position();
        let (text, kind) = match cell.get_value() {
            DataRef::Empty => continue,
            value => text_of(value),
        };
        if (row, Some(column)) <= previous || row >= 1 << 20 {
            return Err(ReadError::DamagedWorkbook);
        }
        if row != previous.0 {
            builder.end_row(previous.0 + 1, None)?;
            if builder.rows.len() >= most_rows {
                break;
            }
            if row.is_multiple_of(1_000) && stop() {
                return Err(ReadError::Stopped);
            }
        }
        previous = (row, Some(column));
        builder.cell_at(column as usize, &text, kind)?;
    }
    builder.end_row(previous.0 + 1, None)?;
    drop(cells);
    let from_1904 = workbook.has_1904_epoch();
    let others = visible
        .iter()
        .filter(|other| *other != name)
        .cloned()
        .collect();
    builder.finish(
        Form::Workbook {
            sheet: name.to_owned(),
            others,
            from_1904,
        },
        Vec::new(),
        0,
    )
}

fn text_of<'a>(value: &'a DataRef<'_>) -> (Cow<'a, str>, Kind) {
    let owned = |text: String, kind| (Cow::Owned(text), kind);
    match value {
        DataRef::Empty => (Cow::Borrowed(""), Kind::Text),
        DataRef::SharedString(text) => (Cow::Borrowed(*text), Kind::Text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            (Cow::Borrowed(text.as_str()), Kind::Text)
        }
        DataRef::Bool(truth) => (
            Cow::Borrowed(if *truth { "TRUE" } else { "FALSE" }),
            Kind::Truth,
        ),
        DataRef::Error(error) => owned(error.to_string(), Kind::Error),
        DataRef::Int(number) => owned(number.to_string(), Kind::Number),
        DataRef::Float(number) => owned(number.to_string(), Kind::Number),
        DataRef::DateTime(time) => match day_text(time) {
            Some(text) => owned(text, Kind::Day),
            None => owned(time.as_f64().to_string(), Kind::Number),
        },
    }
}

/// A day as Excel shows it, with the time unless it is midnight; `None` for a mere time.
fn day_text(time: &ExcelDateTime) -> Option<String> {
    if !time.is_datetime() || !(1.0..2_958_466.0).contains(&time.as_f64()) {
        return None;
    }
    // Excel counts a 29 February 1900; it comes out as such and is refused as a day.
    let (year, month, day, hour, minute, ..) = time.to_ymd_hms_milli();
    Some(match (hour, minute) {
        (0, 0) => format!("{year}/{month}/{day}"),
        _ => format!("{year}/{month}/{day} {hour}:{minute:02}"),
    })
}

fn reason(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::Locked,
        _ => ReadError::DamagedWorkbook,
    }
}

#[cfg(test)]
#[path = "workbook_tests.rs"]
mod tests;
