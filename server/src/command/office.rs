//! `office add | import | change | contact | list | close | reopen`.

use std::{
    collections::HashMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use serde_json::json;
use shared::{
    follow_up::returnee::Reading,
    offices::{Office as Named, OfficeCode, OfficeKind, OfficeName, Particulars},
    text::{Line, MailAddress, Phone, Remark},
};

use super::refused::{note_refused, refused_with};
use super::{Location, Refusal, beside, context, parse, print, print_rows};
use crate::{
    app::App,
    offices::{
        self, NotAdded,
        changing::{self, Changes, Place},
        contacts::NotRegistered,
        office_list::{self, NotTakenIn},
    },
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
        /// How its name is read, in kana: the helpdesk finds it by that, too.
        #[arg(long, value_parser = parse::<Reading>)]
        reading: Option<Reading>,
        /// The number under which the helpdesk calls it back.
        #[arg(long, value_parser = parse::<Phone>)]
        phone: Option<Phone>,
        /// Where it is.
        #[arg(long, value_parser = parse::<Line>)]
        address: Option<Line>,
    },
    /// Adds offices from a file (CSV, TSV or xlsx with headings: code, kind, name, parent,
    /// reading, phone, address, in English or Japanese), and fills in what it gives of those that
    /// are known. All of it or nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Only says what would be done, and what is wrong.
        #[arg(long)]
        check: bool,
        /// Prints one JSON array: line, code, name, effect (added, changed or unchanged).
        #[arg(long)]
        json: bool,
    },
    /// Changes an office's name, place, reading, telephone number or address. What is not named stays.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
        .args(["name", "reading", "parent", "no_parent", "phone", "address"]))]
    Change {
        /// Its code.
        #[arg(long, alias = "office", value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
        /// Its name.
        #[arg(long, value_parser = parse::<OfficeName>)]
        name: Option<OfficeName>,
        /// How its name is read, in kana.
        #[arg(long, value_parser = parse::<Reading>)]
        reading: Option<Reading>,
        /// Code of the office it is to belong to: that one sees its people from now on, and the
        /// former one does not.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        parent: Option<OfficeCode>,
        /// It is to belong to none.
        #[arg(long, conflicts_with = "parent")]
        no_parent: bool,
        /// The number under which the helpdesk calls it back.
        #[arg(long, value_parser = parse::<Phone>)]
        phone: Option<Phone>,
        /// Where it is.
        #[arg(long, value_parser = parse::<Line>)]
        address: Option<Line>,
        /// Why, for the log.
        #[arg(long, value_parser = parse::<Remark>)]
        reason: Remark,
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
    /// Shows every office, and the code of the one it belongs to.
    List {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Closes an office: its terminals are refused from now on, and its link is cancelled.
    Close {
        /// Its code.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
        /// Why, for the log and the office's timeline.
        #[arg(long, value_parser = parse::<Remark>)]
        reason: Remark,
    },
    /// Opens an office again that was closed by mistake: its terminals are let in again unless their
    /// certificates were revoked, replaced or ended meanwhile; its links stay cancelled.
    Reopen {
        /// Its code.
        #[arg(long, alias = "office", value_parser = parse::<OfficeCode>)]
        code: OfficeCode,
        /// Why, for the log and the office's timeline.
        #[arg(long, value_parser = parse::<Remark>)]
        reason: Remark,
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
            reading,
            phone,
            address,
        } => {
            let office = Named { code, kind, name };
            let particulars = Particulars {
                reading,
                phone,
                address,
            };
            add(app, office, parent, mail, particulars).await?;
        }
        Office::Change {
            code,
            name,
            reading,
            parent,
            no_parent,
            phone,
            address,
            reason,
        } => {
            let act = Act::new(Actor::default(), "command office change");
            let changes = Changes {
                name,
                place: no_parent
                    .then_some(Place::Alone)
                    .or(parent.map(Place::Under)),
                particulars: Particulars {
                    reading,
                    phone,
                    address,
                },
            };
            let released =
                changing::change(app, act, code.clone(), changes.clone(), reason).await?;
            print(format_args!("changed {code}"))?;
            beside::say(beside::changed(app, &code, &changes, released).await);
        }
        Office::Import { file, check, json } => import(app, &file, check, json).await?,
        Office::Contact {
            code,
            mail,
            password_mail,
        } => {
            let (asked, named) = (json!({ "office": code }), code.clone());
            let set = offices::contacts::set_contact(app, code, mail, password_mail).await;
            match set {
                Ok(true) => print(format_args!("changed the contact of {named}"))?,
                Ok(false) => print(format_args!("the contact of {named} is the same as before"))?,
                Err(NotRegistered::Refused(problem)) => {
                    let action = "command office contact";
                    return Err(refused_with(app, action, None, problem, asked).await);
                }
                Err(error @ NotRegistered::NotOpen(_)) => return Err(error.into()),
            }
        }
        Office::List { json } => {
            let mut reader = app.store.reader().await?;
            let all = store::offices::all(&mut reader).await?;
            drop(reader);
            let codes: HashMap<i64, &OfficeCode> = all
                .iter()
                .map(|known| (known.number, &known.office.code))
                .collect();
            let rows: Vec<_> = all
                .iter()
                .map(|known| {
                    json!({
                        "code": known.office.code, "kind": known.office.kind,
                        "name": known.office.name,
                        "state": if known.open { "open" } else { "closed" },
                        "parent": known.parent.and_then(|number| codes.get(&number)),
                    })
                })
                .collect();
            let none = "there is no office yet: `office add` adds one";
            print_rows(
                &rows,
                json,
                &["code", "kind", "name", "state", "parent"],
                none,
            )?;
        }
        Office::Close { code, reason } => {
            let act = Act::new(Actor::default(), "command office close");
            let links = offices::closing::close(app, act, code.clone(), reason).await?;
            print(format_args!("closed {code}, links cancelled {links}"))?;
            beside::say(beside::closed(app, &code).await);
        }
        Office::Reopen { code, reason } => {
            let act = Act::new(Actor::default(), "command office reopen");
            let certificates = offices::reopening::reopen(app, act, code.clone(), reason).await?;
            print(format_args!(
                "reopened {code}, certificates let in again {certificates}"
            ))?;
        }
    }
    app.store.close().await;
    Ok(())
}

