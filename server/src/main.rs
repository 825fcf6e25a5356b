//! `mimamori-server`: sets a server up, runs it, and keeps its offices, links, terminals and
//! users.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::command::run()
}
