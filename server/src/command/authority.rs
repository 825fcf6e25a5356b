//! `authority encrypt | server-certificate`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Location, Refusal, context, init, passphrase};
use crate::{
    authority::{self, ServerNames, encrypted},
    clock::{Clock as _, SystemClock, SystemRng},
    settings::write_private,
    tls,
};

/// What can be done with the authority.
#[derive(Subcommand)]
pub(super) enum Authority {
    /// Encrypts the authority's key under a passphrase, or changes the passphrase.
    Encrypt {
        /// File with the new passphrase [default: it is asked for, twice].
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Makes a new certificate and key for the server itself. A running server shows them within
    /// seconds, without a restart.
    ServerCertificate {
        /// Name or address under which terminals reach the server; may be repeated [default:
        /// the names of the present certificate].
        #[arg(long, value_name = "NAME")]
        host: Vec<String>,
    },
}

pub(super) fn run(place: &Location, command: Authority) -> Result<(), Refusal> {
    context::check_set_up(&place.folder)?;
    match command {
        Authority::Encrypt {
            new_passphrase_file,
        } => encrypt(place, new_passphrase_file.as_deref()),
        Authority::ServerCertificate { host } => server_certificate(place, host),
    }
}

fn encrypt(place: &Location, new_passphrase_file: Option<&Path>) -> Result<(), Refusal> {
    let path = place.folder.authority_key();
    let key = place.passphrase.open(&path)?;
    // What is not this root's key is not worth keeping, least of all under a passphrase.
    context::authority_with(&place.folder, &key)?;
    let new = passphrase::new(new_passphrase_file)?;
    let text = encrypted(&key, &new, &SystemRng)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    write_private(&path, &text)
        .map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
}

fn server_certificate(place: &Location, host: Vec<String>) -> Result<(), Refusal> {
    let folder = &place.folder;
    let authority = context::authority(place)?;
    let names = match host.is_empty() {
        true => {
            let present = tls::read_certificates(&folder.server_certificate())?.swap_remove(0);
            authority::names_of(&present).ok_or("the present certificate names no host")?
        }
        false => host,
    };
    let names = ServerNames::parse(init::with_this_machine(names))?;
    let made = authority.issue_server(&names, SystemClock.now(), init::random())?;
    for (path, text) in [
        (folder.server_key(), made.key.as_str()),
        (folder.server_certificate(), made.certificate.as_str()),
    ] {
        write_private(&path, text)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    Ok(())
}
