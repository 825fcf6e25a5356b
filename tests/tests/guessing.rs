//! Passwords tried by the thousand: none is found, nobody is kept out for good, and an id that
//! nobody has looks like one that somebody has.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use harness::postgres::Postgres;
use harness::reference::{Identity, curl_and_openssl};
use harness::thoroughness::so_many;
use harness::world::{Link, World};
use reqwest::Client;
use serde_json::{Value, json};

use crate::prefecture::{EAST, PREFECTURE, WEST, identity, log_in, populate, terminal};
use crate::wire::{Terminal, fresh_key, stranger};

const HELPDESK: &str = "990000";
/// How many tries are under way on one terminal, which has one connection for all of them.
const ON_A_TERMINAL: usize = 16;
/// From how many addresses is guessed.
const ADDRESSES: u8 = 8;
/// How many tries are under way from each; the server takes 64.
const AT_ONCE: usize = 60;
/// No refusal comes before its tenth of a second, whatever is known of the id.
const TENTH: Duration = Duration::from_millis(100);

fn guesses() -> u64 {
    so_many(10_000, 10_000_000)
}

/// A password as the program makes them, and no one's.
fn made_up(number: u64) -> String {
    let letters: Vec<char> = format!("{number:016}")
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'b'))
        .collect();
    let parts = letters
        .chunks(4)
        .map(|part| part.iter().collect::<String>());
    parts.collect::<Vec<_>>().join("-")
}

/// Whoever guesses the passwords of links.
struct Guesser {
    address: String,
    /// A certificate request that could be granted.
    request: Vec<u8>,
    ids: Vec<String>,
}

impl Guesser {
    fn new(world: &World, known: &Identity, ids: Vec<String>) -> Arc<Self> {
        let request = fs::read(known.key.with_extension("request")).unwrap();
        Arc::new(Self {
            address: format!("{}/.well-known/est/simpleenroll", world.enrolment_url()),
            request: STANDARD.encode(request).into_bytes(),
            ids,
        })
    }

    /// Tries once; gives the code of the answer and how long it took.
    async fn try_once(&self, from: &Client, number: u64) -> (String, Duration) {
        let id = &self.ids[number as usize % self.ids.len()];
        let began = Instant::now();
        let answer = from
            .post(&self.address)
            .basic_auth(id, Some(made_up(number)))
            .header("Content-Type", "application/pkcs10")
            .body(self.request.clone())
            .send()
            .await
            .unwrap();
        let took = began.elapsed();
        let status = answer.status();
        let body: Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        let code = body["code"].as_str().map(str::to_owned);
        (code.unwrap_or_else(|| status.to_string()), took)
    }

    /// Tries `count` times from all addresses at once; gives how often each answer came.
    async fn guess(self: &Arc<Self>, trusting: &Identity, count: u64) -> BTreeMap<String, u64> {
        let from_each = (1..=ADDRESSES).map(|last| {
            let from = stranger(trusting, IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)));
            let guesser = Arc::clone(self);
            let numbers = (u64::from(last)..=count).step_by(ADDRESSES.into());
            tokio::spawn(async move {
                let mut answers: BTreeMap<String, u64> = BTreeMap::new();
                let tries = futures_util::stream::iter(numbers)
                    .map(|number| guesser.try_once(&from, number))
                    .buffer_unordered(AT_ONCE);
                let mut tries = std::pin::pin!(tries);
                while let Some((code, took)) = tries.next().await {
                    assert!(took >= TENTH, "{code} after {took:?}");
                    *answers.entry(code).or_default() += 1;
                }
                answers
            })
        });
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for answers in from_each.collect::<Vec<_>>() {
            for (code, count) in answers.await.unwrap() {
                *all.entry(code).or_default() += count;
            }
        }
        all
    }
}

/// Every guess was answered, by these two codes and no other.
fn were_refused(answers: &BTreeMap<String, u64>, codes: [&str; 2]) {
    assert_eq!(answers.values().sum::<u64>(), guesses());
    assert!(answers.keys().eq(&codes), "{answers:?}");
}

/// The helpdesk takes a link's lock away for an office that has called.
async fn unlock(desk: &Terminal, office: &str) {
    let path = format!("/v1/enrolments/{office}/unlock");
    let deed = json!({ "identified": "known-facts", "reason": "見本の電話" });
    let answer = desk
        .send("POST", &path, Some(&deed), Some(&fresh_key()))
        .await;
    assert_eq!(answer.unwrap().status, 200);
}

