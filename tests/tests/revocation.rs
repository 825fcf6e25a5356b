//! A revocation reaches every server that shares the database, every connection that is open, and
//! whoever asks for the list.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::postgres::Postgres;
use harness::process::run;
use harness::reference::{Identity, answer, curl};
use harness::thoroughness::so_many;
use harness::world::World;

use crate::prefecture::{EAST, PREFECTURE, identity, populate, world};
use crate::wire::Line;

/// Within this, a revocation is known everywhere, 99 times of 100.
const REACH: Duration = Duration::from_secs(1);

fn revocations() -> usize {
    so_many(50, 10_000)
}

/// How openssl judges a certificate by the root and the list that the server hands out.
fn verify(world: &World, identity: &Identity) -> String {
    let list = world.beside("revoked.crl");
    let mut fetch = curl(&identity.root);
    fetch.arg("--output").arg(&list);
    fetch.arg(format!("{}/crl", world.enrolment_url()));
    let (status, _) = answer(run(&mut fetch, "").unwrap()).unwrap();
    assert_eq!(status, 200);
    let pem = world.beside("revoked.pem");
    let mut convert = Command::new("openssl");
    convert.args(["crl", "-inform", "DER", "-in"]).arg(&list);
    let text = run(&mut convert, "").unwrap().success().unwrap();
    fs::write(&pem, text).unwrap();
    let mut verify = Command::new("openssl");
    verify
        .args(["verify", "-crl_check", "-CAfile"])
        .arg(&identity.root);
    verify.arg("-CRLfile").arg(&pem).arg(&identity.certificate);
    let judged = run(&mut verify, "").unwrap();
    format!("{}{}", judged.stdout, judged.stderr)
}

#[test]
fn others_learn_of_a_revocation_from_the_list() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    assert!(verify(&world, &identity).contains(": OK"));
    let serial = identity.serial().unwrap();
    world.operator(["terminal", "revoke", &serial]).unwrap();
    let judged = verify(&world, &identity);
    assert!(judged.contains("certificate revoked"), "{judged}");
}

