//! The window that health-centre staff work in.
//!
//! `app` owns the window and the present screen; each `screen` is one room; `ui` is
//! the design system that knows no domain; `api` and `keystore` are the only ways
//! out, each with a scripted twin for tests.

pub mod api;
pub mod app;
pub mod command;
pub mod enrolment;
pub mod file_dialog;
pub mod helpdesk;
pub mod keystore;
pub mod language;
pub mod outbox;
#[cfg(test)]
mod picture;
pub mod screen;
pub mod secret;
pub mod ui;
pub mod world;

rust_i18n::i18n!("locales", fallback = "ja");
