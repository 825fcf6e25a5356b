//! What was typed and not saved, as it outlives the window: taken down while it is typed, found
//! again at the next login.

use serde::{Deserialize, Serialize};
use shared::Day;
use shared::id::ReturneeId;

use super::super::Context;
use super::opened::Asked;
use super::record::Draft;
use super::{Action, FollowUp, Form, Front, Opened, form};

/// What was typed and not saved. It names people and says how they are: it must be sealed before
/// it goes anywhere.
#[derive(Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    days: Vec<Days>,
    asked: Vec<Questions>,
    forms: Vec<form::Kept>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Days {
    id: ReturneeId,
    name: String,
    drafts: Vec<(Day, Draft)>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Questions {
    id: ReturneeId,
    name: String,
    asked: Vec<Asked>,
}

/// Something that was found again and not opened since.
#[derive(Clone, Debug)]
pub(super) struct Found {
    whom: Option<ReturneeId>,
    name: String,
}

impl FollowUp {
    /// What was typed and not saved.
    pub fn kept(&self) -> Kept {
        let front = match &self.front {
            Some(Front::Record(record)) => Some(&**record),
            _ => None,
        };
        let open = front
            .into_iter()
            .chain(self.sent.iter().map(|sent| &*sent.record));
        let open =
            open.map(|record| (record.id(), record.line().name.to_string(), record.drafts()));
        let put_away = self.drafts.iter().map(|(id, drafts)| {
            let name = self.names.get(id).cloned().unwrap_or_default();
            (*id, name, drafts.clone())
        });
        let mut days: Vec<Days> = open
            .chain(put_away)
            .filter(|(_, _, drafts)| !drafts.is_empty())
            .map(|(id, name, drafts)| Days {
                id,
                name,
                drafts: drafts.into_iter().collect(),
            })
            .collect();
        days.sort_by_key(|days| days.id.0);
        let front = match &self.front {
            Some(Front::Opened(opened)) => Some(opened),
            _ => None,
        };
        let mut asked: Vec<Questions> = front
            .into_iter()
            .chain(self.behind.values())
            .map(|opened| Questions {
                id: opened.id(),
                name: opened.name(),
                asked: opened.questions(),
            })
            .filter(|questions| !questions.asked.is_empty())
            .collect();
        asked.sort_by_key(|questions| questions.id.0);
        let front = match &self.front {
            Some(Front::Form(form)) if form.is_wanted() => Some(form),
            _ => None,
        };
        let forms = front.into_iter().chain(self.forms.values());
        let mut forms: Vec<form::Kept> = forms.map(|form| form.kept()).collect();
        forms.sort_by_key(form::Kept::whom);
        Kept { days, asked, forms }
    }

    /// Takes up again what was kept; what has been typed meanwhile comes first.
    pub fn restore(&mut self, kept: Kept) {
        for Days { id, name, drafts } in kept.days {
            self.names.insert(id, name.clone());
            self.drafts
                .entry(id)
                .or_insert_with(|| drafts.into_iter().collect());
            self.found.push(Found {
                whom: Some(id),
                name,
            });
        }
        for Questions { id, name, asked } in kept.asked {
            self.behind
                .entry(id)
                .or_insert_with(|| Box::new(Opened::restored(id, name.clone(), asked)));
            self.found.push(Found {
                whom: Some(id),
                name,
            });
        }
        for kept in kept.forms {
            let form = Form::restored(kept);
            self.found.push(Found {
                whom: form.whom(),
                name: form.name().to_owned(),
            });
            self.forms
                .entry(form.whom())
                .or_insert_with(|| Box::new(form));
        }
    }

    /// Whose input was found again and still waits.
    pub(super) fn found_again(&self) -> Vec<&str> {
        let waiting = self.found.iter().filter(|found| self.waits(found.whom));
        waiting.map(|found| &*found.name).collect()
    }

    fn waits(&self, whom: Option<ReturneeId>) -> bool {
        let somewhere =
            whom.is_some_and(|id| self.drafts.contains_key(&id) || self.behind.contains_key(&id));
        somewhere || self.forms.contains_key(&whom)
    }

    /// Opens what was found first.
    pub(super) fn open_found(&mut self, context: &Context) -> Action {
        while !self.found.is_empty() {
            let found = self.found.remove(0);
            if let Some(form) = self.forms.remove(&found.whom) {
                return self.edit(form, context);
            }
            let Some(id) = found.whom.filter(|_| self.waits(found.whom)) else {
                continue;
            };
            // A day is recorded on; anything else is asked in front of the returnee.
            self.to_record = self.drafts.contains_key(&id).then_some(id);
            return self.open(id, context);
        }
        Action::None
    }
}
