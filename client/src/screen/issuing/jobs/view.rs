//! How jobs and approvals look.

use iced::widget::{Column, Row, progress_bar};
use iced::{Center, Fill, Length};
use shared::enrolment::approval::Approval;
use shared::enrolment::job::{Job, JobKind, JobOutcome, JobResult, JobState, JobStep};

use super::super::words;
use super::asking::Asking;
use super::keys::key_of;
use super::mark::Entry;
use super::{JobPage, Jobs, LIST, Message, RESULTS, WHY, What};
use crate::language::grouped;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::scrolling_card;
use crate::ui::field::field;
use crate::ui::list::list;
use crate::ui::press::Press;
use crate::ui::token::space;
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button, check, page, table, text};

/// The jobs, or the one that is open.
pub(in super::super) fn view<'a>(jobs: &'a Jobs, context: &'a Context) -> Element<'a, Message> {
    match &jobs.opened {
        Some(page) => opened(page),
        None => all(jobs, context),
    }
}

/// The question in front, if there is one.
pub(in super::super) fn question(jobs: &Jobs) -> Option<Element<'_, Message>> {
    let asking = jobs.asking.as_ref()?;
    let about = match asking.what {
        What::Decide(id, _) => {
            let known = jobs.approvals.iter().find(|known| known.id == id);
            known.map(operator)
        }
        What::Step(_) => jobs.opened.as_ref().map(|page| facts(&page.job)),
    };
    Some(ask(asking, about))
}

fn all<'a>(jobs: &'a Jobs, context: &'a Context) -> Element<'a, Message> {
    let total = jobs.entries().count();
    let failure = jobs.failure().filter(|_| total > 0).map(|failure| {
        let again = button::secondary(say!("issuing.again")).on_press(Message::ReloadPressed);
        failed(failure).action(again).into()
    });
    let waiting = jobs.wait_for(context);
    let waiting = (waiting > 0).then(|| {
        banner(Tone::Warning, say!("issuing.waiting", count = waiting))
            .line(say!("issuing.waiting_why"))
            .into()
    });
    let rows: Element<'a, Message> = if total == 0 {
        vacant(jobs).into()
    } else {
        let headings =
            columns().map(|(name, width)| (words::said(&format!("issuing.column.{name}")), width));
        let rows = list(
            total + usize::from(jobs.next.is_some()),
            jobs.cursor(),
            |index| match jobs.entries().nth(index) {
                Some(Entry::Job(job)) => row(job),
                Some(Entry::Approval(known)) => approval_row(known),
                None => table::row([(text::hint(say!("issuing.coming")).into(), Fill)]),
            },
            Message::Moved,
        )
        .on_open(Message::Opened)
        .on_view(Message::Viewed)
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(rows)
            .height(Fill)
            .into()
    };
    Column::new()
        .push(page::slot(failure))
        .push(page::slot(waiting))
        .push(rows)
        .spacing(space::S)
        .height(Fill)
        .into()
}

/// In place of jobs: that there are none, or why they are not here.
fn vacant(jobs: &Jobs) -> Vacant<'_, Message> {
    match jobs.failure() {
        Some(failure) => Vacant::Failed(failed(failure).action(again())),
        None if !(jobs.loaded && jobs.waited) => Vacant::Coming(say!("issuing.loading")),
        None => Vacant::Empty {
            title: say!("issuing.empty.jobs"),
            what: say!("issuing.empty.jobs_what"),
            action: None,
        },
    }
}

fn again<'a>() -> Press<'a, Message> {
    button::primary(say!("issuing.again")).on_press(Message::ReloadPressed)
}

fn columns() -> [(&'static str, Length); 5] {
    [
        ("asked_at", Length::Fixed(168.0)),
        ("deed", Length::FillPortion(3)),
        ("job_state", Length::Fixed(150.0)),
        ("progress", Length::Fixed(130.0)),
        ("asked_by", Length::FillPortion(2)),
    ]
}

fn row(job: &Job) -> Element<'_, Message> {
    let cells = columns().map(|(name, width)| {
        let cell: Element<'_, Message> = match name {
            "asked_at" => text::cell(words::moment(job.asked_at)).into(),
            "deed" => text::cell(format!("{}　{}", words::kind(job.kind), job.reason)).into(),
            "job_state" => words::state(words::job_tone(job.state), words::job_state(job.state)),
            "progress" => text::cell(progress(job)).into(),
            _ => text::cell(asked_by(job)).into(),
        };
        (cell, width)
    });
    table::row(cells)
}

