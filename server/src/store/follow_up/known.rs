//! By what people are known again: the origin of their row, their passport number, and their
//! likeness (reading and birth date).
//!
//! PostgreSQL has an index over each of these columns. On SQLite a list is written slice by slice,
//! and as its keys come in no order, every slice would touch nearly every page of such indexes.
//! There the keys stand in a table of their own, `returnee_key`, and those of a list are sorted
//! and written at its end, so that each page is written about once. A change or the end of a person is
//! followed by triggers (migration 16).

use super::returnee::json;
use crate::store::sql;
use crate::store::{Dialect, Error, Tx};

/// By what someone is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnownBy {
    /// See [`super::origin`].
    Origin,
    /// The passport number.
    Passport,
    /// See [`super::likeness`].
    Likeness,
}

impl KnownBy {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Passport => "passport_number",
            Self::Likeness => "likeness",
        }
    }

    /// The letter before its keys.
    fn letter(self) -> char {
        match self {
            Self::Origin => 'o',
            Self::Passport => 'p',
            Self::Likeness => 'l',
        }
    }

    /// What follows `FROM` to find those who are known by one of `texts`, as `returnee r`, and the
    /// text to bind as `$1`.
    pub(super) fn one_of(self, dialect: Dialect, texts: &[&str]) -> (String, String) {
        let (column, letter) = (self.column(), self.letter());
        let from = match dialect {
            // It walks the texts and looks each up; as the right side of an `IN` they would first
            // be sorted.
            Dialect::Sqlite => format!(
                "json_each($1) wanted CROSS JOIN returnee_key k CROSS JOIN returnee r
                 WHERE k.key = '{letter}' || wanted.value AND r.number = k.number"
            ),
            Dialect::Postgres => format!(
                "jsonb_array_elements_text($1::jsonb) wanted (value) CROSS JOIN returnee r
                 WHERE r.{column} = wanted.value"
            ),
        };
        (from, json(texts))
    }
}

/// The keys of some people in the order of SQLite's table.
#[derive(Debug, Default)]
pub struct Keys {
    /// All of them, one after the other.
    text: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    from: usize,
    to: usize,
    number: i64,
}

impl Keys {
    /// Adds those of the person with this number.
    pub(super) fn add(&mut self, number: i64, texts: [(KnownBy, Option<&str>); 3]) {
        for (by, text) in texts {
            let Some(text) = text else { continue };
            let from = self.text.len();
            self.text.push(by.letter());
            self.text.push_str(text);
            let to = self.text.len();
            self.entries.push(Entry { from, to, number });
        }
    }

    /// Puts them in order, once all are there.
    pub fn sort(&mut self) {
        let text = self.text.as_bytes();
        self.entries
            .sort_unstable_by_key(|it| (&text[it.from..it.to], it.number));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Writes some of them to SQLite.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        part: std::ops::Range<usize>,
    ) -> Result<(), Error> {
        let rows = self.entries[part].iter().map(|entry| {
            let key = &self.text[entry.from..entry.to];
            vec![key.into(), entry.number.into()]
        });
        let text = "INSERT INTO returnee_key (key, number) VALUES ($1, $2)";
        sql::execute_each(text, rows, tx.sql()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_lie_in_the_order_of_their_bytes(
            people in prop::collection::vec(("[a-z見本0-9]{0,4}", "[a-z見本0-9]{0,4}"), 0..20),
        ) {
            let mut keys = Keys::default();
            for (number, (origin, likeness)) in (1..).zip(&people) {
                keys.add(number, [
                    (KnownBy::Origin, Some(origin)),
                    (KnownBy::Passport, None),
                    (KnownBy::Likeness, Some(likeness)),
                ]);
            }
            keys.sort();
            let in_order: Vec<_> = keys.entries.iter().map(|it| (&keys.text[it.from..it.to], it.number)).collect();
            let mut expected: Vec<_> = (1..).zip(&people).flat_map(|(number, (origin, likeness))| {
                [(format!("o{origin}"), number), (format!("l{likeness}"), number)]
            }).collect();
            expected.sort();
            let expected: Vec<_> = expected.iter().map(|(key, number)| (key.as_str(), *number)).collect();
            prop_assert_eq!(in_order, expected);
        }
    }
}
