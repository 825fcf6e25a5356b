//! Taking in a quarantine station's list: file → columns → dry run → rows sent → decisions → result.
//!
//! Nothing reaches anyone's work list before the last step, and every step can be left.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use iced::Task;
use iced::widget::operation;
use shared::follow_up::import::ImportResult;
use shared::quarantine_list::{Field, List, Remembered};

use super::Context;
use crate::language::spoken;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::Binding;
use background::{Progress, Stop, Trial, Unreadable};
use upload::Upload;

mod background;
mod drop;
mod upload;
mod view;

#[cfg(test)]
mod tests;

/// The name of the path field, for the focus.
const PATH: &str = "list-path";
/// The name of the table in view, for the focus.
const TABLE: &str = "list-table";

/// The screen's state.
pub struct QuarantineList {
    step: Step,
    path: String,
    remembered: Remembered,
    /// Which piece of background work is listened to; what an older one says is dropped.
    turn: u64,
    stop: Stop,
}

enum Step {
    /// A file is to be chosen.
    Choosing(Option<Unreadable>),
    /// A file is being read.
    Reading(PathBuf),
    /// What the columns hold is to be set right.
    Columns { file: File, cursor: usize },
    /// The rows are being tried.
    Trying { file: File, done: usize },
    /// The dry run is there to be looked at.
    Tried(Tried),
    /// The rows are on their way into the server.
    Sending { tried: Tried, upload: Box<Upload> },
    /// All good rows are in.
    Finished { tried: Tried, result: ImportResult },
}

/// A list that was read.
#[derive(Clone)]
struct File {
    path: PathBuf,
    list: Arc<List>,
}

impl File {
    fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// A list that was tried.
struct Tried {
    file: File,
    trial: Arc<Trial>,
    cursor: Option<usize>,
    /// Where the bad rows were written, or why they were not.
    saved: Option<Result<PathBuf, String>>,
}

/// What happened on it.
#[derive(Debug, Clone)]
pub struct Message(Happened);

#[derive(Debug, Clone)]
enum Happened {
    PathTyped(String),
    PathEntered,
    ChoosePressed,
    Chosen(Option<PathBuf>),
    Read(u64, Progress<Result<Arc<List>, Unreadable>>),
    ColumnMarked(usize),
    FieldChosen(Option<Field>),
    FieldStepped(isize),
    HeadingsMoved(isize),
    ColumnsPressed,
    TryPressed,
    Tried(u64, Progress<Arc<Trial>>),
    ProblemMarked(usize),
    SaveBadPressed,
    BadSaved(u64, Progress<Result<PathBuf, String>>),
    SendPressed,
    Upload(u64, upload::Message),
    AgainPressed,
    AlikeMarked(usize),
    Decided(bool),
    CommitPressed,
    BackPressed,
    Dropped,
    AnotherPressed,
    ClosePressed,
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Go back to the work list, which may have changed.
    Closed,
}

impl QuarantineList {
    /// The screen as it opens, waiting for a file.
    pub fn new(context: &Context) -> (Self, Task<Message>) {
        let screen = Self {
            step: Step::Choosing(None),
            path: String::new(),
            remembered: background::recall(context.world.folder.as_deref()),
            turn: 0,
            stop: Stop::default(),
        };
        (screen, operation::focus(PATH))
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        match message.0 {
            Happened::PathTyped(path) => self.path = path,
            Happened::PathEntered => {
                // File managers copy a path in quotes.
                let path = self.path.trim().trim_matches(['"', '\'']).to_owned();
                let path = path
                    .strip_prefix("file://")
                    .map(str::to_owned)
                    .unwrap_or(path);
                if !path.is_empty() {
                    return self.read(PathBuf::from(path));
                }
            }
            Happened::ChoosePressed => return Action::Run(choose()),
            Happened::Chosen(Some(path)) => return self.read(path),
            Happened::Chosen(None) => {}
            Happened::Read(turn, Progress::Done(result)) if turn == self.turn => {
                return self.was_read(result, context);
            }
            Happened::Tried(turn, progress) if turn == self.turn => {
                return self.was_tried(progress);
            }
            Happened::BadSaved(turn, Progress::Done(saved)) if turn == self.turn => {
                if let Some(tried) = self.tried_mut() {
                    tried.saved = Some(saved);
                }
            }
            Happened::Upload(turn, message) if turn == self.turn => {
                return self.uploading(message, context);
            }
            Happened::Read(..)
            | Happened::Tried(..)
            | Happened::BadSaved(..)
            | Happened::Upload(..)
            | Happened::Dropped => {}
            Happened::ColumnMarked(column) => self.mark(column),
            Happened::FieldChosen(field) => self.assign(field),
            Happened::FieldStepped(step) => self.step_field(step),
            Happened::HeadingsMoved(step) => self.move_headings(step),
            Happened::ColumnsPressed => {
                if let Step::Tried(tried) = &self.step {
                    self.step = Step::Columns {
                        file: tried.file.clone(),
                        cursor: 0,
                    };
                    return Action::Run(operation::focus(TABLE));
                }
            }
            Happened::TryPressed => return self.try_pressed(context),
            Happened::ProblemMarked(index) => {
                if let Some(tried) = self.tried_mut() {
                    tried.cursor = Some(index);
                }
            }
            Happened::SaveBadPressed => return self.save_bad(),
            Happened::SendPressed => return self.send(context),
            Happened::AgainPressed => {
                if let Step::Sending { upload, .. } = &mut self.step {
                    let task = upload.go_on(context);
                    return Action::Run(self.on_upload(task));
                }
            }
            Happened::AlikeMarked(index) => {
                if let Step::Sending { upload, .. } = &mut self.step {
                    upload.cursor = index;
                }
            }
            Happened::Decided(add) => {
                if let Step::Sending { upload, .. } = &mut self.step {
                    upload.decide(add);
                }
            }
            Happened::CommitPressed => {
                if let Step::Sending { upload, .. } = &mut self.step
                    && !upload.running
                    && upload.undecided() == 0
                {
                    let task = upload.commit(context);
                    return Action::Run(self.on_upload(task));
                }
            }
            Happened::BackPressed => return self.back(context),
            Happened::AnotherPressed => return self.choose_another(),
            Happened::ClosePressed => return Action::Closed,
        }
        Action::None
    }

