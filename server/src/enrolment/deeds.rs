//! What the helpdesk and the ministry do for one office. The same turns are taken for many by a
//! job.

use std::collections::HashSet;

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use serde_json::json;
use shared::contract::{Done, Endpoint};
use shared::enrolment::deeds::{
    CancelLink, Deed, Identification, IssueLink, ReissueCause, ReissueTerminal, ResendLink,
    RevokeTerminal, TerminalToReissue, UnlockLink,
};
use shared::enrolment::desk::Enrolment;
use shared::enrolment::job::{ALONE_SECONDS, JobKind, JobOutcome};
use shared::enrolment::standing::{LinkState, Standing};
use shared::enrolment::timeline::TimelineEvent;
use shared::id::{EnrolmentId, JobId};
use shared::offices::OfficeCode;
use shared::text::{Refused, Remark};
use shared::{Problem, ProblemCode};

use super::desk::page_of;
use super::identified::{check_identified, check_said};
use super::link::{HandedOutAnew, NewLink};
use crate::app::{App, Caller};
use crate::store::enrolment::{
    self as rows, By, KnownLink, NewEvent, OfficeFacts, facts_of_code, keep_event,
};
use crate::store::offices::hold;
use crate::store::{self, Tx};

/// Over how long it is counted what one person did alone.
pub(super) const ALONE_WINDOW: SignedDuration = SignedDuration::from_secs(ALONE_SECONDS);

/// How many offices these are.
pub(super) fn count(offices: &HashSet<i64>) -> u32 {
    u32::try_from(offices.len()).unwrap_or(u32::MAX)
}

/// On whose word something is done, and why: it stands in the log and in the timeline.
#[derive(Debug, Clone)]
pub(super) struct Why {
    pub(super) by: By,
    pub(super) identified: Identification,
    pub(super) reason: Remark,
    pub(super) cause: Option<ReissueCause>,
    pub(super) job: Option<JobId>,
}

impl Why {
    fn of(caller: &Caller, deed: &Deed) -> Result<Self, Problem> {
        check_said(deed.identified)?;
        Ok(Self {
            by: By::Person(caller.person()?.person.id),
            identified: deed.identified,
            reason: deed.reason.clone(),
            cause: None,
            job: None,
        })
    }

    fn event<'a>(&'a self, office: &'a OfficeCode, event: TimelineEvent) -> NewEvent<'a> {
        NewEvent {
            reason: Some(self.reason.as_str()),
            identified: Some(self.identified),
            cause: self.cause,
            job: self.job,
            ..NewEvent::new(office, event, self.by)
        }
    }

    fn detail(&self, office: &OfficeCode) -> serde_json::Value {
        json!({
            "office": office, "identified": self.identified, "reason": self.reason,
            "cause": self.cause, "job": self.job,
        })
    }
}

/// What came of an office's turn.
pub(super) struct Turn {
    pub(super) outcome: JobOutcome,
    pub(super) link: Option<EnrolmentId>,
}

impl Turn {
    fn left_out(outcome: JobOutcome) -> Self {
        Self {
            outcome,
            link: None,
        }
    }

    /// The same for a caller who asked for this office alone.
    fn problem(&self) -> Result<Done, Problem> {
        Err(Problem::new(match self.outcome {
            JobOutcome::Issued | JobOutcome::Revoked | JobOutcome::Pending => return Ok(Done {}),
            JobOutcome::LinkOpen => ProblemCode::LinkOpen,
            JobOutcome::AlreadyEnrolled => ProblemCode::AlreadyEnrolled,
            JobOutcome::NoCertificate => ProblemCode::NoCertificate,
            JobOutcome::NoContact => ProblemCode::NoContact,
            JobOutcome::Closed => ProblemCode::OfficeClosed,
            JobOutcome::NotAsked => ProblemCode::NotAsked,
        }))
    }
}

/// Does `kind` to one office within a transaction: looks how it stands now, and leaves it out if it
/// has no need. `new` is the link made for it; without one, it has no address.
pub(super) async fn take_turn(
    tx: &mut Tx,
    kind: JobKind,
    code: &OfficeCode,
    new: Option<&NewLink>,
    why: &Why,
) -> Result<Turn, store::Error> {
    hold(tx, code).await?;
    let now = tx.now();
    match facts_of_code(tx.sql(), now, code).await? {
        Some(facts) => serve(tx, kind, &facts, new, why).await,
        None => Ok(Turn::left_out(JobOutcome::Closed)),
    }
}

