//! What was typed and the server does not have yet, kept on this terminal over a crash, a power cut
//! and a closed window: one file for each person, encrypted and synced.
//!
//! Two windows of one person each keep a file of their own, so that neither writes over the
//! other's. What a window left behind is taken up by the next one to look, once it has ended.
//!
//! The key lies in the operating system's keystore, in an entry of its own; without it the files
//! are noise. They are bound to their person: one that was copied over another's opens for nobody.

mod berth;
mod shelf;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use shared::id::UserId;
use zeroize::Zeroizing;

use crate::keystore::{Fault, Vault};
use berth::{Berths, is_claim};
use shelf::HALF;
pub use shelf::{Claim, Folder, Scripted, Shelf};

/// The first octets of a file, so that a later form of it can be told apart.
const MARK: &[u8; 4] = b"mmd1";

/// How long drafts lie here for somebody who does not come back: over twice the fourteen days of
/// a follow-up, so that what they are about has ended.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A file half written for longer than this is written by nobody any more.
const WRITTEN_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// The key of the files.
pub type Key = Zeroizing<[u8; 32]>;

/// Why something was not kept, or cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    /// The keystore did not give the key.
    #[error(transparent)]
    Keystore(#[from] Fault),
    /// The disk did not take or give the file.
    #[error("the drafts could not be written or read: {0}")]
    Disk(String),
    /// The file is not what was written for this person with this key.
    #[error("the drafts cannot be opened")]
    Unreadable,
    /// It was wiped before it was written.
    #[error("the drafts were thrown away meanwhile")]
    Wiped,
}

impl Unkept {
    /// A stable word for the helpdesk.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Keystore(fault) => fault.code(),
            Self::Disk(_) => "drafts-disk",
            Self::Unreadable => "drafts-unreadable",
            Self::Wiped => "drafts-wiped",
        }
    }
}

/// Where drafts are kept; cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    vault: Vault,
    shelf: Arc<dyn Shelf>,
    key: Arc<Mutex<Option<Key>>>,
    /// How often something was wiped: what was to be kept before that is void.
    wipes: Arc<AtomicU64>,
    /// Which files are this window's; held while one is written or wiped.
    berths: Arc<Mutex<Berths>>,
}

impl Outbox {
    /// Drafts on this shelf, under a key from this vault.
    pub fn new(vault: Vault, shelf: impl Shelf + 'static) -> Self {
        Self {
            vault,
            shelf: Arc::new(shelf),
            key: Arc::default(),
            wipes: Arc::default(),
            berths: Arc::default(),
        }
    }

    /// Keeps what `person` typed, over what was kept before. Once this is done it survives a power
    /// cut. A [`wipe`](Self::wipe) asked for later than this makes it void, however late the
    /// keystore answers.
    ///
    /// # Errors
    /// [`Unkept`]; then what was kept before is still there, unless it was wiped.
    pub fn keep(
        &self,
        person: UserId,
        typed: Zeroizing<Vec<u8>>,
    ) -> impl Future<Output = Result<(), Unkept>> + Send + use<> {
        let outbox = self.clone();
        let before = self.wipes.load(Ordering::SeqCst);
        async move {
            let key = outbox.key().await?;
            let wipes = outbox.wipes.clone();
            let work = move |shelf: &dyn Shelf, berths: &mut Berths| {
                let sealed = seal(&key, person, &typed)?;
                if wipes.load(Ordering::SeqCst) != before {
                    return Err(Unkept::Wiped);
                }
                let own = berths.own(shelf).map_err(disk)?;
                shelf.put(&own.name(person), &sealed).map_err(disk)?;
                // What others left behind is part of what was typed here by now.
                berths.clear_taken_up(shelf, person).map_err(disk)
            };
            outbox.on_shelf(work).await
        }
    }

