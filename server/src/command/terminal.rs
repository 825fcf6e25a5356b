//! `terminal list | revoke | crl`.

use clap::Subcommand;
use jiff::Timestamp;
use shared::enrolment::{Serial, approval::OperatorDeed};

use super::approval::{Asking, demand};
use super::{Location, Refusal, context, note, parse, print, print_rows};
use crate::{
    enrolment::{is_one_too_many, revocation_list, revoke},
    store::{self, audit::Actor, enrolment::CertificateRow},
};

/// What can be done with terminals.
#[derive(Subcommand)]
pub(super) enum Terminal {
    /// Shows every certificate issued to a terminal, the newest first.
    List {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Prints the list of revoked certificates (CRL), good for a week, for whoever checks
    /// terminals' certificates elsewhere.
    Crl,
    /// Revokes a terminal with every certificate it ever got: it is refused within a second, on
    /// open connections too. After ten offices within 24 hours a second person, of the helpdesk or
    /// the ministry, has to say yes.
    Revoke {
        /// The serial number of any of its certificates, hexadecimal.
        #[arg(value_parser = parse::<Serial>)]
        serial: Serial,
        #[command(flatten)]
        asking: Asking,
    },
}

pub(super) async fn run(place: &Location, command: Terminal) -> Result<(), Refusal> {
    let context = match command {
        Terminal::Crl => context::open_to_sign(place).await?,
        _ => context::open(place).await?,
    };
    let app = &context.app;
    match command {
        Terminal::List { json } => {
            let mut reader = app.store.reader().await?;
            let certificates = store::enrolment::terminals(&mut reader).await?;
            drop(reader);
            let now = app.clock.now();
            let rows: Vec<_> = certificates
                .iter()
                .map(|row| {
                    serde_json::json!({
                        "serial": row.serial, "office": row.office.code,
                        "terminal": row.identity.terminal, "state": state(row, now),
                        "issued_at": row.issued_at, "expires_at": row.expires_at,
                        "first_used_at": row.first_used_at,
                    })
                })
                .collect();
            print_rows(
                &rows,
                json,
                &["serial", "office", "terminal", "state", "expires_at"],
                "no terminal was enrolled yet: `link issue` makes the link that lets one in",
            )?;
        }
        Terminal::Crl => {
            let list = revocation_list(app, app.authority.issuing())
                .await
                .map_err(|problem| {
                    format!(
                        "the list cannot be made: {}",
                        problem.logged.unwrap_or_default()
                    )
                })?;
            print(list.pem()?.trim_end())?;
        }
        Terminal::Revoke { serial, asking } => {
            if is_one_too_many(app, &serial).await? {
                let about = format!("serial {serial}");
                demand(app, OperatorDeed::TerminalRevoke, &about, &asking).await?;
            }
            let revoked = revoke(&app.store, Actor::default(), serial).await?;
            let (office, terminal) = (&revoked.office, revoked.terminal);
            let count = revoked.serials.len();
            print(format_args!(
                "revoked terminal {terminal} of {office}, certificates {count}"
            ))?;
            if let Some(successor) = revoked.successor {
                note(&format!(
                    "it had been replaced: another terminal of {office} works with the \
                     certificate {successor}, which was not revoked"
                ));
            }
        }
    }
    app.store.close().await;
    Ok(())
}

fn state(row: &CertificateRow, now: Timestamp) -> &'static str {
    if row.revoked_at.is_some() {
        "revoked"
    } else if row.superseded_at.is_some() {
        "superseded"
    } else if row.expires_at < now {
        "expired"
    } else if row.office_closed {
        "office-closed"
    } else if row.first_used_at.is_some() {
        "live"
    } else {
        "issued"
    }
}
