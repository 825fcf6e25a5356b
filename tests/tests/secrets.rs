//! After a whole journey: no private key, password, token or name of a patient lies where it has
//! no business.

use std::fs;
use std::process::Command;

use harness::keyring::Keyring;
use harness::process::run;
use harness::world::program;
use serde_json::json;

use crate::contract::days_ago;
use crate::prefecture::{EAST, identity, person, world};
use crate::serving::files;
use crate::wire::{Terminal, fresh_key};

/// How every PKCS#8 private key on P-256 begins, whatever its length byte.
const PRIVATE_KEY: &[u8] = b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_lies_outside_its_place() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    let mut client = Command::new(program("mimamori"));
    keyring.enter(client.args(["enrol", "--link", &link.url, "--password-stdin"]));
    run(&mut client, &format!("{}\n", link.password))
        .unwrap()
        .success()
        .unwrap();

    let user = world.user(EAST, "hanako", "staff").unwrap();
    let handed_over = user.password();
    let mut terminal = Terminal::new(&world, &identity(&world, EAST, "terminal"));
    terminal.log_in(&user).await;
    let own = user.password();
    let token = terminal.token().unwrap();
    let body = json!({ "details": person(7, &days_ago(2)) });
    let entered = terminal
        .send("POST", "/v1/returnees", Some(&body), Some(&fresh_key()))
        .await
        .unwrap();
    assert_eq!(entered.status, 200, "{entered:?}");
    // What goes wrong must not be more talkative than what goes well.
    let broken = json!({ "details": { "name": "見本 第7号", "phone": "09000000007" } });
    terminal
        .send("POST", "/v1/returnees", Some(&broken), Some(&fresh_key()))
        .await
        .unwrap();
    terminal
        .send(
            "GET",
            "/v1/returnees?search=%E7%AC%AC7%E5%8F%B7",
            None,
            None,
        )
        .await
        .unwrap();

    let log = world.log();
    let personal = [
        "見本 第7号",
        "第7号",
        "%E7%AC%AC7%E5%8F%B7",
        "ZZ0000007",
        "09000000007",
    ];
    let secret = [
        link.password.as_str(),
        handed_over.as_str(),
        own.as_str(),
        token.as_str(),
        link.id.as_str(),
    ];
    for word in personal.iter().chain(&secret) {
        assert!(!log.contains(word), "the log holds {word}");
    }
    for file in files(&world.data()) {
        let bytes = fs::read(&file).unwrap();
        for word in &secret[..3] {
            assert!(
                !holds(&bytes, word.as_bytes()),
                "{} holds {word}",
                file.display()
            );
        }
    }
    for file in keyring.files() {
        let bytes = fs::read(&file).unwrap_or_default();
        for word in secret[..2]
            .iter()
            .map(|word| word.as_bytes())
            .chain([PRIVATE_KEY, b"PRIVATE KEY"])
        {
            assert!(!holds(&bytes, word), "{} holds a secret", file.display());
        }
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
