//! Transactions, receipts, the audit chain and migrations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use shared::id::{IdempotencyKey, TerminalId};
use shared::offices::OfficeCode;
use tokio::time::timeout;

use super::database::{Database, id};
use super::on_both_databases;
use crate::store::audit::{self, Act, Actor, Broken, Entry, Head};
use crate::store::sql;
use crate::store::{Dialect, Error, Noun, Receipt, Store, changes};

on_both_databases!(
    a_repeated_write_gives_the_first_answer_and_has_no_second_effect,
    a_key_used_for_another_request_is_refused,
    the_same_request_at_two_servers_at_once_has_one_effect_and_one_answer,
    a_failing_write_leaves_no_trace_and_does_not_hurt_its_neighbours,
    a_panicking_write_is_taken_back_and_the_store_goes_on,
    every_write_stands_in_the_audit_log_which_verifies,
    a_changed_removed_or_added_audit_entry_is_found_with_its_place,
    an_office_concerned_is_under_the_hash_and_changes_none_without_it,
    a_forged_entry_with_a_hash_of_its_own_breaks_the_chain_behind_it,
    a_log_that_grows_while_it_is_checked_is_not_called_broken,
    another_process_writes_beside_and_its_changes_are_noticed,
    a_database_of_a_newer_program_is_refused,
    a_database_of_which_a_step_read_otherwise_is_refused,
    a_database_that_is_up_to_date_is_opened_while_another_process_writes,
    writes_waiting_when_the_store_closes_are_still_written,
);

fn act() -> Act {
    Act::new(
        Actor {
            terminal: Some(TerminalId(id(1))),
            user: None,
            office: Some(OfficeCode::parse("131016").unwrap()),
        },
        "test.write",
    )
}

fn receipt(key: u64, request: &str) -> Receipt {
    Receipt::new(
        &[b"terminal", b"user"],
        IdempotencyKey(id(key)),
        "test.write",
        &request,
    )
}

/// A write whose effect can be counted: one row in `change` under a name of its own.
async fn mark(store: &Store, act: Act, name: &'static str) -> Result<String, Error> {
    store
        .write(act, name, |tx, name| {
            Box::pin(async move {
                sql::query("INSERT INTO change (noun, counter) VALUES ($1, 1)")
                    .bind(*name)
                    .execute(tx.sql())
                    .await?;
                tx.record(id(9), &serde_json::json!({ "name": name }));
                Ok(format!("marked {name}"))
            })
        })
        .await
}

async fn marks(store: &Store) -> i64 {
    let mut reader = store.reader().await.unwrap();
    let row = sql::query("SELECT count(*) FROM change")
        .fetch_one(&mut reader)
        .await
        .unwrap();
    row.try_get(0).unwrap()
}

async fn terminal_changes(store: &Store) -> i64 {
    let mut watcher = store.watcher().await.unwrap();
    changes(&mut watcher, Noun::Terminals).await.unwrap()
}

async fn verify(store: &Store, exported: Option<&Head>) -> Result<Head, Broken> {
    let mut reader = store.reader().await.unwrap();
    let exported = exported.map_or(&[][..], std::slice::from_ref);
    audit::verify(&mut reader, exported).await.unwrap()
}

async fn a_repeated_write_gives_the_first_answer_and_has_no_second_effect(database: Database) {
    let store = &database.store;
    for _ in 0..2 {
        // The second run would violate the primary key if it ran at all.
        let answer = mark(store, act().once(receipt(1, "a")), "a").await.unwrap();
        assert_eq!(answer, "marked a");
    }
    assert_eq!(marks(store).await, 1);
    let entries = verify(store, None).await.unwrap().number;
    assert_eq!(entries, 2, "the deed, and its answer given again");
}

async fn a_key_used_for_another_request_is_refused(database: Database) {
    let store = &database.store;
    mark(store, act().once(receipt(1, "a")), "a").await.unwrap();
    let refused = mark(store, act().once(receipt(1, "b")), "b").await;
    assert!(matches!(refused, Err(Error::KeyReused)), "{refused:?}");
    assert_eq!(marks(store).await, 1);
}

async fn the_same_request_at_two_servers_at_once_has_one_effect_and_one_answer(database: Database) {
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let other = database.second_process().await;
    for (key, name) in (0..).zip(NAMES) {
        let act = || act().once(receipt(key, name));
        let (one, two) = tokio::join!(
            mark(&database.store, act(), name),
            mark(&other, act(), name)
        );
        let answer = format!("marked {name}");
        assert_eq!((one.unwrap(), two.unwrap()), (answer.clone(), answer));
    }
    assert_eq!(marks(&other).await, 8);
    let entries = verify(&other, None).await.unwrap().number;
    assert_eq!(entries, 16, "each deed, and its answer given again");
}

