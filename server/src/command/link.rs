//! `link issue | jobs | list | cancel`.

use clap::Subcommand;
use shared::{
    enrolment::job::Job,
    id::EnrolmentId,
    offices::{OfficeCode, OfficeKind},
    text::Remark,
};

use super::refused::refused_with;
use super::{
    Location, Refusal, beside, context, context::Context, link_id, parse, print, print_instant,
    print_json, print_rows,
};
use crate::{
    enrolment::{IssuedLink, begin_job_as_operator, cancel_link, issue_link, link_state},
    store,
};

/// How many jobs are shown.
const LATEST: u32 = 50;

/// What can be done with links.
#[derive(Subcommand)]
pub(super) enum Link {
    /// Makes a link for one terminal of an office, or with --all-not-invited one for every office
    /// that never got any, mailed by the running server.
    #[command(group = clap::ArgGroup::new("whom").required(true).args(["office", "all_not_invited"]))]
    Issue {
        /// Code of the office. The password is shown only now.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: Option<OfficeCode>,
        /// Begins a job for every open office that was not invited yet.
        #[arg(long)]
        all_not_invited: bool,
        /// Of these, only this office and those under it.
        #[arg(long, value_name = "CODE", value_parser = parse::<OfficeCode>, requires = "all_not_invited")]
        under: Option<OfficeCode>,
        /// Of these, only offices of this kind, e.g. health-centre.
        #[arg(long, value_parser = parse::<OfficeKind>, requires = "all_not_invited")]
        kind: Option<OfficeKind>,
        /// Why, for the log.
        #[arg(long, default_value = "link issue", value_parser = parse::<Remark>, requires = "all_not_invited")]
        reason: Remark,
        /// Prints one JSON object: url, enrolment_id, password, expires_at; or of a job: id, state,
        /// offices, done.
        #[arg(long)]
        json: bool,
    },
    /// Shows the latest jobs on many offices, and how far each is.
    Jobs {
        /// Prints one JSON array.
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
        #[arg(value_parser = link_id)]
        id: EnrolmentId,
    },
}

pub(super) async fn run(place: &Location, command: Link) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    match command {
        Link::Issue {
            office: None,
            under,
            kind,
            reason,
            json,
            ..
        } => {
            let asked = serde_json::json!({ "under": under, "kind": kind, "reason": reason });
            let begun = begin_job_as_operator(app, under, kind, reason).await;
            let job = match begun {
                Ok(job) => job,
                Err(problem) => {
                    let action = "command link issue";
                    return Err(refused_with(app, action, None, problem, asked).await);
                }
            };
            let (state, offices) = (job.state.as_str(), job.offices);
            if json {
                print_json(&shown(&job))?;
            } else {
                print(format_args!("job {} {state} offices {offices}", job.id))?;
            }
        }
        Link::Jobs { json } => {
            let mut reader = app.store.reader().await?;
            let now = app.clock.now();
            let jobs = store::enrolment::jobs(&mut reader, now, None, None, LATEST).await?;
            drop(reader);
            let rows: Vec<_> = jobs.iter().map(shown).collect();
            let none = "there is no job yet: `link issue --all-not-invited` begins one";
            print_rows(&rows, json, &["id", "kind", "state", "progress"], none)?;
        }
        Link::Issue {
            office: Some(office),
            json,
            ..
        } => {
            let issued = issue(place, &context, office.clone()).await?;
            if json {
                print_json(&serde_json::json!({
                    "url": issued.link, "enrolment_id": issued.link.id,
                    "password": issued.password.as_str(), "expires_at": issued.expires_at,
                }))?;
            } else {
                print(format_args!("{}", issued.link))?;
                print(format_args!("password {}", *issued.password))?;
                print_instant("expires", issued.expires_at)?;
                print(format_args!("id {}", issued.link.id))?;
            }
            beside::say(beside::issued(app, &office, issued.link.id).await);
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
                "no link was issued yet: `link issue` makes one",
            )?;
        }
        Link::Cancel { id } => {
            let office = cancel_link(&app.store, id).await?;
            print(format_args!("cancelled {id} of {office}"))?;
        }
    }
    app.store.close().await;
    Ok(())
}

/// A job as it is printed.
fn shown(job: &Job) -> serde_json::Value {
    serde_json::json!({
        "id": job.id, "kind": job.kind, "state": job.state, "offices": job.offices,
        "done": job.done, "progress": format!("{}/{}", job.done, job.offices),
    })
}

/// A link to the server that runs beside this command, or to where it would run.
async fn issue(
    place: &Location,
    context: &Context,
    office: OfficeCode,
) -> Result<IssuedLink, Refusal> {
    let app = &context.app;
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
