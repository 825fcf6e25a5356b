//! The yardstick of every figure of durable observations: rusqlite, told beforehand what to write.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior, params};
use shared::Day;

const BATCH: i64 = 64;

/// How many observations a second rusqlite writes in batches of 64, with full sync. Copies what
/// the store last wrote into `file`, table by table and row by row, into a file of the same form:
/// `count` observations of `today`, with the day reached, the audit entry, its head and the receipt.
pub(crate) fn with_rusqlite(file: &Path, count: i64, today: Day) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.db");
    let source = Connection::open(file).unwrap();
    source
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let mut target = Connection::open(&copy).unwrap();
    target
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;
             CREATE TEMP TABLE o AS SELECT * FROM
                 (SELECT * FROM observation ORDER BY recorded_at DESC LIMIT {count})
                 ORDER BY returnee, day;
             CREATE TEMP TABLE a AS SELECT * FROM
                 (SELECT * FROM audit ORDER BY number DESC LIMIT {count}) ORDER BY number;
             CREATE TEMP TABLE r AS SELECT * FROM
                 (SELECT * FROM receipt ORDER BY rowid DESC LIMIT {count}) ORDER BY given_at;
             DELETE FROM observation;
             DELETE FROM receipt WHERE (key, caller) IN (SELECT key, caller FROM r);
             DELETE FROM audit WHERE number IN (SELECT number FROM a);
             UPDATE returnee SET reached_day = '';"
        ))
        .unwrap();
    for table in ["o", "a", "r"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = target.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, count, "{table}");
    }
    let today = today.to_string();
    let began = Instant::now();
    for batch in (0..count).step_by(BATCH as usize) {
        let transaction = target
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        for place in batch + 1..=batch + BATCH {
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
                [batch + BATCH],
            )
            .unwrap();
        transaction.commit().unwrap();
    }
    count as f64 / began.elapsed().as_secs_f64()
}
