//! kill -9 of the server under load: what was acknowledged is there, once, and what was not can be
//! sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::postgres::Postgres;
use harness::reference::curl_and_openssl;
use harness::thoroughness::so_many;
use harness::world::{User, World};
use serde_json::{Value, json};

use crate::contract::days_ago;
use crate::prefecture::{EAST, identity, person, populate};
use crate::wire::{Terminal, fresh_key};

/// What was sent under which key, and whether an answer came.
#[derive(Default)]
struct Ledger {
    sent: BTreeMap<String, Value>,
    acknowledged: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_acknowledged_on_sqlite() {
    cut_the_power(World::prepare(None).unwrap(), so_many(30, 10_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_acknowledged_on_postgresql() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("cut").unwrap();
    cut_the_power(World::prepare(Some(database)).unwrap(), so_many(10, 10_000)).await;
}

async fn cut_the_power(mut world: World, rounds: u32) {
    world.serve().unwrap();
    let mut world = populate(world);
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let identity = identity(&world, EAST, "terminal");
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for round in 0..rounds {
        let mut terminal = Terminal::new(&world, &identity);
        assert_eq!(terminal.log_in(&user).await.status, 200, "round {round}");
        let link = world.link(EAST).unwrap();
        let fresh =
            curl_and_openssl::prepare(&world, &link, &world.beside(&format!("link-{round}")))
                .unwrap();
        let before = acknowledged(&ledger);
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                tokio::spawn(write_until_cut(
                    terminal.clone(),
                    ledger.clone(),
                    round * 8 + writer,
                ))
            })
            .collect();
        // The load is under way before the time runs, however slow the machine is.
        while acknowledged(&ledger) == before {
            assert!(
                writers.iter().any(|writer| !writer.is_finished()),
                "round {round}: every writer gave up"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // Spread over the round: some cuts fall before, some into, some after the redeeming.
        let cut_after = Duration::from_millis(u64::from(30 + round * 37 % 240));
        let _ = tokio::join!(redeem(&world, &link, &fresh), tokio::time::sleep(cut_after),);
        world.power_cut();
        for writer in writers {
            writer.await.unwrap();
        }
        world.serve().unwrap();
        let (code, body) = curl_and_openssl::redeem(&world, &link, &fresh).unwrap();
        assert_eq!(code, 200, "round {round}: the link is burnt: {body}");
    }
    settle(&world, &identity, &user, &ledger).await;
    world.operator(["audit", "verify"]).unwrap();
}

fn acknowledged(ledger: &Mutex<Ledger>) -> usize {
    ledger.lock().unwrap().acknowledged.len()
}

/// Redeems the link while the power may go.
async fn redeem(
    world: &World,
    link: &harness::world::Link,
    identity: &harness::reference::Identity,
) {
    let _ = tokio::task::block_in_place(|| curl_and_openssl::redeem(world, link, identity));
}

async fn write_until_cut(terminal: Terminal, ledger: Arc<Mutex<Ledger>>, series: u32) {
    for number in 0.. {
        let key = fresh_key();
        let body = json!({ "details": person(series * 10_000 + number, &days_ago(2)), "although_alike": true });
        ledger
            .lock()
            .unwrap()
            .sent
            .insert(key.clone(), body.clone());
        match terminal
            .send("POST", "/v1/returnees", Some(&body), Some(&key))
            .await
        {
            Ok(answer) if answer.status == 200 => {
                ledger.lock().unwrap().acknowledged.insert(key);
            }
            Ok(answer) => assert!(answer.status == 503, "{answer:?}"),
            Err(_) => return,
        }
    }
}

/// Sends again what had no answer, under its own key, and counts.
async fn settle(
    world: &World,
    identity: &harness::reference::Identity,
    user: &User,
    ledger: &Mutex<Ledger>,
) {
    let mut terminal = Terminal::new(world, identity);
    terminal.log_in(user).await;
    let ledger = std::mem::take(&mut *ledger.lock().unwrap());
    let before = people(&terminal).await;
    let lost: Vec<_> = ledger
        .acknowledged
        .iter()
        .filter(|key| !before.contains_key(&name_of(&ledger.sent[*key])))
        .collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for (key, body) in &ledger.sent {
        if !ledger.acknowledged.contains(key) {
            let answer = terminal
                .send("POST", "/v1/returnees", Some(body), Some(key))
                .await
                .unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
    let after = people(&terminal).await;
    let expected: BTreeMap<_, _> = ledger
        .sent
        .values()
        .map(|body| (name_of(body), 1))
        .collect();
    assert_eq!(after, expected, "someone is there twice or not at all");
    // A run in which nothing was under way when the power went has tested nothing. That something
    // was acknowledged in each round was waited for.
    assert!(
        ledger.sent.len() > ledger.acknowledged.len(),
        "nothing was in flight"
    );
}

fn name_of(body: &Value) -> String {
    // The list shows names; the made-up name carries the same number.
    body["details"]["name"].as_str().unwrap().to_owned()
}

/// How often each person is in the work list, page by page.
pub(crate) async fn people(terminal: &Terminal) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    let mut path = "/v1/returnees?limit=200".to_owned();
    loop {
        let page = terminal.send("GET", &path, None, None).await.unwrap();
        assert_eq!(page.status, 200, "{page:?}");
        for row in page.body["rows"].as_array().unwrap() {
            *counted
                .entry(row["name"].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
        }
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/returnees?limit=200&after={next}"),
            None => return counted,
        }
    }
}
