//! Offices: who may be added under whom, and whose data an office sees (M-11).

use shared::offices::{Office, OfficeCode, OfficeKind};
use shared::{Problem, ProblemCode};

use crate::app::{App, LiveTerminal};
use crate::store;
use crate::store::audit::Act;
use crate::store::offices::{KnownOffice, NewOffice};

/// Why an office was not added. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// There is an office with this code.
    #[error("there is an office with the code {0} already")]
    CodeTaken(OfficeCode),
    /// There is no office with this code.
    #[error("there is no office with the code {0}")]
    UnknownParent(OfficeCode),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Adds an office under the one with the code `parent`, on behalf of `act`.
///
/// # Errors
/// See [`NotAdded`].
pub async fn add(
    server: &App,
    act: Act,
    office: Office,
    parent: Option<OfficeCode>,
    mail: Option<String>,
) -> Result<KnownOffice, NotAdded> {
    let mut reader = server.store.reader().await?;
    let parent = match parent {
        None => None,
        Some(code) => match store::offices::by_code(&mut reader, &code).await? {
            Some(known) => Some(known.number),
            None => return Err(NotAdded::UnknownParent(code)),
        },
    };
    drop(reader);
    let new = NewOffice {
        office: office.clone(),
        parent,
        mail,
    };
    let added = server
        .store
        .write(act, new, |tx, new| {
            Box::pin(async move {
                let number = store::offices::add(tx, new).await?;
                tx.note(&serde_json::json!({ "office": new.office.code }));
                Ok(number)
            })
        })
        .await;
    match added {
        Ok(number) => Ok(KnownOffice {
            number,
            office,
            parent,
            open: true,
        }),
        Err(error) if error.is_unique_violation() => Err(NotAdded::CodeTaken(office.code)),
        Err(error) => Err(error.into()),
    }
}

/// The offices whose people's data a terminal's office sees: its own and those under it. A
/// ministry sees totals and a helpdesk certificates, neither of them a person (M-11).
///
/// # Errors
/// `not-permitted` for an office that follows nobody up.
pub async fn scope(
    sql: &mut sqlx::AnyConnection,
    terminal: &LiveTerminal,
) -> Result<Vec<KnownOffice>, Problem> {
    match terminal.office.kind {
        OfficeKind::HealthCentre | OfficeKind::Municipality | OfficeKind::Prefecture => {
            Ok(store::offices::with_descendants(sql, terminal.office_number).await?)
        }
        OfficeKind::Ministry
        | OfficeKind::Helpdesk
        | OfficeKind::Institution
        | OfficeKind::Facility
        | OfficeKind::FollowUpCentre
        | OfficeKind::Venue
        | OfficeKind::Business => Err(Problem::new(ProblemCode::NotPermitted)),
    }
}
