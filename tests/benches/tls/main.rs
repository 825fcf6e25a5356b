//! How many terminals one core lets in, and how many answers it gives them, against nginx with the
//! same certificates and the same load.
//!
//! `cargo bench --package mimamori-tests --bench tls [handshakes] [reads] [observations]
//! [reconnecting] [enrolments]`
//!
//! But for the observations, counted is the processor time of the server alone, so that neither the
//! load generator nor other work on the machine changes the figure. The two take turns, and the
//! best turn of each counts.
#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing to report"
)]

mod enrolments;
mod limit;
mod load;
mod observations;
mod reconnecting;
#[path = "../../../server/benches/store/yardstick.rs"]
mod yardstick;

use std::time::Duration;

use harness::nginx::Nginx;
use harness::process::{Running, run};
use harness::reference::{Identity, answer, curl_and_openssl};
use harness::world::{World, text};
use load::Load;
use serde_json::{Value, json};
use shared::id::IdempotencyKey;
use tokio::runtime::Runtime;

const TURNS: usize = 4;
const TURN: Duration = Duration::from_secs(3);

fn main() {
    let mut world = World::start().unwrap();
    world
        .office("990001", "health-centre", "見本保健所", None)
        .unwrap();
    let link = world.link("990001").unwrap();
    let identity = curl_and_openssl::enrol(&world, &link, &world.beside("terminal")).unwrap();
    let token = log_in(&world, &identity);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let load = |path: &str, token: Option<&str>| Load::new(&identity, path, token);

    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if asked("handshakes") {
        handshakes(&mut world, &identity, &token, &runtime);
    }
    if asked("reads") {
        reads(&mut world, &identity, &token, &runtime);
    }
    if asked("observations") {
        observations::compare(&world, &load("/", Some(&token)), &runtime);
    }
    if asked("reconnecting") {
        reconnecting::compare(&mut world, &runtime);
    }
    if asked("enrolments") {
        enrolments::compare(&mut world, &identity.root, &runtime);
    }
}

fn handshakes(world: &mut World, identity: &Identity, token: &str, runtime: &Runtime) {
    let who = Load::new(identity, "/v1/terminal", None);
    let body = answer_to(world, identity, "/v1/terminal", token);
    let nginx = yardstick(world, identity, &body);
    compare(
        "full mTLS handshakes with one request each",
        1.8,
        world,
        &nginx,
        |address| runtime.block_on(who.connections(address, 48, TURN)),
    );
}

fn reads(world: &mut World, identity: &Identity, token: &str, runtime: &Runtime) {
    for (name, path, token) in [
        (
            "reads on kept connections, certificate alone",
            "/v1/terminal",
            None,
        ),
        (
            "reads on kept connections, logged in, from the store",
            "/v1/colleagues",
            Some(token),
        ),
    ] {
        let load = Load::new(identity, path, token);
        let body = answer_to(world, identity, path, token.unwrap_or_default());
        let nginx = yardstick(world, identity, &body);
        compare(
            &format!("{name} ({} bytes)", body.len()),
            0.4,
            world,
            &nginx,
            |address| runtime.block_on(load.requests(address, 48, TURN)),
        );
    }
}

/// Prints how many `work` gets done for each second of the server's processor time.
fn compare(
    name: &str,
    reach: f64,
    world: &mut World,
    nginx: &Nginx,
    work: impl Fn(std::net::SocketAddr) -> u64,
) {
    let [mut ours, mut theirs] = [0.0_f64; 2];
    let address = world.terminals();
    for _ in 0..TURNS {
        ours = ours.max(rate(world.server(), || work(address)));
        theirs = theirs.max(rate(nginx.server(), || work(nginx.address())));
    }
    println!(
        "figure: {name}: {ours:.0} per second and core, nginx {theirs:.0}, ratio {:.2} (reach {reach})",
        ours / theirs
    );
}

fn rate(server: &Running, work: impl FnOnce() -> u64) -> f64 {
    let before = server.processor_time();
    let done = work();
    // The last answers are counted before the server has cleaned up after them.
    std::thread::sleep(Duration::from_millis(100));
    done as f64 / (server.processor_time() - before).as_secs_f64()
}

fn yardstick(world: &World, identity: &Identity, body: &str) -> Nginx {
    let [certificate, key] = ["server.pem", "server.key"].map(|name| world.data().join(name));
    Nginx::start(&certificate, &key, &identity.root, body).unwrap()
}

fn log_in(world: &World, identity: &Identity) -> String {
    let user = world.user("990001", "hanako", "staff").unwrap();
    let post = |path: &str, headers: &[String], body: Value| {
        let mut curl = identity.curl();
        curl.args(["--header", "Content-Type: application/json"]);
        for header in headers {
            curl.args(["--header", header]);
        }
        curl.args(["--data-binary", "@-"])
            .arg(format!("{}{path}", world.terminals_url()));
        let (status, body) = answer(run(&mut curl, &body.to_string()).unwrap()).unwrap();
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let login = json!({ "login": user.login, "password": user.password() });
    let token = text(&post("/v1/session", &[], login), "token").unwrap();
    // The password that was handed over opens nothing else.
    let change = json!({ "present": user.password(), "new": user.own_password() });
    let key = IdempotencyKey::new(1, [1; 10]);
    let headers = [
        format!("Authorization: Bearer {token}"),
        format!("Idempotency-Key: {key}"),
    ];
    post("/v1/password", &headers, change);
    token
}

fn answer_to(world: &World, identity: &Identity, path: &str, token: &str) -> String {
    let mut curl = identity.curl();
    curl.args(["--header", &format!("Authorization: Bearer {token}")])
        .arg(format!("{}{path}", world.terminals_url()));
    let (status, body) = answer(run(&mut curl, "").unwrap()).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}
