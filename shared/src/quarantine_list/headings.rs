//! Where a table's headings stand and what its columns hold.
//!
//! Lists come with title lines above the headings, with headings in two rows (連絡先 over 電話
//! and メール), and without any. What is found is a proposal: every part of it can be set by hand
//! and is remembered for the next list with the same headings.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::field::Field;
use crate::table::{Table, is_blank};
use crate::{Language, words};

mod mapping;
mod spellings;

pub use mapping::{Mapping, Remembered};

/// How many rows are searched for headings.
const SEARCHED: usize = 20;

/// A longer text is no heading.
const LONGEST_HEADING: usize = 60;

/// Where the headings of a table stand and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    first: usize,
    levels: usize,
    headings: Vec<String>,
    guesses: Vec<Option<Field>>,
    reason_column: Option<usize>,
}

impl Layout {
    /// Finds the heading row, or the two, whose cells name most of what a list holds. Where no
    /// row names two things, the first of the widest rows counts as headings unless it holds
    /// figures, as a row of people does.
    #[must_use]
    pub fn find(table: &Table) -> Self {
        let mut best: Option<Self> = None;
        // Two rows must name more than one row does, or a title line above would be joined.
        for levels in [1, 2] {
            for first in 0..table.len().min(SEARCHED) {
                let layout = Self::at(table, first, levels);
                if layout.known() > best.as_ref().map_or(1, Self::known) {
                    best = Some(layout);
                }
            }
        }
        best.unwrap_or_else(|| Self::of_unknown_headings(table))
    }

    /// Takes the row at this index, and the one below if `levels` is 2, as headings. With
    /// `levels` 0 the table has none, and its people begin at this row.
    #[must_use]
    pub fn at(table: &Table, first: usize, levels: usize) -> Self {
        let levels = levels.min(2);
        let headings = match levels {
            0 => Vec::new(),
            1 => one_row(table, first),
            _ => two_rows(table, first),
        };
        let columns = if levels == 0 {
            table
                .rows()
                .skip(first)
                .map(|row| row.len())
                .max()
                .unwrap_or(0)
        } else {
            headings
                .iter()
                .rposition(|heading| !is_blank(&heading.text()))
                .map_or(0, |last| last + 1)
        };
        let mut texts: Vec<String> = headings.iter().take(columns).map(Heading::text).collect();
        texts.resize(columns, String::new());
        let reason_column = texts.iter().rposition(|text| says_reason(text));
        let mut guesses = vec![None; columns];
        for (column, heading) in headings.iter().take(columns).enumerate() {
            let field = heading
                .field()
                .filter(|field| !guesses.contains(&Some(*field)));
            guesses[column] = field;
        }
        Self {
            first,
            levels,
            headings: texts,
            guesses,
            reason_column,
        }
    }

    /// The index of the first heading row, or of the first person if there are no headings.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// How many rows of headings there are: 0, 1 or 2.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// The index of the row in which people begin.
    #[must_use]
    pub fn people(&self) -> usize {
        self.first + self.levels
    }

    /// The heading of each column; empty texts if there are no headings.
    #[must_use]
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// How many things that a list holds the headings name.
    #[must_use]
    pub fn known(&self) -> usize {
        self.guesses.iter().flatten().collect::<BTreeSet<_>>().len()
    }

    /// The column in which a file of bad rows says what was wrong; it is not read.
    #[must_use]
    pub fn reason_column(&self) -> Option<usize> {
        self.reason_column
    }

    /// What lists with these headings have in common: the SHA-256, in hexadecimal, of the
    /// headings in their order. The column of reasons does not count, so that a corrected file
    /// is known again.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (column, heading) in self.headings.iter().enumerate() {
            if Some(column) != self.reason_column {
                hash.update(spellings::folded(heading));
                hash.update([0]);
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn of_unknown_headings(table: &Table) -> Self {
        let widest = table
            .rows()
            .take(SEARCHED)
            .map(|row| row.filled())
            .max()
            .unwrap_or(0);
        let first = table
            .rows()
            .position(|row| row.filled() == widest)
            .unwrap_or(0);
        let figures = table.row(first).is_some_and(|row| {
            row.cells().any(|cell| {
                let digits = cell.chars().filter(char::is_ascii_digit).count();
                digits >= 4 && digits * 2 >= cell.chars().count()
            })
        });
        if figures {
            Self::at(table, first, 0)
        } else {
            Self::at(table, first, 1)
        }
    }
}

/// The heading of the column of reasons.
pub(super) fn reason_heading(language: Language) -> String {
    words::sentence("quarantine_list.reason", language)
}

fn says_reason(heading: &str) -> bool {
    let heading = heading.trim();
    [Language::Ja, Language::En]
        .iter()
        .any(|language| reason_heading(*language) == heading)
}

/// A heading in one row, or in two of which the upper may span several columns.
struct Heading {
    upper: String,
    lower: String,
}

impl Heading {
    fn text(&self) -> String {
        match (is_blank(&self.upper), is_blank(&self.lower)) {
            (true, _) => self.lower.clone(),
            (_, true) => self.upper.clone(),
            _ => format!("{} {}", self.upper, self.lower),
        }
    }

    fn field(&self) -> Option<Field> {
        let whole = self.text();
        if whole.chars().nth(LONGEST_HEADING).is_some() {
            return None;
        }
        spellings::field(&whole).or_else(|| spellings::field(&self.lower))
    }
}

fn one_row(table: &Table, index: usize) -> Vec<Heading> {
    table.row(index).map_or_else(Vec::new, |row| {
        row.cells()
            .map(|cell| Heading {
                upper: String::new(),
                lower: cell.to_owned(),
            })
            .collect()
    })
}

fn two_rows(table: &Table, index: usize) -> Vec<Heading> {
    let (Some(above), Some(below)) = (table.row(index), table.row(index + 1)) else {
        return Vec::new();
    };
    let mut spanning = "";
    (0..above.len().max(below.len()))
        .map(|column| {
            let lower = below.cell(column).to_owned();
            let upper = above.cell(column);
            if !is_blank(upper) {
                spanning = upper;
            } else if is_blank(&lower) {
                spanning = "";
            }
            Heading {
                upper: spanning.to_owned(),
                lower,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
