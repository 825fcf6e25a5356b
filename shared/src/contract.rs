//! The contract: every endpoint, declared once beside its noun.
//!
//! From this one list come the server's router, the client's calls, the OpenAPI document, the
//! audit entries and the permission test. A route that is not in the list does not exist; a role
//! that is not named is refused.
//!
//! A request is one struct. Its fields named in the path travel there; the others travel in the
//! query of a `GET` and in the JSON body of every other method.

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::accounts::Role;

mod openapi;
mod wire;

pub use openapi::openapi;
pub use wire::{Parts, Unreadable, from_parts, to_parts};

/// The HTTP methods the contract uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or does.
    Post,
    /// Writes what stands at this path.
    Put,
    /// Takes away.
    Delete,
}

impl Method {
    /// The method's name in HTTP.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any live terminal, nobody logged in.
    Certificate,
    /// A person with one of these roles, logged in over a live terminal.
    Session(&'static [Role]),
}

impl Access {
    /// Whether a person of this role may call.
    #[must_use]
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Certificate => true,
            Self::Session(roles) => roles.contains(&role),
        }
    }
}

/// What an endpoint does with personal data; decides its audit entry (M-39).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Touches none.
    None,
    /// Shows personal data.
    Reads,
    /// Changes personal data.
    Writes,
}

/// The largest body of an ordinary request, in octets.
pub const ORDINARY_BODY: usize = 256 * 1024;

/// One endpoint, as the type system sees it.
pub trait Endpoint: Send + Sync + 'static {
    /// A stable name, the operation id of the OpenAPI document.
    const NAME: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The path, with `{field}` for the request's fields that stand in it.
    const PATH: &'static str;
    /// Who may call.
    const ACCESS: Access;
    /// What it does with personal data.
    const PERSONAL: Personal;
    /// Whether a call must carry an `Idempotency-Key`: every write on records does, opening and
    /// ending a session does not.
    const KEYED: bool;
    /// The largest body that is read, in octets.
    const MOST_BODY: usize = ORDINARY_BODY;
    /// What is asked.
    type Request: Serialize + DeserializeOwned + Send + 'static;
    /// What is answered.
    type Response: Serialize + DeserializeOwned + Send + 'static;
}

/// One endpoint, as a row of the list.
#[derive(Clone, Copy)]
pub struct Declared {
    /// See [`Endpoint::NAME`].
    pub name: &'static str,
    /// The first sentence of its documentation.
    pub summary: &'static str,
    /// See [`Endpoint::METHOD`].
    pub method: Method,
    /// See [`Endpoint::PATH`].
    pub path: &'static str,
    /// See [`Endpoint::ACCESS`].
    pub access: Access,
    /// See [`Endpoint::PERSONAL`].
    pub personal: Personal,
    /// See [`Endpoint::KEYED`].
    pub keyed: bool,
    /// The request's JSON Schema.
    pub request: fn(&mut SchemaGenerator) -> Schema,
    /// The response's JSON Schema.
    pub response: fn(&mut SchemaGenerator) -> Schema,
}

/// The answer where there is nothing to say but that it is done.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Done {}

/// Every endpoint under `/v1/`, room by room.
#[must_use]
pub fn all() -> Vec<Declared> {
    [
        crate::enrolment::ENDPOINTS,
        crate::enrolment::desk::ENDPOINTS,
        crate::enrolment::timeline::ENDPOINTS,
        crate::enrolment::deeds::ENDPOINTS,
        crate::enrolment::job::ENDPOINTS,
        crate::enrolment::approval::ENDPOINTS,
        crate::helpdesk::ENDPOINTS,
        crate::audit::ENDPOINTS,
        crate::offices::contacts::ENDPOINTS,
        crate::session::ENDPOINTS,
        crate::accounts::ENDPOINTS,
        crate::accounts::administration::ENDPOINTS,
        crate::accounts::password::ENDPOINTS,
        crate::mail::ENDPOINTS,
        crate::follow_up::returnee::ENDPOINTS,
        crate::follow_up::hand_over::ENDPOINTS,
        crate::follow_up::work_list::ENDPOINTS,
        crate::follow_up::observation::ENDPOINTS,
        crate::follow_up::import::ENDPOINTS,
    ]
    .concat()
}

/// Whether calls must carry an idempotency key: writes by a logged-in person on records do.
#[must_use]
pub const fn keyed(method: Method, path: &str) -> bool {
    !matches!(method, Method::Get) && !is_session(path.as_bytes())
}

const fn is_session(path: &[u8]) -> bool {
    const SESSION: &[u8] = b"/v1/session";
    if path.len() != SESSION.len() {
        return false;
    }
    let mut at = 0;
    while at < SESSION.len() {
        if path[at] != SESSION[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Declares a room's endpoints: a type that implements [`Endpoint`] for each, and the room's
/// `ENDPOINTS` for the list. One whose bodies are larger than [`ORDINARY_BODY`] says so at its end:
/// `, body OCTETS`.
macro_rules! endpoints {
    ($( #[doc = $summary:literal] $(#[$doc:meta])* $name:ident = $method:ident $path:literal $request:ty => $response:ty,
        $access:ident $([$($role:ident),+])?, $personal:expr $(, body $most:expr)?; )+) => {
        $(
            #[doc = $summary]
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl $crate::contract::Endpoint for $name {
                const NAME: &'static str = stringify!($name);
                const METHOD: $crate::contract::Method = $crate::contract::Method::$method;
                const PATH: &'static str = $path;
                const ACCESS: $crate::contract::Access =
                    $crate::contract::endpoints!(@access $access $([$($role),+])?);
                const PERSONAL: Personal = $personal;
                const KEYED: bool = $crate::contract::keyed($crate::contract::Method::$method, $path);
                $(const MOST_BODY: usize = $most;)?
                type Request = $request;
                type Response = $response;
            }
        )+

        /// What this room answers to.
        pub const ENDPOINTS: &[$crate::contract::Declared] = &[
            $($crate::contract::Declared {
                name: stringify!($name),
                summary: $summary,
                method: $crate::contract::Method::$method,
                path: $path,
                access: $crate::contract::endpoints!(@access $access $([$($role),+])?),
                personal: $personal,
                keyed: $crate::contract::keyed($crate::contract::Method::$method, $path),
                request: |generator| generator.subschema_for::<$request>(),
                response: |generator| generator.subschema_for::<$response>(),
            }),+
        ];
    };
    (@access certificate) => { $crate::contract::Access::Certificate };
    (@access session [$($role:ident),+]) => {
        $crate::contract::Access::Session(&[$($crate::accounts::Role::$role),+])
    };
}
pub(crate) use endpoints;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_endpoints_share_a_name_or_a_route() {
        let all = all();
        let names: HashSet<_> = all.iter().map(|endpoint| endpoint.name).collect();
        let routes: HashSet<_> = all.iter().map(|e| (e.method, e.path)).collect();
        assert_eq!((names.len(), routes.len()), (all.len(), all.len()));
    }

    #[test]
    fn the_helpdesk_reaches_no_personal_data() {
        for endpoint in all() {
            assert!(
                endpoint.personal == Personal::None
                    || matches!(endpoint.access, Access::Session(_))
                        && !endpoint.access.admits(Role::Helpdesk),
                "{}",
                endpoint.name
            );
        }
    }

    #[test]
    fn every_write_on_records_carries_a_key() {
        for endpoint in all() {
            let opens_or_ends_a_session = endpoint.path == "/v1/session";
            assert_eq!(
                endpoint.keyed,
                endpoint.method != Method::Get && !opens_or_ends_a_session,
                "{}",
                endpoint.name
            );
        }
    }
}