fn approval_row(known: &Approval) -> Element<'_, Message> {
    let cells = columns().map(|(name, width)| {
        let cell: Element<'_, Message> = match name {
            "asked_at" => text::cell(words::moment(known.asked_at)).into(),
            "deed" => {
                let deed = words::operator_deed(known.deed);
                text::cell(format!("{deed}　{}", known.about)).into()
            }
            "job_state" => words::state(Tone::Warning, words::job_state(JobState::Waiting)),
            "progress" => text::cell("–").into(),
            _ => text::cell(say!("issuing.operator_name")).into(),
        };
        (cell, width)
    });
    table::row(cells)
}

fn progress(job: &Job) -> String {
    format!(
        "{} / {}",
        grouped(job.done.into()),
        grouped(job.offices.into())
    )
}

fn asked_by(job: &Job) -> String {
    match &job.asked_by {
        Some(person) => person.name.to_string(),
        None => say!("issuing.operator_name"),
    }
}

fn opened(page: &JobPage) -> Element<'_, Message> {
    let job = &page.job;
    let mut steps = Row::new()
        .push(button::keyed(say!("issuing.to_list"), "Esc").on_press(Message::BackPressed))
        .spacing(space::S);
    for step in JobStep::ALL.iter().filter(|step| page.may(**step)) {
        let key = format!("{:?}", key_of(*step));
        let press = match step {
            JobStep::Approve => button::primary_keyed(words::step(*step), key),
            _ => button::keyed(words::step(*step), key),
        };
        steps = steps.push(press.on_press(Message::Pressed(What::Step(*step))));
    }
    let bar = progress_bar(0.0..=job.offices.max(1) as f32, job.done as f32).girth(10.0);
    let far = Row::new()
        .push(chip(
            words::job_tone(job.state),
            words::job_state(job.state),
        ))
        .push(text::strong(progress(job)))
        .push(bar)
        .spacing(space::M)
        .align_y(Center);
    let waits = (job.state == JobState::Waiting).then(|| {
        let until = job.decide_by.map(words::moment).unwrap_or_default();
        let why = match page.is_own {
            true => say!("issuing.own_waits", until = until),
            false => say!("issuing.others_waits", until = until),
        };
        banner(Tone::Warning, why).into()
    });
    let failure = page.failure().map(|failure| failed(failure).into());
    Column::new()
        .push(steps.wrap().vertical_spacing(space::XS))
        .push(facts(job))
        .push(far)
        .push(page::slot(waits))
        .push(page::slot(failure))
        .push(outcomes(page))
        .push(results(page))
        .spacing(space::S)
        .height(Fill)
        .into()
}

/// What a job is, in a few lines.
fn facts(job: &Job) -> Element<'_, Message> {
    let count = grouped(job.offices.into());
    let mut title = say!(
        "issuing.job_title",
        deed = words::kind(job.kind),
        count = count
    );
    if let Some(cause) = job.cause {
        title = format!("{title}　{}", words::cause(cause));
    }
    let asked = say!(
        "issuing.asked",
        who = asked_by(job),
        at = words::moment(job.asked_at),
        way = words::identification(job.identified)
    );
    let decided = job.decided_by.as_ref().map(|who| {
        let why = job.decision_reason.as_ref();
        let why = why.map_or_else(String::new, ToString::to_string);
        text::body(say!("issuing.decided", who = who.name, why = why))
    });
    Column::new()
        .push(text::section(title))
        .push(text::body(say!("issuing.reason", reason = job.reason)))
        .push(text::hint(asked))
        .push(decided)
        .spacing(space::XS)
        .into()
}

/// What the operator asked for, in a few lines.
fn operator(known: &Approval) -> Element<'_, Message> {
    Column::new()
        .push(text::section(words::operator_deed(known.deed)))
        .push(text::strong(known.about.to_string()))
        .push(text::body(say!("issuing.reason", reason = known.reason)))
        .push(text::hint(say!(
            "issuing.operator_asked",
            at = words::moment(known.asked_at),
            until = words::moment(known.ends_at)
        )))
        .spacing(space::XS)
        .into()
}

/// What can come of a job of this kind.
fn possible(kind: JobKind) -> &'static [JobOutcome] {
    use JobOutcome::{
        AlreadyEnrolled, Closed, Issued, LinkOpen, NoCertificate, NoContact, Pending, Revoked,
    };
    match kind {
        JobKind::Issue => &[
            Pending,
            Issued,
            LinkOpen,
            AlreadyEnrolled,
            NoContact,
            Closed,
        ],
        JobKind::Reissue => &[Pending, Issued, NoCertificate, NoContact, Closed],
        JobKind::Revoke => &[Pending, Revoked, NoCertificate, Closed],
    }
}

