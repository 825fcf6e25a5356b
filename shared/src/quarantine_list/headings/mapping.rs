//! Which column holds what, set by headings or by hand.

use serde::{Deserialize, Serialize};

use super::super::field::Field;
use super::Layout;

/// How many lists' mappings are remembered.
const MOST_REMEMBERED: usize = 50;

/// What each column of a list holds. No field stands in two columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    digest: String,
    columns: Vec<Option<Field>>,
}

impl Mapping {
    /// What the headings say. Of two columns with one meaning the first counts.
    #[must_use]
    pub fn propose(layout: &Layout) -> Self {
        Self {
            digest: layout.digest(),
            columns: layout.guesses.clone(),
        }
    }

    /// What the column holds; `None` if it is not read.
    #[must_use]
    pub fn field(&self, column: usize) -> Option<Field> {
        self.columns.get(column).copied().flatten()
    }

    /// The column that holds this.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|held| *held == Some(field))
    }

    /// Says what a column holds, or that it is not to be read. Another column that held the same
    /// is no longer read. Columns that the list does not have are left alone.
    pub fn assign(&mut self, column: usize, field: Option<Field>) {
        if column >= self.columns.len() {
            return;
        }
        if let Some(other) = field.and_then(|field| self.column(field)) {
            self.columns[other] = None;
        }
        self.columns[column] = field;
    }

    /// The columns that are not read.
    pub fn unread(&self) -> impl Iterator<Item = usize> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, held)| held.is_none())
            .map(|(at, _)| at)
    }

    /// What every person must have and no column holds: the name and the day of entry.
    #[must_use]
    pub fn missing(&self) -> Vec<Field> {
        let absent = |field: Field| self.column(field).is_none();
        let mut missing = Vec::new();
        if absent(Field::Name) && absent(Field::FamilyName) {
            missing.push(Field::Name);
        }
        if absent(Field::EntryDate) {
            missing.push(Field::EntryDate);
        }
        missing
    }

    fn fits(&self, layout: &Layout) -> bool {
        let distinct = self
            .columns
            .iter()
            .enumerate()
            .all(|(at, held)| held.is_none_or(|field| self.column(field) == Some(at)));
        distinct && self.columns.len() >= layout.headings().len() && self.digest == layout.digest()
    }
}

/// Mappings set by hand, known again by the headings of their lists. Kept by the terminal; holds
/// headings and no personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    mappings: Vec<Mapping>,
}

impl Remembered {
    /// The mapping of the last list with these headings, else what the headings say.
    #[must_use]
    pub fn recall(&self, layout: &Layout) -> Mapping {
        let mut mapping = self
            .mappings
            .iter()
            .find(|mapping| mapping.fits(layout))
            .cloned()
            .unwrap_or_else(|| Mapping::propose(layout));
        mapping.columns.resize(layout.headings().len(), None);
        if let Some(reasons) = layout.reason_column() {
            mapping.columns[reasons] = None;
        }
        mapping
    }

    /// Remembers a mapping in place of an earlier one for the same headings. The fifty used last
    /// are kept.
    pub fn remember(&mut self, mapping: &Mapping) {
        self.mappings.retain(|known| known.digest != mapping.digest);
        self.mappings.insert(0, mapping.clone());
        self.mappings.truncate(MOST_REMEMBERED);
    }
}
