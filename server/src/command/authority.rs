//! `authority encrypt | server-certificate | rollover`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use shared::enrolment::approval::OperatorDeed;
use zeroize::Zeroizing;

use super::{
    Location, Refusal,
    approval::{self, Asking},
    context,
    disk::Disk,
    init, passphrase, rollover, roots,
};
use crate::{
    authority::{self, ServerNames, encrypted},
    clock::{Clock as _, SystemClock, SystemRng},
    settings::Folder,
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
    /// Makes a new certificate and key for the server itself. A running server shows them within
    /// seconds, without a restart.
    ServerCertificate {
        /// Name or address under which terminals reach the server; may be repeated [default:
        /// the names of the present certificate].
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
        Authority::ServerCertificate { host } => {
            let issuing = roots::issuing(place)?;
            renew_server_certificate(&place.folder, &issuing, host, &Disk::default())
        }
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

/// Makes the server a new certificate of `issuing` for these names, or else for those of the
/// present one. Killed at any moment, it leaves a certificate with its key: the file of keys holds
/// both until the certificate is in its place.
pub(super) fn renew_server_certificate(
    folder: &Folder,
    issuing: &authority::Authority,
    host: Vec<String>,
    disk: &Disk,
) -> Result<(), Refusal> {
    let names = match host.is_empty() {
        true => {
            let present = tls::read_certificates(&folder.server_certificate())?.swap_remove(0);
            authority::names_of(&present).ok_or("the present certificate names no host")?
        }
        false => host,
    };
    let names = ServerNames::parse(init::with_this_machine(names))?;
    let made = issuing.issue_server(&names, SystemClock.now(), init::random())?;
    let present = fs::read_to_string(folder.server_key())
        .map(Zeroizing::new)
        .unwrap_or_default();
    let both = Zeroizing::new(format!("{}{}", *made.key, *present));
    for (path, text) in [
        (folder.server_key(), both.as_str()),
        (folder.server_certificate(), made.certificate.as_str()),
        (folder.server_key(), made.key.as_str()),
    ] {
        disk.write(&path, text.as_bytes())?;
    }
    Ok(())
}
