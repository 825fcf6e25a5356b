//! How the question looks.

use iced::widget::{Column, Row};
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{ALONE, JobKind, JobOutlook};

use super::super::words;
use super::{BACK, FIRST, Message, Order, STAY};
use crate::language::grouped;
use crate::say;
use crate::screen::failed;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::dialog::scrolling_card;
use crate::ui::field::field;
use crate::ui::token::space;
use crate::ui::{Element, button, check, text};

/// The question, in front of the offices.
pub(in super::super) fn view(order: &Order) -> Element<'_, Message> {
    let mut content = Column::new()
        .push(text::title(words::kind(order.kind)))
        .push(text::strong(order.whom.clone()))
        .spacing(space::M);
    if order.leaving {
        return scrolling_card(content.push(leaving(order)));
    }
    content = match &order.outlook {
        None => content.push(form(order)),
        Some(outlook) => content.push(last_word(order, outlook)),
    };
    if order.unsure {
        let unsure = banner(Tone::Warning, say!("issuing.order.unsure.title"));
        content = content.push(Element::from(
            unsure.line(say!("issuing.order.unsure.what")),
        ));
    }
    if let Some(failure) = &order.failure {
        content = content.push(Element::from(failed(failure)));
    }
    scrolling_card(content.push(foot(order)))
}

/// The question before what was typed is thrown away.
fn leaving(order: &Order) -> Element<'_, Message> {
    let words = match order.unsure {
        true => banner(Tone::Warning, say!("issuing.order.unsure.title"))
            .line(say!("issuing.order.unsure.leave")),
        false => banner(Tone::Warning, say!("issuing.order.leave.title"))
            .line(say!("issuing.order.leave.what")),
    };
    let stay = button::keyed(say!("issuing.order.leave.stay"), "Esc")
        .id(STAY)
        .on_press(Message::StayPressed);
    let away = button::danger(say!("issuing.order.leave.throw_away"));
    Column::new()
        .push(Element::from(words))
        .push(
            Row::new()
                .push(stay)
                .push(away.on_press(Message::ThrowAwayPressed))
                .spacing(space::M)
                .wrap(),
        )
        .spacing(space::M)
        .into()
}

fn form(order: &Order) -> Element<'_, Message> {
    let cause = (order.kind == JobKind::Reissue).then(|| {
        let causes = ReissueCause::ALL.map(|cause| (cause, words::cause(cause)));
        Column::new()
            .push(text::strong(say!("issuing.order.cause")))
            .push(check::choice(causes, order.cause, Message::CauseChosen))
            .spacing(space::XS)
    });
    let ways = Identification::ANSWERS.map(|way| (way, words::identification(way)));
    let error = order.lacking.then(|| say!("issuing.order.lacking"));
    Column::new()
        .push(
            field(say!("issuing.order.reason"), &order.reason)
                .id(FIRST)
                .hint(say!("issuing.order.reason_hint"))
                .on_input(Message::ReasonTyped)
                .on_submit(Message::CheckPressed),
        )
        .push(cause)
        .push(
            Column::new()
                .push(text::strong(say!("issuing.order.identified")))
                .push(check::choice(
                    ways,
                    order.identified,
                    Message::IdentifiedChosen,
                ))
                .spacing(space::XS),
        )
        .push(error.map(text::error))
        .spacing(space::M)
        .into()
}

fn last_word<'a>(order: &'a Order, outlook: &'a JobOutlook) -> Element<'a, Message> {
    let number = |count: u32| grouped(count.into());
    let key = format!("issuing.order.comes_to.{}", order.kind.as_str());
    let comes_to = words::said(&key)
        .replace("{fitting}", &number(outlook.fitting))
        .replace("{offices}", &number(outlook.offices));
    let mut content = Column::new()
        .push(text::section(comes_to))
        .spacing(space::S);
    for left in &outlook.left_out {
        content = content.push(text::body(say!(
            "issuing.order.left_out",
            count = number(left.offices),
            why = words::outcome(left.outcome)
        )));
    }
    if outlook.fitting == 0 {
        return content
            .push(text::body(say!("issuing.order.nobody")))
            .into();
    }
    let kills =
        order.kind == JobKind::Revoke || order.cause.is_some_and(ReissueCause::kills_at_once);
    let undone = match (order.kind, kills) {
        (_, true) => say!("issuing.order.undone.dies"),
        (JobKind::Reissue, false) => say!("issuing.order.undone.reissue"),
        _ => say!("issuing.order.undone.issue"),
    };
    let tone = if kills { Tone::Error } else { Tone::Info };
    let mut sure = banner(tone, undone);
    if kills && order.strikes_here {
        sure = sure.line(say!("issuing.order.strikes_here"));
    }
    content = content.push(Element::from(sure));
    if outlook.waits {
        let why = say!(
            "issuing.order.waits_why",
            most = ALONE,
            alone = outlook.alone
        );
        content = content.push(Element::from(
            banner(Tone::Warning, say!("issuing.order.waits")).line(why),
        ));
    }
    content.into()
}

fn foot(order: &Order) -> Element<'_, Message> {
    let back = match order.outlook {
        Some(_) => say!("issuing.order.back"),
        None => say!("issuing.order.close"),
    };
    let back = button::secondary(back)
        .id(BACK)
        .on_press_maybe((!order.busy).then_some(Message::BackPressed));
    let (words, message) = match &order.outlook {
        _ if order.busy => (say!("issuing.order.busy"), None),
        None => (say!("issuing.order.check"), Some(Message::CheckPressed)),
        Some(outlook) => (
            match outlook.waits {
                true => say!("issuing.order.ask"),
                false => say!("issuing.order.begin"),
            },
            (outlook.fitting > 0).then_some(Message::BeginPressed),
        ),
    };
    let dangerous = order.outlook.is_some() && order.kind == JobKind::Revoke;
    let go = match dangerous {
        true => button::danger(format!("{words}  Ctrl+Enter")),
        false => button::primary_keyed(words, "Ctrl+Enter"),
    };
    Row::new()
        .push(back)
        .push(go.on_press_maybe(message))
        .spacing(space::M)
        .wrap()
        .into()
}
