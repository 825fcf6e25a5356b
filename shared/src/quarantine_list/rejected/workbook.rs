//! Bad rows of a workbook as a workbook.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Cell, Kind, Line};

/// The most characters that Excel keeps in a cell.
const LONGEST_TEXT: usize = 32_767;

/// Days of the calendar from 1904 lie this much below those of the calendar from 1900.
const FROM_1904: f64 = 1_462.0;

pub(super) fn write(
    lines: &[Line<'_>],
    sheet: &str,
    from_1904: bool,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed date: what is written depends on the list alone.
    let written = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&written));
    let sheet_of_bad_rows = workbook.add_worksheet();
    // A name that only a damaged workbook can have is not worth losing the rows for.
    let _ = sheet_of_bad_rows.set_name(sheet);
    let formats = Formats {
        heading: Format::new().set_bold(),
        day: Format::new().set_num_format("yyyy/m/d"),
        time: Format::new().set_num_format("yyyy/m/d h:mm"),
    };
    for (row, line) in (0_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(line.cells()) {
            let shift = if from_1904 && cell.is_day {
                FROM_1904
            } else {
                0.0
            };
            formats.write(sheet_of_bad_rows, (row, column), &cell, line.heading, shift)?;
        }
    }
    workbook.save_to_buffer()
}

struct Formats {
    heading: Format,
    day: Format,
    time: Format,
}

impl Formats {
    fn write(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &Cell<'_>,
        heading: bool,
        shift: f64,
    ) -> Result<(), XlsxError> {
        let text = cell.text;
        match cell.kind {
            _ if text.is_empty() => {}
            Kind::Number if let Ok(number) = text.parse::<f64>() => {
                sheet.write_number(row, column, number + shift)?;
            }
            Kind::Truth => {
                sheet.write_boolean(row, column, text == "TRUE")?;
            }
            Kind::Day if let Some((day, with_time)) = day(text) => {
                let format = if with_time { &self.time } else { &self.day };
                sheet.write_datetime_with_format(row, column, &day, format)?;
            }
            _ if heading => {
                sheet.write_string_with_format(row, column, fitting(text), &self.heading)?;
            }
            _ => {
                sheet.write_string(row, column, fitting(text))?;
            }
        }
        Ok(())
    }
}

fn fitting(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Reads a day back from the text that the reader of workbooks gave it, `2022/9/26 8:30`.
fn day(text: &str) -> Option<(ExcelDateTime, bool)> {
    let mut numbers = text
        .split(['/', ' ', ':'])
        .map(|part| part.parse::<u16>().ok());
    let mut next = || numbers.next().flatten();
    let (year, month, day) = (
        next()?,
        u8::try_from(next()?).ok()?,
        u8::try_from(next()?).ok()?,
    );
    let date = ExcelDateTime::from_ymd(year, month, day).ok()?;
    match (next(), next()) {
        (Some(hour), Some(minute)) => Some((
            date.and_hms(hour, u8::try_from(minute).ok()?, 0).ok()?,
            true,
        )),
        _ => Some((date, false)),
    }
}
