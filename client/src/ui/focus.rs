//! Which widget the keys go to: moving it with Tab, showing it with the ring,
//! and bringing it into view.

use std::ops::Range;

use iced::advanced::Renderer as _;
use iced::advanced::renderer::Quad;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::scrollable::AbsoluteOffset;
use iced::advanced::widget::operation::{Focusable, Operation, Scrollable};
use iced::advanced::widget::{operate, operation::focusable};
use iced::{Border, Color, Rectangle, Renderer, Task, Vector};

use super::theme::Theme;
use super::token::{RING, RING_INNER, RING_OUTER};

/// Where the ring is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ring {
    /// Around the widget; needs 6 px free on each side.
    #[default]
    Outside,
    /// Within the widget, for rows that touch each other.
    Inside,
}

/// Draws the focus ring: bright against the widget, dark around that.
pub fn draw_ring(
    renderer: &mut Renderer,
    theme: &Theme,
    bounds: Rectangle,
    radius: f32,
    ring: Ring,
) {
    let (outer, corner) = match ring {
        Ring::Outside => (bounds.expand(RING), radius + RING),
        Ring::Inside => (bounds, radius),
    };
    let (dark, bright) = match ring {
        Ring::Outside => (RING_OUTER, RING_INNER),
        Ring::Inside => (RING_INNER, RING_INNER),
    };
    let mut edge = |bounds: Rectangle, corner: f32, width: f32, color: Color| {
        renderer.fill_quad(
            Quad {
                bounds,
                border: Border {
                    color,
                    width,
                    radius: corner.max(0.0).into(),
                },
                ..Quad::default()
            },
            Color::TRANSPARENT,
        );
    };
    edge(outer, corner, dark, theme.roles.focus_outer);
    edge(
        outer.shrink(dark),
        corner - dark,
        bright,
        theme.roles.focus_inner,
    );
}

/// The way in which Tab goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Tab: in reading order.
    Forward,
    /// Shift+Tab: against it.
    Backward,
}

/// The name under which a dialog introduces its widgets: Tab stays among them.
pub(super) const DIALOG: &str = "ui.dialog";

/// First pass: how many widgets take keys, and which of them has them.
#[derive(Default)]
struct Survey {
    focused: Option<usize>,
    total: usize,
    /// What comes next is a dialog's.
    enters: bool,
    /// The widgets of the dialog that is in front of all others.
    dialog: Option<Range<usize>>,
}

impl Operation for Survey {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        if !std::mem::take(&mut self.enters) {
            operate(self);
            return;
        }
        let first = self.total;
        operate(self);
        // One that is in front of this one was left before.
        self.dialog.get_or_insert(first..self.total);
    }

    fn container(&mut self, id: Option<&Id>, _: Rectangle) {
        self.enters = id == Some(&Id::new(DIALOG));
    }

    fn focusable(&mut self, _: Option<&Id>, _: Rectangle, state: &mut dyn Focusable) {
        if state.is_focused() {
            self.focused = Some(self.total);
        }
        self.total += 1;
    }
}

/// Second pass: gives the keys to the widget at `target`, takes them from all others.
struct Give {
    target: usize,
    at: usize,
}

impl Operation for Give {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn focusable(&mut self, _: Option<&Id>, _: Rectangle, state: &mut dyn Focusable) {
        if self.at == self.target {
            state.focus();
        } else if state.is_focused() {
            state.unfocus();
        }
        self.at += 1;
    }
}

/// Which of the widgets that take keys has them, counted in reading order.
pub(super) fn focused(mut operate: impl FnMut(&mut dyn Operation)) -> Option<usize> {
    let mut survey = Survey::default();
    operate(&mut survey);
    survey.focused
}

/// How far [`scroll`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Far {
    /// By most of the height.
    Page,
    /// To the end.
    End,
}

/// Scrolls the largest scrollable area, down (forward) or up.
pub(super) fn scroll(direction: Direction, far: Far, mut operate: impl FnMut(&mut dyn Operation)) {
    let mut find = Find::default();
    operate(&mut find);
    let size = |(window, _, _): &(Rectangle, Rectangle, Vector)| window.area();
    let areas = find.areas.iter().enumerate();
    let largest = areas.max_by(|(_, a), (_, b)| size(a).total_cmp(&size(b)));
    let Some((target, (window, content, translation))) = largest else {
        return;
    };
    let furthest = (content.height - window.height).max(0.0);
    let by = match far {
        Far::Page => window.height * PAGE,
        Far::End => furthest,
    };
    let step = match direction {
        Direction::Forward => by,
        Direction::Backward => -by,
    };
    let offset = (translation.y + step).clamp(0.0, furthest);
    operate(&mut ScrollNth {
        target,
        offset,
        at: 0,
    });
}

