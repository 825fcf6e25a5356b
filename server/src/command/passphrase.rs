//! Where the passphrase of the authority's key, or the PIN of its token, comes from: a file, the
//! service manager, or whoever sits at the terminal.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use super::{KEY, LAST, Refusal};
use crate::{
    authority::{Key, KeyFile, KeyFileError, Passphrase, Pin, TokenAddress, TokenKey, encrypted},
    clock::{Rng as _, SystemRng},
};

/// The name of the credential that systemd hands over (`LoadCredential=`).
const CREDENTIAL: &str = "authority-passphrase";

/// The same for the PIN of a token.
const PIN_CREDENTIAL: &str = "authority-pin";

/// Where to look for it.
#[derive(Args, Clone, Default)]
pub(super) struct PassphraseSource {
    /// File with the passphrase under which the authority's key is encrypted, or `init` is to
    /// encrypt it [default: systemd's credential authority-passphrase, or else it is asked for where
    /// it is needed; `init` asks nobody and leaves the key unencrypted].
    #[arg(
        long,
        env = "MIMAMORI_PASSPHRASE_FILE",
        value_name = "FILE",
        global = true,
        help_heading = KEY,
        display_order = LAST + 2
    )]
    passphrase_file: Option<PathBuf>,
    /// File with the PIN of the token that holds the authority's key [default: systemd's credential
    /// authority-pin, or else it is asked for where it is needed].
    #[arg(
        long,
        env = "MIMAMORI_PIN_FILE",
        value_name = "FILE",
        global = true,
        help_heading = KEY,
        display_order = LAST + 3
    )]
    pin_file: Option<PathBuf>,
    /// Where systemd puts credentials.
    #[arg(
        long,
        env = "CREDENTIALS_DIRECTORY",
        value_name = "DIR",
        global = true,
        hide = true
    )]
    credentials_directory: Option<PathBuf>,
}

impl PassphraseSource {
    /// The passphrase lies in this file.
    #[cfg(test)]
    pub(super) fn of_file(path: PathBuf) -> Self {
        Self {
            passphrase_file: Some(path),
            ..Self::default()
        }
    }

    /// The passphrase that is to protect a new key, if one was named.
    pub(super) fn named(&self) -> Result<Option<Passphrase>, Refusal> {
        if let Some(path) = &self.passphrase_file {
            return read(path).map(Some);
        }
        match self.handed(CREDENTIAL) {
            Some(path) => read(&path).map(Some),
            None => Ok(None),
        }
    }

    /// The PIN of the token, if a file with it was named.
    fn named_pin(&self) -> Result<Option<Pin>, Refusal> {
        let named = self
            .pin_file
            .clone()
            .or_else(|| self.handed(PIN_CREDENTIAL));
        let Some(path) = named else { return Ok(None) };
        let text = fs::read_to_string(&path)
            .map(Zeroizing::new)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        Ok(Some(Pin::parse(&text)))
    }

    /// A credential of systemd, if one of this name was handed over.
    fn handed(&self, name: &str) -> Option<PathBuf> {
        let folder = self.credentials_directory.as_deref();
        let handed = folder.map(|folder| folder.join(name));
        // One that cannot be looked for was handed over all the same: whoever reads it says why.
        handed.filter(|path| path.try_exists().unwrap_or(true))
    }

    /// What opens the authority's keys with it.
    pub(super) fn keys(&self) -> KeyOpener {
        KeyOpener {
            source: self.clone(),
            typed: None,
            pin: None,
            may_ask: true,
        }
    }
}

/// Opens keys. Whoever has to type a passphrase or a PIN types it once.
pub(super) struct KeyOpener {
    source: PassphraseSource,
    typed: Option<Passphrase>,
    pin: Option<Pin>,
    may_ask: bool,
}

impl KeyOpener {
    /// From now on nobody is asked: there may be nobody, and the server is at work.
    pub(super) fn ask_nobody(&mut self) {
        self.may_ask = false;
    }

    /// The key that the file at `path` holds, or leads to.
    pub(super) fn open(&mut self, path: &Path) -> Result<Key, Refusal> {
        let refused = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        if let Some(address) = address(path)? {
            let pin = self.pin()?;
            let key = TokenKey::open(address, pin).map_err(|error| refused(&error))?;
            return Ok(key.into());
        }
        let pkcs8 = self.open_file(path)?;
        Ok(Key::from_pkcs8(&pkcs8).map_err(|_| refused(&KeyFileError::Form))?)
    }

