//! The keyboard of the whole window: Tab, the keys of a screen, and their list.
//!
//! [`Keys`] stands around everything. It moves the focus by Tab and Shift+Tab,
//! gives the keys of the present screen their meaning, and keeps both silent
//! while an input method is converting.

use iced::advanced::widget::operation::Operation;
use iced::advanced::{Shell, input_method, mouse};
use iced::keyboard::{self, Key, Modifiers, key};
use iced::{Event, window};

use super::Element;
use super::around::{Around, Behaviour};
use super::focus::{self, Direction, Far};
pub use super::shortcut::{Binding, Shortcut, binding};

/// The keyboard around a whole window; see [`keys`].
pub type Keys<'a, Message> = Around<'a, Message, Keyboard<Message>>;

/// The keys of a screen, and what any key does besides.
pub struct Keyboard<Message> {
    bindings: Vec<Binding<Message>>,
    on_any: Option<Message>,
}

/// `content` with Tab, Shift+Tab and these keys.
pub fn keys<'a, Message: Clone>(
    content: impl Into<Element<'a, Message>>,
    bindings: Vec<Binding<Message>>,
) -> Keys<'a, Message> {
    let on_any = None;
    Around::new(content, Keyboard { bindings, on_any })
}

impl<Message> Keys<'_, Message> {
    /// What any key, click or turn of the wheel does besides: somebody is there.
    #[must_use]
    pub fn on_any(mut self, message: Message) -> Self {
        self.behaviour.on_any = Some(message);
        self
    }
}

/// What the keyboard remembers.
#[derive(Debug, Default)]
pub struct State {
    /// An input method shows characters that are not committed yet.
    composing: bool,
    /// It has just committed them; the Enter that did so may still follow.
    committed: bool,
    /// The widget that had the keys when the window was last drawn.
    focused: Option<usize>,
}

impl<Message: Clone> Keyboard<Message> {
    fn bound(&self, key: &Key, modifiers: Modifiers, first: bool) -> Option<&Binding<Message>> {
        self.bindings.iter().find(|binding| {
            binding.shortcut.comes_first() == first && binding.shortcut.is(key, modifiers)
        })
    }
}

/// Does what is bound to a key, unless the key is only held down, and keeps it from others.
fn carry_out<Message: Clone>(
    binding: &Binding<Message>,
    held: bool,
    shell: &mut Shell<'_, Message>,
) {
    if !held || binding.shortcut.repeats() {
        shell.publish(binding.message.clone());
    }
    shell.capture_event();
}

/// Whether somebody did something.
fn is_a_touch(event: &Event) -> bool {
    matches!(
        event,
        Event::Keyboard(keyboard::Event::KeyPressed { .. })
            | Event::Mouse(mouse::Event::ButtonPressed(_) | mouse::Event::WheelScrolled { .. })
            | Event::InputMethod(input_method::Event::Preedit(..))
    )
}

impl<Message: Clone> Behaviour<Message> for Keyboard<Message> {
    type State = State;

    fn before(&self, state: &mut State, event: &Event, shell: &mut Shell<'_, Message>) -> bool {
        match event {
            Event::InputMethod(input_method::Event::Preedit(text, _)) => {
                state.composing = !text.is_empty();
            }
            Event::InputMethod(input_method::Event::Commit(_)) => {
                state.composing = false;
                state.committed = true;
            }
            Event::InputMethod(input_method::Event::Closed) => state.composing = false,
            Event::Window(window::Event::RedrawRequested(_)) => state.committed = false,
            Event::Keyboard(keyboard::Event::KeyPressed {
                key,
                modifiers,
                repeat,
                ..
            }) => {
                let enter = *key == Key::Named(key::Named::Enter);
                let converting = state.composing || (state.committed && enter);
                // Enter held down confirms once, in fields and lists too.
                if converting || (enter && *repeat) {
                    shell.capture_event();
                    return false;
                }
                if let Some(binding) = self.bound(key, *modifiers, true) {
                    carry_out(binding, *repeat, shell);
                    return false;
                }
            }
            _ => {}
        }
        if let Some(message) = self.on_any.as_ref().filter(|_| is_a_touch(event)) {
            shell.publish(message.clone());
        }
        true
    }

    fn after(
        &self,
        state: &mut State,
        event: &Event,
        shell: &mut Shell<'_, Message>,
        mut operate: &mut dyn FnMut(&mut dyn Operation),
    ) {
        if matches!(event, Event::Window(window::Event::RedrawRequested(_))) {
            // A screen may give the keys away too, to a field out of view.
            let focused = focus::focused(&mut operate);
            if focused.is_some() && focused != state.focused {
                focus::reveal(&mut operate);
            }
            state.focused = focused;
            return;
        }
        let Event::Keyboard(keyboard::Event::KeyPressed {
            key,
            modifiers,
            repeat,
            ..
        }) = event
        else {
            return;
        };
        if shell.is_event_captured() {
            return;
        }
        // A screen may have a meaning of its own for the keys that turn pages.
        if let Some(binding) = self.bound(key, *modifiers, false) {
            carry_out(binding, *repeat, shell);
            return;
        }
        match key {
            Key::Named(key::Named::Tab) => {
                let direction = if modifiers.shift() {
                    Direction::Backward
                } else {
                    Direction::Forward
                };
                focus::step(direction, operate);
            }
            Key::Named(key::Named::PageDown) => {
                focus::scroll(Direction::Forward, Far::Page, operate);
            }
            Key::Named(key::Named::PageUp) => {
                focus::scroll(Direction::Backward, Far::Page, operate);
            }
            Key::Named(key::Named::End) => focus::scroll(Direction::Forward, Far::End, operate),
            Key::Named(key::Named::Home) => focus::scroll(Direction::Backward, Far::End, operate),
            _ => return,
        }
        shell.capture_event();
        shell.request_redraw();
    }
}
