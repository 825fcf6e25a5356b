//! Compares the rows of a list with who is there already, and with each other.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use shared::follow_up::import::{Alike, AlikePerson, ForeignRow, Likeness};

use super::super::Scope;
use crate::store::follow_up::import::{ByKey, Resembled, StagedRow, resembled};
use crate::store::follow_up::returnee::known_origins;
use crate::store::{self, Dialect};

/// The staged rows that are not simply new, each with its place in the list.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) new: usize,
    pub(super) repeats: Vec<(usize, u32)>,
    pub(super) elsewhere: Vec<u32>,
    pub(super) alike: Vec<(usize, Alike)>,
    pub(super) foreign: Vec<(usize, ForeignRow)>,
}

/// Sorts a whole list.
pub(super) async fn sort(
    sql: &mut store::Connection,
    dialect: Dialect,
    scope: &Scope,
    staged: &[StagedRow<'_>],
) -> Result<Sorted, store::Error> {
    let mut comparison = Comparison::of(staged.len());
    comparison.sort(sql, dialect, scope, staged).await
}

/// Whom the store holds already of those a list may mean.
struct There {
    origins: HashMap<String, i64>,
    by_passport: ByKey,
    by_likeness: ByKey,
}

impl There {
    async fn look(
        sql: &mut store::Connection,
        dialect: Dialect,
        scope: &Scope,
        staged: &[StagedRow<'_>],
    ) -> Result<Self, store::Error> {
        let own = || staged.iter().filter(|row| row.foreign.is_none());
        let origins: Vec<&str> = own().map(|row| row.origin).collect();
        let passports: Vec<&str> = own().filter_map(StagedRow::passport_number).collect();
        let likenesses: Vec<&str> = own().filter_map(StagedRow::likeness).collect();
        let centres = &scope.numbers;
        let (passport, reading) = (Likeness::PassportNumber, Likeness::ReadingAndBirthDate);
        Ok(Self {
            origins: known_origins(sql, dialect, &origins).await?,
            by_passport: resembled(sql, dialect, passport, &passports, centres).await?,
            by_likeness: resembled(sql, dialect, reading, &likenesses, centres).await?,
        })
    }
}

/// Rows of a list compared one part after the other, each with who is there and with the rows above
/// it, those of the parts before included.
pub(super) struct Comparison<'a> {
    /// Where the next part begins in the list.
    place: usize,
    origins: HashSet<&'a str>,
    above: HashMap<(Likeness, &'a str), &'a StagedRow<'a>>,
}

impl Sorted {
    /// Adds what follows.
    pub(super) fn append(&mut self, mut next: Self) {
        self.new += next.new;
        self.repeats.append(&mut next.repeats);
        self.elsewhere.append(&mut next.elsewhere);
        self.alike.append(&mut next.alike);
        self.foreign.append(&mut next.foreign);
    }
}

impl<'a> Comparison<'a> {
    /// Before the first of so many rows.
    pub(super) fn of(rows: usize) -> Self {
        Self {
            place: 0,
            origins: HashSet::with_capacity(rows),
            above: HashMap::with_capacity(2 * rows),
        }
    }

    /// Sorts the next part of the list.
    pub(super) async fn sort(
        &mut self,
        sql: &mut store::Connection,
        dialect: Dialect,
        scope: &Scope,
        part: &'a [StagedRow<'a>],
    ) -> Result<Sorted, store::Error> {
        let there = There::look(sql, dialect, scope, part).await?;
        self.compare(part, &there, scope)
    }

    fn compare(
        &mut self,
        part: &'a [StagedRow<'a>],
        there: &There,
        scope: &Scope,
    ) -> Result<Sorted, store::Error> {
        let mut sorted = Sorted::default();
        let first = self.place;
        self.place += part.len();
        for (place, row) in (first..).zip(part) {
            if let Some(code) = row.foreign {
                let health_centre = code.parse().map_err(corrupt)?;
                let row = row.row;
                sorted
                    .foreign
                    .push((place, ForeignRow { row, health_centre }));
                continue;
            }
            let centre = there.origins.get(row.origin);
            if centre.is_some_and(|centre| !scope.holds(*centre)) {
                sorted.elsewhere.push(row.row);
            }
            if centre.is_some() || !self.origins.insert(row.origin) {
                sorted.repeats.push((place, row.row));
                continue;
            }
            match self.alike(row, there)? {
                None => sorted.new += 1,
                Some(alike) => sorted.alike.push((place, alike)),
            }
        }
        Ok(sorted)
    }

    /// Whom the row may mean besides, of those who are there and of the rows above.
    fn alike(
        &mut self,
        row: &'a StagedRow<'a>,
        there: &There,
    ) -> Result<Option<Alike>, store::Error> {
        let passport = (Likeness::PassportNumber, row.passport_number());
        let reading = (Likeness::ReadingAndBirthDate, row.likeness());
        let ways = [
            (passport, &there.by_passport),
            (reading, &there.by_likeness),
        ];
        let mut found = None;
        for ((because, text), there) in ways {
            let Some(text) = text else { continue };
            let earlier = match self.above.entry((because, text)) {
                Entry::Occupied(earlier) => Some(*earlier.get()),
                Entry::Vacant(place) => {
                    place.insert(row);
                    None
                }
            };
            if found.is_none() {
                found = match (there.get(text), earlier) {
                    (Some(other), _) => Some((because, kept(other))),
                    (None, Some(other)) => Some((because, staged_above(other)?)),
                    (None, None) => None,
                };
            }
        }
        let row = row.row;
        Ok(found.map(|(because, other)| Alike {
            row,
            because,
            other,
        }))
    }
}

fn kept(other: &Resembled) -> AlikePerson {
    AlikePerson {
        id: Some(other.id),
        row: None,
        name: other.name.clone(),
        birth_date: other.birth_date,
        entry_date: other.entry_date,
    }
}

fn staged_above(other: &StagedRow) -> Result<AlikePerson, store::Error> {
    let birth_date = other.birth_date().map(str::parse).transpose();
    Ok(AlikePerson {
        id: None,
        row: Some(other.row),
        name: other.name().parse().map_err(corrupt)?,
        birth_date: birth_date.map_err(corrupt)?,
        entry_date: other.entry_date().parse().map_err(corrupt)?,
    })
}

fn corrupt<E>(_: E) -> store::Error {
    store::Error::Corrupt("column content".into())
}
