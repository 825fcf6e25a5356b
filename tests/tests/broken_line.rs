//! The line is cut after any byte of a request or an answer: each input is stored exactly once,
//! and no link is burnt.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use harness::keyring::Keyring;
use harness::process::{Finished, run};
use harness::thoroughness::so_many;
use harness::world::{Link, World, program};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::contract::days_ago;
use crate::power_cut::people;
use crate::prefecture::{EAST, identity, person, world};
use crate::wire::{Terminal, fresh_key};

/// A stretch of line that breaks after so many bytes.
struct Line {
    port: u16,
    left: Arc<AtomicU64>,
    carried: Arc<AtomicU64>,
}

const WHOLE: u64 = u64::MAX;

impl Line {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (left, carried) = (Arc::new(AtomicU64::new(WHOLE)), Arc::new(AtomicU64::new(0)));
        let line = Self {
            port,
            left: left.clone(),
            carried: carried.clone(),
        };
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(server).await else {
                    continue;
                };
                let cut = CancellationToken::new();
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                tokio::spawn(carry(
                    near_in,
                    far_out,
                    left.clone(),
                    carried.clone(),
                    cut.clone(),
                ));
                tokio::spawn(carry(far_in, near_out, left.clone(), carried.clone(), cut));
            }
        });
        line
    }

    /// The line breaks after this many bytes, counted over all connections and both directions.
    fn cut_after(&self, bytes: u64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.cut_after(WHOLE);
    }

    /// How many bytes have gone through since the last time.
    fn carried(&self) -> u64 {
        self.carried.swap(0, Ordering::SeqCst)
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    budget: Arc<AtomicU64>,
    carried: Arc<AtomicU64>,
    cut: CancellationToken,
) {
    let mut buffer = [0; 4096];
    loop {
        let count = tokio::select! {
            count = from.read(&mut buffer) => count.unwrap_or(0),
            () = cut.cancelled() => 0,
        };
        let left = budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            Some(left.saturating_sub(count as u64))
        });
        let passing = (count as u64).min(left.unwrap_or(0)) as usize;
        carried.fetch_add(passing as u64, Ordering::SeqCst);
        let sent = to.write_all(&buffer[..passing]).await;
        if count == 0 || passing < count || sent.is_err() {
            cut.cancel();
            return;
        }
    }
}

/// Where to cut: all over the exchange, `count` times.
fn places(length: u64, count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |index| index * length / count)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_over_a_breaking_line_is_there_exactly_once() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let mut whole = Terminal::new(&world, &identity);
    whole.log_in(&user).await;
    let line = Line::to(world.terminals()).await;
    let body = |number| json!({ "details": person(number, &days_ago(2)), "although_alike": true });
    let save = async |number: u64, key: &str| {
        // A terminal of its own each time: the handshake is cut as well.
        let broken = Terminal::through(&identity, line.port).with_token(whole.token());
        broken
            .send(
                "POST",
                "/v1/returnees",
                Some(&body(number as u32)),
                Some(key),
            )
            .await
    };
    line.carried();
    assert_eq!(save(0, &fresh_key()).await.unwrap().status, 200);
    let length = line.carried();
    let cuts = so_many(200, WHOLE).min(length);
    let mut unanswered = 0;
    for (number, place) in (1..).zip(places(length, cuts)) {
        let key = fresh_key();
        line.cut_after(place);
        unanswered += u32::from(save(number, &key).await.is_err());
        line.mend();
        assert_eq!(
            save(number, &key).await.unwrap().status,
            200,
            "cut after {place} of {length}"
        );
    }
    assert!(
        u64::from(unanswered) > cuts / 2,
        "the line broke only {unanswered} times"
    );
    let stored = people(&whole).await;
    assert_eq!(stored.len() as u64, cuts + 1);
    assert!(stored.values().all(|times| *times == 1), "{stored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_while_a_terminal_enrols_burns_no_link() {
    let world = world();
    let line = Line::to(world.enrolment()).await;
    line.carried();
    let link = world.link(EAST).unwrap();
    enrol_over(&world, &Keyring::start().unwrap(), line.port, &link)
        .success()
        .unwrap();
    let length = line.carried();
    let mut broken = 0;
    for place in places(length, so_many(24, WHOLE).min(length)) {
        let keyring = Keyring::start().unwrap();
        let link = world.link(EAST).unwrap();
        line.cut_after(place);
        if enrol_over(&world, &keyring, line.port, &link)
            .status
            .success()
        {
            continue;
        }
        broken += 1;
        line.mend();
        let again = enrol_over(&world, &keyring, line.port, &link);
        assert!(
            again.status.success(),
            "cut after {place} of {length}: {}",
            again.stderr
        );
    }
    assert!(broken > 5, "the line broke only {broken} times");
}

/// Enrols with our own client over the breaking line.
fn enrol_over(world: &World, keyring: &Keyring, port: u16, link: &Link) -> Finished {
    let url = link
        .url
        .replace(&world.enrolment().port().to_string(), &port.to_string());
    let mut client = Command::new(program("mimamori"));
    keyring.enter(client.args(["enrol", "--link", &url, "--password-stdin"]));
    tokio::task::block_in_place(|| run(&mut client, &format!("{}\n", link.password)).unwrap())
}
