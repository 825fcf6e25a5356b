//! What the server does not have yet: what was put away half typed, what is under way, what came
//! back; how late answers find what they belong to, and the way back for whoever typed it.

use std::collections::BTreeMap;

use iced::Length;
use iced::widget::{container, operation};
use shared::Day;
use shared::follow_up::returnee::Returnee;
use shared::id::ReturneeId;

use super::super::Context;
use super::record::{self, Record};
use super::work_list::Mark;
use super::{Action, FollowUp, Front, Happened, Message, form, on_form, on_list};
use crate::api::Failure;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::token::space;
use crate::ui::{Element, button};

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
            Some(Front::Record(record)) => record.typed().len(),
            Some(Front::Form(form)) => usize::from(form.is_wanted()),
            Some(Front::Opened(_)) | None => 0,
        };
        drafts + self.forms.len() + self.sent.len() + front
    }

    /// Puts away what is in front and keeps what was typed on it.
    pub(super) fn put_down(&mut self) {
        match self.front.take() {
            Some(Front::Record(record)) => {
                let typed = record.typed();
                if !typed.is_empty() {
                    self.drafts.insert(record.id(), typed);
                }
            }
            Some(Front::Form(form)) if form.is_wanted() => {
                self.forms.insert(form.whom(), form);
            }
            Some(Front::Form(_) | Front::Opened(_)) | None => {}
        }
    }

    pub(super) fn bring_back(&mut self, record: Box<Record>) -> Action {
        self.list.mark(record.id());
        self.front = Some(Front::Record(record));
        Action::Run(operation::focus(record::TEMPERATURE))
    }

    pub(super) fn reopen_unsaved(&mut self) -> Action {
        match self.sent.iter().position(|sent| sent.failed) {
            Some(at) => {
                self.put_down();
                let sent = self.sent.remove(at);
                self.bring_back(sent.record)
            }
            None => self.reopen_form(),
        }
    }

    pub(super) fn reopen_form(&mut self) -> Action {
        let unsaved = self.forms.iter().find(|(_, form)| form.unsaved().is_some());
        let whom = unsaved.map(|(whom, _)| *whom);
        match whom.and_then(|whom| self.forms.remove(&whom)) {
            Some(form) => self.edit(form),
            None => Action::None,
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
                self.forms.insert(form.whom(), form);
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
            let left = sent.record.typed();
            if !left.is_empty() {
                self.drafts.insert(id, left);
            }
            self.notice = Some(say!(
                "follow_up.record.saved",
                name = sent.record.line().name
            ));
            let Some(returnee) = returnee else {
                return Action::None;
            };
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

    /// Says which days could not be saved, while somebody types for another person.
    pub(super) fn unsaved<'a>(&self) -> Option<Element<'a, Message>> {
        let names: Vec<&str> = self
            .sent
            .iter()
            .filter(|sent| sent.failed)
            .map(|sent| &*sent.record.line().name)
            .chain(self.forms.values().filter_map(|form| form.unsaved()))
            .collect();
        if names.is_empty() {
            return None;
        }
        let names = names.join(&say!("follow_up.word.and"));
        let open = button::keyed(say!("follow_up.unsaved.open"), "F4")
            .on_press(Message(Happened::UnsavedPressed));
        let banner = banner(Tone::Error, say!("follow_up.unsaved.title", names = names))
            .line(say!("follow_up.unsaved.what"))
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
            None => self.drafts.contains_key(&id).then_some(Mark::Draft),
        }
    }
}
