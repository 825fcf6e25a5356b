//! The log: one JSON object a line on standard error, for machines to gather.
//!
//! What is logged names endpoints, terminals, codes and causes; never a path, a query, a body, a
//! password, a token or a person.

use tracing_subscriber::EnvFilter;

/// Unless told otherwise: what happens, without the database library's own remarks.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn";

/// Starts the log with `filter` (in the words of tracing's `EnvFilter`, such as `debug`).
///
/// # Errors
/// The filter cannot be understood.
pub fn start(filter: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        // The place only: the message may quote what a person typed.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
    Ok(())
}
