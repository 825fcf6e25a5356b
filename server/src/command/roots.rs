//! The authority as a folder holds it: its roots, their keys, and a rollover that is under way.

use std::{fs, io, sync::Arc};

use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};

use super::{Location, Refusal, disk::is_there, passphrase::KeyOpener};
use crate::{
    authority::{Authority, InForce, Phase, Rollover, Roots},
    settings::Folder,
    tls,
};

/// What is in force, without any key.
pub(super) fn locked(folder: &Folder) -> Result<InForce, Refusal> {
    in_force(folder, &mut |root, _| Ok(Authority::locked(root)))
}

/// What is in force, with the keys.
pub(super) fn opened(folder: &Folder, keys: &mut KeyOpener) -> Result<InForce, Refusal> {
    in_force(folder, &mut |root, place| {
        let path = match place {
            KeyOf::Founded => folder.authority_key(),
            KeyOf::New => folder.rollover_key(),
        };
        let key = keys.open(&path)?;
        Authority::with_key(root, key)
            .map_err(|error| format!("{}: {error}", path.display()).into())
    })
}

/// The roots alone.
pub(super) fn known(folder: &Folder) -> Result<Arc<Roots>, Refusal> {
    Ok(locked(folder)?.roots)
}

/// The authority that issues, with its key.
pub(super) fn issuing(place: &Location) -> Result<Arc<Authority>, Refusal> {
    Ok(opened(&place.folder, &mut place.passphrase.keys())?.issuing)
}

/// The rollover under way, if one is.
pub(super) fn rollover(folder: &Folder) -> Result<Option<Rollover>, Refusal> {
    let path = folder.rollover();
    match fs::read_to_string(&path) {
        Ok(text) => Rollover::parse(&text)
            .map(Some)
            .ok_or_else(|| format!("{} is not one of this program", path.display()).into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display()).into()),
    }
}

/// The roots of former rollovers, and what led from each to the next.
pub(super) fn former(folder: &Folder) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let path = folder.former_roots();
    match is_there(&path)? {
        true => Ok(tls::read_certificates(&path)?),
        false => Ok(Vec::new()),
    }
}

/// Whose key is meant.
#[derive(Clone, Copy)]
enum KeyOf {
    /// That of the root in `authority.pem`.
    Founded,
    /// That of the root which takes its place.
    New,
}

type Open<'a> = &'a mut dyn FnMut(CertificateDer<'static>, KeyOf) -> Result<Authority, Refusal>;

fn in_force(folder: &Folder, open: Open<'_>) -> Result<InForce, Refusal> {
    let former = former(folder)?;
    let Some(rollover) = rollover(folder)? else {
        let root = tls::read_certificates(&folder.authority_certificate())?.swap_remove(0);
        let roots = Roots {
            handed_out: former,
            ..Roots::only(root.clone())
        };
        return Ok(InForce {
            issuing: Arc::new(open(root, KeyOf::Founded)?),
            other: None,
            roots: Arc::new(roots),
        });
    };
    let roots = Arc::new(rollover.roots(&former));
    let new = Arc::new(open(rollover.new, KeyOf::New)?);
    if rollover.phase == Phase::Ending {
        return Ok(InForce {
            issuing: new,
            other: None,
            roots,
        });
    }
    let old = Arc::new(open(rollover.old, KeyOf::Founded)?);
    let (issuing, other) = match rollover.phase {
        Phase::Begun => (old, new),
        Phase::Active | Phase::Ending => (new, old),
    };
    Ok(InForce {
        issuing,
        other: Some(other),
        roots,
    })
}

/// What the folder's public files of the authority hold at this moment, whatever it is.
pub(super) fn content(folder: &Folder) -> [u8; 32] {
    let files = [
        folder.authority_certificate(),
        folder.rollover(),
        folder.former_roots(),
    ];
    let mut digest = Sha256::new();
    for file in files {
        let text = fs::read(file).unwrap_or_default();
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}
