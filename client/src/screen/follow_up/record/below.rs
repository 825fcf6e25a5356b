//! What stands below the pen: the record of the day in view as it was when something was typed over
//! it, and as it is now.

use shared::Day;
use shared::accounts::Person;
use shared::follow_up::observation::Observation;
use shared::follow_up::returnee::Returnee;
use shared::id::Version;

use super::Record;
use super::pen::Below;

impl Record {
    /// What stood on the server for the day in view when it was typed over; as it was seen last
    /// where nothing is typed.
    pub(super) fn stored(&self) -> Option<&Observation> {
        match self.drafts.get(&self.day) {
            Some(draft) if draft.is_touched() => match &draft.below {
                Below::Seen(seen) => Some(seen),
                Below::Nothing | Below::Withdrawn => None,
                Below::Unknown => self.present(),
            },
            _ => self.present(),
        }
    }

    /// What stands on the server for the day in view, as it was seen last.
    pub(super) fn present(&self) -> Option<&Observation> {
        let returnee = self.returnee.as_ref()?;
        observation(returnee, self.day)
    }

    /// What stands on the server for a day, as far as anybody has looked.
    pub(super) fn below(&self, day: Day) -> Below {
        let seen = match &self.returnee {
            Some(returnee) => observation(returnee, day),
            None if day == self.listed && self.line.today_version == Version(0) => None,
            None => return Below::Unknown,
        };
        seen.map_or(Below::Nothing, |seen| Below::Seen(Box::new(seen.clone())))
    }

    /// Notes what stands below what was typed before anybody could know.
    pub(super) fn look_below(&mut self) {
        for day in self.drafts.keys().copied().collect::<Vec<_>>() {
            let below = self.below(day);
            if let Some(draft) = self.drafts.get_mut(&day)
                && draft.below == Below::Unknown
            {
                draft.below = below;
            }
        }
        // What was sent before a crash may have arrived: the same again is nobody's draft.
        let Some(returnee) = &self.returnee else {
            return;
        };
        self.drafts.retain(|day, draft| {
            let Some(present) = observation(returnee, *day) else {
                return true;
            };
            let seen = match &draft.below {
                Below::Seen(seen) => Some(&**seen),
                Below::Nothing | Below::Withdrawn | Below::Unknown => None,
            };
            let same = draft.typed.findings(seen.map(|seen| &seen.findings));
            version(seen) == present.version || same.as_ref() != Ok(&present.findings)
        });
    }

    /// Who saved the day in view since it was typed over.
    pub(super) fn clashes_with(&self) -> Option<&Person> {
        let present = self.present()?;
        (version(self.stored()) != present.version).then_some(&present.recorded_by)
    }
}

pub(super) fn observation(returnee: &Returnee, day: Day) -> Option<&Observation> {
    returnee.observations.iter().find(|seen| seen.day == day)
}

/// The version that a write over this names.
pub(super) fn version(seen: Option<&Observation>) -> Version {
    seen.map_or(Version(0), |seen| seen.version)
}
