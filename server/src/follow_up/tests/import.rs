//! Taking in a list.

use shared::follow_up::import::{
    ChunkNumber, ImportFindings, ImportQuery, ImportResult, ImportRow, ImportToCommit, Likeness,
    NewImport, StagedChunk,
};
use shared::follow_up::returnee::ChangedReturnee;
use shared::follow_up::work_list::WorkListQuery;
use shared::id::ImportId;

use super::*;
use crate::store::story::on_both_databases;

on_both_databases!(
    a_list_comes_in_whole_and_nothing_is_seen_before,
    the_same_list_again_makes_no_second_person,
    a_corrected_or_moved_person_is_still_known_to_their_list,
    those_whom_another_office_took_in_are_told_apart,
    those_alike_wait_for_a_decision,
    whoever_was_corrected_is_known_by_the_new_values_alone,
    a_row_for_another_health_centre_is_left_out_and_said,
    a_chunk_sent_twice_counts_once_and_a_missing_one_is_noticed,
    an_import_is_its_offices_own_and_ends_once,
    a_chunk_that_waits_for_the_commit_is_refused_after_it,
    a_row_whose_days_cannot_be_is_refused_with_its_place,
    two_offices_taking_in_the_same_list_at_once_make_one_person_each_row,
);

fn row(number: u32, details: Value) -> ImportRow {
    ImportRow {
        row: number,
        details: serde_json::from_value(details).unwrap(),
    }
}

pub(super) fn rows(count: u32) -> Vec<ImportRow> {
    (0..count)
        .map(|n| {
            row(
                n + 2,
                json!({
                    "name": format!("見本 {n:03}"), "entry_date": "2022-09-24",
                    "passport_number": format!("TK{n:07}"), "flight": "JL5"
                }),
            )
        })
        .collect()
}

pub(super) async fn staged(
    world: &World,
    caller: &Caller,
    seed: u64,
    rows: &[ImportRow],
) -> ImportId {
    staged_by(500, world, caller, seed, rows).await
}

/// Stages so many rows a chunk.
pub(super) async fn staged_by(
    at_once: usize,
    world: &World,
    caller: &Caller,
    seed: u64,
    rows: &[ImportRow],
) -> ImportId {
    let id = ImportId(super::id(seed));
    let count = u32::try_from(rows.len()).unwrap();
    let new = NewImport {
        id,
        file_name: "見本名簿.csv".parse().unwrap(),
        rows: count,
    };
    open_import(world.app(), &with_key(caller), new)
        .await
        .unwrap();
    for (number, rows) in (0..).zip(rows.chunks(at_once)) {
        let chunk = StagedChunk {
            id,
            number: ChunkNumber(number),
            rows: rows.to_vec(),
        };
        stage_chunk(world.app(), &with_key(caller), chunk)
            .await
            .unwrap();
    }
    id
}

pub(super) async fn check(world: &World, caller: &Caller, id: ImportId) -> ImportFindings {
    check_import(world.app(), caller, ImportQuery { id })
        .await
        .unwrap()
}

pub(super) async fn commit(
    world: &World,
    caller: &Caller,
    id: ImportId,
    add: &[u32],
) -> Result<ImportResult, Problem> {
    let request = ImportToCommit {
        id,
        add: add.to_vec(),
    };
    commit_import(world.app(), &with_key(caller), request).await
}

pub(super) async fn there(world: &World, caller: &Caller) -> Vec<String> {
    let query = WorkListQuery {
        limit: Some(200),
        ..WorkListQuery::default()
    };
    let page = list_returnees(world.app(), caller, query).await.unwrap();
    page.rows.iter().map(|row| row.name.to_string()).collect()
}

async fn a_list_comes_in_whole_and_nothing_is_seen_before(database: Database) {
    let world = World::on(database).await;
    let id = staged(&world, &world.hana, 1, &rows(120)).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!(
        (findings.new, findings.repeats.len(), findings.alike.len()),
        (120, 0, 0)
    );
    assert_eq!(there(&world, &world.hana).await.len(), 0);
    let caller = with_key(&world.hana);
    let request = ImportToCommit { id, add: vec![] };
    let result = commit_import(world.app(), &caller, request.clone())
        .await
        .unwrap();
    assert_eq!(
        result,
        ImportResult {
            added: 120,
            repeats: 0,
            left_out: 0
        }
    );
    assert_eq!(there(&world, &world.hana).await.len(), 120);
    // The answer was lost on the line: asked again, the same answer and nobody twice.
    let again = commit_import(world.app(), &caller, request).await.unwrap();
    assert_eq!(again, result);
    assert_eq!(there(&world, &world.hana).await.len(), 120);
}

