//! A list on its way: how far it is, who in it looks like someone, what went wrong.

use iced::widget::{Column, Row, container, responsive};
use iced::{Center, Fill, Length};
use shared::follow_up::import::{AlikePerson, ImportFindings, Likeness};
use shared::follow_up::returnee::ReturneeDetails;
use shared::quarantine_list::Field;

use super::super::import::{Doubt, Import, Message as Own, Step, Why};
use super::super::{Happened, LIST, Message, STAY, on_import};
use crate::language::{day, grouped};
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::card;
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, check, page, table, text};

/// From this width on the comparison stands beside the list.
const BESIDE: f32 = 960.0;
/// Below this height the list needs the place of what explains it, and the two stand one above
/// the other.
const LOW: f32 = 440.0;

pub(super) fn view<'a>(import: &'a Import, _context: &'a Context) -> Element<'a, Message> {
    if let Some(failure) = &import.failure {
        return stuck(import, failed(failure));
    }
    let end = button::keyed(say!("quarantine_list.button.give_up"), "Esc")
        .on_press(Message(Happened::BackPressed));
    let (staged, all) = import.staged();
    match (import.step, &import.findings) {
        (Step::Deciding, Some(findings)) => deciding(import, findings),
        (Step::Opening | Step::Staging(_), _) => super::progress(
            say!("quarantine_list.import.sending", name = import.tried.name()),
            staged as f32 / all.max(1) as f32,
            say!(
                "quarantine_list.import.sent",
                done = grouped(staged as u64),
                of = grouped(all as u64)
            ),
            end.into(),
        ),
        (Step::Committing, _) => super::progress(
            say!("quarantine_list.import.committing"),
            1.0,
            say!("quarantine_list.import.committing_what"),
            text::hint("").into(),
        ),
        (Step::Checking | Step::Deciding, _) => super::progress(
            say!("quarantine_list.import.checking"),
            1.0,
            say!("quarantine_list.import.checking_what"),
            end.into(),
        ),
    }
}

/// A step that did not work: what happened, what became of the rows, what can be done.
fn stuck<'a>(
    import: &Import,
    failure: crate::ui::banner::Banner<'a, Message>,
) -> Element<'a, Message> {
    let (staged, all) = import.staged();
    let became = match import.step {
        _ if import.may_be_done() => say!("quarantine_list.import.may_be_done"),
        Step::Committing => say!("quarantine_list.import.not_committed"),
        _ if staged == 0 => say!("quarantine_list.import.nothing_sent"),
        _ => say!(
            "quarantine_list.import.not_sent",
            done = grouped(staged as u64),
            of = grouped(all as u64)
        ),
    };
    let (words, what) = if import.may_be_done() {
        (
            say!("quarantine_list.button.see_list"),
            say!("quarantine_list.import.see_list"),
        )
    } else {
        (
            say!("quarantine_list.button.give_up"),
            say!("quarantine_list.import.give_up_what"),
        )
    };
    let end = Row::new()
        .push(
            button::primary_keyed(say!("quarantine_list.import.retry"), "F5")
                .on_press(on_import(Own::RetryPressed)),
        )
        .push(button::keyed(words, "Esc").on_press(Message(Happened::BackPressed)))
        .spacing(space::M);
    page::form([
        failure.into(),
        text::body(became).into(),
        text::hint(what).into(),
        end.into(),
    ])
}

fn deciding<'a>(import: &'a Import, findings: &'a ImportFindings) -> Element<'a, Message> {
    responsive(move |size| {
        let low = size.height < LOW;
        let body = if import.doubts.is_empty() {
            nothing_to_decide(import)
        } else {
            pair(import, size.width >= BESIDE, low)
        };
        Column::new()
            .push(container(sums(import, findings, low)).padding([0.0, space::L]))
            .push(container(body).height(Fill))
            .push(page::line())
            .push(container(deeds(import)).padding([space::S, space::L]))
            .spacing(space::S)
            .into()
    })
    .into()
}

