//! How the taking in of a list looks, stage by stage.

use iced::widget::{Column, Row, container, progress_bar};
use iced::{Center, Fill, Padding};
use shared::follow_up::import::ImportResult;

use super::tried::{Tried, Unread};
use super::{Happened, Message, Notice, PATH, QuarantineList, Reading, Stage, Trouble};
use crate::language::{self, grouped};
use crate::say;
use crate::screen::Context;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, over};
use crate::ui::token::{TARGET, space};
use crate::ui::{Element, button, field, page, text};

mod columns;
mod import;
mod look;

/// The screen as it looks.
pub(super) fn view<'a>(screen: &'a QuarantineList, context: &'a Context) -> Element<'a, Message> {
    let notice = screen.notice.as_ref().map(notice);
    let (at, body) = match &screen.stage {
        Stage::Choose(trouble) => (0, choose(screen, trouble.as_ref())),
        Stage::Read(reading) => (1, reading_on(reading)),
        Stage::Look(looking) => (1, look::view(looking)),
        Stage::Columns(columns) => (1, columns::view(columns)),
        Stage::Import(import) => (2, import::view(import, context)),
        Stage::Finished(tried, result) => (3, finished(tried, *result)),
    };
    let page = Column::new()
        .push(head(at))
        .push(container(page::slot(notice)).padding([0.0, space::L]))
        .push(container(body).height(Fill))
        .spacing(space::S)
        .height(Fill);
    let front = match &screen.stage {
        Stage::Columns(columns) => columns::choice(columns),
        Stage::Import(import) if import.asking => Some(import::question(import)),
        _ => None,
    };
    over(page, front, Behind::Dimmed).into()
}

/// The title, and which of the four steps this is.
fn head<'a>(at: usize) -> Element<'a, Message> {
    let names = [
        say!("quarantine_list.step.choose"),
        say!("quarantine_list.step.look"),
        say!("quarantine_list.step.compare"),
        say!("quarantine_list.step.done"),
    ];
    let mut steps = Row::new().spacing(space::S).align_y(Center);
    for (nth, name) in names.into_iter().enumerate() {
        let name = format!("{} {name}", nth + 1);
        steps = steps.push((nth > 0).then(|| text::hint("›")));
        steps = steps.push(if nth == at {
            chip(Tone::Info, name)
        } else {
            Element::from(text::hint(name))
        });
    }
    let row = Row::new()
        .push(text::title(say!("quarantine_list.title")))
        .push(steps)
        .spacing(space::XL)
        .align_y(Center);
    container(row.wrap().vertical_spacing(space::XS))
        .padding(Padding {
            top: space::M,
            ..Padding::from([0.0, space::L])
        })
        .into()
}

fn notice<'a>(notice: &Notice) -> Element<'a, Message> {
    match notice {
        Notice::Saved(path) => banner(Tone::Success, say!("quarantine_list.bad.saved"))
            .line(path.display().to_string()),
        Notice::NotSaved => banner(Tone::Error, say!("quarantine_list.bad.not_saved"))
            .line(say!("quarantine_list.bad.not_saved_why"))
            .action(
                button::keyed(say!("quarantine_list.bad.elsewhere"), "F8")
                    .on_press(Message(Happened::SaveElsewherePressed)),
            ),
        Notice::GivenUp(true) => banner(Tone::Info, say!("quarantine_list.import.given_up"))
            .line(say!("quarantine_list.import.nobody_added")),
        Notice::GivenUp(false) => banner(Tone::Info, say!("quarantine_list.import.given_up"))
            .line(say!("quarantine_list.import.left_behind")),
        Notice::Busy => banner(Tone::Warning, say!("quarantine_list.choose.busy")),
    }
    .into()
}

fn choose<'a>(screen: &'a QuarantineList, trouble: Option<&Trouble>) -> Element<'a, Message> {
    let pick = Column::new()
        .push(text::body(say!("quarantine_list.choose.what")))
        .push(
            Row::new()
                .push(
                    button::primary_keyed(say!("quarantine_list.choose.button"), "F2")
                        .on_press(Message(Happened::ChoosePressed)),
                )
                .push(text::hint(say!("quarantine_list.choose.drop")))
                .spacing(space::L)
                .align_y(Center)
                .wrap(),
        )
        .spacing(space::L);
    let wrong = match trouble {
        Some(Trouble::NoPath) => Some(say!("quarantine_list.choose.no_path")),
        _ => None,
    };
    let path = field::field(say!("quarantine_list.choose.path"), &screen.path)
        .on_input(|path| Message(Happened::PathTyped(path)))
        .on_submit(Message(Happened::PathEntered))
        .example(say!("quarantine_list.choose.example"))
        .hint(say!("quarantine_list.choose.hint"))
        .error(wrong)
        .id(PATH);
    let end = Row::new()
        .push(
            button::keyed(say!("quarantine_list.choose.read"), "Enter")
                .on_press(Message(Happened::PathEntered)),
        )
        .push(
            button::quiet(say!("quarantine_list.button.to_list"))
                .on_press(Message(Happened::BackPressed)),
        )
        .spacing(space::M)
        .align_y(Center);
    page::form([
        page::slot(trouble.and_then(why).map(Element::from)),
        pick.into(),
        path.into(),
        end.into(),
    ])
}

