//! The whole line through the real window, typed by keyboard alone, against a real server with a
//! real keyring. A picture of each step lies in the target folder afterwards.

use std::fs;
use std::path::Path;
use std::time::Duration;

use harness::display::Display;
use harness::keyring::Keyring;
use harness::mail_sink::MailSink;
use harness::process::wait_until;
use harness::tour::Tour;
use harness::world::World;
use serde_json::Value;
use shared::Day;
use shared::quarantine_list::sample::Recipe;

use crate::prefecture::{EAST, PREFECTURE, identity, populate, terminal, world};
use crate::wire::{Line, Terminal, now};

/// What the server counts, as somebody of the prefecture sees it.
async fn counts(colleague: &Terminal) -> Value {
    colleague
        .send("GET", "/v1/returnee-counts", None, None)
        .await
        .unwrap()
        .body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_line_by_keyboard_alone() {
    let world = world();
    let colleague = terminal(&world, PREFECTURE, "colleague", "staff").await;
    let (link, user) = (
        world.link(EAST).unwrap(),
        world.user(EAST, "mihon", "staff").unwrap(),
    );
    let sample = Recipe::of_an_office(Day::in_japan(now()), vec![EAST.to_owned()]).make();
    let list = world.beside("meibo.csv");
    fs::write(&list, &sample.bytes).unwrap();
    let (keyring, display) = (
        Keyring::start().unwrap(),
        Display::start(1280, 800).unwrap(),
    );
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut tour = Tour::new(&world, &keyring, &display, &pictures);

    tour.open().unwrap();
    let terminals = world
        .operator(["terminal", "list"])
        .unwrap()
        .lines()
        .count();
    tour.enrol(&link).unwrap();
    wait_until(Duration::from_secs(10), "the second terminal", || {
        (world
            .operator(["terminal", "list"])
            .unwrap()
            .lines()
            .count()
            > terminals)
            .then_some(())
    })
    .unwrap();
    tour.log_in(&user).unwrap();
    assert_eq!(counts(&colleague).await["open"], 0);

    tour.take_in(&list).unwrap();
    let taken_in = counts(&colleague).await;
    // The tour takes one of the two likely duplicates in and leaves the other out.
    assert_eq!(taken_in["open"], sample.good as u64 - 1, "{taken_in}");

    tour.record().unwrap();
    let recorded = counts(&colleague).await;
    let due = |counts: &Value| counts["not_reached_today"].as_u64().unwrap();
    assert_eq!(due(&recorded), due(&taken_in) - 1);

    tour.close().unwrap();
    tour.open().unwrap();
    tour.log_in(&user).unwrap();
    tour.work_list().unwrap();
    assert_eq!(counts(&colleague).await, recorded);

    // The next one's day is being typed as the power goes.
    tour.record().unwrap();
    tour.half_record().unwrap();
    let before = counts(&colleague).await;
    std::thread::sleep(Duration::from_secs(3));
    tour.crash();
    tour.open().unwrap();
    tour.log_in(&user).unwrap();
    tour.work_list().unwrap();
    tour.go_on().unwrap();
    let after = counts(&colleague).await;
    assert_eq!(due(&after), due(&before) - 1, "what was typed was not lost");
    tour.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_terminal_dies_while_its_caller_is_on_the_line() {
    const MAIL: &str = "higashi@mihon.example.jp";
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let mut world = World::prepare(None).unwrap();
    sink.carry_mail_of(&world).unwrap();
    world.serve().unwrap();
    let world = populate(world);
    world
        .office("990000", "helpdesk", "見本ヘルプデスク", None)
        .unwrap();
    let mut stolen = Line::open(&world, &identity(&world, EAST, "stolen"))
        .await
        .unwrap();
    assert_eq!(stolen.ask().await.unwrap().status, 200);
    let link = world.link("990000").unwrap();
    let user = world.user("990000", "uketsuke", "helpdesk").unwrap();
    let (keyring, display) = (
        Keyring::start().unwrap(),
        Display::start(1280, 800).unwrap(),
    );
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("helpdesk");
    let mut tour = Tour::new(&world, &keyring, &display, &pictures);

    tour.take_a_call(&link, &user, EAST, MAIL).unwrap();

    let refused = stolen.ask().await.unwrap();
    assert_eq!(refused.code(), "terminal-revoked");
    let kept = wait_until(Duration::from_secs(30), "the mail with the link", || {
        let kept = sink.kept().unwrap();
        (!kept.is_empty()).then_some(kept)
    })
    .unwrap();
    let to: Vec<&str> = kept.iter().map(|mail| mail.recipient.as_str()).collect();
    assert_eq!(to, [MAIL], "the link, and no password with it");
}
