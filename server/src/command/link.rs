//! `link issue | list | cancel`.

use clap::Subcommand;
use shared::{id::EnrolmentId, offices::OfficeCode};

use super::{Location, Refusal, context, context::Context, parse, print, print_json, print_rows};
use crate::{
    enrolment::{IssuedLink, cancel_link, issue_link, link_state},
    store,
};

/// What can be done with links.
#[derive(Subcommand)]
pub(super) enum Link {
    /// Makes a link for one terminal of an office. The password is shown only now.
    Issue {
        /// Code of the office.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: OfficeCode,
        /// Prints one JSON object: url, enrolment_id, password, expires_at.
        #[arg(long)]
        json: bool,
    },
    /// Shows every link, the newest first.
    List {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Cancels a link that has not been used.
    Cancel {
        /// Its id.
        #[arg(value_parser = parse::<EnrolmentId>)]
        id: EnrolmentId,
    },
}

pub(super) async fn run(place: &Location, command: Link) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    match command {
        Link::Issue { office, json } => {
            let issued = issue(place, &context, office).await?;
            if json {
                print_json(&serde_json::json!({
                    "url": issued.link, "enrolment_id": issued.link.id,
                    "password": issued.password.as_str(), "expires_at": issued.expires_at,
                }))?;
            } else {
                print(format_args!("{}", issued.link))?;
                print(format_args!("password {}", *issued.password))?;
                print(format_args!("expires {}", issued.expires_at))?;
            }
        }
        Link::List { json } => {
            let mut reader = app.store.reader().await?;
            let links = store::enrolment::links(&mut reader).await?;
            drop(reader);
            let now = app.clock.now();
            let rows: Vec<_> = links
                .iter()
                .map(|link| {
                    serde_json::json!({
                        "enrolment_id": link.id, "office": link.office,
                        "state": link_state(link, now), "issued_at": link.issued_at,
                        "expires_at": link.expires_at,
                    })
                })
                .collect();
            print_rows(
                &rows,
                json,
                &["enrolment_id", "office", "state", "expires_at"],
            )?;
        }
        Link::Cancel { id } => {
            if !cancel_link(&app.store, id).await? {
                return Err(format!("there is no link {id} that could be cancelled").into());
            }
        }
    }
    app.store.close().await;
    Ok(())
}

/// A link to the server that runs beside this command, or to where it would run.
async fn issue(
    place: &Location,
    context: &Context,
    office: OfficeCode,
) -> Result<IssuedLink, Refusal> {
    let app = &context.app;
    let mut reader = app.store.reader().await?;
    let known = store::offices::by_code(&mut reader, &office).await?;
    drop(reader);
    if !known.is_some_and(|known| known.open) {
        return Err(format!("there is no open office with the code {office}").into());
    }
    let serving = place.folder.serving();
    let port = serving.map_or(context.settings.enrolment.port(), |serving| {
        serving.enrolment.port()
    });
    let address = context.settings.link_address(port);
    let fingerprint = app.authority.fingerprint();
    Ok(issue_link(
        &app.store,
        &*app.clock,
        &*app.rng,
        office,
        address,
        fingerprint,
    )
    .await?)
}
