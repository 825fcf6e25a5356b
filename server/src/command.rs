//! The command line. Scripts rely on it: what is here changes only by addition.
//!
//! Exit status: 0 done, 1 refused or failed with one sentence on standard error, 2 wrong usage.

mod approval;
mod audit;
mod authority;
mod backup;
mod beside;
mod context;
mod disk;
mod handles;
mod identity;
mod init;
mod link;
mod mail;
mod office;
mod passphrase;
mod refused;
mod rollover;
mod roots;
mod serve;
mod server_certificate;
mod terminal;
mod user;

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use jiff::Timestamp;
use shared::{
    Day, Language,
    helpdesk::TimeOfDay,
    id::{EnrolmentId, MailId},
    text::Refused,
};

use crate::settings::Folder;
use passphrase::PassphraseSource;

/// One sentence for standard error: what was refused or failed, and why.
pub type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// Lets terminals in by certificate, decides who may do what, keeps the data.
#[derive(Parser)]
#[command(name = "mimamori-server", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// The heading under which every command's help tells where the server's data lies.
const WHICH_SERVER: &str = "Which server";

/// The heading under which it tells what opens the authority's key.
const KEY: &str = "Key of the authority";

/// Where what every command takes stands in its help: after what it takes alone.
const LAST: usize = 900;

/// Where the server's data lies; every command takes it.
#[derive(Args)]
struct Place {
    #[arg(
        long,
        env = "MIMAMORI_DATA",
        value_name = "DIR",
        global = true,
        help = data_in_words(),
        help_heading = WHICH_SERVER,
        display_order = LAST
    )]
    data: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: `database` in
    /// settings.toml, or else mimamori.db in the data folder; for a command beside a running server,
    /// the one that this was started with].
    #[arg(
        long,
        env = "MIMAMORI_DATABASE",
        value_name = "URL",
        global = true,
        hide_env_values = true,
        help_heading = WHICH_SERVER,
        display_order = LAST + 1
    )]
    database: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(Subcommand)]
