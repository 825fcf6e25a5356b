//! A terminal that is let in no longer asks for another certificate.

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response, routing::post};
use shared::{
    Problem, ProblemCode,
    enrolment::ask::{ASK_PATH, Ask},
};

use super::{
    answer::{Remark, json, problem},
    body::Limits,
    est::{Crowd, network},
};
use crate::{app::App, enrolment};

/// Largest request, in octets.
const MOST: usize = 1024;

/// `POST /ask`.
pub(super) fn route(app: &Arc<App>, limits: Limits) -> Router {
    let app = Arc::clone(app);
    let crowd = Crowd::default();
    let answer = move |request: Request| {
        let (app, crowd) = (Arc::clone(&app), crowd.clone());
        async move { answer(&app, &crowd, limits, request).await }
    };
    Router::new().route(ASK_PATH, post(answer))
}

async fn answer(app: &App, crowd: &Crowd, limits: Limits, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let result = async {
        let _under_way = crowd.enter(network(&head)?)?;
        let body = limits.read(body, MOST).await?;
        let asking: Ask = serde_json::from_slice(&body)
            .map_err(|error| Problem::new(ProblemCode::InvalidRequest).because(error))?;
        json(&enrolment::ask(app, &asking).await?)
    };
    let mut response = match result.await {
        Ok(response) => response,
        Err(refused) => problem(&head.method, &head.headers, &refused),
    };
    let remark = response.extensions_mut().remove::<Remark>();
    response.extensions_mut().insert(Remark {
        endpoint: Some("ask"),
        ..remark.unwrap_or_default()
    });
    response
}
