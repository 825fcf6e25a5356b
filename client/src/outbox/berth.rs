//! Which files are this window's: each window claims a number for as long as it lives, and writes
//! under that.

use std::io;

use shared::id::UserId;

use super::shelf::{Claim, Shelf};

/// More windows than this at once keep nothing and say so; nobody has so many.
const MOST: u32 = 64;

/// One window's place; the first has the plain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Berth(u32);

impl Berth {
    /// The file in which it keeps what `person` typed.
    pub(super) fn name(self, person: UserId) -> String {
        let name = super::name(person);
        match self.0 {
            1 => name,
            number => format!("{name}.{number}"),
        }
    }

    fn claim(self, shelf: &dyn Shelf) -> io::Result<Option<Claim>> {
        shelf.claim(&format!("window-{}{CLAIM}", self.0))
    }
}

/// How the name of the file ends by which a place is claimed.
const CLAIM: &str = ".lock";

/// Whether a file only claims a place.
pub(super) fn is_claim(name: &str) -> bool {
    name.ends_with(CLAIM)
}

/// The number behind a person's name.
pub(super) fn number(rest: &str) -> Option<u32> {
    rest.strip_prefix('.')?.parse().ok()
}

/// What this window holds.
#[derive(Default)]
pub(super) struct Berths {
    own: Option<(Berth, Claim)>,
    /// Places of windows that have ended, with what they left behind.
    taken_up: Vec<(Berth, Claim)>,
}

impl Berths {
    /// This window's own place: the first that nobody holds.
    ///
    /// # Errors
    /// Of the disk.
    pub(super) fn own(&mut self, shelf: &dyn Shelf) -> io::Result<Berth> {
        if let Some((own, _)) = &self.own {
            return Ok(*own);
        }
        let mut last = None;
        for berth in (1..=MOST).map(Berth) {
            if let Some(claim) = berth.claim(shelf)? {
                last = Some((berth, claim));
                break;
            }
        }
        let own = last.ok_or_else(|| io::Error::other("too many windows are open"))?;
        let berth = own.0;
        self.own = Some(own);
        Ok(berth)
    }

    /// Claims the places in which `person` left something behind and that nobody holds any more.
    /// Gives each file's name and content.
    ///
    /// # Errors
    /// Of the disk.
    pub(super) fn take_up(
        &mut self,
        shelf: &dyn Shelf,
        person: UserId,
    ) -> io::Result<Vec<(String, Vec<u8>)>> {
        let own = self.own(shelf)?;
        let name = super::name(person);
        let mut all = Vec::new();
        for (file, _) in shelf.list()? {
            let berth = match file.strip_prefix(&name) {
                Some("") => Berth(1),
                Some(rest) => match number(rest) {
                    Some(number) => Berth(number),
                    None => continue,
                },
                None => continue,
            };
            if berth == own {
                continue;
            }
            if !self.taken_up.iter().any(|(mine, _)| *mine == berth) {
                match berth.claim(shelf)? {
                    Some(claim) => self.taken_up.push((berth, claim)),
                    None => continue,
                }
            }
            if let Some(sealed) = shelf.look(&file)? {
                all.push((file, sealed));
            }
        }
        Ok(all)
    }

    /// Clears what was taken up of `person`, and lets its places go.
    ///
    /// # Errors
    /// Of the disk; then what is left is still held.
    pub(super) fn clear_taken_up(&mut self, shelf: &dyn Shelf, person: UserId) -> io::Result<()> {
        while let Some((berth, _)) = self.taken_up.last() {
            shelf.clear(&berth.name(person))?;
            self.taken_up.pop();
        }
        Ok(())
    }
}
