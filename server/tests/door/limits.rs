//! Peers that are slow or silent, or too many: each is cut off in its time, and harms no other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use certs_dev::Identity;
use server::listener::Limits;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::{Line, NOW, World, connect, terminal};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Where the listener and a test differ in what it is, by this much at most. Generous: tests run
/// beside each other.
const SLACK: Duration = Duration::from_secs(4);

fn brief() -> Limits {
    Limits {
        handshake: Duration::from_millis(400),
        head: Duration::from_millis(400),
        idle: Duration::from_secs(60),
        drain: Duration::from_millis(400),
        ..Limits::default()
    }
}

/// Asks over a kept connection and reads the answer to its end.
async fn ask(line: &mut Line) {
    line.write_all(GET).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|octets| octets == b"\r\n\r\n") {
        answer.push(line.read_u8().await.unwrap());
    }
    let head = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    line.read_exact(&mut vec![0; length]).await.unwrap();
}

/// How long it took until the server ended this connection; what it said before is passed over.
async fn until_cut_off(line: &mut (impl tokio::io::AsyncRead + Unpin)) -> Duration {
    let began = Instant::now();
    let rest = async {
        let mut scratch = [0; 4096];
        while line.read(&mut scratch).await.is_ok_and(|count| count > 0) {}
    };
    let cut = tokio::time::timeout(Duration::from_secs(20), rest).await;
    cut.expect("the connection is still open");
    began.elapsed()
}

#[tokio::test]
async fn a_silent_peer_is_cut_off_and_does_not_hold_up_the_others() {
    let world = World::with(brief()).await;
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    ask(&mut world.line().await).await;
    assert!(until_cut_off(&mut silent).await < SLACK);
}

#[tokio::test]
async fn a_peer_that_says_nothing_after_its_handshake_is_cut_off() {
    let world = World::with(brief()).await;
    assert!(until_cut_off(&mut world.line().await).await < SLACK);
}

/// Sends a head octet by octet and never ends it.
async fn trickle(mut line: impl tokio::io::AsyncWrite + Unpin) {
    let head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".iter();
    for octet in head.chain(std::iter::repeat(&b'a')) {
        if line.write_all(&[*octet]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let world = World::with(brief()).await;
    let (mut read, write) = tokio::io::split(world.line().await);
    tokio::spawn(trickle(write));
    assert!(until_cut_off(&mut read).await < SLACK);
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off_on_a_kept_connection_too() {
    let world = World::with(brief()).await;
    let mut line = world.line().await;
    ask(&mut line).await;
    let (mut read, write) = tokio::io::split(line);
    tokio::spawn(trickle(write));
    assert!(until_cut_off(&mut read).await < SLACK);
}

#[tokio::test]
async fn between_requests_a_connection_may_idle_for_longer_but_not_for_ever() {
    let world = World::with(Limits {
        idle: Duration::from_secs(2),
        ..brief()
    })
    .await;
    let mut line = world.line().await;
    ask(&mut line).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    ask(&mut line).await;
    let idled = until_cut_off(&mut line).await;
    assert!(idled > Duration::from_millis(1500), "{idled:?}");
    assert!(idled < Duration::from_secs(2) + SLACK, "{idled:?}");
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off() {
    let world = World::with(Limits {
        idle: Duration::from_millis(400),
        ..brief()
    })
    .await;
    let mut line = world.line().await;
    line.write_all(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(SLACK).await;
    // What the system had taken in by then can still be read; the rest never comes.
    let mut read = 0;
    let mut scratch = vec![0; 65_536];
    while let Ok(count @ 1..) = line.read(&mut scratch).await {
        read += count;
    }
    assert!(read < 20_000_000, "{read}");
}

#[tokio::test]
async fn a_head_of_more_than_16_kib_is_refused() {
    let world = World::new().await;
    for (octets, status) in [(15_000, "200"), (17_000, "431")] {
        let mut line = world.line().await;
        let long = "a".repeat(octets);
        let head = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\nConnection: close\r\n\r\n"
        );
        let _ = line.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = line.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{octets}: {answer}"
        );
    }
}

#[tokio::test]
async fn requests_under_way_are_finished_at_the_end_and_new_ones_refused() {
    let world = World::new().await;
    let mut line = world.line().await;
    line.write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop.cancel();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    world.served.await.unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off_when_the_grace_at_the_end_is_over() {
    let world = World::with(brief()).await;
    let mut line = world.line().await;
    line.write_all(b"GET /never HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop.cancel();
    let ended = tokio::time::timeout(SLACK, world.served).await;
    ended.expect("the listener waits for ever").unwrap();
    assert!(until_cut_off(&mut line).await < SLACK);
}

/// How many of several connections are let in and answered.
async fn answered(world: &World, from: &[[u8; 4]]) -> (Vec<Line>, usize) {
    let mut lines = Vec::new();
    for &from in from {
        let mut line = world.line_from(from, b"http/1.1").await.unwrap();
        let _ = line.write_all(GET).await;
        let mut first = [0; 1];
        if line.read(&mut first).await.is_ok_and(|count| count > 0) {
            lines.push(line);
        }
    }
    let count = lines.len();
    (lines, count)
}

const HERE: [u8; 4] = [127, 0, 0, 1];
const THERE: [u8; 4] = [127, 0, 0, 2];

#[tokio::test]
async fn one_address_gets_so_many_connections_and_leaves_the_others_theirs() {
    let world = World::with(Limits {
        connections_per_address: 2,
        ..Limits::default()
    })
    .await;
    let (held, count) = answered(&world, &[HERE, HERE, HERE, THERE]).await;
    assert_eq!(count, 3);
    drop(held);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(answered(&world, &[HERE]).await.1, 1, "a place came free");
}

#[tokio::test]
async fn all_addresses_together_get_so_many_connections() {
    let world = World::with(Limits {
        connections: 3,
        ..Limits::default()
    })
    .await;
    let (held, count) = answered(&world, &[HERE, HERE, THERE, THERE]).await;
    assert_eq!(count, 3);
    drop(held);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(answered(&world, &[THERE]).await.1, 1, "a place came free");
}

#[tokio::test]
async fn before_the_handshake_the_oldest_of_a_crowd_gives_way() {
    let world = World::with(Limits {
        handshakes: 3,
        handshake: Duration::from_secs(60),
        ..Limits::default()
    })
    .await;
    let mut crowd = Vec::new();
    for _ in 0..4 {
        crowd.push(TcpStream::connect(world.address).await.unwrap());
        // In order: they are told apart by age.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(until_cut_off(&mut crowd[0]).await < SLACK);
    let kept = tokio::time::timeout(Duration::from_millis(200), crowd[1].read_u8()).await;
    assert!(kept.is_err(), "{kept:?}");
    let good = world.authority.issue(Identity::Good, &terminal(), NOW);
    let config = Arc::new(world.client(Some(&good)));
    ask(&mut connect(world.address, config).await.unwrap()).await;
}
