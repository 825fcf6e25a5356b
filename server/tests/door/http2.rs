//! HTTP/2 spoken frame by frame, as an attacker would: each excess has its end.

use std::time::Duration;

use server::listener::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Line, World};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

struct Peer(Line);

impl Peer {
    /// A good terminal that has sent the preface and its settings.
    async fn connect(world: &World) -> Self {
        let mut peer = Self(world.line_from([127, 0, 0, 1], b"h2").await.unwrap());
        peer.0
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await
            .unwrap();
        peer.send(SETTINGS, 0, 0, &[]).await.unwrap();
        peer
    }

    async fn send(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> std::io::Result<()> {
        self.0.write_all(&frame(kind, flags, stream, payload)).await
    }

    /// The next frame that `wanted` names; `None` when the server has ended the connection.
    async fn next(&mut self, wanted: &[u8]) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            let read = tokio::time::timeout(Duration::from_secs(10), self.0.read_exact(&mut head));
            read.await.expect("the server says nothing").ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
            if wanted.contains(&head[3]) {
                return Some(Frame {
                    kind: head[3],
                    flags: head[4],
                    stream,
                    payload,
                });
            }
        }
    }

    /// Reads until the connection ends.
    async fn read_to_end(&mut self) {
        while self.next(&[]).await.is_some() {}
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `GET path` of the host `h` in HPACK (RFC 7541), from the static table where it can be.
fn get(path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x87, 0x04, path.len() as u8];
    block.extend(path.as_bytes());
    block.extend([0x01, 1, b'h']);
    block
}

fn brief() -> Limits {
    Limits {
        head: Duration::from_millis(400),
        idle: Duration::from_secs(60),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    let world = World::new().await;
    let mut peer = Peer::connect(&world).await;
    let flags = END_STREAM | END_HEADERS;
    peer.send(HEADERS, flags, 1, &get("/")).await.unwrap();
    let answer = peer.next(&[HEADERS]).await.unwrap();
    // `:status: 200` is entry 8 of the static table.
    assert_eq!(
        (answer.stream, answer.payload[0]),
        (1, 0x88),
        "{:?}",
        answer.flags
    );
    let body = peer.next(&[DATA]).await.unwrap();
    assert_eq!(body.payload.len(), 64);
}

#[tokio::test]
async fn a_connection_has_at_most_32_requests_under_way() {
    let world = World::new().await;
    let mut peer = Peer::connect(&world).await;
    let settings = peer.next(&[SETTINGS]).await.unwrap();
    let most = settings
        .payload
        .chunks(6)
        .find(|setting| setting[..2] == [0, 3])
        .map(|setting| u32::from_be_bytes(setting[2..].try_into().unwrap()));
    assert_eq!(most, Some(32));
    // From when the settings are acknowledged, they are insisted on.
    peer.send(SETTINGS, 1, 0, &[]).await.unwrap();
    for number in 0..33 {
        let flags = END_STREAM | END_HEADERS;
        let stream = 1 + 2 * number;
        peer.send(HEADERS, flags, stream, &get("/never"))
            .await
            .unwrap();
    }
    let refused = peer.next(&[RST_STREAM, GOAWAY]).await.unwrap();
    assert_eq!((refused.stream, refused.code()), (65, REFUSED_STREAM));
}

/// A head that puts a header of 3,000 octets into the table and then names it so many times.
async fn unfold(times: usize) -> Frame {
    let world = World::new().await;
    let mut peer = Peer::connect(&world).await;
    let mut block = get("/");
    block.extend([0x40, 1, b'x', 0x7f, 0xb9, 0x16]);
    block.extend([b'a'; 3000]);
    block.extend(vec![0xbe; times]);
    peer.send(HEADERS, END_STREAM | END_HEADERS, 1, &block)
        .await
        .unwrap();
    peer.next(&[HEADERS, GOAWAY]).await.unwrap()
}

#[tokio::test]
async fn a_small_head_that_unfolds_to_a_large_one_is_refused() {
    // `:status: 200` is entry 8 of the static table.
    assert_eq!(unfold(1).await.payload[0], 0x88);
    let refused = unfold(7).await;
    assert_eq!(refused.kind, HEADERS, "{refused:?}");
    assert_ne!(refused.payload[0], 0x88, "a head of 24 kB was taken");
    let sent_away = unfold(300).await;
    assert_eq!(sent_away.kind, GOAWAY, "{sent_away:?}");
    assert_eq!(sent_away.code(), ENHANCE_YOUR_CALM);
}

#[tokio::test]
async fn a_peer_that_resets_what_it_asks_is_sent_away() {
    let world = World::new().await;
    let mut peer = Peer::connect(&world).await;
    for number in 0..20_000 {
        let stream = 1 + 2 * number;
        let mut octets = frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/never"));
        octets.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
        if peer.0.write_all(&octets).await.is_err() {
            break;
        }
    }
    let farewell = peer.next(&[GOAWAY]).await.expect("a reason");
    assert_eq!(farewell.code(), ENHANCE_YOUR_CALM);
    peer.read_to_end().await;
    assert!(
        world.line_from([127, 0, 0, 1], b"h2").await.is_ok(),
        "others are still let in"
    );
}

#[tokio::test]
async fn a_head_of_endless_frames_is_cut_off() {
    let world = World::new().await;
    let mut peer = Peer::connect(&world).await;
    peer.send(HEADERS, END_STREAM, 1, &get("/")).await.unwrap();
    let flood = async {
        for _ in 0..100_000 {
            // A literal header that the table does not keep.
            let header = [0x00, 1, b'x', 1, b'y'].repeat(100);
            peer.send(CONTINUATION, 0, 1, &header).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let flood = tokio::time::timeout(Duration::from_secs(10), flood).await;
    assert!(matches!(flood, Ok(Err(_))), "{flood:?}");
}

#[tokio::test]
async fn a_peer_that_asks_nothing_is_cut_off() {
    let world = World::with(brief()).await;
    Peer::connect(&world).await.read_to_end().await;
}

#[tokio::test]
async fn a_peer_that_ends_no_head_is_cut_off_on_a_kept_connection_too() {
    let world = World::with(brief()).await;
    let mut peer = Peer::connect(&world).await;
    let flags = END_STREAM | END_HEADERS;
    peer.send(HEADERS, flags, 1, &get("/")).await.unwrap();
    peer.next(&[DATA]).await.unwrap();
    // Longer than a head may take: between requests that is allowed.
    tokio::time::sleep(Duration::from_millis(800)).await;
    peer.send(HEADERS, flags, 3, &get("/")).await.unwrap();
    peer.next(&[DATA]).await.expect("an answer");
    peer.send(HEADERS, END_STREAM, 5, &get("/")).await.unwrap();
    peer.read_to_end().await;
}
