//! `init`: everything a new server needs, once.

use std::{fs, path::PathBuf};

use super::{Location, Refusal, context, disk::is_there, note, print, server_certificate};
use crate::{
    authority::{Authority, InForce, Key, KeyFile, ServerNames, TokenAddress, encrypted},
    clock::{Clock as _, Rng as _, SystemClock, SystemRng},
    settings::{Folder, Overrides, Settings, new_file, write_private},
};

/// What `init` takes.
#[derive(clap::Args, Default)]
pub(super) struct Arguments {
    /// Name or address under which terminals reach the server; may be repeated, the first stands
    /// in links [default: localhost in links, and this machine's own name in the certificate, too].
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Library of a PKCS#11 token in which the authority's key is to be made, never to leave it.
    #[arg(long, value_name = "PATH", requires = "pkcs11_token")]
    pkcs11_module: Option<PathBuf>,
    /// Label of that token.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pkcs11_token: Option<String>,
}

pub(super) async fn run(place: &Location, arguments: Arguments) -> Result<(), Refusal> {
    let folder = &place.folder;
    let path = folder.path().display();
    if is_there(&folder.authority_certificate())? {
        return Err(format!("{path} holds a server already; nothing was changed").into());
    }
    let named = arguments.host.clone();
    let names = ServerNames::parse(names(arguments.host))?;
    let now = SystemClock.now();
    let key = match (&arguments.pkcs11_module, &arguments.pkcs11_token) {
        (Some(module), Some(token)) => place.passphrase.keys().make_in_token(module, token)?,
        _ => Key::generate()?,
    };
    let (authority, root) = Authority::create_over(key, now, random())?;
    let server = authority.issue_server(&names, now, random())?;

    let fingerprint = authority.fingerprint();
    let in_token = TokenAddress::is_one(&root.key);
    let passphrase = place.passphrase.named()?.filter(|_| !in_token);
    let is_open = !in_token && passphrase.is_none();
    let key = match passphrase {
        Some(passphrase) => {
            let plain = KeyFile::parse(&root.key).and_then(|file| file.open(None))?;
            encrypted(&plain, &passphrase, &SystemRng)?
        }
        None => root.key,
    };

    let cannot_write = |error| format!("{path} cannot be written: {error}");
    folder.create().map_err(cannot_write)?;
    for (path, text) in [
        (folder.server_certificate(), server.certificate.as_str()),
        (folder.server_key(), server.key.as_str()),
        (folder.authority_key(), key.as_str()),
    ] {
        write_private(&path, text).map_err(cannot_write)?;
    }
    if !is_there(&folder.settings())? {
        write_private(&folder.settings(), new_file(names.first())).map_err(cannot_write)?;
    }
    let overrides = Overrides {
        database: place.database.clone(),
        ..Overrides::default()
    };
    let settings = Settings::load(folder, overrides)?;
    // Last: a folder with the root's certificate is complete.
    write_private(&folder.authority_certificate(), &root.certificate).map_err(cannot_write)?;
    match context::app(folder, &settings, InForce::only(authority)).await {
        Ok(app) => app.store.close().await,
        Err(error) => {
            // Without a database there is no server: let `init` be tried again.
            fs::remove_file(folder.authority_certificate()).map_err(cannot_write)?;
            return Err(error);
        }
    }
    print(format_args!("{path}"))?;
    print(format_args!("root {fingerprint}"))?;
    print(format_args!("host {}", names.first()))?;
    for other in named.iter().skip(1) {
        print(format_args!("host {other}"))?;
    }
    if named.is_empty() {
        note(&unnamed(names.first(), folder));
    }
    if is_open {
        note(&unencrypted(folder));
    }
    Ok(())
}

/// What follows where nobody said how terminals reach the server, and how it is changed.
fn unnamed(host: &str, folder: &Folder) -> String {
    format!(
        "No --host was given: links lead to {host}, which terminals elsewhere do not find. \
         To change it, set `host` in {} and run `{}`.",
        folder.settings().display(),
        server_certificate::command(folder)
    )
}

/// What follows where no passphrase was named, and how that is changed.
fn unencrypted(folder: &Folder) -> String {
    format!(
        "The authority's key {} lies unencrypted: whoever can read it can let any terminal in. To \
         encrypt it, run `mimamori-server authority encrypt --data {}`.",
        folder.authority_key().display(),
        folder.path().display()
    )
}

/// The names asked for, or those under which a server on this machine is reached by itself and
/// its neighbours. This machine can always be reached from itself.
fn names(asked: Vec<String>) -> Vec<String> {
    let mut names = asked;
    if names.is_empty()
        && let Some(own) = host_name()
    {
        names.push("localhost".to_owned());
        names.push(own);
    }
    with_this_machine(names)
}

/// These names, and those under which this machine is reached from itself.
pub(super) fn with_this_machine(mut names: Vec<String>) -> Vec<String> {
    for own in ["localhost", "127.0.0.1", "::1"] {
        if !names.iter().any(|name| name == own) {
            names.push(own.to_owned());
        }
    }
    names
}

/// This machine's name, if it is one that can stand in a certificate.
fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_owned();
    ServerNames::parse(vec![name.clone()])
        .is_ok()
        .then_some(name)
}

pub(super) fn random() -> [u8; 16] {
    let mut random = [0; 16];
    SystemRng.fill(&mut random);
    random
}
