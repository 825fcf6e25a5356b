//! A PKCS#11 token in software (SoftHSM2), in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Running, run};
use crate::scratch::Scratch;
use crate::{Because, Failure, Outcome};

/// The token's label.
pub const LABEL: &str = "sample token";

/// Its PIN.
pub const PIN: &str = "24681357";

/// Where Debian puts the module.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Locks every file of the token in this folder, says so, and waits to be killed.
const HOLDER: &str = "import fcntl, os, signal, sys
held = [open(os.path.join(folder, name), 'r+b') for folder, _, names in os.walk(sys.argv[1]) for name in names]
for file in held: fcntl.lockf(file, fcntl.LOCK_EX)
print('held', flush=True)
signal.pause()";

/// A token, gone when dropped.
pub struct SoftToken {
    home: Scratch,
}

impl SoftToken {
    /// Makes a token with [`LABEL`] and [`PIN`].
    ///
    /// # Errors
    /// When SoftHSM2 is not installed or refuses.
    pub fn new() -> Outcome<Self> {
        if !Path::new(MODULE).exists() {
            return Err(Failure::new("no SoftHSM2 is installed"));
        }
        let token = Self {
            home: Scratch::new("token")?,
        };
        fs::create_dir(token.folder()).because("making the tokens' folder")?;
        let settings = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            token.folder().display()
        );
        fs::write(token.settings(), settings).because("writing the token's settings")?;
        fs::write(token.pin(), PIN).because("writing the PIN")?;
        let mut init = Command::new("softhsm2-util");
        init.args(["--init-token", "--free", "--label", LABEL])
            .args(["--so-pin", "13572468", "--pin", PIN])
            .env("SOFTHSM2_CONF", token.settings());
        run(&mut init, "")?.success().because("softhsm2-util")?;
        Ok(token)
    }

    /// What `SOFTHSM2_CONF` must name for the module to find it.
    pub fn settings(&self) -> PathBuf {
        self.home.join("softhsm2.conf")
    }

    /// A file with the PIN.
    pub fn pin(&self) -> PathBuf {
        self.home.join("pin")
    }

    /// Pulls it out.
    ///
    /// # Errors
    /// When it is out already.
    pub fn pull_out(&self) -> Outcome<()> {
        fs::rename(self.folder(), self.home.join("pulled-out")).because("pulling the token out")?;
        fs::create_dir(self.folder()).because("leaving the slot empty")
    }

    /// Puts it back.
    ///
    /// # Errors
    /// When it was not pulled out.
    pub fn put_back(&self) -> Outcome<()> {
        fs::remove_dir_all(self.folder()).because("clearing the slot")?;
        fs::rename(self.home.join("pulled-out"), self.folder()).because("putting the token back")
    }

    /// Lets it hang: whoever asks it for anything gets no answer until what this gives is dropped.
    /// The module waits for locks on the token's files, which another program holds here.
    ///
    /// # Errors
    /// When the locks cannot be taken.
    pub fn hang(&self) -> Outcome<Running> {
        let mut holder = Command::new("/usr/bin/python3");
        holder.args(["-c", HOLDER]).arg(self.folder());
        let log = self.home.join("holder.log");
        // What an earlier one wrote there must not count.
        fs::write(&log, "").because("emptying the holder's log")?;
        let mut holder = Running::start(holder.stdin(Stdio::null()), &log)?;
        holder.wait_for_line(Duration::from_secs(10), |line| {
            (line == "held").then_some(())
        })?;
        Ok(holder)
    }

    fn folder(&self) -> PathBuf {
        self.home.join("tokens")
    }
}
