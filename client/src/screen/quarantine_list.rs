//! Taking in a quarantine station's list (検疫所からの名簿, M-10): the file is chosen, tried
//! without any effect, sent, compared with who is there, and taken in whole or not at all.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use iced::Task;
use iced::widget::operation;
use shared::contract::Done;
use shared::follow_up::import::ImportResult;
use shared::quarantine_list::Remembered;

use super::Context;
use crate::api::Failure;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::Binding;
use columns::Columns;
use file::unquoted;
use import::{Import, Step};
use tried::{Tried, Unread, Watch};

mod columns;
mod file;
mod import;
mod keys;
mod memory;
mod tried;
mod view;

#[cfg(test)]
mod tests;

/// How often the window looks how far the reading is.
const LOOK: Duration = Duration::from_millis(100);

/// The name of the path field, for the focus.
const PATH: &str = "quarantine-list-path";
/// The name of whatever list is shown, for the focus.
const LIST: &str = "quarantine-list-list";
/// The name of the button that goes on with what was decided, for the focus.
const STAY: &str = "quarantine-list-stay";
/// The name of the choice of meanings, for the focus.
const OPTIONS: &str = "quarantine-list-options";

/// The screen's state.
pub struct QuarantineList {
    stage: Stage,
    /// The path as it is typed.
    path: String,
    remembered: Remembered,
    /// Which file was asked for last; what comes of an earlier one is dropped.
    turn: u64,
    /// What was done last.
    notice: Option<Notice>,
}

enum Stage {
    /// A file is to be chosen; why the last one was none.
    Choose(Option<Trouble>),
    /// A file is being read and tried.
    Read(Reading),
    /// What came of trying it.
    Look(Looking),
    /// Its columns are being corrected.
    Columns(Columns),
    /// It is on its way to the server.
    Import(Box<Import>),
    /// It was taken in.
    Finished(Arc<Tried>, ImportResult),
}

/// Why no file is being read.
#[derive(Clone, Debug, PartialEq)]
enum Trouble {
    /// The dialog gave none: none was chosen, or the desktop has no dialog.
    NoneChosen,
    /// The path field is empty.
    NoPath,
    /// This file could not be read.
    Unread(String, Unread),
}

struct Reading {
    name: String,
    watch: Arc<Watch>,
}

struct Looking {
    tried: Arc<Tried>,
    /// The marked problem.
    cursor: usize,
}

/// What was done last, in words that the view makes.
#[derive(Clone, Debug, PartialEq)]
enum Notice {
    /// The bad rows are in this file.
    Saved(PathBuf),
    /// The bad rows could not be saved.
    NotSaved,
    /// The import was given up; whether the server knows.
    GivenUp(bool),
    /// A file was dropped while another is on its way.
    Busy,
}

/// What happened on it.
#[derive(Clone)]
pub struct Message(Happened);

#[derive(Clone)]
enum Happened {
    PathTyped(String),
    PathEntered,
    ChoosePressed,
    Chosen(Option<PathBuf>),
    Dropped(PathBuf),
    Looked(u64),
    Read(u64, Result<Arc<Tried>, Unread>),
    ProblemMarked(usize),
    ColumnsPressed,
    Column(columns::Message),
    ColumnsDone,
    SavePressed,
    SaveElsewherePressed,
    PlaceChosen(Option<PathBuf>),
    Saved(Result<PathBuf, ()>),
    ImportPressed,
    Import(import::Message),
    GivenUp(Result<Done, Failure>),
    BackPressed,
    /// Go on with what was decided.
    StayPressed,
    /// Give the import up, and what was decided with it.
    GiveUpPressed,
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
    /// The screen as it opens.
    pub fn new(context: &Context) -> (Self, Task<Message>) {
        let screen = Self {
            stage: Stage::Choose(None),
            path: String::new(),
            remembered: memory::recall(context.world.folder.as_deref()),
            turn: 0,
            notice: None,
        };
        let task = screen.entered();
        (screen, task)
    }

    /// A file was dropped on the window.
    pub fn dropped(path: PathBuf) -> Message {
        Message(Happened::Dropped(path))
    }

    /// Gives the keys to what is in front.
    pub fn entered(&self) -> Task<Message> {
        operation::focus(match &self.stage {
            Stage::Choose(_) => PATH,
            Stage::Columns(Columns {
                choosing: Some(_), ..
            }) => OPTIONS,
            _ => LIST,
        })
    }

