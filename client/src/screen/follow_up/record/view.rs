//! How recording a day looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, scrollable, space as gap, text_input};
use iced::{Center, Fill, Padding};
use shared::follow_up::observation::{Findings, Reach, Symptom, Temperature};
use shared::id::Version;

use super::super::{clash, strip, words};
use super::{Asked, Field, Group, Message, Record, Trouble};
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::field::field;
use crate::ui::framed::framed;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::theme::Theme;
use crate::ui::token::{radius, size, space};
use crate::ui::{Element, button, check, page, text};

/// The name of the temperature field, for the focus.
pub(in super::super) const TEMPERATURE: &str = "record-temperature";

/// The day under the pen.
pub(in super::super) fn view<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    let content = match &record.clash {
        Some(clash) => clash.view(
            label,
            Message::Compared,
            Message::SavePressed,
            Message::CompareLeft,
        ),
        None => entry(record, context),
    };
    let above = Column::new()
        .push(head(record, context))
        .push(content)
        .spacing(space::M)
        .padding(space::L);
    let foot = record
        .clash
        .is_none()
        .then(|| container(foot(record)).padding(Padding::from([space::S, space::L])));
    let line = foot.is_some().then(page::line);
    Column::new()
        .push(scrollable(above).height(Fill).width(Fill))
        .push(line)
        .push(foot)
        .into()
}

fn label(field: Field) -> String {
    say!(match field {
        Field::Reach => "follow_up.record.reach",
        Field::Temperature => "follow_up.record.temperature",
        Field::Own => "follow_up.record.own",
        Field::Household => "follow_up.record.household",
        Field::Note => "follow_up.record.note",
    })
}

/// Who it is and how to reach them.
fn head<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    let line = &record.line;
    let name = Row::new()
        .push(text::section(&*line.name))
        .push(text::hint(&*line.kana))
        .push(gap::horizontal())
        .push(
            line.open_sign
                .then(|| chip(Tone::Urgent, say!("follow_up.today.sign"))),
        )
        .spacing(space::M)
        .align_y(Center);
    let details = record.returnee.as_ref().map(|returnee| &returnee.details);
    let phone = match details {
        Some(details) => {
            let phone = details
                .phone
                .as_ref()
                .map_or_else(words::blank, |phone| spaced(phone.as_str()));
            let stay = details.place_of_stay.as_ref().or(details.address.as_ref());
            Row::new()
                .push(text::strong(say!("follow_up.record.phone", phone = phone)))
                .push(stay.map(|stay| text::hint(stay.as_str())))
        }
        None => Row::new().push(match &record.unseen {
            Some(failure) => text::error(failure.title()),
            None => text::hint(say!("follow_up.record.loading")),
        }),
    };
    let today = context.world.today();
    Column::new()
        .push(name)
        .push(phone.spacing(space::M).align_y(Center))
        .push(strip::strip(&*line.strip, line.day_index(today)))
        .spacing(space::XS)
        .into()
}

/// Digits in groups, as they are read out.
fn spaced(phone: &str) -> String {
    match phone.len() {
        11 if phone.starts_with('0') => {
            format!("{}-{}-{}", &phone[..3], &phone[3..7], &phone[7..])
        }
        _ => phone.to_owned(),
    }
}

fn entry<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    let entry = Column::new()
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
        .spacing(space::M);
    Column::new()
        .push(page::slot(record.trouble.as_ref().and_then(trouble)))
        .push(entry)
        .into()
}

fn trouble<'a>(trouble: &'a Trouble) -> Option<Element<'a, Message>> {
    match trouble {
        Trouble::Failed(failure) => {
            let again =
                button::secondary(say!("follow_up.record.again")).on_press(Message::SavePressed);
            let banner = failed(failure).action(again);
            // What a cut line means for the input is said by its own advice.
            let kept = failure.problem().map(|_| say!("follow_up.record.kept"));
            Some(match kept {
                Some(kept) => banner.line(kept).into(),
                None => banner.into(),
            })
        }
        Trouble::Nothing => Some(
            banner(Tone::Warning, say!("follow_up.record.nothing"))
                .line(say!("follow_up.record.nothing_what"))
                .into(),
        ),
        Trouble::NotBegun => Some(
            banner(Tone::Warning, say!("follow_up.record.not_begun"))
                .line(say!("follow_up.record.not_begun_what"))
                .into(),
        ),
        Trouble::NotReachedAndSeen => Some(
            banner(Tone::Warning, say!("follow_up.record.contrary"))
                .line(say!("follow_up.record.contrary_what"))
                .into(),
        ),
        Trouble::Refused(_) => None,
    }
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
        .push(record.stored().map(|seen| {
            text::hint(say!(
                "follow_up.record.recorded_by",
                name = seen.recorded_by.name
            ))
        }))
        .push(
            (record.returnee.is_none() && record.line.today_version > Version(0))
                .then(|| text::hint(say!("follow_up.record.stored_before"))),
        )
        .spacing(space::S)
        .align_y(Center)
        .into()
}

fn temperature<'a>(record: &'a Record) -> Element<'a, Message> {
    let typed = record
        .typed
        .get(&record.day)
        .and_then(|typed| typed.temperature.as_deref());
    let stored = record.stored().and_then(|seen| seen.findings.temperature);
    let wrong = match &record.trouble {
        Some(Trouble::Refused(refused)) if record.temperature().is_err() => {
            Some(refused.sentence(crate::language::spoken()))
        }
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
    let below = match (wrong, record.temperature()) {
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
    let typed = record.typed.get(&record.day).and_then(|typed| typed.reach);
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
                .vertical_spacing(space::S),
        )
        .spacing(space::S)
        .width(Fill)
        .into()
}

