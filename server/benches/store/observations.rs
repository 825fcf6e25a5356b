//! Durable observations in a second, from 64 people at once, against rusqlite that writes the
//! very same rows in batches of 64 with the same sync setting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use server::store::follow_up::{observation, returnee};
use shared::follow_up::observation::{Findings, RecordObservation, RecordedDay};
use shared::id::{ReturneeId, Version};

use crate::world::World;

const WRITERS: usize = 64;
const EACH: usize = 60;
const ALL: i64 = (WRITERS * EACH) as i64;
const TURNS: usize = 4;

pub(crate) async fn compare() {
    let (mut ours, mut yardstick) = (0.0_f64, 0.0_f64);
    for _ in 0..TURNS {
        let world = Arc::new(World::new().await);
        world
            .fill(u32::try_from(WRITERS * EACH * 24).unwrap())
            .await;
        ours = ours.max(in_the_store(&world).await);
        yardstick = yardstick.max(with_rusqlite(&world));
    }
    println!(
        "durable observations/s, {WRITERS} writers: {ours:.0}; rusqlite, batches of {WRITERS}: \
         {yardstick:.0}; ratio {:.2} (at least 0.5)",
        ours / yardstick
    );
}

async fn in_the_store(world: &Arc<World>) -> f64 {
    let people = open(world);
    let today = world.app.today();
    let findings: Findings = serde_json::from_value(serde_json::json!({
        "reach": "phone", "temperature": 36.5,
        "symptoms": { "present": [] }, "household": { "present": [] }
    }))
    .unwrap();
    let began = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let world = Arc::clone(world);
        let people = people[writer * EACH..(writer + 1) * EACH].to_vec();
        let findings = findings.clone();
        tokio::spawn(async move {
            for id in people {
                let request = RecordedDay {
                    id,
                    day: today,
                    version: Version(0),
                    findings: findings.clone(),
                };
                record(&world, request).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    per_second(began.elapsed())
}

/// The write of `record_observation`, without the reads before and after it that find out the
/// caller's scope and show the record again.
async fn record(world: &World, request: RecordedDay) {
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

/// People whose follow-up takes an observation today.
fn open(world: &World) -> Vec<ReturneeId> {
    let connection = Connection::open(&world.file).unwrap();
    let today = world.app.today().to_string();
    let mut statement = connection
        .prepare("SELECT id FROM returnee WHERE first_day <= ?1 AND last_day >= ?1 LIMIT ?2")
        .unwrap();
    let rows = statement
        .query_map(params![today, ALL], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    let ids: Vec<ReturneeId> = rows
        .map(|id| ReturneeId(uuid::Uuid::from_slice(&id.unwrap()).unwrap()))
        .collect();
    assert_eq!(i64::try_from(ids.len()), Ok(ALL));
    ids
}

/// Copies what the store has just written, table by table and row by row, into a file of the same
/// form: observation, day reached, audit entry, head and receipt.
fn with_rusqlite(world: &World) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.db");
    let source = Connection::open(&world.file).unwrap();
    source
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let mut target = Connection::open(&copy).unwrap();
    target
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             CREATE TEMP TABLE o AS SELECT * FROM observation;
             CREATE TEMP TABLE a AS SELECT * FROM
                 (SELECT * FROM audit ORDER BY number DESC LIMIT 3840) ORDER BY number;
             CREATE TEMP TABLE r AS SELECT * FROM receipt;
             DELETE FROM observation; DELETE FROM receipt;
             DELETE FROM audit WHERE number IN (SELECT number FROM a);
             UPDATE returnee SET reached_day = '';",
        )
        .unwrap();
    for table in ["o", "a", "r"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = target.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, ALL, "{table}");
    }
    let today = world.app.today().to_string();
    let began = Instant::now();
    for batch in (0..ALL).step_by(WRITERS) {
        let transaction = target
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .unwrap();
        for place in batch + 1..=batch + WRITERS as i64 {
            for sql in [
                "INSERT INTO observation SELECT * FROM o WHERE rowid = ?1",
                "INSERT INTO audit SELECT * FROM a WHERE rowid = ?1",
                "INSERT INTO receipt SELECT * FROM r WHERE rowid = ?1",
            ] {
                let mut statement = transaction.prepare_cached(sql).unwrap();
                assert_eq!(statement.execute([place]).unwrap(), 1);
            }
            transaction
                .prepare_cached(
                    "UPDATE returnee SET reached_day = ?2
                     WHERE number = (SELECT returnee FROM o WHERE rowid = ?1)",
                )
                .unwrap()
                .execute(params![place, today])
                .unwrap();
        }
        transaction
            .execute(
                "UPDATE audit_head SET (number, hash) = (SELECT number, hash FROM a WHERE rowid = ?1)",
                [batch + WRITERS as i64],
            )
            .unwrap();
        transaction.commit().unwrap();
    }
    per_second(began.elapsed())
}
