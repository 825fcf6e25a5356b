//! A small disk of a program's own: seen by it alone, and gone with it.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::{Because, Outcome};

/// What takes up the room.
const BALLAST: &str = "ballast";

/// Begins a command line: the program is to be appended, with its arguments. It will find what is
/// in `folder` there, but on a disk of `kilobytes` which nobody else sees.
///
/// Root may mount one; anybody else needs a user namespace for it. Where neither is possible the
/// program does not start, and its log says what `unshare` or `mount` said.
pub fn with_a_small_disk(folder: &Path, kilobytes: u32) -> Command {
    let script = r#"
        cp -a "$1" "$1.kept" &&
        mount -t tmpfs -o size="$2k",mode=700 tmpfs "$1" &&
        cp -a "$1.kept/." "$1" && rm -r "$1.kept" || exit
        shift 2; exec "$@""#;
    let mut unshare = Command::new("unshare");
    let root = process::run(Command::new("id").arg("-u"), "")
        .is_ok_and(|answer| answer.stdout.trim() == "0");
    if !root {
        unshare.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    unshare
        .args(["--mount", "sh", "-c", script, "sh"])
        .arg(folder)
        .arg(kilobytes.to_string());
    unshare
}

/// The same for a program that is ready to start.
pub fn moved_to_a_small_disk(program: &Command, folder: &Path, kilobytes: u32) -> Command {
    let mut moved = with_a_small_disk(folder, kilobytes);
    moved.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        moved.env(name, value.unwrap_or(OsStr::new("")));
    }
    moved
}

/// The folder as the program with this process id sees it.
pub fn seen_by(process: u32, folder: &Path) -> PathBuf {
    let folder = folder.strip_prefix("/").unwrap_or(folder);
    Path::new(&format!("/proc/{process}/root")).join(folder)
}

/// Leaves no byte on the disk on which `folder` lies.
///
/// # Errors
/// When the disk refuses for another reason than being full.
pub fn fill(folder: &Path) -> Outcome<()> {
    let mut ballast = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(BALLAST))
        .because("laying ballast")?;
    // Down to the last byte, which a large piece may leave.
    for piece in [1 << 20, 1 << 10, 1] {
        let piece = vec![0; piece];
        loop {
            match ballast.write_all(&piece) {
                Ok(()) => {}
                Err(full) if full.kind() == ErrorKind::StorageFull => break,
                Err(other) => return Err(other).because("filling the disk"),
            }
        }
    }
    Ok(())
}

/// Makes room again.
///
/// # Errors
/// When the ballast cannot be thrown away.
pub fn clear(folder: &Path) -> Outcome<()> {
    fs::remove_file(folder.join(BALLAST)).because("throwing the ballast away")
}
