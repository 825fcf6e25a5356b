//! Words on the page, by their place in the hierarchy.

use iced::widget::text;
use iced::widget::text::{LineHeight, Style, Text, Wrapping};

pub use super::cell::{Cell, cell, cell_width};
use super::font;
use super::theme::Theme;
use super::token::{Roles, size};
use iced::{Color, Renderer};

/// A text in this theme.
pub type Words<'a> = Text<'a, Theme, Renderer>;

/// The title of a screen.
pub fn title<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::TITLE).font(font::BOLD)
}

/// The heading of a section.
pub fn section<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::SECTION).font(font::BOLD)
}

/// Running text.
pub fn body<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::BODY)
}

/// Running text that must not be overlooked; also the label of a field.
pub fn strong<'a>(words: impl Into<String>) -> Words<'a> {
    body(words).font(font::BOLD)
}

/// A hint or anything of second rank.
pub fn hint<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::SMALL).style(role(|roles| roles.text_secondary))
}

/// What the running text beside it is: a hint in line with its first line.
pub fn label<'a>(words: impl Into<String>) -> Words<'a> {
    hint(words).line_height(LineHeight::Absolute((size::BODY * size::LEADING).into()))
}

/// Facts and remarks of a table's size, on as many lines as they take.
pub fn lines<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::SMALL).wrapping(Wrapping::WordOrGlyph)
}

/// The same words, broken anywhere where one of them is wider than its place: a hash, a path.
pub fn breaking(words: Words<'_>) -> Words<'_> {
    words.wrapping(Wrapping::WordOrGlyph)
}

/// What is wrong, below the field or in a list of errors.
pub fn error<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::SMALL).style(role(|roles| roles.error_text))
}

/// Digits compared by eye with a slip of paper.
pub fn digits<'a>(words: impl Into<String>) -> Words<'a> {
    sized(words, size::DIGITS)
}

/// A style that takes its colour from the table of roles.
pub fn role(pick: fn(&Roles) -> Color) -> impl Fn(&Theme) -> Style {
    move |theme| Style {
        color: Some(pick(&theme.roles)),
    }
}

fn sized<'a>(words: impl Into<String>, size: f32) -> Words<'a> {
    text(words.into())
        .size(size)
        .line_height(LineHeight::Relative(size::LEADING))
}
