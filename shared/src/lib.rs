//! What the Mimamori client and server agree on: domain types that cannot be wrong, their
//! rules, and the contract of every endpoint.
//!
//! A value of one of these types is always right: it was parsed once, at the edge, and its
//! `Display` prints what its `parse` takes. Nothing here does I/O, reads a clock or draws
//! random numbers; whoever calls passes those in.

pub mod accounts;
pub mod audit;
pub mod contract;
pub mod day;
pub mod enrolment;
pub mod follow_up;
pub mod helpdesk;
pub mod id;
pub mod mail;
pub mod offices;
pub mod problem;
pub mod quarantine_list;
pub mod session;
pub mod table;
pub mod text;
pub mod words;

pub use day::Day;
pub use problem::{Problem, ProblemCode};
pub use words::Language;

rust_i18n::i18n!("locales", fallback = "ja");
