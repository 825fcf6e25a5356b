//! The root's key, wherever it lies: in this process's memory, or in a token that signs for us.

use std::sync::Arc;

use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm, SigningKey};
use tokio::sync::Semaphore;
use zeroize::{Zeroize as _, Zeroizing};

use super::AuthorityError;

/// Signs with a key that is not in this process, and may take its time.
pub(crate) trait Elsewhere: SigningKey + Send + Sync {
    /// What the key's file is to hold.
    fn file(&self) -> Zeroizing<String>;
}

/// A key on P-256 that signs. It has no `Debug`.
pub struct Key(Place);

enum Place {
    Memory(KeyPair),
    Elsewhere(Box<dyn Elsewhere>, Arc<Semaphore>),
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Place::Memory(pair) = &mut self.0 {
            pair.zeroize();
        }
    }
}

impl<K: Elsewhere + 'static> From<K> for Key {
    fn from(key: K) -> Self {
        Self(Place::Elsewhere(Box::new(key), Arc::new(Semaphore::new(1))))
    }
}

impl Key {
    /// Makes one in memory.
    ///
    /// # Errors
    /// The library refuses.
    pub fn generate() -> Result<Self, AuthorityError> {
        Ok(Self(Place::Memory(KeyPair::generate()?)))
    }

    /// Reads one from its PKCS#8.
    ///
    /// # Errors
    /// [`AuthorityError::Mismatch`] if that is no key of a root.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, AuthorityError> {
        KeyPair::try_from(pkcs8)
            .map(|pair| Self(Place::Memory(pair)))
            .map_err(|_| AuthorityError::Mismatch)
    }

    /// What the key's file is to hold: PKCS#8 in PEM, or the address of a key in a token.
    pub(super) fn file(&self) -> Zeroizing<String> {
        match &self.0 {
            Place::Memory(pair) => Zeroizing::new(pair.serialize_pem()),
            Place::Elsewhere(key, _) => key.file(),
        }
    }

    /// What lets one after the other sign with a key that may take its time; `None` for one that
    /// signs at once.
    pub(super) fn turn(&self) -> Option<Arc<Semaphore>> {
        match &self.0 {
            Place::Memory(_) => None,
            Place::Elsewhere(_, turn) => Some(Arc::clone(turn)),
        }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        match &self.0 {
            Place::Memory(pair) => pair.der_bytes(),
            Place::Elsewhere(key, _) => key.der_bytes(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match &self.0 {
            Place::Memory(pair) => pair.algorithm(),
            Place::Elsewhere(key, _) => key.algorithm(),
        }
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match &self.0 {
            Place::Memory(pair) => pair.sign(message),
            Place::Elsewhere(key, _) => key.sign(message),
        }
    }
}
