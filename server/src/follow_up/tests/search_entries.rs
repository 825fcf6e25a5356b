//! Search entries written while others change the same people.

use std::sync::Arc;

use shared::follow_up::returnee::ChangedReturnee;
use shared::follow_up::work_list::WorkListQuery;
use shared::text::search_key;

use super::*;
use crate::store::Dialect;
use crate::store::follow_up::search_text;
use crate::store::sql::{self, Connection};
use crate::store::story::on_both_databases;

on_both_databases!(
    whoever_has_another_form_of_the_kanji_typed_is_found_and_shown_as_written,
    a_search_text_kept_by_an_older_program_is_brought_to_the_present_form,
    a_search_finds_exactly_those_whose_text_holds_it,
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

async fn whoever_has_another_form_of_the_kanji_typed_is_found_and_shown_as_written(
    database: Database,
) {
    let world = World::on(database).await;
    for name in ["髙橋見本", "高橋見本", "渡邉見本", "山﨑見本"] {
        enter(&world, name).await;
    }
    for _ in ["while entries are due", "and afterwards"] {
        assert_eq!(found(&world, "高橋").await, ["高橋見本", "髙橋見本"]);
        assert_eq!(found(&world, "髙").await, ["高橋見本", "髙橋見本"]);
        assert_eq!(found(&world, "渡辺").await, ["渡邉見本"]);
        assert_eq!(found(&world, "山崎見").await, ["山﨑見本"]);
        world.tidy().await;
    }
}

async fn a_search_text_kept_by_an_older_program_is_brought_to_the_present_form(database: Database) {
    let world = World::on(database).await;
    enter(&world, "髙橋見本").await;
    world.tidy().await;
    let mut older = world.server.database.back_door().await;
    for statement in [
        "UPDATE returnee SET search = '髙橋見本'",
        include_str!("../../store/migration/0012_search_keys.sql"),
    ] {
        sql::script(statement, &mut older).await.unwrap();
    }
    older.close().await.unwrap();
    world.tidy().await;
    assert_eq!(found(&world, "高橋").await, ["髙橋見本"]);
}

/// Someone made up of few syllables, so that parts of one are parts of many.
fn made_up(number: usize) -> Value {
    let pick = |shift: usize| number * 7 / (shift + 1) % 3;
    let kanji = [pick(0), pick(1), pick(2)].map(|at| ["見", "本", "山"][at]);
    let kana = [pick(3), pick(0), pick(4), pick(1)].map(|at| ["ミ", "ホ", "ン"][at]);
    let romaji = [pick(1), pick(4), pick(3)].map(|at| ["MI", "HO", "N"][at]);
    let digits = [pick(0), pick(2), pick(4), pick(6), pick(5)].map(|at| ["01", "10", "00"][at]);
    json!({
        "name": format!("{}　{number}", kanji.concat()), "kana": kana.concat(),
        "romaji": romaji.concat(), "phone": format!("0{}", digits.concat()),
        "passport_number": format!("TK{number}{}", digits[..3].concat()),
        "entry_date": "2022-09-20",
    })
}

/// Parts of what these people are found by, from one character to eight, and some that only
/// almost are.
fn parts(people: &[Returnee]) -> Vec<String> {
    let mut parts = Vec::new();
    for (at, person) in people.iter().enumerate() {
        let text = search_text(&person.details);
        let line = text.lines().nth(at % 5).unwrap();
        let characters: Vec<char> = line.chars().collect();
        let length = (at % 8 + 1).min(characters.len());
        let start = at % (characters.len() - length + 1);
        let mut part: String = characters[start..start + length].iter().collect();
        parts.push(part.clone());
        part.push(['見', 'ん', '0', 'k'][at % 4]);
        parts.push(part);
    }
    parts
}

/// Asks for every part, as each caller, and compares with looking at everybody's text.
async fn compare_with_looking_at_everybody(world: &World, people: &[Returnee]) {
    let mut found_any = 0;
    for part in parts(people) {
        for (caller, centres) in [
            (&world.hana, &["131016"][..]),
            (&world.jiro, &["131024"]),
            (&world.ken, &["130001", "131016", "131024"]),
        ] {
            let query = WorkListQuery {
                search: Some(part.clone()),
                limit: Some(200),
                ..WorkListQuery::default()
            };
            let page = list_returnees(world.app(), caller, query).await.unwrap();
            let found: Vec<ReturneeId> = page.rows.iter().map(|row| row.id).collect();
            let key = search_key(&part);
            let held = people.iter().rev().filter(|person| {
                let centre = person.details.health_centre.as_ref().unwrap();
                centres.contains(&centre.as_str()) && search_text(&person.details).contains(&key)
            });
            let held: Vec<ReturneeId> = held.map(|person| person.id).collect();
            assert_eq!(found, held, "{part}");
            found_any += usize::from(!found.is_empty());
        }
    }
    assert!(found_any > people.len(), "hardly any part is anybody's");
}

async fn a_search_finds_exactly_those_whose_text_holds_it(database: Database) {
    let world = World::on(database).await;
    let mut people = Vec::new();
    for number in 0..24 {
        let caller = [&world.hana, &world.jiro][number % 2];
        people.push(world.enter(caller, made_up(number)).await);
    }
    compare_with_looking_at_everybody(&world, &people).await;
    world.tidy().await;
    compare_with_looking_at_everybody(&world, &people).await;
    // Others' names now, and every third at the other health centre.
    for (number, person) in people.iter_mut().enumerate() {
        let mut details: ReturneeDetails = serde_json::from_value(made_up(number + 31)).unwrap();
        let other = number % 3 == 0;
        let centre = ["131016", "131024"][(number + usize::from(other)) % 2];
        details.health_centre = Some(centre.parse().unwrap());
        let request = ChangedReturnee {
            id: person.id,
            version: person.version,
            details,
        };
        *person = change_returnee(world.app(), &world.ken, request)
            .await
            .unwrap();
    }
    compare_with_looking_at_everybody(&world, &people).await;
    world.tidy().await;
    compare_with_looking_at_everybody(&world, &people).await;
}
