//! A whole list of contacts: pasted as the block of a mail or read from a file, compared with what
//! is registered, seen, and then registered in whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iced::Task;
use iced::widget::operation;
use shared::offices::contact_list::{ContactList, Decisions, Source};
use shared::offices::contacts::{
    CheckContacts, ContactFindings, ContactsToRegister, MOST_CONTACTS, RegisterContacts,
    RegisteredContacts,
};
use shared::offices::{Office, OfficeCode};
use shared::table::{MOST_BYTES, ReadError};

use super::everyone::{self, Everyone};
use crate::api::Failure;
use crate::say;
use crate::screen::Context;
use crate::ui::area::{Edit, Lines};
use look::Look;

pub(super) mod look;

/// The name of the field for a pasted text, for the focus.
pub(super) const TEXT: &str = "contacts-text";
/// The name of the list of lines, for the focus.
pub(super) const ROWS: &str = "contacts-rows";
/// The name of the button that goes on without doing anything, for the focus.
pub(super) const STAY: &str = "contacts-intake-stay";

/// A list on its way.
pub(super) struct Intake {
    pub(super) text: Lines,
    pub(super) path: String,
    pub(super) stage: Stage,
    /// Which reading or check was asked for last; what comes of an earlier one is dropped.
    turn: u64,
    /// The offices that may be meant, once they are known.
    offices: Option<Arc<Vec<Office>>>,
    source: Option<Arc<Held>>,
    decided: Decisions,
    /// The line that is marked when the list is looked at again.
    mark: usize,
    /// It was asked whether all this may be thrown away.
    pub(super) leaving: bool,
}

/// Where the list is.
pub(super) enum Stage {
    /// It is typed, pasted or chosen; why the last one was none.
    Write(Option<Trouble>),
    /// The names of the offices are fetched.
    Names(Everyone),
    /// It is read.
    Read,
    /// The server compares it with what is registered.
    Check(Box<Look>),
    /// Somebody looks at what would happen.
    Look(Box<Look>),
    /// It is registered.
    Register(Box<Look>),
    /// It was registered.
    Done(RegisteredContacts),
}

/// Why there is nothing to look at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    /// Neither a text nor a path.
    Nothing,
    /// The dialog gave none: none was chosen, or the desktop has no dialog.
    NoneChosen,
    /// The file cannot be opened.
    Missing(String),
    /// It is no list.
    NoList(ReadError),
    /// It holds more contacts than can be registered at once.
    TooMany(usize),
    /// A file was dropped while another list is being looked at.
    Busy,
}

/// What a list is read from, as often as somebody decides something.
enum Held {
    Text(String),
    File(Vec<u8>),
}

/// What happened on it.
#[derive(Clone)]
pub(super) enum Message {
    Edited(Edit),
    PathTyped(String),
    TryPressed,
    ChoosePressed,
    Chosen(Option<PathBuf>),
    FileRead(u64, Result<Arc<FileBytes>, Trouble>),
    Names(everyone::Message),
    Read(u64, Result<Arc<ContactList>, Trouble>),
    Checked(u64, Result<Arc<ContactFindings>, Failure>),
    Moved(usize),
    Decided(usize),
    DecisionTakenBack,
    AgainPressed,
    RegisterPressed,
    ConfirmPressed,
    Registered(Result<RegisteredContacts, Failure>),
    BackPressed,
    StayPressed,
    ThrowAwayPressed,
    NextIssue,
}

/// The octets of a file.
pub(super) struct FileBytes(Vec<u8>);

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// Go back to the list; whether something was registered.
    Closed(bool),
}

impl Intake {
    /// An empty field.
    pub(super) fn open() -> (Self, Task<Message>) {
        let intake = Self {
            text: Lines::default(),
            path: String::new(),
            stage: Stage::Write(None),
            turn: 0,
            offices: None,
            source: None,
            decided: Decisions::new(),
            mark: 0,
            leaving: false,
        };
        let task = intake.entered();
        (intake, task)
    }

