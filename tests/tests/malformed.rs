//! Whatever is sent: an answer that says what is wrong, never a crash and never a server's fault.

use serde_json::{Value, json};
use shared::contract::{Declared, all};

use crate::contract::{Records, prepared, sample};
use crate::prefecture::{EAST, identity};
use crate::wire::{Terminal, fresh_key};

/// Values that do not belong where they are put.
fn strange() -> Vec<Value> {
    let deep = (0..200).fold(json!(1), |inside, _| json!([inside]));
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{202e}\u{feff}"),
        json!("𠮷".repeat(5_000)),
        json!("' OR 1=1; --"),
        json!("%00%2e%2e%2f"),
        json!("9999-99-99"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!([]),
        json!([null]),
        json!({}),
        json!("2026-02-30"),
        json!("\u{3000}"),
        json!(0.1),
        json!(i64::MIN),
        json!({ "present": "cough" }),
        deep,
    ]
}

/// The paths to every value of a body.
fn places(body: &Value, prefix: &str) -> Vec<String> {
    let inside = |name: &str, value: &Value| {
        let place = format!("{prefix}/{name}");
        let mut found = places(value, &place);
        found.push(place);
        found
    };
    match body {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| inside(name, value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, value)| inside(&index.to_string(), value))
            .collect(),
        _ => vec![],
    }
}

/// The same body with one value replaced at a time, with fields taken away and added, and texts
/// that are no JSON at all.
fn mutations(body: &Value) -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "{",
        "[]",
        "null",
        "\"\"",
        "{\"a\":1,\"a\":2}",
        "\u{feff}{}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("[".repeat(50_000));
    texts.push(json!({ "no_such_field": 1 }).to_string());
    for place in places(body, "") {
        for value in strange() {
            let mut mutated = body.clone();
            *mutated.pointer_mut(&place).unwrap() = value;
            texts.push(mutated.to_string());
        }
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut without = body.clone();
        if let Some(Value::Object(fields)) = without.pointer_mut(parent) {
            fields.remove(name);
            texts.push(without.to_string());
        }
    }
    let whole = body.to_string();
    texts.extend(
        (0..whole.len())
            .step_by(3)
            .filter_map(|end| whole.get(..end))
            .map(str::to_owned),
    );
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_makes_the_server_fail() {
    let (mut world, records) = prepared().await;
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "fuzz"));
    terminal
        .log_in(&world.user(EAST, "fuzz", "staff").unwrap())
        .await;
    let mut asked = 0;
    for endpoint in all()
        .iter()
        .filter(|endpoint| endpoint.path != "/v1/session")
    {
        for (path, body) in requests(endpoint, &records) {
            let answer = terminal
                .raw(
                    endpoint.method.as_str(),
                    &path,
                    body.clone(),
                    Some(&fresh_key()),
                )
                .await;
            let (status, kind) =
                answer.unwrap_or_else(|error| panic!("{} {path} {body:?}: {error}", endpoint.name));
            asked += 1;
            assert!(status < 500, "{} {path} {body:?}: {status}", endpoint.name);
            assert!(
                status < 400 || kind.starts_with("application/problem+json"),
                "{} {path}: {status} {kind}",
                endpoint.name
            );
        }
    }
    assert!(asked > 2_000, "{asked}");
    assert!(world.server().ended().is_none());
    assert!(!world.log().contains("panicked"), "{}", world.log());
}

fn requests(endpoint: &Declared, records: &Records) -> Vec<(String, Option<Vec<u8>>)> {
    let (path, body) = sample(endpoint, records);
    let mut all = Vec::new();
    for text in mutations(&body) {
        all.push((path.clone(), Some(text.into_bytes())));
    }
    all.push((path.clone(), Some(vec![0xff, 0xfe, 0x00])));
    all.push((path.clone(), Some(vec![b' '; 100_000])));
    for value in [
        "%00",
        "..%2f..",
        "%F0%A0%AE%B7",
        "a",
        "-1",
        "99999999999999999999",
        "%",
    ] {
        for name in ["search", "limit", "after", "with_signs", "id", "nothing"] {
            all.push((format!("{path}?{name}={value}"), None));
        }
        for name in ["{id}", "{day}", "{sign}", "{number}"] {
            if endpoint.path.contains(name) {
                all.push((
                    endpoint.path.replace(name, value).replace(['{', '}'], ""),
                    None,
                ));
            }
        }
    }
    all
}
