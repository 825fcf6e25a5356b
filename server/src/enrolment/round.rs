//! Rounds of a job: some of its offices have their turn together.
//!
//! All of a round is written in one transaction with the job's own row, so a server that dies at any
//! point neither forgets an office nor serves one twice; another server goes on. What is slow to
//! make (links, passwords, sealed messages) is made before it, from what is known then; within it
//! everything is looked at once more.

use std::collections::{HashMap, HashSet};

use shared::enrolment::job::{JobKind, JobState};
use shared::id::JobId;
use shared::offices::OfficeCode;
use shared::text::MailAddress;
use shared::{Problem, contract::Done};

use super::deeds::{Why, serve, take_turn};
use super::link::NewLink;
use crate::app::App;
use crate::store::audit::{Act, Actor};
use crate::store::enrolment::{self as rows, By, OfficeFacts};
use crate::store::offices::hold_all;
use crate::store::{self, Tx};

/// Offices of one transaction: few enough that nobody waits long behind it, and that a pause is
/// felt at once.
pub(super) const AT_ONCE: u32 = if cfg!(test) { 100 } else { 500 };

/// A place in a job.
pub(super) type Place = (JobId, i64);

/// A round that is ready to be gone.
pub(super) struct Round {
    job: JobId,
    kind: JobKind,
    why: Why,
    actor: Actor,
    /// Before the first of its places, and the last.
    places: (i64, i64),
    offices: Vec<Served>,
}

/// One office of a round.
struct Served {
    place: i64,
    number: i64,
    code: OfficeCode,
    /// Where link and password go; a correction since then needs them sealed anew.
    addresses: [Option<MailAddress>; 2],
    /// What is issued to it; nothing where the job issues nothing, or it has no address.
    new: Option<NewLink>,
}

fn addresses(facts: &OfficeFacts) -> [Option<MailAddress>; 2] {
    [facts.mail.clone(), facts.password_mail.clone()]
}

/// Makes the next round of the oldest running job ready: of its pending places the first, or those
/// `behind` a place if it is still the same job. Nothing if there is none.
///
/// # Errors
/// The store fails, or mail was switched off since the job began.
pub(super) async fn next_round(
    server: &App,
    behind: Option<Place>,
) -> Result<Option<Round>, Problem> {
    let now = server.clock.now();
    let mut reader = server.store.reader().await?;
    let Some(id) = rows::running_job(&mut reader).await? else {
        return Ok(None);
    };
    let Some(job) = rows::job(&mut reader, id, now).await? else {
        return Ok(None);
    };
    let behind = behind.filter(|(job, _)| *job == id);
    let behind = behind.map_or(0, |(_, place)| place);
    let pending = rows::pending(&mut reader, id, behind, AT_ONCE).await?;
    let (Some((first, _)), Some((last, _))) = (pending.first(), pending.last()) else {
        return Ok(None);
    };
    let places = (first - 1, *last);
    let numbers: Vec<i64> = pending.iter().map(|(_, number)| *number).collect();
    let mut facts = by_number(rows::facts_of(&mut reader, now, &numbers).await?);
    drop(reader);
    let mut offices = Vec::with_capacity(pending.len());
    for (place, number) in pending {
        let Some(facts) = facts.remove(&number) else {
            continue;
        };
        let new = match job.kind {
            JobKind::Issue | JobKind::Reissue if facts.mail.is_some() => {
                Some(NewLink::prepare(server, &facts)?)
            }
            _ => None,
        };
        offices.push(Served {
            place,
            number,
            addresses: addresses(&facts),
            code: facts.office.code,
            new,
        });
    }
    // One order for everybody who holds several offices.
    offices.sort_by(|a, b| a.code.cmp(&b.code));
    let asked_by = job.asked_by.map(|person| person.id);
    Ok(Some(Round {
        job: id,
        kind: job.kind,
        why: Why {
            by: asked_by.map_or(By::Operator, By::Person),
            identified: job.identified,
            reason: job.reason,
            cause: job.cause,
            job: Some(id),
        },
        actor: Actor {
            user: asked_by,
            ..Actor::default()
        },
        places,
        offices,
    }))
}

fn by_number(facts: Vec<OfficeFacts>) -> HashMap<i64, OfficeFacts> {
    let numbered = facts.into_iter().map(|facts| (facts.number, facts));
    numbered.collect()
}

impl Round {
    /// Its last place.
    pub(super) fn end(&self) -> Place {
        (self.job, self.places.1)
    }

    /// Serves its offices, unless the job was stopped, or some had their turn from another server.
    ///
    /// # Errors
    /// The store fails; nothing of this round remains.
    pub(super) async fn go(self, server: &App) -> Result<(), Problem> {
        let act = Act::new(self.actor.clone(), "work off job");
        let write = server.store.write(act, self, |tx, round| {
            Box::pin(async move { round.write(tx).await })
        });
        write.await?;
        Ok(())
    }

    async fn write(&self, tx: &mut Tx) -> Result<Done, store::Error> {
        // Paused, cancelled or worked on by another server since it was read?
        let job = rows::job_to_change(tx, self.job).await?;
        if job.is_none_or(|job| job.state != JobState::Running) {
            tx.refuse(Some(self.job.0), "job-not-running", serde_json::json!({}));
            return Ok(Done {});
        }
        let pending = rows::pending(tx.sql(), self.job, self.places.0, AT_ONCE).await?;
        let pending: HashSet<i64> = pending.into_iter().map(|(place, _)| place).collect();
        let still = |served: &&Served| pending.contains(&served.place);
        let offices: Vec<&Served> = self.offices.iter().filter(still).collect();
        let codes: Vec<&OfficeCode> = offices.iter().map(|served| &served.code).collect();
        hold_all(tx, &codes).await?;
        let numbers: Vec<i64> = offices.iter().map(|served| served.number).collect();
        let now = tx.now();
        let mut facts = by_number(rows::facts_of(tx.sql(), now, &numbers).await?);
        let mut done = 0;
        for served in &offices {
            let (kind, new) = (self.kind, served.new.as_ref());
            let facts = facts.remove(&served.number);
            if facts
                .as_ref()
                .is_some_and(|facts| addresses(facts) != served.addresses)
            {
                // Its place stays pending, and is made ready once more when the others are served.
                continue;
            }
            done += 1;
            let served_so = match facts {
                Some(facts) => serve(tx, kind, &facts, new, &self.why).await?,
                // Named twice: what has just been done to it is seen by looking again.
                None => take_turn(tx, kind, &served.code, new, &self.why).await?,
            };
            let (outcome, link) = (served_so.outcome, served_so.link);
            rows::settle(tx, self.job, served.place, outcome, link).await?;
        }
        rows::advance(tx, self.job, done).await?;
        // Beside what was done to each, and also when there was no need to do anything to any.
        tx.record(self.job.0, &serde_json::json!({ "offices": done }));
        Ok(Done {})
    }
}