fn nothing_to_decide<'a>(import: &Import) -> Element<'a, Message> {
    let words = if import.to_add() == 0 {
        let what = match import.tried.bad() {
            0 => say!("quarantine_list.decide.nobody_new_what"),
            // They are in no list, and nobody must believe so.
            bad => say!(
                "quarantine_list.decide.nobody_new_but",
                count = grouped(bad as u64)
            ),
        };
        banner(Tone::Info, say!("quarantine_list.decide.nobody_new")).line(what)
    } else {
        banner(Tone::Success, say!("quarantine_list.decide.clear"))
            .line(say!("quarantine_list.decide.clear_what"))
    };
    container(Element::from(words))
        .padding([0.0, space::L])
        .into()
}

/// Asks before what was decided is thrown away.
pub(super) fn question<'a>(import: &Import) -> Element<'a, Message> {
    let count = grouped(import.decided() as u64);
    let answers = Row::new()
        .push(
            button::primary(say!("quarantine_list.ask.stay"))
                .id(STAY)
                .on_press(Message(Happened::StayPressed)),
        )
        .push(
            button::keyed(say!("quarantine_list.ask.give_up"), "F8")
                .on_press(Message(Happened::GiveUpPressed)),
        )
        .spacing(space::M)
        .wrap();
    card(
        Column::new()
            .push(text::title(say!("quarantine_list.ask.title")))
            .push(text::body(say!("quarantine_list.ask.what", count = count)))
            .push(answers)
            .spacing(space::L),
    )
}

/// The rows in doubt, and the marked one compared: beside them where there is room.
fn pair(import: &Import, wide: bool, low: bool) -> Element<'_, Message> {
    let doubts = container(doubts(import));
    let pair = container(compared(import, low)).padding([0.0, space::L]);
    if wide {
        Row::new()
            .push(doubts.width(Length::FillPortion(5)))
            .push(pair.width(Length::FillPortion(4)))
            .into()
    } else {
        Column::new()
            .push(doubts.height(Fill))
            .push(page::line())
            .push(pair)
            .spacing(space::S)
            .into()
    }
}

fn deeds(import: &Import) -> Element<'_, Message> {
    let open = import.undecided();
    let (key, hint) = if open == 0 {
        ("Enter", say!("quarantine_list.decide.nothing_yet"))
    } else {
        let count = grouped(open as u64);
        (
            "Ctrl+Enter",
            say!("quarantine_list.decide.still_open", count = count),
        )
    };
    let commit = say!(
        "quarantine_list.decide.commit_with",
        count = grouped(import.to_add() as u64)
    );
    Row::new()
        .push(button::primary_keyed(commit, key).on_press(on_import(Own::CommitPressed)))
        .push(
            button::keyed(say!("quarantine_list.button.give_up"), "Esc")
                .on_press(Message(Happened::BackPressed)),
        )
        .push(text::hint(hint))
        .spacing(space::M)
        .align_y(Center)
        .wrap()
        .vertical_spacing(space::S)
        .into()
}

fn sums<'a>(import: &Import, findings: &ImportFindings, low: bool) -> Element<'a, Message> {
    let count = |count: usize| grouped(count as u64);
    let (repeats, alike) = (findings.repeats.len(), findings.alike.len());
    let (foreign, elsewhere) = (findings.foreign.len(), findings.elsewhere.len());
    let new = count(findings.new as usize);
    let chips = Row::new()
        .push(chip(
            Tone::Success,
            say!("quarantine_list.decide.new", count = new),
        ))
        .push((repeats > 0).then(|| {
            let words = say!("quarantine_list.decide.repeats", count = count(repeats));
            chip(Tone::Plain, words)
        }))
        .push((elsewhere > 0).then(|| {
            let words = say!("quarantine_list.decide.elsewhere", count = count(elsewhere));
            chip(Tone::Warning, words)
        }))
        .push((alike > 0).then(|| {
            let words = say!("quarantine_list.decide.alike", count = count(alike));
            chip(Tone::Warning, words)
        }))
        .push((foreign > 0).then(|| {
            let words = say!("quarantine_list.decide.foreign", count = count(foreign));
            chip(Tone::Warning, words)
        }))
        .spacing(space::S)
        .wrap()
        .vertical_spacing(space::XS);
    let explained = !import.doubts.is_empty() && !low;
    Column::new()
        .push(
            Row::new()
                .push(text::strong(import.tried.name()))
                .push(chips)
                .spacing(space::M)
                .align_y(Center)
                .wrap()
                .vertical_spacing(space::XS),
        )
        .push(explained.then(|| text::body(say!("quarantine_list.decide.what"))))
        .spacing(space::S)
        .into()
}

