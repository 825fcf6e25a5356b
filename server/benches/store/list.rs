//! A page of 50 of the work list, with filter and search, among 1,000,000 returnees against
//! 10,000. The look itself is written to the audit log each time, and counted.

use std::time::{Duration, Instant};

use server::follow_up;
use shared::follow_up::work_list::WorkListQuery;

use crate::world::World;

const ROUNDS: usize = 100;

pub(crate) async fn compare() {
    let mut figures = Vec::new();
    for people in [10_000, 1_000_000] {
        let world = World::new().await;
        let began = Instant::now();
        world.fill(people).await;
        println!(
            "{people} returnees filled in within {:.0?}",
            began.elapsed()
        );
        let mut of_this_size = Vec::new();
        for (name, query) in queries() {
            let mut pages: Vec<Duration> = Vec::new();
            let mut rows = 0;
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let page = follow_up::list_returnees(&world.app, &world.caller, query.clone())
                    .await
                    .unwrap();
                pages.push(began.elapsed());
                rows = page.rows.len();
            }
            pages.sort_unstable();
            of_this_size.push((name, pages[ROUNDS / 2], pages[ROUNDS * 99 / 100], rows));
        }
        figures.push(of_this_size);
    }
    for (small, large) in figures[0].iter().zip(&figures[1]) {
        println!(
            "page, {}: {:.2?} (p99 {:.2?}, {} rows) of 1,000,000; {:.2?} ({} rows) of 10,000; \
             ratio {:.2} (at most 1.5, p99 at most 10 ms)",
            large.0,
            large.1,
            large.2,
            large.3,
            small.1,
            small.3,
            large.1.as_secs_f64() / small.1.as_secs_f64()
        );
    }
}

/// Only questions that have about as many answers on a page in both sizes: a page of 50 and a page
/// of none cannot be compared.
fn queries() -> Vec<(&'static str, WorkListQuery)> {
    let search = |text: &str| WorkListQuery {
        search: Some(text.to_owned()),
        ..WorkListQuery::default()
    };
    vec![
        ("all open", WorkListQuery::default()),
        (
            "not reached today",
            WorkListQuery {
                not_reached_today: true,
                ..WorkListQuery::default()
            },
        ),
        (
            "not reached today, 見本",
            WorkListQuery {
                not_reached_today: true,
                ..search("見本")
            },
        ),
        ("one letter: ミ", search("ミ")),
        ("part of a passport: 0077", search("0077")),
        ("a passport: TK0000077", search("TK0000077")),
        ("nobody: んん", search("んん")),
        (
            "ended, 例山",
            WorkListQuery {
                ended: true,
                ..search("例山")
            },
        ),
    ]
}
