//! Every faulty identity that a terminal could come with, against the served program, in the name
//! of the server's own authority.

use std::fs;
use std::process::Command;

use certs_dev::{Authority, Credentials, Identity as Kind, Stage, Terminal};
use harness::reference::Identity;
use harness::thoroughness::so_many;
use harness::world::{HOST, World};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::prefecture::{EAST, identity, world};
use crate::wire::{Line, now};

/// What came of showing a certificate: an HTTP answer's code, or none because TLS refused.
async fn show(world: &World, trusting: &Identity, credentials: &Credentials) -> Option<String> {
    let chain = credentials
        .chain
        .iter()
        .cloned()
        .map(CertificateDer::from)
        .collect();
    let key = PrivateKeyDer::Pkcs8(credentials.key.clone().into());
    // In TLS 1.3 a client is refused only after its own handshake is done: with the first read.
    let mut line = Line::open_with(world, trusting, chain, key).await.ok()?;
    let answer = line.ask().await.ok()?;
    Some(if answer.status == 200 {
        "let in".to_owned()
    } else {
        answer.code().to_owned()
    })
}

/// The server's own authority, and the terminal that it knows.
fn authority(world: &World, known: &Identity) -> (Authority, Terminal) {
    let root = CertificateDer::from_pem_file(&known.root).unwrap();
    let key = PrivateKeyDer::from_pem_file(world.data().join("authority.key")).unwrap();
    let authority = Authority::from_der(&root, key.secret_der()).unwrap();
    let printed = known.printed().unwrap();
    let uri = printed
        .split("urn:mimamori:terminal:")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    let (office, id) = uri.split_once(':').unwrap();
    (
        authority,
        Terminal {
            office: office.to_owned(),
            id: id.to_owned(),
        },
    )
}

#[tokio::test]
async fn every_faulty_identity_is_refused_where_it_should_be() {
    let world = world();
    let known = identity(&world, EAST, "known");
    let (authority, terminal) = authority(&world, &known);
    let mut wrong = Vec::new();
    for &kind in Kind::ALL {
        let shown = show(&world, &known, &authority.issue(kind, &terminal, now())).await;
        let as_expected = match (kind.refused_at(), shown.as_deref()) {
            (Stage::Handshake, None) => true,
            // Sound on paper, and signed by the right key: but the server never issued it.
            (Stage::Request | Stage::Nowhere, Some(code)) => code.starts_with("terminal-"),
            _ => false,
        };
        if !as_expected {
            wrong.push((kind, shown));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let mut line = Line::open(&world, &known).await.unwrap();
    assert_eq!(
        line.ask().await.unwrap().status,
        200,
        "the terminal that is known"
    );
}

/// Damages `good` in the manner of this turn: one of its bits turned over, all over it, as long as
/// the turns reach; then up to four of bits turned, bytes lost and bytes doubled.
fn damaged(good: &[u8], turn: usize, step: usize) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let bit = turn * step;
    if bit < bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        return bytes;
    }
    // The same turn damages the same places, so that what fails can be seen again.
    let mut state = turn as u64;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) % limit as u64) as usize
    };
    for _ in 0..=below(4) {
        let at = below(bytes.len());
        let end = bytes.len().min(at + 1 + below(8));
        match below(3) {
            0 => bytes[at] ^= 1 << below(8),
            1 => drop(bytes.drain(at..end)),
            _ => {
                let doubled = bytes[at..end].to_vec();
                bytes.splice(at..at, doubled);
            }
        }
    }
    bytes
}

#[tokio::test]
async fn a_damaged_certificate_is_refused() {
    let world = world();
    let known = identity(&world, EAST, "known");
    let good = CertificateDer::from_pem_file(&known.certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(&known.key).unwrap();
    // The short check spreads its bits evenly, so that all parts of the certificate are met.
    let step = so_many((good.len() * 8).div_ceil(1_500), 1);
    for turn in 0..so_many(2_000, 1_000_000) {
        let mutated = damaged(&good, turn, step);
        if mutated == *good {
            continue;
        }
        let credentials = Credentials {
            chain: vec![mutated],
            key: key.secret_der().to_vec(),
        };
        assert_ne!(
            show(&world, &known, &credentials).await.as_deref(),
            Some("let in"),
            "turn {turn}"
        );
    }
    let whole = Credentials {
        chain: vec![good.to_vec()],
        key: key.secret_der().to_vec(),
    };
    assert_eq!(
        show(&world, &known, &whole).await.as_deref(),
        Some("let in")
    );
}

#[tokio::test]
async fn nothing_is_ever_resumed_and_the_server_chooses_the_suite() {
    let world = world();
    let known = identity(&world, EAST, "known");
    let config = Line::config(&known);
    for _ in 0..3 {
        let mut line = Line::open_as(&world, config.clone()).await.unwrap();
        assert_eq!(line.ask().await.unwrap().status, 200);
        assert_eq!(line.handshake(), Some(rustls::HandshakeKind::Full));
        assert_eq!(line.tickets(), 0);
        // The client's first wish is AES-256.
        let chosen = rustls::CipherSuite::TLS13_AES_128_GCM_SHA256;
        assert_eq!(line.suite(), Some(chosen));
    }
    // Tickets would come after the handshake; openssl tells of each.
    let mut openssl = Command::new("openssl");
    openssl
        .args(["s_client", "-connect", &world.enrolment().to_string()])
        .args(["-ign_eof"]);
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    let said = harness::process::run(&mut openssl, &request).unwrap();
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(said.contains("HTTP/1.1 "), "{said}");
    assert!(said.contains("Cipher is TLS_AES_128_GCM_SHA256"), "{said}");
    assert!(!said.contains("New Session Ticket"), "{said}");
}

#[tokio::test]
async fn no_older_tls_is_spoken() {
    let world = world();
    let known = identity(&world, EAST, "known");
    for listener in [world.terminals_url(), world.enrolment_url()] {
        let mut curl = known.curl();
        curl.args(["--tls-max", "1.2"]).arg(format!("{listener}/"));
        let refused =
            harness::reference::answer(harness::process::run(&mut curl, "").unwrap()).unwrap_err();
        assert!(
            refused.to_string().contains("protocol version"),
            "{refused}"
        );
    }
}

#[test]
fn the_authoritys_key_is_where_the_test_looks_for_it() {
    let world = World::prepare(None).unwrap();
    let key = fs::read_to_string(world.data().join("authority.key")).unwrap();
    assert!(key.contains("PRIVATE KEY"));
}
