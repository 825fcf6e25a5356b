//! The whole line through the real window, typed by keyboard alone: enrol, log in, take the list
//! in, record today, close, open again. The demo and the journey walk the same way.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::clock::Clock;
use crate::display::Display;
use crate::keyring::Keyring;
use crate::process::Running;
use crate::world::{Link, User, World, program};
use crate::{Failure, Outcome};

mod helpdesk;
mod overslept;

/// What the window's title holds.
const TITLE: &str = "見守り";

/// How long anything that a key starts may take, on a busy machine with an unoptimised build.
const PATIENCE: Duration = Duration::from_secs(30);

/// A window on a virtual display, and somebody who types.
pub struct Tour<'a> {
    /// The installation that the window talks to.
    pub world: &'a World,
    /// Where the terminal keeps its identity.
    pub keyring: &'a Keyring,
    /// Where the window stands.
    pub display: &'a Display,
    /// Where the pictures go.
    pub pictures: PathBuf,
    /// By which clock the window goes, if not by the machine's.
    pub clock: Option<&'a Clock>,
    window: Option<Running>,
    /// How many pictures were taken.
    pub taken: u32,
    seen: Box<dyn FnMut(&Path) + 'a>,
}

impl<'a> Tour<'a> {
    /// Prepares; nothing is opened yet.
    pub fn new(
        world: &'a World,
        keyring: &'a Keyring,
        display: &'a Display,
        pictures: &Path,
    ) -> Self {
        Self {
            world,
            keyring,
            display,
            pictures: pictures.to_owned(),
            clock: None,
            window: None,
            taken: 0,
            seen: Box::new(|_| {}),
        }
    }

    /// Tells `seen` of every picture that is taken.
    pub fn on_picture(&mut self, seen: impl FnMut(&Path) + 'a) {
        self.seen = Box::new(seen);
    }

    /// All of it. When the list is taken in, others do something `meanwhile`, which shows when the
    /// work list is loaded anew.
    ///
    /// # Errors
    /// When a step does not come to its end.
    pub fn walk(
        &mut self,
        link: &Link,
        user: &User,
        list: &Path,
        meanwhile: impl FnOnce() -> Outcome<()>,
    ) -> Outcome<()> {
        self.open()?;
        self.enrol(link)?;
        self.log_in(user)?;
        self.take_in(list)?;
        meanwhile()?;
        self.display.press(&["F5"])?;
        self.record()?;
        self.close()?;
        self.open()?;
        self.log_in(user)?;
        self.work_list()?;
        self.close()
    }

    /// Opens the window and gives it the keyboard.
    ///
    /// # Errors
    /// When no window appears.
    pub fn open(&mut self) -> Outcome<()> {
        let mut command = Command::new(program("mimamori"));
        self.display
            .enter(self.keyring.enter(&mut command))
            .env("LANG", "ja_JP.UTF-8")
            .stdin(Stdio::null());
        command.envs(self.clock.iter().flat_map(|clock| clock.environment()));
        let window = Running::start(&mut command, &self.world.beside("window.log"))?;
        if let Err(failure) = self.display.wait_for_window(TITLE, PATIENCE) {
            return Err(Failure::new(format!("{failure}\n{}", window.log())));
        }
        self.window = Some(window);
        self.display.rest(PATIENCE);
        Ok(())
    }

    /// Closes the window and waits for its end.
    ///
    /// # Errors
    /// When it stays open.
    pub fn close(&mut self) -> Outcome<()> {
        self.display.press(&["alt+F4"])?;
        if let Some(mut window) = self.window.take() {
            window.wait(PATIENCE)?;
        }
        Ok(())
    }

    /// Ends the window as a power cut would.
    pub fn crash(&mut self) {
        if let Some(mut window) = self.window.take() {
            window.kill();
        }
    }

    /// The memory in bytes that the window takes (PSS).
    pub fn memory(&self) -> u64 {
        self.window
            .as_ref()
            .map(Running::memory)
            .unwrap_or_default()
    }

