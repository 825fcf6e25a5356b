//! The log: one JSON object a line on standard error, for machines to gather.
//!
//! What is logged names endpoints, terminals, codes and causes; never a path, a query, a body, a
//! password, a token or a person.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Unless told otherwise: what happens, without the database library's own remarks.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn";

/// Why a filter cannot be.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A word alone that names no level. `EnvFilter` would take it for a module and log nothing.
    #[error("{0:?} is not one of error, warn, info, debug, trace and off")]
    Level(String),
    /// Not in the words of `EnvFilter`.
    #[error(transparent)]
    Words(#[from] tracing_subscriber::filter::ParseError),
}

/// Starts the log with `filter`: a level, or several directives `MODULE=LEVEL` with commas
/// between (tracing's `EnvFilter`).
///
/// # Errors
/// The filter cannot be understood.
pub fn start(filter: &str) -> Result<(), FilterError> {
    let filter = parse(filter)?;
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

fn parse(filter: &str) -> Result<EnvFilter, FilterError> {
    let alone = |part: &&str| !part.contains(['=', '[']);
    for word in filter.split(',').map(str::trim).filter(alone) {
        if word.is_empty() || word.parse::<LevelFilter>().is_err() {
            return Err(FilterError::Level(word.to_owned()));
        }
    }
    Ok(EnvFilter::builder().parse(filter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused_instead_of_logging_nothing() {
        for wrong in ["loud", "info,loud", "", "server=loud"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        for right in [DEFAULT_FILTER, "debug", "OFF", "server::http=trace, warn"] {
            assert!(parse(right).is_ok(), "{right:?}");
        }
    }
}
