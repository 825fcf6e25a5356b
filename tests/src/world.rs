//! A whole installation: a server set up and served by its own command line, its operator, and
//! the programs themselves, built as they are now.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;
use crate::postgres::free_port;
use crate::process::{Finished, Running, run};
use crate::scratch::Scratch;
use crate::small_disk::{moved_to_a_small_disk, seen_by};
use crate::{Because, Failure, Outcome};

/// The host that links and the server's certificate name.
pub const HOST: &str = "localhost";

/// An installation of the server in a folder of its own, gone when dropped.
pub struct World {
    server: Option<Running>,
    home: Scratch,
    database: Option<String>,
    ports: [u16; 2],
    environment: Vec<(String, String)>,
}

/// A link and its password, as the operator gets them.
#[derive(Clone)]
pub struct Link {
    /// What the office pastes into its terminal.
    pub url: String,
    /// The link's id: the user name of EST.
    pub id: String,
    /// Reaches the office on another way than the link.
    pub password: String,
}

/// A member of staff who may log in.
#[derive(Clone)]
pub struct User {
    /// The user ID.
    pub login: String,
    /// Clones are the same person.
    password: Arc<Mutex<String>>,
}

impl User {
    /// Somebody with this user ID and password.
    #[must_use]
    pub fn new(login: &str, password: &str) -> Self {
        Self {
            login: login.to_owned(),
            password: Arc::new(Mutex::new(password.to_owned())),
        }
    }

    /// The password: as it was handed over, until it is [changed](Self::chose).
    #[must_use]
    pub fn password(&self) -> String {
        self.password.lock().expect("no holder panics").clone()
    }

    /// The password that this person would choose.
    #[must_use]
    pub fn own_password(&self) -> String {
        format!("three words of {}", self.login)
    }

    /// They chose it.
    pub fn chose(&self, password: String) {
        *self.password.lock().expect("no holder panics") = password;
    }
}

impl World {
    /// Sets up a server on SQLite and starts it.
    ///
    /// # Errors
    /// With the server's own words, when it refuses.
    pub fn start() -> Outcome<Self> {
        let mut world = Self::prepare(None)?;
        world.serve()?;
        Ok(world)
    }

    /// Sets up a server on this database (`None`: its own SQLite), without starting it.
    ///
    /// # Errors
    /// With the server's own words, when it refuses.
    pub fn prepare(database: Option<String>) -> Outcome<Self> {
        let ports = [free_port()?, free_port()?];
        let world = Self {
            server: None,
            home: Scratch::new("server")?,
            database,
            ports,
            environment: Vec::new(),
        };
        world
            .operator(["init", "--host", HOST])
            .because("mimamori-server init")?;
        Ok(world)
    }