    /// Begins a piece of background work: an older one is stopped and no longer heard.
    fn begin(&mut self) -> (u64, Stop) {
        self.stop.store(true, Ordering::Relaxed);
        self.stop = Stop::default();
        self.turn += 1;
        (self.turn, self.stop.clone())
    }

    fn read(&mut self, path: PathBuf) -> Action {
        // A file dropped while rows are on their way waits until that is over.
        if matches!(self.step, Step::Sending { .. }) {
            return Action::None;
        }
        let (turn, stop) = self.begin();
        self.path = path.to_string_lossy().into_owned();
        self.step = Step::Reading(path.clone());
        let task = background::read(path, self.remembered.clone(), stop);
        Action::Run(task.map(move |progress| Message(Happened::Read(turn, progress))))
    }

    fn was_read(&mut self, result: Result<Arc<List>, Unreadable>, context: &Context) -> Action {
        let Step::Reading(path) = &self.step else {
            return Action::None;
        };
        match result {
            Err(unreadable) => {
                self.step = Step::Choosing(Some(unreadable));
                Action::Run(operation::focus(PATH))
            }
            Ok(list) => {
                let file = File {
                    path: path.clone(),
                    list,
                };
                if file.list.mapping().missing().is_empty() {
                    return self.try_rows(file, context);
                }
                self.step = Step::Columns { file, cursor: 0 };
                Action::Run(operation::focus(TABLE))
            }
        }
    }

    fn mark(&mut self, column: usize) {
        if let Step::Columns { file, cursor } = &mut self.step {
            *cursor = column.min(file.list.layout().headings().len().saturating_sub(1));
        }
    }

    /// Says what the marked column holds, and remembers it for lists with the same headings.
    fn assign(&mut self, field: Option<Field>) {
        if let Step::Columns { file, cursor } = &mut self.step {
            Arc::make_mut(&mut file.list)
                .mapping_mut()
                .assign(*cursor, field);
        }
    }

    fn step_field(&mut self, step: isize) {
        let Step::Columns { file, cursor } = &self.step else {
            return;
        };
        let now = file.list.mapping().field(*cursor);
        let at = now.and_then(|now| Field::ALL.iter().position(|field| *field == now));
        // Place 0 stands for "not read".
        let places = Field::ALL.len() + 1;
        let place = at.map_or(0, |at| at + 1);
        let next = (place + places).saturating_add_signed(step) % places;
        let field = next
            .checked_sub(1)
            .and_then(|at| Field::ALL.get(at))
            .copied();
        self.assign(field);
    }

    fn move_headings(&mut self, step: isize) {
        let Step::Columns { file, cursor } = &mut self.step else {
            return;
        };
        let layout = file.list.layout();
        let (first, levels) = (layout.first(), layout.levels());
        let first = first
            .saturating_add_signed(step)
            .min(file.list.table().len().saturating_sub(1));
        Arc::make_mut(&mut file.list).headings_at(first, levels.max(1), &self.remembered);
        *cursor = 0;
    }

    fn try_pressed(&mut self, context: &Context) -> Action {
        let Step::Columns { file, .. } = &self.step else {
            return Action::None;
        };
        if !file.list.mapping().missing().is_empty() {
            return Action::None;
        }
        let file = file.clone();
        self.remembered.remember(file.list.mapping());
        background::keep(context.world.folder.as_deref(), &self.remembered);
        self.try_rows(file, context)
    }

