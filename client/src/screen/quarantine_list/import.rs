//! The good rows on their way to the server: staged in chunks, checked, decided, taken in.
//!
//! Every write keeps its key until it was answered, so that a repeat after a cut line has no
//! second effect. Nothing is visible to anyone before the last step.

use std::sync::Arc;

use iced::Task;
use iced::task::Handle;
use shared::ProblemCode;
use shared::contract::Done;
use shared::follow_up::import::{
    AlikePerson, CHUNK_ROWS, CancelImport, CheckImport, ChunkNumber, CommitImport, ImportFindings,
    ImportQuery, ImportResult, ImportRow, ImportToCommit, Likeness, NewImport, OpenImport,
    StageChunk, Staged, StagedChunk,
};
use shared::follow_up::returnee::ReturneeDetails;
use shared::id::{IdempotencyKey, ImportId};
use shared::offices::OfficeCode;

use super::tried::Tried;
use crate::api::Failure;
use crate::screen::Context;

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The server is told of it.
    Opening,
    /// This chunk is sent.
    Staging(u32),
    /// The server compares the rows with who is there.
    Checking,
    /// Somebody decides.
    Deciding,
    /// The rows are taken in.
    Committing,
}

/// A row that does not come in of itself.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// Its number in the file.
    pub(super) row: u32,
    /// Why.
    pub(super) why: Why,
    /// Whether it shall be added as another person; without a decision it is left out.
    pub(super) add: Option<bool>,
}

impl Doubt {
    /// Whether it waits for a decision.
    fn is_open(&self) -> bool {
        self.add.is_none() && matches!(self.why, Why::Alike(..))
    }
}

/// Why a row does not come in of itself.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// It looks like someone; that needs a decision.
    Alike(Likeness, Box<AlikePerson>),
    /// It is for a health centre that this office does not fill; nothing can be decided.
    Foreign(OfficeCode),
    /// Another office has taken them in and follows them up; nothing can be decided.
    Elsewhere,
}

/// An import under way.
pub(super) struct Import {
    pub(super) tried: Arc<Tried>,
    pub(super) id: ImportId,
    pub(super) step: Step,
    pub(super) failure: Option<Failure>,
    /// What the server found, once it was asked.
    pub(super) findings: Option<Box<ImportFindings>>,
    pub(super) doubts: Vec<Doubt>,
    /// The marked doubt.
    pub(super) cursor: usize,
    /// It was asked whether what was decided may be thrown away.
    pub(super) asking: bool,
    /// Whom its row means, and the row above that it looks like.
    pub(super) marked: [Option<Box<ReturneeDetails>>; 2],
    chunk: Option<Arc<Vec<ImportRow>>>,
    key: Option<IdempotencyKey>,
    under_way: Option<Handle>,
}

/// What happened on the way; each names its import, for one that was given up may still speak.
#[derive(Clone)]
pub(super) enum Message {
    Opened(ImportId, Result<Staged, Failure>),
    Made(ImportId, Arc<Vec<ImportRow>>),
    Staged(ImportId, Result<Staged, Failure>),
    Checked(ImportId, Result<Box<ImportFindings>, Failure>),
    Committed(ImportId, Result<ImportResult, Failure>),
    RetryPressed,
    Moved(usize),
    Decided(usize, bool),
    DecidedHere(bool),
    CommitPressed,
}

/// What its parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    Finished(ImportResult),
}

impl Import {
    /// An import of the good rows, on its way.
    pub(super) fn begin(tried: Arc<Tried>, context: &Context) -> (Self, Task<Message>) {
        let now = u64::try_from(context.world.now().as_millisecond()).unwrap_or_default();
        let mut import = Self {
            tried,
            id: ImportId::new(now, (context.world.random)()),
            step: Step::Opening,
            failure: None,
            findings: None,
            doubts: Vec::new(),
            cursor: 0,
            asking: false,
            marked: [None, None],
            chunk: None,
            key: None,
            under_way: None,
        };
        let task = import.go_on(context);
        (import, task)
    }

    /// Rows that the server has, and rows there are.
    pub(super) fn staged(&self) -> (usize, usize) {
        let all = self.tried.good();
        match self.step {
            Step::Opening => (0, all),
            Step::Staging(number) => (number as usize * CHUNK_ROWS, all),
            Step::Checking | Step::Deciding | Step::Committing => (all, all),
        }
    }

