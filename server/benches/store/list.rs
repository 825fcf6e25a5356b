//! A page of 50 of the work list, with filter and search, among 1,000,000 returnees against
//! 10,000, as a member of staff's request finds it: the whole handler, with the look written to
//! the audit log each time and durable before the page is shown (M-39).
//!
//! Twice: in a country of a hundred health centres under ten prefectures, seen from one health
//! centre and from its prefecture, against one prefecture of ten health centres; and, the worst
//! that can be, all in one health centre.

use std::time::{Duration, Instant};

use server::app::Caller;
use server::follow_up;
use server::store::audit::Act;
use shared::follow_up::work_list::WorkListQuery;

use crate::world::{Network, World};

const ROUNDS: usize = 300;
const SIZES: [u32; 2] = [10_000, 1_000_000];

/// The country: ten health centres a prefecture, ten prefectures or one. A health centre and its
/// prefecture are ten times as large in the larger world.
pub(crate) async fn in_the_country() {
    let mut figures = Vec::new();
    for (people, centres) in SIZES.into_iter().zip([10, 100]) {
        let network = Network {
            centres,
            of_a_prefecture: 10,
        };
        let world = filled(network, people).await;
        let prefecture = world.prefecture.as_ref().unwrap();
        let mut pages = measure(&world, "a health centre", &world.caller).await;
        pages.extend(measure(&world, "a prefecture", prefecture).await);
        figures.push(pages);
    }
    report(&figures);
}

/// Everybody in one health centre.
pub(crate) async fn in_one_health_centre() {
    let mut figures = Vec::new();
    for people in SIZES {
        let world = filled(Network::ONE, people).await;
        figures.push(measure(&world, "all in one", &world.caller).await);
    }
    report(&figures);
}

async fn filled(network: Network, people: u32) -> World {
    let world = World::of(network).await;
    let began = Instant::now();
    world.fill(people).await;
    println!(
        "{people} returnees in {} health centres filled in within {:.0?}",
        network.centres,
        began.elapsed()
    );
    world
}

/// What one question took in one world.
struct Pages {
    name: String,
    median: Duration,
    p99: Duration,
    rows: usize,
}

impl Pages {
    fn of(name: String, mut times: Vec<Duration>, rows: usize) -> Self {
        times.sort_unstable();
        Self {
            name,
            median: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
            rows,
        }
    }
}

async fn measure(world: &World, whose: &str, caller: &Caller) -> Vec<Pages> {
    let mut all = vec![looks_alone(world, whose, caller).await];
    for (name, query) in queries() {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let page = follow_up::list_returnees(&world.app, caller, query.clone())
                .await
                .unwrap();
            times.push(began.elapsed());
            rows = page.rows.len();
        }
        all.push(Pages::of(format!("{whose}, {name}"), times, rows));
    }
    all
}

/// How much of each page is the durable entry in the audit log: a write of nothing but such an
/// entry.
async fn looks_alone(world: &World, whose: &str, caller: &Caller) -> Pages {
    let mut times = Vec::new();
    let numbers: Vec<i64> = (1_000_000..1_000_050).collect();
    let detail = serde_json::json!({ "numbers": numbers, "search": null });
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let act = Act::new(caller.actor(), "ListReturnees");
        world
            .app
            .store
            .write(act, detail.clone(), |tx, detail| {
                Box::pin(async move {
                    tx.note(detail);
                    Ok(())
                })
            })
            .await
            .unwrap();
        times.push(began.elapsed());
    }
    Pages::of(format!("{whose}, the audit entry alone"), times, 0)
}

/// A ratio is only given where both sizes have as many rows: a full page and half a page cannot
/// be compared.
fn report(figures: &[Vec<Pages>]) {
    for (small, large) in figures[0].iter().zip(&figures[1]) {
        let ratio = match small.rows == large.rows {
            true => format!(
                "ratio {:.2}",
                large.median.as_secs_f64() / small.median.as_secs_f64()
            ),
            false => "not to be compared".to_owned(),
        };
        println!(
            "page, {}: {:.2?} (p99 {:.2?}, {} rows) of 1,000,000; {:.2?} (p99 {:.2?}, {} rows) of \
             10,000; {ratio} (at most 1.5, p99 at most 10 ms)",
            large.name, large.median, large.p99, large.rows, small.median, small.p99, small.rows,
        );
    }
}

/// Where a question says "planted", the same people are all who are found in either size.
fn queries() -> Vec<(&'static str, WorkListQuery)> {
    let all = WorkListQuery::default;
    let search = |text: &str| WorkListQuery {
        search: Some(text.to_owned()),
        ..all()
    };
    let not_reached = |query| WorkListQuery {
        not_reached_today: true,
        ..query
    };
    let ended = |query| WorkListQuery {
        ended: true,
        ..query
    };
    vec![
        ("all open", all()),
        ("not reached today", not_reached(all())),
        ("ended", ended(all())),
        ("one letter: ミ", search("ミ")),
        ("a family name: 見本", search("見本")),
        ("two parts of a name: 見本ミ", search("見本ミ")),
        ("two parts of a name, planted: 山花", search("山花")),
        ("a whole reading, planted", search("れいやまはなこ")),
        ("romaji, planted: yama hana", search("yama hana")),
        ("part of a phone: 0123", search("0123")),
        ("part of a phone, planted: 80-5550", search("80-5550")),
        ("part of a passport: 0077", search("0077")),
        ("part of a passport, planted: ZQ88", search("ZQ88")),
        ("a passport: TK0000077", search("TK0000077")),
        ("nobody: んん", search("んん")),
        ("nobody: 見本花", search("見本花")),
        ("not reached today, 見本", not_reached(search("見本"))),
        (
            "not reached today, planted: 山花",
            not_reached(search("山花")),
        ),
        ("ended, 例山", ended(search("例山"))),
    ]
}