async fn the_same_list_again_makes_no_second_person(database: Database) {
    let world = World::on(database).await;
    let mut list = rows(3);
    // Twice in the very same file, and once more as another office would write it.
    list.push(row(
        5,
        json!({
            "name": "見本　０００", "entry_date": "2022-09-24", "passport_number": "tk-0000000",
            "flight": "ＪＬ５"
        }),
    ));
    let id = staged(&world, &world.hana, 1, &list).await;
    assert_eq!(check(&world, &world.hana, id).await.repeats, [5]);
    commit(&world, &world.hana, id, &[]).await.unwrap();
    let id = staged(&world, &world.hana, 2, &list).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!((findings.new, findings.repeats), (0, vec![2, 3, 4, 5]));
    let result = commit(&world, &world.hana, id, &[2, 3, 4, 5])
        .await
        .unwrap();
    assert_eq!(
        result,
        ImportResult {
            added: 0,
            repeats: 4,
            left_out: 0
        }
    );
    assert_eq!(there(&world, &world.hana).await.len(), 3);
}

async fn a_corrected_or_moved_person_is_still_known_to_their_list(database: Database) {
    let world = World::on(database).await;
    let list = [row(
        2,
        json!({ "name": "見本 太郎", "entry_date": "2022-09-24" }),
    )];
    let id = staged(&world, &world.hana, 1, &list).await;
    commit(&world, &world.hana, id, &[]).await.unwrap();
    let query = WorkListQuery::default();
    let page = list_returnees(world.app(), &world.ken, query)
        .await
        .unwrap();
    let details =
        json!({ "name": "見本 太朗", "entry_date": "2022-09-23", "health_centre": "131024" });
    let request = shared::follow_up::returnee::ChangedReturnee {
        id: page.rows[0].id,
        version: Version(1),
        details: serde_json::from_value(details).unwrap(),
    };
    change_returnee(world.app(), &world.ken, request)
        .await
        .unwrap();
    let id = staged(&world, &world.hana, 2, &list).await;
    assert_eq!(check(&world, &world.hana, id).await.repeats, [2]);
    assert_eq!(commit(&world, &world.hana, id, &[]).await.unwrap().added, 0);
}

async fn those_whom_another_office_took_in_are_told_apart(database: Database) {
    let world = World::on(database).await;
    let list = rows(3);
    let id = staged(&world, &world.jiro, 1, &list[1..2]).await;
    commit(&world, &world.jiro, id, &[]).await.unwrap();
    let id = staged(&world, &world.hana, 2, &list[..1]).await;
    commit(&world, &world.hana, id, &[]).await.unwrap();

    let id = staged(&world, &world.hana, 3, &list).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!(
        (findings.repeats, findings.elsewhere),
        (vec![2, 3], vec![3])
    );
    // The prefecture sees both offices' people: nothing is out of its sight.
    let id = staged(&world, &world.ken, 4, &list).await;
    let findings = check(&world, &world.ken, id).await;
    assert_eq!((findings.repeats, findings.elsewhere), (vec![2, 3], vec![]));
}

async fn those_alike_wait_for_a_decision(database: Database) {
    let world = World::on(database).await;
    let known = world.enter(&world.hana, sample()).await;
    let list = [
        row(
            2,
            json!({ "name": "見本 太郎", "entry_date": "2022-09-24", "passport_number": "TK0000001" }),
        ),
        row(
            3,
            json!({ "name": "例 花", "kana": "レイ ハナ", "birth_date": "1990-05-05", "entry_date": "2022-09-24" }),
        ),
        row(
            4,
            json!({ "name": "例 華", "kana": "れいはな", "birth_date": "1990-05-05", "entry_date": "2022-09-23" }),
        ),
        row(
            5,
            json!({ "name": "例 華", "kana": "れいはな", "birth_date": "1991-05-05", "entry_date": "2022-09-23" }),
        ),
    ];
    let id = staged(&world, &world.hana, 1, &list).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!(findings.new, 2);
    let [first, second] = &findings.alike[..] else {
        panic!("{findings:?}")
    };
    assert_eq!((first.row, first.because), (2, Likeness::PassportNumber));
    assert_eq!(first.other.id, Some(known.id));
    assert_eq!(
        (second.row, second.because),
        (4, Likeness::ReadingAndBirthDate)
    );
    assert_eq!(second.other.row, Some(3));
    let result = commit(&world, &world.hana, id, &[4]).await.unwrap();
    assert_eq!(
        result,
        ImportResult {
            added: 3,
            repeats: 0,
            left_out: 1
        }
    );
    // Decided once, it does not have to be decided again.
    let id = staged(&world, &world.hana, 2, &list).await;
    let findings = check(&world, &world.hana, id).await;
    assert_eq!(findings.repeats, [3, 4, 5]);
    assert_eq!(findings.alike.len(), 1);
    // Whom another office follows is not shown here.
    let id = staged(&world, &world.jiro, 3, &list[..1]).await;
    assert_eq!(check(&world, &world.jiro, id).await.new, 1);
}

