//! The helpdesk's desk (M-04, M-12): one field finds an office while its caller is still
//! speaking, its page answers at a glance, and what can be done for it takes a few keys.
//!
//! Nothing here shows anybody under follow-up: no endpoint that the desk calls gives it.

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;

use super::{Context, InView, Lead, Screen, Step};
use crate::say;
use crate::ui::Element;
use crate::ui::keys::{Binding, Shortcut, binding};
use page::Page;
use search::Search;
use waiting::Waiting;

mod deed;
mod page;
mod search;
#[cfg(test)]
mod tests;
mod waiting;
mod words;

/// A name that no widget has: whoever is given the keys under it takes them from all others.
const NOBODY: &str = "desk-nobody";

/// After how many seconds before the first view it is asked anew what waits for a second person.
const REFRESH: u32 = 30;

/// The screen's state.
pub struct Desk {
    search: Search,
    waiting: Waiting,
    page: Option<Page>,
    /// How many seconds passed since it was asked what waits for a second person.
    age: u32,
    /// The last turn of the page that was closed, so that no answer to it is taken for another's.
    turn: u64,
}

/// What happened on the screen.
#[derive(Clone)]
pub enum Message {
    /// In the search or its list.
    Search(search::Message),
    /// On the page of an office.
    Page(page::Message),
    /// Back to the field, with its text selected: the next caller is on the line.
    SearchPressed,
    /// Back to the list.
    BackPressed,
    /// What waits for a second person came.
    Waiting(waiting::Message),
    /// To where it is decided.
    WaitingPressed,
}

impl Screen for Desk {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let mut desk = Self {
            search: Search::default(),
            waiting: Waiting::default(),
            page: None,
            age: 0,
            turn: 0,
        };
        let asked = desk.look_up(context);
        (desk, Task::batch([operation::focus(search::FIELD), asked]))
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        let keys = match &self.page {
            Some(_) => Task::none(),
            None => operation::focus(search::FIELD),
        };
        Task::batch([keys, self.reload(context)])
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        match &mut self.page {
            Some(page) => page.reload(context).map(Message::Page),
            None => self.look_up(context),
        }
    }

    fn left(&mut self) {
        if let Some(page) = &mut self.page {
            page.hide();
        }
    }

    fn passed(&mut self, context: &Context) {
        if let Some(page) = &mut self.page {
            page.ticked(context.world.now());
        }
    }

    fn ticked(&mut self, context: &Context) -> Task<Message> {
        if self.page.is_some() {
            return Task::none();
        }
        self.age += 1;
        match self.age >= REFRESH && !self.waiting.is_asking() {
            true => self.ask_waiting(context),
            false => Task::none(),
        }
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        Step::Run(match message {
            Message::Search(message) => match self.search.update(message, context) {
                search::Action::Run(task) => task.map(Message::Search),
                search::Action::Open(hit) => {
                    let (page, task) = Page::open(*hit, self.turn, context);
                    self.page = Some(page);
                    Task::batch([task.map(Message::Page), operation::focus(NOBODY)])
                }
            },
            Message::Page(message) => match &mut self.page {
                Some(page) => page.update(message, context).map(Message::Page),
                None => Task::none(),
            },
            Message::SearchPressed => {
                self.close();
                let select = operation::select_all(search::FIELD);
                let asked = self.look_up(context);
                Task::batch([operation::focus(search::FIELD), select, asked])
            }
            Message::BackPressed => {
                self.close();
                let asked = self.look_up(context);
                Task::batch([operation::focus(search::FIELD), asked])
            }
            Message::Waiting(message) => {
                self.waiting.update(message);
                Task::none()
            }
            Message::WaitingPressed => {
                let job = match &self.page {
                    Some(page) => page.waits(),
                    None => self.waiting.only(),
                };
                return Step::Lead(Lead::Waiting(job));
            }
        })
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        match &self.page {
            Some(page) => page::view(page, context),
            None => {
                let pressed = Message::WaitingPressed;
                let waiting = self.waiting.view(context, pressed).map(Element::from);
                self.search.view(waiting)
            }
        }
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        let Some(page) = &self.page else {
            let own = self.search.bindings().into_iter();
            let mut keys: Vec<_> = own.map(|it| it.map(Message::Search)).collect();
            if self.waiting.is_any() {
                keys.push(waiting::key(Message::WaitingPressed));
            }
            return keys;
        };
        let own = page.bindings().into_iter();
        let mut keys: Vec<_> = own.map(|it| it.map(Message::Page)).collect();
        if !page.is_asking() {
            let slash = Shortcut::character("/");
            keys.push(binding(
                slash,
                say!("desk.key.search"),
                Message::SearchPressed,
            ));
            let escape = Shortcut::named(Named::Escape);
            keys.push(binding(escape, say!("desk.key.back"), Message::BackPressed));
            if page.waits().is_some() {
                keys.push(waiting::key(Message::WaitingPressed));
            }
        }
        keys
    }

    fn unsaved_count(&self) -> usize {
        usize::from(self.page.as_ref().is_some_and(Page::is_unsaved))
    }

    fn in_view(&self) -> Option<InView> {
        let is_reading = self.page.as_ref().is_some_and(Page::is_reading);
        is_reading.then_some(InView::ReadOut)
    }
}

impl Desk {
    /// Asks anew for what stands in the first view.
    fn look_up(&mut self, context: &Context) -> Task<Message> {
        Task::batch([
            self.search.refresh(context).map(Message::Search),
            self.ask_waiting(context),
        ])
    }

    fn ask_waiting(&mut self, context: &Context) -> Task<Message> {
        self.age = 0;
        self.waiting.ask(context).map(Message::Waiting)
    }

    fn close(&mut self) {
        if let Some(page) = self.page.take() {
            self.turn = page.turn();
        }
    }
}
