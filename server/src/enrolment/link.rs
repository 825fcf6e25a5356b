//! Links: made for one office, good for one terminal, dead after 30 days.

use jiff::{SignedDuration, Timestamp};
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
    password::GeneratedPassword,
    store::{
        self, Store, Tx,
        audit::{Act, Actor},
        enrolment::{By, LinkRow, NewEvent, OfficeFacts, insert_link, keep_event},
        mail::NewMail,
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
    LinkFacts {
        issued_at: link.issued_at,
        expires_at: link.expires_at,
        used_at: link.used_at,
        locked_at: link.locked_at,
        cancelled_at: link.cancelled_at,
        office_closed_at: link.office_closed_at,
    }
    .state(now)
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

/// Makes a link for `office` that leads to `address` (host and port of the enrolment listener)
/// and trusts the root with this fingerprint. Whether the office exists is the caller's to know.
///
/// # Errors
/// The store fails.
pub async fn issue_link(
    store: &Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    office: OfficeCode,
    address: String,
    fingerprint: Fingerprint,
) -> Result<IssuedLink, store::Error> {
    let (row, password) = new_link(clock, rng, office);
    let expires_at = row.expires_at;
    let link = EnrolmentLink {
        authority: address,
        id: row.id,
        fingerprint,
    };
    let act = Act::new(Actor::default(), "issue link");
    store
        .write(act, row, |tx, row| {
            Box::pin(async move {
                insert_link(tx, row).await?;
                let detail = serde_json::json!({ "office": row.office });
                tx.to(&row.office).record(row.id.0, &detail);
                let event = NewEvent {
                    link: Some(row.id),
                    ..NewEvent::new(&row.office, TimelineEvent::LinkIssued, By::Operator)
                };
                keep_event(tx, &event).await?;
                Ok(())
            })
        })
        .await?;
    Ok(IssuedLink {
        link,
        password: password.reveal().clone(),
        expires_at,
    })
}

/// Cancels the link `id`; false if there is none such or it is used or cancelled already.
///
/// # Errors
/// The store fails.
pub async fn cancel_link(store: &Store, id: EnrolmentId) -> Result<bool, store::Error> {
    let act = Act::new(Actor::default(), "cancel link");
    store
        .write(act, id, |tx, id| {
            Box::pin(async move {
                let cancelled = store::enrolment::cancel_link(tx, *id).await?;
                let link = store::enrolment::link(tx.sql(), *id, None).await?;
                let Some(link) = link else {
                    tx.refuse(Some(id.0), "unknown", serde_json::json!({}));
                    return Ok(false);
                };
                let detail = serde_json::json!({ "office": link.office });
                if !cancelled {
                    let it = Some(id.0);
                    tx.to(&link.office).refuse(it, "link-over-already", detail);
                    return Ok(false);
                }
                tx.to(&link.office).record(id.0, &detail);
                let event = NewEvent {
                    link: Some(*id),
                    ..NewEvent::new(&link.office, TimelineEvent::LinkCancelled, By::Operator)
                };
                keep_event(tx, &event).await?;
                Ok(true)
            })
        })
        .await
}
