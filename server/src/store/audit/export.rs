//! The log as a copy that anyone may check without the database: one entry a line.

use serde::{Deserialize, Serialize};

use super::super::Error;
use super::super::sql::{self, Connection, Row};
use super::{Broken, Head, Link};

/// How many entries are read at once.
const PAGE: i64 = 1000;

/// One entry as it is handed out, exactly as its columns hold it; octets in lowercase hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// 1, 2, 3 … without a gap.
    pub number: i64,
    /// Milliseconds since 1970, UTC.
    pub happened_at: i64,
    /// The terminal's id, 16 octets.
    pub terminal: Option<String>,
    /// The person's id, 16 octets.
    pub person: Option<String>,
    /// The office's code.
    pub office: Option<String>,
    /// What was done.
    pub action: String,
    /// The id of what it was done to, 16 octets.
    pub subject: Option<String>,
    /// JSON, as a text.
    pub detail: String,
    /// The code of the office to which it was done, where that is another than the one at which it
    /// was; copies made before this was noted have no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<String>,
    /// SHA-256 over the hash of the entry before and all of the above.
    pub hash: String,
}

impl Head {
    /// Goes on to `entry`, the next of the chain.
    ///
    /// # Errors
    /// Where the chain is broken.
    pub fn follow(&mut self, entry: &Exported) -> Result<(), Broken> {
        let number = entry.number;
        if number > self.number + 1 {
            return Err(Broken::Gap(number));
        }
        let hash = hash(&self.hash, entry).filter(|hash| hex(hash) == entry.hash);
        match hash {
            Some(hash) if number == self.number + 1 => {
                *self = Self {
                    number,
                    hash: hash.to_vec(),
                };
                Ok(())
            }
            _ => Err(Broken::Entry(number)),
        }
    }
}

/// The hash that an entry must have behind `previous`; `None` if it holds what no column can.
fn hash(previous: &[u8], entry: &Exported) -> Option<[u8; 32]> {
    let octets = |text: &Option<String>| match text {
        None => Some(None),
        Some(text) => octets(text).map(Some),
    };
    let terminal = octets(&entry.terminal)?;
    let person = octets(&entry.person)?;
    let subject = octets(&entry.subject)?;
    let link = Link {
        previous,
        number: entry.number,
        happened_at: entry.happened_at,
        terminal: terminal.as_deref(),
        person: person.as_deref(),
        office: entry.office.as_deref(),
        action: &entry.action,
        subject: subject.as_deref(),
        detail: &entry.detail,
        concerns: entry.concerns.as_deref(),
    };
    Some(link.hash())
}

/// The entries behind number `after`, up to `last`, in order; at most a thousand of them.
///
/// # Errors
/// The database fails, or a column holds another type than was ever written.
pub async fn entries(sql: &mut Connection, after: i64, last: i64) -> Result<Vec<Exported>, Error> {
    let rows = sql::query(
        "SELECT number, happened_at, terminal, person, office, action, subject, detail, concerns,
                hash
         FROM audit WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3",
    )
    .bind(after)
    .bind(last)
    .bind(PAGE)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Exported, Error> {
    let octets = |name: &str| -> Result<Option<String>, Error> {
        Ok(row.try_get::<Option<&[u8]>, _>(name)?.map(hex))
    };
    Ok(Exported {
        number: row.try_get("number")?,
        happened_at: row.try_get("happened_at")?,
        terminal: octets("terminal")?,
        person: octets("person")?,
        office: row.try_get::<Option<&str>, _>("office")?.map(str::to_owned),
        action: row.try_get::<&str, _>("action")?.to_owned(),
        subject: octets("subject")?,
        detail: row.try_get::<&str, _>("detail")?.to_owned(),
        concerns: row
            .try_get::<Option<&str>, _>("concerns")?
            .map(str::to_owned),
        hash: octets("hash")?.unwrap_or_default(),
    })
}

/// Lowercase hexadecimal.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits.map(digit).collect()
}

/// The octets of lowercase hexadecimal; `None` for anything else.
#[must_use]
pub fn octets(text: &str) -> Option<Vec<u8>> {
    let read: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    // One text for the same octets, or a copy could be changed without its being noticed.
    read.filter(|octets| hex(octets) == text)
}
