//! What every request has in common.

use super::*;

#[tokio::test]
async fn a_terminal_learns_who_it_is() {
    let world = World::new().await;
    let terminal = world.enrolled().await;
    let answer = world.line(&terminal).await.get("/v1/terminal").await;
    let certificate = TerminalCertificate::parse(&terminal.chain[0]).unwrap();
    let who: shared::enrolment::Terminal = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(who.office.as_str(), OFFICE);
    assert_eq!(who.terminal, certificate.identity.terminal);
    assert_eq!(who.serial, certificate.serial);
    assert_eq!(who.expires_at, certificate.not_after);
    assert!(answer.head.contains("cache-control: no-store"));
}

#[test]
fn every_endpoint_of_the_contract_is_answered_and_nothing_else() {
    let mut declared: Vec<_> = shared::contract::all().iter().map(|one| one.name).collect();
    let mut served = SERVED.to_vec();
    declared.sort_unstable();
    served.sort_unstable();
    assert_eq!(served, declared);
}

#[tokio::test]
async fn what_is_not_in_the_contract_does_not_exist() {
    let world = World::new().await;
    let mut line = world.line(&world.enrolled().await).await;
    for path in ["/", "/v1", "/v1/nothing", "/enrol", "/v1/terminal/x"] {
        let answer = line.get(path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (404, "no-such-address"),
            "{path}"
        );
    }
    let wrong_method = "DELETE /v1/terminal HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(line.send(wrong_method).await.code(), "no-such-address");
}

#[tokio::test]
async fn the_enrolment_listener_serves_enrolment_only() {
    let world = World::new().await;
    let mut line = world.strangers_line().await;
    let re_enroll = "/.well-known/est/simplereenroll";
    for path in ["/", "/v1/terminal", "/v1/session", re_enroll] {
        assert_eq!(line.get(path).await.code(), "no-such-address", "{path}");
    }
}

#[tokio::test]
async fn a_problem_speaks_the_language_asked_for_and_japanese_otherwise() {
    let world = World::new().await;
    let mut line = world.strangers_line().await;
    let mut ask = async |language: &str| {
        let request = format!("GET /x HTTP/1.1\r\nHost: h\r\n{language}\r\n");
        let answer = line.send(&request).await;
        (
            answer.head.contains("content-language: en"),
            answer.problem().title,
        )
    };
    let (_, japanese) = ask("").await;
    let (is_english, english) = ask("Accept-Language: en-GB, ja;q=0.5\r\n").await;
    assert!(is_english);
    assert_ne!(japanese, english);
    assert!(english.is_ascii());
}

#[tokio::test]
async fn a_person_s_endpoint_is_closed_without_a_session() {
    let world = World::new().await;
    let mut line = world.line(&world.enrolled().await).await;
    for bearer in ["", "Authorization: Bearer nonsense\r\n"] {
        let request = format!("GET /v1/colleagues HTTP/1.1\r\nHost: h\r\n{bearer}\r\n");
        let answer = line.send(&request).await;
        assert_eq!((answer.status, answer.code()), (401, "not-logged-in"));
        assert!(answer.head.contains("www-authenticate: Bearer"));
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_or_no_json_is_refused() {
    let world = World::new().await;
    let mut line = world.line(&world.enrolled().await).await;
    let log_in = |body: &str| {
        format!(
            "POST /v1/session HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let answer = line.send(&log_in("{\"login\":")).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid-request"));
    let answer = line.send(&log_in(&"x".repeat(300 * 1024))).await;
    assert_eq!((answer.status, answer.code()), (413, "too-large"));
}

#[tokio::test]
async fn a_handler_that_panics_costs_one_answer_and_tells_nothing() {
    let world = World::new().await;
    let panics = axum::routing::get(async || -> &'static str { panic!("a secret") });
    let router = finish(
        axum::Router::new().route("/panics", panics),
        world.app.clone(),
    );
    let request = http::Request::get("/panics")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), 500);
    let body = http_body_util::BodyExt::collect(response.into_body()).await;
    let text = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
    assert!(text.contains("urn:mimamori:problem:internal"));
    assert!(!text.contains("secret"));
}
