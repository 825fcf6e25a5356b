//! How the domain's values stand in columns: ids as 16 bytes, days as `YYYY-MM-DD`, instants as
//! milliseconds UTC, everything with a text form as that text.

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::Error;
use super::sql::Row;

/// Rows of one `INSERT`. SQLite looks a parameter up by its name among all others, so with more
/// rows the search outgrows what fewer statements save.
pub(super) const ROWS_AT_ONCE: usize = 8;

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
