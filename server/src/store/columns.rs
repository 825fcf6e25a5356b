//! How the domain's values stand in columns: ids as 16 bytes, days as `YYYY-MM-DD`, instants as
//! milliseconds UTC, everything with a text form as that text.

use std::str::FromStr;
use std::sync::OnceLock;

use jiff::Timestamp;
use uuid::Uuid;

use super::Error;
use super::sql::Row;

/// Rows of one `INSERT`, at most.
pub(super) const ROWS_AT_ONCE: usize = 8;

/// An `INSERT` of one to [`ROWS_AT_ONCE`] rows. Each text is put together once.
pub(super) struct Insert {
    texts: [OnceLock<String>; ROWS_AT_ONCE],
    /// Puts together the text for so many rows.
    text: fn(usize) -> String,
}

impl Insert {
    pub(super) const fn new(text: fn(usize) -> String) -> Self {
        Self {
            texts: [const { OnceLock::new() }; ROWS_AT_ONCE],
            text,
        }
    }

    /// The statement for so many rows; at least one, and at most [`ROWS_AT_ONCE`].
    pub(super) fn of(&'static self, rows: usize) -> &'static str {
        self.texts[rows - 1].get_or_init(|| (self.text)(rows))
    }
}

/// The places of `rows` rows after `VALUES`: each begins with the parameters $1 to $`common`, which
/// all rows share, and goes on with `own` parameters of its own.
pub(super) fn rows_of(rows: usize, common: usize, own: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=common)
            .chain((1..=own).map(|column| common + row * own + column))
            .map(|place| format!("${place}"))
            .collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Reads the domain's values out of a row.
pub(super) trait Columns {
    fn number(&self, column: &str) -> Result<i64, Error>;
    fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error>;
    fn id(&self, column: &str) -> Result<Uuid, Error>;
    fn maybe_id(&self, column: &str) -> Result<Option<Uuid>, Error>;
    fn instant(&self, column: &str) -> Result<Timestamp, Error>;
    fn maybe_instant(&self, column: &str) -> Result<Option<Timestamp>, Error>;
    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, Error>;
    fn maybe_parsed<T: FromStr>(&self, column: &str) -> Result<Option<T>, Error>;
}

impl Columns for Row {
    fn number(&self, column: &str) -> Result<i64, Error> {
        Ok(self.try_get(column)?)
    }

    fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error> {
        Ok(self.try_get(column)?)
    }

    fn id(&self, column: &str) -> Result<Uuid, Error> {
        Uuid::from_slice(self.try_get(column)?).map_err(|_| corrupt(column))
    }

    fn maybe_id(&self, column: &str) -> Result<Option<Uuid>, Error> {
        self.try_get::<Option<&[u8]>, _>(column)?
            .map(|bytes| Uuid::from_slice(bytes).map_err(|_| corrupt(column)))
            .transpose()
    }

    fn instant(&self, column: &str) -> Result<Timestamp, Error> {
        Timestamp::from_millisecond(self.number(column)?).map_err(|_| corrupt(column))
    }

    fn maybe_instant(&self, column: &str) -> Result<Option<Timestamp>, Error> {
        let milliseconds = self.maybe_number(column)?;
        let instant = milliseconds.map(Timestamp::from_millisecond).transpose();
        instant.map_err(|_| corrupt(column))
    }

    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, Error> {
        self.try_get::<&str, _>(column)?
            .parse()
            .map_err(|_| corrupt(column))
    }

    fn maybe_parsed<T: FromStr>(&self, column: &str) -> Result<Option<T>, Error> {
        self.try_get::<Option<&str>, _>(column)?
            .map(|text| text.parse().map_err(|_| corrupt(column)))
            .transpose()
    }
}

/// Names the column only: its value may be personal, and errors reach the log.
fn corrupt(column: &str) -> Error {
    Error::Corrupt(format!("column {column}"))
}
