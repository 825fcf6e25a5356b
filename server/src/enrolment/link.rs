//! Links: made for one office, good for one terminal, dead after 30 days.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    Problem, ProblemCode,
    enrolment::{
        EnrolmentLink, Fingerprint, LINK_LIFE_SECONDS,
        standing::{LinkFacts, LinkState},
        timeline::TimelineEvent,
    },
    id::EnrolmentId,
    offices::OfficeCode,
};
use zeroize::Zeroizing;

use crate::{
    app::App,
    clock::{Clock, Rng},
    mail,
    offices::NotOpen,
    password::GeneratedPassword,
    store::{
        self, Store, Tx,
        audit::{Act, Actor},
        enrolment::{By, LinkRow, NewEvent, OfficeFacts, insert_link, keep_event},
        mail::NewMail,
        offices::hold,
    },
};

/// A link and its password, as they are handed out: separately (M-02).
pub struct IssuedLink {
    /// What is mailed.
    pub link: EnrolmentLink,
    /// What is told in another way: four groups of four. The only time it can be read.
    pub password: Zeroizing<String>,
    /// From when on it is dead if nobody used it.
    pub expires_at: Timestamp,
}

/// How it stands with `link` at `now`.
#[must_use]
pub fn link_state(link: &LinkRow, now: Timestamp) -> LinkState {
    facts(link).state(now)
}

fn facts(link: &LinkRow) -> LinkFacts {
    LinkFacts {
        issued_at: link.issued_at,
        expires_at: link.expires_at,
        used_at: link.used_at,
        locked_at: link.locked_at,
        cancelled_at: link.cancelled_at,
        office_closed_at: link.office_closed_at,
    }
}

/// A link that was made and is not kept yet, with the messages that hand it out. It is made outside
/// the transaction that keeps it, which may run twice.
pub(super) struct NewLink {
    row: LinkRow,
    mails: [NewMail; 2],
}

impl NewLink {
    /// A link for this office, to be handed out by mail.
    ///
    /// # Errors
    /// `no-contact` without an address; `mail-not-set-up`; `busy` before the server listens.
    pub(super) fn prepare(app: &App, facts: &OfficeFacts) -> Result<Self, Problem> {
        let (row, password) = new_link(&*app.clock, &*app.rng, facts.office.code.clone());
        let replaces = facts.certificate.is_some();
        let mails = mails(app, facts, row.id, row.expires_at, &password, replaces)?;
        Ok(Self { row, mails })
    }

    /// Which.
    pub(super) fn id(&self) -> EnrolmentId {
        self.row.id
    }

    /// Keeps it, and queues what hands it out: the one place where that is done.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn keep(&self, tx: &mut Tx) -> Result<(), store::Error> {
        insert_link(tx, &self.row).await?;
        for mail in &self.mails {
            store::mail::queue(tx, mail).await?;
        }
        Ok(())
    }
}

/// An open link's new password, with the messages that hand both out once more.
pub(super) struct HandedOutAnew {
    id: EnrolmentId,
    password: String,
    mails: [NewMail; 2],
}

impl HandedOutAnew {
    /// Another password for the link `id` of this office, dead from `expires_at` on.
    ///
    /// # Errors
    /// As [`NewLink::prepare`].
    pub(super) fn prepare(
        app: &App,
        facts: &OfficeFacts,
        id: EnrolmentId,
        expires_at: Timestamp,
    ) -> Result<Self, Problem> {
        let password = GeneratedPassword::new(&*app.rng);
        let replaces = facts.certificate.is_some();
        Ok(Self {
            id,
            password: password.kept(id),
            mails: mails(app, facts, id, expires_at, &password, replaces)?,
        })
    }

    /// Which link.
    pub(super) fn id(&self) -> EnrolmentId {
        self.id
    }

    /// Keeps the password; whatever would hand out the old one is withdrawn.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn keep(&self, tx: &mut Tx) -> Result<(), store::Error> {
        store::mail::withdraw_of_link(tx, self.id).await?;
        store::enrolment::hand_out_anew(tx, self.id, &self.password).await?;
        for mail in &self.mails {
            store::mail::queue(tx, mail).await?;
        }
        Ok(())
    }
}

fn mails(
    app: &App,
    facts: &OfficeFacts,
    id: EnrolmentId,
    expires_at: Timestamp,
    password: &GeneratedPassword,
    replaces: bool,
) -> Result<[NewMail; 2], Problem> {
    let first = facts
        .mail
        .as_ref()
        .ok_or_else(|| Problem::new(ProblemCode::NoContact))?;
    let link = app
        .mail
        .link(id, app.authority.fingerprint())
        .ok_or_else(|| Problem::new(ProblemCode::Busy))?;
    let issued = IssuedLink {
        link,
        password: password.reveal().clone(),
        expires_at,
    };
    let to = (first, facts.password_mail.as_ref());
    mail::for_link(app, &facts.office, to, &issued, replaces)
}

fn new_link(clock: &dyn Clock, rng: &dyn Rng, office: OfficeCode) -> (LinkRow, GeneratedPassword) {
    let password = GeneratedPassword::new(rng);
    let id = EnrolmentId(crate::clock::new_id(clock, rng));
    // To the millisecond, as it is kept.
    let now = Timestamp::from_millisecond(clock.now().as_millisecond())
        .expect("a whole number of milliseconds of an instant is an instant");
    let row = LinkRow {
        id,
        office,
        password: password.kept(id),
        issued_at: now,
        expires_at: now + SignedDuration::from_secs(LINK_LIFE_SECONDS),
        wrong_passwords: 0,
        locked_at: None,
        cancelled_at: None,
        office_closed_at: None,
        used_at: None,
        public_key: None,
    };
    (row, password)
}

