//! `authority encrypt | server-certificate | rollover`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use shared::enrolment::approval::OperatorDeed;

use super::{
    Location, Refusal,
    approval::{self, Asking},
    context,
    disk::Disk,
    passphrase, rollover, roots, server_certificate,
};
use crate::{
    authority::{self, encrypted},
    clock::SystemRng,
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
        #[command(flatten)]
        asking: Asking,
    },
    /// Makes a new certificate and key for the server itself, and prints the names that it bears:
    /// always every host of settings.toml (host, public_enrolment, public_terminals). A running
    /// server shows them within seconds, without a restart.
    ServerCertificate {
        /// Name or address that it is to bear besides the hosts of settings.toml; may be repeated.
        /// Names of the present certificate that are not said are left out [default: the names of
        /// the present certificate].
        #[arg(long, value_name = "NAME")]
        host: Vec<String>,
    },
    /// Puts a new root in the place of the present one, step by step, while terminals work on.
    #[command(subcommand)]
    Rollover(rollover::Step),
}

pub(super) async fn run(place: &Location, command: Authority) -> Result<(), Refusal> {
    context::check_set_up(&place.folder)?;
    match command {
        Authority::Encrypt {
            new_passphrase_file,
            asking,
        } => encrypt(place, new_passphrase_file.as_deref(), &asking).await,
        Authority::ServerCertificate { host } => server_certificate::run(place, host),
        Authority::Rollover(step) => rollover::run(place, step).await,
    }
}

async fn encrypt(
    place: &Location,
    new_passphrase_file: Option<&Path>,
    asking: &Asking,
) -> Result<(), Refusal> {
    let folder = &place.folder;
    if roots::rollover(folder)?.is_some() {
        return Err("a rollover is under way, with two keys: finish it first".into());
    }
    let path = folder.authority_key();
    let key = place.passphrase.keys().open_file(&path)?;
    // What is not this root's key is not worth keeping, least of all under a passphrase.
    let root = tls::read_certificates(&folder.authority_certificate())?.swap_remove(0);
    let ours = authority::Authority::load(root, &key)
        .map_err(|error| format!("{}: {error}", folder.authority_certificate().display()))?;
    let new = passphrase::new(new_passphrase_file)?;
    let context = context::open(place).await?;
    let about = format!("the key of root {}", ours.fingerprint());
    let agreed = approval::demand(&context.app, OperatorDeed::KeyEncrypt, &about, asking).await;
    context.app.store.close().await;
    agreed?;
    let text = encrypted(&key, &new, &SystemRng)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Disk::default().write(&path, text.as_bytes())
}
