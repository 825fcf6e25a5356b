//! What a command does to the data folder, one whole step after the other. Between any two of them
//! it may be killed; tests kill it there.

use std::{fs, io, path::Path};

use super::Refusal;
use crate::settings::write_private;

/// Whether there is something at `path`. What cannot be looked into is not taken for an empty place:
/// whoever is told that nothing is there makes something anew.
///
/// # Errors
/// It cannot be looked for: most often somebody else's folder.
pub(super) fn is_there(path: &Path) -> Result<bool, Refusal> {
    path.try_exists()
        .map_err(|error| cannot_be_read(path, &error).into())
}

/// The sentence for a file that the system does not let this process read.
pub(super) fn cannot_be_read(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "{path} cannot be read: permission denied; run this as the user that the server runs as"
        ),
        _ => format!("{path} cannot be read: {error}"),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_read_is_told_as_whom_to_run_the_command() {
        let path = Path::new("/var/lib/mimamori/authority.pem");
        let denied = cannot_be_read(path, &io::ErrorKind::PermissionDenied.into());
        assert!(
            denied.contains("the user that the server runs as"),
            "{denied}"
        );
        let other = cannot_be_read(path, &io::ErrorKind::TimedOut.into());
        assert!(!other.contains("user"), "{other}");
    }

    #[test]
    fn what_cannot_be_looked_into_is_not_taken_for_an_empty_place() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        assert!(!is_there(&file).unwrap());
        fs::write(&file, "").unwrap();
        assert!(is_there(&file).unwrap());
        assert!(is_there(&file.join("within")).is_err());
    }
}
