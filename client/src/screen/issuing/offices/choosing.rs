//! Choosing offices: one by one, or all that the filters show.
//!
//! All are chosen by name, not as a filter: whoever reissues or revokes sees how many they are and
//! can leave one out, and an office that comes to fit the filter meanwhile is not struck.

use iced::Task;
use shared::enrolment::job::MOST_NAMED;

use super::super::super::Context;
use super::{Message, Offices};

/// How far choosing all that is shown has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gathering {
    /// Nobody asked for it, or it was done.
    None,
    /// The rows of this turn are being fetched to the last.
    Under(u64),
    /// There are more than a job can name; nothing was chosen.
    TooMany,
}

impl Offices {
    /// Chooses the marked office, or no longer.
    pub(super) fn choose(&mut self) {
        if self.is_gathering() {
            // It is about to be chosen: whoever leaves it out now would be the one to choose it.
            return;
        }
        self.gathering = Gathering::None;
        if let Some(row) = self.rows.marked() {
            let code = row.office.code.clone();
            if self.chosen.remove(&code).is_none() {
                self.chosen.insert(code, row.office.clone());
            }
        }
    }

    /// Chooses all that the filters show, once every row of them is there.
    pub(super) fn choose_all(&mut self, context: &Context) -> Task<Message> {
        if !self.may_choose_all() {
            return Task::none();
        }
        self.gathering = Gathering::Under(self.rows.turn());
        self.gather(context)
    }

    /// Whether there are rows to choose, and nobody is at it yet.
    pub(super) fn may_choose_all(&self) -> bool {
        let is_there = self.rows.is_present() && !self.rows.is_empty();
        is_there && self.rows.failure().is_none() && !self.is_gathering()
    }

    /// The same question is asked anew, in this turn: all are still to be chosen.
    pub(super) fn gather_anew(&mut self, turn: u64) {
        self.gathering = match self.gathering {
            Gathering::Under(_) => Gathering::Under(turn),
            Gathering::None | Gathering::TooMany => Gathering::None,
        };
    }

    /// Whether rows are being fetched to be chosen.
    pub(super) fn is_gathering(&self) -> bool {
        self.gathering == Gathering::Under(self.rows.turn())
    }

    /// Fetches what is missing; with the last row all are chosen.
    pub(super) fn gather(&mut self, context: &Context) -> Task<Message> {
        if self.rows.failure().is_some() {
            self.gathering = Gathering::None;
            return Task::none();
        }
        if self.rows.rows().len() > MOST_NAMED {
            self.gathering = Gathering::TooMany;
            return Task::none();
        }
        if self.rows.has_more() {
            return match self.rows.ahead(MOST_NAMED + 1) {
                Some(more) => self.fetch(more, context),
                None => Task::none(),
            };
        }
        // Whoever revokes all that are shown must not shut themselves out; one's own office can
        // still be pointed at.
        let own = &context.office.code;
        let offices = self.rows.rows().iter().map(|row| row.office.clone());
        let offices = offices.filter(|office| office.code != *own);
        let mut chosen = self.chosen.clone();
        chosen.extend(offices.map(|office| (office.code.clone(), office)));
        self.gathering = match chosen.len() > MOST_NAMED {
            true => Gathering::TooMany,
            false => {
                self.chosen = chosen;
                Gathering::None
            }
        };
        Task::none()
    }
}
