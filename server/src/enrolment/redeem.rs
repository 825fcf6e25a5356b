//! Turning a link, or a certificate about to end, into a new certificate.

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
        REPEAT_SECONDS, TerminalIdentity, WRONG_PASSWORDS_LOCK, standing::LinkState,
        timeline::TimelineEvent,
    },
    id::{EnrolmentId, TerminalId},
    offices::{OfficeCode, OfficeName},
};
use zeroize::Zeroizing;

use super::{NotLive, link_state, live::standing};
use crate::{
    app::{App, LiveTerminal},
    authority::{Authority, CertificateRequest},
    password::{GeneratedPassword, typed_password},
    store::{
        self, Error, Tx,
        audit::{Act, Actor},
        enrolment::{
            By, LinkRow, NewCertificate, NewEvent, RefusedTo, bind_link, certificate,
            count_refusal, insert_certificate, issued_for_link, issued_for_renewal, keep_event,
            note_wrong_password, supersede_unused,
        },
        offices::hold,
    },
    tls::TerminalCertificate,
};

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
    let mut random = [0; 16];
    app.rng.fill(&mut random);
    let wish = Wish {
        authority: app.authority.issuing(),
        request: request.clone(),
        public_key: Sha256::digest(request.public_key_der()).into(),
        terminal: TerminalId(crate::clock::new_id(&*app.clock, &*app.rng)),
        random,
    };
    let outcome = match requester {
        Requester::Link { id, password } => {
            let began = Instant::now();
            let outcome = redeem(app, wish, id, &password).await?;
            if let Outcome::Refused(_) = outcome {
                settle(began).await;
            }
            outcome
        }
        Requester::Terminal(terminal) => {
            let actor = Actor {
                terminal: Some(terminal.id),
                user: None,
                office: Some(terminal.office.code.clone()),
            };
            let act = Act::new(actor, "renew certificate");
            app.store
                .write(act, (wish, terminal), |tx, (wish, terminal)| {
                    Box::pin(wish.renew(tx, terminal))
                })
                .await?
        }
    };
    match outcome {
        Outcome::Issued(der) => {
            let issued = TerminalCertificate::parse(&der).map_err(Problem::internal)?;
            let office = &issued.identity.office;
            app.terminals.refresh_office(app, office).await?;
            Ok(der)
        }
        Outcome::Refused(code) => Err(Problem::new(code)),
    }
}

/// Redeems a link, if there is one and it still can be. What strangers can repeat for ever (an
/// id that nobody has, a link that is dead) leaves no entry in the audit log: they could fill
/// the disk with it.
async fn redeem(
    app: &App,
    wish: Wish,
    id: EnrolmentId,
    password: &str,
) -> Result<Outcome, Problem> {
    let link = {
        let mut reader = app.store.reader().await?;
        store::enrolment::link(&mut reader, id, None).await?
    };
    let stored = link.as_ref().map(|link| link.password.clone());
    let typed = typed_password(password);
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
    if let Some(code) = dead(link_state(&link, app.clock.now())) {
        return Ok(Outcome::Refused(code));
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
fn dead(state: LinkState) -> Option<ProblemCode> {
    match state {
        LinkState::Open | LinkState::Used => None,
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
}

/// A certificate asked for, with everything that making it needs. The transaction may run more
/// than once, so randomness is drawn before it.
struct Wish {
    authority: Arc<Authority>,
    request: CertificateRequest,
    /// SHA-256 of the SubjectPublicKeyInfo.
    public_key: [u8; 32],
    /// The new terminal's identity, if one comes of it.
    terminal: TerminalId,
    random: [u8; 16],
}

impl Wish {
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
        if let Some(code) = dead(state) {
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
                    tx.record(id.0, &serde_json::json!({ "again": true }));
                    Ok(Outcome::Issued(der))
                }
                None => refuse(tx, &link, ProblemCode::LinkUsed).await,
            };
        }
        let Some(name) = open_office(tx, &link.office).await? else {
            return refuse(tx, &link, ProblemCode::OfficeClosed).await;
        };
        let identity = TerminalIdentity {
            office: link.office.clone(),
            terminal: self.terminal,
        };
        let (fingerprint, der) = self.certify(tx, identity, &name, Some(id)).await?;
        bind_link(tx, id, &self.public_key, &fingerprint).await?;
        tx.record(id.0, &serde_json::json!({ "terminal": self.terminal }));
        Ok(Outcome::Issued(der))
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
        if let Some(der) = issued_for_renewal(tx, &identity, &self.public_key, since).await? {
            tx.record(who.0, &serde_json::json!({ "again": true }));
            return Ok(Outcome::Issued(der));
        }
        let Some(name) = open_office(tx, &identity.office).await? else {
            return Ok(Outcome::Refused(ProblemCode::OfficeClosed));
        };
        // One successor at a time: nobody can lay in a stock of certificates.
        supersede_unused(tx, &identity, &terminal.serial).await?;
        let (_, der) = self.certify(tx, identity, &name, None).await?;
        Ok(Outcome::Issued(der))
    }

    async fn certify(
        &self,
        tx: &mut Tx,
        identity: TerminalIdentity,
        office: &OfficeName,
        link: Option<EnrolmentId>,
    ) -> Result<([u8; 32], Vec<u8>), Error> {
        let issued = self
            .authority
            .issue(&self.request, &identity, office, tx.now(), self.random)
            .map_err(Problem::from)?;
        let certificate = issued.certificate;
        let fingerprint = *certificate.fingerprint.bytes();
        let new = NewCertificate {
            fingerprint,
            serial: certificate.serial,
            identity,
            public_key: self.public_key,
            der: issued.der.clone(),
            expires_at: certificate.not_after,
        };
        insert_certificate(tx, &new).await?;
        let detail = serde_json::json!({ "serial": new.serial, "office": new.identity.office });
        tx.record(new.identity.terminal.0, &detail);
        let event = match link {
            Some(_) => TimelineEvent::Enrolled,
            None => TimelineEvent::Renewed,
        };
        let event = NewEvent {
            link,
            serial: Some(&new.serial),
            ..NewEvent::new(&new.identity.office, event, By::Terminal)
        };
        keep_event(tx, &event).await?;
        Ok((fingerprint, issued.der))
    }
}

async fn refuse(tx: &mut Tx, link: &LinkRow, code: ProblemCode) -> Result<Outcome, Error> {
    tx.record(link.id.0, &serde_json::json!({ "refused": code }));
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
    count_refusal(tx, &RefusedTo::Link(link.id), code, 1).await?;
    Ok(Outcome::Refused(code))
}

async fn open_office(tx: &mut Tx, code: &OfficeCode) -> Result<Option<OfficeName>, Error> {
    let known = store::offices::by_code(tx.sql(), code).await?;
    Ok(known
        .filter(|known| known.open)
        .map(|known| known.office.name))
}
