//! Work on files that takes a while: on a thread of its own, with progress, stopped at any moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use iced::Task;
use shared::Day;
use shared::follow_up::import::ImportRow;
use shared::offices::Office;
use shared::quarantine_list::{
    List, MOST_BYTES, Outcome, ReadError, Remembered, RowProblem, Table, rejected,
};

use crate::language::Language;

/// After how many rows the progress is told.
const EVERY: usize = 500;

/// Set from the window to stop what runs on the thread.
pub(super) type Stop = Arc<AtomicBool>;

/// Why a file could not be taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unreadable {
    /// It is not there, or the system does not let it be read; in the system's words.
    File(String),
    /// It is no list.
    List(ReadError),
}

/// What a dry run brought.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// The people that can be taken in, by row.
    pub(super) good: Arc<Vec<ImportRow>>,
    /// Every problem, by row.
    pub(super) problems: Vec<RowProblem>,
    /// The index of each bad row in the table, with its reasons in one sentence.
    pub(super) bad: Vec<(usize, String)>,
    /// How many rows say nothing of anyone.
    pub(super) nobody: usize,
}

/// A step of the work, or its end.
#[derive(Clone, Debug)]
pub(super) enum Progress<T> {
    /// So many rows are done.
    Rows(usize),
    /// It is finished.
    Done(T),
}

/// Runs `work` on a thread; what it says arrives as messages.
fn on_thread<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn(Progress<T>)) + Send + 'static,
) -> Task<Progress<T>> {
    let (say, mut hear) = tokio::sync::mpsc::unbounded_channel();
    let started = std::thread::Builder::new()
        .name("list".into())
        .spawn(move || {
            // Nobody listens any more once the screen is closed.
            work(&|progress| drop(say.send(progress)));
        });
    match started {
        Ok(_) => Task::stream(futures_util::stream::poll_fn(move |context| {
            hear.poll_recv(context)
        })),
        // Without a thread nothing comes; the screen can still be left.
        Err(_) => Task::none(),
    }
}

/// Reads a file and finds what its columns hold.
pub(super) fn read(
    path: PathBuf,
    remembered: Remembered,
    stop: Stop,
) -> Task<Progress<Result<Arc<List>, Unreadable>>> {
    on_thread(move |say| {
        let list = bytes(&path).and_then(|bytes| {
            Table::read_unless(&bytes, &|| stop.load(Ordering::Relaxed))
                .map(|table| Arc::new(List::of(table, &remembered)))
                .map_err(Unreadable::List)
        });
        say(Progress::Done(list));
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let unreadable = |error: std::io::Error| Unreadable::File(error.to_string());
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MOST_BYTES as u64 {
        return Err(Unreadable::List(ReadError::TooLarge));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Tries every row. `offices` are those that may stand as the responsible health centre.
pub(super) fn try_rows(
    list: Arc<List>,
    today: Day,
    offices: Vec<Office>,
    language: Language,
    stop: Stop,
) -> Task<Progress<Arc<Trial>>> {
    on_thread(move |say| {
        let mut trial = Trial::default();
        let mut good = Vec::new();
        for (nth, outcome) in list.dry_run(today, &offices).enumerate() {
            if nth.is_multiple_of(EVERY) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                say(Progress::Rows(nth));
            }
            match outcome {
                Outcome::Good(row) => good.push(row),
                Outcome::Bad { index, problems } => {
                    let reasons: Vec<String> = problems
                        .iter()
                        .map(|problem| problem.sentence(language))
                        .collect();
                    trial.bad.push((index, reasons.join(" / ")));
                    trial.problems.extend(problems);
                }
                Outcome::NoPerson(_) => trial.nobody += 1,
            }
        }
        trial.good = Arc::new(good);
        say(Progress::Done(Arc::new(trial)));
    })
}

/// Writes the bad rows beside the file they came from, over nothing that is there; gives the name
/// of the new file or the system's words.
pub(super) fn save_bad(
    list: Arc<List>,
    trial: Arc<Trial>,
    source: PathBuf,
    ending: String,
    language: Language,
) -> Task<Progress<Result<PathBuf, String>>> {
    on_thread(move |say| {
        let rows = trial
            .bad
            .iter()
            .map(|(index, reasons)| (*index, reasons.as_str()));
        let written = rejected::write(&list, rows, language)
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                let extension = list.table().form().extension();
                beside(&source, &ending, extension, &bytes).map_err(|error| error.to_string())
            });
        say(Progress::Done(written));
    })
}

/// Writes `bytes` under the first free name beside `source`: `LIST_ENDING.csv`, `LIST_ENDING_2.csv` …
fn beside(source: &Path, ending: &str, extension: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    use std::io::Write;
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    for nth in 1..1_000 {
        let number = if nth == 1 {
            String::new()
        } else {
            format!("_{nth}")
        };
        let path = source.with_file_name(format!("{stem}_{ending}{number}.{extension}"));
        match std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
        {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// The mappings that were set by hand on this terminal; what cannot be read counts as none.
pub(super) fn recall(folder: Option<&Path>) -> Remembered {
    let text = folder.and_then(|folder| std::fs::read(folder.join(FILE)).ok());
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// Keeps the mappings. A full disk costs a mapping and nothing else, so failing is silent.
pub(super) fn keep(folder: Option<&Path>, remembered: &Remembered) {
    if let (Some(folder), Ok(text)) = (folder, serde_json::to_vec(remembered)) {
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(folder.join(FILE), text);
    }
}

const FILE: &str = "quarantine-lists.json";

/// The rows whose row number is `row`, found by order.
pub(super) fn row(rows: &[ImportRow], number: u32) -> Option<&ImportRow> {
    let at = rows.binary_search_by_key(&number, |row| row.row).ok()?;
    rows.get(at)
}
