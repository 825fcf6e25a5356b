//! Searching by any part of a name, reading, phone or passport number, from one character on.
//!
//! Each returnee's search text is cut into grams, and an index says who holds which. Kana and
//! kanji are many, so one and two of them tell enough; Latin letters and digits are few, so
//! three are kept too. Grams only propose: whether the text is really there is looked up in the
//! row itself. An entry is made a moment after its returnee was written; until then the row
//! stands in `search_due` and is read as it is, so a search is right at every moment.

use std::collections::BTreeSet;

use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe};
use crate::store::{Dialect, Error, Tx};

/// The longest run of Latin letters or digits that is one gram.
const LATIN: usize = 3;
/// The longest run of other characters that is one gram.
const OTHER: usize = 2;

/// All grams of a search text, one line for each of its keys.
fn grams(text: &str) -> BTreeSet<String> {
    let mut grams = BTreeSet::new();
    for line in text.lines() {
        let characters = plain(line);
        for start in 0..characters.len() {
            for length in 1..=LATIN {
                let Some(gram) = characters.get(start..start + length) else {
                    break;
                };
                if length <= OTHER || gram.iter().all(char::is_ascii) {
                    grams.insert(gram.iter().collect());
                }
            }
        }
    }
    grams
}

/// Grams that every text containing `wanted` must hold: as few and as long as cover it, since each
/// is one more list to walk.
pub(super) fn wanted_grams(wanted: &str) -> BTreeSet<String> {
    let characters = plain(wanted);
    let is_gram = |gram: &&[char]| gram.len() <= OTHER || gram.iter().all(char::is_ascii);
    let mut grams = BTreeSet::new();
    let mut rest = &characters[..];
    while !rest.is_empty() {
        let mut ahead = (1..=LATIN).rev().filter_map(|length| rest.get(..length));
        let Some(mut gram) = ahead.find(is_gram) else {
            break;
        };
        rest = &rest[gram.len()..];
        if rest.is_empty() {
            // The last may reach back over the one before it: longer tells more.
            let back = |length| characters.get(characters.len().checked_sub(length)?..);
            gram = (1..=LATIN)
                .rev()
                .filter_map(back)
                .find(is_gram)
                .unwrap_or(gram);
        }
        grams.insert(gram.iter().collect());
    }
    grams
}

/// The characters of a text as grams spell them. ASCII marks part words in the index, so each is
/// spelled by its wide form, which no search text holds: a lone bracket is searched for like a
/// letter, and no search has to look at every row.
fn plain(text: &str) -> Vec<char> {
    text.chars()
        .map(|c| match c {
            '!'..='~' if !c.is_ascii_alphanumeric() => {
                char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
            }
            _ => c,
        })
        .filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric())
        .collect()
}

/// The token by which the index knows whose health centre someone is; longer than any gram.
pub(super) fn centre_token(health_centre: i64) -> String {
    format!("centre{health_centre}")
}

/// Writes the search entries of up to `most` returnees whose entries are due. Gives how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn catch_up(tx: &mut Tx, most: u16) -> Result<usize, Error> {
    let numbers = take_due(tx, most).await?;
    if numbers.is_empty() {
        return Ok(0);
    }
    let listed: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let rows = sql::query(AssertSqlSafe(format!(
        "SELECT number, search, health_centre FROM returnee WHERE number IN ({})",
        listed.join(", ")
    )))
    // Hardly ever the same text twice.
    .persistent(false)
    .fetch_all(tx.sql())
    .await?;
    for row in &rows {
        let number = row.number("number")?;
        let mut tokens: Vec<String> = grams(row.try_get("search")?).into_iter().collect();
        tokens.push(centre_token(row.number("health_centre")?));
        let sql = match tx.dialect() {
            Dialect::Sqlite => "REPLACE INTO returnee_search (rowid, grams) VALUES ($1, $2)",
            Dialect::Postgres => {
                "INSERT INTO returnee_search (number, grams) VALUES ($1, string_to_array($2, ' '))
                 ON CONFLICT (number) DO UPDATE SET grams = excluded.grams"
            }
        };
        sql::query(sql)
            .bind(number)
            .bind(tokens.join(" "))
            .execute(tx.sql())
            .await?;
    }
    Ok(numbers.len())
}

