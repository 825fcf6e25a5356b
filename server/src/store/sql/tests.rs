//! Connections to SQLite: what they refuse, and whom they hold up. What statements give is told in
//! the stories, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::store::Location;

/// Takes a second or so.
const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
    SELECT count(*) AS counted FROM n";

/// A pool of one connection to a file with an empty table `t`.
async fn pool(directory: &tempfile::TempDir, reading: bool) -> Pool {
    let location = Location::Sqlite(directory.path().join("a b%20.db"));
    let writing = Pool::new(&location, 1, false).await.unwrap();
    let mut sql = writing.acquire().await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS t (a BIGINT PRIMARY KEY, b TEXT)";
    script(table, &mut sql).await.unwrap();
    Pool::new(&location, 1, reading).await.unwrap()
}

async fn count(sql: &mut Connection) -> i64 {
    let row = query("SELECT count(*) FROM t").fetch_one(sql).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn sqlite_is_built_as_the_project_wants_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, true).await.acquire().await.unwrap();
    let rows = query("PRAGMA compile_options").fetch_all(&mut sql).await;
    let options: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    let is_set = |name: &str| options.iter().any(|option| option == name);
    // See `.cargo/config.toml`: whoever builds from another folder, or sets its variable, loses it.
    assert!(is_set("DEFAULT_MEMSTATUS=0"), "{options:?}");
    assert!(!is_set("ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
}

#[tokio::test]
async fn a_long_read_holds_nobody_up_and_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, true).await.acquire().await.unwrap();
    let held_up = Arc::new(AtomicU64::new(0));
    let others = tokio::spawn({
        let held_up = Arc::clone(&held_up);
        async move {
            loop {
                let began = Instant::now();
                tokio::time::sleep(Duration::from_millis(1)).await;
                let waited = u64::try_from(began.elapsed().as_millis()).unwrap();
                held_up.fetch_max(waited, Ordering::Relaxed);
            }
        }
    });
    tokio::task::yield_now().await;
    let began = Instant::now();
    let row = query(LONG).bind(3_000_000).fetch_one(&mut sql).await;
    let took = began.elapsed();
    others.abort();
    assert_eq!(row.unwrap().get::<i64, _>("counted"), 3_000_000);
    let held_up = Duration::from_millis(held_up.load(Ordering::Relaxed));
    assert!(
        !held_up.is_zero() && held_up < took / 2,
        "{held_up:?} of {took:?}"
    );
}

#[tokio::test]
async fn a_long_read_that_nobody_waits_for_stops_and_gives_its_connection_back() {
    let directory = tempfile::tempdir().unwrap();
    let pool = pool(&directory, true).await;
    let mut sql = pool.acquire().await.unwrap();
    let read = query(LONG).bind(i64::MAX).fetch_one(&mut sql);
    let in_time = tokio::time::timeout(Duration::from_millis(50), read).await;
    assert!(in_time.is_err());
    assert!(
        query("SELECT 1").fetch_one(&mut sql).await.is_err(),
        "its connection is away"
    );
    drop(sql);
    // There is but one, so it must be the same.
    let mut sql = pool.acquire().await.unwrap();
    assert_eq!(count(&mut sql).await, 0);
    let row = query(LONG).bind(1_000_000).fetch_one(&mut sql).await;
    assert_eq!(row.unwrap().get::<i64, _>(0), 1_000_000);
}

#[tokio::test]
async fn a_connection_for_reading_refuses_to_write() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, true).await.acquire().await.unwrap();
    let refused = query("INSERT INTO t (a) VALUES (1)")
        .execute(&mut sql)
        .await;
    assert!(matches!(refused, Err(Error::Sqlite(_))), "{refused:?}");
    assert_eq!(count(&mut sql).await, 0);
}

#[tokio::test]
async fn a_connection_given_back_in_the_middle_of_a_transaction_takes_it_back() {
    let directory = tempfile::tempdir().unwrap();
    let pool = pool(&directory, false).await;
    let mut sql = pool.acquire().await.unwrap();
    query("BEGIN IMMEDIATE").execute(&mut sql).await.unwrap();
    let entered = query("INSERT INTO t (a) VALUES (1)")
        .execute(&mut sql)
        .await;
    assert_eq!(entered.unwrap().rows_affected(), 1);
    drop(sql);
    assert_eq!(count(&mut pool.acquire().await.unwrap()).await, 0);
}

