//! How an office's page looks.

use iced::widget::{Column, Row, container, responsive, scrollable};
use iced::{Center, Fill};
use shared::Day;
use shared::enrolment::advice::Advice;
use shared::enrolment::desk::Enrolment;
use shared::enrolment::standing::CertificateState;
use shared::mail::PasswordWay;

use super::super::deed::Kind;
use super::super::{Message as Outer, waiting, words};
use super::{Message, Page, facts, history};
use crate::language;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, over};
use crate::ui::table::BAR;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// From this width on the cards stand side by side.
const TWO: f32 = 760.0;

/// The page, and what is asked in front of it.
pub(in super::super) fn view<'a>(state: &'a Page, context: &'a Context) -> Element<'a, Outer> {
    let base = Column::new()
        .push(bar(state))
        .push(container(body(state, context)).height(Fill))
        .height(Fill);
    let front = match (&state.read_out, &state.deed) {
        (Some(shown), _) => Some(shown.view(
            context.world.now(),
            say!("desk.read_out.title"),
            text::body(say!("desk.read_out.how")).into(),
            Message::HidePressed,
        )),
        (None, Some(deed)) => {
            let may = state.possible().contains(&deed.kind());
            let seen = state.enrolment.as_deref();
            Some(deed.view(seen, may).map(Message::Deed))
        }
        (None, None) => None,
    };
    over(base, front.map(|it| it.map(Outer::Page)), Behind::Dimmed).into()
}

fn bar<'a>(state: &'a Page) -> Element<'a, Outer> {
    let reload = (!state.loading).then_some(Outer::Page(Message::ReloadPressed));
    let buttons = Row::new()
        .push(button::keyed(say!("desk.page.back"), "Esc").on_press(Outer::BackPressed))
        .push(button::keyed(say!("desk.page.next_caller"), "/").on_press(Outer::SearchPressed))
        .push(button::keyed(say!("desk.page.reload"), "F5").on_press_maybe(reload))
        .push(state.loading.then(|| text::hint(say!("desk.page.loading"))))
        .spacing(space::S)
        .align_y(Center);
    container(buttons.wrap())
        .padding([space::S, space::L])
        .into()
}

fn body<'a>(state: &'a Page, context: &'a Context) -> Element<'a, Outer> {
    let Some(enrolment) = &state.enrolment else {
        let content: Element<'a, Outer> = match &state.failure {
            Some(failure) => trouble(failure),
            None => text::body(say!("desk.page.loading")).into(),
        };
        return container(content).center(Fill).padding(space::L).into();
    };
    responsive(move |size| {
        let content = content(state, enrolment, context, size.width >= TWO);
        let padding = iced::Padding::from([space::S, space::L]).right(space::L + BAR);
        scrollable(container(content).padding(padding)).into()
    })
    .into()
}

fn trouble<'a>(failure: &crate::api::Failure) -> Element<'a, Outer> {
    let again =
        button::keyed(say!("desk.page.reload"), "F5").on_press(Outer::Page(Message::ReloadPressed));
    failed(failure).action(again).into()
}

fn content<'a>(
    state: &'a Page,
    seen: &'a Enrolment,
    context: &'a Context,
    wide: bool,
) -> Element<'a, Outer> {
    let now = context.world.now();
    // What went wrong comes before what went well.
    let told: Option<Element<'a, Message>> = match (&state.failure, &state.requested, state.done) {
        (Some(failure), _, _) => Some(failed(failure).line(say!("desk.page.stale")).into()),
        (None, Some(taken), _) => {
            let banner = banner(Tone::Warning, taken.title()).line(taken.advice());
            Some(banner.into())
        }
        (None, None, Some(kind)) => Some(done(kind, seen)),
        (None, None, None) => None,
    };
    let sentence = match seen.advice {
        Advice::UseNewLink if is_stopped(seen) => say!("desk.page.use_new_link_alone"),
        // That it would be sent anew must not stand below the word that nothing can be sent.
        Advice::UseLink if seen.contact.mail.is_none() => say!("desk.page.use_link_of_mail"),
        advice => advice.sentence(language::spoken()),
    };
    let tone = if seen.open { Tone::Info } else { Tone::Warning };
    let advice = banner(tone, say!("desk.page.advice", sentence = sentence));
    let asked = seen.asked.as_ref().map(|asked| {
        let since = words::moment(asked.since);
        let banner = banner(Tone::Warning, say!("desk.page.asked", since = since));
        // Without an address there is no key for it; that is said below.
        match seen.contact.mail {
            Some(_) => banner.line(say!("desk.page.asked_how", serial = asked.serial)),
            None => banner,
        }
    });
    // Why what would send a link is not offered, unless the advice says it.
    let lacks_mail = Kind::ALL.iter().any(|kind| kind.lacks_mail(seen, now));
    let is_advised = seen.advice == Advice::RegisterContact;
    let no_mail = (lacks_mail && !is_advised).then(|| {
        let why = Advice::RegisterContact.sentence(language::spoken());
        banner(Tone::Warning, why).into()
    });
    let waiting = waiting::of_office(&seen.waiting, context, Outer::WaitingPressed);
    let head = container(head(seen)).padding(iced::Padding::ZERO.bottom(space::S));
    let top = Column::new()
        .push(Element::from(head).map(Outer::Page))
        .push(page::slot(told.map(|it| it.map(Outer::Page))))
        .push(page::slot(waiting.map(Element::from)))
        .push(page::slot(found(state, seen).map(|it| it.map(Outer::Page))))
        .push(page::slot(asked.map(Element::from)))
        .push(page::slot(no_mail))
        .push(Element::from(advice));
    let cards = [
        facts::link(seen, state.copied),
        facts::certificate(seen, now),
        facts::office(seen),
        facts::refusals(seen),
    ];
    Column::new()
        .push(top)
        .push(deeds(state).map(Outer::Page))
        .push(arranged(cards, wide).map(Outer::Page))
        .push(history::view(state).map(Outer::Page))
        .spacing(space::M)
        .into()
}

