//! Letting a terminal in: by our own client, and by EST clients that are not ours.

use std::process::Command;
use std::time::{Duration, Instant};

use harness::keyring::Keyring;
use harness::process::{Finished, run, wait_until};
use harness::reference::{Identity, answer, curl, curl_and_openssl, strongswan};
use harness::world::{Link, World, program, text};
use serde_json::Value;

use crate::prefecture::{EAST, WEST, identity, world};
use crate::wire::{Line, Terminal};

/// Asks with a certificate whose successor was used.
async fn is_superseded(world: &World, old: &Identity) {
    let refused = Terminal::new(world, old)
        .send("GET", "/v1/terminal", None, None)
        .await
        .unwrap();
    assert_eq!(
        (refused.status, refused.code()),
        (403, "terminal-superseded")
    );
}

async fn who(world: &World, identity: &Identity) -> Value {
    let answer = Terminal::new(world, identity)
        .send("GET", "/v1/terminal", None, None)
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn curl_and_openssl_enrol_and_renew() {
    let world = world();
    let old = identity(&world, EAST, "old");
    let first = who(&world, &old).await;
    assert_eq!(
        (&first["office"], text(&first, "serial").unwrap()),
        (&Value::from(EAST), old.serial().unwrap())
    );
    let new = curl_and_openssl::renew(&world, &old, &world.beside("new")).unwrap();
    let second = who(&world, &new).await;
    assert_eq!(first["terminal"], second["terminal"]);
    assert_ne!(first["serial"], second["serial"]);
    assert_ne!(old.public_key().unwrap(), new.public_key().unwrap());
}

#[tokio::test]
async fn strongswan_enrols_and_renews() {
    let world = world();
    let old = strongswan::enrol(&world, &world.link(WEST).unwrap(), &world.beside("old")).unwrap();
    assert_eq!(who(&world, &old).await["office"], WEST);
    let new = strongswan::renew(&world, &old, &world.beside("new")).unwrap();
    assert_eq!(
        text(&who(&world, &new).await, "serial").unwrap(),
        new.serial().unwrap()
    );
}

#[tokio::test]
async fn a_link_over_an_enrolled_terminal_says_how_long_that_works_on() {
    let world = world();
    let old = identity(&world, EAST, "old");
    let serial = old.serial().unwrap();
    let issue = ["link", "issue", "--office", EAST, "--json"];
    let issued = world.attempt(issue).unwrap();
    assert!(issued.status.success(), "{issued:?}");
    serde_json::from_str::<Value>(&issued.stdout).unwrap();
    let end = format!("`terminal revoke {serial}` ends it");
    assert!(issued.stderr.contains(&end), "{issued:?}");
    assert!(issued.stderr.contains("works on until"), "{issued:?}");

    who(&world, &old).await;
    let new = identity(&world, EAST, "new");
    who(&world, &old).await;
    who(&world, &new).await;
    is_superseded(&world, &old).await;
}

#[tokio::test]
async fn the_first_use_of_a_renewed_certificate_ends_the_old_one() {
    let world = world();
    let old = identity(&world, EAST, "old");
    let new = curl_and_openssl::renew(&world, &old, &world.beside("new")).unwrap();
    who(&world, &old).await;
    who(&world, &new).await;
    is_superseded(&world, &old).await;
}

#[tokio::test]
async fn a_reissued_certificate_ends_the_old_one_with_its_first_use() {
    let world = world();
    let old = identity(&world, EAST, "old");
    who(&world, &old).await;
    // An office has one terminal: the helpdesk gives it a new link, here after a change of machines.
    let new = identity(&world, EAST, "new");
    who(&world, &old).await;
    who(&world, &new).await;
    is_superseded(&world, &old).await;
}

#[test]
fn the_client_enrols_from_the_command_line() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
    let status = mimamori(&keyring, &["status", "--json"], "")
        .success()
        .unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(
        (&status["office"], &status["enrolled"]),
        (&EAST.into(), &true.into())
    );
    let serial = text(&status, "serial").unwrap();
    assert!(
        world
            .operator(["terminal", "list"])
            .unwrap()
            .contains(&serial)
    );
    // In words, for a person.
    let words = mimamori(&keyring, &["status"], "").success().unwrap();
    assert!(
        words.contains(&serial) && words.contains("見本県東保健所"),
        "{words}"
    );
}

/// Whole, and no link's.
const WRONG_PASSWORD: &str = "aaaa-bbbb-cccc-dddd";

