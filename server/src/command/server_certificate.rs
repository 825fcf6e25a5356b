//! `authority server-certificate`: another certificate for the server itself, with every name under
//! which the server is reached.

use std::fs;

use zeroize::Zeroizing;

use super::{
    Location, Refusal, context,
    disk::{Disk, is_there},
    init, note, print, roots,
};
use crate::{
    authority::{self, Authority, ServerNames},
    clock::{Clock as _, SystemClock},
    settings::{Folder, Settings},
    tls,
};

/// Makes another certificate and says which: where it lies, and every name that it bears.
pub(super) fn run(place: &Location, wanted: Vec<String>) -> Result<(), Refusal> {
    let folder = &place.folder;
    let settings = context::settings(folder, place.database.clone())?;
    if is_own(folder, &settings) {
        return Err(to_replace(folder, &settings, wanted).into());
    }
    let names = names(folder, &settings, wanted)?;
    let issuing = roots::issuing(place)?;
    make(folder, &issuing, names.clone(), &Disk::default())?;
    print(folder.server_certificate().display())?;
    for name in names {
        print(format_args!("host {name}"))?;
    }
    note("a running server shows it to new connections within seconds");
    Ok(())
}

/// The command that makes one which fits the settings, as somebody types it.
pub(super) fn command(folder: &Folder) -> String {
    format!(
        "mimamori-server authority server-certificate --data {}",
        folder.path().display()
    )
}

/// Whether the server shows a certificate that its operator keeps, not the one in its folder.
pub(super) fn is_own(folder: &Folder, settings: &Settings) -> bool {
    let shown = (&settings.server_certificate, &settings.server_key);
    shown != (&folder.server_certificate(), &folder.server_key())
}

/// What there is to do where it is the operator's own: nothing that this program could.
fn to_replace(folder: &Folder, settings: &Settings, mut wanted: Vec<String>) -> String {
    add_hosts(folder, settings, &mut wanted);
    format!(
        "the server shows a certificate of your own: replace {} and its key {} by one that names {} \
         and comes from the authority in {}; nothing was made",
        settings.server_certificate.display(),
        settings.server_key.display(),
        wanted.join(", "),
        folder.authority_certificate().display()
    )
}

/// The names of the certificate to be made: those wanted, or else those of the present one, and
/// always every host under which the server and this machine reach it. A name that is left out by
/// mistake would keep the server from showing it.
pub(super) fn names(
    folder: &Folder,
    settings: &Settings,
    wanted: Vec<String>,
) -> Result<Vec<String>, Refusal> {
    let present = folder.server_certificate();
    let mut names = match wanted.is_empty() {
        false => wanted,
        true if !is_there(&present)? => Vec::new(),
        true => {
            let present = tls::read_certificates(&present)?.swap_remove(0);
            authority::names_of(&present).ok_or("the present certificate names no host")?
        }
    };
    add_hosts(folder, settings, &mut names);
    Ok(init::with_this_machine(names))
}

/// Adds the hosts of the settings, and those of the server that runs: it keeps to the settings as
/// they were at its start.
fn add_hosts(folder: &Folder, settings: &Settings, names: &mut Vec<String>) {
    let running = folder.serving().map(|serving| serving.hosts);
    let hosts = settings.hosts();
    let hosts = hosts.into_iter().map(|(_, host)| host.to_owned());
    add_missing(names, hosts.chain(running.into_iter().flatten()));
}

/// Adds those hosts that are not among the names yet.
pub(super) fn add_missing(names: &mut Vec<String>, hosts: impl Iterator<Item = String>) {
    for host in hosts {
        if !names.iter().any(|name| name.eq_ignore_ascii_case(&host)) {
            names.push(host);
        }
    }
}

/// Makes the server a new certificate of `issuing` for these names. Killed at any moment, it leaves
/// a certificate with its key: the file of keys holds both until the certificate is in its place.
pub(super) fn make(
    folder: &Folder,
    issuing: &Authority,
    names: Vec<String>,
    disk: &Disk,
) -> Result<(), Refusal> {
    let names = ServerNames::parse(names)?;
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
