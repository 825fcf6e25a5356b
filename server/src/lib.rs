//! The Mimamori server: lets terminals in by certificate, decides who may do what, keeps the data.
//!
//! Every capability is one noun with the same name in every crate. A request passes
//! `listener → http → NOUN → store`; SQL stands only in [`store`], rustls only in [`tls`] and
//! [`listener`].

pub mod accounts;
pub mod app;
pub mod audit;
pub mod authority;
pub mod clock;
pub mod command;
pub mod enrolment;
pub mod follow_up;
pub mod helpdesk;
pub mod http;
pub mod listener;
pub mod log;
pub mod mail;
pub mod offices;
pub mod password;
pub mod session;
pub mod settings;
pub mod store;
pub mod tls;

rust_i18n::i18n!("locales", fallback = "ja");
