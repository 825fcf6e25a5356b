//! Yes or no, and one of a few.

use iced::widget::{Row, container, text};
use iced::{Border, Center, Color};

use super::press::{Face, Press, Status, press};
use super::theme::Theme;
use super::token::{self, radius, size, space};
use super::{Element, font};

const BOX: f32 = 24.0;

/// A check box with its words; pressing either side turns it.
pub fn check<'a, Message: Clone + 'a>(
    words: impl Into<String>,
    checked: bool,
    on_turn: impl FnOnce(bool) -> Message,
) -> Press<'a, Message> {
    let tick = text("\u{f00c}").font(font::SIGNS).size(size::SMALL);
    let square = container(checked.then_some(tick))
        .center(BOX)
        .style(move |theme: &Theme| {
            let roles = &theme.roles;
            container::Style {
                text_color: Some(roles.on_primary),
                background: Some(if checked { roles.primary } else { roles.page }.into()),
                border: Border {
                    color: if checked {
                        roles.primary
                    } else {
                        roles.input_border
                    },
                    width: 2.0,
                    radius: radius::CHIP.into(),
                },
                ..container::Style::default()
            }
        });
    press(
        Row::new()
            .push(square)
            .push(text(words.into()).size(size::BODY))
            .spacing(space::S)
            .align_y(Center),
    )
    .height(token::TARGET)
    .padding([0.0, space::S])
    .on_press(on_turn(!checked))
    .look(|theme, status| {
        let over = matches!(status, Status::Hovered | Status::Held);
        Face {
            surface: over.then_some(theme.roles.primary_surface),
            text: theme.roles.text,
            border: Border::default().rounded(radius::CONTROL),
        }
    })
}

/// One of a few, side by side; the one in force is filled and bears a tick, so
/// that colour is not the only sign.
pub fn choice<'a, T, Message>(
    options: impl IntoIterator<Item = (T, String)>,
    chosen: Option<T>,
    on_choose: impl Fn(T) -> Message,
) -> Element<'a, Message>
where
    T: PartialEq + Copy,
    Message: Clone + 'a,
{
    let mut row = Row::new().spacing(space::S);
    for (option, words) in options {
        row = row.push(toggle(words, chosen == Some(option), on_choose(option)));
    }
    row.wrap().into()
}

/// A button that stays in when it is on: filters, single symptoms.
pub fn toggle<'a, Message: Clone + 'a>(
    words: impl Into<String>,
    on: bool,
    message: Message,
) -> Press<'a, Message> {
    let tick = on.then(|| text("\u{f00c}").font(font::SIGNS).size(size::SMALL));
    press(
        Row::new()
            .push(tick)
            .push(
                text(words.into())
                    .size(size::BODY)
                    .wrapping(text::Wrapping::None),
            )
            .spacing(space::S)
            .align_y(Center),
    )
    .height(token::TARGET)
    .padding([0.0, space::M])
    .by_space_alone()
    .on_press(message)
    .look(move |theme, status| {
        let roles = &theme.roles;
        let over = matches!(status, Status::Hovered | Status::Held);
        let (surface, text, edge): (Color, Color, Color) = match (on, over) {
            (true, false) => (roles.primary, roles.on_primary, roles.primary),
            (true, true) => (roles.primary_hover, roles.on_primary, roles.primary_hover),
            (false, true) => (roles.primary_surface, roles.text, roles.primary),
            (false, false) => (roles.page, roles.text, roles.input_border),
        };
        Face {
            surface: Some(surface),
            text,
            border: Border {
                color: edge,
                width: 1.0,
                radius: radius::CONTROL.into(),
            },
        }
    })
}
