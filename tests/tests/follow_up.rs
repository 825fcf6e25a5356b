//! Following returnees up, over the wire: a list comes in, days are recorded, nothing is doubled
//! and nothing is overwritten unseen.

use serde_json::{Value, json};

use crate::contract::days_ago;
use crate::prefecture::{EAST, PREFECTURE, WEST, colleagues, person, terminal, world};
use crate::wire::{Answer, Terminal, fresh_key};

async fn write(terminal: &Terminal, method: &str, path: &str, body: Value) -> Answer {
    terminal
        .send(method, path, Some(&body), Some(&fresh_key()))
        .await
        .unwrap()
}

/// Opens an import and stages these rows.
async fn stage(terminal: &Terminal, rows: &[Value]) -> String {
    let import = fresh_key();
    let opened = json!({ "id": import, "file_name": "見本.csv", "rows": rows.len() });
    assert_eq!(
        write(terminal, "POST", "/v1/imports", opened).await.status,
        200
    );
    let rows: Vec<_> = (2..)
        .zip(rows)
        .map(|(row, details)| json!({ "row": row, "details": details }))
        .collect();
    for (number, chunk) in rows.chunks(80).enumerate() {
        let path = format!("/v1/imports/{import}/chunks/{number}");
        let staged = write(terminal, "PUT", &path, json!({ "rows": chunk })).await;
        assert_eq!(staged.status, 200, "{staged:?}");
    }
    import
}

async fn commit(terminal: &Terminal, import: &str, add: &[u32]) -> Answer {
    write(
        terminal,
        "POST",
        &format!("/v1/imports/{import}/commit"),
        json!({ "add": add }),
    )
    .await
}

async fn open(terminal: &Terminal) -> u64 {
    let counts = terminal
        .send("GET", "/v1/returnee-counts", None, None)
        .await
        .unwrap();
    counts.body["open"].as_u64().unwrap()
}

fn people(count: u32) -> Vec<Value> {
    (1..=count)
        .map(|number| {
            let mut person = person(number, &days_ago(2));
            person["kana"] = format!(
                "ミホン {}",
                "アイウエオ"
                    .chars()
                    .cycle()
                    .skip(number as usize)
                    .take(3)
                    .collect::<String>()
            )
            .into();
            person
        })
        .collect()
}

#[tokio::test]
async fn a_list_comes_in_whole_and_the_same_list_again_adds_nobody() {
    let world = world();
    let terminal = terminal(&world, EAST, "hanako", "staff").await;
    let people = people(200);
    let import = stage(&terminal, &people).await;
    assert_eq!(open(&terminal).await, 0, "staged rows are nobody's to see");
    let done = commit(&terminal, &import, &[]).await;
    assert_eq!(
        (done.status, &done.body["added"]),
        (200, &json!(200)),
        "{done:?}"
    );
    assert_eq!(open(&terminal).await, 200);
    let again = stage(&terminal, &people).await;
    let done = commit(&terminal, &again, &[]).await;
    assert_eq!(
        (&done.body["added"], &done.body["repeats"]),
        (&json!(0), &json!(200)),
        "{done:?}"
    );
    assert_eq!(open(&terminal).await, 200);
}

#[tokio::test]
async fn a_likely_duplicate_waits_for_a_decision() {
    let world = world();
    let terminal = terminal(&world, EAST, "hanako", "staff").await;
    let first = person(1, &days_ago(2));
    commit(
        &terminal,
        &stage(&terminal, std::slice::from_ref(&first)).await,
        &[],
    )
    .await;
    let mut alike = first;
    alike["phone"] = "0312345678".into();
    let import = stage(&terminal, &[alike, person(2, &days_ago(2))]).await;
    let findings = terminal
        .send("GET", &format!("/v1/imports/{import}/findings"), None, None)
        .await
        .unwrap();
    assert_eq!(
        (&findings.body["new"], &findings.body["alike"][0]["row"]),
        (&json!(1), &json!(2)),
        "{findings:?}"
    );
    let done = commit(&terminal, &import, &[2]).await;
    assert_eq!(done.body["added"], 2, "{done:?}");
}

#[tokio::test]
async fn a_cancelled_import_leaves_nothing() {
    let world = world();
    let terminal = terminal(&world, EAST, "hanako", "staff").await;
    let import = stage(&terminal, &people(3)).await;
    assert_eq!(
        write(
            &terminal,
            "DELETE",
            &format!("/v1/imports/{import}"),
            json!({})
        )
        .await
        .status,
        200
    );
    assert_eq!(commit(&terminal, &import, &[]).await.status, 404);
    assert_eq!(open(&terminal).await, 0);
}

