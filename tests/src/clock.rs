//! A clock for programs that goes ahead of the machine's, and is moved while they run: a year
//! passes in a test. The programs are the real ones and know nothing of it; see `clock.c`. Debian's
//! libfaketime moves waits and the times of files as well, and these must go on as they are.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::process::run;
use crate::scratch::Scratch;
use crate::{Because, Outcome};

const PROGRAM: &str = include_str!("clock.c");

/// The seconds of a day.
pub const DAY: i64 = 24 * 60 * 60;

/// A clock, gone when dropped; who was started under it then keeps what it last showed.
pub struct Clock {
    home: Scratch,
}

impl Clock {
    /// Makes one that shows the machine's time.
    ///
    /// # Errors
    /// When no C compiler is there; the server is not built without one, either.
    pub fn new() -> Outcome<Self> {
        let clock = Self {
            home: Scratch::new("clock")?,
        };
        let source = clock.home.join("clock.c");
        fs::write(&source, PROGRAM).because("writing the clock")?;
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O1", "-o"]);
        compile.arg(clock.library()).arg(&source);
        run(&mut compile, "")?.success().because("cc")?;
        fs::write(clock.file(), 0_i64.to_ne_bytes()).because("setting the clock")?;
        Ok(clock)
    }

    /// Puts it this many seconds ahead of the machine's, at once for all that run under it.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn ahead(&self, seconds: i64) -> Outcome<()> {
        // In place: the file is mapped into every program.
        let mut file = File::options()
            .write(true)
            .open(self.file())
            .because("opening the clock")?;
        file.write_all(&seconds.to_ne_bytes())
            .because("moving the clock")
    }

    /// What a program's environment must hold for it to go by this clock.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("LD_PRELOAD", self.library().display().to_string()),
            ("MIMAMORI_TEST_CLOCK", self.file().display().to_string()),
        ]
    }

    fn library(&self) -> PathBuf {
        self.home.join("clock.so")
    }

    fn file(&self) -> PathBuf {
        self.home.join("ahead")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(clock: &Clock) -> i64 {
        let mut date = Command::new("date");
        let date = run(date.arg("+%s").envs(clock.environment()), "").unwrap();
        date.success().unwrap().trim().parse().unwrap()
    }

    #[test]
    fn a_program_goes_by_the_clock_it_was_started_under() {
        let clock = Clock::new().unwrap();
        let before = seen(&clock);
        clock.ahead(400 * DAY).unwrap();
        assert!((400 * DAY..400 * DAY + 60).contains(&(seen(&clock) - before)));
    }
}
