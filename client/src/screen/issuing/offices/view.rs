//! How the offices look.

use iced::widget::{Column, Row};
use iced::{Center, Fill, Length};
use shared::enrolment::desk::EnrolmentRow;
use shared::enrolment::job::MOST_NAMED;
use shared::enrolment::standing::Standing;

use super::super::words;
use super::choosing::Gathering;
use super::{Filter, LIST, Message, Offices};
use crate::language::grouped;
use crate::say;
use crate::screen::failed;
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button, check, page, table, text};

/// The counts, each of which shows its offices, over the list.
pub(in super::super) fn view(offices: &Offices) -> Element<'_, Message> {
    let mut filters = Row::new().spacing(space::S);
    for (nth, filter) in Filter::all().enumerate() {
        let count = offices.counts.as_ref().map(|counts| filter.count(counts));
        let count = count.map_or_else(|| "–".to_owned(), |count| grouped(count.into()));
        let label = format!("{nth} {} {count}", words::filter(filter));
        let on = offices.filter == filter;
        filters = filters.push(check::toggle(label, on, Message::Filtered(filter)));
    }
    let shown = Row::new()
        .push(text::body(say!(
            "issuing.target",
            whom = offices.selected().map_or_else(|| offices.whom(), |it| it.1)
        )))
        .push(check::toggle(
            say!("issuing.kind", kind = words::office_kind(offices.kind)),
            offices.kind.is_some(),
            Message::KindTurned,
        ))
        .push(
            offices
                .is_narrowed()
                .then(|| button::quiet(say!("issuing.widen")).on_press(Message::WidenPressed)),
        )
        .push(
            button::keyed(say!("issuing.choose_all"), "A")
                .on_press_maybe(offices.may_choose_all().then_some(Message::AllPressed)),
        )
        .push(choosing(offices))
        .spacing(space::M)
        .align_y(Center);
    let failure = offices.rows.failure_above().map(|failure| {
        let again = button::secondary(say!("issuing.again")).on_press(Message::ReloadPressed);
        failed(failure).action(again).into()
    });
    Column::new()
        .push(filters.wrap().vertical_spacing(space::XS))
        .push(shown.wrap())
        .push(page::slot(failure))
        .push(rows(offices))
        .spacing(space::S)
        .height(Fill)
        .into()
}

/// How far choosing all has come, or whom a reissue strikes while nobody is chosen.
fn choosing(offices: &Offices) -> Option<Element<'_, Message>> {
    match offices.gathering {
        Gathering::Under(_) if offices.is_gathering() => {
            let count = grouped(offices.rows.rows().len() as u64);
            Some(text::hint(say!("issuing.choosing_all", count = count)).into())
        }
        Gathering::TooMany => {
            let most = grouped(MOST_NAMED as u64);
            Some(text::error(say!("issuing.too_many", most = most)).into())
        }
        _ if offices.chosen.is_empty() => Some(text::hint(say!("issuing.pointed_at")).into()),
        _ => None,
    }
}

impl Offices {
    fn is_narrowed(&self) -> bool {
        self.under.is_some()
            || self.kind.is_some()
            || self.filter != Filter::All
            || !self.chosen.is_empty()
    }
}

fn columns() -> [(&'static str, Length); 6] {
    [
        ("chosen", Length::Fixed(64.0)),
        ("office", Length::FillPortion(4)),
        ("standing", Length::Fixed(190.0)),
        ("mail", Length::Fixed(110.0)),
        ("issued", Length::Fixed(136.0)),
        ("expires", Length::Fixed(136.0)),
    ]
}

fn rows(offices: &Offices) -> Element<'_, Message> {
    if offices.rows.is_empty() {
        return vacant(offices);
    }
    let headings =
        columns().map(|(name, width)| (words::said(&format!("issuing.column.{name}")), width));
    let rows = list(
        offices.total(),
        offices.rows.cursor(),
        |index| match offices.rows.get(index) {
            Some(row) => line(row, offices.chosen.contains_key(&row.office.code)),
            None => table::row([(text::hint(say!("issuing.coming")).into(), Fill)]),
        },
        Message::Moved,
    )
    .on_open(Message::Opened)
    .on_view(Message::Viewed)
    .id(LIST);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .height(Fill)
        .into()
}

/// In place of rows: that there are none, why, and what to do.
fn vacant(offices: &Offices) -> Element<'_, Message> {
    let again = button::primary(say!("issuing.again")).on_press(Message::ReloadPressed);
    let vacant = offices.rows.vacant(say!("issuing.loading"), again, || {
        let (title, what) = match offices.is_narrowed() {
            true => (
                say!("issuing.empty.narrowed"),
                say!("issuing.empty.narrowed_what"),
            ),
            false => (say!("issuing.empty.none"), say!("issuing.empty.none_what")),
        };
        // The way out stands above, wherever the list is narrowed down.
        let action = None;
        Vacant::Empty {
            title,
            what,
            action,
        }
    });
    vacant.into()
}

fn line<'a>(row: &'a EnrolmentRow, chosen: bool) -> Element<'a, Message> {
    let day = |at: Option<jiff::Timestamp>| at.map_or_else(|| "–".to_owned(), words::day);
    let cells = columns().map(|(name, width)| {
        let cell: Element<'a, Message> = match name {
            "chosen" if chosen => text::cell("●").into(),
            "chosen" => text::cell("").into(),
            "office" => text::cell(format!("{}　{}", row.office.name, row.office.code)).into(),
            "standing" => standing(row.standing),
            "mail" if row.has_mail => text::cell(say!("issuing.has_mail")).into(),
            "mail" => words::state(crate::ui::chip::Tone::Warning, say!("issuing.has_none")),
            "issued" => text::cell(day(row.link_issued_at)).into(),
            _ => text::cell(day(row.certificate_expires_at)).into(),
        };
        (cell, width)
    });
    table::row(cells)
}

fn standing<'a>(standing: Standing) -> Element<'a, Message> {
    let name = words::enrolment_state(standing.state());
    let name = match standing {
        Standing::Invited { days_left } | Standing::Replaced { days_left } => {
            say!("issuing.days_left", state = name, days = days_left)
        }
        _ => name,
    };
    words::state(words::tone(standing), name)
}
