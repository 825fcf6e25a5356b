//! The list of revoked certificates, as whoever checks certificates elsewhere fetches it.

use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

use super::*;

/// What the server hands out, with its head.
async fn fetch(world: &World, more: &str) -> (String, Vec<u8>) {
    let mut line = world.strangers_line().await;
    let request = format!("GET /crl HTTP/1.1\r\nHost: h\r\n{more}Connection: close\r\n\r\n");
    line.0.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    line.0.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let list = answer.split_off(end.unwrap() + 4);
    (String::from_utf8(answer).unwrap(), list)
}

/// The serial numbers on a list that the authority signed, and the instants it is good for.
fn read(world: &World, list: &[u8]) -> (Vec<Vec<u8>>, i64, i64) {
    let (rest, list) = CertificateRevocationList::from_der(list).unwrap();
    assert!(rest.is_empty());
    let authority = world.app.authority.issuing();
    let (_, root) = x509_parser::parse_x509_certificate(authority.root()).unwrap();
    assert!(list.verify_signature(root.public_key()).is_ok());
    let serials = list
        .iter_revoked_certificates()
        .map(|one| one.raw_serial().to_vec());
    (
        serials.collect(),
        list.last_update().timestamp(),
        list.next_update().unwrap().timestamp(),
    )
}

fn tag(head: &str) -> &str {
    let line = head.lines().find_map(|line| line.strip_prefix("etag: "));
    line.expect("a tag")
}

#[tokio::test]
async fn a_revocation_is_on_the_list_at_once_whoever_revoked() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let (head, list) = fetch(&world, "").await;
    assert!(
        head.contains("content-type: application/pkix-crl"),
        "{head}"
    );
    assert!(read(&world, &list).0.is_empty());
    let serial = TerminalCertificate::parse(&terminal.chain[0])
        .unwrap()
        .serial;
    // Another process on the same data: nobody tells this server.
    let beside = world.beside().await;
    revoke(&beside, Actor::default(), serial.clone())
        .await
        .unwrap();
    let (_, list) = fetch(&world, "").await;
    let named = read(&world, &list).0.concat();
    let named: String = named.iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(named, serial.as_str());
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_twice_and_is_renewed_long_before_it_ends() {
    let world = World::new().await;
    let (head, list) = fetch(&world, "").await;
    let (_, made, ends) = read(&world, &list);
    let have = format!("If-None-Match: {}\r\n", tag(&head));
    world
        .clock
        .set(world.clock.now() + SignedDuration::from_hours(23));
    let (again, nothing) = fetch(&world, &have).await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    assert!(nothing.is_empty());
    world
        .clock
        .set(world.clock.now() + SignedDuration::from_hours(2));
    let (again, list) = fetch(&world, &have).await;
    assert!(again.starts_with("HTTP/1.1 200"), "{again}");
    let (_, later, _) = read(&world, &list);
    assert_eq!(later - made, 25 * 3600);
    assert!(ends - later > 5 * 24 * 3600, "{}", ends - later);
}

#[tokio::test]
async fn without_its_records_the_server_hands_out_no_list() {
    let world = World::new().await;
    fetch(&world, "").await;
    world.app.store.close().await;
    let (head, _) = fetch(&world, "").await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
}
