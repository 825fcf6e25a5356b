//! A PostgreSQL of its own, from the system's package, on a free port of this machine.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Running, run, wait_until};
use crate::scratch::Scratch;
use crate::{Because, Failure, Outcome};

/// A running private cluster, gone when dropped.
pub struct Postgres {
    server: Running,
    programs: PathBuf,
    port: u16,
    home: Scratch,
}

impl Postgres {
    /// Makes a cluster and starts it. As root it runs as the user `postgres`, as it insists on.
    ///
    /// # Errors
    /// When no PostgreSQL is installed or it does not come up within thirty seconds.
    pub fn start() -> Outcome<Self> {
        let programs = programs().ok_or_else(|| Failure::new("no PostgreSQL is installed"))?;
        let home = Scratch::new("postgres")?;
        let cluster = home.join("cluster");
        fs::create_dir(&cluster).because("making the cluster's folder")?;
        if is_root(home.path()) {
            // Both: the socket lies beside the cluster.
            for folder in [home.path(), &cluster] {
                run(Command::new("chown").arg("postgres:").arg(folder), "")?
                    .success()
                    .because("chown")?;
            }
        }
        run(
            as_postgres(&home, &programs.join("initdb"))
                .args([
                    "--auth=trust",
                    "--username=mimamori",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "-D",
                ])
                .arg(&cluster),
            "",
        )?
        .success()
        .because("initdb")?;
        let port = free_port()?;
        let server = Running::start(
            as_postgres(&home, &programs.join("postgres"))
                .arg("-D")
                .arg(&cluster)
                .arg("-k")
                .arg(home.path())
                .args(["-p", &port.to_string()])
                // Tests kill the server under test, never the machine: no need to wait for a disk.
                .args([
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=200",
                ])
                .stdin(Stdio::null()),
            &home.join("postgres.log"),
        )?;
        let mut postgres = Self {
            server,
            programs,
            port,
            home,
        };
        wait_until(Duration::from_secs(30), "PostgreSQL", || {
            let ready = postgres
                .program("pg_isready", &["-q", "-d", "postgres"])
                .is_ok();
            (ready || postgres.server.ended().is_some()).then_some(())
        })?;
        match postgres.server.ended() {
            Some(status) => Err(Failure::new(format!(
                "PostgreSQL ended with {status}\n{}",
                postgres.server.log()
            ))),
            None => Ok(postgres),
        }
    }

    /// Makes an empty database and gives its URL.
    ///
    /// # Errors
    /// When one of that name exists.
    pub fn database(&self, name: &str) -> Outcome<String> {
        self.program("createdb", &[name])?;
        Ok(format!(
            "postgres://mimamori@127.0.0.1:{}/{name}",
            self.port
        ))
    }

    /// Does away with one of its databases, whoever is still connected.
    ///
    /// # Errors
    /// With PostgreSQL's words, when it refuses.
    pub fn drop_database(&self, name: &str) -> Outcome<()> {
        self.program("dropdb", &["--force", name]).map(drop)
    }

    /// Runs SQL in one of its databases, as somebody with the database's own tools would.
    ///
    /// # Errors
    /// With PostgreSQL's words, when it refuses.
    pub fn sql(&self, database: &str, text: &str) -> Outcome<String> {
        self.program("psql", &["-v", "ON_ERROR_STOP=1", "-Atqc", text, database])
    }

    /// Ends it at once, as if its machine had failed. Its data stays until it is dropped.
    pub fn fail(&self) {
        self.server.signal("QUIT");
    }

    /// Stops it where it is: it keeps every connection and answers nothing, as when its machine
    /// hangs.
    ///
    /// # Errors
    /// When its processes cannot be told.
    pub fn freeze(&self) -> Outcome<()> {
        self.signal_all("STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// The same.
    pub fn thaw(&self) -> Outcome<()> {
        self.signal_all("CONT")
    }

    /// Sends a signal to the server and to each of its processes, which are groups of their own.
    fn signal_all(&self, signal: &str) -> Outcome<()> {
        let file = self.home.join("cluster").join("postmaster.pid");
        let text = fs::read_to_string(file).because("reading the server's process id")?;
        let server = text.lines().next().unwrap_or_default().trim().to_owned();
        let mut ids = children_of(&server);
        ids.push(server);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#"kill -s "$@""#, "signal", signal])
            .args(ids);
        run(&mut shell, "")?.success().because(signal).map(drop)
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Outcome<String> {
        run(
            Command::new(self.programs.join(name))
                .args([
                    "-h",
                    "127.0.0.1",
                    "-U",
                    "mimamori",
                    "-p",
                    &self.port.to_string(),
                ])
                .args(arguments),
            "",
        )?
        .success()
        .because(name)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A process that is stopped would not notice that its server has gone.
        let _ = self.thaw();
    }
}

/// The processes whose parent this one is, from `/proc/*/stat`: the second field after the name.
fn children_of(parent: &str) -> Vec<String> {
    let stats = fs::read_dir("/proc").into_iter().flatten().flatten();
    stats
        .filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            let (before, after) = stat.rsplit_once(')')?;
            let id = before.split_whitespace().next()?;
            (after.split_whitespace().nth(1)? == parent).then(|| id.to_owned())
        })
        .collect()
}

/// A port of this machine that nobody listens on.
///
/// # Errors
/// When the machine has none left.
pub fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").because("looking for a free port")?;
    Ok(listener
        .local_addr()
        .because("looking for a free port")?
        .port())
}

/// Where the newest installed PostgreSQL keeps its programs; Debian has them off the path.
pub(crate) fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            version(path).is_some_and(|number| number >= 15) && path.join("bin/postgres").exists()
        })
        .max_by_key(|path| version(path))
        .map(|path| path.join("bin"))
}

fn as_postgres(home: &Scratch, program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root(home.path()) {
        command = Command::new("setpriv");
        command
            .args([
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                "--",
            ])
            .arg(program);
    }
    command.current_dir(home.path()).env("LC_ALL", "C.UTF-8");
    command
}

/// Whether this process is root: what it makes belongs to user 0. Asked of the parent folder,
/// which nobody hands to another user.
fn is_root(made_here: &Path) -> bool {
    made_here
        .parent()
        .and_then(|parent| fs::metadata(parent).ok())
        .is_some_and(|folder| folder.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_databases_of_their_own() {
        let postgres = Postgres::start().unwrap();
        postgres.database("one").unwrap();
        postgres.database("two").unwrap();
        assert!(postgres.database("one").is_err());
        let answer = postgres.sql("one", "select current_database()").unwrap();
        assert_eq!(answer.trim(), "one");
    }
}
