//! The rows and cells of a file that an office sends, whatever form it has: CSV, TSV or xlsx.
//!
//! All text of a table lies in one block and a cell is a range of it, so that a list of a
//! hundred thousand people costs little more memory than its file.

use decode::{Damage, Encoding, LineBreak};

pub mod decode;
mod delimited;
mod read_error;
mod workbook;

pub use read_error::{MOST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_TEXT, ReadError};

/// What separates the cells of a delimited file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// A comma: CSV.
    Comma,
    /// A tab: TSV.
    Tab,
}

impl Delimiter {
    /// The byte that separates.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

/// The form of the file a table was read from; a file of bad rows is written in the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text of lines.
    Delimited {
        /// How its characters are written.
        encoding: Encoding,
        /// What separates its cells.
        delimiter: Delimiter,
        /// What ends its lines.
        line_break: LineBreak,
        /// Whether even cells that need no quotes stand in quotes.
        always_quoted: bool,
    },
    /// An xlsx workbook.
    Workbook {
        /// The sheet that was read.
        sheet: String,
        /// The other visible sheets, which were not read.
        others: Vec<String>,
        /// Whether its serial days count from 1904.
        from_1904: bool,
    },
}

impl Form {
    /// The ending of a file name of this form, without the dot.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Delimited {
                delimiter: Delimiter::Comma,
                ..
            } => "csv",
            Self::Delimited {
                delimiter: Delimiter::Tab,
                ..
            } => "tsv",
            Self::Workbook { .. } => "xlsx",
        }
    }
}

/// What a cell was in its file. Cells of delimited files are all [`Kind::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A text, or nothing.
    #[default]
    Text,
    /// A number; its text is the shortest decimal form.
    Number,
    /// A day, as `2022/9/26`, with ` 8:30` behind it unless it is midnight.
    Day,
    /// `TRUE` or `FALSE`.
    Truth,
    /// An error of a formula, such as `#REF!`.
    Error,
}

/// What is wrong with a whole row before its cells are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A quotation mark is opened and not closed; the line was split at every delimiter.
    OpenQuote,
    /// It has more than [`MOST_COLUMNS`] cells; those beyond were left out.
    TooWide,
}

/// A list as rows of cells. Rows without any text are left out; the others keep the number
/// they have in the file.
#[derive(Clone, Debug)]
pub struct Table {
    form: Form,
    damage: Vec<Damage>,
    damaged: usize,
    text: String,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    rows: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    first: u32,
    number: u32,
    flaw: Option<Flaw>,
}

impl Table {
    /// Reads a file: CSV or TSV in any [`Encoding`], or an xlsx workbook. Of several visible
    /// sheets it takes the one of whose first twenty rows `fit` says the largest number, and the
    /// first of equals.
    ///
    /// # Errors
    /// See [`ReadError`]; single rows that are damaged are no error but are flawed.
    pub fn read(bytes: &[u8], fit: &dyn Fn(&Self) -> usize) -> Result<Self, ReadError> {
        Self::read_unless(bytes, fit, &|| false)
    }

    /// Like [`Table::read`], but gives up when `stop` says so; it is asked every thousand rows.
    ///
    /// # Errors
    /// As [`Table::read`], and [`ReadError::Stopped`].
    pub fn read_unless(
        bytes: &[u8],
        fit: &dyn Fn(&Self) -> usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, ReadError> {
        if bytes.len() > MOST_BYTES {
            return Err(ReadError::TooLarge);
        }
        match bytes {
            [] => Err(ReadError::Empty),
            [b'P', b'K', 3, 4, ..] => workbook::read(bytes, fit, stop),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(workbook::old_or_locked(bytes)),
            [b'%', b'P', b'D', b'F', ..]
            | [0x89, b'P', b'N', b'G', ..]
            | [0xFF, 0xD8, 0xFF, ..] => Err(ReadError::OtherDocument),
            _ => delimited::read(bytes, stop),
        }
    }

    /// The form of the file.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// The first thousand places whose bytes could not be read, and how many there are in all.
    #[must_use]
    pub fn damage(&self) -> (&[Damage], usize) {
        (&self.damage, self.damaged)
    }

    /// How many rows hold any text, headings included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if no row holds any text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at this index (not its number in the file).
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        (index < self.rows.len()).then_some(Row { table: self, index })
    }

    /// All rows in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).map(|index| Row { table: self, index })
    }

    /// Whether any cell holds such a character.
    pub(crate) fn holds(&self, wanted: impl Fn(char) -> bool) -> bool {
        !self.text.is_ascii() && self.text.contains(wanted)
    }

    /// How many bytes this table occupies: for the promise that memory is bounded.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.text.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.kinds.capacity() * size_of::<Kind>()
            + self.rows.capacity() * size_of::<Span>()
    }
}

