//! What was asked for at the command line and refused with an error stands in the log, too.

use serde_json::Value;
use shared::offices::OfficeCode;
use shared::{Language, Problem, ProblemCode};

use super::Refusal;
use crate::app::App;
use crate::store::{
    self,
    audit::{Act, Actor},
};

/// Notes that `action` was refused: to which office, if it is one that there is, for which reason
/// (one word in kebab case), and what was asked for (an object).
///
/// # Errors
/// The store fails.
pub(super) async fn note_refused(
    app: &App,
    action: &'static str,
    office: Option<&OfficeCode>,
    why: &'static str,
    asked: Value,
) -> Result<(), store::Error> {
    let act = Act::new(Actor::default(), action);
    let write = app
        .store
        .write(act, (office.cloned(), asked), move |tx, (office, asked)| {
            Box::pin(async move {
                match office {
                    Some(office) => tx.to(office).refuse(None, why, asked.clone()),
                    None => tx.refuse(None, why, asked.clone()),
                }
                Ok(())
            })
        });
    write.await
}

/// The sentence for a problem with which `action` ended. If that was a refusal, and not trouble of
/// the server, it is noted first.
pub(super) async fn refused_with(
    app: &App,
    action: &'static str,
    office: Option<&OfficeCode>,
    problem: Problem,
    asked: Value,
) -> Refusal {
    let trouble = [
        ProblemCode::StoreUnavailable,
        ProblemCode::Internal,
        ProblemCode::Busy,
    ];
    if !trouble.contains(&problem.code) {
        let why = problem.code.as_str();
        if let Err(error) = note_refused(app, action, office, why, asked).await {
            return error.into();
        }
    }
    let said = for_operators(problem.code).map(str::to_owned);
    let said = said.unwrap_or_else(|| problem.document(Language::En).detail);
    said.into()
}

/// What a problem means to whoever keeps the server, where the contract's text sends its reader to
/// just them.
pub(super) fn for_operators(problem: ProblemCode) -> Option<&'static str> {
    match problem {
        ProblemCode::MailNotSetUp => Some(
            "nothing was sent, because outgoing mail is not set up: write `server` and `sender` under \
             [mail] into settings.toml, and start the server again",
        ),
        ProblemCode::LetterFontMissing => Some(
            "nothing was printed, because this machine has no Japanese font: install the package \
             fonts-morisawa-bizud-gothic or fonts-noto-cjk; the passwords are still there",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no command answers with: people log in over a terminal, and nowhere else.
    const OF_TERMINALS: [ProblemCode; 1] = [ProblemCode::InitialPasswordExpired];

    #[test]
    fn no_operator_is_sent_to_the_operator() {
        for code in ProblemCode::ALL.iter().copied() {
            let document = Problem::new(code).document(Language::En);
            let told = format!("{} {}", document.title, document.detail);
            let sends = told.to_lowercase().contains("operator");
            if OF_TERMINALS.contains(&code) {
                assert!(sends, "{code:?} is no exception any more: {told}");
            } else if sends {
                let said = for_operators(code);
                let said = said.unwrap_or_else(|| panic!("no text for operators: {told}"));
                assert!(!said.to_lowercase().contains("operator"), "{said}");
            }
        }
    }
}
