//! A list of any length of which only the rows in view exist.
//!
//! All rows are of one height, so which of them are in view is arithmetic: the
//! widget asks for those alone, whether there are ten or a million.

mod state;

use std::ops::Range;

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer::{self, Quad};
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::Operation;
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Clipboard, Renderer as _, Shell, Widget, mouse};
use iced::keyboard::{self, Key, key};
use iced::{Border, Event, Fill, Length, Point, Rectangle, Renderer, Size, window};

use super::Element;
use super::around::each;
use super::focus::{self, Ring};
use super::table::BAR;
use super::theme::Theme;
use super::token::{ROW, radius};
use state::{State, follow};

/// A list; see [`list`].
pub struct List<'a, Message> {
    total: usize,
    cursor: Option<usize>,
    row: Box<dyn Fn(usize) -> Element<'a, Message> + 'a>,
    on_move: Box<dyn Fn(usize) -> Message + 'a>,
    on_open: Option<Box<dyn Fn(usize) -> Message + 'a>>,
    on_view: Option<Box<dyn Fn(Range<usize>) -> Message + 'a>>,
    id: Option<Id>,
    rows: Vec<Element<'a, Message>>,
}

/// A list of `total` rows, the one at `cursor` marked; `row` makes the row at an
/// index, `on_move` is said when the mark goes to another one (↑ ↓ PageUp
/// PageDown Home End, click).
///
/// The list keeps its own scroll position; when `cursor` changes, it scrolls so
/// that the marked row is in view.
pub fn list<'a, Message>(
    total: usize,
    cursor: Option<usize>,
    row: impl Fn(usize) -> Element<'a, Message> + 'a,
    on_move: impl Fn(usize) -> Message + 'a,
) -> List<'a, Message> {
    List {
        total,
        cursor: cursor.filter(|cursor| *cursor < total),
        row: Box::new(row),
        on_move: Box::new(on_move),
        on_open: None,
        on_view: None,
        id: None,
        rows: Vec::new(),
    }
}

impl<'a, Message> List<'a, Message> {
    /// What Enter and a double click do with a row.
    #[must_use]
    pub fn on_open(mut self, on_open: impl Fn(usize) -> Message + 'a) -> Self {
        self.on_open = Some(Box::new(on_open));
        self
    }

    /// Said whenever other rows come into view, so that their pages can be fetched.
    #[must_use]
    pub fn on_view(mut self, on_view: impl Fn(Range<usize>) -> Message + 'a) -> Self {
        self.on_view = Some(Box::new(on_view));
        self
    }

    /// A name by which the list can be focused.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn content_height(&self) -> f32 {
        self.total as f32 * ROW
    }

    fn furthest(&self, height: f32) -> f32 {
        (self.content_height() - height).max(0.0)
    }

    fn in_view(&self, state: &State) -> Range<usize> {
        let first = (state.offset / ROW).floor() as usize;
        let last = ((state.offset + state.height) / ROW).ceil() as usize;
        first.min(self.total)..last.min(self.total)
    }

    /// The bar's track and its handle, if there is more than fits.
    fn bar(&self, state: &State, bounds: Rectangle) -> Option<(Rectangle, Rectangle)> {
        let furthest = self.furthest(bounds.height);
        if furthest <= 0.0 {
            return None;
        }
        let track = Rectangle {
            x: bounds.x + bounds.width - BAR,
            width: BAR,
            ..bounds
        };
        let height = (bounds.height * bounds.height / self.content_height()).max(32.0);
        let handle = Rectangle {
            x: track.x + 3.0,
            y: track.y + (track.height - height) * (state.offset / furthest),
            width: BAR - 6.0,
            height,
        };
        Some((track, handle))
    }
}

