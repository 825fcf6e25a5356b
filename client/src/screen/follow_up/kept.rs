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

impl Kept {
    /// How many days, questions and forms it holds.
    pub(super) fn count(&self) -> usize {
        let days: usize = self.days.iter().map(|days| days.drafts.len()).sum();
        let asked: usize = self.asked.iter().map(|it| it.asked.len()).sum();
        days + asked + self.forms.len()
    }

    /// This and what another window kept. Where both have something for the same day, question
    /// or form, the other's waits apart until the first is saved.
    pub fn beside(mut self, other: Self) -> Self {
        self.days.extend(other.days);
        self.asked.extend(other.asked);
        self.forms.extend(other.forms);
        self
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Days {
    id: ReturneeId,
    name: String,
    drafts: Vec<(Day, Draft)>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
        let front = match &self.front {
            Some(Front::Form(form)) if form.is_wanted() => Some(form),
            _ => None,
        };
        let forms = front.into_iter().chain(self.forms.values());
        let mut forms: Vec<form::Kept> = forms.map(|form| form.kept()).collect();
        days.extend(self.apart.days.iter().cloned());
        days.sort_by_key(|days| days.id.0);
        asked.extend(self.apart.asked.iter().cloned());
        asked.sort_by_key(|questions| questions.id.0);
        forms.extend(self.apart.forms.iter().cloned());
        forms.sort_by_key(form::Kept::whom);
        Kept { days, asked, forms }
    }

    /// Takes up again what was kept; what has been typed meanwhile for the same day, question or
    /// form comes first, and the other waits apart until that is saved.
    pub fn restore(&mut self, kept: Kept) {
        for Days { id, name, drafts } in kept.days {
            if self.lay_days(id, &name, drafts) {
                self.was_found(Some(id), name);
            }
        }
        for Questions { id, name, asked } in kept.asked {
            if self.lay_questions(id, &name, asked) {
                self.was_found(Some(id), name);
            }
        }
        for kept in kept.forms {
            let form = Box::new(Form::restored(kept));
            let (whom, name) = (form.whom(), form.name().to_owned());
            if self.lay_form(form) {
                self.was_found(whom, name);
            }
        }
    }

    /// Takes up what waits apart and has its place free by now.
    pub(super) fn take_up_apart(&mut self) {
        if self.apart != Kept::default() {
            let apart = std::mem::take(&mut self.apart);
            self.restore(apart);
        }
    }

    /// Lays days found again behind what is in front; whether any found its place. One beside
    /// another waits apart, unless it says the same.
    fn lay_days(&mut self, id: ReturneeId, name: &str, days: Vec<(Day, Draft)>) -> bool {
        let mut apart = Vec::new();
        let mut laid = false;
        for (day, draft) in days {
            let front = match &self.front {
                Some(Front::Record(record)) => Some(&**record),
                _ => None,
            };
            let sent = self.sent.iter().map(|sent| &*sent.record);
            let open = front.into_iter().chain(sent).filter(|it| it.id() == id);
            let mut there = open
                .filter_map(|record| record.draft(day))
                .chain(self.drafts.get(&id).and_then(|drafts| drafts.get(&day)));
            match there.next() {
                Some(there) if there.says_the_same(&draft) => {}
                Some(_) => apart.push((day, draft)),
                None => {
                    laid = true;
                    self.put_away_days(id, name, [(day, draft)]);
                }
            }
        }
        self.wait_apart(id, name, apart);
        laid
    }

    /// Puts away days typed for someone. What lay there for one of them waits apart.
    pub(super) fn put_away_days(
        &mut self,
        id: ReturneeId,
        name: &str,
        days: impl IntoIterator<Item = (Day, Draft)>,
    ) {
        let mut apart = Vec::new();
        for (day, draft) in days {
            self.names.insert(id, name.to_owned());
            let there = self.drafts.entry(id).or_default();
            if let Some(other) = there.insert(day, draft)
                && there.get(&day).is_some_and(|it| !it.says_the_same(&other))
            {
                apart.push((day, other));
            }
        }
        self.wait_apart(id, name, apart);
    }

    fn wait_apart(&mut self, id: ReturneeId, name: &str, drafts: Vec<(Day, Draft)>) {
        if !drafts.is_empty() {
            let name = name.to_owned();
            self.apart.days.push(Days { id, name, drafts });
        }
    }

    fn lay_questions(&mut self, id: ReturneeId, name: &str, asked: Vec<Asked>) -> bool {
        let there = match &mut self.front {
            Some(Front::Opened(opened)) if opened.id() == id => opened,
            _ => {
                let restored = || Box::new(Opened::restored(id, name.to_owned(), Vec::new()));
                self.behind.entry(id).or_insert_with(restored)
            }
        };
        let count = asked.len();
        let apart: Vec<Asked> = asked
            .into_iter()
            .filter_map(|asked| there.take_up(asked))
            .collect();
        let laid = apart.len() < count;
        if !apart.is_empty() {
            let (name, asked) = (name.to_owned(), apart);
            self.apart.asked.push(Questions { id, name, asked });
        }
        laid
    }

    /// Lays a form found again behind what is in front; whether it found its place. One beside
    /// another waits apart, unless it says the same.
    fn lay_form(&mut self, form: Box<Form>) -> bool {
        let front = match &self.front {
            Some(Front::Form(front)) if front.whom() == form.whom() && front.is_wanted() => {
                Some(front)
            }
            _ => None,
        };
        match front.or(self.forms.get(&form.whom())) {
            Some(there) if there.kept() == form.kept() => false,
            Some(_) => {
                self.apart.forms.push(form.kept());
                false
            }
            None => {
                self.forms.insert(form.whom(), form);
                true
            }
        }
    }

    /// Puts away a form. What lay there for the same person, or for someone new, waits apart.
    pub(super) fn put_away_form(&mut self, form: Box<Form>) {
        let mine = form.kept();
        if let Some(other) = self.forms.insert(form.whom(), form)
            && other.kept() != mine
        {
            self.apart.forms.push(other.kept());
        }
    }

    fn was_found(&mut self, whom: Option<ReturneeId>, name: String) {
        self.found.push(Found { whom, name });
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
            let action = self.open(id, context);
            // A day is recorded on; anything else is asked in front of the returnee.
            self.to_record = self.drafts.contains_key(&id).then_some(id);
            return action;
        }
        Action::None
    }
}