pub(super) async fn add(
    app: &App,
    office: Named,
    parent: Option<OfficeCode>,
    mail: Option<MailAddress>,
    particulars: Particulars,
) -> Result<(), Refusal> {
    let action = "command office add";
    let act = Act::new(Actor::default(), action);
    let code = office.code.clone();
    let asked = json!({ "office": code, "kind": office.kind, "parent": parent });
    let (new, above) = (office.clone(), parent.clone());
    let added = offices::add(app, act, office, parent, mail, particulars).await;
    if let Err(error) = added {
        if let Some(why) = error.refusal() {
            let known = matches!(error, NotAdded::CodeTaken(_)).then_some(&code);
            note_refused(app, action, known, why, asked).await?;
        }
        return Err(error.into());
    }
    print(format_args!("added {code}"))?;
    beside::say(beside::added(app, &new, above.as_ref()).await);
    Ok(())
}

async fn import(app: &App, file: &Path, check: bool, json: bool) -> Result<(), Refusal> {
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{}: there is no such file", file.display()),
        _ => format!("{}: {error}", file.display()),
    })?;
    let action = "command office import";
    let plan = match office_list::plan(app, &bytes).await {
        Ok(plan) => plan,
        Err(error) => {
            if !check && !matches!(error, NotTakenIn::Store(_)) {
                note_refused(app, action, None, "list-wrong", json!({})).await?;
            }
            return Err(format!("nothing was taken in:\n{error}").into());
        }
    };
    let rows: Vec<_> = plan
        .lines
        .iter()
        .map(|line| {
            json!({
                "line": line.line.to_string(), "code": line.office.code,
                "name": line.office.name, "effect": line.effect.as_str(),
            })
        })
        .collect();
    #[expect(
        clippy::print_stderr,
        reason = "beside the answer, for whoever typed the command"
    )]
    for heading in &plan.unread {
        eprintln!("the column {heading} is not read");
    }
    if !check {
        let act = Act::new(Actor::default(), action);
        office_list::take_in(app, act, plan).await?;
    }
    #[expect(
        clippy::print_stderr,
        reason = "beside the answer, for whoever typed the command"
    )]
    if check {
        eprintln!("this was a check: nothing was taken in");
    }
    let none = "the file names no office: nothing stands under its headings";
    print_rows(&rows, json, &["line", "code", "name", "effect"], none)
}