    /// How many people would be added as it is decided now.
    pub(super) fn to_add(&self) -> usize {
        let new = self.findings.as_ref().map_or(0, |findings| findings.new) as usize;
        new + self
            .doubts
            .iter()
            .filter(|doubt| doubt.add == Some(true))
            .count()
    }

    /// How many rows nobody has decided on.
    pub(super) fn undecided(&self) -> usize {
        let open = self.doubts.iter().filter(|doubt| doubt.is_open());
        open.count()
    }

    /// Whether it can still be given up: neither taken in, perhaps, nor just being taken in.
    pub(super) fn may_be_given_up(&self) -> bool {
        !self.may_be_done() && (self.step != Step::Committing || self.failure.is_some())
    }

    /// How many rows somebody has decided on.
    pub(super) fn decided(&self) -> usize {
        self.doubts
            .iter()
            .filter(|doubt| doubt.add.is_some())
            .count()
    }

    /// Whether the rows may have been taken in without anybody knowing yet.
    pub(super) fn may_be_done(&self) -> bool {
        self.step == Step::Committing && matches!(self.failure, Some(Failure::Unreachable(_)))
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::Opened(id, result) if id == self.id => {
                self.answered(result, |_, _| Step::Staging(0), context)
            }
            Message::Made(id, rows) if id == self.id => {
                self.chunk = Some(rows);
                Action::Run(self.go_on(context))
            }
            Message::Staged(id, result) if id == self.id => {
                let next = |import: &mut Self, _| match import.step {
                    Step::Staging(number) if number + 1 < import.tried.chunks() => {
                        Step::Staging(number + 1)
                    }
                    _ => Step::Checking,
                };
                self.answered(result, next, context)
            }
            Message::Checked(id, result) if id == self.id => {
                let next = |import: &mut Self, findings: Box<ImportFindings>| {
                    import.doubts = doubts(&findings);
                    let first = import.next_open();
                    import.mark(first, context);
                    import.findings = Some(findings);
                    Step::Deciding
                };
                self.answered(result, next, context)
            }
            Message::Committed(id, Ok(result)) if id == self.id => Action::Finished(result),
            Message::Committed(id, Err(failure)) if id == self.id => {
                self.failure = Some(failure);
                Action::None
            }
            Message::RetryPressed if self.failure.is_some() => Action::Run(self.go_on(context)),
            Message::Moved(at) => {
                self.mark(at, context);
                Action::None
            }
            Message::Decided(at, add) => {
                self.decide(at, add);
                Action::None
            }
            Message::DecidedHere(add) => {
                self.decide(self.cursor, add);
                self.mark(self.next_open(), context);
                Action::None
            }
            Message::CommitPressed if self.step == Step::Deciding => {
                self.step = Step::Committing;
                Action::Run(self.go_on(context))
            }
            _ => Action::None,
        }
    }

    fn mark(&mut self, at: usize, context: &Context) {
        self.cursor = at;
        let Some(doubt) = self.doubts.get(at) else {
            return;
        };
        let above = match &doubt.why {
            Why::Alike(_, other) => other.row,
            Why::Foreign(_) | Why::Elsewhere => None,
        };
        self.marked = [Some(doubt.row), above].map(|row| {
            let person = self.tried.person(row?, &context.office);
            person.map(Box::new)
        });
    }

    fn decide(&mut self, at: usize, add: bool) {
        if let Some(doubt) = self.doubts.get_mut(at)
            && matches!(doubt.why, Why::Alike(..))
        {
            doubt.add = Some(add);
        }
    }

    /// The next row below the mark that waits for a decision, else the first above it; the mark
    /// itself if none waits.
    fn next_open(&self) -> usize {
        let rows = self.doubts.iter().enumerate();
        let open: Vec<usize> = rows
            .filter_map(|(at, doubt)| doubt.is_open().then_some(at))
            .collect();
        let below = open.iter().find(|at| **at >= self.cursor);
        *below.or(open.first()).unwrap_or(&self.cursor)
    }

    fn answered<T>(
        &mut self,
        result: Result<T, Failure>,
        next: impl FnOnce(&mut Self, T) -> Step,
        context: &Context,
    ) -> Action {
        match result {
            Ok(answer) => {
                self.step = next(self, answer);
                self.key = None;
                self.chunk = None;
                Action::Run(self.go_on(context))
            }
            Err(failure) => {
                self.failure = Some(failure);
                Action::None
            }
        }
    }

    /// Does what the present step asks for, for the first time or again.
    fn go_on(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        let task = match self.step {
            Step::Staging(number) => match self.chunk.clone() {
                None => self.make(number, context),
                Some(rows) => self.send(number, &rows, context),
            },
            Step::Opening => {
                let new = NewImport {
                    id: self.id,
                    file_name: self.tried.name_for_the_server(),
                    rows: self.tried.good() as u32,
                };
                let (id, key) = (self.id, self.key(context));
                let call = context.api.call_again::<OpenImport>(new, key);
                Task::perform(call, move |result| Message::Opened(id, result))
            }
            Step::Checking => {
                let id = self.id;
                let call = context.api.call::<CheckImport>(ImportQuery { id });
                Task::perform(call, move |result| {
                    Message::Checked(id, result.map(Box::new))
                })
            }
            Step::Deciding => return Task::none(),
            Step::Committing => {
                let decided = ImportToCommit {
                    id: self.id,
                    add: self
                        .doubts
                        .iter()
                        .filter(|doubt| doubt.add == Some(true))
                        .map(|doubt| doubt.row)
                        .collect(),
                };
                let (id, key) = (self.id, self.key(context));
                let call = context.api.call_again::<CommitImport>(decided, key);
                Task::perform(call, move |result| Message::Committed(id, result))
            }
        };
        let (task, handle) = task.abortable();
        self.under_way = Some(handle);
        task
    }

    fn make(&self, number: u32, context: &Context) -> Task<Message> {
        let (tried, office, id) = (self.tried.clone(), context.office.clone(), self.id);
        let made =
            async move { tokio::task::spawn_blocking(move || tried.chunk(number, &office)).await };
        Task::future(made).then(move |rows| match rows {
            Ok(rows) => Task::done(Message::Made(id, Arc::new(rows))),
            // The program is ending.
            Err(_) => Task::none(),
        })
    }

    fn send(&mut self, number: u32, rows: &[ImportRow], context: &Context) -> Task<Message> {
        let chunk = StagedChunk {
            id: self.id,
            number: ChunkNumber(number),
            rows: rows.to_vec(),
        };
        let (id, key) = (self.id, self.key(context));
        let call = context.api.call_again::<StageChunk>(chunk, key);
        Task::perform(call, move |result| Message::Staged(id, result))
    }

    /// The key of the write under way, the same for each try.
    fn key(&mut self, context: &Context) -> IdempotencyKey {
        *self.key.get_or_insert_with(|| context.api.key())
    }

    /// Gives the import up: what is under way is dropped, and what the server holds of it.
    pub(super) fn give_up(self, context: &Context) -> (Arc<Tried>, Task<Result<Done, Failure>>) {
        if let Some(handle) = &self.under_way {
            handle.abort();
        }
        let drop = ImportQuery { id: self.id };
        let call = context.api.call::<CancelImport>(drop);
        (self.tried, Task::perform(call, nothing_is_left))
    }
}

/// An import that the server does not know is dropped as well.
fn nothing_is_left(result: Result<Done, Failure>) -> Result<Done, Failure> {
    match result {
        Err(failure) if failure.problem() == Some(ProblemCode::NotFound) => Ok(Done {}),
        other => other,
    }
}

/// Everything that does not come in of itself, in the order of the file.
fn doubts(findings: &ImportFindings) -> Vec<Doubt> {
    let alike = findings.alike.iter().map(|alike| Doubt {
        row: alike.row,
        why: Why::Alike(alike.because, Box::new(alike.other.clone())),
        add: None,
    });
    let foreign = findings.foreign.iter().map(|foreign| Doubt {
        row: foreign.row,
        why: Why::Foreign(foreign.health_centre.clone()),
        add: None,
    });
    let elsewhere = findings.elsewhere.iter().map(|row| Doubt {
        row: *row,
        why: Why::Elsewhere,
        add: None,
    });
    let mut doubts: Vec<Doubt> = alike.chain(foreign).chain(elsewhere).collect();
    doubts.sort_by_key(|doubt| doubt.row);
    doubts
}