/// The same to an office that is held, of which `facts` were read since.
pub(super) async fn serve(
    tx: &mut Tx,
    kind: JobKind,
    facts: &OfficeFacts,
    new: Option<&NewLink>,
    why: &Why,
) -> Result<Turn, store::Error> {
    let (now, code) = (tx.now(), &facts.office.code);
    if let Some(outcome) = has_no_need(kind, facts, now) {
        return Ok(Turn::left_out(outcome));
    }
    // The office is held: of two who answer its terminal, the second finds nobody waiting.
    if why.identified == Identification::OwnKey
        && rows::last_asked(tx.sql(), code, now).await?.is_none()
    {
        return Ok(Turn::left_out(JobOutcome::NotAsked));
    }
    let dies = kind == JobKind::Revoke || why.cause.is_some_and(ReissueCause::kills_at_once);
    if dies {
        revoke_all(tx, code, why).await?;
    }
    if kind == JobKind::Revoke {
        return Ok(Turn::left_out(JobOutcome::Revoked));
    }
    let Some(new) = new else {
        return Ok(Turn::left_out(JobOutcome::NoContact));
    };
    if let Some(old) = open_link(facts, now) {
        cancel_old(tx, code, old.id, why).await?;
    }
    new.keep(tx).await?;
    tx.to(code).record(new.id().0, &why.detail(code));
    let event = match kind {
        JobKind::Reissue => TimelineEvent::Reissued,
        JobKind::Issue | JobKind::Revoke => TimelineEvent::LinkIssued,
    };
    let event = NewEvent {
        link: Some(new.id()),
        ..why.event(code, event)
    };
    keep_event(tx, &event).await?;
    Ok(Turn {
        outcome: JobOutcome::Issued,
        link: Some(new.id()),
    })
}

/// Why `kind` is not done to an office that stands so; `None` if it is.
pub(super) fn has_no_need(
    kind: JobKind,
    facts: &OfficeFacts,
    now: jiff::Timestamp,
) -> Option<JobOutcome> {
    if !facts.open {
        return Some(JobOutcome::Closed);
    }
    match (kind, facts.standing(now)) {
        (JobKind::Issue, Standing::Invited { .. } | Standing::Replaced { .. }) => {
            Some(JobOutcome::LinkOpen)
        }
        (JobKind::Issue, Standing::Enrolled) => Some(JobOutcome::AlreadyEnrolled),
        (JobKind::Reissue, _) if facts.certificate.is_none() => Some(JobOutcome::NoCertificate),
        (JobKind::Revoke, _) => {
            let good = facts.certificate.as_ref();
            (!good.is_some_and(|known| known.facts.is_good(now)))
                .then_some(JobOutcome::NoCertificate)
        }
        _ => None,
    }
}

async fn revoke_all(tx: &mut Tx, code: &OfficeCode, why: &Why) -> Result<(), store::Error> {
    for (serial, terminal) in rows::revoke_office(tx, code).await? {
        let mut detail = why.detail(code);
        detail["serial"] = json!(serial);
        tx.to(code).record(terminal.0, &detail);
        let event = NewEvent {
            serial: Some(&serial),
            ..why.event(code, TimelineEvent::Revoked)
        };
        keep_event(tx, &event).await?;
    }
    Ok(())
}

fn open_link(facts: &OfficeFacts, now: jiff::Timestamp) -> Option<KnownLink> {
    facts
        .link
        .filter(|link| link.facts.state(now) == LinkState::Open)
}

async fn cancel_old(
    tx: &mut Tx,
    code: &OfficeCode,
    link: EnrolmentId,
    why: &Why,
) -> Result<(), store::Error> {
    rows::cancel_link(tx, link).await?;
    store::mail::withdraw_of_link(tx, link).await?;
    tx.to(code).record(link.0, &why.detail(code));
    let event = NewEvent {
        link: Some(link),
        ..why.event(code, TimelineEvent::LinkCancelled)
    };
    keep_event(tx, &event).await
}

