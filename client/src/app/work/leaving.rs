//! Leaving the work: what would be lost with it is asked about first.

use iced::Task;
use iced::widget::{Column, Id, Row, operation};
use shared::session::{EndSession, LogOut};

use super::super::Message as Outer;
use super::{Action, Message, Work};
use crate::say;
use crate::screen::InView;
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, text};

/// The name of the button that goes back to what would be lost.
const STAY: &str = "frame.stay";

/// How somebody is about to leave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    LogOut,
    Close,
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

    fn must_ask(&mut self, leaving: Leaving) -> Option<Task<Message>> {
        self.throwing_away = false;
        self.must_be_asked().then(|| {
            self.leaving = Some(leaving);
            operation::focus(Id::new(STAY))
        })
    }

    /// Whether leaving now may lose something, or gives up what could be gone on with. At a terminal
    /// that was taken back nothing can: what is kept there stays kept.
    fn must_be_asked(&self) -> bool {
        match self.withdrawn {
            true => self.unsaved_count() > 0 && !self.is_kept(),
            false => self.unsaved_count() > 0 || self.in_view().is_some(),
        }
    }

    /// Which password is in view.
    fn in_view(&self) -> Option<InView> {
        let seen = !self.withdrawn;
        seen.then(|| self.rooms.in_view(self.room)).flatten()
    }

    /// It was saved or put away meanwhile; there is nothing left to ask about.
    pub(super) fn ask_no_more_in_vain(&mut self) {
        if !self.must_be_asked() {
            self.leaving = None;
        }
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
    pub(super) fn question(&self, leaving: Leaving) -> Element<'_, Outer> {
        let unsaved = self.unsaved_count();
        let kept = unsaved > 0 && self.keeps();
        let leave = match leaving {
            Leaving::LogOut if kept => say!("frame.keep_and_log_out"),
            Leaving::Close if kept => say!("frame.keep_and_close"),
            Leaving::LogOut if unsaved > 0 => say!("frame.throw_away_and_log_out"),
            Leaving::Close if unsaved > 0 => say!("frame.throw_away_and_close"),
            Leaving::LogOut => say!("frame.password_in_view.log_out"),
            Leaving::Close => say!("frame.password_in_view.close"),
        };
        let title = match unsaved {
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
        let password = self.in_view().map(|what| {
            text::body(match what {
                InView::Once => say!("frame.password_in_view.why"),
                InView::ReadOut => say!("frame.password_in_view.read_out"),
            })
        });
        let throw_away = kept.then(|| {
            button::quiet(say!("frame.throw_away")).on_press(Outer::Work(Message::ThrowAwayPressed))
        });
        dialog::scrolling_card(
            Column::new()
                .push(text::title(title))
                .push(why)
                .push(password)
                .push(
                    Row::new()
                        .push(
                            button::primary_keyed(self.stay_words(), "Esc")
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
    pub(super) fn stay_words(&self) -> String {
        match self.unsaved_count() {
            0 => say!("frame.password_in_view.stay"),
            // What was typed is out of reach.
            _ if self.withdrawn => say!("frame.stay_withdrawn"),
            _ => say!("frame.stay"),
        }
    }
}
