//! Draws the focus ring around one of iced's own fields, says when the keys leave it, and keeps
//! from it what is not meant as text.

use std::borrow::Cow;

use iced::advanced::Shell;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Focusable, Operation};
use iced::keyboard::{self, Key, key};
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
    secret: bool,
    keeps_keys: bool,
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
        secret: false,
        keeps_keys: false,
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

    /// The content shows dots: nothing can be copied or cut out of it.
    #[must_use]
    pub fn secret(mut self, secret: bool) -> Self {
        self.behaviour.secret = secret;
        self
    }

    /// Esc does not take the keys away: there is nothing else that could use them.
    #[must_use]
    pub fn keeps_keys(mut self, keeps_keys: bool) -> Self {
        self.behaviour.keeps_keys = keeps_keys;
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

/// Whether a key with Ctrl, Alt or the like held down would be taken for the character on it.
///
/// What makes other characters is no such key: Alt on macOS, and AltGr, which Windows reports as
/// Ctrl and Alt. Neither is what a field does of its own: copy, cut, paste, select all.
fn is_a_chord(pressed: &keyboard::Event, secret: bool) -> bool {
    let keyboard::Event::KeyPressed {
        key,
        physical_key,
        modifiers,
        text: Some(text),
        ..
    } = pressed
    else {
        return false;
    };
    let held = match cfg!(target_os = "macos") {
        true => modifiers.control() || modifiers.logo(),
        false => modifiers.logo() || modifiers.control() != modifiers.alt(),
    };
    let own = match key.to_latin(*physical_key) {
        Some('a' | 'v') => modifiers.command(),
        Some('c' | 'x') => modifiers.command() && !secret,
        _ => false,
    };
    held && !own && text.chars().any(|c| !c.is_control())
}

impl<Message: Clone> Behaviour<Message> for Frame<'_, Message> {
    type State = State;

    /// iced's fields give the keys to nobody at Esc, and take the character of a key for text
    /// whatever is held down beside it.
    fn before(&self, _: &mut State, event: &Event, _: &mut Shell<'_, Message>) -> bool {
        let Event::Keyboard(pressed @ keyboard::Event::KeyPressed { key, .. }) = event else {
            return true;
        };
        let leaves = *key == Key::Named(key::Named::Escape) && self.keeps_keys;
        !leaves && !is_a_chord(pressed, self.secret)
    }

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
