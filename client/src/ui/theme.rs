//! The table of roles in force, and how iced's own widgets read it.

use iced::theme::{Base, Mode, Palette};
use iced::widget::{container, progress_bar, rule, scrollable, text, text_editor, text_input};
use iced::{Background, Border, Color, Shadow};
use serde::{Deserialize, Serialize};

use super::token::{self, Roles, radius};

/// Which table of roles is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appearance {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near-black.
    Dark,
    /// Black and white.
    HighContrast,
}

impl Appearance {
    /// The one after this, for a button that steps through all three.
    pub fn next(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::HighContrast,
            Self::HighContrast => Self::Light,
        }
    }
}

/// The theme of every widget in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// Which appearance this is.
    pub appearance: Appearance,
    /// Its colours.
    pub roles: Roles,
}

impl Theme {
    /// The theme of an appearance.
    pub const fn of(appearance: Appearance) -> Self {
        let roles = match appearance {
            Appearance::Light => token::LIGHT,
            Appearance::Dark => token::DARK,
            Appearance::HighContrast => token::HIGH_CONTRAST,
        };
        Self { appearance, roles }
    }
}

impl Base for Theme {
    fn default(preference: Mode) -> Self {
        Self::of(match preference {
            Mode::Dark => Appearance::Dark,
            Mode::Light | Mode::None => Appearance::Light,
        })
    }

    fn mode(&self) -> Mode {
        match self.appearance {
            Appearance::Dark => Mode::Dark,
            Appearance::Light | Appearance::HighContrast => Mode::Light,
        }
    }

    fn base(&self) -> iced::theme::Style {
        iced::theme::Style {
            background_color: self.roles.page,
            text_color: self.roles.text,
        }
    }

    fn palette(&self) -> Option<Palette> {
        Some(Palette {
            background: self.roles.page,
            text: self.roles.text,
            primary: self.roles.primary,
            success: self.roles.success,
            warning: self.roles.warning,
            danger: self.roles.error,
        })
    }

    fn name(&self) -> &str {
        match self.appearance {
            Appearance::Light => "light",
            Appearance::Dark => "dark",
            Appearance::HighContrast => "high contrast",
        }
    }
}

impl text::Catalog for Theme {
    type Class<'a> = text::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|_| text::Style::default())
    }

    fn style(&self, class: &Self::Class<'_>) -> text::Style {
        class(self)
    }
}

impl container::Catalog for Theme {
    type Class<'a> = container::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|_| container::Style::default())
    }

    fn style(&self, class: &Self::Class<'_>) -> container::Style {
        class(self)
    }
}

impl rule::Catalog for Theme {
    type Class<'a> = rule::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme: &Self| rule::Style {
            color: theme.roles.line,
            radius: 0.0.into(),
            fill_mode: rule::FillMode::Full,
            snap: true,
        })
    }

    fn style(&self, class: &Self::Class<'_>) -> rule::Style {
        class(self)
    }
}

impl progress_bar::Catalog for Theme {
    type Class<'a> = progress_bar::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme: &Self| progress_bar::Style {
            background: theme.roles.raised.into(),
            bar: theme.roles.primary.into(),
            border: Border {
                color: theme.roles.input_border,
                width: 1.0,
                radius: radius::CHIP.into(),
            },
        })
    }

    fn style(&self, class: &Self::Class<'_>) -> progress_bar::Style {
        class(self)
    }
}

impl text_input::Catalog for Theme {
    type Class<'a> = text_input::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(field)
    }

    fn style(&self, class: &Self::Class<'_>, status: text_input::Status) -> text_input::Style {
        class(self, status)
    }
}

/// A field as it stands in a form.
pub(super) fn field(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let roles = &theme.roles;
    let disabled = matches!(status, text_input::Status::Disabled);
    text_input::Style {
        background: Background::Color(if disabled { roles.raised } else { roles.page }),
        border: Border {
            color: if disabled {
                roles.line
            } else {
                roles.input_border
            },
            width: 1.0,
            radius: radius::CONTROL.into(),
        },
        icon: roles.text_secondary,
        placeholder: roles.placeholder,
        value: if disabled {
            roles.text_secondary
        } else {
            roles.text
        },
        selection: Color {
            a: 0.3,
            ..roles.primary
        },
    }
}

impl text_editor::Catalog for Theme {
    type Class<'a> = text_editor::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme: &Self, _| area(theme))
    }

    fn style(&self, class: &Self::Class<'_>, status: text_editor::Status) -> text_editor::Style {
        class(self, status)
    }
}

/// A field of several lines as it stands in a form.
pub(super) fn area(theme: &Theme) -> text_editor::Style {
    text_editor::Style {
        background: theme.roles.page.into(),
        border: Border {
            color: theme.roles.input_border,
            width: 1.0,
            radius: radius::CONTROL.into(),
        },
        placeholder: theme.roles.placeholder,
        value: theme.roles.text,
        selection: Color {
            a: 0.3,
            ..theme.roles.primary
        },
    }
}

impl scrollable::Catalog for Theme {
    type Class<'a> = scrollable::StyleFn<'a, Self>;

    fn default<'a>() -> Self::Class<'a> {
        Box::new(|theme: &Self, status| {
            let held = matches!(status, scrollable::Status::Dragged { .. });
            let rail = scrollable::Rail {
                background: Some(theme.roles.raised.into()),
                border: Border::default(),
                scroller: scrollable::Scroller {
                    background: if held {
                        theme.roles.text
                    } else {
                        theme.roles.input_border
                    }
                    .into(),
                    border: Border::default().rounded(radius::CHIP),
                },
            };
            scrollable::Style {
                container: container::Style::default(),
                vertical_rail: rail,
                horizontal_rail: rail,
                gap: None,
                auto_scroll: scrollable::AutoScroll {
                    background: theme.roles.raised.into(),
                    border: Border::default(),
                    shadow: Shadow::default(),
                    icon: theme.roles.text,
                },
            }
        })
    }

    fn style(&self, class: &Self::Class<'_>, status: scrollable::Status) -> scrollable::Style {
        class(self, status)
    }
}