/// Asks over a kept connection without end; gives when it was refused.
async fn until_refused(mut line: Line, answered: Arc<AtomicU64>) -> Instant {
    loop {
        let answer = line.ask().await.unwrap();
        if answer.status != 200 {
            assert_eq!((answer.status, answer.code()), (403, "terminal-revoked"));
            return Instant::now();
        }
        answered.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_reaches_open_connections_on_every_server_within_a_second() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("revocation").unwrap();
    let mut first = World::prepare(Some(database)).unwrap();
    first.serve().unwrap();
    let first = populate(first);
    let mut second = first.neighbour().unwrap();
    second.serve().unwrap();
    let answered = Arc::new(AtomicU64::new(0));
    let mut took = Vec::new();
    for number in 0..revocations() {
        let office = format!("990001-r{number}");
        first
            .office(&office, "health-centre", "見本保健所", Some(PREFECTURE))
            .unwrap();
        let identity = identity(&first, &office, &office);
        let config = Line::config(&identity);
        let mut asking = Vec::new();
        for server in [&first, &second, &first, &second] {
            let mut line = Line::open_as(server, config.clone()).await.unwrap();
            assert_eq!(line.ask().await.unwrap().status, 200);
            asking.push(tokio::spawn(until_refused(line, answered.clone())));
        }
        let serial = identity.serial().unwrap();
        let revoke = || first.operator(["terminal", "revoke", &serial]).unwrap();
        tokio::task::block_in_place(revoke);
        // Counted from when the command is done, so from the commit on.
        let done = Instant::now();
        for refused in asking {
            let refused = tokio::time::timeout(Duration::from_secs(10), refused).await;
            let at = refused.expect("still let in after ten seconds").unwrap();
            took.push(at.saturating_duration_since(done));
        }
    }
    took.sort();
    let p99 = took[took.len() * 99 / 100];
    println!(
        "{} refusals, median {:?}, p99 {p99:?}",
        took.len(),
        took[took.len() / 2]
    );
    assert!(p99 < REACH, "{p99:?}");
    assert!(
        answered.load(Ordering::Relaxed) > 0,
        "nobody was let in before"
    );
}

/// Asks over new connections until it is answered so, for a second at most.
async fn until_answered(world: &World, identity: &Identity, wanted: (u16, &str)) {
    let began = Instant::now();
    loop {
        let mut line = Line::open(world, identity).await.unwrap();
        let answer = line.ask().await.unwrap();
        let code = match answer.status {
            200 => "",
            _ => answer.code(),
        };
        if (answer.status, code) == wanted {
            return;
        }
        let waited = began.elapsed();
        assert!(waited < REACH, "{} {code} after {waited:?}", answer.status);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_closed_by_mistake_works_again_within_a_second_of_its_reopening() {
    let world = world();
    let terminal = identity(&world, EAST, "terminal");
    let office = |arguments: &[&str]| {
        let command = ["office"].into_iter().chain(arguments.iter().copied());
        tokio::task::block_in_place(|| world.operator(command).unwrap())
    };
    until_answered(&world, &terminal, (200, "")).await;
    office(&["close", "--code", EAST, "--reason", "見本の理由"]);
    until_answered(&world, &terminal, (403, "office-closed")).await;
    let said = office(&["reopen", "--code", EAST, "--reason", "見本の打ち間違い"]);
    assert_eq!(
        said,
        format!("reopened {EAST}, certificates let in again 1\n")
    );
    until_answered(&world, &terminal, (200, "")).await;
    world.operator(["audit", "verify"]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_database_hangs_nobody_is_let_in_after_three_seconds_until_it_goes_on() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("hanging").unwrap();
    let mut world = World::prepare(Some(database)).unwrap();
    world.serve().unwrap();
    let world = populate(world);
    let identity = identity(&world, EAST, "terminal");
    let mut kept = Line::open(&world, &identity).await.unwrap();
    assert_eq!(kept.ask().await.unwrap().status, 200);
    postgres.freeze().unwrap();
    let frozen = Instant::now();
    let refused = loop {
        // What needs nothing of the database is answered at once, one way or the other.
        let answer = tokio::time::timeout(REACH, kept.ask()).await;
        let answer = answer.expect("an answer within a second").unwrap();
        if answer.status != 200 {
            break answer;
        }
        let waited = frozen.elapsed();
        assert!(waited < Duration::from_secs(5), "still let in: {waited:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let took = frozen.elapsed();
    println!("refused {took:?} after the database had frozen");
    assert_eq!((refused.status, refused.code()), (503, "store-unavailable"));
    // Not before it could know, and new connections fare no better.
    assert!(took > Duration::from_secs(2), "{took:?}");
    let mut new = Line::open(&world, &identity).await.unwrap();
    let answer = tokio::time::timeout(REACH, new.ask()).await.unwrap();
    assert_eq!(answer.unwrap().code(), "store-unavailable");
    postgres.thaw().unwrap();
    let thawed = Instant::now();
    while kept.ask().await.unwrap().status != 200 {
        let waited = thawed.elapsed();
        assert!(waited < Duration::from_secs(5), "still refused: {waited:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("let in again {:?} after it went on", thawed.elapsed());
    assert_eq!(new.ask().await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_records_cannot_be_asked_nobody_is_let_in() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("silence").unwrap();
    let mut world = World::prepare(Some(database)).unwrap();
    world.serve().unwrap();
    let world = populate(world);
    let identity = identity(&world, EAST, "terminal");
    let mut kept = Line::open(&world, &identity).await.unwrap();
    assert_eq!(kept.ask().await.unwrap().status, 200);
    postgres.fail();
    let failed = Instant::now();
    // Nobody is refused before the server could know, and nobody is served for long after.
    let refused = loop {
        let answer = kept.ask().await.unwrap();
        if answer.status != 200 {
            break answer;
        }
        assert!(failed.elapsed() < Duration::from_secs(5), "still let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((refused.status, refused.code()), (503, "store-unavailable"));
    let mut fresh = Line::open(&world, &identity).await.unwrap();
    assert_eq!(fresh.ask().await.unwrap().code(), "store-unavailable");
}
