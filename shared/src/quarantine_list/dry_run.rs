//! Each row of a list tried: a person to follow up, or what is wrong with it and where.
//!
//! Every value passes the same types as one typed by hand. Names are taken exactly as they
//! stand; width, hyphens and half-width kana are folded in codes, numbers and days only.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::field::Field;
use super::list::List;
use crate::Day;
use crate::follow_up::import::ImportRow;
use crate::follow_up::returnee::ReturneeDetails;
use crate::offices::{Office, OfficeCode};
use crate::table::decode::{GETA, LOST, PRIVATE};
use crate::table::{Flaw, Form, Kind, Row, column_letters, is_blank};
use crate::text::{Refused, search_key};
use crate::{Language, words};

mod values;

use values::Values;

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

/// A dry run under way: an iterator over the rows below the headings. It knows how many are left
/// and can be dropped at any moment.
pub struct DryRun<'a> {
    list: &'a List,
    today: Day,
    offices: HashMap<String, OfficeCode>,
    from_1904: bool,
    columns: Vec<(usize, Field)>,
    next: usize,
    hasher: RandomState,
    /// The first row of each person so far, by a hash of what the row says.
    seen: HashMap<u64, usize>,
}

impl<'a> DryRun<'a> {
    pub(super) fn new(list: &'a List, today: Day, offices: &[Office]) -> Self {
        let by_code = offices
            .iter()
            .map(|office| (office.code.as_str(), &office.code));
        let by_name = offices
            .iter()
            .map(|office| (office.name.as_str(), &office.code));
        let columns = (0..list.layout().headings().len())
            .filter_map(|column| list.mapping().field(column).map(|field| (column, field)))
            .collect();
        Self {
            list,
            today,
            offices: by_code
                .chain(by_name)
                .map(|(text, code)| (search_key(text), code.clone()))
                .collect(),
            from_1904: matches!(
                list.table().form(),
                Form::Workbook {
                    from_1904: true,
                    ..
                }
            ),
            columns,
            next: list.layout().people(),
            hasher: RandomState::new(),
            seen: HashMap::with_capacity(list.people()),
        }
    }

    /// Tries the one row at this index of the table, out of its turn. Rows that say the same are
    /// only found among those tried before by this dry run.
    pub fn try_at(&mut self, index: usize) -> Option<Outcome> {
        let row = self.list.table().row(index)?;
        Some(self.try_row(row))
    }

    fn try_row(&mut self, row: Row<'a>) -> Outcome {
        if self.holds_nobody(row) {
            return Outcome::NoPerson(row.number());
        }
        let mut trial = Trial {
            row,
            problems: Vec::new(),
            values: Values::default(),
        };
        self.try_form(&mut trial);
        for &(column, field) in &self.columns {
            self.try_cell(&mut trial, column, field);
        }
        let details = self.try_whole(&mut trial);
        match details {
            Some(details) if trial.problems.is_empty() => Outcome::Good(ImportRow {
                row: row.number(),
                details,
            }),
            _ => Outcome::Bad {
                index: row.index(),
                problems: trial.problems,
            },
        }
    }

    /// True for rows that say nothing of anyone.
    fn holds_nobody(&self, row: Row<'_>) -> bool {
        if row.flaw().is_some() {
            return false;
        }
        let mut said = self
            .columns
            .iter()
            .filter(|(column, _)| !is_blank(row.cell(*column)))
            .map(|(column, _)| row.cell(*column));
        let Some(first) = said.next() else {
            return true;
        };
        if said.next().is_none() && closes_a_list(first) {
            return true;
        }
        let layout = self.list.layout();
        layout.levels() > 0
            && self
                .list
                .table()
                .row(layout.people() - 1)
                .is_some_and(|headings| {
                    headings
                        .cells()
                        .zip(row.cells())
                        .all(|(heading, cell)| heading == cell)
                        && headings.len() == row.len()
                })
    }

    /// What is wrong with the row before its cells are read.
    fn try_form(&self, trial: &mut Trial<'_>) {
        match trial.row.flaw() {
            Some(Flaw::OpenQuote) => trial.refuse(None, None, "list_open_quote"),
            Some(Flaw::TooWide) => trial.refuse(None, None, "list_more_cells"),
            None => {}
        }
        let columns = self.list.layout().headings().len();
        if let Some(beyond) =
            (columns..trial.row.len()).find(|column| !is_blank(trial.row.cell(*column)))
        {
            trial.refuse(Some(beyond), None, "list_more_cells");
        }
    }

