//! How the office's view looks.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill};
use shared::Day;
use shared::day::days_left;
use shared::enrolment::standing::LinkState;
use shared::enrolment::timeline::TimelineEntry;

use super::words;
use super::{ANSWER, Message, OfficeScreen, Renewal};
use crate::language::{self, moment};
use crate::say;
use crate::screen::helpdesk;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, over};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, page, text};

pub(super) fn screen<'a>(screen: &'a OfficeScreen, context: &'a Context) -> Element<'a, Message> {
    let head = Row::new()
        .push(container(text::title(say!("office.title"))).width(Fill))
        .push(
            button::keyed(say!("office.reload"), "F5")
                .on_press_maybe((screen.waiting == 0).then_some(Message::ReloadPressed)),
        )
        .align_y(Center);
    let mut content: Vec<Element<'a, Message>> = vec![head.into()];
    if let Some(failure) = &screen.failure {
        content.push(failed(failure).into());
    }
    content.extend(warning(screen, context));
    content.push(certificate(screen, context));
    content.push(enrolment(screen));
    content.push(helpdesk::card(
        &context.world,
        screen.facts(context),
        screen.copied,
        Message::CopyPressed,
    ));
    content.push(timeline(screen));
    content.push(end());
    let question = match (&screen.leaving, &screen.renewal) {
        (Some(leaving), _) => Some(leaving.view(context).map(Message::Leaving)),
        (None, Renewal::Asked) => Some(ask_to_renew()),
        (None, Renewal::Working { .. }) => Some(renewing()),
        (None, _) => None,
    };
    over(page::form(content), question, Behind::Dimmed).into()
}

/// The width of a moment.
const WHEN: f32 = 160.0;

/// A certificate that did not renew itself, or could not be renewed by hand.
fn warning<'a>(screen: &OfficeScreen, context: &Context) -> Option<Element<'a, Message>> {
    if let Renewal::Failed(obstacle) = &screen.renewal {
        let said = banner(Tone::Error, say!("office.renew.failed"))
            .line(obstacle.title())
            .line(obstacle.advice())
            .line(say!("failure.code", code = obstacle.code()));
        return Some(said.action(renew_button()).into());
    }
    if let Renewal::NotDue = screen.renewal {
        return Some(banner(Tone::Info, say!("office.renew.not_due")).into());
    }
    let days = days_left(context.world.now(), context.terminal.expires_at);
    let (tone, words) = match days {
        0 => (Tone::Error, say!("office.warning.over")),
        1..=7 => (Tone::Error, say!("office.warning.days", days = days)),
        8..=30 => (Tone::Urgent, say!("office.warning.days", days = days)),
        31..=60 => (Tone::Warning, say!("office.warning.days", days = days)),
        _ => return None,
    };
    let what = match days {
        ..=7 => say!("office.warning.now"),
        8..=30 => say!("office.warning.soon"),
        _ => say!("office.warning.early"),
    };
    Some(banner(tone, words).line(what).action(renew_button()).into())
}

fn renew_button<'a>() -> Element<'a, Message> {
    button::secondary(say!("office.renew.button"))
        .on_press(Message::RenewPressed)
        .into()
}

fn fact<'a>(name: String, value: String) -> Row<'a, Message, crate::ui::theme::Theme> {
    Row::new()
        .push(text::label(name).width(iced::FillPortion(1)))
        .push(text::body(value).width(iced::FillPortion(3)))
        .spacing(space::M)
}

fn certificate<'a>(screen: &OfficeScreen, context: &Context) -> Element<'a, Message> {
    let terminal = &context.terminal;
    let (now, expires) = (context.world.now(), Day::in_japan(terminal.expires_at));
    let days = days_left(now, terminal.expires_at);
    let until = say!(
        "office.until",
        day = language::long_day(expires),
        days = days
    );
    let mut column = Column::new()
        .push(text::section(say!("office.certificate")))
        .push(fact(
            say!("helpdesk.office"),
            format!("{} ({})", terminal.office_name, terminal.office),
        ))
        .push(fact(
            say!("helpdesk.terminal"),
            terminal.terminal.to_string(),
        ))
        .push(fact(say!("helpdesk.serial"), terminal.serial.to_string()))
        .push(fact(say!("helpdesk.expires"), until))
        .spacing(space::S);
    let own = screen.own(context);
    let origin = screen.origin(context).map(|origin| origin.sentence());
    let issued = own.map(|own| say!("office.origin.issued", when = moment(own.issued_at)));
    if let Some(words) = origin.or(issued) {
        column = column.push(fact(say!("office.origin.name"), words));
    }
    if let Some(seen) = own.and_then(|own| own.seen_at) {
        column = column.push(fact(say!("office.seen"), moment(seen)));
    }
    let other = screen
        .enrolment
        .as_ref()
        .and_then(|it| it.certificate.as_ref());
    if own.is_none()
        && let Some(other) = other
    {
        let words = say!("office.another", serial = other.serial);
        column = column.push(banner(Tone::Info, words));
    }
    column = match screen.is_due(context) {
        true => column.push(Row::new().push(renew_button())),
        false => column.push(text::hint(say!("office.renews_itself"))),
    };
    page::card(column)
}

