//! Two people recorded the same day: both versions side by side, and what becomes of them.

use shared::follow_up::observation::{Findings, RecordedDay};
use shared::follow_up::returnee::Returnee;

use super::super::clash::{Choice, Clash, Versions};
use super::pen::{Field, Trouble, written};
use super::{Action, Record};
use crate::api::Failure;
use crate::screen::Context;

impl Record {
    /// Puts the versions side by side, if the failure holds the present one.
    pub(super) fn compare(&mut self, failure: &Failure) {
        let Failure::Refused(problem) = failure else {
            return;
        };
        let Some(current) = problem.current.clone() else {
            return;
        };
        let Some((sent, _)) = &self.tried else { return };
        let Ok(present) = serde_json::from_value::<Returnee>(current) else {
            return;
        };
        let Some(theirs) = present
            .observations
            .iter()
            .find(|seen| seen.day == self.day)
        else {
            return;
        };
        let seen = self.stored().map(|seen| seen.findings.clone());
        let fields = Field::ALL.map(|field| Versions {
            field,
            seen: seen
                .as_ref()
                .map_or_else(String::new, |seen| written(seen, field)),
            mine: written(&sent.findings, field),
            theirs: written(&theirs.findings, field),
        });
        let clash = Clash::new(theirs.recorded_by.name.to_string(), fields);
        self.clash = Some(Box::new(clash));
        self.returnee = Some(Box::new(present));
    }

    /// Sends what was chosen from both versions.
    pub(super) fn settle(&mut self, context: &Context) -> Action {
        let (Some(clash), Some((sent, _))) = (&self.clash, &self.tried) else {
            return Action::None;
        };
        let Some(theirs) = self.stored().filter(|_| clash.is_settled()) else {
            return Action::None;
        };
        let mine = |field| clash.choice(field) == Choice::Mine;
        let (ours, other) = (&sent.findings, &theirs.findings);
        let pick = |field| if mine(field) { ours } else { other };
        let findings = Findings {
            reach: pick(Field::Reach).reach,
            temperature: pick(Field::Temperature).temperature,
            symptoms: pick(Field::Own).symptoms.clone(),
            household: pick(Field::Household).household.clone(),
            note: pick(Field::Note).note.clone(),
        };
        if findings.check().is_err() {
            self.trouble = Some(Trouble::NotReachedAndSeen);
            return Action::None;
        }
        let recorded = RecordedDay {
            version: theirs.version,
            findings,
            ..sent.clone()
        };
        self.clash = None;
        self.send(recorded, context)
    }
}
