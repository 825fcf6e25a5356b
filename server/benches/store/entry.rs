//! What looking its certificate up adds to each request, among 50,000 live terminals: twice, since a
//! request that carries a body is looked at again once that is there.

use std::time::{Duration, Instant};

use rusqlite::params;
use server::enrolment::LiveTerminals;

use crate::desk::offices;
use crate::world::World;

const TERMINALS: u32 = 50_000;
const REQUESTS: u32 = 20_000;
const TURNS: usize = 20;

pub(crate) async fn compare() {
    let world = World::new().await;
    offices(&world, TERMINALS);
    let fingerprints = certificates(&world);
    let mut best = Duration::MAX;
    for _ in 0..TURNS {
        // Read anew each time: what is older than a few seconds is not trusted.
        let now = world.app.clock.now();
        let terminals = LiveTerminals::load(&world.app.store, now).await.unwrap();
        // The first contact of a minute is noted; all others are what a request costs.
        for fingerprint in &fingerprints {
            terminals.look_up(fingerprint, now).unwrap();
        }
        let began = Instant::now();
        for number in 0..REQUESTS as usize {
            let fingerprint = &fingerprints[number * 7919 % fingerprints.len()];
            let now = world.app.clock.now();
            std::hint::black_box(terminals.look_up(fingerprint, now).unwrap());
            let now = world.app.clock.now();
            terminals.check(fingerprint, now).unwrap();
        }
        best = best.min(began.elapsed());
    }
    println!(
        "the certificate of a request looked up twice among {TERMINALS}: {} ns (at most 1000)",
        best.as_nanos() / u128::from(REQUESTS)
    );
}

/// The fingerprints of all.
fn certificates(world: &World) -> Vec<[u8; 32]> {
    let connection = rusqlite::Connection::open(&world.file).unwrap();
    let mut statement = connection
        .prepare("SELECT fingerprint FROM certificate")
        .unwrap();
    let rows = statement.query_map(params![], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