    /// What `person` typed in this window, or in the one before it, and was kept, if anything.
    ///
    /// # Errors
    /// [`Unkept`].
    pub async fn kept(&self, person: UserId) -> Result<Option<Zeroizing<Vec<u8>>>, Unkept> {
        let sealed = self
            .on_shelf(move |shelf, berths| {
                let own = berths.own(shelf).map_err(disk)?;
                shelf.look(&own.name(person)).map_err(disk)
            })
            .await?;
        // Whoever left nothing behind is not asked for their keyring.
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        open(&self.key().await?, person, &sealed).map(Some)
    }

    /// Takes up what `person` typed in other windows that have ended, without writing it anywhere:
    /// it lies where it lay until this window [`keep`](Self::keep)s or wipes something. What
    /// cannot be read is put aside.
    ///
    /// # Errors
    /// [`Unkept`].
    pub async fn taken_up(&self, person: UserId) -> Result<Vec<Zeroizing<Vec<u8>>>, Unkept> {
        let others = self
            .on_shelf(move |shelf, berths| berths.take_up(shelf, person).map_err(disk))
            .await?;
        let mut all = Vec::new();
        for (name, sealed) in others {
            match open(&self.key().await?, person, &sealed) {
                Ok(typed) => all.push(typed),
                Err(Unkept::Unreadable) => {
                    let aside = aside(&name, &sealed);
                    let work = move |shelf: &dyn Shelf, _: &mut Berths| {
                        shelf.rename(&name, &aside).map_err(disk)
                    };
                    self.on_shelf(work).await?;
                }
                Err(unkept) => return Err(unkept),
            }
        }
        Ok(all)
    }

    /// Puts what was kept for `person` aside under a name of its own, where nothing is written
    /// over it: it cannot be used now, and may yet be wanted.
    ///
    /// # Errors
    /// [`Unkept::Disk`]; then it lies where it lay.
    pub async fn put_aside(&self, person: UserId) -> Result<(), Unkept> {
        self.on_shelf(move |shelf, berths| {
            let name = berths.own(shelf).map_err(disk)?.name(person);
            let Some(sealed) = shelf.look(&name).map_err(disk)? else {
                return Ok(());
            };
            shelf.rename(&name, &aside(&name, &sealed)).map_err(disk)
        })
        .await
    }

