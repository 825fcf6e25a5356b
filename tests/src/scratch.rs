//! Folders and process groups that are gone when the harness is gone, however it ends.
//!
//! `Drop` does not run after Ctrl-C or `kill -9`. So a small shell, the sweeper, holds the other
//! end of a pipe from this process: when the pipe closes, it ends every process group that was
//! started and removes every folder that was made.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

use crate::{Because, Outcome};

const SWEEPER: &str = r#"
groups=" "
while read -r verb group; do
    case $verb in
        started) groups="$groups$group " ;;
        ended) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
# A process that is being killed may still be writing.
for attempt in 1 2 3 4 5; do rm -rf -- "$1" 2>/dev/null && break; sleep 0.2; done
"#;

struct Sweeper {
    root: PathBuf,
    /// Outlives this process, so it is never waited for.
    _shell: Child,
    pipe: Mutex<ChildStdin>,
}

/// A folder of its own, removed when dropped.
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes an empty folder that others on this machine may pass through but not list.
    ///
    /// # Errors
    /// When the temporary directory cannot be written.
    pub fn new(name: &str) -> Outcome<Self> {
        tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .tempdir_in(&sweeper().root)
            .map(Self)
            .because("making a temporary folder")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path inside it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Hands a process group to the sweeper.
pub(crate) fn started(group: u32) {
    tell("started", group);
}

/// Takes back a process group that has ended; its number may be given to someone else.
pub(crate) fn ended(group: u32) {
    tell("ended", group);
}

fn tell(verb: &str, group: u32) {
    let mut pipe = sweeper()
        .pipe
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // A sweeper that is gone is no reason to fail what is being tested.
    let _ = writeln!(pipe, "{verb} {group}");
}

fn sweeper() -> &'static Sweeper {
    static SWEEPING: OnceLock<Sweeper> = OnceLock::new();
    SWEEPING.get_or_init(|| {
        let root = tempfile::Builder::new()
            .prefix("mimamori-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711))
            .tempdir()
            .expect("the temporary directory can be written")
            .keep();
        let mut shell = Command::new("sh")
            .args(["-c", SWEEPER, "sweeper"])
            .arg(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group: Ctrl-C in the terminal must not end it before its work.
            .process_group(0)
            .spawn()
            .expect("a shell can be started");
        let pipe = shell.stdin.take().expect("its input was asked for");
        Sweeper {
            root,
            _shell: shell,
            pipe: Mutex::new(pipe),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;
    use crate::process::{Running, wait_until};

    /// Started by the test below as a program of its own, to be killed.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "how the test below tells it that it is that program"
    )]
    fn holds_a_folder_and_a_process() {
        if std::env::var_os("MIMAMORI_TEST_KILLED").is_none() {
            return;
        }
        let scratch = Scratch::new("held").unwrap();
        let sleeping =
            Running::start(Command::new("sleep").arg("600"), &scratch.join("log")).unwrap();
        eprintln!("held {} {}", scratch.path().display(), sleeping.id());
        std::thread::sleep(Duration::from_secs(600));
    }

    #[test]
    fn leaves_nothing_behind_when_it_is_killed() {
        let scratch = Scratch::new("outer").unwrap();
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args([
            "--exact",
            "scratch::tests::holds_a_folder_and_a_process",
            "--nocapture",
        ]);
        let mut program = Running::start(
            program.env("MIMAMORI_TEST_KILLED", "1"),
            &scratch.join("log"),
        )
        .unwrap();
        let held = program.wait_for_line(Duration::from_secs(10), |line| {
            line.split("held ").nth(1).map(str::to_owned)
        });
        let held = held.unwrap();
        let (folder, process) = held.split_once(' ').unwrap();
        let process = Path::new("/proc").join(process);
        assert!(Path::new(folder).exists() && process.exists());
        program.kill();
        wait_until(Duration::from_secs(10), "the sweeper", || {
            // A killed process stays in the table until its parent has looked: it has no command line.
            let gone = std::fs::read(process.join("cmdline")).is_ok_and(|line| line.is_empty())
                || !process.exists();
            (gone && !Path::new(folder).parent().unwrap().exists()).then_some(())
        })
        .unwrap();
    }
}
