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
    problem.document(Language::En).detail.into()
}
