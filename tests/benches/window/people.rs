//! Many people for the list to show.

use std::process::Command;

use harness::process::run;
use harness::reference::{Identity, answer, curl_and_openssl};
use harness::world::{World, text};
use serde_json::{Value, json};
use shared::Day;
use shared::follow_up::import::CHUNK_ROWS;
use shared::id::ImportId;

/// Takes in so many made-up people who came two days ago.
pub(crate) fn take_in(world: &World, count: usize) {
    let link = world.link("990001").unwrap();
    let identity = curl_and_openssl::enrol(world, &link, &world.beside("import")).unwrap();
    let user = world.user("990001", "import", "staff").unwrap();
    let login = json!({ "login": user.login, "password": user.password() });
    let session = send(world, &identity, "POST", "/v1/session", &login, None);
    let token = text(&session, "token").unwrap();
    let change = json!({ "present": user.password(), "new": user.own_password() });
    send(
        world,
        &identity,
        "POST",
        "/v1/password",
        &change,
        Some(&token),
    );
    let send = |method: &str, path: &str, body: Value| {
        send(world, &identity, method, path, &body, Some(&token))
    };
    let id = fresh(0);
    send(
        "POST",
        "/v1/imports",
        json!({ "id": id, "file_name": "large.csv", "rows": count }),
    );
    let entry = Day::in_japan(jiff::Timestamp::now()).plus(-2).to_string();
    let rows: Vec<_> = (0..count)
        .map(|row| {
            let name = format!("見本 第{row}号");
            json!({ "row": row + 2, "details": { "name": name, "passport_number": format!("XX{row:07}"), "entry_date": entry } })
        })
        .collect();
    for (number, chunk) in rows.chunks(CHUNK_ROWS).enumerate() {
        send(
            "PUT",
            &format!("/v1/imports/{id}/chunks/{number}"),
            json!({ "rows": chunk }),
        );
    }
    let done = send(
        "POST",
        &format!("/v1/imports/{id}/commit"),
        json!({ "add": [] }),
    );
    assert_eq!(done["added"], count, "{done}");
}

fn send(
    world: &World,
    identity: &Identity,
    method: &str,
    path: &str,
    body: &Value,
    token: Option<&str>,
) -> Value {
    let mut curl: Command = identity.curl();
    curl.args([
        "--request",
        method,
        "--max-time",
        "300",
        "--header",
        "Content-Type: application/json",
        "--data-binary",
        "@-",
    ]);
    curl.args(["--header", &format!("Idempotency-Key: {}", fresh(1))]);
    if let Some(token) = token {
        curl.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    curl.arg(format!("{}{path}", world.terminals_url()));
    let (status, answer) = answer(run(&mut curl, &body.to_string()).unwrap()).unwrap();
    assert_eq!(status, 200, "{path}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

/// An id that no other call has.
fn fresh(series: u8) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut random = [series; 10];
    random[2..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    ImportId::new(
        jiff::Timestamp::now().as_millisecond().unsigned_abs(),
        random,
    )
    .to_string()
}
