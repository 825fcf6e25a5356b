//! Three parts that stand one below the other, or the middle one beside the others
//! where the window is wide enough. The order of Tab is the order of reading: first,
//! middle, last. Where the middle one is not there, the others stand alone and keep their state
//! when it comes.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Shell, Widget, mouse};
use iced::widget::container;
use iced::{Event, Length, Point, Rectangle, Renderer, Shrink, Size};

use super::Element;
use super::around::each;
use super::theme::Theme;
use super::token::{MEASURE, space};

/// See [`beside`].
pub(super) struct Beside<'a, Message> {
    parts: [Element<'a, Message>; 3],
    /// There is a middle one.
    both: bool,
}

/// `first`, `middle` and `last`, arranged by the width there is.
pub(super) fn beside<'a, Message>(
    first: impl Into<Element<'a, Message>>,
    middle: Option<Element<'a, Message>>,
    last: impl Into<Element<'a, Message>>,
) -> Beside<'a, Message>
where
    Message: 'a,
{
    let both = middle.is_some();
    let middle = container(middle.unwrap_or_else(|| iced::widget::space().into()));
    Beside {
        parts: [first.into(), middle.into(), last.into()],
        both,
    }
}

/// From this width on there are two columns.
const WIDE: f32 = MEASURE + MEASURE / 2.0;

impl<Message> Widget<Message, Theme, Renderer> for Beside<'_, Message> {
    fn children(&self) -> Vec<Tree> {
        self.parts.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(&self.parts);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Shrink, Shrink)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let wide = self.both && limits.max().width >= WIDE;
        let width = if wide {
            limits.max().width.min(MEASURE * 2.0 + space::XL)
        } else {
            limits.max().width.min(MEASURE)
        };
        let column = if wide {
            (width - space::XL) / 2.0
        } else {
            width
        };
        let one = layout::Limits::new(Size::ZERO, Size::new(column, f32::INFINITY));
        let mut nodes = self
            .parts
            .iter_mut()
            .zip(&mut tree.children)
            .map(|(part, tree)| part.as_widget_mut().layout(tree, renderer, &one));
        let mut next = || nodes.next().expect("there are three parts");
        let (first, middle, last) = (next(), next(), next());
        // What is empty stands off from nothing.
        let below = |y: f32, node: &layout::Node, next: &layout::Node| {
            let empty = node.size().height == 0.0 || next.size().height == 0.0;
            y + node.size().height + if empty { 0.0 } else { space::L }
        };
        let (middle_at, last_at) = if wide {
            (
                Point::new(column + space::XL, 0.0),
                Point::new(0.0, below(0.0, &first, &last)),
            )
        } else if self.both {
            let middle_y = below(0.0, &first, &middle);
            (
                Point::new(0.0, middle_y),
                Point::new(0.0, below(middle_y, &middle, &last)),
            )
        } else {
            let end = Point::new(0.0, below(0.0, &first, &last));
            (end, end)
        };
        let middle = middle.move_to(middle_at);
        let last = last.move_to(last_at);
        let bottom = |node: &layout::Node| node.bounds().y + node.bounds().height;
        let height = bottom(&middle).max(bottom(&last));
        layout::Node::with_children(Size::new(width, height), vec![first, middle, last])
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.container(None, layout.bounds());
        operation.traverse(&mut |operation| {
            each(&mut self.parts, tree, layout, |part, tree, node| {
                part.operate(tree, node, renderer, operation);
            });
        });
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
        each(&mut self.parts, tree, layout, |part, tree, node| {
            part.update(
                tree, event, node, cursor, renderer, clipboard, shell, viewport,
            );
        });
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
        for ((part, tree), node) in self.parts.iter().zip(&tree.children).zip(layout.children()) {
            part.as_widget()
                .draw(tree, renderer, theme, style, node, cursor, viewport);
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
        self.parts
            .iter()
            .zip(&tree.children)
            .zip(layout.children())
            .map(|((part, tree), node)| {
                part.as_widget()
                    .mouse_interaction(tree, node, cursor, viewport, renderer)
            })
            .max()
            .unwrap_or_default()
    }
}

impl<'a, Message: 'a> From<Beside<'a, Message>> for Element<'a, Message> {
    fn from(beside: Beside<'a, Message>) -> Self {
        Self::new(beside)
    }
}