/// How much of a page is turned at once; the rest stays for the eye to hold on to.
const PAGE: f32 = 0.85;

/// Moves the focus to the next widget, round and round: among those of the dialog in front, or
/// among all where there is none. `operate` runs an operation over the widgets concerned.
pub(super) fn step(direction: Direction, mut operate: impl FnMut(&mut dyn Operation)) {
    let mut survey = Survey::default();
    operate(&mut survey);
    let within = survey.dialog.unwrap_or(0..survey.total);
    let Some(last) = within.clone().next_back() else {
        return;
    };
    let focused = survey.focused.filter(|at| within.contains(at));
    let target = match (direction, focused) {
        (Direction::Forward, Some(at)) if at < last => at + 1,
        (Direction::Forward, _) => within.start,
        (Direction::Backward, Some(at)) if at > within.start => at - 1,
        (Direction::Backward, _) => last,
    };
    operate(&mut Give { target, at: 0 });
    reveal(operate);
}

/// Scrolls so that the widget that has the keys can be seen.
pub(super) fn reveal(mut operate: impl FnMut(&mut dyn Operation)) {
    let mut find = Find::default();
    operate(&mut find);
    if let Some((target, offset)) = find.answer {
        operate(&mut ScrollNth {
            target,
            offset,
            at: 0,
        });
    }
}

/// Gives the keys to the widget of this name, unless another has them: where rows come into a list
/// that was empty, nobody could have had them there, and whoever types elsewhere goes on typing.
pub fn focus_if_idle<Message: Send + 'static>(name: &'static str) -> Task<Message> {
    operate(focusable::count()).then(move |count| match count.focused {
        None => iced::widget::operation::focus(name),
        Some(_) => Task::none(),
    })
}

/// Which widget has the keys, counted in reading order, so that they can be [given back](give_back)
/// once what comes in front of it is gone.
pub fn holder<Message: Send + 'static>(
    told: impl Fn(Option<usize>) -> Message + Send + 'static,
) -> Task<Message> {
    operate(focusable::count()).map(move |count| told(count.focused))
}

/// Gives the keys to the widget that had them when [`holder`] was asked; there must be the same
/// widgets before it as then.
pub fn give_back<Message: Send + 'static>(holder: usize) -> Task<Message> {
    let give = Give {
        target: holder,
        at: 0,
    };
    operate::<()>(give).discard()
}

#[derive(Default)]
struct Find {
    /// The scrollable areas met so far: where they are and how far they are scrolled.
    areas: Vec<(Rectangle, Rectangle, Vector)>,
    answer: Option<(usize, f32)>,
}

impl Operation for Find {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn scrollable(
        &mut self,
        _: Option<&Id>,
        bounds: Rectangle,
        content: Rectangle,
        translation: Vector,
        _: &mut dyn Scrollable,
    ) {
        self.areas.push((bounds, content, translation));
    }

    fn focusable(&mut self, _: Option<&Id>, bounds: Rectangle, state: &mut dyn Focusable) {
        if !state.is_focused() {
            return;
        }
        let inside =
            |(_, content, _): &(Rectangle, Rectangle, Vector)| content.contains(bounds.center());
        let Some(nth) = self.areas.iter().rposition(inside) else {
            return;
        };
        let (window, content, translation) = self.areas[nth];
        let (top, bottom) = (
            bounds.y - RING - content.y,
            bounds.y + bounds.height + RING - content.y,
        );
        if top < translation.y {
            self.answer = Some((nth, top.max(0.0)));
        } else if bottom > translation.y + window.height {
            self.answer = Some((nth, bottom - window.height));
        }
    }
}

struct ScrollNth {
    target: usize,
    offset: f32,
    at: usize,
}

impl Operation for ScrollNth {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn scrollable(
        &mut self,
        _: Option<&Id>,
        _: Rectangle,
        _: Rectangle,
        _: Vector,
        state: &mut dyn Scrollable,
    ) {
        if self.at == self.target {
            state.scroll_to(AbsoluteOffset {
                x: None,
                y: Some(self.offset),
            });
        }
        self.at += 1;
    }
}
