//! A list of offices as operators load it: CSV, TSV or xlsx, in UTF-8 or CP932, with headings.
//!
//! What is new is added, what is known gets the reading, telephone number and address that the
//! list gives; a blank leaves what is known. The list is taken in whole or not at all, and taking
//! it in again changes nothing.

use std::collections::HashMap;

use shared::Language;
use shared::offices::{Office, OfficeCode, OfficeKind, OfficeName, Particulars};
use shared::table::{ReadError, Row, Table};
use shared::text::{Phone, Refused, identity_key};

use super::NotPlaced;
use super::place::may_stand_under;
use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::offices::{KnownOffice, NewOffice};

mod column;

use column::{Column, Columns};

/// What a line of the list does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The office is added.
    Added,
    /// Something of what is known changes.
    Changed,
    /// All of it is known.
    Unchanged,
}

impl Effect {
    /// Its word, as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One line, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub line: u32,
    /// The office.
    pub office: Office,
    /// What is done.
    pub effect: Effect,
    parent: Option<OfficeCode>,
    /// What the line says, without what is known besides.
    given: Particulars,
}

/// A list that could be taken in as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Every line that names an office.
    pub lines: Vec<Line>,
    /// The headings that say nothing known, so that nobody thinks they were taken in.
    pub unread: Vec<String>,
}

/// Why a list cannot be taken in. For the command line; the sentences are for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotTakenIn {
    /// The file is not a list.
    #[error("{}", .0.sentence(Language::En))]
    Unreadable(ReadError),
    /// No line has the headings.
    #[error("no line has headings: code (コード), kind (種別), name (機関名) are looked for")]
    NoHeadings,
    /// Lines that are wrong, each with its number.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Reads a file and says what taking it in would do. Nothing is changed.
///
/// # Errors
/// See [`NotTakenIn`].
pub async fn plan(server: &App, file: &[u8]) -> Result<Plan, NotTakenIn> {
    let named = |table: &Table| {
        table
            .rows()
            .take(20)
            .filter(|row| Columns::of(*row).is_some())
            .count()
    };
    let table = Table::read(file, &named).map_err(NotTakenIn::Unreadable)?;
    let mut rows = table.rows();
    let columns = rows.find_map(Columns::of).ok_or(NotTakenIn::NoHeadings)?;
    let mut reader = server.store.reader().await?;
    let known = store::offices::all(&mut reader).await?;
    let mut reading = Reading {
        numbers: known
            .iter()
            .map(|it| (it.number, it.office.code.clone()))
            .collect(),
        known: known
            .into_iter()
            .map(|it| (it.office.code.clone(), it))
            .collect(),
        above: HashMap::new(),
    };
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    for row in rows {
        let read = match reading.line(&columns, row) {
            Err(mistakes) => {
                let number = row.number();
                let mistakes = mistakes.into_iter();
                wrong.extend(mistakes.map(|words| format!("line {number}: {words}")));
                continue;
            }
            Ok(line) => match reading.known.get(&line.office.code) {
                None => line,
                Some(office) => {
                    let present = store::offices::particulars(&mut reader, office.number).await?;
                    line.onto(&present)
                }
            },
        };
        lines.push(read);
    }
    if !wrong.is_empty() {
        return Err(NotTakenIn::Wrong(wrong));
    }
    Ok(Plan {
        lines,
        unread: columns.unread,
    })
}