    /// Forgets what others than `person` kept here over [`KEPT_FOR`] ago, what was put aside
    /// as long ago, and what a crash left half written. What `person` kept is theirs to decide on.
    ///
    /// # Errors
    /// [`Unkept::Disk`].
    pub async fn forget_old(&self, person: UserId, now: Timestamp) -> Result<(), Unkept> {
        let own = name(person);
        self.on_shelf(move |shelf, _| {
            for (name, put) in shelf.list().map_err(disk)? {
                if is_claim(&name) || is_of(&name, &own) {
                    continue;
                }
                let limit = match name.ends_with(HALF) {
                    true => WRITTEN_WITHIN,
                    false => KEPT_FOR,
                };
                if now.duration_since(put) > limit {
                    shelf.clear(&name).map_err(disk)?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Wipes what was kept for `person`, and what is on its way to be kept.
    ///
    /// # Errors
    /// [`Unkept::Disk`].
    pub fn wipe(&self, person: UserId) -> impl Future<Output = Result<(), Unkept>> + Send + use<> {
        let outbox = self.clone();
        self.wipes.fetch_add(1, Ordering::SeqCst);
        async move {
            let work = move |shelf: &dyn Shelf, berths: &mut Berths| {
                let own = berths.own(shelf).map_err(disk)?;
                shelf.clear(&own.name(person)).map_err(disk)?;
                berths.clear_taken_up(shelf, person).map_err(disk)
            };
            outbox.on_shelf(work).await
        }
    }

    /// Of how many people something is kept here, things put aside among it.
    ///
    /// # Errors
    /// [`Unkept::Disk`].
    pub async fn count(&self) -> Result<usize, Unkept> {
        self.on_shelf(|shelf, _| {
            let files = shelf.list().map_err(disk)?;
            let whole = files
                .iter()
                .filter(|(name, _)| !is_claim(name) && !name.ends_with(HALF));
            // What stands before the first dot is the person's name, whatever window it is from.
            let people = whole.map(|(name, _)| name.split_once('.').map_or(&**name, |it| it.0));
            Ok(people.collect::<HashSet<_>>().len())
        })
        .await
    }

    /// Wipes what was kept for anybody, and what is on its way to be kept; the key is the
    /// keystore's, and is only forgotten here.
    ///
    /// # Errors
    /// [`Unkept::Disk`].
    pub async fn wipe_all(&self) -> Result<(), Unkept> {
        self.wipes.fetch_add(1, Ordering::SeqCst);
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.on_shelf(move |shelf, _| {
            for (name, _) in shelf.list().map_err(disk)? {
                // Without the file by which an open window holds its place, another would take
                // the same place and write over what is kept there.
                if !is_claim(&name) {
                    shelf.clear(&name).map_err(disk)?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn key(&self) -> Result<Key, Unkept> {
        let known = || {
            self.key
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        };
        if let Some(key) = known() {
            return Ok(key);
        }
        let fresh = || {
            let mut key = Zeroizing::new([0; 32]);
            aws_lc_rs::rand::fill(&mut *key)
                .map_err(|_| Fault::Failed("no random numbers".to_owned()))?;
            Ok(key)
        };
        let made = self.vault.drafts_key(fresh).await?;
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        Ok(made)
    }

    async fn on_shelf<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Shelf, &mut Berths) -> Result<T, Unkept> + Send + 'static,
    ) -> Result<T, Unkept> {
        let (shelf, berths) = (self.shelf.clone(), self.berths.clone());
        let worked = tokio::task::spawn_blocking(move || {
            let mut berths = berths.lock().unwrap_or_else(PoisonError::into_inner);
            work(&*shelf, &mut berths)
        })
        .await;
        worked.unwrap_or_else(|error| Err(Unkept::Disk(error.to_string())))
    }
}

/// A name that says nothing of whose it is.
fn name(person: UserId) -> String {
    hex(&Sha256::digest(person.0.as_bytes())[..16])
}

/// Whether a file is what the person of that name keeps, in whatever window.
fn is_of(file: &str, own: &str) -> bool {
    let rest = file.strip_prefix(own);
    rest.is_some_and(|rest| rest.is_empty() || berth::number(rest).is_some())
}

/// Where an unreadable file is put: named by what is in it, so that no other is written over.
fn aside(name: &str, sealed: &[u8]) -> String {
    format!("{name}.aside-{}", hex(&Sha256::digest(sealed)[..8]))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn disk(error: std::io::Error) -> Unkept {
    Unkept::Disk(error.to_string())
}

fn cipher(key: &Key) -> Result<RandomizedNonceKey, Unkept> {
    RandomizedNonceKey::new(&AES_256_GCM, &**key).map_err(|_| Unkept::Unreadable)
}

fn seal(key: &Key, person: UserId, typed: &[u8]) -> Result<Vec<u8>, Unkept> {
    let mut content = typed.to_vec();
    let aad = Aad::from(person.0.as_bytes());
    let nonce = cipher(key)?
        .seal_in_place_append_tag(aad, &mut content)
        .map_err(|_| Unkept::Unreadable)?;
    Ok([&MARK[..], nonce.as_ref(), &content].concat())
}

fn open(key: &Key, person: UserId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unkept> {
    let sealed = sealed.strip_prefix(MARK).ok_or(Unkept::Unreadable)?;
    let (nonce, content) = sealed
        .split_at_checked(NONCE_LEN)
        .ok_or(Unkept::Unreadable)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unkept::Unreadable)?;
    let mut content = Zeroizing::new(content.to_vec());
    let aad = Aad::from(person.0.as_bytes());
    let typed = cipher(key)?
        .open_in_place(nonce, aad, &mut content)
        .map_err(|_| Unkept::Unreadable)?;
    Ok(Zeroizing::new(typed.to_vec()))
}

#[cfg(test)]
mod tests;
