//! The quarantine station's list: from the bytes of a file to people to follow up (M-10), and
//! the rows that are wrong back to a file.
//!
//! [`List::read`] takes a file and finds what its columns hold; that can be corrected by hand
//! and is [`Remembered`]. [`List::dry_run`] then tries every row without any effect, and
//! [`rejected::write`] writes the bad ones in the form in which they came.

pub mod dry_run;
pub mod field;
pub mod headings;
pub mod rejected;
pub mod sample;

mod list;

pub use dry_run::{DryRun, Outcome, RowProblem};
pub use field::Field;
pub use headings::{Layout, Mapping, Remembered};
pub use list::List;
