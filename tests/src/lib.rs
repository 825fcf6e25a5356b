//! Starts everything for real, and leaves nothing behind: the server and the client as programs,
//! a private PostgreSQL, a private keyring, a virtual display with a keyboard.
//!
//! The library is light on purpose: `cargo verify` and `cargo demo` are built from it alone before
//! they build the rest. What the tests of `tests/` need beyond it is a development dependency.

pub mod clock;
pub mod display;
pub mod failure;
pub mod keyring;
pub mod mail_sink;
pub mod nginx;
pub mod postgres;
pub mod process;
pub mod provision;
pub mod reference;
pub mod scratch;
pub mod small_disk;
pub mod soft_token;
pub mod thoroughness;
pub mod tour;
pub mod world;

pub use failure::{Because, Failure, Outcome};
