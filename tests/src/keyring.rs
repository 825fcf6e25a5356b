//! A keyring of its own: a private D-Bus session with a gnome-keyring that is unlocked.
//!
//! The real Secret Service, but never the one of whoever runs the tests.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{self, Running, wait_until};
use crate::scratch::Scratch;
use crate::small_disk::{self, seen_by, with_a_small_disk};
use crate::{Because, Failure, Outcome};

/// How long something of the keyring may take to be there, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running private keyring, gone when dropped.
pub struct Keyring {
    // Dropped in this order: the daemons before their folder.
    secrets: Running,
    _bus: Running,
    home: Scratch,
}

impl Keyring {
    /// Starts the session bus and the keyring, unlocked.
    ///
    /// # Errors
    /// When a daemon is missing or does not come up within ten seconds.
    pub fn start() -> Outcome<Self> {
        let home = Scratch::new("keyring")?;
        for folder in ["data", "run"] {
            fs::create_dir(home.join(folder)).because("making the keyring's folders")?;
            fs::set_permissions(home.join(folder), fs::Permissions::from_mode(0o700))
                .because("closing the keyring's folders")?;
        }
        fs::write(home.join("bus.conf"), bus_settings(&home))
            .because("writing the bus's settings")?;
        let bus = Running::start(
            Command::new("dbus-daemon")
                .args(["--nofork", "--nopidfile", "--nosyslog"])
                .arg(format!("--config-file={}", home.join("bus.conf").display()))
                .stdin(Stdio::null()),
            &home.join("dbus.log"),
        )?;
        wait_until(PATIENCE, "the session bus", || {
            home.join("run/bus").exists().then_some(())
        })?;
        let secrets = daemon(&home, true)?;
        let keyring = Self {
            secrets,
            _bus: bus,
            home,
        };
        keyring.answers()?;
        Ok(keyring)
    }

    /// Waits until it gives back what it was given.
    fn answers(&self) -> Outcome<()> {
        wait_until(PATIENCE, "the keyring", || {
            let tool = |arguments: &[&str], input| {
                process::run(
                    self.enter(&mut Command::new("secret-tool")).args(arguments),
                    input,
                )
                .is_ok_and(|answer| answer.status.success())
            };
            let kept = tool(&["store", "--label=probe", "harness", "probe"], "probe")
                && tool(&["lookup", "harness", "probe"], "")
                && tool(&["clear", "harness", "probe"], "");
            kept.then_some(())
        })
    }

    /// Lets a command see this keyring and no other.
    pub fn enter<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        enter(&self.home, command)
    }

    /// The folder that is home to programs inside.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Lends a command this keyring only: its home and folders stay its own.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus_address(&self.home))
    }

    /// Lets a command see this keyring and leave its files here, but find the user's own display,
    /// which is looked for in the home and the runtime folder.
    pub fn enter_with_display<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        folders(&self.home, self.lend(command))
    }

    /// Every file that programs inside have left, without the keyring's own.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut left = vec![self.home.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = left.pop() {
            if folder == self.home.join("data/keyrings") {
                continue;
            }
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let kind = entry.file_type().ok();
                match kind {
                    Some(kind) if kind.is_dir() => left.push(entry.path()),
                    Some(kind) if kind.is_file() => found.push(entry.path()),
                    _ => {}
                }
            }
        }
        found
    }

    /// Takes the keyring away, as when the daemon is not installed or has crashed.
    pub fn remove(&mut self) {
        self.secrets.kill();
    }

    /// Brings a removed keyring back, with what was in it.
    ///
    /// # Errors
    /// When the daemon does not start.
    pub fn restore(&mut self) -> Outcome<()> {
        self.secrets = daemon(&self.home, true)?;
        self.answers()
    }

    /// Lets the keyring go on with what is in it, but on a disk without a byte left.
    ///
    /// The disk is a small one of its own, seen by the daemon alone: it goes away with it.
    ///
    /// # Errors
    /// When this machine lets nobody but root mount anything, or the daemon does not start.
    pub fn fill_the_disk(&mut self) -> Outcome<()> {
        self.secrets.kill();
        let mut daemon = with_a_small_disk(&self.home.join("data"), 64);
        daemon.arg("gnome-keyring-daemon");
        self.secrets = start(&self.home, daemon, true)?;
        self.is_there()?;
        small_disk::fill(&self.on_its_disk())
    }

    /// Makes room on the disk that was filled.
    ///
    /// # Errors
    /// When the daemon has ended.
    pub fn clear_the_disk(&self) -> Outcome<()> {
        small_disk::clear(&self.on_its_disk())
    }

    fn on_its_disk(&self) -> PathBuf {
        seen_by(self.secrets.id(), &self.home.join("data"))
    }

    /// Waits until it can be asked, whether or not it can give or keep anything.
    fn is_there(&self) -> Outcome<()> {
        wait_until(PATIENCE, "the keyring's daemon", || {
            let mut look = Command::new("secret-tool");
            let look = self.enter(&mut look).args(["search", "harness", "probe"]);
            process::run(look, "")
                .is_ok_and(|answer| answer.status.success())
                .then_some(())
        })
        .map_err(|failure| Failure::new(format!("{failure}\n{}", self.secrets.log())))
    }

    /// Locks the keyring, as after a login without its password.
    ///
    /// # Errors
    /// When the daemon does not start again.
    pub fn lock(&mut self) -> Outcome<()> {
        self.secrets.kill();
        self.secrets = daemon(&self.home, false)?;
        self.is_there()
    }
}

