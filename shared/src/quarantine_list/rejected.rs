//! The rows that could not be taken in, as a file in the form in which the list came.
//!
//! Title lines, headings and columns stay as they were, and one column more says of each row
//! what is wrong. The file can be corrected and read again: that last column is not read.

use super::field::Field;
use super::headings::reason_heading;
use super::list::List;
use crate::Language;
use crate::table::decode::{Encoding, LineBreak, encode};
use crate::table::{Delimiter, Form, Kind, Row};

mod workbook;

/// Why a file of bad rows could not be made: only a workbook can fail, with a text or a sheet
/// name that the form does not allow.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the workbook: {0}")]
pub struct WriteError(#[from] rust_xlsxwriter::XlsxError);

/// Writes the rows at these indices of the table, each with the reason why it was not taken in.
///
/// # Errors
/// See [`WriteError`].
pub fn write<'a>(
    list: &List,
    rows: impl IntoIterator<Item = (usize, &'a str)>,
    language: Language,
) -> Result<Vec<u8>, WriteError> {
    let lines = lines(list, rows, language);
    match list.table().form() {
        Form::Delimited {
            encoding,
            delimiter,
            line_break,
            always_quoted,
        } => Ok(delimited(
            &lines,
            *encoding,
            *delimiter,
            *line_break,
            *always_quoted,
        )),
        Form::Workbook {
            sheet, from_1904, ..
        } => workbook::write(&lines, sheet, *from_1904).map_err(WriteError),
    }
}

/// One line of the file: a row of the list as it was, and what stands in the last column.
struct Line<'a> {
    row: Row<'a>,
    list: &'a List,
    reason: Option<String>,
    heading: bool,
}

impl Line<'_> {
    /// The cells, without an earlier column of reasons and with this one.
    fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let (row, list, layout) = (self.row, self.list, self.list.layout());
        let columns = match self.reason {
            Some(_) => layout.headings().len().max(row.len()),
            None => row.len(),
        };
        // In a row that a stray comma has made too wide, the earlier reason stands behind the rest.
        let earlier = match layout.reason_column() {
            Some(_) if row.len() > layout.headings().len() => Some(row.len() - 1),
            column => column,
        };
        (0..columns)
            .filter(move |column| Some(*column) != earlier)
            .map(move |column| Cell {
                text: row.cell(column),
                kind: row.kind(column),
                is_day: matches!(
                    list.mapping().field(column),
                    Some(Field::BirthDate | Field::EntryDate)
                ),
            })
            .chain(self.reason.as_deref().map(|text| Cell {
                text,
                kind: Kind::Text,
                is_day: false,
            }))
    }
}

/// One cell of a line; whether its column holds days, so that a day can be told from another
/// number.
struct Cell<'a> {
    text: &'a str,
    kind: Kind,
    is_day: bool,
}

fn lines<'a, 'b>(
    list: &'a List,
    rows: impl IntoIterator<Item = (usize, &'b str)>,
    language: Language,
) -> Vec<Line<'a>> {
    let people = list.layout().people();
    let line = |index, reason, heading| {
        list.table().row(index).map(|row| Line {
            row,
            list,
            reason,
            heading,
        })
    };
    let above = (0..people).filter_map(|index| {
        let last = index + 1 == people && list.layout().levels() > 0;
        line(index, last.then(|| reason_heading(language)), true)
    });
    let bad = rows
        .into_iter()
        .filter_map(|(index, reason)| line(index, Some(reason.to_owned()), false));
    above.chain(bad).collect()
}

fn delimited(
    lines: &[Line<'_>],
    encoding: Encoding,
    delimiter: Delimiter,
    line_break: LineBreak,
    always_quoted: bool,
) -> Vec<u8> {
    let style = if always_quoted {
        csv::QuoteStyle::Always
    } else {
        csv::QuoteStyle::Necessary
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter.byte())
        .quote_style(style)
        .flexible(true)
        .from_writer(Vec::new());
    for line in lines {
        writer
            .write_record(line.cells().map(|cell| cell.text))
            .expect("a buffer in memory takes every record");
    }
    let text = writer
        .into_inner()
        .expect("a buffer in memory needs no flush");
    let text = String::from_utf8(text).expect("cells are text");
    encode(&text, encoding, line_break)
}

#[cfg(test)]
mod tests;
