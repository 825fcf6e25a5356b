//! A new root takes the place of the old one while terminals work, and nobody touches a terminal.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use client::api::{Failure, Unreachable};
use client::enrolment::{is_signed_by, learn, renew};
use harness::process::run;
use harness::reference::{answer, curl};
use harness::world::World;
use serde_json::Value;
use shared::enrolment::{EnrolmentLink, Fingerprint};

use crate::office::Computer;
use crate::prefecture::{EAST, PREFECTURE, WEST, world};
use crate::wire::Line;

fn rollover(world: &World, step: &[&str]) -> String {
    let arguments = ["authority", "rollover"].iter().chain(step);
    world.operator(arguments).unwrap()
}

fn root_of(url: &str) -> Fingerprint {
    url.parse::<EnrolmentLink>().unwrap().fingerprint
}

/// Waits until the server has read its roots anew, for the `times`th time.
async fn read_anew(world: &World, times: usize) {
    let until = Instant::now() + Duration::from_secs(20);
    while world.log().matches("roots were read anew").count() < times {
        assert!(Instant::now() < until, "{}", world.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The certificate that it shows follows in the same breath.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// Whether the list of this root, as the server hands it out, was signed by the certificates in
/// this file.
fn list_is_signed(world: &World, root: Fingerprint, trusting: &std::path::Path) -> bool {
    let list = world.beside("list.crl");
    let mut fetch = curl(trusting);
    fetch.arg("--output").arg(&list);
    fetch.arg(format!("{}/crl/{root}", world.enrolment_url()));
    let (status, _) = answer(run(&mut fetch, "").unwrap()).unwrap();
    if status != 200 {
        return false;
    }
    let mut verify = Command::new("openssl");
    verify
        .args(["crl", "-inform", "DER", "-noout", "-in"])
        .arg(&list);
    let judged = run(verify.arg("-CAfile").arg(trusting), "").unwrap();
    judged.stderr.contains("verify OK")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_is_rolled_over_and_no_terminal_is_touched_by_hand() {
    let mut world = world();
    let [east, asleep] = [
        Computer::at(&world, EAST).await,
        Computer::at(&world, PREFECTURE).await,
    ];
    let founded = world.data().join("authority.pem");
    let old = world.beside("old.pem");
    fs::copy(&founded, &old).unwrap();
    let [early, late] = [WEST, WEST].map(|office| world.link(office).unwrap());
    let head = world.operator(["audit", "head"]).unwrap();
    let heads = world.beside("heads.jsonl");
    fs::write(&heads, head).unwrap();

    rollover(&world, &["begin"]);
    read_anew(&world, 1).await;
    // The old one still issues, and nobody notices anything.
    assert_eq!(root_of(&world.link(EAST).unwrap().url), root_of(&early.url));
    assert!(!learn(&east.outside, &east.identity().await).await.unwrap());
    east.ask().await.unwrap();
    let before = east.identity().await;

    rollover(&world, &["activate"]);
    read_anew(&world, 2).await;
    let new_root = root_of(&world.link(EAST).unwrap().url);
    let old_root = root_of(&early.url);
    assert_ne!(new_root, old_root);
    // A terminal of the old root works on: it takes the server's new certificate by the link.
    east.ask().await.unwrap();
    // A link from before leads in, and to the new root.
    let west = Computer::new();
    west.enrol(&early).await.map(drop).unwrap();
    let identity = west.identity().await;
    assert_eq!(Fingerprint::of(&identity.root), new_root);
    assert!(is_signed_by(&identity.certificate, &identity.root));
    // Both roots' lists are there, each signed by its own.
    assert!(list_is_signed(&world, old_root, &old));

    // Half the way: the new root is known, the certificate still of the old one.
    assert!(learn(&east.outside, &before).await.unwrap());
    let half = east.identity().await;
    assert_eq!(Fingerprint::of(&half.root), new_root);
    assert!(half.certificate == before.certificate);
    east.ask().await.unwrap();
    // Renewed at once, however young.
    let renewed = renew(&east.outside, &half).await.ok().flatten();
    let renewed = renewed.expect("renewed").identity;
    assert!(is_signed_by(&renewed.certificate, &renewed.root));
    assert!(east.identity().await == renewed);
    assert!(
        renew(&east.outside, &renewed)
            .await
            .is_ok_and(|more| more.is_none())
    );

    // The one that sleeps stands in the way of the end.
    let shown = rollover(&world, &["show", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["phase"], "active");
    let live = |place: usize| shown["roots"][place]["live_certificates"].clone();
    assert_eq!((live(0), live(1)), (2.into(), 1.into()), "{shown}");
    let refused = world.attempt(["authority", "rollover", "finish"]).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        refused.stderr.starts_with("1 certificates of the old root"),
        "{refused:?}"
    );
    asleep.ask().await.unwrap();
    rollover(&world, &["finish", "--force"]);
    read_anew(&world, 3).await;
    east.ask().await.unwrap();
    assert_eq!(
        asleep.ask().await,
        Err(Failure::Unreachable(Unreachable::Handshake))
    );
    assert!(!list_is_signed(&world, old_root, &old));
    // It still finds the way in, by another link, and so does whoever has a link from before.
    asleep
        .enrol(&world.link(PREFECTURE).unwrap())
        .await
        .map(drop)
        .unwrap();
    let again = Computer::new();
    again.enrol(&late).await.map(drop).unwrap();
    assert_eq!(Fingerprint::of(&again.identity().await.root), new_root);

    // All of it survives a restart, and what was signed before is still believed.
    world.power_cut();
    world.serve().unwrap();
    for computer in [&east, &asleep, &again] {
        computer.ask().await.unwrap();
    }
    world
        .operator(["audit", "verify", "--head", heads.to_str().unwrap()])
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_does_not_follow_a_root_for_which_the_old_one_does_not_vouch() {
    let ours = world();
    let east = Computer::at(&ours, EAST).await;
    let identity = east.identity().await;
    // Another server, which says that it is this one's successor: it has the old root and a link
    // made by itself, but shows itself with our certificate, as if it had stolen that key.
    let mut rogue = World::prepare(None).unwrap();
    rogue.operator(["authority", "rollover", "begin"]).unwrap();
    let text = fs::read_to_string(rogue.data().join("rollover.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let root = base64_of(&identity.root);
    file["old"] = root.into();
    fs::write(rogue.data().join("rollover.json"), file.to_string()).unwrap();
    let refused = rogue.attempt(["serve"]).unwrap();
    assert!(refused.stderr.contains("rollover.json"), "{refused:?}");
    fs::remove_file(rogue.data().join("rollover.json")).unwrap();
    // Without its own lie it is just another server, of which the terminal knows nothing.
    rogue.serve().unwrap();
    let mut moved = identity.clone();
    moved.terminals = rogue
        .terminals()
        .to_string()
        .replace("127.0.0.1", "localhost");
    let refused = learn(&east.outside, &moved).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(east.identity().await == identity);
}

fn base64_of(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_outlives_every_step() {
    let world = world();
    let identity = crate::prefecture::identity(&world, EAST, "terminal");
    let mut line = Line::open(&world, &identity).await.unwrap();
    for (times, step) in (1..).zip([&["begin"][..], &["activate"], &["finish", "--force"]]) {
        assert_eq!(line.ask().await.unwrap().status, 200);
        rollover(&world, step);
        read_anew(&world, times).await;
    }
    // Its certificate is as good as it was; only a new handshake would not take it any more.
    assert_eq!(line.ask().await.unwrap().status, 200);
    assert!(
        Line::open(&world, &identity).await.is_err() || {
            let mut again = Line::open(&world, &identity).await.unwrap();
            again.ask().await.is_err()
        }
    );
}
