//! EST (RFC 7030, with the base64 rules of RFC 8951): how certificates are asked for and handed
//! over.
//!
//! Debian's strongSwan fails on wrapped base64 and on chunked answers, so an answer is one line
//! with its length.

mod crowd;
mod parse;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::Request,
    response::Response,
    routing::{MethodRouter, get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    request::Parts,
};
use shared::{
    Problem, ProblemCode,
    enrolment::{Fingerprint, ISSUER_HEADER, PKCS7, PKCS10},
};

use super::{
    answer::{Remark, typed},
    body::Limits,
    endpoint::{live_terminal, refuse, still_live},
};
use crate::{
    app::App,
    authority::{CertificateRequest, certs_only},
    enrolment::{Requester, issue},
    listener::Peer,
};
pub(super) use crowd::Crowd;

const CA_CERTS: &str = "/.well-known/est/cacerts";
const ENROLL: &str = "/.well-known/est/simpleenroll";
const RE_ENROLL: &str = "/.well-known/est/simplereenroll";

/// Largest certificate request, in octets as it travels: base64, perhaps with PEM lines.
const MOST: usize = 16 * 1024;

/// EST for whoever holds a link.
pub(super) fn for_links(app: &Arc<App>, limits: Limits) -> Router {
    let roots = roots(app);
    let app = Arc::clone(app);
    let crowd = Crowd::default();
    let enroll = move |request: Request| {
        let app = Arc::clone(&app);
        let door = Door::Link(crowd.clone());
        async move { answer(&app, limits, request, door).await }
    };
    Router::new()
        .route(CA_CERTS, roots)
        .route(ENROLL, post(enroll))
}

/// EST for terminals that renew.
pub(super) fn for_terminals(app: &Arc<App>, limits: Limits) -> Router {
    let roots = roots(app);
    let app = Arc::clone(app);
    let enroll = move |request: Request| {
        let app = Arc::clone(&app);
        async move { answer(&app, limits, request, Door::Terminal).await }
    };
    Router::new()
        .route(CA_CERTS, roots)
        .route(RE_ENROLL, post(enroll))
}

/// The roots, with what leads from one to the other (RFC 7030 4.1.3), and which of them issues.
/// They are public: nobody is asked who they are.
fn roots(app: &Arc<App>) -> MethodRouter {
    let app = Arc::clone(app);
    get(async move || {
        let roots = app.authority.roots();
        let mut response = certificates(roots.all().map(AsRef::as_ref));
        let issuer = Fingerprint::of(&roots.issuing).to_string();
        let issuer = HeaderValue::try_from(issuer).expect("hexadecimal digits are visible ASCII");
        response.headers_mut().insert(ISSUER_HEADER, issuer);
        response
    })
}

enum Door {
    Link(Crowd),
    Terminal,
}

async fn answer(app: &App, limits: Limits, request: Request, door: Door) -> Response {
    let (head, body) = request.into_parts();
    let mut remark = Remark {
        endpoint: Some(match &door {
            Door::Link(_) => "simpleenroll",
            Door::Terminal => "simplereenroll",
        }),
        ..Remark::default()
    };
    let result = async {
        let _under_way = match &door {
            Door::Link(crowd) => Some(crowd.enter(network(&head)?)?),
            Door::Terminal => None,
        };
        let requester = match &door {
            Door::Link(_) => holder(&head)?,
            Door::Terminal => {
                let terminal = live_terminal(app, &head).await?;
                remark.terminal = Some(terminal.id);
                Requester::Terminal(terminal)
            }
        };
        let media_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_request = media_type
            .and_then(|value| value.get(..PKCS10.len()))
            .is_some_and(|value| value.eq_ignore_ascii_case(PKCS10.as_bytes()));
        if !is_request {
            return Err(Problem::new(ProblemCode::RequestRefused).because("not application/pkcs10"));
        }
        let body = limits.read(body, MOST).await?;
        if let Door::Terminal = &door {
            still_live(app, &head)?;
        }
        let request = parse::request_octets(&body)
            .ok_or("not base64")
            .map_err(|cause| Problem::new(ProblemCode::RequestRefused).because(cause))?;
        let request = CertificateRequest::parse(&request)
            .map_err(|cause| Problem::new(ProblemCode::RequestRefused).because(cause))?;
        issue(app, requester, &request).await
    }
    .await;
    let mut response = match result {
        Ok(certificate) => certificates([certificate.as_slice()]),
        Err(problem) => {
            let mut response = refuse(app, &head, &problem);
            if problem.code == ProblemCode::LinkRefused {
                response.headers_mut().insert(
                    WWW_AUTHENTICATE,
                    HeaderValue::from_static("Basic realm=\"Mimamori\", charset=\"UTF-8\""),
                );
            }
            if let Some(told) = response.extensions_mut().remove::<Remark>() {
                remark.code = told.code;
                remark.cause = told.cause;
            }
            response
        }
    };
    response.extensions_mut().insert(remark);
    response
}

pub(super) fn network(head: &Parts) -> Result<IpAddr, Problem> {
    let peer = head.extensions.get::<Peer>();
    peer.map(Peer::network)
        .ok_or_else(|| Problem::internal("a request that came from nowhere"))
}

/// Id and password of the link, from HTTP Basic.
fn holder(head: &Parts) -> Result<Requester, Problem> {
    head.headers
        .get(AUTHORIZATION)
        .and_then(|value| parse::basic(value.as_bytes()))
        .map(|(id, password)| Requester::Link { id, password })
        .ok_or_else(|| Problem::new(ProblemCode::LinkRefused).because("no id and password"))
}

fn certificates<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> Response {
    let encoded =
        certs_only(ders).expect("what this authority issued, and its roots, are certificates");
    let mut response = typed(PKCS7, STANDARD.encode(encoded).into_bytes());
    response.headers_mut().insert(
        "content-transfer-encoding",
        HeaderValue::from_static("base64"),
    );
    response
}
