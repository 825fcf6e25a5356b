//! Offices: who may be added under whom, whose data an office sees (M-11), and how each is reached.

pub mod changing;
pub mod closing;
pub mod contacts;
mod not_open;
pub mod office_list;
mod place;
mod reach;
pub mod reopening;
pub mod searchable;

use shared::offices::{Office, OfficeCode, OfficeKind, Particulars};
use shared::text::MailAddress;
use shared::{Problem, ProblemCode};

use crate::app::{App, LiveTerminal};
use crate::store;
use crate::store::audit::Act;
use crate::store::offices::{KnownOffice, NewOffice};

pub use not_open::NotOpen;
pub use place::{NotPlaced, is_looked_after};
pub(crate) use reach::{Reach, after};

/// Why an office was not added. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// There is an office with this code.
    #[error("there is an office with the code {0} already")]
    CodeTaken(OfficeCode),
    /// It does not stand where it was to stand.
    #[error(transparent)]
    NotPlaced(#[from] NotPlaced),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl NotAdded {
    /// Why, as one word for the log; nothing where that was trouble of the store.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::CodeTaken(_) => Some("code-taken"),
            Self::NotPlaced(why) => Some(why.refusal()),
            Self::Store(_) => None,
        }
    }
}

/// Whether offices of this kind follow returnees up: see them, and can be responsible for them.
#[must_use]
pub fn follows_up(kind: OfficeKind) -> bool {
    match kind {
        OfficeKind::HealthCentre | OfficeKind::Municipality | OfficeKind::Prefecture => true,
        OfficeKind::Ministry
        | OfficeKind::Helpdesk
        | OfficeKind::Institution
        | OfficeKind::Facility
        | OfficeKind::FollowUpCentre
        | OfficeKind::Venue
        | OfficeKind::Business => false,
    }
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
    mail: Option<MailAddress>,
    particulars: Particulars,
) -> Result<KnownOffice, NotAdded> {
    let mut reader = server.store.reader().await?;
    let parent = match parent {
        None => None,
        Some(code) => Some(place::above(&mut reader, &office, &code).await??.number),
    };
    drop(reader);
    let new = NewOffice {
        office: office.clone(),
        parent,
        mail,
    };
    let added = server
        .store
        .write(act, (new, particulars), |tx, (new, particulars)| {
            Box::pin(async move {
                let number = store::offices::add(tx, new).await?;
                if *particulars != Particulars::default() {
                    store::offices::set_particulars(tx, number, particulars).await?;
                }
                let code = &new.office.code;
                tx.to(code).note(&serde_json::json!({ "office": code }));
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
    sql: &mut store::Connection,
    terminal: &LiveTerminal,
) -> Result<Vec<KnownOffice>, Problem> {
    if !follows_up(terminal.office.kind) {
        return Err(Problem::new(ProblemCode::NotPermitted));
    }
    Ok(store::offices::with_descendants(sql, terminal.office_number).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::Actor;
    use crate::store::story::database::{Database, Server};
    use crate::store::story::on_both_databases;

    on_both_databases!(an_office_is_added_only_where_its_kind_belongs);

    async fn an_office_is_added_only_where_its_kind_belongs(database: Database) {
        let server = Server::on(database).await;
        let prefecture = OfficeKind::Prefecture;
        server.office("130001", prefecture, None).await;
        let centre = OfficeKind::HealthCentre;
        server.office("131016", centre, Some("130001")).await;
        let facility = OfficeKind::Facility;
        server.office("131016-1", facility, Some("131016")).await;
        for (kind, parent) in [
            (prefecture, "131016"),
            (prefecture, "130001"),
            (OfficeKind::Helpdesk, "130001"),
            (centre, "131016-1"),
        ] {
            let office = Office {
                code: "999999".parse().unwrap(),
                kind,
                name: "見本".parse().unwrap(),
            };
            let act = Act::new(Actor::default(), "command office add");
            let parent = Some(parent.parse().unwrap());
            let refused = add(
                &server.app,
                act,
                office,
                parent,
                None,
                Particulars::default(),
            )
            .await;
            assert!(
                matches!(
                    refused,
                    Err(NotAdded::NotPlaced(NotPlaced::Misplaced { .. }))
                ),
                "{kind}"
            );
        }
        let mut reader = server.app.store.reader().await.unwrap();
        assert_eq!(store::offices::all(&mut reader).await.unwrap().len(), 3);
    }
}