impl<Message> Widget<Message, Theme, Renderer> for List<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn diff(&self, _tree: &mut Tree) {
        // The rows are made, and compared with what was there, by `layout`.
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
        let size = limits.max();
        let state = tree.state.downcast_mut::<State>();
        state.height = size.height;
        if state.shown != self.cursor {
            state.shown = self.cursor;
            if let Some(cursor) = self.cursor {
                state.reveal(cursor);
            }
        }
        state.offset = state.offset.clamp(0.0, self.furthest(size.height));
        state.lay();
        let offset = state.offset;
        let range = self.in_view(state);
        self.rows = range.clone().map(&self.row).collect();
        let before = std::mem::replace(&mut state.made, range.clone());
        follow(&mut tree.children, &before, &range);
        tree.diff_children(&self.rows);
        let width = (size.width - BAR).max(0.0);
        let one = layout::Limits::new(Size::ZERO, Size::new(width, ROW));
        let nodes =
            self.rows
                .iter_mut()
                .zip(&mut tree.children)
                .zip(range)
                .map(|((row, tree), index)| {
                    row.as_widget_mut()
                        .layout(tree, renderer, &one)
                        .move_to(Point::new(0.0, index as f32 * ROW - offset))
                });
        layout::Node::with_children(size, nodes.collect())
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let state = tree.state.downcast_mut::<State>();
        operation.focusable(self.id.as_ref(), layout.bounds(), state);
        operation.container(self.id.as_ref(), layout.bounds());
        operation.traverse(&mut |operation| {
            each(&mut self.rows, tree, layout, |row, tree, node| {
                row.operate(tree, node, renderer, operation);
            });
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
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State>();
        let before = state.offset;
        match event {
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if cursor.is_over(bounds) => {
                let lines = match delta {
                    mouse::ScrollDelta::Lines { y, .. } => y * ROW * 2.0,
                    mouse::ScrollDelta::Pixels { y, .. } => *y,
                };
                state.offset -= lines;
                shell.capture_event();
            }
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                self.pressed(state, bounds, cursor, shell);
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => {
                state.dragging = None;
            }
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                if let (Some(grip), Some(point)) = (state.dragging, cursor.position())
                    && let Some((track, handle)) = self.bar(state, bounds)
                {
                    let way = (track.height - handle.height).max(1.0);
                    state.offset = (point.y - track.y - grip) / way * self.furthest(bounds.height);
                }
            }
            Event::Keyboard(keyboard::Event::KeyPressed {
                key: Key::Named(named),
                modifiers,
                ..
            }) if state.focused && !modifiers.command() && !modifiers.alt() => {
                self.key(state, *named, shell);
            }
            Event::Window(window::Event::RedrawRequested(_)) => {
                self.say_view(state, shell);
            }
            _ => {}
        }
        state.offset = state.offset.clamp(0.0, self.furthest(bounds.height));
        if state.offset != before {
            shell.request_redraw();
            // Said with what scrolled and not with the frame after it, it costs one view and one
            // frame less; and whoever hears it lays everything out anew.
            if !self.say_view(state, shell) {
                shell.invalidate_layout();
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
        let bounds = layout.bounds();
        let Some(clip) = bounds.intersection(viewport) else {
            return;
        };
        let state = tree.state.downcast_ref::<State>();
        let first = self.in_view(state).start;
        renderer.with_layer(state.layer(clip), |renderer| {
            for (nth, ((row, tree), node)) in self
                .rows
                .iter()
                .zip(&tree.children)
                .zip(layout.children())
                .enumerate()
            {
                let at = Rectangle {
                    x: bounds.x,
                    y: node.bounds().y,
                    width: bounds.width - BAR,
                    height: ROW,
                };
                let marked = self.cursor == Some(first + nth);
                if marked {
                    fill(renderer, at, theme.roles.primary_surface);
                }
                let line = Rectangle {
                    y: at.y + ROW - 1.0,
                    height: 1.0,
                    ..at
                };
                fill(renderer, line, theme.roles.line);
                row.as_widget()
                    .draw(tree, renderer, theme, style, node, cursor, &clip);
                if marked && state.focused {
                    focus::draw_ring(renderer, theme, at, 0.0, Ring::Inside);
                } else if marked {
                    let bar = Rectangle { width: 4.0, ..at };
                    fill(renderer, bar, theme.roles.primary);
                }
            }
            if let Some((track, handle)) = self.bar(state, bounds) {
                fill(renderer, track, theme.roles.raised);
                renderer.fill_quad(
                    Quad {
                        bounds: handle,
                        border: Border::default().rounded(radius::CHIP),
                        ..Quad::default()
                    },
                    theme.roles.input_border,
                );
            }
            if state.focused && self.cursor.is_none() {
                focus::draw_ring(renderer, theme, bounds, 0.0, Ring::Inside);
            }
        });
    }
}

impl<Message> List<'_, Message> {
    /// Says which rows are in view, if they are others than before; whether it was said.
    fn say_view(&self, state: &mut State, shell: &mut Shell<'_, Message>) -> bool {
        let range = self.in_view(state);
        if range == state.reported {
            return false;
        }
        state.reported = range.clone();
        let message = self.on_view.as_ref().map(|on_view| on_view(range));
        let is_said = message.is_some();
        if let Some(message) = message {
            shell.publish(message);
        }
        is_said
    }

    fn pressed(
        &self,
        state: &mut State,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let Some(point) = cursor.position_over(bounds) else {
            state.focused = false;
            return;
        };
        state.focused = true;
        shell.capture_event();
        shell.request_redraw();
        if let Some((track, handle)) = self.bar(state, bounds)
            && track.contains(point)
        {
            state.dragging = Some(if handle.contains(point) {
                point.y - handle.y
            } else {
                handle.height / 2.0
            });
            return;
        }
        let index = ((point.y - bounds.y + state.offset) / ROW) as usize;
        if index >= self.total {
            return;
        }
        let click = mouse::Click::new(point, mouse::Button::Left, state.last_click);
        state.last_click = Some(click);
        shell.publish((self.on_move)(index));
        if click.kind() == mouse::click::Kind::Double
            && let Some(on_open) = &self.on_open
        {
            shell.publish(on_open(index));
        }
    }

    fn key(&self, state: &mut State, named: key::Named, shell: &mut Shell<'_, Message>) {
        if self.total == 0 {
            return;
        }
        let last = self.total - 1;
        let page = ((state.height / ROW) as usize).saturating_sub(1).max(1);
        let target = match (named, self.cursor) {
            (key::Named::ArrowDown, Some(at)) => (at + 1).min(last),
            (key::Named::ArrowUp, Some(at)) => at.saturating_sub(1),
            (key::Named::PageDown, Some(at)) => (at + page).min(last),
            (key::Named::PageUp, Some(at)) => at.saturating_sub(page),
            (key::Named::Home, _) => 0,
            (key::Named::End, _) => last,
            (
                key::Named::ArrowDown
                | key::Named::ArrowUp
                | key::Named::PageDown
                | key::Named::PageUp,
                None,
            ) => 0,
            (key::Named::Enter, Some(at)) => {
                if let Some(on_open) = &self.on_open {
                    shell.publish(on_open(at));
                    shell.capture_event();
                }
                return;
            }
            _ => return,
        };
        shell.capture_event();
        state.reveal(target);
        if self.cursor != Some(target) {
            shell.publish((self.on_move)(target));
        }
    }
}

fn fill(renderer: &mut Renderer, bounds: Rectangle, color: iced::Color) {
    renderer.fill_quad(
        Quad {
            bounds,
            ..Quad::default()
        },
        color,
    );
}

impl<'a, Message: 'a> From<List<'a, Message>> for Element<'a, Message> {
    fn from(list: List<'a, Message>) -> Self {
        Self::new(list)
    }
}
