//! Two people recorded the same day: both versions side by side, and what becomes of them.

use shared::follow_up::observation::{Findings, RecordedDay};
use shared::follow_up::returnee::Returnee;

use super::super::clash::{Choice, Clash, Versions};
use super::pen::{Below, Draft, Field, Trouble, Typed, written};
use super::{Action, Record};
use crate::api::Failure;
use crate::screen::Context;

/// What was typed, compared with what stands there now.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) clash: Clash<Field>,
    mine: Findings,
}

impl Record {
    /// Who saved first what is compared.
    pub(in super::super) fn clashed_with(&self) -> Option<&str> {
        self.comparison.as_ref().map(|it| it.clash.by())
    }

    /// The server holds another version than the one that was sent over: compares, if the failure
    /// brought it.
    pub(super) fn clashed(&mut self, failure: &Failure) {
        let Failure::Refused(problem) = failure else {
            return;
        };
        let present = problem.current.clone().map(serde_json::from_value);
        let (Some(Ok(present)), Some(tried)) = (present, self.tried.take()) else {
            return;
        };
        let present: Returnee = present;
        self.returnee = Some(Box::new(present));
        if self.is_withdrawn() {
            return;
        }
        self.compare(&tried.recorded.findings, tried.over.as_ref());
        self.tried = Some(tried);
    }

    /// Whether what the day in view was typed over is not there any more: then that is said, and
    /// what was typed is for a record anew, without what nobody typed.
    pub(super) fn is_withdrawn(&mut self) -> bool {
        let (None, Some(returnee)) = (self.present(), &self.returnee) else {
            return false;
        };
        let mut withdrawn = returnee.withdrawn.iter();
        let Some(withdrawn) = withdrawn.find(|it| it.day == self.day) else {
            return false;
        };
        self.trouble = Some(Trouble::Withdrawn {
            by: withdrawn.by.name.to_string(),
            reason: withdrawn.reason.to_string(),
        });
        if let Some(draft) = self.drafts.get_mut(&self.day) {
            draft.below = Below::Withdrawn;
        }
        self.show_note();
        true
    }

    /// Whether whoever saves has yet to be told that the record was withdrawn over which they typed:
    /// then that is said.
    pub(super) fn has_to_tell(&mut self) -> bool {
        let draft = self.drafts.get(&self.day);
        let to_tell = draft.is_some_and(|draft| draft.below == Below::Withdrawn);
        to_tell && self.is_withdrawn()
    }

    /// They go on at a day of which they were told that: from here on there is nothing below it.
    pub(super) fn is_told(&mut self) {
        if let Some(draft) = self.drafts.get_mut(&self.day)
            && matches!(self.trouble, Some(Trouble::Withdrawn { .. }))
        {
            draft.below = Below::Nothing;
        }
    }

    /// Puts `mine`, which was typed over `over`, beside what stands there now.
    pub(super) fn compare(&mut self, mine: &Findings, over: Option<&Findings>) {
        let Some(theirs) = self.present() else { return };
        let fields = Field::ALL.map(|field| Versions {
            field,
            seen: over.map_or_else(String::new, |over| written(over, field)),
            mine: written(mine, field),
            theirs: written(&theirs.findings, field),
        });
        let clash = Clash::new(theirs.recorded_by.name.to_string(), fields);
        self.comparison = Some(Box::new(Comparison {
            clash,
            mine: mine.clone(),
        }));
    }

    /// Sends what was chosen from both versions.
    pub(super) fn settle(&mut self, context: &Context) -> Action {
        let (Some(comparison), Some(theirs)) = (&self.comparison, self.present()) else {
            return Action::None;
        };
        let Comparison { clash, mine } = &**comparison;
        if !clash.is_settled() {
            return Action::None;
        }
        let pick = |field| match clash.choice(field) {
            Choice::Mine => mine,
            Choice::Theirs => &theirs.findings,
        };
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
            id: self.line.id,
            day: self.day,
            version: theirs.version,
            findings,
        };
        // From here on the choice is what was typed, over what was chosen from: should the line
        // break now, nothing is decided twice.
        let chosen = Draft {
            typed: Typed::of(&recorded.findings),
            below: Below::Seen(Box::new(theirs.clone())),
        };
        self.drafts.insert(self.day, chosen);
        self.comparison = None;
        self.send(recorded, context)
    }
}