/// What is turned on for a group: what was typed, else what is stored.
fn asked(record: &Record, group: Group) -> Option<Asked> {
    let typed = record.typed.get(&record.day);
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
        .typed
        .get(&record.day)
        .and_then(|typed| match group {
            Group::Own => typed.own.as_ref(),
            Group::Household => typed.household.as_ref(),
        })
        .filter(|asked| asked.present.contains(&Symptom::Other))
        .map(|asked| {
            field(say!("follow_up.record.other"), &asked.other)
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
        .push(toggles.wrap().vertical_spacing(space::S))
        .push(other)
        .spacing(space::XS)
        .into()
}

fn note<'a>(record: &'a Record) -> Element<'a, Message> {
    let typed = record
        .typed
        .get(&record.day)
        .and_then(|typed| typed.note.as_deref());
    let stored = record
        .stored()
        .and_then(|seen| seen.findings.note.as_ref())
        .map(|note| note.as_str());
    field(
        say!("follow_up.record.note"),
        typed.or(stored).unwrap_or_default(),
    )
    .on_input(Message::NoteTyped)
    .on_submit(Message::SavePressed)
    .into()
}

/// What will be saved, before it is saved; what is to be done about a sign; the two ways out.
fn foot<'a>(record: &'a Record) -> Element<'a, Message> {
    let found = record.findings().ok().filter(|_| !record.is_untouched());
    let what = match &found {
        Some(findings) => summary(findings),
        None => text::hint(say!("follow_up.record.how")).into(),
    };
    let sign = found
        .as_ref()
        .map(Findings::signs)
        .filter(|signs| !signs.is_empty());
    let sign = sign.map(|signs| {
        banner(
            Tone::Urgent,
            say!("follow_up.record.sign", causes = words::causes(&signs)),
        )
        .line(say!("follow_up.record.advice"))
    });
    let end = Row::new()
        .push(button::primary(say!("follow_up.record.save")).on_press(Message::SavePressed))
        .push(button::quiet(say!("follow_up.record.cancel")).on_press(Message::CancelPressed))
        .push(
            record
                .save_once_seen
                .then(|| text::hint(say!("follow_up.record.waiting"))),
        )
        .spacing(space::M)
        .align_y(Center);
    Column::new()
        .push(sign)
        .push(what)
        .push(end)
        .spacing(space::S)
        .into()
}

fn summary<'a>(findings: &Findings) -> Element<'a, Message> {
    let part = |name: String, value: String| {
        Row::new()
            .push(text::hint(name))
            .push(
                text::strong(value).style(|theme: &Theme| iced::widget::text::Style {
                    color: Some(theme.roles.text),
                }),
            )
            .spacing(space::XS)
            .align_y(Center)
    };
    let mut row = Row::new()
        .push(text::hint(say!("follow_up.record.will_save")))
        .push(part(
            say!("follow_up.record.reach"),
            words::reach(findings.reach),
        ));
    if findings.reach.reached() {
        let temperature = findings.temperature.map_or_else(
            || say!("follow_up.record.not_taken"),
            |temperature| format!("{temperature} ℃"),
        );
        row = row
            .push(part(say!("follow_up.record.temperature"), temperature))
            .push(part(
                say!("follow_up.record.own"),
                words::symptoms(findings.symptoms.as_ref()),
            ))
            .push(part(
                say!("follow_up.record.household"),
                words::symptoms(findings.household.as_ref()),
            ));
    }
    row.spacing(space::M).align_y(Center).wrap().into()
}

/// The keys while a day is recorded.
pub(in super::super) fn bindings(record: &Record) -> Vec<Binding<Message>> {
    if record.clash.is_some() {
        return clash::bindings(
            Message::Compared,
            Message::SavePressed,
            Message::CompareLeft,
        );
    }
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    let mut bindings = vec![
        named(Named::Enter, "follow_up.record.save", Message::SavePressed),
        binding(
            Shortcut::command("s"),
            say!("follow_up.record.save"),
            Message::SavePressed,
        ),
        binding(
            Shortcut::command_named(Named::Enter),
            say!("follow_up.record.save"),
            Message::SavePressed,
        ),
        named(
            Named::Escape,
            "follow_up.record.cancel",
            Message::CancelPressed,
        ),
        binding(
            Shortcut::character("+"),
            say!("follow_up.record.arm"),
            Message::NextGroup,
        ),
        binding(
            Shortcut::character(";"),
            say!("follow_up.record.arm"),
            Message::NextGroup,
        ),
        binding(
            Shortcut::command_named(Named::ArrowLeft),
            say!("follow_up.record.day_before"),
            Message::DayBefore,
        ),
        binding(
            Shortcut::command_named(Named::ArrowRight),
            say!("follow_up.record.day_after"),
            Message::DayAfter,
        ),
        named(
            Named::ArrowLeft,
            "follow_up.record.day_before",
            Message::DayBefore,
        ),
        named(
            Named::ArrowRight,
            "follow_up.record.day_after",
            Message::DayAfter,
        ),
    ];
    for way in Reach::ALL {
        let key = words::reach_key(way).to_string();
        bindings.push(binding(
            Shortcut::character(&key),
            words::reach(way),
            Message::ReachChosen(way),
        ));
    }
    bindings.push(binding(
        Shortcut::character("0"),
        say!("follow_up.symptom.none"),
        Message::Digit(0),
    ));
    for (nth, symptom) in Symptom::ALL.into_iter().enumerate() {
        let digit = u8::try_from(nth + 1).expect("there are seven symptoms");
        bindings.push(binding(
            Shortcut::character(&digit.to_string()),
            words::symptom(symptom),
            Message::Digit(digit),
        ));
    }
    bindings
}
