//! `authority encrypt`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Location, Refusal, context, passphrase};
use crate::{authority::encrypted, clock::SystemRng, settings::write_private};

/// What can be done with the authority.
#[derive(Subcommand)]
pub(super) enum Authority {
    /// Encrypts the authority's key under a passphrase, or changes the passphrase.
    Encrypt {
        /// File with the new passphrase [default: it is asked for, twice].
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
}

pub(super) fn run(place: &Location, command: Authority) -> Result<(), Refusal> {
    let Authority::Encrypt {
        new_passphrase_file,
    } = command;
    context::check_set_up(&place.folder)?;
    let path = place.folder.authority_key();
    let key = place.passphrase.open(&path)?;
    // What is not this root's key is not worth keeping, least of all under a passphrase.
    context::authority_with(&place.folder, &key)?;
    let new = passphrase::new(new_passphrase_file.as_deref())?;
    let text = encrypted(&key, &new, &SystemRng)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    write_private(&path, &text)
        .map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
}
