//! How the enrolment looks, phase by phase.

use iced::Center;
use iced::widget::{Column, Row};
use shared::Day;
use shared::enrolment::EnrolmentLink;

use super::{CONSENT, Enrolment, LINK, Message, NEXT, PASSWORD, Phase};
use crate::enrolment::{Enrolled, Obstacle, Step, facts};
use crate::keystore::Fault;
use crate::language;
use crate::say;
use crate::screen::helpdesk;
use crate::screen::why::Why;
use crate::secret::Secret;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::steps::{Progress, steps};
use crate::ui::token::space;
use crate::ui::{Element, button, check, field, page, text};
use crate::world::World;

pub(super) fn screen<'a>(screen: &'a Enrolment, world: &World) -> Element<'a, Message> {
    match &screen.phase {
        Phase::Form => form(screen),
        Phase::NoKeystore(fault) => no_keystore(screen, fault, world),
        Phase::Working { at, .. } => working(*at),
        Phase::Failed(obstacle) => failed(screen, obstacle, world),
        Phase::Done(enrolled) => done(enrolled),
    }
}

fn form(screen: &Enrolment) -> Element<'_, Message> {
    let mut content: Vec<Element<'_, Message>> = vec![
        text::title(say!("enrolment.title")).into(),
        text::body(say!("enrolment.intro")).into(),
    ];
    if let Some(current) = &screen.current {
        let office = facts(&current.certificate).map(|terminal| terminal.office_name.to_string());
        let office = office.unwrap_or_default();
        let said = match screen.refused {
            true => banner(Tone::Warning, say!("enrolment.refused", office = office))
                .line(say!("enrolment.refused_why")),
            false => banner(Tone::Info, say!("enrolment.already", office = office))
                .line(say!("enrolment.already_why")),
        };
        let keep = button::secondary(screen.keep()).on_press(Message::KeepPressed);
        content.push(said.action(keep).into());
    }
    if screen.pending.is_some() {
        content.push(
            banner(Tone::Info, say!("enrolment.pending"))
                .line(say!("enrolment.pending_why"))
                .into(),
        );
    }
    content.push(link(screen));
    if screen.pending.is_none() {
        content.push(password(screen));
    }
    let agreement = [
        consent(screen),
        Row::new()
            .push(button::primary(say!("enrolment.submit")).on_press(Message::SubmitPressed))
            .into(),
    ];
    page::beside(content, terms(), agreement)
}

fn link(screen: &Enrolment) -> Element<'_, Message> {
    let hint = match EnrolmentLink::parse(&screen.link) {
        Ok(link) => say!("enrolment.link_leads_to", server = link.authority),
        Err(_) => say!("enrolment.link_hint"),
    };
    field::field(say!("enrolment.link"), &screen.link)
        .id(LINK)
        .example("https://…:8444/enrol#…")
        .on_input(Message::LinkTyped)
        .on_submit(Message::LinkDone)
        .on_leave(Message::LinkLeft)
        .hint(hint)
        .error(screen.link_error.as_ref().map(Why::words))
        .into()
}

fn password(screen: &Enrolment) -> Element<'_, Message> {
    field::field(say!("enrolment.password"), screen.password.reveal())
        .id(PASSWORD)
        .secret(true)
        .on_input(|text| Message::PasswordTyped(Secret::new(text)))
        .on_submit(Message::SubmitPressed)
        .hint(say!("enrolment.password_hint"))
        .error(screen.password_error.as_ref().map(Why::words))
        .into()
}

fn terms<'a>() -> Element<'a, Message> {
    let mut column = Column::new()
        .push(text::section(say!("terms.title")))
        .spacing(space::S);
    for paragraph in say!("terms.text").lines().filter(|line| !line.is_empty()) {
        column = column.push(text::hint(paragraph));
    }
    page::card(column)
}

fn consent(screen: &Enrolment) -> Element<'_, Message> {
    let consent = check::check(
        say!("enrolment.consent"),
        screen.consent,
        Message::ConsentTurned,
    );
    let error = screen
        .consent_error
        .then(|| text::error(format!("▲ {}", say!("enrolment.consent_missing"))));
    Column::new()
        .push(consent.id(CONSENT))
        .push(error)
        .spacing(space::S)
        .into()
}

fn no_keystore<'a>(screen: &'a Enrolment, fault: &Fault, world: &World) -> Element<'a, Message> {
    // The words are the same as when the keystore fails in the middle.
    let obstacle = Obstacle::new(Step::Key, fault.clone());
    let mut content = vec![
        text::title(say!("enrolment.no_keystore")).into(),
        trouble(&obstacle)
            .action(
                button::primary(say!("enrolment.retry"))
                    .id(NEXT)
                    .on_press(Message::RetryPressed),
            )
            .into(),
        helpdesk::card(
            world,
            screen.facts(world),
            screen.copied,
            Message::CopyPressed,
        ),
    ];
    if *fault == Fault::Unreadable {
        content.push(
            Row::new()
                .push(button::secondary(say!("enrolment.anew")).on_press(Message::BackPressed))
                .into(),
        );
    }
    page::form(content)
}