async fn a_failing_write_leaves_no_trace_and_does_not_hurt_its_neighbours(database: Database) {
    let store = database.store.clone();
    let writes = (0..50_u64).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(act(), n, move |tx, n| {
                    Box::pin(async move {
                        sql::query("INSERT INTO change (noun, counter) VALUES ($1, 1)")
                            .bind(format!("n{n}"))
                            .execute(tx.sql())
                            .await?;
                        tx.announce(Noun::Terminals);
                        if n % 5 == 0 {
                            return Err(Error::Corrupt("on purpose".into()));
                        }
                        Ok(())
                    })
                })
                .await
        })
    });
    let mut refused = 0;
    for write in futures_util::future::join_all(writes).await {
        refused += i64::from(write.unwrap().is_err());
    }
    assert_eq!(refused, 10);
    assert_eq!(marks(&store).await, 40 + 1, "40 rows and the counter");
    assert_eq!(verify(&store, None).await.unwrap().number, 40);
}

async fn a_panicking_write_is_taken_back_and_the_store_goes_on(database: Database) {
    let store = &database.store;
    let answer = store
        .write(act(), (), |tx, ()| {
            Box::pin(async move {
                sql::query("INSERT INTO change (noun, counter) VALUES ('lost', 1)")
                    .execute(tx.sql())
                    .await?;
                if tx.now().as_second() > 0 {
                    panic!("on purpose");
                }
                Ok(())
            })
        })
        .await;
    assert!(matches!(answer, Err(Error::Panicked)));
    assert_eq!(marks(store).await, 0);
    mark(store, act(), "after").await.unwrap();
}

