//! `audit verify`.

use clap::Subcommand;

use super::{Location, Refusal, context, print};
use crate::store::audit::{Head, verify};

/// What can be done with the audit log.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Checks every entry against the one before it, and prints the log's present end. Kept
    /// elsewhere, that line proves later that nothing up to it was removed.
    Verify {
        /// An end printed earlier, which the log must still contain.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = read)]
        end: Option<Head>,
    },
}

pub(super) async fn run(place: &Location, command: Audit) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let Audit::Verify { end } = command;
    let mut reader = context.app.store.reader().await?;
    let found = verify(&mut reader, end.as_ref()).await?;
    drop(reader);
    context.app.store.close().await;
    let head = found?;
    let hash: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    print(format_args!("{}:{hash}", head.number));
    Ok(())
}

fn read(text: &str) -> Result<Head, String> {
    let parse = || {
        let (number, hash) = text.split_once(':')?;
        let hash = shared::enrolment::Fingerprint::parse(hash).ok()?;
        Some(Head {
            number: number.parse().ok()?,
            hash: hash.bytes().to_vec(),
        })
    };
    parse().ok_or_else(|| "an end is a number, a colon and 64 hexadecimal digits".to_owned())
}