fn outcomes(page: &JobPage) -> Element<'_, Message> {
    let all = check::toggle(
        say!("issuing.outcome.all"),
        page.outcome.is_none(),
        Message::OutcomeChosen(None),
    );
    let mut row = Row::new().push(all).spacing(space::XS);
    for outcome in possible(page.job.kind) {
        let on = page.outcome == Some(*outcome);
        let message = Message::OutcomeChosen(Some(*outcome));
        row = row.push(check::toggle(words::outcome(*outcome), on, message));
    }
    row.wrap().vertical_spacing(space::XS).into()
}

fn results(page: &JobPage) -> Element<'_, Message> {
    if page.results.rows().is_empty() {
        return no_results(page).into();
    }
    let columns = [
        ("office", Length::FillPortion(3)),
        ("outcome", Length::FillPortion(3)),
        ("at", Length::Fixed(168.0)),
    ];
    let headings =
        columns.map(|(name, width)| (words::said(&format!("issuing.column.{name}")), width));
    let line = move |result: &JobResult| {
        let cells = columns.map(|(name, width)| {
            let cell: Element<'_, Message> = match name {
                "office" => {
                    text::cell(format!("{}　{}", result.office.name, result.office.code)).into()
                }
                "outcome" => {
                    let tone = words::outcome_tone(result.outcome);
                    words::state(tone, words::outcome(result.outcome))
                }
                _ => text::cell(result.at.map(words::moment).unwrap_or_default()).into(),
            };
            (cell, width)
        });
        table::row(cells)
    };
    let rows = list(
        page.results.len(),
        page.results.cursor(),
        move |index| match page.results.get(index) {
            Some(result) => line(result),
            None => table::row([(text::hint(say!("issuing.coming")).into(), Fill)]),
        },
        Message::ResultMoved,
    )
    .on_view(Message::ResultsViewed)
    .id(RESULTS);
    Column::new()
        .push(table::header(headings))
        .push(rows)
        .height(Fill)
        .into()
}

/// In place of results: that there are none, why, and what to do.
fn no_results(page: &JobPage) -> Vacant<'_, Message> {
    page.results.vacant(say!("issuing.loading"), again(), || {
        let (title, what) = match page.outcome {
            Some(_) => (
                say!("issuing.empty.outcome"),
                say!("issuing.empty.outcome_what"),
            ),
            None => (
                say!("issuing.empty.results"),
                say!("issuing.empty.results_what"),
            ),
        };
        // The way out stands above.
        let action = None;
        Vacant::Empty {
            title,
            what,
            action,
        }
    })
}

fn ask<'a>(asking: &'a Asking, about: Option<Element<'a, Message>>) -> Element<'a, Message> {
    let word = match asking.what {
        What::Step(step) => step.as_str(),
        What::Decide(_, true) => "decide_yes",
        What::Decide(_, false) => "decide_no",
    };
    let why = field(say!("issuing.why"), &asking.why)
        .id(WHY)
        .hint(match asking.what.needs_reason() {
            true => say!("issuing.why_needed"),
            false => say!("issuing.why_hint"),
        })
        .on_input(Message::WhyTyped);
    let is_reasoned = !asking.what.needs_reason() || !asking.why.trim().is_empty();
    let may = is_reasoned && !asking.busy;
    let yes = match asking.what {
        What::Step(step) => words::step(step),
        What::Decide(_, true) => words::step(JobStep::Approve),
        What::Decide(_, false) => words::step(JobStep::Refuse),
    };
    let yes = button::primary_keyed(yes, "Ctrl+Enter");
    let stay = button::keyed(say!("issuing.stay"), "Esc");
    let mut buttons = Row::new()
        .push(stay.on_press_maybe((!asking.busy).then_some(Message::StayPressed)))
        .push(yes.on_press_maybe(may.then_some(Message::ConfirmPressed)))
        .spacing(space::M);
    if let What::Decide(id, true) = asking.what {
        let no = Message::Pressed(What::Decide(id, false));
        buttons = buttons.push(
            button::secondary(words::step(JobStep::Refuse))
                .on_press_maybe((!asking.busy).then_some(no)),
        );
    }
    let failure = asking.failure.as_ref().map(|it| Element::from(failed(it)));
    scrolling_card(
        Column::new()
            .push(text::title(words::said(&format!(
                "issuing.ask.{word}.title"
            ))))
            .push(about)
            .push(text::body(words::said(&format!("issuing.ask.{word}.why"))))
            .push(why)
            .push(failure)
            .push(buttons.wrap())
            .spacing(space::M),
    )
}