async fn whoever_was_corrected_is_known_by_the_new_values_alone(database: Database) {
    let world = World::on(database).await;
    let known = world.enter(&world.hana, sample()).await;
    let mut details = known.details.clone();
    details.passport_number = Some("TK0000009".parse().unwrap());
    details.birth_date = Some(day("1981-01-02"));
    let change = ChangedReturnee {
        id: known.id,
        version: known.version,
        details,
    };
    change_returnee(world.app(), &world.hana, change)
        .await
        .unwrap();
    let passport = |number: u32, passport: &str| {
        row(
            number,
            json!({ "name": "例 一", "entry_date": "2022-09-24", "passport_number": passport }),
        )
    };
    let born = |number: u32, birth_date: &str| {
        row(
            number,
            json!({
                "name": "見本 太朗", "kana": "ミホン タロウ", "birth_date": birth_date,
                "entry_date": "2022-09-24",
            }),
        )
    };
    // One list for each: what one value finds must not stand in for the other.
    let mut seed = 0;
    let mut looked_up = async |list: &[ImportRow]| {
        seed += 1;
        let id = staged(&world, &world.hana, seed, list).await;
        let findings = check(&world, &world.hana, id).await;
        let alike = findings.alike.iter().map(|it| (it.because, it.other.id));
        (findings.new, alike.collect::<Vec<_>>())
    };
    for old in [passport(2, "TK0000001"), born(2, "1980-01-02")] {
        assert_eq!(looked_up(&[old]).await, (1, vec![]));
    }
    for (new, because) in [
        (passport(2, "TK0000009"), Likeness::PassportNumber),
        (born(2, "1981-01-02"), Likeness::ReadingAndBirthDate),
    ] {
        let alike = vec![(because, Some(known.id))];
        assert_eq!(looked_up(&[new]).await, (0, alike));
    }
}

async fn a_row_for_another_health_centre_is_left_out_and_said(database: Database) {
    let world = World::on(database).await;
    let mut list = rows(3);
    list[1].details.health_centre = Some("131024".parse().unwrap());
    list[2].details.health_centre = Some("999999".parse().unwrap());
    let id = staged(&world, &world.hana, 1, &list).await;
    let findings = check(&world, &world.hana, id).await;
    let foreign: Vec<u32> = findings.foreign.iter().map(|row| row.row).collect();
    assert_eq!((findings.new, foreign), (1, vec![3, 4]));
    let result = commit(&world, &world.hana, id, &[]).await.unwrap();
    assert_eq!((result.added, result.left_out), (1, 2));
    // The prefecture fills both of its health centres from one list.
    let id = staged(&world, &world.ken, 2, &list[1..2]).await;
    commit(&world, &world.ken, id, &[]).await.unwrap();
    assert_eq!(there(&world, &world.jiro).await, ["見本 001"]);
}

