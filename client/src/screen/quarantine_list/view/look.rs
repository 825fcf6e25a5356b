//! What came of trying a list: how many rows are good, and every problem of the others.

use iced::widget::{Column, Row, container, responsive};
use iced::{Center, Fill, Length};
use shared::quarantine_list::RowProblem;
use shared::table::decode::Encoding;
use shared::table::{Delimiter, Form};

use super::super::tried::Tried;
use super::super::{Happened, LIST, Looking, Message};
use crate::language::{self, grouped};
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, page, table, text};

/// From this width on the value has a column of its own; below it stands under the table alone.
const ALL_COLUMNS: f32 = 800.0;
/// Below this height the list of problems needs the place of what explains it.
const LOW: f32 = 440.0;

pub(super) fn view(looking: &Looking) -> Element<'_, Message> {
    responsive(move |size| {
        let tried = &*looking.tried;
        let low = size.height < LOW;
        let body = if tried.problems.is_empty() {
            container(faultless(tried)).height(Fill).into()
        } else {
            problems(looking, low)
        };
        Column::new()
            .push(
                container(sums(tried, low))
                    .padding([0.0, space::L])
                    .width(Fill),
            )
            .push(body)
            .push(container(deeds(tried)).padding([space::S, space::L]))
            .spacing(space::S)
            .into()
    })
    .into()
}

fn sums(tried: &Tried, low: bool) -> Element<'_, Message> {
    let count = |count: usize| grouped(count as u64);
    let chips = Row::new()
        .push(chip(
            Tone::Success,
            say!("quarantine_list.look.good", count = count(tried.good())),
        ))
        .push((tried.bad() > 0).then(|| {
            chip(
                Tone::Error,
                say!("quarantine_list.look.bad", count = count(tried.bad())),
            )
        }))
        .push((tried.nobody() > 0).then(|| {
            chip(
                Tone::Plain,
                say!("quarantine_list.look.nobody", count = count(tried.nobody())),
            )
        }))
        .spacing(space::S);
    let form = tried.list.table().form();
    let file = Row::new()
        .push(text::strong(tried.name()))
        .push(text::hint(form_name(form)))
        .push(chips)
        .spacing(space::M)
        .align_y(Center);
    let others = match form {
        Form::Workbook { sheet, others, .. } if !others.is_empty() => {
            let others = others.join(&say!("quarantine_list.and"));
            Some(text::hint(say!(
                "quarantine_list.look.other_sheets",
                sheet = sheet,
                others = others
            )))
        }
        _ => None,
    };
    Column::new()
        .push(file.wrap().vertical_spacing(space::XS))
        .push((!low).then(|| text::hint(say!("quarantine_list.look.nothing_yet"))))
        .push(others)
        .spacing(space::XS)
        .into()
}

fn form_name(form: &Form) -> String {
    match form {
        Form::Workbook { sheet, .. } => say!("quarantine_list.form.workbook", sheet = sheet),
        Form::Delimited {
            encoding,
            delimiter,
            ..
        } => {
            let delimiter = match delimiter {
                Delimiter::Comma => "CSV",
                Delimiter::Tab => "TSV",
            };
            let encoding = match encoding {
                Encoding::Utf8 | Encoding::Utf8Marked => "UTF-8",
                Encoding::Cp932 => "Shift_JIS (CP932)",
                Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            };
            format!("{delimiter} · {encoding}")
        }
    }
}

fn faultless(tried: &Tried) -> Element<'_, Message> {
    let words = if tried.good() == 0 {
        banner(Tone::Warning, say!("quarantine_list.look.nobody_there"))
            .line(say!("quarantine_list.look.nobody_there_why"))
    } else {
        banner(Tone::Success, say!("quarantine_list.look.faultless"))
            .line(say!("quarantine_list.look.faultless_next"))
    };
    container(Element::from(words))
        .padding([0.0, space::L])
        .into()
}

