//! How the import looks, step by step, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, progress_bar, scrollable, space as gap};
use iced::{Center, Fill, Length, Padding};
use shared::quarantine_list::table::column_letters;

use super::background::Unreadable;
use super::{Happened, PATH, QuarantineList, Step, TABLE, Tried, name_of, said};
use crate::language::spoken;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::field::field;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::{MEASURE, space};
use crate::ui::{Element, button, page, table, text};

mod columns;
mod findings;

/// The present step under its title.
pub(super) fn view(screen: &QuarantineList) -> Element<'_, Happened> {
    let content = match &screen.step {
        Step::Choosing(wrong) => choosing(screen, wrong.as_ref()),
        Step::Reading(path) => waiting(say!("quarantine_list.reading", name = name_of(path)), None),
        Step::Columns { file, cursor } => columns::view(file, *cursor),
        Step::Trying { file, done } => waiting(
            say!("quarantine_list.trying", name = file.name()),
            Some((*done, file.list.people())),
        ),
        Step::Tried(tried) => trial(tried),
        Step::Sending { upload, .. } => findings::view(upload),
        Step::Finished { tried, result } => finished(tried, *result),
    };
    let title = Row::new()
        .push(text::title(say!("quarantine_list.title")))
        .push(gap::horizontal())
        .push(text::hint(stage(&screen.step)))
        .align_y(Center);
    Column::new()
        .push(container(title).padding(Padding {
            top: space::M,
            ..Padding::from([0.0, space::L])
        }))
        .push(
            container(content)
                .padding([0.0, space::L])
                .width(Fill)
                .height(Fill),
        )
        .spacing(space::M)
        .height(Fill)
        .into()
}

/// Where in the work one is.
fn stage(step: &Step) -> String {
    let present = match step {
        Step::Choosing(_) | Step::Reading(_) => 0,
        Step::Columns { .. } => 1,
        Step::Trying { .. } | Step::Tried(_) => 2,
        Step::Sending { .. } => 3,
        Step::Finished { .. } => 4,
    };
    let names = [
        say!("quarantine_list.step.file"),
        say!("quarantine_list.step.columns"),
        say!("quarantine_list.step.trial"),
        say!("quarantine_list.step.send"),
        say!("quarantine_list.step.done"),
    ];
    let steps = names.iter().enumerate().map(|(nth, name)| {
        if nth == present {
            format!("● {name}")
        } else {
            format!("○ {name}")
        }
    });
    steps.collect::<Vec<_>>().join("  ")
}

fn choosing<'a>(
    screen: &'a QuarantineList,
    wrong: Option<&'a Unreadable>,
) -> Element<'a, Happened> {
    let wrong = wrong.map(|wrong| {
        let (title, line) = match wrong {
            Unreadable::File(words) => (
                say!("quarantine_list.no_file"),
                say!("quarantine_list.no_file_why", words = words),
            ),
            Unreadable::List(error) => (say!("quarantine_list.no_list"), error.sentence(spoken())),
        };
        Element::from(banner(Tone::Error, title).line(line))
    });
    let drop = page::card(
        Column::new()
            .push(text::section(say!("quarantine_list.drop")))
            .push(text::body(say!("quarantine_list.forms")))
            .push(
                button::keyed(say!("quarantine_list.choose"), "F2")
                    .on_press(Happened::ChoosePressed),
            )
            .spacing(space::M)
            .width(Fill)
            .align_x(Center)
            .padding(space::XL),
    );
    let path = field(say!("quarantine_list.path"), &screen.path)
        .id(PATH)
        .example(say!("quarantine_list.path_example"))
        .on_input(Happened::PathTyped)
        .on_submit(Happened::PathEntered);
    let content = Column::new()
        .push(drop)
        .push(path)
        .push(
            Row::new()
                .push(
                    button::primary(say!("quarantine_list.read")).on_press_maybe(
                        (!screen.path.trim().is_empty()).then_some(Happened::PathEntered),
                    ),
                )
                .push(button::quiet(say!("quarantine_list.leave")).on_press(Happened::BackPressed))
                .spacing(space::M),
        )
        .push(text::hint(say!("quarantine_list.promise")))
        .spacing(space::L);
    let whole = Column::new()
        .push(page::slot(wrong))
        .push(content)
        .max_width(MEASURE);
    scrollable(container(whole).center_x(Fill).padding(space::M))
        .width(Fill)
        .height(Fill)
        .into()
}

