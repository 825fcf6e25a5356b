//! Whatever is sent: an answer that says what is wrong, never a crash and never a server's fault.

use harness::world::Link;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use shared::contract::{Declared, all};

use crate::contract::{Records, prepared, sample};
use crate::prefecture::{EAST, WEST, identity, world};
use crate::wire::{Terminal, client, fresh_key};

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
    let user = world.user(EAST, "fuzz", "staff").unwrap();
    terminal.log_in(&user).await;
    let mut asked = 0;
    let mut endpoints = all();
    // Last: wrong logins slow the terminal down, and without a session the others say little.
    endpoints.sort_by_key(|endpoint| (endpoint.path == "/v1/session", endpoint.name));
    for endpoint in &endpoints {
        for (path, body) in requests(endpoint, &records) {
            // Whatever the last request did, there is a session for this one to end.
            if endpoint.name == "EndSession" {
                terminal.log_in(&user).await;
            }
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

/// A certificate request as it travels, and everything that can be wrong with it.
fn certificate_requests(whole: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..whole.len())
        .map(|at| {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 1 << (at % 8);
            base64(&damaged)
        })
        .collect();
    all.extend((0..whole.len()).step_by(3).map(|end| base64(&whole[..end])));
    let text = base64(whole);
    let framed = [
        b"-----BEGIN CERTIFICATE REQUEST-----\n",
        &text[..],
        b"\n-----END",
    ];
    all.extend([
        whole.to_vec(),
        framed.concat(),
        [&text[..], b"=="].concat(),
        [&text[..], &text[..]].concat(),
        text.repeat(200),
        b"-".repeat(10_000),
        vec![0xff, 0xfe, 0x00],
        vec![b' '; 16_000],
        vec![b'A'; 16 * 1024],
        vec![b'A'; 100_000],
        base64(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
        base64(&[0x30, 0x80].repeat(4_000)),
        base64(b"[]"),
        vec![],
    ]);
    all
}

/// Values of `Authorization` that open nothing.
fn credentials(link: &Link) -> Vec<Vec<u8>> {
    let basic = |text: &[u8]| [b"Basic ", &base64(text)[..]].concat();
    let Link { id, password, .. } = link;
    let mut all = vec![
        b"Basic".to_vec(),
        b"Basic ".to_vec(),
        b"Basic :".to_vec(),
        b"Basic %%%".to_vec(),
        b"Bearer abc".to_vec(),
        [b"Digest ", password.as_bytes()].concat(),
        vec![0xff; 40],
        basic(b""),
        basic(b":"),
        basic(&[0xff, b':', 0xfe]),
        basic(id.as_bytes()),
        basic(id.repeat(200).as_bytes()),
        basic(format!(":{password}").as_bytes()),
        basic(format!("{id}\0:{password}").as_bytes()),
        basic(format!("' OR 1=1; --:{password}").as_bytes()),
        basic(format!("00000000-0000-0000-0000-000000000000:{password}").as_bytes()),
    ];
    // Each a wrong password of a link that is not there: five of one that is would lock it.
    for password in ["", "\u{0}", "見本", "\u{202e}"] {
        let id = "01890000-0000-7000-8000-000000000009";
        all.push(basic(format!("{id}:{}", password.repeat(500)).as_bytes()));
    }
    all
}

fn base64(octets: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .encode(octets)
        .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_certificate_request_makes_the_server_fail() {
    let mut world = world();
    let known = identity(&world, EAST, "known");
    let link = world.link(WEST).unwrap();
    let good = std::fs::read(known.key.with_extension("request")).unwrap();
    let pkcs10 = Some("application/pkcs10");
    let right = [
        b"Basic ",
        &base64(format!("{}:{}", link.id, link.password).as_bytes())[..],
    ]
    .concat();
    let door = "/.well-known/est/simpleenroll";
    let again = "/.well-known/est/simplereenroll";
    let mut sent = Vec::new();
    for body in certificate_requests(&good) {
        sent.push((door, pkcs10, Some(right.clone()), body.clone()));
        sent.push((again, pkcs10, None, body));
    }
    for authorization in credentials(&link) {
        sent.push((door, pkcs10, Some(authorization), base64(&good)));
    }
    sent.push((door, pkcs10, None, base64(&good)));
    for kind in [
        None,
        Some(""),
        Some("application/json"),
        Some("application/pkcs1\u{7f}"),
    ] {
        sent.push((door, kind, Some(right.clone()), base64(&good)));
        sent.push((again, kind, None, base64(&good)));
    }
    let terminal = client(&known, true);
    let stranger = client(&known, false);
    let mut issued = 0;
    for (path, kind, authorization, body) in sent {
        let (client, base) = if path == door {
            (&stranger, world.enrolment_url())
        } else {
            (&terminal, world.terminals_url())
        };
        let cell = format!("{path} {kind:?} {authorization:?} {body:?}");
        let mut request = client.post(format!("{base}{path}")).body(body);
        if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(kind).ok()) {
            request = request.header("Content-Type", kind);
        }
        if let Some(authorization) = authorization {
            let value = HeaderValue::from_bytes(&authorization).unwrap();
            request = request.header("Authorization", value);
        }
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{cell}: {error}"));
        let status = answer.status().as_u16();
        assert!(status < 500, "{cell}: {status}");
        let kind = answer.headers()["Content-Type"].to_str().unwrap();
        let expected = if status == 200 {
            "application/pkcs7-mime"
        } else {
            "application/problem+json"
        };
        assert!(kind.starts_with(expected), "{cell}: {status} {kind}");
        issued += u32::from(status == 200);
    }
    // A frame cut short still holds the whole request; and some bits of a request mean nothing,
    // or stand outside of what its key has signed. Each names the same key, with its proof.
    assert!(issued < 20, "{issued}");
    assert!(world.server().ended().is_none());
    assert!(!world.log().contains("panicked"), "{}", world.log());
}