    /// A second server of the same authority on the same database, with ports of its own, without
    /// starting it.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn neighbour(&self) -> Outcome<Self> {
        let home = Scratch::new("neighbour")?;
        let data = home.join("data");
        fs::create_dir(&data).because("making the neighbour's folder")?;
        for file in fs::read_dir(self.data()).because("reading the data folder")? {
            let file = file.because("reading the data folder")?;
            // What a running server says of itself is not the neighbour's.
            if file.file_name() != "serving.json" {
                fs::copy(file.path(), data.join(file.file_name())).because("copying a file")?;
            }
        }
        Ok(Self {
            server: None,
            home,
            database: self.database.clone(),
            ports: [free_port()?, free_port()?],
            environment: self.environment.clone(),
        })
    }

    /// An empty place for another server on this database (`None`: its own SQLite), on which
    /// nothing was set up yet.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn elsewhere(&self, database: Option<String>) -> Outcome<Self> {
        Ok(Self {
            server: None,
            home: Scratch::new("elsewhere")?,
            database,
            ports: [free_port()?, free_port()?],
            environment: self.environment.clone(),
        })
    }

    /// Gives every command from now on this variable, too.
    pub fn set_environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Takes it from every command from now on.
    pub fn unset_environment(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// Lets every command from now on go by this clock.
    pub fn under(&mut self, clock: &Clock) {
        for (name, value) in clock.environment() {
            self.set_environment(name, &value);
        }
    }

    /// Starts the prepared server and waits until it accepts connections.
    ///
    /// # Errors
    /// With the server's log, when it does not within twenty seconds.
    pub fn serve(&mut self) -> Outcome<()> {
        let command = self.command(["serve"]);
        self.start_as(command)
    }

    /// Starts it with its data folder on a disk of so many kilobytes, which nobody else sees: what
    /// is written there goes away with it.
    ///
    /// # Errors
    /// As [`serve`](Self::serve), and when this machine lets nobody mount anything.
    pub fn serve_on_a_small_disk(&mut self, kilobytes: u32) -> Outcome<()> {
        let command = self.command(["serve"]);
        self.start_as(moved_to_a_small_disk(&command, &self.data(), kilobytes))
    }

    /// The data folder as the running server sees it, on a small disk perhaps.
    ///
    /// # Panics
    /// When it is not serving.
    pub fn data_in_use(&mut self) -> PathBuf {
        let data = self.data();
        seen_by(self.server().id(), &data)
    }

    fn start_as(&mut self, mut command: Command) -> Outcome<()> {
        let mut server = Running::start(&mut command, &self.log_file())?;
        // The log is kept across restarts: only what this start writes counts.
        let before = self.starts();
        server.wait_for_line(Duration::from_secs(20), |_| {
            (self.starts() > before).then_some(())
        })?;
        self.server = Some(server);
        Ok(())
    }

    /// A command line of `mimamori-server` for this installation.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(program("mimamori-server"));
        command
            .args(arguments)
            .env("MIMAMORI_DATA", self.data())
            .env("MIMAMORI_TERMINALS", self.terminals().to_string())
            .env("MIMAMORI_ENROLMENT", self.enrolment().to_string());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        if let Some(database) = &self.database {
            command.env("MIMAMORI_DATABASE", database);
        }
        command
    }

    /// Runs a command of the operator that must succeed.
    ///
    /// # Errors
    /// With its words, when it does not.
    pub fn operator(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Outcome<String> {
        self.attempt(arguments)?.success()
    }

    /// Runs a command of the operator, however it ends.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn attempt(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Outcome<Finished> {
        run(&mut self.command(arguments), "")
    }

    /// Adds an office.
    ///
    /// # Errors
    /// With the server's words, when it refuses.
    pub fn office(&self, code: &str, kind: &str, name: &str, parent: Option<&str>) -> Outcome<()> {
        let mut arguments = vec![
            "office", "add", "--code", code, "--kind", kind, "--name", name,
        ];
        arguments.extend(parent.iter().flat_map(|parent| ["--parent", parent]));
        self.operator(arguments).map(drop)
    }

    /// Issues a link to an office.
    ///
    /// # Errors
    /// With the server's words, when it refuses.
    pub fn link(&self, office: &str) -> Outcome<Link> {
        let answer = self.object(["link", "issue", "--office", office, "--json"])?;
        Ok(Link {
            url: text(&answer, "url")?,
            id: text(&answer, "enrolment_id")?,
            password: text(&answer, "password")?,
        })
    }

    /// Adds a user to an office.
    ///
    /// # Errors
    /// With the server's words, when it refuses.
    pub fn user(&self, office: &str, login: &str, role: &str) -> Outcome<User> {
        let answer = self.object([
            "user", "add", "--office", office, "--login", login, "--role", role, "--json",
        ])?;
        Ok(User::new(
            &text(&answer, "login")?,
            &text(&answer, "initial_password")?,
        ))
    }

    fn object<const N: usize>(&self, arguments: [&str; N]) -> Outcome<Value> {
        let answer = self.operator(arguments)?;
        serde_json::from_str(&answer)
            .because(&format!("reading the answer to {}", arguments.join(" ")))
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// A folder beside the data, for what a test needs.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Where terminals connect.
    pub fn terminals(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports[0]))
    }

    /// Where links are redeemed.
    pub fn enrolment(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports[1]))
    }

    /// The base of a URL on the terminals' listener.
    pub fn terminals_url(&self) -> String {
        format!("https://{HOST}:{}", self.ports[0])
    }

    /// The base of a URL on the enrolment listener.
    pub fn enrolment_url(&self) -> String {
        format!("https://{HOST}:{}", self.ports[1])
    }

    /// The running server.
    ///
    /// # Panics
    /// When it was not started or was taken.
    pub fn server(&mut self) -> &mut Running {
        self.server.as_mut().expect("the server was started")
    }

    /// Whether it serves.
    pub fn is_serving(&self) -> bool {
        self.server.is_some()
    }

    /// Kills the server at once, as a power cut would.
    pub fn power_cut(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Everything the server has logged, over all its starts.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.home.join("server.log")
    }

    fn starts(&self) -> usize {
        self.log()
            .lines()
            .filter(|line| line.starts_with("ready terminals="))
            .count()
    }
}

/// A text field of a JSON object.
///
/// # Errors
/// When it is missing or no text.
pub fn text(object: &Value, field: &str) -> Outcome<String> {
    object
        .get(field)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("no text `{field}` in {object}")))
}

/// One of the programs, `mimamori` or `mimamori-server`, built from the sources as they are now.
/// Those of a release build are taken by a release build of the harness, and likewise for
/// development builds.
///
/// # Panics
/// With the compiler's words, when it does not build.
pub fn program(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built
        .entry(name.to_owned())
        .or_insert_with(|| build(name).expect("the program builds"))
        .clone()
}

/// A program has the name of its package.
fn build(name: &str) -> Outcome<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(repository())
        // Of the workspace, not of its package: see the steps of `verify`.
        .args(["build", "--quiet", "--workspace", "--bin", name])
        .args(["--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // Cargo tells where it puts it: the target folder is anyone's choice.
    let messages = run(&mut cargo, "")?.success().because("cargo build")?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .ok_or_else(|| Failure::new(format!("cargo built no {name}")))
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the workspace")
}

/// The bytes as lowercase hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