    fn try_rows(&mut self, file: File, context: &Context) -> Action {
        let (turn, stop) = self.begin();
        let task = background::try_rows(
            file.list.clone(),
            context.world.today(),
            vec![context.office.clone()],
            spoken(),
            stop,
        );
        self.step = Step::Trying { file, done: 0 };
        Action::Run(task.map(move |progress| Message(Happened::Tried(turn, progress))))
    }

    fn was_tried(&mut self, progress: Progress<Arc<Trial>>) -> Action {
        let Step::Trying { file, done } = &mut self.step else {
            return Action::None;
        };
        match progress {
            Progress::Rows(rows) => {
                *done = rows;
                Action::None
            }
            Progress::Done(trial) => {
                let cursor = (!trial.problems.is_empty()).then_some(0);
                let file = file.clone();
                self.step = Step::Tried(Tried {
                    file,
                    trial,
                    cursor,
                    saved: None,
                });
                Action::Run(operation::focus(TABLE))
            }
        }
    }

    fn tried_mut(&mut self) -> Option<&mut Tried> {
        match &mut self.step {
            Step::Tried(tried) | Step::Sending { tried, .. } | Step::Finished { tried, .. } => {
                Some(tried)
            }
            _ => None,
        }
    }

    fn save_bad(&mut self) -> Action {
        let turn = self.turn;
        let Some(tried) = self.tried_mut() else {
            return Action::None;
        };
        if tried.trial.bad.is_empty() {
            return Action::None;
        }
        tried.saved = None;
        let task = background::save_bad(
            tried.file.list.clone(),
            tried.trial.clone(),
            tried.file.path.clone(),
            say!("quarantine_list.bad_file"),
            spoken(),
        );
        Action::Run(task.map(move |progress| Message(Happened::BadSaved(turn, progress))))
    }

    fn send(&mut self, context: &Context) -> Action {
        let Step::Tried(tried) = &self.step else {
            return Action::None;
        };
        if tried.trial.good.is_empty() {
            return Action::None;
        }
        let name = tried.file.name();
        let (upload, task) = Upload::begin(&name, tried.trial.good.clone(), context);
        self.begin();
        let waiting = std::mem::replace(&mut self.step, Step::Choosing(None));
        if let Step::Tried(tried) = waiting {
            self.step = Step::Sending {
                tried,
                upload: Box::new(upload),
            };
        }
        Action::Run(self.on_upload(task))
    }

    fn on_upload(&self, task: Task<upload::Message>) -> Task<Message> {
        let turn = self.turn;
        task.map(move |message| Message(Happened::Upload(turn, message)))
    }

    fn uploading(&mut self, message: upload::Message, context: &Context) -> Action {
        let Step::Sending { upload, .. } = &mut self.step else {
            return Action::None;
        };
        match upload.update(message, context) {
            upload::Action::Run(task) => Action::Run(self.on_upload(task)),
            upload::Action::Wait => Action::Run(operation::focus(TABLE)),
            upload::Action::Finished(result) => {
                let sent = std::mem::replace(&mut self.step, Step::Choosing(None));
                if let Step::Sending { tried, .. } = sent {
                    self.step = Step::Finished { tried, result };
                }
                Action::None
            }
        }
    }

    /// One step back; what runs is stopped, what was staged is dropped.
    fn back(&mut self, context: &Context) -> Action {
        if let Step::Sending { upload, .. } = &self.step
            && upload.is_committing()
        {
            // All or nothing is being decided at the server; its answer says which.
            return Action::None;
        }
        self.begin();
        match std::mem::replace(&mut self.step, Step::Choosing(None)) {
            Step::Choosing(_) | Step::Finished { .. } => Action::Closed,
            Step::Reading(_) | Step::Columns { .. } | Step::Trying { .. } | Step::Tried(_) => {
                Action::Run(operation::focus(PATH))
            }
            Step::Sending { tried, upload } => {
                let drop_it = upload.drop_it(context).map(|_| Message(Happened::Dropped));
                self.step = Step::Tried(tried);
                Action::Run(Task::batch([drop_it, operation::focus(TABLE)]))
            }
        }
    }

    fn choose_another(&mut self) -> Action {
        self.begin();
        self.step = Step::Choosing(None);
        self.path.clear();
        Action::Run(operation::focus(PATH))
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, _context: &'a Context) -> Element<'a, Message> {
        let dropped = |path| Message(Happened::Chosen(Some(path)));
        drop::target(view::view(self).map(Message), dropped)
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        view::bindings(self)
            .into_iter()
            .map(|it| it.map(Message))
            .collect()
    }
}

/// Asks for a file in the system's own dialog.
fn choose() -> Task<Message> {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(say!("quarantine_list.choose"))
        .add_filter(
            say!("quarantine_list.kinds"),
            &["csv", "tsv", "txt", "xlsx"],
        );
    Task::perform(dialog.pick_file(), |file| {
        Message(Happened::Chosen(file.map(|file| file.path().to_owned())))
    })
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The words under a key that is put together.
fn said(key: &str) -> String {
    say!(key)
}
