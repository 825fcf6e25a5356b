//! A field to type into: label above, help and error below.

use iced::widget::{Column, text_input};
use iced::{Border, Fill, Length, Padding};

use super::framed::framed;
use super::token::{radius, size, space};
use super::{Element, text, theme};

/// A labelled text field; see [`field`].
pub struct Field<'a, Message> {
    label: String,
    value: &'a str,
    example: String,
    id: Option<iced::widget::Id>,
    on_input: Option<Box<dyn Fn(String) -> Message + 'a>>,
    on_submit: Option<Message>,
    on_leave: Option<Message>,
    hint: Option<String>,
    error: Option<String>,
    wrong: bool,
    secret: bool,
    keeps_keys: bool,
    width: Length,
}

/// A field called `label` that holds `value`; without [`Field::on_input`] it can
/// only be read.
pub fn field<'a, Message: Clone + 'a>(
    label: impl Into<String>,
    value: &'a str,
) -> Field<'a, Message> {
    Field {
        label: label.into(),
        value,
        example: String::new(),
        id: None,
        on_input: None,
        on_submit: None,
        on_leave: None,
        hint: None,
        error: None,
        wrong: false,
        secret: false,
        keeps_keys: false,
        width: Fill,
    }
}

impl<'a, Message: Clone + 'a> Field<'a, Message> {
    /// What every change of the text does.
    #[must_use]
    pub fn on_input(mut self, on_input: impl Fn(String) -> Message + 'a) -> Self {
        self.on_input = Some(Box::new(on_input));
        self
    }

    /// What Enter does. An Enter that commits a conversion never gets here.
    #[must_use]
    pub fn on_submit(mut self, message: Message) -> Self {
        self.on_submit = Some(message);
        self
    }

    /// What happens when the keys go elsewhere: the moment to validate and to
    /// put width and kana right.
    #[must_use]
    pub fn on_leave(mut self, message: Message) -> Self {
        self.on_leave = Some(message);
        self
    }

    /// An example shown while the field is empty.
    #[must_use]
    pub fn example(mut self, example: impl Into<String>) -> Self {
        self.example = example.into();
        self
    }

    /// A name by which the field can be focused.
    #[must_use]
    pub fn id(mut self, id: impl Into<iced::widget::Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What is expected, below the field.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, below the field in place of the hint.
    #[must_use]
    pub fn error(mut self, error: Option<impl Into<String>>) -> Self {
        self.error = error.map(Into::into);
        self
    }

    /// Marks the field as wrong without saying why, where the sentence stands elsewhere: below a
    /// row of narrow fields.
    #[must_use]
    pub fn wrong(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        self
    }

    /// Shows dots in place of the text.
    #[must_use]
    pub fn secret(mut self, secret: bool) -> Self {
        self.secret = secret;
        self
    }

    /// Esc leaves the keys here, where nothing else on the screen could use them.
    #[must_use]
    pub fn keeps_keys(mut self) -> Self {
        self.keeps_keys = true;
        self
    }

    /// How wide the field is; all there is by default.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
}

impl<'a, Message: Clone + 'a> From<Field<'a, Message>> for Element<'a, Message> {
    fn from(field: Field<'a, Message>) -> Self {
        let wrong = field.wrong || field.error.is_some();
        let mut input = text_input(&field.example, field.value)
            .size(size::BODY)
            .padding(Padding::from([10.0, space::M]))
            .secure(field.secret)
            .on_submit_maybe(field.on_submit)
            .style(move |theme: &theme::Theme, status| {
                let plain = theme::field(theme, status);
                if !wrong {
                    return plain;
                }
                text_input::Style {
                    border: Border {
                        color: theme.roles.error,
                        width: 2.0,
                        radius: radius::CONTROL.into(),
                    },
                    ..plain
                }
            });
        if let Some(on_input) = field.on_input {
            input = input.on_input(on_input);
        }
        if let Some(id) = field.id {
            input = input.id(id);
        }
        let below = match (field.error, field.hint) {
            (Some(error), _) => Some(text::error(format!("▲ {error}"))),
            (None, Some(hint)) => Some(text::hint(hint)),
            (None, None) => None,
        };
        let label = (!field.label.is_empty()).then(|| text::strong(field.label));
        Column::new()
            .push(label)
            .push(
                framed(input, radius::CONTROL)
                    .secret(field.secret)
                    .keeps_keys(field.keeps_keys)
                    .on_leave(field.on_leave),
            )
            .push(below)
            .spacing(space::S)
            .width(field.width)
            .into()
    }
}
