//! How the search looks.

use iced::widget::{Column, container, responsive};
use iced::{Fill, Length};
use shared::enrolment::desk::DeskHit;

use super::super::{Message as Outer, words};
use super::{FIELD, Message, Search};
use crate::say;
use crate::screen::failed;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::Tone;
use crate::ui::field::field;
use crate::ui::list::list;
use crate::ui::theme::Theme;
use crate::ui::token::space;
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button, page, table, text};

/// From this width on every column has room.
const ALL_COLUMNS: f32 = 900.0;

impl Search {
    /// The field and what was found; before anything is typed, what `waits` for a second person.
    pub(in super::super) fn view<'a>(
        &'a self,
        waits: Option<Element<'a, Outer>>,
    ) -> Element<'a, Outer> {
        let input = field("", &self.text)
            .id(FIELD)
            .example(say!("desk.search.example"))
            .on_input(Message::Typed)
            .on_submit(Message::EnterPressed);
        let error = words::meaning(&self.text).map(|(title, what)| {
            banner(Tone::Info, say!("desk.search.error", title = title))
                .line(what)
                .into()
        });
        let failure = self
            .failure
            .as_ref()
            .filter(|_| !self.hits.is_empty())
            .map(|failure| Element::from(self.trouble(failure)).map(Outer::Search));
        let is_first = self.text.trim().is_empty();
        let waiting = is_first && !self.hits.is_empty();
        let waiting = waiting.then(|| text::section(say!("desk.search.waiting")));
        let waits = waits.filter(|_| is_first);
        let is_any = waits.is_some() || waiting.is_some();
        let waiting = is_any.then(|| {
            let both = Column::new().push(waits).push(waiting);
            both.spacing(space::M).into()
        });
        let foot = text::hint(self.foot());
        Column::new()
            .push(text::title(say!("desk.title")))
            .push(Element::from(input).map(Outer::Search))
            .push(page::slot(error))
            .push(page::slot(failure))
            .push(page::slot(waiting))
            .push(container(self.rows().map(Outer::Search)).height(Fill))
            .push(foot)
            .spacing(space::S)
            .padding([space::M, space::L])
            .height(Fill)
            .into()
    }

    fn trouble(&self, failure: &crate::api::Failure) -> Banner<'_, Message> {
        let again = button::keyed(say!("desk.search.again"), "F5").on_press(Message::AgainPressed);
        failed(failure).action(again)
    }

    fn foot(&self) -> String {
        if self.hits.is_empty() && (!self.stale || self.text.trim().is_empty()) {
            String::new()
        } else if self.stale {
            say!("desk.search.searching")
        } else if self.next.is_some() {
            say!("desk.search.first", count = self.hits.len())
        } else {
            say!("desk.search.all", count = self.hits.len())
        }
    }

    fn rows(&self) -> Element<'_, Message> {
        if self.hits.is_empty() {
            return self.vacant();
        }
        let total = self.hits.len() + usize::from(self.next.is_some());
        responsive(move |size| {
            let columns = columns(size.width);
            let headings = columns
                .iter()
                .map(|(name, width)| (words::said(&format!("desk.column.{name}")), *width));
            let header = table::header(headings);
            let rows = list(
                total,
                self.cursor,
                move |index| match self.hits.get(index) {
                    Some(hit) => row(hit, &columns),
                    None => table::row([(text::hint(say!("desk.search.coming")).into(), Fill)]),
                },
                Message::Moved,
            )
            .on_open(Message::Opened)
            .on_view(Message::Viewed);
            Column::new().push(header).push(rows).into()
        })
        .into()
    }

    /// In place of rows: what can be typed, that it is on its way, or that there is none.
    fn vacant(&self) -> Element<'_, Message> {
        if let Some(failure) = &self.failure {
            Vacant::Failed(self.trouble(failure))
        } else if self.text.trim().is_empty() {
            told(say!("desk.search.start"), say!("desk.search.start_how"))
        } else if self.stale {
            Vacant::Coming(say!("desk.search.searching"))
        } else {
            told(say!("desk.search.none"), say!("desk.search.none_how"))
        }
        .into()
    }
}

fn told<'a>(title: String, what: String) -> Vacant<'a, Message> {
    let action = None;
    Vacant::Empty {
        title,
        what,
        action,
    }
}

fn columns(width: f32) -> Vec<(&'static str, Length)> {
    let wide = width >= ALL_COLUMNS;
    let mut columns = vec![
        ("code", Length::Fixed(if wide { 150.0 } else { 116.0 })),
        ("name", Length::FillPortion(3)),
        ("state", Length::Fixed(if wide { 220.0 } else { 196.0 })),
    ];
    if wide {
        columns.push(("kind", Length::Fixed(180.0)));
    }
    columns.push(("found_by", Length::Fixed(if wide { 180.0 } else { 136.0 })));
    columns
}

fn row<'a>(hit: &DeskHit, columns: &[(&'static str, Length)]) -> Element<'a, Message> {
    let office = &hit.row.office;
    let cells = columns.iter().map(|(name, width)| {
        let cell: Element<'a, Message> = match *name {
            "code" => text::cell(office.code.to_string()).into(),
            "name" => text::cell(office.name.to_string())
                .font(crate::ui::font::BOLD)
                .into(),
            "state" => state(hit),
            "kind" => text::cell(words::office_kind(office.kind)).into(),
            _ => text::cell(words::found_by(hit.found_by)).into(),
        };
        (cell, *width)
    });
    table::row(cells)
}

fn state<'a>(hit: &DeskHit) -> Element<'a, Message> {
    let (tone, words) = words::standing_of(hit.row.open, hit.row.standing);
    text::cell(format!("{} {words}", tone.sign()))
        .style(move |theme: &Theme| iced::widget::text::Style {
            color: Some(tone.ink(&theme.roles)),
        })
        .into()
}