#[test]
fn the_client_says_what_a_wrong_password_means_and_can_try_again() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    // Half a password is not sent, however often: five wrong ones would lock the link.
    for _ in 0..6 {
        let half = enrol(&keyring, &link, &link.password[..9]);
        assert!(!half.status.success(), "{half:?}");
        assert!(half.stderr.contains("16"), "{half:?}");
    }
    let wrong = enrol(&keyring, &link, WRONG_PASSWORD);
    fails_with(&wrong, "link-refused");
    let status = mimamori(&keyring, &["status", "--json"], "");
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    let nothing: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(nothing, serde_json::json!({ "enrolled": false }));
    enrol(&keyring, &link, &link.password).success().unwrap();
}

#[test]
fn a_revoked_terminal_says_so_and_what_it_knows() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
    let status = mimamori(&keyring, &["status", "--json"], "")
        .success()
        .unwrap();
    let serial = text(&serde_json::from_str(&status).unwrap(), "serial").unwrap();
    world.operator(["terminal", "revoke", &serial]).unwrap();
    // It takes effect within a second.
    let refused = wait_until(Duration::from_secs(2), "the revocation", || {
        let status = mimamori(&keyring, &["status", "--json"], "");
        (!status.status.success()).then_some(status)
    })
    .unwrap();
    fails_with(&refused, "terminal-revoked");
    let told: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(
        (&told["serial"], &told["reachable"], &told["problem"]),
        (
            &serial.as_str().into(),
            &true.into(),
            &"terminal-revoked".into()
        )
    );
    let in_words = mimamori(&keyring, &["status"], "");
    fails_with(&in_words, "terminal-revoked");
    assert!(in_words.stdout.contains(&serial), "{}", in_words.stdout);
}

#[test]
fn a_terminal_is_not_enrolled_twice_by_accident() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let first = world.link(EAST).unwrap();
    enrol(&keyring, &first, &first.password).success().unwrap();
    let serial = || {
        let status = mimamori(&keyring, &["status", "--json"], "");
        let status = serde_json::from_str(&status.success().unwrap()).unwrap();
        text(&status, "serial").unwrap()
    };
    let before = serial();
    let second = world.link(EAST).unwrap();
    fails_with(
        &enrol(&keyring, &second, &second.password),
        "enrolled-already",
    );
    assert_eq!(serial(), before, "it works with the certificate it had");

    let url = &second.url;
    let meant = [
        "enrol",
        "--link",
        url,
        "--password-stdin",
        "--again",
        "--json",
    ];
    let enrolled = mimamori(&keyring, &meant, &second.password).success();
    let enrolled: Value = serde_json::from_str(&enrolled.unwrap()).unwrap();
    assert_eq!(text(&enrolled, "serial").unwrap(), serial());
    assert_ne!(serial(), before);
}

#[test]
fn a_terminal_that_leaves_is_revoked_and_leaves_nothing_behind() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
    let drafts = keyring.home().join("data/mimamori/drafts");
    std::fs::create_dir_all(&drafts).unwrap();
    std::fs::write(drafts.join("somebody"), b"sealed").unwrap();

    let unasked = mimamori(&keyring, &["leave"], "");
    assert_eq!(unasked.status.code(), Some(1), "{unasked:?}");
    assert!(drafts.join("somebody").exists(), "nothing is wiped unasked");

    let left = mimamori(&keyring, &["leave", "--yes", "--json"], "").success();
    let left: Value = serde_json::from_str(&left.unwrap()).unwrap();
    assert_eq!(
        (
            &left["left"],
            &left["told"],
            &left["drafts"],
            &left["office"]
        ),
        (&true.into(), &true.into(), &1.into(), &EAST.into())
    );
    assert!(!drafts.join("somebody").exists());
    let status = mimamori(&keyring, &["status", "--json"], "");
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    let serial = text(&left, "serial").unwrap();
    let terminals = world.operator(["terminal", "list", "--json"]).unwrap();
    let terminals: Value = serde_json::from_str(&terminals).unwrap();
    let mut listed = terminals.as_array().unwrap().iter();
    let own = listed.find(|it| it["serial"] == serial.as_str()).unwrap();
    assert_eq!(own["state"], "revoked", "{own}");
    let again = mimamori(&keyring, &["leave", "--yes"], "");
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    // Another link lets the same computer in again.
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
}

