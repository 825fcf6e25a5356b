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
            Err(words) => Err(words),
            Ok(line) => match reading.known.get(&line.office.code) {
                None => Ok(line),
                Some(office) => {
                    let present = store::offices::particulars(&mut reader, office.number).await?;
                    Ok(line.onto(&present))
                }
            },
        };
        match read {
            Ok(line) => lines.push(line),
            Err(words) => wrong.push(format!("line {}: {words}", row.number())),
        }
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
    /// What stands further up in the list, with its line.
    above: HashMap<OfficeCode, (OfficeKind, u32)>,
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

impl Reading {
    fn line(&mut self, columns: &Columns, row: Row<'_>) -> Result<Line, String> {
        if row.flaw().is_some() {
            return Err("the row is damaged: it has too many cells or a quote is open".to_owned());
        }
        let code: OfficeCode = cell(columns, row, Column::Code)?.ok_or("there is no code in it")?;
        if let Some((_, first)) = self.above.get(&code) {
            return Err(format!("{code} stands in line {first} already"));
        }
        let name: Option<OfficeName> = cell(columns, row, Column::Name)?;
        let kind = column::kind(columns.cell(row, Column::Kind))?;
        let parent: Option<OfficeCode> = cell(columns, row, Column::Parent)?;
        let given = Particulars {
            reading: cell(columns, row, Column::Reading)?,
            phone: cell(columns, row, Column::Phone)?,
            address: cell(columns, row, Column::Address)?,
        };
        let office = match self.known.get(&code) {
            Some(known) => self.same(known, kind, name, parent.as_ref())?,
            None => {
                let office = Office {
                    kind: kind.ok_or_else(|| format!("{code} is new and has no kind"))?,
                    name: name.ok_or_else(|| format!("{code} is new and has no name"))?,
                    code: code.clone(),
                };
                self.placed(&office, parent.as_ref())?;
                office
            }
        };
        self.above.insert(code, (office.kind, row.number()));
        Ok(Line {
            line: row.number(),
            office,
            effect: Effect::Added,
            parent,
            given,
        })
    }

    /// An office that is known: what the list says of it besides must be so.
    fn same(
        &self,
        known: &KnownOffice,
        kind: Option<OfficeKind>,
        name: Option<OfficeName>,
        parent: Option<&OfficeCode>,
    ) -> Result<Office, String> {
        let Office { code, .. } = &known.office;
        if let Some(kind) = kind.filter(|kind| *kind != known.office.kind) {
            return Err(format!("{code} is a {}, not a {kind}", known.office.kind));
        }
        if let Some(name) = name.filter(|name| *name != known.office.name) {
            return Err(format!(
                "{code} is called {}, not {name}: `office change` renames it",
                known.office.name
            ));
        }
        let above = known.parent.and_then(|number| self.numbers.get(&number));
        match parent {
            Some(parent) if Some(parent) != above => Err(format!(
                "{code} does not stand under {parent}: `office change` puts it there"
            )),
            _ => Ok(known.office.clone()),
        }
    }

    /// Whether a new office may stand where the list puts it.
    fn placed(&self, office: &Office, parent: Option<&OfficeCode>) -> Result<(), String> {
        let Some(code) = parent else { return Ok(()) };
        let known = self.known.get(code).map(|known| known.office.kind);
        let kind = known.or_else(|| self.above.get(code).map(|(kind, _)| *kind));
        let Some(kind) = kind else {
            return Err(format!(
                "there is no office with the code {code} that it could stand under, nor further up in the list"
            ));
        };
        if !may_stand_under(office.kind, kind) {
            let why = NotPlaced::Misplaced {
                kind: office.kind,
                parent: kind,
            };
            return Err(why.to_string());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
