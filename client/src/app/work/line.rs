//! What the line says of the session and of the terminal, while somebody works.

use iced::Task;
use jiff::{SignedDuration, Timestamp};
use shared::ProblemCode;

use super::{Action, Message, Work};
use crate::api::Line;

/// How often it is asked whether this terminal is still let in.
const LOOK: SignedDuration = SignedDuration::from_secs(30);

/// Whether the server has taken this terminal back, or put another in its place: what it shows is
/// hidden. One whose certificate ran out is still where it was, and what was typed can be read off.
fn is_withdrawn(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::TerminalRevoked
            | ProblemCode::TerminalSuperseded
            | ProblemCode::TerminalUnknown
            | ProblemCode::OfficeClosed
    )
}

impl Action {
    /// The same, with this besides, unless the work is over.
    fn beside(self, task: Task<Message>) -> Self {
        match self {
            Self::Run(other) => Self::Run(Task::batch([other, task])),
            Self::None => Self::Run(task),
            Self::LoggedOut(_) | Self::Reopened(_) | Self::Closed => self,
        }
    }
}

impl Work {
    /// Asks now and then, while anything can be seen, whether this terminal is still let in:
    /// nobody may read on at one that was stolen. It is no sign of anybody being there.
    /// At one whose office was closed it goes on, locked or not: an office closed by mistake is
    /// opened again, and nobody tells its windows.
    pub(super) fn look(&mut self, now: Timestamp) -> Task<Message> {
        // A clock that was set back must not put it off.
        let since = now.duration_since(self.last_look).abs();
        let is_hidden = self.lock.is_some() || self.withdrawn;
        if (is_hidden && !self.is_closed()) || since < LOOK {
            return Task::none();
        }
        let Some(look) = self.context.api.look() else {
            return Task::none();
        };
        self.last_look = now;
        Task::perform(look, |result| Message::Probed(result.is_ok()))
    }

    /// Whether it is the office that is let in no longer; of all the reasons, the one that passes.
    fn is_closed(&self) -> bool {
        self.refused == Some(ProblemCode::OfficeClosed.as_str())
    }

    /// What was asked for then waits until the person has logged in again.
    pub(super) fn session_has_ended(&self) -> bool {
        self.context.api.session_has_ended()
    }

    /// What follows for the window from how the line stands. A session that ended on the server is
    /// asked for again here, over the screen as it is, so that nothing typed is lost.
    pub(super) fn heed_the_line(&mut self, action: Action) -> Action {
        if self.session_has_ended() && self.lock.is_none() {
            return action.beside(self.lock());
        }
        match self.context.api.line() {
            Line::Refused(ProblemCode::NotLoggedIn) => action,
            Line::Refused(code) => {
                let was_refused = self.refused.replace(code.as_str());
                if was_refused != self.refused {
                    self.tell_the_dialog();
                }
                self.withdrawn = is_withdrawn(code);
                self.was_out |= code == ProblemCode::OfficeClosed;
                action
            }
            // The next handshake of a terminal that was taken back fails too.
            Line::Distrusted if self.withdrawn => action,
            Line::Distrusted => {
                self.refused = Some("handshake-refused");
                action
            }
            Line::Connected => {
                self.refused = None;
                self.withdrawn = false;
                let again = match std::mem::take(&mut self.was_out) {
                    true => self.ask_again(),
                    false => return action,
                };
                action.beside(again)
            }
            Line::Cut => {
                self.was_out = true;
                action
            }
            Line::Untried => action,
        }
    }

    /// The terminal is refused for another reason than before; the change of a password, which is
    /// in front, must not go on with the old one.
    fn tell_the_dialog(&mut self) {
        if let (Some(dialog), Some(failure)) = (&mut self.password, self.context.api.refusal()) {
            dialog.terminal_refused(failure);
        }
    }

    /// The line is back, or the office open again: what could not be shown is asked for again, so that no
    /// sentence about it outlives it. Behind the lock that waits for the person to be back.
    fn ask_again(&mut self) -> Task<Message> {
        if let Some(dialog) = &mut self.password {
            dialog.office_is_open();
        }
        if let Some(lock) = &mut self.lock {
            return lock.office_is_open().map(Message::Lock);
        }
        let follow_up = self.follow_up.line_is_back(&self.context);
        let room = self.rooms.reload(self.room, &self.context);
        Task::batch([follow_up.map(Message::FollowUp), room.map(Message::Room)])
    }
}
