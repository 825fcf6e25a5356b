//! What the columns hold, to be looked at and corrected.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length};
use shared::quarantine_list::Field;
use shared::table::column_letters;

use super::super::columns::{Columns, Message as Own, options};
use super::super::{Happened, LIST, Message, OPTIONS};
use crate::language;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::dialog::card;
use crate::ui::list::list;
use crate::ui::token::{ROW, space};
use crate::ui::{Element, button, check, page, table, text};

/// How many rows below the headings are looked at for an example of what a column holds.
const EXAMPLES: usize = 20;
/// How many meanings are seen at once.
const OPTIONS_SEEN: f32 = 10.0;

pub(super) fn view(columns: &Columns) -> Element<'_, Message> {
    let missing = columns.tried.list.mapping().missing();
    let words = if missing.is_empty() {
        Element::from(text::body(say!("quarantine_list.columns.what")))
    } else {
        let names: Vec<String> = missing.into_iter().map(label).collect();
        let names = names.join(&say!("quarantine_list.and"));
        banner(
            Tone::Warning,
            say!("quarantine_list.columns.missing", names = names),
        )
        .line(say!("quarantine_list.columns.missing_what"))
        .into()
    };
    Column::new()
        .push(container(words).padding([0.0, space::L]).width(Fill))
        .push(container(headings(columns)).padding([0.0, space::L]))
        .push(rows(columns))
        .push(page::line())
        .push(container(deeds(columns)).padding([space::S, space::L]))
        .spacing(space::S)
        .into()
}

fn own(message: Own) -> Message {
    Message(Happened::Column(message))
}

fn label(field: Field) -> String {
    field.label(language::spoken())
}

fn headings(columns: &Columns) -> Element<'_, Message> {
    let layout = columns.tried.list.layout();
    let table = columns.tried.list.table();
    let row = table.row(layout.first()).map_or(1, |row| row.number());
    let levels = [
        (0, say!("quarantine_list.columns.levels_none")),
        (1, say!("quarantine_list.columns.levels_one")),
        (2, say!("quarantine_list.columns.levels_two")),
    ];
    Row::new()
        .push(text::strong(say!("quarantine_list.columns.row", row = row)))
        .push(
            button::keyed(say!("quarantine_list.columns.up"), "F7").on_press(own(Own::HeadingsUp)),
        )
        .push(
            button::keyed(say!("quarantine_list.columns.down"), "F8")
                .on_press(own(Own::HeadingsDown)),
        )
        .push(check::choice(levels, Some(layout.levels()), |levels| {
            own(Own::LevelsChosen(levels))
        }))
        .spacing(space::M)
        .align_y(Center)
        .wrap()
        .vertical_spacing(space::S)
        .into()
}

fn widths() -> [(&'static str, Length); 4] {
    [
        ("letters", Length::Fixed(76.0)),
        ("heading", Length::FillPortion(3)),
        ("example", Length::FillPortion(3)),
        ("holds", Length::FillPortion(3)),
    ]
}

fn rows(columns: &Columns) -> Element<'_, Message> {
    let headings = widths().map(|(name, width)| {
        let key = format!("quarantine_list.columns.{name}");
        (say!(key.as_str()), width)
    });
    let rows = list(
        columns.count(),
        Some(columns.cursor),
        |at| row(columns, at),
        |at| own(Own::Moved(at)),
    )
    .on_open(|at| own(Own::Opened(at)))
    .id(LIST);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .height(Fill)
        .into()
}

/// The first thing that stands in a column.
fn example(columns: &Columns, at: usize) -> &str {
    let cells = columns.tried.list.rows().take(EXAMPLES);
    cells
        .map(|row| row.cell(at).trim())
        .find(|cell| !cell.is_empty())
        .unwrap_or_default()
}

fn row(columns: &Columns, at: usize) -> Element<'_, Message> {
    let list = &columns.tried.list;
    let heading = list.layout().headings().get(at).map_or("", String::as_str);
    let holds = match list.mapping().field(at) {
        Some(field) => text::cell(label(field)).font(crate::ui::font::BOLD),
        None => text::cell(say!("quarantine_list.columns.unread"))
            .style(text::role(|roles| roles.text_secondary)),
    };
    let cells = [
        text::cell(column_letters(at)),
        text::cell(heading),
        text::cell(example(columns, at)),
        holds,
    ];
    let widths = widths().map(|(_, width)| width);
    table::row(cells.into_iter().map(Element::from).zip(widths))
}

/// The choice of what the marked column holds, while one is being chosen.
pub(super) fn choice(columns: &Columns) -> Option<Element<'_, Message>> {
    let cursor = columns.choosing?;
    let layout = columns.tried.list.layout();
    let heading = layout.headings().get(columns.cursor);
    let title = say!(
        "quarantine_list.columns.choose",
        letters = column_letters(columns.cursor),
        heading = heading.map_or("", String::as_str)
    );
    let count = options().count();
    let rows = list(
        count,
        Some(cursor),
        |at| {
            let option = options().nth(at).flatten();
            let words = option.map_or_else(|| say!("quarantine_list.columns.unread"), label);
            let taken = option.and_then(|field| columns.tried.list.mapping().column(field));
            let taken = taken.filter(|column| *column != columns.cursor).map(|at| {
                say!(
                    "quarantine_list.columns.taken",
                    letters = column_letters(at)
                )
            });
            table::row([
                (text::cell(words).into(), Length::FillPortion(3)),
                (
                    text::hint(taken.unwrap_or_default()).into(),
                    Length::FillPortion(2),
                ),
            ])
        },
        |at| own(Own::OptionMoved(at)),
    )
    .on_open(|at| own(Own::Chosen(at)))
    .id(OPTIONS);
    let end = Row::new()
        .push(
            button::primary_keyed(say!("quarantine_list.columns.take"), "Enter")
                .on_press(own(Own::Chosen(cursor))),
        )
        .push(
            button::keyed(say!("quarantine_list.button.close"), "Esc")
                .on_press(Message(Happened::BackPressed)),
        )
        .spacing(space::M);
    // In a low window the list gives way, so that what ends the choice stays in view.
    Some(card(
        Column::new()
            .push(text::section(title))
            .push(container(rows).max_height(ROW * OPTIONS_SEEN).height(Fill))
            .push(end)
            .spacing(space::L),
    ))
}

fn deeds(columns: &Columns) -> Element<'_, Message> {
    let whole = columns.tried.list.mapping().missing().is_empty();
    Row::new()
        .push(
            button::primary_keyed(say!("quarantine_list.columns.done"), "Ctrl+Enter")
                .on_press_maybe(whole.then_some(Message(Happened::ColumnsDone))),
        )
        .push(
            button::keyed(say!("quarantine_list.columns.change"), "Enter")
                .on_press(own(Own::Opened(columns.cursor))),
        )
        .push(
            button::keyed(say!("quarantine_list.columns.clear"), "Delete")
                .on_press(own(Own::Cleared)),
        )
        .push(
            button::keyed(say!("quarantine_list.button.undo"), "Esc")
                .on_press(Message(Happened::BackPressed)),
        )
        .spacing(space::M)
        .align_y(Center)
        .wrap()
        .vertical_spacing(space::S)
        .into()
}
