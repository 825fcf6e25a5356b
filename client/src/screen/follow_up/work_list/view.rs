//! How the work list looks, and its keys.

use iced::widget::{Column, Row, container, responsive, text_input};
use iced::{Center, Fill, Length, Padding};
use shared::Day;
use shared::follow_up::work_list::StripDay;
use shared::id::ReturneeId;

use super::super::line::{Line, Today};
use super::super::strip;
use super::super::words::said;
use super::{Blind, Filter, LIST, Message, WorkList};
use crate::language::grouped;
use crate::say;
use crate::screen::{Context, failed, paging};
use crate::ui::chip::Tone;
use crate::ui::framed::framed;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::theme::Theme;
use crate::ui::token::{radius, size, space};
use crate::ui::{Element, button, check, page, table, text};
use iced::keyboard::key::Named;

/// The name of the search field, for the focus.
pub(in super::super) const SEARCH: &str = "follow-up-search";

/// What the list's parent does with the marked line.
pub(in super::super) struct Deeds<Outer> {
    /// What Enter does with the line at an index.
    pub(in super::super) open: fn(usize) -> Outer,
    /// What happens on the list itself.
    pub(in super::super) own: fn(Message) -> Outer,
}

/// What has become of a record that is not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Mark {
    /// Something was typed and left.
    Draft,
    /// It is on its way.
    Sending,
    /// It came back.
    Unsaved,
}

impl<Outer> Clone for Deeds<Outer> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Outer> Copy for Deeds<Outer> {}

/// The columns in their order: what one shows, its width, and from which width of the list on there
/// is room for it. Who it is and how today stands is always there; then comes what a call takes, the
/// reading and the whole number of somebody abroad before whose task it is. Names have what the
/// others leave.
const COLUMNS: [(&str, Length, f32); 9] = [
    ("name", Length::FillPortion(4), 0.0),
    ("kana", Length::FillPortion(4), 1060.0),
    ("phone", Length::Fixed(184.0), 500.0),
    ("entry", Length::Fixed(72.0), 1240.0),
    ("day", Length::Fixed(64.0), 560.0),
    ("strip", Length::Fixed(strip::WIDTH + 2.0 * space::S), 760.0),
    ("today", Length::Fixed(112.0), 0.0),
    ("temperature", Length::Fixed(136.0), 880.0),
    ("assignee", Length::FillPortion(3), 1140.0),
];

/// The list under its filters. `mark` says whose record is not saved; `narrow` leaves out what does
/// not help while a day is recorded.
pub(in super::super) fn view<'a, Outer: Clone + 'a>(
    list: &'a WorkList,
    context: &'a Context,
    narrow: bool,
    deeds: Deeds<Outer>,
    mark: impl Fn(ReturneeId) -> Option<Mark> + Copy + 'a,
) -> Element<'a, Outer> {
    let filters = (!narrow).then(|| filters(list).map(deeds.own));
    let failure = list.lines.failure_above().map(|failure| {
        let again = button::secondary(say!("follow_up.list.again"))
            .on_press((deeds.own)(Message::ReloadPressed));
        container(Element::from(failed(failure).action(again)))
            .padding([0.0, space::L])
            .into()
    });
    let rows = rows(list, context, deeds, mark);
    Column::new()
        .push(filters)
        .push(
            Column::new()
                .push(page::slot(failure))
                .push(rows)
                .height(Fill),
        )
        .push(foot(list, narrow))
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn filters<'a>(list: &'a WorkList) -> Element<'a, Message> {
    let search = text_input(&say!("follow_up.list.search_example"), &list.search)
        .id(SEARCH)
        .on_input(Message::Typed)
        .on_submit(Message::ListPressed)
        .size(size::BODY)
        .padding(Padding::from([10.0, space::M]))
        .width(280);
    let mut row = Row::new()
        .push(framed(search, radius::CONTROL))
        .spacing(space::S)
        .align_y(Center);
    for (nth, filter) in Filter::ALL.into_iter().enumerate() {
        let words = said(&format!("follow_up.filter.{}", filter.key()));
        let on = list.filters.contains(&filter);
        row = row.push(check::toggle(
            format!("{} {words}", nth + 1),
            on,
            Message::Turned(filter),
        ));
    }
    container(row.wrap().vertical_spacing(space::S))
        .padding([space::XS, space::S])
        .into()
}

/// The columns for which a list of this width has room.
fn columns(room: f32) -> impl Iterator<Item = (&'static str, Length)> {
    let columns = COLUMNS.into_iter().filter(move |(.., from)| *from <= room);
    columns.map(|(name, width, _)| (name, width))
}

