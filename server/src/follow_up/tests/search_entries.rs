//! Search entries written while others change the same people.

use std::sync::Arc;

use shared::follow_up::returnee::ChangedReturnee;
use shared::follow_up::work_list::WorkListQuery;

use super::*;
use crate::store::Dialect;
use crate::store::sql::{self, Connection};
use crate::store::story::on_both_databases;

on_both_databases!(
    whoever_is_changed_while_entries_are_written_is_found,
    whoever_is_changed_but_not_committed_when_entries_are_written_is_found,
);

async fn found(world: &World, search: &str) -> Vec<String> {
    let query = WorkListQuery {
        search: Some(search.to_owned()),
        ..WorkListQuery::default()
    };
    let page = list_returnees(world.app(), &world.hana, query)
        .await
        .unwrap();
    page.rows.iter().map(|row| row.name.to_string()).collect()
}

async fn enter(world: &World, name: &str) -> Returnee {
    let details = json!({ "name": name, "entry_date": "2022-09-20" });
    world.enter(&world.hana, details).await
}

async fn rename(world: &World, returnee: &Returnee, name: &str) -> Returnee {
    let mut details = returnee.details.clone();
    details.name = name.parse().unwrap();
    let request = ChangedReturnee {
        id: returnee.id,
        version: returnee.version,
        details,
    };
    change_returnee(world.app(), &world.hana, request)
        .await
        .unwrap()
}

/// A connection that holds a lock, by which it stops a write half-way. SQLite has one writer and
/// no half-way.
async fn holding(world: &World, lock: &'static str) -> Option<Connection> {
    if world.app().store.dialect() == Dialect::Sqlite {
        return None;
    }
    let mut holder = world.server.database.back_door().await;
    for statement in ["BEGIN", lock] {
        sql::script(statement, &mut holder).await.unwrap();
    }
    Some(holder)
}

/// Waits until a write stands before the lock.
async fn reached(holder: Option<&mut Connection>) {
    let Some(holder) = holder else { return };
    loop {
        let row = sql::query(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE NOT l.granted AND a.datname = current_database()",
        )
        .fetch_one(&mut *holder)
        .await
        .unwrap();
        if row.get::<i64, _>(0) > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn let_go(holder: Option<Connection>) {
    if let Some(holder) = holder {
        holder.close().await.unwrap();
    }
}

async fn whoever_is_changed_while_entries_are_written_is_found(database: Database) {
    let world = Arc::new(World::on(database).await);
    let first = enter(&world, "見本一").await;
    let second = enter(&world, "見本二").await;
    let third = enter(&world, "見本三").await;
    world.tidy().await;
    rename(&world, &first, "試料一").await;
    rename(&world, &third, "試料三").await;

    let mut holder = holding(&world, "SELECT 1 FROM returnee_search FOR UPDATE").await;
    let tidying = tokio::spawn({
        let world = Arc::clone(&world);
        async move { world.tidy().await }
    });
    reached(holder.as_mut()).await;
    rename(&world, &second, "試料二").await;
    let_go(holder).await;
    tidying.await.unwrap();

    assert_eq!(found(&world, "試料").await, ["試料三", "試料二", "試料一"]);
    world.tidy().await;
    assert_eq!(found(&world, "試料").await, ["試料三", "試料二", "試料一"]);
}

async fn whoever_is_changed_but_not_committed_when_entries_are_written_is_found(
    database: Database,
) {
    let world = Arc::new(World::on(database).await);
    let entered = enter(&world, "見本一").await;
    world.tidy().await;
    let due = rename(&world, &entered, "見本二").await;

    // A commit ends with its audit entry: before it everything else is written.
    let mut holder = holding(&world, "SELECT 1 FROM audit_head FOR UPDATE").await;
    let changing = tokio::spawn({
        let world = Arc::clone(&world);
        async move { rename(&world, &due, "試料").await }
    });
    reached(holder.as_mut()).await;
    world.tidy().await;
    let_go(holder).await;
    changing.await.unwrap();

    assert_eq!(found(&world, "試料").await, ["試料"]);
    world.tidy().await;
    assert_eq!(found(&world, "試料").await, ["試料"]);
}
