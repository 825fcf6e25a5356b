//! Rows that are fetched page by page as they come into view, with a mark that stays on its row.
//! Part of the screens that list more than one answer holds.

mod vacant;

pub use vacant::none;

use std::ops::Range;

use shared::id::{Cursor, Page};

use crate::api::Failure;

/// A row that is told from the others.
pub trait Keyed {
    /// What tells it.
    type Key: PartialEq;
    /// Its own.
    fn key(&self) -> Self::Key;
}

/// The rows fetched so far, and what is under way.
#[derive(Debug)]
pub struct Paged<R> {
    rows: Vec<R>,
    next: Option<Cursor>,
    /// Which question the newest rows answer; an answer to an older one is dropped.
    turn: u64,
    fetching: bool,
    /// The rows shown answer an older question.
    stale: bool,
    loaded: bool,
    failure: Option<Failure>,
    cursor: Option<usize>,
    /// The question is the same as before.
    same: bool,
    in_view: Range<usize>,
}

/// A page to ask for.
#[derive(Debug, PartialEq, Eq)]
pub struct Fetch {
    /// To be handed back with the answer.
    pub turn: u64,
    /// Behind which row it begins; `None` for the first page.
    pub after: Option<Cursor>,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It answered an older question, or it is a failure, which is kept.
    Nothing,
    /// Rows came.
    Rows {
        /// There was none before: until now there was no list that could take the keys.
        opening: bool,
    },
}

impl<R> Default for Paged<R> {
    fn default() -> Self {
        Self::after(0)
    }
}

impl<R> Paged<R> {
    /// No rows yet. `turn` is the last one of the list this one replaces, so that no answer to
    /// that one is taken for its own.
    pub fn after(turn: u64) -> Self {
        Self {
            rows: Vec::new(),
            next: None,
            turn,
            fetching: false,
            stale: false,
            loaded: false,
            failure: None,
            cursor: None,
            same: false,
            in_view: 0..0,
        }
    }

    /// The question is changing: answers under way are dropped, and no page behind the rows of the
    /// question before is asked for. Gives the new turn.
    pub fn turn_over(&mut self) -> u64 {
        self.stale = true;
        self.failure = None;
        self.turn += 1;
        self.turn
    }

    /// Which question was asked last.
    pub fn turn(&self) -> u64 {
        self.turn
    }

    /// Asks the same question anew: a mark whose row is not on the first page keeps its place, and
    /// with it what is in view.
    pub fn renew(&mut self) -> Fetch {
        let fetch = self.begin();
        self.same = true;
        fetch
    }

    /// Asks another question from its beginning; the rows stay until its answer is there. The mark
    /// stays on its row if the first page has it, else it goes to the first.
    pub fn begin(&mut self) -> Fetch {
        self.same = false;
        self.fetching = true;
        let turn = self.turn_over();
        Fetch { turn, after: None }
    }

    /// These rows are in view.
    pub fn view(&mut self, rows: Range<usize>) {
        self.in_view = rows;
    }

    /// Which rows were in view last.
    pub fn in_view(&self) -> &Range<usize> {
        &self.in_view
    }

    /// The next page, if the view comes within `ahead` rows of the last row fetched.
    pub fn ahead(&mut self, ahead: usize) -> Option<Fetch> {
        let wanted = self.in_view.end + ahead > self.rows.len();
        if !wanted || self.fetching || self.stale || self.failure.is_some() {
            return None;
        }
        let after = Some(self.next.clone()?);
        self.fetching = true;
        let turn = self.turn;
        Some(Fetch { turn, after })
    }

    /// The row at an index, if it was fetched.
    pub fn get(&self, at: usize) -> Option<&R> {
        self.rows.get(at)
    }

    /// The rows fetched.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// The rows fetched, to be changed in place.
    pub fn rows_mut(&mut self) -> &mut [R] {
        &mut self.rows
    }

