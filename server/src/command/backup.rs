//! `backup DIR | restore DIR`: a copy of everything that makes this server, of one moment, and a
//! server made from it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    Location, Refusal,
    audit::print_end,
    context,
    disk::{cannot_be_read, is_there},
    in_japan, print,
};
use crate::{
    settings::{Folder, Overrides, Settings, write_private},
    store::{
        self, Dialect, NEWEST,
        audit::{self, Act, Actor, Head, hex, octets, verify},
        backup,
    },
};

/// The list of what a copy holds. It is written last: a folder without it is no copy.
const MANIFEST: &str = "backup.json";
/// The copy of the database.
const DATABASE: &str = "database.copy";

/// What `backup` takes.
#[derive(Args)]
pub(super) struct Backup {
    /// Folder to put the copy into: a new one, or an empty one. Whoever can read it can be this
    /// server: it holds the authority's key as it lies in the data folder.
    dir: PathBuf,
}

/// What `restore` takes.
#[derive(Args)]
pub(super) struct Restore {
    /// Folder that `backup` wrote. The data folder and the database must not hold a server yet.
    dir: PathBuf,
}

/// What a copy holds.
#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The program's version.
    program: String,
    /// The step of the database.
    step: i64,
    /// When it was begun (UTC).
    made_at: Timestamp,
    /// Which database it is of.
    database: Engine,
    /// An end of the audit log that it contains: its number, and its hash in hexadecimal.
    head: (i64, String),
    /// Its files, the database among them.
    files: Vec<Kept>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Engine {
    Sqlite,
    Postgres,
}

impl From<Dialect> for Engine {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Self::Sqlite,
            Dialect::Postgres => Self::Postgres,
        }
    }
}

/// One file of a copy.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    sha256: String,
}

/// Makes a copy beside a running server, or without one.
pub(super) async fn backup(place: &Location, arguments: Backup) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let (store, made_at) = (&context.app.store, context.app.clock.now());
    let dir = &arguments.dir;
    begin(dir)?;
    // First, so that the copy says of itself that it was made.
    let act = Act::new(Actor::default(), "command backup");
    store
        .write(act, (), |_, ()| Box::pin(async move { Ok(()) }))
        .await?;
    let mut reader = store.reader().await?;
    let head = audit::head(&mut reader).await?;
    drop(reader);
    store.close().await;
    let done = fill(dir, place, &context.settings, made_at, &head);
    if let Err(error) = done {
        // It was new or empty: all that is in it is half a copy.
        let _ = fs::remove_dir_all(dir);
        return Err(error);
    }
    print(dir.display())?;
    print_end(&head)
}

/// Makes the folder, or makes sure that nothing is in it.
fn begin(dir: &Path) -> Result<(), Refusal> {
    Folder::new(dir.to_owned())
        .create()
        .and_then(|()| fs::read_dir(dir))
        .map_err(|error| format!("{} cannot be written: {error}", dir.display()))?
        .next()
        .map_or(Ok(()), |_| {
            Err(format!("{} is not empty: name a new folder", dir.display()).into())
        })
}

fn fill(
    dir: &Path,
    place: &Location,
    settings: &Settings,
    made_at: Timestamp,
    head: &Head,
) -> Result<(), Refusal> {
    let cannot = |error: io::Error| format!("{} cannot be written: {error}", dir.display());
    let mut files = Vec::new();
    for path in place.folder.kept(settings.database.file())? {
        let name = path.file_name().unwrap_or_default();
        let content = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        write_private(&dir.join(name), content).map_err(cannot)?;
        files.push(kept(dir, &name.to_string_lossy())?);
    }
    // After the files: they change seldom, and the database knows what they are good for.
    backup::copy(&settings.database, &dir.join(DATABASE))?;
    files.push(kept(dir, DATABASE)?);
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        step: NEWEST,
        made_at,
        database: settings.database.dialect().into(),
        head: (head.number, hex(&head.hash)),
        files,
    };
    let text = serde_json::to_string_pretty(&manifest)?;
    write_private(&dir.join(MANIFEST), text).map_err(cannot)?;
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(cannot)?;
    Ok(())
}

fn kept(dir: &Path, name: &str) -> Result<Kept, Refusal> {
    let path = dir.join(name);
    let digest = digest(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Kept {
        name: name.to_owned(),
        sha256: digest,
    })
}

fn digest(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut Hashing(&mut hasher))?;
    Ok(hex(&hasher.finalize()))
}

