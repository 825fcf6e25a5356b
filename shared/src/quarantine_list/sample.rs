//! Test data: lists of plainly made-up people, in the form in which an office receives them and
//! with the mistakes that such lists have. For the demonstration, the journeys and benchmarks.
//!
//! Nobody bears these names, the phone numbers are not given out (090-0000-…), passports begin
//! with `XX` and mail goes to `example.jp`. One seed always gives the same list.

use crate::Day;
use crate::table::decode::{Encoding, LineBreak, encode};

mod mistakes;
mod people;

pub use mistakes::Planted;

use mistakes::Mistake;
use people::{COLUMNS, HEADINGS, Person, Random};

/// The row of the headings; the first person stands below.
const HEADING_ROW: u32 = 4;

/// What list to make.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// How many people.
    pub people: usize,
    /// What the chances depend on.
    pub seed: u64,
    /// The day the list was made: the last day of entry.
    pub today: Day,
    /// Whether it has mistakes; a list with mistakes has at least 60 people.
    pub mistakes: bool,
    /// The responsible health centres as the list names them. If there is none the column is
    /// blank, which means the office that takes the list in.
    pub health_centres: Vec<String>,
}

/// A list that was made.
#[derive(Clone, Debug)]
pub struct SampleList {
    /// The file: CP932, comma-separated, lines ended by CRLF.
    pub bytes: Vec<u8>,
    /// Every problem that a dry run finds on the day the list was made, in order.
    pub planted: Vec<Planted>,
    /// How many rows can be taken in.
    pub good: usize,
}

impl Recipe {
    /// The list of the demonstration and the journeys: 200 people, with mistakes.
    #[must_use]
    pub fn of_an_office(today: Day, health_centres: Vec<String>) -> Self {
        Self {
            people: 200,
            seed: 1,
            today,
            mistakes: true,
            health_centres,
        }
    }

    /// A list for measuring: as many people as wanted, without mistakes.
    #[must_use]
    pub fn faultless(people: usize, today: Day) -> Self {
        Self {
            people,
            seed: 1,
            today,
            mistakes: false,
            health_centres: Vec::new(),
        }
    }

    /// Makes the list.
    #[must_use]
    pub fn make(&self) -> SampleList {
        let mut random = Random::new(self.seed);
        let count = if self.mistakes {
            self.people.max(60)
        } else {
            self.people
        };
        let mut rows: Vec<Vec<String>> = (0..count)
            .map(|number| Person::made_up(number, &mut random, self).cells(number + 1))
            .collect();
        let mut planted = Vec::new();
        if self.mistakes {
            planted = mistakes::plant(&mut rows, self, HEADING_ROW + 1);
        }
        let bad = mistakes::bad_rows(&planted);
        let good = rows.iter().filter(|row| Mistake::is_person(row)).count() - bad;
        if self.mistakes {
            rows.extend((0..8).map(|blank| blank_row(count + 1 + blank)));
            rows.extend((0..3).map(|_| vec![String::new(); COLUMNS]));
            rows.push(vec!["以上".to_owned()]);
        }
        SampleList {
            bytes: self.file(&rows),
            planted,
            good,
        }
    }

    fn file(&self, rows: &[Vec<String>]) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        let titles = [
            "検疫所　健康フォローアップ対象者名簿（見本）".to_owned(),
            format!("作成日：{}", self.today.japanese()),
        ];
        let headings = HEADINGS.map(str::to_owned).to_vec();
        let titles = titles.map(|title| {
            let mut row = vec![String::new(); COLUMNS];
            row[0] = title;
            row
        });
        let lines = titles
            .into_iter()
            .chain([vec![String::new(); COLUMNS], headings]);
        for line in lines.chain(rows.iter().cloned()) {
            writer
                .write_record(&line)
                .expect("a buffer in memory takes every record");
        }
        let text = writer
            .into_inner()
            .expect("a buffer in memory needs no flush");
        let text = String::from_utf8(text).expect("cells are text");
        let mut bytes = encode(&text, Encoding::Cp932, LineBreak::CrLf);
        mistakes::break_bytes(&mut bytes);
        bytes
    }
}

/// A row that is numbered for someone who never came.
fn blank_row(number: usize) -> Vec<String> {
    let mut row = vec![String::new(); COLUMNS];
    row[0] = number.to_string();
    row
}

#[cfg(test)]
mod tests;
