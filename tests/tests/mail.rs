//! Mail goes out over a real mail server with STARTTLS and authentication, whatever mood that is
//! in and whatever becomes of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::Duration;

use harness::mail_sink::{Kept, MailSink};
use harness::postgres::Postgres;
use harness::process::{run, wait_until};
use harness::world::World;
use serde_json::Value;

const OFFICE: &str = "131016";

/// An installation that sends through `sink`, with what `more` adds to its settings of mail.
fn world(sink: &MailSink, database: Option<String>, more: &str) -> World {
    let world = World::prepare(database).unwrap();
    let path = world.data().join("settings.toml");
    let text = fs::read_to_string(&path).unwrap();
    let mail = format!("{}{more}", sink.settings());
    fs::write(&path, text.replace("[mail]\n", &mail)).unwrap();
    world
        .office(OFFICE, "health-centre", "見本保健所", None)
        .unwrap();
    world
}

fn send(world: &World, to: &[&str]) {
    let mut arguments = vec!["mail", "test", "--office", OFFICE];
    arguments.extend(to.iter().flat_map(|to| ["--to", to]));
    world.operator(arguments).unwrap();
}

/// How it stands with what was sent to `to`.
fn standing(world: &World, to: &str) -> Value {
    let list = world.operator(["mail", "list", "--json"]).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let mut found = list.into_iter().filter(|mail| mail["to"] == to);
    found
        .next()
        .unwrap_or_else(|| panic!("nothing went to {to}"))
}

fn until_state(world: &World, to: &str, state: &str, limit: Duration) -> Value {
    wait_until(limit, &format!("{to} to be {state}"), || {
        std::thread::sleep(Duration::from_millis(200));
        Some(standing(world, to)).filter(|mail| mail["state"] == state)
    })
    .unwrap_or_else(|failure| panic!("{failure}: {}\n{}", standing(world, to), world.log()))
}

fn kept_for(sink: &MailSink, to: &str) -> Vec<Kept> {
    let mut kept = sink.kept().unwrap();
    kept.retain(|mail| mail.recipient == to);
    kept
}

