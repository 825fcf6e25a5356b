//! Where the enrolment of offices stands, and what happened to each: for the helpdesk, and for
//! prefectures and offices of what is theirs.

use jiff::{SignedDuration, Timestamp};
use shared::accounts::Role;
use shared::enrolment::advice::Advice;
use shared::enrolment::ask::ReissueAsked;
use shared::enrolment::desk::{
    CertificateSeen, CountsQuery, Enrolment, EnrolmentCounts, EnrolmentQuery, EnrolmentRow,
    EnrolmentsQuery, LinkSeen, RefusedWhat, StateCount,
};
use shared::enrolment::standing::{CertificateState, EnrolmentState, LinkState};
use shared::enrolment::timeline::{TimelineEntry, TimelineQuery};
use shared::id::Page;
use shared::offices::OfficeCode;
use shared::text::Refused;
use shared::{Problem, ProblemCode};

use crate::app::{App, Caller};
use crate::offices::contacts::page_size;
use crate::offices::{Reach, after};
use crate::store;
use crate::store::enrolment::{self as rows, KnownCertificate, KnownLink, OfficeFacts, Wanted};

/// How many offices are judged at once while a list looks for those of a state.
const CHUNK: u32 = 500;
/// How long a refusal is shown.
pub(super) const RECENT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A refusal of the terminal younger than this is what the caller speaks of.
const JUST_NOW: SignedDuration = SignedDuration::from_hours(24);
/// A certificate renews itself when a third of its year is left: with less than this, it did not.
const LATE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The enrolments of the offices that the caller sees, by code.
///
/// # Errors
/// `not-found` for an office elsewhere; `invalid-field` for a page that cannot be.
pub async fn list_enrolments(
    server: &App,
    caller: &Caller,
    request: EnrolmentsQuery,
) -> Result<Page<EnrolmentRow>, Problem> {
    let limit = usize::from(page_size(request.limit, 100, 500)?);
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let mut wanted = Wanted {
        under: reach.under(&mut reader, request.under.as_ref()).await?,
        kind: request.kind,
        after: after(request.after.as_deref())?,
        limit: CHUNK.min(if request.state.is_some() || request.without_mail {
            CHUNK
        } else {
            u32::try_from(limit + 1).unwrap_or(CHUNK)
        }),
    };
    let mut found: Vec<EnrolmentRow> = Vec::new();
    // The state follows from dates and is kept nowhere: offices are judged in chunks until the
    // page is full.
    loop {
        let facts = rows::facts(&mut reader, now, &wanted).await?;
        let last = facts.len() < wanted.limit as usize;
        wanted.after = facts.last().map(|facts| facts.office.code.clone());
        let fits = |row: &EnrolmentRow| {
            request
                .state
                .is_none_or(|state| row.standing.state() == state)
                && !(request.without_mail && row.has_mail)
        };
        found.extend(facts.iter().map(|facts| row(facts, now)).filter(fits));
        if last || found.len() > limit {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found
        .last()
        .filter(|_| more)
        .map(|row| row.office.code.to_string());
    Ok(Page { rows: found, next })
}

/// One office as lists show it.
pub(super) fn row(facts: &OfficeFacts, now: Timestamp) -> EnrolmentRow {
    EnrolmentRow {
        office: facts.office.clone(),
        open: facts.open,
        standing: facts.standing(now),
        has_mail: facts.mail.is_some(),
        has_password_mail: facts.password_mail.is_some(),
        link_issued_at: facts.link.map(|link| link.facts.issued_at),
        certificate_expires_at: facts
            .certificate
            .as_ref()
            .map(|certificate| certificate.facts.expires_at),
    }
}

/// How many of the offices that the caller sees are in which state.
///
/// # Errors
/// `not-found` for an office elsewhere.
pub async fn count_enrolments(
    server: &App,
    caller: &Caller,
    request: CountsQuery,
) -> Result<EnrolmentCounts, Problem> {
    let counted_at = server.clock.now();
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let mut wanted = Wanted {
        under: reach.under(&mut reader, request.under.as_ref()).await?,
        kind: request.kind,
        after: None,
        limit: CHUNK,
    };
    let mut counts = [0_u32; EnrolmentState::ALL.len()];
    let mut without_mail = 0;
    loop {
        let facts = rows::facts(&mut reader, counted_at, &wanted).await?;
        for facts in &facts {
            let state = facts.standing(counted_at).state();
            let place = EnrolmentState::ALL.iter().position(|it| *it == state);
            if let Some(place) = place {
                counts[place] += 1;
            }
            without_mail += u32::from(facts.mail.is_none());
        }
        wanted.after = facts.last().map(|facts| facts.office.code.clone());
        if facts.len() < CHUNK as usize {
            break;
        }
    }
    let states = EnrolmentState::ALL
        .iter()
        .zip(counts)
        .map(|(state, offices)| StateCount {
            state: *state,
            offices,
        })
        .collect();
    Ok(EnrolmentCounts {
        states,
        without_mail,
        counted_at,
    })
}

/// The enrolment of one office.
///
/// # Errors
/// `not-found` for one that the caller does not see.
pub async fn show_enrolment(
    server: &App,
    caller: &Caller,
    request: EnrolmentQuery,
) -> Result<Enrolment, Problem> {
    page_of(server, caller, &request.office).await
}

/// Everything that is known of an office's enrolment.
pub(super) async fn page_of(
    server: &App,
    caller: &Caller,
    code: &OfficeCode,
) -> Result<Enrolment, Problem> {
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let number = reach.number(&mut reader, code).await?;
    let not_found = || Problem::new(ProblemCode::NotFound);
    let facts = rows::facts_of_code(&mut reader, now, code).await?;
    let facts = facts.ok_or_else(not_found)?;
    let contact = store::offices::contacts::of_office(&mut reader, code).await?;
    let contact = contact.ok_or_else(not_found)?.contact;
    let particulars = store::offices::particulars(&mut reader, number).await?;
    let password_by = match facts.link {
        None => None,
        Some(link) => store::mail::password_way(&mut reader, link.id).await?,
    };
    let mut refusals = rows::refusals(&mut reader, number, now - RECENT).await?;
    // What an earlier terminal met, or who enrolled this one, is no news of it.
    let since = facts.certificate.as_ref().map(|it| it.facts.issued_at);
    for refusal in &mut refusals {
        refusal.past = since.is_some_and(|since| refusal.last_at < since);
    }
    let asked = rows::last_asked(&mut reader, code, now).await?;
    let asked = asked.map(|asked| ReissueAsked {
        since: asked.since,
        serial: asked.serial,
    });
    let parent = match facts.parent {
        None => None,
        Some(parent) => rows::facts_of(&mut reader, now, &[parent]).await?.pop(),
    };
    let standing = facts.standing(now);
    let is_late = facts
        .certificate
        .as_ref()
        .is_some_and(|known| known.facts.is_good(now) && known.facts.expires_at - LATE < now);
    let was_refused = refusals
        .iter()
        // Whoever mistypes a password is told so at once; that is no trouble of the terminal.
        .filter(|it| it.what == RefusedWhat::Terminal && it.code != ProblemCode::WrongLogin)
        .any(|it| !it.past && it.last_at > now - JUST_NOW);
    let advice = Advice::of(
        facts.open,
        facts.mail.is_some(),
        standing,
        is_late,
        was_refused,
    );
    let role = caller.person()?.role;
    let sees_link = matches!(role, Role::Helpdesk | Role::Officer);
    let waiting = match sees_link {
        true => rows::jobs_waiting_for(&mut reader, number, now).await?,
        false => Vec::new(),
    };
    Ok(Enrolment {
        open: facts.open,
        closed_at: facts.closed_at,
        parent: parent.map(|facts| facts.office),
        contact,
        particulars,
        standing,
        advice,
        link: facts.link.map(|link| LinkSeen {
            password_by,
            ..link_seen(server, &link, now, sees_link)
        }),
        certificate: facts
            .certificate
            .as_ref()
            .map(|known| certificate_seen(known, now)),
        asked,
        waiting,
        refusals,
        office: facts.office,
    })
}

fn link_seen(server: &App, link: &KnownLink, now: Timestamp, with_url: bool) -> LinkSeen {
    let facts = &link.facts;
    let state = facts.state(now);
    let ended_at = match state {
        LinkState::Open => None,
        LinkState::Used => facts.used_at,
        LinkState::Locked => facts.locked_at,
        LinkState::Cancelled => facts.taken_back_at(),
        LinkState::Expired => Some(facts.expires_at),
    };
    let url = (with_url && state == LinkState::Open)
        .then(|| server.mail.link(link.id, server.authority.fingerprint()));
    LinkSeen {
        id: link.id,
        state,
        issued_at: facts.issued_at,
        expires_at: facts.expires_at,
        wrong_passwords: link.wrong_passwords,
        handed_out: link.handed_out,
        ended_at,
        password_by: None,
        url: url.flatten(),
    }
}

pub(super) fn certificate_seen(known: &KnownCertificate, now: Timestamp) -> CertificateSeen {
    let facts = &known.facts;
    let state = facts.state(now);
    CertificateSeen {
        serial: known.serial.clone(),
        terminal: known.terminal,
        state,
        issued_at: facts.issued_at,
        expires_at: facts.expires_at,
        first_used_at: facts.first_used_at,
        seen_at: known.seen_at,
        ended_at: match state {
            CertificateState::Issued | CertificateState::Live => None,
            CertificateState::Superseded => facts.superseded_at,
            CertificateState::Revoked => facts.revoked_at,
            CertificateState::Expired => Some(facts.expires_at),
        },
        replaced_by: None,
    }
}

/// What happened to an office's enrolment, the latest first.
///
/// # Errors
/// `not-found` for an office that the caller does not see; `invalid-field` for a page that cannot
/// be.
pub async fn show_timeline(
    server: &App,
    caller: &Caller,
    request: TimelineQuery,
) -> Result<Page<TimelineEntry>, Problem> {
    let limit = page_size(request.limit, 50, 200)?;
    let before = match &request.after {
        None => (i64::MAX, i64::MAX),
        Some(cursor) => cursor
            .split_once('.')
            .and_then(|(at, place)| Some((at.parse().ok()?, place.parse().ok()?)))
            .ok_or_else(|| Problem::refused("after", Refused::new("cursor")))?,
    };
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let number = reach.number(&mut reader, &request.office).await?;
    let most = u32::from(limit) + 1;
    let now = server.clock.now();
    let mut entries = rows::timeline(&mut reader, number, now, before, most).await?;
    let more = entries.len() > usize::from(limit);
    entries.truncate(usize::from(limit));
    let next = entries
        .last()
        .filter(|_| more)
        .map(|(_, (at, place))| format!("{at}.{place}"));
    let rows = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(Page { rows, next })
}
