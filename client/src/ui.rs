//! The design system: everything the window is made of, and nothing about
//! health centres.
//!
//! It is generic over the message and knows no domain type. Colours, sizes and
//! distances are in [`token`] alone; a screen names roles and never a number.
//!
//! | for | use |
//! |---|---|
//! | words | [`text::title`], [`text::section`], [`text::body`], [`text::hint`], [`text::cell`] |
//! | something to press | [`button::primary`], [`button::secondary`], [`button::keyed`], [`button::primary_keyed`], [`button::quiet`], [`button::danger`] |
//! | something to type into | [`field::field`]; several lines: [`area::area`] |
//! | yes/no, one of a few | [`check::check`], [`check::toggle`], [`check::choice`] |
//! | a long list | [`table::header`] above [`list::list`] with [`table::row`]s |
//! | a list without rows: on its way, failed, empty | [`vacant::Vacant`] |
//! | a state in a word | [`chip::chip`] |
//! | what happened and what to do | [`banner::banner`] |
//! | a question in front | [`dialog::over`] with [`dialog::card`] |
//! | the keys of a screen | [`keys::binding`]s, given to the frame |
//!
//! Whatever takes keys is reached by Tab in reading order and shows the focus
//! ring; use these widgets and not iced's bare buttons, which do neither.

pub mod area;
pub mod around;
pub mod banner;
mod beside;
pub mod button;
mod cell;
pub mod check;
pub mod chip;
pub mod dialog;
pub mod field;
pub mod focus;
pub mod font;
pub mod framed;
pub mod keys;
pub mod list;
pub mod page;
pub mod press;
mod shortcut;
pub mod steps;
pub mod table;
pub mod text;
pub mod theme;
pub mod token;
pub mod vacant;
pub mod zoom;

#[cfg(test)]
mod tests;

/// An element in this theme.
pub type Element<'a, Message> = iced::Element<'a, Message, theme::Theme>;
