//! Columns that stand under their headings, in lists of any length.

use iced::widget::{Row, container};
use iced::{Center, Fill, Length};

use super::theme::Theme;
use super::token::{ROW, space};
use super::{Element, font, text};

/// The width that the scroll bar of a [`super::list`] takes from its rows.
pub const BAR: f32 = 14.0;

/// The headings of a table, above a [`super::list`] whose rows are made by [`row`]
/// with the same widths.
pub fn header<'a, Message: 'a>(
    columns: impl IntoIterator<Item = (String, Length)>,
) -> Element<'a, Message> {
    let cells = columns
        .into_iter()
        .map(|(heading, width)| (text::cell(heading).font(font::BOLD).into(), width));
    container(row(cells))
        .padding(iced::Padding::ZERO.right(BAR))
        .style(|theme: &Theme| container::Style {
            background: Some(theme.roles.raised.into()),
            ..container::Style::default()
        })
        .into()
}

/// One row: each cell within its width.
pub fn row<'a, Message: 'a>(
    cells: impl IntoIterator<Item = (Element<'a, Message>, Length)>,
) -> Element<'a, Message> {
    let cells = cells.into_iter().map(|(cell, width)| {
        container(cell)
            .padding([0.0, space::S])
            .width(width)
            .center_y(ROW)
            .clip(true)
            .into()
    });
    Row::with_children(cells)
        .height(ROW)
        .width(Fill)
        .align_y(Center)
        .into()
}
