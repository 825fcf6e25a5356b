//! Searching by any part of a name, reading, phone or passport number, from one character on.
//!
//! Each returnee's search text is cut into grams, and an index says who holds which: one, two and
//! three characters, and four and five of Latin letters, digits and kana. These are few, so three
//! of them are shared by too many: every mobile number begins with the same. Each gram stands in the index
//! with its health centre before it, so that a search walks what its own office holds and not the
//! country. Grams only propose: whether the text is really there is looked up in the row itself.
//! An entry is made a moment after its returnee was written; until then the row stands in
//! `search_due` and is read as it is, so a search is right at every moment.

use std::collections::BTreeSet;

use shared::text::search_key;

use super::import::settled;
use crate::store::columns::Columns as _;
use crate::store::sql::{self, AssertSqlSafe};
use crate::store::{Dialect, Error, Tx};

/// How long a gram is, the longest first. One that is longer than [`ANY`] holds only Latin letters,
/// digits and kana, which a search text spells as hiragana.
const LENGTHS: [usize; 5] = [5, 4, 3, 2, 1];
/// The longest gram of any characters.
const ANY: usize = 3;

fn is_gram(characters: &[char]) -> bool {
    let is_of_few = |c: &char| c.is_ascii() || matches!(c, 'ぁ'..='ゖ');
    characters.len() <= ANY || characters.iter().all(is_of_few)
}

/// All grams of a search text, one line for each of its keys.
pub(in crate::store) fn grams(text: &str) -> BTreeSet<String> {
    let mut grams = BTreeSet::new();
    for line in text.lines() {
        let characters = plain(line);
        for length in LENGTHS {
            let runs = characters.windows(length).filter(|run| is_gram(run));
            grams.extend(runs.map(|run| run.iter().collect::<String>()));
        }
    }
    grams
}

/// Grams that every text containing `wanted` must hold: as few and as long as cover it, since each
/// is one more list to walk.
pub(in crate::store) fn wanted_grams(wanted: &str) -> BTreeSet<String> {
    let characters = plain(wanted);
    let mut grams = BTreeSet::new();
    let mut from = 0;
    while from < characters.len() {
        let ahead = |length| characters.get(from..from + length);
        let gram = longest(ahead).expect("one character is a gram");
        from += gram.len();
        // The last may reach back over the one before it: longer tells more.
        let back = |length| characters.get(from.checked_sub(length)?..from);
        let gram = match from == characters.len() {
            true => longest(back).unwrap_or(gram),
            false => gram,
        };
        grams.insert(gram.iter().collect());
    }
    grams
}

fn longest<'a>(run: impl Fn(usize) -> Option<&'a [char]>) -> Option<&'a [char]> {
    let mut runs = LENGTHS.into_iter().filter_map(run);
    runs.find(|run| is_gram(run))
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

/// How a gram of someone at this health centre stands in the index. The number ends where the
/// first letter is.
fn token(health_centre: i64, gram: &str) -> String {
    format!("{health_centre}x{gram}")
}

/// Writes the search entries of up to `most` returnees whose entries are due. Gives how many. A
/// search text made by an older program is brought to the present form of keys on the way.
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
        let health_centre = row.number("health_centre")?;
        let kept: &str = row.try_get("search")?;
        let text = kept.lines().map(search_key).collect::<Vec<_>>().join("\n");
        if text != kept {
            sql::query("UPDATE returnee SET search = $1 WHERE number = $2")
                .bind(text.as_str())
                .bind(number)
                .execute(tx.sql())
                .await?;
        }
        let tokens: Vec<String> = grams(&text)
            .iter()
            .map(|gram| token(health_centre, gram))
            .collect();
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

/// Pages of the index that are written anew by one merge: a few milliseconds of work.
const MERGED_AT_ONCE: i64 = 200;

/// Merges parts of SQLite's index that came at different times: a search has to look for each of
/// its grams in every part. Gives whether there may be more to merge.
///
/// # Errors
/// [`Error::Database`].
pub async fn merge(tx: &mut Tx) -> Result<bool, Error> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(false);
    }
    let before = changes(tx).await?;
    sql::query("INSERT INTO returnee_search (returnee_search, rank) VALUES ('merge', $1)")
        .bind(MERGED_AT_ONCE)
        .execute(tx.sql())
        .await?;
    // The command itself counts as one.
    Ok(changes(tx).await? - before > 1)
}

async fn changes(tx: &mut Tx) -> Result<i64, Error> {
    sql::query("SELECT total_changes() AS changes")
        .fetch_one(tx.sql())
        .await?
        .number("changes")
}

/// Takes up to `most` numbers off those that are due. They are taken before their rows are read:
/// whoever changes one of them from now on waits, and makes it due again. One whose change is not
/// yet committed is left for the next time, since its new text cannot be read yet.
async fn take_due(tx: &mut Tx, most: u16) -> Result<Vec<i64>, Error> {
    let settled = settled(tx.dialect(), "number");
    sql::query(AssertSqlSafe(match tx.dialect() {
        Dialect::Sqlite => format!(
            "DELETE FROM search_due
             WHERE number IN (SELECT number FROM search_due WHERE {settled}
                              ORDER BY number LIMIT $1)
             RETURNING number"
        ),
        Dialect::Postgres => format!(
            "DELETE FROM search_due
             WHERE number = ANY (ARRAY (SELECT number FROM search_due WHERE {settled}
                                        ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED))
             RETURNING number"
        ),
    }))
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
    let within = |centre: &i64, around: &str, between: &str| {
        let tokens = grams.iter().map(|gram| {
            let token = token(*centre, gram);
            format!("{around}{token}{around}")
        });
        tokens.collect::<Vec<_>>().join(between)
    };
    match dialect {
        Dialect::Sqlite => {
            let each = centres
                .iter()
                .map(|centre| format!("({})", within(centre, "\"", " AND ")));
            (
                "SELECT rowid AS number FROM returnee_search WHERE returnee_search MATCH $1",
                each.collect::<Vec<_>>().join(" OR "),
            )
        }
        Dialect::Postgres => {
            let each = centres.iter().map(|centre| within(centre, "", " "));
            (
                "SELECT s.number FROM unnest(string_to_array($1, '|')) wanted
                 JOIN returnee_search s ON s.grams @> string_to_array(wanted, ' ')",
                each.collect::<Vec<_>>().join("|"),
            )
        }
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
        assert_eq!(wanted("たろう"), ["たろう"]);
        assert_eq!(wanted("みほんた"), ["みほんた"]);
        assert_eq!(wanted("みほんたろう"), ["ほんたろう", "みほんたろ"]);
        assert_eq!(wanted("見本太郎"), ["本太郎", "見本太"]);
        assert_eq!(wanted("0901"), ["0901"]);
        assert_eq!(wanted("09012"), ["09012"]);
        assert_eq!(wanted("0901234"), ["01234", "09012"]);
        assert_eq!(wanted("0901太"), ["01太", "0901"]);
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
