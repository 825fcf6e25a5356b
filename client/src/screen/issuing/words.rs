//! The words of the screen.

use iced::widget::Row;
use jiff::Timestamp;
use shared::Day;
use shared::enrolment::approval::OperatorDeed;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::job::{JobKind, JobOutcome, JobState, JobStep};
use shared::enrolment::standing::{EnrolmentState, Standing};
use shared::offices::OfficeKind;

use super::offices::Filter;
use crate::language;
pub(super) use crate::language::moment;
use crate::ui::chip::Tone;
use crate::ui::token::space;
use crate::ui::{Element, text};

/// What stands under this key.
pub(super) fn said(key: &str) -> String {
    rust_i18n::t!(key, locale = language::spoken().tag()).into_owned()
}

pub(super) fn kind(kind: JobKind) -> String {
    said(&format!("issuing.deed.{}", kind.as_str()))
}

pub(super) fn kind_pressed(kind: JobKind) -> String {
    said(&format!("issuing.press.{}", kind.as_str()))
}

pub(super) fn job_state(state: JobState) -> String {
    said(&format!("issuing.job_state.{}", state.as_str()))
}

pub(super) fn job_tone(state: JobState) -> Tone {
    match state {
        JobState::Waiting => Tone::Warning,
        JobState::Running => Tone::Info,
        JobState::Done => Tone::Success,
        JobState::Refused => Tone::Error,
        JobState::Paused | JobState::Cancelled | JobState::Withdrawn | JobState::Lapsed => {
            Tone::Plain
        }
    }
}

pub(super) fn step(step: JobStep) -> String {
    said(&format!("issuing.step.{}", step.as_str()))
}

pub(super) fn outcome(outcome: JobOutcome) -> String {
    said(&format!("issuing.outcome.{}", outcome.as_str()))
}

pub(super) fn outcome_tone(outcome: JobOutcome) -> Tone {
    match outcome {
        JobOutcome::Issued | JobOutcome::Revoked => Tone::Success,
        JobOutcome::NoContact => Tone::Warning,
        _ => Tone::Plain,
    }
}

pub(super) fn enrolment_state(state: EnrolmentState) -> String {
    said(&format!("issuing.state.{}", state.as_str()))
}

pub(super) fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Enrolled => Tone::Success,
        Standing::Invited { days_left } | Standing::Replaced { days_left } if days_left <= 7 => {
            Tone::Warning
        }
        Standing::Invited { .. } | Standing::Replaced { .. } => Tone::Info,
        Standing::Expired | Standing::Locked => Tone::Error,
        Standing::NotInvited | Standing::Cancelled => Tone::Plain,
    }
}

pub(super) fn filter(filter: Filter) -> String {
    match filter {
        Filter::All => said("issuing.state.all"),
        Filter::State(state) => enrolment_state(state),
        Filter::WithoutMail => said("issuing.state.without-mail"),
    }
}

pub(super) fn office_kind(kind: Option<OfficeKind>) -> String {
    let word = kind.map_or_else(|| "all".to_owned(), |kind| kind.to_string());
    said(&format!("issuing.office_kind.{word}"))
}

pub(super) fn identification(way: Identification) -> String {
    said(&format!("issuing.identified.{}", way.as_str()))
}

pub(super) fn cause(cause: ReissueCause) -> String {
    said(&format!("issuing.cause.{}", cause.as_str()))
}

pub(super) fn operator_deed(deed: OperatorDeed) -> String {
    said(&format!("issuing.operator.{}", deed.as_str()))
}

/// The day of a moment.
pub(super) fn day(at: Timestamp) -> String {
    language::day(Day::in_japan(at))
}

/// A state in a cell: sign, word, colour.
pub(super) fn state<'a, Message: 'a>(tone: Tone, words: String) -> Element<'a, Message> {
    let ink = move |theme: &crate::ui::theme::Theme| iced::widget::text::Style {
        color: Some(tone.ink(&theme.roles)),
    };
    Row::new()
        .push(text::cell(tone.sign()).style(ink))
        .push(text::cell(words).style(ink))
        .spacing(space::XS)
        .into()
}
