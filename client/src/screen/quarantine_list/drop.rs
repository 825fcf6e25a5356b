//! A place on which a file can be dropped: the whole screen.

use std::path::PathBuf;

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::widget::Operation;
use iced::advanced::widget::tree::Tree;
use iced::advanced::{Clipboard, Shell, Widget, mouse};
use iced::{Event, Length, Rectangle, Renderer, Size, window};

use crate::ui::Element;
use crate::ui::theme::Theme;

struct Target<'a, Message> {
    content: Element<'a, Message>,
    on_drop: Box<dyn Fn(PathBuf) -> Message + 'a>,
}

/// `content`, and what a file dropped on the window does.
pub(super) fn target<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    on_drop: impl Fn(PathBuf) -> Message + 'a,
) -> Element<'a, Message> {
    Element::new(Target {
        content: content.into(),
        on_drop: Box::new(on_drop),
    })
}

impl<Message> Widget<Message, Theme, Renderer> for Target<'_, Message> {
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
        let node = self
            .content
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits);
        layout::Node::with_children(node.size(), vec![node])
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
        if let Event::Window(window::Event::FileDropped(path)) = event {
            shell.publish((self.on_drop)(path.clone()));
            shell.capture_event();
            return;
        }
        let inner = layout.children().next().expect("laid out with its content");
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
}