    fn try_cell(&self, trial: &mut Trial<'_>, column: usize, field: Field) {
        let cell = trial.row.cell(column);
        let kind = trial.row.kind(column);
        if is_blank(cell) {
            return;
        }
        if let Some(reason) = self.unreadable(cell, kind) {
            return trial.refuse(Some(column), Some(field), reason);
        }
        let taken = match field {
            Field::HealthCentre => match self.offices.get(&search_key(cell)) {
                Some(code) => {
                    trial.values.health_centre = Some(code.clone());
                    Ok(())
                }
                None => Err(Refused::new("list_unknown_health_centre")),
            },
            Field::BirthDate | Field::EntryDate => {
                values::day(cell, kind, self.from_1904).map(|day| match field {
                    Field::BirthDate => trial.values.birth_date = day,
                    _ => trial.values.entry_date = day,
                })
            }
            _ => trial.values.take(field, cell, kind),
        };
        if let Err(refused) = taken {
            trial.refuse(Some(column), Some(field), refused.reason);
        }
    }

    fn unreadable(&self, cell: &str, kind: Kind) -> Option<&'static str> {
        if kind == Kind::Error {
            return Some("list_cell_error");
        }
        if !self.list.is_suspect() {
            return None;
        }
        if cell.contains([LOST, GETA]) {
            return Some("list_lost_character");
        }
        cell.contains(|c| PRIVATE.contains(&c))
            .then_some("list_private_character")
    }

    /// What is wrong with the row as a whole: what is missing, days that cannot be, a person
    /// who stands above.
    fn try_whole(&mut self, trial: &mut Trial<'_>) -> Option<ReturneeDetails> {
        for field in [Field::Name, Field::EntryDate] {
            let blamed = trial.problems.iter().any(|problem| {
                problem.field == Some(field)
                    || field == Field::Name
                        && matches!(problem.field, Some(Field::FamilyName | Field::GivenName))
            });
            if !trial.values.has(field) && !blamed {
                trial.refuse(
                    self.list.mapping().column(field),
                    Some(field),
                    "list_required",
                );
            }
        }
        let details = std::mem::take(&mut trial.values).into_details(&mut |field, refused| {
            trial.refuse(
                self.list.mapping().column(field),
                Some(field),
                refused.reason,
            );
        })?;
        if let Err((name, refused)) = details.check_dates(self.today) {
            let field = if name == Field::BirthDate.as_str() {
                Field::BirthDate
            } else {
                Field::EntryDate
            };
            trial.refuse(
                self.list.mapping().column(field),
                Some(field),
                refused.reason,
            );
        }
        if trial.problems.is_empty()
            && let Some(above) = self.same_above(trial.row)
        {
            trial.refuse(None, None, "list_doubled");
            if let Some(problem) = trial.problems.last_mut() {
                problem.other_row = Some(above);
            }
        }
        Some(details)
    }

    /// The number of a row above that says exactly the same; else keeps this one. People who are
    /// merely alike are left to the decision of whoever takes the list in.
    fn same_above(&mut self, row: Row<'_>) -> Option<u32> {
        let said = |row: Row<'a>| {
            self.columns
                .iter()
                .map(move |(column, _)| row.cell(*column).trim())
        };
        let row = self.list.table().row(row.index())?;
        let mut hasher = self.hasher.build_hasher();
        said(row).for_each(|cell| cell.hash(&mut hasher));
        let hash = hasher.finish();
        match self
            .seen
            .get(&hash)
            .and_then(|index| self.list.table().row(*index))
        {
            Some(above) if said(above).eq(said(row)) => Some(above.number()),
            Some(_) => None,
            None => {
                self.seen.insert(hash, row.index());
                None
            }
        }
    }
}

impl Iterator for DryRun<'_> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Outcome> {
        let row = self.list.table().row(self.next)?;
        self.next += 1;
        Some(self.try_row(row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.list.table().len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for DryRun<'_> {}

/// A row under trial.
struct Trial<'a> {
    row: Row<'a>,
    problems: Vec<RowProblem>,
    values: Values,
}

impl Trial<'_> {
    fn refuse(&mut self, column: Option<usize>, field: Option<Field>, reason: &'static str) {
        self.problems.push(RowProblem {
            row: self.row.number(),
            column,
            field,
            value: column
                .map(|column| self.row.cell(column).to_owned())
                .unwrap_or_default(),
            reason: Refused::new(reason),
            other_row: None,
        });
    }
}

/// Lines that stand under a list: 以上, 以下余白, 合計 200名.
fn closes_a_list(cell: &str) -> bool {
    let key = search_key(cell);
    matches!(
        key.as_str(),
        "以上" | "以下余白" | "余白" | "おわり" | "終わり" | "end" | "eof"
    ) || ["合計", "総計", "計", "total"].iter().any(|word| {
        key.strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .all(|c| c.is_ascii_digit() || matches!(c, ':' | '名' | '人' | '件'))
        })
    })
}

#[cfg(test)]
mod tests;
