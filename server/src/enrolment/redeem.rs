//! Turning a link, or a certificate about to end, into a new certificate.
//!
//! The certificate is signed first and its transaction begins afterwards: a token may take its
//! time to sign, or hang, while everybody writes. The transaction judges anew whether this
//! requester is to have it, keeps it, uses the link up and stands in the log, all or nothing; a
//! certificate that it does not keep is thrown away and was never seen outside.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::{
    Problem, ProblemCode,
    enrolment::{
        REPEAT_SECONDS, TerminalIdentity, WRONG_PASSWORDS_LOCK, link_password, standing::LinkState,
        timeline::TimelineEvent,
    },
    id::{EnrolmentId, TerminalId},
    offices::{OfficeCode, OfficeName},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{NotLive, link_state, live::standing};
use crate::{
    app::{App, LiveTerminal},
    authority::{Authorities, Authority, CertificateRequest, Issued},
    password::GeneratedPassword,
    store::{
        self, Connection, Error, Tx,
        audit::{Act, Actor},
        enrolment::{
            By, LinkRow, NewCertificate, NewEvent, Occurrences, RefusedTo, bind_link, certificate,
            count_refusal, insert_certificate, issued_for_link, issued_for_renewal, keep_event,
            note_wrong_password, supersede_unused,
        },
        offices::hold,
    },
    tls::TerminalCertificate,
};

/// How often a certificate is signed anew because what it rests on had changed meanwhile.
const ATTEMPTS: u32 = 3;

/// Who asks for a certificate.
pub enum Requester {
    /// Somebody with a link and its password.
    Link {
        /// The link's id.
        id: EnrolmentId,
        /// The password as typed.
        password: Zeroizing<String>,
    },
    /// A live terminal that renews itself.
    Terminal(Arc<LiveTerminal>),
}

/// Issues a certificate for the key of `request`; gives its DER.
///
/// A link serves one key: the same key gets the same certificate again until that is first used
/// or for 24 hours, any other key is refused. A terminal that renews keeps its identity; the old
/// certificate lives until the new one is first used. It has one new one at a time: another key
/// takes back what nobody has used.
///
/// # Errors
/// Why there is no certificate for this requester.
pub async fn issue(
    app: &App,
    requester: Requester,
    request: &CertificateRequest,
) -> Result<Vec<u8>, Problem> {
    for _ in 0..ATTEMPTS {
        let wish = Wish::of(app, request);
        let outcome = match &requester {
            Requester::Link { id, password } => {
                let began = Instant::now();
                let outcome = redeem(app, wish, *id, password).await?;
                if let Outcome::Refused(_) = outcome {
                    settle(began).await;
                }
                outcome
            }
            Requester::Terminal(terminal) => renew(app, wish, terminal).await?,
        };
        match outcome {
            Outcome::Issued(der) => {
                let issued = TerminalCertificate::parse(&der).map_err(Problem::internal)?;
                let office = &issued.identity.office;
                app.terminals.refresh_office(app, office).await?;
                return Ok(der);
            }
            Outcome::Refused(code) => return Err(Problem::new(code)),
            Outcome::Changed => {}
        }
    }
    Err(Problem::new(ProblemCode::Busy).because("what a certificate rests on kept changing"))
}