/// What became of the certificate that was looked for, where another one is shown.
fn found<'a>(state: &Page, seen: &Enrolment) -> Option<Element<'a, Message>> {
    let found = state.found.as_deref()?;
    let present = seen.certificate.as_ref();
    let present = present.filter(|it| it.serial != found.serial)?;
    let (serial, at) = (&found.serial, words::moment(found.ended_at?));
    let title = match found.state {
        CertificateState::Revoked => say!("desk.page.found_revoked", serial = serial, at = at),
        CertificateState::Superseded => {
            say!("desk.page.found_superseded", serial = serial, at = at)
        }
        CertificateState::Expired => say!("desk.page.found_expired", serial = serial, at = at),
        CertificateState::Issued | CertificateState::Live => return None,
    };
    let mut banner = banner(Tone::Warning, title);
    if let Some(other) = found
        .replaced_by
        .as_ref()
        .filter(|other| **other != present.serial)
    {
        banner = banner.line(say!("desk.page.found_replaced_by", serial = other));
    }
    let below = match found.terminal == present.terminal {
        true => say!("desk.page.found_same_terminal", serial = present.serial),
        false => say!("desk.page.found_other_terminal", serial = present.serial),
    };
    Some(banner.line(below).into())
}

fn head<'a>(seen: &'a Enrolment) -> Element<'a, Message> {
    let (tone, words) = words::standing_of(seen.open, seen.standing);
    let words = match seen.closed_at.filter(|_| !seen.open) {
        Some(at) => say!(
            "desk.page.closed_on",
            day = language::day(Day::in_japan(at))
        ),
        None => words,
    };
    let under = seen
        .parent
        .as_ref()
        .map(|parent| say!("desk.page.under", name = parent.name))
        .unwrap_or_default();
    let particulars = &seen.particulars;
    let reading = particulars.reading.as_ref().map(ToString::to_string);
    let phone = particulars.phone.as_ref();
    let phone = phone.map(|phone| say!("desk.page.phone", phone = phone));
    let second: Vec<String> = reading
        .into_iter()
        .chain([
            seen.office.code.to_string(),
            words::office_kind(seen.office.kind),
            under,
        ])
        .chain(phone)
        .filter(|word| !word.is_empty())
        .collect();
    let first = Row::new()
        .push(text::title(seen.office.name.to_string()))
        .push(chip(tone, words))
        .spacing(space::M)
        .align_y(Center);
    Column::new()
        .push(first.wrap())
        .push(text::hint(second.join("　")))
        .into()
}

/// What has just been done, and how the office learns of it.
fn done<'a>(kind: Kind, seen: &Enrolment) -> Element<'a, Message> {
    let key = |part: &str| words::said(&format!("desk.deed.{}.{part}", kind.word()));
    let mut told = banner(Tone::Success, key("done")).line(key("next"));
    let sends = matches!(
        kind,
        Kind::Answer | Kind::Issue | Kind::Reissue | Kind::Resend
    );
    let way = seen.link.as_ref().and_then(|link| link.password_by);
    if let Some(way) = way.filter(|_| sends) {
        let way = match way {
            PasswordWay::Mail => "mail",
            PasswordWay::Letter => "letter",
            PasswordWay::Phone => "phone",
        };
        told = told.line(words::said(&format!("desk.password_way.{way}")));
    }
    // The link goes to a mailbox that whoever has the old terminal may be able to read.
    let before = seen.certificate.as_ref().map(|it| it.state);
    if kind == Kind::Reissue && before == Some(CertificateState::Revoked) {
        told = told.line(key("next_stopped"));
    }
    told.into()
}

/// Whether the certificate that the office had lets nobody in any more: it was revoked for a loss
/// or a theft, or it has expired.
fn is_stopped(seen: &Enrolment) -> bool {
    let certificate = seen.certificate.as_ref();
    certificate
        .is_some_and(|it| !matches!(it.state, CertificateState::Issued | CertificateState::Live))
}

/// The deeds that are possible, each with its key.
fn deeds<'a>(state: &'a Page) -> Element<'a, Message> {
    let possible = state.possible();
    if possible.is_empty() {
        return text::hint(say!("desk.page.no_deed")).into();
    }
    let mut row = Row::new().spacing(space::S);
    for kind in possible {
        let key = format!("{:?}", kind.key());
        let press = Message::DeedPressed(kind);
        row = row.push(button::keyed(kind.name(), key).on_press(press));
    }
    row.wrap().vertical_spacing(space::S).into()
}

/// Two columns where there is room, one below the other where not.
fn arranged<'a>(cards: [Element<'a, Message>; 4], wide: bool) -> Element<'a, Message> {
    let [link, certificate, office, refusals] = cards;
    if !wide {
        return Column::with_children([link, certificate, office, refusals])
            .spacing(space::M)
            .into();
    }
    let column = |a, b| Column::with_children([a, b]).spacing(space::M).width(Fill);
    Row::new()
        .push(column(link, office))
        .push(column(certificate, refusals))
        .spacing(space::M)
        .into()
}