#[test]
fn a_server_that_cannot_be_told_keeps_the_terminal_until_that_is_waived() {
    let mut world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
    world.power_cut();
    fails_with(&mimamori(&keyring, &["leave", "--yes"], ""), "line-cut");
    mimamori(&keyring, &["status"], "").success().unwrap();
    let untold = mimamori(&keyring, &["leave", "--yes", "--untold"], "");
    untold.success().unwrap();
    let status = mimamori(&keyring, &["status"], "");
    assert_eq!(status.status.code(), Some(1), "{status:?}");
}

#[test]
fn a_server_that_is_away_is_no_failure_of_the_status() {
    let mut world = world();
    let keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
    world.power_cut();
    let status = mimamori(&keyring, &["status", "--json"], "")
        .success()
        .unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(
        (&status["reachable"], &status["problem"]),
        (&false.into(), &"line-cut".into())
    );
}

#[test]
fn a_missing_keystore_burns_no_link() {
    an_obstacle_burns_no_link("keystore-missing", |_, keyring| keyring.remove());
}

#[test]
fn a_locked_keystore_burns_no_link() {
    an_obstacle_burns_no_link("keystore-locked", |_, keyring| keyring.lock().unwrap());
}

#[test]
fn a_full_disk_burns_no_link() {
    let world = world();
    let mut keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    keyring.fill_the_disk().unwrap();
    let full = enrol(&keyring, &link, &link.password);
    fails_with(&full, "keystore-full");
    let said = &full.stderr;
    assert!(
        said.contains("空き") || said.contains("disk"),
        "in plain words: {said}"
    );
    keyring.clear_the_disk().unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
}

#[test]
fn a_server_that_is_away_burns_no_link() {
    an_obstacle_burns_no_link("line-cut", |world, _| world.power_cut());
}

/// Whatever `hinders` is said under this code, and the same link works once it is gone.
fn an_obstacle_burns_no_link(code: &str, hinders: impl FnOnce(&mut World, &mut Keyring)) {
    let mut world = world();
    let mut keyring = Keyring::start().unwrap();
    let link = world.link(EAST).unwrap();
    hinders(&mut world, &mut keyring);
    fails_with(&enrol(&keyring, &link, &link.password), code);
    if !world.is_serving() {
        world.serve().unwrap();
    }
    keyring.remove();
    keyring.restore().unwrap();
    enrol(&keyring, &link, &link.password).success().unwrap();
}

#[test]
fn the_client_says_why_a_link_is_dead() {
    let world = world();
    let keyring = Keyring::start().unwrap();
    let used = world.link(EAST).unwrap();
    curl_and_openssl::enrol(&world, &used, &world.beside("first")).unwrap();
    fails_with(&enrol(&keyring, &used, &used.password), "link-used");

    let cancelled = world.link(EAST).unwrap();
    world.operator(["link", "cancel", &cancelled.id]).unwrap();
    fails_with(
        &enrol(&keyring, &cancelled, &cancelled.password),
        "link-cancelled",
    );

    let locked = world.link(EAST).unwrap();
    for _ in 0..5 {
        enrol(&keyring, &locked, WRONG_PASSWORD);
    }
    fails_with(&enrol(&keyring, &locked, &locked.password), "link-locked");

    let mut altered = world.link(EAST).unwrap();
    let last = if altered.url.ends_with('0') { "1" } else { "0" };
    altered.url.replace_range(altered.url.len() - 1.., last);
    fails_with(
        &enrol(&keyring, &altered, &altered.password),
        "wrong-server",
    );

    let alive = world.link(EAST).unwrap();
    enrol(&keyring, &alive, &alive.password).success().unwrap();
}

/// It failed with one sentence on standard error that ends with this code.
fn fails_with(finished: &Finished, code: &str) {
    let sentence = finished.stderr.trim();
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    assert_eq!(sentence.lines().count(), 1, "{finished:?}");
    assert!(sentence.ends_with(&format!("[{code}]")), "{finished:?}");
}

#[test]
fn a_link_serves_one_key_and_that_key_as_often_as_it_asks() {
    let world = world();
    let link = world.link(EAST).unwrap();
    let first = curl_and_openssl::enrol(&world, &link, &world.beside("first")).unwrap();
    let again = curl_and_openssl::redeem(&world, &link, &first).unwrap();
    assert_eq!(again.0, 200, "{}", again.1);
    let other = curl_and_openssl::enrol(&world, &link, &world.beside("other"))
        .unwrap_err()
        .to_string();
    assert!(
        other.contains("403") && other.contains("link-used"),
        "{other}"
    );
}