fn widths() -> [(&'static str, Length); 4] {
    [
        ("row", Length::Fixed(64.0)),
        ("name", Length::FillPortion(3)),
        ("because", Length::FillPortion(3)),
        ("decision", Length::FillPortion(2)),
    ]
}

fn doubts(import: &Import) -> Element<'_, Message> {
    let headings = widths().map(|(name, width)| {
        let key = format!("quarantine_list.decide.column.{name}");
        (say!(key.as_str()), width)
    });
    let rows = list(
        import.doubts.len(),
        Some(import.cursor),
        |at| doubt(import, &import.doubts[at]),
        |at| on_import(Own::Moved(at)),
    )
    .id(LIST);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .into()
}

fn doubt<'a>(import: &'a Import, doubt: &'a Doubt) -> Element<'a, Message> {
    let decision = match (&doubt.why, doubt.add) {
        (Why::Alike(..), Some(true)) => chip(Tone::Info, say!("quarantine_list.decide.will_add")),
        (Why::Alike(..), Some(false)) => {
            chip(Tone::Plain, say!("quarantine_list.decide.will_leave"))
        }
        (Why::Alike(..), None) => chip(Tone::Warning, say!("quarantine_list.decide.open")),
        (Why::Foreign(_) | Why::Elsewhere, _) => text::cell(say!("quarantine_list.decide.cannot"))
            .style(text::role(|roles| roles.text_secondary))
            .into(),
    };
    let cells: [Element<'a, Message>; 4] = [
        text::cell(grouped(u64::from(doubt.row))).into(),
        text::cell(import.tried.name_in(doubt.row))
            .font(crate::ui::font::BOLD)
            .into(),
        text::cell(because(&doubt.why)).into(),
        decision,
    ];
    table::row(cells.into_iter().zip(widths().map(|(_, width)| width)))
}

fn because(why: &Why) -> String {
    match why {
        Why::Alike(Likeness::PassportNumber, _) => say!("quarantine_list.decide.same_passport"),
        Why::Alike(Likeness::ReadingAndBirthDate, _) => say!("quarantine_list.decide.same_reading"),
        Why::Foreign(_) => say!("quarantine_list.decide.other_centre"),
        Why::Elsewhere => say!("quarantine_list.decide.at_another"),
    }
}

/// The marked row beside the one it looks like, and the two answers.
fn compared(import: &Import, low: bool) -> Element<'_, Message> {
    let Some(doubt) = import.doubts.get(import.cursor) else {
        return text::body("").into();
    };
    match &doubt.why {
        Why::Foreign(office) => banner(Tone::Warning, say!("quarantine_list.decide.other_centre"))
            .line(say!(
                "quarantine_list.decide.foreign_why",
                name = import.tried.name_in(doubt.row),
                code = office
            ))
            .into(),
        Why::Elsewhere => banner(Tone::Warning, say!("quarantine_list.decide.at_another"))
            .line(say!(
                "quarantine_list.decide.at_another_why",
                name = import.tried.name_in(doubt.row)
            ))
            .into(),
        Why::Alike(why, other) => alike(import, doubt, *why, other, low),
    }
}

