//! `mimamori status`: who this terminal is, and whether its server can be reached.
//!
//! A terminal that is let in no longer is a failure, told in one sentence besides what is
//! printed. A server that cannot be reached is none: that is what was asked for.

use serde::Serialize;
use shared::Day;
use shared::enrolment::{ShowTerminal, Terminal, TerminalQuery};

use crate::api::{Api, Failure, Unreachable};
use crate::enrolment::{Obstacle, Step, facts};
use crate::keystore::{Fault, Slot};
use crate::say;
use crate::world::World;

/// What `--json` prints.
#[derive(Serialize)]
struct Status {
    /// Whether the keystore holds an identity; without one there is nothing else to say.
    enrolled: bool,
    #[serde(flatten)]
    terminal: Terminal,
    /// Whether the server answered, whatever it said.
    reachable: bool,
    /// Why the terminal is not let in, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

pub(super) async fn run(world: &World, json: bool) -> Result<(), String> {
    let words = |fault: Fault| {
        let obstacle = Obstacle::new(Step::Key, fault);
        format!("{} [{}]", obstacle.title(), obstacle.code())
    };
    let identity = world.vault.identity(Slot::Active).await.map_err(words)?;
    let Some(identity) = identity else {
        if json {
            super::print(&serde_json::json!({ "enrolled": false }).to_string())?;
        }
        return Err(say!("command.not_enrolled"));
    };
    let unreadable = || words(Fault::Unreadable);
    let terminal = facts(&identity.certificate).ok_or_else(unreadable)?;
    let line = world.gate.line(&identity).map_err(|_| unreadable())?;
    let clock = world.clone();
    let api = Api::new(line, move || clock.key());
    let answer = api.call::<ShowTerminal>(TerminalQuery {}).await;
    let failure = answer.as_ref().err().cloned();
    let status = Status {
        enrolled: true,
        reachable: !matches!(failure, Some(Failure::Unreachable(_))),
        problem: failure.as_ref().map(Failure::code),
        terminal: answer.unwrap_or(terminal),
    };
    super::print(&if json {
        serde_json::to_string(&status).map_err(|error| error.to_string())?
    } else {
        in_words(&status)
    })?;
    failure.filter(is_a_refusal).map_or(Ok(()), |failure| {
        Err(format!("{} [{}]", failure.title(), failure.code()))
    })
}

/// Whether there was a server, and it did not let this terminal in.
fn is_a_refusal(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable(Unreachable::Handshake)
        | Failure::Refused(_)
        | Failure::Unreadable => true,
        Failure::Unreachable(Unreachable::Cut | Unreachable::TimedOut) => false,
    }
}

fn in_words(status: &Status) -> String {
    let Status {
        terminal,
        reachable,
        problem,
        ..
    } = status;
    let server = match (reachable, problem) {
        (true, None) => say!("command.server.reachable"),
        (true, Some(code)) => say!("command.server.refuses", code = code),
        (false, _) => say!("command.server.unreachable"),
    };
    [
        (
            say!("helpdesk.office"),
            format!("{} ({})", terminal.office_name, terminal.office),
        ),
        (say!("helpdesk.terminal"), terminal.terminal.to_string()),
        (say!("helpdesk.serial"), terminal.serial.to_string()),
        (
            say!("helpdesk.expires"),
            Day::in_japan(terminal.expires_at).to_string(),
        ),
        (say!("enrolment.server"), server),
    ]
    .map(|(name, value)| format!("{name}: {value}"))
    .join("\n")
}