/// Something runs: what, how far, and how to stop it.
fn waiting<'a>(what: String, progress: Option<(usize, usize)>) -> Element<'a, Happened> {
    let bar = progress.map(|(done, all)| {
        Column::new()
            .push(progress_bar(0.0..=all.max(1) as f32, done as f32))
            .push(text::hint(say!(
                "quarantine_list.rows_of",
                done = done,
                all = all
            )))
            .spacing(space::S)
    });
    let content = Column::new()
        .push(text::section(what))
        .push(bar)
        .push(button::secondary(say!("quarantine_list.stop")).on_press(Happened::BackPressed))
        .spacing(space::L)
        .max_width(MEASURE);
    container(content).center(Fill).into()
}

/// The dry run: what can be taken in, and every problem with its place.
fn trial(tried: &Tried) -> Element<'_, Happened> {
    let trial = &tried.trial;
    let good = trial.good.len();
    let (bad, nobody) = (trial.bad.len(), trial.nobody);
    let sums = Row::new()
        .push(text::strong(tried.file.name()))
        .push(chip(
            Tone::Success,
            say!("quarantine_list.good", count = good),
        ))
        .push((bad > 0).then(|| chip(Tone::Warning, say!("quarantine_list.bad", count = bad))))
        .push(
            (nobody > 0).then(|| chip(Tone::Plain, say!("quarantine_list.nobody", count = nobody))),
        )
        .spacing(space::M)
        .align_y(Center);
    let problems: Element<'_, Happened> = if trial.problems.is_empty() {
        container(
            Column::new()
                .push(text::section(say!("quarantine_list.all_good")))
                .push(text::body(say!(
                    "quarantine_list.all_good_what",
                    count = good
                )))
                .spacing(space::S)
                .align_x(Center),
        )
        .center(Fill)
        .into()
    } else {
        problems(tried)
    };
    let send = say!("quarantine_list.send", count = good);
    let deeds = Row::new()
        .push(button::primary(send).on_press_maybe((good > 0).then_some(Happened::SendPressed)))
        .push((bad > 0).then(|| {
            button::keyed(say!("quarantine_list.save_bad"), "F8").on_press(Happened::SaveBadPressed)
        }))
        .push(
            button::keyed(say!("quarantine_list.columns"), "F7").on_press(Happened::ColumnsPressed),
        )
        .push(button::quiet(say!("quarantine_list.back")).on_press(Happened::BackPressed))
        .spacing(space::M)
        .wrap()
        .vertical_spacing(space::S);
    Column::new()
        .push(sums.wrap().vertical_spacing(space::S))
        .push(
            Column::new()
                .push(page::slot(saved(tried)))
                .push(problems)
                .height(Fill),
        )
        .push(text::hint(say!("quarantine_list.bad_what")))
        .push(container(deeds).padding(Padding::ZERO.bottom(space::S)))
        .spacing(space::S)
        .into()
}

/// Where the bad rows went.
fn saved<'a>(tried: &Tried) -> Option<Element<'a, Happened>> {
    let banner = match tried.saved.as_ref()? {
        Ok(path) => banner(
            Tone::Success,
            say!("quarantine_list.saved", name = name_of(path)),
        )
        .line(say!("quarantine_list.saved_what", path = path.display())),
        Err(words) => banner(Tone::Error, say!("quarantine_list.unsaved"))
            .line(say!("quarantine_list.unsaved_why", words = words)),
    };
    Some(banner.into())
}

