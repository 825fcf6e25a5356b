//! Copies of a server that is being written to, and servers made from them (row O: a copy is a
//! moment that existed).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::postgres::Postgres;
use harness::thoroughness::so_many;
use harness::world::World;
use serde_json::json;

use crate::contract::days_ago;
use crate::prefecture::{EAST, PREFECTURE, person, terminal, world};
use crate::wire::Terminal;

/// How many copies are made while eight write.
fn rounds() -> u32 {
    so_many(5, 500)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_made_while_written_to_is_a_moment_that_existed_on_sqlite() {
    let world = world();
    copy_while_written_to(&world, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_made_while_written_to_is_a_moment_that_existed_on_postgresql() {
    let postgres = Postgres::start().unwrap();
    let mut world = World::prepare(Some(postgres.database("original").unwrap())).unwrap();
    world.serve().unwrap();
    let world = crate::prefecture::populate(world);
    copy_while_written_to(&world, Some(&postgres)).await;
}

/// The numbers of the people who were acknowledged, in the order of their coming.
type Acknowledged = Arc<Mutex<Vec<u32>>>;

/// Whether the writers write. Between the rounds they wait: what they wrote is read from every copy.
const WAIT: u8 = 0;
const WRITE: u8 = 1;
const END: u8 = 2;

async fn copy_while_written_to(world: &World, postgres: Option<&Postgres>) {
    let writer = terminal(world, EAST, "writer", "staff").await;
    let acknowledged = Acknowledged::default();
    let now = Arc::new(AtomicU8::new(WAIT));
    let writers: Vec<_> = (0..8)
        .map(|nth| {
            let (writer, acknowledged) = (writer.clone(), acknowledged.clone());
            tokio::spawn(write(writer, nth, acknowledged, now.clone()))
        })
        .collect();
    for round in 0..rounds() {
        now.store(WRITE, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        let copy = world.beside(&format!("copy-{round}"));
        let before: Vec<u32> = acknowledged.lock().unwrap().clone();
        let made =
            tokio::task::block_in_place(|| world.operator(["backup".as_ref(), copy.as_os_str()]));
        made.unwrap();
        let after: BTreeSet<u32> = acknowledged.lock().unwrap().iter().copied().collect();
        assert!(after.len() > before.len(), "nobody wrote meanwhile");
        now.store(WAIT, Ordering::Relaxed);

        let name = format!("copy{round}");
        let database = postgres.map(|postgres| postgres.database(&name).unwrap());
        let restored = tokio::task::block_in_place(|| restore(world, &copy, database));
        let found = people(&restored).await;
        for number in &before {
            assert!(found.contains(number), "round {round}: {number} is lost");
        }
        // One for each writer may have been written and not yet acknowledged.
        let early = found.difference(&after).count();
        assert!(early <= 8, "round {round}: {early} nobody sent");
        // Five hundred of them would fill the disk.
        drop(restored);
        std::fs::remove_dir_all(&copy).unwrap();
        if let Some(postgres) = postgres {
            postgres.drop_database(&name).unwrap();
        }
    }
    now.store(END, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn write(terminal: Terminal, nth: u32, acknowledged: Acknowledged, now: Arc<AtomicU8>) {
    for number in (nth * 100_000).. {
        while now.load(Ordering::Relaxed) == WAIT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if now.load(Ordering::Relaxed) == END {
            return;
        }
        let body = json!({ "details": person(number, &days_ago(2)), "although_alike": true });
        let key = crate::wire::fresh_key();
        // Not as fast as can be: all of them are read again from every copy. Nor all at once, for a
        // copy takes less than a tenth of a second.
        tokio::time::sleep(Duration::from_millis(u64::from(20 + 7 * nth))).await;
        let answer = terminal.send("POST", "/v1/returnees", Some(&body), Some(&key));
        if answer.await.unwrap().status == 200 {
            acknowledged.lock().unwrap().push(number);
        }
    }
}

/// A server on an empty folder, made from the copy and serving.
fn restore(world: &World, copy: &Path, database: Option<String>) -> World {
    let mut restored = world.elsewhere(database).unwrap();
    let said = restored
        .operator(["restore".as_ref(), copy.as_os_str()])
        .unwrap();
    assert!(said.contains("revoked"), "{said}");
    restored.operator(["audit", "verify"]).unwrap();
    restored.serve().unwrap();
    restored
}

/// The numbers of all people of the health centre, as its prefecture sees them.
async fn people(world: &World) -> BTreeSet<u32> {
    let reader = terminal(world, PREFECTURE, "reader", "staff").await;
    let (mut found, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = format!("/v1/returnees?limit=200{after}");
        let page = reader.send("GET", &page, None, None).await.unwrap().body;
        for row in page["rows"].as_array().unwrap() {
            let name = row["name"].as_str().unwrap();
            let number = name.trim_matches(|c: char| !c.is_ascii_digit());
            found.insert(number.parse().unwrap());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

#[test]
fn a_copy_is_put_only_where_there_is_nothing_and_only_if_it_is_whole() {
    let world = world();
    let copy = world.beside("copy");
    world
        .operator(["backup".as_ref(), copy.as_os_str()])
        .unwrap();
    let again = world
        .attempt(["backup".as_ref(), copy.as_os_str()])
        .unwrap();
    assert!(
        again
            .success()
            .unwrap_err()
            .to_string()
            .contains("not empty")
    );
    let over = world
        .attempt(["restore".as_ref(), copy.as_os_str()])
        .unwrap();
    let refused = over.success().unwrap_err().to_string();
    assert!(refused.contains("holds a server already"), "{refused}");

    let key = copy.join("authority.key");
    let whole = std::fs::read(&key).unwrap();
    let mut cut = whole.clone();
    cut.pop();
    std::fs::write(&key, cut).unwrap();
    let elsewhere = world.elsewhere(None).unwrap();
    let damaged = elsewhere.attempt(["restore".as_ref(), copy.as_os_str()]);
    let refused = damaged.unwrap().success().unwrap_err().to_string();
    assert!(refused.contains("nothing was restored"), "{refused}");
    assert!(!elsewhere.data().join("authority.pem").exists());

    std::fs::write(&key, whole).unwrap();
    let said = elsewhere
        .operator(["restore".as_ref(), copy.as_os_str()])
        .unwrap();
    assert!(said.contains(" +09:00. Certificates revoked"), "{said}");
    assert!(!said.contains("names another database"), "{said}");
    let other = world.elsewhere(None).unwrap();
    let file = format!("sqlite:{}", other.beside("other.db").display());
    let said = other
        .operator([
            "restore".as_ref(),
            copy.as_os_str(),
            "--database".as_ref(),
            file.as_ref(),
        ])
        .unwrap();
    let reminder = "settings.toml names another database than the one restored into";
    assert!(said.contains(reminder), "{said}");
    let offices = elsewhere.operator(["office", "list"]).unwrap();
    assert!(offices.contains("見本県東保健所"), "{offices}");
}