async fn every_write_stands_in_the_audit_log_which_verifies(database: Database) {
    let store = &database.store;
    assert_eq!(verify(store, None).await.unwrap().number, 0);
    mark(store, act(), "a").await.unwrap();
    // Records nothing itself: the log has it all the same.
    store
        .write(act(), (), |_, ()| Box::pin(async { Ok(()) }))
        .await
        .unwrap();
    store
        .write(Act::housekeeping("tidy"), (), |_, ()| {
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
    let head = verify(store, None).await.unwrap();
    assert_eq!(head.number, 2);
    mark(store, act(), "b").await.unwrap();
    assert_eq!(verify(store, Some(&head)).await.unwrap().number, 3);
}

async fn a_changed_removed_or_added_audit_entry_is_found_with_its_place(database: Database) {
    let store = &database.store;
    for name in ["a", "b", "c", "d"] {
        mark(store, act(), name).await.unwrap();
    }
    let head = verify(store, None).await.unwrap();
    database
        .tamper("CREATE TABLE kept AS SELECT * FROM audit")
        .await;
    let restore = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;
                   UPDATE audit_head SET number = 4, hash = (SELECT hash FROM kept WHERE number = 4)";
    let nobody = match store.dialect() {
        Dialect::Sqlite => "UPDATE audit SET person = X'00' WHERE number = 1",
        Dialect::Postgres => "UPDATE audit SET person = '\\x00' WHERE number = 1",
    };
    for (tampering, found) in [
        (
            "UPDATE audit SET detail = '{}' WHERE number = 2",
            Broken::Entry(2),
        ),
        (
            "UPDATE audit SET office = NULL WHERE number = 1",
            Broken::Entry(1),
        ),
        (
            "UPDATE audit SET concerns = '131016' WHERE number = 2",
            Broken::Entry(2),
        ),
        // What the program would read as nothing, or as the same code, is not what was written.
        (nobody, Broken::Entry(1)),
        (
            "UPDATE audit SET office = '１３１０１６' WHERE number = 3",
            Broken::Entry(3),
        ),
        ("DELETE FROM audit WHERE number = 3", Broken::Gap(4)),
        (
            "DELETE FROM audit WHERE number = 4",
            Broken::CutOff { last: 3, head: 4 },
        ),
        (
            "DELETE FROM audit WHERE number = 4;
             UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit WHERE number = 3)",
            Broken::CutOff { last: 3, head: 4 },
        ),
        (
            "UPDATE audit SET number = 9 WHERE number = 2;
             UPDATE audit SET number = 2 WHERE number = 3;
             UPDATE audit SET number = 3 WHERE number = 9",
            Broken::Entry(2),
        ),
        (
            "INSERT INTO audit SELECT 5, happened_at, terminal, person, office, action, subject,
             detail, hash, concerns FROM audit WHERE number = 4",
            Broken::Entry(5),
        ),
        (
            "INSERT INTO audit SELECT 0, happened_at, terminal, person, office, action, subject,
             detail, hash, concerns FROM audit WHERE number = 4",
            Broken::Entry(0),
        ),
    ] {
        database.tamper(tampering).await;
        assert_eq!(verify(store, Some(&head)).await, Err(found), "{tampering}");
        database.tamper(restore).await;
        assert_eq!(verify(store, Some(&head)).await.as_ref(), Ok(&head));
    }
}

async fn an_office_concerned_is_under_the_hash_and_changes_none_without_it(database: Database) {
    let store = &database.store;
    let other = OfficeCode::parse("990002").unwrap();
    store
        .write(act(), other, |tx, other| {
            Box::pin(async move {
                tx.to(other).record(id(9), &serde_json::json!({}));
                Ok(())
            })
        })
        .await
        .unwrap();
    verify(store, None).await.unwrap();
    database
        .tamper("UPDATE audit SET concerns = NULL WHERE number = 1")
        .await;
    assert_eq!(verify(store, None).await, Err(Broken::Entry(1)));
    // As it was before there was such a column, put together by hand: each field behind its length
    // and one, and zero where there is none.
    let mut bytes = Vec::new();
    let mut field = |it: &[u8]| {
        bytes.extend((it.len() as u64 + 1).to_be_bytes());
        bytes.extend(it);
    };
    let nine = id(9);
    let (previous, number, at) = ([7; 32], 5_i64.to_be_bytes(), 1_000_i64.to_be_bytes());
    let fields: [&[u8]; 3] = [&previous, &number, &at];
    for it in fields {
        field(it);
    }
    let nothing = 0_u64.to_be_bytes();
    bytes.extend([nothing, nothing, nothing].concat());
    let mut field = |it: &[u8]| {
        bytes.extend((it.len() as u64 + 1).to_be_bytes());
        bytes.extend(it);
    };
    for it in [b"test".as_slice(), nine.as_bytes(), b"{}"] {
        field(it);
    }
    let nobody = Act::new(Actor::default(), "test");
    let entry = Entry::of(&nobody, None, Some(nine), "{}".into());
    let expected: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(entry.hash(&previous, 5, 1_000), expected);
}

async fn a_forged_entry_with_a_hash_of_its_own_breaks_the_chain_behind_it(database: Database) {
    let store = &database.store;
    for name in ["a", "b", "c"] {
        mark(store, act(), name).await.unwrap();
    }
    // The forger knows the rule and writes the hash that belongs to the changed row.
    let mut sql = database.back_door().await;
    let rows = sql::query("SELECT happened_at, hash FROM audit ORDER BY number")
        .fetch_all(&mut sql)
        .await
        .unwrap();
    let forged = Entry::of(&act(), None, Some(id(9)), "{}".into());
    let (previous, at): (Vec<u8>, i64) = (rows[0].get("hash"), rows[1].get("happened_at"));
    sql::query("UPDATE audit SET detail = '{}', hash = $1 WHERE number = 2")
        .bind(forged.hash(&previous, 2, at).to_vec())
        .execute(&mut sql)
        .await
        .unwrap();
    assert_eq!(verify(store, None).await, Err(Broken::Entry(3)));
}

async fn a_log_that_grows_while_it_is_checked_is_not_called_broken(database: Database) {
    let store = database.store.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::Relaxed) {
                let write = store.write(act(), (), |_, ()| Box::pin(async { Ok(()) }));
                write.await.unwrap();
            }
        }
    });
    let (mut last, mut rounds) = (0, 0);
    while rounds < 200 || last < 100 {
        last = verify(&store, None).await.unwrap().number;
        rounds += 1;
    }
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();
}

async fn another_process_writes_beside_and_its_changes_are_noticed(database: Database) {
    let store = database.store.clone();
    let other = database.second_process().await;
    let before = terminal_changes(&store).await;
    let done = Arc::new(AtomicU32::new(0));
    let writes = (0..40_u64).map(|n| {
        let store = if n % 2 == 0 {
            store.clone()
        } else {
            other.clone()
        };
        let done = done.clone();
        tokio::spawn(async move {
            store
                .write(act(), (), |tx, ()| {
                    Box::pin(async move {
                        tx.announce(Noun::Terminals);
                        Ok(())
                    })
                })
                .await
                .unwrap();
            done.fetch_add(1, Ordering::Relaxed);
        })
    });
    for write in futures_util::future::join_all(writes).await {
        write.unwrap();
    }
    assert_eq!(done.load(Ordering::Relaxed), 40);
    assert!(terminal_changes(&store).await > before);
    assert_eq!(verify(&store, None).await.unwrap().number, 40);
}

