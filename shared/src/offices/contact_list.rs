//! A list of contact addresses as prefectures send it (M-01): the block of a mail, or a CSV, TSV
//! or Excel file.
//!
//! The mail has a heading in angle brackets for the body and one for its health centres, and on
//! every line a name and an address; in practice any width, any bracket and any separator comes.
//! Nothing is guessed: a line names an office that is known, or it is a problem that says what is
//! expected. Every line that is not blank is accounted for.

use std::collections::BTreeMap;

use super::{Office, OfficeCode};
use crate::table::{ReadError, Row, Table};
use crate::text::MailAddress;

mod line;
mod matching;
mod problem;

pub use problem::LineProblem;

use line::{Line, Section};
use matching::{Directory, Found};

/// The longest line that is read, in characters.
pub const LONGEST_LINE: usize = 2_000;

/// The longest text that is read, in bytes.
pub const LONGEST_TEXT: usize = 4 << 20;

/// What somebody decided: on the line with this number, this office is meant.
pub type Decisions = BTreeMap<u32, OfficeCode>;

/// Where a list stands.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// In the block of a mail.
    Text(&'a str),
    /// In a file: CSV or TSV (UTF-8 with or without a byte order mark, CP932, UTF-16), a mail
    /// saved as text, or an xlsx workbook.
    File(&'a [u8]),
}

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactList {
    /// Every line that is not blank, in order.
    pub lines: Vec<ContactLine>,
}

/// One line of a list, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactLine {
    /// The line of the text or the row of the table, from 1.
    pub line: u32,
    /// What stands there, cut off after 200 characters; cells are parted by tabs.
    pub text: String,
    /// What it says.
    pub says: Says,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// An office and its address.
    Contact(Contact),
    /// More addresses of an office that has one already: the first counts (M-01).
    Dropped {
        /// Whose.
        office: OfficeCode,
        /// The addresses that are left out.
        mails: Vec<MailAddress>,
        /// The line whose address counts.
        first: u32,
    },
    /// The name of an office whose address stands on the next line.
    Name(OfficeCode),
    /// A heading, a greeting, a note: nothing about a contact.
    Prose,
    /// Something about a contact that cannot be used.
    Problem(LineProblem),
}

/// An office and its address, as a line gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Whose.
    pub office: OfficeCode,
    /// The address that counts.
    pub mail: MailAddress,
    /// The address to which the password goes, where the list marks one as that.
    pub password_mail: Option<MailAddress>,
    /// Further addresses on the same line, which are left out (M-01).
    pub dropped: Vec<MailAddress>,
    /// An earlier line that gives another office the same address. It is allowed, but seldom
    /// meant.
    pub shared_with: Option<u32>,
}

impl ContactLine {
    /// The offices of which somebody must say which is meant here, if any.
    #[must_use]
    pub fn choices(&self) -> &[OfficeCode] {
        match &self.says {
            Says::Problem(LineProblem::Ambiguous(several) | LineProblem::TwoOffices(several)) => {
                several
            }
            Says::Problem(LineProblem::UnknownOffice { perhaps, .. }) => perhaps.as_slice(),
            _ => &[],
        }
    }
}

impl ContactList {
    /// Reads a list. `offices` are those whose contacts may be registered; where a line could mean
    /// several of them, or none for certain, `decided` says which.
    ///
    /// # Errors
    /// [`ReadError::Empty`]; [`ReadError::TooLarge`] for a text above [`LONGEST_TEXT`]; for a file
    /// see [`ReadError`].
    pub fn read(
        source: Source<'_>,
        offices: &[Office],
        decided: &Decisions,
    ) -> Result<Self, ReadError> {
        let mut reading = Reading::new(offices, decided);
        match source {
            Source::Text(text) => {
                if text.len() > LONGEST_TEXT {
                    return Err(ReadError::TooLarge);
                }
                for (number, line) in (1..).zip(text.lines()) {
                    reading.line(number, line, &[line]);
                }
            }
            Source::File(bytes) => {
                let addresses = |table: &Table| {
                    let holds_one =
                        |row: &Row<'_>| row.cells().any(|cell| cell.contains(['@', '＠']));
                    table.rows().filter(holds_one).count()
                };
                let table = Table::read(bytes, &addresses)?;
                for row in table.rows() {
                    let cells: Vec<&str> = row.cells().collect();
                    reading.line(row.number(), &cells.join("\t"), &cells);
                }
            }
        }
        reading.finish()
    }

    /// Reads the block of a mail where nothing was decided yet; see [`ContactList::read`].
    ///
    /// # Errors
    /// See [`ContactList::read`].
    pub fn read_text(text: &str, offices: &[Office]) -> Result<Self, ReadError> {
        Self::read(Source::Text(text), offices, &Decisions::new())
    }

