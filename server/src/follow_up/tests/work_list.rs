//! Filters, search and pages of the work list.

use jiff::SignedDuration;
use shared::follow_up::returnee::{
    ChangedAssignee, ChangedPeriod, ChangedReturnee, HealthCentresQuery,
};
use shared::follow_up::work_list::{Counts, CountsQuery, StripDay, WorkListQuery, WorkListRow};

use super::*;
use crate::store::story::on_both_databases;

on_both_databases!(
    a_line_shows_the_days_as_they_went,
    each_filter_lists_exactly_its_own,
    filters_add_up,
    pages_join_without_gap_or_repeat_in_every_list,
    a_list_holds_an_offices_own_and_those_under_it,
    whom_somebody_may_hand_a_returnee_to_is_listed,
    any_part_of_name_reading_phone_or_passport_is_found,
    a_search_is_right_before_and_after_its_entries_are_written,
    a_follow_up_put_aside_returns_when_it_is_extended,
    a_cursor_of_another_list_is_refused,
);

async fn list(world: &World, caller: &Caller, query: Value) -> Vec<WorkListRow> {
    let query: WorkListQuery = serde_json::from_value(query).unwrap();
    list_returnees(world.app(), caller, query)
        .await
        .unwrap()
        .rows
}

async fn names(world: &World, caller: &Caller, query: Value) -> Vec<String> {
    let rows = list(world, caller, query).await;
    rows.iter().map(|row| row.name.to_string()).collect()
}

/// Someone of whom only this matters.
async fn person(world: &World, caller: &Caller, name: &str, entry_date: &str) -> Returnee {
    world
        .enter(caller, json!({ "name": name, "entry_date": entry_date }))
        .await
}

async fn counts(world: &World, caller: &Caller) -> Counts {
    count_returnees(world.app(), caller, CountsQuery {})
        .await
        .unwrap()
}

async fn a_line_shows_the_days_as_they_went(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let fever = json!({ "reach": "visit", "temperature": 38.1 });
    let unreached = json!({ "reach": "not-reached" });
    for (day, findings) in [
        ("2022-09-21", well()),
        ("2022-09-22", fever),
        ("2022-09-26", unreached),
    ] {
        world
            .record(&world.hana, id, day, 0, findings)
            .await
            .unwrap();
    }
    let rows = list(&world, &world.hana, json!({})).await;
    let [row] = &rows[..] else { panic!("one row") };
    use StripDay::{Ahead, Missing, NotReached, Sign, Well};
    assert_eq!(
        row.strip[..7],
        [Well, Sign, Missing, Missing, Missing, NotReached, Ahead]
    );
    assert_eq!(row.strip.len(), 14);
    assert_eq!(row.today_version, Version(1));
    assert_eq!(row.temperature.unwrap().to_string(), "38.1");
    assert_eq!(row.temperature_day.unwrap().to_string(), "2022-09-22");
    assert!(row.open_sign);
    assert_eq!(row.health_centre.code.as_str(), "131016");
    assert_eq!(row.kana.as_ref().unwrap().as_str(), "ミホン　タロウ");
    assert_eq!(row.phone.as_ref().unwrap().as_str(), "09000000001");
}

async fn each_filter_lists_exactly_its_own(database: Database) {
    let world = World::on(database).await;
    let hana = &world.hana;
    let reached = person(&world, hana, "連絡済", "2022-09-20").await;
    let ending = person(&world, hana, "今日終了", "2022-09-12").await;
    let fever = person(&world, hana, "発熱", "2022-09-19").await;
    let mine = person(&world, hana, "担当", "2022-09-21").await;
    person(&world, hana, "今日入国", "2022-09-26").await;
    let ended = person(&world, hana, "終了", "2022-09-11").await;
    let findings = json!({ "reach": "phone", "temperature": 39.0 });
    world
        .record(hana, reached.id, "2022-09-26", 0, well())
        .await
        .unwrap();
    world
        .record(hana, ending.id, "2022-09-25", 0, well())
        .await
        .unwrap();
    world
        .record(hana, fever.id, "2022-09-25", 0, findings.clone())
        .await
        .unwrap();
    world
        .record(hana, ended.id, "2022-09-25", 0, findings)
        .await
        .unwrap();
    let request = ChangedAssignee {
        id: mine.id,
        version: Version(1),
        assignee: Some(hana.person().unwrap().person.id),
    };
    change_assignee(world.app(), hana, request).await.unwrap();

    // Each time before and after the background work: it may not change any answer.
    for _ in 0..2 {
        for (query, expected) in [
            (
                json!({}),
                &["今日終了", "発熱", "連絡済", "担当", "今日入国"][..],
            ),
            // The longest not reached first; whoever entered today is not due yet.
            (
                json!({ "not_reached_today": true }),
                &["担当", "今日終了", "発熱"],
            ),
            // Open until someone closes it, follow-up ended or not.
            (json!({ "with_signs": true }), &["終了", "発熱"]),
            (json!({ "mine": true }), &["担当"]),
            (json!({ "ending_today": true }), &["今日終了"]),
            (json!({ "ended": true }), &["終了"]),
        ] {
            assert_eq!(
                names(&world, hana, query.clone()).await,
                expected,
                "{query}"
            );
        }
        let expected = Counts {
            open: 5,
            not_reached_today: 3,
            with_signs: 2,
            mine: 1,
            ending_today: 1,
        };
        assert_eq!(counts(&world, hana).await, expected);
        world.tidy().await;
    }
    // Taken back: not reached after all.
    let unreached = json!({ "reach": "not-reached" });
    world
        .record(hana, reached.id, "2022-09-26", 1, unreached)
        .await
        .unwrap();
    assert_eq!(counts(&world, hana).await.not_reached_today, 4);
}

