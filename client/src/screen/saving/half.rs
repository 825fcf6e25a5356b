//! A file while it is written: beside its place, under a name of its own, until it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::NotSaved;

/// How many were begun in this program, so that no two have one name.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// A file that is being written, for its owner alone. Dropped before it is
/// [finished](Self::finish), it leaves nothing behind, and what lay in its place lies there still.
#[derive(Debug)]
pub struct Half {
    file: File,
    beside: PathBuf,
    path: PathBuf,
    over: bool,
}

impl Half {
    /// Begins a file that shall lie at `path`; `over` says whether it may take the place of one
    /// that is there.
    ///
    /// # Errors
    /// [`NotSaved::Exists`] if there is a file and it may not be replaced, else of the disk.
    pub fn begin(path: &Path, over: bool) -> Result<Self, NotSaved> {
        if !over && path.symlink_metadata().is_ok() {
            return Err(NotSaved::Exists);
        }
        let mut name = path.file_name().ok_or(NotSaved::NoPath)?.to_owned();
        let nth = BEGUN.fetch_add(1, Ordering::Relaxed);
        name.push(format!(".{}-{nth}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: options.open(&beside)?,
            beside,
            path: path.to_owned(),
            over,
        })
    }

    /// Writes more of it.
    ///
    /// # Errors
    /// Of the disk.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), NotSaved> {
        Ok(self.file.write_all(bytes)?)
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// [`NotSaved::Exists`] if a file came there meanwhile that may not be replaced, else of the
    /// disk; then nothing has changed.
    pub fn finish(self) -> Result<(), NotSaved> {
        self.file.sync_all()?;
        if self.over {
            return Ok(std::fs::rename(&self.beside, &self.path)?);
        }
        // A link takes no file's place; the other name goes as this is dropped.
        match std::fs::hard_link(&self.beside, &self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // Memory sticks and some network drives know no links.
                if self.path.symlink_metadata().is_ok() {
                    return Err(NotSaved::Exists);
                }
                Ok(std::fs::rename(&self.beside, &self.path)?)
            }
            linked => Ok(linked?),
        }
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        // Once it was renamed nothing is there any more.
        let _ = std::fs::remove_file(&self.beside);
    }
}
