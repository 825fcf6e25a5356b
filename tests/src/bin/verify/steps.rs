//! The steps of the check, in the order in which they fail fastest.

use std::process::Command;

use harness::keyring::Keyring;
use harness::postgres::Postgres;
use harness::world::repository;
use harness::{Outcome, provision};

use crate::licences;
use crate::report::{Report, Step};

pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "system",
        purpose: "the system packages that the rest needs",
        run: system,
    },
    Step {
        name: "format",
        purpose: "rustfmt has nothing to change",
        run: format,
    },
    Step {
        name: "licences",
        purpose: "licences, bans, sources and advisories of every dependency",
        run: licences::check,
    },
    Step {
        name: "lints",
        purpose: "clippy has nothing to say",
        run: lints,
    },
    Step {
        name: "units",
        purpose: "unit, store and screen tests, on SQLite and PostgreSQL",
        run: units,
    },
    Step {
        name: "journeys",
        purpose: "journeys and faults against the real programs",
        run: journeys,
    },
];

fn system(_: &mut Report) -> Outcome<()> {
    let wanted = [
        provision::WINDOW,
        provision::KEYRING,
        provision::DISPLAY,
        provision::MAIL,
        provision::CURL,
        provision::CHECK,
    ];
    provision::provide(&wanted, &mut |line| println!("   {line}"))
}

fn format(report: &mut Report) -> Outcome<()> {
    report
        .watch(&mut cargo(&["fmt", "--all", "--check"]), |_| false)
        .map(drop)
}

fn lints(report: &mut Report) -> Outcome<()> {
    let mut clippy = cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    report.watch(&mut clippy, |_| false).map(drop)
}

// Every step names the whole workspace, and picks from it: named alone, a crate takes others of its
// dependencies' features, for which all of them would be built once more.

fn units(report: &mut Report) -> Outcome<()> {
    let but_the_journeys = "[!j]*";
    test(
        report,
        &[&["--lib", "--bins", "--test", but_the_journeys], &["--doc"]],
    )
}

fn journeys(report: &mut Report) -> Outcome<()> {
    test(report, &[&["--test", "journeys"]])
}

/// Runs test programs with a PostgreSQL and a keyring of their own.
fn test(report: &mut Report, which: &[&[&str]]) -> Outcome<()> {
    let postgres = Postgres::start()?;
    let keyring = Keyring::start()?;
    let database = postgres.database("verify")?;
    for which in which {
        let mut cargo = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
        keyring
            .lend(cargo.args(*which))
            .env("MIMAMORI_TEST_POSTGRES", &database);
        if report.long {
            cargo.env("MIMAMORI_TEST_LONG", "1");
        }
        cargo.args(&report.tests);
        let shown = |line: &str| {
            line.starts_with("test result:") || line.trim_start().starts_with("Running ")
        };
        report.watch(&mut cargo, shown)?;
    }
    Ok(())
}

/// The cargo that built this, at the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(repository());
    // Set for this program by `cargo run`; they would make the next cargo build everything anew.
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    {
        cargo.env_remove(name);
    }
    cargo
}
