//! Which handler answers which endpoint: one line each.

use std::sync::Arc;

use axum::Router;

use super::{body::Limits, endpoint::serve};
use crate::app::App;

/// Names an endpoint and its handler, and keeps the list of those that are served.
macro_rules! routes {
    ($($endpoint:ty => $handler:path,)+) => {
        /// The names of the endpoints that are answered; a test compares them with the contract.
        pub const SERVED: &[&str] =
            &[$(<$endpoint as shared::contract::Endpoint>::NAME),+];

        pub(super) fn contract(app: &Arc<App>, limits: Limits) -> Router {
            let router = Router::new();
            $(let router = serve::<$endpoint>(router, app, limits, |app, caller, request| {
                Box::pin($handler(app, caller, request))
            });)+
            router
        }
    };
}

routes! {
    shared::enrolment::ShowTerminal => crate::enrolment::show_terminal,
    shared::session::OpenSession => crate::session::open_session,
    shared::session::EndSession => crate::session::end_session,
    shared::accounts::ListColleagues => crate::accounts::list_colleagues,
}
