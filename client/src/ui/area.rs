//! A field for several lines: notes, remarks, reasons. Enter begins a new line, Tab leaves it.

use std::borrow::Cow;

use iced::widget::text_editor::{self, Content};
use iced::{Border, Fill, Length, Padding};

use super::framed::framed;
use super::token::{radius, size, space};
use super::{Element, text, theme};

/// What somebody does in the field.
pub type Edit = text_editor::Action;

/// A text of several lines under the pen, with its caret.
#[derive(Debug, Default)]
pub struct Lines(Content);

impl Lines {
    /// The text as it stands.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// Does what somebody does in the field, and gives the text as it stands then.
    pub fn edit(&mut self, edit: Edit) -> String {
        self.0.perform(edit);
        self.text()
    }

    /// Shows this text; where it is shown already, the caret stays.
    pub fn show(&mut self, text: &str) {
        if self.text() != text {
            self.0 = Content::with_text(text);
        }
    }
}

/// A labelled field of several lines; see [`area`].
pub struct Area<'a, Message> {
    label: String,
    lines: &'a Lines,
    on_edit: Box<dyn Fn(Edit) -> Message + 'a>,
    example: String,
    id: Option<iced::widget::Id>,
    on_leave: Option<Message>,
    error: Option<String>,
    width: Length,
}

/// A field called `label` that holds `lines`.
pub fn area<'a, Message: Clone + 'a>(
    label: impl Into<String>,
    lines: &'a Lines,
    on_edit: impl Fn(Edit) -> Message + 'a,
) -> Area<'a, Message> {
    Area {
        label: label.into(),
        lines,
        on_edit: Box::new(on_edit),
        example: String::new(),
        id: None,
        on_leave: None,
        error: None,
        width: Fill,
    }
}

impl<Message> Area<'_, Message> {
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

    /// What happens when the keys go elsewhere.
    #[must_use]
    pub fn on_leave(mut self, message: Message) -> Self {
        self.on_leave = Some(message);
        self
    }

    /// What is wrong, below the field.
    #[must_use]
    pub fn error(mut self, error: Option<impl Into<String>>) -> Self {
        self.error = error.map(Into::into);
        self
    }

    /// How wide the field is; all there is by default.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
}

/// The height of so many lines.
fn height(lines: u8) -> f32 {
    f32::from(lines) * size::BODY * size::LEADING
}

impl<'a, Message: Clone + 'a> From<Area<'a, Message>> for Element<'a, Message> {
    fn from(area: Area<'a, Message>) -> Self {
        let wrong = area.error.is_some();
        let says: Cow<'a, str> = match area.lines.0.is_empty() {
            true => area.example.clone().into(),
            false => area.lines.text().into(),
        };
        let mut editor = iced::widget::text_editor(&area.lines.0)
            .on_action(area.on_edit)
            .placeholder(area.example)
            .size(size::BODY)
            .line_height(size::LEADING)
            .padding(Padding::from([10.0, space::M]))
            // Two lines invite more than a word; what grows beyond six is scrolled.
            .min_height(height(2))
            .max_height(height(6))
            .style(move |theme: &theme::Theme, _| {
                let plain = theme::area(theme);
                if !wrong {
                    return plain;
                }
                text_editor::Style {
                    border: Border {
                        color: theme.roles.error,
                        width: 2.0,
                        radius: radius::CONTROL.into(),
                    },
                    ..plain
                }
            });
        if let Some(id) = area.id {
            editor = editor.id(id);
        }
        let label = (!area.label.is_empty()).then(|| text::strong(area.label));
        let error = area.error.map(|error| text::error(format!("▲ {error}")));
        iced::widget::Column::new()
            .push(label)
            .push(
                framed(editor, radius::CONTROL)
                    .says(says)
                    .on_leave(area.on_leave),
            )
            .push(error)
            .spacing(space::S)
            .width(area.width)
            .into()
    }
}
