//! The authority's key in a PKCS#11 token: a real module, a real token in software.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::process::{Finished, run};
use harness::reference::{answer, curl, curl_and_openssl};
use harness::soft_token::{LABEL, MODULE, PIN, SoftToken};
use harness::world::World;

use serde_json::json;

use crate::contract::days_ago;
use crate::office::Computer;
use crate::prefecture::{EAST, WEST, person, populate, terminal};
use crate::wire::fresh_key;

/// A server, not started yet, whose authority lies in this token.
fn prepare(token: &SoftToken) -> World {
    let mut world = World::prepare(None).unwrap();
    fs::remove_dir_all(world.data()).unwrap();
    world.set_environment("SOFTHSM2_CONF", token.settings().to_str().unwrap());
    world.set_environment("MIMAMORI_PIN_FILE", token.pin().to_str().unwrap());
    let init = ["init", "--host", "localhost", "--pkcs11-module", MODULE];
    let done = world.attempt(init.iter().chain(&["--pkcs11-token", LABEL]));
    let done = done.unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    world
}

fn assert_one_sentence(refused: &Finished, word: &str) {
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    assert!(refused.stderr.contains(word), "{refused:?}");
}

/// Whether the list of revoked certificates is there and signed by the root.
fn list_is_signed(world: &World) -> bool {
    let root = world.data().join("authority.pem");
    let list = world.beside("list.crl");
    let mut fetch = curl(&root);
    fetch.arg("--output").arg(&list);
    fetch.arg(format!("{}/crl", world.enrolment_url()));
    let (status, _) = answer(run(&mut fetch, "").unwrap()).unwrap();
    let mut verify = Command::new("openssl");
    verify
        .args(["crl", "-inform", "DER", "-noout", "-in"])
        .arg(&list);
    let judged = run(verify.arg("-CAfile").arg(&root), "").unwrap();
    status == 200 && judged.stderr.contains("verify OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_in_a_token_lets_terminals_in_and_its_key_lies_nowhere_else() {
    let token = SoftToken::new().unwrap();
    let mut world = prepare(&token);
    let key = fs::read_to_string(world.data().join("authority.key")).unwrap();
    assert!(key.starts_with("pkcs11:token=sample%20token;id="), "{key}");
    assert!(!key.contains(PIN) && !key.contains("PRIVATE"), "{key}");
    world.serve().unwrap();
    let world = populate(world);
    let east = Computer::at(&world, EAST).await;
    east.ask().await.unwrap();
    let identity =
        curl_and_openssl::enrol(&world, &world.link(WEST).unwrap(), &world.beside("west")).unwrap();
    let serial = identity.serial().unwrap();
    world.operator(["terminal", "revoke", &serial]).unwrap();
    assert!(list_is_signed(&world));
    world.operator(["terminal", "crl"]).unwrap();
    world.operator(["audit", "head"]).unwrap();
    assert!(!world.log().contains(PIN));
    // The next root's key is made there, too.
    for step in ["begin", "activate"] {
        world.operator(["authority", "rollover", step]).unwrap();
    }
    let new = fs::read_to_string(world.data().join("rollover.key")).unwrap();
    assert!(new.starts_with("pkcs11:") && new != key, "{new}");
    let encrypt = world.attempt(["authority", "encrypt"]).unwrap();
    assert_eq!(encrypt.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_token_is_away_nothing_is_issued_and_nothing_is_used_up() {
    let token = SoftToken::new().unwrap();
    let mut world = prepare(&token);
    world.serve().unwrap();
    let world = populate(world);
    let east = Computer::at(&world, EAST).await;
    let link = world.link(WEST).unwrap();
    token.pull_out().unwrap();
    let west = Computer::new();
    let refused = west.enrol(&link).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), "authority-unavailable");
    assert!(
        world.log().contains("token does not sign"),
        "{}",
        world.log()
    );
    // Whoever is in works on.
    east.ask().await.unwrap();
    token.put_back().unwrap();
    west.enrol(&link).await.map(drop).unwrap();
    west.ask().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_hangs_holds_nobody_up_and_works_when_it_answers_again() {
    let token = SoftToken::new().unwrap();
    let mut world = prepare(&token);
    world.serve().unwrap();
    let mut world = populate(world);
    let colleague = terminal(&world, EAST, "colleague", "staff").await;
    let [first, second] = [WEST, WEST].map(|office| world.link(office).unwrap());
    let hanging = token.hang().unwrap();
    let computers = [Computer::new(), Computer::new()];
    let began = Instant::now();
    let asking = [&first, &second].map(|link| {
        let (computer, link) = (computers[0].clone(), link.clone());
        tokio::spawn(async move { computer.enrol(&link).await.map(drop) })
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Meanwhile others read and write, on the database that has one writer.
    for number in 0..5 {
        let body = json!({ "details": person(number, &days_ago(2)), "although_alike": true });
        let asked = Instant::now();
        let answer = colleague
            .send("POST", "/v1/returnees", Some(&body), Some(&fresh_key()))
            .await
            .unwrap();
        let took = asked.elapsed();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    assert!(asking.iter().all(|asking| !asking.is_finished()));
    for asking in asking {
        let refused = asking.await.unwrap().unwrap_err();
        assert_eq!(refused.code(), "authority-unavailable");
    }
    let told = began.elapsed();
    assert!(told < Duration::from_secs(12), "{told:?}");
    drop(hanging);
    computers[1].enrol(&first).await.map(drop).unwrap();
    computers[1].ask().await.unwrap();
    // And a server whose token hangs can be stopped.
    let _hanging = token.hang().unwrap();
    let asking = tokio::spawn(async move { computers[0].enrol(&second).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.server().signal("TERM");
    let ended = world.server().wait(Duration::from_secs(20)).unwrap();
    assert!(ended.success(), "{ended}");
    assert!(asking.await.unwrap().is_err());
}

#[test]
fn what_stands_in_the_way_of_a_token_is_said_in_one_sentence() {
    let token = SoftToken::new().unwrap();
    let world = prepare(&token);
    let wrong = world.beside("wrong");
    fs::write(&wrong, "00000000").unwrap();
    let wrong = wrong.to_str().unwrap();
    let serve = |more: &[&str]| world.attempt(["serve"].iter().chain(more)).unwrap();
    assert_one_sentence(
        &serve(&["--pin-file", wrong]),
        "the PIN of the token is wrong",
    );
    assert_one_sentence(&serve(&["--pin-file", "/nowhere"]), "/nowhere");
    token.pull_out().unwrap();
    assert_one_sentence(
        &serve(&[]),
        "there is no token with the label \"sample token\"",
    );
    token.put_back().unwrap();
    let file = world.data().join("authority.key");
    let sound = fs::read_to_string(&file).unwrap();
    fs::write(&file, sound.replace("libsofthsm2", "nothing")).unwrap();
    assert_one_sentence(&serve(&[]), "cannot be loaded");
    fs::write(&file, sound.replace(";id=%", ";id=%00%")).unwrap();
    assert_one_sentence(&serve(&[]), "does not hold the authority's key");
    fs::write(&file, "pkcs11:nothing").unwrap();
    assert_one_sentence(&serve(&[]), "authority.key");
}
