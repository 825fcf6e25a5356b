//! Not built yet.

use iced::Task;

use super::{Context, Part};
use crate::ui::keys::Binding;
use crate::ui::{Element, text};

/// The screen's state.
pub struct FollowUp;

/// What happened on it.
#[derive(Debug, Clone)]
pub enum Message {}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Show the import of a quarantine list.
    ImportPressed,
}

impl FollowUp {
    /// The screen as it opens.
    pub fn new(_context: &Context) -> (Self, Task<Message>) {
        (Self, Task::none())
    }

    /// Shows one part of the work list, as chosen on 今日の仕事.
    pub fn show(&mut self, _part: Part, _context: &Context) -> Task<Message> {
        Task::none()
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, _context: &Context) -> Action {
        match message {}
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, _context: &'a Context) -> Element<'a, Message> {
        text::body("").into()
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        Vec::new()
    }
}
