//! The server's own certificate and key, and the roots it trusts: read from their files, judged as
//! terminals will judge them, and put in force anew when the files have changed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use rustls_pki_types::CertificateDer;

use super::{Refusal, passphrase::KeyOpener, roots, server_certificate};
use crate::{
    app::App,
    authority::{Authorities, AuthorityError, InForce, PATIENCE, Roots, is_issued_by},
    clock::Clock,
    settings::{Folder, Settings},
    tls::{self, ServerIdentity, ShownIdentity, TrustedRoots, Unfit},
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Where the identity lies, and what it must fit.
pub(super) struct IdentityFiles {
    certificate: PathBuf,
    key: PathBuf,
    /// How another one is made; `None` where it is the operator's own.
    remade_by: Option<String>,
    authority: Authorities,
    hosts: Vec<(&'static str, String)>,
    clock: Arc<dyn Clock>,
}

impl IdentityFiles {
    pub(super) fn of(app: &App, folder: &Folder, settings: &Settings) -> Self {
        let is_own = server_certificate::is_own(folder, settings);
        Self {
            remade_by: (!is_own).then(|| server_certificate::command(folder)),
            certificate: settings.server_certificate.clone(),
            key: settings.server_key.clone(),
            authority: app.authority.clone(),
            hosts: settings
                .hosts()
                .into_iter()
                .map(|(setting, host)| (setting, host.to_owned()))
                .collect(),
            clock: Arc::clone(&app.clock),
        }
    }

    /// Reads both files; refuses a certificate that a terminal would refuse.
    pub(super) fn read(&self) -> Result<ServerIdentity, Refusal> {
        let roots = self.authority.roots();
        let chain = chain(&self.certificate, &roots)?;
        let hosts: Vec<&str> = self.hosts.iter().map(|(_, host)| &**host).collect();
        let trusted: Vec<_> = roots.trusted().collect();
        tls::check_server_certificate(&chain, &trusted, &hosts, self.clock.now())
            .map_err(|reason| self.in_words(&reason))?;
        let keys = tls::read_private_keys(&self.key)?;
        Ok(ServerIdentity::of(chain, keys)?)
    }

    /// Which setting does not go with the certificate, and what to do.
    fn in_words(&self, reason: &Unfit) -> String {
        let file = self.certificate.display();
        let Unfit::NotFor(host) = reason else {
            return format!("server_certificate {file}: {reason}");
        };
        let setting = self.hosts.iter().find(|(_, known)| known == host);
        let setting = setting.map_or("host", |(setting, _)| setting);
        let other = match &self.remade_by {
            Some(command) => {
                format!("make a certificate that names every host of the settings with `{command}`")
            }
            None => {
                let mut names = Vec::new();
                let hosts = self.hosts.iter().map(|(_, host)| host.clone());
                server_certificate::add_missing(&mut names, hosts);
                let (hosts, key) = (names.join(", "), self.key.display());
                format!("replace that file and its key {key} by a certificate that names {hosts}")
            }
        };
        format!(
            "{setting} in settings.toml says {host}, which the certificate {file} does not name: \
             correct the setting, or {other}"
        )
    }

    /// What the files hold at this moment, whatever it is; `None` while one is missing.
    fn content(&self) -> Option<[u8; 32]> {
        let certificate = fs::read(&self.certificate).ok()?;
        let key = Zeroizing::new(fs::read(&self.key).ok()?);
        let digest = Sha256::new()
            .chain_update((certificate.len() as u64).to_be_bytes())
            .chain_update(certificate)
            .chain_update(&*key);
        Some(digest.finalize().into())
    }
}

/// The chain of the file at `path`, and after it what leads from the root that issued its leaf to
/// those that terminals may know instead.
fn chain(path: &Path, roots: &Roots) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let mut chain = tls::read_certificates(path)?;
    let issuer = roots.trusted().find(|root| is_issued_by(&chain[0], root));
    // A link vouches for a key and bears its holder's name; what is signed by its own key is a
    // root, and no use to anyone who does not have it.
    let leads_on = |link: &CertificateDer<'_>| {
        !is_issued_by(link, link) && issuer.is_none_or(|issuer| !is_issued_by(link, issuer))
    };
    let links: Vec<_> = roots
        .handed_out
        .iter()
        .filter(|link| leads_on(link))
        .cloned()
        .collect();
    chain.extend(links);
    Ok(chain)
}