/// One row of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    index: usize,
}

impl<'a> Row<'a> {
    /// Its place among the rows of the table, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// Its number in the file as a spreadsheet shows it, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.table.rows[self.index].number
    }

    /// What is wrong with the row as a whole.
    #[must_use]
    pub fn flaw(self) -> Option<Flaw> {
        self.table.rows[self.index].flaw
    }

    /// How many cells it has; cells behind the last are blank.
    #[must_use]
    pub fn len(self) -> usize {
        let (first, end) = self.cells_span();
        end - first
    }

    /// Never true: a row without text is not kept.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The text of a cell, `""` behind the last.
    #[must_use]
    pub fn cell(self, column: usize) -> &'a str {
        let (first, end) = self.cells_span();
        let Some(at) = first.checked_add(column).filter(|at| *at < end) else {
            return "";
        };
        let start = if at == 0 {
            0
        } else {
            self.table.ends[at - 1] as usize
        };
        &self.table.text[start..self.table.ends[at] as usize]
    }

    /// What kind of cell that is.
    #[must_use]
    pub fn kind(self, column: usize) -> Kind {
        let (first, end) = self.cells_span();
        let at = first.saturating_add(column);
        if at < end {
            self.table.kinds.get(at).copied().unwrap_or_default()
        } else {
            Kind::Text
        }
    }

    /// The texts of all cells.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |column| self.cell(column))
    }

    /// How many cells hold more than space.
    #[must_use]
    pub fn filled(self) -> usize {
        self.cells().filter(|cell| !is_blank(cell)).count()
    }

    fn cells_span(self) -> (usize, usize) {
        let rows = &self.table.rows;
        let end = rows
            .get(self.index + 1)
            .map_or(self.table.ends.len(), |next| next.first as usize);
        (rows[self.index].first as usize, end)
    }
}

/// The letters over a column in a spreadsheet: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

pub(crate) fn is_blank(cell: &str) -> bool {
    cell.chars().all(char::is_whitespace)
}

/// Collects cells into a [`Table`] and holds it within the bounds.
#[derive(Default)]
struct Builder {
    text: String,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    rows: Vec<Span>,
    /// The first cell of the row under way, and where its text begins.
    first: usize,
    text_start: usize,
    too_wide: bool,
}

impl Builder {
    /// Adds the next cell of the row under way.
    fn cell(&mut self, text: &str) -> Result<(), ReadError> {
        if self.width() == MOST_COLUMNS {
            self.too_wide |= !is_blank(text);
            return Ok(());
        }
        if self.text.len() + text.len() > MOST_TEXT || self.ends.len() >= MOST_CELLS {
            return Err(ReadError::TooLarge);
        }
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    /// Adds the cell of a workbook at this column, with blank ones up to it.
    fn cell_at(&mut self, column: usize, text: &str, kind: Kind) -> Result<(), ReadError> {
        while self.width() < column.min(MOST_COLUMNS) {
            self.cell("")?;
            self.kinds.push(Kind::Text);
        }
        self.cell(text)?;
        self.kinds.resize(self.ends.len(), kind);
        Ok(())
    }

    fn width(&self) -> usize {
        self.ends.len() - self.first
    }

    /// Ends the row under way; one without text is forgotten.
    fn end_row(&mut self, number: u32, flaw: Option<Flaw>) -> Result<(), ReadError> {
        let flaw = flaw.or(self.too_wide.then_some(Flaw::TooWide));
        self.too_wide = false;
        if flaw.is_none() && is_blank(&self.text[self.text_start..]) {
            self.text.truncate(self.text_start);
            self.ends.truncate(self.first);
            self.kinds.truncate(self.first);
            return Ok(());
        }
        if self.rows.len() == MOST_ROWS {
            return Err(ReadError::TooLarge);
        }
        self.rows.push(Span {
            first: self.first as u32,
            number,
            flaw,
        });
        self.first = self.ends.len();
        self.text_start = self.text.len();
        Ok(())
    }

    fn finish(self, form: Form, damage: Vec<Damage>, damaged: usize) -> Result<Table, ReadError> {
        if self.rows.is_empty() {
            return Err(ReadError::Empty);
        }
        let Self {
            text,
            ends,
            kinds,
            rows,
            ..
        } = self;
        Ok(Table {
            form,
            damage,
            damaged,
            text,
            ends,
            kinds,
            rows,
        })
    }
}

#[cfg(test)]
mod tests;