fn problems(tried: &Tried) -> Element<'_, Happened> {
    let widths = [
        ("row", Length::Fixed(64.0)),
        ("column", Length::Fixed(150.0)),
        ("value", Length::FillPortion(2)),
        ("reason", Length::FillPortion(5)),
    ];
    let headings =
        widths.map(|(name, width)| (said(&format!("quarantine_list.column.{name}")), width));
    let all = &tried.trial.problems;
    let rows = list(
        all.len(),
        tried.cursor,
        move |index| {
            let problem = &all[index];
            let column = match (problem.letters(), problem.field) {
                (Some(letters), Some(field)) => format!("{letters} {}", field.label(spoken())),
                (Some(letters), None) => letters,
                (None, Some(field)) => field.label(spoken()),
                (None, None) => "–".to_owned(),
            };
            let cells = [
                problem.row.to_string(),
                column,
                problem.value.clone(),
                problem.sentence(spoken()),
            ];
            table::row(
                cells
                    .into_iter()
                    .zip(widths)
                    .map(|(cell, (_, width))| (text::cell(cell).into(), width)),
            )
        },
        Happened::ProblemMarked,
    )
    .id(TABLE);
    // A reason may be longer than its column: the one under the mark stands below in full.
    let whole = tried.cursor.and_then(|at| all.get(at)).map(|problem| {
        let key = if problem.value.is_empty() {
            "quarantine_list.problem_blank"
        } else {
            "quarantine_list.problem"
        };
        text::body(say!(
            key,
            row = problem.row,
            value = problem.value,
            reason = problem.sentence(spoken())
        ))
    });
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .push(container(Column::new().push(whole)).padding([space::S, space::S]))
        .height(Fill)
        .into()
}

fn finished<'a>(
    tried: &'a Tried,
    result: shared::follow_up::import::ImportResult,
) -> Element<'a, Happened> {
    let mut done = banner(
        Tone::Success,
        say!("quarantine_list.added", count = result.added),
    );
    if result.repeats > 0 {
        done = done.line(say!("quarantine_list.repeats", count = result.repeats));
    }
    if result.left_out > 0 {
        done = done.line(say!("quarantine_list.left_out", count = result.left_out));
    }
    let bad = tried.trial.bad.len();
    let left = (bad > 0).then(|| {
        banner(Tone::Warning, say!("quarantine_list.bad_left", count = bad))
            .line(say!("quarantine_list.bad_what"))
            .action(
                button::keyed(say!("quarantine_list.save_bad"), "F8")
                    .on_press(Happened::SaveBadPressed),
            )
    });
    let deeds = Row::new()
        .push(button::primary(say!("quarantine_list.to_list")).on_press(Happened::ClosePressed))
        .push(
            button::keyed(say!("quarantine_list.another"), "F2").on_press(Happened::AnotherPressed),
        )
        .spacing(space::M);
    let content = Column::new()
        .push(done)
        .push(left)
        .push(saved(tried))
        .push(deeds)
        .spacing(space::L)
        .max_width(MEASURE);
    container(content).center_x(Fill).padding(space::M).into()
}

/// The keys of the present step.
pub(super) fn bindings(screen: &QuarantineList) -> Vec<Binding<Happened>> {
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    let letter =
        |key: &str, words: &str, message| binding(Shortcut::character(key), say!(words), message);
    let back = named(Named::Escape, "quarantine_list.back", Happened::BackPressed);
    let mut bindings = match &screen.step {
        Step::Choosing(_) => vec![named(
            Named::F2,
            "quarantine_list.choose",
            Happened::ChoosePressed,
        )],
        Step::Reading(_) | Step::Trying { .. } => Vec::new(),
        Step::Columns { .. } => columns::bindings(),
        Step::Tried(_) => vec![
            named(
                Named::Enter,
                "quarantine_list.key.send",
                Happened::SendPressed,
            ),
            named(
                Named::F7,
                "quarantine_list.columns",
                Happened::ColumnsPressed,
            ),
            named(
                Named::F8,
                "quarantine_list.save_bad",
                Happened::SaveBadPressed,
            ),
        ],
        Step::Sending { upload, .. } if upload.failure.is_some() => {
            vec![named(
                Named::Enter,
                "quarantine_list.again",
                Happened::AgainPressed,
            )]
        }
        Step::Sending { .. } => vec![
            letter("a", "quarantine_list.alike.add", Happened::Decided(true)),
            letter("s", "quarantine_list.alike.same", Happened::Decided(false)),
            named(
                Named::Enter,
                "quarantine_list.key.commit",
                Happened::CommitPressed,
            ),
        ],
        Step::Finished { .. } => vec![
            named(
                Named::Enter,
                "quarantine_list.to_list",
                Happened::ClosePressed,
            ),
            named(
                Named::F2,
                "quarantine_list.another",
                Happened::AnotherPressed,
            ),
            named(
                Named::F8,
                "quarantine_list.save_bad",
                Happened::SaveBadPressed,
            ),
        ],
    };
    bindings.push(back);
    bindings
}

/// The letters over a column of a spreadsheet.
fn letters(column: usize) -> String {
    column_letters(column)
}
