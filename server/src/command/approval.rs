//! What a command must not do on the operator's word alone.
//!
//! # Demanding a second person's yes
//!
//! A command that touches the authority's key takes [`Asking`] among its arguments
//! (`#[command(flatten)]`) and calls [`demand`] when everything that can be refused was refused,
//! and nothing was changed yet:
//!
//! ```text
//! approval::demand(app, OperatorDeed::RolloverBegin, &about, &asking).await?;
//! // From here on somebody has said yes to exactly `about`, or there is nobody to ask.
//! ```
//!
//! `about` names exactly what is done, in one line of at most 200 characters that says it to
//! whoever decides (e.g. `root 3f2a…`), and is the same when the command is run again. The yes is
//! used up by the call: what is begun after it must be able to be repeated or taken back without
//! another one. `init` never asks, there being nobody yet.

use std::time::Duration;

use clap::Args;
use shared::Language;
use shared::Problem;
use shared::enrolment::approval::{Approval, ApprovalState, OperatorDeed};
use shared::text::{Line, Remark};

use super::{Refusal, parse};
use crate::app::App;
use crate::enrolment::{Demanded, approval, demand_approval};

/// How often to look whether somebody has decided.
const EVERY: Duration = Duration::from_secs(1);

/// How a command asks for a second person's yes.
#[derive(Args, Debug, Clone)]
pub(super) struct Asking {
    /// Why, for whoever has to say yes to it.
    #[arg(long, default_value = "command line", value_parser = parse::<Remark>)]
    reason: Remark,
    /// Does not wait for a second person's yes: run the same command again once it was given.
    #[arg(long)]
    no_wait: bool,
}

#[cfg(test)]
impl Asking {
    /// Without waiting.
    pub(super) fn at_once() -> Self {
        Self {
            reason: Remark::parse("a test").unwrap(),
            no_wait: true,
        }
    }
}

/// Waits until somebody of the helpdesk or the ministry says yes to `deed`, done to exactly
/// `about`; goes on at once where there is nobody who could.
///
/// # Errors
/// One sentence: somebody said no, nobody decided in time, or nobody has decided yet and the
/// command was not to wait.
pub(super) async fn demand(
    app: &App,
    deed: OperatorDeed,
    about: &str,
    asking: &Asking,
) -> Result<(), Refusal> {
    let about = Line::parse(about).map_err(|refused| refused.sentence(Language::En))?;
    let mut said = false;
    loop {
        let asked = demand_approval(app, deed, about.clone(), asking.reason.clone()).await;
        let waiting = match asked.map_err(failed)? {
            Demanded::Approved(_) | Demanded::Alone => return Ok(()),
            Demanded::Waiting(waiting) => waiting,
        };
        let ends_at = waiting.ends_at;
        if asking.no_wait {
            return Err(format!(
                "it waits for the yes of a second person, of the helpdesk or the ministry, until \
                 {ends_at}: run the same command again once it was given"
            )
            .into());
        }
        if !said {
            #[expect(clippy::print_stderr, reason = "whoever waits must know for what")]
            {
                eprintln!(
                    "waiting until {ends_at} for the yes of a second person, of the helpdesk or \
                     the ministry; Ctrl-C leaves it waiting"
                );
            }
            said = true;
        }
        let decided = decided(app, waiting).await?;
        let who = decided.decided_by.map(|by| by.name.to_string());
        match decided.state {
            ApprovalState::Refused => {
                let (who, why) = (who.unwrap_or_default(), decided.decision_reason);
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                return Err(format!("{who} said no{why}").into());
            }
            ApprovalState::Lapsed => {
                return Err("nobody said yes within 24 hours; nothing was changed".into());
            }
            // Used by the same command elsewhere: ask anew.
            ApprovalState::Waiting | ApprovalState::Approved | ApprovalState::Used => {}
        }
    }
}

/// The approval once it waits no longer.
async fn decided(app: &App, mut known: Approval) -> Result<Approval, Refusal> {
    while known.state == ApprovalState::Waiting {
        tokio::time::sleep(EVERY).await;
        known = approval(app, known.id).await.map_err(failed)?;
    }
    Ok(known)
}

fn failed(problem: Problem) -> Refusal {
    let cause = problem.logged.unwrap_or_default();
    format!("a second person could not be asked: {cause}").into()
}
