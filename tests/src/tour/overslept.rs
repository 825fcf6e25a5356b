//! A terminal that slept past its certificate's end: its office asks with one key, the helpdesk
//! answers with one, and the office works on with a new link.

use super::{PATIENCE, Tour};
use crate::Outcome;
use crate::world::{Link, User};

impl Tour<'_> {
    /// Opens the window of a terminal whose certificate has ended, and asks for another.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn ask_for_another(&mut self) -> Outcome<()> {
        self.open()?;
        self.picture("overslept")?;
        self.display.press(&["F3"])?;
        self.picture("asked-for")?;
        self.close()
    }

    /// From a new terminal of the helpdesk to the answer: who waits stands on the desk before
    /// anything is typed.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn answer_who_waits(&mut self, link: &Link, user: &User) -> Outcome<()> {
        self.open()?;
        self.let_in(link, user)?;
        self.display.press(&["ctrl+1"])?;
        self.picture("who-waits")?;
        self.display.press(&["Return"])?;
        self.picture("waiting-office")?;
        self.display.press(&["F2"])?;
        self.picture("answered")?;
        self.close()
    }

    /// Back at the terminal: the new link in the place of the old, then the login.
    ///
    /// # Errors
    /// When a picture cannot be taken.
    pub fn enrol_anew(&mut self, link: &Link, user: &User) -> Outcome<()> {
        self.open()?;
        self.display.press(&["F2"])?;
        self.display.rest(PATIENCE);
        self.enrol(link)?;
        self.log_in(user)
    }
}