    /// The same as PKCS#8, which no token gives away.
    pub(super) fn open_file(&mut self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let refused = |error| format!("{}: {error}", path.display());
        if address(path)?.is_some() {
            return Err("the authority's key lies in a token, which keeps it by its PIN".into());
        }
        let file = KeyFile::read(path).map_err(refused)?;
        let passphrase = match file.is_encrypted() {
            false => None,
            true => self.passphrase(path)?,
        };
        Ok(file
            .open(passphrase.as_ref().or(self.typed.as_ref()))
            .map_err(refused)?)
    }

    /// Makes a new key where the one of the file at `path` lies.
    pub(super) fn make_beside(&mut self, path: &Path) -> Result<Key, Refusal> {
        match address(path)? {
            Some(address) => self.make_in_token(&address.module, &address.token),
            None => Ok(Key::generate()?),
        }
    }

    /// Makes a new key in a token.
    pub(super) fn make_in_token(&mut self, module: &Path, token: &str) -> Result<Key, Refusal> {
        let mut id = [0; 16];
        SystemRng.fill(&mut id);
        Ok(TokenKey::generate(module, token, id, self.pin()?)?.into())
    }

    /// The text of a file for `new`, under what protects the file at `path`.
    pub(super) fn protect_as(
        &mut self,
        path: &Path,
        new: &Zeroizing<String>,
    ) -> Result<Zeroizing<String>, Refusal> {
        let refused = |error| format!("{}: {error}", path.display());
        if TokenAddress::is_one(new) || !KeyFile::read(path).map_err(refused)?.is_encrypted() {
            return Ok(new.clone());
        }
        let named = self.passphrase(path)?;
        let passphrase = named.as_ref().or(self.typed.as_ref());
        let passphrase = passphrase.ok_or_else(|| refused(KeyFileError::Locked))?;
        let plain = KeyFile::parse(new).and_then(|file| file.open(None))?;
        Ok(encrypted(&plain, passphrase, &SystemRng)?)
    }

    /// The passphrase named; or `None` where one was typed, which is kept here.
    fn passphrase(&mut self, path: &Path) -> Result<Option<Passphrase>, Refusal> {
        if let Some(named) = self.source.named()? {
            return Ok(Some(named));
        }
        if self.typed.is_none() {
            if !self.may_ask || !io::stdin().is_terminal() {
                return Err(format!(
                    "{} is encrypted: name a file with its passphrase with --passphrase-file, \
                     or run this on a terminal",
                    path.display()
                )
                .into());
            }
            self.typed = Some(ask("Passphrase of the authority's key: ")?);
        }
        Ok(None)
    }

    /// The token's PIN.
    fn pin(&mut self) -> Result<Pin, Refusal> {
        if let Some(pin) = &self.pin {
            return Ok(pin.clone());
        }
        let pin = match self.source.named_pin()? {
            Some(pin) => pin,
            None if self.may_ask && io::stdin().is_terminal() => {
                Pin::parse(&typed("PIN of the authority's token: ")?)
            }
            None => {
                return Err(
                    "the authority's token wants a PIN: name a file with it with --pin-file, or \
                     run this on a terminal"
                        .into(),
                );
            }
        };
        Ok(self.pin.insert(pin).clone())
    }
}

/// Where the key of the file at `path` lies, if that is a token.
fn address(path: &Path) -> Result<Option<TokenAddress>, Refusal> {
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    match TokenAddress::is_one(&text) {
        false => Ok(None),
        true => match text.parse() {
            Ok(address) => Ok(Some(address)),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        },
    }
}

/// A new passphrase: from this file, or typed twice.
pub(super) fn new(file: Option<&Path>) -> Result<Passphrase, Refusal> {
    if let Some(path) = file {
        return read(path);
    }
    if !io::stdin().is_terminal() {
        return Err("name a file with the new passphrase with --new-passphrase-file".into());
    }
    let first = typed("New passphrase: ")?;
    if *first != *typed("The same again: ")? {
        return Err("the two are not the same; nothing was changed".into());
    }
    Ok(Passphrase::parse(&first)?)
}

fn read(path: &Path) -> Result<Passphrase, Refusal> {
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Passphrase::parse(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn ask(prompt: &str) -> Result<Passphrase, Refusal> {
    Ok(Passphrase::parse(&typed(prompt)?)?)
}

fn typed(prompt: &str) -> Result<Zeroizing<String>, Refusal> {
    Ok(Zeroizing::new(rpassword::prompt_password(prompt)?))
}
