//! Buttons: one primary a screen, secondary ones beside it, quiet ones in bars.

use iced::widget::{Row, text};
use iced::{Border, Center, Color};

use super::font;
use super::press::{Face, Press, Status, press};
use super::theme::Theme;
use super::token::{self, radius, size, space};

/// The one thing that the screen is for.
pub fn primary<'a, Message: Clone + 'a>(label: impl Into<String>) -> Press<'a, Message> {
    button(label.into(), None).look(filled)
}

/// The same with its key printed on it.
pub fn primary_keyed<'a, Message: Clone + 'a>(
    label: impl Into<String>,
    key: impl Into<String>,
) -> Press<'a, Message> {
    button(label.into(), Some(key.into())).look(filled)
}

fn filled(theme: &Theme, status: Status) -> Face {
    let roles = &theme.roles;
    match status {
        Status::Idle => face(Some(roles.primary), roles.on_primary, roles.primary),
        Status::Hovered => face(
            Some(roles.primary_hover),
            roles.on_primary,
            roles.primary_hover,
        ),
        Status::Held => face(
            Some(roles.primary_pressed),
            roles.on_primary,
            roles.primary_pressed,
        ),
        Status::Disabled => face(Some(roles.raised), roles.disabled, roles.line),
    }
}

/// Something else that can be done here.
pub fn secondary<'a, Message: Clone + 'a>(label: impl Into<String>) -> Press<'a, Message> {
    button(label.into(), None).look(outlined)
}

/// The same with its key printed on it, for example `取込` and `F6`.
pub fn keyed<'a, Message: Clone + 'a>(
    label: impl Into<String>,
    key: impl Into<String>,
) -> Press<'a, Message> {
    button(label.into(), Some(key.into())).look(outlined)
}

/// A button without a border, for bars and for going back.
pub fn quiet<'a, Message: Clone + 'a>(label: impl Into<String>) -> Press<'a, Message> {
    button(label.into(), None).look(bare)
}

/// The same with its key printed on it.
pub fn quiet_keyed<'a, Message: Clone + 'a>(
    label: impl Into<String>,
    key: impl Into<String>,
) -> Press<'a, Message> {
    button(label.into(), Some(key.into())).look(bare)
}

fn bare(theme: &Theme, status: Status) -> Face {
    let roles = &theme.roles;
    let surface = match status {
        Status::Idle | Status::Disabled => None,
        Status::Hovered | Status::Held => Some(roles.primary_surface),
    };
    let text = if status == Status::Disabled {
        roles.disabled
    } else {
        roles.primary
    };
    face(surface, text, Color::TRANSPARENT)
}

/// What cannot be taken back.
pub fn danger<'a, Message: Clone + 'a>(label: impl Into<String>) -> Press<'a, Message> {
    button(label.into(), None).look(|theme, status| {
        let roles = &theme.roles;
        match status {
            Status::Disabled => face(Some(roles.raised), roles.disabled, roles.line),
            Status::Idle => face(Some(roles.page), roles.error_text, roles.error),
            Status::Hovered | Status::Held => {
                face(Some(roles.error_surface), roles.error_text, roles.error)
            }
        }
    })
}

fn button<'a, Message: Clone + 'a>(label: String, key: Option<String>) -> Press<'a, Message> {
    let key = key.map(|key| text(key).size(size::SMALL));
    let words = Row::new()
        .push(
            text(label)
                .size(size::BODY)
                .font(font::BOLD)
                .wrapping(text::Wrapping::None),
        )
        .push(key)
        .spacing(space::S)
        .align_y(Center);
    press(words).height(token::TARGET).padding([0.0, space::L])
}

fn outlined(theme: &Theme, status: Status) -> Face {
    let roles = &theme.roles;
    match status {
        Status::Idle => face(Some(roles.page), roles.primary, roles.primary),
        Status::Hovered | Status::Held => face(
            Some(roles.primary_surface),
            roles.primary_hover,
            roles.primary_hover,
        ),
        Status::Disabled => face(Some(roles.page), roles.disabled, roles.line),
    }
}

fn face(surface: Option<Color>, text: Color, edge: Color) -> Face {
    Face {
        surface,
        text,
        border: Border {
            color: edge,
            width: 1.0,
            radius: radius::CONTROL.into(),
        },
    }
}
