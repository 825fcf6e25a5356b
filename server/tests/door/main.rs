//! The door: who gets in, how long peers may take, and how much room they get.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reports by panicking"
)]
#![allow(missing_docs, reason = "tests are named as facts")]

mod handshake;
mod http2;
mod limits;
mod world;
