//! 連絡先: where the links and passwords of offices are mailed (M-01). A list of all that this
//! person may see, one office typed by hand, and whole lists pasted or read from a file.

use std::path::PathBuf;

use iced::Task;

use super::saving::{self, Saving};
use super::{Context, Screen, Step};
use crate::ui::Element;
use crate::ui::keys::Binding;
use editing::Editing;
use everyone::Everyone;
use intake::Intake;
use listing::Listing;

mod editing;
mod everyone;
mod export;
mod intake;
mod listing;
mod view;

#[cfg(test)]
mod tests;

/// The screen's state.
pub struct Contacts {
    listing: Listing,
    front: Option<Front>,
}

/// What stands in front of the list.
enum Front {
    Editing(Box<Editing>),
    Intake(Box<Intake>),
    /// All contacts are being fetched for a file.
    Exporting(Everyone),
    Saving(Saving),
}

/// What happened on it.
#[derive(Clone)]
pub struct Message(Happened);

#[derive(Clone)]
enum Happened {
    Listing(listing::Message),
    Editing(editing::Message),
    Intake(intake::Message),
    Exporting(everyone::Message),
    Saving(saving::Message),
    Opened(usize),
    IntakePressed,
    ExportPressed,
    StopPressed,
}

fn on_listing(message: listing::Message) -> Message {
    Message(Happened::Listing(message))
}

fn on_editing(message: editing::Message) -> Message {
    Message(Happened::Editing(message))
}

fn on_intake(message: intake::Message) -> Message {
    Message(Happened::Intake(message))
}

fn on_exporting(message: everyone::Message) -> Message {
    Message(Happened::Exporting(message))
}

fn on_saving(message: saving::Message) -> Message {
    Message(Happened::Saving(message))
}

impl Contacts {
    /// Back to the list; where something was registered it is asked for anew.
    fn back(&mut self, changed: bool, context: &Context) -> Step<Message> {
        self.front = None;
        let focus = iced::widget::operation::focus(listing::LIST);
        Step::Run(match changed {
            true => Task::batch([self.listing.reload(context).map(on_listing), focus]),
            false => focus,
        })
    }

    fn take_in(&mut self, step: intake::Action, context: &Context) -> Step<Message> {
        match step {
            intake::Action::None => Step::None,
            intake::Action::Run(task) => Step::Run(task.map(on_intake)),
            intake::Action::Closed(changed) => self.back(changed, context),
        }
    }
}

impl Screen for Contacts {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let (listing, task) = Listing::open(context);
        let contacts = Self {
            listing,
            front: None,
        };
        (contacts, task.map(on_listing))
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        match &self.front {
            Some(Front::Editing(editing)) => editing.entered().map(on_editing),
            Some(Front::Intake(intake)) => intake.entered().map(on_intake),
            Some(_) => Task::none(),
            None => Task::batch([
                self.reload(context),
                iced::widget::operation::focus(listing::LIST),
            ]),
        }
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        match &self.front {
            None => self.listing.reload(context).map(on_listing),
            Some(_) => Task::none(),
        }
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        match message.0 {
            Happened::Listing(message) => {
                Step::Run(self.listing.update(message, context).map(on_listing))
            }
            Happened::Opened(at) => {
                let Some(contact) = self.listing.rows().get(at) else {
                    return Step::None;
                };
                let (editing, task) = Editing::open(contact.clone(), context);
                self.front = Some(Front::Editing(Box::new(editing)));
                Step::Run(task.map(on_editing))
            }
            Happened::Editing(message) => {
                let Some(Front::Editing(editing)) = &mut self.front else {
                    return Step::None;
                };
                match editing.update(message, context) {
                    editing::Action::None => Step::None,
                    editing::Action::Run(task) => Step::Run(task.map(on_editing)),
                    editing::Action::Closed(changed) => self.back(changed, context),
                }
            }
            Happened::IntakePressed if self.front.is_none() => {
                let (intake, task) = Intake::open();
                self.front = Some(Front::Intake(Box::new(intake)));
                Step::Run(task.map(on_intake))
            }
            Happened::Intake(message) => {
                let Some(Front::Intake(intake)) = &mut self.front else {
                    return Step::None;
                };
                let action = intake.update(message, context);
                self.take_in(action, context)
            }
            Happened::ExportPressed if self.front.is_none() => {
                let (everyone, task) = Everyone::fetch(self.listing.under(), context);
                self.front = Some(Front::Exporting(everyone));
                Step::Run(task.map(on_exporting))
            }
            Happened::Exporting(message) => {
                let Some(Front::Exporting(everyone)) = &mut self.front else {
                    return Step::None;
                };
                match everyone.update(message, context) {
                    everyone::Action::None => Step::None,
                    everyone::Action::Run(task) => Step::Run(task.map(on_exporting)),
                    everyone::Action::Complete => {
                        let missing = self.listing.is_missing_only();
                        let (saving, task) = export::file(everyone.contacts(), missing, context);
                        self.front = Some(Front::Saving(saving));
                        Step::Run(task.map(on_saving))
                    }
                }
            }
            Happened::Saving(message) => {
                let Some(Front::Saving(saving)) = &mut self.front else {
                    return Step::None;
                };
                match saving.update(message, context) {
                    saving::Action::None => Step::None,
                    saving::Action::Run(task) => Step::Run(task.map(on_saving)),
                    saving::Action::Closed => self.back(false, context),
                }
            }
            Happened::StopPressed => self.back(false, context),
            Happened::IntakePressed | Happened::ExportPressed => Step::None,
        }
    }

    fn dropped(&mut self, path: PathBuf, _: &Context) -> Option<Step<Message>> {
        let mut opening = Task::none();
        if self.front.is_none() {
            let (intake, task) = Intake::open();
            self.front = Some(Front::Intake(Box::new(intake)));
            opening = task.map(on_intake);
        }
        let Some(Front::Intake(intake)) = &mut self.front else {
            // What is in front is finished or put away first.
            return Some(Step::None);
        };
        let reading = match intake.dropped(path) {
            intake::Action::Run(task) => task.map(on_intake),
            _ => Task::none(),
        };
        Some(Step::Run(Task::batch([opening, reading])))
    }

    fn view<'a>(&'a self, _: &'a Context) -> Element<'a, Message> {
        view::view(self)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        view::bindings(self)
    }

    fn unsaved_count(&self) -> usize {
        match &self.front {
            Some(Front::Editing(editing)) => usize::from(editing.is_changed()),
            Some(Front::Intake(intake)) => usize::from(intake.is_unsaved()),
            _ => 0,
        }
    }
}
