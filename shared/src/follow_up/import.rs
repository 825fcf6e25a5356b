//! Taking in a quarantine station's list (検疫所からの名簿, M-10).
//!
//! Rows are staged in chunks and then taken in all at once or not at all: opened, staged, checked
//! against what is there, committed. Until the commit nothing is visible to anyone.

use serde::{Deserialize, Serialize};

use super::returnee::{PersonName, ReturneeDetails};
use crate::Day;
use crate::contract::{Done, Personal, endpoints};
use crate::id::{ImportId, ReturneeId};
use crate::offices::OfficeCode;
use crate::text::{Line, Refused, through_text};

/// The most rows of one chunk.
pub const CHUNK_ROWS: usize = 500;

/// The most rows of one import.
pub const MOST_IMPORT_ROWS: u32 = 200_000;

/// The largest body that carries rows or what was decided about them, in octets: a chunk of rows
/// with every field filled in, or a decision for each row of an import.
const LIST_BODY: usize = 4 * 1024 * 1024;

/// Which chunk of an import, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkNumber(pub u32);

impl ChunkNumber {
    /// Takes a plain number.
    ///
    /// # Errors
    /// Refuses anything but digits.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        text.parse().map(Self).map_err(|_| Refused::new("number"))
    }
}

impl std::fmt::Display for ChunkNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

through_text!(ChunkNumber, 10);

/// Opens an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewImport {
    /// Made by the client.
    pub id: ImportId,
    /// The file's name, without its folder.
    pub file_name: Line,
    /// How many good rows will be staged.
    pub rows: u32,
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportRow {
    /// The row's number in the file, from 1, as a spreadsheet shows it.
    pub row: u32,
    /// Who.
    pub details: ReturneeDetails,
}

/// Stages up to [`CHUNK_ROWS`] rows; the same chunk again replaces itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StagedChunk {
    /// Of which import.
    pub id: ImportId,
    /// Which chunk.
    pub number: ChunkNumber,
    /// Its rows.
    pub rows: Vec<ImportRow>,
}

/// How far the staging is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Staged {
    /// Rows staged so far.
    pub staged: u32,
    /// Rows announced.
    pub rows: u32,
}

/// Names an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportQuery {
    /// Which.
    pub id: ImportId,
}

/// What taking the rows in would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportFindings {
    /// How many rows are new for certain.
    pub new: u32,
    /// Rows that say of someone exactly what is there already; they are left out.
    pub repeats: Vec<u32>,
    /// Those of `repeats` who are followed by an office whose people the caller does not see: it
    /// took them in by mistake, perhaps, and has to hand them over. Until then they stand in no
    /// list of the caller's.
    #[serde(default)]
    pub elsewhere: Vec<u32>,
    /// Rows that look like someone who is there or stands above in the file; each needs a
    /// decision, and is left out without one.
    pub alike: Vec<Alike>,
    /// Rows whose responsible health centre is unknown or not the caller's to fill.
    pub foreign: Vec<ForeignRow>,
}

/// A row that looks like someone else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alike {
    /// The row's number in the file.
    pub row: u32,
    /// Why it looks so.
    pub because: Likeness,
    /// Whom it looks like.
    pub other: AlikePerson,
}

/// Why two look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// The same reading and birth date.
    ReadingAndBirthDate,
    /// The same passport number.
    PassportNumber,
}

/// Someone whom a row looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AlikePerson {
    /// Who, if they are there already; absent for a row above in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ReturneeId>,
    /// The row above in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// 氏名
    pub name: PersonName,
    /// 生年月日
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Day>,
    /// 入国日
    pub entry_date: Day,
}

/// A row for a health centre that is not the caller's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ForeignRow {
    /// The row's number in the file.
    pub row: u32,
    /// The health centre it names.
    pub health_centre: OfficeCode,
}

/// Takes the rows in, all in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportToCommit {
    /// Which import.
    pub id: ImportId,
    /// The alike rows that are other people after all and shall be added.
    pub add: Vec<u32>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportResult {
    /// People added.
    pub added: u32,
    /// Rows left out because they are there already.
    pub repeats: u32,
    /// Rows left out because they are alike or foreign and nobody decided otherwise.
    pub left_out: u32,
}

endpoints! {
    /// Opens an import.
    OpenImport = Post "/v1/imports" NewImport => Staged,
        session [Staff, Administrator], Personal::Writes;

    /// Stages rows of an import.
    StageChunk = Put "/v1/imports/{id}/chunks/{number}" StagedChunk => Staged,
        session [Staff, Administrator], Personal::Writes, body LIST_BODY;

    /// Says what taking the staged rows in would do.
    CheckImport = Get "/v1/imports/{id}/findings" ImportQuery => ImportFindings,
        session [Staff, Administrator], Personal::Reads;

    /// Takes the staged rows in, all or none.
    CommitImport = Post "/v1/imports/{id}/commit" ImportToCommit => ImportResult,
        session [Staff, Administrator], Personal::Writes, body LIST_BODY;

    /// Drops an import and everything staged for it.
    CancelImport = Delete "/v1/imports/{id}" ImportQuery => Done,
        session [Staff, Administrator], Personal::Writes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Endpoint as _, ORDINARY_BODY};

    #[test]
    fn a_decision_for_every_row_of_the_largest_import_fits_into_one_request() {
        let import = uuid::Uuid::nil();
        let request = ImportToCommit {
            id: ImportId(import),
            add: (2..2 + MOST_IMPORT_ROWS).collect(),
        };
        let octets = serde_json::to_vec(&request).unwrap().len();
        assert!(octets > ORDINARY_BODY && octets <= CommitImport::MOST_BODY);
        assert_eq!(OpenImport::MOST_BODY, ORDINARY_BODY);
    }
}
