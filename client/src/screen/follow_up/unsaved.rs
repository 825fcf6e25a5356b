//! What the server does not have yet: what was put away half typed, what is under way, what came
//! back; how late answers find what they belong to, and the way back for whoever typed it.

use std::collections::BTreeMap;

use iced::Length;
use iced::widget::{container, operation};
use shared::Day;
use shared::follow_up::returnee::Returnee;
use shared::id::ReturneeId;

use super::super::Context;
use super::notice::Notice;
use super::record::{self, Record};
use super::work_list::Mark;
use super::{Action, FollowUp, Front, Happened, Message, form, on_form, on_list, opened};
use crate::api::Failure;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::token::space;
use crate::ui::{Element, button};

/// How many that could not be saved are named; a banner of all forty helps nobody.
const NAMED: usize = 3;

/// A day that was sent; kept whole until the server has it.
pub(super) struct Sent {
    pub(super) record: Box<Record>,
    pub(super) failed: bool,
}

impl FollowUp {
    /// How many days and forms were typed or sent that the server does not have yet.
    pub fn unsaved_count(&self) -> usize {
        let drafts: usize = self.drafts.values().map(BTreeMap::len).sum();
        let front = match &self.front {
            Some(Front::Record(record)) => record.drafts().len(),
            Some(Front::Form(form)) => usize::from(form.is_wanted()),
            Some(Front::Opened(opened)) => opened.unsaved_count(),
            None => 0,
        };
        let behind: usize = self.behind.values().map(|it| it.unsaved_count()).sum();
        drafts + self.forms.len() + behind + self.sent.len() + front + self.apart.count()
    }

    /// Puts away what is in front and keeps what was typed on it.
    pub(super) fn put_down(&mut self) {
        match self.front.take() {
            Some(Front::Record(record)) => {
                let name = record.line().name.to_string();
                self.put_away_days(record.id(), &name, record.drafts());
            }
            Some(Front::Form(form)) if form.is_wanted() => {
                self.put_away_form(form);
            }
            Some(Front::Opened(opened)) if opened.unsaved_count() > 0 => {
                self.behind.insert(opened.id(), opened);
            }
            Some(Front::Form(_) | Front::Opened(_)) | None => {}
        }
    }

    pub(super) fn bring_back(&mut self, record: Box<Record>) -> Action {
        self.list.mark(record.id());
        self.front = Some(Front::Record(record));
        Action::Run(operation::focus(record::TEMPERATURE))
    }

    pub(super) fn reopen_unsaved(&mut self, context: &Context) -> Action {
        match self.sent.iter().position(|sent| sent.failed) {
            Some(at) => {
                self.put_down();
                let sent = self.sent.remove(at);
                self.bring_back(sent.record)
            }
            None => {
                let asked = self.behind.values().find(|it| it.unsaved().is_some());
                match asked.map(|opened| opened.id()) {
                    Some(id) => self.open(id, context),
                    None => self.reopen_form(context),
                }
            }
        }
    }

    pub(super) fn reopen_form(&mut self, context: &Context) -> Action {
        let unsaved = self.forms.iter().find(|(_, form)| form.unsaved().is_some());
        let whom = unsaved.map(|(whom, _)| *whom);
        match whom.and_then(|whom| self.forms.remove(&whom)) {
            Some(form) => self.edit(form, context),
            None => self.open_found(context),
        }
    }

    /// The answer to something asked about a returnee who was left before it came.
    pub(super) fn on_opened_behind(
        &mut self,
        id: ReturneeId,
        message: opened::Message,
        context: &Context,
    ) -> Action {
        let Some(mut opened) = self.behind.remove(&id) else {
            return Action::None;
        };
        let action = opened.update(message, context);
        if opened.unsaved_count() > 0 {
            self.behind.insert(id, opened);
        }
        match action {
            opened::Action::Changed(returnee) => {
                Action::Run(self.list.replace(&returnee, context).map(on_list))
            }
            opened::Action::Gone(name, handed) => Action::Run(self.gone(&name, &handed, context)),
            _ => Action::None,
        }
    }

    /// The answer to a form that was put away while it was saved.
    pub(super) fn on_form_behind(
        &mut self,
        whom: Option<ReturneeId>,
        message: form::Message,
        context: &Context,
    ) -> Action {
        let Some(mut form) = self.forms.remove(&whom) else {
            return Action::None;
        };
        match form.update(message, context) {
            form::Action::Saved(returnee) => {
                match &mut self.front {
                    Some(Front::Opened(opened)) if Some(opened.id()) == whom => {
                        opened.take_in(returnee.clone());
                    }
                    _ => {}
                }
                Action::Run(self.list_shows(&returnee, context))
            }
            action => {
                // Someone new may have become someone who is there.
                self.put_away_form(form);
                match action {
                    form::Action::Run(task) => Action::Run(task.map(on_form)),
                    _ => Action::None,
                }
            }
        }
    }

