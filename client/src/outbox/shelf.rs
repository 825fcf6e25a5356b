//! Where sealed files lie: in a folder of this terminal, or, in tests, in memory.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

/// How the name of a file ends while it is written.
pub(super) const HALF: &str = ".new";

/// Holds a name until it is dropped, or its program ends however it may.
pub type Claim = Box<dyn Send>;

/// A place for files that nobody can read; its calls may block.
pub trait Shelf: Send + Sync {
    /// Puts a file there, over what was there, and returns once it survives a power cut.
    ///
    /// # Errors
    /// Of the disk; then what was there is still there.
    fn put(&self, name: &str, sealed: &[u8]) -> io::Result<()>;

    /// The file, if there is one.
    ///
    /// # Errors
    /// Of the disk.
    fn look(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Takes the file away; none stays none.
    ///
    /// # Errors
    /// Of the disk.
    fn clear(&self, name: &str) -> io::Result<()>;

    /// The names of all files, and when each was put there.
    ///
    /// # Errors
    /// Of the disk.
    fn list(&self) -> io::Result<Vec<(String, Timestamp)>>;

    /// Gives the file another name, over what bears that one; none stays none.
    ///
    /// # Errors
    /// Of the disk; then it bears its own still.
    fn rename(&self, name: &str, other: &str) -> io::Result<()>;

    /// Holds a name, unless another window does; `None` then.
    ///
    /// # Errors
    /// Of the disk.
    fn claim(&self, name: &str) -> io::Result<Option<Claim>>;
}

/// A folder that only its owner may enter.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path, made when it is first needed.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn make(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }

    fn write(&self, path: &Path, sealed: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(path)?;
        file.write_all(sealed)?;
        file.sync_all()
    }

    /// A renamed file is safe only once its folder is.
    fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.0)?.sync_all()?;
        Ok(())
    }
}

impl Shelf for Folder {
    fn put(&self, name: &str, sealed: &[u8]) -> io::Result<()> {
        self.make()?;
        // Another window of the same person writes beside its own.
        let beside = self.0.join(format!("{name}.{}{HALF}", std::process::id()));
        let written = self.write(&beside, sealed);
        let put = written.and_then(|()| fs::rename(&beside, self.0.join(name)));
        if put.is_err() {
            let _ = fs::remove_file(&beside);
        }
        put?;
        self.sync()
    }

    fn look(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.0.join(name)) {
            Ok(sealed) => Ok(Some(sealed)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn clear(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(name)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn list(&self) -> io::Result<Vec<(String, Timestamp)>> {
        let files = match fs::read_dir(&self.0) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut all = Vec::new();
        for file in files {
            let file = file?;
            let put = Timestamp::try_from(file.metadata()?.modified()?);
            if let (Ok(name), Ok(put)) = (file.file_name().into_string(), put) {
                all.push((name, put));
            }
        }
        Ok(all)
    }

    fn rename(&self, name: &str, other: &str) -> io::Result<()> {
        match fs::rename(self.0.join(name), self.0.join(other)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn claim(&self, name: &str) -> io::Result<Option<Claim>> {
        self.make()?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.0.join(name))?;
        // The system lets it go with the program, so that a crash holds nothing.
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some network drives know no locks: there, one window at a time as ever.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Some(Box::new(file)))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A shelf in memory, for tests; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Scripted {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    files: HashMap<String, Vec<u8>>,
    full: bool,
    broken: bool,
    put: Option<Timestamp>,
    held: HashSet<String>,
    /// How often everything held was let go.
    ends: u32,
}

/// A name held on a shelf in memory.
struct Held {
    inner: Arc<Mutex<Inner>>,
    name: String,
    ends: u32,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(mut inner) = self.inner.lock()
            && inner.ends == self.ends
        {
            inner.held.remove(&self.name);
        }
    }
}

impl Scripted {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on nothing more fits on it, or everything does.
    pub fn fill_up(&self, full: bool) {
        self.inner.lock().expect("no holder panics").full = full;
    }

    /// From now on nothing on it can be read, or everything can.
    pub fn break_down(&self, broken: bool) {
        self.inner.lock().expect("no holder panics").broken = broken;
    }

    /// From now on everything on it was put there at this moment.
    pub fn date(&self, put: Timestamp) {
        self.inner.lock().expect("no holder panics").put = Some(put);
    }

    /// Every program that held something on it has ended, although its test still has it.
    pub fn let_go(&self) {
        let mut inner = self.inner.lock().expect("no holder panics");
        inner.held.clear();
        inner.ends += 1;
    }

    /// Damages everything that lies on it.
    pub fn spoil(&self) {
        let mut inner = self.inner.lock().expect("no holder panics");
        inner
            .files
            .values_mut()
            .for_each(|sealed| sealed.truncate(9));
    }

    /// Everything that lies on it.
    pub fn everything(&self) -> Vec<Vec<u8>> {
        let inner = self.inner.lock().expect("no holder panics");
        inner.files.values().cloned().collect()
    }
}

impl Shelf for Scripted {
    fn put(&self, name: &str, sealed: &[u8]) -> io::Result<()> {
        let mut inner = self.inner.lock().expect("no holder panics");
        if inner.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        inner.files.insert(name.to_owned(), sealed.to_vec());
        Ok(())
    }

    fn look(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let inner = self.inner.lock().expect("no holder panics");
        if inner.broken {
            return Err(io::ErrorKind::Other.into());
        }
        Ok(inner.files.get(name).cloned())
    }

    fn clear(&self, name: &str) -> io::Result<()> {
        let mut inner = self.inner.lock().expect("no holder panics");
        inner.files.remove(name);
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<(String, Timestamp)>> {
        let inner = self.inner.lock().expect("no holder panics");
        let put = inner.put.unwrap_or(Timestamp::MAX);
        Ok(inner.files.keys().map(|name| (name.clone(), put)).collect())
    }

    fn rename(&self, name: &str, other: &str) -> io::Result<()> {
        let mut inner = self.inner.lock().expect("no holder panics");
        if let Some(sealed) = inner.files.remove(name) {
            inner.files.insert(other.to_owned(), sealed);
        }
        Ok(())
    }

    fn claim(&self, name: &str) -> io::Result<Option<Claim>> {
        let mut inner = self.inner.lock().expect("no holder panics");
        if !inner.held.insert(name.to_owned()) {
            return Ok(None);
        }
        let held = Held {
            inner: self.inner.clone(),
            name: name.to_owned(),
            ends: inner.ends,
        };
        Ok(Some(Box::new(held)))
    }
}
