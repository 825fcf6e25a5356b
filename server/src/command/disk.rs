//! What a command does to the data folder, one whole step after the other. Between any two of them
//! it may be killed; tests kill it there.

use std::{fs, io, path::Path};

use super::Refusal;
use crate::settings::write_private;

/// The way to the folder's files.
#[derive(Default)]
pub(super) struct Disk {
    /// How many steps are left before the command is killed; without end if it is not said.
    #[cfg(test)]
    left: Option<std::sync::atomic::AtomicUsize>,
}

impl Disk {
    /// One that ends the command when it wants to do more than this many steps.
    #[cfg(test)]
    pub(super) fn killed_after(steps: usize) -> Self {
        Self {
            left: Some(steps.into()),
        }
    }

    /// Writes the file at `path`, readable by the owner only, all of it or nothing.
    pub(super) fn write(&self, path: &Path, content: &[u8]) -> Result<(), Refusal> {
        self.step()?;
        write_private(path, content)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
    }

    /// Removes the file at `path`, if it is there.
    pub(super) fn remove(&self, path: &Path) -> Result<(), Refusal> {
        self.step()?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("{} cannot be removed: {error}", path.display()).into())
            }
            _ => Ok(()),
        }
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "tests break off here"
    )]
    fn step(&self) -> Result<(), Refusal> {
        Ok(())
    }

    #[cfg(test)]
    fn step(&self) -> Result<(), Refusal> {
        use std::sync::atomic::Ordering;
        let Some(left) = &self.left else {
            return Ok(());
        };
        match left.load(Ordering::Relaxed).checked_sub(1) {
            Some(rest) => {
                left.store(rest, Ordering::Relaxed);
                Ok(())
            }
            None => Err("killed".into()),
        }
    }
}
