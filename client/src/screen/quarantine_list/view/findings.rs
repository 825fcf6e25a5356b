//! Rows on their way into the server, and those that look like someone who is there.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length, Padding};
use shared::follow_up::import::{Alike, Likeness};

use super::super::upload::Upload;
use super::super::{Happened, TABLE, said};
use super::waiting;
use crate::api::Failure;
use crate::say;
use crate::screen::failed;
use crate::ui::chip::{Tone, chip};
use crate::ui::list::list;
use crate::ui::token::{MEASURE, space};
use crate::ui::{Element, button, page, table, text};

/// What is happening to the rows, or what has to be decided.
pub(super) fn view(upload: &Upload) -> Element<'_, Happened> {
    if let Some(failure) = &upload.failure {
        let again = button::primary(say!("quarantine_list.again")).on_press(Happened::AgainPressed);
        let back = button::quiet(say!("quarantine_list.back")).on_press(Happened::BackPressed);
        // An answer that never came leaves open which way it went; the repeat tells.
        let unsure = upload.findings().is_some() && matches!(failure, Failure::Unreachable(_));
        let line = if unsure {
            say!("quarantine_list.perhaps_taken_in")
        } else {
            say!("quarantine_list.nothing_taken_in")
        };
        let banner = failed(failure).line(line).action(again).action(back);
        return container(container(Element::from(banner)).max_width(MEASURE))
            .center_x(Fill)
            .padding(space::M)
            .into();
    }
    match upload.findings() {
        None => waiting(say!("quarantine_list.sending"), Some(upload.progress())),
        Some(_) if upload.running => committing(),
        Some(_) => decisions(upload),
    }
}

fn committing<'a>() -> Element<'a, Happened> {
    let content = Column::new()
        .push(text::section(say!("quarantine_list.committing")))
        .push(text::body(say!("quarantine_list.committing_what")))
        .spacing(space::S)
        .max_width(MEASURE);
    container(content).center(Fill).into()
}

fn decisions(upload: &Upload) -> Element<'_, Happened> {
    let Some(findings) = upload.findings() else {
        return committing();
    };
    let alike = upload.alike();
    let sums = Row::new()
        .push(chip(
            Tone::Success,
            say!("quarantine_list.found.new", count = findings.new),
        ))
        .push((!findings.repeats.is_empty()).then(|| {
            chip(
                Tone::Plain,
                say!(
                    "quarantine_list.found.repeats",
                    count = findings.repeats.len()
                ),
            )
        }))
        .push((!alike.is_empty()).then(|| {
            chip(
                Tone::Warning,
                say!("quarantine_list.found.alike", count = alike.len()),
            )
        }))
        .push((!findings.foreign.is_empty()).then(|| {
            chip(
                Tone::Plain,
                say!(
                    "quarantine_list.found.foreign",
                    count = findings.foreign.len()
                ),
            )
        }))
        .spacing(space::M);
    let undecided = upload.undecided();
    let commit = button::primary(say!("quarantine_list.commit"))
        .on_press_maybe((undecided == 0).then_some(Happened::CommitPressed));
    let deeds = Row::new()
        .push(commit)
        .push(button::quiet(say!("quarantine_list.cancel")).on_press(Happened::BackPressed))
        .push(
            (undecided > 0)
                .then(|| text::hint(say!("quarantine_list.undecided", count = undecided))),
        )
        .spacing(space::M)
        .align_y(Center);
    let table: Element<'_, Happened> = if alike.is_empty() {
        container(text::body(say!("quarantine_list.foreign_only")))
            .center(Fill)
            .into()
    } else {
        rows(upload, alike)
    };
    Column::new()
        .push(sums.wrap().vertical_spacing(space::S))
        .push((!alike.is_empty()).then(|| text::body(say!("quarantine_list.alike.what"))))
        .push(table)
        .push(alike.get(upload.cursor).map(|one| pair(upload, one)))
        .push(container(deeds.wrap()).padding(Padding::ZERO.bottom(space::S)))
        .spacing(space::S)
        .into()
}

fn rows<'a>(upload: &'a Upload, alike: &'a [Alike]) -> Element<'a, Happened> {
    let widths = [
        ("row", Length::Fixed(64.0)),
        ("name", Length::FillPortion(3)),
        ("because", Length::FillPortion(3)),
        ("other", Length::FillPortion(4)),
        ("decision", Length::Fixed(150.0)),
    ];
    let headings =
        widths.map(|(name, width)| (said(&format!("quarantine_list.column.{name}")), width));
    let rows = list(
        alike.len(),
        Some(upload.cursor),
        move |index| {
            let one = &alike[index];
            let name = upload.row(one.row).map(|row| row.details.name.to_string());
            let decision: Element<'_, Happened> = match upload.decision(one.row) {
                Some(true) => chip(Tone::Info, say!("quarantine_list.alike.added")),
                Some(false) => chip(Tone::Plain, say!("quarantine_list.alike.left_out")),
                None => chip(Tone::Warning, say!("quarantine_list.alike.open")),
            };
            let cells: [Element<'_, Happened>; 5] = [
                text::cell(one.row.to_string()).into(),
                text::cell(name.unwrap_or_default()).into(),
                text::cell(because(one.because)).into(),
                text::cell(one.other.name.to_string()).into(),
                decision,
            ];
            table::row(cells.into_iter().zip(widths.map(|(_, width)| width)))
        },
        Happened::AlikeMarked,
    )
    .id(TABLE);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .height(Fill)
        .into()
}

/// The two people of the marked row, one above the other, and the decision.
fn pair<'a>(upload: &'a Upload, one: &'a Alike) -> Element<'a, Happened> {
    let details = upload.row(one.row).map(|row| &row.details);
    let where_other = match one.other.row {
        Some(row) => say!("quarantine_list.alike.row_above", row = row),
        None => say!("quarantine_list.alike.there"),
    };
    let line =
        |who: String, name: String, birth: Option<shared::Day>, entry: Option<shared::Day>| {
            let day = |day: Option<shared::Day>| {
                day.map_or_else(|| say!("quarantine_list.blank"), |day| day.to_string())
            };
            Row::new()
                .push(text::hint(who).width(Length::FillPortion(2)))
                .push(text::strong(name).width(Length::FillPortion(3)))
                .push(
                    text::body(say!("quarantine_list.alike.born", day = day(birth)))
                        .width(Length::FillPortion(3)),
                )
                .push(
                    text::body(say!("quarantine_list.alike.entered", day = day(entry)))
                        .width(Length::FillPortion(3)),
                )
                .spacing(space::M)
        };
    let mine = line(
        say!("quarantine_list.alike.this_row", row = one.row),
        details
            .map(|details| details.name.to_string())
            .unwrap_or_default(),
        details.and_then(|details| details.birth_date),
        details.map(|details| details.entry_date),
    );
    let theirs = line(
        where_other,
        one.other.name.to_string(),
        one.other.birth_date,
        Some(one.other.entry_date),
    );
    let decide = Row::new()
        .push(
            button::keyed(say!("quarantine_list.alike.same"), "S")
                .on_press(Happened::Decided(false)),
        )
        .push(
            button::keyed(say!("quarantine_list.alike.add"), "A").on_press(Happened::Decided(true)),
        )
        .spacing(space::M);
    page::card(
        Column::new()
            .push(mine)
            .push(theirs)
            .push(decide)
            .spacing(space::S),
    )
}

fn because(likeness: Likeness) -> String {
    match likeness {
        Likeness::ReadingAndBirthDate => say!("quarantine_list.alike.reading"),
        Likeness::PassportNumber => say!("quarantine_list.alike.passport"),
    }
}