    /// Reads a file where nothing was decided yet; see [`ContactList::read`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_file(bytes: &[u8], offices: &[Office]) -> Result<Self, ReadError> {
        Self::read(Source::File(bytes), offices, &Decisions::new())
    }

    /// The contacts, one for each office.
    pub fn contacts(&self) -> impl Iterator<Item = (u32, &Contact)> {
        self.lines.iter().filter_map(|line| match &line.says {
            Says::Contact(contact) => Some((line.line, contact)),
            _ => None,
        })
    }

    /// The lines that cannot be used, and why.
    pub fn problems(&self) -> impl Iterator<Item = (u32, &LineProblem)> {
        self.lines.iter().filter_map(|line| match &line.says {
            Says::Problem(problem) => Some((line.line, problem)),
            _ => None,
        })
    }
}

/// A list being read.
struct Reading<'a> {
    directory: Directory<'a>,
    decided: &'a Decisions,
    lines: Vec<ContactLine>,
    section: Section,
    /// The columns whose heading says that passwords go there.
    password_columns: Vec<usize>,
    /// Which line gave an office its address, and which an address its first office.
    by_office: std::collections::HashMap<OfficeCode, u32>,
    by_mail: std::collections::HashMap<MailAddress, (u32, OfficeCode)>,
    /// The office whose name stood alone on the line before, or to which the line before belongs.
    named: Option<OfficeCode>,
}

impl<'a> Reading<'a> {
    fn new(offices: &'a [Office], decided: &'a Decisions) -> Self {
        Self {
            directory: Directory::new(offices),
            decided,
            lines: Vec::new(),
            section: Section::None,
            password_columns: Vec::new(),
            by_office: std::collections::HashMap::new(),
            by_mail: std::collections::HashMap::new(),
            named: None,
        }
    }

    fn line(&mut self, number: u32, text: &str, cells: &[&str]) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let says = if cells.iter().map(|cell| cell.chars().count()).sum::<usize>() > LONGEST_LINE {
            self.named = None;
            Says::Problem(LineProblem::TooLong)
        } else {
            self.says(number, &Line::read(cells, &self.password_columns))
        };
        self.lines.push(ContactLine {
            line: number,
            text: text.chars().take(200).collect(),
            says,
        });
    }

    fn says(&mut self, number: u32, line: &Line) -> Says {
        if let Some(section) = line.heading() {
            self.leave_name();
            self.section = section;
            return Says::Prose;
        }
        if line.is_damaged {
            self.leave_name();
            return Says::Problem(LineProblem::LostCharacter);
        }
        let found = match self.decided.get(&number) {
            // Only an office that may be registered can be meant.
            Some(office) if self.directory.knows(office) => Found::One(office.clone()),
            _ => self.directory.find(line, self.section),
        };
        if let Some(wrong) = &line.malformed {
            self.leave_name();
            return Says::Problem(LineProblem::MalformedAddress(wrong.clone()));
        }
        if line.mails.is_empty() && line.password_mail.is_none() {
            return self.without_address(line, found);
        }
        let office = match found {
            Found::One(office) => {
                self.leave_name();
                office
            }
            Found::None if line.names.is_empty() => match self.named.take() {
                Some(office) => office,
                None => return Says::Problem(LineProblem::NoOffice),
            },
            other => {
                self.leave_name();
                return Says::Problem(other.problem(line));
            }
        };
        self.addressed(number, line, office)
    }

    fn addressed(&mut self, number: u32, line: &Line, office: OfficeCode) -> Says {
        // Another address may follow on a line of its own.
        self.named = Some(office.clone());
        let mut mails = line.mails.clone();
        if let Some(first) = self.by_office.get(&office) {
            mails.extend(line.password_mail.clone());
            return Says::Dropped {
                office,
                mails,
                first: *first,
            };
        }
        if mails.is_empty() {
            return Says::Problem(LineProblem::OnlyPasswordAddress);
        }
        let mail = mails.remove(0);
        self.by_office.insert(office.clone(), number);
        let shared = self.by_mail.get(&mail);
        let shared_with = shared.map(|(first, _)| *first);
        if shared.is_none() {
            let entry = (number, office.clone());
            self.by_mail.insert(mail.clone(), entry);
        }
        Says::Contact(Contact {
            office,
            mail,
            password_mail: line.password_mail.clone(),
            dropped: mails,
            shared_with,
        })
    }

    fn without_address(&mut self, line: &Line, found: Found) -> Says {
        self.leave_name();
        if line.headings_of_passwords.is_some() {
            self.password_columns = line.headings_of_passwords.clone().unwrap_or_default();
        }
        match found {
            Found::One(office) => {
                self.named = Some(office.clone());
                Says::Name(office)
            }
            other if self.section.lists_offices() && line.looks_like_an_office() => {
                Says::Problem(other.problem(line))
            }
            _ => Says::Prose,
        }
    }

    /// The line before gave a name without an address, and none follows.
    fn leave_name(&mut self) {
        let Some(office) = self.named.take() else {
            return;
        };
        if let Some(last) = self.lines.last_mut()
            && last.says == Says::Name(office.clone())
        {
            last.says = if self.by_office.contains_key(&office) {
                Says::Prose
            } else {
                Says::Problem(LineProblem::NoAddress(office))
            };
        }
    }

    fn finish(mut self) -> Result<ContactList, ReadError> {
        self.leave_name();
        if self.lines.is_empty() {
            return Err(ReadError::Empty);
        }
        Ok(ContactList { lines: self.lines })
    }
}

#[cfg(test)]
mod tests;
