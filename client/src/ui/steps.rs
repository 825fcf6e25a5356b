//! The steps of long work, each with how it stands.

use iced::Center;
use iced::widget::{Column, Row};

use super::chip::Tone;
use super::theme::Theme;
use super::token::space;
use super::{Element, text};

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// It did not work.
    Failed,
}

impl Progress {
    fn sign(self) -> &'static str {
        match self {
            Self::Waiting => "・",
            Self::Running => "▶",
            Self::Done => "○",
            Self::Failed => "×",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Waiting => Tone::Plain,
            Self::Running => Tone::Info,
            Self::Done => Tone::Success,
            Self::Failed => Tone::Error,
        }
    }
}

/// The steps one below the other: a sign, what it is, and the word for how it stands.
pub fn steps<'a, Message: 'a>(
    items: impl IntoIterator<Item = (Progress, String, String)>,
) -> Element<'a, Message> {
    let rows = items.into_iter().map(|(progress, what, state)| {
        let ink = move |theme: &Theme| iced::widget::text::Style {
            color: Some(match progress {
                Progress::Waiting => theme.roles.text_secondary,
                _ => progress.tone().ink(&theme.roles),
            }),
        };
        let what = if progress == Progress::Running {
            text::strong(what)
        } else {
            text::body(what)
        };
        Row::new()
            .push(text::strong(progress.sign()).style(ink).width(space::XL))
            .push(what.width(iced::Fill))
            .push(text::hint(state).style(ink))
            .spacing(space::S)
            .align_y(Center)
            .into()
    });
    Column::with_children(rows).spacing(space::S).into()
}