#[test]
fn five_wrong_passwords_lock_the_link() {
    let world = world();
    let link = world.link(EAST).unwrap();
    let identity = identity(&world, EAST, "someone");
    let guess = Link {
        password: "a guess".into(),
        ..link.clone()
    };
    for _ in 0..5 {
        let (code, _) = curl_and_openssl::redeem(&world, &guess, &identity).unwrap();
        assert!(code == 401 || code == 403, "{code}");
    }
    let (code, body) = curl_and_openssl::redeem(&world, &link, &identity).unwrap();
    assert_eq!((code, body.contains("link-locked")), (403, true), "{body}");
    assert!(world.operator(["link", "list"]).unwrap().contains(&link.id));
}

#[test]
fn a_cancelled_link_is_dead() {
    let world = world();
    let link = world.link(EAST).unwrap();
    world.operator(["link", "cancel", &link.id]).unwrap();
    let refused = curl_and_openssl::enrol(&world, &link, &world.beside("late"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("link-cancelled"), "{refused}");
}

#[test]
fn opening_the_landing_page_never_spends_the_link() {
    let world = world();
    let link = world.link(EAST).unwrap();
    let root = world.beside("root.pem");
    curl_and_openssl::fetch_root(&world, &link, &root).unwrap();
    for _ in 0..3 {
        let page = link.url.split('#').next().unwrap();
        let (code, body) = answer(run(curl(&root).arg(page), "").unwrap()).unwrap();
        assert_eq!(code, 200);
        assert!(!body.contains(&link.id));
    }
    curl_and_openssl::enrol(&world, &link, &world.beside("terminal")).unwrap();
}

#[test]
fn the_enrolment_listener_serves_enrolment_and_nothing_else() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    for path in [
        "/v1/terminal",
        "/v1/session",
        "/.well-known/est/simplereenroll",
        "/",
    ] {
        let url = format!("{}{path}", world.enrolment_url());
        let (code, _) = answer(run(identity.curl().arg(url), "").unwrap()).unwrap();
        assert_eq!(code, 404, "{path}");
    }
}

#[tokio::test]
async fn without_a_certificate_there_is_no_connection() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    // In TLS 1.3 a client hears of it with its first read.
    let refused = async {
        let mut line = Line::open_with_nothing(&world, &identity).await?;
        line.ask().await
    };
    let refused = refused.await.unwrap_err().to_string();
    assert!(refused.contains("CertificateRequired"), "{refused}");
}

#[tokio::test]
async fn a_terminal_revoked_beside_the_running_server_is_cut_off_within_a_second() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    let bystander = self::identity(&world, WEST, "bystander");
    let mut line = Line::open(&world, &identity).await.unwrap();
    let mut other = Line::open(&world, &bystander).await.unwrap();
    assert_eq!(
        (
            line.ask().await.unwrap().status,
            other.ask().await.unwrap().status
        ),
        (200, 200)
    );
    world
        .operator(["terminal", "revoke", &identity.serial().unwrap()])
        .unwrap();
    let revoked = Instant::now();
    let refused = loop {
        // The server may answer with a refusal, or close the connection as well.
        match line.ask().await {
            Ok(answer) if answer.status == 200 => {
                assert!(revoked.elapsed() < Duration::from_secs(1))
            }
            Ok(answer) => break answer.code().to_owned(),
            Err(_) => break "terminal-revoked".to_owned(),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(refused, "terminal-revoked");
    assert!(revoked.elapsed() < Duration::from_secs(1));
    assert_eq!(other.ask().await.unwrap().status, 200);
    let anew = Terminal::new(&world, &identity)
        .send("GET", "/v1/terminal", None, None)
        .await
        .unwrap();
    assert_eq!((anew.status, anew.code()), (403, "terminal-revoked"));
}

fn enrol(keyring: &Keyring, link: &Link, password: &str) -> Finished {
    mimamori(
        keyring,
        &["enrol", "--link", &link.url, "--password-stdin"],
        &format!("{password}\n"),
    )
}

fn mimamori(keyring: &Keyring, arguments: &[&str], input: &str) -> Finished {
    run(
        keyring
            .enter(&mut Command::new(program("mimamori")))
            .args(arguments),
        input,
    )
    .unwrap()
}
