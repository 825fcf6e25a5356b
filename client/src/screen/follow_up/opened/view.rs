//! How an opened returnee looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, scrollable, space as gap};
use iced::{Center, Fill, Padding};
use shared::follow_up::observation::{Findings, Observation, Sign, Withdrawal};
use shared::follow_up::returnee::Returnee;

use super::super::form::Field;
use super::super::line::strip_of;
use super::super::{strip, words};
use super::{Asked, Message, Opened};
use crate::language::moment;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, card, over};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::{self, space};
use crate::ui::{Element, button, page, text};

mod question;

/// The width of one of the two columns; below twice this they stand one under the other.
const COLUMN: f32 = 480.0;

/// The returnee, and in front of them what is being asked.
pub(in super::super) fn view<'a>(opened: &'a Opened, context: &'a Context) -> Element<'a, Message> {
    let base: Element<'a, Message> = match (&opened.returnee, &opened.failure) {
        (Some(returnee), _) => whole(returnee, opened, context),
        (None, Some(failure)) => container(Element::from(failed(failure).action(
            button::primary(say!("follow_up.list.again")).on_press(Message::ReloadPressed),
        )))
        .padding(space::L)
        .into(),
        (None, None) => container(text::body(say!("follow_up.list.loading")))
            .center(Fill)
            .into(),
    };
    let front = opened.asked.as_ref().map(|asked| {
        let question = container(question::question(opened, asked, context));
        // The bar of a low window stands beside the fields and not upon them.
        card(scrollable(question.padding(Padding {
            right: space::XL,
            ..Padding::from(space::S)
        })))
    });
    over(base, front, Behind::Dimmed).into()
}

fn whole<'a>(
    returnee: &'a Returnee,
    opened: &'a Opened,
    context: &'a Context,
) -> Element<'a, Message> {
    let columns = Row::new()
        .push(details(returnee, opened))
        .push(days(returnee))
        .spacing(space::XL);
    let body = Column::new()
        .push(head(returnee, opened, context))
        .push(
            opened
                .failure
                .as_ref()
                .filter(|_| opened.asked.is_none())
                .map(|failure| Element::from(failed(failure))),
        )
        .push(gone(returnee, opened))
        .push(handed_over(returnee))
        .push(signs(returnee, opened))
        .push(columns.wrap().vertical_spacing(space::L))
        .spacing(space::M)
        .padding(space::L);
    Column::new()
        .push(scrollable(body).width(Fill).height(Fill))
        .push(page::line())
        .push(container(deeds(opened)).padding(Padding::from([space::S, space::L])))
        .into()
}

/// That there was nothing left to withdraw.
fn gone<'a>(returnee: &Returnee, opened: &Opened) -> Option<Element<'a, Message>> {
    let mut withdrawn = returnee.withdrawn.iter();
    let withdrawn = withdrawn.find(|it| Some(it.day) == opened.gone)?;
    let title = say!(
        "follow_up.opened.withdrawn_already",
        day = words::short_day(withdrawn.day),
        name = withdrawn.by.name
    );
    Some(banner(Tone::Info, title).into())
}

/// From where they came, and why.
fn handed_over<'a>(returnee: &Returnee) -> Option<Element<'a, Message>> {
    let handed = returnee.handed_over.as_ref()?;
    let title = say!(
        "follow_up.opened.handed_over",
        from = handed.from.name,
        day = words::short_day(shared::Day::in_japan(handed.at)),
        name = handed.by.name
    );
    let tone = match returnee.assignee {
        None => Tone::Warning,
        Some(_) => Tone::Info,
    };
    let reason = say!("follow_up.opened.handed_over_why", reason = handed.reason);
    Some(banner(tone, title).line(reason).into())
}

fn head<'a>(
    returnee: &'a Returnee,
    opened: &'a Opened,
    context: &'a Context,
) -> Element<'a, Message> {
    let today = context.world.today();
    let period = &returnee.period;
    let standing = match period.day_number(today) {
        Some(number) => chip(Tone::Info, say!("follow_up.opened.day", number = number)),
        None if today < period.first_day => chip(Tone::Plain, say!("follow_up.today.not_yet")),
        None => chip(Tone::Plain, say!("follow_up.today.over")),
    };
    let kana = returnee
        .details
        .kana
        .as_ref()
        .map(|kana| text::hint(kana.as_str()));
    let name = Row::new()
        .push(text::title(returnee.details.name.as_str()))
        .push(kana)
        .push(standing)
        .push(phone(opened))
        .spacing(space::M)
        .align_y(Center);
    let strip_days = strip_of(returnee, today);
    let at = usize::try_from(today.days_since(period.first_day)).ok();
    let assignee = match &returnee.assignee {
        Some(person) => say!("follow_up.opened.assignee", name = person.name),
        None => say!("follow_up.opened.unassigned"),
    };
    let facts = Row::new()
        .push(strip::strip(strip_days, at))
        .push(text::body(say!(
            "follow_up.opened.period",
            first = words::short_day(period.first_day),
            last = words::short_day(period.last_day)
        )))
        .push(text::body(assignee))
        .spacing(space::L)
        .align_y(Center);
    let changed = period.changed.as_ref().map(|change| {
        let key = if change.ended {
            "follow_up.opened.ended"
        } else {
            "follow_up.opened.extended"
        };
        text::hint(say!(key, name = change.by.name, reason = change.reason))
    });
    Column::new()
        .push(name.wrap().vertical_spacing(space::XS))
        .push(facts.wrap())
        .push(changed)
        .spacing(space::S)
        .into()
}

