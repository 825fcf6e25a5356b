//! The keyboard of the whole window: Tab, the keys of a screen, and their list.
//!
//! [`Keys`] stands around everything. It moves the focus by Tab and Shift+Tab,
//! gives the keys of the present screen their meaning, and keeps both silent
//! while an input method is converting.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::widget::operation::Operation;
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Clipboard, Shell, Widget, input_method, mouse, overlay};
use iced::keyboard::{self, Key, Modifiers, key};
use iced::{Event, Length, Rectangle, Renderer, Size, Vector, window};

use super::Element;
use super::focus::{self, Direction};
use super::theme::Theme;

/// A key with what is held down beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut {
    key: Key,
    command: bool,
    /// As it is printed on the key, for example `F2` or `Ctrl+S`.
    name: String,
}

impl Shortcut {
    /// A key with a name: F2, Escape, Enter.
    pub fn named(key: key::Named) -> Self {
        let name = match key {
            key::Named::Escape => "Esc".to_owned(),
            other => format!("{other:?}"),
        };
        Self {
            key: Key::Named(key),
            command: false,
            name,
        }
    }

    /// A key with a name while Ctrl (or ⌘) is held down.
    pub fn command_named(key: key::Named) -> Self {
        Self {
            key: Key::Named(key),
            command: true,
            name: format!("Ctrl+{key:?}"),
        }
    }

    /// A character, in lower case, while Ctrl (or ⌘) is held down.
    pub fn command(character: &str) -> Self {
        Self {
            key: Key::Character(character.into()),
            command: true,
            name: format!("Ctrl+{}", character.to_uppercase()),
        }
    }

    /// A bare character; it only counts where no field takes it.
    pub fn character(character: &str) -> Self {
        Self {
            key: Key::Character(character.into()),
            command: false,
            name: character.to_uppercase(),
        }
    }

    /// As it is printed on the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn is(&self, key: &Key, modifiers: Modifiers) -> bool {
        self.command == modifiers.command() && !modifiers.alt() && self.key == *key
    }

    /// Whether a key held down means it again and again; only what moves does. A key
    /// that confirms would confirm whatever comes up next, unread.
    fn repeats(&self) -> bool {
        use key::Named::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp};
        matches!(
            self.key,
            Key::Named(ArrowDown | ArrowLeft | ArrowRight | ArrowUp)
        )
    }

    /// Whether the key belongs to the screen even while a field has the focus:
    /// F-keys, Esc and everything with Ctrl.
    fn comes_first(&self) -> bool {
        let function = match self.key {
            Key::Named(key::Named::Escape) => true,
            Key::Named(named) => {
                let name = format!("{named:?}");
                name.starts_with('F') && name[1..].parse::<u8>().is_ok()
            }
            _ => false,
        };
        self.command || function
    }
}

/// A key of the present screen, what it does, and the words for it.
#[derive(Debug, Clone)]
pub struct Binding<Message> {
    /// The key.
    pub shortcut: Shortcut,
    /// What it does, in words, for the list that F1 shows.
    pub words: String,
    /// What it does.
    pub message: Message,
}

/// A key that does `message`, described by `words`.
pub fn binding<Message>(
    shortcut: Shortcut,
    words: impl Into<String>,
    message: Message,
) -> Binding<Message> {
    Binding {
        shortcut,
        words: words.into(),
        message,
    }
}

impl<Message> Binding<Message> {
    /// The same key for a parent's messages.
    pub fn map<Outer>(self, into: impl Fn(Message) -> Outer) -> Binding<Outer> {
        Binding {
            shortcut: self.shortcut,
            words: self.words,
            message: into(self.message),
        }
    }
}

/// The keyboard around a whole window; see [`keys`].
pub struct Keys<'a, Message> {
    content: Element<'a, Message>,
    bindings: Vec<Binding<Message>>,
    on_any: Option<Message>,
}