    /// How many decisions would be lost with the screen.
    pub fn unsaved_count(&self) -> usize {
        match &self.stage {
            Stage::Import(import) => import.decided(),
            _ => 0,
        }
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        match message.0 {
            Happened::PathTyped(path) => self.path = path,
            Happened::PathEntered => match unquoted(&self.path) {
                "" => self.stage = Stage::Choose(Some(Trouble::NoPath)),
                path => return self.read(PathBuf::from(path), context),
            },
            Happened::ChoosePressed => {
                let files = &context.world.files;
                let chosen = files.open(say!("quarantine_list.choose.dialog"));
                return Action::Run(Task::perform(chosen, |path| {
                    Message(Happened::Chosen(path))
                }));
            }
            Happened::Chosen(Some(path)) | Happened::Dropped(path) => {
                return match self.stage {
                    // What is on its way is finished or given up first.
                    Stage::Import(_) | Stage::Columns(_) => {
                        self.notice = Some(Notice::Busy);
                        Action::None
                    }
                    _ => self.read(path, context),
                };
            }
            Happened::Chosen(None) => {
                if let Stage::Choose(trouble) = &mut self.stage {
                    *trouble = Some(Trouble::NoneChosen);
                    return Action::Run(self.entered());
                }
            }
            Happened::Looked(turn) => {
                if turn == self.turn && matches!(self.stage, Stage::Read(_)) {
                    return Action::Run(self.look_again());
                }
            }
            Happened::Read(turn, result) => {
                if turn == self.turn {
                    return Action::Run(self.was_read(result));
                }
            }
            Happened::ProblemMarked(at) => {
                if let Stage::Look(looking) = &mut self.stage {
                    looking.cursor = at;
                    // Read by now; in a low window the problems need its place.
                    self.notice = None;
                }
            }
            Happened::ColumnsPressed => {
                if let Stage::Look(looking) = &self.stage {
                    self.stage = Stage::Columns(Columns::new(looking.tried.clone()));
                    self.notice = None;
                    return Action::Run(self.entered());
                }
            }
            Happened::Column(message) => {
                if let Stage::Columns(columns) = &mut self.stage {
                    columns.update(message, &self.remembered);
                    return Action::Run(self.entered());
                }
            }
            Happened::ColumnsDone => return self.columns_done(context),
            Happened::SavePressed => return self.save(None),
            Happened::SaveElsewherePressed => {
                if let Some(tried) = self.tried() {
                    let name = tried.name_of_bad(&say!("quarantine_list.bad.suffix"), 1);
                    let title = say!("quarantine_list.bad.dialog");
                    let place = context.world.files.save(title, name);
                    return Action::Run(Task::perform(place, |path| {
                        Message(Happened::PlaceChosen(path))
                    }));
                }
            }
            Happened::PlaceChosen(Some(path)) => return self.save(Some(path)),
            Happened::PlaceChosen(None) => {}
            Happened::Saved(result) => {
                self.notice = Some(result.map_or(Notice::NotSaved, Notice::Saved));
            }
            Happened::ImportPressed => {
                if let Stage::Look(looking) = &self.stage
                    && looking.tried.good() > 0
                {
                    let (import, task) = Import::begin(looking.tried.clone(), context);
                    self.stage = Stage::Import(Box::new(import));
                    self.notice = None;
                    return Action::Run(task.map(on_import));
                }
            }
            Happened::Import(message) => return self.importing(message, context),
            Happened::GivenUp(result) => self.notice = Some(Notice::GivenUp(result.is_ok())),
            Happened::BackPressed => {
                if let Stage::Import(import) = &mut self.stage
                    && import.decided() > 0
                    && import.may_be_given_up()
                {
                    import.asking = true;
                    return Action::Run(operation::focus(STAY));
                }
                return self.back(context);
            }
            Happened::StayPressed => {
                if let Stage::Import(import) = &mut self.stage {
                    import.asking = false;
                    return Action::Run(self.entered());
                }
            }
            Happened::GiveUpPressed => return self.back(context),
            Happened::ClosePressed => return Action::Closed,
        }
        Action::None
    }

    fn importing(&mut self, message: import::Message, context: &Context) -> Action {
        let Stage::Import(import) = &mut self.stage else {
            return Action::None;
        };
        let before = import.step;
        match import.update(message, context) {
            import::Action::None => Action::None,
            import::Action::Run(task) => {
                let arrived = before != import.step && import.step == Step::Deciding;
                let focus = if arrived {
                    self.entered()
                } else {
                    Task::none()
                };
                Action::Run(Task::batch([task.map(on_import), focus]))
            }
            import::Action::Finished(result) => {
                let tried = import.tried.clone();
                self.stage = Stage::Finished(tried, result);
                self.notice = None;
                Action::Run(self.entered())
            }
        }
    }

    /// One step back: what is under way is given up, and nothing of it remains.
    fn back(&mut self, context: &Context) -> Action {
        self.stop();
        let stage = std::mem::replace(&mut self.stage, Stage::Choose(None));
        let mut given_up = Task::none();
        self.stage = match stage {
            Stage::Choose(_) | Stage::Finished(..) => return Action::Closed,
            Stage::Read(_) | Stage::Look(_) => Stage::Choose(None),
            Stage::Columns(mut columns) if columns.choosing.is_some() => {
                columns.choosing = None;
                Stage::Columns(columns)
            }
            Stage::Columns(columns) => {
                let tried = columns.undone();
                if tried.list.mapping().missing().is_empty() {
                    Stage::Look(Looking { tried, cursor: 0 })
                } else {
                    Stage::Choose(None)
                }
            }
            // Whether it was taken in is seen in the list; dropping it could say the wrong thing.
            Stage::Import(import) if import.may_be_done() => return Action::Closed,
            Stage::Import(import) if !import.may_be_given_up() => Stage::Import(import),
            Stage::Import(import) => {
                let (tried, task) = import.give_up(context);
                given_up = task.map(|result| Message(Happened::GivenUp(result)));
                Stage::Look(Looking { tried, cursor: 0 })
            }
        };
        self.notice = None;
        Action::Run(Task::batch([given_up, self.entered()]))
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::view(self, context)
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        keys::bindings(&self.stage)
    }
}

fn on_import(message: import::Message) -> Message {
    Message(Happened::Import(message))
}
