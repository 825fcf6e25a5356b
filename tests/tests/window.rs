//! The whole line through the real window, typed by keyboard alone, against a real server with a
//! real keyring. A picture of each step lies in the target folder afterwards.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::clock::{Clock, DAY};
use harness::display::Display;
use harness::keyring::Keyring;
use harness::mail_sink::MailSink;
use harness::process::{run, wait_until};
use harness::tour::Tour;
use harness::world::{Link, World, program};
use serde_json::Value;
use shared::Day;
use shared::quarantine_list::sample::Recipe;

use crate::mail::{line, read};
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
    // It is called back before anything is done.
    let known = ["--phone", "03-0000-0100", "--reason", "見本の届け出"];
    world
        .operator(["office", "change", "--code", EAST].iter().chain(&known))
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

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_slept_past_its_end_asks_and_one_key_at_the_helpdesk_lets_it_in_again() {
    const MAIL: &str = "higashi@mihon.example.jp";
    const PASSWORDS: &str = "shochou@mihon.example.jp";
    let (sink, clock) = (
        MailSink::start(Duration::ZERO).unwrap(),
        Clock::new().unwrap(),
    );
    let mut world = World::prepare(None).unwrap();
    world.under(&clock);
    sink.carry_mail_of(&world).unwrap();
    let settings = world.data().join("settings.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let at_once = text.replace("[mail]\n", "[mail]\nlink_password_delay_minutes = 0\n");
    fs::write(&settings, at_once).unwrap();
    world.serve().unwrap();
    let world = populate(world);
    let contact = ["office", "contact", "--code", EAST, "--mail", MAIL];
    world
        .operator(contact.iter().chain(&["--password-mail", PASSWORDS]))
        .unwrap();
    world
        .office("990000", "helpdesk", "見本ヘルプデスク", None)
        .unwrap();
    let staff = world.user(EAST, "mihon", "staff").unwrap();
    let keyrings = [Keyring::start().unwrap(), Keyring::start().unwrap()];
    let display = Display::start(1280, 800).unwrap();
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overslept");
    let [mut office, mut desk] = keyrings.each_ref().map(|keyring| {
        let mut tour = Tour::new(&world, keyring, &display, &pictures);
        tour.clock = Some(&clock);
        tour
    });
    office.open().unwrap();
    office.let_in(&world.link(EAST).unwrap(), &staff).unwrap();
    office.close().unwrap();
    let old = live(&world, EAST);
    assert_eq!(old.len(), 1);

    // Nobody was there for more than a year.
    clock.ahead(400 * DAY).unwrap();
    office.ask_for_another().unwrap();
    assert_eq!(live(&world, EAST), [""; 0]);
    desk.taken = office.taken;
    let helper = world.user("990000", "uketsuke", "helpdesk").unwrap();
    desk.answer_who_waits(&world.link("990000").unwrap(), &helper)
        .unwrap();
    let kept = wait_until(Duration::from_secs(30), "link and password", || {
        Some(sink.kept().unwrap()).filter(|kept| kept.len() == 2)
    })
    .unwrap();
    let text_to = |to: &str| {
        let mail = kept.iter().find(|mail| mail.recipient == to);
        let [_, _, text] = read(mail.unwrap_or_else(|| panic!("nothing went to {to}")));
        text
    };
    let url = line(&text_to(MAIL), "https://");
    let passwords = text_to(PASSWORDS);
    assert!(!passwords.contains("https://"), "{passwords}");
    let mut lines = passwords.lines();
    lines.find(|line| line.starts_with("■ パスワード")).unwrap();
    let link = Link {
        id: String::new(),
        password: lines.next().unwrap().trim().to_owned(),
        url,
    };
    office.taken = desk.taken;
    office.enrol_anew(&link, &staff).unwrap();
    wait_until(
        Duration::from_secs(10),
        "the new certificate in use",
        || Some(live(&world, EAST)).filter(|new| new.len() == 1 && *new != old),
    )
    .unwrap();
    office.close().unwrap();
    let log = world.operator(["audit", "export"]).unwrap();
    let deed = log.lines().find(|line| line.contains("own-key"));
    assert!(
        deed.is_some_and(|deed| deed.contains("expired")),
        "{deed:?}"
    );
}

/// The serial numbers of an office's certificates in use.
fn live(world: &World, office: &str) -> Vec<String> {
    let list = world.operator(["terminal", "list", "--json"]).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let live = list
        .iter()
        .filter(|row| row["office"] == office && row["state"] == "live");
    live.map(|row| row["serial"].as_str().unwrap().to_owned())
        .collect()
}

/// What is said on stderr where no window can be opened.
fn said_without_a_window(keyring: &Keyring, desktop: &[(&str, &str)]) -> String {
    let mut client = Command::new(program("mimamori"));
    keyring.enter(&mut client).env("LANG", "en_US.UTF-8");
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        client.env_remove(name);
    }
    let ended = run(client.envs(desktop.iter().copied()), "").unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    ended.stderr
}

#[test]
fn a_window_that_cannot_be_opened_is_told_of_in_a_sentence() {
    let keyring = Keyring::start().unwrap();
    let said = |desktop: &[(&str, &str)]| said_without_a_window(&keyring, desktop);
    // No display has this number.
    let unreachable = ("DISPLAY", ":64999");
    let sentence = said(&[unreachable]);
    assert!(sentence.contains("DISPLAY"), "{sentence}");
    // The loader takes the first file of that name, and this one is no library.
    let broken = keyring.home().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("libXcursor.so.1"), "").unwrap();
    let sentence = said(&[unreachable, ("LD_LIBRARY_PATH", broken.to_str().unwrap())]);
    assert!(sentence.contains("libXcursor.so.1"), "{sentence}");
}
