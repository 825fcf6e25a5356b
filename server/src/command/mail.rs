//! `mail list | resend | bounce | test | letters`.

mod bounce;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use shared::id::{EnrolmentId, MailId};
use shared::mail::{MailState, PrintRequest, Resend};
use shared::offices::OfficeCode;
use shared::text::{MailAddress, Remark};

use super::refused::{for_operators, refused_with};
use super::{Location, Refusal, context, link_id, mail_id, parse, print, print_rows};
use crate::{
    app::App,
    mail::{self, Notice},
    offices::NotOpen,
    settings::write_private,
    store::{
        self,
        audit::{Act, Actor},
        mail::Filter,
    },
};

/// What can be done with outgoing mail.
#[derive(Subcommand)]
pub(super) enum Mail {
    /// Shows messages, the newest first.
    List {
        /// Only those in this state: waiting, sent, handed-over, refused, given-up, bounced
        /// or withdrawn.
        #[arg(long, value_parser = parse::<MailState>)]
        state: Option<MailState>,
        /// Only those about this office.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: Option<OfficeCode>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        limit: u16,
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Sends a message again that did not go out, or a link that did.
    Resend {
        /// Its id.
        #[arg(value_parser = mail_id)]
        id: MailId,
        /// To this address instead.
        #[arg(long, value_parser = parse::<MailAddress>)]
        to: Option<MailAddress>,
        /// Why, for the log.
        #[arg(long, value_parser = parse::<Remark>)]
        reason: Remark,
    },
    /// Takes in what came back to the sender's mailbox, and marks what was not delivered. Without
    /// FILE and --maildir one message is read from standard input.
    Bounce(bounce::Bounce),
    /// Queues a message that says nothing, to see whether mail goes out. The running server sends
    /// it.
    Test {
        /// Code of an office, named in the message.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: OfficeCode,
        /// To whom; may be repeated.
        #[arg(long, required = true, value_parser = parse::<MailAddress>)]
        to: Vec<MailAddress>,
    },
    /// Prints the passwords that wait to go out as letters into a PDF file, a page each.
    Letters {
        /// The file, readable by its owner alone.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Only the password of this link.
        #[arg(long, value_parser = link_id)]
        link: Option<EnrolmentId>,
        /// Those, too, that were printed within the last 24 hours.
        #[arg(long)]
        again: bool,
    },
}

pub(super) async fn run(place: &Location, command: Mail) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    let port = place
        .folder
        .serving()
        .map(|serving| serving.enrolment.port());
    let port = port.unwrap_or(context.settings.enrolment.port());
    app.mail
        .let_links_lead_to(context.settings.link_address(port));
    match command {
        Mail::List {
            state,
            office,
            limit,
            json,
        } => {
            let filter = Filter {
                state,
                office,
                before: None,
                limit,
            };
            list(app, &filter, json).await?;
        }
        Mail::Resend { id, to, reason } => {
            let act = Act::new(Actor::default(), "command mail resend");
            let resent = mail::resend(app, act, Resend { id, to, reason }).await;
            if let Err(problem) = resent {
                let (asked, said) = (json!({ "mail": id }), in_english(problem.clone()));
                refused_with(app, "command mail resend", None, problem, asked).await;
                return Err(said.into());
            }
        }
        Mail::Bounce(bounce) => bounce::run(app, &bounce).await?,
        Mail::Test { office, to } => test(app, &office, &to).await?,
        Mail::Letters { out, link, again } => {
            let act = Act::new(Actor::default(), "command mail letters");
            let printed = mail::print(app, act, PrintRequest { link, again })
                .await
                .map_err(in_english)?;
            write_private(&out, printed.pdf.as_slice())
                .map_err(|error| format!("{} cannot be written: {error}", out.display()))?;
            print(format_args!("{} {}", printed.count, out.display()))?;
        }
    }
    app.store.close().await;
    Ok(())
}

async fn list(app: &App, filter: &Filter, json: bool) -> Result<(), Refusal> {
    let mut reader = app.store.reader().await?;
    let found = store::mail::list(&mut reader, filter).await?;
    drop(reader);
    let rows: Vec<_> = found
        .iter()
        .map(|mail| {
            serde_json::json!({
                "id": mail.id, "kind": mail.kind, "way": mail.way, "state": mail.state,
                "office": mail.office, "enrolment_id": mail.link, "to": mail.recipient,
                "queued_at": mail.queued_at, "due_at": mail.due_at, "attempts": mail.attempts,
                "answer": mail.answer, "settled_at": mail.settled_at,
            })
        })
        .collect();
    let columns = ["id", "kind", "state", "office", "to", "answer"];
    let none = match (&filter.state, &filter.office) {
        (None, None) => {
            "no message was written yet: `link issue --all-not-invited` and what the helpdesk does \
             in the window write some, `mail test` one to try"
        }
        _ => "there is no such message: without --state and --office every one is listed",
    };
    print_rows(&rows, json, &columns, none)
}

async fn test(app: &App, office: &OfficeCode, to: &[MailAddress]) -> Result<(), Refusal> {
    let mut reader = app.store.reader().await?;
    let known = store::offices::by_code(&mut reader, office)
        .await?
        .ok_or_else(|| NotOpen::Unknown(office.clone()))?;
    drop(reader);
    let office = (&known.office.code, &known.office.name);
    let now = app.clock.now();
    let mails = to
        .iter()
        .map(|to| mail::to_office(app, office, to, &Notice::Test, now))
        .collect::<Result<Vec<_>, _>>()
        .map_err(in_english)?;
    let act = Act::new(Actor::default(), "command mail test");
    app.store
        .write(act, mails, |tx, mails| {
            Box::pin(async move {
                for mail in mails {
                    store::mail::queue(tx, mail).await?;
                    let detail = serde_json::json!({ "kind": mail.kind });
                    tx.to(&mail.office).record(mail.id.0, &detail);
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

fn in_english(problem: shared::Problem) -> String {
    if let Some(said) = for_operators(problem.code) {
        return said.to_owned();
    }
    let document = problem.document(shared::Language::En);
    format!("{}. {}", document.title, document.detail)
}
