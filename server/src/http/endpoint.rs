//! One endpoint of the contract: who calls, what is asked, what is answered.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams, Request},
    response::Response,
    routing::{MethodFilter, on},
};
use futures_util::future::BoxFuture;
use http::{
    HeaderMap, HeaderValue, Version,
    header::{AUTHORIZATION, CONNECTION, WWW_AUTHENTICATE},
    request::Parts,
};
use shared::{
    Problem, ProblemCode,
    contract::{Access, Endpoint, Method, from_parts},
    id::IdempotencyKey,
    session::Token,
};

use super::{
    answer::{Remark, json, problem},
    body::Limits,
};
use crate::{
    app::{App, Caller, LiveTerminal},
    enrolment::{NotLive, note_first_use},
    listener::Peer,
    session::{authenticate, fingerprint_of},
};

/// A handler as the router keeps it.
pub(super) type Handler<E> =
    for<'a> fn(
        &'a App,
        &'a Caller,
        <E as Endpoint>::Request,
    ) -> BoxFuture<'a, Result<<E as Endpoint>::Response, Problem>>;

/// Adds `E` to `router`, answered by `handler`.
pub(super) fn serve<E: Endpoint>(
    router: Router,
    app: &Arc<App>,
    limits: Limits,
    handler: Handler<E>,
) -> Router {
    let filter = match E::METHOD {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Delete => MethodFilter::DELETE,
    };
    let app = Arc::clone(app);
    let answer = move |request: Request| {
        let app = Arc::clone(&app);
        async move { answer::<E>(&app, limits, handler, request).await }
    };
    router.route(E::PATH, on(filter, answer))
}

async fn answer<E: Endpoint>(
    app: &App,
    limits: Limits,
    handler: Handler<E>,
    request: Request,
) -> Response {
    let (mut head, body) = request.into_parts();
    let mut remark = Remark {
        endpoint: Some(E::NAME),
        ..Remark::default()
    };
    let result = async {
        let caller = caller::<E>(app, &head).await?;
        remark.terminal = Some(caller.terminal.id);
        caller.may::<E>()?;
        let path = path(&mut head).await?;
        let body = limits.read(body, E::MOST_BODY).await?;
        still_live(app, &head)?;
        let asked = from_parts::<E>(path, head.uri.query(), &body).map_err(Problem::unreadable)?;
        json(&handler(app, &caller, asked).await?)
    }
    .await;
    let mut response = match result {
        Ok(response) => response,
        Err(problem) => refuse(app, &head, &problem),
    };
    if let Some(told) = response.extensions_mut().remove::<Remark>() {
        remark.code = told.code;
        remark.cause = told.cause;
    }
    response.extensions_mut().insert(remark);
    response
}

/// The answer to a request that is refused; the helpdesk will see what a terminal was refused. A
/// terminal that is not live any more also loses its connection.
pub(super) fn refuse(app: &App, head: &Parts, refused: &Problem) -> Response {
    if let Some(fingerprint) = shown(head) {
        let sightings = app.terminals.sightings();
        sightings.refused(fingerprint, refused.code, app.clock.now());
    }
    let mut response = problem(&head.method, &head.headers, refused);
    let headers = response.headers_mut();
    match refused.code {
        ProblemCode::NotLoggedIn => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        ProblemCode::TerminalRevoked
        | ProblemCode::TerminalSuperseded
        | ProblemCode::TerminalUnknown
        | ProblemCode::TerminalExpired
        | ProblemCode::OfficeClosed
            if head.version <= Version::HTTP_11 =>
        {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

async fn caller<E: Endpoint>(app: &App, head: &Parts) -> Result<Caller, Problem> {
    let terminal = live_terminal(app, head).await?;
    let token = token(&head.headers);
    let (user, coming_back) = match E::ACCESS {
        Access::Certificate => (None, token.as_ref().map(fingerprint_of)),
        Access::Session(_) => {
            let token = token.ok_or_else(|| Problem::new(ProblemCode::NotLoggedIn))?;
            (Some(authenticate(app, &terminal, &token).await?), None)
        }
    };
    Ok(Caller {
        terminal,
        user,
        idempotency_key: idempotency_key(&head.headers)?,
        coming_back,
    })
}

/// The terminal whose certificate came with the connection, if it is live at this moment.
pub(super) async fn live_terminal(app: &App, head: &Parts) -> Result<Arc<LiveTerminal>, Problem> {
    let fingerprint = &fingerprint(head)?;
    let mut standing = app.terminals.look_up(fingerprint, app.clock.now());
    if let Err(NotLive::Unknown) = standing {
        // Another server may have issued it a moment ago.
        app.terminals.refresh(app).await?;
        standing = app.terminals.look_up(fingerprint, app.clock.now());
    }
    let mut live = standing?;
    if !live.used {
        note_first_use(app, &live, *fingerprint).await?;
        // It may have been taken back while this was written down.
        live = app.terminals.look_up(fingerprint, app.clock.now())?;
    }
    Ok(live.terminal)
}

/// Refuses a certificate that was taken back since [`live_terminal`]: a body may take its time.
pub(super) fn still_live(app: &App, head: &Parts) -> Result<(), Problem> {
    Ok(app.terminals.check(&fingerprint(head)?, app.clock.now())?)
}

fn fingerprint(head: &Parts) -> Result<[u8; 32], Problem> {
    shown(head).ok_or_else(|| Problem::internal("a request of a terminal without its certificate"))
}

/// The certificate that came with the connection, if one did.
fn shown(head: &Parts) -> Option<[u8; 32]> {
    let peer = head.extensions.get::<Peer>()?;
    peer.certificate.map(|certificate| *certificate.bytes())
}

/// The token of the session that came with the request, if one did.
fn token(headers: &HeaderMap) -> Option<Token> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| Token::new(token.trim().to_owned()))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .and_then(|text| text.trim_matches('"').parse().ok())
        .map(Some)
        .ok_or_else(|| Problem::new(ProblemCode::KeyMissing))
}

async fn path(head: &mut Parts) -> Result<Vec<(String, String)>, Problem> {
    let params = RawPathParams::from_request_parts(head, &())
        .await
        .map_err(|error| Problem::new(ProblemCode::InvalidRequest).because(error))?;
    Ok(params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}
