//! Licences, bans, sources and advisories of every dependency, by cargo-deny from `deny.toml`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::process::run;
use harness::world::repository;
use harness::{Because, Failure, Outcome};

use crate::report::Report;
use crate::steps::cargo;

/// The version that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

pub(crate) fn check(report: &mut Report) -> Outcome<()> {
    let deny = tool(report)?;
    report.watch(
        deny_command(&deny).args(["check", "licenses", "bans", "sources"]),
        last_line,
    )?;
    // The advisories are a git repository; not every machine that builds may reach it.
    let fetched = run(
        Command::new("timeout")
            .arg("180")
            .arg(&deny)
            .args(["fetch", "db"])
            .current_dir(repository()),
        "",
    )?;
    if !fetched.status.success() {
        let why = fetched
            .stderr
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or("no answer")
            .to_owned();
        report.skip(
            "advisories",
            &format!(
                "the RustSec database cannot be reached from here ({})",
                why.trim()
            ),
        );
        return Ok(());
    }
    report
        .watch(
            deny_command(&deny).args(["check", "--disable-fetch", "advisories"]),
            last_line,
        )
        .map(drop)
}

fn last_line(line: &str) -> bool {
    line.ends_with(" ok") || line.contains(" ok, ")
}

fn deny_command(deny: &Path) -> Command {
    let mut command = Command::new(deny);
    command
        .current_dir(repository())
        .args(["--log-level", "error"]);
    command
}

/// The cargo-deny of this version: the installed one, or one built into the user's cache folder,
/// where it outlives a fresh clone.
fn tool(report: &mut Report) -> Outcome<PathBuf> {
    let tools = cache_folder()?.join("tools");
    let own = tools.join("bin/cargo-deny");
    for candidate in [own.clone(), PathBuf::from("cargo-deny")] {
        let version = run(Command::new(&candidate).arg("--version"), "");
        if version.is_ok_and(|answer| answer.stdout.trim().ends_with(VERSION)) {
            return Ok(candidate);
        }
    }
    let build = tools.join("build");
    // Unoptimised: it is built in a minute and runs for seconds.
    let mut install = cargo(&[
        "install",
        "cargo-deny",
        "--locked",
        "--debug",
        "--version",
        VERSION,
        "--root",
    ]);
    install
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build)
        .args(["--config", "profile.dev.debug=false"]);
    report.watch(&mut install, |_| false)?;
    fs::remove_dir_all(&build).because("removing what the build of cargo-deny left")?;
    Ok(own)
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the user wants caches to lie"
)]
fn cache_folder() -> Outcome<PathBuf> {
    let given = std::env::var_os("XDG_CACHE_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    given
        .or_else(home)
        .map(|folder| folder.join("mimamori"))
        .ok_or_else(|| Failure::new("HOME is not set"))
}
