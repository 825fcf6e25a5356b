//! A list that was read and tried: how many rows are good, what is wrong with the others.
//!
//! The rows are kept once, as the file has them; a good one is made anew when it is sent. All of
//! this takes time with a long list and belongs on a thread of its own.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use shared::follow_up::import::{CHUNK_ROWS, ImportRow};
use shared::follow_up::returnee::ReturneeDetails;
use shared::offices::Office;
use shared::quarantine_list::{Field, List, Outcome, Remembered, RowProblem, rejected};
use shared::table::{MOST_BYTES, ReadError};
use shared::text::Line;
use shared::{Day, Language};

/// How often the window is told how far the work is, in rows.
const STRIDE: usize = 500;

/// How far work on another thread is, and whether it shall go on.
#[derive(Debug, Default)]
pub(super) struct Watch {
    stopped: AtomicBool,
    done: AtomicUsize,
    of: AtomicUsize,
}

impl Watch {
    /// Tells the work to stop; its result is nobody's any more.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Rows done and rows there are; `None` while the file is still being read.
    pub(super) fn rows(&self) -> Option<(usize, usize)> {
        let of = self.of.load(Ordering::Relaxed);
        (of > 0).then(|| (self.done.load(Ordering::Relaxed), of))
    }
}

/// Why a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// There is no such file.
    Missing,
    /// This person may not read it.
    Forbidden,
    /// It is a folder, or something else that is no file.
    NoFile,
    /// The drive or the network gave an error.
    Drive,
    /// It is no list.
    NoList(ReadError),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            io::ErrorKind::IsADirectory => Self::NoFile,
            _ => Self::Drive,
        }
    }
}

impl From<ReadError> for Unread {
    fn from(error: ReadError) -> Self {
        Self::NoList(error)
    }
}

/// A list with what came of trying it.
#[derive(Clone)]
pub(super) struct Tried {
    /// Where the file lies.
    pub(super) path: PathBuf,
    /// The list.
    pub(super) list: List,
    /// Every problem, in the order of the file.
    pub(super) problems: Vec<RowProblem>,
    /// The indices of the rows that can be taken in.
    good: Vec<u32>,
    /// The indices of the rows that cannot.
    bad: Vec<u32>,
    nobody: usize,
    today: Day,
}

impl Tried {
    /// Reads a file and tries all its rows, unless a column that every person needs is missing.
    pub(super) fn read(
        path: PathBuf,
        remembered: &Remembered,
        today: Day,
        office: &Office,
        watch: &Watch,
    ) -> Result<Self, Unread> {
        let bytes = read(&path)?;
        let table = List::read_table(&bytes, &|| watch.is_stopped())?;
        let mut tried = Self {
            path,
            list: List::of(table, remembered),
            problems: Vec::new(),
            good: Vec::new(),
            bad: Vec::new(),
            nobody: 0,
            today,
        };
        tried.again(office, watch)?;
        Ok(tried)
    }

    /// Tries all rows anew, after the columns were corrected.
    pub(super) fn again(&mut self, office: &Office, watch: &Watch) -> Result<(), Unread> {
        self.problems.clear();
        self.good.clear();
        self.bad.clear();
        self.nobody = 0;
        if !self.list.mapping().missing().is_empty() {
            return Ok(());
        }
        watch.of.store(self.list.people(), Ordering::Relaxed);
        let first = self.list.layout().people() as u32;
        let outcomes = self.list.dry_run(self.today, std::slice::from_ref(office));
        for (index, outcome) in (first..).zip(outcomes) {
            match outcome {
                Outcome::Good(_) => self.good.push(index),
                Outcome::Bad { problems, .. } => {
                    self.bad.push(index);
                    self.problems.extend(problems);
                }
                Outcome::NoPerson(_) => self.nobody += 1,
            }
            let done = (index - first) as usize;
            if done.is_multiple_of(STRIDE) {
                watch.done.store(done, Ordering::Relaxed);
                if watch.is_stopped() {
                    return Err(ReadError::Stopped.into());
                }
            }
        }
        Ok(())
    }

    /// The file's name without its folder.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The file's name as the server keeps it, cut and cleaned if need be.
    pub(super) fn name_for_the_server(&self) -> Line {
        let name: String = self.name().chars().filter(|c| !c.is_control()).collect();
        let short: String = name.chars().take(200).collect();
        Line::parse(&short).unwrap_or_else(|_| {
            let plain = format!("list.{}", self.list.table().form().extension());
            Line::parse(&plain).expect("a plain name is a line")
        })
    }

    /// How many rows can be taken in.
    pub(super) fn good(&self) -> usize {
        self.good.len()
    }

    /// How many rows cannot.
    pub(super) fn bad(&self) -> usize {
        self.bad.len()
    }