#[tokio::test]
async fn two_people_change_one_record_and_the_second_sees_the_first() {
    let world = world();
    let [hanako, taro] = colleagues(&world, EAST, ["hanako", "taro"]).await;
    let entered = write(
        &hanako,
        "POST",
        "/v1/returnees",
        json!({ "details": person(1, &days_ago(2)) }),
    )
    .await
    .body;
    let path = format!("/v1/returnees/{}", entered["id"].as_str().unwrap());
    let change = |remarks: &str| {
        let mut details = entered["details"].clone();
        details["remarks"] = remarks.into();
        json!({ "version": entered["version"], "details": details })
    };
    assert_eq!(write(&hanako, "PUT", &path, change("先")).await.status, 200);
    let second = write(&taro, "PUT", &path, change("後")).await;
    assert_eq!((second.status, second.code()), (409, "version-clash"));
    assert_eq!(second.body["current"]["details"]["remarks"], "先");
}

#[tokio::test]
async fn a_repeated_write_gives_the_same_answer_and_has_no_second_effect() {
    let world = world();
    let terminal = terminal(&world, EAST, "hanako", "staff").await;
    let (key, body) = (fresh_key(), json!({ "details": person(1, &days_ago(2)) }));
    let first = terminal
        .send("POST", "/v1/returnees", Some(&body), Some(&key))
        .await
        .unwrap();
    let again = terminal
        .send("POST", "/v1/returnees", Some(&body), Some(&key))
        .await
        .unwrap();
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_eq!(open(&terminal).await, 1);
    let other = json!({ "details": person(2, &days_ago(2)) });
    let reused = terminal
        .send("POST", "/v1/returnees", Some(&other), Some(&key))
        .await
        .unwrap();
    assert_eq!(reused.code(), "key-reused");
}

#[tokio::test]
async fn each_health_centre_sees_exactly_what_is_its_own() {
    let world = world();
    let east = terminal(&world, EAST, "hanako", "staff").await;
    let west = terminal(&world, WEST, "jiro", "staff").await;
    commit(&east, &stage(&east, &people(5)).await, &[]).await;
    let above = terminal(&world, PREFECTURE, "saburo", "staff").await;
    assert_eq!(
        [open(&east).await, open(&west).await, open(&above).await],
        [5, 0, 5]
    );
    let found = west
        .send("GET", "/v1/returnees?search=%E8%A6%8B%E6%9C%AC", None, None)
        .await
        .unwrap();
    assert_eq!(found.body["rows"], json!([]));
}

#[tokio::test]
async fn a_sign_stays_until_someone_closes_it_with_what_was_done() {
    let world = world();
    let terminal = terminal(&world, EAST, "hanako", "staff").await;
    let entered = write(
        &terminal,
        "POST",
        "/v1/returnees",
        json!({ "details": person(1, &days_ago(3)) }),
    )
    .await
    .body;
    let id = entered["id"].as_str().unwrap();
    let record = |day: i32, temperature: f64| {
        let path = format!("/v1/returnees/{id}/observations/{}", days_ago(day));
        let body =
            json!({ "version": 0, "findings": { "reach": "phone", "temperature": temperature } });
        write_owned(&terminal, path, body)
    };
    let fever = record(1, 37.5).await.body;
    assert_eq!(
        fever["signs"][0]["causes"],
        json!(["temperature"]),
        "{fever}"
    );
    let well = record(0, 36.4).await.body;
    assert!(well["signs"][0]["closed"].is_null(), "{well}");
    let path = format!(
        "/v1/returnees/{id}/signs/{}/close",
        well["signs"][0]["id"].as_str().unwrap()
    );
    let closed = write(
        &terminal,
        "POST",
        &path,
        json!({ "action": "見本医院を受診" }),
    )
    .await
    .body;
    assert_eq!(
        closed["signs"][0]["closed"]["action"], "見本医院を受診",
        "{closed}"
    );
    assert_eq!(
        record(3, 36.4).await.code(),
        "before-start",
        "day 1 is the day after entry"
    );
}

async fn write_owned(terminal: &Terminal, path: String, body: Value) -> Answer {
    write(terminal, "PUT", &path, body).await
}
