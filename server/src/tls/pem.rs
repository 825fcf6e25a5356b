//! The one place where PEM files are read.

use std::{fs, io::BufReader, path::Path};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

/// Why a PEM file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PemError {
    /// The file cannot be opened or read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds nothing of the kind expected.
    #[error("{path} holds no {expected}")]
    Missing {
        /// Which file.
        path: String,
        /// What was looked for.
        expected: &'static str,
    },
}

/// Reads every certificate of the file at `path`, in order; at least one.
///
/// # Errors
/// The file cannot be read, is not PEM, or holds no certificate.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let certificates = rustls_pemfile::certs(&mut open(path)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| file_error(path, source))?;
    if certificates.is_empty() {
        return Err(missing(path, "certificate"));
    }
    Ok(certificates)
}

/// Reads every private key of the file at `path`, in order; at least one.
///
/// # Errors
/// The file cannot be read, is not PEM, or holds no private key.
pub fn read_private_keys(path: &Path) -> Result<Vec<Zeroizing<PrivateKeyDer<'static>>>, PemError> {
    let text = fs::read(path)
        .map(Zeroizing::new)
        .map_err(|source| file_error(path, source))?;
    let mut rest = text.as_slice();
    let mut keys = Vec::new();
    while let Some(key) =
        rustls_pemfile::private_key(&mut rest).map_err(|source| file_error(path, source))?
    {
        keys.push(Zeroizing::new(key));
    }
    if keys.is_empty() {
        return Err(missing(path, "private key"));
    }
    Ok(keys)
}

fn open(path: &Path) -> Result<BufReader<fs::File>, PemError> {
    fs::File::open(path)
        .map(BufReader::new)
        .map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> PemError {
    PemError::File {
        path: path.display().to_string(),
        source,
    }
}

fn missing(path: &Path, expected: &'static str) -> PemError {
    PemError::Missing {
        path: path.display().to_string(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_file_holds_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        fs::write(&path, "nothing of the kind").unwrap();
        let error = read_private_keys(&path).unwrap_err().to_string();
        assert!(
            error.ends_with("server.key holds no private key"),
            "{error}"
        );
        assert!(read_certificates(&path).is_err());
        assert!(read_certificates(&folder.path().join("absent")).is_err());
    }
}