fn daemon(home: &Scratch, unlocked: bool) -> Outcome<Running> {
    start(home, Command::new("gnome-keyring-daemon"), unlocked)
}

fn start(home: &Scratch, mut daemon: Command, unlocked: bool) -> Outcome<Running> {
    let mut daemon = Running::start(
        enter(home, &mut daemon)
            .args(["--foreground", "--components=secrets"])
            .args(unlocked.then_some("--unlock"))
            .stdin(Stdio::piped()),
        &home.join("gnome-keyring.log"),
    )?;
    let mut password = daemon.input().expect("its input was asked for");
    if unlocked {
        password
            .write_all(b"a keyring for one test")
            .because("unlocking the keyring")?;
    }
    Ok(daemon)
}

/// A session bus that starts no services by itself: a keyring that was taken away stays away.
fn bus_settings(home: &Scratch) -> String {
    format!(
        r#"<busconfig>
  <type>session</type>
  <listen>{}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        bus_address(home)
    )
}

fn enter<'a>(home: &Scratch, command: &'a mut Command) -> &'a mut Command {
    folders(home, command)
        .env("DBUS_SESSION_BUS_ADDRESS", bus_address(home))
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.join("run"))
}

fn folders<'a>(home: &Scratch, command: &'a mut Command) -> &'a mut Command {
    command
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
}

fn bus_address(home: &Scratch) -> String {
    format!("unix:path={}", home.join("run/bus").display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_secret_until_it_is_taken_away() {
        let mut keyring = Keyring::start().unwrap();
        let ask = |keyring: &Keyring, arguments: &[&str], input: &str| {
            process::run(
                keyring
                    .enter(&mut Command::new("secret-tool"))
                    .args(arguments),
                input,
            )
            .unwrap()
        };
        ask(
            &keyring,
            &["store", "--label=probe", "app", "probe"],
            "a secret",
        )
        .success()
        .unwrap();
        assert_eq!(
            ask(&keyring, &["lookup", "app", "probe"], "").stdout,
            "a secret"
        );
        keyring.remove();
        assert!(
            !ask(&keyring, &["lookup", "app", "probe"], "")
                .status
                .success()
        );
        keyring.restore().unwrap();
        let found = wait_until(PATIENCE, "the secret", || {
            Some(ask(&keyring, &["lookup", "app", "probe"], "").stdout)
                .filter(|secret| !secret.is_empty())
        });
        assert_eq!(found.unwrap(), "a secret");
    }
}
