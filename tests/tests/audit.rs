//! The log of who did and saw what: exported, checked by whoever has a copy, and tampered with in
//! every way that the database allows.

use std::fs;

use harness::postgres::Postgres;
use harness::process::Finished;
use harness::thoroughness::so_many;
use harness::world::World;
use serde_json::Value;

use crate::prefecture::{EAST, identity, populate, world};

const DATABASE: &str = "audit";

fn verify(world: &World, more: &[&str]) -> Finished {
    world
        .attempt(["audit", "verify"].iter().chain(more))
        .unwrap()
}

/// What `audit verify` says of a log that is not whole.
fn refusal(world: &World, more: &[&str]) -> String {
    let refused = verify(world, more);
    assert_eq!(refused.status.code(), Some(1), "{more:?}: {refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    refused.stderr.trim().to_owned()
}

/// Ways of tampering with a log that ends at `last`: SQL, and the entry that must be named.
fn tamperings(last: i64) -> Vec<(String, String)> {
    let changes = [
        "happened_at = happened_at + 1",
        "terminal = '\\x00000000000000000000000000000000'",
        "person = '\\x01000000000000000000000000000000'",
        "office = coalesce(office, '') || 'x'",
        "action = action || ' '",
        "subject = '\\x02000000000000000000000000000000'",
        "detail = detail || ' '",
        "concerns = coalesce(concerns, '') || 'x'",
        "hash = set_byte(hash, 31, 255 - get_byte(hash, 31))",
    ];
    const MANNERS: i64 = 13;
    let all = (1..last).flat_map(|place| (0..MANNERS).map(move |manner| (place, manner)));
    // All over the log, and none twice in the same manner for long.
    let some = (0..200).map(|turn| (1 + turn * 7 % (last - 1), turn % MANNERS));
    so_many(some.collect::<Vec<_>>(), all.collect())
        .into_iter()
        .map(|(place, manner)| {
            let (head, behind) = (last + 1, place + 1);
            match manner {
                manner @ 0..9 => (
                    format!(
                        "UPDATE audit SET {} WHERE number = {place}",
                        changes[manner as usize]
                    ),
                    format!("entry {place} does not follow"),
                ),
                9 => (
                    format!("DELETE FROM audit WHERE number = {place}"),
                    format!("missing before entry {behind}"),
                ),
                10 => (
                    format!(
                        "INSERT INTO audit SELECT {head}, happened_at, terminal, person, office,
                         action, subject, detail, hash, concerns FROM audit WHERE number = {place}"
                    ),
                    format!("entry {head} does not follow"),
                ),
                11 => (
                    format!(
                        "UPDATE audit SET number = -1 WHERE number = {place};
                         UPDATE audit SET number = {place} WHERE number = {behind};
                         UPDATE audit SET number = {behind} WHERE number = -1"
                    ),
                    format!("entry {place} does not follow"),
                ),
                // Cut off at the end, with the head that is kept beside it made to fit.
                _ => (
                    format!(
                        "DELETE FROM audit WHERE number > {place};
                         UPDATE audit_head SET number = {place},
                         hash = (SELECT hash FROM audit WHERE number = {place})"
                    ),
                    format!("ends at entry {place}, but its head says {last}"),
                ),
            }
        })
        .collect()
}

#[test]
fn every_tampering_is_found_with_its_place() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database(DATABASE).unwrap();
    let mut world = World::prepare(Some(database)).unwrap();
    world.serve().unwrap();
    let mut world = populate(world);
    for _ in 0..12 {
        world.link(EAST).unwrap();
    }
    identity(&world, EAST, "terminal");
    world.power_cut();
    let heads = world.beside("heads");
    fs::write(&heads, world.operator(["audit", "head"]).unwrap()).unwrap();
    let heads = ["--head", heads.to_str().unwrap()];
    let whole = verify(&world, &heads).success().unwrap();
    let last: i64 = whole.split(':').next().unwrap().parse().unwrap();
    assert!(last > 15, "{last}");
    let sql = |text: &str| postgres.sql(DATABASE, text).unwrap();
    sql(
        "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head",
    );
    for (tampering, found) in tamperings(last) {
        sql(&tampering);
        let said = refusal(&world, &heads);
        assert!(said.contains(&found), "{tampering}: {said}, not {found}");
        sql("TRUNCATE audit; INSERT INTO audit SELECT * FROM kept;
             DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head");
    }
    verify(&world, &heads).success().unwrap();
}

#[test]
fn a_copy_can_be_checked_by_whoever_has_it_and_tells_where_it_was_changed() {
    let world = world();
    identity(&world, EAST, "terminal");
    let exported = world.operator(["audit", "export"]).unwrap();
    let lines: Vec<&str> = exported.lines().collect();
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(last["action"], "command audit export");
    assert_eq!(last["number"], lines.len() as u64);
    let copy = world.beside("copy");
    let path = copy.to_str().unwrap();
    let check = |lines: &[&str]| {
        fs::write(&copy, lines.join("\n") + "\n").unwrap();
        verify(&world, &["--copy", path])
    };
    let end = check(&lines).success().unwrap();
    assert_eq!(end, verify(&world, &[]).success().unwrap());
    for place in 1..lines.len() {
        let changed = lines[place - 1].replacen("\"detail\":\"", "\"detail\":\" ", 1);
        let mut tampered = lines.clone();
        tampered[place - 1] = &changed;
        let said = check(&tampered).stderr;
        assert!(
            said.contains(&format!("entry {place} does not follow")),
            "{said}"
        );
        let mut tampered = lines.clone();
        tampered.remove(place - 1);
        let said = check(&tampered).stderr;
        assert!(
            said.contains(&format!("missing before entry {}", place + 1)),
            "{said}"
        );
        let mut tampered = lines.clone();
        tampered.insert(place, lines[place - 1]);
        let said = check(&tampered).stderr;
        assert!(
            said.contains(&format!("entry {place} does not follow")),
            "{said}"
        );
    }
    // The same for scripts: one object, whatever was found.
    let told = |lines: &[&str]| {
        fs::write(&copy, lines.join("\n") + "\n").unwrap();
        let told = verify(&world, &["--copy", path, "--json"]);
        let found: Value = serde_json::from_str(&told.stdout).unwrap();
        (told.status.code(), found)
    };
    let (status, found) = told(&lines);
    assert_eq!((status, &found["whole"]), (Some(0), &true.into()));
    assert_eq!(found["number"], lines.len() as u64);
    let (status, found) = told(&lines[1..]);
    assert_eq!((status, &found["whole"]), (Some(1), &false.into()));
    assert_eq!(
        (&found["broken"], &found["at"]),
        (&"missing-before".into(), &2.into())
    );
    // Only an end that was kept elsewhere tells of what is missing behind the last line.
    let short = &lines[..lines.len() - 1];
    check(short).success().unwrap();
    let said = refusal(&world, &["--copy", path, "--end", end.trim()]);
    assert!(
        said.contains(&format!("ends at entry {}", short.len())),
        "{said}"
    );
}

#[test]
fn a_running_server_keeps_signed_heads_that_nobody_else_could_have_made() {
    let mut world = World::prepare(None).unwrap();
    let heads = world.beside("heads");
    let settings = world.data().join("settings.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let setting = format!("audit_heads = {:?}\n", heads.to_str().unwrap());
    fs::write(&settings, setting + &text).unwrap();
    for starts in 1..3 {
        world.serve().unwrap();
        harness::process::wait_until(std::time::Duration::from_secs(5), "a head", || {
            let kept = fs::read_to_string(&heads).unwrap_or_default();
            (kept.lines().count() == starts).then_some(())
        })
        .unwrap();
        world
            .office(&format!("99000{starts}"), "prefecture", "見本県", None)
            .unwrap();
        world.power_cut();
    }
    let path = heads.to_str().unwrap();
    verify(&world, &["--head", path]).success().unwrap();
    let other = World::prepare(None).unwrap();
    let said = refusal(&other, &["--head", path]);
    assert!(
        said.contains("line 1: its signature is not this authority's"),
        "{said}"
    );
}