async fn filters_add_up(database: Database) {
    let world = World::on(database).await;
    let hana = &world.hana;
    let fever = json!({ "reach": "phone", "temperature": 39.0 });
    let unreached = json!({ "reach": "not-reached" });
    for name in ["見本一", "見本二", "例三"] {
        let id = person(&world, hana, name, "2022-09-12").await.id;
        if name != "見本二" {
            for (day, findings) in [("2022-09-25", &fever), ("2022-09-26", &unreached)] {
                world
                    .record(hana, id, day, 0, findings.clone())
                    .await
                    .unwrap();
            }
        }
    }
    for (query, expected) in [
        (
            json!({ "with_signs": true, "ending_today": true }),
            &["見本一", "例三"][..],
        ),
        (json!({ "with_signs": true, "search": "見本" }), &["見本一"]),
        (
            json!({ "ending_today": true, "search": "本" }),
            &["見本一", "見本二"],
        ),
        (
            json!({ "not_reached_today": true, "search": "見本" }),
            &["見本二", "見本一"],
        ),
        (json!({ "with_signs": true, "mine": true }), &[]),
        (json!({ "ended": true, "search": "見本" }), &[]),
    ] {
        assert_eq!(
            names(&world, hana, query.clone()).await,
            expected,
            "{query}"
        );
    }
}

