//! One row tried by itself, whichever the others are: several are tried at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Range;

use super::super::field::Field;
use super::super::list::List;
use super::values::{self, Values};
use super::{Outcome, RowProblem};
use crate::Day;
use crate::follow_up::import::ImportRow;
use crate::follow_up::returnee::ReturneeDetails;
use crate::offices::{Office, OfficeCode};
use crate::table::decode::{GETA, LOST, PRIVATE};
use crate::table::{Flaw, Form, Kind, Row, is_blank};
use crate::text::{Refused, search_key};

/// A row of which everything is known but whether it stands above already.
pub(super) struct Tried<'a> {
    pub(super) row: Row<'a>,
    pub(super) outcome: Outcome,
    /// Of what a good row says.
    pub(super) hash: u64,
}

/// What it takes to try one row, whichever the others are.
pub(super) struct Trying<'a> {
    pub(super) list: &'a List,
    today: Day,
    offices: HashMap<String, OfficeCode>,
    from_1904: bool,
    columns: Vec<(usize, Field)>,
    hasher: RandomState,
}

impl<'a> Trying<'a> {
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
            hasher: RandomState::new(),
        }
    }

    pub(super) fn try_rows(&self, indices: Range<usize>) -> Vec<Tried<'a>> {
        indices
            .filter_map(|index| self.list.table().row(index))
            .map(|row| self.try_row(row))
            .collect()
    }

    pub(super) fn try_row(&self, row: Row<'a>) -> Tried<'a> {
        let outcome = self.outcome(row);
        let hash = match outcome {
            Outcome::Good(_) => {
                let mut hasher = self.hasher.build_hasher();
                self.said(row).for_each(|cell| cell.hash(&mut hasher));
                hasher.finish()
            }
            _ => 0,
        };
        Tried { row, outcome, hash }
    }

    /// What the row says of anyone.
    pub(super) fn said(&self, row: Row<'a>) -> impl Iterator<Item = &'a str> {
        let columns = self.columns.iter();
        columns.map(move |(column, _)| row.cell(*column).trim())
    }

    fn outcome(&self, row: Row<'a>) -> Outcome {
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

    /// What is wrong with the row as a whole: what is missing, days that cannot be.
    fn try_whole(&self, trial: &mut Trial<'_>) -> Option<ReturneeDetails> {
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
        Some(details)
    }
}

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
