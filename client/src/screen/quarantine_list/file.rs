//! Files in and out: reading a list on another thread, and saving what has to be corrected.

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;

use super::columns::Columns;
use super::tried::{Tried, Unread, Watch};
use super::{
    Action, Context, Happened, LOOK, Looking, Message, QuarantineList, Reading, Stage, Trouble,
    memory,
};
use crate::language;
use crate::say;

impl QuarantineList {
    /// Reads and tries a file on another thread.
    pub(super) fn read(&mut self, path: PathBuf, context: &Context) -> Action {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        self.path = path.to_string_lossy().into_owned();
        let (remembered, office) = (self.remembered.clone(), context.office.clone());
        let today = context.world.today();
        Action::Run(self.work(name, move |watch| {
            Tried::read(path, &remembered, today, &office, watch)
        }))
    }

    pub(super) fn work(
        &mut self,
        name: String,
        work: impl FnOnce(&Watch) -> Result<Tried, Unread> + Send + 'static,
    ) -> Task<Message> {
        self.stop();
        self.notice = None;
        self.turn += 1;
        let (turn, watch) = (self.turn, Arc::new(Watch::default()));
        self.stage = Stage::Read(Reading {
            name,
            watch: watch.clone(),
        });
        let work = async move {
            let worked = tokio::task::spawn_blocking(move || work(&watch)).await;
            // A reader that broke down says so instead of leaving the screen waiting.
            worked.unwrap_or(Err(Unread::Drive)).map(Arc::new)
        };
        let read = Task::perform(work, move |result| Message(Happened::Read(turn, result)));
        Task::batch([read, self.look_again(), self.entered()])
    }

    pub(super) fn look_again(&self) -> Task<Message> {
        let turn = self.turn;
        Task::perform(async { tokio::time::sleep(LOOK).await }, move |()| {
            Message(Happened::Looked(turn))
        })
    }

    pub(super) fn stop(&mut self) {
        if let Stage::Read(reading) = &self.stage {
            reading.watch.stop();
            self.turn += 1;
        }
    }

    pub(super) fn was_read(&mut self, result: Result<Arc<Tried>, Unread>) -> Task<Message> {
        let Stage::Read(reading) = &self.stage else {
            return Task::none();
        };
        self.stage = match result {
            Err(unread) => Stage::Choose(Some(Trouble::Unread(reading.name.clone(), unread))),
            // Without a column of names or days nothing can be tried; that is corrected first.
            Ok(tried) if !tried.list.mapping().missing().is_empty() => {
                Stage::Columns(Columns::new(tried))
            }
            Ok(tried) => Stage::Look(Looking { tried, cursor: 0 }),
        };
        self.entered()
    }

    pub(super) fn columns_done(&mut self, context: &Context) -> Action {
        let Stage::Columns(columns) = &self.stage else {
            return Action::None;
        };
        let mapping = columns.tried.list.mapping();
        if !mapping.missing().is_empty() {
            return Action::None;
        }
        if columns.is_changed() {
            self.remembered.remember(mapping);
        }
        let keep = (context.world.folder.clone(), self.remembered.clone());
        let tried = columns.tried.clone();
        let office = context.office.clone();
        let name = tried.name();
        Action::Run(self.work(name, move |watch| {
            memory::keep(keep.0.as_deref(), &keep.1);
            let mut tried = Arc::unwrap_or_clone(tried);
            tried.again(&office, watch).map(|()| tried)
        }))
    }

    pub(super) fn tried(&self) -> Option<&Arc<Tried>> {
        match &self.stage {
            Stage::Look(Looking { tried, .. }) | Stage::Finished(tried, _) => Some(tried),
            _ => None,
        }
    }

    /// Saves the bad rows, at a chosen place or beside the list.
    pub(super) fn save(&mut self, place: Option<PathBuf>) -> Action {
        let Some(tried) = self.tried().filter(|tried| tried.bad() > 0).cloned() else {
            return Action::None;
        };
        let suffix = say!("quarantine_list.bad.suffix");
        let language = language::spoken();
        let work = async move {
            let saved = tokio::task::spawn_blocking(move || match place {
                Some(path) => tried.save_at(path, language),
                None => tried.save_beside(&suffix, language),
            });
            saved.await.ok().and_then(Result::ok).ok_or(())
        };
        Action::Run(Task::perform(work, |result| {
            Message(Happened::Saved(result))
        }))
    }
}

/// A path as it is pasted from a file manager: without spaces and quotation marks around it.
pub(super) fn unquoted(path: &str) -> &str {
    let path = path.trim();
    let inner = |quote| path.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(path)
}
