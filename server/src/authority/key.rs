//! The root's key, wherever it lies: in this process's memory, or in a token that signs for us.

use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm, SigningKey};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    AuthorityError,
    token::{self, TokenKey},
};

/// A key on P-256 that signs. It has no `Debug`.
pub struct Key(Place);

enum Place {
    Memory(KeyPair),
    Token(TokenKey),
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Place::Memory(pair) = &mut self.0 {
            pair.zeroize();
        }
    }
}

impl From<TokenKey> for Key {
    fn from(key: TokenKey) -> Self {
        Self(Place::Token(key))
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
            Place::Token(key) => token::file(key),
        }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        match &self.0 {
            Place::Memory(pair) => pair.der_bytes(),
            Place::Token(key) => key.der_bytes(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match &self.0 {
            Place::Memory(pair) => pair.algorithm(),
            Place::Token(key) => key.algorithm(),
        }
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match &self.0 {
            Place::Memory(pair) => pair.sign(message),
            Place::Token(key) => key.sign(message),
        }
    }
}
