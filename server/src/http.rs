//! From HTTP to handlers and back: the routers of both listeners.
//!
//! The terminals' router is made from the contract and holds nothing else under `/v1/`. Handlers
//! never see a header: what concerns every request alike (who calls, its key, its language, its
//! time and size limits, its line in the log) is settled here.

mod answer;
mod ask;
mod body;
mod endpoint;
mod est;
mod landing;
mod record;
mod revoked;
mod routes;

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::Request, middleware, response::Response};
use http::{HeaderName, HeaderValue};
use shared::{Problem, ProblemCode, enrolment::TERMINALS_HEADER};

use crate::app::App;
use answer::problem;

pub use routes::SERVED;

/// The router of the terminals' listener: the contract, and EST for terminals that renew.
pub fn terminals(app: Arc<App>, body_time: Duration) -> Router {
    let limits = body::Limits { time: body_time };
    finish(
        routes::contract(&app, limits).merge(est::for_terminals(&app, limits)),
        app,
    )
}

/// The router of the enrolment listener: EST, the page that a link opens, the list of revoked
/// certificates, and where a terminal asks that is let in no longer. Nothing else.
pub fn enrolment(app: Arc<App>, body_time: Duration) -> Router {
    let limits = body::Limits { time: body_time };
    let routes = landing::route(&app)
        .merge(revoked::route(&app))
        .merge(ask::route(&app, limits))
        .merge(est::for_links(&app, limits));
    finish(routes, app)
}

/// Lets every answer of this listener say where terminals connect, as `HOST:PORT`: a client that
/// has only a link learns it here, and one that renews learns that it has moved.
pub fn telling(router: Router, terminals: HeaderValue) -> Router {
    let name = HeaderName::from_static(TERMINALS_HEADER);
    router.layer(middleware::map_response(move |mut response: Response| {
        response
            .headers_mut()
            .insert(name.clone(), terminals.clone());
        async move { response }
    }))
}

fn finish(router: Router, app: Arc<App>) -> Router {
    router
        .method_not_allowed_fallback(no_such_address)
        .fallback(no_such_address)
        .layer(middleware::from_fn_with_state(app, record::every_request))
}

async fn no_such_address(request: Request) -> Response {
    problem(
        request.method(),
        request.headers(),
        &Problem::new(ProblemCode::NoSuchAddress),
    )
}

#[cfg(test)]
mod tests;