/// Why no file is being read; what is wrong with the path itself stands at its field.
fn why<'a>(trouble: &Trouble) -> Option<Banner<'a, Message>> {
    Some(match trouble {
        Trouble::NoPath => return None,
        Trouble::NoneChosen => banner(Tone::Warning, say!("quarantine_list.choose.none"))
            .line(say!("quarantine_list.choose.none_why")),
        Trouble::Unread(name, why) => {
            let title = say!("quarantine_list.unread.title", name = name);
            let reason = match why {
                Unread::Missing => say!("quarantine_list.unread.missing"),
                Unread::Forbidden => say!("quarantine_list.unread.forbidden"),
                Unread::NoFile => say!("quarantine_list.unread.no_file"),
                Unread::Drive => say!("quarantine_list.unread.drive"),
                Unread::NoList(error) => error.sentence(language::spoken()),
            };
            banner(Tone::Error, title)
                .line(reason)
                .line(say!("quarantine_list.unread.nothing_added"))
        }
    })
}

fn reading_on<'a>(reading: &Reading) -> Element<'a, Message> {
    let (far, words) = match reading.watch.rows() {
        None => (0.0, say!("quarantine_list.read.file")),
        Some((done, of)) => (
            done as f32 / of as f32,
            say!(
                "quarantine_list.read.rows",
                done = grouped(done as u64),
                of = grouped(of as u64)
            ),
        ),
    };
    progress(
        say!("quarantine_list.read.title", name = reading.name),
        far,
        words,
        button::keyed(say!("quarantine_list.button.stop"), "Esc")
            .on_press(Message(Happened::BackPressed))
            .into(),
    )
}

/// Work that takes time: what it is, how far it is, and how to end it.
fn progress<'a>(
    title: String,
    far: f32,
    words: String,
    end: Element<'a, Message>,
) -> Element<'a, Message> {
    page::form([
        text::section(title).into(),
        progress_bar(0.0..=1.0, far).girth(space::L).into(),
        text::body(words).into(),
        end,
    ])
}

fn finished<'a>(tried: &'a Tried, result: ImportResult) -> Element<'a, Message> {
    let sum = |words: String, count: String| {
        Row::new()
            .push(text::body(words).width(Fill))
            .push(text::strong(count))
            .spacing(space::M)
            .align_y(Center)
            .height(TARGET)
            .into()
    };
    let number = |words: String, count: u64| {
        let people = say!("quarantine_list.people", count = grouped(count));
        sum(words, people)
    };
    let mut sums = vec![
        number(
            say!("quarantine_list.finished.added"),
            u64::from(result.added),
        ),
        page::line(),
        number(
            say!("quarantine_list.finished.repeats"),
            u64::from(result.repeats),
        ),
        page::line(),
        number(
            say!("quarantine_list.finished.left_out"),
            u64::from(result.left_out),
        ),
    ];
    if tried.bad() > 0 {
        sums.push(page::line());
        let rows = say!("quarantine_list.rows", count = grouped(tried.bad() as u64));
        sums.push(sum(say!("quarantine_list.finished.bad"), rows));
    }
    let title = say!(
        "quarantine_list.finished.title",
        count = grouped(u64::from(result.added))
    );
    let reminder = (tried.bad() > 0).then(|| {
        let save = button::keyed(say!("quarantine_list.bad.save"), "Ctrl+S")
            .on_press(Message(Happened::SavePressed));
        let left = say!(
            "quarantine_list.finished.remember",
            count = grouped(tried.bad() as u64)
        );
        Element::from(banner(Tone::Warning, left).action(save))
    });
    let end = Row::new()
        .push(
            button::primary_keyed(say!("quarantine_list.button.to_list"), "Enter")
                .on_press(Message(Happened::ClosePressed)),
        )
        .push(
            button::keyed(say!("quarantine_list.button.another"), "F2")
                .on_press(Message(Happened::ChoosePressed)),
        )
        .spacing(space::M);
    let parts: Vec<Element<'a, Message>> = vec![
        banner(Tone::Success, title).line(tried.name()).into(),
        page::card(Column::with_children(sums)),
        page::slot(reminder),
        end.into(),
    ];
    page::form(parts)
}
