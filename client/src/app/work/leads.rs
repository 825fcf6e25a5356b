//! Where a screen leads, or a file that is dropped on the window.

use std::path::PathBuf;

use iced::Task;

use super::{Action, Message, Work, rooms};
use crate::screen::issuing;
use crate::screen::quarantine_list::QuarantineList;
use crate::screen::{Lead, Room, Step};

impl Work {
    /// Goes where a screen leads.
    pub(super) fn follow(&mut self, lead: Lead) -> Task<Message> {
        match lead {
            Lead::Import => {
                self.room = Room::FollowUp;
                self.open_import()
            }
            Lead::Part(part) => {
                self.room = Room::FollowUp;
                self.import_behind = true;
                let task = self.follow_up.show(part, &self.context);
                task.map(Message::FollowUp)
            }
            Lead::Waiting(job) => {
                self.leave_the_room();
                self.room = Room::Issuing;
                let entered = self.entered();
                let wanted = rooms::Message::Issuing(issuing::Message::WaitingWanted(job));
                match self.rooms.update(wanted, &self.context) {
                    Step::Run(task) => Task::batch([entered, task.map(Message::Room)]),
                    Step::None | Step::Lead(_) => entered,
                }
            }
            Lead::IdentityChanged => Task::none(),
        }
    }

    /// Opens the import, or comes back to one that is under way.
    pub(super) fn open_import(&mut self) -> Task<Message> {
        self.import_behind = false;
        if let Some(import) = &self.quarantine_list {
            return import.entered().map(Message::QuarantineList);
        }
        let (import, task) = QuarantineList::new(&self.context);
        self.quarantine_list = Some(import);
        task.map(Message::QuarantineList)
    }

    /// A file dropped on the window belongs to the room in front, if that takes any; anywhere else
    /// it is a list to take in, if this person may.
    pub(super) fn file_dropped(&mut self, path: PathBuf) -> Action {
        if self.lock.is_some() || self.withdrawn {
            return Action::None;
        }
        let dropped = self.rooms.dropped(self.room, path.clone(), &self.context);
        match dropped {
            Some(Step::Run(task)) => return Action::Run(task.map(Message::Room)),
            Some(Step::Lead(lead)) => return Action::Run(self.follow(lead)),
            Some(Step::None) => return Action::None,
            None => {}
        }
        if !self.context.may_enter(Room::FollowUp) {
            return Action::None;
        }
        self.go_with(path)
    }

    /// Takes this file in as a list.
    pub(super) fn import_file(&mut self, path: PathBuf) -> Task<Message> {
        self.leave_the_room();
        self.room = Room::FollowUp;
        let opened = self.open_import();
        match self.take_in(Message::QuarantineList(QuarantineList::dropped(path))) {
            Action::Run(task) => Task::batch([opened, task]),
            _ => opened,
        }
    }
}