/// What a reader that is not ours makes of a message: subject, sender, text.
fn read(mail: &Kept) -> [String; 3] {
    const READER: &str = "import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert message.get_content_type() == 'text/plain', message.get_content_type()
assert not message.defects, message.defects
print(json.dumps([message['subject'], message['from'].addresses[0].display_name, message.get_content()]))";
    let mut python = Command::new("/usr/bin/python3");
    let answer = run(python.args(["-c", READER]), &mail.text)
        .unwrap()
        .success()
        .unwrap();
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_message_arrives_once_as_it_was_written_and_leaves_no_address_in_the_log() {
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let mut world = world(&sink, None, "sender_name = \"見守り（見本県）\"\n");
    world.serve().unwrap();
    send(&world, &["taro@example.jp"]);
    let mail = until_state(&world, "taro@example.jp", "sent", Duration::from_secs(20));
    assert!(mail["answer"].as_str().unwrap().contains("kept"), "{mail}");
    let kept = sink.kept().unwrap();
    assert_eq!(kept.len(), 1);
    let [subject, sender, text] = read(&kept[0]);
    assert_eq!(subject, "【見守り】送信の確認（見本保健所）");
    assert_eq!(sender, "見守り（見本県）");
    assert!(text.contains("見本保健所") && text.contains("helpdesk@mimamori.example.jp"));
    assert_eq!(kept[0].header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(kept[0].header("To"), Some("taro@example.jp"));
    assert!(kept[0].text.is_ascii());
    // RFC 5322 §2.1.1: lines should be no longer than 78; those of the head may be.
    let (head, body) = kept[0].text.split_once("\r\n\r\n").unwrap();
    assert!(body.split("\r\n").all(|line| line.len() <= 78));
    assert!(head.split("\r\n").all(|line| line.len() <= 998));
    for word in ["taro", "example.jp", "合言葉"] {
        assert!(!world.log().contains(word), "the log holds {word}");
    }
}

#[test]
fn what_is_put_off_or_cut_off_arrives_and_what_is_repeated_is_the_same_message() {
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let mut world = world(&sink, None, "");
    world.serve().unwrap();
    let moods = [
        "grey@example.jp",
        "cut@example.jp",
        "lost@example.jp",
        "plain@example.jp",
    ];
    send(&world, &moods);
    for to in moods {
        // The first delay is a minute.
        until_state(&world, to, "sent", Duration::from_secs(100));
    }
    for to in moods {
        let kept = kept_for(&sink, to);
        let expected = if to.starts_with("lost") { 2 } else { 1 };
        assert_eq!(kept.len(), expected, "{to}");
        assert!(kept.iter().all(|mail| *mail == kept[0]), "{to}");
    }
}

#[test]
fn what_is_refused_for_good_is_shown_with_the_servers_words_and_can_be_sent_elsewhere() {
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let mut world = world(&sink, None, "");
    world.serve().unwrap();
    send(&world, &["refuse@example.jp", "spam@example.jp"]);
    for (to, words) in [
        ("refuse@example.jp", "no such mailbox"),
        ("spam@example.jp", "not wanted here"),
    ] {
        let mail = until_state(&world, to, "refused", Duration::from_secs(20));
        assert!(mail["answer"].as_str().unwrap().contains(words), "{mail}");
    }
    assert!(!world.log().contains("example.jp"), "{}", world.log());
    let id = standing(&world, "refuse@example.jp")["id"].clone();
    let resend = ["mail", "resend", id.as_str().unwrap(), "--reason", "見本"];
    world
        .operator(resend.into_iter().chain(["--to", "right@example.jp"]))
        .unwrap();
    until_state(&world, "right@example.jp", "sent", Duration::from_secs(20));
    assert_eq!(kept_for(&sink, "right@example.jp").len(), 1);
    // It went out: once is enough.
    let again = world.attempt(resend).unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(
        again.stderr.contains("cannot be sent again"),
        "{}",
        again.stderr
    );
}

#[test]
fn without_a_line_that_can_be_trusted_nothing_is_said_and_nothing_is_lost() {
    let mut sink = MailSink::start(Duration::ZERO).unwrap();
    let stranger = MailSink::start(Duration::ZERO).unwrap();
    let mut world = world(&sink, None, "");
    let path = world.data().join("settings.toml");
    let right = fs::read_to_string(&path).unwrap();
    let certificate = |sink: &MailSink| sink.certificate().display().to_string();
    let wrong_password = world.beside("wrong");
    fs::write(&wrong_password, "wrong").unwrap();
    let password = right
        .lines()
        .find_map(|line| line.strip_prefix("password_file = "))
        .unwrap();
    let wrong = format!("{:?}", wrong_password.display().to_string());
    let try_now = |world: &World| {
        let id = standing(world, "taro@example.jp")["id"].clone();
        let id = id.as_str().unwrap();
        world
            .operator(["mail", "resend", id, "--reason", "見本"])
            .unwrap();
    };
    let waits = |world: &mut World, settings: &str, words: &str| {
        fs::write(&path, settings).unwrap();
        try_now(world);
        world.serve().unwrap();
        wait_until(Duration::from_secs(90), words, || {
            std::thread::sleep(Duration::from_millis(200));
            let mail = standing(world, "taro@example.jp");
            assert_eq!(mail["state"], "waiting");
            // While it is tried, this time counts.
            let answer = mail["answer"].as_str()?;
            (mail["attempts"] == 0 && answer.contains(words)).then_some(())
        })
        .unwrap_or_else(|failure| panic!("{failure}: {}", standing(world, "taro@example.jp")));
        world.power_cut();
    };
    send(&world, &["taro@example.jp"]);
    let other_authority = right.replace(&certificate(&sink), &certificate(&stranger));
    waits(&mut world, &other_authority, "certificate");
    waits(&mut world, &right.replace(password, &wrong), "535");
    sink.stop();
    waits(&mut world, &right, "refused");
    assert!(sink.kept().unwrap().is_empty() && stranger.kept().unwrap().is_empty());
    sink.resume().unwrap();
    fs::write(&path, &right).unwrap();
    try_now(&world);
    world.serve().unwrap();
    until_state(&world, "taro@example.jp", "sent", Duration::from_secs(90));
    assert_eq!(sink.kept().unwrap().len(), 1);
}

#[test]
fn a_server_killed_while_it_sends_loses_no_message_on_sqlite() {
    kill_while_sending(None);
}

#[test]
fn a_server_killed_while_it_sends_loses_no_message_on_postgresql() {
    let postgres = Postgres::start().unwrap();
    kill_while_sending(Some(postgres.database("mail").unwrap()));
}

fn kill_while_sending(database: Option<String>) {
    let sink = MailSink::start(Duration::from_millis(120)).unwrap();
    let mut world = world(&sink, database, "");
    let recipients: BTreeSet<String> = (0..100).map(|n| format!("to-{n}@example.jp")).collect();
    send(
        &world,
        &recipients.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for round in 0..30 {
        world.serve().unwrap();
        std::thread::sleep(Duration::from_millis(60 + round * 37 % 240));
        world.power_cut();
    }
    let cut_off = sink.kept().unwrap().len();
    world.serve().unwrap();
    // What a dead server held comes free a minute later.
    wait_until(Duration::from_secs(120), "all messages", || {
        std::thread::sleep(Duration::from_millis(500));
        let waiting = world
            .operator(["mail", "list", "--state", "waiting"])
            .unwrap();
        waiting.trim().is_empty().then_some(())
    })
    .unwrap();
    let kept = sink.kept().unwrap();
    let mut arrived: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mail in &kept {
        let id = mail.header("Message-ID").unwrap();
        arrived.entry(&mail.recipient).or_default().insert(id);
    }
    assert!(
        cut_off > 0,
        "nothing was sent while it was killed, of {}",
        kept.len()
    );
    assert_eq!(arrived.len(), recipients.len());
    for (to, ids) in arrived {
        assert!(recipients.contains(to));
        assert_eq!(ids.len(), 1, "{to} got different messages: {ids:?}");
    }
    world.operator(["audit", "verify"]).unwrap();
}
