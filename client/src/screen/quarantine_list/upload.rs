//! Good rows on their way into the server: staged in chunks, looked through, taken in all at once.
//!
//! Every step can be repeated after a cut line: a chunk replaces itself, and opening and taking in
//! carry the key of their first try.

use std::collections::HashMap;
use std::sync::Arc;

use iced::Task;
use shared::contract::Done;
use shared::follow_up::import::{
    Alike, CHUNK_ROWS, CancelImport, CheckImport, ChunkNumber, CommitImport, ImportFindings,
    ImportQuery, ImportResult, ImportRow, ImportToCommit, NewImport, OpenImport, StageChunk,
    Staged, StagedChunk,
};
use shared::id::{IdempotencyKey, ImportId};
use shared::text::Line;

use crate::api::Failure;
use crate::screen::Context;

/// An import under way.
#[derive(Debug)]
pub(super) struct Upload {
    id: ImportId,
    file_name: Line,
    rows: Arc<Vec<ImportRow>>,
    opened: bool,
    /// How many chunks the server has.
    staged: usize,
    pub(super) running: bool,
    pub(super) failure: Option<Failure>,
    findings: Option<ImportFindings>,
    /// Alike rows on which someone decided: whether they are other people and shall be added.
    decisions: HashMap<u32, bool>,
    pub(super) cursor: usize,
    open_key: IdempotencyKey,
    commit: Option<(Vec<u32>, IdempotencyKey)>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Opened(Result<Staged, Failure>),
    Staged(Result<Staged, Failure>),
    Checked(Result<Box<ImportFindings>, Failure>),
    Committed(Result<ImportResult, Failure>),
}

/// What the parent must do.
pub(super) enum Action {
    Run(Task<Message>),
    /// There is something to look at before the rows are taken in, or not.
    Wait,
    /// All rows are in.
    Finished(ImportResult),
}

impl Upload {
    /// Begins to send rows of a file of this name.
    pub(super) fn begin(
        file_name: &str,
        rows: Arc<Vec<ImportRow>>,
        context: &Context,
    ) -> (Self, Task<Message>) {
        let short: String = file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        let fallback = || Line::parse("list").expect("a word is a line");
        let open_key = context.api.key();
        let mut upload = Self {
            // Keys are made of the same clock and chance as identities.
            id: ImportId(context.api.key().0),
            file_name: Line::parse(&short).unwrap_or_else(|_| fallback()),
            rows,
            opened: false,
            staged: 0,
            running: false,
            failure: None,
            findings: None,
            decisions: HashMap::new(),
            cursor: 0,
            open_key,
            commit: None,
        };
        let task = upload.go_on(context);
        (upload, task)
    }

    /// The next thing that the server has not got yet; also after a failure.
    pub(super) fn go_on(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        self.running = true;
        let api = &context.api;
        if !self.opened {
            let new = NewImport {
                id: self.id,
                file_name: self.file_name.clone(),
                rows: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
            };
            let open = api.call_again::<OpenImport>(new, self.open_key);
            return Task::perform(open, Message::Opened);
        }
        if let Some(chunk) = self.rows.chunks(CHUNK_ROWS).nth(self.staged) {
            let chunk = StagedChunk {
                id: self.id,
                number: ChunkNumber(u32::try_from(self.staged).unwrap_or(u32::MAX)),
                rows: chunk.to_vec(),
            };
            return Task::perform(api.call::<StageChunk>(chunk), Message::Staged);
        }
        if self.findings.is_none() {
            let check = api.call::<CheckImport>(ImportQuery { id: self.id });
            return Task::perform(check, |result| Message::Checked(result.map(Box::new)));
        }
        self.commit(context)
    }

    /// Takes the rows in, with the decisions as they stand.
    pub(super) fn commit(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        self.running = true;
        let mut add: Vec<u32> = self
            .decisions
            .iter()
            .filter_map(|(row, add)| add.then_some(*row))
            .collect();
        add.sort_unstable();
        let key = match &self.commit {
            Some((before, key)) if *before == add => *key,
            _ => context.api.key(),
        };
        self.commit = Some((add.clone(), key));
        let commit = ImportToCommit { id: self.id, add };
        let call = context.api.call_again::<CommitImport>(commit, key);
        Task::perform(call, Message::Committed)
    }

    /// Drops everything that was staged; nobody waits for the answer.
    pub(super) fn drop_it(&self, context: &Context) -> Task<Result<Done, Failure>> {
        let call = context
            .api
            .call::<CancelImport>(ImportQuery { id: self.id });
        Task::perform(call, |result| result)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        self.running = false;
        let failure = match message {
            Message::Opened(Ok(_)) => {
                self.opened = true;
                return Action::Run(self.go_on(context));
            }
            Message::Staged(Ok(_)) => {
                self.staged += 1;
                return Action::Run(self.go_on(context));
            }
            Message::Checked(Ok(findings)) => {
                let nothing_to_see = findings.alike.is_empty() && findings.foreign.is_empty();
                self.findings = Some(*findings);
                if nothing_to_see {
                    return Action::Run(self.commit(context));
                }
                return Action::Wait;
            }
            Message::Committed(Ok(result)) => return Action::Finished(result),
            Message::Opened(Err(failure))
            | Message::Staged(Err(failure))
            | Message::Checked(Err(failure))
            | Message::Committed(Err(failure)) => failure,
        };
        self.failure = Some(failure);
        Action::Wait
    }

    /// Decides on the alike row under the mark and goes to the next undecided one.
    pub(super) fn decide(&mut self, add: bool) {
        let Some(row) = self.alike().get(self.cursor).map(|alike| alike.row) else {
            return;
        };
        self.decisions.insert(row, add);
        let open = |alike: &Alike| !self.decisions.contains_key(&alike.row);
        let below = self.alike().iter().skip(self.cursor).position(open);
        self.cursor = match below {
            Some(further) => self.cursor + further,
            None => self.alike().iter().position(open).unwrap_or(self.cursor),
        };
    }

    /// The rows that need a decision.
    pub(super) fn alike(&self) -> &[Alike] {
        self.findings
            .as_ref()
            .map_or(&[], |findings| &findings.alike)
    }

    /// What was decided on a row.
    pub(super) fn decision(&self, row: u32) -> Option<bool> {
        self.decisions.get(&row).copied()
    }

    /// How many rows still wait for a decision.
    pub(super) fn undecided(&self) -> usize {
        let mut rows: Vec<u32> = self
            .alike()
            .iter()
            .map(|alike| alike.row)
            .filter(|row| !self.decisions.contains_key(row))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows.len()
    }

    /// Whether the rows are being taken in at this moment.
    pub(super) fn is_committing(&self) -> bool {
        self.running && self.findings.is_some()
    }

    /// What the server found, once it has looked.
    pub(super) fn findings(&self) -> Option<&ImportFindings> {
        self.findings.as_ref()
    }

    /// The row of the list with this number.
    pub(super) fn row(&self, number: u32) -> Option<&ImportRow> {
        super::background::row(&self.rows, number)
    }

    /// Rows at the server, and all rows.
    pub(super) fn progress(&self) -> (usize, usize) {
        (
            (self.staged * CHUNK_ROWS).min(self.rows.len()),
            self.rows.len(),
        )
    }
}