/// Hashes what is written to it.
struct Hashing<'a>(&'a mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes a server from a copy where there is none: all of it or nothing.
pub(super) async fn restore(place: &Location, arguments: Restore) -> Result<(), Refusal> {
    let (dir, folder) = (&arguments.dir, &place.folder);
    let manifest = check(dir)?;
    let path = folder.path().display();
    if is_there(&folder.authority_certificate())? {
        return Err(format!("{path} holds a server already; nothing was changed").into());
    }
    let cannot_write = |error| format!("{path} cannot be written: {error}");
    folder.create().map_err(cannot_write)?;
    let settings_file = Kept::path(dir, folder.settings());
    let settings = fs::read(&settings_file)
        .map_err(|error| format!("{}: {error}", settings_file.display()))?;
    write_private(&folder.settings(), settings).map_err(cannot_write)?;
    let settings = Settings::load(
        folder,
        Overrides {
            database: place.database.clone(),
            ..Overrides::default()
        },
    )?;
    if Engine::from(settings.database.dialect()) != manifest.database {
        return Err(format!(
            "the copy is of a {:?} database, and {:?} is none: name one with --database",
            manifest.database, settings.database
        )
        .into());
    }
    backup::check_empty(&settings.database).await?;
    backup::restore(&dir.join(DATABASE), &settings.database)?;
    // The root's certificate last: a folder with it is complete.
    let root = folder.authority_certificate();
    let root = root.file_name().unwrap_or_default().to_string_lossy();
    let mut names: Vec<&str> = manifest.files.iter().map(|kept| &*kept.name).collect();
    names.retain(|name| *name != DATABASE);
    names.sort_by_key(|name| *name == root);
    for name in names {
        let content = fs::read(dir.join(name)).map_err(|error| format!("{name}: {error}"))?;
        write_private(&folder.path().join(name), content).map_err(cannot_write)?;
    }
    let end = look_over(place, &manifest).await?;
    print(&path)?;
    print_end(&end)?;
    print(format_args!(
        "This is the server as it was at {}. Certificates revoked and links used since are not \
         known to it: revoke and cancel them again before it serves.",
        in_japan(manifest.made_at)
    ))?;
    let said = Settings::load(folder, Overrides::default());
    if said.is_ok_and(|said| said.database == settings.database) {
        return Ok(());
    }
    print(format_args!(
        "{} names another database than the one restored into: set `database` in it, or give \
         --database (MIMAMORI_DATABASE) to `serve` too, else it serves the other one.",
        folder.settings().display()
    ))
}

impl Kept {
    /// Where the copy of this file of the data folder lies.
    fn path(dir: &Path, original: PathBuf) -> PathBuf {
        dir.join(original.file_name().unwrap_or_default())
    }
}

/// Reads what the copy holds and checks that each file is as it was written.
fn check(dir: &Path) -> Result<Manifest, Refusal> {
    let path = dir.join(MANIFEST);
    if !is_there(&path)? {
        let dir = dir.display();
        return Err(format!("{dir} holds no copy of a server: {MANIFEST} is not in it").into());
    }
    let text = fs::read_to_string(&path).map_err(|error| cannot_be_read(&path, &error))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if manifest.step > NEWEST {
        return Err(store::Error::NewerThanProgram {
            found: manifest.step,
            known: NEWEST,
        }
        .into());
    }
    for kept in &manifest.files {
        let path = dir.join(&kept.name);
        let is_plain = Path::new(&kept.name).file_name() == Some(kept.name.as_ref());
        if !is_plain || digest(&path).ok().as_ref() != Some(&kept.sha256) {
            let path = path.display();
            return Err(format!(
                "{path} is not as it was written: the copy is damaged; nothing was restored"
            )
            .into());
        }
    }
    Ok(manifest)
}

/// Opens the restored server, checks its log against the end that the copy names, and notes that
/// it was restored.
async fn look_over(place: &Location, manifest: &Manifest) -> Result<Head, Refusal> {
    let context = context::open(place).await?;
    let store = &context.app.store;
    let expected = Head {
        number: manifest.head.0,
        hash: octets(&manifest.head.1).unwrap_or_default(),
    };
    let mut reader = store.reader().await?;
    verify(&mut reader, &[expected]).await??;
    drop(reader);
    let act = Act::new(Actor::default(), "command restore");
    store
        .write(act, (), |_, ()| Box::pin(async move { Ok(()) }))
        .await?;
    let mut reader = store.reader().await?;
    let end = audit::head(&mut reader).await?;
    drop(reader);
    store.close().await;
    Ok(end)
}
