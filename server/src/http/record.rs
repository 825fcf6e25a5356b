//! Every request's line in the log, and what happens when a handler panics.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};
use shared::Problem;

use super::answer::{Remark, problem};
use crate::app::App;

/// Runs the rest of the router and writes one line about it: never a path, a query or a body,
/// which name people.
pub(super) async fn every_request(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request_id(&app);
    let method = request.method().clone();
    // For the answer to a panic, which takes the request with it.
    let language = request.headers().get(ACCEPT_LANGUAGE).cloned();
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = outcome.unwrap_or_else(|_| {
        // The panic itself, with its place, is in the log already.
        let headers = language.map(|language| (ACCEPT_LANGUAGE, language));
        let headers = HeaderMap::from_iter(headers);
        problem(&method, &headers, &Problem::internal("a handler panicked"))
    });
    let remark = response
        .extensions_mut()
        .remove::<Remark>()
        .unwrap_or_default();
    let status = response.status();
    let terminal = remark.terminal.map(|id| id.to_string());
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request = %id,
                %method,
                endpoint = remark.endpoint,
                terminal,
                status = status.as_u16(),
                code = remark.code,
                cause = remark.cause,
                milliseconds,
                "request"
            )
        };
    }
    if status.is_server_error() {
        line!(error);
    } else {
        line!(info);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Sixteen hexadecimal digits, to find the line in the log that belongs to a complaint.
fn request_id(app: &App) -> String {
    let mut random = [0; 8];
    app.rng.fill(&mut random);
    format!("{:016x}", u64::from_be_bytes(random))
}
