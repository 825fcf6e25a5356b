//! The program that staff start: a window, or one of two commands without one.

use std::process::ExitCode;

fn main() -> ExitCode {
    client::command::run(std::env::args_os())
}
