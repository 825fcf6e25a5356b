//! The list of revoked certificates (CRL), for whoever checks terminals' certificates elsewhere.
//! It is signed and holds serial numbers only, so anyone may have it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, Request},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use shared::{Problem, ProblemCode, enrolment::Fingerprint};

use super::answer::{Remark, problem};
use crate::{app::App, authority::RevocationList, enrolment::PublishedList};

/// `GET /crl`, of the root that issues, and `GET /crl/FINGERPRINT`, of any whose certificates are
/// let in.
pub(super) fn route(app: &Arc<App>) -> Router {
    let app = Arc::clone(app);
    let published = Arc::new(PublishedList::default());
    let answer = move |root: Option<Path<String>>, request: Request| {
        let (app, published) = (Arc::clone(&app), Arc::clone(&published));
        async move {
            let named = match root {
                None => Ok(app.authority.fingerprint()),
                Some(Path(text)) => {
                    Fingerprint::parse(&text).map_err(|_| Problem::new(ProblemCode::NoSuchAddress))
                }
            };
            let list = match named {
                Ok(root) => published.current(&app, root).await,
                Err(refused) => Err(refused),
            };
            let mut response = match list {
                Ok(list) => list_or_nothing_new(&list, &request),
                Err(refused) => problem(request.method(), request.headers(), &refused),
            };
            let remark = response.extensions_mut().remove::<Remark>();
            response.extensions_mut().insert(Remark {
                endpoint: Some("crl"),
                ..remark.unwrap_or_default()
            });
            response
        }
    };
    Router::new()
        .route("/crl", get(answer.clone()))
        .route("/crl/{root}", get(answer))
}

/// The list, or "not modified" for whoever has it already: it can be long.
fn list_or_nothing_new(list: &Arc<RevocationList>, request: &Request) -> Response {
    let tag =
        HeaderValue::try_from(format!("\"{}\"", list.number())).expect("digits are visible ASCII");
    let has_it = request.headers().get(IF_NONE_MATCH) == Some(&tag);
    let mut response = if has_it {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Body::from(Bytes::from_owner(Octets(Arc::clone(list)))))
    };
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/pkix-crl");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(ETAG, tag);
    // May be kept, but not used without asking: something may have been revoked.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Many may be sent the same list at the same time: it is there once.
struct Octets(Arc<RevocationList>);

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        self.0.der()
    }
}
