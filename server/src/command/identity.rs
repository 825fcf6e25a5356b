//! The server's own certificate and key: read from their files, judged as terminals will judge
//! them, and shown anew when the files have changed.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::Refusal;
use crate::{
    app::App,
    clock::Clock,
    settings::Settings,
    tls::{self, ServerIdentity, ShownIdentity},
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Where the identity lies, and what it must fit.
pub(super) struct IdentityFiles {
    certificate: PathBuf,
    key: PathBuf,
    root: CertificateDer<'static>,
    hosts: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl IdentityFiles {
    pub(super) fn of(app: &App, settings: &Settings) -> Self {
        Self {
            certificate: settings.server_certificate.clone(),
            key: settings.server_key.clone(),
            root: app.authority.root().clone(),
            hosts: settings.hosts().into_iter().map(str::to_owned).collect(),
            clock: Arc::clone(&app.clock),
        }
    }

    /// Reads both files; refuses a certificate that every terminal would refuse.
    pub(super) fn read(&self) -> Result<ServerIdentity, Refusal> {
        let chain = tls::read_certificates(&self.certificate)?;
        let hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
        tls::check_server_certificate(&chain, &self.root, &hosts, self.clock.now()).map_err(
            |reason| {
                format!(
                    "server_certificate {}: {reason}",
                    self.certificate.display()
                )
            },
        )?;
        let key = tls::read_private_key(&self.key)?;
        Ok(ServerIdentity { chain, key })
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

/// Shows what the files hold whenever that changes, until `stop`. What cannot be shown (the key of
/// another certificate, while only one of the two files has been replaced, or a certificate that
/// no terminal would take) is said in the log, once, and what was shown before stays.
pub(super) async fn keep_shown(
    files: IdentityFiles,
    shown: Arc<ShownIdentity>,
    stop: CancellationToken,
) {
    let mut tried = files.content();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let present = files.content();
        if present == tried || present.is_none() {
            continue;
        }
        tried = present;
        let replaced = files
            .read()
            .and_then(|identity| Ok(shown.replace(identity)?));
        match replaced {
            Ok(()) => tracing::info!("the server's certificate was replaced"),
            Err(error) => {
                tracing::warn!(%error, "the server's new certificate cannot be shown");
            }
        }
    }
}
