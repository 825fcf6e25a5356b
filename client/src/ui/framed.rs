//! Draws the focus ring around one of iced's own widgets that take keys, and
//! says when the keys leave it.

use std::borrow::Cow;

use iced::advanced::Shell;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Focusable, Operation};
use iced::{Event, Rectangle, Renderer};

use super::Element;
use super::around::{Around, Behaviour};
use super::focus::{self, Ring};
use super::theme::Theme;

/// A widget with a focus ring; see [`framed`].
pub type Framed<'a, Message> = Around<'a, Message, Frame<'a, Message>>;

/// The ring, and what happens when the keys go elsewhere.
pub struct Frame<'a, Message> {
    radius: f32,
    on_leave: Option<Message>,
    says: Option<Cow<'a, str>>,
}

/// `content` with a focus ring of corner `radius` while it has the keys.
pub fn framed<'a, Message: Clone>(
    content: impl Into<Element<'a, Message>>,
    radius: f32,
) -> Framed<'a, Message> {
    let frame = Frame {
        radius,
        on_leave: None,
        says: None,
    };
    Around::new(content, frame)
}

impl<'a, Message> Framed<'a, Message> {
    /// What the content says, where it does not say so itself to whoever looks for words.
    #[must_use]
    pub fn says(mut self, words: Cow<'a, str>) -> Self {
        self.behaviour.says = Some(words);
        self
    }

    /// What happens when the keys go elsewhere.
    #[must_use]
    pub fn on_leave(mut self, message: Option<Message>) -> Self {
        self.behaviour.on_leave = message;
        self
    }
}

/// Whether the content had the keys when it was last asked.
#[derive(Debug, Default)]
pub struct State {
    focused: bool,
}

/// Asks the content whether it has the keys.
#[derive(Default)]
struct HasKeys(bool);

impl Operation for HasKeys {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn focusable(&mut self, _: Option<&Id>, _: Rectangle, state: &mut dyn Focusable) {
        self.0 |= state.is_focused();
    }
}

impl<Message: Clone> Behaviour<Message> for Frame<'_, Message> {
    type State = State;

    fn says(&self) -> Option<&str> {
        self.says.as_deref()
    }

    fn after(
        &self,
        state: &mut State,
        _: &Event,
        shell: &mut Shell<'_, Message>,
        operate: &mut dyn FnMut(&mut dyn Operation),
    ) {
        let mut keys = HasKeys::default();
        operate(&mut keys);
        if std::mem::replace(&mut state.focused, keys.0) != keys.0 {
            shell.request_redraw();
            if !keys.0
                && let Some(message) = &self.on_leave
            {
                shell.publish(message.clone());
            }
        }
    }

    fn draw_over(&self, state: &State, renderer: &mut Renderer, theme: &Theme, bounds: Rectangle) {
        if state.focused {
            focus::draw_ring(renderer, theme, bounds, self.radius, Ring::Outside);
        }
    }
}
