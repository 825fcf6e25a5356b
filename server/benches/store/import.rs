//! 100,000 rows of a CP932 list read, checked and durable, against `sqlite3 .import` of the same
//! file.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use server::follow_up;
use server::store::audit::Act;
use shared::follow_up::import::{
    CHUNK_ROWS, ChunkNumber, ImportQuery, ImportRow, ImportToCommit, NewImport, StagedChunk,
};
use shared::id::ImportId;
use shared::quarantine_list::sample::Recipe;
use shared::quarantine_list::{List, Outcome, Remembered};

use crate::world::World;

const PEOPLE: usize = 100_000;
const TURNS: usize = 5;
/// How many chunks are on their way at once.
const UNDER_WAY: usize = 8;

pub(crate) async fn compare() {
    let (mut ours, mut yardstick) = (Duration::MAX, Duration::MAX);
    for _ in 0..TURNS {
        let world = Arc::new(World::new().await);
        let file = Recipe::faultless(PEOPLE, world.app.today()).make().bytes;
        ours = ours.min(taken_in(&world, &file).await);
        yardstick = yardstick.min(with_sqlite3(&file));
    }
    println!(
        "import of {PEOPLE} rows: {ours:.2?}; sqlite3 .import: {yardstick:.2?}; ratio {:.2} \
         (at most 5)",
        ours.as_secs_f64() / yardstick.as_secs_f64()
    );
}

async fn taken_in(world: &Arc<World>, file: &[u8]) -> Duration {
    let began = Instant::now();
    let list = List::read(file, &Remembered::default()).unwrap();
    let mut chunks: Vec<Vec<ImportRow>> = Vec::new();
    for outcome in list.dry_run(world.app.today(), &[]) {
        let Outcome::Good(row) = outcome else {
            panic!("the list has no faults")
        };
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_ROWS => chunk.push(row),
            _ => {
                chunks.push(Vec::with_capacity(CHUNK_ROWS));
                chunks.last_mut().unwrap().push(row);
            }
        }
    }
    assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), PEOPLE);
    let read = began.elapsed();
    let id = ImportId(world.app.new_id());
    let new = NewImport {
        id,
        file_name: "見本名簿.csv".parse().unwrap(),
        rows: u32::try_from(PEOPLE).unwrap(),
    };
    follow_up::open_import(&world.app, &world.keyed(), new)
        .await
        .unwrap();
    // Each chunk is a request of its own.
    futures_util::stream::iter((0..).zip(chunks))
        .map(|(number, rows)| {
            let world = Arc::clone(world);
            let chunk = StagedChunk {
                id,
                number: ChunkNumber(number),
                rows,
            };
            tokio::spawn(async move {
                follow_up::stage_chunk(&world.app, &world.keyed(), chunk)
                    .await
                    .unwrap();
            })
        })
        .buffer_unordered(UNDER_WAY)
        .for_each(|done| async move { done.unwrap() })
        .await;
    let staged = began.elapsed();
    let query = ImportQuery { id };
    follow_up::check_import(&world.app, &world.caller, query)
        .await
        .unwrap();
    let checked = began.elapsed();
    let bystander = tokio::spawn(longest_wait(Arc::clone(world)));
    let request = ImportToCommit { id, add: vec![] };
    let result = follow_up::commit_import(&world.app, &world.keyed(), request)
        .await
        .unwrap();
    let all = began.elapsed();
    // As the upkeep does within a second; nobody waits for it but who writes meanwhile.
    follow_up::drop_staged(&world.app.store).await.unwrap();
    let dropped = began.elapsed();
    world.app.store.close().await;
    println!(
        "  read {read:.2?}, staged {:.2?}, checked {:.2?}, taken in {:.2?}: {} added; what was \
         staged dropped in another {:.2?}; somebody else's write waited {:.2?} at most",
        staged - read,
        checked - staged,
        all - checked,
        result.added,
        dropped - all,
        bystander.await.unwrap(),
    );
    all
}

/// Writes small things one after the other until the store closes, and tells how long the slowest
/// took.
async fn longest_wait(world: Arc<World>) -> Duration {
    let mut longest = Duration::ZERO;
    loop {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let began = Instant::now();
        let act = Act::new(world.caller.actor(), "bystander");
        let written = world
            .app
            .store
            .write(act, (), |_, ()| Box::pin(async { Ok(()) }));
        if written.await.is_err() {
            return longest;
        }
        longest = longest.max(began.elapsed());
    }
}

fn with_sqlite3(file: &[u8]) -> Duration {
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("list.csv");
    std::fs::write(&list, file).unwrap();
    let began = Instant::now();
    let status = Command::new("sqlite3")
        .arg(directory.path().join("list.db"))
        .args([
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            ".mode csv",
        ])
        .arg(format!(".import --skip 3 {} list", list.display()))
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "apt-get install sqlite3");
    began.elapsed()
}