fn working<'a>(at: Step) -> Element<'a, Message> {
    page::form([
        text::title(say!("enrolment.working")).into(),
        page::card(steps(progress(at, Progress::Running))),
        text::body(words_while(at)).into(),
        Row::new()
            .push(button::secondary(say!("enrolment.cancel")).on_press(Message::CancelPressed))
            .into(),
    ])
}

fn failed<'a>(screen: &'a Enrolment, obstacle: &Obstacle, world: &World) -> Element<'a, Message> {
    let again = if obstacle.is_the_end_of_the_link() {
        button::primary(say!("enrolment.another_link"))
            .id(NEXT)
            .on_press(Message::BackPressed)
    } else if obstacle.wants_the_password() {
        button::primary(say!("enrolment.retry"))
            .id(NEXT)
            .on_press_maybe((!screen.password.is_empty()).then_some(Message::RetryPressed))
    } else {
        button::primary(say!("enrolment.retry"))
            .id(NEXT)
            .on_press(Message::RetryPressed)
    };
    let mut content: Vec<Element<'a, Message>> = vec![
        text::title(say!("enrolment.failed")).into(),
        page::card(steps(progress(obstacle.step, Progress::Failed))),
        trouble(obstacle).into(),
    ];
    if obstacle.wants_the_password() {
        content.push(
            field::field(say!("enrolment.password"), screen.password.reveal())
                .id(PASSWORD)
                .secret(true)
                .on_input(|text| Message::PasswordTyped(Secret::new(text)))
                .on_submit(Message::RetryPressed)
                .hint(say!("enrolment.password_hint"))
                .error(screen.password_error.as_ref().map(Why::words))
                .into(),
        );
    }
    content.push(
        Row::new()
            .push(again)
            .push(button::secondary(say!("enrolment.back")).on_press(Message::BackPressed))
            .spacing(space::M)
            .into(),
    );
    let facts = helpdesk::card(
        world,
        screen.facts(world),
        screen.copied,
        Message::CopyPressed,
    );
    page::beside(content, facts, [])
}

fn trouble<'a>(obstacle: &Obstacle) -> crate::ui::banner::Banner<'a, Message> {
    banner(Tone::Error, obstacle.title())
        .line(obstacle.advice())
        .line(say!("failure.code", code = obstacle.code()))
}

fn done(enrolled: &Enrolled) -> Element<'_, Message> {
    let terminal = &enrolled.terminal;
    let fact = |name: String, value: String| {
        Row::new()
            .push(text::strong(name).width(iced::FillPortion(1)))
            .push(text::body(value).width(iced::FillPortion(2)))
            .spacing(space::M)
            .align_y(Center)
    };
    let expires = Day::in_japan(terminal.expires_at);
    let facts = Column::new()
        .push(fact(
            say!("helpdesk.office"),
            format!("{} ({})", terminal.office_name, terminal.office),
        ))
        .push(fact(
            say!("helpdesk.terminal"),
            terminal.terminal.to_string(),
        ))
        .push(fact(say!("helpdesk.serial"), terminal.serial.to_string()))
        .push(fact(say!("helpdesk.expires"), language::long_day(expires)))
        .spacing(space::M);
    page::form([
        text::title(say!("enrolment.done")).into(),
        banner(Tone::Success, say!("enrolment.done_what"))
            .line(say!("enrolment.done_next"))
            .into(),
        page::card(facts),
        Row::new()
            .push(
                button::primary(say!("enrolment.proceed"))
                    .id(NEXT)
                    .on_press(Message::ProceedPressed),
            )
            .into(),
    ])
}

/// The steps with all before `at` done and `at` standing as given.
fn progress(at: Step, standing: Progress) -> impl Iterator<Item = (Progress, String, String)> {
    Step::ALL.into_iter().map(move |step| {
        let progress = match step.cmp(&at) {
            std::cmp::Ordering::Less => Progress::Done,
            std::cmp::Ordering::Equal => standing,
            std::cmp::Ordering::Greater => Progress::Waiting,
        };
        let state = match progress {
            Progress::Waiting => String::new(),
            Progress::Running => say!("enrolment.state.running"),
            Progress::Done => say!("enrolment.state.done"),
            Progress::Failed => say!("enrolment.state.failed"),
        };
        (progress, name(step), state)
    })
}

fn name(step: Step) -> String {
    match step {
        Step::Server => say!("enrolment.step.server"),
        Step::Key => say!("enrolment.step.key"),
        Step::Certificate => say!("enrolment.step.certificate"),
        Step::FirstUse => say!("enrolment.step.first_use"),
    }
}

/// What the person may have to do meanwhile.
fn words_while(step: Step) -> String {
    match step {
        Step::Key => say!("enrolment.keyring_may_ask"),
        _ => say!("enrolment.a_moment"),
    }
}
