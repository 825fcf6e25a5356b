//! `cargo demo`: a made-up prefecture, a real server, a terminal enrolled on the real path, and
//! the window; then the helpdesk's, which takes a call.
//!
//! With a display the window of the health centre opens (`cargo demo -- --helpdesk`: that of the
//! helpdesk), and closing it ends the demo. Without one the demo types into the windows itself, on a
//! virtual display, and leaves a picture of each step in `target/demo/`.
//! Either way it keeps its server, keyring and files to itself and takes them along when it ends.
#![expect(
    clippy::print_stdout,
    reason = "it tells whoever started it what it does"
)]

mod colleague;
mod shown;

use std::env;
use std::fs;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use harness::mail_sink::MailSink;
use harness::world::{User, World, repository};
use harness::{Because, Failure, Outcome, provision};
use jiff::Timestamp;
use shared::Day;
use shared::quarantine_list::sample::Recipe;

/// The prefecture above it, which sees its people.
const PREFECTURE: &str = "990001";

/// The health centre whose terminal is shown.
const OFFICE: &str = "990001-1";

/// The helpdesk that is called.
const HELPDESK: &str = "990000";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let has_display = has_display();
    say("Looking for what the demo needs");
    let mut wanted = vec![provision::WINDOW, provision::KEYRING, provision::MAIL];
    if !has_display {
        wanted.extend([provision::DISPLAY, provision::CURL]);
    }
    provision::provide(&wanted, &mut |line| println!("  {line}"))?;

    say("Building server and client (the first time takes some minutes)");
    build()?;

    say("Starting a server for a made-up prefecture");
    let sink = MailSink::start(Duration::ZERO)?;
    let (world, [centre, helpdesk], colleague) = prefecture(&sink)?;
    println!(
        "  terminals {}  enrolment {}",
        world.terminals_url(),
        world.enrolment_url()
    );
    let list = world.beside("meibo.csv");
    fs::write(&list, sample_list()).because("writing the sample list")?;

    let demo = shown::Demo {
        world: &world,
        sink: &sink,
        centre: &centre,
        helpdesk: &helpdesk,
        colleague: &colleague,
        list: &list,
    };
    if has_display {
        demo.open_window(env::args().any(|argument| argument == "--helpdesk"))
    } else {
        demo.take_pictures(&repository().join("target/demo"))
    }
}

/// 見本県 with a health centre and the helpdesk that it calls, each with a link for its terminal and
/// somebody who may log in; and somebody at the prefecture. Mail goes to `sink`.
fn prefecture(sink: &MailSink) -> Outcome<(World, [shown::Seat; 2], User)> {
    let mut world = World::prepare(None)?;
    sink.carry_mail_of(&world)?;
    world.serve()?;
    world.office(PREFECTURE, "prefecture", "見本県", None)?;
    let east = ["--kind", "health-centre", "--name", "見本県東保健所"];
    let reached = ["--phone", "03-0000-0100", "--address", "見本県見本市東1-1"];
    let add = ["office", "add", "--code", OFFICE, "--parent", PREFECTURE];
    world.operator(add.iter().chain(&east).chain(&reached))?;
    world.office(
        "990001-2",
        "health-centre",
        "見本県西保健所",
        Some(PREFECTURE),
    )?;
    world.office(HELPDESK, "helpdesk", "見本ヘルプデスク", None)?;
    let seat = |office, login, role| {
        Ok(shown::Seat {
            link: world.link(office)?,
            user: world.user(office, login, role)?,
        })
    };
    let seats = [
        seat(OFFICE, "mihon", "staff")?,
        seat(HELPDESK, "uketsuke", "helpdesk")?,
    ];
    let colleague = world.user(PREFECTURE, "kencho", "staff")?;
    Ok((world, seats, colleague))
}

/// The list of a quarantine station, of 200 plainly made-up people who came in up to today, in
/// CP932 and with the mistakes that such lists have.
#[expect(clippy::disallowed_methods, reason = "the demo is about today")]
fn sample_list() -> Vec<u8> {
    let today = Day::in_japan(Timestamp::now());
    Recipe::of_an_office(today, vec![OFFICE.to_owned()])
        .make()
        .bytes
}

/// Builds the programs where their progress can be seen.
fn build() -> Outcome<()> {
    let status = Command::new(env!("CARGO"))
        .current_dir(repository())
        .args([
            "build",
            "--locked",
            "--workspace",
            "--bin",
            "mimamori-server",
            "--bin",
            "mimamori",
        ])
        .stdin(Stdio::null())
        .status()
        .because("starting cargo")?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("server and client do not build"))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether there is a display is a fact of the environment"
)]
fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    // `cargo demo -- --pictures` takes the pictures anyway.
    (set("WAYLAND_DISPLAY") || set("DISPLAY"))
        && !env::args().any(|argument| argument == "--pictures")
}

fn say(text: &str) {
    println!("\n== {text}");
}
