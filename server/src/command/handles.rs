//! Room for open connections: each takes a file handle, and systems start programs with few.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::listener::Limits;

/// Handles for everything that is not a connection: database, log, listeners.
const OTHERS: u64 = 256;

/// Asks the system for as many handles as `limits` may need, on both listeners, and says in the
/// log when it gives fewer: strangers could then take the last one.
pub(super) fn raise(limits: &Limits) {
    let each = limits.connections as u64 + limits.handshakes as u64;
    let wanted = each.saturating_mul(2).saturating_add(OTHERS);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No number means no limit.
    let given = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if current.is_some_and(|current| current < given) {
        let raised = Rlimit {
            current: Some(given),
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit on open files cannot be raised");
        }
    }
    if given < wanted {
        tracing::warn!(
            given,
            wanted,
            "fewer open files are allowed than the limits may need: raise LimitNOFILE or lower limits.connections"
        );
    }
}
