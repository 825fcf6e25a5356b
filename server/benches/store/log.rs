//! `audit verify`, of the database and of an exported copy, against `sha256sum` of that copy. Counted
//! is processor time.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use server::store::audit::{self, Act, Exported, Head};

use crate::processor::used;
use crate::world::World;

const ENTRIES: u32 = 200_000;
const OF_ONE_WRITE: u32 = 1000;
const TURNS: usize = 3;

pub(crate) async fn compare() {
    let world = World::new().await;
    fill(&world).await;
    let copy = world.file.with_extension("jsonl");
    export(&world, &copy).await;
    let [mut database, mut exported, mut yardstick] = [Duration::MAX; 3];
    for _ in 0..TURNS {
        let (took, from_database) = used(from_database(&world)).await;
        database = database.min(took);
        let (took, from_copy) = used(async { from_copy(&copy) }).await;
        exported = exported.min(took);
        assert_eq!(from_database, from_copy);
        yardstick = yardstick.min(used(async { sha256sum(&copy) }).await.0);
    }
    let bytes = std::fs::metadata(&copy).unwrap().len() / 1_000_000;
    for (what, took) in [("the database", database), ("a copy", exported)] {
        println!(
            "audit verify of {what}, {ENTRIES} entries: {took:.2?}; sha256sum of the copy \
             ({bytes} MB): {yardstick:.2?}; ratio {:.2} (at most 3)",
            took.as_secs_f64() / yardstick.as_secs_f64()
        );
    }
}

/// Entries as looks at a page of the work list leave them, the most frequent of all.
async fn fill(world: &World) {
    for first in (0..ENTRIES).step_by(OF_ONE_WRITE as usize) {
        let act = Act::new(world.caller.actor(), "ListReturnees");
        let store = &world.app.store;
        store
            .write(act, first, |tx, first| {
                Box::pin(async move {
                    for number in *first..*first + OF_ONE_WRITE {
                        let numbers: Vec<u32> = (number..number + 50).collect();
                        tx.note(&json!({ "numbers": numbers, "search": null }));
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
    }
}

async fn export(world: &World, copy: &Path) {
    let mut reader = world.app.store.reader().await.unwrap();
    let end = audit::head(&mut reader).await.unwrap().number;
    let mut out = BufWriter::new(File::create(copy).unwrap());
    let mut after = 0;
    while after < end {
        for entry in audit::entries(&mut reader, after, end).await.unwrap() {
            serde_json::to_writer(&mut out, &entry).unwrap();
            out.write_all(b"\n").unwrap();
            after = entry.number;
        }
    }
    out.flush().unwrap();
}

async fn from_database(world: &World) -> Head {
    let mut reader = world.app.store.reader().await.unwrap();
    audit::verify(&mut reader, &[]).await.unwrap().unwrap()
}

/// As the command does.
fn from_copy(copy: &Path) -> Head {
    let mut head = Head::start();
    for line in BufReader::new(File::open(copy).unwrap()).lines() {
        let entry: Exported = serde_json::from_str(&line.unwrap()).unwrap();
        head.follow(&entry).unwrap();
    }
    head
}

fn sha256sum(copy: &Path) {
    let mut command = Command::new("sha256sum");
    let status = command.arg(copy).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
}
