//! 発行・一括処理: where the enrolment of every office stands, one deed for many of them, how far
//! each such job is, and what waits for a second person.
//!
//! Without offices chosen one by one, a deed is for all that the filters show: a state, a
//! prefecture, the whole country.

use std::sync::Arc;

use iced::Task;
use iced::keyboard::key::Named;
use iced::task::Handle;
use iced::widget::operation;
use shared::enrolment::job::JobKind;
use shared::id::JobId;

use super::saving::{self, Saving};
use super::{Context, Screen, Step, deed_keys};
use crate::api::Failure;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::{Binding, Shortcut, binding};
use jobs::Jobs;
use offices::Offices;
use order::Order;

mod csv;
mod jobs;
mod offices;
mod order;
#[cfg(test)]
mod tests;
mod view;
mod words;

/// The screen's state.
pub struct Issuing {
    place: Place,
    offices: Offices,
    /// What is about to be begun.
    order: Option<Order>,
    jobs: Jobs,
    /// The list in front, on its way to a file.
    export: Option<Export>,
}

/// Which half of the screen is in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The offices.
    Offices,
    /// The jobs.
    Jobs,
}

/// A list on its way to a file.
enum Export {
    /// Its rows are being fetched, until this is dropped.
    UnderWay { _until_dropped: Handle },
    /// Not all of them came.
    Failed(Failure),
    /// They are here; where shall they lie?
    Saving(Saving),
}

/// What happened on the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// Among the offices.
    Offices(offices::Message),
    /// In the question before a job is begun.
    Order(order::Message),
    /// Among the jobs.
    Jobs(jobs::Message),
    /// The other half was asked for.
    PlacePressed(Place),
    /// Somebody comes from elsewhere for what waits for a second person: this job, or all of it.
    WaitingWanted(Option<JobId>),
    /// A job of this kind is wanted.
    OrderPressed(JobKind),
    /// The list in front is to be saved as a file.
    ExportPressed,
    /// All of its rows are here, or not.
    Gathered(Result<Arc<Vec<u8>>, Failure>),
    /// About the file.
    Saving(saving::Message),
    /// Stop fetching.
    StopPressed,
}

