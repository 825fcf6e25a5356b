//! Whatever can be pressed: with the mouse, by Enter or by the space bar.
//!
//! iced's own button takes no keys. This is the one primitive under buttons,
//! check boxes, choices, navigation items and links.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer::{self, Quad};
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Focusable, Operation};
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse};
use iced::keyboard::{self, key};
use iced::{Border, Color, Event, Length, Padding, Rectangle, Renderer, Size, window};

use super::Element;
use super::focus::{self, Ring};
use super::theme::Theme;

/// How a pressable stands at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing happens to it.
    Idle,
    /// The pointer is over it.
    Hovered,
    /// It is held down.
    Held,
    /// It cannot be pressed.
    Disabled,
}

/// What a pressable looks like.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    /// The surface; `None` lets the ground through.
    pub surface: Option<Color>,
    /// The colour of text and signs on it.
    pub text: Color,
    /// The border.
    pub border: Border,
}

type Look<'a> = Box<dyn Fn(&Theme, Status) -> Face + 'a>;

/// A pressable; see [`press`].
pub struct Press<'a, Message> {
    content: Element<'a, Message>,
    on_press: Option<Message>,
    id: Option<Id>,
    width: Length,
    height: Length,
    padding: Padding,
    ring: Ring,
    look: Look<'a>,
    drawn: Option<Status>,
    by_enter: bool,
}

/// A pressable around any content; without [`Press::on_press`] it is disabled.
pub fn press<'a, Message>(content: impl Into<Element<'a, Message>>) -> Press<'a, Message> {
    Press {
        content: content.into(),
        on_press: None,
        id: None,
        width: Length::Shrink,
        height: Length::Shrink,
        padding: Padding::ZERO,
        ring: Ring::Outside,
        look: Box::new(|theme, _| Face {
            surface: None,
            text: theme.roles.text,
            border: Border::default(),
        }),
        drawn: None,
        by_enter: true,
    }
}

impl<'a, Message> Press<'a, Message> {
    /// What happens when it is pressed.
    #[must_use]
    pub fn on_press(self, message: Message) -> Self {
        self.on_press_maybe(Some(message))
    }

    /// What happens when it is pressed; `None` disables it.
    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<Message>) -> Self {
        self.on_press = message;
        self
    }

    /// A name by which it can be focused.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Its width.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// Its height.
    #[must_use]
    pub fn height(mut self, height: impl Into<Length>) -> Self {
        self.height = height.into();
        self
    }

    /// The space between its edge and its content.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// Where the focus ring is drawn.
    #[must_use]
    pub fn ring(mut self, ring: Ring) -> Self {
        self.ring = ring;
        self
    }

    /// What it looks like.
    #[must_use]
    pub fn look(mut self, look: impl Fn(&Theme, Status) -> Face + 'a) -> Self {
        self.look = Box::new(look);
        self
    }

    /// Leaves Enter to the screen, where it saves: for what is turned on and off by the space bar.
    #[must_use]
    pub fn by_space_alone(mut self) -> Self {
        self.by_enter = false;
        self
    }

    fn status(&self, state: &State, layout: Layout<'_>, cursor: mouse::Cursor) -> Status {
        if self.on_press.is_none() {
            Status::Disabled
        } else if state.held {
            Status::Held
        } else if cursor.is_over(layout.bounds()) {
            Status::Hovered
        } else {
            Status::Idle
        }
    }
}

#[derive(Debug, Default)]
struct State {
    focused: bool,
    held: bool,
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
        self.held = false;
    }
}

impl<Message: Clone> Widget<Message, Theme, Renderer> for Press<'_, Message> {
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
        if self.on_press.is_none() {
            tree.state.downcast_mut::<State>().unfocus();
        }
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, self.height)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let padding = self.padding;
        let limits = limits.width(self.width).height(self.height);
        let content = self.content.as_widget_mut().layout(
            &mut tree.children[0],
            renderer,
            &limits.loose().shrink(padding),
        );
        let inner = content.size();
        let outer = limits.resolve(self.width, self.height, inner.expand(padding));
        // The content stands in the middle of a fixed height, at the left of a wide one.
        let y = padding.top + ((outer.height - padding.y() - inner.height) / 2.0).max(0.0);
        layout::Node::with_children(outer, vec![content.move_to((padding.left, y))])
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        if self.on_press.is_some() {
            let state = tree.state.downcast_mut::<State>();
            operation.focusable(self.id.as_ref(), layout.bounds(), state);
        }
        operation.container(self.id.as_ref(), layout.bounds());
        let inner = layout.children().next().expect("laid out with its content");
        operation.traverse(&mut |operation| {
            self.content
                .as_widget_mut()
                .operate(&mut tree.children[0], inner, renderer, operation);
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        if let Some(on_press) = &self.on_press {
            match event {
                Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                    let over = cursor.is_over(layout.bounds());
                    state.focused = over;
                    state.held = over;
                    if over {
                        shell.capture_event();
                    }
                }
                Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
                    if std::mem::take(&mut state.held) =>
                {
                    if cursor.is_over(layout.bounds()) {
                        shell.publish(on_press.clone());
                    }
                    shell.capture_event();
                }
                Event::Keyboard(keyboard::Event::KeyPressed {
                    key: keyboard::Key::Named(named @ (key::Named::Enter | key::Named::Space)),
                    modifiers,
                    repeat: false,
                    ..
                }) if state.focused
                    && (self.by_enter || *named == key::Named::Space)
                    && !modifiers.command()
                    && !shell.is_event_captured() =>
                {
                    shell.publish(on_press.clone());
                    shell.capture_event();
                }
                _ => {}
            }
        }
        let status = self.status(state, layout, cursor);
        if let Event::Window(window::Event::RedrawRequested(_)) = event {
            self.drawn = Some(status);
        } else if self.drawn.is_some_and(|drawn| drawn != status) {
            shell.request_redraw();
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let bounds = layout.bounds();
        let face = (self.look)(theme, self.status(state, layout, cursor));
        if face.surface.is_some() || face.border.width > 0.0 {
            renderer.fill_quad(
                Quad {
                    bounds,
                    border: face.border,
                    ..Quad::default()
                },
                face.surface.unwrap_or(Color::TRANSPARENT),
            );
        }
        self.content.as_widget().draw(
            &tree.children[0],
            renderer,
            theme,
            &renderer::Style {
                text_color: face.text,
            },
            layout.children().next().expect("laid out with its content"),
            cursor,
            viewport,
        );
        if state.focused {
            focus::draw_ring(
                renderer,
                theme,
                bounds,
                face.border.radius.top_left,
                self.ring,
            );
        }
    }

    fn mouse_interaction(
        &self,
        _tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        if self.on_press.is_some() && cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
        }
    }
}

impl<'a, Message: Clone + 'a> From<Press<'a, Message>> for Element<'a, Message> {
    fn from(press: Press<'a, Message>) -> Self {
        Self::new(press)
    }
}
