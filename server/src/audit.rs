//! Heads of the log, signed by the authority and kept elsewhere: with one, the end of the log
//! cannot be cut off or written anew by whoever has the database.

mod room;

use std::{fs, io::Write as _, path::PathBuf, sync::Arc, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    authority::{Authority, AuthorityError},
    store::{
        self,
        audit::{Head, hex, octets},
    },
};

pub use room::{check_audit, list_audit_entries, list_enrolment_entries, show_audit_head};

/// How often a running server signs the head, if it has moved.
const EVERY: Duration = Duration::from_secs(3600);

/// The log's end at an instant, signed. As a line: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    number: i64,
    hash: String,
    signed_at: Timestamp,
    /// ECDSA with SHA-256 by the root's key, DER in base64, over [`message`].
    signature: String,
}

/// Why a signed head is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It is no line that [`SignedHead`] writes.
    #[error("it is not a signed head of the log")]
    Form,
    /// Somebody else signed it, or it was changed.
    #[error("its signature is not this authority's")]
    Signature,
}

/// What is signed. No certificate and no list begins like this, so that no signature of the one
/// can be taken for the other.
fn message(number: i64, hash: &str, signed_at: Timestamp) -> String {
    format!("Mimamori audit head 1\n{number}\n{hash}\n{signed_at}\n")
}

impl SignedHead {
    /// Signs `head` at `now`.
    ///
    /// # Errors
    /// The authority's key was not opened.
    pub fn sign(
        head: &Head,
        authority: &Authority,
        now: Timestamp,
    ) -> Result<Self, AuthorityError> {
        let hash = hex(&head.hash);
        let signature = authority.sign(message(head.number, &hash, now).as_bytes())?;
        Ok(Self {
            number: head.number,
            hash,
            signed_at: now,
            signature: STANDARD.encode(signature),
        })
    }

    /// Reads a line and gives the head in it, if the authority signed it with the key of one of
    /// `roots`: heads are kept for longer than a root is in force.
    ///
    /// # Errors
    /// See [`HeadError`].
    pub fn believe<'a>(
        line: &str,
        roots: impl IntoIterator<Item = &'a CertificateDer<'static>>,
    ) -> Result<Head, HeadError> {
        let read: Self = serde_json::from_str(line).map_err(|_| HeadError::Form)?;
        let hash = octets(&read.hash).ok_or(HeadError::Form)?;
        let signature = STANDARD
            .decode(&read.signature)
            .map_err(|_| HeadError::Form)?;
        let said = message(read.number, &read.hash, read.signed_at);
        let signed_by = |root: &CertificateDer<'_>| {
            x509_parser::parse_x509_certificate(root).is_ok_and(|(_, root)| {
                let key = &root.public_key().subject_public_key.data;
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.as_ref())
                    .verify(said.as_bytes(), &signature)
                    .is_ok()
            })
        };
        if !roots.into_iter().any(signed_by) {
            return Err(HeadError::Signature);
        }
        Ok(Head {
            number: read.number,
            hash,
        })
    }
}

/// Adds a signed head to the end of the file at `path`, at once and then every hour in which the
/// log has grown, until `stop`.
pub async fn keep_heads(app: Arc<App>, path: PathBuf, stop: CancellationToken) {
    let mut last = None;
    loop {
        match add_head(&app, &path, &mut last).await {
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "the head of the log cannot be kept"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn add_head(
    app: &App,
    path: &PathBuf,
    last: &mut Option<Head>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let head = {
        let mut reader = app.store.reader().await?;
        store::audit::head(&mut reader).await?
    };
    if last.as_ref() == Some(&head) {
        return Ok(());
    }
    let (end, now) = (head.clone(), app.clock.now());
    let authority = app.authority.issuing();
    let signed = authority
        .signs(move |authority| SignedHead::sign(&end, authority, now))
        .await?;
    let line = serde_json::to_string(&signed)?;
    let mut file = fs::File::options().append(true).create(true).open(path)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()?;
    *last = Some(head);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

    #[test]
    fn a_head_is_believed_as_it_was_signed_and_no_other_way() {
        let [ours, other] = [1, 2].map(|seed| Authority::create(NOW, [seed; 16]).unwrap().0);
        let head = Head {
            number: 7,
            hash: vec![0xab; 32],
        };
        let line = serde_json::to_string(&SignedHead::sign(&head, &ours, NOW).unwrap()).unwrap();
        let believe = |line: &str, roots: &[&Authority]| {
            SignedHead::believe(line, roots.iter().map(|authority| authority.root()))
        };
        assert_eq!(believe(&line, &[&ours]), Ok(head.clone()));
        assert_eq!(believe(&line, &[&other]), Err(HeadError::Signature));
        assert_eq!(believe(&line, &[&other, &ours]), Ok(head.clone()));
        for (from, to) in [("7", "8"), ("abab", "abac"), ("2023", "2024")] {
            let changed = line.replacen(from, to, 1);
            assert_ne!(changed, line);
            let refused = believe(&changed, &[&ours]);
            assert_eq!(refused, Err(HeadError::Signature), "{changed}");
        }
        for text in ["", "{}", "7:abab"] {
            assert_eq!(believe(text, &[&ours]), Err(HeadError::Form));
        }
        let locked = Authority::locked(ours.root().clone());
        assert!(SignedHead::sign(&head, &locked, NOW).is_err());
    }
}
