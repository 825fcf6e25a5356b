//! A row that was read: its columns by name or place.

use std::sync::Arc;

use super::Error;

/// What stands in one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    /// Something that the store never writes.
    Other,
}

/// The names of the columns, one behind the other, shared by all rows of an answer.
#[derive(Debug)]
pub(super) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    pub(super) fn of<'n>(each: impl ExactSizeIterator<Item = &'n str>) -> Arc<Self> {
        let mut ends = Vec::with_capacity(each.len());
        let mut text = String::with_capacity(16 * each.len());
        for name in each {
            text.push_str(name);
            ends.push(text.len());
        }
        Arc::new(Self { text, ends })
    }

    fn place(&self, wanted: &str) -> Option<usize> {
        let mut start = 0;
        self.ends.iter().position(|&end| {
            let name = &self.text.as_bytes()[start..end];
            start = end;
            name == wanted.as_bytes()
        })
    }
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) names: Arc<Names>,
    pub(super) cells: Vec<Cell>,
}

impl Row {
    /// The value of the column with this name, or at this place counted from 0.
    pub(crate) fn try_get<'r, T: FromCell<'r>, I: ColumnIndex>(
        &'r self,
        column: I,
    ) -> Result<T, Error> {
        let cell = column.place(self).and_then(|place| self.cells.get(place));
        cell.and_then(T::from_cell)
            .ok_or_else(|| Error::Column(column.to_string()))
    }

    /// The same, for tests that know the column.
    #[cfg(test)]
    pub(crate) fn get<'r, T: FromCell<'r>, I: ColumnIndex>(&'r self, column: I) -> T {
        self.try_get(column).unwrap()
    }
}

/// How a column is named.
pub(crate) trait ColumnIndex: ToString {
    fn place(&self, row: &Row) -> Option<usize>;
}

impl ColumnIndex for usize {
    fn place(&self, _: &Row) -> Option<usize> {
        Some(*self)
    }
}

impl ColumnIndex for &str {
    fn place(&self, row: &Row) -> Option<usize> {
        row.names.place(self)
    }
}

/// What a column can be read as. Another type than was written is never converted: whoever changed
/// it did not do so by way of the store.
pub(crate) trait FromCell<'r>: Sized {
    #[expect(private_interfaces, reason = "only this module reads cells")]
    fn from_cell(cell: &'r Cell) -> Option<Self>;
}

macro_rules! from_cell {
    ($($type:ty: $pattern:pat => $value:expr;)+) => {
        $(impl<'r> FromCell<'r> for $type {
            #[expect(private_interfaces, reason = "only this module reads cells")]
            fn from_cell(cell: &'r Cell) -> Option<Self> {
                match cell {
                    $pattern => Some($value),
                    _ => None,
                }
            }
        })+
    };
}

from_cell! {
    i64: Cell::Number(number) => *number;
    &'r str: Cell::Text(text) => text;
    String: Cell::Text(text) => text.to_string();
    &'r [u8]: Cell::Bytes(bytes) => bytes;
    Vec<u8>: Cell::Bytes(bytes) => bytes.to_vec();
}

impl<'r, T: FromCell<'r>> FromCell<'r> for Option<T> {
    #[expect(private_interfaces, reason = "only this module reads cells")]
    fn from_cell(cell: &'r Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}
