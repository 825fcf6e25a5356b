//! A state in one word, with a sign and a colour.

use iced::widget::{container, text};
use iced::{Border, Color};

use super::theme::Theme;
use super::token::{Roles, radius, size, space};
use super::{Element, font};

/// What a chip, a banner or a mark in a cell stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// To be known.
    Info,
    /// Done, right.
    Success,
    /// To be looked at.
    Warning,
    /// To be done now.
    Urgent,
    /// Wrong.
    Error,
}

impl Tone {
    /// The sign that says the same as the colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Plain => "・",
            Self::Info => "●",
            Self::Success => "○",
            Self::Warning | Self::Urgent => "▲",
            Self::Error => "×",
        }
    }

    /// The colour of its mark and edge.
    pub fn edge(self, roles: &Roles) -> Color {
        match self {
            Self::Plain => roles.line,
            Self::Info => roles.primary,
            Self::Success => roles.success,
            Self::Warning => roles.warning,
            Self::Urgent => roles.urgent,
            Self::Error => roles.error,
        }
    }

    /// The colour of its text.
    pub fn ink(self, roles: &Roles) -> Color {
        match self {
            Self::Plain | Self::Urgent | Self::Warning => roles.text,
            Self::Info => roles.primary,
            Self::Success => roles.success_text,
            Self::Error => roles.error_text,
        }
    }

    /// The surface behind it.
    pub fn surface(self, roles: &Roles) -> Color {
        match self {
            Self::Plain => roles.raised,
            Self::Info => roles.primary_surface,
            Self::Success => roles.success_surface,
            Self::Warning | Self::Urgent => roles.warning_surface,
            Self::Error => roles.error_surface,
        }
    }
}

/// A word with its sign on a small coloured ground.
pub fn chip<'a, Message: 'a>(tone: Tone, words: impl Into<String>) -> Element<'a, Message> {
    let words = match tone {
        Tone::Plain => words.into(),
        _ => format!("{} {}", tone.sign(), words.into()),
    };
    container(
        text(words)
            .size(size::SMALL)
            .font(font::BOLD)
            .wrapping(text::Wrapping::None)
            .style(move |theme: &Theme| text::Style {
                color: Some(tone.ink(&theme.roles)),
            }),
    )
    .padding([2.0, space::S])
    .style(move |theme: &Theme| container::Style {
        background: Some(tone.surface(&theme.roles).into()),
        border: Border {
            color: tone.edge(&theme.roles),
            width: 1.0,
            radius: radius::CHIP.into(),
        },
        ..container::Style::default()
    })
    .into()
}
