//! Writes development identities as PEM files, for curl, openssl and load tools.

use std::{fs, path::PathBuf, process::ExitCode};

use certs_dev::{Authority, Credentials, Identity, Terminal, pem};
use clap::Parser;
use jiff::Timestamp;

/// Makes a development authority, a server certificate and the identities named.
///
/// Writes `root.pem`, `server.pem`, `server.key`, and for each identity `NAME.pem` (the chain) and
/// `NAME.key`. Everything is new on every call.
#[derive(Parser)]
struct Arguments {
    /// Folder to write into; made if missing.
    #[arg(long)]
    out: PathBuf,
    /// Office code of the terminal.
    #[arg(long, default_value = "131016")]
    office: String,
    /// Terminal id, a UUID.
    #[arg(long, default_value = "01890000-0000-7000-8000-000000000001")]
    terminal: String,
    /// Identities to make; all when none is named.
    #[arg(value_enum)]
    identities: Vec<Identity>,
}

fn main() -> ExitCode {
    match write(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "this is a program; its errors go to the terminal"
)]
fn complain(error: &std::io::Error) {
    eprintln!("certs-dev: {error}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program's edge, where the clock is read"
)]
fn write(arguments: &Arguments) -> std::io::Result<()> {
    let now = Timestamp::now();
    let authority = Authority::new("Development authority", now);
    let terminal = Terminal {
        office: arguments.office.clone(),
        id: arguments.terminal.clone(),
    };
    fs::create_dir_all(&arguments.out)?;
    fs::write(
        arguments.out.join("root.pem"),
        pem("CERTIFICATE", authority.certificate()),
    )?;
    save(arguments, "server", &authority.server(now))?;
    let chosen: &[Identity] = match arguments.identities.as_slice() {
        [] => Identity::ALL,
        some => some,
    };
    for &identity in chosen {
        let name = clap::ValueEnum::to_possible_value(&identity)
            .map(|value| value.get_name().to_owned())
            .expect("no identity is hidden from the command line");
        save(arguments, &name, &authority.issue(identity, &terminal, now))?;
    }
    Ok(())
}

fn save(arguments: &Arguments, name: &str, credentials: &Credentials) -> std::io::Result<()> {
    let chain: String = credentials
        .chain
        .iter()
        .map(|certificate| pem("CERTIFICATE", certificate))
        .collect();
    fs::write(arguments.out.join(format!("{name}.pem")), chain)?;
    fs::write(
        arguments.out.join(format!("{name}.key")),
        pem("PRIVATE KEY", &credentials.key),
    )
}
