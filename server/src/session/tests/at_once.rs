//! Two who log in with one account at the same moment, in the order that once made each of them wait
//! for the other: on PostgreSQL, where more than one writes.

use std::time::Duration;

use super::*;
use crate::store::sql::{self, Connection};

/// Logs in by a transaction of its own. The store's writer would try anew what PostgreSQL gave up for
/// another's sake, and nobody would see it.
async fn enter(mut tx: Tx, opening: Opening) -> Result<(), store::Error> {
    opening.keep(&mut tx).await?;
    Database::commit(tx).await
}

/// Returns once so many transactions of this database wait for a lock.
async fn until_waiting(watcher: &mut Connection, wanted: i64) {
    let text = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting = async {
        loop {
            let row = sql::query(text).fetch_one(watcher).await.unwrap();
            if row.get::<i64, _>(0) == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    came.unwrap_or_else(|_| panic!("{wanted} never waited"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_log_in_at_once_do_not_wait_for_each_other() {
    let (server, caller, _) = world(Database::postgres().await).await;
    let database = &server.database;
    let mut reader = server.app.store.reader().await.unwrap();
    let login = Login::parse("hana").unwrap();
    let office = caller.terminal.office_number;
    let account = store::accounts::by_login(&mut reader, &login, office).await;
    let account = account.unwrap().unwrap();
    drop(reader);
    let opening = |seed: u8| Opening {
        new: NewSession {
            id: Uuid::from_u128(u128::from(seed)),
            token: [seed; 32],
            account: account.person.id,
            serial: caller.terminal.serial.clone(),
            expires_at: server.clock.now() + LONGEST,
        },
        password: account.password.clone(),
        tried_on: tried_on(&login, &caller.terminal),
        coming_back: None,
    };
    let mut gate = database.back_door().await;
    let mut watcher = database.back_door().await;
    // Nobody opens a session before it is let go.
    let close = "BEGIN; LOCK TABLE session IN SHARE MODE";
    sql::script(close, &mut gate).await.unwrap();
    let first = tokio::spawn(enter(database.transaction().await, opening(1)));
    until_waiting(&mut watcher, 1).await;
    let second = tokio::spawn(enter(database.transaction().await, opening(2)));
    // At the gate as well, or for the first: what it holds by now, it holds at the end.
    until_waiting(&mut watcher, 2).await;
    sql::script("COMMIT", &mut gate).await.unwrap();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    for token in [[1; 32], [2; 32]] {
        let mut reader = server.app.store.reader().await.unwrap();
        let opened = store::session::by_token(&mut reader, &token).await;
        assert_eq!(opened.unwrap().unwrap().person, account.person);
    }
}