    /// The processor time that the window's thread has used so far: for what was typed, for laying
    /// out and for drawing.
    pub fn drawing_time(&self) -> Duration {
        self.window
            .as_ref()
            .map(Running::first_thread_time)
            .unwrap_or_default()
    }

    /// Waits until nothing moves and takes a picture.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn picture(&mut self, name: &str) -> Outcome<PathBuf> {
        self.display.rest(PATIENCE);
        self.taken += 1;
        let file = self.pictures.join(format!("{:02}-{name}.png", self.taken));
        self.display.picture(&file)?;
        (self.seen)(&file);
        Ok(file)
    }

    /// Types into the field that has the keyboard, then presses keys.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn type_then(&self, text: &str, keys: &[&str]) -> Outcome<()> {
        self.display.write(text)?;
        self.display.press(keys)
    }

    /// The first screen of a new terminal: link, password, consent.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn enrol(&mut self, link: &Link) -> Outcome<()> {
        self.picture("enrolment")?;
        self.type_then(&link.url, &["Return"])?;
        self.type_then(&link.password, &["Tab", "space"])?;
        self.picture("enrolment-filled-in")?;
        self.display.press(&["ctrl+Return"])?;
        self.picture("enrolled")?;
        self.display.press(&["ctrl+Return"])
    }

    /// User ID and password.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn log_in(&mut self, user: &User) -> Outcome<()> {
        self.picture("login")?;
        self.type_then(&user.login, &["Return"])?;
        self.type_then(&user.password(), &["Return"])?;
        self.choose_password(user)?;
        self.picture("today").map(drop)
    }

    /// Changes the password that was handed over, at the first login.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn choose_password(&mut self, user: &User) -> Outcome<()> {
        let own = user.own_password();
        if user.password() == own {
            return Ok(());
        }
        self.display.rest(PATIENCE);
        self.type_then(&own, &["Return"])?;
        self.picture("own-password")?;
        self.type_then(&own, &["Return"])?;
        self.display.rest(PATIENCE);
        self.display.press(&["Return"])?;
        user.chose(own);
        Ok(())
    }

    /// The quarantine station's list, by its path.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn take_in(&mut self, list: &Path) -> Outcome<()> {
        // From today's work to the list that stands behind it.
        self.display.press(&["1"])?;
        self.picture("nobody-yet")?;
        self.display.press(&["F6"])?;
        self.picture("import")?;
        self.type_then(&list.display().to_string(), &["Return"])?;
        self.picture("dry-run")?;
        self.display.press(&["Return"])?;
        self.picture("likely-duplicates")?;
        // The first is somebody else after all, the second the same person.
        self.display.press(&["a", "s"])?;
        self.picture("decided")?;
        self.display.press(&["Return"])?;
        self.picture("taken-in")?;
        self.display.press(&["Return"])
    }

    /// Opens the window of a terminal that is let in no longer.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn turned_away(&mut self) -> Outcome<()> {
        self.open()?;
        self.picture("turned-away")?;
        self.close()
    }

    /// From 今日の仕事 to the list of all who are followed up.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn work_list(&mut self) -> Outcome<()> {
        self.display.press(&["1"])?;
        self.display.rest(PATIENCE);
        self.display.press(&["Escape"])?;
        self.picture("everyone").map(drop)
    }

    /// Today of the first on the list: nothing is wrong.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn record(&mut self) -> Outcome<()> {
        self.picture("work-list")?;
        self.display.press(&["space"])?;
        self.picture("record")?;
        self.type_then("365", &["Return"])?;
        self.picture("recorded").map(drop)
    }

    /// Types today of the next one and goes no further.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn half_record(&mut self) -> Outcome<()> {
        self.display.write("366")?;
        self.picture("half-recorded").map(drop)
    }

    /// Goes on with what was found of the last time, and saves it.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn go_on(&mut self) -> Outcome<()> {
        self.picture("found-again")?;
        self.display.press(&["F4"])?;
        self.picture("gone-on-with")?;
        self.display.press(&["Return"])?;
        self.picture("saved-after-all").map(drop)
    }
}
