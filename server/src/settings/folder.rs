//! The data folder: what lies where, who may read it, and what a running server leaves in it.

use std::{
    ffi::OsStr,
    fs, io,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::store::Location;

/// The folder that holds everything of one server.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// What a running server tells the commands beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Serving {
    /// The address that terminals connect to, with its real port.
    pub terminals: SocketAddr,
    /// The address of the enrolment listener, with its real port.
    pub enrolment: SocketAddr,
    /// The database in use.
    pub database: DatabaseInUse,
    /// Every host under which links and terminals reach it, as the settings said at its start.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The certificate that it was told to show when it started, and its key; else the settings
    /// file says.
    #[serde(default)]
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// How the commands beside a server find the database that it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseInUse {
    /// The settings file says.
    OfSettings,
    /// The server was told this address when it started.
    At(String),
    /// The server was told an address with a password, which is written down nowhere.
    Withheld,
}

impl DatabaseInUse {
    /// What may be said of a server that was started with the address `given`, if with any.
    #[must_use]
    pub fn of(given: Option<&str>) -> Self {
        match given {
            None => Self::OfSettings,
            Some(url) if url.parse().is_ok_and(|at: Location| !at.holds_password()) => {
                Self::At(url.to_owned())
            }
            Some(_) => Self::Withheld,
        }
    }
}

impl Folder {
    /// The folder at `path`, whether it exists or not.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.0.join("settings.toml")
    }

    /// The root certificate, PEM. It is written last: a folder with it is complete.
    #[must_use]
    pub fn authority_certificate(&self) -> PathBuf {
        self.0.join("authority.pem")
    }

    /// The root's key, PEM.
    #[must_use]
    pub fn authority_key(&self) -> PathBuf {
        self.0.join("authority.key")
    }

    /// How far a new root has come in place of this one; absent while none is under way.
    #[must_use]
    pub fn rollover(&self) -> PathBuf {
        self.0.join("rollover.json")
    }

    /// The new root's key, PEM, while a rollover is under way.
    #[must_use]
    pub fn rollover_key(&self) -> PathBuf {
        self.0.join("rollover.key")
    }

    /// The roots of former rollovers with what led from each to the next, PEM; absent before the
    /// first.
    #[must_use]
    pub fn former_roots(&self) -> PathBuf {
        self.0.join("former.pem")
    }

    /// The server's own certificate, PEM.
    #[must_use]
    pub fn server_certificate(&self) -> PathBuf {
        self.0.join("server.pem")
    }

    /// Its key, PEM.
    #[must_use]
    pub fn server_key(&self) -> PathBuf {
        self.0.join("server.key")
    }

    /// The key that seals what waits to be mailed, in base64.
    #[must_use]
    pub fn mail_key(&self) -> PathBuf {
        self.0.join("mail.key")
    }

    /// The SQLite database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("mimamori.db")
    }

    fn serving_file(&self) -> PathBuf {
        self.0.join("serving.json")
    }

    /// The files that make this server, and which a copy of it must hold: all in the folder but
    /// the `database`, and what a running server says of itself.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kept(&self, database: Option<&Path>) -> io::Result<Vec<PathBuf>> {
        let database = database.and_then(Path::file_name).unwrap_or_default();
        let is_of_database = |name: &OsStr| {
            let (name, database) = (name.as_encoded_bytes(), database.as_encoded_bytes());
            !database.is_empty() && name.starts_with(database)
        };
        let mut files = Vec::new();
        for file in fs::read_dir(&self.0)? {
            let file = file?;
            let (name, path) = (file.file_name(), file.path());
            // A file of which the writing was cut off is no file yet.
            let is_begun = path
                .extension()
                .is_some_and(|it| it.as_encoded_bytes().starts_with(b"new"));
            let is_kept = file.file_type()?.is_file()
                && !is_of_database(&name)
                && !is_begun
                && path != self.serving_file();
            if is_kept {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Makes the folder, readable by its owner only.
    ///
    /// # Errors
    /// The system refuses.
    pub fn create(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(&self.0)
    }

    /// What the server running on this folder said when it started; `None` if none is running.
    #[must_use]
    pub fn serving(&self) -> Option<Serving> {
        let text = fs::read_to_string(self.serving_file()).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Tells the commands beside this server where it is.
    ///
    /// # Errors
    /// The system refuses.
    pub fn note_serving(&self, serving: &Serving) -> io::Result<()> {
        let text = serde_json::to_string(serving).map_err(io::Error::other)?;
        write_private(&self.serving_file(), &text)
    }

    /// Takes back what [`Self::note_serving`] said.
    pub fn forget_serving(&self) {
        // Nothing is lost if it stays: the next start writes it anew.
        let _ = fs::remove_file(self.serving_file());
    }
}

/// Writes `content` to `path`, readable by the owner only, all of it or nothing.
///
/// # Errors
/// The system refuses.
pub(crate) fn write_private(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let new = path.with_extension("new");
    write_anew(&new, content.as_ref())?;
    fs::rename(new, path)?;
    // What is written after this must not survive a power cut that this does not.
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Does the same, but leaves what is at `path` already: of several processes the first counts.
///
/// # Errors
/// The system refuses.
pub(crate) fn create_private(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    write_anew(&new, content.as_ref())?;
    let linked = fs::hard_link(&new, path);
    fs::remove_file(new)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn write_anew(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
