//! Leaving the work, or its room in front: what would be lost with that is asked about first.

use std::path::{Path, PathBuf};

use iced::Task;
use iced::widget::{Column, Id, Row, operation};
use shared::session::{EndSession, LogOut};

use super::super::Message as Outer;
use super::{Action, Message, Work};
use crate::say;
use crate::screen::{InView, Room};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, text};

/// The name of the button that goes back to what would be lost.
const STAY: &str = "frame.stay";

/// How somebody is about to leave.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Leaving {
    /// To the login.
    LogOut,
    /// With the window.
    Close,
    /// For this room.
    ToRoom(Room),
    /// For the import, with this file.
    WithFile(PathBuf),
}

impl Work {
    /// What asks before the window is closed; `None` when nothing would be lost.
    pub(in super::super) fn close(&mut self) -> Option<Task<Message>> {
        match self.must_ask(Leaving::Close) {
            Some(asking) => Some(asking),
            // It is kept for the next login.
            None if self.unsaved_count() > 0 => None,
            // What was saved since it was kept must not be found again.
            None => self.keeping.wipe(),
        }
    }

    pub(super) fn log_out(&mut self) -> Action {
        match self.must_ask(Leaving::LogOut) {
            Some(asking) => Action::Run(asking),
            None => self.end(),
        }
    }

    /// Somebody goes to this room. Whoever has a password in view and is there already, stays; and
    /// where all rooms are hidden, the one behind the page stays as it was, with what is in it.
    pub(super) fn go(&mut self, room: Room) -> Action {
        if self.withdrawn || (room == self.room && self.in_view().is_some()) {
            return Action::None;
        }
        match self.must_ask(Leaving::ToRoom(room)) {
            Some(asking) => Action::Run(asking),
            None => Action::Run(self.change_rooms(room)),
        }
    }

    /// Nobody looks at the room in front any more.
    pub(super) fn leave_the_room(&mut self) {
        self.rooms.left(self.room);
        self.follow_up.left();
    }

    fn change_rooms(&mut self, room: Room) -> Task<Message> {
        self.leave_the_room();
        self.room = room;
        self.entered()
    }

    /// Somebody goes to the import with a file.
    pub(super) fn go_with(&mut self, file: PathBuf) -> Action {
        match self.must_ask(Leaving::WithFile(file.clone())) {
            Some(asking) => Action::Run(asking),
            None => Action::Run(self.import_file(file)),
        }
    }

    fn must_ask(&mut self, leaving: Leaving) -> Option<Task<Message>> {
        self.throwing_away = false;
        self.must_be_asked(&leaving).then(|| {
            self.leaving = Some(leaving);
            operation::focus(Id::new(STAY))
        })
    }

    /// Whether leaving like this may lose something, or gives up what could be gone on with. At a
    /// terminal that was taken back nothing can: what is kept there stays kept.
    fn must_be_asked(&self, leaving: &Leaving) -> bool {
        let typed = self.at_stake(leaving) > 0;
        match self.withdrawn {
            true => typed && !self.is_kept(),
            false => typed || self.in_view().is_some() || self.unseen(leaving).is_some(),
        }
    }

    /// How much of what was typed may be lost by leaving like this; in another room it stays.
    fn at_stake(&self, leaving: &Leaving) -> usize {
        match leaving {
            Leaving::LogOut | Leaving::Close => self.unsaved_count(),
            Leaving::ToRoom(_) | Leaving::WithFile(_) => 0,
        }
    }

    /// Which password is in view.
    fn in_view(&self) -> Option<InView> {
        let seen = !self.withdrawn && !self.is_away();
        seen.then(|| self.rooms.in_view(self.room)).flatten()
    }

    /// Which room a password came to while nobody saw that room, if it is lost by leaving like
    /// this; in another room it stays.
    fn unseen(&self, leaving: &Leaving) -> Option<Room> {
        let ends = !self.withdrawn && matches!(leaving, Leaving::LogOut | Leaving::Close);
        let in_view = self.in_view().map(|_| self.room);
        let mut rooms = self.rooms.with_a_password();
        rooms.find(|room| ends && Some(*room) != in_view)
    }

    /// Where the way back leads: to a password that nobody has seen yet, if nothing else is asked
    /// about and the person who made it is there.
    fn back_to(&self, leaving: &Leaving) -> Option<Room> {
        let only = self.at_stake(leaving) == 0 && self.in_view().is_none();
        let room = self.unseen(leaving);
        room.filter(|_| only && !self.is_away())
    }

    /// It was said that nothing is to be lost.
    pub(super) fn stay(&mut self) -> Action {
        let leaving = self.leaving.take();
        match leaving.and_then(|leaving| self.back_to(&leaving)) {
            Some(room) => Action::Run(self.change_rooms(room)),
            None => Action::None,
        }
    }

    /// It was saved or put away meanwhile; there is nothing left to ask about.
    pub(super) fn ask_no_more_in_vain(&mut self) {
        self.leaving = self.leaving.take().filter(|it| self.must_be_asked(it));
    }

