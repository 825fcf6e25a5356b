//! The helpdesk takes a call: an address is registered, and a stolen terminal dies while its caller
//! is still on the line.

use super::{PATIENCE, Tour};
use crate::Outcome;
use crate::world::{Link, User};

impl Tour<'_> {
    /// From a new terminal of the helpdesk to the log of what was done, typed by keyboard alone.
    /// `office` is the code of the health centre that calls, `mail` the address that it registers.
    ///
    /// # Errors
    /// When a step does not come to its end.
    pub fn take_a_call(
        &mut self,
        link: &Link,
        user: &User,
        office: &str,
        mail: &str,
    ) -> Outcome<()> {
        self.open()?;
        self.let_in(link, user)?;
        self.register_contact(office, mail)?;
        self.reissue_stolen(office)?;
        self.look_back()?;
        self.close()
    }

    /// Enrols and logs in without a picture of each step.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn let_in(&mut self, link: &Link, user: &User) -> Outcome<()> {
        self.display.rest(PATIENCE);
        self.type_then(&link.url, &["Return"])?;
        self.type_then(&link.password, &["Tab", "space", "ctrl+Return"])?;
        self.display.rest(PATIENCE);
        self.display.press(&["ctrl+Return"])?;
        self.display.rest(PATIENCE);
        self.type_then(&user.login, &["Return"])?;
        self.type_then(&user.password(), &["Return"])?;
        self.choose_password(user)?;
        self.picture("helpdesk").map(drop)
    }

    /// Takes an office's address from the line of a mail.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn register_contact(&mut self, office: &str, mail: &str) -> Outcome<()> {
        self.display.press(&["ctrl+4"])?;
        self.display.rest(PATIENCE);
        self.display.press(&["F6"])?;
        self.display.rest(PATIENCE);
        self.type_then(&format!("{office} {mail}"), &["ctrl+Return"])?;
        self.picture("contact-looked-at")?;
        self.display.press(&["ctrl+Return"])?;
        self.display.rest(PATIENCE);
        self.display.press(&["F10"])?;
        self.picture("contact-registered")?;
        self.display.press(&["Return"])
    }

    /// Finds the office, sees at a glance how it stands, and reissues what was stolen: seven keys.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn reissue_stolen(&mut self, office: &str) -> Outcome<()> {
        self.display.press(&["ctrl+1"])?;
        self.display.rest(PATIENCE);
        self.display.write(office)?;
        self.picture("found-while-typing")?;
        self.display.press(&["Return"])?;
        self.picture("at-a-glance")?;
        self.display.press(&["F4"])?;
        self.picture("what-became-of-it")?;
        self.display.press(&["5", "1", "1", "Return"])?;
        self.picture("asked-once-more")?;
        self.display.press(&["ctrl+Return"])?;
        self.picture("reissued").map(drop)
    }

    /// What became of the mail, and what stands in the log.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn look_back(&mut self) -> Outcome<()> {
        self.display.press(&["ctrl+3"])?;
        self.picture("mail")?;
        self.display.press(&["ctrl+6"])?;
        self.picture("log").map(drop)
    }
}
