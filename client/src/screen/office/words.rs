//! What is said of links, certificates and what happened to them.

use shared::enrolment::Serial;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::desk::LinkSeen;
use shared::enrolment::standing::{LinkState, Standing};
use shared::enrolment::timeline::{ActedBy, TimelineEntry, TimelineEvent};

use crate::language;
use crate::language::moment;
use crate::say;
use crate::ui::chip::Tone;

/// How a certificate came to be.
pub(super) struct Origin<'a> {
    /// The enrolment or renewal that made it.
    made: &'a TimelineEntry,
    /// The issue of the link that it was enrolled with.
    link: Option<&'a TimelineEntry>,
}

impl<'a> Origin<'a> {
    /// Of the certificate with this serial number, if the timeline reaches back that far.
    pub(super) fn of(timeline: &'a [TimelineEntry], serial: &Serial) -> Option<Self> {
        let makes = |entry: &&TimelineEntry| {
            use TimelineEvent::{Enrolled, Renewed};
            matches!(entry.event, Enrolled | Renewed) && entry.serial.as_ref() == Some(serial)
        };
        let made = timeline.iter().find(makes)?;
        let issues = |entry: &&TimelineEntry| {
            use TimelineEvent::{LinkIssued, LinkResent, Reissued};
            matches!(entry.event, LinkIssued | LinkResent | Reissued)
                && made.link.is_some()
                && entry.link == made.link
        };
        Some(Self {
            made,
            link: timeline.iter().find(issues),
        })
    }

    /// As a sentence: when, by whom, with whose link.
    pub(super) fn sentence(&self) -> String {
        let when = moment(self.made.at);
        match (self.made.event, self.link) {
            (TimelineEvent::Renewed, _) => say!("office.origin.renewed", when = when),
            (_, Some(link)) => say!("office.origin.link", when = when, who = who(&link.by)),
            (_, None) => say!("office.origin.enrolled", when = when),
        }
    }
}

/// Who acted.
pub(super) fn who(by: &ActedBy) -> String {
    match by {
        ActedBy::Person { name, office } => {
            say!("office.by.person", name = name, office = office)
        }
        ActedBy::Terminal => say!("office.by.terminal"),
        ActedBy::Operator => say!("office.by.operator"),
        ActedBy::Time => say!("office.by.time"),
    }
}

/// What happened.
pub(super) fn what(event: TimelineEvent) -> String {
    say!(format!("office.event.{}", event.as_str()))
}

/// Why, how the caller was identified, and what stood in the way, one below the other.
pub(super) fn why(entry: &TimelineEntry) -> Vec<String> {
    let cause = entry.cause.map(said_cause);
    let refused = entry.refused.map(|code| {
        let problem = shared::Problem::new(code).document(language::spoken());
        format!("{} [{}]", problem.title, code.as_str())
    });
    let reason = entry
        .reason
        .as_ref()
        .map(|reason| say!("office.reason", reason = reason));
    let identified = entry.identified.map(said_identification);
    [cause, refused, reason, identified]
        .into_iter()
        .flatten()
        .collect()
}

fn said_cause(cause: ReissueCause) -> String {
    say!(format!("office.cause.{}", cause.as_str()))
}

fn said_identification(way: Identification) -> String {
    say!(format!("office.identified.{}", way.as_str()))
}

/// How the office's enrolment stands.
pub(super) fn standing(standing: Standing) -> (Tone, String) {
    let words = |days: u16| say!(format!("office.standing.{}", standing.state()), days = days);
    match standing {
        Standing::Enrolled => (Tone::Success, words(0)),
        Standing::Invited { days_left } | Standing::Replaced { days_left } => {
            (Tone::Info, words(days_left))
        }
        Standing::NotInvited => (Tone::Plain, words(0)),
        Standing::Expired | Standing::Cancelled | Standing::Locked => (Tone::Error, words(0)),
    }
}

/// How a link stands, with the moment that counts.
pub(super) fn link(link: &LinkSeen) -> String {
    let ended = moment(link.ended_at.unwrap_or(link.expires_at));
    match link.state {
        LinkState::Open => say!("office.link.open", until = moment(link.expires_at)),
        LinkState::Used => say!("office.link.used", when = ended),
        LinkState::Locked => say!("office.link.locked", when = ended),
        LinkState::Cancelled => say!("office.link.cancelled", when = ended),
        LinkState::Expired => say!("office.link.expired", when = ended),
    }
}
