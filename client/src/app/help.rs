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

/// These keys of the present screen, and those of every screen.
pub(super) fn help<'a>(screen: &[Binding<Message>]) -> Element<'a, Message> {
    let always = App::always();
    let moves = [
        ("Tab", say!("frame.keys.tab")),
        ("Shift+Tab", say!("frame.keys.shift_tab")),
        ("Enter", say!("frame.keys.enter")),
        ("↑ ↓", say!("frame.keys.arrows")),
    ];
    let moves = moves.map(|(key, words)| (key.to_owned(), words));
    let halves = Row::new()
        .push((!screen.is_empty()).then(|| half(say!("frame.keys.here"), keys(screen))))
        .push(half(
            say!("frame.keys.everywhere"),
            keys(&always).into_iter().chain(moves),
        ))
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

/// Each key once: that of a second way to do the same is left out.
fn keys(bindings: &[Binding<Message>]) -> Vec<(String, String)> {
    let mut keys: Vec<(String, String)> = Vec::new();
    for binding in bindings {
        if keys.iter().all(|(_, words)| *words != binding.words) {
            keys.push((binding.shortcut.name().to_owned(), binding.words.clone()));
        }
    }
    keys
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