async fn a_chunk_sent_twice_counts_once_and_a_missing_one_is_noticed(database: Database) {
    let world = World::on(database).await;
    let id = ImportId(super::id(1));
    let new = NewImport {
        id,
        file_name: "名簿.csv".parse().unwrap(),
        rows: 4,
    };
    open_import(world.app(), &with_key(&world.hana), new)
        .await
        .unwrap();
    let chunk = |number, range: std::ops::Range<usize>| StagedChunk {
        id,
        number: ChunkNumber(number),
        rows: rows(6)[range].to_vec(),
    };
    for _ in 0..2 {
        let staged = stage_chunk(world.app(), &with_key(&world.hana), chunk(0, 0..2))
            .await
            .unwrap();
        assert_eq!((staged.staged, staged.rows), (2, 4));
    }
    let refused = check_import(world.app(), &world.hana, ImportQuery { id })
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::ImportNotReady);
    let refused = commit(&world, &world.hana, id, &[]).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::ImportNotReady);
    let refused = stage_chunk(world.app(), &with_key(&world.hana), chunk(1, 2..6))
        .await
        .unwrap_err();
    assert_eq!(
        refused.code,
        ProblemCode::ImportNotReady,
        "more than announced"
    );
    stage_chunk(world.app(), &with_key(&world.hana), chunk(1, 2..4))
        .await
        .unwrap();
    assert_eq!(commit(&world, &world.hana, id, &[]).await.unwrap().added, 4);
}

async fn an_import_is_its_offices_own_and_ends_once(database: Database) {
    let world = World::on(database).await;
    let id = staged(&world, &world.hana, 1, &rows(2)).await;
    let refused = commit(&world, &world.jiro, id, &[]).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::NotFound);
    let query = ImportQuery { id };
    cancel_import(world.app(), &with_key(&world.hana), query)
        .await
        .unwrap();
    let refused = commit(&world, &world.hana, id, &[]).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::NotFound);
    assert_eq!(there(&world, &world.hana).await.len(), 0);

    let id = staged(&world, &world.hana, 2, &rows(2)).await;
    commit(&world, &world.hana, id, &[]).await.unwrap();
    let refused = commit(&world, &world.hana, id, &[]).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::ImportNotReady);
    let refused = cancel_import(world.app(), &with_key(&world.hana), ImportQuery { id }).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::ImportNotReady);
}

async fn a_row_whose_days_cannot_be_is_refused_with_its_place(database: Database) {
    let world = World::on(database).await;
    let id = ImportId(super::id(1));
    let new = NewImport {
        id,
        file_name: "名簿.csv".parse().unwrap(),
        rows: 2,
    };
    open_import(world.app(), &with_key(&world.hana), new)
        .await
        .unwrap();
    let mut list = rows(2);
    list[1].details.entry_date = day("2022-09-27");
    let chunk = StagedChunk {
        id,
        number: ChunkNumber(0),
        rows: list,
    };
    let refused = stage_chunk(world.app(), &with_key(&world.hana), chunk)
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("rows[1].details.entry_date"));
}

async fn two_offices_taking_in_the_same_list_at_once_make_one_person_each_row(database: Database) {
    let world = World::on(database).await;
    let list = rows(40);
    let first = staged(&world, &world.hana, 1, &list).await;
    let second = staged(&world, &world.jiro, 2, &list).await;
    let (one, other) = tokio::join!(
        commit(&world, &world.hana, first, &[]),
        commit(&world, &world.jiro, second, &[]),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(
        (one.added + other.added, one.repeats + other.repeats),
        (40, 40)
    );
    assert_eq!(there(&world, &world.ken).await.len(), 40);
}

async fn a_chunk_that_waits_for_the_commit_is_refused_after_it(database: Database) {
    let world = World::on(database).await;
    let id = ImportId(super::id(1));
    let new = NewImport {
        id,
        file_name: "名簿.csv".parse().unwrap(),
        rows: 2,
    };
    open_import(world.app(), &with_key(&world.hana), new)
        .await
        .unwrap();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let begun = std::sync::Mutex::new(Some(begun));
    let act = store::audit::Act::housekeeping("commit slowly");
    let slowly = world.app().store.write(act, begun, move |tx, begun| {
        Box::pin(async move {
            store::follow_up::import::find_to_change(tx, id).await?;
            store::follow_up::import::close(tx, id).await?;
            if let Some(begun) = begun.lock().unwrap().take() {
                begun.send(()).unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            Ok(())
        })
    });
    let late = async {
        has_begun.await.unwrap();
        let chunk = StagedChunk {
            id,
            number: ChunkNumber(0),
            rows: rows(2),
        };
        stage_chunk(world.app(), &with_key(&world.hana), chunk).await
    };
    let (closed, late) = tokio::join!(slowly, late);
    closed.unwrap();
    assert_eq!(late.unwrap_err().code, ProblemCode::ImportNotReady);
}