fn rows<'a, Outer: Clone + 'a>(
    list_state: &'a WorkList,
    context: &'a Context,
    deeds: Deeds<Outer>,
    mark: impl Fn(ReturneeId) -> Option<Mark> + Copy + 'a,
) -> Element<'a, Outer> {
    let total = list_state.rows();
    if total == 0 {
        return vacant(list_state, deeds);
    }
    let today = context.world.today();
    let table = move |room: f32| {
        let headings =
            columns(room).map(|(name, width)| (said(&format!("follow_up.column.{name}")), width));
        let rows = list(
            total,
            list_state.lines.cursor(),
            move |index| match list_state.lines.get(index) {
                Some(line) => row(line, today, room, mark(line.id)),
                None => table::row([(text::hint(say!("follow_up.list.coming")).into(), Fill)]),
            },
            move |index| (deeds.own)(Message::Moved(index)),
        )
        .on_open(deeds.open)
        .on_view(move |range| (deeds.own)(Message::Viewed(range)))
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(rows)
            .into()
    };
    responsive(move |size| table(size.width)).into()
}

fn row<'a, Outer: 'a>(
    line: &'a Line,
    today: Day,
    room: f32,
    mark: Option<Mark>,
) -> Element<'a, Outer> {
    let cells = columns(room).map(|(name, width)| {
        let cell: Element<'a, Outer> = match name {
            "name" => name_cell(line),
            "kana" => text::cell(&*line.kana).into(),
            "phone" => phone(line),
            "entry" => text::cell(super::super::words::short_day(line.entry_date)).into(),
            "day" => text::cell(day_number(line, today)).into(),
            "strip" => strip::strip(&*line.strip, line.day_index(today)),
            "today" => match mark {
                Some(Mark::Unsaved) => state(Tone::Error, say!("follow_up.today.unsaved")),
                Some(Mark::Sending) => state(Tone::Plain, say!("follow_up.today.sending")),
                Some(Mark::Draft) => state(Tone::Info, say!("follow_up.today.draft")),
                None => today_cell(line, today),
            },
            "temperature" => temperature(line, today),
            _ if line.handed_over => state(Tone::Warning, say!("follow_up.list.handed_over")),
            _ => {
                let name = line
                    .assignee
                    .as_ref()
                    .map_or("", |person| person.name.as_str());
                text::cell(name).into()
            }
        };
        (cell, width)
    });
    table::row(cells)
}

/// The name, with a mark while a sign waits to be closed.
fn name_cell<'a, Outer: 'a>(line: &'a Line) -> Element<'a, Outer> {
    let mark = line
        .open_sign
        .then(|| text::cell("▲").style(text::role(|roles| roles.error_text)));
    let handed = line
        .handed_over
        .then(|| text::cell("→").style(text::role(|roles| roles.warning_text)));
    let name = text::cell(&*line.name).font(crate::ui::font::BOLD);
    Row::new()
        .push(mark)
        .push(handed)
        .push(name)
        .spacing(space::XS)
        .into()
}

/// The number to call.
fn phone<'a, Outer: 'a>(line: &Line) -> Element<'a, Outer> {
    match &*line.phone {
        "" => text::cell("–").into(),
        phone => text::cell(super::super::words::phone(phone)).into(),
    }
}

fn day_number(line: &Line, today: Day) -> String {
    line.day_index(today).map_or_else(
        || "–".to_owned(),
        |at| say!("follow_up.list.day_number", number = at + 1),
    )
}

fn today_cell<'a, Outer: 'a>(line: &Line, today: Day) -> Element<'a, Outer> {
    match line.today(today) {
        Today::NotYet => state(Tone::Plain, say!("follow_up.today.not_yet")),
        Today::Over => state(Tone::Plain, say!("follow_up.today.over")),
        Today::Due(StripDay::Well) => state(Tone::Success, say!("follow_up.today.well")),
        Today::Due(StripDay::Sign) => state(Tone::Error, say!("follow_up.today.sign")),
        Today::Due(StripDay::NotReached) => {
            signed("×", Tone::Warning, say!("follow_up.today.not_reached"))
        }
        Today::Due(StripDay::Missing | StripDay::Ahead) => {
            state(Tone::Warning, say!("follow_up.today.due"))
        }
    }
}

/// A state in a cell: sign, word, colour.
fn state<'a, Outer: 'a>(tone: Tone, words: String) -> Element<'a, Outer> {
    let sign = match tone {
        Tone::Success => "■",
        Tone::Error => "▲",
        Tone::Warning => "□",
        Tone::Info => "…",
        _ => "・",
    };
    signed(sign, tone, words)
}

/// The same with a sign of its own, that of the strip.
fn signed<'a, Outer: 'a>(sign: &str, tone: Tone, words: String) -> Element<'a, Outer> {
    text::cell(format!("{sign} {words}"))
        .style(move |theme: &Theme| iced::widget::text::Style {
            color: Some(match tone {
                Tone::Plain => theme.roles.text_secondary,
                _ => tone.ink(&theme.roles),
            }),
        })
        .into()
}

/// The last temperature; in brackets and with its day where it is not of today.
fn temperature<'a, Outer: 'a>(line: &Line, today: Day) -> Element<'a, Outer> {
    let Some((temperature, taken)) = line.temperature else {
        return text::cell("–").into();
    };
    if taken != Some(today) {
        let day = taken.map_or_else(String::new, super::super::words::short_day);
        return text::cell(format!("({temperature}) {day}"))
            .style(text::role(|roles| roles.text_secondary))
            .into();
    }
    let words = text::cell(temperature.to_string());
    if temperature.is_sign() {
        return words
            .font(crate::ui::font::BOLD)
            .style(text::role(|roles| roles.error_text))
            .into();
    }
    words.into()
}

