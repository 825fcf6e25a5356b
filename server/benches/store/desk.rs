//! The helpdesk's search while typing, over 50,000 offices with a terminal each and 1,000,000 rows
//! of what happened to them, against 500: every beginning of what is typed is a question of its own.

use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use server::enrolment::search_desk;
use server::offices::searchable::make_searchable;
use shared::enrolment::desk::DeskQuery;

use crate::world::World;

const SIZES: [u32; 2] = [500, 50_000];
const EVENTS: u32 = 20;
const ROUNDS: usize = 300;
/// Offices with a name, reading and phone number of their own, the same number in either size.
const PLANTED: u32 = 30;

/// What is typed, key by key.
const TYPED: [(&str, &str); 9] = [
    ("a name that all share", "見本保健所"),
    ("a name", "山彦保健所"),
    ("a reading", "やまびこ"),
    ("a phone number", "0505550"),
    ("a code", "300007"),
    ("a serial number", "5f3a09c10000"),
    ("the id of a link", "77aa00bb0000"),
    ("an error", "link-locked"),
    ("nobody", "んなな"),
];

pub(crate) async fn compare() {
    let mut worlds = Vec::new();
    for size in SIZES {
        let world = World::new().await;
        offices(&world, size);
        make_searchable(&world.app).await.unwrap();
        worlds.push(world);
    }
    let (mut worst, mut slowest) = (0.0_f64, Duration::ZERO);
    for (name, text) in TYPED {
        for end in text.char_indices().map(|(at, c)| at + c.len_utf8()) {
            let typed = &text[..end];
            let asked = in_turn(&worlds, typed).await;
            let ratio = report(&format!("{name}: {typed}"), &asked);
            worst = worst.max(ratio.unwrap_or_default());
            slowest = slowest.max(asked[1].p99);
        }
    }
    println!(
        "helpdesk: worst ratio {worst:.2} (at most 1.5), worst p99 {slowest:.2?} (at most 20 ms)"
    );
}

/// What one question took in one world.
struct Asked {
    median: Duration,
    p99: Duration,
    rows: usize,
}

/// Asks both worlds in turn, so that whatever else the machine does is the same for both.
async fn in_turn(worlds: &[World], text: &str) -> Vec<Asked> {
    let query = DeskQuery {
        text: text.to_owned(),
        after: None,
        limit: None,
    };
    let mut times = vec![Vec::with_capacity(ROUNDS); worlds.len()];
    let mut rows = vec![0; worlds.len()];
    for _ in 0..ROUNDS {
        for (place, world) in worlds.iter().enumerate() {
            let began = Instant::now();
            let found = search_desk(&world.app, &world.caller, query.clone())
                .await
                .unwrap();
            times[place].push(began.elapsed());
            rows[place] = found.offices.len();
        }
    }
    let asked = times.into_iter().zip(rows).map(|(mut times, rows)| {
        times.sort_unstable();
        Asked {
            median: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
            rows,
        }
    });
    asked.collect()
}

/// Prints a question; gives its ratio where both worlds gave as many rows: a full page and half a
/// page cannot be compared.
fn report(name: &str, asked: &[Asked]) -> Option<f64> {
    let [small, large] = asked else {
        unreachable!("two sizes")
    };
    let ratio = large.median.as_secs_f64() / small.median.as_secs_f64();
    let ratio = (small.rows == large.rows).then_some(ratio);
    let said = ratio.map_or("not to be compared".to_owned(), |ratio| {
        format!("ratio {ratio:.2}")
    });
    println!(
        "helpdesk, {name}: {:.2?} (p99 {:.2?}, {} rows) of {}; {:.2?} ({} rows) of {}; {said}",
        large.median, large.p99, large.rows, SIZES[1], small.median, small.rows, SIZES[0],
    );
    ratio
}

/// Writes so many offices past the store, each with a link, a certificate, what happened to it, and
/// here and there a refusal.
pub(crate) fn offices(world: &World, count: u32) {
    let now = world.app.clock.now().as_millisecond();
    let day = 86_400_000;
    let mut connection = Connection::open(&world.file).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")
        .unwrap();
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    let write = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        transaction
            .prepare_cached(sql)
            .unwrap()
            .execute(values)
            .unwrap();
    };
    let every = count / PLANTED;
    for number in 0..count {
        let planted = number % every == 0 && number / every < PLANTED;
        let code = (300_000 + number).to_string();
        let (name, reading, phone) = match planted {
            true => (
                format!("山彦保健所{number}"),
                format!("やまびこ{number}"),
                format!("0505550{:04}", number / every),
            ),
            false => (
                format!("見本保健所{number}"),
                format!("みほん{number}"),
                format!("03{:08}", number.wrapping_mul(2_654_435_761) % 100_000_000),
            ),
        };
        write(
            "INSERT INTO office (code, kind, name, reading, phone, address, added_at)
             VALUES (?, 'health-centre', ?, ?, ?, '見本県見本市見本町1-1', ?)",
            params![code, name, reading, phone, now - 300 * day],
        );
        let office = transaction.last_insert_rowid();
        write(
            "INSERT INTO contact (office, version, mail, changed_at) VALUES (?, 1, ?, ?)",
            params![office, format!("centre{number}@example.jp"), now],
        );
        // Planted ones are found by what their serial number and the id of their link begin with.
        let spread = number.wrapping_mul(2_654_435_761);
        let serial = match planted {
            true => format!("5f3a09c1{number:08x}"),
            false => format!("{spread:08x}{number:08x}"),
        };
        let link = match planted {
            true => 0x77aa_00bb << 96 | u128::from(number),
            false => u128::from(spread) << 96 | u128::from(number),
        };
        let link = link.to_be_bytes();
        let mut fingerprint = [0; 32];
        fingerprint[..4].copy_from_slice(&spread.to_be_bytes());
        fingerprint[28..].copy_from_slice(&number.to_be_bytes());
        write(
            "INSERT INTO link (id, office, password, issued_at, expires_at, wrong_passwords, used_at)
             VALUES (?, ?, '-', ?, ?, 0, ?)",
            params![link, code, now - 200 * day, now - 170 * day, now - 199 * day],
        );
        write(
            "INSERT INTO certificate
             (fingerprint, serial, office, terminal, public_key, der, issued_at, expires_at,
              first_used_at)
             VALUES (?1, ?2, ?3, ?4, ?1, x'00', ?5, ?6, ?5)",
            params![
                fingerprint,
                serial,
                code,
                link,
                now - 199 * day,
                now + 166 * day
            ],
        );
        for event in 0..EVENTS {
            write(
                "INSERT INTO enrolment_event (office, happened_at, event, actor, link, serial)
                 VALUES (?, ?, 'link-refused', 'terminal', ?, ?)",
                params![office, now - i64::from(EVENTS - event) * day, link, serial],
            );
        }
        if number % 10 == 0 {
            write(
                "INSERT INTO refusal (office, what, code, count, first_at, last_at)
                 VALUES (?1, 'link', 'link-locked', 1, ?2, ?2)",
                params![office, now - day],
            );
        }
    }
    transaction.commit().unwrap();
}
