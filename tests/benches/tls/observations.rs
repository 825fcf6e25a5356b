//! Durable observations in a second over mTLS, from 64 people at once, each on a connection of
//! their own, against rusqlite that writes the very same rows in batches of 64. The load shares
//! the machine with the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use harness::world::World;
use jiff::Timestamp;
use serde_json::json;
use shared::Day;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::load::{Line, Load, Write};
use crate::yardstick::with_rusqlite;

const WRITERS: usize = 64;
const EACH: usize = 60;
const TURNS: usize = 4;

pub(crate) fn compare(world: &World, load: &Load, runtime: &Runtime) {
    #[expect(clippy::disallowed_methods, reason = "where this program starts")]
    let today = Day::in_japan(Timestamp::now());
    let file = world.data().join("mimamori.db");
    let count = i64::try_from(WRITERS * EACH).unwrap();
    let [mut ours, mut yardstick] = [0.0_f64; 2];
    for turn in 0..TURNS {
        ours = ours.max(runtime.block_on(record(load, world.terminals(), turn, today)));
        yardstick = yardstick.max(with_rusqlite(&file, count, today));
    }
    println!(
        "figure: durable observations over mTLS, {WRITERS} writers: {ours:.0} per second, rusqlite \
         {yardstick:.0}, ratio {:.2} (reach 0.12)",
        ours / yardstick
    );
}

/// How many observations a second are answered, of people that were entered before.
async fn record(load: &Load, address: SocketAddr, turn: usize, today: Day) -> f64 {
    let all_entered = Arc::new(Barrier::new(WRITERS + 1));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (load, all_entered) = (load.clone(), Arc::clone(&all_entered));
            tokio::spawn(async move {
                let mut line = load.connect(address).await;
                let first = (turn * WRITERS + writer) * EACH;
                let mut people = Vec::new();
                for number in first..first + EACH {
                    people.push(enter(&load, &mut line, number, today).await);
                }
                all_entered.wait().await;
                for (place, id) in people.into_iter().enumerate() {
                    save(&load, &mut line, id, first + place, today).await;
                }
            })
        })
        .collect();
    all_entered.wait().await;
    let began = Instant::now();
    for writer in writers {
        writer.await.unwrap();
    }
    (WRITERS * EACH) as f64 / began.elapsed().as_secs_f64()
}

async fn enter(load: &Load, line: &mut Line, number: usize, today: Day) -> String {
    let details = json!({
        "name": format!("見本　{number}"), "kana": "ミホン　レイ", "entry_date": today.plus(-3),
        "passport_number": format!("TK{number:07}"), "phone": format!("090{number:08}"),
        "flight": "JL1", "address": "東京都見本区見本町1-1", "place_of_stay": "自宅",
    });
    let write = Write {
        method: "POST",
        path: "/v1/returnees",
        key: key(1, number),
        body: json!({ "details": details }).to_string(),
    };
    let entered: serde_json::Value = serde_json::from_str(&load.write(line, &write).await).unwrap();
    entered["id"].as_str().unwrap().to_owned()
}

async fn save(load: &Load, line: &mut Line, id: String, number: usize, today: Day) {
    let findings = json!({
        "reach": "phone", "temperature": 36.5,
        "symptoms": { "present": [] }, "household": { "present": [] }
    });
    let write = Write {
        method: "PUT",
        path: &format!("/v1/returnees/{id}/observations/{today}"),
        key: key(2, number),
        body: json!({ "version": 0, "findings": findings }).to_string(),
    };
    let answer = load.write(line, &write).await;
    assert!(answer.contains(&id), "{answer}");
}

fn key(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 100) | (number as u128))
}
