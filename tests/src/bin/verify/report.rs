//! What is printed: a heading and a duration for each step, the whole output of one that fails,
//! what was skipped and why, and one last line with the sums.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use harness::{Because, Failure, Outcome};

/// One step of the check.
pub(crate) struct Step {
    /// As it is named on the command line.
    pub(crate) name: &'static str,
    /// What it holds, for the heading.
    pub(crate) purpose: &'static str,
    /// Does it.
    pub(crate) run: fn(&mut Report) -> Outcome<()>,
}

/// The report as it grows.
pub(crate) struct Report {
    /// Whether the full numbers are asked for.
    pub(crate) long: bool,
    /// What the tests are given: `--` and parts of the names of those that run; nothing for all.
    pub(crate) tests: Vec<String>,
    started: Instant,
    passed: u64,
    failed: u64,
    skipped: Vec<String>,
    steps: Vec<(&'static str, Duration)>,
    failing: Option<&'static str>,
}

impl Report {
    pub(crate) fn new(long: bool, tests: Vec<String>) -> Self {
        let started = Instant::now();
        Self {
            long,
            tests,
            started,
            passed: 0,
            failed: 0,
            skipped: vec![],
            steps: vec![],
            failing: None,
        }
    }

    /// Runs a step; says whether it held.
    pub(crate) fn step(&mut self, step: &Step) -> bool {
        say(&format!("\n== {}: {}", step.name, step.purpose));
        let started = Instant::now();
        let outcome = (step.run)(self);
        self.steps.push((step.name, started.elapsed()));
        match outcome {
            Ok(()) => say(&format!("   holds, {}", duration(started.elapsed()))),
            Err(failure) => {
                say(&format!(
                    "{failure}\n\n   FAILS, {}",
                    duration(started.elapsed())
                ));
                self.failing = Some(step.name);
            }
        }
        self.failing.is_none()
    }

    /// Notes what was not checked.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        say(&format!("   SKIPPED {what}: {why}"));
        self.skipped.push(format!("{what}: {why}"));
    }

    /// Runs a command, showing only its lines that `shown` picks.
    ///
    /// # Errors
    /// With its whole output, when it ends badly.
    pub(crate) fn watch(
        &mut self,
        command: &mut Command,
        shown: fn(&str) -> bool,
    ) -> Outcome<String> {
        let line = spoken(command);
        say(&format!("   $ {line}"));
        // Both streams into one, in the order in which they were written.
        let (reader, writer) = io::pipe().because("making a pipe")?;
        let twin = writer.try_clone().because("making a pipe")?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(twin)
            .spawn()
            .because(&line)?;
        // The command holds the pipe's writing ends as long as it lives.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut whole = String::new();
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if shown(&line) {
                say(&format!("   {line}"));
            }
            whole.push_str(&line);
            whole.push('\n');
        }
        let status = child.wait().because(&line)?;
        self.count(&whole);
        if status.success() {
            Ok(whole)
        } else {
            Err(Failure::new(format!("{whole}\n{line}: {status}")))
        }
    }

    /// Adds up the result lines of test programs.
    fn count(&mut self, output: &str) {
        for line in output
            .lines()
            .filter(|line| line.starts_with("test result:"))
        {
            self.passed += before(line, "passed");
            self.failed += before(line, "failed");
        }
        // `test NAME ... ignored, REASON`
        for line in output.lines() {
            let Some((name, why)) = line
                .strip_prefix("test ")
                .and_then(|line| line.split_once(" ... ignored"))
            else {
                continue;
            };
            let why = why.trim_start_matches(", ");
            if !why.starts_with(RUN_BY_ANOTHER) {
                self.skip(name, if why.is_empty() { "it is ignored" } else { why });
            }
        }
    }

    /// Prints the sums.
    pub(crate) fn close(self) -> ExitCode {
        say("\n== summary");
        for (name, took) in &self.steps {
            let word = if self.failing == Some(name) {
                "FAILS"
            } else {
                "holds"
            };
            say(&format!("   {word}  {name:<10} {:>8}", duration(*took)));
        }
        match self.skipped.as_slice() {
            [] => say("   skipped: nothing"),
            skipped => skipped
                .iter()
                .for_each(|what| say(&format!("   SKIPPED {what}"))),
        }
        say(&format!("   {} in all", duration(self.started.elapsed())));
        let is_missed = self.failing.is_none() && !self.tests.is_empty() && self.passed == 0;
        if is_missed {
            say(&format!(
                "   no test has {} in its name",
                self.tests[1..].join(" or ")
            ));
        }
        // A step that is no test program counts as one failure when it fails.
        let failed = self.failed.max(u64::from(self.failing.is_some()));
        say(&format!("\n{} passed, {failed} failed", self.passed));
        if self.failing.is_some() || is_missed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

/// How the reason of a test begins that another test runs, in a process of its own: it is counted
/// there.
const RUN_BY_ANOTHER: &str = "run by another test";

/// The number that stands before a word: `12 passed`.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<_> = line
        .split([' ', ';'])
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .find(|pair| pair[1] == word)
        .and_then(|pair| pair[0].parse().ok())
        .unwrap_or(0)
}

fn spoken(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| {
            word.to_string_lossy()
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn say(text: &str) {
    println!("{text}");
    // Whoever watches a long step wants to see which.
    let _ = io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_what_test_programs_say() {
        let mut report = Report::new(false, vec![]);
        report.count("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.1s");
        report.count(
            "x\ntest result: FAILED. 1 passed; 2 failed; 4 ignored; 0 measured; 0 filtered out",
        );
        assert_eq!((report.passed, report.failed), (13, 2));
    }

    #[test]
    fn names_the_tests_that_nobody_ran() {
        let mut report = Report::new(false, vec![]);
        report.count(
            "test a::b ... ok\n\
             test a::c ... ignored, run by another test, in a private session\n\
             test a::d ... ignored, takes a week\n\
             test a::e ... ignored\n",
        );
        assert_eq!(
            report.skipped,
            ["a::d: takes a week", "a::e: it is ignored"]
        );
    }

    #[test]
    fn shows_the_whole_output_of_what_fails() {
        let mut report = Report::new(false, vec![]);
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let failure = report
            .watch(&mut command, |_| false)
            .unwrap_err()
            .to_string();
        assert!(
            failure.starts_with("one\ntwo\n") && failure.ends_with("exit status: 3"),
            "{failure}"
        );
    }
}
