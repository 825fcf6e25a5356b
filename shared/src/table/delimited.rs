//! CSV and TSV: which of the two, and its rows.

use csv::{ByteRecord, ReaderBuilder};

use super::decode::decode;
use super::{Builder, Delimiter, Flaw, Form, ReadError, Table};

/// A quoted cell of more lines than this is a quotation mark that was never meant to open one.
const MOST_LINES_IN_A_CELL: usize = 30;

/// A file with a longer line than this is no list.
const LONGEST_LINE: usize = 1 << 20;

pub(super) fn read(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Table, ReadError> {
    let decoded = decode(bytes)?;
    let text = decoded.text.as_str();
    if text.split('\n').any(|line| line.len() > LONGEST_LINE) {
        return Err(ReadError::NotText);
    }
    let delimiter = delimiter(text);
    let mut builder = Builder::default();
    builder.text.reserve(text.len());
    Splitting {
        text,
        delimiter,
        builder: &mut builder,
        at: 0,
        number: 1,
    }
    .run(stop)?;
    let form = Form::Delimited {
        encoding: decoded.encoding,
        delimiter,
        line_break: decoded.line_break,
        always_quoted: always_quoted(text, delimiter),
    };
    builder.finish(form, decoded.damage, decoded.damaged)
}

/// A text being split into rows.
///
/// What stood behind an open mark is read twice: once up to the mark that closes it, once as
/// the rows that it is. No third time, as no mark can have opened in between without closing.
struct Splitting<'a> {
    text: &'a str,
    delimiter: Delimiter,
    builder: &'a mut Builder,
    /// Where the next row begins and which number it has.
    at: usize,
    number: u32,
}

impl Splitting<'_> {
    fn run(mut self, stop: &dyn Fn() -> bool) -> Result<(), ReadError> {
        while self.at < self.text.len() {
            if stop() {
                return Err(ReadError::Stopped);
            }
            if self.quoted_rows(stop)? {
                self.literal_row()?;
            }
        }
        Ok(())
    }

    /// Takes rows by the rules of quoting until the end (false) or until one begins that has an
    /// open quotation mark (true).
    fn quoted_rows(&mut self, stop: &dyn Fn() -> bool) -> Result<bool, ReadError> {
        let rest = &self.text[self.at..];
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter.byte())
            .from_reader(rest.as_bytes());
        let mut record = ByteRecord::new();
        let mut start = 0;
        let mut taken = 0_u32;
        loop {
            let more = reader
                .read_byte_record(&mut record)
                .map_err(|_| ReadError::NotText)?;
            let end = reader.position().byte() as usize;
            let raw = &rest[start..end];
            let blank_lines = raw.bytes().take_while(|b| *b == b'\n').count();
            if !more {
                self.at = self.text.len();
                return Ok(false);
            }
            let number = self.number.saturating_add(blank_lines as u32);
            let last = end == rest.len();
            let runs_away = runs_away(&record, &raw[blank_lines..], self.delimiter, last);
            if runs_away {
                self.at += start + blank_lines;
                self.number = number;
                return Ok(true);
            }
            for field in &record {
                let field = std::str::from_utf8(field).map_err(|_| ReadError::NotText)?;
                self.builder.cell(field)?;
            }
            self.builder.end_row(number, None)?;
            self.number = number.saturating_add(1);
            start = end;
            taken += 1;
            if taken.is_multiple_of(1_000) && stop() {
                return Err(ReadError::Stopped);
            }
        }
    }

    /// Takes one line as it stands, split at every delimiter.
    fn literal_row(&mut self) -> Result<(), ReadError> {
        let rest = &self.text[self.at..];
        let line = rest.split('\n').next().unwrap_or(rest);
        for field in line.split(char::from(self.delimiter.byte())) {
            self.builder.cell(field)?;
        }
        self.builder.end_row(self.number, Some(Flaw::OpenQuote))?;
        self.number = self.number.saturating_add(1);
        self.at += (line.len() + 1).min(rest.len());
        Ok(())
    }
}

/// True if a record holds a cell that is too many lines long, or whose quotation mark the file
/// never closes.
fn runs_away(record: &ByteRecord, raw: &str, delimiter: Delimiter, last: bool) -> bool {
    let many_lines = raw.len() > MOST_LINES_IN_A_CELL
        && record
            .iter()
            .any(|field| field.iter().filter(|b| **b == b'\n').count() > MOST_LINES_IN_A_CELL);
    many_lines || last && left_open(raw, delimiter)
}

/// True if a quotation mark is open at the end of the record.
fn left_open(raw: &str, delimiter: Delimiter) -> bool {
    #[derive(PartialEq)]
    enum Within {
        Start,
        Plain,
        Quotes,
        /// Just behind a mark that closes, unless another follows.
        Mark,
    }
    let end = raw
        .bytes()
        .fold(Within::Start, |within, byte| match (within, byte) {
            (Within::Start | Within::Mark, b'"') => Within::Quotes,
            (Within::Quotes, b'"') => Within::Mark,
            (Within::Quotes, _) => Within::Quotes,
            (_, byte) if byte == delimiter.byte() || byte == b'\n' => Within::Start,
            _ => Within::Plain,
        });
    end == Within::Quotes
}

/// Comma or tab, whichever stands in more of the first lines; if in equally many, whichever
/// stands there more often.
fn delimiter(text: &str) -> Delimiter {
    let score = |byte: u8| {
        text.split('\n')
            .take(50)
            .map(|line| line.bytes().filter(|b| *b == byte).count())
            .fold((0, 0), |(lines, all), here| {
                (lines + usize::from(here > 0), all + here)
            })
    };
    if score(b'\t') > score(b',') {
        Delimiter::Tab
    } else {
        Delimiter::Comma
    }
}

fn always_quoted(text: &str, delimiter: Delimiter) -> bool {
    let mut lines = text
        .split('\n')
        .filter(|line| !line.is_empty())
        .take(5)
        .peekable();
    let delimiter = char::from(delimiter.byte());
    lines.peek().is_some()
        && lines.all(|line| {
            line.split(delimiter)
                .all(|cell| cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"'))
        })
}
