//! 送信状況: what was mailed to offices and what became of it, sent again where it did not arrive,
//! and passwords that go by letter, printed (M-02).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iced::Task;
use iced::widget::operation;
use shared::contract::Done;
use shared::mail::{PrintPasswords, PrintRequest, PrintedPasswords};
use zeroize::Zeroizing;

use super::saving::{self, Saving};
use super::{Context, Screen, Step};
use crate::api::Failure;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::Binding;
use listing::Listing;
use resending::Resending;

mod listing;
mod resending;
mod view;
mod words;

#[cfg(test)]
mod tests;

/// The name of the button that goes back without doing anything, for the focus.
const STAY: &str = "mail-stay";

/// The screen's state.
pub struct MailRoom {
    listing: Listing,
    front: Option<Front>,
    notice: Option<Notice>,
}

/// What stands in front of the list.
enum Front {
    Resending(Box<Resending>),
    Printing(Printing),
    /// The letters, how many they are, and whether others wait.
    Letters(Saving, u32, bool),
}

/// The question before letters are made.
#[derive(Default)]
struct Printing {
    /// Those, too, that were printed within the last 24 hours.
    again: bool,
    under_way: bool,
    failure: Option<Failure>,
}

/// What was done last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    /// It was put into the queue again.
    Resent,
    /// So many letters were saved; whether others wait.
    Printed(u32, bool),
    /// So many letters were made and not saved.
    NotSaved(u32),
}

/// What happened on it.
#[derive(Clone)]
pub struct Message(Happened);

#[derive(Clone)]
enum Happened {
    Listing(listing::Message),
    Opened(usize),
    Resending(resending::Message),
    PrintPressed,
    AgainTurned,
    ConfirmPressed,
    Printed(Result<Arc<PrintedPasswords>, Failure>),
    Saving(saving::Message),
    BackPressed,
}

fn on_listing(message: listing::Message) -> Message {
    Message(Happened::Listing(message))
}

fn on_resending(message: resending::Message) -> Message {
    Message(Happened::Resending(message))
}

fn on_saving(message: saving::Message) -> Message {
    Message(Happened::Saving(message))
}

impl MailRoom {
    fn back(&mut self, context: &Context) -> Step<Message> {
        self.front = None;
        Step::Run(Task::batch([
            self.listing.reload(context).map(on_listing),
            operation::focus(listing::LIST),
        ]))
    }

    fn print(&mut self, context: &Context) -> Step<Message> {
        let Some(Front::Printing(printing)) = &mut self.front else {
            return Step::None;
        };
        if printing.under_way {
            return Step::None;
        }
        printing.under_way = true;
        printing.failure = None;
        let request = PrintRequest {
            link: None,
            again: printing.again,
        };
        let call = context.api.call::<PrintPasswords>(request);
        Step::Run(Task::perform(call, |result| {
            Message(Happened::Printed(result.map(Arc::new)))
        }))
    }

    fn printed(
        &mut self,
        result: Result<Arc<PrintedPasswords>, Failure>,
        context: &Context,
    ) -> Step<Message> {
        let Some(Front::Printing(printing)) = &mut self.front else {
            return Step::None;
        };
        printing.under_way = false;
        let letters = match result {
            Ok(letters) => letters,
            Err(failure) => {
                printing.failure = Some(failure);
                return Step::None;
            }
        };
        let Ok(pdf) = STANDARD.decode(&letters.pdf).map(Zeroizing::new) else {
            printing.failure = Some(Failure::Unreadable);
            return Step::None;
        };
        let name = format!("{}_{}.pdf", say!("mail.print.name"), context.world.today());
        let title = say!("mail.print.save", count = letters.count);
        let (saving, task) = Saving::new(title, name, pdf, context);
        self.front = Some(Front::Letters(saving, letters.count, letters.more));
        Step::Run(task.map(on_saving))
    }
}

impl Screen for MailRoom {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let (listing, task) = Listing::open(context);
        let room = Self {
            listing,
            front: None,
            notice: None,
        };
        (room, task.map(on_listing))
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        match &self.front {
            Some(Front::Resending(form)) => form.entered().map(on_resending),
            Some(_) => Task::none(),
            None => Task::batch([self.reload(context), operation::focus(listing::LIST)]),
        }
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        match &self.front {
            Some(_) => Task::none(),
            None => self.listing.reload(context).map(on_listing),
        }
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        match message.0 {
            Happened::Listing(message) => {
                Step::Run(self.listing.update(message, context).map(on_listing))
            }
            Happened::Opened(at) => {
                let Some(item) = self.listing.rows().get(at) else {
                    return Step::None;
                };
                let (form, task) = Resending::open(item.clone());
                self.notice = None;
                self.front = Some(Front::Resending(Box::new(form)));
                Step::Run(task.map(on_resending))
            }
            Happened::Resending(message) => {
                let Some(Front::Resending(form)) = &mut self.front else {
                    return Step::None;
                };
                match form.update(message, context) {
                    resending::Action::None => Step::None,
                    resending::Action::Run(task) => Step::Run(task.map(on_resending)),
                    resending::Action::Closed(done) => {
                        self.notice = done.map(|Done {}| Notice::Resent);
                        self.back(context)
                    }
                }
            }
            Happened::PrintPressed if self.front.is_none() => {
                self.notice = None;
                self.front = Some(Front::Printing(Printing::default()));
                Step::Run(operation::focus(STAY))
            }
            Happened::AgainTurned => {
                if let Some(Front::Printing(printing)) = &mut self.front {
                    printing.again = !printing.again;
                }
                Step::None
            }
            Happened::ConfirmPressed => self.print(context),
            Happened::Printed(result) => self.printed(result, context),
            Happened::Saving(message) => {
                let Some(Front::Letters(saving, count, more)) = &mut self.front else {
                    return Step::None;
                };
                match saving.update(message, context) {
                    saving::Action::None => Step::None,
                    saving::Action::Run(task) => Step::Run(task.map(on_saving)),
                    saving::Action::Closed => {
                        self.notice = Some(match saving.is_saved() {
                            true => Notice::Printed(*count, *more),
                            false => Notice::NotSaved(*count),
                        });
                        self.back(context)
                    }
                }
            }
            // Letters under way are waited for: they would be noted as handed over, and lost.
            Happened::BackPressed => match &self.front {
                Some(Front::Printing(printing)) if printing.under_way => Step::None,
                _ => self.back(context),
            },
            Happened::PrintPressed => Step::None,
        }
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::view(self, context)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        view::bindings(self)
    }

    fn unsaved_count(&self) -> usize {
        match &self.front {
            Some(Front::Resending(form)) => usize::from(form.is_changed()),
            Some(Front::Letters(saving, ..)) => usize::from(!saving.is_saved()),
            _ => 0,
        }
    }
}