/// Redeems a link, if there is one and it still can be. What strangers can repeat for ever (an
/// id that nobody has, a link that is dead) leaves no entry in the audit log: they could fill
/// the disk with it.
async fn redeem(
    app: &App,
    mut wish: Wish,
    id: EnrolmentId,
    password: &str,
) -> Result<Outcome, Problem> {
    let link = {
        let mut reader = app.store.reader().await?;
        store::enrolment::link(&mut reader, id, None).await?
    };
    let stored = link.as_ref().map(|link| link.password.clone());
    let typed = link_password::plain(password);
    let right = match GeneratedPassword::is_right(id, &typed, stored.as_deref()) {
        Some(right) => right,
        // Kept as Argon2id by a program before this one: a month later there are none.
        None => app
            .passwords
            .verify_stranger(typed, stored)
            .await
            .map_err(|error| Problem::new(ProblemCode::Busy).because(error))?,
    };
    let Some(link) = link else {
        return Ok(Outcome::Refused(ProblemCode::LinkRefused));
    };
    let state = link_state(&link, app.clock.now());
    if let Some(code) = dead(&link, state) {
        return Ok(Outcome::Refused(code));
    }
    if right && state == LinkState::Open {
        let office = {
            let mut reader = app.store.reader().await?;
            open_office(&mut reader, &link.office).await?
        };
        if let Some(name) = office {
            let identity = TerminalIdentity {
                office: link.office,
                terminal: wish.terminal,
            };
            wish.sign(app, identity, name).await?;
        }
    }
    let act = Act::new(Actor::default(), "enrol");
    let outcome = app
        .store
        .write(act, (wish, id, right), |tx, (wish, id, right)| {
            Box::pin(wish.redeem(tx, *id, *right))
        })
        .await?;
    Ok(outcome)
}

/// Renews the certificate of a terminal, if it is still to have one.
async fn renew(
    app: &App,
    mut wish: Wish,
    terminal: &Arc<LiveTerminal>,
) -> Result<Outcome, Problem> {
    let identity = TerminalIdentity {
        office: terminal.office.code.clone(),
        terminal: terminal.id,
    };
    let to_sign = {
        let mut reader = app.store.reader().await?;
        let known = certificate(&mut reader, &terminal.serial).await?;
        let lives = known.is_some_and(|known| standing(known).is_ok());
        let since = app.clock.now() - SignedDuration::from_secs(REPEAT_SECONDS);
        let key = &wish.public_key;
        let again = issued_for_renewal(&mut reader, &identity, key, since).await?;
        match lives && again.is_none() {
            true => open_office(&mut reader, &identity.office).await?,
            false => None,
        }
    };
    if let Some(name) = to_sign {
        wish.sign(app, identity, name).await?;
    }
    let actor = Actor {
        terminal: Some(terminal.id),
        user: None,
        office: Some(terminal.office.code.clone()),
    };
    let act = Act::new(actor, "renew certificate");
    let outcome = app
        .store
        .write(act, (wish, Arc::clone(terminal)), |tx, (wish, terminal)| {
            Box::pin(wish.renew(tx, terminal))
        })
        .await?;
    Ok(outcome)
}

/// Lets every refusal end on a full tenth of a second after its beginning, so that one which
/// wrote something takes as long as one which did not.
async fn settle(began: Instant) {
    const STEP: u128 = 100;
    let beyond = began.elapsed().as_millis() % STEP;
    let rest = u64::try_from(STEP - beyond).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(rest)).await;
}

/// What is said of a link that cannot be redeemed any more. Whoever knows its id holds it, and
/// may be told how it stands.
fn dead(link: &LinkRow, state: LinkState) -> Option<ProblemCode> {
    match state {
        LinkState::Open | LinkState::Used => None,
        // No newer link will come, and the helpdesk cannot issue one.
        LinkState::Cancelled if link.office_closed_at.is_some() => Some(ProblemCode::OfficeClosed),
        LinkState::Locked => Some(ProblemCode::LinkLocked),
        LinkState::Cancelled => Some(ProblemCode::LinkCancelled),
        LinkState::Expired => Some(ProblemCode::LinkExpired),
    }
}

/// What one transaction came to.
#[derive(Serialize, Deserialize)]
enum Outcome {
    Issued(Vec<u8>),
    Refused(ProblemCode),
    /// What was signed does not fit any more, and nothing was done.
    Changed,
}

/// A certificate asked for, with everything that keeping it needs. The transaction may run more
/// than once, so nothing is drawn or signed in it.
struct Wish {
    authorities: Authorities,
    authority: Arc<Authority>,
    request: CertificateRequest,
    /// SHA-256 of the SubjectPublicKeyInfo.
    public_key: [u8; 32],
    /// The new terminal's identity, if one comes of it.
    terminal: TerminalId,
    random: [u8; 16],
    /// Not there when nothing seemed to be due.
    signed: Option<Signed>,
}