/// The folder's authority, and what follows it.
pub(super) struct Followers {
    pub(super) folder: Folder,
    pub(super) keys: KeyOpener,
    pub(super) authority: Authorities,
    pub(super) trusted: TrustedRoots,
}

/// What the roots' files held when the keys were opened, and what came of that.
type Opened = ([u8; 32], Result<InForce, Refusal>);

/// Opens the keys on a thread of its own: one may lie in a token, and a token that hangs never
/// answers. It keeps that one thread; what it answers late is taken when it is next asked for.
struct Opener {
    folder: Folder,
    keys: Arc<Mutex<KeyOpener>>,
    under_way: Option<oneshot::Receiver<Opened>>,
}

impl Opener {
    /// What is in force, with its keys, and what the files held when these were opened.
    ///
    /// # Errors
    /// The files or keys cannot be used; [`AuthorityError::Silent`] after [`PATIENCE`].
    async fn open(&mut self) -> Result<([u8; 32], InForce), Refusal> {
        let mut answer = match self.under_way.take() {
            Some(answer) => answer,
            None => self.begin()?,
        };
        let Ok(opened) = tokio::time::timeout(PATIENCE, &mut answer).await else {
            self.under_way = Some(answer);
            return Err(AuthorityError::Silent.into());
        };
        let (content, opened) = opened.map_err(|_| AuthorityError::Silent)?;
        if content != roots::content(&self.folder) {
            // The files have changed while it was waited for: a root may be gone from them.
            return Err(AuthorityError::Silent.into());
        }
        Ok((content, opened?))
    }

    fn begin(&self) -> Result<oneshot::Receiver<Opened>, Refusal> {
        let (reply, answer) = oneshot::channel();
        let (folder, keys) = (self.folder.clone(), Arc::clone(&self.keys));
        // Not one of the runtime's: it waits for its own when the server stops.
        let thread = thread::Builder::new().name("keys".to_owned());
        thread.spawn(move || {
            let content = roots::content(&folder);
            let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever asked may have ended.
            let _ = reply.send((content, roots::opened(&folder, &mut keys)));
        })?;
        Ok(answer)
    }
}

/// Puts in force what the files hold whenever that changes, until `stop`: the roots, then what the
/// server shows of itself. What cannot be used (the key of another certificate, while only one of
/// the two files has been replaced, or a certificate that no terminal would take) is said in the
/// log, once, and what was in force before stays.
pub(super) async fn keep_current(
    followers: Followers,
    files: IdentityFiles,
    shown: Arc<ShownIdentity>,
    stop: CancellationToken,
) {
    let Followers {
        folder,
        mut keys,
        authority,
        trusted,
    } = followers;
    keys.ask_nobody();
    let mut opener = Opener {
        folder: folder.clone(),
        keys: Arc::new(Mutex::new(keys)),
        under_way: None,
    };
    let mut tried = (roots::content(&folder), files.content());
    let mut said = String::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let present = (roots::content(&folder), files.content());
        if present == tried || present.1.is_none() {
            continue;
        }
        let is_new = present.1 != tried.1;
        let mut followed = None;
        if present.0 != tried.0 {
            let opened = tokio::select! {
                opened = opener.open() => opened,
                () = stop.cancelled() => return,
            };
            let put_in_force = opened.and_then(|(content, in_force)| {
                trusted.replace(in_force.roots.trusted())?;
                authority.replace(in_force);
                Ok(content)
            });
            match put_in_force {
                Ok(content) => {
                    let root = authority.fingerprint();
                    tracing::info!(%root, "the authority's roots were read anew");
                    followed = Some(content);
                    said.clear();
                }
                // Tried again: a token or a passphrase that is away for a moment comes back, and
                // nobody touches the files again.
                Err(error) => {
                    let error = error.to_string();
                    if error != said {
                        tracing::error!(error, "the authority's roots cannot be used");
                        said = error;
                    }
                }
            }
        }
        // They may have changed once more since the keys were opened.
        if let Some(content) = followed {
            tried.0 = content;
        }
        tried.1 = present.1;
        if !is_new && followed.is_none() {
            continue;
        }
        let replaced = files
            .read()
            .and_then(|identity| Ok(shown.replace(identity)?));
        match replaced {
            Ok(()) if is_new => tracing::info!("the server's certificate was replaced"),
            Ok(()) => tracing::info!("the server's certificate is shown under these roots"),
            Err(error) => {
                tracing::warn!(%error, "the server's new certificate cannot be shown");
            }
        }
    }
}
