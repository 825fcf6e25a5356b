//! Lists that are written to SQLite slice by slice.

use std::sync::Arc;
use std::time::Duration;

use shared::follow_up::import::{ImportQuery, ImportResult, ImportToCommit};
use shared::follow_up::work_list::{CountsQuery, WorkListQuery};
use shared::id::ImportId;
use tokio::task::JoinHandle;

use super::import::{commit, rows, staged, there};
use super::*;
use crate::store::audit::Act;
use crate::store::follow_up::import as kept;
use crate::store::sql;

/// Long enough to be written in several slices.
const MANY: u32 = 3000;

async fn world() -> Arc<World> {
    Arc::new(World::on(Database::sqlite().await).await)
}

fn taking_in(world: &Arc<World>, id: ImportId) -> JoinHandle<Result<ImportResult, Problem>> {
    let world = Arc::clone(world);
    tokio::spawn(async move { commit(&world, &world.hana, id, &[]).await })
}

/// The number that a statement gives.
async fn number(world: &World, statement: &'static str) -> i64 {
    let mut reader = world.app().store.reader().await.unwrap();
    let row = sql::query(statement).fetch_one(&mut reader).await.unwrap();
    row.get(0)
}

async fn is_arriving(world: &World) -> bool {
    number(world, "SELECT count(import) FROM arriving").await == 1
}

async fn arrives(world: &World) {
    while !is_arriving(world).await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn open(world: &World) -> u64 {
    let counts = count_returnees(world.app(), &world.hana, CountsQuery {});
    counts.await.unwrap().open
}

async fn find(world: &World, search: &str) -> usize {
    let query = WorkListQuery {
        search: Some(search.to_owned()),
        ..WorkListQuery::default()
    };
    let page = list_returnees(world.app(), &world.hana, query).await;
    page.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_a_list_is_written_and_see_all_of_it_or_nothing() {
    let world = world().await;
    let id = staged(&world, &world.hana, 1, &rows(MANY)).await;
    let commit = taking_in(&world, id);
    let mut between = 0;
    while !commit.is_finished() {
        let act = Act::housekeeping("bystander");
        let arriving = world.app().store.write(act, (), |tx, ()| {
            Box::pin(async {
                let row = sql::query("SELECT count(import) FROM arriving")
                    .fetch_one(tx.sql())
                    .await?;
                Ok(row.get::<i64, _>(0))
            })
        });
        between += arriving.await.unwrap();
        let open = open(&world).await;
        assert!(open == 0 || open == u64::from(MANY), "{open} are seen");
    }
    assert!(between > 1, "nobody else wrote meanwhile");
    assert_eq!(commit.await.unwrap().unwrap().added, MANY);
    assert_eq!(open(&world).await, u64::from(MANY));
}

/// Writes the list as a server does that ends in the midst of it.
async fn broken_off(world: &World, id: ImportId) {
    let by = world.hana.user.as_ref().unwrap().person.id;
    let act = Act::housekeeping("write a list");
    let written = world.app().store.write(act, (id, by), |tx, (id, by)| {
        Box::pin(async move {
            let lowest = kept::set_aside(tx, *id, 3).await?;
            let outline = kept::outline(tx.sql(), *id).await?;
            let staged = kept::staged(tx.sql(), *id, &outline).await?;
            let numbered: Vec<_> = (lowest..).zip(staged.rows().take(2)).collect();
            kept::write_slice(tx, *id, &numbered, *by).await?;
            let mut keys = kept::Keys::default();
            for (number, row) in numbered {
                row.add_keys(number, &mut keys);
            }
            keys.sort();
            kept::write_keys(tx, *id, &keys, 0..keys.len() - 1).await
        })
    });
    written.await.unwrap();
}

#[tokio::test]
async fn what_a_crash_left_of_a_list_is_seen_nowhere_and_swept_away() {
    let world = world().await;
    let id = staged(&world, &world.hana, 1, &rows(3)).await;
    broken_off(&world, id).await;
    assert_eq!(there(&world, &world.hana).await.len(), 0);
    assert_eq!((open(&world).await, find(&world, "見本").await), (0, 0));
    let query = ImportQuery { id };
    let findings = check_import(world.app(), &world.hana, query).await.unwrap();
    assert_eq!((findings.new, findings.repeats.len()), (3, 0));
    let details = json!({
        "name": "見本 番外", "entry_date": "2022-09-24", "passport_number": "TK0000001"
    });
    world.enter(&world.hana, details).await;
    assert_eq!((open(&world).await, find(&world, "見本").await), (1, 1));

    world.tidy().await;
    assert!(!is_arriving(&world).await);
    assert_eq!(number(&world, "SELECT count(*) FROM returnee").await, 1);
    assert_eq!((open(&world).await, find(&world, "見本").await), (1, 1));
    let result = commit(&world, &world.hana, id, &[]).await.unwrap();
    assert_eq!((result.added, result.left_out), (2, 1));
    assert_eq!((open(&world).await, find(&world, "見本").await), (3, 3));
}

#[tokio::test]
async fn the_next_list_sweeps_away_what_a_crash_left() {
    let world = world().await;
    let first = staged(&world, &world.hana, 1, &rows(3)).await;
    broken_off(&world, first).await;
    let second = staged(&world, &world.hana, 2, &rows(3)).await;
    let result = commit(&world, &world.hana, second, &[]).await.unwrap();
    assert_eq!((result.added, result.repeats), (3, 0));
    assert_eq!(number(&world, "SELECT count(*) FROM returnee").await, 3);
    let of_nobody = "SELECT count(*) FROM returnee_key
                     WHERE number NOT IN (SELECT number FROM returnee)";
    assert_eq!(number(&world, of_nobody).await, 0, "keys went with them");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_entered_by_hand_meanwhile_is_not_entered_again() {
    let world = world().await;
    let id = staged(&world, &world.hana, 1, &rows(MANY)).await;
    let commit = taking_in(&world, id);
    arrives(&world).await;
    let details = json!({
        "name": "見本 改", "entry_date": "2022-09-24", "passport_number": "TK0002999"
    });
    world.enter(&world.hana, details).await;
    let result = commit.await.unwrap().unwrap();
    assert_eq!((result.added, result.left_out), (MANY - 1, 1));
    assert_eq!(open(&world).await, u64::from(MANY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_cancelled_while_it_is_written_leaves_nobody_behind() {
    let world = world().await;
    let id = staged(&world, &world.hana, 1, &rows(MANY)).await;
    let commit = taking_in(&world, id);
    arrives(&world).await;
    cancel_import(world.app(), &with_key(&world.hana), ImportQuery { id })
        .await
        .unwrap();
    assert_eq!(
        commit.await.unwrap().unwrap_err().code,
        ProblemCode::NotFound
    );
    assert!(!is_arriving(&world).await);
    assert_eq!(number(&world, "SELECT count(*) FROM returnee").await, 0);
    assert_eq!(number(&world, "SELECT count(*) FROM search_due").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_in_although_its_caller_hangs_up() {
    let world = world().await;
    let id = staged(&world, &world.hana, 1, &rows(MANY)).await;
    let caller = with_key(&world.hana);
    let request = ImportToCommit { id, add: vec![] };
    let hung_up = {
        let (world, caller, request) = (Arc::clone(&world), caller.clone(), request.clone());
        tokio::spawn(async move { commit_import(world.app(), &caller, request).await })
    };
    arrives(&world).await;
    hung_up.abort();
    let again = commit_import(world.app(), &caller, request).await.unwrap();
    assert_eq!(again.added, MANY);
    assert_eq!(open(&world).await, u64::from(MANY));
}
