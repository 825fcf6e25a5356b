//! What is written to an office as time goes by, over a real mail server, by a clock that is moved
//! from day to day while the server is started again and again: reminders and the end of a link
//! that nobody uses, warnings of a certificate that does not renew itself.

use std::collections::BTreeSet;
use std::time::Duration;

use harness::clock::{Clock, DAY};
use harness::mail_sink::MailSink;
use harness::postgres::Postgres;
use harness::process::wait_until;
use harness::world::{Link, World};
use serde_json::Value;

use crate::mail::{line, read};
use crate::office::Computer;
use crate::prefecture::{EAST, PREFECTURE, WEST, log_in, populate};
use crate::wire::{Terminal, now};

const INVITED: &str = "higashi@mihon.example.jp";
const ENROLLED: &str = "nishi@mihon.example.jp";

/// What went to an address: the kind of each, and the day on which it was written.
fn written(world: &World, to: &str) -> Vec<(String, i64)> {
    let list = world.operator(["mail", "list", "--json"]).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let day = |mail: &Value| {
        let at: jiff::Timestamp = mail["queued_at"].as_str().unwrap().parse().unwrap();
        at.duration_since(now()).as_secs().div_euclid(DAY) + 1
    };
    let mut all: Vec<_> = list
        .iter()
        .filter(|mail| mail["to"] == to)
        .map(|mail| (mail["kind"].as_str().unwrap().to_owned(), day(mail)))
        .collect();
    all.sort_by_key(|(_, day)| *day);
    all
}

/// The Message-IDs of what came to `to`. A server whose power was cut before it noted
/// that a message went may repeat it under the same.
fn received(sink: &MailSink, to: &str) -> BTreeSet<String> {
    let kept = sink.kept().unwrap();
    kept.iter()
        .filter(|mail| mail.recipient == to)
        .map(|mail| mail.header("Message-ID").unwrap().to_owned())
        .collect()
}

/// Waits until as many messages as this have come to `to`.
fn arrived(world: &World, sink: &MailSink, to: &str, count: usize) {
    wait_until(Duration::from_secs(30), "the mail of the day", || {
        (received(sink, to).len() >= count).then_some(())
    })
    .unwrap_or_else(|failure| panic!("{failure}: {:?}\n{}", written(world, to), world.log()));
}

/// The server is started anew on that day, as after a night's maintenance. It is cut off first:
/// one that still saw the new day could claim a message for a minute of it, and take it along.
fn on_day(world: &mut World, clock: &Clock, day: i64) {
    world.power_cut();
    clock.ahead(day * DAY).unwrap();
    world.serve().unwrap();
}

fn state_of_link(world: &World, office: &str) -> (String, String) {
    let list = world.operator(["link", "list", "--json"]).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let link = list.iter().find(|link| link["office"] == office).unwrap();
    let text = |name: &str| link[name].as_str().unwrap().to_owned();
    (text("enrolment_id"), text("state"))
}

/// How the helpdesk sees this office.
async fn at_the_desk(desk: &Terminal, office: &str) -> Value {
    let path = format!("/v1/enrolments/{office}");
    let answer = desk.send("GET", &path, None, None).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

async fn a_year_of_mail(database: Option<String>) {
    let (sink, clock) = (
        MailSink::start(Duration::ZERO).unwrap(),
        Clock::new().unwrap(),
    );
    let mut world = World::prepare(database).unwrap();
    world.under(&clock);
    sink.carry_mail_of(&world).unwrap();
    world.serve().unwrap();
    let mut world = populate(world);
    for (office, mail) in [(EAST, INVITED), (WEST, ENROLLED)] {
        let contact = ["office", "contact", "--code", office, "--mail", mail];
        world.operator(contact).unwrap();
    }
    let west = Computer::at(&world, WEST).await;
    west.ask().await.unwrap();
    let issue = ["link", "issue", "--all-not-invited", "--under", PREFECTURE];
    world
        .operator(issue.iter().chain(&["--kind", "health-centre"]))
        .unwrap();
    arrived(&world, &sink, INVITED, 1);

    // The day before, the day, and the same day after another restart.
    let mut count = 1;
    for week in 1..=4 {
        on_day(&mut world, &clock, 7 * week - 1);
        on_day(&mut world, &clock, 7 * week);
        count += 1;
        arrived(&world, &sink, INVITED, count);
        on_day(&mut world, &clock, 7 * week);
    }
    on_day(&mut world, &clock, 29);
    assert_eq!(state_of_link(&world, EAST).1, "open");
    on_day(&mut world, &clock, 30);
    arrived(&world, &sink, INVITED, count + 1);
    on_day(&mut world, &clock, 31);
    let (id, state) = state_of_link(&world, EAST);
    assert_eq!(state, "expired");
    let promised = [
        ("invitation", 0),
        ("reminder", 7),
        ("reminder", 14),
        ("reminder", 21),
        ("reminder", 28),
        ("expired", 30),
    ];
    let promised = promised.map(|(kind, day)| (kind.to_owned(), day));
    assert_eq!(written(&world, INVITED), promised);

    // The helpdesk sees it, and the link lets nobody in.
    world
        .office("990000", "helpdesk", "見本ヘルプデスク", None)
        .unwrap();
    let user = world.user("990000", "uketsuke", "helpdesk").unwrap();
    let identity = crate::prefecture::identity(&world, "990000", "desk");
    let mut desk = Terminal::new(&world, &identity);
    assert_eq!(log_in(&mut desk, &user).await, 200);
    let seen = at_the_desk(&desk, EAST).await;
    assert_eq!(seen["standing"]["state"], "expired", "{seen}");
    let invitation = sink.kept().unwrap().remove(0);
    let [_, _, text] = read(&invitation);
    let link = Link {
        url: line(&text, "https://"),
        id,
        password: "abcd-abcd-abcd-abcd".to_owned(),
    };
    let refused = Computer::new().in_days(31).enrol(&link).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), "link-expired");

    // A certificate that nobody renews.
    for (day, count) in [(304, 0), (305, 1), (335, 2), (358, 3), (364, 3)] {
        on_day(&mut world, &clock, day);
        arrived(&world, &sink, ENROLLED, count);
        on_day(&mut world, &clock, day);
    }
    let warned = [305, 335, 358].map(|day| ("certificate-ending".to_owned(), day));
    assert_eq!(written(&world, ENROLLED), warned);
    assert_eq!(received(&sink, ENROLLED).len(), warned.len());
    assert_eq!(received(&sink, INVITED).len(), promised.len());
    west.ask().await.unwrap();
    on_day(&mut world, &clock, 366);
    assert!(west.ask().await.is_err());
    // The helpdesk's own terminal, enrolled on day 31, is warned of besides.
    let known = [INVITED, ENROLLED, "helpdesk@mimamori.example.jp"];
    let kept = sink.kept().unwrap();
    let others = kept.iter().map(|mail| mail.recipient.as_str());
    let others: Vec<_> = others.filter(|to| !known.contains(to)).collect();
    assert!(others.is_empty(), "{others:?}");
    world.operator(["audit", "verify"]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_reminded_and_warned_on_the_days_that_are_promised_on_sqlite() {
    a_year_of_mail(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_reminded_and_warned_on_the_days_that_are_promised_on_postgresql() {
    let postgres = Postgres::start().unwrap();
    a_year_of_mail(Some(postgres.database("reminders").unwrap())).await;
}