    /// How many rows below the headings hold nobody.
    pub(super) fn nobody(&self) -> usize {
        self.nobody
    }

    /// How many chunks the good rows make.
    pub(super) fn chunks(&self) -> u32 {
        self.good.len().div_ceil(CHUNK_ROWS) as u32
    }

    /// The rows of one chunk, from 0.
    pub(super) fn chunk(&self, number: u32, office: &Office) -> Vec<ImportRow> {
        let mut run = self.list.dry_run(self.today, std::slice::from_ref(office));
        let indices = self.good.chunks(CHUNK_ROWS).nth(number as usize);
        indices
            .unwrap_or_default()
            .iter()
            .filter_map(|index| match run.try_at(*index as usize) {
                Some(Outcome::Good(row)) => Some(row),
                _ => None,
            })
            .collect()
    }

    /// Whom the row with this number in the file means; `None` unless it is a good row.
    pub(super) fn person(&self, number: u32, office: &Office) -> Option<ReturneeDetails> {
        let offices = std::slice::from_ref(office);
        let index = self.index(number)?;
        match self.list.dry_run(self.today, offices).try_at(index)? {
            Outcome::Good(row) => Some(row.details),
            _ => None,
        }
    }

    /// The name in the row with this number, as it stands there in one column or two.
    pub(super) fn name_in(&self, number: u32) -> String {
        let row = self
            .index(number)
            .and_then(|index| self.list.table().row(index));
        let says = |field| {
            let column = self.list.mapping().column(field);
            row.zip(column)
                .map_or("", |(row, column)| row.cell(column).trim())
        };
        match says(Field::Name) {
            "" => {
                let parts = [Field::FamilyName, Field::GivenName].map(says);
                parts.join(" ").trim().to_owned()
            }
            whole => whole.to_owned(),
        }
    }

    /// The index in the table of the row with this number in the file.
    fn index(&self, number: u32) -> Option<usize> {
        let table = self.list.table();
        let number_at = |index| table.row(index).map(|row| row.number());
        let (mut low, mut high) = (0, table.len());
        while low < high {
            let middle = low.midpoint(high);
            if number_at(middle) < Some(number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (number_at(low) == Some(number)).then_some(low)
    }

    /// The bad rows as a file in the form in which the list came, each with what is wrong.
    fn bad_rows(&self, language: Language) -> io::Result<Vec<u8>> {
        let mut reasons: Vec<String> = Vec::with_capacity(self.bad.len());
        let mut last = None;
        for problem in &self.problems {
            let sentence = problem.sentence(language);
            if last == Some(problem.row) {
                let reasons = reasons.last_mut().expect("a row was begun");
                reasons.push_str(" / ");
                reasons.push_str(&sentence);
            } else {
                reasons.push(sentence);
                last = Some(problem.row);
            }
        }
        let indices = self.bad.iter().map(|index| *index as usize);
        let rows = indices.zip(reasons.iter().map(String::as_str));
        rejected::write(&self.list, rows, language).map_err(io::Error::other)
    }

    /// Saves the bad rows beside the list under a name that is free. Returns the path.
    pub(super) fn save_beside(&self, suffix: &str, language: Language) -> io::Result<PathBuf> {
        let bytes = self.bad_rows(language)?;
        for nth in 1..100 {
            let path = self.path.with_file_name(self.name_of_bad(suffix, nth));
            match std::fs::File::create_new(&path) {
                Ok(mut file) => {
                    let written = io::Write::write_all(&mut file, &bytes);
                    let written = written.and_then(|()| file.sync_all());
                    if let Err(error) = written {
                        // Half a file would be taken for the whole.
                        let _ = std::fs::remove_file(&path);
                        return Err(error);
                    }
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Saves the bad rows at a place that was chosen in a dialog, which asked before replacing.
    pub(super) fn save_at(&self, path: PathBuf, language: Language) -> io::Result<PathBuf> {
        std::fs::write(&path, self.bad_rows(language)?)?;
        Ok(path)
    }

    /// A name for the file of bad rows: the list's with `suffix`, and a number from the second on.
    pub(super) fn name_of_bad(&self, suffix: &str, nth: u32) -> String {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = self.list.table().form().extension();
        match nth {
            0 | 1 => format!("{stem}{suffix}.{extension}"),
            nth => format!("{stem}{suffix}({nth}).{extension}"),
        }
    }
}

/// Reads a file that is small enough to be a list.
fn read(path: &Path) -> Result<Vec<u8>, Unread> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(Unread::NoFile);
    }
    if about.len() > MOST_BYTES as u64 {
        return Err(ReadError::TooLarge.into());
    }
    Ok(std::fs::read(path)?)
}
