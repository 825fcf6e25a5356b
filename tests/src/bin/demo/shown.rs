//! The two ways in which the demo is shown: the window itself, or pictures of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use harness::display::Display;
use harness::keyring::Keyring;
use harness::mail_sink::MailSink;
use harness::process::{run, wait_until};
use harness::tour::Tour;
use harness::world::{Link, User, World, program};
use harness::{Because, Failure, Outcome};

use crate::colleague::Colleague;
use crate::{OFFICE, PREFECTURE};

/// Where the health centre's links are to go.
const MAIL: &str = "higashi@mihon.example.jp";

/// A terminal that is to be enrolled, and who will log in on it.
pub(crate) struct Seat {
    pub(crate) link: Link,
    pub(crate) user: User,
}

impl Seat {
    /// Enrols the terminal whose keystore this is; what it says of it.
    fn enrol(&self, keyring: &Keyring) -> Outcome<String> {
        let mut enrol = Command::new(program("mimamori"));
        let link = ["--link", &self.link.url, "--password-stdin"];
        keyring.enter_with_display(enrol.arg("enrol").args(link));
        run(&mut enrol, &format!("{}\n", self.link.password))?
            .success()
            .because("mimamori enrol")
    }
}

/// What the demo has prepared.
pub(crate) struct Demo<'a> {
    pub(crate) world: &'a World,
    pub(crate) sink: &'a MailSink,
    pub(crate) centre: &'a Seat,
    pub(crate) helpdesk: &'a Seat,
    pub(crate) colleague: &'a User,
    pub(crate) list: &'a Path,
}

impl Demo<'_> {
    /// Enrols this machine as the terminal of the health centre, or of the helpdesk, opens the
    /// window and waits until it is closed.
    pub(crate) fn open_window(&self, at_the_helpdesk: bool) -> Outcome<()> {
        let keyring = Keyring::start()?;
        let (seat, office) = match at_the_helpdesk {
            true => (self.helpdesk, "helpdesk"),
            false => (self.centre, "health centre"),
        };
        println!("\n== Enrolling this machine as the terminal of the {office}");
        println!("{}", seat.enrol(&keyring)?.trim_end());
        if at_the_helpdesk {
            self.centre_can_be_served()?;
        }
        println!("\n== Opening the window. Log in with");
        println!("  user ID   {}", seat.user.login);
        println!(
            "  password  {}  (you are asked to choose another one first)",
            seat.user.password()
        );
        if at_the_helpdesk {
            println!("  and type what a caller says, such as 990001-1");
        } else {
            println!(
                "  and take in (F6) the quarantine station's list\n  {}",
                self.list.display()
            );
        }
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

    /// Whoever calls has a terminal, and an address to which the link for another can be sent.
    fn centre_can_be_served(&self) -> Outcome<()> {
        for (office, mail) in [(OFFICE, MAIL), ("990001-2", "nishi@mihon.example.jp")] {
            let contact = ["office", "contact", "--code", office, "--mail", mail];
            self.world.operator(contact)?;
        }
        // Only its certificate matters: the terminal itself stays off.
        self.centre.enrol(&Keyring::start()?).map(drop)
    }

    /// Walks through everything on a virtual display.
    pub(crate) fn take_pictures(&self, folder: &Path) -> Outcome<()> {
        println!("\n== No display here: taking pictures of each step");
        let _ = fs::remove_dir_all(folder);
        let (keyring, display) = (Keyring::start()?, Display::start(1280, 800)?);
        let mut tour = Tour::new(self.world, &keyring, &display, folder);
        tour.on_picture(|file| println!("  {}", file.display()));
        let (link, user) = (&self.centre.link, &self.centre.user);
        tour.walk(link, user, self.list, || {
            let mut colleague = Colleague::at(self.world, PREFECTURE, self.colleague)?;
            let days = colleague.record_days()?;
            println!("  meanwhile the prefecture records {days} days of these people");
            Ok(())
        })?;
        let taken = tour.taken;

        println!(
            "\n== At the helpdesk: {OFFICE} has called, its terminal was stolen. That one is to end at \
             once, and a link for another goes to {MAIL}"
        );
        let at_the_desk = Keyring::start()?;
        let mut tour = Tour::new(self.world, &at_the_desk, &display, folder);
        tour.taken = taken;
        tour.on_picture(|file| println!("  {}", file.display()));
        let Seat { link, user } = self.helpdesk;
        tour.take_a_call(link, user, OFFICE, MAIL)?;
        let mails = wait_until(Duration::from_secs(30), "the mail with the link", || {
            let kept = self.sink.kept().ok()?;
            (!kept.is_empty()).then_some(kept.len())
        })?;
        println!("  {mails} mail went out to {MAIL}");
        let taken = tour.taken;

        println!("\n== Whoever opens the stolen terminal");
        let mut tour = Tour::new(self.world, &keyring, &display, folder);
        tour.taken = taken;
        tour.on_picture(|file| println!("  {}", file.display()));
        tour.turned_away()
    }
}
