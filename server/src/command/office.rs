//! `office add | contact | list | close`.

use clap::Subcommand;
use shared::{
    Language,
    offices::{Office as Named, OfficeCode, OfficeKind, OfficeName},
    text::MailAddress,
};

use super::{Location, Refusal, context, parse, print_rows};
use crate::{
    offices,
    store::{
        self,
        audit::{Act, Actor},
    },
};

/// What can be done with offices.
#[derive(Subcommand)]
pub(super) enum Office {
    /// Adds an office.
    Add {
        /// Its code, 1 to 20 of 0-9 A-Z a-z -; a body's own is its local-government code.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
        /// ministry, helpdesk, prefecture, municipality, health-centre, institution, facility,
        /// follow-up-centre, venue or business.
        #[arg(long, value_parser = parse::<OfficeKind>)]
        kind: OfficeKind,
        /// Its name.
        #[arg(long, value_parser = parse::<OfficeName>)]
        name: OfficeName,
        /// Code of the office it belongs to.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        parent: Option<OfficeCode>,
        /// Its contact address.
        #[arg(long, value_parser = parse::<MailAddress>)]
        mail: Option<MailAddress>,
    },
    /// Registers where an office's links go, and where its passwords.
    Contact {
        /// Its code.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
        /// Where links and notices go.
        #[arg(long, value_parser = parse::<MailAddress>)]
        mail: MailAddress,
        /// Where passwords go: another mailbox. Without it what is registered stays.
        #[arg(long, value_parser = parse::<MailAddress>)]
        password_mail: Option<MailAddress>,
    },
    /// Shows every office.
    List {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Closes an office: its terminals are refused from now on.
    Close {
        /// Its code.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
    },
}

pub(super) async fn run(place: &Location, command: Office) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    match command {
        Office::Add {
            code,
            kind,
            name,
            parent,
            mail,
        } => {
            let act = Act::new(Actor::default(), "command office add");
            let office = Named { code, kind, name };
            offices::add(app, act, office, parent, mail).await?;
        }
        Office::Contact {
            code,
            mail,
            password_mail,
        } => offices::contacts::set_contact(app, code, mail, password_mail)
            .await
            .map_err(|problem| problem.document(Language::En).detail)?,
        Office::List { json } => {
            let mut reader = app.store.reader().await?;
            let all = store::offices::all(&mut reader).await?;
            drop(reader);
            let rows: Vec<_> = all
                .iter()
                .map(|known| {
                    serde_json::json!({
                        "code": known.office.code, "kind": known.office.kind,
                        "name": known.office.name,
                        "state": if known.open { "open" } else { "closed" },
                    })
                })
                .collect();
            print_rows(&rows, json, &["code", "kind", "name", "state"])?;
        }
        Office::Close { code } => {
            let mut reader = app.store.reader().await?;
            let known = store::offices::by_code(&mut reader, &code).await?;
            drop(reader);
            let number = known
                .filter(|known| known.open)
                .map(|known| known.number)
                .ok_or_else(|| format!("there is no open office with the code {code}"))?;
            let act = Act::new(Actor::default(), "command office close");
            app.store
                .write(act, (number, code), |tx, (number, code)| {
                    Box::pin(async move {
                        store::offices::close(tx, *number).await?;
                        tx.note(&serde_json::json!({ "office": code }));
                        Ok(())
                    })
                })
                .await?;
        }
    }
    app.store.close().await;
    Ok(())
}
