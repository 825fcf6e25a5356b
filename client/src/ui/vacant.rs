//! What stands in the place of a list's rows while there are none.

use iced::widget::{Column, container, scrollable};
use iced::{Center, Fill};

use super::banner::Banner;
use super::table::BAR;
use super::token::{MEASURE, space};
use super::{Element, text};

/// Why there are no rows.
pub enum Vacant<'a, Message> {
    /// They are on their way; this says so.
    Coming(String),
    /// They did not come: what happened, and how to ask again.
    Failed(Banner<'a, Message>),
    /// There are none.
    Empty {
        /// That there are none.
        title: String,
        /// Why, and what to do.
        what: String,
        /// The way out, where there is one.
        action: Option<Element<'a, Message>>,
    },
}

impl<'a, Message: 'a> From<Vacant<'a, Message>> for Element<'a, Message> {
    fn from(vacant: Vacant<'a, Message>) -> Self {
        let content: Element<'a, Message> = match vacant {
            Vacant::Coming(words) => text::body(words).into(),
            Vacant::Failed(banner) => banner.into(),
            Vacant::Empty {
                title,
                what,
                action,
            } => Column::new()
                .push(text::section(title).align_x(Center))
                .push(text::body(what).align_x(Center))
                .push(action)
                .spacing(space::M)
                .align_x(Center)
                .max_width(MEASURE)
                .into(),
        };
        // In a low window what happened and the way out may need more room than there is.
        let beside_the_bar = container(content).padding([0.0, BAR]);
        container(scrollable(beside_the_bar))
            .center(Fill)
            .padding([0.0, space::L - BAR])
            .into()
    }
}