    /// Whether nothing is lost with the window: all that is not saved is kept on this terminal.
    fn is_kept(&self) -> bool {
        self.unsaved_count() == self.follow_up.unsaved_count()
            && self.keeping.holds(&self.follow_up)
    }

    /// Whether leaving keeps it.
    pub(super) fn keeps(&self) -> bool {
        self.is_kept() && !self.throwing_away
    }

    /// It was said that what would be lost may be.
    pub(super) fn leave(&mut self) -> Action {
        match self.leaving.take() {
            Some(Leaving::LogOut) => self.end(),
            Some(Leaving::Close) if self.unsaved_count() > 0 && self.keeps() => Action::Closed,
            Some(Leaving::Close) => match self.keeping.wipe() {
                Some(wipe) => Action::Run(wipe),
                None => Action::Closed,
            },
            Some(Leaving::ToRoom(room)) => Action::Run(self.change_rooms(room)),
            Some(Leaving::WithFile(file)) => Action::Run(self.import_file(file)),
            None => Action::None,
        }
    }

    /// What is kept is to be thrown away too: it is asked once more.
    pub(super) fn throw_away(&mut self) -> Action {
        self.throwing_away = true;
        Action::Run(operation::focus(Id::new(STAY)))
    }

    fn end(&mut self) -> Action {
        let end = self.context.api.call::<EndSession>(LogOut {});
        self.context.api.use_session(None);
        let mut tasks = vec![Task::perform(end, |_| Message::LoggedOut)];
        if self.unsaved_count() == 0 || !self.keeps() {
            let wipe = self.keeping.wipe();
            tasks.extend(wipe.map(|wipe| wipe.map(|_| Message::LoggedOut)));
        }
        Action::LoggedOut(Task::batch(tasks))
    }

    /// Asks before what would be lost is left behind: thrown away, or kept on this terminal.
    pub(super) fn question(&self, leaving: &Leaving) -> Element<'_, Outer> {
        let unsaved = self.at_stake(leaving);
        let in_view = self.in_view();
        let unseen = self.unseen(leaving);
        let kept = unsaved > 0 && self.keeps();
        let leave = match leaving {
            Leaving::LogOut if kept => say!("frame.keep_and_log_out"),
            Leaving::Close if kept => say!("frame.keep_and_close"),
            Leaving::LogOut if unsaved > 0 => say!("frame.throw_away_and_log_out"),
            Leaving::Close if unsaved > 0 => say!("frame.throw_away_and_close"),
            Leaving::LogOut if in_view.is_some() => say!("frame.password_in_view.log_out"),
            Leaving::Close if in_view.is_some() => say!("frame.password_in_view.close"),
            Leaving::LogOut => say!("frame.password_unseen.log_out"),
            Leaving::Close => say!("frame.password_unseen.close"),
            Leaving::ToRoom(room) => say!("frame.password_in_view.go", room = room.name()),
            Leaving::WithFile(file) => {
                say!("frame.password_in_view.read", file = file_name(file))
            }
        };
        let title = match unsaved {
            0 if in_view.is_none() => say!("frame.password_unseen.title"),
            0 => say!("frame.password_in_view.title"),
            _ => say!("frame.unsaved", count = unsaved),
        };
        let why = (unsaved > 0).then(|| {
            text::body(match (kept, self.throwing_away) {
                (true, _) => say!("frame.unsaved_kept"),
                (false, true) => say!("frame.throw_away_why"),
                (false, false) => say!("frame.unsaved_why"),
            })
        });
        let password = in_view.map(|what| {
            text::body(match what {
                InView::Once => say!("frame.password_in_view.why"),
                InView::ReadOut => say!("frame.password_in_view.read_out"),
            })
        });
        let unseen =
            unseen.map(|room| text::body(say!("frame.password_unseen.why", room = room.name())));
        let throw_away = kept.then(|| {
            button::quiet(say!("frame.throw_away")).on_press(Outer::Work(Message::ThrowAwayPressed))
        });
        dialog::scrolling_card(
            Column::new()
                .push(text::title(title))
                .push(why)
                .push(password)
                .push(unseen)
                .push(
                    Row::new()
                        .push(
                            button::primary_keyed(self.stay_words(leaving), "Esc")
                                .id(STAY)
                                .on_press(Outer::Work(Message::StayPressed)),
                        )
                        .push(button::secondary(leave).on_press(Outer::Work(Message::LeavePressed)))
                        .push(throw_away)
                        .spacing(space::M)
                        .wrap(),
                )
                .spacing(space::L),
        )
    }

    /// What the way back is called.
    pub(super) fn stay_words(&self, leaving: &Leaving) -> String {
        match self.at_stake(leaving) {
            0 if self.in_view().is_some() => say!("frame.password_in_view.stay"),
            0 if self.back_to(leaving).is_some() => say!("frame.password_unseen.stay"),
            // What was typed, or came, is out of reach.
            0 => say!("frame.stay_withdrawn"),
            _ if self.withdrawn => say!("frame.stay_withdrawn"),
            _ => say!("frame.stay"),
        }
    }
}

/// What a file is called, without where it lies.
fn file_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}
