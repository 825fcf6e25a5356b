//! `mimamori leave`: takes this terminal out of use. The server is told to revoke its certificate,
//! and keys and unsent input are wiped, after asking.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use serde::Serialize;
use shared::enrolment::Terminal;
use shared::offices::OfficeCode;

use crate::api::Failure;
use crate::enrolment::{AtStake, NotLeft, at_stake, leave};
use crate::say;
use crate::world::World;

/// How it is to be done.
#[derive(Clone, Copy)]
pub(super) struct Wishes {
    /// Nobody is asked.
    pub(super) yes: bool,
    /// The server is not told.
    pub(super) untold: bool,
    /// One JSON object is printed.
    pub(super) json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Left {
    left: bool,
    /// Who this terminal was, if its certificate could be read.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    terminal: Option<Terminal>,
    /// Of how many people unsent input was wiped.
    drafts: usize,
    /// Whether the server was told.
    told: bool,
}

pub(super) async fn run(world: &World, wishes: Wishes) -> Result<(), String> {
    let at_stake = at_stake(world).await.map_err(|why| in_words(&why))?;
    if !wishes.yes {
        ask(&at_stake)?;
    }
    let told = !wishes.untold && at_stake.terminal.is_some();
    leave(world, wishes.untold)
        .await
        .map_err(|why| in_words(&why))?;
    if wishes.json {
        let left = Left {
            left: true,
            terminal: at_stake.terminal,
            drafts: at_stake.drafts,
            told,
        };
        let text = serde_json::to_string(&left).map_err(|error| error.to_string())?;
        return super::print(&text);
    }
    super::print(&match told {
        true => say!("command.left"),
        false => say!("command.left_untold"),
    })
}

/// Says what would be lost, and has the office's code typed.
fn ask(at_stake: &AtStake) -> Result<(), String> {
    if !io::stdin().is_terminal() {
        return Err(say!("command.leave_unasked"));
    }
    let mut out = io::stderr();
    let _ = writeln!(out, "{}", what_is_lost(at_stake));
    let expected = match &at_stake.terminal {
        Some(terminal) => terminal.office.to_string(),
        None => "yes".to_owned(),
    };
    let _ = write!(out, "{} ", say!("command.leave_confirm", code = expected));
    let _ = out.flush();
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| error.to_string())?;
    match is_meant(&line, &expected) {
        true => Ok(()),
        false => Err(say!("command.stayed")),
    }
}

/// Whether what was typed is what was to be typed, in whatever width.
fn is_meant(typed: &str, expected: &str) -> bool {
    let code = OfficeCode::parse(typed);
    code.is_ok_and(|code| code.as_str() == expected)
}

fn what_is_lost(at_stake: &AtStake) -> String {
    let mut lines = Vec::new();
    if let Some(terminal) = &at_stake.terminal {
        lines.push(say!(
            "command.leave_who",
            office = terminal.office_name,
            code = terminal.office,
            serial = terminal.serial
        ));
    }
    lines.push(say!("office.leave.certificate"));
    lines.push(match at_stake.drafts {
        0 => say!("office.leave.no_drafts"),
        count => say!("office.leave.drafts", count = count),
    });
    lines.join("\n")
}

/// Why it did not work, in one sentence with its code.
fn in_words(why: &NotLeft) -> String {
    let said = |title: String, what: String, code: &str| format!("{title} — {what} [{code}]");
    match why {
        NotLeft::NotEnrolled => say!("command.nothing_to_leave"),
        NotLeft::Server(failure @ Failure::Unreachable(_)) => said(
            failure.title(),
            say!("command.leave_not_told"),
            failure.code(),
        ),
        NotLeft::Server(failure) => said(failure.title(), failure.advice(), failure.code()),
        NotLeft::Keystore(obstacle) => said(
            obstacle.title(),
            say!("command.leave_again"),
            obstacle.code(),
        ),
        NotLeft::Drafts(unkept) => said(
            say!("office.leave.drafts_stay"),
            say!("command.leave_again"),
            unkept.code(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_this_office_means_it() {
        assert!(is_meant("131016\n", "131016") && is_meant("１３１０１６", "131016"));
        for typed in ["", "y", "yes", "131024", "131016 131016"] {
            assert!(!is_meant(typed, "131016"), "{typed}");
        }
    }
}
