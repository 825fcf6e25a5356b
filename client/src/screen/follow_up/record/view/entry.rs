//! What is entered of a day: which day, temperature, reach, symptoms, note.

use iced::widget::{Column, Row, text_input};
use iced::{Center, Fill, Padding};
use shared::follow_up::observation::{Reach, Symptom, Temperature};
use shared::id::Version;
use shared::text::{Line, Refused, Remark};

use super::super::super::{strip, words};
use super::super::pen::Asked;
use super::super::{Group, Message, Record, Trouble};
use super::{NOTE, TEMPERATURE};
use crate::language::spoken;
use crate::say;
use crate::screen::Context;
use crate::ui::area::area;
use crate::ui::chip::{Tone, chip};
use crate::ui::field::field;
use crate::ui::framed::framed;
use crate::ui::token::{radius, size, space};
use crate::ui::{Element, button, check, text};

/// The fields of the day.
pub(super) fn entry<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    Column::new()
        .push(days(record, context))
        .push(
            Row::new()
                .push(temperature(record))
                .push(reach(record))
                .spacing(space::L),
        )
        .push(symptoms(record, Group::Own))
        .push(symptoms(record, Group::Household))
        .push(note(record))
        .spacing(space::S)
        .into()
}

fn days<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    let today = context.world.today();
    let (first, last) = (record.line.first_day, record.line.last_day.min(today));
    let number = record.day.days_since(first) + 1;
    let name = match today.days_since(record.day) {
        0 => say!("follow_up.record.today"),
        1 => say!("follow_up.record.yesterday"),
        days => say!("follow_up.record.days_ago", days = days),
    };
    let before = (record.day > first).then_some(Message::DayBefore);
    let after = (record.day < last).then_some(Message::DayAfter);
    let which = Column::new()
        .push(text::strong(format!(
            "{}  {name}",
            words::short_day(record.day)
        )))
        .push(text::hint(say!(
            "follow_up.record.day_of",
            number = number,
            last = words::short_day(record.line.last_day)
        )));
    Row::new()
        .push(button::quiet(say!("follow_up.record.day_before")).on_press_maybe(before))
        .push(which.align_x(Center).width(150))
        .push(button::quiet(say!("follow_up.record.day_after")).on_press_maybe(after))
        .push(strip::strip(
            &*record.line.strip,
            record.line.day_index(today),
        ))
        .push(standing(record))
        .push(
            (record.returnee.is_none() && record.line.today_version > Version(0))
                .then(|| text::hint(say!("follow_up.record.stored_before"))),
        )
        .spacing(space::S)
        .align_y(Center)
        .wrap()
        .vertical_spacing(space::XS)
        .into()
}

/// Who recorded the day in view; a warning where somebody did so since it was typed over.
fn standing<'a>(record: &'a Record) -> Option<Element<'a, Message>> {
    if let Some(person) = record.clashes_with() {
        let words = say!("follow_up.record.clashes_with", name = person.name);
        return Some(chip(Tone::Warning, words));
    }
    let seen = record.stored()?;
    let words = say!("follow_up.record.recorded_by", name = seen.recorded_by.name);
    Some(text::hint(words).into())
}

fn temperature<'a>(record: &'a Record) -> Element<'a, Message> {
    let typed = record
        .typed()
        .and_then(|typed| typed.temperature.as_deref());
    let read = record
        .pen()
        .temperature(record.stored().map(|seen| &seen.findings));
    let stored = record.stored().and_then(|seen| seen.findings.temperature);
    let wrong = match &record.trouble {
        Some(Trouble::Refused(refused)) if read.is_err() => Some(refused.sentence(spoken())),
        _ => None,
    };
    let example = stored.map_or_else(
        || "365".to_owned(),
        |stored: Temperature| stored.to_string(),
    );
    let input = text_input(&example, typed.unwrap_or_default())
        .id(TEMPERATURE)
        .on_input(Message::TemperatureTyped)
        .on_submit(Message::SavePressed)
        .size(size::SECTION)
        .padding(Padding::from([7.0, space::M]))
        .width(96);
    let below = match (wrong, read) {
        (Some(wrong), _) => text::error(wrong),
        (None, Ok(Some(read))) => {
            let words = text::strong(format!("{read} ℃"));
            if read.is_sign() {
                words.style(text::role(|roles| roles.error_text))
            } else {
                words
            }
        }
        _ => text::hint(say!("follow_up.record.temperature_hint")),
    };
    Column::new()
        .push(text::strong(say!("follow_up.record.temperature")))
        .push(
            Row::new()
                .push(framed(input, radius::CONTROL))
                .push(text::body("℃"))
                .spacing(space::S)
                .align_y(Center),
        )
        .push(below)
        .spacing(space::S)
        .width(150)
        .into()
}

