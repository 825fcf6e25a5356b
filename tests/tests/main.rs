//! Journeys and faults against the real programs: the server served by its own command line, the
//! client as staff start it, reference clients that are not ours, real files and real signals.
//!
//! Each room is tested under its noun. What can be seen inside one program alone is tested there.
#![expect(
    clippy::unwrap_used,
    reason = "a test reports by panicking, in its helpers too"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "what runs here stands at the edge: real time, real environment"
)]
#![allow(missing_docs, reason = "tests are named as facts")]

mod audit;
mod backup;
mod broken_line;
mod certificates;
mod command;
mod contract;
mod crowd;
mod enrolment;
mod follow_up;
mod full_disk;
mod guessing;
mod mail;
mod malformed;
mod office;
mod power_cut;
mod prefecture;
mod reminders;
mod renewal;
mod revocation;
mod rollover;
mod secrets;
mod server_certificate;
mod serving;
mod session;
mod standing;
mod token;
mod window;
mod wire;
