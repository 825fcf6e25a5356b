//! How recording a day looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, scrollable, space as gap};
use iced::{Center, Fill, Padding};
use shared::follow_up::observation::{Findings, Reach, Symptom};

use super::super::{clash, words};
use super::{Field, Message, Record, Trouble};
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::theme::Theme;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

mod entry;

/// The name of the temperature field, for the focus.
pub(in super::super) const TEMPERATURE: &str = "record-temperature";

/// The name of what scrolls.
pub(super) const ENTRY: &str = "record-entry";
/// The name of the note, for the focus.
pub(super) const NOTE: &str = "record-note";

/// The day under the pen.
pub(in super::super) fn view<'a>(record: &'a Record, context: &'a Context) -> Element<'a, Message> {
    let content = match &record.comparison {
        Some(both) => both.clash.view(
            label,
            Message::Compared,
            Message::SavePressed,
            Message::CompareLeft,
        ),
        None => entry::entry(record, context),
    };
    let above = container(content).padding(Padding::new(space::L).top(space::S));
    // Whose day it is and what is wrong with it stay in view, whatever is scrolled below.
    let head = container(head(record)).padding(Padding::new(space::L).bottom(space::S));
    let trouble = record.trouble.as_ref().and_then(trouble).map(|trouble| {
        let trouble = container(trouble).padding(Padding::new(space::L).top(space::S).bottom(0.0));
        trouble.into()
    });
    let foot = record
        .comparison
        .is_none()
        .then(|| container(foot(record)).padding(Padding::from([space::S, space::L])));
    let line = foot.is_some().then(page::line);
    Column::new()
        .push(head)
        .push(page::line())
        .push(page::slot(trouble))
        .push(scrollable(above).id(ENTRY).height(Fill).width(Fill))
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

/// Who it is and how to reach them; the number is known from the list already.
fn head<'a>(record: &'a Record) -> Element<'a, Message> {
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
    let phone = match &*line.phone {
        "" => words::blank(),
        phone => words::phone(phone),
    };
    let where_else: Option<Element<'a, Message>> = match (details, &record.unseen) {
        (Some(details), _) => {
            let stay = details.place_of_stay.as_ref().or(details.address.as_ref());
            stay.map(|stay| text::hint(stay.as_str()).into())
        }
        (None, Some(failure)) => Some(text::error(failure.title()).into()),
        (None, None) => Some(text::hint(say!("follow_up.record.loading")).into()),
    };
    let phone = Row::new()
        .push(text::strong(say!("follow_up.record.phone", phone = phone)))
        .push(where_else);
    Column::new()
        .push(name)
        .push(phone.spacing(space::M).align_y(Center))
        .spacing(space::XS)
        .into()
}

/// What is wrong, kept low; what is to be done about it stands below, on the button that saves.
fn trouble<'a>(trouble: &'a Trouble) -> Option<Element<'a, Message>> {
    let lacking = |title: String, what: String| banner(Tone::Warning, title).line(what);
    let banner = match trouble {
        Trouble::Failed(failure) => {
            // What a cut line means for the input is said by its own advice.
            let kept = failure.problem().map(|_| say!("follow_up.record.kept"));
            kept.into_iter()
                .fold(failed(failure), |banner, kept| banner.line(kept))
        }
        Trouble::Nothing => lacking(
            say!("follow_up.record.nothing"),
            say!("follow_up.record.nothing_what"),
        ),
        Trouble::NotBegun => lacking(
            say!("follow_up.record.not_begun"),
            say!("follow_up.record.not_begun_what"),
        ),
        Trouble::NotReachedAndSeen => lacking(
            say!("follow_up.record.contrary"),
            say!("follow_up.record.contrary_what"),
        ),
        Trouble::Withdrawn { by, reason } => lacking(
            say!("follow_up.record.withdrawn", name = by),
            say!("follow_up.record.withdrawn_what", reason = reason),
        ),
        Trouble::Refused(_) => return None,
    };
    Some(banner.slim().into())
}

/// What is to be done about a sign; the two ways out; what will be saved, before it is saved. It is
/// kept low: every line of it is one less of what is typed.
fn foot<'a>(record: &'a Record) -> Element<'a, Message> {
    let found = record.findings().ok().filter(|_| !record.is_untouched());
    let what = match &found {
        _ if record.save_once_seen => text::hint(say!("follow_up.record.waiting")).into(),
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
        .slim()
    });
    let end = Row::new()
        .push(button::primary(say!("follow_up.record.save")).on_press(Message::SavePressed))
        .push(button::quiet(say!("follow_up.record.cancel")).on_press(Message::CancelPressed))
        .push(throw(record).map(|words| button::quiet(words).on_press(Message::ThrowPressed)))
        .push(container(what).width(Fill))
        .spacing(space::M)
        .align_y(Center);
    Column::new().push(sign).push(end).spacing(space::S).into()
}

/// What is said of throwing away what was typed, or of bringing it back; nothing where there is
/// neither.
fn throw(record: &Record) -> Option<String> {
    if !record.is_untouched() {
        Some(say!("follow_up.record.throw"))
    } else if record.has_thrown() {
        Some(say!("follow_up.record.take_back"))
    } else {
        None
    }
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
    row.spacing(space::M)
        .align_y(Center)
        .wrap()
        .vertical_spacing(0)
        .into()
}

/// The keys while a day is recorded.
pub(in super::super) fn bindings(record: &Record) -> Vec<Binding<Message>> {
    if record.comparison.is_some() {
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
        named(Named::F7, "follow_up.record.note_key", Message::NotePressed),
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
    bindings.extend(
        throw(record)
            .map(|words| binding(Shortcut::named(Named::F8), words, Message::ThrowPressed)),
    );
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