/// A certificate that nobody has yet, and whom it names.
struct Signed {
    issued: Issued,
    identity: TerminalIdentity,
    office: OfficeName,
}

impl Wish {
    fn of(app: &App, request: &CertificateRequest) -> Self {
        let mut random = [0; 16];
        app.rng.fill(&mut random);
        Self {
            authorities: app.authority.clone(),
            authority: app.authority.issuing(),
            request: request.clone(),
            public_key: Sha256::digest(request.public_key_der()).into(),
            terminal: TerminalId(app.new_id()),
            random,
            signed: None,
        }
    }

    /// Has the certificate made that is to be kept afterwards.
    async fn sign(
        &mut self,
        app: &App,
        identity: TerminalIdentity,
        office: OfficeName,
    ) -> Result<(), Problem> {
        let (request, random, now) = (self.request.clone(), self.random, app.clock.now());
        let named = (identity.clone(), office.clone());
        let authority = Arc::clone(&self.authority);
        let issued = authority
            .signs(move |authority| authority.issue(&request, &named.0, &named.1, now, random))
            .await?;
        self.signed = Some(Signed {
            issued,
            identity,
            office,
        });
        Ok(())
    }

    /// What was signed, if it is what is to be kept now: for an office of this name, by the
    /// authority that still issues.
    fn signed_for(&self, office: &OfficeName) -> Option<&Signed> {
        let signed = self.signed.as_ref()?;
        let in_force = Arc::ptr_eq(&self.authorities.issuing(), &self.authority);
        (signed.office == *office && in_force).then_some(signed)
    }

    async fn redeem(
        &self,
        tx: &mut Tx,
        id: EnrolmentId,
        password_is_right: bool,
    ) -> Result<Outcome, Error> {
        let dialect = tx.dialect();
        let Some(link) = store::enrolment::link(tx.sql(), id, Some(dialect)).await? else {
            return Ok(Outcome::Refused(ProblemCode::LinkRefused));
        };
        // It may have died since it was looked at.
        let state = link_state(&link, tx.now());
        if let Some(code) = dead(&link, state) {
            return refuse(tx, &link, code).await;
        }
        if !password_is_right {
            let locks = link.wrong_passwords + 1 >= WRONG_PASSWORDS_LOCK;
            note_wrong_password(tx, id, locks).await?;
            let code = if locks {
                ProblemCode::LinkLocked
            } else {
                ProblemCode::LinkRefused
            };
            return refuse(tx, &link, code).await;
        }
        if state == LinkState::Used {
            let since = tx.now() - SignedDuration::from_secs(REPEAT_SECONDS);
            let same_key = link.public_key == Some(self.public_key);
            let again = match same_key {
                true => issued_for_link(tx, id, since).await?,
                false => None,
            };
            return match again {
                Some(der) => {
                    let detail = serde_json::json!({ "again": true });
                    tx.to(&link.office).record(id.0, &detail);
                    Ok(Outcome::Issued(der))
                }
                None => refuse(tx, &link, ProblemCode::LinkUsed).await,
            };
        }
        let Some(name) = open_office(tx.sql(), &link.office).await? else {
            return refuse(tx, &link, ProblemCode::OfficeClosed).await;
        };
        let Some(signed) = self.signed_for(&name) else {
            return Ok(changed(tx, &link.office, id.0));
        };
        self.keep(tx, signed, Some(id)).await?;
        let fingerprint = signed.issued.certificate.fingerprint;
        bind_link(tx, id, &self.public_key, fingerprint.bytes()).await?;
        let detail = serde_json::json!({ "terminal": self.terminal });
        tx.to(&link.office).record(id.0, &detail);
        Ok(Outcome::Issued(signed.issued.der.clone()))
    }

