//! Draws the focus ring around one of iced's own widgets that take keys, and
//! says when the keys leave it.

use std::borrow::Cow;

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Focusable, Operation};
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse};
use iced::{Event, Length, Rectangle, Renderer, Size};

use super::Element;
use super::focus::{self, Ring};
use super::theme::Theme;

/// See [`framed`].
pub struct Framed<'a, Message> {
    content: Element<'a, Message>,
    radius: f32,
    on_leave: Option<Message>,
    says: Option<Cow<'a, str>>,
}

/// `content` with a focus ring of corner `radius` while it has the keys.
pub fn framed<'a, Message>(
    content: impl Into<Element<'a, Message>>,
    radius: f32,
) -> Framed<'a, Message> {
    Framed {
        content: content.into(),
        radius,
        on_leave: None,
        says: None,
    }
}

impl<'a, Message> Framed<'a, Message> {
    /// What the content says, where it does not say so itself to whoever looks for words.
    #[must_use]
    pub fn says(mut self, words: Cow<'a, str>) -> Self {
        self.says = Some(words);
        self
    }

    /// What happens when the keys go elsewhere.
    #[must_use]
    pub fn on_leave(mut self, message: Option<Message>) -> Self {
        self.on_leave = message;
        self
    }
}

#[derive(Debug, Default)]
struct State {
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

impl<Message: Clone> Widget<Message, Theme, Renderer> for Framed<'_, Message> {
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
        if let Some(words) = &self.says {
            operation.text(None, layout.bounds(), words);
        }
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
        let content = self.content.as_widget_mut();
        content.update(
            &mut tree.children[0],
            event,
            inner,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
        let mut keys = HasKeys::default();
        content.operate(&mut tree.children[0], inner, renderer, &mut keys);
        let state = tree.state.downcast_mut::<State>();
        if std::mem::replace(&mut state.focused, keys.0) != keys.0 {
            shell.request_redraw();
            if !keys.0
                && let Some(message) = &self.on_leave
            {
                shell.publish(message.clone());
            }
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
        if tree.state.downcast_ref::<State>().focused {
            focus::draw_ring(renderer, theme, layout.bounds(), self.radius, Ring::Outside);
        }
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
}

impl<'a, Message: Clone + 'a> From<Framed<'a, Message>> for Element<'a, Message> {
    fn from(framed: Framed<'a, Message>) -> Self {
        Self::new(framed)
    }
}
