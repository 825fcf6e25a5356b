//! The body of a screen: a column that scrolls when the window is small, with
//! room for the focus ring on every side.

use iced::widget::{Column, container, rule, scrollable};
use iced::{Border, Fill};

use super::Element;
use super::theme::Theme;
use super::token::{MEASURE, radius, space};

/// A page for running text and forms: kept to a readable width, scrolled as a whole.
pub fn form<'a, Message: 'a>(
    content: impl IntoIterator<Item = Element<'a, Message>>,
) -> Element<'a, Message> {
    let column = Column::with_children(content)
        .spacing(space::L)
        .width(Fill)
        .max_width(MEASURE);
    scrollable(container(column).padding(space::XL).center_x(Fill))
        .width(Fill)
        .height(Fill)
        .into()
}

/// A card: things that belong together, on the page.
pub fn card<'a, Message: 'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    container(content)
        .padding(space::L)
        .width(Fill)
        .style(|theme: &Theme| container::Style {
            background: Some(theme.roles.page.into()),
            border: Border {
                color: theme.roles.line,
                width: 1.0,
                radius: radius::CARD.into(),
            },
            ..container::Style::default()
        })
        .into()
}

/// A bar that stands above the page, such as the frame.
pub fn raised<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
) -> iced::widget::Container<'a, Message, Theme> {
    container(content).style(|theme: &Theme| container::Style {
        background: Some(theme.roles.raised.into()),
        ..container::Style::default()
    })
}

/// A line across.
pub fn line<'a, Message: 'a>() -> Element<'a, Message> {
    rule::horizontal(1).into()
}

/// A form with something to read before its end: `reading` stands beside it where
/// there is room for both, and between `form` and `end` where there is not. Without it the page is
/// a [`form`], whose fields keep what they hold when there is something to read.
pub fn beside<'a, Message: 'a>(
    form: impl IntoIterator<Item = Element<'a, Message>>,
    reading: impl Into<Option<Element<'a, Message>>>,
    end: impl IntoIterator<Item = Element<'a, Message>>,
) -> Element<'a, Message> {
    let part = |content: Vec<Element<'a, Message>>| {
        Column::with_children(content).spacing(space::L).width(Fill)
    };
    let (form, end) = (
        part(form.into_iter().collect()),
        part(end.into_iter().collect()),
    );
    let both = container(super::beside::beside(form, reading.into(), end))
        .padding(space::XL)
        .center_x(Fill);
    scrollable(both).width(Fill).height(Fill).into()
}

/// Something that comes and goes above other things, such as a banner. It keeps its place while it
/// is away, so that what stands below keeps its focus and its scroll position.
pub fn slot<'a, Message: 'a>(content: Option<Element<'a, Message>>) -> Element<'a, Message> {
    match content {
        Some(content) => container(content)
            .padding(iced::Padding::ZERO.bottom(space::M))
            .into(),
        None => container(iced::widget::space()).into(),
    }
}
