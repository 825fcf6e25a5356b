//! Where the passphrase of the authority's key comes from: a file, the service manager, or
//! whoever sits at the terminal.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use super::Refusal;
use crate::authority::{KeyFile, Passphrase};

/// The name of the credential that systemd hands over (`LoadCredential=`).
const CREDENTIAL: &str = "authority-passphrase";

/// Where to look for it.
#[derive(Args, Clone, Default)]
pub(super) struct PassphraseSource {
    /// File with the passphrase of the authority's key, if that is encrypted. Without it the
    /// credential `authority-passphrase` of systemd is taken, or the passphrase is asked for.
    #[arg(
        long,
        env = "MIMAMORI_PASSPHRASE_FILE",
        value_name = "FILE",
        global = true
    )]
    passphrase_file: Option<PathBuf>,
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
    /// The passphrase that is to protect a new key, if one was named.
    pub(super) fn named(&self) -> Result<Option<Passphrase>, Refusal> {
        if let Some(path) = &self.passphrase_file {
            return read(path).map(Some);
        }
        let folder = self.credentials_directory.as_deref();
        let handed = folder.map(|folder| folder.join(CREDENTIAL));
        match handed.filter(|path| path.exists()) {
            Some(path) => read(&path).map(Some),
            None => Ok(None),
        }
    }

    /// The key of the file at `path`, PKCS#8.
    pub(super) fn open(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let refused = |error| format!("{}: {error}", path.display());
        let file = KeyFile::read(path).map_err(refused)?;
        let passphrase = match file.is_encrypted() {
            false => None,
            true => match self.named()? {
                Some(named) => Some(named),
                None if io::stdin().is_terminal() => {
                    Some(ask("Passphrase of the authority's key: ")?)
                }
                None => {
                    return Err(format!(
                        "{} is encrypted: name a file with its passphrase with --passphrase-file, \
                         or run this on a terminal",
                        path.display()
                    )
                    .into());
                }
            },
        };
        Ok(file.open(passphrase.as_ref()).map_err(refused)?)
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
