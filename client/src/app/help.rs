//! The list of keys, in front of everything.

use iced::widget::{Column, Row, container, scrollable};
use iced::{Center, Fill};

use super::{App, Message};
use crate::say;
use crate::ui::keys::Binding;
use crate::ui::table::BAR;
use crate::ui::token::{MEASURE, space};
use crate::ui::{Element, button, dialog, text};

/// The name of the button that closes the list.
pub(super) const CLOSE: &str = "help.close";

/// The width of one of the two halves; they stand one below the other where there is no room.
const HALF: f32 = (MEASURE + MEASURE / 4.0) / 2.0;
/// The width that a key is printed in.
const KEY: f32 = 104.0;

/// The keys of what is in front, and those of every screen.
pub(super) fn help<'a>(app: &App) -> Element<'a, Message> {
    let [here, everywhere] = listed(app);
    let halves = Row::new()
        .push((!here.is_empty()).then(|| half(say!("frame.keys.here"), here)))
        .push(half(say!("frame.keys.everywhere"), everywhere))
        .spacing(space::L)
        .wrap()
        .vertical_spacing(space::L);
    let close = button::primary_keyed(say!("frame.help_close"), "Esc")
        .id(CLOSE)
        .on_press(Message::HelpToggled);
    let head = Row::new()
        .push(text::title(say!("frame.help")).width(Fill))
        .push(close)
        .align_y(Center);
    let padding = iced::Padding::ZERO.right(BAR + space::S);
    // The list comes last: what there is no room for can be scrolled to.
    dialog::wide_card(
        Column::new()
            .push(head)
            .push(scrollable(container(halves).padding(padding)).width(Fill))
            .spacing(space::L),
    )
}

/// The same as keys with their words. Each key stands there once: what the screen in front does with
/// it comes before what it does on every screen.
pub(super) fn listed(app: &App) -> [Vec<(String, String)>; 2] {
    let here = keys(&app.here());
    let moves = [
        ("Tab", say!("frame.keys.tab")),
        ("Shift+Tab", say!("frame.keys.shift_tab")),
        ("Enter", say!("frame.keys.enter")),
        ("↑ ↓", say!("frame.keys.arrows")),
    ];
    let moves = moves.map(|(key, words)| (key.to_owned(), words));
    let taken = |keys: &str| {
        let mut keys = keys.split(' ');
        keys.any(|key| here.iter().any(|(taken, _)| taken == key))
    };
    let everywhere = keys(&app.frame())
        .into_iter()
        .chain(to_rooms(&app.to_rooms()))
        .chain(keys(&App::always()))
        .chain(moves)
        .filter(|(keys, _)| !taken(keys))
        .collect();
    [here, everywhere]
}

/// Each key once, and that of a second way to do the same not at all.
fn keys(bindings: &[Binding<Message>]) -> Vec<(String, String)> {
    let mut keys: Vec<(String, String)> = Vec::new();
    for binding in bindings {
        let key = binding.shortcut.name();
        let is_listed = |(name, words): &(String, String)| name == key || *words == binding.words;
        if !keys.iter().any(is_listed) {
            keys.push((key.to_owned(), binding.words.clone()));
        }
    }
    keys
}

/// The keys to the rooms in one line: their names stand in the navigation.
fn to_rooms(bindings: &[Binding<Message>]) -> Option<(String, String)> {
    let (first, last) = (bindings.first()?, bindings.last()?);
    let first = first.shortcut.name();
    let digit = last.shortcut.name().rsplit('+').next()?;
    let keys = match bindings.len() {
        1 => first.to_owned(),
        _ => format!("{first}–{digit}"),
    };
    Some((keys, say!("frame.keys.rooms")))
}

fn half<'a>(
    heading: String,
    keys: impl IntoIterator<Item = (String, String)>,
) -> Element<'a, Message> {
    let list = Column::new()
        .push(text::hint(heading))
        .spacing(space::S)
        .width(HALF);
    keys.into_iter()
        .map(|(key, words)| {
            Row::new()
                .push(text::strong(key).width(KEY))
                .push(text::body(words).width(Fill))
                .spacing(space::M)
        })
        .fold(list, Column::push)
        .into()
}
