//! `user add|list|reset|delete`.

use clap::Subcommand;
use serde_json::json;
use shared::{
    accounts::{
        Login, Role, UserName,
        administration::{Account, Standing},
    },
    offices::OfficeCode,
};

use super::refused::note_refused;
use super::{Location, Refusal, context, parse, print, print_json, print_rows};
use crate::{
    accounts,
    store::audit::{Act, Actor},
};

/// What can be done with accounts.
#[derive(Subcommand)]
pub(super) enum User {
    /// Adds a person to an office. The password is shown only now: it is handed over inside the
    /// enrolled terminal, opens it for 30 days, and must be changed at the first login.
    Add {
        /// Code of the office.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: OfficeCode,
        /// Login id, 1 to 64 of 0-9 a-z - _ . @.
        #[arg(long, value_parser = parse::<Login>)]
        login: Login,
        /// staff, administrator, helpdesk, officer or reader.
        #[arg(long, value_parser = parse::<Role>)]
        role: Role,
        /// Name that colleagues see [default: the login id].
        #[arg(long, value_parser = parse::<UserName>)]
        name: Option<UserName>,
        /// Prints one JSON object: login, initial_password.
        #[arg(long)]
        json: bool,
    },
    /// Shows the accounts of an office, by name.
    List {
        /// Code of the office.
        #[arg(long, value_parser = parse::<OfficeCode>)]
        office: OfficeCode,
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Deletes an account, whoever it is for; its sessions end, and its login id is not given out
    /// again.
    Delete {
        /// Login id.
        #[arg(long, value_parser = parse::<Login>)]
        login: Login,
    },
    /// Gives somebody another password, shown only now and to be changed at the next login; their
    /// sessions end. For those who forgot theirs, or whose password others know.
    Reset {
        /// Login id.
        #[arg(long, value_parser = parse::<Login>)]
        login: Login,
        /// Prints one JSON object: login, initial_password.
        #[arg(long)]
        json: bool,
    },
}

const COLUMNS: &[&str] = &["login", "role", "name", "password", "last_login_at"];

fn row(account: &Account) -> serde_json::Value {
    let (password, until) = match account.standing {
        Standing::HandedOver { until } => ("handed-over", Some(until)),
        Standing::Lapsed { at } => ("lapsed", Some(at)),
        Standing::Chosen => ("chosen", None),
    };
    json!({
        "login": account.login, "role": account.role, "name": account.name,
        "password": password, "password_until": until, "added_at": account.added_at,
        "last_login_at": account.last_login_at, "assigned": account.assigned,
    })
}

pub(super) async fn run(place: &Location, command: User) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    let (login, password, json) = match command {
        User::List { office, json } => {
            let rows = accounts::of_office(app, office.clone()).await?;
            let rows: Vec<_> = rows.iter().map(row).collect();
            let none = format!("{office} has no accounts: `user add` makes one");
            print_rows(&rows, json, COLUMNS, &none)?;
            app.store.close().await;
            return Ok(());
        }
        User::Delete { login } => {
            let act = Act::new(Actor::default(), "command user delete");
            accounts::delete(app, act, login.clone()).await?;
            print(format_args!("deleted {login}"))?;
            app.store.close().await;
            return Ok(());
        }
        User::Add {
            office,
            login,
            role,
            name,
            json,
        } => {
            let name = match name {
                Some(name) => name,
                None => parse(login.as_str())?,
            };
            let action = "command user add";
            let act = Act::new(Actor::default(), action);
            let asked = json!({ "login": login, "role": role, "office": office });
            let added = accounts::add(app, act, office, login.clone(), role, name).await;
            if let Err(error) = &added
                && let Some(why) = error.refusal()
            {
                note_refused(app, action, error.office(), why, asked).await?;
            }
            (login, added?.1, json)
        }
        User::Reset { login, json } => {
            let act = Act::new(Actor::default(), "command user reset");
            let password = accounts::reset_password(app, act, login.clone()).await?;
            (login, password, json)
        }
    };
    if json {
        print_json(&json!({
            "login": login, "initial_password": password.as_str(),
        }))?;
    } else {
        print(format_args!("{login}"))?;
        print(format_args!("password {}", *password))?;
    }
    app.store.close().await;
    Ok(())
}
