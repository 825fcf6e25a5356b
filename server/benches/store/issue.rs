//! A bulk issue of 2,000 links with their mails queued, as one job, against one transaction of
//! rusqlite that is told beforehand what to write.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params, params_from_iter};
use server::enrolment::{begin_job_as_operator, show_job, work_off_jobs};
use shared::enrolment::job::{JobQuery, JobState};
use shared::offices::OfficeKind;
use tokio_util::sync::CancellationToken;

use crate::world::World;

const LINKS: u32 = 2000;
const TURNS: usize = 5;

pub(crate) async fn compare() {
    let mut best = [Duration::MAX; 2];
    let mut rows = 0;
    for _ in 0..TURNS {
        let world = World::new().await;
        offices(&world.file);
        let before = world.file.with_extension("before.db");
        Connection::open(&world.file)
            .unwrap()
            .execute("VACUUM INTO ?1", [before.to_str().unwrap()])
            .unwrap();
        best[0] = best[0].min(job(&world).await);
        let (took, written) = with_rusqlite(&before, &world.file);
        best[1] = best[1].min(took);
        rows = written;
    }
    let ratio = best[0].as_secs_f64() / best[1].as_secs_f64();
    println!(
        "bulk issue of {LINKS} links with their mails: {:.2?}; one transaction of the same {rows} \
         rows: {:.2?}; ratio {ratio:.2} (at most 3)",
        best[0], best[1]
    );
}

/// Businesses with an address each for link and password, which nobody has invited yet.
fn offices(file: &Path) {
    let mut connection = Connection::open(file).unwrap();
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    for number in 0..LINKS {
        transaction
            .execute(
                "INSERT INTO office (code, kind, name, search, added_at)
                 VALUES (?, 'business', ?, '-', 0)",
                params![
                    (300_000 + number).to_string(),
                    format!("見本事業所{number}")
                ],
            )
            .unwrap();
        transaction
            .execute(
                "INSERT INTO contact (office, version, mail, password_mail, changed_at)
                 VALUES (?, 1, ?, ?, 0)",
                params![
                    transaction.last_insert_rowid(),
                    format!("link{number}@example.jp"),
                    format!("password{number}@example.jp"),
                ],
            )
            .unwrap();
    }
    transaction.commit().unwrap();
}

/// From the order until the last office had its turn.
async fn job(world: &World) -> Duration {
    let began = Instant::now();
    let reason = "見本".parse().unwrap();
    let kind = Some(OfficeKind::Business);
    let job = begin_job_as_operator(&world.app, None, kind, reason)
        .await
        .unwrap();
    assert_eq!(job.offices, LINKS);
    let stop = CancellationToken::new();
    let worker = tokio::spawn(work_off_jobs(Arc::clone(&world.app), stop.clone()));
    let took = loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let query = JobQuery { id: job.id };
        let job = show_job(&world.app, &world.caller, query).await.unwrap();
        if job.state == JobState::Done {
            assert_eq!(job.done, LINKS);
            break began.elapsed();
        }
    };
    stop.cancel();
    worker.await.unwrap();
    took
}

/// Every row that `after` holds and `before` does not, written into `before` one by one in one
/// transaction. Gives how long that took and how many there were.
fn with_rusqlite(before: &Path, after: &Path) -> (Duration, usize) {
    let mut target = Connection::open(before).unwrap();
    target
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;",
        )
        .unwrap();
    target
        .execute("ATTACH ?1 AS after", [after.to_str().unwrap()])
        .unwrap();
    let mut rows: Vec<(String, Vec<Vec<Value>>)> = Vec::new();
    for table in tables(&target) {
        let sql = format!("SELECT * FROM after.{table} EXCEPT SELECT * FROM main.{table}");
        let mut statement = target.prepare(&sql).unwrap();
        let width = statement.column_count();
        let found: Vec<Vec<Value>> = statement
            .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let marks = vec!["?"; width].join(", ");
        rows.push((format!("REPLACE INTO main.{table} VALUES ({marks})"), found));
    }
    target.execute("DETACH after", []).unwrap();
    let began = Instant::now();
    let transaction = target
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    for (sql, rows) in &rows {
        let mut statement = transaction.prepare(sql).unwrap();
        for row in rows {
            statement.execute(params_from_iter(row)).unwrap();
        }
    }
    transaction.commit().unwrap();
    (
        began.elapsed(),
        rows.iter().map(|(_, rows)| rows.len()).sum(),
    )
}

/// The tables of our own; what an index over text keeps for itself is written by it.
fn tables(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare(
            "SELECT name FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%search%'
             AND sql NOT LIKE 'CREATE VIRTUAL%'",
        )
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}
