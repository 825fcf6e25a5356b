//! Where the terminal's private key lies: the keystore of the operating system,
//! and nowhere else (M-07).
//!
//! A [`Keystore`] holds three entries: the *pending* identity while a terminal is
//! being let in, the *active* one it works with, and the key of the drafts kept on
//! this terminal. Each is one secret of at most
//! [`MOST_BYTES`], because Windows takes no more. [`Vault`] is how the rest of the
//! program uses it: never on the window's thread, never for longer than
//! [`PATIENCE`], because a locked keyring waits for a person.

mod identity;
mod memory;
mod system;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use identity::{Identity, Unpackable};
pub use memory::Memory;
pub use system::System;

/// The most bytes of one entry: the limit of the Windows Credential Manager.
pub const MOST_BYTES: usize = 2_560;

/// How long a call to the keystore may take: time to type a password into the
/// keyring's own window.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Which of the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Being let in; lost in a crash without harm.
    Pending,
    /// In use.
    Active,
    /// The key under which drafts are kept.
    Drafts,
}

/// Why the keystore did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is locked, or the person said no.
    #[error("the keystore is locked")]
    Locked,
    /// There is none on this computer, or it is not running.
    #[error("there is no keystore: {0}")]
    Missing(String),
    /// It could not write: the disk is full or the entry too large.
    #[error("the keystore is full: {0}")]
    Full(String),
    /// It did not answer in time.
    #[error("the keystore did not answer in time")]
    TimedOut,
    /// What lies there is not ours or is broken.
    #[error("the keystore holds something unreadable")]
    Unreadable,
    /// Anything else, in its own words.
    #[error("the keystore failed: {0}")]
    Failed(String),
}

impl Fault {
    /// A stable word for the helpdesk and for the key of its sentences.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked => "keystore-locked",
            Self::Missing(_) => "keystore-missing",
            Self::Full(_) => "keystore-full",
            Self::TimedOut => "keystore-timed-out",
            Self::Unreadable => "keystore-unreadable",
            Self::Failed(_) => "keystore-failed",
        }
    }
}

/// A keystore; its calls may block.
pub trait Keystore: Send + Sync {
    /// What lies in a slot, if anything.
    ///
    /// # Errors
    /// [`Fault`].
    fn read(&self, slot: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, Fault>;

    /// Puts a secret of at most [`MOST_BYTES`] into a slot, over what was there.
    ///
    /// # Errors
    /// [`Fault`]; then what was there is still there.
    fn write(&self, slot: Slot, secret: &[u8]) -> Result<(), Fault>;

    /// Empties a slot; an empty one stays empty.
    ///
    /// # Errors
    /// [`Fault`].
    fn erase(&self, slot: Slot) -> Result<(), Fault>;
}

/// The keystore as the program uses it: identities in and out, each call on a
/// thread of its own with a time limit.
#[derive(Clone)]
pub struct Vault {
    keystore: Arc<dyn Keystore>,
    /// Held while a key is looked for and made: a call that was given up goes on behind the next.
    making: Arc<Mutex<()>>,
    patience: Duration,
}

impl Vault {
    /// A vault over this keystore.
    pub fn new(keystore: impl Keystore + 'static) -> Self {
        Self {
            keystore: Arc::new(keystore),
            making: Arc::default(),
            patience: PATIENCE,
        }
    }

    /// The same with another time limit.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The identity in a slot, if there is one.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn identity(&self, slot: Slot) -> Result<Option<Identity>, Fault> {
        let packed = self.run(move |keystore| keystore.read(slot)).await?;
        packed
            .map(|packed| Identity::unpack(&packed).map_err(|_| Fault::Unreadable))
            .transpose()
    }

    /// Keeps an identity in a slot.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn keep(&self, slot: Slot, identity: &Identity) -> Result<(), Fault> {
        let packed = identity
            .pack()
            .map_err(|error| Fault::Full(error.to_string()))?;
        self.run(move |keystore| keystore.write(slot, &packed))
            .await
    }

    /// The key under which drafts are kept; `fresh` makes one the first time, and where what
    /// lies there is none.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn drafts_key(
        &self,
        fresh: impl FnOnce() -> Result<Zeroizing<[u8; 32]>, Fault> + Send + 'static,
    ) -> Result<Zeroizing<[u8; 32]>, Fault> {
        let making = self.making.clone();
        let there = |keystore: &dyn Keystore| -> Result<Option<Zeroizing<[u8; 32]>>, Fault> {
            let there = keystore.read(Slot::Drafts)?;
            let key = there.and_then(|there| there.as_slice().try_into().ok());
            Ok(key.map(Zeroizing::new))
        };
        self.run(move |keystore| {
            let _making = making.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = there(keystore)? {
                return Ok(key);
            }
            keystore.write(Slot::Drafts, &*fresh()?)?;
            // Another window may have written its own at the same moment: whichever lies there
            // is the one.
            there(keystore)?.ok_or(Fault::Unreadable)
        })
        .await
    }

    /// Lets the active identity trust `root` instead of its own, if it still is `identity`; false
    /// if another one took its place meanwhile.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn trust_instead(&self, identity: &Identity, root: Vec<u8>) -> Result<bool, Fault> {
        let pack = |identity: &Identity| {
            let packed = identity.pack();
            packed.map_err(|error| Fault::Full(error.to_string()))
        };
        let present = pack(identity)?;
        let packed = pack(&Identity {
            root,
            ..identity.clone()
        })?;
        self.run(move |keystore| {
            if keystore.read(Slot::Active)?.as_ref() != Some(&present) {
                return Ok(false);
            }
            keystore.write(Slot::Active, &packed)?;
            Ok(true)
        })
        .await
    }

    /// Empties a slot.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn forget(&self, slot: Slot) -> Result<(), Fault> {
        self.run(move |keystore| keystore.erase(slot)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Keystore) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (done, answer) = oneshot::channel();
        let keystore = self.keystore.clone();
        // A thread and not the runtime's pool: one that hangs for good must not
        // take a place in a pool, nor hold up the end of the program.
        std::thread::Builder::new()
            .name("keystore".to_owned())
            .spawn(move || {
                let _ = done.send(work(&*keystore));
            })
            .map_err(|error| Fault::Failed(error.to_string()))?;
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Fault::Failed("the call was broken off".to_owned())),
            Err(_) => Err(Fault::TimedOut),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod real_tests;
#[cfg(test)]
mod tests;