enum Command {
    /// Makes authority, server certificate, database and settings.
    Init(init::Arguments),
    /// Runs the server until SIGTERM or Ctrl-C.
    Serve(serve::Arguments),
    /// Offices.
    #[command(subcommand)]
    Office(office::Office),
    /// Enrolment links.
    #[command(subcommand)]
    Link(link::Link),
    /// Terminals and their certificates.
    #[command(subcommand)]
    Terminal(terminal::Terminal),
    /// People's accounts.
    #[command(subcommand)]
    User(user::User),
    /// Outgoing mail, and passwords to print.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// The authority, its key, and the server's certificate.
    #[command(subcommand)]
    Authority(authority::Authority),
    /// The log of who did and saw what.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Copies everything that makes this server, while it runs.
    Backup(backup::Backup),
    /// Makes a server from such a copy.
    Restore(backup::Restore),
    /// Prints the OpenAPI document of the terminals' listener.
    Openapi,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(dispatch(line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn dispatch(line: CommandLine) -> Result<(), Refusal> {
    if let Command::Openapi = line.command {
        return print_json(&shared::contract::openapi());
    }
    let place = Location {
        folder: folder(line.place.data)?,
        database: line.place.database,
        passphrase: line.place.passphrase,
    };
    match line.command {
        Command::Init(arguments) => init::run(&place, arguments).await,
        Command::Serve(arguments) => serve::run(&place, arguments).await,
        Command::Office(command) => office::run(&place, command).await,
        Command::Link(command) => link::run(&place, command).await,
        Command::Terminal(command) => terminal::run(&place, command).await,
        Command::User(command) => user::run(&place, command).await,
        Command::Mail(command) => mail::run(&place, command).await,
        Command::Authority(command) => authority::run(&place, command).await,
        Command::Audit(command) => audit::run(&place, command).await,
        Command::Backup(arguments) => backup::backup(&place, arguments).await,
        Command::Restore(arguments) => backup::restore(&place, arguments).await,
        Command::Openapi => Ok(()),
    }
}

/// [`Place`] with its defaults filled in.
struct Location {
    folder: Folder,
    database: Option<String>,
    passphrase: PassphraseSource,
}

fn folder(given: Option<PathBuf>) -> Result<Folder, Refusal> {
    match given {
        Some(path) => Ok(Folder::new(path)),
        None => directories::ProjectDirs::from("jp", "", "mimamori-server")
            .map(|places| Folder::new(places.data_dir().to_owned()))
            .ok_or_else(|| "there is no home folder to keep data in: name one with --data".into()),
    }
}

/// What `--data` is, and where the data lies without it.
fn data_in_words() -> String {
    let default = folder(None).map(|folder| folder.path().display().to_string());
    let default = default.map_or_else(|_| String::new(), |path| format!(" [default: {path}]"));
    format!("Folder of the server's data{default}")
}

fn fail(error: &(impl std::fmt::Display + ?Sized)) -> ExitCode {
    note(error);
    ExitCode::FAILURE
}

/// Says something to whoever sits there, beside the answer.
fn note(sentence: &(impl std::fmt::Display + ?Sized)) {
    #[expect(clippy::print_stderr, reason = "the command line's answer")]
    {
        eprintln!("{sentence}");
    }
}

/// Prints a line of the answer. A reader that has gone away (`| head -1`) wants no more of it; an
/// answer that cannot be written for another reason (a full disk) is not done.
fn print(line: impl std::fmt::Display) -> Result<(), Refusal> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the answer cannot be written: {error}").into())
        }
        _ => Ok(()),
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Refusal> {
    print(serde_json::to_string(value)?)
}

/// Prints rows as a JSON array, or these columns of each: for a person at a screen under their
/// headings, for a program with tabs between them and nothing else, which scripts rely on. That
/// there is no row is said beside the answer, in the sentence `none`.
fn print_rows(
    rows: &[serde_json::Value],
    json: bool,
    columns: &[&str],
    none: &str,
) -> Result<(), Refusal> {
    if json {
        return print_json(&rows);
    }
    if rows.is_empty() {
        note(none);
    }
    let cells: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| {
            let cell = |column: &&str| row[*column].as_str().unwrap_or_default();
            columns.iter().map(cell).collect()
        })
        .collect();
    if io::stdout().is_terminal() && !rows.is_empty() {
        let said: Vec<Vec<String>> = cells
            .iter()
            .map(|row| row.iter().map(for_people).collect())
            .collect();
        let said: Vec<Vec<&str>> = said
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        return under_headings(columns, &said).iter().try_for_each(print);
    }
    cells.iter().try_for_each(|cells| print(cells.join("\t")))
}

/// Prints a fact under its name: an instant for a person at a screen in Japan's time, as the window
/// shows it, for a program in UTC.
fn print_instant(name: &str, at: Timestamp) -> Result<(), Refusal> {
    match io::stdout().is_terminal() {
        true => print(format_args!("{name} {}", in_japan(at))),
        false => print(format_args!("{name} {at}")),
    }
}

/// An instant in Japan's time, to the minute and with its offset.
fn in_japan(at: Timestamp) -> String {
    format!("{} {} +09:00", Day::in_japan(at), TimeOfDay::in_japan(at))
}

/// What a cell says, an instant in Japan's time.
fn for_people(cell: &&str) -> String {
    cell.parse().map_or_else(|_| (*cell).to_owned(), in_japan)
}

/// Lines in which every column is as wide as its widest cell, the headings first.
fn under_headings(columns: &[&str], rows: &[Vec<&str>]) -> Vec<String> {
    // A kanji is as wide as two letters on a screen.
    let width = |text: &str| -> usize {
        text.chars()
            .map(|c| if c < '\u{1100}' { 1 } else { 2 })
            .sum()
    };
    let headings: Vec<String> = columns
        .iter()
        .map(|column| column.replace('_', " ").to_uppercase())
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let lines: Vec<&[&str]> = std::iter::once(&headings[..])
        .chain(rows.iter().map(Vec::as_slice))
        .collect();
    let widest = |at: usize| lines.iter().map(|line| width(line[at])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(widest).collect();
    let line = |line: &&[&str]| {
        let cells = line.iter().zip(&widths).map(|(cell, wide)| {
            let rest = wide.saturating_sub(width(cell));
            format!("{cell}{}", " ".repeat(rest))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    };
    lines.iter().map(line).collect()
}

/// Reads a value of a contract type; what is expected is said in its own words.
fn parse<T: std::str::FromStr<Err = Refused>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|refused: Refused| refused.sentence(Language::En))
}

/// Reads the id of a link.
fn link_id(text: &str) -> Result<EnrolmentId, String> {
    id(text, "a link", "link list")
}

/// Reads the id of a message.
fn mail_id(text: &str) -> Result<MailId, String> {
    id(text, "a message", "mail list")
}

/// Reads an id; of what is none is said what one looks like, and which command shows them.
fn id<T: std::str::FromStr>(text: &str, whose: &str, shown_by: &str) -> Result<T, String> {
    text.parse().map_err(|_| {
        format!(
            "{whose}'s id looks like 01980f3e-5b7a-7c21-9d04-3f6a1b2c4d5e; `{shown_by}` shows them"
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The help of every command, by its name.
    fn helps(command: &mut clap::Command, name: &str) -> Vec<(String, String)> {
        let mut helps = vec![(name.to_owned(), command.render_long_help().to_string())];
        for below in command.get_subcommands_mut() {
            if below.get_name() != "help" {
                let name = format!("{name} {}", below.get_name());
                helps.extend(self::helps(below, &name));
            }
        }
        helps
    }

    #[test]
    fn what_a_command_takes_alone_stands_before_what_every_command_takes() {
        let mut line = CommandLine::command();
        line.build();
        for (name, help) in helps(&mut line, "mimamori-server") {
            let options: Vec<&str> = help
                .lines()
                .filter_map(|line| {
                    let words = line.trim_start().trim_start_matches("-h, ");
                    words.starts_with("--").then_some(words)
                })
                .map(|line| line.split([' ', ',']).next().unwrap_or_default())
                .collect();
            let last = ["--data", "--database"];
            let key = ["--passphrase-file", "--pin-file"];
            let at = options.iter().position(|it| last.contains(it)).unwrap();
            assert_eq!(options[at..at + 2], last, "{name}: {options:?}");
            assert!(options.ends_with(&key), "{name}: {options:?}");
            let helps = options.iter().position(|it| *it == "--help").unwrap();
            assert!(helps < at, "{name}: {options:?}");
            for heading in [WHICH_SERVER, KEY] {
                assert_eq!(
                    help.matches(&format!("\n{heading}:\n")).count(),
                    1,
                    "{help}"
                );
            }
        }
    }

    #[test]
    fn help_names_what_holds_when_nothing_is_said() {
        let mut line = CommandLine::command();
        line.build();
        let helps = helps(&mut line, "");
        let help = |name: &str| {
            let found = helps.iter().find(|(known, _)| known == name);
            found
                .unwrap()
                .1
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let folder = folder(None).unwrap();
        let folder = format!("[default: {}]", folder.path().display());
        for (name, words) in [
            ("", folder.as_str()),
            (" init", "[default: localhost in links"),
            (" serve", "or else 0.0.0.0:8443]"),
            (" serve", "or else 0.0.0.0:8444]"),
            (
                " init",
                "`init` asks nobody and leaves the key unencrypted]",
            ),
            (
                " serve",
                "`database` in settings.toml, or else mimamori.db in the data folder",
            ),
            (" mail list", "[default: 200]"),
            (" user add", "[default: the login id]"),
        ] {
            assert!(
                help(name).contains(words),
                "{words} is not in: {}",
                help(name)
            );
        }
    }

    #[test]
    fn what_is_no_id_is_told_what_one_looks_like_and_what_shows_it() {
        for (words, shown_by) in [
            (&["link", "cancel", "0198"][..], "`link list`"),
            (
                &["mail", "resend", "0198", "--reason", "typed"],
                "`mail list`",
            ),
            (
                &["mail", "letters", "--out", "a.pdf", "--link", "0198"],
                "`link list`",
            ),
        ] {
            let words = ["mimamori-server"].iter().chain(words);
            let refused = CommandLine::try_parse_from(words).err().unwrap();
            let refused = refused.to_string();
            let example = "looks like 01980f3e-5b7a-7c21-9d04-3f6a1b2c4d5e";
            assert!(refused.contains(example), "{refused}");
            assert!(refused.contains(shown_by), "{refused}");
        }
        let example = "01980f3e-5b7a-7c21-9d04-3f6a1b2c4d5e";
        assert_eq!(link_id(example).unwrap().to_string(), example);
    }

    #[test]
    fn an_instant_is_told_to_people_as_it_is_in_japan() {
        assert_eq!(
            for_people(&"2026-12-31T15:05:09Z"),
            "2027-01-01 0:05 +09:00"
        );
        for other in ["131016", "見本保健所", "2026-12-31", ""] {
            assert_eq!(for_people(&other), other);
        }
    }

    #[test]
    fn at_a_screen_every_column_stands_under_its_heading() {
        let rows = [
            vec!["131016", "見本保健所", "open"],
            vec!["1", "a", "closed"],
        ];
        assert_eq!(
            under_headings(&["code", "office_name", "state"], &rows),
            [
                "CODE    OFFICE NAME  STATE",
                "131016  見本保健所   open",
                "1       a            closed",
            ]
        );
    }
}
