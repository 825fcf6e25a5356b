//! Which column holds what: proposed by the headings, set right by hand.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length, Padding};
use shared::quarantine_list::{Field, List};

use super::super::{File, Happened, TABLE, said};
use super::letters;
use crate::language::spoken;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, check, page, table, text};

/// How many rows are searched for an example of what stands in a column.
const SEARCHED: usize = 50;

/// The columns of the list, the one at `cursor` marked.
pub(super) fn view(file: &File, cursor: usize) -> Element<'_, Happened> {
    let list_read = &*file.list;
    let missing = list_read.mapping().missing();
    let lacking = (!missing.is_empty()).then(|| {
        let names: Vec<String> = missing.iter().map(|field| field.label(spoken())).collect();
        let names = names.join(&say!("quarantine_list.and"));
        Element::from(
            banner(
                Tone::Warning,
                say!("quarantine_list.missing", names = names),
            )
            .line(say!("quarantine_list.missing_what")),
        )
    });
    let headings = Row::new()
        .push(text::strong(file.name()))
        .push(text::body(say!(
            "quarantine_list.headings",
            row = list_read
                .table()
                .row(list_read.layout().first())
                .map_or(0, |row| row.number())
        )))
        .push(
            button::quiet(say!("quarantine_list.headings_up"))
                .on_press(Happened::HeadingsMoved(-1)),
        )
        .push(
            button::quiet(say!("quarantine_list.headings_down"))
                .on_press(Happened::HeadingsMoved(1)),
        )
        .spacing(space::S)
        .align_y(Center);
    let deeds = Row::new()
        .push(
            button::primary(say!("quarantine_list.try"))
                .on_press_maybe(missing.is_empty().then_some(Happened::TryPressed)),
        )
        .push(button::quiet(say!("quarantine_list.back")).on_press(Happened::BackPressed))
        .push(text::hint(say!("quarantine_list.columns_keys")))
        .spacing(space::M)
        .align_y(Center);
    Column::new()
        .push(headings.wrap())
        .push(
            Column::new()
                .push(page::slot(lacking))
                .push(rows(list_read, cursor))
                .height(Fill),
        )
        .push(choices(list_read, cursor))
        .push(container(deeds.wrap()).padding(Padding::ZERO.bottom(space::S)))
        .spacing(space::S)
        .into()
}

fn rows(list_read: &List, cursor: usize) -> Element<'_, Happened> {
    let widths = [
        ("letters", Length::Fixed(56.0)),
        ("heading", Length::FillPortion(3)),
        ("example", Length::FillPortion(3)),
        ("field", Length::FillPortion(3)),
    ];
    let headings =
        widths.map(|(name, width)| (said(&format!("quarantine_list.column.{name}")), width));
    let all = list_read.layout().headings();
    let rows = list(
        all.len(),
        Some(cursor),
        move |column| {
            let field = list_read.mapping().field(column);
            let held: Element<'_, Happened> = match field {
                Some(field) => text::cell(format!("◀ {} ▶", field.label(spoken())))
                    .font(crate::ui::font::BOLD)
                    .into(),
                None => chip(Tone::Plain, say!("quarantine_list.not_read")),
            };
            let cells = [
                (text::cell(letters(column)).into(), widths[0].1),
                (text::cell(all[column].clone()).into(), widths[1].1),
                (text::cell(example(list_read, column)).into(), widths[2].1),
                (held, widths[3].1),
            ];
            table::row(cells)
        },
        Happened::ColumnMarked,
    )
    .id(TABLE);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .height(Fill)
        .into()
}

/// What stands in a column of the first person who has something there.
fn example(list_read: &List, column: usize) -> String {
    let mut cells = list_read.rows().take(SEARCHED).map(|row| row.cell(column));
    cells
        .find(|cell| !cell.trim().is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// Everything that the marked column may hold, to be clicked.
fn choices(list_read: &List, cursor: usize) -> Element<'_, Happened> {
    let held = list_read.mapping().field(cursor);
    let mut row = Row::new().spacing(space::XS).push(check::toggle(
        say!("quarantine_list.not_read"),
        held.is_none(),
        Happened::FieldChosen(None),
    ));
    for field in Field::ALL {
        row = row.push(check::toggle(
            field.label(spoken()),
            held == Some(field),
            Happened::FieldChosen(Some(field)),
        ));
    }
    row.wrap().vertical_spacing(space::XS).into()
}

/// The keys of this step.
pub(super) fn bindings() -> Vec<Binding<Happened>> {
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    vec![
        named(
            Named::ArrowLeft,
            "quarantine_list.key.field_before",
            Happened::FieldStepped(-1),
        ),
        named(
            Named::ArrowRight,
            "quarantine_list.key.field_after",
            Happened::FieldStepped(1),
        ),
        named(
            Named::Delete,
            "quarantine_list.not_read",
            Happened::FieldChosen(None),
        ),
        named(
            Named::Enter,
            "quarantine_list.key.try",
            Happened::TryPressed,
        ),
    ]
}
