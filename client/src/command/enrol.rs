//! `mimamori enrol`: lets this terminal in without a window, for mass roll-out.

use std::io::{self, Read, Write};

use shared::Day;
use shared::accounts::Password;
use shared::enrolment::EnrolmentLink;
use zeroize::Zeroizing;

use crate::enrolment::enrol;
use crate::world::World;
use crate::{language, say};

/// The most bytes of a password read from standard input.
const MOST: u64 = 4_096;

pub(super) async fn run(world: &World, link: &str, silently: bool) -> Result<(), String> {
    let link =
        EnrolmentLink::parse(link).map_err(|refused| refused.sentence(language::spoken()))?;
    if !silently {
        let _ = write!(io::stderr(), "{} ", say!("command.password"));
    }
    let password = password(io::stdin()).map_err(|error| error.to_string())?;
    match enrol(world, &link, password, |_| {}).await {
        Ok(enrolled) => {
            let terminal = enrolled.terminal;
            super::print(&say!(
                "command.enrolled",
                office = terminal.office_name,
                code = terminal.office,
                terminal = terminal.terminal,
                serial = terminal.serial,
                expires = Day::in_japan(terminal.expires_at),
            ))
        }
        Err(obstacle) => {
            let code = obstacle.code();
            Err(format!(
                "{} {} [{code}]",
                obstacle.title(),
                obstacle.advice()
            ))
        }
    }
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