    async fn renew(&self, tx: &mut Tx, terminal: &LiveTerminal) -> Result<Outcome, Error> {
        let who = terminal.id;
        hold(tx, &terminal.office.code).await?;
        // The request took its time, and another may have been quicker.
        let known = certificate(tx.sql(), &terminal.serial).await?;
        if let Err(reason) = known.map_or(Err(NotLive::Unknown), standing) {
            let code = Problem::from(reason).code;
            tx.record(who.0, &serde_json::json!({ "refused": code }));
            return Ok(Outcome::Refused(code));
        }
        let identity = TerminalIdentity {
            office: terminal.office.code.clone(),
            terminal: who,
        };
        let since = tx.now() - SignedDuration::from_secs(REPEAT_SECONDS);
        if let Some(der) = issued_for_renewal(tx.sql(), &identity, &self.public_key, since).await? {
            tx.record(who.0, &serde_json::json!({ "again": true }));
            return Ok(Outcome::Issued(der));
        }
        let Some(name) = open_office(tx.sql(), &identity.office).await? else {
            let code = ProblemCode::OfficeClosed;
            tx.record(who.0, &serde_json::json!({ "refused": code }));
            return Ok(Outcome::Refused(code));
        };
        let Some(signed) = self.signed_for(&name) else {
            return Ok(changed(tx, &identity.office, who.0));
        };
        // One successor at a time: nobody can lay in a stock of certificates.
        supersede_unused(tx, &identity, &terminal.serial).await?;
        self.keep(tx, signed, None).await?;
        Ok(Outcome::Issued(signed.issued.der.clone()))
    }

    /// Keeps what was signed: from here on it may be handed out.
    async fn keep(
        &self,
        tx: &mut Tx,
        signed: &Signed,
        link: Option<EnrolmentId>,
    ) -> Result<(), Error> {
        let certificate = &signed.issued.certificate;
        let new = NewCertificate {
            fingerprint: *certificate.fingerprint.bytes(),
            serial: certificate.serial.clone(),
            identity: signed.identity.clone(),
            public_key: self.public_key,
            der: signed.issued.der.clone(),
            expires_at: certificate.not_after,
        };
        insert_certificate(tx, &new).await?;
        let detail = serde_json::json!({ "serial": new.serial, "office": new.identity.office });
        tx.to(&new.identity.office)
            .record(new.identity.terminal.0, &detail);
        let event = match link {
            Some(_) => TimelineEvent::Enrolled,
            None => TimelineEvent::Renewed,
        };
        let event = NewEvent {
            link,
            serial: Some(&new.serial),
            ..NewEvent::new(&new.identity.office, event, By::Terminal)
        };
        keep_event(tx, &event).await
    }
}

/// Nothing is done, for what was signed no longer fits; that it was stands in the log.
fn changed(tx: &mut Tx, office: &OfficeCode, subject: Uuid) -> Outcome {
    let asked = serde_json::json!({});
    tx.to(office).refuse(Some(subject), "begun-anew", asked);
    Outcome::Changed
}

async fn refuse(tx: &mut Tx, link: &LinkRow, code: ProblemCode) -> Result<Outcome, Error> {
    let detail = serde_json::json!({ "refused": code });
    tx.to(&link.office).record(link.id.0, &detail);
    let event = match code {
        ProblemCode::LinkLocked => TimelineEvent::LinkLocked,
        _ => TimelineEvent::LinkRefused,
    };
    let event = NewEvent {
        link: Some(link.id),
        refused: Some(code),
        ..NewEvent::new(&link.office, event, By::Terminal)
    };
    keep_event(tx, &event).await?;
    let now = Occurrences::one(tx.now());
    count_refusal(tx, &RefusedTo::Link(link.id), code, now).await?;
    Ok(Outcome::Refused(code))
}

async fn open_office(sql: &mut Connection, code: &OfficeCode) -> Result<Option<OfficeName>, Error> {
    let known = store::offices::by_code(sql, code).await?;
    Ok(known
        .filter(|known| known.open)
        .map(|known| known.office.name))
}
