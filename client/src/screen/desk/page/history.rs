//! What happened to an office's enrolment: who did what, when and why.

use iced::Fill;
use iced::widget::{Column, Row};
use shared::enrolment::timeline::TimelineEntry;

use super::super::words::{self, moment};
use super::{Message, Page};
use crate::say;
use crate::screen::failed;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// The width of the moments.
const WHEN: f32 = 160.0;

pub(super) fn view(state: &Page) -> Element<'_, Message> {
    let mut column = Column::new()
        .push(text::strong(say!("desk.history.title")))
        .spacing(space::S);
    if state.history.is_empty() && state.history_failure.is_none() {
        let words = match state.history_loading {
            true => say!("desk.history.loading"),
            false => say!("desk.history.none"),
        };
        column = column.push(text::hint(words));
    }
    for entry in &state.history {
        column = column.push(row(entry));
    }
    if let Some(failure) = &state.history_failure {
        let again = button::keyed(say!("desk.history.again"), "M").on_press(Message::OlderPressed);
        column = column.push(Element::from(failed(failure).action(again)));
    } else if state.older.is_some() {
        let older = (!state.history_loading).then_some(Message::OlderPressed);
        column = column.push(button::keyed(say!("desk.history.older"), "M").on_press_maybe(older));
    }
    page::card(column)
}

fn row(entry: &TimelineEntry) -> Element<'_, Message> {
    let mut what = words::event(entry.event);
    if let Some(cause) = entry.cause {
        let cause = words::cause(cause);
        what = say!("desk.history.because", what = what, cause = cause);
    }
    if let Some(code) = entry.refused {
        let (problem, _) = words::problem(code);
        what = say!("desk.history.refused", what = what, problem = problem);
    }
    let mut who = vec![words::acted_by(&entry.by)];
    who.extend(entry.identified.map(words::identification));
    who.extend(entry.reason.as_ref().map(ToString::to_string));
    if entry.job.is_some() {
        who.push(say!("desk.history.job"));
    }
    let words = Column::new()
        .push(text::lines(what))
        .push(text::hint(who.join(" ・ ")))
        .width(Fill);
    Row::new()
        .push(text::lines(moment(entry.at)).width(WHEN))
        .push(words)
        .spacing(space::M)
        .into()
}
