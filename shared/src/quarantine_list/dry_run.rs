//! Each row of a list tried: a person to follow up, or what is wrong with it and where.
//!
//! Every value passes the same types as one typed by hand. Names are taken exactly as they
//! stand; width, hyphens and half-width kana are folded in codes, numbers and days only.

use std::collections::{HashMap, VecDeque};
use std::thread::ScopedJoinHandle;

use super::field::Field;
use super::list::List;
use crate::Day;
use crate::follow_up::import::ImportRow;
use crate::offices::Office;
use crate::table::column_letters;
use crate::text::Refused;
use crate::{Language, words};

mod trying;
mod values;

use trying::{Tried, Trying};

/// What is wrong with a row, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The row's number in the file, from 1.
    pub row: u32,
    /// The column from 0, if one cell is wrong.
    pub column: Option<usize>,
    /// What the column holds, or what is missing.
    pub field: Option<Field>,
    /// What stands in the cell.
    pub value: String,
    /// What is wrong; its sentence says what is expected, with an example.
    pub reason: Refused,
    /// The other row that it is about, if any.
    pub other_row: Option<u32>,
}

impl RowProblem {
    /// The letters over the column in a spreadsheet.
    #[must_use]
    pub fn letters(&self) -> Option<String> {
        self.column.map(column_letters)
    }

    /// What is wrong and what is expected, e.g. `旅券番号: …`.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let other = self
            .other_row
            .map(|row| row.to_string())
            .unwrap_or_default();
        let what = words::sentence_with(
            &self.reason.to_string(),
            language,
            [("row", other.as_str())],
        );
        match self.field {
            Some(field) => format!("{}: {what}", field.label(language)),
            None => what,
        }
    }
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all rows are good; a box for each would cost more"
)]
pub enum Outcome {
    /// A person, as the contract takes them.
    Good(ImportRow),
    /// A row that cannot be taken in: its index in the table, and every problem that it has.
    Bad {
        /// The index of the row in the table.
        index: usize,
        /// At least one.
        problems: Vec<RowProblem>,
    },
    /// A row without a person: numbered but blank, the headings repeated, a closing line (以上).
    /// Its number in the file.
    NoPerson(u32),
}

/// How many rows are tried at once, by all processors together. Small enough that a dry run that
/// is given up does little in vain.
const ROWS_AT_ONCE: usize = 4_096;

/// So many rows are tried sooner than a thread is started.
const NOT_WORTH_A_THREAD: usize = 256;

/// A dry run under way: an iterator over the rows below the headings. It knows how many are left
/// and can be dropped at any moment.
pub struct DryRun<'a> {
    trying: Trying<'a>,
    /// The next row to be tried.
    next: usize,
    /// Rows that were tried and not yet given, in their order.
    tried: VecDeque<Tried<'a>>,
    /// The first row of each person so far, by a hash of what the row says.
    seen: HashMap<u64, usize>,
}

impl<'a> DryRun<'a> {
    pub(super) fn new(list: &'a List, today: Day, offices: &[Office]) -> Self {
        Self {
            trying: Trying::new(list, today, offices),
            next: list.layout().people(),
            tried: VecDeque::new(),
            seen: HashMap::new(),
        }
    }

    /// Tries the one row at this index of the table, out of its turn. Rows that say the same are
    /// only found among those tried before by this dry run.
    pub fn try_at(&mut self, index: usize) -> Option<Outcome> {
        let row = self.trying.list.table().row(index)?;
        let tried = self.trying.try_row(row);
        Some(self.compared(tried))
    }

    /// Tries the next rows, a part on each processor.
    fn try_some(&mut self) {
        let rows = self.next..self.trying.list.table().len().min(self.next + ROWS_AT_ONCE);
        self.next = rows.end;
        let workers = std::thread::available_parallelism().map_or(1, |it| it.get());
        let part = rows.len().div_ceil(workers).max(NOT_WORTH_A_THREAD);
        let parts = rows.clone().step_by(part);
        let mut parts = parts.map(|from| from..rows.end.min(from + part));
        let Some(own) = parts.next() else { return };
        let trying = &self.trying;
        let tried = &mut self.tried;
        std::thread::scope(|scope| {
            let others: Vec<_> = parts
                .map(|part| {
                    let thread = std::thread::Builder::new();
                    let range = part.clone();
                    let started = thread.spawn_scoped(scope, move || trying.try_rows(range));
                    started.map_err(|_| part)
                })
                .collect();
            tried.extend(trying.try_rows(own));
            for other in others {
                match other.map(ScopedJoinHandle::join) {
                    Ok(Ok(rows)) => tried.extend(rows),
                    Ok(Err(panic)) => std::panic::resume_unwind(panic),
                    // No more threads are to be had.
                    Err(part) => tried.extend(trying.try_rows(part)),
                }
            }
        });
    }

    /// The outcome, now that it is known who stands above. People who are merely alike are left to
    /// the decision of whoever takes the list in.
    fn compared(&mut self, tried: Tried<'a>) -> Outcome {
        let Tried { row, outcome, hash } = tried;
        if !matches!(outcome, Outcome::Good(_)) {
            return outcome;
        }
        let above = self.seen.get(&hash).copied();
        let above = above.and_then(|index| self.trying.list.table().row(index));
        match above {
            Some(above) if self.trying.said(above).eq(self.trying.said(row)) => Outcome::Bad {
                index: row.index(),
                problems: vec![RowProblem {
                    row: row.number(),
                    column: None,
                    field: None,
                    value: String::new(),
                    reason: Refused::new("list_doubled"),
                    other_row: Some(above.number()),
                }],
            },
            Some(_) => outcome,
            None => {
                self.seen.insert(hash, row.index());
                outcome
            }
        }
    }
}

impl Iterator for DryRun<'_> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Outcome> {
        if self.tried.is_empty() {
            self.try_some();
        }
        let tried = self.tried.pop_front()?;
        Some(self.compared(tried))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rows = self.trying.list.table().len();
        let left = rows.saturating_sub(self.next) + self.tried.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for DryRun<'_> {}

#[cfg(test)]
mod tests;