/// In place of rows: that there are none, why, and what to do.
fn vacant<'a, Outer: Clone + 'a>(list: &'a WorkList, deeds: Deeds<Outer>) -> Element<'a, Outer> {
    let again =
        button::primary(say!("follow_up.list.again")).on_press((deeds.own)(Message::ReloadPressed));
    let vacant = list
        .lines
        .vacant(say!("follow_up.list.loading"), again, || {
            let narrowed = !list.filters.is_empty() || !list.search.trim().is_empty();
            let key = if !list.search.trim().is_empty() {
                "searched"
            } else if list.filters[..] == [Filter::NotReachedToday]
                && list.counts.is_some_and(|counts| counts.open == 0)
            {
                // Nobody was reached either: there is nobody yet, and nothing is done.
                "none"
            } else if let [filter] = list.filters[..] {
                filter.key()
            } else if narrowed {
                "narrowed"
            } else {
                "none"
            };
            paging::none(
                said(&format!("follow_up.empty.{key}.title")),
                said(&format!("follow_up.empty.{key}.what")),
                narrowed.then(|| (deeds.own)(Message::AllPressed)),
            )
        });
    vacant.into()
}

/// The line below: which rows are shown, of how many, and what the signs mean.
fn foot<'a, Outer: 'a>(list: &'a WorkList, narrow: bool) -> Element<'a, Outer> {
    let shown = list.lines.in_view().start + 1..=list.lines.in_view().end.min(list.rows());
    let count = if let Some(blind) = &list.blind {
        match blind {
            Blind::Waits(typed) => say!("follow_up.list.searching_to_record", typed = typed),
            // Where nobody was found, that is said above.
            Blind::OpenedNothing if list.is_vacant() => String::new(),
            Blind::OpenedNothing => say!("follow_up.list.opened_nothing"),
        }
    } else if list.lines.rows().is_empty() {
        String::new()
    } else if !list.lines.is_present() && list.lines.failure().is_none() {
        say!("follow_up.list.searching")
    } else {
        let range = format!(
            "{}–{}",
            grouped(*shown.start() as u64),
            grouped(*shown.end() as u64)
        );
        match list.known_total() {
            Some(total) => say!(
                "follow_up.list.shown_of",
                total = grouped(total),
                range = range
            ),
            None => say!("follow_up.list.shown", range = range),
        }
    };
    let legend = [
        StripDay::Well,
        StripDay::Sign,
        StripDay::NotReached,
        StripDay::Missing,
        StripDay::Ahead,
    ]
    .map(|day| {
        let name = match day {
            StripDay::Well => "well",
            StripDay::Sign => "sign",
            StripDay::NotReached => "not_reached",
            StripDay::Missing => "missing",
            StripDay::Ahead => "ahead",
        };
        format!(
            "{} {}",
            strip::sign(day),
            said(&format!("follow_up.strip.{name}"))
        )
    })
    .join("  ");
    let keys = (!narrow).then(|| text::hint(say!("follow_up.list.keys")));
    Row::new()
        .push(text::hint(count))
        .push((!narrow && !list.lines.rows().is_empty()).then(|| text::hint(legend)))
        .push(keys)
        .spacing(space::L)
        .padding([0.0, space::S])
        .wrap()
        .into()
}

/// The keys of the list itself.
pub(in super::super) fn bindings(list: &WorkList) -> Vec<Binding<Message>> {
    let mut bindings = vec![
        binding(
            Shortcut::character("/"),
            say!("follow_up.key.search"),
            Message::SearchPressed,
        ),
        binding(
            Shortcut::named(Named::F5),
            say!("follow_up.key.reload"),
            Message::ReloadPressed,
        ),
        binding(
            Shortcut::named(Named::ArrowDown),
            say!("follow_up.key.to_list"),
            Message::ListPressed,
        ),
        binding(
            Shortcut::named(Named::Escape),
            say!("follow_up.key.show_all"),
            Message::AllPressed,
        ),
    ];
    // Whose day is to be recorded comes with the answer; what is typed meanwhile is for them.
    if list.holds_digits() {
        bindings.push(binding(
            Shortcut::named(Named::Backspace),
            say!("follow_up.key.temperature_undone"),
            Message::DigitUndone,
        ));
        bindings.extend("0123456789.,".chars().map(|digit| {
            binding(
                Shortcut::character(&digit.to_string()),
                say!("follow_up.key.temperature_of_the_found"),
                Message::DigitPressed(digit),
            )
        }));
        return bindings;
    }
    for (nth, filter) in Filter::ALL.into_iter().enumerate() {
        bindings.push(binding(
            Shortcut::character(&(nth + 1).to_string()),
            said(&format!("follow_up.filter.{}", filter.key())),
            Message::Turned(filter),
        ));
    }
    bindings
}