    /// Gives the keys to what is in front.
    pub(super) fn entered(&self) -> Task<Message> {
        operation::focus(match &self.stage {
            _ if self.leaving => STAY,
            Stage::Write(_) => TEXT,
            Stage::Look(look) if look.asking => STAY,
            _ => ROWS,
        })
    }

    /// Whether a list is here that is not registered.
    pub(super) fn is_unsaved(&self) -> bool {
        match &self.stage {
            Stage::Done(_) => false,
            Stage::Write(_) => !self.text.text().trim().is_empty(),
            _ => true,
        }
    }

    /// Reads a file that was dropped on the window.
    pub(super) fn dropped(&mut self, path: PathBuf) -> Action {
        match &mut self.stage {
            Stage::Write(_) | Stage::Done(_) => self.open_file(path),
            Stage::Look(look) => {
                look.trouble = Some(Trouble::Busy);
                Action::None
            }
            _ => Action::None,
        }
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::Edited(edit) => {
                self.text.edit(edit);
            }
            Message::PathTyped(path) => self.path = path,
            Message::TryPressed => return self.try_what_is_here(context),
            Message::ChoosePressed if matches!(self.stage, Stage::Write(_) | Stage::Done(_)) => {
                let chosen = context.world.files.open(say!("contacts.intake.dialog"));
                return Action::Run(Task::perform(chosen, Message::Chosen));
            }
            // A dialog that is answered late must not take the place of what came since.
            Message::Chosen(path) if matches!(self.stage, Stage::Write(_) | Stage::Done(_)) => {
                match (path, &mut self.stage) {
                    (Some(path), _) => return self.open_file(path),
                    (None, Stage::Write(trouble)) => *trouble = Some(Trouble::NoneChosen),
                    // What was registered stays to be read.
                    (None, _) => {}
                }
            }
            Message::FileRead(turn, result) if turn == self.turn => match result {
                Ok(bytes) => {
                    let bytes = Arc::try_unwrap(bytes).map_or_else(|it| it.0.clone(), |it| it.0);
                    return self.begin(Held::File(bytes), context);
                }
                Err(trouble) => return self.none(trouble),
            },
            Message::Names(message) => return self.naming(message, context),
            Message::Read(turn, result) if turn == self.turn => match result {
                Ok(list) => return self.check(&list, context),
                Err(trouble) => return self.none(trouble),
            },
            Message::Checked(turn, result) if turn == self.turn => return self.checked(result),
            Message::Moved(at) => {
                if let Stage::Look(look) = &mut self.stage {
                    look.cursor = at;
                }
            }
            Message::NextIssue => {
                if let Stage::Look(look) = &mut self.stage {
                    look.next_issue();
                }
            }
            Message::Decided(nth) => {
                if let Stage::Look(look) = &self.stage
                    && let Some((line, office)) = look.choice(nth)
                {
                    self.decided.insert(line, office);
                    return self.read();
                }
            }
            Message::DecisionTakenBack => {
                if let Stage::Look(look) = &self.stage
                    && let Some(line) = look.marked().map(|row| row.line)
                    && self.decided.remove(&line).is_some()
                {
                    return self.read();
                }
            }
            Message::AgainPressed => return self.again(context),
            Message::RegisterPressed => {
                if let Stage::Look(look) = &mut self.stage
                    && look.to_register() > 0
                {
                    look.asking = true;
                    return Action::Run(self.entered());
                }
            }
            Message::ConfirmPressed => return self.register(context),
            Message::Registered(result) => return self.registered(result),
            Message::BackPressed => return self.back(),
            Message::StayPressed => {
                self.leaving = false;
                if let Stage::Look(look) = &mut self.stage {
                    look.asking = false;
                }
                return Action::Run(self.entered());
            }
            Message::ThrowAwayPressed => return Action::Closed(false),
            Message::FileRead(..)
            | Message::Read(..)
            | Message::Checked(..)
            | Message::Chosen(_)
            | Message::ChoosePressed => {}
        }
        Action::None
    }

    /// Whether somebody has decided what is meant on this line.
    pub(super) fn decision(&self, line: u32) -> Option<&OfficeCode> {
        self.decided.get(&line)
    }

    /// The name of an office that may be meant.
    pub(super) fn name_of(&self, code: &OfficeCode) -> &str {
        let offices = self.offices.as_deref();
        let office = offices.and_then(|all| all.iter().find(|office| office.code == *code));
        office.map_or("", |office| office.name.as_str())
    }

    fn try_what_is_here(&mut self, context: &Context) -> Action {
        if !matches!(self.stage, Stage::Write(_)) {
            return Action::None;
        }
        let text = self.text.text();
        let path = self.path.trim().trim_matches('"');
        match (text.trim().is_empty(), path.is_empty()) {
            (false, _) => self.begin(Held::Text(text), context),
            (true, false) => self.open_file(PathBuf::from(path)),
            (true, true) => self.none(Trouble::Nothing),
        }
    }

    fn none(&mut self, trouble: Trouble) -> Action {
        self.stage = Stage::Write(Some(trouble));
        Action::Run(self.entered())
    }

    fn open_file(&mut self, path: PathBuf) -> Action {
        self.turn += 1;
        self.path = path.to_string_lossy().into_owned();
        self.stage = Stage::Read;
        let turn = self.turn;
        let read = async move {
            let read = tokio::task::spawn_blocking(move || bytes_of(&path));
            read.await.unwrap_or(Err(Trouble::NoList(ReadError::Empty)))
        };
        Action::Run(Task::perform(read, move |result| {
            Message::FileRead(turn, result)
        }))
    }

    fn begin(&mut self, held: Held, context: &Context) -> Action {
        self.source = Some(Arc::new(held));
        self.decided.clear();
        if self.offices.is_some() {
            return self.read();
        }
        let (names, task) = Everyone::fetch(None, context);
        self.stage = Stage::Names(names);
        Action::Run(task.map(Message::Names))
    }

    fn naming(&mut self, message: everyone::Message, context: &Context) -> Action {
        let Stage::Names(names) = &mut self.stage else {
            return Action::None;
        };
        match names.update(message, context) {
            everyone::Action::None => Action::None,
            everyone::Action::Run(task) => Action::Run(task.map(Message::Names)),
            everyone::Action::Complete => {
                self.offices = Some(Arc::new(names.offices()));
                self.read()
            }
        }
    }

    /// Reads the list on another thread, as it is decided by now.
    fn read(&mut self) -> Action {
        let (Some(source), Some(offices)) = (self.source.clone(), self.offices.clone()) else {
            return Action::None;
        };
        // The mark stays where somebody has just decided.
        self.mark = match std::mem::replace(&mut self.stage, Stage::Read) {
            Stage::Look(look) => look.cursor,
            _ => 0,
        };
        self.turn += 1;
        let (turn, decided) = (self.turn, self.decided.clone());
        let read = async move {
            let read = tokio::task::spawn_blocking(move || {
                let source = match &*source {
                    Held::Text(text) => Source::Text(text),
                    Held::File(bytes) => Source::File(bytes),
                };
                ContactList::read(source, &offices, &decided)
            });
            let list = read.await.unwrap_or(Err(ReadError::Empty));
            list.map(Arc::new).map_err(Trouble::NoList)
        };
        Action::Run(Task::perform(read, move |result| {
            Message::Read(turn, result)
        }))
    }

    fn check(&mut self, list: &ContactList, context: &Context) -> Action {
        let count = list.contacts().count();
        if count > MOST_CONTACTS {
            return self.none(Trouble::TooMany(count));
        }
        let look = Look::of(list, self.mark);
        if count == 0 {
            self.stage = Stage::Look(Box::new(look));
            return Action::Run(self.entered());
        }
        let contacts = look.contacts();
        self.stage = Stage::Check(Box::new(look));
        self.turn += 1;
        let turn = self.turn;
        let call = context
            .api
            .call::<CheckContacts>(ContactsToRegister { contacts });
        Action::Run(Task::perform(call, move |result| {
            Message::Checked(turn, result.map(Arc::new))
        }))
    }

    fn checked(&mut self, result: Result<Arc<ContactFindings>, Failure>) -> Action {
        let stage = std::mem::replace(&mut self.stage, Stage::Write(None));
        let (Stage::Check(mut look) | Stage::Look(mut look)) = stage else {
            self.stage = stage;
            return Action::None;
        };
        match result {
            Ok(findings) => look.take(&findings),
            Err(failure) => look.failure = Some(failure),
        }
        self.stage = Stage::Look(look);
        Action::Run(self.entered())
    }

    /// Tries again whatever failed: the names, the comparison, or the registering, which starts
    /// from a fresh comparison unless the answer was lost on the line.
    fn again(&mut self, context: &Context) -> Action {
        match &self.stage {
            Stage::Names(_) => self.naming(everyone::Message::AgainPressed, context),
            Stage::Look(look) if look.may_be_registered() => self.send(context),
            Stage::Look(_) => self.read(),
            _ => Action::None,
        }
    }

    fn register(&mut self, context: &Context) -> Action {
        match &mut self.stage {
            Stage::Look(look) if look.asking => look.asking = false,
            _ => return Action::None,
        }
        self.send(context)
    }

    fn send(&mut self, context: &Context) -> Action {
        let stage = std::mem::replace(&mut self.stage, Stage::Write(None));
        let Stage::Look(mut look) = stage else {
            self.stage = stage;
            return Action::None;
        };
        look.failure = None;
        let key = *look.key.get_or_insert_with(|| context.api.key());
        let contacts = look.good_contacts();
        self.stage = Stage::Register(look);
        let call = context
            .api
            .call_again::<RegisterContacts>(ContactsToRegister { contacts }, key);
        Action::Run(Task::perform(call, Message::Registered))
    }

    fn registered(&mut self, result: Result<RegisteredContacts, Failure>) -> Action {
        let stage = std::mem::replace(&mut self.stage, Stage::Write(None));
        let Stage::Register(mut look) = stage else {
            self.stage = stage;
            return Action::None;
        };
        self.stage = match result {
            Ok(counts) => {
                self.text = Lines::default();
                Stage::Done(counts)
            }
            Err(failure) => {
                if !matches!(failure, Failure::Unreachable(_)) {
                    look.key = None;
                }
                look.failure = Some(failure);
                Stage::Look(look)
            }
        };
        Action::Run(self.entered())
    }

    /// One step back: from what was found to the text, which is still there.
    fn back(&mut self) -> Action {
        if self.leaving {
            return self.stay();
        }
        match &self.stage {
            Stage::Done(_) => Action::Closed(true),
            Stage::Write(_) if self.is_unsaved() => {
                self.leaving = true;
                Action::Run(self.entered())
            }
            Stage::Write(_) => Action::Closed(false),
            // What is on its way cannot be taken back.
            Stage::Register(_) => Action::None,
            Stage::Look(look) if look.asking => self.stay(),
            Stage::Look(look) if look.may_be_registered() => Action::Closed(true),
            _ => {
                self.turn += 1;
                self.stage = Stage::Write(None);
                Action::Run(self.entered())
            }
        }
    }

    fn stay(&mut self) -> Action {
        self.leaving = false;
        if let Stage::Look(look) = &mut self.stage {
            look.asking = false;
        }
        Action::Run(self.entered())
    }
}

fn bytes_of(path: &Path) -> Result<Arc<FileBytes>, Trouble> {
    let name = || path.display().to_string();
    let length = std::fs::metadata(path).map_err(|_| Trouble::Missing(name()))?;
    if length.len() > MOST_BYTES as u64 {
        return Err(Trouble::NoList(ReadError::TooLarge));
    }
    let bytes = std::fs::read(path).map_err(|_| Trouble::Missing(name()))?;
    Ok(Arc::new(FileBytes(bytes)))
}
