//! Programs that are started, watched and ended.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Because, Failure, Outcome, scratch};

/// How often a condition is looked at while waiting for it.
const LOOK: Duration = Duration::from_millis(10);

/// What a program that ran to its end left.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// The output of a program that must have succeeded.
    ///
    /// # Errors
    /// With everything it wrote, when it did not.
    pub fn success(self) -> Outcome<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        Err(Failure::new(format!(
            "{}\n{}{}",
            self.status, self.stdout, self.stderr
        )))
    }
}

/// Runs a program to its end, with `input` on its standard input.
///
/// # Errors
/// When it cannot be started. A program that ends badly is not an error here.
pub fn run(command: &mut Command, input: &str) -> Outcome<Finished> {
    let name = name_of(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .because(&format!("starting {name}"))?;
    let mut stdin = child.stdin.take().expect("its input was asked for");
    let input = input.to_owned();
    // On a thread: a program may write much before it reads, or never read at all.
    let feeding = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child
        .wait_with_output()
        .because(&format!("waiting for {name}"))?;
    drop(feeding.join());
    Ok(Finished {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A program in the background, ended with everything that it started when dropped.
pub struct Running {
    child: Child,
    name: String,
    log: PathBuf,
    over: Option<ExitStatus>,
}

impl Running {
    /// Starts a program whose output goes to the end of the file `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let name = name_of(command);
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .because(&format!("opening {}", log.display()))?;
        let twin = file.try_clone().because("sharing a log")?;
        let child = command
            .stdout(file)
            .stderr(twin)
            .process_group(0)
            .spawn()
            .because(&format!("starting {name}"))?;
        scratch::started(child.id());
        Ok(Self {
            child,
            name,
            log: log.to_owned(),
            over: None,
        })
    }

    /// The process id, which is also the id of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The standard input, when it was asked to be a pipe.
    pub fn input(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// Everything it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until its log has a line that `find` accepts.
    ///
    /// # Errors
    /// With the log, when the program ends or the time is over first.
    pub fn wait_for_line<T>(
        &mut self,
        limit: Duration,
        find: impl Fn(&str) -> Option<T>,
    ) -> Outcome<T> {
        let until = Instant::now() + limit;
        loop {
            let over = self.ended();
            if let Some(found) = self.log().lines().find_map(&find) {
                return Ok(found);
            }
            if let Some(status) = over {
                return Err(Failure::new(format!(
                    "{} ended with {status}:\n{}",
                    self.name,
                    self.log()
                )));
            }
            if Instant::now() > until {
                return Err(Failure::new(format!(
                    "{} is not ready after {limit:?}:\n{}",
                    self.name,
                    self.log()
                )));
            }
            thread::sleep(LOOK);
        }
    }

    /// The processor time that the whole group has used so far.
    pub fn processor_time(&self) -> Duration {
        let ticks: u64 = processes_of(self.id()).map(|stat| stat.ticks).sum();
        // The kernel counts in hundredths of a second for programs, whatever its own rate.
        Duration::from_millis(ticks * 10)
    }

    /// The processor time of its first thread, which draws where it has a window. What waits for a
    /// processor, or for the machine's host, is not in it.
    pub fn first_thread_time(&self) -> Duration {
        let id = self.id();
        let stat = fs::read_to_string(format!("/proc/{id}/task/{id}/schedstat"));
        let stat = stat.expect("it runs, and the kernel counts");
        let on_a_processor = stat.split(' ').next().and_then(|it| it.parse().ok());
        Duration::from_nanos(on_a_processor.expect("nanoseconds stand first"))
    }

    /// The memory of the whole group in bytes: its own and its share of what is shared (PSS).
    pub fn memory(&self) -> u64 {
        processes_of(self.id())
            .filter_map(|stat| fs::read_to_string(format!("/proc/{}/smaps_rollup", stat.id)).ok())
            .filter_map(|rollup| {
                let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
                line.trim().trim_end_matches(" kB").parse::<u64>().ok()
            })
            .sum::<u64>()
            * 1024
    }

    /// Sends a signal by name (`TERM`, `INT`, `KILL`, `STOP`, `CONT`) to the whole group.
    pub fn signal(&self, signal: &str) {
        if self.over.is_none() {
            let _ = Command::new("sh")
                .args([
                    "-c",
                    r#"kill -s "$1" -- "-$2" 2>/dev/null"#,
                    "kill",
                    signal,
                    &self.id().to_string(),
                ])
                .status();
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.over.is_none() {
            self.over = self.child.try_wait().ok().flatten();
            if self.over.is_some() {
                scratch::ended(self.id());
            }
        }
        self.over
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// With the log, when it is still running after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Outcome<ExitStatus> {
        wait_until(limit, &format!("the end of {}", self.name), || self.ended())
            .map_err(|failure| Failure::new(format!("{failure}\n{}", self.log())))
    }

    /// Kills it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.signal("KILL");
        if let Ok(status) = self.child.wait() {
            self.over = Some(status);
        }
        scratch::ended(self.id());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill();
        }
    }
}

/// Looks at a condition until it gives something.
///
/// # Errors
/// When `limit` is over first; `what` names what was waited for.
pub fn wait_until<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> Option<T>,
) -> Outcome<T> {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() > until {
            return Err(Failure::new(format!("waited {limit:?} for {what}")));
        }
        thread::sleep(LOOK);
    }
}

struct Stat {
    id: u32,
    ticks: u64,
}

/// The processes of a group, from `/proc/*/stat`: after the name in brackets, fields 3 and 12 and
/// 13 are the group and the time used in the program and in the kernel.
fn processes_of(group: u32) -> impl Iterator<Item = Stat> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(move |entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let field = |index: usize| fields.get(index)?.parse::<u64>().ok();
            (field(2)? == u64::from(group)).then_some(Stat {
                id,
                ticks: field(11)? + field(12)?,
            })
        })
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned()
}
