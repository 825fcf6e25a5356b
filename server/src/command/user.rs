//! `user add`.

use clap::Subcommand;
use shared::{
    accounts::{Login, Role, UserName},
    offices::OfficeCode,
};

use super::{Location, Refusal, context, parse, print, print_json};
use crate::{
    accounts,
    store::audit::{Act, Actor},
};

/// What can be done with accounts.
#[derive(Subcommand)]
pub(super) enum User {
    /// Adds a person to an office. The password is shown only now; it is handed over inside the
    /// enrolled terminal.
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
}

pub(super) async fn run(place: &Location, command: User) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let User::Add {
        office,
        login,
        role,
        name,
        json,
    } = command;
    let name = match name {
        Some(name) => name,
        None => parse(login.as_str())?,
    };
    let act = Act::new(Actor::default(), "command user add");
    let (_, password) = accounts::add(&context.app, act, office, login.clone(), role, name).await?;
    if json {
        print_json(&serde_json::json!({
            "login": login, "initial_password": password.as_str(),
        }))?;
    } else {
        print(format_args!("{login}"))?;
        print(format_args!("password {}", *password))?;
    }
    context.app.store.close().await;
    Ok(())
}
