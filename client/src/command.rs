//! The command line: the window, and what is done without one on many terminals
//! at once.
//!
//! Exit 0 done, 1 refused or failed with one sentence on stderr, 2 wrong usage.

mod enrol;
mod help;
mod leave;
mod status;

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use directories::ProjectDirs;

use crate::api::mtls::{self, Network};
use crate::app::{self, preferences::Preferences};
use crate::file_dialog::Native;
use crate::keystore::{System, Vault};
use crate::outbox::{Folder, Outbox};
use crate::ui::font;
use crate::world::World;
use crate::{language, say};

/// What can be written on it. What `--help` says of each is in `locales/command.yml`: see [`help`].
#[derive(Parser)]
#[command(name = "mimamori", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    address: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    Enrol {
        #[arg(long)]
        link: String,
        #[arg(long)]
        password_stdin: bool,
        #[arg(long)]
        again: bool,
        #[arg(long)]
        json: bool,
    },
    Status {
        #[arg(long)]
        json: bool,
    },
    Leave {
        #[arg(long)]
        yes: bool,
        #[arg(long)]
        untold: bool,
        #[arg(long)]
        json: bool,
    },
}

/// Runs the program with these arguments and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let folders = ProjectDirs::from("jp", "Mimamori", "mimamori");
    let preferences = Preferences::of(folders.as_ref().map(|it| it.config_dir().to_owned()));
    language::speak(preferences.language);
    let line = help::in_words(Arguments::command()).try_get_matches_from(arguments);
    let arguments = match line.and_then(|found| Arguments::from_arg_matches(&found)) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = match help::what_is_wrong(&error) {
                Some(wrong) => writeln!(io::stderr(), "{wrong}"),
                // The help or the version, to stdout.
                None => error.print(),
            };
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // What is being typed stays on this computer and does not roam with the user's profile.
    let drafts = folders
        .as_ref()
        .map(|it| it.data_local_dir().join("drafts"));
    let world = world(folders.map(|it| it.config_dir().to_owned()), drafts);
    let result = match arguments.command {
        None => window(world, preferences, arguments.address),
        Some(Command::Enrol {
            link,
            password_stdin,
            again,
            json,
        }) => {
            let wishes = enrol::Wishes {
                silently: password_stdin,
                again,
                json,
            };
            wait(enrol::run(&world, &link, wishes))
        }
        Some(Command::Status { json }) => wait(status::run(&world, json)),
        Some(Command::Leave { yes, untold, json }) => {
            let wishes = leave::Wishes { yes, untold, json };
            wait(leave::run(&world, wishes))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn window(world: World, preferences: Preferences, link: Option<String>) -> Result<(), String> {
    if let Some(address) = link.as_ref().filter(|address| !is_address(address)) {
        return Err(say!("command.no_address", word = address));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "where the window starts, and of its desktop alone"
    )]
    if !has_desktop(|name| std::env::var_os(name)) {
        return Err(say!("command.no_desktop"));
    }
    let failed = |error| say!("command.no_window", error = error);
    match font::prepare() {
        Ok(family) => app::run(world, preferences, link, family).map_err(failed),
        Err(missing) => {
            // Somebody who started it by an icon does not see stderr.
            let _ = app::without_a_font(missing.to_string());
            Err(missing.to_string())
        }
    }
}

/// Whether a word may be a link, which the window then judges, rather than a mistyped command.
fn is_address(word: &str) -> bool {
    let is_of = |scheme: &str| {
        let start = word.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    is_of("mimamori:") || is_of("https:")
}

/// Whether there is anything to draw a window on, by the `environment`.
fn has_desktop(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .into_iter()
        .any(|name| environment(name).is_some_and(|value| !value.is_empty()))
}

/// Runs a command to its end, on this thread.
fn wait(command: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let result = runtime.block_on(command);
    // A keystore that hangs must not hold up the end of the program.
    runtime.shutdown_background();
    result
}

/// The world as it is.
fn world(folder: Option<PathBuf>, drafts: Option<PathBuf>) -> World {
    let vault = Vault::new(System::new());
    World {
        clock: Arc::new(crate::world::now),
        random: Arc::new(mtls::random),
        outbox: drafts.map(|drafts| Outbox::new(vault.clone(), Folder::new(drafts))),
        vault,
        gate: Arc::new(Network),
        folder,
        help: Default::default(),
        files: Arc::new(Native),
    }
}

/// Prints a line on stdout. A reader that has gone away (`| head -1`) wants no more of it.
fn print(line: &str) -> Result<(), String> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_is_not_taken_for_a_link() {
        for word in [
            "mimamori://localhost/x",
            "MIMAMORI:x",
            "https://example.jp/enrol",
        ] {
            assert!(is_address(word), "{word}");
        }
        for word in ["", "staus", "http", "見守り", "file:///x", "-v"] {
            assert!(!is_address(word), "{word}");
        }
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    #[test]
    fn no_window_is_tried_where_there_is_no_desktop() {
        let only = |known: &'static str, value: &'static str| {
            has_desktop(move |name| (name == known).then(|| value.into()))
        };
        assert!(only("DISPLAY", ":0") && only("WAYLAND_DISPLAY", "wayland-0"));
        assert!(!only("DISPLAY", "") && !only("TERM", "xterm"));
    }
}
