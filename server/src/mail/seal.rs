//! Texts that wait in the queue are sealed: who reads the database reads no link and no password.
//!
//! AES-256-GCM with a key that lies in the data folder, not in the database. A text is bound to
//! its message, so that none can be put in another's place.

use std::{io, path::Path};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use shared::id::MailId;
use zeroize::Zeroizing;

use crate::clock::Rng;
use crate::store::mail::Sealed;

/// Seals and opens texts of the queue.
pub struct SealingKey {
    key: LessSafeKey,
    /// Tells keys apart without telling anything of them.
    name: [u8; 8],
}

/// A text that cannot be opened: it was sealed with another key, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text was sealed with another key, or changed since")]
pub struct CannotOpen;

impl SealingKey {
    /// The key of these 32 bytes, which must be secret and random.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, bytes)
            .expect("32 bytes are the length of a key for AES-256");
        let mut name = [0; 8];
        let digest = Sha256::new()
            .chain_update(b"mimamori mail key")
            .chain_update(bytes)
            .finalize();
        name.copy_from_slice(&digest[..8]);
        Self {
            key: LessSafeKey::new(unbound),
            name,
        }
    }

    /// The key in the file at `path`, which is made if it does not exist.
    ///
    /// # Errors
    /// The file can be neither read nor made, or holds something else.
    pub fn load_or_create(path: &Path, rng: &dyn Rng) -> io::Result<Self> {
        match read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(&mut *bytes);
        let text = Zeroizing::new(STANDARD.encode(*bytes));
        crate::settings::create_private(path, text.as_bytes())?;
        // Not the bytes at hand: another process may have been quicker.
        read(path)
    }

    /// Names this key.
    #[must_use]
    pub fn name(&self) -> [u8; 8] {
        self.name
    }

    /// Seals `text` for the message `id`.
    #[must_use]
    pub fn seal(&self, rng: &dyn Rng, id: MailId, text: &[u8]) -> Sealed {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        // The text is overwritten by what it is sealed into; with room for all of it, it never moves.
        let mut bytes = Vec::with_capacity(NONCE_LEN + text.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(text);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(id.0.as_bytes()),
                &mut bytes[NONCE_LEN..],
            )
            .expect("a text of the queue is far shorter than what one nonce can seal");
        bytes.extend_from_slice(tag.as_ref());
        Sealed {
            with: self.name,
            bytes,
        }
    }

    /// Opens what was sealed for the message `id`.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open(&self, id: MailId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let length = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(id.0.as_bytes()),
                &mut text,
            )
            .map_err(|_| CannotOpen)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

fn read(path: &Path) -> io::Result<SealingKey> {
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    let bytes = STANDARD
        .decode(text.trim())
        .ok()
        .map(Zeroizing::new)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
        .map(Zeroizing::new)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "it must hold 32 bytes in base64",
            )
        })?;
    Ok(SealingKey::new(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;
    use crate::store::story::database::id;

    #[test]
    fn only_the_same_key_opens_a_text_and_only_for_its_message() {
        let (key, other) = (SealingKey::new(&[1; 32]), SealingKey::new(&[2; 32]));
        let rng = SeededRng::new(1);
        let (first, second) = (MailId(id(1)), MailId(id(2)));
        let sealed = key.seal(&rng, first, "秘密".as_bytes());
        assert!(
            !sealed
                .bytes
                .windows(6)
                .any(|part| part == "秘密".as_bytes())
        );
        assert_eq!(
            key.open(first, &sealed.bytes).unwrap().as_slice(),
            "秘密".as_bytes()
        );
        assert_eq!(key.open(second, &sealed.bytes), Err(CannotOpen));
        assert_eq!(other.open(first, &sealed.bytes), Err(CannotOpen));
        assert_ne!(key.name(), other.name());
        for place in 0..sealed.bytes.len() {
            let mut changed = sealed.bytes.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(first, &changed), Err(CannotOpen), "{place}");
            assert_eq!(key.open(first, &sealed.bytes[..place]), Err(CannotOpen));
        }
        assert_ne!(key.seal(&rng, first, b"x"), key.seal(&rng, first, b"x"));
    }

    #[test]
    fn a_key_is_made_once_and_is_the_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("mail.key");
        let rng = SeededRng::new(3);
        let made = SealingKey::load_or_create(&path, &rng).unwrap();
        let again = SealingKey::load_or_create(&path, &rng).unwrap();
        assert_eq!(made.name(), again.name());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        std::fs::write(&path, "AAAA").unwrap();
        assert!(SealingKey::load_or_create(&path, &rng).is_err());
    }
}