async fn a_database_of_a_newer_program_is_refused(database: Database) {
    database
        .tamper("INSERT INTO migration (number, name, applied_at) VALUES (9999, 'future', 0)")
        .await;
    let opened = Store::open(&database.location, database.clock.clone()).await;
    let Err(error) = opened else {
        panic!("opened a database it does not know")
    };
    assert!(matches!(error, Error::NewerThanProgram { found: 9999, .. }));
}

async fn a_database_of_which_a_step_read_otherwise_is_refused(database: Database) {
    database
        .tamper("UPDATE migration SET name = 'follow-up 0123456789abcdef' WHERE number = 4")
        .await;
    let opened = Store::open(&database.location, database.clock.clone()).await;
    let Err(error) = opened else {
        panic!("opened a database of another form")
    };
    assert!(matches!(error, Error::OtherSteps { number: 4 }), "{error}");
}

async fn a_database_that_is_up_to_date_is_opened_while_another_process_writes(database: Database) {
    let mut writing = database.back_door().await;
    let lock = match database.store.dialect() {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN; SELECT pg_advisory_xact_lock(5424862)",
    };
    sql::script(lock, &mut writing).await.unwrap();
    let began = Instant::now();
    let opening = timeout(Duration::from_secs(5), database.second_process());
    opening.await.expect("it waits for the lock").close().await;
    assert!(began.elapsed() < Duration::from_secs(5));
    writing.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_comes_to_write_beside_one_that_never_stops() {
    let database = Database::sqlite().await;
    let stop = Arc::new(AtomicBool::new(false));
    // Two, so that there is always one waiting when the other is answered.
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let (store, stop) = (database.store.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let long = store.write(act(), (), |_, ()| {
                        Box::pin(async {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                            Ok(())
                        })
                    });
                    long.await.unwrap();
                }
            })
        })
        .collect();
    for _ in 0..8 {
        let began = Instant::now();
        let other = database.second_process().await;
        let write = other.write(act(), (), |_, ()| Box::pin(async { Ok(()) }));
        write.await.unwrap();
        let waited = began.elapsed();
        assert!(waited < Duration::from_millis(1500), "{waited:?}");
        other.close().await;
    }
    stop.store(true, Ordering::Relaxed);
    for writer in busy {
        writer.await.unwrap();
    }
}

async fn writes_waiting_when_the_store_closes_are_still_written(database: Database) {
    let store = database.store.clone();
    let write = tokio::spawn({
        let store = store.clone();
        async move { mark(&store, act(), "last").await }
    });
    tokio::task::yield_now().await;
    store.close().await;
    let outcome = write.await.unwrap();
    let kept = marks(&database.second_process().await).await;
    assert_eq!(kept, i64::from(outcome.is_ok()));
    assert!(matches!(
        mark(&store, act(), "too late").await,
        Err(Error::Closing)
    ));
}

#[tokio::test]
async fn a_full_disk_refuses_clearly_and_the_store_works_again_when_there_is_space() {
    let database = Database::sqlite().await;
    let store = &database.store;
    // As many pages as there are: to SQLite the disk is full.
    let space = |pages: &'static str| {
        let act = Act::housekeeping("set the space");
        store.write(act, pages, |tx, pages| {
            Box::pin(async move {
                sql::query(*pages).fetch_one(tx.sql()).await?;
                Ok(())
            })
        })
    };
    let fill = || {
        store.write(act(), (), |tx, ()| {
            Box::pin(async move {
                sql::query("INSERT INTO change (noun, counter) VALUES ($1, 1)")
                    .bind("n".repeat(100_000))
                    .execute(tx.sql())
                    .await?;
                Ok(())
            })
        })
    };
    space("PRAGMA max_page_count = 1").await.unwrap();
    let refused = fill().await.unwrap_err();
    assert!(refused.to_string().contains("full"), "{refused}");
    let problem = shared::Problem::from(refused);
    assert_eq!(problem.code, shared::ProblemCode::StoreUnavailable);
    assert_eq!(marks(store).await, 0);

    space("PRAGMA max_page_count = 1000000").await.unwrap();
    fill().await.unwrap();
    assert_eq!(marks(store).await, 1);
    assert_eq!(verify(store, None).await.unwrap().number, 1);
}
