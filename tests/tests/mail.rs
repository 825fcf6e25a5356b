//! Mail goes out over a real mail server with STARTTLS and authentication, whatever mood that is
//! in and whatever becomes of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

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
pub(crate) fn read(mail: &Kept) -> [String; 3] {
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

/// The line of a message's text that begins like this.
pub(crate) fn line(text: &str, beginning: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let found = lines.find(|line| line.starts_with(beginning));
    found.unwrap_or_else(|| panic!("{text}")).to_owned()
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
    world.serve().unwrap();
    let began = Instant::now();
    wait_until(Duration::from_secs(60), "a first message", || {
        std::thread::sleep(Duration::from_millis(5));
        (!sink.kept().unwrap().is_empty()).then_some(())
    })
    .unwrap();
    world.power_cut();
    // However slow the machine is, some are cut off before the first message and some after it.
    let until_the_first = began.elapsed();
    for round in 1..30 {
        world.serve().unwrap();
        std::thread::sleep(until_the_first / 2 + until_the_first * (round * 37 % 240) / 240);
        world.power_cut();
    }
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
    assert_eq!(arrived.len(), recipients.len());
    for (to, ids) in arrived {
        assert!(recipients.contains(to));
        assert_eq!(ids.len(), 1, "{to} got different messages: {ids:?}");
    }
    world.operator(["audit", "verify"]).unwrap();
}

/// What a mail server writes to the sender when `mail` could not be delivered: the way of Postfix,
/// which returns the head, or of Exchange, which returns it whole and speaks Japanese besides.
fn notification(mail: &Kept, exchange: bool) -> String {
    let to = &mail.recipient;
    let (head, _) = mail.text.split_once("\r\n\r\n").unwrap();
    let (people, reason, returned) = match exchange {
        false => (
            "Content-Type: text/plain; charset=us-ascii\n\nNot delivered.\n".to_owned(),
            format!("Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address\n    rejected"),
            format!("Content-Type: text/rfc822-headers\n\n{head}\n"),
        ),
        true => (
            "Content-Type: text/plain; charset=iso-2022-jp\n\n\u{1b}$BITC#\u{1b}(B\n".to_owned(),
            "Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipientNotFound".to_owned(),
            format!("Content-Type: message/rfc822\n\n{}", mail.text),
        ),
    };
    let text = format!(
        "From: MAILER-DAEMON@mx.example.jp\nTo: noreply@mimamori.example.jp\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_b/1\"\n\n\
         --=_b/1\n{people}\n\
         --=_b/1\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.jp\n\n\
         Final-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\n{reason}\n\n\
         --=_b/1\n{returned}\n--=_b/1--\n"
    );
    match exchange {
        // A pipe of Postfix gives lines as its host writes them.
        false => text.replace("\r\n", "\n"),
        true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
    }
}

/// Pipes a message into `mail bounce`, and tells what became of it.
fn bounce(world: &World, message: &str) -> Value {
    let mut command = world.command(["mail", "bounce", "--json"]);
    let answer = run(&mut command, message).unwrap().success().unwrap();
    serde_json::from_str::<Vec<Value>>(&answer)
        .unwrap()
        .remove(0)
}

fn what_comes_back_is_shown_and_sent_elsewhere(database: Option<String>) {
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let mut world = world(&sink, database, "");
    world.serve().unwrap();
    let (postfix, exchange) = ("postfix@example.jp", "exchange@example.jp");
    send(&world, &[postfix, exchange, "fine@example.jp"]);
    for to in [postfix, exchange, "fine@example.jp"] {
        until_state(&world, to, "sent", Duration::from_secs(20));
    }
    let first = notification(&kept_for(&sink, postfix)[0], false);
    let second = notification(&kept_for(&sink, exchange)[0], true);

    // While the server runs: by a pipe, once more, and one that speaks of another's mailbox.
    assert_eq!(bounce(&world, &first)["verdict"], "bounced");
    assert_eq!(bounce(&world, &first)["verdict"], "known");
    let forged = notification(&kept_for(&sink, "fine@example.jp")[0], false)
        .replace("rfc822; fine@", "rfc822; other@");
    assert_eq!(bounce(&world, &forged)["verdict"], "other-recipient");
    assert_eq!(standing(&world, "fine@example.jp")["state"], "sent");

    // From a Maildir, beside a letter of a person, which stays.
    let maildir = world.beside("maildir");
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    fs::write(maildir.join("new/1.a.host"), &second).unwrap();
    fs::write(
        maildir.join("new/2.b.host"),
        "Subject: hello\n\nA person writes.\n",
    )
    .unwrap();
    let path = maildir.display().to_string();
    let take = ["mail", "bounce", "--json", "--maildir", path.as_str()];
    let rows: Value = serde_json::from_str(&world.operator(take).unwrap()).unwrap();
    assert_eq!(rows[0]["verdict"], "bounced");
    assert_eq!(rows[1]["verdict"], "no-notification");
    assert!(maildir.join("cur/1.a.host:2,S").exists() && maildir.join("new/2.b.host").exists());

    let list = world
        .operator(["mail", "list", "--state", "bounced", "--json"])
        .unwrap();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&list).unwrap().len(), 2);
    let mail = standing(&world, postfix);
    assert_eq!(
        mail["answer"],
        "550 5.1.1 <postfix@example.jp>: Recipient address rejected"
    );
    let mail = standing(&world, exchange);
    assert_eq!(mail["answer"], "550 5.1.1 RESOLVER.ADR.RecipientNotFound");

    let resend = [
        "mail",
        "resend",
        mail["id"].as_str().unwrap(),
        "--reason",
        "見本",
    ];
    world
        .operator(resend.into_iter().chain(["--to", "right@example.jp"]))
        .unwrap();
    until_state(&world, "right@example.jp", "sent", Duration::from_secs(20));
    assert_eq!(kept_for(&sink, "right@example.jp").len(), 1);
    world.operator(["audit", "verify"]).unwrap();
    assert!(!world.log().contains("example.jp"), "{}", world.log());
}