/// Takes up to `most` numbers off those that are due. They are taken before their rows are read:
/// whoever changes one of them from now on waits, and makes it due again. One whose change is not
/// yet committed is left for the next time, since its new text cannot be read yet.
async fn take_due(tx: &mut Tx, most: u16) -> Result<Vec<i64>, Error> {
    sql::query(match tx.dialect() {
        Dialect::Sqlite => {
            "DELETE FROM search_due
             WHERE number IN (SELECT number FROM search_due ORDER BY number LIMIT $1)
             RETURNING number"
        }
        Dialect::Postgres => {
            "DELETE FROM search_due
             WHERE number = ANY (ARRAY (SELECT number FROM search_due ORDER BY number LIMIT $1
                                        FOR UPDATE SKIP LOCKED))
             RETURNING number"
        }
    })
    .bind(i64::from(most))
    .fetch_all(tx.sql())
    .await?
    .iter()
    .map(|row| row.number("number"))
    .collect()
}

/// Where in the index to look for all of these grams in one of these health centres: a `FROM` and
/// a condition that give `number`, and the text to bind as their `$1`.
pub(super) fn candidates(
    dialect: Dialect,
    grams: &BTreeSet<String>,
    centres: &[i64],
) -> (&'static str, String) {
    match dialect {
        Dialect::Sqlite => {
            let quoted = |token: &str| format!("\"{token}\"");
            let centres: Vec<String> = centres
                .iter()
                .map(|centre| quoted(&centre_token(*centre)))
                .collect();
            let mut terms: Vec<String> = grams.iter().map(|gram| quoted(gram)).collect();
            terms.push(format!("({})", centres.join(" OR ")));
            (
                "SELECT rowid AS number FROM returnee_search WHERE returnee_search MATCH $1",
                terms.join(" AND "),
            )
        }
        Dialect::Postgres => (
            "SELECT number FROM returnee_search WHERE grams @> string_to_array($1, ' ')",
            grams.iter().cloned().collect::<Vec<_>>().join(" "),
        ),
    }
}

/// How many returnees wait for their search entry.
///
/// # Errors
/// [`Error::Database`].
pub async fn due(sql: &mut sql::Connection) -> Result<i64, Error> {
    sql::query(AssertSqlSafe("SELECT count(*) AS due FROM search_due"))
        .fetch_one(sql)
        .await?
        .number("due")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_asked_for_by_few_and_long_grams() {
        let wanted = |text| wanted_grams(text).into_iter().collect::<Vec<_>>();
        assert_eq!(wanted("た"), ["た"]);
        assert_eq!(wanted("たろう"), ["たろ", "ろう"]);
        assert_eq!(wanted("0901"), ["090", "901"]);
        assert_eq!(wanted("0901234"), ["090", "123", "234"]);
        assert_eq!(wanted("ab"), ["ab"]);
        assert_eq!(wanted("a太"), ["a太"]);
        assert_eq!(wanted("("), ["（"]);
    }

    proptest! {
        #[test]
        fn whoever_holds_a_text_holds_its_grams(
            before in "[a-c0-2あ-う亜()\\-]{0,5}",
            wanted in "[a-c0-2あ-う亜()\\-]{1,6}",
            after in "[a-c0-2あ-う亜\n]{0,5}",
        ) {
            let all = grams(&format!("{before}{wanted}{after}"));
            let asked = wanted_grams(&wanted);
            prop_assert!(!asked.is_empty(), "every row would be looked at");
            prop_assert!(asked.is_subset(&all));
        }
    }
}