/// The facts of an office that is to be acted on.
async fn facts(server: &App, code: &OfficeCode) -> Result<OfficeFacts, Problem> {
    let mut reader = server.store.reader().await?;
    let found = facts_of_code(&mut reader, server.clock.now(), code).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

async fn do_turn<E>(
    server: &App,
    caller: &Caller,
    request: &E::Request,
    kind: JobKind,
    code: &OfficeCode,
    why: Why,
) -> Result<Enrolment, Problem>
where
    E: Endpoint,
{
    let facts = facts(server, code).await?;
    let new = match kind {
        JobKind::Revoke => None,
        // Said before anything dies: a reissue that cannot mail its link does nothing.
        JobKind::Issue | JobKind::Reissue => Some(NewLink::prepare(server, &facts)?),
    };
    let act = caller.act::<E>(request);
    let done = server
        .store
        .write(
            act,
            (code.clone(), new, why.clone()),
            move |tx, (code, new, why)| {
                Box::pin(async move {
                    if kind.is_dangerous() {
                        rows::hold_person(tx, why.by).await?;
                    }
                    hold(tx, code).await?;
                    let now = tx.now();
                    let facts = facts_of_code(tx.sql(), now, code).await?;
                    let facts = facts.ok_or(ProblemCode::NotFound)?;
                    check_identified(why.identified, &facts)?;
                    let turn = serve(tx, kind, &facts, new.as_ref(), why).await?;
                    turn.problem()?;
                    let since = tx.now() - ALONE_WINDOW;
                    // This office is among them by now.
                    if kind.is_dangerous()
                        && kind.needs_second_person(count(
                            &rows::done_alone(tx.sql(), why.by, since).await?,
                        ))
                    {
                        return Err(ProblemCode::SecondPersonNeeded.into());
                    }
                    Ok(Done {})
                })
            },
        )
        .await;
    if let Err(error) = done {
        let problem = Problem::from(error);
        return Err(match problem.code {
            ProblemCode::SecondPersonNeeded => {
                super::job::ask_instead::<E>(server, caller, kind, code, why).await?
            }
            _ => problem,
        });
    }
    server.terminals.refresh_office(server, code).await?;
    page_of(server, caller, code).await
}

/// Issues a link to an office that has none in force.
///
/// # Errors
/// `link-open`, `already-enrolled`, `no-contact`, `mail-not-set-up`, `office-closed`, `not-found`;
/// `invalid-field` when the office is said to have been called back and has no number on record.
pub async fn issue_link_to(
    server: &App,
    caller: &Caller,
    request: Deed,
) -> Result<Enrolment, Problem> {
    let why = Why::of(caller, &request)?;
    let (kind, code) = (JobKind::Issue, &request.office);
    do_turn::<IssueLink>(server, caller, &request, kind, code, why).await
}

/// Issues a link for another terminal; of one that was lost or stolen the certificate dies at once.
///
/// # Errors
/// `second-person-needed`, with the job that waits instead, for who did as many alone as one person
/// may; `no-certificate` for an office that was never enrolled; `not-asked` when its terminal's own
/// key is said to identify it and the terminal does not wait; else as [`issue_link_to`].
pub async fn reissue_terminal(
    server: &App,
    caller: &Caller,
    request: TerminalToReissue,
) -> Result<Enrolment, Problem> {
    // A terminal's own key speaks for it while it is in the office's hands, and for nothing else.
    if request.identified == Identification::OwnKey && request.cause != ReissueCause::Expired {
        return Err(Problem::refused("identified", Refused::new("own_key")));
    }
    let why = Why {
        by: By::Person(caller.person()?.person.id),
        identified: request.identified,
        reason: request.reason.clone(),
        cause: Some(request.cause),
        job: None,
    };
    let (kind, code) = (JobKind::Reissue, &request.office);
    do_turn::<ReissueTerminal>(server, caller, &request, kind, code, why).await
}

/// Revokes an office's certificates.
///
/// # Errors
/// `second-person-needed`, with the job that waits instead, for who did as many alone as one person
/// may; `no-certificate` when none is in force; `invalid-field` when the office is said to have been
/// called back and has no number on record; `office-closed`; `not-found`.
pub async fn revoke_terminal(
    server: &App,
    caller: &Caller,
    request: Deed,
) -> Result<Enrolment, Problem> {
    let why = Why::of(caller, &request)?;
    let (kind, code) = (JobKind::Revoke, &request.office);
    do_turn::<RevokeTerminal>(server, caller, &request, kind, code, why).await
}

/// Hands the open link out anew, with a new password.
///
/// # Errors
/// `no-link` when none is open; `no-contact`; `mail-not-set-up`; `not-found`; `invalid-field` as
/// [`issue_link_to`].
pub async fn resend_link(
    server: &App,
    caller: &Caller,
    request: Deed,
) -> Result<Enrolment, Problem> {
    let now = server.clock.now();
    let facts = facts(server, &request.office).await?;
    // Without an open link the transaction says so, unless it repeats what was answered before.
    let anew = match open_link(&facts, now) {
        None => None,
        Some(link) => {
            let expires_at = link.facts.expires_at;
            Some(HandedOutAnew::prepare(server, &facts, link.id, expires_at)?)
        }
    };
    on_a_link::<ResendLink>(
        server,
        caller,
        request,
        anew,
        &[LinkState::Open],
        |tx, link, anew| {
            Box::pin(async move {
                match anew.filter(|anew| anew.id() == link) {
                    None => Err(ProblemCode::NoLink.into()),
                    Some(anew) => {
                        anew.keep(tx).await?;
                        Ok(TimelineEvent::LinkResent)
                    }
                }
            })
        },
    )
    .await
}

/// Takes the open or locked link back.
///
/// # Errors
/// `no-link` when there is none such; `not-found`; `invalid-field` as [`issue_link_to`].
pub async fn cancel(server: &App, caller: &Caller, request: Deed) -> Result<Enrolment, Problem> {
    on_a_link::<CancelLink>(
        server,
        caller,
        request,
        None,
        &[LinkState::Open, LinkState::Locked],
        |tx, link, _| {
            Box::pin(async move {
                rows::cancel_link(tx, link).await?;
                store::mail::withdraw_of_link(tx, link).await?;
                Ok(TimelineEvent::LinkCancelled)
            })
        },
    )
    .await
}

/// Opens a link that wrong passwords locked, for another five tries.
///
/// # Errors
/// `no-link` when none is locked; `link-expired` when its time is over; `not-found`;
/// `invalid-field` as [`issue_link_to`].
pub async fn unlock_link(
    server: &App,
    caller: &Caller,
    request: Deed,
) -> Result<Enrolment, Problem> {
    on_a_link::<UnlockLink>(
        server,
        caller,
        request,
        None,
        &[LinkState::Locked],
        |tx, link, _| {
            Box::pin(async move {
                let now = tx.now();
                let known = rows::link(tx.sql(), link, None).await?;
                if known.is_none_or(|known| now >= known.expires_at) {
                    return Err(ProblemCode::LinkExpired.into());
                }
                rows::unlock_link(tx, link).await?;
                Ok(TimelineEvent::LinkUnlocked)
            })
        },
    )
    .await
}

type OnLink = for<'t> fn(
    &'t mut Tx,
    EnrolmentId,
    Option<&'t HandedOutAnew>,
) -> BoxFuture<'t, Result<TimelineEvent, store::Error>>;

