//! Durable observations in a second, from 64 people at once, against rusqlite that writes the
//! very same rows in batches of 64 with the same sync setting. Once all that the store does for
//! one (the person looked up and locked, the observation, the audit entry, the receipt), and once
//! the whole handler, which also finds out the caller's scope and reads the record again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use server::follow_up;
use server::store::follow_up::{observation, returnee};
use shared::follow_up::observation::{Findings, RecordObservation, RecordedDay};
use shared::id::{ReturneeId, Version};

use crate::world::World;
use crate::yardstick::with_rusqlite;

const WRITERS: usize = 64;
const EACH: usize = 60;
const ALL: i64 = (WRITERS * EACH) as i64;
const TURNS: usize = 4;

pub(crate) async fn compare() {
    let (mut store, mut handler, mut yardstick) = (0.0_f64, 0.0_f64, 0.0_f64);
    for _ in 0..TURNS {
        let world = Arc::new(World::new().await);
        world
            .fill(u32::try_from(2 * WRITERS * EACH * 24).unwrap())
            .await;
        forget_what_was_seen(&world);
        let mut people = open(&world);
        let others = people.split_off(WRITERS * EACH);
        store = store.max(by_all(&world, &people, record).await);
        yardstick = yardstick.max(with_rusqlite(&world.file, ALL, world.app.today()));
        handler = handler.max(by_all(&world, &others, handle).await);
    }
    for (name, ours) in [("in the store", store), ("the whole handler", handler)] {
        println!(
            "durable observations/s, {WRITERS} writers, {name}: {ours:.0}; rusqlite, batches of \
             {WRITERS}: {yardstick:.0}; ratio {:.2} (in the store at least 0.5)",
            ours / yardstick
        );
    }
}

/// How many a second get done when everybody records one after the other.
async fn by_all<F>(
    world: &Arc<World>,
    people: &[ReturneeId],
    work: impl Fn(Arc<World>, RecordedDay) -> F + Copy + Send + 'static,
) -> f64
where
    F: Future<Output = ()> + Send,
{
    let today = world.app.today();
    let findings: Findings = serde_json::from_value(serde_json::json!({
        "reach": "phone", "temperature": 36.5,
        "symptoms": { "present": [] }, "household": { "present": [] }
    }))
    .unwrap();
    let began = Instant::now();
    let writers = people.chunks(EACH).map(|people| {
        let (world, people) = (Arc::clone(world), people.to_vec());
        let findings = findings.clone();
        tokio::spawn(async move {
            for id in people {
                let request = RecordedDay {
                    id,
                    day: today,
                    version: Version(0),
                    findings: findings.clone(),
                };
                work(Arc::clone(&world), request).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    per_second(began.elapsed())
}

async fn handle(world: Arc<World>, request: RecordedDay) {
    let (id, caller) = (request.id, world.keyed());
    let answer = follow_up::record_observation(&world.app, &caller, request)
        .await
        .unwrap();
    assert_eq!((answer.id, answer.observations.len()), (id, 1));
}

/// The write of `record_observation`, without the reads before and after it that find out the
/// caller's scope and show the record again.
async fn record(world: Arc<World>, request: RecordedDay) {
    let caller = world.keyed();
    let by = caller.user.as_ref().unwrap().person.id;
    let act = caller.act::<RecordObservation>(&request);
    world
        .app
        .store
        .write(act, (request, by), |tx, (request, by)| {
            Box::pin(async move {
                let brief = returnee::brief(tx, request.id).await?.unwrap();
                let (day, seen, findings) = (request.day, request.version, &request.findings);
                assert!(observation::record(tx, &brief, day, seen, findings, *by).await?);
                tx.record(request.id.0, &serde_json::json!({ "day": day }));
                Ok(request.id)
            })
        })
        .await
        .unwrap();
}

fn per_second(elapsed: Duration) -> f64 {
    (WRITERS * EACH) as f64 / elapsed.as_secs_f64()
}

/// Takes back what the filled-in people had recorded, so that each of them takes a first
/// observation today.
fn forget_what_was_seen(world: &World) {
    Connection::open(&world.file)
        .unwrap()
        .execute_batch("DELETE FROM observation; UPDATE returnee SET reached_day = '';")
        .unwrap();
}

/// People whose follow-up takes an observation today: enough for both.
fn open(world: &World) -> Vec<ReturneeId> {
    let connection = Connection::open(&world.file).unwrap();
    let today = world.app.today().to_string();
    let mut statement = connection
        .prepare("SELECT id FROM returnee WHERE first_day <= ?1 AND last_day >= ?1 LIMIT ?2")
        .unwrap();
    let rows = statement
        .query_map(params![today, 2 * ALL], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    let ids: Vec<ReturneeId> = rows
        .map(|id| ReturneeId(uuid::Uuid::from_slice(&id.unwrap()).unwrap()))
        .collect();
    assert_eq!(i64::try_from(ids.len()), Ok(2 * ALL));
    ids
}