/// `content` with Tab, Shift+Tab and these keys.
pub fn keys<'a, Message>(
    content: impl Into<Element<'a, Message>>,
    bindings: Vec<Binding<Message>>,
) -> Keys<'a, Message> {
    Keys {
        content: content.into(),
        bindings,
        on_any: None,
    }
}

impl<Message> Keys<'_, Message> {
    /// What any key, click or turn of the wheel does besides: somebody is there.
    #[must_use]
    pub fn on_any(mut self, message: Message) -> Self {
        self.on_any = Some(message);
        self
    }
}

#[derive(Debug, Default)]
struct State {
    /// An input method shows characters that are not committed yet.
    composing: bool,
    /// It has just committed them; the Enter that did so may still follow.
    committed: bool,
    /// The widget that had the keys when the window was last drawn.
    focused: Option<usize>,
}

impl<Message: Clone> Keys<'_, Message> {
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

impl<Message: Clone> Widget<Message, Theme, Renderer> for Keys<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let content = self
            .content
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits);
        layout::Node::with_children(content.size(), vec![content])
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let inner = layout.children().next().expect("laid out with its content");
        self.content
            .as_widget_mut()
            .operate(&mut tree.children[0], inner, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        let inner = layout.children().next().expect("laid out with its content");
        let state = tree.state.downcast_mut::<State>();
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
                    return;
                }
                if let Some(binding) = self.bound(key, *modifiers, true) {
                    return carry_out(binding, *repeat, shell);
                }
            }
            _ => {}
        }
        if let Some(message) = &self.on_any
            && matches!(
                event,
                Event::Keyboard(keyboard::Event::KeyPressed { .. })
                    | Event::Mouse(
                        mouse::Event::ButtonPressed(_) | mouse::Event::WheelScrolled { .. }
                    )
                    | Event::InputMethod(input_method::Event::Preedit(..))
            )
        {
            shell.publish(message.clone());
        }
        self.content.as_widget_mut().update(
            &mut tree.children[0],
            event,
            inner,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
        let mut operate = |operation: &mut dyn Operation| {
            let content = self.content.as_widget_mut();
            content.operate(&mut tree.children[0], inner, renderer, operation);
        };
        if matches!(event, Event::Window(window::Event::RedrawRequested(_))) {
            // A screen may give the keys away too, to a field out of view.
            let focused = focus::focused(&mut operate);
            if focused.is_some() && focused != tree.state.downcast_ref::<State>().focused {
                focus::reveal(&mut operate);
            }
            tree.state.downcast_mut::<State>().focused = focused;
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
        if *key == Key::Named(key::Named::Tab) {
            let direction = if modifiers.shift() {
                Direction::Backward
            } else {
                Direction::Forward
            };
            focus::step(direction, operate);
            shell.capture_event();
            shell.request_redraw();
        } else if let Key::Named(named @ (key::Named::PageDown | key::Named::PageUp)) = key {
            let down = *named == key::Named::PageDown;
            let direction = if down {
                Direction::Forward
            } else {
                Direction::Backward
            };
            focus::page(direction, operate);
            shell.capture_event();
            shell.request_redraw();
        } else if let Some(binding) = self.bound(key, *modifiers, false) {
            carry_out(binding, *repeat, shell);
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let inner = layout.children().next().expect("laid out with its content");
        self.content.as_widget().draw(
            &tree.children[0],
            renderer,
            theme,
            style,
            inner,
            cursor,
            viewport,
        );
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let inner = layout.children().next().expect("laid out with its content");
        self.content.as_widget().mouse_interaction(
            &tree.children[0],
            inner,
            cursor,
            viewport,
            renderer,
        )
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let inner = layout.children().next()?;
        self.content.as_widget_mut().overlay(
            &mut tree.children[0],
            inner,
            renderer,
            viewport,
            translation,
        )
    }
}

impl<'a, Message: Clone + 'a> From<Keys<'a, Message>> for Element<'a, Message> {
    fn from(keys: Keys<'a, Message>) -> Self {
        Self::new(keys)
    }
}
