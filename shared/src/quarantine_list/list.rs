//! A list as it lies before the person who takes it in: table, headings and mapping together.

use super::dry_run::DryRun;
use super::headings::{Layout, Mapping, Remembered};
use crate::Day;
use crate::offices::Office;
use crate::table::decode::{GETA, LOST, PRIVATE};
use crate::table::{ReadError, Row, Table};

/// A list that was read, with what its columns are taken to hold.
#[derive(Clone, Debug)]
pub struct List {
    table: Table,
    layout: Layout,
    mapping: Mapping,
    suspect: bool,
}

impl List {
    /// Finds the headings of a table and what its columns hold, as it was remembered or as the
    /// headings say.
    #[must_use]
    pub fn of(table: Table, remembered: &Remembered) -> Self {
        let layout = Layout::find(&table);
        let mapping = remembered.recall(&layout);
        let suspect = table.holds(|c| c == LOST || c == GETA || PRIVATE.contains(&c));
        Self {
            table,
            layout,
            mapping,
            suspect,
        }
    }

    /// Reads a file; see [`Self::read_table`].
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read(bytes: &[u8], remembered: &Remembered) -> Result<Self, ReadError> {
        Self::read_table(bytes, &|| false).map(|table| Self::of(table, remembered))
    }

    /// Reads the table of a file, of a workbook the sheet whose headings name most of what a list
    /// holds, unless `stop` says so.
    ///
    /// # Errors
    /// As [`Table::read_unless`].
    pub fn read_table(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Table, ReadError> {
        Table::read_unless(bytes, &|table| Layout::find(table).known(), stop)
    }

    /// The rows.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Where the headings stand.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the columns hold.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// What the columns hold, to be corrected.
    pub fn mapping_mut(&mut self) -> &mut Mapping {
        &mut self.mapping
    }

    /// Takes other rows as headings; see [`Layout::at`]. The mapping is found anew.
    pub fn headings_at(&mut self, first: usize, levels: usize, remembered: &Remembered) {
        self.layout = Layout::at(&self.table, first, levels);
        self.mapping = remembered.recall(&self.layout);
    }

    /// How many rows there are below the headings.
    #[must_use]
    pub fn people(&self) -> usize {
        self.table.len().saturating_sub(self.layout.people())
    }

    /// The rows below the headings.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.table.rows().skip(self.layout.people())
    }

    /// Tries every row without changing anything. `today` bounds the days, `offices` are those
    /// whose names or codes may stand as the responsible health centre.
    #[must_use]
    pub fn dry_run(&self, today: Day, offices: &[Office]) -> DryRun<'_> {
        DryRun::new(self, today, offices)
    }

    /// Whether any cell may hold a lost or private character.
    pub(super) fn is_suspect(&self) -> bool {
        self.suspect
    }
}
