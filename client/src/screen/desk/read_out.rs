//! A password that is read out over the telephone, in large signs with the words for each. It is
//! hidden after a while, when the desk is left, and when the window is locked.

use std::sync::Arc;

use iced::widget::{Column, Row, container, scrollable};
use iced::{Center, Fill};
use jiff::{SignedDuration, Timestamp};
use shared::mail::{SpokenPassword, spoken};

use super::page::Message;
use crate::language;
use crate::say;
use crate::ui::table::BAR;
use crate::ui::token::{size, space};
use crate::ui::{Element, button, dialog, font, page, text};

/// How long it is shown.
const SHOWN: SignedDuration = SignedDuration::from_secs(120);

/// A password in view.
pub(super) struct ReadOut {
    password: Arc<SpokenPassword>,
    until: Timestamp,
}

impl ReadOut {
    pub(super) fn new(password: Arc<SpokenPassword>, now: Timestamp) -> Self {
        Self {
            password,
            until: now + SHOWN,
        }
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    pub(super) fn view(&self, now: Timestamp) -> Element<'_, Message> {
        let left = self.until.duration_since(now).as_secs().max(0);
        let hide =
            button::primary_keyed(say!("desk.read_out.hide"), "Esc").on_press(Message::HidePressed);
        let head = Row::new()
            .push(text::section(say!("desk.read_out.title")).width(Fill))
            .push(text::hint(say!("desk.read_out.left", seconds = left)))
            .push(hide)
            .spacing(space::M)
            .align_y(Center);
        let groups = self.password.groups.iter().enumerate();
        let rows = groups.map(|(nth, group)| row(nth + 1, group));
        let rows = Column::with_children(rows)
            .spacing(space::S)
            .padding(iced::Padding::ZERO.right(BAR));
        dialog::card(
            Column::new()
                .push(head)
                .push(text::body(say!("desk.read_out.how")))
                .push(page::line())
                .push(scrollable(rows).width(Fill))
                .spacing(space::M),
        )
    }
}

fn row<'a>(nth: usize, group: &str) -> Element<'a, Message> {
    let words: Vec<String> = group
        .chars()
        .map(|sign| spoken(sign, language::spoken()))
        .collect();
    let signs: Vec<String> = group.chars().map(String::from).collect();
    Row::new()
        .push(text::hint(nth.to_string()).width(space::XL))
        .push(container(text::digits(signs.join(" ")).font(font::BOLD)).width(size::DIGITS * 7.0))
        .push(text::body(words.join(say!("desk.read_out.between").as_str())).width(Fill))
        .spacing(space::M)
        .align_y(Center)
        .into()
}