async fn pages_join_without_gap_or_repeat_in_every_list(database: Database) {
    let world = World::on(database).await;
    for n in 0..23 {
        let caller = if n % 2 == 0 { &world.hana } else { &world.jiro };
        // Several end on the same day, so the number has to decide.
        let entered = person(
            &world,
            caller,
            &format!("見本{n:02}"),
            &format!("2022-09-{}", 18 + n % 3),
        )
        .await;
        let fever = json!({ "reach": "phone", "temperature": 38.0 });
        let later = json!({ "reach": if n % 4 == 0 { "mail" } else { "not-reached" } });
        for (day, findings) in [("2022-09-24", fever), ("2022-09-25", later)] {
            world
                .record(caller, entered.id, day, 0, findings)
                .await
                .unwrap();
        }
    }
    for query in [
        json!({}),
        json!({ "not_reached_today": true }),
        json!({ "with_signs": true }),
        json!({ "search": "見本" }),
    ] {
        for caller in [&world.hana, &world.ken] {
            let whole = names(&world, caller, query.clone()).await;
            assert_eq!(whole.len(), if caller == &world.ken { 23 } else { 12 });
            let mut joined = Vec::new();
            let mut after = None;
            loop {
                let mut query: WorkListQuery = serde_json::from_value(query.clone()).unwrap();
                (query.limit, query.after) = (Some(5), after);
                let page = list_returnees(world.app(), caller, query).await.unwrap();
                joined.extend(page.rows.iter().map(|row| row.name.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(joined, whole, "{query}");
        }
    }
    world
        .server
        .clock
        .advance(SignedDuration::from_hours(24 * 30));
    let ended = names(&world, &world.ken, json!({ "ended": true })).await;
    assert_eq!(ended.len(), 23);
    assert_eq!(ended[0], "見本20", "the last ended first");
}

async fn a_list_holds_an_offices_own_and_those_under_it(database: Database) {
    let world = World::on(database).await;
    person(&world, &world.hana, "第一", "2022-09-20").await;
    person(&world, &world.jiro, "第二", "2022-09-21").await;
    person(&world, &world.ken, "県", "2022-09-22").await;
    assert_eq!(names(&world, &world.hana, json!({})).await, ["第一"]);
    assert_eq!(names(&world, &world.jiro, json!({})).await, ["第二"]);
    assert_eq!(
        names(&world, &world.ken, json!({})).await,
        ["第一", "第二", "県"]
    );
    for _ in 0..2 {
        assert_eq!(
            names(&world, &world.jiro, json!({ "search": "第" })).await,
            ["第二"]
        );
        assert_eq!(
            names(&world, &world.ken, json!({ "search": "第" })).await,
            ["第二", "第一"]
        );
        world.tidy().await;
    }
    assert_eq!(counts(&world, &world.hana).await.open, 1);
    assert_eq!(counts(&world, &world.ken).await.open, 3);
}

async fn whom_somebody_may_hand_a_returnee_to_is_listed(database: Database) {
    let world = World::on(database).await;
    let facility = OfficeKind::Facility;
    world
        .server
        .office("131016-1", facility, Some("131016"))
        .await;
    for (caller, codes) in [
        (&world.hana, &["131016"][..]),
        (&world.jiro, &["131024"]),
        (&world.ken, &["130001", "131016", "131024"]),
    ] {
        let listed = list_health_centres(world.app(), caller, HealthCentresQuery {});
        let listed = listed.await.unwrap().offices;
        let listed: Vec<&str> = listed.iter().map(|office| office.code.as_str()).collect();
        assert_eq!(listed, codes);
    }
}

async fn any_part_of_name_reading_phone_or_passport_is_found(database: Database) {
    let world = World::on(database).await;
    world.enter(&world.hana, sample()).await;
    world
        .enter(
            &world.hana,
            json!({
                "name": "髙﨑（見本）100%_花", "kana": "タカサキ", "entry_date": "2022-09-20",
                "phone": "+819000000099"
            }),
        )
        .await;
    for _ in 0..2 {
        for part in [
            "見",
            "見本",
            "見本太",
            "見本 太郎",
            "本　太郎",
            "ほん",
            "ミホ",
            "ﾐﾎﾝﾀﾛｳ",
            "たろう",
            "hon t",
            "MIHONTARO",
            "taro",
            "o",
            "09000000001",
            "090-0000",
            "0000001",
            "tk0",
            "TK0000001",
            "Ｔ",
        ] {
            let found = names(&world, &world.hana, json!({ "search": part })).await;
            assert!(
                found.contains(&"見本　太郎".to_owned()),
                "{part}: {found:?}"
            );
        }
        for part in [
            "髙",
            "高崎",
            "高島",
            "（",
            "(",
            "100%",
            "%",
            "_花",
            "81900",
            "たかさき",
        ] {
            let found = names(&world, &world.hana, json!({ "search": part })).await;
            let there = part != "高島";
            assert_eq!(
                found.contains(&"髙﨑（見本）100%_花".to_owned()),
                there,
                "{part}: {found:?}"
            );
        }
        for part in [
            "太郎見本",
            "たろうみほん",
            "tk1",
            "09000000002",
            "1tk",
            "'; --",
            "\"",
            "本郎",
            "見\0本郎",
        ] {
            let found = names(&world, &world.hana, json!({ "search": part })).await;
            assert_eq!(found, Vec::<String>::new(), "{part}");
        }
        let all = names(&world, &world.hana, json!({ "search": " ・" })).await;
        assert_eq!(all.len(), 2, "nothing to search for");
        world.tidy().await;
    }
}

async fn a_search_is_right_before_and_after_its_entries_are_written(database: Database) {
    let world = World::on(database).await;
    let entered = person(&world, &world.hana, "見本旧姓", "2022-09-20").await;
    world.tidy().await;
    let mut details = entered.details.clone();
    details.name = "見本新姓".parse().unwrap();
    let request = ChangedReturnee {
        id: entered.id,
        version: entered.version,
        details,
    };
    change_returnee(world.app(), &world.hana, request)
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(
            names(&world, &world.hana, json!({ "search": "新姓" })).await,
            ["見本新姓"]
        );
        assert_eq!(
            names(&world, &world.hana, json!({ "search": "見本" })).await,
            ["見本新姓"]
        );
        let old = names(&world, &world.hana, json!({ "search": "旧姓" })).await;
        assert_eq!(old, Vec::<String>::new());
        world.tidy().await;
    }
}

async fn a_follow_up_put_aside_returns_when_it_is_extended(database: Database) {
    let world = World::on(database).await;
    let entered = person(&world, &world.hana, "見本", "2022-09-11").await;
    world.tidy().await;
    let list = json!({ "not_reached_today": true });
    assert_eq!(
        names(&world, &world.hana, list.clone()).await,
        Vec::<String>::new()
    );
    let request = ChangedPeriod {
        id: entered.id,
        version: Version(1),
        last_day: day("2022-09-30"),
        reason: "延長".parse().unwrap(),
    };
    change_period(world.app(), &world.hana, request)
        .await
        .unwrap();
    assert_eq!(names(&world, &world.hana, list).await, ["見本"]);
}

async fn a_cursor_of_another_list_is_refused(database: Database) {
    let world = World::on(database).await;
    person(&world, &world.hana, "甲", "2022-09-20").await;
    person(&world, &world.hana, "乙", "2022-09-20").await;
    let query = WorkListQuery {
        limit: Some(1),
        ..WorkListQuery::default()
    };
    let page = list_returnees(world.app(), &world.hana, query)
        .await
        .unwrap();
    let no_day = "WzQsIiIsIlx1MDAwMCIsMV0".to_owned(); // [4,"","\u0000",1]
    for after in [page.next.unwrap(), "garbage".into(), String::new(), no_day] {
        let query = WorkListQuery {
            after: Some(after),
            with_signs: true,
            ..WorkListQuery::default()
        };
        let refused = list_returnees(world.app(), &world.hana, query)
            .await
            .unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("after"));
    }
    let query = WorkListQuery {
        limit: Some(201),
        ..WorkListQuery::default()
    };
    let refused = list_returnees(world.app(), &world.hana, query)
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("limit"));
}
