//! What happened, what it means and what to do, across the width of the page.

use iced::widget::{Column, Row, container};
use iced::{Border, Center, Fill};

use super::chip::Tone;
use super::theme::Theme;
use super::token::{radius, space};
use super::{Element, text};

/// A banner; see [`banner`].
pub struct Banner<'a, Message> {
    tone: Tone,
    title: String,
    lines: Vec<String>,
    actions: Vec<Element<'a, Message>>,
    slim: bool,
}

/// A banner of this tone whose first words are `title`.
pub fn banner<'a, Message>(tone: Tone, title: impl Into<String>) -> Banner<'a, Message> {
    Banner {
        tone,
        title: title.into(),
        lines: Vec::new(),
        actions: Vec::new(),
        slim: false,
    }
}

impl<'a, Message> Banner<'a, Message> {
    /// A further line: what it means, what to do.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// In as little height as there can be, with its lines beside its title: for where it must not
    /// take the place of what is typed.
    #[must_use]
    pub fn slim(mut self) -> Self {
        self.slim = true;
        self
    }

    /// Something that can be done about it.
    #[must_use]
    pub fn action(mut self, action: impl Into<Element<'a, Message>>) -> Self {
        self.actions.push(action.into());
        self
    }
}

impl<'a, Message: 'a> From<Banner<'a, Message>> for Element<'a, Message> {
    fn from(banner: Banner<'a, Message>) -> Self {
        let tone = banner.tone;
        let sign =
            text::strong(tone.sign()).style(move |theme: &Theme| iced::widget::text::Style {
                color: Some(tone.edge(&theme.roles)),
            });
        let title = text::strong(banner.title);
        let line = match banner.slim {
            true => text::lines,
            false => text::body,
        };
        let lines = banner.lines.into_iter().map(line);
        let mut words = Column::new().spacing(space::XS).width(Fill);
        if banner.slim {
            let all = Row::new()
                .push(title)
                .extend(lines.map(Element::from))
                .spacing(space::M)
                .align_y(Center);
            words = words.push(all.wrap().vertical_spacing(0));
        } else {
            words = words.push(title).extend(lines.map(Element::from));
        }
        if !banner.actions.is_empty() {
            let actions = Row::with_children(banner.actions)
                .spacing(space::M)
                .align_y(Center);
            words = words.push(container(actions.wrap()).padding([space::S, 0.0]));
        }
        container(Row::new().push(sign).push(words).spacing(space::M))
            .padding(match banner.slim {
                true => [space::XS, space::M],
                false => [space::M, space::L],
            })
            .width(Fill)
            .style(move |theme: &Theme| container::Style {
                text_color: Some(theme.roles.text),
                background: Some(tone.surface(&theme.roles).into()),
                border: Border {
                    color: tone.edge(&theme.roles),
                    width: 1.0,
                    radius: radius::CONTROL.into(),
                },
                ..container::Style::default()
            })
            .into()
    }
}
