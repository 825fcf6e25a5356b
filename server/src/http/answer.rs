//! Answers: JSON, and problems in the language that was asked for (RFC 9457).

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY},
};
use serde::Serialize;
use shared::{Language, Problem, problem::PROBLEM_JSON};

/// What the log says about an answer besides its status; travels as a response extension.
#[derive(Clone, Default)]
pub(super) struct Remark {
    /// The endpoint's name.
    pub(super) endpoint: Option<&'static str>,
    /// The calling terminal.
    pub(super) terminal: Option<shared::id::TerminalId>,
    /// The problem's code.
    pub(super) code: Option<&'static str>,
    /// The text of the problem that is logged and never shown.
    pub(super) cause: Option<String>,
}

/// `value` as JSON. Nothing under `/v1/` may be kept by anyone on the way.
pub(super) fn json(value: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok(typed("application/json", text))
}

/// An answer of this media type.
pub(super) fn typed(media_type: &'static str, content: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `problem` in the language that `request` asks for, Japanese if it asks for none we have; in
/// words of its own where the request only reads.
pub(super) fn problem(method: &Method, request: &HeaderMap, problem: &Problem) -> Response {
    let language = request
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or_else(Language::default, Language::accepted);
    let document = match *method {
        Method::GET => problem.document_of_a_read(language),
        _ => problem.document(language),
    };
    let text = serde_json::to_vec(&document)
        .expect("a problem is made of texts and numbers, which are always JSON");
    let mut response = typed(PROBLEM_JSON, text);
    *response.status_mut() =
        StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    if let Some(seconds) = document.seconds {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response.extensions_mut().insert(Remark {
        code: Some(problem.code.as_str()),
        cause: problem.logged.clone(),
        ..Remark::default()
    });
    response
}
