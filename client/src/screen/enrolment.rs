//! Letting this terminal in.

use crate::keystore::{Fault, Identity};
use crate::ui::keys::Binding;
use crate::ui::{Element, text};
use crate::world::World;
use iced::Task;

/// The screen's state.
pub struct Enrolment;

/// What happened on it.
#[derive(Clone)]
pub enum Message {}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// The keystore may answer by now: ask it again.
    AskAgain,
    /// The terminal is in: go on to the login.
    Enrolled(Box<Identity>),
}

impl Enrolment {
    /// The screen as it opens.
    pub fn new(
        _link: Option<String>,
        _pending: Option<Identity>,
        _fault: Option<Fault>,
    ) -> (Self, Task<Message>) {
        (Self, Task::none())
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, _world: &World) -> Action {
        match message {}
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, _world: &'a World) -> Element<'a, Message> {
        text::body("").into()
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        Vec::new()
    }
}
