//! Lists as they are staged: read part by part, damaged or changed meanwhile, and dropped.

use shared::follow_up::import::{ChunkNumber, ImportQuery, ImportResult, Likeness, StagedChunk};
use shared::follow_up::returnee::ReturneeDetails;
use shared::id::ImportId;

use super::import::{check, commit, rows, staged, staged_by, there};
use super::*;
use crate::store::follow_up::import as kept;
use crate::store::story::on_both_databases;

on_both_databases!(
    rows_far_apart_in_a_long_list_are_compared,
    many_checks_at_once_leave_the_readers_to_others,
    a_list_of_which_a_part_is_damaged_is_neither_checked_nor_taken_in,
    what_is_staged_is_dropped_once_its_list_was_taken_in,
    a_list_that_changes_while_it_is_read_is_not_ready,
);

/// How many chunks are staged for an import.
async fn chunks(world: &World, id: ImportId) -> usize {
    let mut reader = world.app().store.reader().await.unwrap();
    kept::outline(&mut reader, id).await.unwrap().len()
}

async fn rows_far_apart_in_a_long_list_are_compared(database: Database) {
    let world = World::on(database).await;
    let mut list = rows(2_200);
    let (again, alike) = (list[1].details.clone(), list[2].details.clone());
    list[2_198].details = again;
    list[2_199].details = ReturneeDetails {
        name: "例 花子".parse().unwrap(),
        ..alike
    };
    let id = staged(&world, &world.hana, 1, &list).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!((findings.new, findings.repeats), (2_198, vec![2_200]));
    let [alike] = &findings.alike[..] else {
        panic!("{:?}", findings.alike)
    };
    assert_eq!(
        (alike.row, alike.because, alike.other.row),
        (2_201, Likeness::PassportNumber, Some(4))
    );
    let result = commit(&world, &world.hana, id, &[]).await.unwrap();
    assert_eq!(
        result,
        ImportResult {
            added: 2_198,
            repeats: 1,
            left_out: 1
        }
    );
}

async fn many_checks_at_once_leave_the_readers_to_others(database: Database) {
    let world = World::on(database).await;
    let id = staged_by(1, &world, &world.hana, 1, &rows(12)).await;
    let checks = futures_util::future::join_all((0..40).map(|_| check(&world, &world.hana, id)));
    let others = async {
        for _ in 0..40 {
            world.app().store.reader().await.unwrap();
        }
    };
    // Whoever waits for a reader in vain gives up after ten seconds.
    let all = tokio::time::timeout(std::time::Duration::from_secs(8), async {
        tokio::join!(checks, others)
    });
    let (findings, ()) = all.await.expect("nobody waits for anybody who waits");
    assert!(findings.iter().all(|findings| findings.new == 12));
}

async fn a_list_of_which_a_part_is_damaged_is_neither_checked_nor_taken_in(database: Database) {
    let world = World::on(database).await;
    let id = staged_by(1, &world, &world.hana, 1, &rows(24)).await;
    let act = store::audit::Act::housekeeping("damage a chunk");
    let damaged = world.app().store.write(act, (), |tx, ()| {
        Box::pin(async {
            let damaging = "UPDATE import_chunk SET content = $1 WHERE number = 13";
            let content: &[u8] = &[1, 2, 3];
            let query = store::sql::query(damaging).bind(content);
            query.execute(tx.sql()).await?;
            Ok(())
        })
    });
    damaged.await.unwrap();
    let query = ImportQuery { id };
    let checked = check_import(world.app(), &world.hana, query).await;
    assert_eq!(checked.unwrap_err().code, ProblemCode::Internal);
    let taken_in = commit(&world, &world.hana, id, &[]).await;
    assert_eq!(taken_in.unwrap_err().code, ProblemCode::Internal);
    world.tidy().await;
    assert_eq!(there(&world, &world.hana).await.len(), 0);
    assert_eq!(chunks(&world, id).await, 24);
}

async fn what_is_staged_is_dropped_once_its_list_was_taken_in(database: Database) {
    let world = World::on(database).await;
    // More chunks than are dropped by one write.
    let taken_in = staged_by(1, &world, &world.hana, 1, &rows(40)).await;
    let waiting = staged_by(1, &world, &world.hana, 2, &rows(50)).await;
    commit(&world, &world.hana, taken_in, &[]).await.unwrap();
    world.tidy().await;
    assert_eq!(chunks(&world, taken_in).await, 0);
    assert_eq!(chunks(&world, waiting).await, 50);
    let result = commit(&world, &world.hana, waiting, &[]).await.unwrap();
    assert_eq!((result.added, result.repeats), (10, 40));
}

async fn a_list_that_changes_while_it_is_read_is_not_ready(database: Database) {
    let world = World::on(database).await;
    let id = staged(&world, &world.hana, 1, &rows(600)).await;
    let mut reader = world.app().store.reader().await.unwrap();
    let outline = kept::outline(&mut reader, id).await.unwrap();
    assert!(kept::staged(&mut reader, id, &outline).await.is_ok());
    let fewer = StagedChunk {
        id,
        number: ChunkNumber(1),
        rows: rows(99),
    };
    stage_chunk(world.app(), &with_key(&world.hana), fewer)
        .await
        .unwrap();
    let read = kept::staged(&mut reader, id, &outline).await;
    assert!(matches!(
        read.err(),
        Some(store::Error::Refused(refused)) if refused.code == ProblemCode::ImportNotReady
    ));
}
