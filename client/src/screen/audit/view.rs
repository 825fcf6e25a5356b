//! How the audit room looks.

use iced::widget::{Column, Row, container, responsive, scrollable};
use iced::{Center, Fill, Length};
use shared::audit::AuditEntry;

use super::columns::{WIDE, columns, heading};
use super::{AuditScreen, LIST, Message, words};
use crate::language::grouped;
use crate::language::moment;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::dialog::{Behind, over};
use crate::ui::list::list;
use crate::ui::token::{MEASURE, space};
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button, page, table, text};

pub(super) fn screen<'a>(screen: &'a AuditScreen, context: &'a Context) -> Element<'a, Message> {
    let front = match (&screen.check, &screen.export) {
        (Some(check), _) => Some(check.view().map(Message::Check)),
        (None, Some(export)) => Some(export.view().map(Message::Export)),
        (None, None) => None,
    };
    let base = match screen.entry().filter(|_| screen.opened) {
        Some(entry) => opened(screen, entry),
        None => searching(screen, context),
    };
    over(base, front, Behind::Dimmed).into()
}

fn searching<'a>(screen: &'a AuditScreen, context: &'a Context) -> Element<'a, Message> {
    let head = Row::new()
        .push(container(text::title(say!("audit.title"))).width(Fill))
        .push(
            Row::new()
                .push(button::keyed(say!("audit.search"), "F5").on_press(Message::SearchPressed))
                .push(
                    button::keyed(say!("audit.export.button"), "F7")
                        .on_press(Message::ExportPressed),
                )
                .push(
                    button::keyed(say!("audit.check.button"), "F9").on_press(Message::CheckPressed),
                )
                .spacing(space::S)
                .wrap(),
        )
        .spacing(space::M)
        .align_y(Center);
    let failure = screen.failure.as_ref().map(|failure| {
        let again = button::secondary(say!("audit.check.again")).on_press(Message::MorePressed);
        failed(failure).action(again).into()
    });
    // The filters are high in a low window: they scroll, and leave the list its room.
    let content = move |height: f32| {
        let filters = screen.filter.view(context).map(Message::Filter);
        Column::new()
            .push(container(scrollable(filters).width(Fill)).max_height((height * 0.4).max(88.0)))
            .push(rows(screen))
            .spacing(space::S)
            .height(Fill)
            .into()
    };
    Column::new()
        .push(head)
        .push(page::slot(failure))
        .push(responsive(move |size| content(size.height)))
        .push(foot(screen))
        .spacing(space::S)
        .padding(space::M)
        .height(Fill)
        .into()
}

fn rows<'a>(screen: &'a AuditScreen) -> Element<'a, Message> {
    if screen.entries.is_empty() {
        return if screen.asking.is_some() {
            Vacant::Coming(say!("audit.searching"))
        } else if screen.failure.is_some() {
            // Why stands above the filters.
            Vacant::Coming(say!("audit.not_loaded"))
        } else {
            Vacant::Empty {
                title: say!("audit.empty"),
                what: match screen.filter.is_narrow() {
                    true => say!("audit.empty_narrow"),
                    false => say!("audit.empty_what"),
                },
                action: None,
            }
        }
        .into();
    }
    responsive(move |size| {
        let columns = columns(size.width, screen.held.now(&screen.entries));
        let headings: Vec<_> = columns
            .iter()
            .map(|(name, width)| (heading(name), *width))
            .collect();
        let entries = list(
            screen.entries.len(),
            Some(screen.cursor),
            move |at| match screen.entries.get(at) {
                Some(entry) => row(entry, &columns, size.width),
                None => table::row([]),
            },
            Message::Moved,
        )
        .on_open(Message::Opened)
        .on_view(Message::Viewed)
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(entries)
            .into()
    })
    .into()
}

fn row<'a>(
    entry: &AuditEntry,
    columns: &[(&'static str, Length)],
    width: f32,
) -> Element<'a, Message> {
    table::row(columns.iter().map(|(name, of_it)| {
        let words = match *name {
            "at" => moment(entry.at),
            "who" if width < WIDE => words::who_and_whom(entry),
            "who" => words::who(entry),
            "whom" => words::whom(entry).unwrap_or_default(),
            "what" => words::deed(entry),
            _ => words::offices(entry),
        };
        (text::cell(words).into(), *of_it)
    }))
}

/// How many were found, how far back was looked, and how to go on.
fn foot<'a>(screen: &AuditScreen) -> Element<'a, Message> {
    let count = grouped(screen.entries.len() as u64);
    let when = screen.searched_to.map(moment).unwrap_or_default();
    let words = match (screen.asking.is_some(), &screen.next) {
        (true, _) if when.is_empty() => say!("audit.searching"),
        (true, _) => say!("audit.foot.going_on", count = count, when = when),
        (false, Some(_)) => say!("audit.foot.more", count = count, when = when),
        (false, None) if screen.failure.is_some() => String::new(),
        (false, None) => say!("audit.foot.all", count = count),
    };
    let stop = screen
        .asking
        .is_some()
        .then(|| button::quiet(say!("audit.stop")).on_press(Message::StopPressed));
    let more = (screen.asking.is_none() && screen.next.is_some())
        .then(|| button::quiet(say!("audit.further")).on_press(Message::MorePressed));
    Row::new()
        .push(container(text::hint(words)).width(Fill))
        .push(stop)
        .push(more)
        .push(text::hint(say!("audit.foot.keys")))
        .spacing(space::M)
        .align_y(Center)
        .into()
}

/// One entry by itself.
fn opened<'a>(screen: &'a AuditScreen, entry: &'a AuditEntry) -> Element<'a, Message> {
    let fact = |(name, value): (String, String)| {
        Row::new()
            .push(text::label(name).width(iced::FillPortion(1)))
            .push(text::breaking(text::body(value)).width(iced::FillPortion(3)))
            .spacing(space::M)
            .into()
    };
    let facts = Column::with_children(words::facts(entry).into_iter().map(fact)).spacing(space::S);
    let detail = words::detail(entry);
    let detail: Element<'a, Message> = match detail.is_empty() {
        true => text::hint(say!("audit.no_detail")).into(),
        false => Column::with_children(detail.into_iter().map(fact))
            .spacing(space::XS)
            .into(),
    };
    let record = entry.subject.map(|subject| {
        button::secondary(say!("audit.record")).on_press(Message::RecordPressed(subject))
    });
    let copy = match screen.copied {
        true => say!("helpdesk.copied"),
        false => say!("audit.copy"),
    };
    let line = |words: String| text::breaking(text::hint(words));
    let raw = Column::new()
        .push(text::strong(say!("audit.raw")))
        .push(line(format!("action: {}", entry.action)))
        .push(line(format!("detail: {}", entry.detail)))
        .push(line(format!("hash: {}", entry.hash)))
        .spacing(space::XS);
    let head = Row::new()
        .push(
            container(text::title(words::deed(entry)))
                .width(Fill)
                .max_width(MEASURE),
        )
        .push(button::keyed(say!("audit.back"), "Esc").on_press(Message::Closed))
        .spacing(space::M)
        .align_y(Center);
    page::form([
        head.into(),
        page::card(facts),
        page::card(
            Column::new()
                .push(text::section(say!("audit.detail")))
                .push(detail)
                .spacing(space::S),
        ),
        Row::new()
            .push(record)
            .push(button::keyed(copy, "F8").on_press(Message::CopyPressed))
            .spacing(space::M)
            .wrap()
            .into(),
        page::card(raw),
        text::hint(say!("audit.opened_keys")).into(),
    ])
}
