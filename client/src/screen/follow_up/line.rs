//! One returnee as the work list keeps them: what is shown and nothing else, so that a hundred
//! thousand stay small.

use std::sync::Arc;

use shared::Day;
use shared::accounts::Person;
use shared::follow_up::observation::Temperature;
use shared::follow_up::returnee::Returnee;
use shared::follow_up::work_list::{StripDay, WorkListRow};
use shared::id::{ReturneeId, Version};

/// One line of the work list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) id: ReturneeId,
    pub(super) name: Box<str>,
    pub(super) kana: Box<str>,
    /// Their number as it is stored; nothing where none is known.
    pub(super) phone: Box<str>,
    pub(super) entry_date: Day,
    pub(super) first_day: Day,
    pub(super) last_day: Day,
    pub(super) strip: Box<[StripDay]>,
    pub(super) today_version: Version,
    /// The last temperature, and the day on which it was taken.
    pub(super) temperature: Option<(Temperature, Option<Day>)>,
    pub(super) open_sign: bool,
    /// They came from another health centre and nobody here has taken them on.
    pub(super) handed_over: bool,
    pub(super) assignee: Option<Arc<Person>>,
}

/// How today stands for someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Today {
    /// The follow-up begins tomorrow or later.
    NotYet,
    /// It is over.
    Over,
    /// Due, or done.
    Due(StripDay),
}

impl Line {
    /// The line of a row; `known` gives one shared copy of each colleague.
    pub(super) fn of_row(row: WorkListRow, known: impl FnOnce(Person) -> Arc<Person>) -> Self {
        Self {
            id: row.id,
            name: row.name.as_str().into(),
            kana: row.kana.as_ref().map_or("", |kana| kana.as_str()).into(),
            phone: row.phone.as_ref().map_or("", |phone| phone.as_str()).into(),
            entry_date: row.entry_date,
            first_day: row.first_day,
            last_day: row.last_day,
            strip: row.strip.into(),
            today_version: row.today_version,
            temperature: row.temperature.map(|it| (it, row.temperature_day)),
            open_sign: row.open_sign,
            handed_over: row.handed_over,
            assignee: row.assignee.map(known),
        }
    }

    /// The line of a returnee whose record just came, as the server would list them on `today`.
    pub(super) fn of_returnee(returnee: &Returnee, today: Day) -> Self {
        let details = &returnee.details;
        let recorded = |day| returnee.observations.iter().find(|seen| seen.day == day);
        Self {
            id: returnee.id,
            name: details.name.as_str().into(),
            kana: details
                .kana
                .as_ref()
                .map_or("", |kana| kana.as_str())
                .into(),
            phone: details
                .phone
                .as_ref()
                .map_or("", |phone| phone.as_str())
                .into(),
            entry_date: details.entry_date,
            first_day: returnee.period.first_day,
            last_day: returnee.period.last_day,
            strip: strip_of(returnee, today).into(),
            today_version: recorded(today).map_or(Version(0), |seen| seen.version),
            temperature: returnee
                .observations
                .iter()
                .filter_map(|seen| Some((seen.findings.temperature?, Some(seen.day))))
                .max_by_key(|(_, day)| *day),
            open_sign: returnee.signs.iter().any(|sign| sign.closed.is_none()),
            handed_over: returnee.handed_over.is_some() && returnee.assignee.is_none(),
            assignee: returnee.assignee.clone().map(Arc::new),
        }
    }

    /// How today stands.
    pub(super) fn today(&self, today: Day) -> Today {
        match self.day_index(today) {
            Some(at) => Today::Due(self.strip[at]),
            None if today < self.first_day => Today::NotYet,
            None => Today::Over,
        }
    }

    /// Which cell of the strip is today's.
    pub(super) fn day_index(&self, today: Day) -> Option<usize> {
        usize::try_from(today.days_since(self.first_day))
            .ok()
            .filter(|at| *at < self.strip.len())
    }

    /// Whether somebody still has to reach them today.
    pub(super) fn is_due(&self, today: Day) -> bool {
        matches!(
            self.today(today),
            Today::Due(StripDay::Missing | StripDay::NotReached | StripDay::Ahead)
        )
    }
}

/// The follow-up day by day.
pub(super) fn strip_of(returnee: &Returnee, today: Day) -> Vec<StripDay> {
    let period = &returnee.period;
    let days = period.last_day.days_since(period.first_day) + 1;
    (0..days)
        .map(|nth| {
            let day = period.first_day.plus(nth);
            match returnee.observations.iter().find(|seen| seen.day == day) {
                Some(seen) if !seen.findings.signs().is_empty() => StripDay::Sign,
                Some(seen) if !seen.findings.reach.reached() => StripDay::NotReached,
                Some(_) => StripDay::Well,
                None if day <= today => StripDay::Missing,
                None => StripDay::Ahead,
            }
        })
        .collect()
}