/// Why there is no link for an office. For the command line; the sentences are for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    /// There is no office with this code, or it is closed.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Whether an office can have a link.
#[derive(Serialize, Deserialize)]
enum Issuing {
    Done,
    Unknown,
    Closed,
}

/// Makes a link for `office` that leads to `address` (host and port of the enrolment listener)
/// and trusts the root with this fingerprint.
///
/// # Errors
/// See [`NotIssued`].
pub async fn issue_link(
    store: &Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    office: OfficeCode,
    address: String,
    fingerprint: Fingerprint,
) -> Result<IssuedLink, NotIssued> {
    let (row, password) = new_link(clock, rng, office.clone());
    let expires_at = row.expires_at;
    let link = EnrolmentLink {
        authority: address,
        id: row.id,
        fingerprint,
    };
    let act = Act::new(Actor::default(), "issue link");
    let issuing = store
        .write(act, row, |tx, row| {
            Box::pin(async move {
                // Held: nobody closes it before the end.
                hold(tx, &row.office).await?;
                let known = store::offices::by_code(tx.sql(), &row.office).await?;
                let detail = serde_json::json!({ "office": row.office });
                let Some(known) = known else {
                    tx.refuse(None, "unknown", detail);
                    return Ok(Issuing::Unknown);
                };
                if !known.open {
                    tx.to(&row.office).refuse(None, "office-closed", detail);
                    return Ok(Issuing::Closed);
                }
                insert_link(tx, row).await?;
                tx.to(&row.office).record(row.id.0, &detail);
                let event = NewEvent {
                    link: Some(row.id),
                    ..NewEvent::new(&row.office, TimelineEvent::LinkIssued, By::Operator)
                };
                keep_event(tx, &event).await?;
                Ok(Issuing::Done)
            })
        })
        .await?;
    match issuing {
        Issuing::Done => Ok(IssuedLink {
            link,
            password: password.reveal().clone(),
            expires_at,
        }),
        Issuing::Unknown => Err(NotOpen::Unknown(office).into()),
        Issuing::Closed => Err(NotOpen::Closed(office).into()),
    }
}

/// Why a link was not cancelled. For the command line; the sentences are for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotCancelled {
    /// There is none with this id.
    #[error("there is no link {0}: `link list` shows every id")]
    Unknown(EnrolmentId),
    /// A terminal was enrolled with it.
    #[error(
        "the link {id} was used at {at}: a terminal of the office {office} is enrolled with it; \
         to shut that out, `terminal revoke` its certificate, which `terminal list` shows"
    )]
    Used {
        /// Which.
        id: EnrolmentId,
        /// Whose.
        office: OfficeCode,
        /// When.
        at: Timestamp,
    },
    /// It was cancelled before, or its office closed.
    #[error("the link {id} was cancelled already, at {at}: there is nothing to do")]
    Already {
        /// Which.
        id: EnrolmentId,
        /// When.
        at: Timestamp,
    },
    /// Its time was over.
    #[error("the link {id} expired at {at}: nobody can use it, there is nothing to do")]
    Expired {
        /// Which.
        id: EnrolmentId,
        /// When.
        at: Timestamp,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What came of cancelling a link.
#[derive(Serialize, Deserialize)]
enum Cancelling {
    Done(OfficeCode),
    Unknown,
    Used(OfficeCode, Timestamp),
    Already(Timestamp),
    Expired(Timestamp),
}

/// Cancels the link `id`, open or locked; gives the office it was issued to.
///
/// # Errors
/// See [`NotCancelled`].
pub async fn cancel_link(store: &Store, id: EnrolmentId) -> Result<OfficeCode, NotCancelled> {
    let act = Act::new(Actor::default(), "cancel link");
    let cancelling = store.write(act, id, |tx, id| Box::pin(cancel_in(tx, *id)));
    match cancelling.await? {
        Cancelling::Done(office) => Ok(office),
        Cancelling::Unknown => Err(NotCancelled::Unknown(id)),
        Cancelling::Used(office, at) => Err(NotCancelled::Used { id, office, at }),
        Cancelling::Already(at) => Err(NotCancelled::Already { id, at }),
        Cancelling::Expired(at) => Err(NotCancelled::Expired { id, at }),
    }
}

async fn cancel_in(tx: &mut Tx, id: EnrolmentId) -> Result<Cancelling, store::Error> {
    let dialect = tx.dialect();
    // Held: nobody redeems it before the end.
    let Some(link) = store::enrolment::link(tx.sql(), id, Some(dialect)).await? else {
        tx.refuse(Some(id.0), "unknown", serde_json::json!({}));
        return Ok(Cancelling::Unknown);
    };
    let detail = serde_json::json!({ "office": link.office });
    let facts = facts(&link);
    let over = match (facts.used_at, facts.taken_back_at()) {
        (_, Some(at)) => Some(Cancelling::Already(at)),
        (Some(at), None) => Some(Cancelling::Used(link.office.clone(), at)),
        (None, None) if tx.now() >= link.expires_at => Some(Cancelling::Expired(link.expires_at)),
        (None, None) => None,
    };
    if let Some(over) = over {
        let it = Some(id.0);
        tx.to(&link.office).refuse(it, "link-over-already", detail);
        return Ok(over);
    }
    store::enrolment::cancel_link(tx, id).await?;
    store::mail::withdraw_of_link(tx, id).await?;
    tx.to(&link.office).record(id.0, &detail);
    let event = NewEvent {
        link: Some(id),
        ..NewEvent::new(&link.office, TimelineEvent::LinkCancelled, By::Operator)
    };
    keep_event(tx, &event).await?;
    Ok(Cancelling::Done(link.office))
}
