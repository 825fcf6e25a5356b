//! `mimamori enrol`: lets this terminal in without a window, for mass roll-out.

use std::io::{self, IsTerminal as _, Read, Write};

use shared::Day;
use shared::accounts::Password;
use shared::enrolment::{EnrolmentLink, link_password};
use zeroize::Zeroizing;

use crate::api::Trouble;
use crate::enrolment::{Cause, Obstacle, Step, enrol, facts};
use crate::keystore::{Fault, Slot};
use crate::world::World;
use crate::{language, say};

/// The most bytes of a password read from standard input.
const MOST: u64 = 4_096;

/// How it is to be done.
#[derive(Clone, Copy)]
pub(super) struct Wishes {
    /// The password comes on standard input, and is not asked for.
    pub(super) silently: bool,
    /// A terminal that is enrolled already may be enrolled anew.
    pub(super) again: bool,
    /// One JSON object is printed.
    pub(super) json: bool,
}

pub(super) async fn run(world: &World, link: &str, wishes: Wishes) -> Result<(), String> {
    let Wishes {
        silently,
        again,
        json,
    } = wishes;
    let link =
        EnrolmentLink::parse(link).map_err(|refused| refused.sentence(language::spoken()))?;
    if !again {
        check_not_enrolled(world).await?;
    }
    if !silently {
        let _ = write!(io::stderr(), "{} ", say!("command.password"));
    }
    // A terminal shows what is typed unless it is told not to; a pipe has nothing to show.
    let password = if !silently && io::stdin().is_terminal() {
        rpassword::read_password().map(Password::new)
    } else {
        password(io::stdin())
    };
    let password = password.map_err(|error| error.to_string())?;
    // Sent, it would count as a wrong one, and five of those lock the link.
    if password.reveal().trim().is_empty() {
        return Err(say!("enrolment.password_missing"));
    }
    if !link_password::is_whole(password.reveal()) {
        return Err(say!("enrolment.password_shape"));
    }
    match enrol(world, &link, password, |_| {}).await {
        Ok(enrolled) => {
            let terminal = enrolled.terminal;
            if json {
                let text = serde_json::to_string(&terminal);
                return super::print(&text.map_err(|error| error.to_string())?);
            }
            super::print(&say!(
                "command.enrolled",
                office = terminal.office_name,
                code = terminal.office,
                terminal = terminal.terminal,
                serial = terminal.serial,
                expires = Day::in_japan(terminal.expires_at),
            ))
        }
        Err(obstacle) => Err(in_one_sentence(&obstacle)),
    }
}

/// A terminal is not enrolled twice by accident: the certificate that it works with would die with
/// the first use of the new one. What is left half done is gone on with, and what the keystore
/// cannot read is of no use to anybody.
async fn check_not_enrolled(world: &World) -> Result<(), String> {
    let active = match world.vault.identity(Slot::Active).await {
        Err(Fault::Unreadable) | Ok(None) => return Ok(()),
        Ok(Some(active)) => active,
        Err(fault) => return Err(in_one_sentence(&Obstacle::new(Step::Key, fault))),
    };
    let Some(terminal) = facts(&active.certificate) else {
        return Ok(());
    };
    Err(say!(
        "command.enrolled_already",
        office = terminal.office_name,
        code = terminal.office,
        serial = terminal.serial,
        expires = Day::in_japan(terminal.expires_at),
    ))
}

/// What happened and what to do, without the buttons that a window would name.
fn in_one_sentence(obstacle: &Obstacle) -> String {
    let advice = match &obstacle.cause {
        Cause::Server(Trouble::Refused(_) | Trouble::Stranger) => obstacle.advice(),
        _ => say!("command.again"),
    };
    format!("{} — {advice} [{}]", obstacle.title(), obstacle.code())
}

/// The first line of the input, without its line break.
fn password(input: impl Read) -> io::Result<Password> {
    let mut text = Zeroizing::new(String::new());
    io::BufRead::read_line(&mut io::BufReader::new(input.take(MOST)), &mut text)?;
    Ok(Password::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_button_is_named_where_there_is_none() {
        let locked = in_one_sentence(&Obstacle::new(Step::Key, Fault::Locked));
        assert!(
            !locked.contains("押") && locked.ends_with("[keystore-locked]"),
            "{locked}"
        );
    }

    #[test]
    fn a_password_ends_with_its_line() {
        for input in [
            "abcd-efgh\n",
            "abcd-efgh\r\n",
            "abcd-efgh",
            "abcd-efgh\nmore",
        ] {
            assert_eq!(
                password(input.as_bytes()).expect("read").reveal(),
                "abcd-efgh"
            );
        }
    }
}