fn reach<'a>(record: &'a Record) -> Element<'a, Message> {
    let typed = record.typed().and_then(|typed| typed.reach);
    let on = typed.or(record.stored().map(|seen| seen.findings.reach));
    let ways = Reach::ALL.into_iter().map(|way| {
        let words = format!(
            "{} {}",
            words::reach_key(way).to_ascii_uppercase(),
            words::reach(way)
        );
        check::toggle(words, on == Some(way), Message::ReachChosen(way)).into()
    });
    Column::new()
        .push(text::strong(say!("follow_up.record.reach")))
        .push(
            Row::with_children(ways)
                .spacing(space::S)
                .wrap()
                .vertical_spacing(space::XS),
        )
        .spacing(space::S)
        .width(Fill)
        .into()
}

/// What is turned on for a group: what was typed, else what is stored.
fn asked(record: &Record, group: Group) -> Option<Asked> {
    let typed = record.typed();
    let stored = record.stored().map(|seen| &seen.findings);
    let (typed, stored) = match group {
        Group::Own => (
            typed.and_then(|typed| typed.own.clone()),
            stored.and_then(|stored| stored.symptoms.as_ref()),
        ),
        Group::Household => (
            typed.and_then(|typed| typed.household.clone()),
            stored.and_then(|stored| stored.household.as_ref()),
        ),
    };
    typed.or(stored.map(Asked::of))
}

fn symptoms<'a>(record: &'a Record, group: Group) -> Element<'a, Message> {
    let asked = asked(record, group);
    let name = match group {
        Group::Own => say!("follow_up.record.own"),
        Group::Household => say!("follow_up.record.household"),
    };
    let armed = record.armed == Some(group);
    let digits = |nth: usize, words: String| {
        if armed {
            format!("{nth} {words}")
        } else {
            words
        }
    };
    let none = asked
        .as_ref()
        .is_some_and(|asked| *asked == Asked::default());
    let mut toggles = Row::new().spacing(space::S).push(check::toggle(
        digits(0, say!("follow_up.symptom.none")),
        none,
        Message::NoneChosen(group),
    ));
    for (nth, symptom) in Symptom::ALL.into_iter().enumerate() {
        let on = asked
            .as_ref()
            .is_some_and(|asked| asked.present.contains(&symptom));
        toggles = toggles.push(check::toggle(
            digits(nth + 1, words::symptom(symptom)),
            on,
            Message::Turned(group, symptom),
        ));
    }
    let other = record
        .typed()
        .and_then(|typed| match group {
            Group::Own => typed.own.as_ref(),
            Group::Household => typed.household.as_ref(),
        })
        .filter(|asked| asked.present.contains(&Symptom::Other))
        .map(|asked| {
            let wrong = refused(record)
                .and(Line::parse(&asked.other).err())
                .filter(|_| !asked.other.trim().is_empty());
            field(say!("follow_up.record.other"), &asked.other)
                .error(wrong.map(|wrong| wrong.sentence(spoken())))
                .on_input(move |other| Message::OtherTyped(group, other))
                .on_submit(Message::SavePressed)
        });
    let marker = match (record.armed, group) {
        _ if armed => Some("follow_up.record.armed"),
        (Some(_), _) => Some("follow_up.record.arm_here"),
        (None, Group::Own) => Some("follow_up.record.arm"),
        (None, Group::Household) => None,
    };
    let marker = marker.map(|key| text::hint(say!(key)));
    Column::new()
        .push(
            Row::new()
                .push(text::strong(name))
                .push(marker)
                .spacing(space::M)
                .align_y(Center),
        )
        .push(toggles.wrap().vertical_spacing(space::XS))
        .push(other)
        .spacing(space::XS)
        .into()
}

/// What a field's type refused as the day was to be saved.
fn refused(record: &Record) -> Option<Refused> {
    match record.trouble {
        Some(Trouble::Refused(refused)) => Some(refused),
        _ => None,
    }
}

fn note<'a>(record: &'a Record) -> Element<'a, Message> {
    let typed = record.typed().and_then(|typed| typed.note.as_deref());
    let wrong = typed.filter(|note| !note.trim().is_empty());
    let wrong = refused(record)
        .and(wrong)
        .and_then(|note| Remark::parse(note).err());
    area(
        say!("follow_up.record.note_key"),
        &record.note,
        Message::NoteEdited,
    )
    .id(NOTE)
    .error(wrong.map(|wrong| wrong.sentence(spoken())))
    .into()
}