/// Does something to the office's link that counts, if it is in one of `states`.
async fn on_a_link<E: Endpoint<Request = Deed>>(
    server: &App,
    caller: &Caller,
    request: Deed,
    anew: Option<HandedOutAnew>,
    states: &'static [LinkState],
    act_on: OnLink,
) -> Result<Enrolment, Problem> {
    let why = Why::of(caller, &request)?;
    let act = caller.act::<E>(&request);
    let code = request.office;
    // Also tells one office that is not there from one that has no such link.
    facts(server, &code).await?;
    server
        .store
        .write(
            act,
            (code.clone(), anew, why),
            move |tx, (code, anew, why)| {
                Box::pin(async move {
                    hold(tx, code).await?;
                    let (now, dialect) = (tx.now(), tx.dialect());
                    let facts = facts_of_code(tx.sql(), now, code).await?;
                    if let Some(facts) = &facts {
                        check_identified(why.identified, facts)?;
                    }
                    let link = facts
                        .and_then(|facts| facts.link)
                        .map(|link| link.id)
                        .ok_or(ProblemCode::NoLink)?;
                    // Held: nobody redeems it before the end.
                    let known = rows::link(tx.sql(), link, Some(dialect)).await?;
                    if known.is_none_or(|known| !states.contains(&super::link_state(&known, now))) {
                        return Err(ProblemCode::NoLink.into());
                    }
                    let event = act_on(tx, link, anew.as_ref()).await?;
                    tx.to(code).record(link.0, &why.detail(code));
                    let event = NewEvent {
                        link: Some(link),
                        ..why.event(code, event)
                    };
                    keep_event(tx, &event).await?;
                    Ok(Done {})
                })
            },
        )
        .await?;
    page_of(server, caller, &code).await
}