    /// The row that is marked, if it was fetched.
    pub fn marked(&self) -> Option<&R> {
        self.rows.get(self.cursor?)
    }

    /// Where the mark is.
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// Marks this row; past the end, the last that the scroll bar stands for.
    pub fn move_to(&mut self, at: usize) {
        self.cursor = Some(at.min(self.len().saturating_sub(1)));
    }

    /// Marks this row, or none.
    pub fn mark(&mut self, at: Option<usize>) {
        self.cursor = at;
    }

    /// Why the last question was not answered.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Whether rows have ever come.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the rows shown answer what was asked last.
    pub fn is_present(&self) -> bool {
        self.loaded && !self.stale
    }

    /// Whether there are rows behind those fetched.
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// How many rows there are, if all are known.
    pub fn total(&self) -> Option<usize> {
        (self.is_present() && !self.has_more()).then_some(self.rows.len())
    }

    /// How many rows the scroll bar stands for: one more than was fetched, where there are more.
    pub fn len(&self) -> usize {
        self.rows.len() + usize::from(self.has_more())
    }

    /// Whether the scroll bar stands for no row at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<R: Keyed> Paged<R> {
    /// Takes in an answer. The mark stays on its row when the rows come anew; where it is gone, or
    /// there was none, the first row is marked; see [`renew`](Self::renew) for a row further down.
    pub fn take_in(&mut self, turn: u64, answer: Result<Page<R>, Failure>) -> Taken {
        if turn != self.turn {
            return Taken::Nothing;
        }
        self.fetching = false;
        let page = match answer {
            Ok(page) => page,
            Err(failure) => {
                self.failure = Some(failure);
                return Taken::Nothing;
            }
        };
        let marked = self.marked().map(Keyed::key);
        let vacant = self.is_empty();
        if std::mem::take(&mut self.stale) {
            self.rows.clear();
        }
        let first = self.rows.is_empty();
        self.failure = None;
        self.next = page.next;
        self.rows.extend(page.rows);
        let last = self.rows.len().checked_sub(1);
        if first {
            let again = self
                .rows
                .iter()
                .position(|row| Some(row.key()) == marked && marked.is_some());
            let stays = self.cursor.filter(|_| self.same && self.next.is_some());
            self.cursor = again.or(stays).or(last.map(|_| 0));
        }
        if self.next.is_none() {
            self.cursor = self.cursor.and_then(|at| Some(at.min(last?)));
        }
        self.loaded = true;
        Taken::Rows {
            opening: vacant && !self.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Keyed for u32 {
        type Key = u32;
        fn key(&self) -> u32 {
            *self
        }
    }

    fn page(rows: &[u32], next: bool) -> Result<Page<u32>, Failure> {
        let next = next.then(|| serde_json::from_str("\"more\"").expect("a cursor"));
        Ok(Page {
            rows: rows.to_vec(),
            next,
        })
    }

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let mut list = Paged::default();
        let (first, second) = (list.begin(), list.begin());
        assert_eq!(list.take_in(first.turn, page(&[1], false)), Taken::Nothing);
        assert!(!list.is_loaded());
        let opening = Taken::Rows { opening: true };
        assert_eq!(list.take_in(second.turn, page(&[2], false)), opening);
        assert_eq!((list.rows(), list.total()), (&[2][..], Some(1)));
    }

    #[test]
    fn behind_rows_of_a_question_that_is_changing_no_page_is_asked_for() {
        let mut list = Paged::default();
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1, 2], true));
        assert!(list.is_present());
        list.turn_over();
        assert!(!list.is_present());
        assert_eq!(list.ahead(9), None);
    }

    #[test]
    fn the_mark_stays_on_its_row_when_rows_come_anew() {
        let mut list = Paged::default();
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1, 2, 3], false));
        list.mark(Some(2));
        let ask = list.begin();
        assert_eq!(list.rows(), [1, 2, 3], "they stay until others come");
        list.take_in(ask.turn, page(&[0, 1, 2, 3], false));
        assert_eq!(list.marked(), Some(&3));
        let ask = list.begin();
        list.take_in(ask.turn, page(&[7, 8], false));
        assert_eq!(list.marked(), Some(&7), "its row is gone");
    }

    #[test]
    fn a_mark_far_down_keeps_its_place_when_the_same_is_asked_again() {
        let mut list = Paged::default();
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1, 2], true));
        let more = list.ahead(9).expect("more");
        list.take_in(more.turn, page(&[3, 4], false));
        list.mark(Some(3));
        let ask = list.renew();
        list.take_in(ask.turn, page(&[1, 2], true));
        assert_eq!(list.cursor(), Some(3));
        let more = list.ahead(9).expect("more");
        list.take_in(more.turn, page(&[3, 4], false));
        assert_eq!(list.marked(), Some(&4));
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1, 2], true));
        assert_eq!(list.marked(), Some(&1), "another question");
    }

    #[test]
    fn the_next_page_is_asked_for_once_and_before_its_rows_are_in_view() {
        let mut list = Paged::default();
        let ask = list.begin();
        assert_eq!(list.ahead(10), None, "one is under way");
        list.take_in(ask.turn, page(&[1, 2, 3, 4], true));
        list.view(0..1);
        assert_eq!(list.ahead(2), None);
        let more = list.ahead(4).expect("near enough");
        assert!(more.after.is_some());
        assert_eq!(list.ahead(4), None);
        assert_eq!((list.len(), list.total()), (5, None));
        list.take_in(more.turn, page(&[5], false));
        assert_eq!((list.len(), list.total()), (5, Some(5)));
    }

    #[test]
    fn a_failure_is_kept_until_the_question_is_asked_again() {
        let mut list = Paged::default();
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1], true));
        let more = list.ahead(4).expect("more");
        list.take_in(more.turn, Err(Failure::Unreadable));
        assert!(list.failure().is_some() && list.rows() == [1]);
        assert_eq!(list.ahead(4), None, "not by itself");
        let ask = list.begin();
        assert!(list.failure().is_none());
        list.take_in(ask.turn, page(&[1], false));
        assert_eq!(list.total(), Some(1));
    }

    #[test]
    fn a_failure_stands_above_rows_and_in_the_place_of_none() {
        use crate::ui::vacant::Vacant;
        fn none<'a>() -> Vacant<'a, ()> {
            Vacant::Empty {
                title: String::new(),
                what: String::new(),
                action: None,
            }
        }
        let vacant =
            |list: &Paged<u32>| list.vacant(String::new(), crate::ui::text::body(""), none);
        let mut list = Paged::default();
        assert!(matches!(vacant(&list), Vacant::Coming(_)));
        let ask = list.begin();
        list.take_in(ask.turn, Err(Failure::Unreadable));
        assert!(matches!(vacant(&list), Vacant::Failed(_)));
        assert!(list.failure_above().is_none());
        let ask = list.begin();
        assert!(matches!(vacant(&list), Vacant::Coming(_)), "asked again");
        list.take_in(ask.turn, page(&[], false));
        assert!(matches!(vacant(&list), Vacant::Empty { .. }));
        let ask = list.begin();
        list.take_in(ask.turn, Err(Failure::Unreadable));
        assert!(matches!(vacant(&list), Vacant::Failed(_)));
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1], false));
        let ask = list.begin();
        list.take_in(ask.turn, Err(Failure::Unreadable));
        assert!(list.failure_above().is_some());
    }

    #[test]
    fn a_mark_below_the_rows_fetched_waits_for_its_row_or_goes_to_the_last() {
        let mut list = Paged::default();
        let ask = list.begin();
        list.take_in(ask.turn, page(&[1, 2], true));
        list.mark(Some(3));
        let more = list.ahead(9).expect("more");
        list.take_in(more.turn, page(&[3], false));
        assert_eq!(list.marked(), Some(&3));
    }
}
