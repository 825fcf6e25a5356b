//! The quarantine station's list: from the bytes of a file to rows and what they hold (M-10).

pub mod decode;
pub mod field;
pub mod headings;
pub mod table;

mod read_error;

pub use field::Field;
pub use headings::{Layout, Mapping, Remembered};
pub use read_error::{MOST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_TEXT, ReadError};
pub use table::Table;
