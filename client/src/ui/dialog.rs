//! Something in front that must be answered first; what is behind keeps its
//! state but gets neither keys nor clicks. Tab stays within it.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer::{self, Quad};
use iced::advanced::widget::tree::Tree;
use iced::advanced::widget::{Id, Operation};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse, overlay};
use iced::widget::{container, scrollable};
use iced::{Border, Color, Event, Fill, Length, Rectangle, Renderer, Size, Vector, window};

use super::Element;
use super::focus;
use super::theme::Theme;
use super::token::{MEASURE, radius, space};

/// How much of what is behind can still be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Darkened, for a question about it.
    Dimmed,
    /// Nothing at all, for the lock that hides health data.
    Hidden,
}

/// See [`over`].
pub struct Over<'a, Message> {
    base: Element<'a, Message>,
    front: Option<Element<'a, Message>>,
    behind: Behind,
}

/// `front`, if there is one, over `base`.
///
/// `base` stays in the tree of widgets whether or not something is in front, so
/// what was being typed, scrolled and selected is all there afterwards.
pub fn over<'a, Message>(
    base: impl Into<Element<'a, Message>>,
    front: Option<Element<'a, Message>>,
    behind: Behind,
) -> Over<'a, Message> {
    Over {
        base: base.into(),
        front,
        behind,
    }
}

/// A card in the middle of the window, for `front` of [`over`].
pub fn card<'a, Message: 'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    let content = container(content).padding(space::XL);
    card_of(content.into(), MEASURE)
}

/// A card that scrolls where the window is lower; for content without a height of its own choice.
pub fn scrolling_card<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    let content = container(content).padding(space::XL);
    card_of(scrollable(content).into(), MEASURE)
}

/// A [`scrolling_card`] with something to read beside `content`, or below it where the window is
/// narrow. What `content` holds stays when `reading` comes and goes.
pub fn card_beside<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    reading: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let widest = match reading {
        Some(_) => MEASURE * 2.0,
        None => MEASURE,
    };
    let both = super::beside::beside(content, reading, iced::widget::space());
    card_of(
        scrollable(container(both).padding(space::XL)).into(),
        widest,
    )
}

/// A card for what stands side by side; it sees to its own scrolling.
pub fn wide_card<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    let content = container(content).padding(space::XL);
    card_of(content.into(), MEASURE + MEASURE / 2.0)
}

fn card_of<'a, Message: 'a>(content: Element<'a, Message>, widest: f32) -> Element<'a, Message> {
    container(
        container(content)
            .max_width(widest)
            .style(|theme: &Theme| container::Style {
                text_color: Some(theme.roles.text),
                background: Some(theme.roles.page.into()),
                border: Border {
                    color: theme.roles.input_border,
                    width: 1.0,
                    radius: radius::CARD.into(),
                },
                ..container::Style::default()
            }),
    )
    .padding(space::XL)
    .center(Fill)
    .into()
}

impl<Message> Over<'_, Message> {
    /// The index among the children of whatever is in use now.
    fn live(&mut self) -> (usize, &mut (dyn Widget<Message, Theme, Renderer> + '_)) {
        match &mut self.front {
            Some(front) => (1, front.as_widget_mut()),
            None => (0, self.base.as_widget_mut()),
        }
    }
}

impl<Message> Widget<Message, Theme, Renderer> for Over<'_, Message> {
    fn children(&self) -> Vec<Tree> {
        std::iter::once(&self.base)
            .chain(&self.front)
            .map(Tree::new)
            .collect()
    }

    fn diff(&self, tree: &mut Tree) {
        let children: Vec<_> = std::iter::once(&self.base).chain(&self.front).collect();
        tree.diff_children_custom(
            &children,
            |tree, child| tree.diff(child.as_widget()),
            |child| Tree::new(child.as_widget()),
        );
    }

    fn size(&self) -> Size<Length> {
        Size::new(Fill, Fill)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let mut nodes =
            vec![
                self.base
                    .as_widget_mut()
                    .layout(&mut tree.children[0], renderer, limits),
            ];
        if let Some(front) = &mut self.front {
            nodes.push(
                front
                    .as_widget_mut()
                    .layout(&mut tree.children[1], renderer, limits),
            );
        }
        layout::Node::with_children(limits.max(), nodes)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        // A question has the keys to itself. A page that is put in another's place has not: the
        // way on may be beside it.
        let asks = self.front.is_some() && self.behind == Behind::Dimmed;
        let (index, live) = self.live();
        let inner = layout
            .children()
            .nth(index)
            .expect("laid out with its children");
        let tree = &mut tree.children[index];
        if !asks {
            live.operate(tree, inner, renderer, operation);
            return;
        }
        operation.container(Some(&Id::new(focus::DIALOG)), inner.bounds());
        operation.traverse(&mut |operation| live.operate(tree, inner, renderer, operation));
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
        // What is behind still learns of the passing of time, so that it is
        // drawn as it stands.
        if self.front.is_some()
            && self.behind == Behind::Dimmed
            && matches!(event, Event::Window(window::Event::RedrawRequested(_)))
        {
            let base = layout
                .children()
                .next()
                .expect("laid out with its children");
            let mut unheard = Vec::new();
            let mut silent = Shell::new(&mut unheard);
            self.base.as_widget_mut().update(
                &mut tree.children[0],
                event,
                base,
                mouse::Cursor::Unavailable,
                renderer,
                clipboard,
                &mut silent,
                viewport,
            );
        }
        let (index, live) = self.live();
        let inner = layout
            .children()
            .nth(index)
            .expect("laid out with its children");
        live.update(
            &mut tree.children[index],
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
        let mut nodes = layout.children();
        let base = nodes.next().expect("laid out with its children");
        let pointer = if self.front.is_some() {
            mouse::Cursor::Unavailable
        } else {
            cursor
        };
        if self.front.is_none() || self.behind == Behind::Dimmed {
            self.base.as_widget().draw(
                &tree.children[0],
                renderer,
                theme,
                style,
                base,
                pointer,
                viewport,
            );
        }
        let Some(front) = &self.front else { return };
        let node = nodes.next().expect("laid out with its children");
        renderer.with_layer(layout.bounds(), |renderer| {
            let veil = match self.behind {
                Behind::Dimmed => Color {
                    a: 0.5,
                    ..Color::BLACK
                },
                Behind::Hidden => theme.roles.raised,
            };
            renderer.fill_quad(
                Quad {
                    bounds: layout.bounds(),
                    ..Quad::default()
                },
                veil,
            );
            front.as_widget().draw(
                &tree.children[1],
                renderer,
                theme,
                style,
                node,
                cursor,
                viewport,
            );
        });
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let (index, live) = match &self.front {
            Some(front) => (1, front.as_widget()),
            None => (0, self.base.as_widget()),
        };
        let inner = layout
            .children()
            .nth(index)
            .expect("laid out with its children");
        live.mouse_interaction(&tree.children[index], inner, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let index = usize::from(self.front.is_some());
        let inner = layout.children().nth(index)?;
        let live = match &mut self.front {
            Some(front) => front.as_widget_mut(),
            None => self.base.as_widget_mut(),
        };
        live.overlay(
            &mut tree.children[index],
            inner,
            renderer,
            viewport,
            translation,
        )
    }
}

impl<'a, Message: 'a> From<Over<'a, Message>> for Element<'a, Message> {
    fn from(over: Over<'a, Message>) -> Self {
        Self::new(over)
    }
}
