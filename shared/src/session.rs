//! Logging in on top of an enrolled terminal (M-06, M-08).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::accounts::{Login, Password, Person, Role};
use crate::contract::{Done, Personal, endpoints};
use crate::offices::Office;

/// Login id and password.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogIn {
    /// The person's login id.
    pub login: Login,
    /// Their password.
    pub password: Password,
}

/// What a session is recognised by, sent as `Authorization: Bearer`. It works only together with
/// the certificate it was opened over; it is wiped when dropped and cannot be printed.
#[derive(
    Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Takes a token as made by the server.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, for the header and the look-up only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// An open session.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Session {
    /// Proof of the session.
    pub token: Token,
    /// Who is logged in.
    pub user: Person,
    /// What they may do.
    pub role: Role,
    /// The office of the terminal, to which the person belongs.
    pub office: Office,
    /// When the session ends whatever happens (UTC).
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// After how many seconds without input the window locks.
    pub idle_lock_seconds: u32,
    /// The password was handed over and must be changed before anything else can be done (M-08):
    /// until then every call but that one and the end of the session is refused with
    /// `password-to-change`.
    #[serde(default)]
    pub must_change_password: bool,
}

/// Ends the caller's session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogOut {}

endpoints! {
    /// Opens a session for a person of this terminal's office.
    OpenSession = Post "/v1/session" LogIn => Session,
        certificate, Personal::None;

    /// Ends the session.
    EndSession = Delete "/v1/session" LogOut => Done,
        session [Staff, Administrator, Helpdesk, Officer, Reader], Personal::None;
}
