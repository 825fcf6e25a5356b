//! The two ways in which the demo is shown: the window itself, or pictures of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::display::Display;
use harness::keyring::Keyring;
use harness::process::run;
use harness::tour::Tour;
use harness::world::{Link, User, World, program};
use harness::{Because, Failure, Outcome};

/// What the demo has prepared.
pub(crate) struct Demo<'a> {
    pub(crate) world: &'a World,
    pub(crate) link: &'a Link,
    pub(crate) user: &'a User,
    pub(crate) list: &'a Path,
}

impl Demo<'_> {
    /// Enrols this machine as the terminal, opens the window and waits until it is closed.
    pub(crate) fn open_window(&self) -> Outcome<()> {
        let keyring = Keyring::start()?;
        println!("\n== Enrolling this machine as the terminal of the health centre");
        let mut enrol = Command::new(program("mimamori"));
        keyring.enter_with_display(enrol.args([
            "enrol",
            "--link",
            &self.link.url,
            "--password-stdin",
        ]));
        let words = run(&mut enrol, &format!("{}\n", self.link.password))?
            .success()
            .because("mimamori enrol")?;
        println!("{}", words.trim_end());
        println!("\n== Opening the window. Log in with");
        println!("  user ID   {}", self.user.login);
        println!("  password  {}", self.user.password);
        println!(
            "  and take in (F6) the quarantine station's list\n  {}",
            self.list.display()
        );
        println!("  Closing the window, or Ctrl-C here, ends the demo and leaves nothing behind.");
        let status = keyring
            .enter_with_display(&mut Command::new(program("mimamori")))
            .stdin(Stdio::null())
            .status()
            .because("opening the window")?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("the window ended with {status}")))
        }
    }

    /// Walks through everything on a virtual display.
    pub(crate) fn take_pictures(&self, folder: &Path) -> Outcome<()> {
        println!("\n== No display here: taking pictures of each step");
        let _ = fs::remove_dir_all(folder);
        let (keyring, display) = (Keyring::start()?, Display::start(1280, 800)?);
        let mut tour = Tour::new(self.world, &keyring, &display, folder);
        tour.on_picture(|file| println!("  {}", file.display()));
        tour.walk(self.link, self.user, self.list)
    }
}
