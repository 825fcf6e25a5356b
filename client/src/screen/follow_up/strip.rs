//! The strip that shows a follow-up day by day: a sign and a colour for each state.
//!
//! One widget draws all its cells, each with its sign of the typeface: the software renderer keeps
//! the picture of a sign, and puts it there faster than it fills a rectangle of the same size.

use std::borrow::Cow;

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer::{self, Quad};
use iced::advanced::text::{self, Renderer as _};
use iced::advanced::widget::Tree;
use iced::advanced::{Renderer as _, Widget, mouse};
use iced::{Color, Length, Pixels, Point, Rectangle, Renderer, Size};
use shared::follow_up::period::FOLLOW_UP_DAYS;
use shared::follow_up::work_list::StripDay;

use crate::ui::theme::Theme;
use crate::ui::token::{Roles, size};
use crate::ui::{Element, font};

/// The width of one day, in logical pixels.
const CELL: f32 = 16.0;
/// The most days that are shown at once; of a longer follow-up those around today.
const SHOWN: usize = FOLLOW_UP_DAYS as usize;

/// The width of every strip, in logical pixels.
pub(super) const WIDTH: f32 = CELL * SHOWN as f32;

/// The sign of a state, for the strip and its legend.
pub(super) fn sign(day: StripDay) -> &'static str {
    match day {
        StripDay::Well => "■",
        StripDay::Sign => "▲",
        StripDay::NotReached => "×",
        StripDay::Missing => "□",
        StripDay::Ahead => "・",
    }
}

/// The colour of a state.
pub(super) fn ink(day: StripDay, roles: &Roles) -> Color {
    match day {
        StripDay::Well => roles.success,
        StripDay::Sign => roles.error,
        StripDay::NotReached => roles.text,
        StripDay::Missing => roles.input_border,
        StripDay::Ahead => roles.placeholder,
    }
}

struct Strip<'a> {
    days: Cow<'a, [StripDay]>,
    today: Option<usize>,
}

/// The strip of these days, the one at index `today` underlined.
pub(super) fn strip<'a, Message: 'a>(
    days: impl Into<Cow<'a, [StripDay]>>,
    today: Option<usize>,
) -> Element<'a, Message> {
    let days = days.into();
    let around = today.unwrap_or(days.len());
    let first = (around + 4)
        .saturating_sub(SHOWN)
        .min(days.len().saturating_sub(SHOWN));
    let last = (first + SHOWN).min(days.len());
    Element::new(Strip {
        days: match days {
            Cow::Borrowed(days) => Cow::Borrowed(&days[first..last]),
            Cow::Owned(days) => Cow::Owned(days[first..last].to_vec()),
        },
        today: today
            .and_then(|at| at.checked_sub(first))
            .filter(|at| *at < SHOWN),
    })
}

impl<Message> Widget<Message, Theme, Renderer> for Strip<'_> {
    fn size(&self) -> Size<Length> {
        Size::new(Length::Fixed(WIDTH), Length::Fixed(CELL + 4.0))
    }

    fn layout(&mut self, _: &mut Tree, _: &Renderer, _: &layout::Limits) -> layout::Node {
        layout::Node::new(Size::new(WIDTH, CELL + 4.0))
    }

    fn draw(
        &self,
        _: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        _: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let roles = &theme.roles;
        for (nth, day) in self.days.iter().enumerate() {
            let cell = Rectangle {
                x: bounds.x + nth as f32 * CELL,
                y: bounds.y,
                width: CELL,
                height: CELL,
            };
            let color = ink(*day, roles);
            glyph(renderer, cell, sign(*day), color);
            if self.today == Some(nth) {
                let line = Rectangle {
                    x: cell.x + 1.0,
                    y: cell.y + CELL + 1.0,
                    width: CELL - 2.0,
                    height: 3.0,
                };
                let plain = Quad {
                    bounds: line,
                    ..Quad::default()
                };
                renderer.fill_quad(plain, roles.primary);
            }
        }
    }
}

fn glyph(renderer: &mut Renderer, cell: Rectangle, sign: &str, color: Color) {
    let text = text::Text {
        content: sign.to_owned(),
        bounds: cell.size(),
        size: Pixels(size::SMALL),
        line_height: text::LineHeight::default(),
        font: font::BOLD,
        align_x: text::Alignment::Center,
        align_y: iced::alignment::Vertical::Center,
        shaping: text::Shaping::Basic,
        wrapping: text::Wrapping::None,
    };
    let middle = Point::new(cell.center_x(), cell.center_y());
    renderer.fill_text(text, middle, color, cell.expand(2.0));
}