/// Takes a planned list in, whole or not at all. What has become known of an office since the list was
/// read stays, unless a line says otherwise.
///
/// # Errors
/// The store fails.
pub async fn take_in(server: &App, act: Act, plan: Plan) -> Result<(), store::Error> {
    let write = server.store.write(act, plan, |tx, plan| {
        Box::pin(async move {
            let lines = plan.lines.iter();
            let lines: Vec<&Line> = lines.filter(|it| it.effect != Effect::Unchanged).collect();
            let mut codes: Vec<&OfficeCode> = lines.iter().map(|it| &it.office.code).collect();
            codes.sort_unstable();
            store::offices::hold_all(tx, &codes).await?;
            for line in lines {
                let parent = match &line.parent {
                    None => None,
                    Some(code) => store::offices::by_code(tx.sql(), code).await?,
                };
                let known = store::offices::by_code(tx.sql(), &line.office.code).await?;
                let (number, particulars) = match known {
                    Some(known) => {
                        let present = store::offices::particulars(tx.sql(), known.number).await?;
                        (known.number, line.particulars(&present))
                    }
                    None => {
                        let new = NewOffice {
                            office: line.office.clone(),
                            parent: parent.map(|it| it.number),
                            mail: None,
                        };
                        (store::offices::add(tx, &new).await?, line.given.clone())
                    }
                };
                store::offices::set_particulars(tx, number, &particulars).await?;
                let code = &line.office.code;
                let detail = serde_json::json!({
                    "office": code, "effect": line.effect.as_str(),
                });
                tx.to(code).note(&detail);
            }
            Ok(())
        })
    });
    write.await
}

/// The number from now on. One that is there stays as it is where the given one differs in its
/// hyphens alone, unless it has none.
fn phone_of(given: Option<Phone>, present: Option<&Phone>) -> Option<Phone> {
    let digits = |phone: &Phone| identity_key(phone.as_str());
    match (given, present) {
        (Some(given), Some(present))
            if digits(&given) == digits(present) && present.as_str().contains('-') =>
        {
            Some(present.clone())
        }
        (Some(given), _) => Some(given),
        (None, present) => present.cloned(),
    }
}

impl Line {
    /// The same for an office of which this is known.
    fn onto(mut self, present: &Particulars) -> Self {
        self.effect = match self.particulars(present) == *present {
            true => Effect::Unchanged,
            false => Effect::Changed,
        };
        self
    }

    /// What is known of the office from now on: a blank leaves what is known.
    fn particulars(&self, present: &Particulars) -> Particulars {
        Particulars {
            phone: phone_of(self.given.phone.clone(), present.phone.as_ref()),
            ..self.given.clone().upon(present.clone())
        }
    }
}

/// A list being read.
struct Reading {
    known: HashMap<OfficeCode, KnownOffice>,
    numbers: HashMap<i64, OfficeCode>,
    /// What stands further up in the list, with its line, right or wrong; without a kind where that
    /// is what is wrong.
    above: HashMap<OfficeCode, (Option<OfficeKind>, u32)>,
}

/// A cell as the type it stands for; `None` where it is blank.
fn cell<T: std::str::FromStr<Err = Refused>>(
    columns: &Columns,
    row: Row<'_>,
    column: Column,
) -> Result<Option<T>, String> {
    let text = columns.cell(row, column);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(value) => Ok(Some(value)),
        Err(refused) => {
            let sentence = Refused::sentence(refused, Language::En);
            Err(format!("{} “{text}”: {sentence}", column.heading()))
        }
    }
}

/// What was read, or nothing and one mistake more.
fn noted<T>(mistakes: &mut Vec<String>, read: Result<Option<T>, String>) -> Option<T> {
    read.unwrap_or_else(|words| {
        mistakes.push(words);
        None
    })
}