fn alike<'a>(
    import: &'a Import,
    doubt: &'a Doubt,
    why: Likeness,
    other: &'a AlikePerson,
    low: bool,
) -> Element<'a, Message> {
    let there = match other.row {
        Some(row) => say!(
            "quarantine_list.decide.above",
            row = grouped(u64::from(row))
        ),
        None => say!("quarantine_list.decide.there"),
    };
    let here = say!(
        "quarantine_list.decide.here",
        row = grouped(u64::from(doubt.row))
    );
    // The server says no more of someone than is needed to tell them apart; of rows in the file
    // everything is at hand.
    let [row, above] = &import.marked;
    let (row, above) = (row.as_deref(), above.as_deref());
    // Of someone who is there the server does not say these two, but why they look alike does.
    let same = |equal: bool, there: Option<String>| {
        there
            .or_else(|| equal.then(|| say!("quarantine_list.decide.same")))
            .unwrap_or_default()
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    let kana = |who: &ReturneeDetails| who.kana.as_ref().map(ToString::to_string);
    let passport = |who: &ReturneeDetails| who.passport_number.as_ref().map(ToString::to_string);
    let pairs = [
        (
            Field::Name,
            import.tried.name_in(doubt.row),
            other.name.to_string(),
        ),
        (
            Field::Kana,
            text(row.and_then(kana)),
            same(why == Likeness::ReadingAndBirthDate, above.and_then(kana)),
        ),
        (
            Field::BirthDate,
            text(row.and_then(|who| who.birth_date).map(day)),
            text(other.birth_date.map(day)),
        ),
        (
            Field::EntryDate,
            text(row.map(|who| day(who.entry_date))),
            day(other.entry_date),
        ),
        (
            Field::PassportNumber,
            text(row.and_then(passport)),
            same(why == Likeness::PassportNumber, above.and_then(passport)),
        ),
    ];
    let said = pairs
        .into_iter()
        .filter(|(_, here, there)| !here.is_empty() || !there.is_empty())
        .map(|(field, here, there)| (field.label(crate::language::spoken()), here, there));
    let both = if low {
        one_above_the_other(here, there, said)
    } else {
        side_by_side(here, there, said)
    };
    let answers = Row::new()
        .push(check::toggle(
            format!("A  {}", say!("quarantine_list.decide.add")),
            doubt.add == Some(true),
            on_import(Own::Decided(import.cursor, true)),
        ))
        .push(check::toggle(
            format!("S  {}", say!("quarantine_list.decide.leave")),
            doubt.add == Some(false),
            on_import(Own::Decided(import.cursor, false)),
        ))
        .spacing(space::S)
        .wrap()
        .vertical_spacing(space::S);
    let whole = Column::new().push(both).push(answers).spacing(space::S);
    if low { whole.into() } else { page::card(whole) }
}

/// What stands for nothing known.
fn known(words: String) -> String {
    if words.is_empty() {
        "–".to_owned()
    } else {
        words
    }
}

/// What the two are called and what is said of them: the two, one column each.
fn side_by_side<'a>(
    here: String,
    there: String,
    said: impl Iterator<Item = (String, String, String)>,
) -> Element<'a, Message> {
    let line = |name: String, here: text::Words<'a>, there: text::Words<'a>| {
        Row::new()
            .push(text::label(name).width(Length::Fixed(128.0)))
            .push(here.width(Fill))
            .push(there.width(Fill))
            .spacing(space::M)
            .into()
    };
    let head = line(String::new(), text::strong(here), text::strong(there));
    let lines = said
        .map(|(name, here, there)| line(name, text::body(known(here)), text::body(known(there))));
    Column::with_children(std::iter::once(head).chain(lines))
        .spacing(space::XS)
        .into()
}

/// The same in three lines, for a low window.
fn one_above_the_other<'a>(
    here: String,
    there: String,
    said: impl Iterator<Item = (String, String, String)>,
) -> Element<'a, Message> {
    let column = |head: text::Cell<'a>, first: text::Cell<'a>, second: text::Cell<'a>| {
        Column::new()
            .push(head)
            .push(first)
            .push(second)
            .width(Fill)
            .clip(true)
            .into()
    };
    let bold = |words| text::cell(words).font(crate::ui::font::BOLD);
    let names = column(text::cell(""), bold(here), bold(there));
    let columns = said.map(|(name, here, there)| {
        let head = text::cell(name).style(text::role(|roles| roles.text_secondary));
        column(head, text::cell(known(here)), text::cell(known(there)))
    });
    Row::with_children(std::iter::once(names).chain(columns))
        .spacing(space::S)
        .into()
}