/// The number to call, ready to be copied into whatever dials it.
fn phone<'a>(opened: &'a Opened) -> Element<'a, Message> {
    let Some(phone) = opened.phone() else {
        return text::hint(say!("follow_up.opened.no_phone")).into();
    };
    let label = match &opened.copied {
        Some(copied) if copied == phone => say!("follow_up.opened.copied"),
        _ => say!("follow_up.opened.copy"),
    };
    let number = words::phone(phone.as_str());
    Row::new()
        .push(text::strong(say!("follow_up.record.phone", phone = number)))
        .push(button::quiet_keyed(label, "C").on_press(Message::CopyPressed))
        .align_y(Center)
        .into()
}

fn details<'a>(returnee: &'a Returnee, opened: &'a Opened) -> Element<'a, Message> {
    let named = |code: &str| {
        let mut centres = opened.centres.iter();
        let office = centres.find(|office| office.code.as_str() == code)?;
        Some(format!("{}（{code}）", office.name))
    };
    let lines = Field::ALL.into_iter().map(|field| {
        let mut value = field.write(&returnee.details);
        if field == Field::HealthCentre {
            value = named(&value).unwrap_or(value);
        }
        let value = if value.is_empty() {
            text::label(words::blank())
        } else {
            text::body(field.shown(&value))
        };
        Row::new()
            .push(text::label(field.label()).width(128))
            .push(value.width(Fill))
            .spacing(space::M)
            .into()
    });
    Column::new()
        .push(heading(say!("follow_up.opened.details")))
        .push(Column::with_children(lines).spacing(space::XS))
        .spacing(space::S)
        .width(COLUMN)
        .into()
}

/// Of one of the two columns; both are as high as what can be pressed beside one of them.
fn heading<'a>(words: String) -> Element<'a, Message> {
    container(text::section(words))
        .center_y(token::TARGET)
        .into()
}

fn days<'a>(returnee: &'a Returnee) -> Element<'a, Message> {
    let mut observations: Vec<&Observation> = returnee.observations.iter().collect();
    observations.sort_by_key(|seen| std::cmp::Reverse(seen.day));
    let none = observations.is_empty();
    let lines = observations.into_iter().map(observation);
    let is_recorded = |day| returnee.observations.iter().any(|seen| seen.day == day);
    let withdrawn = returnee.withdrawn.iter().rev();
    let withdrawn = withdrawn.map(|it| withdrawal(it, is_recorded(it.day)));
    let withdraw = button::quiet_keyed(say!("follow_up.opened.withdraw"), "Delete")
        .on_press(Message::WithdrawPressed);
    let heading = Row::new()
        .push(heading(say!("follow_up.opened.days")))
        .push(gap::horizontal())
        .push((!none).then_some(withdraw))
        .align_y(Center);
    Column::new()
        .push(heading)
        .push(none.then(|| text::body(say!("follow_up.opened.no_days"))))
        .push(Column::with_children(lines).spacing(space::S))
        .push(Column::with_children(withdrawn).spacing(space::XS))
        .spacing(space::S)
        .width(COLUMN)
        .into()
}

fn observation<'a>(seen: &'a Observation) -> Element<'a, Message> {
    let findings = &seen.findings;
    let signs = findings.signs();
    let sign = (!signs.is_empty()).then(|| chip(Tone::Urgent, say!("follow_up.today.sign")));
    let first = Row::new()
        .push(text::strong(words::short_day(seen.day)))
        .push(text::body(words::reach(findings.reach)))
        .push(
            findings
                .temperature
                .map(|temperature| text::body(format!("{temperature} ℃"))),
        )
        .push(sign)
        .push(gap::horizontal())
        .push(text::hint(seen.recorded_by.name.as_str()))
        .spacing(space::M)
        .align_y(Center);
    Column::new()
        .push(first)
        .push(
            findings
                .reach
                .reached()
                .then(|| text::hint(asked(findings))),
        )
        .push(findings.note.as_ref().map(|note| text::body(note.as_str())))
        .push(page::line())
        .spacing(space::XS)
        .into()
}

/// That a record stood here which nobody should miss, or look for with the wrong person. It is not
/// the one that stands for that day now.
fn withdrawal<'a>(withdrawn: &Withdrawal, is_recorded: bool) -> Element<'a, Message> {
    let key = match is_recorded {
        true => "follow_up.opened.withdrawn_before",
        false => "follow_up.opened.withdrawn",
    };
    text::hint(say!(
        key,
        day = words::short_day(withdrawn.day),
        name = withdrawn.by.name,
        at = moment(withdrawn.at),
        reason = withdrawn.reason
    ))
    .into()
}