impl Reading {
    /// One line, or all that is wrong with it.
    fn line(&mut self, columns: &Columns, row: Row<'_>) -> Result<Line, Vec<String>> {
        if row.flaw().is_some() {
            let damaged = "the row is damaged: it has too many cells or a quote is open";
            // What stands under it further down is not wrong for that.
            if let Ok(Some(code)) = cell(columns, row, Column::Code) {
                self.above.entry(code).or_insert((None, row.number()));
            }
            return Err(vec![damaged.to_owned()]);
        }
        let mut mistakes = Vec::new();
        let code: Option<OfficeCode> = noted(&mut mistakes, cell(columns, row, Column::Code));
        let kind = noted(&mut mistakes, column::kind(columns.cell(row, Column::Kind)));
        let name: Option<OfficeName> = noted(&mut mistakes, cell(columns, row, Column::Name));
        let parent: Option<OfficeCode> = noted(&mut mistakes, cell(columns, row, Column::Parent));
        let given = Particulars {
            reading: noted(&mut mistakes, cell(columns, row, Column::Reading)),
            phone: noted(&mut mistakes, cell(columns, row, Column::Phone)),
            address: noted(&mut mistakes, cell(columns, row, Column::Address)),
        };
        let is_blank = |column| columns.cell(row, column).is_empty();
        let Some(code) = code else {
            if is_blank(Column::Code) {
                mistakes.push("there is no code in it".to_owned());
            }
            return Err(mistakes);
        };
        if let Some((_, first)) = self.above.get(&code) {
            mistakes.push(format!("{code} stands in line {first} already"));
            return Err(mistakes);
        }
        let known = self.known.get(&code);
        let office = match known {
            Some(known) => {
                mistakes.extend(self.contradictions(known, kind, name, parent.as_ref()));
                Some(known.office.clone())
            }
            None => {
                for (column, what) in [(Column::Kind, "kind"), (Column::Name, "name")] {
                    if is_blank(column) {
                        mistakes.push(format!("{code} is new and has no {what}"));
                    }
                }
                mistakes.extend(self.misplaced(kind, parent.as_ref()));
                kind.zip(name).map(|(kind, name)| Office {
                    kind,
                    name,
                    code: code.clone(),
                })
            }
        };
        let kind = known.map(|known| known.office.kind).or(kind);
        self.above.insert(code, (kind, row.number()));
        match office {
            Some(office) if mistakes.is_empty() => Ok(Line {
                line: row.number(),
                office,
                effect: Effect::Added,
                parent,
                given,
            }),
            _ => Err(mistakes),
        }
    }

    /// What the list says otherwise of an office that is known.
    fn contradictions(
        &self,
        known: &KnownOffice,
        kind: Option<OfficeKind>,
        name: Option<OfficeName>,
        parent: Option<&OfficeCode>,
    ) -> Vec<String> {
        let Office { code, .. } = &known.office;
        let mut found = Vec::new();
        if let Some(kind) = kind.filter(|kind| *kind != known.office.kind) {
            found.push(format!("{code} is a {}, not a {kind}", known.office.kind));
        }
        if let Some(name) = name.filter(|name| *name != known.office.name) {
            found.push(format!(
                "{code} is called {}, not {name}: `office change --code {code} --name … --reason …` \
                 renames it",
                known.office.name
            ));
        }
        let above = known.parent.and_then(|number| self.numbers.get(&number));
        if let Some(parent) = parent.filter(|parent| Some(*parent) != above) {
            found.push(format!(
                "{code} does not stand under {parent}: `office change --code {code} --parent \
                 {parent} --reason …` puts it there"
            ));
        }
        found
    }

    /// Why a new office of this `kind` may not stand where the list puts it. What cannot be said while
    /// another mistake stands is not one.
    fn misplaced(&self, kind: Option<OfficeKind>, parent: Option<&OfficeCode>) -> Option<String> {
        let code = parent?;
        let known = self.known.get(code).map(|known| Some(known.office.kind));
        let above = self.above.get(code).map(|(kind, _)| *kind);
        let Some(parent) = known.or(above) else {
            return Some(format!(
                "there is no office with the code {code} that it could stand under, nor further up in the list"
            ));
        };
        let (kind, parent) = kind.zip(parent)?;
        let misplaced = NotPlaced::Misplaced { kind, parent };
        (!may_stand_under(kind, parent)).then(|| misplaced.to_string())
    }
}

#[cfg(test)]
mod tests;
