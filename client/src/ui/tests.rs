//! The widgets, driven by key and pointer.

use iced::advanced::input_method;
use iced::keyboard::{Key, Modifiers, key};
use iced::widget::{container, scrollable};
use iced::{Event, Fill};

use super::keys::{Shortcut, binding, keys};
use super::list::list;
use super::theme::{Appearance, Theme};
use super::{Element, area, button, dialog, field, font, table, text};
use crate::picture;

mod focus;
mod lists;
mod typing;
mod words;

#[derive(Debug, Clone, PartialEq)]
enum Said {
    Pressed(&'static str),
    Typed(String),
    Submitted,
    Left,
    Moved(usize),
    Opened(usize),
    Viewed(std::ops::Range<usize>),
}

type Driven<'a> = picture::Driven<'a, Said>;

fn drive<'a>(element: impl Into<Element<'a, Said>>) -> Driven<'a> {
    picture::drive(element, (800.0, 600.0))
}

fn tap(driven: &mut Driven<'_>, key: key::Named, modifiers: Modifiers) {
    press(driven, key, modifiers, false);
}

/// A key that stays down: pressed once, and then as often as the system repeats it.
fn hold(driven: &mut Driven<'_>, key: key::Named) {
    for repeat in [false, true, true] {
        press(driven, key, Modifiers::default(), repeat);
    }
}

fn press(driven: &mut Driven<'_>, key: key::Named, modifiers: Modifiers, repeat: bool) {
    let Event::Keyboard(iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        text,
        ..
    }) = iced_test::simulator::press_key(Key::Named(key), None)
    else {
        unreachable!("a key press is a key press")
    };
    let pressed = iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        modifiers,
        text,
        repeat,
    };
    driven.simulate([Event::Keyboard(pressed), redraw()]);
}

fn redraw() -> Event {
    Event::Window(iced::window::Event::RedrawRequested(
        iced::time::Instant::now(),
    ))
}

fn said(driven: Driven<'_>) -> Vec<Said> {
    driven
        .into_messages()
        .filter(|said| !matches!(said, Said::Viewed(_)))
        .collect()
}