fn asked(findings: &Findings) -> String {
    say!(
        "follow_up.opened.asked",
        own = words::symptoms(findings.symptoms.as_ref()),
        household = words::symptoms(findings.household.as_ref())
    )
}

fn signs<'a>(returnee: &'a Returnee, opened: &'a Opened) -> Element<'a, Message> {
    let lines = returnee.signs.iter().map(|sign: &Sign| {
        let what = say!(
            "follow_up.opened.sign",
            day = words::short_day(sign.day),
            causes = words::causes(&sign.causes)
        );
        match &sign.closed {
            None => {
                let first = opened.open_sign().is_some_and(|first| first.id == sign.id);
                let close = first.then(|| {
                    button::keyed(say!("follow_up.opened.close_sign"), "F8")
                        .on_press(Message::SignPressed)
                });
                let mut banner = banner(Tone::Urgent, what).line(say!("follow_up.record.advice"));
                if let Some(close) = close {
                    banner = banner.action(close);
                }
                banner.into()
            }
            Some(closed) => text::hint(say!(
                match sign.withdrawn {
                    true => "follow_up.opened.closed_withdrawn",
                    false => "follow_up.opened.closed",
                },
                what = what,
                name = closed.by.name,
                action = closed.action
            ))
            .into(),
        }
    });
    Column::with_children(lines).spacing(space::S).into()
}

fn deeds<'a>(opened: &'a Opened) -> Element<'a, Message> {
    let keyed = |words: &str, key: &str, message| button::keyed(say!(words), key).on_press(message);
    Row::new()
        .push(button::primary(say!("follow_up.opened.record")).on_press(Message::RecordPressed))
        .push(keyed("follow_up.opened.edit", "F3", Message::EditPressed))
        .push(keyed(
            "follow_up.opened.change_period",
            "F7",
            Message::PeriodPressed,
        ))
        .push(
            opened
                .open_sign()
                .map(|_| keyed("follow_up.opened.close_sign", "F8", Message::SignPressed)),
        )
        .push(keyed(
            "follow_up.opened.assign",
            "F9",
            Message::AssignPressed,
        ))
        .push(keyed(
            "follow_up.opened.hand_over",
            "F10",
            Message::HandOverPressed,
        ))
        .push(button::quiet(say!("follow_up.opened.back")).on_press(Message::ClosePressed))
        .spacing(space::M)
        .wrap()
        .vertical_spacing(space::S)
        .into()
}

/// The keys of an opened returnee.
pub(in super::super) fn bindings(opened: &Opened) -> Vec<Binding<Message>> {
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    match &opened.asked {
        Some(Asked::Assignee) => {
            let mut bindings = vec![
                named(
                    Named::Escape,
                    "follow_up.record.cancel",
                    Message::QuestionLeft,
                ),
                binding(
                    Shortcut::character("m"),
                    say!("follow_up.opened.mine"),
                    Message::MinePressed,
                ),
                binding(
                    Shortcut::character("n"),
                    say!("follow_up.opened.nobody"),
                    Message::NobodyPressed,
                ),
            ];
            for (nth, person) in opened.colleagues.iter().enumerate().take(9) {
                bindings.push(binding(
                    Shortcut::character(&(nth + 1).to_string()),
                    person.name.to_string(),
                    Message::Assigned(nth),
                ));
            }
            bindings
        }
        Some(_) => vec![
            named(
                Named::Escape,
                "follow_up.record.cancel",
                Message::QuestionLeft,
            ),
            binding(
                Shortcut::command_named(Named::Enter),
                say!("follow_up.key.save"),
                Message::SavePressed,
            ),
            binding(
                Shortcut::command("s"),
                say!("follow_up.key.save"),
                Message::SavePressed,
            ),
        ],
        None => vec![
            named(Named::Space, "follow_up.key.record", Message::RecordPressed),
            binding(
                Shortcut::character("c"),
                say!("follow_up.opened.copy"),
                Message::CopyPressed,
            ),
            named(Named::F3, "follow_up.opened.edit", Message::EditPressed),
            named(Named::F5, "follow_up.key.reload", Message::ReloadPressed),
            named(
                Named::F7,
                "follow_up.opened.change_period",
                Message::PeriodPressed,
            ),
            named(
                Named::F8,
                "follow_up.opened.close_sign",
                Message::SignPressed,
            ),
            named(Named::F9, "follow_up.opened.assign", Message::AssignPressed),
            named(
                Named::F10,
                "follow_up.opened.hand_over",
                Message::HandOverPressed,
            ),
            named(
                Named::Delete,
                "follow_up.opened.withdraw",
                Message::WithdrawPressed,
            ),
            named(
                Named::Escape,
                "follow_up.opened.back",
                Message::ClosePressed,
            ),
        ],
    }
}
