//! The form in which rows wait to be taken in: one run of bytes a chunk, each row the columns it
//! will have, so that a hundred thousand are compared and entered without being parsed again.

use shared::follow_up::returnee::ReturneeDetails;
use shared::id::ReturneeId;
use shared::offices::OfficeCode;

use super::super::entering::Entry;
use super::super::known::{Keys, KnownBy};
use super::super::returnee::{self, TEXTS};
use crate::store::Error;

/// A row to stage.
#[derive(Debug, Clone)]
pub struct RowToStage {
    /// The identity that the person gets if the row is taken in.
    pub id: ReturneeId,
    /// The row's number in the file.
    pub row: u32,
    /// The number of the responsible health centre; or, where the office may not fill it, the one
    /// that the row names.
    pub health_centre: Result<i64, OfficeCode>,
    /// All details.
    pub details: ReturneeDetails,
}

/// How many bytes a row usually takes.
const USUAL_ROW: usize = 640;

/// A chunk as it is kept.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Which.
    pub number: u32,
    /// How many rows.
    pub rows: usize,
    pub(super) content: Vec<u8>,
}

impl Chunk {
    /// A chunk of these rows.
    #[must_use]
    pub fn new(number: u32, rows: &[RowToStage]) -> Self {
        let mut content = Vec::with_capacity(rows.len() * USUAL_ROW);
        for row in rows {
            write(row, &mut content);
        }
        Self {
            number,
            rows: rows.len(),
            content,
        }
    }
}

/// A staged row, borrowed from its chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedRow<'a> {
    /// The row's number in the file.
    pub row: u32,
    /// The number of the responsible health centre, where the office may fill it.
    pub health_centre: Option<i64>,
    /// The health centre that the row names, where it may not.
    pub foreign: Option<&'a str>,
    /// See [`super::super::origin`].
    pub origin: &'a str,
    id: &'a [u8],
    first_day: &'a str,
    last_day: &'a str,
    texts: [Option<&'a str>; TEXTS],
    consent: Option<i64>,
}

impl<'a> StagedRow<'a> {
    /// The name as written.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.texts[returnee::NAME].unwrap_or_default()
    }

    /// The birth date.
    #[must_use]
    pub fn birth_date(&self) -> Option<&'a str> {
        self.texts[returnee::BIRTH_DATE]
    }

    /// The passport number.
    #[must_use]
    pub fn passport_number(&self) -> Option<&'a str> {
        self.texts[returnee::PASSPORT_NUMBER]
    }

    /// The day of entry.
    #[must_use]
    pub fn entry_date(&self) -> &'a str {
        self.texts[returnee::ENTRY_DATE].unwrap_or_default()
    }

    /// See [`super::super::likeness`].
    #[must_use]
    pub fn likeness(&self) -> Option<&'a str> {
        self.texts[returnee::LIKENESS]
    }

    /// Adds by what the person will be known again, as the one with this number.
    pub fn add_keys(&self, number: i64, to: &mut Keys) {
        let known_by = [
            (KnownBy::Origin, Some(self.origin)),
            (KnownBy::Passport, self.passport_number()),
            (KnownBy::Likeness, self.likeness()),
        ];
        to.add(number, known_by);
    }

    /// What becomes of it; nothing for a foreign one.
    pub(super) fn entry(&self) -> Option<Entry<'a>> {
        Some(Entry {
            number: None,
            id: self.id.into(),
            health_centre: self.health_centre?,
            origin: Some(self.origin.into()),
            first_day: self.first_day.into(),
            last_day: self.last_day.into(),
            texts: self.texts.map(|text| text.map(Into::into)),
            consent: self.consent,
        })
    }
}

fn write(row: &RowToStage, to: &mut Vec<u8>) {
    let entry = Entry::new(
        &row.id,
        // What is foreign is marked by the code that follows.
        row.health_centre.clone().unwrap_or_default(),
        Some(super::super::origin(&row.details).into()),
        &row.details,
    );
    to.extend(row.row.to_be_bytes());
    to.extend(entry.health_centre.to_be_bytes());
    let foreign = row.health_centre.as_ref().err();
    write_field(foreign.map(|code| code.as_str().as_bytes()), to);
    write_field(Some(&entry.id), to);
    for text in [&entry.first_day, &entry.last_day] {
        write_field(Some(text.as_bytes()), to);
    }
    let texts = [&entry.origin].into_iter().chain(&entry.texts);
    for text in texts {
        write_field(text.as_ref().map(|text| text.as_bytes()), to);
    }
    // One more than its value; 0 where nobody said.
    to.push(match entry.consent {
        None => 0,
        Some(0) => 1,
        Some(_) => 2,
    });
}

/// One more than its length, or 0 for what is absent; then its bytes.
fn write_field(bytes: Option<&[u8]>, to: &mut Vec<u8>) {
    let length = bytes.map_or(0, |bytes| bytes.len() + 1);
    let length = u32::try_from(length).expect("every text of a row is bounded by its type");
    to.extend(length.to_be_bytes());
    to.extend(bytes.unwrap_or_default());
}

/// How many texts a row has: its foreign health centre, its first and last day, its origin, and
/// those of [`returnee::DETAILS`].
const FIELDS: usize = 4 + TEXTS;

/// A chunk that was read: whoever writes its rows, and is waited for, has nothing to read again.
#[derive(Debug, Default)]
pub(super) struct ReadChunk {
    /// The texts of all rows, one after the other.
    text: String,
    rows: Vec<ReadRow>,
}