    pub(super) fn recorded(
        &mut self,
        id: ReturneeId,
        day: Day,
        result: Result<Box<Returnee>, Failure>,
        context: &Context,
    ) -> Action {
        let mine = |sent: &Sent| sent.record.id() == id && sent.record.day() == day && !sent.failed;
        let Some(at) = self.sent.iter().position(mine) else {
            return Action::None;
        };
        let mut sent = self.sent.remove(at);
        let returnee = result.as_ref().ok().cloned();
        if sent.record.answered(result, context) {
            let name = sent.record.line().name.to_string();
            self.put_away_days(id, &name, sent.record.drafts());
            let Some(returnee) = returnee else {
                return Action::None;
            };
            let seen = returnee.observations.iter().find(|seen| seen.day == day);
            self.notice = seen.map(|seen| Notice::Recorded {
                name,
                day,
                findings: Box::new(seen.findings.clone()),
            });
            return Action::Run(self.list.replace(&returnee, context).map(on_list));
        }
        // Whoever has somebody else in front, or searches, is not interrupted: digits typed for
        // the next one must not land here. The banner leads back.
        if self.front.is_some() || self.list.is_searched() {
            sent.failed = true;
            self.sent.push(sent);
            return Action::None;
        }
        self.bring_back(sent.record)
    }

    /// What could not be saved: of whom, and what.
    fn came_back(&self) -> Vec<String> {
        let days = self.sent.iter().filter(|sent| sent.failed);
        let days = days.map(|sent| {
            let what = say!("follow_up.unsaved.day", name = sent.record.line().name);
            first_by(what, sent.record.clashed_with())
        });
        let asked = self.behind.values().filter_map(|opened| {
            let what = opened.unsaved()?;
            Some(first_by(what, opened.clashed_with()))
        });
        let forms = self.forms.values().filter_map(|form| {
            let what = say!("follow_up.unsaved.form", name = form.unsaved()?);
            Some(first_by(what, form.clashed_with()))
        });
        days.chain(asked).chain(forms).collect()
    }

    /// Whether somebody else saved first what came back.
    fn has_clashed(&self) -> bool {
        let days = self.sent.iter().filter(|sent| sent.failed);
        let mut days = days.map(|sent| sent.record.clashed_with());
        let mut asked = self.behind.values().map(|opened| opened.clashed_with());
        let mut forms = self.forms.values().map(|form| form.clashed_with());
        days.any(|by| by.is_some()) || asked.any(|by| by.is_some()) || forms.any(|by| by.is_some())
    }

    /// Whether something could not be saved and waits behind what is in front.
    pub(super) fn has_come_back(&self) -> bool {
        !self.came_back().is_empty() || !self.found_again().is_empty()
    }

    /// Says what was left behind the last time and can be gone on with.
    fn found_banner<'a>(&self) -> Option<Element<'a, Message>> {
        let found = self.found_again();
        let first = found.first()?;
        let title = match found.len() {
            1 => say!("follow_up.found.title", name = first),
            count => say!("follow_up.found.titles", name = first, count = count - 1),
        };
        let open = button::keyed(say!("follow_up.found.open"), "F4")
            .on_press(Message(Happened::UnsavedPressed));
        let banner = banner(Tone::Info, title)
            .line(say!("follow_up.found.what"))
            .action(open);
        Some(
            container(Element::from(banner))
                .padding([0.0, space::L])
                .width(Length::Fill)
                .into(),
        )
    }

    /// Says what could not be saved, while somebody types for another person.
    pub(super) fn unsaved<'a>(&self) -> Option<Element<'a, Message>> {
        let all = self.came_back();
        let more = all.len().saturating_sub(NAMED);
        let mut what = all
            .get(..NAMED)
            .unwrap_or(&all)
            .join(&say!("follow_up.word.and"));
        if what.is_empty() {
            return self.found_banner();
        }
        if more > 0 {
            what = say!("follow_up.unsaved.more", what = what, count = more);
        }
        let open = button::keyed(say!("follow_up.unsaved.open"), "F4")
            .on_press(Message(Happened::UnsavedPressed));
        let banner = banner(Tone::Error, say!("follow_up.unsaved.title", what = what))
            .line(match self.has_clashed() {
                true => say!("follow_up.unsaved.compare"),
                false => say!("follow_up.unsaved.what"),
            })
            .action(open);
        Some(
            container(Element::from(banner))
                .padding([0.0, space::L])
                .width(Length::Fill)
                .into(),
        )
    }

    /// What has become of a record that is not saved.
    pub(super) fn mark(&self, id: ReturneeId) -> Option<Mark> {
        match self.sent.iter().find(|sent| sent.record.id() == id) {
            Some(Sent { failed: true, .. }) => Some(Mark::Unsaved),
            Some(_) => Some(Mark::Sending),
            None => match self.behind.get(&id) {
                Some(opened) if opened.unsaved().is_some() => Some(Mark::Unsaved),
                _ => self.drafts.contains_key(&id).then_some(Mark::Draft),
            },
        }
    }
}

/// What could not be saved, and who saved the same first.
fn first_by(what: String, by: Option<&str>) -> String {
    match by {
        Some(by) => say!("follow_up.unsaved.first_by", what = what, by = by),
        None => what,
    }
}