/// How the office's enrolment stands, and its link.
fn enrolment<'a>(screen: &'a OfficeScreen) -> Element<'a, Message> {
    let column = Column::new()
        .push(text::section(say!("office.enrolment")))
        .spacing(space::S);
    let Some(enrolment) = &screen.enrolment else {
        let words = match screen.waiting {
            0 => say!("office.not_loaded"),
            _ => say!("office.loading"),
        };
        return page::card(column.push(text::body(words)));
    };
    let (tone, words) = words::standing(enrolment.standing);
    let link = match &enrolment.link {
        Some(link) => words::link(link),
        None => say!("office.link.none"),
    };
    let issued = enrolment
        .link
        .as_ref()
        .map(|link| fact(say!("office.link.issued"), moment(link.issued_at)));
    let wrong = enrolment
        .link
        .as_ref()
        .filter(|link| link.state == LinkState::Open && link.wrong_passwords > 0)
        .map(|link| say!("office.link.wrong", count = link.wrong_passwords));
    let refusals = enrolment.refusals.iter().map(|refusal| {
        let problem = shared::Problem::new(refusal.code).document(language::spoken());
        let words = format!("{} [{}]", problem.title, refusal.code.as_str());
        fact(moment(refusal.last_at), words).into()
    });
    let refusals = (!enrolment.refusals.is_empty()).then(|| {
        Column::new()
            .push(text::strong(say!("office.refusals")))
            .push(Column::with_children(refusals).spacing(space::XS))
            .spacing(space::XS)
    });
    page::card(
        column
            .push(Row::new().push(chip(tone, words)))
            .push(fact(say!("office.link.name"), link))
            .push(issued)
            .push(wrong.map(text::hint))
            .push(refusals),
    )
}

fn timeline<'a>(screen: &'a OfficeScreen) -> Element<'a, Message> {
    let mut column = Column::new()
        .push(text::section(say!("office.timeline")))
        .spacing(space::S);
    if screen.timeline.is_empty() {
        let words = match (screen.waiting, &screen.failure) {
            (0, None) => say!("office.timeline_empty"),
            (0, Some(_)) => say!("office.not_loaded"),
            _ => say!("office.loading"),
        };
        return page::card(column.push(text::body(words)));
    }
    for entry in &screen.timeline {
        column = column.push(happened(entry));
    }
    let more = screen.next.is_some().then(|| {
        Row::new().push(button::secondary(say!("office.more")).on_press(Message::MorePressed))
    });
    page::card(column.push(more))
}

/// One entry: when, what, who, why.
fn happened<'a>(entry: &TimelineEntry) -> Element<'a, Message> {
    let what = Column::new()
        .push(text::body(words::what(entry.event)))
        .push(Column::with_children(
            words::why(entry)
                .into_iter()
                .map(|why| text::hint(why).into()),
        ))
        .width(iced::FillPortion(4));
    Row::new()
        .push(text::label(moment(entry.at)).width(WHEN))
        .push(what)
        .push(text::label(words::who(&entry.by)).width(iced::FillPortion(3)))
        .spacing(space::M)
        .into()
}

/// The end of this terminal.
fn end<'a>() -> Element<'a, Message> {
    page::card(
        Column::new()
            .push(text::section(say!("office.leave.title")))
            .push(text::body(say!("office.leave.what")))
            .push(
                Row::new().push(
                    button::danger(say!("office.leave.button")).on_press(Message::LeavePressed),
                ),
            )
            .spacing(space::S),
    )
}

fn ask_to_renew<'a>() -> Element<'a, Message> {
    dialog::scrolling_card(
        Column::new()
            .push(text::title(say!("office.renew.ask")))
            .push(text::body(say!("office.renew.ask_what")))
            .push(
                Row::new()
                    .push(
                        button::primary(say!("office.renew.button"))
                            .id(ANSWER)
                            .on_press(Message::RenewConfirmed),
                    )
                    .push(
                        button::secondary(say!("office.renew.leave")).on_press(Message::RenewLeft),
                    )
                    .spacing(space::M)
                    .wrap(),
            )
            .spacing(space::L),
    )
}

fn renewing<'a>() -> Element<'a, Message> {
    dialog::scrolling_card(
        Column::new()
            .push(text::title(say!("frame.renewing")))
            .push(text::body(say!("enrolment.keyring_may_ask")))
            .push(
                Row::new().push(
                    button::secondary(say!("office.renew.leave")).on_press(Message::RenewLeft),
                ),
            )
            .spacing(space::L),
    )
}