#[test]
fn what_comes_back_is_shown_and_sent_elsewhere_on_sqlite() {
    what_comes_back_is_shown_and_sent_elsewhere(None);
}

#[test]
fn what_comes_back_is_shown_and_sent_elsewhere_on_postgres() {
    let postgres = Postgres::start().unwrap();
    what_comes_back_is_shown_and_sent_elsewhere(Some(postgres.database("bounces").unwrap()));
}

#[test]
fn what_cannot_be_a_notification_is_refused_with_a_sentence() {
    let sink = MailSink::start(Duration::ZERO).unwrap();
    let world = world(&sink, None, "");
    let refused = |arguments: &[&str], input: &str, words: &str| {
        let mut command = world.command(["mail", "bounce"].iter().chain(arguments));
        let answer = run(&mut command, input).unwrap();
        assert_eq!(answer.status.code(), Some(1), "{}", answer.stderr);
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
        assert_eq!(answer.stderr.trim_end().lines().count(), 1);
    };
    refused(&[], "", "there is no message");
    refused(&[], &"x\n".repeat(600 * 1024), "larger than 1024 KiB");
    refused(&["no-such-file"], "", "no-such-file");
    refused(&["--maildir", "no-such-folder"], "", "is no Maildir");
    // Whoever is quicker than the note that it was sent is asked to come again.
    send(&world, &["late@example.jp"]);
    let id = standing(&world, "late@example.jp")["id"].clone();
    let late = Kept {
        recipient: "late@example.jp".to_owned(),
        text: format!(
            "Message-ID: <{}@mimamori.example.jp>\r\n\r\n",
            id.as_str().unwrap()
        ),
    };
    refused(&[], &notification(&late, false), "not noted as sent yet");
    assert_eq!(standing(&world, "late@example.jp")["state"], "waiting");
    // One that says nothing of ours is no failure: whoever wrote it must not get an answer.
    assert_eq!(
        bounce(&world, "Subject: absent\n\nBack on Monday.\n")["verdict"],
        "no-notification"
    );
    let both = world
        .command(["mail", "bounce", "file", "--maildir", "folder"])
        .output()
        .unwrap();
    assert_eq!(both.status.code(), Some(2));
}
