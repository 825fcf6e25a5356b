//! EST as clients that no one here wrote speak it.

use super::*;

#[tokio::test]
async fn the_root_is_handed_to_whoever_asks() {
    let world = World::new().await;
    let answer = world
        .strangers_line()
        .await
        .get("/.well-known/est/cacerts")
        .await;
    assert_eq!(certificates(&answer.body), [world.faulty.certificate()]);
    assert!(answer.head.contains("application/pkcs7-mime"));
    assert!(
        !answer.body.contains('\n'),
        "strongSwan reads one line only"
    );
}

#[tokio::test]
async fn a_link_is_redeemed_in_every_form_that_clients_send() {
    let world = World::new().await;
    let wrapped = |text: String| {
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        lines.join("\n")
    };
    let sent = || STANDARD.encode(request().0);
    let pem = certs_dev::pem("CERTIFICATE REQUEST", &request().0);
    for body in [sent(), wrapped(sent()), pem] {
        let answer = world.enrol(&world.link().await, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(certificates(&answer.body).len(), 1);
    }
}

#[tokio::test]
async fn without_id_and_password_a_client_is_asked_for_them() {
    let world = World::new().await;
    let (request, _) = request();
    let text = post_request(
        "/.well-known/est/simpleenroll",
        None,
        &STANDARD.encode(request),
    );
    let answer = world.strangers_line().await.send(&text).await;
    assert_eq!((answer.status, answer.code()), (401, "link-refused"));
    assert!(answer.head.contains("www-authenticate: Basic realm="));
}

#[tokio::test]
async fn a_bad_certificate_request_is_refused_and_costs_the_link_nothing() {
    let world = World::new().await;
    let link = world.link().await;
    let (good, _) = request();
    let mut unproven = good.clone();
    *unproven.last_mut().unwrap() ^= 1;
    for bad in [&b"nonsense"[..], &unproven, &good[..good.len() - 1], b""] {
        let answer = world.enrol(&link, &STANDARD.encode(bad)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "certificate-request-refused")
        );
    }
    let answer = world.enrol(&link, "not base64 at all!").await;
    assert_eq!(answer.code(), "certificate-request-refused");
    let answer = world.enrol(&link, &STANDARD.encode(&good)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn opening_the_page_never_spends_the_link() {
    let world = World::new().await;
    let link = world.link().await;
    let mut line = world.strangers_line().await;
    for _ in 0..3 {
        let page = line.get("/enrol").await;
        assert_eq!(page.status, 200);
        assert!(page.head.contains("default-src 'none'"));
    }
    let (request, _) = request();
    let answer = world.enrol(&link, &STANDARD.encode(request)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_terminal_renews_over_its_own_certificate() {
    let world = World::new().await;
    let old = world.enrolled().await;
    let (request, key) = request();
    let mut line = world.line(&old).await;
    let text = post_request(
        "/.well-known/est/simplereenroll",
        None,
        &STANDARD.encode(request),
    );
    let answer = line.send(&text).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let new = Credentials {
        chain: certificates(&answer.body),
        key,
    };
    assert_eq!(line.get("/v1/terminal").await.status, 200);
    assert_eq!(world.line(&new).await.get("/v1/terminal").await.status, 200);
    assert_eq!(line.get("/v1/terminal").await.code(), "terminal-superseded");
    let roots = world.line(&new).await.get("/.well-known/est/cacerts").await;
    assert_eq!(certificates(&roots.body), [world.faulty.certificate()]);
}
