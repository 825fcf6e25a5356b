//! What the window knows of the world outside: time, chance, the keystore and
//! the servers. All of it comes in as an argument, so that a test can stand on
//! any day, at any server, with any keystore.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use shared::Day;
use shared::id::IdempotencyKey;

use crate::api::Gate;
use crate::file_dialog::FileDialog;
use crate::helpdesk::Heard;
use crate::keystore::Vault;
use crate::outbox::Outbox;

/// The world outside; cheap to clone.
#[derive(Clone)]
pub struct World {
    /// The present moment (UTC).
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Ten fresh random bytes, for identities and keys of writes.
    pub random: Arc<dyn Fn() -> [u8; 10] + Send + Sync>,
    /// Where the terminal's identity is kept.
    pub vault: Vault,
    /// The way to servers.
    pub gate: Arc<dyn Gate>,
    /// Where this terminal keeps what is neither secret nor personal, such as how the columns of a
    /// list are to be read; nowhere in tests.
    pub folder: Option<PathBuf>,
    /// Keeps what is typed and not saved on this terminal; nobody in most tests.
    pub outbox: Option<Outbox>,
    /// How the helpdesk is reached, as the server last said it.
    pub help: Heard,
    /// Asks for files.
    pub files: Arc<dyn FileDialog>,
}

impl World {
    /// The present moment (UTC).
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The present civil date in Japan.
    pub fn today(&self) -> Day {
        Day::in_japan(self.now())
    }

    /// A key for one write; repeats of the same write use it again.
    pub fn key(&self) -> IdempotencyKey {
        let milliseconds = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        IdempotencyKey::new(milliseconds, (self.random)())
    }
}

/// The present moment by this computer's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the real clock is read"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
