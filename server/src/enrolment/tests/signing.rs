//! A key that is slow to sign, or hangs, and what happens meanwhile. The token here is made up: it
//! signs when it is let. A real one that hangs is in the journeys.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use tokio::task::JoinHandle;

use super::*;
use crate::app::LiveTerminal;
use crate::authority::{Authority, Elsewhere, InForce, Key, is_issued_by};

/// What a slow key is doing, and whether it may go on.
#[derive(Default)]
struct Gate {
    state: Mutex<Inside>,
    moved: Condvar,
}

#[derive(Default)]
struct Inside {
    closed: bool,
    asked: usize,
    waiting: usize,
}

impl Gate {
    fn set(&self, closed: bool) {
        self.state.lock().unwrap().closed = closed;
        self.moved.notify_all();
    }

    /// Waits until somebody is in it.
    async fn entered(&self) {
        while self.state.lock().unwrap().waiting == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

struct Slow(KeyPair, Arc<Gate>);

impl PublicKeyData for Slow {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl SigningKey for Slow {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let mut inside = self.1.state.lock().unwrap();
        inside.asked += 1;
        inside.waiting += 1;
        let mut inside = self.1.moved.wait_while(inside, |it| it.closed).unwrap();
        inside.waiting -= 1;
        drop(inside);
        self.0.sign(message)
    }
}

impl Elsewhere for Slow {
    fn file(&self) -> Zeroizing<String> {
        Zeroizing::default()
    }
}

/// A server whose authority's key lies behind a gate, open at first.
async fn gated(database: Database) -> (Arc<Server>, Arc<Gate>) {
    let server = server(database).await;
    let gate = Arc::new(Gate::default());
    let key = Key::from(Slow(KeyPair::generate().unwrap(), Arc::clone(&gate)));
    let (authority, _) = Authority::create_over(key, server.clock.now(), [9; 16]).unwrap();
    server.app.authority.replace(InForce::only(authority));
    (server, gate)
}

type Redeeming = JoinHandle<Result<TerminalCertificate, ProblemCode>>;

fn redeeming(
    server: &Arc<Server>,
    link: &(EnrolmentId, String),
    request: &CertificateRequest,
) -> Redeeming {
    let (server, link, request) = (Arc::clone(server), link.clone(), request.clone());
    tokio::spawn(async move { redeem(&server, &link, &request).await })
}

async fn issued(server: &Server) -> usize {
    let mut reader = server.app.store.reader().await.unwrap();
    store::enrolment::terminals(&mut reader)
        .await
        .unwrap()
        .len()
}

async fn a_key_that_hangs_holds_up_nobody_who_writes_and_uses_nothing_up(database: Database) {
    let (server, gate) = gated(database).await;
    let [waiting, others] = [link(&server).await, link(&server).await];
    gate.set(true);
    let began = Instant::now();
    let first = redeeming(&server, &waiting, &request());
    gate.entered().await;
    let more: Vec<Redeeming> = (0..20)
        .map(|_| redeeming(&server, &others, &request()))
        .collect();
    let writing = Instant::now();
    for _ in 0..5 {
        link(&server).await;
    }
    assert!(!first.is_finished());
    let wrote = writing.elapsed();
    assert!(wrote < Duration::from_secs(2), "{wrote:?}");
    for asked in more.into_iter().chain([first]) {
        let refused = asked.await.unwrap();
        assert_eq!(refused, Err(ProblemCode::AuthorityUnavailable));
    }
    let told = began.elapsed();
    assert!(told < Duration::from_secs(9), "{told:?}");
    assert_eq!(gate.state.lock().unwrap().waiting, 1, "one thread at most");
    gate.set(false);
    for link in [waiting, others] {
        redeem(&server, &link, &request()).await.unwrap();
    }
    assert_eq!(issued(&server).await, 2);
    assert_eq!(
        gate.state.lock().unwrap().asked,
        4,
        "the root, one too late, and two"
    );
}

async fn what_dies_while_its_certificate_is_signed_gets_none(database: Database) {
    let (server, gate) = gated(database).await;
    let cancelled = link(&server).await;
    gate.set(true);
    let asked = redeeming(&server, &cancelled, &request());
    gate.entered().await;
    cancel_link(&server.app.store, cancelled.0).await.unwrap();
    gate.set(false);
    assert_eq!(asked.await.unwrap(), Err(ProblemCode::LinkCancelled));
    assert_eq!(issued(&server).await, 0);
}

async fn a_terminal_revoked_while_its_renewal_is_signed_gets_none(database: Database) {
    let (server, gate) = gated(database).await;
    let old = redeem(&server, &link(&server).await, &request())
        .await
        .unwrap();
    use_first(&server, &old).await;
    let terminal: Arc<LiveTerminal> = enter(&server, &old).unwrap().terminal.clone();
    gate.set(true);
    let asked = {
        let (server, request) = (Arc::clone(&server), request());
        tokio::spawn(async move {
            let asked = issue(&server.app, Requester::Terminal(terminal), &request).await;
            asked.map_err(|problem| problem.code)
        })
    };
    gate.entered().await;
    let revoked = revoke(&server.app.store, Actor::default(), old.serial.clone()).await;
    revoked.unwrap();
    gate.set(false);
    assert_eq!(asked.await.unwrap(), Err(ProblemCode::TerminalRevoked));
    assert_eq!(issued(&server).await, 1);
}

async fn two_keys_signed_for_at_once_get_one_certificate(database: Database) {
    let (server, gate) = gated(database).await;
    let link = link(&server).await;
    gate.set(true);
    let winner = request();
    let asked = [&winner, &winner, &request()].map(|request| redeeming(&server, &link, request));
    gate.entered().await;
    // All of them have seen the link open.
    tokio::time::sleep(Duration::from_millis(200)).await;
    gate.set(false);
    let mut got = Vec::new();
    for asked in asked {
        got.push(asked.await.unwrap());
    }
    let [one, two, three] = &got[..] else {
        panic!("{got:?}")
    };
    assert_eq!(one, two, "the same key gets the same");
    assert_ne!(one.is_ok(), three.is_ok());
    assert!(got.contains(&Err(ProblemCode::LinkUsed)));
    assert_eq!(issued(&server).await, 1);
}

async fn what_another_authority_has_to_sign_by_now_is_signed_anew(database: Database) {
    let (server, gate) = gated(database).await;
    let link = link(&server).await;
    gate.set(true);
    let asked = redeeming(&server, &link, &request());
    gate.entered().await;
    let (next, _) = Authority::create(server.clock.now(), [8; 16]).unwrap();
    let root = next.root().clone();
    server.app.authority.replace(InForce::only(next));
    gate.set(false);
    let certificate = asked.await.unwrap().unwrap();
    let mut reader = server.app.store.reader().await.unwrap();
    let kept = store::enrolment::certificate_of(&mut reader, certificate.fingerprint.bytes()).await;
    let der = kept.unwrap().unwrap().der;
    assert!(is_issued_by(&der, &root));
    assert_eq!(issued(&server).await, 1);
}

on_both_databases!(
    a_key_that_hangs_holds_up_nobody_who_writes_and_uses_nothing_up,
    what_dies_while_its_certificate_is_signed_gets_none,
    a_terminal_revoked_while_its_renewal_is_signed_gets_none,
    two_keys_signed_for_at_once_get_one_certificate,
    what_another_authority_has_to_sign_by_now_is_signed_anew,
);