async fn links_are_guessed(world: World) {
    world
        .office(HELPDESK, "helpdesk", "見本ヘルプデスク", None)
        .unwrap();
    let desk = terminal(&world, HELPDESK, "uketsuke", "helpdesk").await;
    let known = identity(&world, PREFECTURE, "known");
    let guessed = [EAST, WEST].map(|office| (office, world.link(office).unwrap()));
    let mut ids: Vec<String> = guessed.iter().map(|(_, link)| link.id.clone()).collect();
    ids.extend((1..=6).map(|nth| format!("01890000-0000-7000-8000-00000000000{nth}")));
    let guesser = Guesser::new(&world, &known, ids);

    let storm = tokio::spawn({
        let (guesser, known) = (Arc::clone(&guesser), known.clone());
        async move { guesser.guess(&known, guesses()).await }
    });
    // An office whose link nobody guesses enrols in the midst of it.
    world
        .office(
            "990001-3",
            "health-centre",
            "見本県南保健所",
            Some(PREFECTURE),
        )
        .unwrap();
    tokio::task::block_in_place(|| identity(&world, "990001-3", "south"));
    let answers = storm.await.unwrap();
    were_refused(&answers, ["link-locked", "link-refused"]);

    // Five wrong tries lock a link, and one call to the helpdesk opens it again.
    for (office, link) in &guessed {
        let folder = world.beside(&format!("rightful-{office}"));
        let redeem = |identity: &Identity, link: &Link| {
            tokio::task::block_in_place(|| curl_and_openssl::redeem(&world, link, identity))
        };
        let rightful = curl_and_openssl::prepare(&world, link, &folder).unwrap();
        let (status, said) = redeem(&rightful, link).unwrap();
        assert_eq!(status, 403, "{said}");
        unlock(&desk, office).await;
        // It looks like an id that nobody has, as long as it is open.
        let from = stranger(&known, IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1)));
        let own = Guesser::new(&world, &known, vec![link.id.clone()]);
        let nobodys = Guesser::new(&world, &known, guesser.ids[2..].to_vec());
        for number in 0..4 {
            for guesser in [&own, &nobodys] {
                let (code, took) = guesser.try_once(&from, number).await;
                assert_eq!(code, "link-refused");
                assert!(took >= TENTH, "{took:?}");
            }
        }
        let (status, said) = redeem(&rightful, link).unwrap();
        assert_eq!(status, 200, "{said}");
    }
    world.operator(["audit", "verify"]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_open_no_link_and_keep_no_office_out_for_good_on_sqlite() {
    links_are_guessed(crate::prefecture::world()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_open_no_link_and_keep_no_office_out_for_good_on_postgresql() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("guessing").unwrap();
    let mut world = World::prepare(Some(database)).unwrap();
    world.serve().unwrap();
    links_are_guessed(populate(world)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_log_nobody_in_and_slow_down_nobody_elsewhere() {
    let world = crate::prefecture::world();
    let [hana, taro] = [(EAST, "hanako"), (WEST, "taro")]
        .map(|(office, login)| world.user(office, login, "staff").unwrap());
    let guessing = Terminal::new(&world, &identity(&world, EAST, "guessing"));
    let mut elsewhere = Terminal::new(&world, &identity(&world, WEST, "elsewhere"));
    // Of this office, of another one, and of nobody.
    let logins = [hana.login.clone(), taro.login.clone(), "nobody".to_owned()];
    let storm = tokio::spawn(async move {
        let tries = futures_util::stream::iter(0..guesses()).map(|number| {
            let login = &logins[number as usize % logins.len()];
            let body = json!({ "login": login, "password": made_up(number) });
            let guessing = &guessing;
            async move {
                let path = "/v1/session";
                guessing
                    .send("POST", path, Some(&body), None)
                    .await
                    .unwrap()
            }
        });
        let mut tries = std::pin::pin!(tries.buffer_unordered(ON_A_TERMINAL));
        let mut codes = BTreeMap::<String, u64>::new();
        while let Some(answer) = tries.next().await {
            // Nobody waits longer than five minutes, so nobody is kept out for good.
            let wait = answer.body["seconds"].as_u64().unwrap_or_default();
            assert!(wait <= 5 * 60, "{answer:?}");
            *codes.entry(answer.code().to_owned()).or_default() += 1;
        }
        codes
    });
    // Whoever works at another office logs in in the midst of it, whoever's name is tried.
    assert_eq!(log_in(&mut elsewhere, &taro).await, 200);
    let codes = storm.await.unwrap();
    were_refused(&codes, ["slowed-down", "wrong-login"]);
    // Ten for the terminal, and what may be tried again once a wait is over.
    assert!(codes["wrong-login"] < 100, "{codes:?}");
    world.operator(["audit", "verify"]).unwrap();
}