#[derive(Debug)]
struct ReadRow {
    row: u32,
    health_centre: i64,
    id: [u8; 16],
    consent: Option<i64>,
    /// Where its texts begin.
    start: usize,
    /// How many bytes each has.
    lengths: [Option<u32>; FIELDS],
}

impl ReadChunk {
    /// Reads what a [`Chunk`] contains.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub(super) fn of(mut content: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        while !content.is_empty() {
            let row = read_row(&mut content, &mut read.text);
            let row = row.ok_or_else(|| Error::Corrupt("column content".into()))?;
            read.rows.push(row);
        }
        Ok(read)
    }

    /// Its rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = StagedRow<'_>> {
        self.rows.iter().map(|row| row.of(&self.text))
    }
}

impl ReadRow {
    fn of<'a>(&'a self, text: &'a str) -> StagedRow<'a> {
        let mut left = &text[self.start..];
        let mut fields = self.lengths.iter().map(|length| {
            let (field, others) = left.split_at((*length)? as usize);
            left = others;
            Some(field)
        });
        let mut next = || fields.next().flatten();
        let foreign = next();
        // Nothing was read of which one of these is absent.
        let [first_day, last_day, origin] = [(); 3].map(|()| next().unwrap_or_default());
        StagedRow {
            row: self.row,
            health_centre: foreign.is_none().then_some(self.health_centre),
            foreign,
            origin,
            id: &self.id,
            first_day,
            last_day,
            texts: [(); TEXTS].map(|()| next()),
            consent: self.consent,
        }
    }
}

fn read_row(from: &mut &[u8], text: &mut String) -> Option<ReadRow> {
    let start = text.len();
    let row = u32::from_be_bytes(*from.split_off(..4)?.as_array()?);
    let health_centre = i64::from_be_bytes(*from.split_off(..8)?.as_array()?);
    let mut lengths = [None; FIELDS];
    lengths[0] = read_text(from, text)?;
    let id = *read_field(from)??.as_array()?;
    for length in &mut lengths[1..] {
        *length = read_text(from, text)?;
    }
    if lengths[1..4].contains(&None) {
        return None;
    }
    let consent = match from.split_off_first()? {
        0 => None,
        said => Some(i64::from(said - 1)),
    };
    Some(ReadRow {
        row,
        health_centre,
        id,
        consent,
        start,
        lengths,
    })
}

fn read_field<'a>(from: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = u32::from_be_bytes(*from.split_off(..4)?.as_array()?);
    match length.checked_sub(1) {
        None => Some(None),
        Some(length) => Some(Some(from.split_off(..length as usize)?)),
    }
}

/// Adds a field to the texts, and gives how many bytes it has.
fn read_text(from: &mut &[u8], to: &mut String) -> Option<Option<u32>> {
    let Some(bytes) = read_field(from)? else {
        return Some(None);
    };
    to.push_str(std::str::from_utf8(bytes).ok()?);
    Some(Some(u32::try_from(bytes.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn chunk(names: &[(String, bool)]) -> Chunk {
        let rows: Vec<RowToStage> = (2..)
            .zip(names)
            .map(|(row, (name, own))| RowToStage {
                id: ReturneeId(uuid::Uuid::from_u128(row.into())),
                row,
                health_centre: own.then_some(7).ok_or("131016".parse().unwrap()),
                details: serde_json::from_value(json!({
                    "name": name, "kana": "ミホン", "birth_date": "1980-01-02",
                    "passport_number": "TK0000001", "entry_date": "2022-09-20", "consent": own
                }))
                .unwrap(),
            })
            .collect();
        Chunk::new(0, &rows)
    }

    proptest! {
        #[test]
        fn what_is_staged_is_read_again(
            names in prop::collection::vec(("[見本a-z]{1,9}", prop::bool::ANY), 0..5),
        ) {
            let chunk = chunk(&names);
            let read = ReadChunk::of(&chunk.content).unwrap();
            let rows: Vec<StagedRow> = read.rows().collect();
            prop_assert_eq!(rows.len(), names.len());
            for (row, (name, own)) in rows.iter().zip(&names) {
                prop_assert_eq!(row.name(), name);
                prop_assert_eq!(row.health_centre, own.then_some(7));
                prop_assert_eq!(row.foreign, (!own).then_some("131016"));
                prop_assert_eq!(row.birth_date(), Some("1980-01-02"));
                prop_assert_eq!(row.entry_date(), "2022-09-20");
                prop_assert_eq!(row.passport_number(), Some("TK0000001"));
                prop_assert_eq!(row.likeness(), Some("1980-01-02 みほん"));
                prop_assert_eq!((row.first_day, row.last_day), ("2022-09-21", "2022-10-04"));
                prop_assert_eq!(row.consent, Some(i64::from(*own)));
                prop_assert_eq!(row.entry().is_some(), *own);
            }
        }

        #[test]
        fn a_chunk_that_is_cut_off_is_corrupt(cut in 1_usize..100) {
            let chunk = chunk(&[("見本".to_owned(), true)]);
            let content = &chunk.content[..chunk.content.len() - cut];
            prop_assert!(ReadChunk::of(content).is_err());
        }

        #[test]
        fn bytes_that_are_no_chunk_are_refused_or_read(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Ok(read) = ReadChunk::of(&bytes) {
                read.rows().for_each(drop);
            }
        }
    }
}
