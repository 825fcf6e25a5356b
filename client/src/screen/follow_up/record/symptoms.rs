//! The symptoms of the day under the pen: whose they are, turned on and off by digits.

use iced::Task;
use iced::widget::operation;
use iced::widget::scrollable::RelativeOffset;
use shared::follow_up::observation::Symptom;

use super::pen::{Asked, Group};
use super::view::ENTRY;
use super::{Action, Record};

impl Record {
    /// Gives the digits to the returnee's symptoms, then to the household's, and back.
    pub(super) fn next_group(&mut self) -> Action {
        let (group, place) = match self.armed {
            Some(Group::Own) => (Group::Household, RelativeOffset::END),
            Some(Group::Household) | None => (Group::Own, RelativeOffset::START),
        };
        self.armed = Some(group);
        Action::Run(Task::batch([
            // A name that no widget bears takes the keys from the field.
            operation::focus("follow-up-nothing"),
            // In a low window the household's may lie below what is in view.
            operation::snap_to(ENTRY, place),
        ]))
    }

    /// A digit outside any field turns what it stands beside; beside nothing it means nothing.
    pub(super) fn digit(&mut self, digit: u8) {
        let Some(group) = self.armed else { return };
        match digit.checked_sub(1) {
            None => self.turn_none(group),
            Some(nth) => {
                if let Some(symptom) = Symptom::ALL.get(usize::from(nth)) {
                    self.turn(group, *symptom);
                }
            }
        }
    }

    pub(super) fn turn(&mut self, group: Group, symptom: Symptom) {
        let slot = self.group_mut(group);
        let asked = slot.get_or_insert_default();
        if !asked.present.remove(&symptom) {
            asked.present.insert(symptom);
        } else if asked.present.is_empty() {
            // Turned on and off again: as if it had never been touched.
            *slot = None;
        }
    }

    pub(super) fn turn_none(&mut self, group: Group) {
        let slot = self.group_mut(group);
        *slot = (*slot != Some(Asked::default())).then(Asked::default);
    }

    /// What was typed for the symptoms, beginning from what is stored.
    pub(super) fn group_mut(&mut self, group: Group) -> &mut Option<Asked> {
        let stored = self.stored().and_then(|seen| match group {
            Group::Own => seen.findings.symptoms.as_ref(),
            Group::Household => seen.findings.household.as_ref(),
        });
        let begin = stored.map(Asked::of);
        let pen = self.pen_mut();
        let slot = match group {
            Group::Own => &mut pen.own,
            Group::Household => &mut pen.household,
        };
        if slot.is_none() {
            *slot = begin;
        }
        slot
    }
}
