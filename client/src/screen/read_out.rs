//! A password that is read out or written down by hand, in large signs with the words for each. It
//! is hidden after a while, when its screen is left, and when the window is locked. Part of the
//! screens that hand passwords over.

use std::sync::Arc;

use iced::widget::{Column, Row, container, scrollable};
use iced::{Center, Fill};
use jiff::{SignedDuration, Timestamp};
use shared::mail::{SpokenPassword, spoken};

use crate::language;
use crate::say;
use crate::ui::table::BAR;
use crate::ui::token::{size, space};
use crate::ui::{Element, button, dialog, font, page, text};

/// A password in view.
pub struct ReadOut {
    password: Arc<SpokenPassword>,
    until: Timestamp,
}

impl ReadOut {
    /// This password, shown for `shown` from `now` on.
    pub fn new(password: Arc<SpokenPassword>, now: Timestamp, shown: SignedDuration) -> Self {
        Self {
            password,
            until: now + shown,
        }
    }

    /// Shows it for `shown` from `now` on: nobody has seen it until now.
    pub fn show_from(&mut self, now: Timestamp, shown: SignedDuration) {
        self.until = now + shown;
    }

    /// Whether it was shown for long enough.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// The card under `title`, with what to do with the password.
    pub fn view<'a, Message: Clone + 'a>(
        &'a self,
        now: Timestamp,
        title: String,
        what: Element<'a, Message>,
        on_hide: Message,
    ) -> Element<'a, Message> {
        let left = self.until.duration_since(now).as_secs().max(0);
        let hide = button::primary_keyed(say!("read_out.hide"), "Esc").on_press(on_hide);
        let head = Row::new()
            .push(text::section(title).width(Fill))
            .push(text::hint(say!("read_out.left", seconds = left)))
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
                .push(what)
                .push(page::line())
                .push(scrollable(rows).width(Fill))
                .spacing(space::M),
        )
    }
}

fn row<'a, Message: 'a>(nth: usize, group: &str) -> Element<'a, Message> {
    let words: Vec<String> = group
        .chars()
        .map(|sign| spoken(sign, language::spoken()))
        .collect();
    let signs: Vec<String> = group.chars().map(String::from).collect();
    Row::new()
        .push(text::hint(nth.to_string()).width(space::XL))
        .push(container(text::digits(signs.join(" ")).font(font::BOLD)).width(size::DIGITS * 7.0))
        .push(text::body(words.join(say!("read_out.between").as_str())).width(Fill))
        .spacing(space::M)
        .align_y(Center)
        .into()
}
