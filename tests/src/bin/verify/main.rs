//! `cargo verify`: the whole check, as one command.
//!
//! `cargo verify [--long] [STEP]... [-- TEST...]` runs the steps in order, or only the named ones,
//! and stops at the first that fails. `--long` runs the faults in their full numbers, which takes
//! hours. What stands after `--` is given to the tests: parts of the names of those that run.
#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

mod licences;
mod report;
mod steps;

use std::process::ExitCode;

use report::Report;
use steps::STEPS;

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let tests = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => arguments.split_off(at),
        None => Vec::new(),
    };
    let long = arguments.iter().any(|argument| argument == "--long");
    let named: Vec<_> = arguments
        .iter()
        .filter(|argument| *argument != "--long")
        .collect();
    if let Some(unknown) = named
        .iter()
        .find(|name| !STEPS.iter().any(|step| step.name == name.as_str()))
    {
        println!(
            "{unknown} is no step. cargo verify [--long] [STEP]... [-- TEST...], in this order:"
        );
        for step in STEPS {
            println!("  {:<10} {}", step.name, step.purpose);
        }
        return ExitCode::from(2);
    }
    let mut report = Report::new(long, tests);
    for step in STEPS
        .iter()
        .filter(|step| named.is_empty() || named.contains(&&step.name.to_owned()))
    {
        if !report.step(step) {
            break;
        }
    }
    report.close()
}