fn problems(looking: &Looking, low: bool) -> Element<'_, Message> {
    let tried = &*looking.tried;
    let table = responsive(move |size| {
        let wide = size.width >= ALL_COLUMNS;
        let headings = columns(wide).into_iter().map(|(name, width)| {
            let key = format!("quarantine_list.problem.{name}");
            (say!(key.as_str()), width)
        });
        let rows = list(
            tried.problems.len(),
            Some(looking.cursor),
            move |at| row(tried, &tried.problems[at], wide),
            |at| Message(Happened::ProblemMarked(at)),
        )
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(rows)
            .into()
    });
    let marked = tried.problems.get(looking.cursor).filter(|_| !low);
    let whole = marked.map(|problem| container(whole(tried, problem)).padding([0.0, space::L]));
    Column::new()
        .push(container(table).height(Fill))
        .push(page::line())
        .push(whole)
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn columns(wide: bool) -> Vec<(&'static str, Length)> {
    let mut columns = vec![
        ("row", Length::Fixed(72.0)),
        ("column", Length::Fixed(176.0)),
    ];
    if wide {
        columns.push(("value", Length::FillPortion(2)));
    }
    columns.push(("reason", Length::FillPortion(5)));
    columns
}

/// The column as a spreadsheet and its heading name it.
fn column(tried: &Tried, problem: &RowProblem) -> String {
    let (Some(at), Some(letters)) = (problem.column, problem.letters()) else {
        return say!("quarantine_list.problem.whole_row");
    };
    let heading = tried.list.layout().headings().get(at);
    format!(
        "{letters}  {}",
        heading.map_or("", |heading| heading.trim())
    )
}

fn value(problem: &RowProblem) -> String {
    if problem.value.trim().is_empty() {
        say!("quarantine_list.blank")
    } else {
        problem.value.clone()
    }
}

fn row<'a>(tried: &'a Tried, problem: &'a RowProblem, wide: bool) -> Element<'a, Message> {
    let cells = columns(wide).into_iter().map(|(name, width)| {
        let words = match name {
            "row" => grouped(u64::from(problem.row)),
            "column" => column(tried, problem),
            "value" if problem.column.is_none() => String::new(),
            "value" => value(problem),
            _ => problem.sentence(language::spoken()),
        };
        (text::cell(words).into(), width)
    });
    table::row(cells)
}

/// The marked problem with nothing cut off.
fn whole<'a>(tried: &'a Tried, problem: &'a RowProblem) -> Element<'a, Message> {
    let place = say!(
        "quarantine_list.problem.place",
        row = grouped(u64::from(problem.row)),
        column = column(tried, problem)
    );
    let stands = problem.column.map(|_| {
        text::body(say!(
            "quarantine_list.problem.stands",
            value = value(problem)
        ))
    });
    Column::new()
        .push(
            Row::new()
                .push(text::strong(place))
                .push(stands)
                .spacing(space::L)
                .wrap(),
        )
        .push(text::body(problem.sentence(language::spoken())))
        .into()
}

fn deeds(tried: &Tried) -> Element<'_, Message> {
    let good = grouped(tried.good() as u64);
    let proceed = button::primary_keyed(
        say!("quarantine_list.look.proceed_with", count = good),
        "Enter",
    )
    .on_press_maybe((tried.good() > 0).then_some(Message(Happened::ImportPressed)));
    let save = (tried.bad() > 0).then(|| {
        button::keyed(say!("quarantine_list.bad.save"), "Ctrl+S")
            .on_press(Message(Happened::SavePressed))
    });
    Row::new()
        .push(proceed)
        .push(save)
        .push(
            button::keyed(say!("quarantine_list.columns.button"), "F3")
                .on_press(Message(Happened::ColumnsPressed)),
        )
        .push(
            button::keyed(say!("quarantine_list.button.another"), "Esc")
                .on_press(Message(Happened::BackPressed)),
        )
        .spacing(space::M)
        .align_y(Center)
        .wrap()
        .vertical_spacing(space::S)
        .into()
}
