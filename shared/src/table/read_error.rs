//! Why a file cannot be read as a table.

use crate::{Language, words};

/// The largest file that is taken, in bytes. A list of 100,000 people is about 20 MB.
pub const MOST_BYTES: usize = 64 << 20;

/// The most rows that are taken from one file.
pub const MOST_ROWS: usize = 200_000;

/// The most columns that are taken; what stands further right makes its row a bad one.
pub const MOST_COLUMNS: usize = 256;

/// The most cells that are taken from one file.
pub const MOST_CELLS: usize = 8_000_000;

/// The most text, in bytes of UTF-8, that the cells of one file may hold together.
pub const MOST_TEXT: usize = 256 << 20;

/// Why nothing could be read from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("table.unreadable.{}", self.code())]
pub enum ReadError {
    /// There is nothing in it.
    Empty,
    /// It is larger, or holds more, than [`MOST_BYTES`], [`MOST_ROWS`], [`MOST_CELLS`] or
    /// [`MOST_TEXT`] allow, packed or unpacked.
    TooLarge,
    /// Its bytes are no text in UTF-8, CP932 or UTF-16.
    NotText,
    /// A PDF, a picture, or another kind of document.
    OtherDocument,
    /// A workbook of Excel 97–2003, or another old Office document.
    OldWorkbook,
    /// A workbook that opens with a password only.
    Locked,
    /// A workbook that is torn or was not written by the rules.
    DamagedWorkbook,
    /// A workbook without a visible sheet that has a row.
    NoSheet,
    /// The reader was told to stop.
    Stopped,
}

impl ReadError {
    /// A stable name for logs and tests.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::NotText => "not_text",
            Self::OtherDocument => "other_document",
            Self::OldWorkbook => "old_workbook",
            Self::Locked => "locked",
            Self::DamagedWorkbook => "damaged_workbook",
            Self::NoSheet => "no_sheet",
            Self::Stopped => "stopped",
        }
    }

    /// What is wrong and what to do about it.
    #[must_use]
    pub fn sentence(self, language: Language) -> String {
        words::sentence(&self.to_string(), language)
    }
}
