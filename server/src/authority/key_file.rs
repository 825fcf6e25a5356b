//! The root's key as its file holds it: PKCS#8 in PEM, plain or encrypted under a passphrase
//! (PBES2 with scrypt and AES-256, RFC 8018 and 7914), in the form that openssl reads, too.

use std::{fs, path::Path};

use der::{SecretDocument, pem::LineEnding};
use pkcs8::{
    EncryptedPrivateKeyInfo, PrivateKeyInfo,
    pkcs5::{pbes2, scrypt},
};
use zeroize::Zeroizing;

use crate::clock::Rng;

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// What one try of a passphrase costs, as OWASP has it for scrypt: N = 2^14, r = 8, p = 5. Of the
/// combinations of equal strength it is the one whose memory (16 MiB) openssl grants.
const COST: (u8, u32, u32) = (14, 8, 5);

/// Fewest characters of a passphrase. Whoever has the file may try as many as they like.
const FEWEST: usize = 15;

/// What the root's key is encrypted under.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the text of a file or a prompt; a line break at its end is not part of it.
    ///
    /// # Errors
    /// [`KeyFileError::Short`] with fewer than 15 characters.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.chars().count() < FEWEST {
            return Err(KeyFileError::Short);
        }
        Ok(Self(Zeroizing::new(line.to_owned())))
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// It holds something else.
    #[error("it holds no PKCS#8 private key in PEM")]
    Form,
    /// It is encrypted and no passphrase was given.
    #[error("it is encrypted, and there is no passphrase")]
    Locked,
    /// It does not open with this passphrase.
    #[error("the passphrase is wrong")]
    Wrong,
    /// The passphrase would soon be guessed.
    #[error("a passphrase has at least {FEWEST} characters")]
    Short,
}

/// A key file as read.
pub struct KeyFile {
    content: SecretDocument,
    encrypted: bool,
}

impl KeyFile {
    /// Reads the file at `path` without opening what is encrypted.
    ///
    /// # Errors
    /// [`KeyFileError::Unreadable`] or [`KeyFileError::Form`].
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(KeyFileError::Unreadable)?;
        Self::parse(&text)
    }

    /// The same from the file's text.
    ///
    /// # Errors
    /// [`KeyFileError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let (label, content) = SecretDocument::from_pem(text).map_err(|_| KeyFileError::Form)?;
        let encrypted = match label {
            PLAIN => false,
            ENCRYPTED => true,
            _ => return Err(KeyFileError::Form),
        };
        Ok(Self { content, encrypted })
    }

    /// Whether it takes a passphrase to open it.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The key's PKCS#8. A passphrase that a plain file does not need is passed over.
    ///
    /// # Errors
    /// [`KeyFileError::Locked`], [`KeyFileError::Wrong`] or [`KeyFileError::Form`].
    pub fn open(
        &self,
        passphrase: Option<&Passphrase>,
    ) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        if !self.encrypted {
            return Ok(self.content.to_bytes());
        }
        let passphrase = passphrase.ok_or(KeyFileError::Locked)?;
        let sealed: EncryptedPrivateKeyInfo<'_> =
            self.content.decode_msg().map_err(|_| KeyFileError::Form)?;
        let key = sealed
            .decrypt(passphrase.0.as_bytes())
            .map_err(|_| KeyFileError::Wrong)?;
        Ok(key.to_bytes())
    }
}

/// The text of a file that holds this key, PKCS#8, under `passphrase`.
///
/// # Errors
/// [`KeyFileError::Form`] if it is no key.
pub fn encrypted(
    key_pkcs8: &[u8],
    passphrase: &Passphrase,
    rng: &dyn Rng,
) -> Result<Zeroizing<String>, KeyFileError> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    rng.fill(&mut salt);
    rng.fill(&mut iv);
    let (log_n, r, p) = COST;
    let sealed = scrypt::Params::new(log_n, r, p, 32)
        .ok()
        .and_then(|cost| pbes2::Parameters::scrypt_aes256cbc(cost, &salt, &iv).ok())
        .and_then(|parameters| {
            let key = PrivateKeyInfo::try_from(key_pkcs8).ok()?;
            key.encrypt_with_params(parameters, passphrase.0.as_bytes())
                .ok()
        })
        .ok_or(KeyFileError::Form)?;
    sealed
        .to_pem(ENCRYPTED, LineEnding::LF)
        .map_err(|_| KeyFileError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{authority::Authority, clock::SeededRng};
    use jiff::Timestamp;

    const RIGHT: &str = "fifteen letters and more";

    fn key() -> Zeroizing<Vec<u8>> {
        let (_, pair) = Authority::create(Timestamp::UNIX_EPOCH, [1; 16]).unwrap();
        let plain = KeyFile::parse(&pair.key).unwrap();
        assert!(!plain.is_encrypted());
        plain.open(None).unwrap()
    }

    #[test]
    fn a_key_opens_with_its_passphrase_and_no_other() {
        let right = Passphrase::parse(RIGHT).unwrap();
        let key = key();
        let text = encrypted(&key, &right, &SeededRng::new(1)).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let sealed = KeyFile::parse(&text).unwrap();
        assert!(sealed.is_encrypted());
        assert_eq!(*sealed.open(Some(&right)).unwrap(), *key);
        assert!(matches!(sealed.open(None), Err(KeyFileError::Locked)));
        for wrong in ["fifteen letters and mor", "Fifteen letters and more"] {
            let wrong = Passphrase::parse(wrong).unwrap();
            assert!(matches!(
                sealed.open(Some(&wrong)),
                Err(KeyFileError::Wrong)
            ));
        }
    }

    #[test]
    fn the_same_key_is_sealed_differently_each_time() {
        let right = Passphrase::parse(RIGHT).unwrap();
        let rng = SeededRng::new(1);
        let key = key();
        let one = encrypted(&key, &right, &rng).unwrap();
        assert_ne!(*one, *encrypted(&key, &right, &rng).unwrap());
    }

    #[test]
    fn a_line_break_at_its_end_is_no_part_of_a_passphrase_and_a_short_one_is_refused() {
        for text in [RIGHT, &format!("{RIGHT}\n"), &format!("{RIGHT}\r\n")] {
            assert_eq!(*Passphrase::parse(text).unwrap().0, RIGHT);
        }
        assert!(matches!(
            Passphrase::parse("14 characters\n\n"),
            Err(KeyFileError::Short)
        ));
    }

    #[test]
    fn what_is_no_key_is_told_apart_from_a_wrong_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authority.key");
        assert!(matches!(
            KeyFile::read(&path),
            Err(KeyFileError::Unreadable(_))
        ));
        fs::write(&path, "nothing of the kind").unwrap();
        assert!(matches!(KeyFile::read(&path), Err(KeyFileError::Form)));
    }
}