#[tokio::test]
async fn values_and_places_must_be_as_many() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, false).await.acquire().await.unwrap();
    for wrong in [
        query("SELECT $1"),
        query("SELECT $2").bind(1),
        query("SELECT 1").bind(1),
        query("SELECT $1, $3").bind(1).bind(2).bind(3),
    ] {
        assert!(wrong.fetch_one(&mut sql).await.is_err());
    }
    let row = query("SELECT $2, $1, $2")
        .bind(1)
        .bind("b")
        .fetch_one(&mut sql)
        .await;
    let row = row.unwrap();
    assert_eq!((row.get::<&str, _>(0), row.get::<i64, _>(1)), ("b", 1));
    assert_eq!(row.get::<String, _>(2), "b");
}

#[tokio::test]
async fn a_column_is_read_as_what_was_written_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, false).await.acquire().await.unwrap();
    let row = query("SELECT 1 AS n, 'x' AS t, X'00' AS b, NULL AS o, 0.5 AS r");
    let row = row.fetch_one(&mut sql).await.unwrap();
    assert_eq!(row.try_get::<i64, _>("n").unwrap(), 1);
    assert_eq!(row.try_get::<Option<&str>, _>("t").unwrap(), Some("x"));
    assert_eq!(row.try_get::<Vec<u8>, _>("b").unwrap(), [0]);
    assert_eq!(row.try_get::<Option<i64>, _>("o").unwrap(), None);
    assert!(row.try_get::<i64, _>("t").is_err());
    assert!(row.try_get::<&str, _>("b").is_err());
    assert!(row.try_get::<&[u8], _>("t").is_err());
    assert!(row.try_get::<i64, _>("o").is_err());
    assert!(row.try_get::<Option<i64>, _>("r").is_err());
    assert!(row.try_get::<i64, _>("nothing").is_err());
}

#[tokio::test]
async fn a_pool_that_is_closed_lends_nothing_more() {
    let directory = tempfile::tempdir().unwrap();
    let pool = pool(&directory, true).await;
    let lent = pool.acquire().await.unwrap();
    let closing = tokio::spawn({
        let pool = pool.clone();
        async move { pool.close().await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!closing.is_finished(), "one connection is still out");
    drop(lent);
    closing.await.unwrap();
    assert!(matches!(pool.acquire().await, Err(Error::Closed)));
}

/// Writes a megabyte.
async fn write_some(sql: &mut Connection) {
    let megabyte = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 256)
        INSERT INTO t (b) SELECT hex(randomblob(1900)) FROM n";
    query(megabyte).execute(sql).await.unwrap();
}

fn megabytes(directory: &tempfile::TempDir, name: &str) -> u64 {
    let file = std::fs::metadata(directory.path().join(name)).unwrap();
    file.len() >> 20
}

#[tokio::test]
async fn what_is_written_goes_into_the_file_beside_whoever_writes() {
    let directory = tempfile::tempdir().unwrap();
    let pool = pool(&directory, false).await;
    let mut sql = pool.acquire().await.unwrap();
    for _ in 0..20 {
        write_some(&mut sql).await;
    }
    // Nobody writes or closes anything meanwhile.
    let began = Instant::now();
    while megabytes(&directory, "a b%20.db") < 16 {
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(30), "it stays in the log");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(sql);
    pool.close().await;
    let log = directory.path().join("a b%20.db-wal");
    assert!(!log.exists(), "whoever closes last leaves one file");
}

#[tokio::test]
async fn the_log_has_an_end_while_somebody_writes_all_the_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut sql = pool(&directory, false).await.acquire().await.unwrap();
    for _ in 0..200 {
        write_some(&mut sql).await;
        let log = megabytes(&directory, "a b%20.db-wal");
        assert!(log < 80, "{log} MB");
    }
}
