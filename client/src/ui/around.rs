//! A widget around another one that is otherwise left alone.
//!
//! What is drawn, laid out and asked goes straight through to the content; a [`Behaviour`] says
//! what happens besides.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::widget::operation::Operation;
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse, overlay};
use iced::{Event, Length, Rectangle, Renderer, Size, Vector};

use super::Element;
use super::theme::Theme;

/// What a widget does around its content.
pub trait Behaviour<Message> {
    /// What it remembers from one drawing to the next.
    type State: Default + 'static;

    /// Before the content hears of an event; `false` keeps the event from it.
    fn before(&self, _: &mut Self::State, _: &Event, _: &mut Shell<'_, Message>) -> bool {
        true
    }

    /// After the content heard of an event. `operate` runs an operation over the content.
    fn after(
        &self,
        state: &mut Self::State,
        event: &Event,
        shell: &mut Shell<'_, Message>,
        operate: &mut dyn FnMut(&mut dyn Operation),
    );

    /// What the content says, where it does not say so itself to whoever looks for words.
    fn says(&self) -> Option<&str> {
        None
    }

    /// Draws something over the content.
    fn draw_over(&self, _: &Self::State, _: &mut Renderer, _: &Theme, _: Rectangle) {}
}

/// A content and what happens around it.
pub struct Around<'a, Message, Behaviour> {
    content: Element<'a, Message>,
    /// What happens around it.
    pub(super) behaviour: Behaviour,
}

impl<'a, Message, B: Behaviour<Message>> Around<'a, Message, B> {
    /// `content` with this around it.
    pub(super) fn new(content: impl Into<Element<'a, Message>>, behaviour: B) -> Self {
        Self {
            content: content.into(),
            behaviour,
        }
    }
}

fn inner(layout: Layout<'_>) -> Layout<'_> {
    layout.children().next().expect("laid out with its content")
}

impl<Message, B: Behaviour<Message>> Widget<Message, Theme, Renderer> for Around<'_, Message, B> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<B::State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(B::State::default())
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
        let content = self.content.as_widget_mut();
        let content = content.layout(&mut tree.children[0], renderer, limits);
        layout::Node::with_children(content.size(), vec![content])
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let content = self.content.as_widget_mut();
        content.operate(&mut tree.children[0], inner(layout), renderer, operation);
        if let Some(words) = self.behaviour.says() {
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
        let state = tree.state.downcast_mut::<B::State>();
        if !self.behaviour.before(state, event, shell) {
            return;
        }
        let (child, layout) = (&mut tree.children[0], inner(layout));
        let content = self.content.as_widget_mut();
        content.update(
            child, event, layout, cursor, renderer, clipboard, shell, viewport,
        );
        let mut operate = |operation: &mut dyn Operation| {
            content.operate(child, layout, renderer, operation);
        };
        self.behaviour.after(state, event, shell, &mut operate);
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
        let (child, within) = (&tree.children[0], inner(layout));
        let content = self.content.as_widget();
        content.draw(child, renderer, theme, style, within, cursor, viewport);
        let state = tree.state.downcast_ref::<B::State>();
        self.behaviour
            .draw_over(state, renderer, theme, layout.bounds());
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let (child, layout) = (&tree.children[0], inner(layout));
        let content = self.content.as_widget();
        content.mouse_interaction(child, layout, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let (child, layout) = (&mut tree.children[0], inner(layout));
        let content = self.content.as_widget_mut();
        content.overlay(child, layout, renderer, viewport, translation)
    }
}

/// Does something with each of several widgets that stand in one, in the order of reading.
pub(super) fn each<Message>(
    parts: &mut [Element<'_, Message>],
    tree: &mut Tree,
    layout: Layout<'_>,
    mut deed: impl FnMut(&mut (dyn Widget<Message, Theme, Renderer> + '_), &mut Tree, Layout<'_>),
) {
    for ((part, tree), node) in parts
        .iter_mut()
        .zip(&mut tree.children)
        .zip(layout.children())
    {
        deed(part.as_widget_mut(), tree, node);
    }
}

impl<'a, Message: 'a, B: Behaviour<Message> + 'a> From<Around<'a, Message, B>>
    for Element<'a, Message>
{
    fn from(around: Around<'a, Message, B>) -> Self {
        Self::new(around)
    }
}
