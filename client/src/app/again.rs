//! When the server is asked again by itself: over a line that is cut, and about an office that is
//! closed.

use iced::Task;
use jiff::Timestamp;
use shared::enrolment::Terminal;
use shared::id::TerminalId;

use super::entrance::Entrance;
use super::{App, Message, Stage};
use crate::api::{Api, Failure, Line};
use crate::screen::Context;

impl App {
    /// A second passed.
    pub(super) fn ticked(&mut self) -> Task<Message> {
        match &mut self.stage {
            Stage::Work(work) => work.ticked().map(Message::Work),
            Stage::FirstPassword(first) => {
                let idle = self.world.now().duration_since(first.last_touch);
                if idle.as_secs() >= i64::from(first.idle_lock_seconds) {
                    return self.leave_first_password();
                }
                let Context { api, terminal, .. } = &first.context;
                try_again(api, terminal, first.dialog.says_closed(), self.world.now())
            }
            Stage::LogIn(entrance) => {
                let now = self.world.now();
                entrance.screen.ticked(now);
                let Entrance { api, terminal, .. } = &**entrance;
                try_again(api, terminal, entrance.screen.says_closed(), now)
            }
            _ => Task::none(),
        }
    }
}

/// Tries the line where it is cut, and asks where it is said that the office is closed: should that
/// have been a mistake, it is open again some day.
fn try_again(api: &Api, terminal: &Terminal, says_closed: bool, now: Timestamp) -> Task<Message> {
    match api.line() {
        Line::Cut if is_time_to_probe(now, terminal.terminal) => look(api.probe()),
        _ if says_closed && is_time_to_look(now, terminal.terminal) => look(api.look()),
        _ => Task::none(),
    }
}

fn look(
    question: Option<impl Future<Output = Result<Terminal, Failure>> + Send + 'static>,
) -> Task<Message> {
    match question {
        Some(question) => Task::perform(question, Message::TerminalShown),
        None => Task::none(),
    }
}

/// A cut line is tried every five seconds: soon enough for whoever waits, and seldom
/// enough for a server that has a country's terminals waiting. Their clocks agree, so each
/// has a second of its own among the five, or all would come back in the same one.
pub(super) fn is_time_to_probe(now: Timestamp, terminal: TerminalId) -> bool {
    is_its_second(now, terminal, 5)
}

/// Whether the office is open again is asked every thirty seconds, each terminal in its own.
fn is_time_to_look(now: Timestamp, terminal: TerminalId) -> bool {
    is_its_second(now, terminal, 30)
}

fn is_its_second(now: Timestamp, terminal: TerminalId, of: i64) -> bool {
    let own = i64::from(terminal.0.as_bytes()[15]);
    (now.as_second() + own) % of == 0
}