impl Screen for Issuing {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let (offices, listing) = Offices::open(context);
        let (jobs, waiting) = Jobs::open(context);
        let issuing = Self {
            place: Place::Offices,
            offices,
            order: None,
            jobs,
            export: None,
        };
        let tasks = [listing.map(Message::Offices), waiting.map(Message::Jobs)];
        (issuing, Task::batch(tasks))
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        self.forget_failed_export();
        Task::batch([self.reload(context), self.focus()])
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        Task::batch([
            self.offices.reload(context).map(Message::Offices),
            self.jobs.reload(context).map(Message::Jobs),
        ])
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        Step::Run(match message {
            Message::Offices(message) => {
                self.offices.update(message, context).map(Message::Offices)
            }
            Message::Jobs(message) => {
                if let jobs::Message::Opened(_) | jobs::Message::BackPressed = message {
                    self.forget_failed_export();
                }
                self.jobs.update(message, context).map(Message::Jobs)
            }
            Message::Order(message) => return self.ordering(message, context),
            Message::PlacePressed(place) => {
                self.place = place;
                self.export = None;
                self.focus()
            }
            Message::WaitingWanted(job) => {
                self.place = Place::Jobs;
                self.export = None;
                // What was typed of another deed stays in front.
                self.order.take_if(|order| !order.is_typed());
                let wanted = match job {
                    Some(job) => self.jobs.want(job, context),
                    None => self.jobs.list_in_front(),
                };
                Task::batch([wanted.map(Message::Jobs), self.focus()])
            }
            Message::OrderPressed(kind) => {
                self.export = None;
                self.order = self
                    .offices
                    .target(kind)
                    .map(|(selection, whom)| Order::new(kind, selection, whom, context));
                match self.order {
                    Some(_) => operation::focus(order::FIRST),
                    None => Task::none(),
                }
            }
            Message::ExportPressed => {
                let export = match (self.place, self.jobs.results_query()) {
                    (Place::Offices, _) => csv::offices(self.offices.query(), context),
                    (Place::Jobs, Some(query)) => csv::results(query, context),
                    (Place::Jobs, None) => return Step::None,
                };
                let (task, handle) = Task::perform(export, Message::Gathered).abortable();
                self.export = Some(Export::UnderWay {
                    _until_dropped: handle.abort_on_drop(),
                });
                task
            }
            Message::Gathered(result) => {
                if !matches!(self.export, Some(Export::UnderWay { .. })) {
                    return Step::None;
                }
                match result {
                    Ok(list) => {
                        let name = match self.place {
                            Place::Offices => say!("issuing.file.offices"),
                            Place::Jobs => say!("issuing.file.results"),
                        };
                        let bytes = list.to_vec().into();
                        let (saving, task) =
                            Saving::new(say!("issuing.export"), name, bytes, context);
                        self.export = Some(Export::Saving(saving));
                        task.map(Message::Saving)
                    }
                    Err(failure) => {
                        self.export = Some(Export::Failed(failure));
                        Task::none()
                    }
                }
            }
            Message::Saving(message) => {
                let Some(Export::Saving(saving)) = &mut self.export else {
                    return Step::None;
                };
                match saving.update(message, context) {
                    saving::Action::None => Task::none(),
                    saving::Action::Run(task) => task.map(Message::Saving),
                    saving::Action::Closed => {
                        self.export = None;
                        self.focus()
                    }
                }
            }
            Message::StopPressed => {
                self.export = None;
                self.focus()
            }
        })
    }

    fn ticked(&mut self, context: &Context) -> Task<Message> {
        self.jobs.ticked(context).map(Message::Jobs)
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::view(self, context)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        if let Some(order) = &self.order {
            let own = order.bindings().into_iter();
            return own.map(|it| it.map(Message::Order)).collect();
        }
        match &self.export {
            Some(Export::Saving(saving)) => {
                let own = saving.bindings().into_iter();
                return own.map(|it| it.map(Message::Saving)).collect();
            }
            Some(Export::UnderWay { .. }) => {
                let stop = Shortcut::named(Named::Escape);
                return vec![binding(stop, say!("issuing.stop"), Message::StopPressed)];
            }
            Some(Export::Failed(_)) | None => {}
        }
        let mut keys: Vec<_> = match self.place {
            Place::Offices => {
                let own = self.offices.bindings().into_iter();
                own.map(|it| it.map(Message::Offices))
                    .chain(JobKind::ALL.iter().map(|kind| {
                        let key = Shortcut::named(key_of(*kind));
                        let words = words::kind_pressed(*kind);
                        binding(key, words, Message::OrderPressed(*kind))
                    }))
                    .collect()
            }
            Place::Jobs => {
                let own = self.jobs.bindings().into_iter();
                own.map(|it| it.map(Message::Jobs)).collect()
            }
        };
        if self.jobs.is_asking() {
            return keys;
        }
        if self.place == Place::Offices || self.jobs.results_query().is_some() {
            keys.push(binding(
                Shortcut::named(Named::F6),
                say!("issuing.export"),
                Message::ExportPressed,
            ));
        }
        let (other, words) = match self.place {
            Place::Offices => (Place::Jobs, say!("issuing.place.jobs")),
            Place::Jobs => (Place::Offices, say!("issuing.place.offices")),
        };
        let other = Message::PlacePressed(other);
        keys.push(binding(Shortcut::named(Named::F7), words, other));
        keys
    }

    fn unsaved_count(&self) -> usize {
        let is_ordered = self.order.as_ref().is_some_and(Order::is_typed);
        usize::from(is_ordered) + usize::from(self.jobs.is_typed())
    }
}

/// The key that begins a job of this kind: that of the same deed at the desk.
fn key_of(kind: JobKind) -> Named {
    match kind {
        JobKind::Issue => deed_keys::ISSUE,
        JobKind::Reissue => deed_keys::REISSUE,
        JobKind::Revoke => deed_keys::REVOKE,
    }
}

impl Issuing {
    /// What is in front now is another list than the one of which not all rows came.
    fn forget_failed_export(&mut self) {
        self.export
            .take_if(|export| matches!(export, Export::Failed(_)));
    }

    /// Gives the keys to what is in front.
    fn focus(&self) -> Task<Message> {
        if let Some(Export::Saving(saving)) = &self.export {
            return saving.entered().map(Message::Saving);
        }
        operation::focus(match (&self.order, self.place) {
            (Some(_), _) => order::FIRST,
            (None, Place::Offices) => offices::LIST,
            (None, Place::Jobs) => self.jobs.front(),
        })
    }

    fn ordering(&mut self, message: order::Message, context: &Context) -> Step<Message> {
        let Some(order) = &mut self.order else {
            return Step::None;
        };
        match order.update(message, context) {
            order::Action::None => Step::None,
            order::Action::Run(task) => Step::Run(task.map(Message::Order)),
            order::Action::Closed => {
                self.order = None;
                Step::Run(self.focus())
            }
            order::Action::Begun(job) => {
                self.order = None;
                self.offices.forget_choice();
                self.place = Place::Jobs;
                let tasks = [
                    self.jobs.show(job, context).map(Message::Jobs),
                    self.offices.reload(context).map(Message::Offices),
                    operation::focus(jobs::RESULTS),
                ];
                Step::Run(Task::batch(tasks))
            }
        }
    }
}
